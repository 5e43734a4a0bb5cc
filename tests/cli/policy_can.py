#!/usr/bin/env python3
"""policy can and policy who-can: the cases of tests/cases/access, what people see, and an account of many users.

usage: policy_can.py NEZUBAN SOURCE_ROOT

A case is a folder with account.json and expected.json, a list of questions: {"ask": arguments behind `policy`, "status": exit
status, "why": what it shows} and, of `can`, "out": members of the answer, of `who-can`, "rows": {name: [decision, names of the
chain's roles, free keys]}.
"""
import json
import os
import subprocess
import sys
import tempfile

ALLOW = {'Version': '2012-10-17', 'Statement': [{'Sid': 'All', 'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}]}


class Run:
    def __init__(self, program):
        self.program, self.count, self.faults = program, 0, []

    def policy(self, *args, stdin=None, **extra):
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
        done = subprocess.run([self.program, 'policy', *args], capture_output=True, timeout=120, input=stdin,
                              env={**keep, 'HOME': '/nonexistent', 'LC_ALL': 'C.UTF-8', **extra})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def check(self, name, right, shown=''):
        self.count += 1
        if not right:
            self.faults.append(f'{name}: {shown!r}'[:1500])


def within(expected, found):
    """Every member of expected stands in found; lists have the same length."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(key in found and within(value, found[key]) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(expected) == len(found) and all(map(within, expected, found))
    return expected == found


def name_of(arn):
    return arn.rsplit('/', 1)[1]


def check_case(run, folder):
    with open(os.path.join(folder, 'expected.json'), encoding='utf-8') as file:
        questions = json.load(file)
    account = os.path.join(folder, 'account.json')
    for question in questions:
        name = f'{os.path.basename(folder)}: {" ".join(question["ask"])}'
        status, out, err = run.policy(*question['ask'], '--format', 'json', '--account', account)
        run.check(name, status == question['status'], (status, out, err))
        run.check(f'{name}: nothing crashed', 'Sanitizer' not in err, err)
        if question.get('out'):
            run.check(name, out and within(question['out'], json.loads(out)), out)
        if 'rows' in question:
            rows = {name_of(row['principal']): [row['decision'], [name_of(arn) for arn in row['chain']], row['free_keys']]
                    for row in json.loads(out)['principals']} if out else None
            run.check(name, rows == question['rows'], out)
    return len(questions)


def user(name, **more):
    return {'UserName': name, 'Arn': 'arn:aws:iam::111122223333:user/' + name, **more}


def check_seen(run, folder):
    path = os.path.join(folder, 'account.json')
    own = [{'PolicyName': 'own', 'PolicyDocument': ALLOW}]
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'UserDetailList': [user('a', UserPolicyList=own), user('b')]}, file, indent=2)
    lines = open(path, encoding='utf-8').read().splitlines()
    line = next(i for i, text in enumerate(lines, 1) if '"Sid"' in text) - 1
    place = f'{line}:{lines[line - 1].index("{") + 1}'
    status, out, _ = run.policy('can', 'a', 's3:GetObject', '-a', path, '--why')
    row = out.splitlines()[-1].split() if out else []
    run.check('why: effect, layer, policy, statement, Sid and place', status == 0 and row == ['Allow', 'identity', 'own', '-', '0', 'All', place],
              (out, place))
    status, out, _ = run.policy('can', 'b', 's3:GetObject', '-a', path)
    run.check('denied, in words', status == 1 and out == 'implicitly-denied\nno allow in: identity\n', out)
    status, out, _ = run.policy('can', 'b', 's3:GetObject', '-a', path, '--lang', 'ja')
    run.check('denied, in Japanese', status == 1 and 'identity' in out and not out.startswith('implicitly'), out)
    status, out, _ = run.policy('who-can', 's3:GetObject', '-a', path)
    run.check('who-can as a table', status == 0 and out.splitlines()[1].split()[:2] == ['allowed', user('a')['Arn']], out)
    status, out, _ = run.policy('who-can', 's3:GetObject', '-a', path, '--why')
    run.check('who-can says why', status == 0 and f'    allowed by own, statement 0 ({place})' in out.splitlines(), out)
    status, out, _ = run.policy('who-can', 's3:GetObject', '-a', path, '--why', '-f', 'json')
    run.check('who-can says why, to programs', out and json.loads(out)['principals'][0]['steps'][0]['decided_by'][0]['sid'] == 'All', out)
    status, out, _ = run.policy('who-can', 'sqs:SendMessage', '-a', path)
    run.check('nobody', status == 1 and out == 'nobody\n', out)
    lost = {'AttachedManagedPolicies': [{'PolicyName': 'x', 'PolicyArn': 'arn:aws:iam::aws:policy/x'}]}
    with open(os.path.join(folder, 'lost.json'), 'w', encoding='utf-8') as file:
        json.dump({'UserDetailList': [user('a', **lost), user('b', **lost)]}, file)
    status, out, err = run.policy('who-can', 's3:GetObject', '-a', file.name)
    run.check('what is missing is told once', status == 2 and err.count('policy/x') == 1 and out.count('unknown') == 2, err)
    for args in (['can', 'a'], ['who-can']):
        status, out, err = run.policy(*args, 's3:GetObjekt', '-a', path)
        run.check('an action that AWS does not have', status == 0 and 'allowed' in out and 'warning' in err and 's3:GetObjekt' in err, err)
        status, out, err = run.policy(*args, 'S3:getobject', '-a', path)
        run.check('an action in other letters', status == 0 and err == '', err)
    with open(path, 'rb') as file:
        status, out, _ = run.policy('who-can', 's3:GetObject', '-a', '-', stdin=file.read())
    run.check('from standard input', status == 0 and 'allowed' in out, out)


def check_depending(run, folder):
    """Of allowed-if the statements that would decide are shown: the allow that has a condition, and the deny that may hold."""
    path = os.path.join(folder, 'depending.json')
    statements = [{'Sid': 'WithMfa', 'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*',
                   'Condition': {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}},
                  {'Sid': 'Never', 'Effect': 'Deny', 'Action': 'sqs:*', 'Resource': '*'},
                  {'Sid': 'Plain', 'Effect': 'Deny', 'Action': '*', 'Resource': '*', 'Condition': {'Bool': {'aws:SecureTransport': 'false'}}}]
    own = [{'PolicyName': 'own', 'PolicyDocument': {'Version': '2012-10-17', 'Statement': statements}}]
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'UserDetailList': [user('a', UserPolicyList=own)]}, file, indent=1)
    status, out, _ = run.policy('can', 'a', 's3:GetObject', '-a', path, '--why')
    rows = [row[:1] + row[5:6] for row in map(str.split, out.splitlines()[3:])]
    run.check('why of allowed-if', status == 0 and rows == [['Allow', 'WithMfa'], ['Deny', 'Plain']], out)
    status, out, _ = run.policy('can', 'a', 's3:GetObject', '-a', path, '-f', 'json')
    answer = json.loads(out) if out else {}
    may = [(place['effect'], place['sid'], place['statement']) for place in answer.get('may_decide', [])]
    run.check('may_decide', answer['decided_by'] == [] and may == [('Allow', 'WithMfa', 0), ('Deny', 'Plain', 2)], out)
    known = ['-c', 'aws:MultiFactorAuthPresent=true', '-c', 'aws:SecureTransport=true']
    status, out, _ = run.policy('can', 'a', 's3:GetObject', '-a', path, '-f', 'json', *known)
    answer = json.loads(out) if out else {}
    run.check('nothing depends', answer['may_decide'] == [] and [p['sid'] for p in answer['decided_by']] == ['WithMfa'], out)
    status, out, _ = run.policy('who-can', 's3:GetObject', '-a', path, '--why')
    shown = [line.split(' (')[0].strip() for line in out.splitlines() if 'statement' in line]
    run.check('who-can of allowed-if', shown == ['may be allowed by own, statement 0', 'may be denied by own, statement 2'], out)


def check_hostile(run, folder):
    """A name with a NUL is not cut, and nothing reaches the terminal that it would obey."""
    path = os.path.join(folder, 'hostile.json')
    own = [{'PolicyName': 'o\0wn', 'PolicyDocument': {'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*', 'Condition': {'StringEquals': {'aws:RequestTag/\x1b[2J': 'x'}}},
        {'Effect': 'Deny', 'Action': 's3:Put*', 'Resource': '*', 'Condition': {'NotIpAddress': {'aws:SourceIp': '203.0.113.0/24'}}}]}}]
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'UserDetailList': [user('al\0ice', UserPolicyList=own)]}, file)
    for args in (['who-can', 's3:GetObject'], ['prove', 'source-ip', '--allow', '203.0.113.0/24']):
        _, out, err = run.policy(*args, '-a', path, '--why')
        lines = out.splitlines()
        run.check(f'{args[0]}: a NUL in a name', any(line.startswith('al\\x00ice') for line in lines) and 'o\\x00wn' in out, (out, err))
        run.check(f'{args[0]}: nothing to obey', not set(out) & {'\0', '\x1b'}, out)
    status, out, _ = run.policy('can', user('al\0ice')['Arn'].split('\0')[0], 's3:GetObject', '-a', path)
    run.check('half a name is another name', status == 2 and out == '', out)
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'UserDetailList': [user('a', UserPolicyList=own)]}, file)
    status, out, _ = run.policy('can', 'a', 's3:GetObject', '-a', path, '--why')
    run.check('can: nothing to obey', status == 0 and 'o\\x00wn' in out and not set(out) & {'\0', '\x1b'}, out)


def check_refused(run, folder):
    path = os.path.join(folder, 'bad.json')
    for text, place in (('', '1:1'), ('{"UserDetailList":[', ''), ('{"UserDetailList":7}', '1:19'), ('[]]', ''), ('{}', '1:1'), (' []', '1:2')):
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        status, out, err = run.policy('can', 'a', 's3:GetObject', '-a', path)
        run.check(f'refused: {text}', status == 2 and out == '' and f'{path}:{place}' in err, (status, err))
    for args in (['can', 'a', 's3:GetObject'], ['can', 'a', '-a', path], ['who-can', '-a', path],
                 ['can', 'a', 's3:GetObject', '-a', os.path.join(folder, 'none.json')],
                 ['can', 'a', 's3:GetObject', '-a', folder], ['can', 'a', 's3GetObject', '-a', path], ['who-can', 'nonsense', '-a', path],
                 ['who-can', 's3:', '-a', path], ['who-can', ':GetObject', '-a', path], ['can', 'a', 's3:GetObject', '-a', path, '-c', '=x']):
        status, out, err = run.policy(*args)
        run.check(f'refused: {args}', status == 2 and out == '' and err, (status, out, err))


def main():
    run = Run(sys.argv[1])
    cases = os.path.join(sys.argv[2], 'tests/cases/access')
    questions = sum(check_case(run, os.path.join(cases, name)) for name in sorted(os.listdir(cases)))
    with tempfile.TemporaryDirectory() as folder:
        check_seen(run, folder)
        check_depending(run, folder)
        check_hostile(run, folder)
        check_refused(run, folder)
    for fault in run.faults:
        print(fault)
    print(f'{questions} questions, {run.count} checks, {len(run.faults)} faults')
    return 1 if run.faults or questions == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
