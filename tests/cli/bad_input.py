#!/usr/bin/env python3
"""What `nezuban detect` does with bad input: every fault is named with file, offset and reason, the rest is still read.

usage: bad_input.py NEZUBAN

Makes a folder for each case below and runs a rule over it that every record matches, so that the findings are the
records read. The same cases all together must give the same bytes for every number of threads. Standard library only.
"""

import contextlib
import gzip
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

RULE = """title: every record
id: 5b9a1a8e-7c9e-4e6f-8f0f-2d9a5d6c7b10
logsource: {product: aws, service: cloudtrail}
detection:
    sel: {eventVersion|exists: true}
    condition: sel
level: low
"""
NOBODY = 65534
CASES = []


class Problem:
    """One thing that must stand on stderr: a file, words of the reason, and an offset where the test knows it."""

    def __init__(self, file, words, offset=None, record=None):
        self.file, self.words, self.offset, self.record = file, words, offset, record

    def is_in(self, line, folder=''):
        text = folder + self.file + ': '
        if self.offset is not None:
            text += 'offset %d' % self.offset
        return (text in line and self.words in line
                and (self.record is None or '(record %d)' % self.record in line))

    def __str__(self):
        return '%s, offset %s: %s' % (self.file, self.offset, self.words)


class Case:
    """A folder of inputs, the eventIDs that must be found in it, in order, and what must be named."""

    def __init__(self, name, files, ids, problems=(), options=(), links=(), fifos=(), exact=True):
        self.name, self.files, self.ids, self.problems = name, files, ids, list(problems)
        self.options, self.links, self.fifos, self.exact = list(options), links, fifos, exact

    def make(self, root):
        for path, data in self.files.items():
            write(os.path.join(root, self.name, path), data)
        for path, target in self.links:
            os.symlink(target, os.path.join(root, self.name, path))
        for path in self.fifos:
            os.mkfifo(os.path.join(root, self.name, path))


def case(name, files, ids, problems=(), **rest):
    CASES.append(Case(name, files, ids, problems, **rest))


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data.encode() if isinstance(data, str) else data)


def record(event_id, **more):
    """A record as CloudTrail writes it; a member given as None is left out."""
    made = {'eventVersion': '1.08', 'userIdentity': {'type': 'IAMUser', 'arn': 'arn:aws:iam::111122223333:user/a'},
            'eventTime': '2024-05-01T00:00:00Z', 'eventSource': 'iam.amazonaws.com', 'eventName': 'ListUsers',
            'awsRegion': 'us-east-1', 'sourceIPAddress': '192.0.2.1', 'userAgent': 'test', 'requestParameters': None,
            'responseElements': None, 'eventID': event_id, 'eventType': 'AwsApiCall',
            'recipientAccountId': '111122223333', 'eventCategory': 'Management'}
    for key, value in more.items():
        if value is None:
            del made[key]
        else:
            made[key] = value
    return json.dumps(made, separators=(',', ':'))


def log(*records):
    return '{"Records":[' + ','.join(records) + ']}'


def good(*ids):
    return log(*(record(i) for i in ids))


def gz(text):
    return gzip.compress(text.encode() if isinstance(text, str) else text, mtime=0)


def gzip_cases():
    whole = gz(good(*('c%02d' % i for i in range(40))))
    part = zlib.decompressobj(31).decompress(whole[:len(whole) - 60])
    before_cut = [i for i in re.findall(r'"eventID":"(c\d\d)"[^{}]*\}', part.decode())]
    assert 0 < len(before_cut) < 40
    case('gzip-truncated', {'a.json.gz': whole[:len(whole) - 60], 'b.json.gz': gz(good('b'))}, before_cut + ['b'],
         [Problem('a.json.gz', 'gzip data ends too early', len(whole) - 60)])
    checksum = bytearray(gz(good('a', 'b')))
    checksum[-8] ^= 1
    case('gzip-checksum', {'a.json.gz': bytes(checksum)}, ['a', 'b'],
         [Problem('a.json.gz', 'gzip checksum does not match', len(checksum) - 8)])
    length = gz(good('a', 'b'))
    length = length[:-4] + struct.pack('<I', 3)
    case('gzip-length', {'a.json.gz': length}, ['a', 'b'],
         [Problem('a.json.gz', 'gzip checksum does not match', len(length) - 4)])
    trailing = gz(good('a'))
    case('gzip-trailing', {'a.json.gz': trailing + b'garbage'}, ['a'],
         [Problem('a.json.gz', 'data after the end of the gzip stream', len(trailing))])
    case('gzip-members', {'a': gz(good('a', 'b')[:100]) + gz('') + gz(good('a', 'b')[100:]) + bytes(64)}, ['a', 'b'])
    case('gzip-by-content', {'a.txt': gz(good('a')), 'b.json.gz': good('b')}, ['a', 'b'])
    case('gzip-empty-file', {'a.json.gz': b'', 'b.json': good('b')}, ['b'], [Problem('a.json.gz', 'empty')])


