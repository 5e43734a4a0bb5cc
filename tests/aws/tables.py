#!/usr/bin/env python3
"""The tables of src/aws against AWS's own service models: hosts' prefixes, versions, request lines, pages, and the members
that an XML answer does not tell the kind of.

usage: with_packages.py tables.py SOURCE_ROOT
       with_packages.py tables.py --self-test
"""
import os
import re
import sys
import tempfile

import botocore.loaders
import botocore.model

LOADER = botocore.loaders.Loader()
# services.list's id -> botocore's name, where it is not the same in lower case
NAMES = {'ACCESS_ANALYZER': 'accessanalyzer', 'S3_CONTROL': 's3control'}
PROTOCOLS = {('query', None): 'QUERY', ('ec2', None): 'EC2', ('json', '1.0'): 'JSON_1_0', ('json', '1.1'): 'JSON_1_1',
             ('rest-json', None): 'REST_JSON', ('rest-xml', None): 'REST_XML'}
SPOKEN = {'CLOUDWATCH': 'query'}  # of several protocols the one that is spoken here
WITHOUT_ROWS = {'S3_CONTROL'}  # that table has no rows of it in newer regions, where it is
GLOBAL = {'IAM', 'ORGANIZATIONS', 'ACCOUNT'}
LINE = re.compile(r'^(NZ_AWS_(?:SERVICE|OPERATION|MEMBER|ABSENT))\((.*)\)$', re.M)


def name_of(service):
    return NAMES.get(service, service.lower())


def model(service):
    return botocore.model.ServiceModel(LOADER.load_service_model(name_of(service), 'service-2'), name_of(service))


def arguments(text):
    """Of one macro call, split at its own commas: texts without their quotes, a macro within stays as it is."""
    return [part.strip().strip('"') for part in re.findall(r'(?:"[^"]*"|\w+\([^)]*\)|[^,])+', text)]


def read(path):
    with open(path, encoding='utf-8') as file:
        return [(macro, arguments(rest)) for macro, rest in LINE.findall(file.read()) if not rest.startswith('service,')
                and not rest.startswith('id,')]


def check_service(row, faults):
    service, setting, prefix, signing, protocol, version, scope = row[:7]
    metadata = model(service).metadata
    spoken = SPOKEN.get(service, metadata['protocol'])
    want = {'endpoint setting': (setting, metadata['serviceId'].upper().replace(' ', '_')),
            'host prefix': (prefix, metadata['endpointPrefix']),
            'signing name': (signing, metadata.get('signingName', metadata['endpointPrefix'])),
            'protocol': (re.sub('^NZ_AWS_(PROTOCOL_)?', '', protocol), PROTOCOLS[spoken, metadata.get('jsonVersion') if spoken == 'json' else None]),
            'version': (version, metadata['apiVersion'] if spoken in ('query', 'ec2') else
                        metadata['targetPrefix'] if spoken == 'json' else ''),
            'scope': (scope.rpartition('_')[2], 'GLOBAL' if service in GLOBAL else 'REGIONAL')}
    faults += [f'{service}: {what} is {got!r}, by the model {right!r}' for what, (got, right) in want.items() if got != right]


def check_request(operation, request, faults):
    """The line's method, path, query and headers; a parameter in braces must be the model's, in that place."""
    method, _, rest = request.partition(' ')
    line, _, headers = rest.partition(' ')
    path, _, query = line.partition('?')
    uri, _, literal = operation.http['requestUri'].partition('?')
    members = operation.input_shape.members if operation.input_shape else {}
    places = {(m.serialization.get('location', 'body'), m.serialization.get('name', n)): n for n, m in members.items()}
    named = {n: m.serialization.get('location', 'body') for n, m in members.items()}
    if method != operation.http['method']:
        faults.append(f'{operation.name}: {method}, by the model {operation.http["method"]}')
    wire = re.sub(r'\{(\w+)\}', lambda m: '{%s}' % members[m[1]].serialization.get('name', m[1])
                  if m[1] in members else m[0], path)
    if path != uri and wire != uri:
        faults.append(f'{operation.name}: path {path}, by the model {uri}')
    for part in filter(None, query.split('&')):
        match = re.fullmatch(r'(?:([\w-]+)=)?\{(\w+)\}', part)
        if not match and part not in literal.split('&'):
            faults.append(f'{operation.name}: {part!r} is no part of the query {literal!r}')
        elif match and ('querystring', match[1] or match[2]) not in places:
            faults.append(f'{operation.name}: the query has no {match[1] or match[2]}')
    for header, member in re.findall(r'([\w-]+):\{(\w+)\}', headers):
        if named.get(member) != 'header' or members[member].serialization['name'].lower() != header:
            faults.append(f'{operation.name}: no header {header} of {member}')
    for member in operation.input_shape.required_members if operation.input_shape else []:
        shape = members[member]
        if named[member] in ('uri', 'querystring') and '{%s}' % shape.serialization.get('name', member) not in request \
                and '{%s}' % member not in request:
            faults.append(f'{operation.name}: {member} is required, and the line has it nowhere')


