#!/usr/bin/env python3
"""Every operation of src/aws/operations.list, called by the client and answered from AWS's own models.

usage: with_packages.py contract.py AWS_CALLS SOURCE_ROOT

Requests: the endpoint compares each with what botocore would send for the same parameters, and checks its signature; with
all parameters of the model, and with none but those that are required.
Answers: made from the model with all members, lists of two, and again with empty lists; what the client read must be what
botocore's own parser reads in the same bytes.
Through the tunnel, with TLS: each call goes to the host that it is for (endpoints.py has all of them).
AWS_CALLS is the client by itself: tests/support/aws_calls.c.
"""
import json
import os
import subprocess
import sys

from aws_endpoint import Endpoint, filled
from aws_endpoint.wire import MODELS, model

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tables import name_of, read  # noqa: E402

# Members that the client sets by itself, page by page.
BY_CLIENT = {'Marker', 'MaxItems', 'NextToken', 'nextToken', 'MaxResults', 'maxResults', 'Limit', 'limit', 'MaxRecords', 'MaxBuckets',
             'ContinuationToken'}
REGION = 'eu-west-1'
BUCKET = 'contract-bucket'


class Filled(Endpoint):
    """Answers each call from its model, and keeps what it sent."""

    def __init__(self, empty, **more):
        super().__init__(**more)
        self.empty, self.sent = empty, []

    def result(self, call, rule):
        return self.last_page(call, filled.filled(call.model.output_shape, self.empty))

    def last_page(self, call, value):
        """The second page is the last one: it has no token. An operation without pages is asked once."""
        asked = any(call.parameters.get(name) for name in ('Marker', 'NextToken', 'nextToken', 'ContinuationToken'))
        for name in list(value):
            if name == 'IsTruncated':
                value[name] = not asked
            elif name in BY_CLIENT and asked:
                del value[name]
        return value

    def answer(self, request, scope, call, rule):
        sent = super().answer(request, scope, call, None)
        with self.lock:
            self.sent.append((call, *sent[0]))
        return sent


def parameters(shape, all_of_them):
    """For a request, under the names that stand on the wire."""
    out = {}
    for name, member in shape.members.items():
        if name not in BY_CLIENT and name != 'DryRun' and (all_of_them or name in shape.required_members):
            wire = name if 'location' in member.serialization else member.serialization.get('name', name)
            out[wire] = value(member, name)
    return out


def value(shape, name):
    kind = shape.type_name
    if kind == 'structure':
        return parameters(shape, True)
    if kind == 'list':
        return [value(shape.member, name) for _ in range(max(1, min(2, shape.metadata.get('max', 2))))]
    if kind == 'map':
        return {'a key': value(shape.value, name)}
    if kind == 'string':
        if name == 'Bucket':
            return BUCKET
        if getattr(shape, 'enum', None):
            return shape.enum[-1]
        return ('ü &=+/ %%2f%s ~x' % name).ljust(shape.metadata.get('min', 0), 'x')[:shape.metadata.get('max', 1 << 20)] \
            if shape.serialization.get('location') != 'header' else '111122223333'
    return {'boolean': True, 'integer': shape.metadata.get('min', 3), 'long': 5, 'timestamp': 1760000000}[kind]


def calls(root, all_of_them):
    for _, (service, name, *_) in read(os.path.join(root, 'src/aws/operations.list')):
        shape = model(name_of(service)).operation_model(name).input_shape
        yield {'service': service_name(service), 'operation': name, 'region': REGION,
               'parameters': parameters(shape, all_of_them) if shape else {}}


def service_name(service):
    """As nz_aws_operation_find wants it: the signing name, or the host's prefix where two share that."""
    name = name_of(service)
    return 's3-control' if name == 's3control' else next(s for s, models in MODELS.items() if name in models)


def run(program, lines, *options):
    """What AWS_CALLS writes for these calls."""
    done = subprocess.run([program, *options], input=''.join(json.dumps(line) + '\n' for line in lines), text=True, timeout=120,
                          capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f'{program}: {done.returncode}: {done.stderr[:2000]}')
    return [json.loads(line) for line in done.stdout.splitlines()]


def at(aws):
    key, what = next(iter(aws.settings['keys'].items()))
    where = [f'proxy={aws.url}', f'ca={aws.authority.path}'] if aws.authority else [f'endpoint={aws.url}']
    return [*where, f'key={key}', f'secret={what["secret"]}', 'attempts=1']


def check_answers(name, program, root, all_of_them, empty, faults):
    lines = list(calls(root, all_of_them))
    with Filled(empty) as aws:
        answers = run(program, lines, *at(aws))
        faults += [f'{name}: {fault}' for fault in aws.broken]
        sent = {}
        for call, *bytes_ in aws.sent:
            sent.setdefault((call.service, call.operation), []).append((call, *bytes_))
    for number, line in enumerate(lines):
        key = (line['service'], line['operation'])
        got = sorted((a for a in answers if a.get('call') == number), key=lambda a: a['page'])
        what = f'{name}: {":".join(key)}'
        if len(got) != len(sent.get(key, [])) or not got:
            faults.append(f'{what}: {len(got)} pages read, {len(sent.get(key, []))} sent')
            continue
        for answer, (call, status, headers, body) in zip(got, sent[key]):
            found = compare(call, status, headers, body, answer)
            if found:
                faults.append(f'{what}, page {answer["page"]}: {found}')
    return len(lines)


def compare(call, status, headers, body, answer):
    if 'error' in answer:
        return answer['error']
    if call.model.output_shape is None or not body:
        return None
    want, got = filled.parsed(call, status, headers, body), answer['answer']
    if call.protocol == 'ec2':
        got.pop('requestId', None)  # stands beside the members, and is none
    return filled.difference(want, got)


def check_tunnel(program, root, faults):
    with Filled(True, tunnel=True) as aws:
        answers = run(program, calls(root, False), *at(aws))
        faults += ['tunnel: ' + fault for fault in aws.broken]
        faults += [f'tunnel: {answer["error"]}' for answer in answers if 'error' in answer]
        if not aws.seen:
            faults.append('nothing came through the tunnel')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, root = sys.argv[1:]
    faults, count = [], 0
    for name, all_of_them, empty in (('all', True, False), ('least', False, True)):
        count += check_answers(name, program, root, all_of_them, empty, faults)
    check_tunnel(program, root, faults)
    for fault in faults:
        print('FAILED: ' + fault)
    print(f'{count} calls compared, {len(faults)} faults')
    sys.exit(1 if faults or not count else 0)


if __name__ == '__main__':
    main()