def json_cases():
    def broken(name, bad, words, at, **rest):
        """bad stands between two good records; at: offset of the fault in it, None when the reader may choose."""
        head = '{"Records":[' + record('a') + ','
        bad = bad if isinstance(bad, bytes) else bad.encode()
        data = head.encode() + bad + b',' + record('c').encode() + b']}'
        offset = None if at is None else len(head) + at
        case('json-' + name, {'a.json': data}, ['a', 'c'], [Problem('a.json', words, offset, 1)], **rest)
        case('json-gz-' + name, {'a.json.gz': gz(data)}, ['a', 'c'], [Problem('a.json.gz', words, offset, 1)], **rest)

    text = record('b')
    at = text.index('"test"')
    broken('value', text.replace('"test"', 'tesd'), 'not valid JSON', at)
    broken('comma', text.replace('"userAgent"', ',"userAgent"'), 'not valid JSON', text.index('"userAgent"'))
    broken('number', text.replace('"test"', '01'), 'not a JSON number', None)
    broken('surrogate', text.replace('test', r'\ud800'), 'lone surrogate', at + 1)
    broken('escape', text.replace('test', r'\q'), 'wrong escape', None)
    broken('control', text.replace('test', 'te\tst'), 'control character', at + 3)
    deep = '[' * 200 + ']' * 200
    broken('nesting', text.replace('"test"', deep), 'nested too deeply', None)
    broken('utf8', text.replace('test', 'te\x00').encode().replace(b'\0', b'\xff'), 'bytes are not UTF-8', at + 3)
    case('json-cut', {'a.json': good('a', 'b')[:-40], 'b.json': good('c')}, ['a', 'c'],
         [Problem('a.json', 'ends too early')])


def shape_cases():
    """Every shape that logs are exported in, each also with a byte order mark and as gzip."""
    a, b = record('a'), record('b')
    shapes = {
        'records': log(a, b),
        'array': '[%s,\n%s]' % (a, b),
        'lines': a + '\n' + b + '\n',
        'lookup-events': json.dumps({'Events': [{'EventId': 'a', 'CloudTrailEvent': a}, {'CloudTrailEvent': b}]}),
        'subscription': json.dumps({'messageType': 'DATA_MESSAGE', 'owner': '1', 'logGroup': 'g', 'logStream': 's',
                                    'logEvents': [{'id': '1', 'timestamp': 1, 'message': a},
                                                  {'id': '2', 'timestamp': 2, 'message': b}]}),
        'eventbridge': '\n'.join('{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":%s}' % each
                                 for each in (a, b)),
    }
    for name, text in shapes.items():
        case('shape-' + name, {'x': text}, ['a', 'b'])
        case('shape-bom-' + name, {'x': b'\xef\xbb\xbf' + text.encode()}, ['a', 'b'])
        case('shape-gz-' + name, {'x': gz(text)}, ['a', 'b'])
    case('shape-one', {'x': a}, ['a'])
    case('shape-empty-list', {'x': '{"Records":[]}', 'y': '[]'}, [])
    picture = b'\x89PNG\r\n\x1a\n' + bytes(range(256))
    case('not-a-log', {'a.png': picture, 'b.txt': 'Dear reader,\n', 'c.json': '{"a":1}', 'd.json': good('d')}, ['d'],
         [Problem('a.png', ''), Problem('b.txt', ''), Problem('c.json', 'not a CloudTrail log')])