def check_pages(service, operation, pages, faults):
    """Against the model's own members: the service's paginators name the same, where botocore has one."""
    def wire(shape):
        return {m.serialization.get('name', n): m for n, m in shape.members.items()} | dict(shape.members)

    given = {m.serialization.get('name', n) for n, m in operation.output_shape.members.items()} if operation.output_shape else set()
    if pages == 'NZ_AWS_ONE_PAGE':
        paged = given & {'NextToken', 'nextToken', 'Marker', 'IsTruncated', 'ContinuationToken'}
        if paged and operation.name not in ('DescribeRegions',):
            faults.append(f'{service} {operation.name}: has pages ({", ".join(sorted(paged))})')
        return
    token_in, token_out, more, size, largest = [None if p == 'NULL' else p for p in arguments(pages[len('NZ_AWS_PAGES('):-1])]
    for member, shape in ((token_in, operation.input_shape), (size, operation.input_shape),
                          (token_out, operation.output_shape), (more, operation.output_shape)):
        if member and member not in wire(shape):
            faults.append(f'{service} {operation.name}: there is no {member} in {shape.name}')
    if size:
        bound = wire(operation.input_shape)[size].metadata.get('max')
        if bound is not None and int(largest) != bound:
            faults.append(f'{service} {operation.name}: at most {largest} a page, by the model {bound}')


def kinds(shape, parent, found, depth=0):
    """(parent, name on the wire) -> kind of every member below a shape, as members.list names it."""
    if shape is None or depth > 12:
        return
    if shape.type_name == 'structure':
        for name, member in shape.members.items():
            if 'location' in member.serialization or member.serialization.get('xmlAttribute'):
                continue
            flat = member.type_name == 'list' and member.serialization.get('flattened')
            wire = member.serialization.get('name', name)
            if flat:
                wire = member.member.serialization.get('name', wire)
            found.setdefault((parent, wire), set()).add(kind(member, flat))
            kinds(member.member if member.type_name == 'list' else member, wire, found, depth + 1)
    elif shape.type_name == 'list':
        kinds(shape.member, parent, found, depth + 1)
    elif shape.type_name == 'map':
        kinds(shape.value, parent, found, depth + 1)


def kind(member, flat):
    if member.type_name == 'list':
        return 'NZ_XML_FLAT' if flat else 'NZ_XML_LIST'
    if member.type_name == 'map':
        return 'NZ_XML_NUMBERS' if member.value.type_name in ('integer', 'long') else 'map'
    if member.type_name in ('integer', 'long', 'double', 'float'):
        return 'NZ_XML_NUMBER'
    return {'boolean': 'NZ_XML_BOOLEAN', 'structure': 'NZ_XML_OBJECT'}.get(member.type_name, 'text')


def check_members(rows, operations, faults):
    """Each member of an answer that XML alone does not tell is in the list, as what the model says, and nothing else is."""
    table = {(row[0], *row[1].rpartition('/')[::2]): row[2] for row in rows}
    used = set()
    for service, operation in operations:
        metadata = model(service).metadata
        if SPOKEN.get(service, metadata['protocol']) not in ('query', 'ec2', 'rest-xml'):
            continue
        found, shape = {}, model(service).operation_model(operation).output_shape
        payload = shape.serialization.get('payload') if shape else None
        if payload:
            kinds(shape.members[payload], shape.members[payload].serialization.get('name', payload), found)
        else:
            kinds(shape, '', found)
        for (parent, name), wanted in found.items():
            key = (service, parent, name) if (service, parent, name) in table else (service, '', name)
            used.add(key)
            got = table.get(key, 'text')
            if got not in wanted and not (got == 'text' and wanted <= {'text', 'NZ_XML_OBJECT'}):
                faults.append(f'{service} {operation}: {parent}/{name} is {got}, by the model {" or ".join(sorted(wanted))}')
    faults += [f'members.list: {" ".join(key)} is in no answer' for key in table if key not in used]


