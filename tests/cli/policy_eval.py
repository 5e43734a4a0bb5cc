#!/usr/bin/env python3
"""`nezuban policy eval` as a stream: bad lines, order, threads, exit statuses.

usage: policy_eval.py NEZUBAN
"""
import json
import os
import subprocess
import sys
import tempfile
import time

USER = 'arn:aws:iam::111122223333:user/alice'
ALLOW = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 's3:Get*', 'Resource': '*'}]}
FAULTS = []


def expect(what, condition, detail=''):
    if not condition:
        FAULTS.append(f'{what}: {str(detail)[:400]}')


def case(name, action='s3:GetObject', resource='arn:aws:s3:::b/k', document=ALLOW, **context):
    return json.dumps({'id': name, 'request': {'principal': USER, 'action': action, 'resource': resource, 'context': context},
                       'policies': {'identity': [{'name': 'p', 'document': document}]}})


def run(nezuban, data, *arguments):
    data = data if isinstance(data, bytes) else data.encode()
    return subprocess.run([nezuban, 'policy', 'eval', *arguments], input=data, capture_output=True, timeout=120)


def answers(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def bad_lines(nezuban):
    good = case('good')
    bad = [
        ('cut in half', good[:len(good) // 2], None),
        ('no object', '[]', None),
        ('no request', '{"id":"x","policies":{}}', 'x'),
        ('no principal', '{"id":"x","request":{"action":"s3:GetObject","resource":"*"}}', 'x'),
        ('request twice', '{"id":"x","request":{},"request":{}}', 'x'),
        ('policy without a name', '{"id":7,"request":{"principal":"*","action":"a:b","resource":"*"},"policies":{"identity":[{"document":{}}]}}', 7),
        ('policy without a document', '{"id":"x","request":{"principal":"*","action":"a:b","resource":"*"},"policies":{"identity":[{"name":"p"}]}}', 'x'),
        ('unknown kind', '{"id":"x","request":{"principal":"*","action":"a:b","resource":"*"},"policies":{"identiy":[]}}', 'x'),
        ('kind is no list', '{"id":"x","request":{"principal":"*","action":"a:b","resource":"*"},"policies":{"identity":{}}}', 'x'),
        ('context value is an object', case('x', k={}), 'x'),
        ('context value is null', case('x', k=None), 'x'),
        ('id is a list', case('x').replace('"x"', '[1]'), None),
        ('a policy of 1 MB', case('x', document={'Id': 'x' * 1000000, 'Statement': []}), 'x'),
        ('a million statements', case('x', document='{"Statement":[' + ','.join(['{}'] * 1000000) + ']}'), 'x'),
        ('deep nesting', '[' * 100000, None),
        ('a line past the bound', '{"id":"' + 'x' * (17 << 20) + '"}', None),
        ('not UTF-8', b'{"id":"\xff"}', None),
        ('half a surrogate', '{"id":"\\ud800"}', None),
        ('long action', case('x', action='s3:' + 'a' * 5000), 'x'),
    ]
    for what, line, name in bad:
        line = line if isinstance(line, bytes) else line.encode()
        done = run(nezuban, good.encode() + b'\n' + line + b'\n' + good.encode() + b'\n')
        got = answers(done)
        expect(what, done.returncode == 2 and len(got) == 3, (done.returncode, got, done.stderr))
        if len(got) == 3:
            error = got[1].get('error', {})
            expect(what, got[0] == got[2] and got[0]['decision'] == 'allowed', got)
            expect(what, got[1]['id'] == name and error.get('message') and error.get('line') and error.get('column'), got[1])
            if error.get('policy') is None:
                expect(what + ': the line is the second', error.get('line') == 2, error)
    return len(bad)


def shapes_of_input(nezuban):
    good = case('é')
    expect('no line end', len(answers(run(nezuban, good))) == 1)
    expect('CR LF and empty lines', len(answers(run(nezuban, good + '\r\n\r\n\n' + good + '\r\n'))) == 2)
    expect('a byte order mark', run(nezuban, '\ufeff' + good).stdout == run(nezuban, good).stdout)
    expect('one in the second line', run(nezuban, good + '\n\ufeff' + good).returncode == 2)
    request = {'principal': '*', 'action': 'a:b', 'resource': '*', 'context': {'aws:a': 'x', 'aws:A': 'y'}}
    done = run(nezuban, json.dumps({'id': 1, 'request': request}))
    expect('keys that differ in case', answers(done)[0]['error']['message'] ==
           'a key stands twice: compared without regard to case: aws:A', done)
    done = run(nezuban, '')
    expect('nothing', done.returncode == 0 and done.stdout == b'', done)
    expect('no policies', answers(run(nezuban, '{"id":null,"request":{"principal":"*","action":"a:b","resource":"*"}}')) ==
           [{'id': None, 'decision': 'implicitly-denied', 'decided_by': [], 'blocked_by': ['resource']}])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'cases')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(good)
        expect('a file', run(nezuban, '', path).stdout == run(nezuban, good).stdout)
        expect('output to a file', run(nezuban, good, '-o', path + '.out').returncode == 0 and os.path.getsize(path + '.out') > 10)
        expect('a folder', run(nezuban, '', folder).returncode == 2)
        expect('a file that is not there', run(nezuban, '', path + 'x').returncode == 2)
    expect('two files', run(nezuban, '', 'a', 'b').returncode == 2)


def same_for_all_threads(nezuban):
    lines = []
    for i in range(20000):
        document = {**ALLOW, 'Id': str(i % 50)}
        lines.append(case(str(i), action='s3:GetObject' if i % 3 else 's3:PutObject', document=document))
        if i % 1000 == 7:
            lines.append('{"id":"half')
    data = '\n'.join(lines)
    one, two, seven = (run(nezuban, data, '-j', jobs) for jobs in ('1', '2', '7'))
    expect('threads', one.stdout == two.stdout == seven.stdout and one.returncode == two.returncode == 2)
    got = [answer['id'] for answer in answers(one) if answer['id'] is not None]
    expect('order', got == [str(i) for i in range(20000)])


def answers_at_once(nezuban):
    """A program that writes one line and waits for the answer gets it."""
    child = subprocess.Popen([nezuban, 'policy', 'eval'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for name in ('a', 'b'):
        child.stdin.write(case(name).encode() + b'\n')
        child.stdin.flush()
        expect('an answer at once', json.loads(child.stdout.readline())['id'] == name)
    child.stdin.close()
    expect('its end', child.wait(timeout=30) == 0)
    child.stdout.close()


def wildcards_are_fast(nezuban):
    document = {'Version': '2012-10-17', 'Statement': {'Effect': 'Allow', 'Action': '*', 'Resource': 'arn:aws:s3:::' + '*a' * 1000 + '*b'}}
    line = case('x', resource='arn:aws:s3:::' + 'a' * 100000, document=document)
    start = time.monotonic()
    done = run(nezuban, '\n'.join([line] * 50))
    seconds = time.monotonic() - start
    expect('1,000 stars', [answer['decision'] for answer in answers(done)] == ['implicitly-denied'] * 50)
    expect('1,000 stars take no time', seconds < 20, seconds)


def main():
    nezuban = sys.argv[1]
    count = bad_lines(nezuban)
    shapes_of_input(nezuban)
    same_for_all_threads(nezuban)
    answers_at_once(nezuban)
    wildcards_are_fast(nezuban)
    for fault in FAULTS:
        print(fault)
    print(f'{count} kinds of bad line, {len(FAULTS)} faults')
    return 1 if FAULTS else 0


if __name__ == '__main__':
    sys.exit(main())