def record_cases():
    insight = record('i', eventType='AwsCloudTrailInsight', eventCategory='Insight', userIdentity=None, eventName=None,
                     eventSource=None, sourceIPAddress=None, insightDetails={'state': 'Start', 'insightContext': {}})
    network = record('n', eventType='AwsVpceEvent', eventCategory='NetworkActivity', errorCode='VpceAccessDenied')
    aggregated = json.dumps({'eventVersion': '1.0', 'accountId': '1', 'eventId': 'g', 'eventCategory': 'Aggregated',
                             'eventType': 'AwsAggregatedEvent', 'awsRegion': 'us-east-1', 'summary': {'details': []}})
    unknown = record('u', eventType='AwsSomethingNew', newMember={'a': [1, None, {'b': 'c'}]})
    case('kinds-of-records', {'x': log(insight, network, aggregated, unknown, record('s', userIdentity={}))},
         ['i', 'n', 'g', 'u', 's'])
    twice = {'us-east-1/a.json.gz': gz(good('a', 'b')), 'us-west-2/a.json.gz': gz(good('b', 'c')), 'z': good('c', 'a')}
    case('duplicates', twice, ['a', 'b', 'c'])
    case('no-dedupe', twice, ['a', 'b', 'b', 'c', 'c', 'a'], options=['--no-dedupe'])
    update = record('new', addendum={'reason': 'UPDATED_DATA', 'updatedFields': 'responseElements',
                                     'originalRequestID': 'r', 'originalEventID': 'old'})
    delayed = record('late', addendum={'reason': 'DELIVERY_DELAY'})
    case('update-later', {'a': good('old', 'x'), 'b': log(update, delayed)}, ['x', 'new', 'late'])
    case('update-earlier', {'a': log(update, delayed), 'b': good('old', 'x')}, ['new', 'late', 'x'])


def folder_cases():
    case('loop', {'a/b/x': good('x'), 'z': good('z')}, ['x', 'z'], [Problem('a/b/up', 'directory loop')],
         links=[('a/b/up', '..')])
    case('dangling-link', {'a': good('a')}, ['a'], [Problem('b', 'No such file')], links=[('b', 'nowhere')])
    case('pipe-in-folder', {'a': good('a'), 'z': good('z')}, ['a', 'z'], [Problem('p', 'a pipe')], fifos=['p'])
    case('order', {'a/x': good('2'), 'a.json': good('1'), 'a0': good('3'), '.hidden': good('4'), 'é': good('5')},
         ['1', '2', '3', '5'])


class Run:
    """One run of detect; findings in order, lines of stderr."""

    def __init__(self, program, rules, args, folder, **rest):
        command = [program, 'detect', '--lang', 'en', '--rules', rules, '--format', 'ndjson', *args]
        # no configuration of whoever runs the test
        environment = {key: value for key, value in os.environ.items() if not key.startswith(('NEZUBAN_', 'XDG_'))}
        environment['HOME'] = folder
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=60, check=False,
                              **rest)
        self.command, self.status, self.out, self.err = ' '.join(command), done.returncode, done.stdout, done.stderr
        self.lines = [line for line in done.stderr.decode('utf-8', 'replace').splitlines()
                      if line.startswith('nezuban: ')]

    def ids(self):
        return [json.loads(line)['event_id'] for line in self.out.decode().splitlines()]


class Checks:
    def __init__(self):
        self.done = self.failed = 0

    def __call__(self, name, passed, run=None):
        self.done += 1
        if passed:
            return
        self.failed += 1
        print('FAILED: ' + name)
        if run:
            print('  %s\n  exit status %d\n  found %s\n%s' % (run.command, run.status, run.out[:400],
                                                             run.err.decode('utf-8', 'replace')[:2000]))


def check_case(check, program, rules, root, each):
    run = Run(program, rules, [*each.options, '-j1', each.name], root)
    check(each.name + ': records', run.ids() == each.ids, run)
    for problem in each.problems:
        named = any(problem.is_in(line, each.name + '/') for line in run.lines)
        check('%s: %s' % (each.name, problem), named, run)
    if each.exact:
        check(each.name + ': nothing else is named', len(run.lines) == len(each.problems), run)
    check(each.name + ': exit status', run.status == (2 if each.problems else 0), run)
    skipped = 'skipped: %d' % len(run.lines)
    check(each.name + ': the summary counts', skipped in run.err.decode('utf-8', 'replace'), run)