def check_absences(rows, services, faults):
    """Where a service is said to be absent, AWS's table of endpoints must not have it, and the other way round."""
    told = {service: (set(partitions.split()), set(regions.split())) for service, partitions, regions in rows}
    for partition in LOADER.load_data('endpoints')['partitions']:
        for service, prefix in services.items():
            partitions, regions = told.get(service, (set(), set()))
            has = set(partition['services'].get(prefix, {}).get('endpoints', {}))
            for region in partition['regions']:
                said = partition['partition'] in partitions or region in regions
                if said == (region in has):
                    faults.append(f'absent.list: {service} in {region}: {"absent" if said else "there"}, by AWS not')


def check(root):
    faults, count = [], 0
    operations = []
    for macro, row in read(os.path.join(root, 'services.list')):
        check_service(row, faults)
        count += 1
    for macro, (service, name, request, pages, *_) in read(os.path.join(root, 'operations.list')):
        count += 1
        if name not in model(service).operation_names:
            faults.append(f'{service} has no operation {name}')
            continue
        operations.append((service, name))
        operation = model(service).operation_model(name)
        check_request(operation, request, faults)
        check_pages(service, operation, pages, faults)
    absent = os.path.join(root, 'absent.list')
    if os.path.exists(absent):
        prefixes = {row[0]: row[2] for _, row in read(os.path.join(root, 'services.list')) if row[6].endswith('REGIONAL')
                    and row[0] not in WITHOUT_ROWS}
        check_absences([row for _, row in read(absent)], prefixes, faults)
    members = os.path.join(root, 'members.list')
    if os.path.exists(members):
        check_members([row for _, row in read(members)], operations, faults)
    return faults, count


SELF_TEST = {
    'services.list': '''
NZ_AWS_SERVICE(IAM, "IAM", "iamm", "iam", NZ_AWS_QUERY, "2010-05-08", NZ_AWS_REGIONAL, 5, 15)
NZ_AWS_SERVICE(CONFIG, "CONFIG", "config", "config", NZ_AWS_JSON_1_0, "StarlingDove", NZ_AWS_REGIONAL, 2, 5)
''',
    'operations.list': '''
NZ_AWS_OPERATION(IAM, GetAccountSummaries, "POST /", NZ_AWS_ONE_PAGE, 0, "")
NZ_AWS_OPERATION(IAM, ListAccountAliases, "POST /", NZ_AWS_ONE_PAGE, 0, "")
NZ_AWS_OPERATION(IAM, ListMFADevices, "POST /", NZ_AWS_PAGES("Marker", "NextMarker", "IsTruncated", "MaxItems", 999), 0, "")
NZ_AWS_OPERATION(GUARDDUTY, GetDetector, "POST /detectors/{DetectorId}", NZ_AWS_ONE_PAGE, 0, "")
NZ_AWS_OPERATION(ACCESS_ANALYZER, ListAnalyzers, "GET /analyzer?{kind}", NZ_AWS_ONE_PAGE, 0, "")
NZ_AWS_OPERATION(S3, GetBucketPolicy, "GET /{Bucket}?policies x-amz-owner:{ExpectedBucketOwner}", NZ_AWS_ONE_PAGE, 0, "")
''',
    'absent.list': '''
NZ_AWS_ABSENT(CONFIG, "aws-cn", "us-east-1")
''',
    'members.list': '''
NZ_AWS_MEMBER(IAM, "IsTruncated", NZ_XML_NUMBER)
NZ_AWS_MEMBER(IAM, "Nowhere", NZ_XML_LIST)
'''}
SEEN = ['CONFIG in us-east-1: absent', 'CONFIG in cn-north-1: absent', 'host prefix', 'scope', 'endpoint setting', 'protocol', 'version', 'no operation GetAccountSummaries', 'has pages (IsTrunc',
        'there is no NextMarker', 'at most 999', 'POST, by the model', 'path /detectors', 'has no kind', "'policies' is no part",
        'no header x-amz-owner', '/IsTruncated is NZ_XML_NUMBER', '/AccountAliases is text', 'Nowhere is in no answer']


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        for name, text in SELF_TEST.items():
            with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
                file.write(text)
        faults, _ = check(folder)
    missed = [words for words in SEEN if not any(words in fault for fault in faults)]
    print('\n'.join(['not seen: ' + words for words in missed] or ['sees its faults']))
    sys.exit(1 if missed else 0)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == '--self-test':
        self_test()
    faults, count = check(os.path.join(sys.argv[1], 'src/aws'))
    for fault in faults:
        print('FAILED: ' + fault)
    print(f'{count} services and operations looked at, {len(faults)} faults')
    sys.exit(1 if faults or not count else 0)


if __name__ == '__main__':
    main()
