#!/usr/bin/env python3
"""The cases of tests/cases/prove: what `nezuban policy prove` must say of each account, and that what it says is so.

usage: policy_prove.py NEZUBAN CASES_FOLDER
       policy_prove.py --self-test

A case.json has `why` (what it obeys), `args`, `account` (as aws iam get-account-authorization-details prints it) and `expect`. Of
every answer the witness is decided once more by `policy eval`, the ordinary evaluator, which must allow it; and where the user is
closed, the same request must be denied when it comes from where the witness of the unrestricted user comes from.
"""
import json
import os
import subprocess
import sys
import tempfile

import prove_account


def differences(expect, got):
    """What of the expectations of one user is not so."""
    roles = [arn.split('/')[-1] for arn in (got['role_escape'] or {}).get('roles', [])]
    context = (got['witness'] or {}).get('context', {})
    found = {
        'mistakes': [m['mistake'] for m in got['mistakes']],
        'denied_by': [d['sid'] for d in got['denies']],
        'roles': roles,
        'networks': {name: got['networks'].get(name) for name in expect.get('networks', {})},
        'witness': {key: context.get(key) for key in expect.get('witness', {})},
        'federation': got['federation_escape'] is not None,
        'lets_account_in': (got['witness'] or {}).get('resource_policy_lets_account_in'),
    }
    for key, wanted in expect.items():
        if key == 'example_of':
            if not got['examples'] or not all(e.startswith(wanted) for e in got['examples']):
                yield f'examples {got["examples"]}, none of {wanted}'
        elif key == 'witness_lacks':
            if not context or wanted in context:
                yield f'the witness has {wanted}: {context}'
        elif key == 'resource_matches':
            if not (got['witness'] or {}).get('resource', '').startswith(wanted):
                yield f'witness {got["witness"]}'
        else:
            value = found.get(key, got.get(key))
            if value != wanted:
                yield f'{key}: {value}, not {wanted}'


def witnesses(case, answer):
    """Each witness as a case of policy eval."""
    own_password = '--users-may-change-password' in case.get('args', [])
    for user in answer['users']:
        for witness in (user['witness'], (user['role_escape'] or {}).get('witness'), user['federation_escape']):
            if witness:
                yield prove_account.case_of(case['account'], witness, own_password, user['user'])


def check(case, status, answer, evaluate):
    expect = case['expect']
    if status != expect['exit']:
        yield f'exit status {status}, not {expect["exit"]}'
    users = {user['user'].split('/')[-1]: user for user in answer['users']}
    if set(users) != set(expect['users']):
        yield f'users {sorted(users)}'
        return
    for name, wanted in expect['users'].items():
        for difference in differences(wanted, users[name]):
            yield f'{name}: {difference}'
        if users[name]['status'] in ('fail', 'partial') and not any(users[name][key] for key in ('witness', 'role_escape', 'federation_escape')):
            yield f'{name}: {users[name]["status"]} without a witness'
        if users[name]['status'] == 'pass' and users[name]['witness']:
            yield f'{name}: pass with a witness'
    if 'mistakes' in expect and [m['mistake'] for m in answer['mistakes']] != expect['mistakes']:
        yield f'mistakes of the account: {answer["mistakes"]}'
    cases = list(witnesses(case, answer))
    for asked, decided in zip(cases, evaluate(cases)):
        if decided.get('decision') != 'allowed':
            yield f'the evaluator does not confirm {asked["request"]}: {decided}'


def prove(nezuban, case):
    """`aws_ranges` of a case is what AWS's ip-ranges.json holds."""
    with tempfile.TemporaryDirectory() as folder:
        args = list(case['args'])
        if 'aws_ranges' in case:
            with open(os.path.join(folder, 'ip-ranges.json'), 'w', encoding='utf-8') as file:
                json.dump(case['aws_ranges'], file)
            args += ['--aws-ranges', file.name]
        return answer_of(nezuban, args, case['account'])


def answer_of(nezuban, args, account):
    done = subprocess.run([nezuban, 'policy', 'prove', *args, '--account', '-', '--format', 'json'],
                          input=json.dumps(account), capture_output=True, text=True, encoding='utf-8', timeout=60)
    if not done.stdout:
        raise SystemExit(f'no answer: {done.stderr}')
    return done.returncode, json.loads(done.stdout)


def self_test():
    user = {'user': 'a/alice', 'status': 'pass', 'actions': 1, 'actions_open': 0, 'examples': [], 'networks': {'ipv4': 'closed'},
            'denies': [], 'witness': None, 'role_escape': None, 'federation_escape': None, 'mistakes': []}
    answer = {'users': [user], 'mistakes': []}
    case = {'account': {}, 'expect': {'exit': 0, 'users': {'alice': {'status': 'pass', 'networks': {'ipv4': 'closed'}}}}}
    tried = [(case, 0, answer, 0), (case, 1, answer, 1), (case, 0, {'users': [], 'mistakes': []}, 1),
             (case, 0, {'users': [dict(user, status='unknown')], 'mistakes': []}, 1),
             (case, 0, {'users': [dict(user, status='fail')], 'mistakes': []}, 2),
             (case, 0, {'users': [dict(user, networks={'ipv4': 'open'})], 'mistakes': []}, 1)]
    for one, status, said, count in tried:
        faults = list(check(one, status, said, lambda cases: []))
        if len(faults) != count:
            print('self-test:', said, faults)
            return 1
    return 0


def main():
    if sys.argv[1] == '--self-test':
        return self_test()
    nezuban, folder = sys.argv[1:]
    count, failed = 0, 0
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name, 'case.json'), encoding='utf-8') as file:
            case = json.load(file)
        status, answer = prove(nezuban, case)
        faults = list(check(case, status, answer, lambda cases: prove_account.evaluate(nezuban, cases)))
        for fault in faults:
            print(f'{name}: {fault}')
        count += 1
        failed += bool(faults)
    print(f'{count} cases, {failed} failed')
    return 1 if failed or not count else 0


if __name__ == '__main__':
    sys.exit(main())