def check_strict(check, program, rules, root, each):
    run = Run(program, rules, ['--strict', '-j1', each.name], root)
    check(each.name + ': --strict names one', len(run.lines) == 1 and run.status == 2, run)
    check(each.name + ': --strict gives what came before', run.ids() == each.ids[:len(run.ids())], run)


def check_threads(check, program, rules, root):
    folders = sorted(each.name for each in CASES)
    runs = [Run(program, rules, ['-j%d' % jobs, '--no-dedupe', *folders], root) for jobs in (1, 2, 8)]
    check('threads: all cases together', runs[0].status == 2 and len(runs[0].ids()) > 100, runs[0])
    for run in runs[1:]:
        check('threads: findings', run.out == runs[0].out, run)
        check('threads: problems', run.err == runs[0].err, run)


def check_streams(check, program, rules, root):
    """Standard input, a FIFO that the user names, and a name that is no UTF-8."""
    for data in (good('a', 'b').encode(), gz(good('a', 'b'))):
        run = Run(program, rules, ['-'], root, input=data)
        check('standard input', run.ids() == ['a', 'b'] and run.status == 0, run)
    fifo = os.path.join(root, 'named-pipe')
    os.mkfifo(fifo)
    writer = threading.Thread(target=write, args=(fifo, gz(good('a', 'b'))))
    writer.start()
    run = Run(program, rules, ['named-pipe'], root)
    writer.join()
    check('a pipe that the user names', run.ids() == ['a', 'b'] and run.status == 0, run)
    os.mkdir(os.path.join(root, 'odd'))
    with open(os.path.join(root.encode(), b'odd', b'\xff\n"x'), 'wb') as file:
        file.write(good('a').encode())
    run = Run(program, rules, ['odd'], root)
    check('a name that is no UTF-8', run.ids() == ['a'], run)
    run = Run(program, rules, ['absent', 'odd'], root)
    check('a path that is not there', run.ids() == ['a'] and run.status == 2
          and any(Problem('absent', 'No such file').is_in(line) for line in run.lines), run)


def check_permission(check, program, rules, root):
    """A file and a folder that may not be read; as root the program runs as nobody, who may read the rest."""
    write(os.path.join(root, 'closed/a.json'), good('a'))
    write(os.path.join(root, 'closed/no.json'), good('b'))
    write(os.path.join(root, 'closed/no/c.json'), good('c'))
    os.chmod(os.path.join(root, 'closed/no.json'), 0)
    os.chmod(os.path.join(root, 'closed/no'), 0)
    as_nobody = {}
    if os.geteuid() == 0:
        as_nobody = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []}
        copy = os.path.join(root, 'nezuban')  # the build folder may be closed to nobody
        shutil.copy(program, copy)
        os.chmod(copy, 0o755)
        program = copy
    run = Run(program, rules, ['closed'], root, **as_nobody)
    os.chmod(os.path.join(root, 'closed/no'), 0o700)
    check('no permission: the rest is read', run.ids() == ['a'] and run.status == 2, run)
    for name in ('closed/no.json', 'closed/no'):
        named = any(Problem(name, 'Permission denied').is_in(line) for line in run.lines)
        check('no permission: %s is named' % name, named, run)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    for make in (gzip_cases, json_cases, shape_cases, record_cases, folder_cases):
        make()
    check = Checks()
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(tempfile.TemporaryDirectory(prefix='nezuban-bad-input-'))
        os.chmod(root, 0o755)
        rules = os.path.join(root, 'rules')
        write(os.path.join(rules, 'every.yml'), RULE)
        for each in CASES:
            each.make(root)
            check_case(check, program, rules, root, each)
            if each.problems:
                check_strict(check, program, rules, root, each)
        check_threads(check, program, rules, root)
        check_streams(check, program, rules, root)
        check_permission(check, program, rules, root)
    print('%d checks, %d failed' % (check.done, check.failed))
    return 1 if check.failed else 0


if __name__ == '__main__':
    sys.exit(main())
