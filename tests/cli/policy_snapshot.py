#!/usr/bin/env python3
"""`policy can`, `who-can` and `prove` answer the same of a snapshot as of what the CLI prints of the same account; only where a
statement stands they cannot say.

usage: policy_snapshot.py NEZUBAN CASES_FOLDER
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile

LISTS = {'UserDetailList': ('AWS::IAM::User', 'UserName', 'UserId'), 'GroupDetailList': ('AWS::IAM::Group', 'GroupName', 'GroupId'),
         'RoleDetailList': ('AWS::IAM::Role', 'RoleName', 'RoleId'), 'Policies': ('AWS::IAM::Policy', 'PolicyName', 'PolicyId')}


def snapshot_of(account):
    """The account as docs/formats/snapshot.md has it."""
    when = '2026-11-25T13:20:05Z'
    items = []
    for name, (kind, label, number) in LISTS.items():
        for entry in account[name]:
            items.append({'kind': 'item', 'accountId': '111122223333', 'awsRegion': 'global', 'resourceType': kind,
                          'resourceId': entry.get(number, entry[label]), 'resourceName': entry[label], 'ARN': entry['Arn'],
                          'configurationItemCaptureTime': when, 'configurationItemStatus': 'OK', 'configuration': entry,
                          'supplementaryConfiguration': {}})
    items.sort(key=lambda item: (item['resourceType'], item['ARN']))
    head = {'kind': 'snapshot', 'format': 'nezuban-snapshot', 'version': 1, 'tool': 'test', 'accountId': '111122223333', 'partition': 'aws',
            'capturedAt': when, 'caller': {'Arn': 'arn:aws:iam::111122223333:root', 'UserId': '111122223333'}, 'callerRegion': 'us-east-1',
            'regions': ['us-east-1']}
    collected = {'kind': 'collected', 'service': 'iam', 'operation': 'GetAccountAuthorizationDetails', 'region': 'global', 'items': len(items)}
    end = {'kind': 'end', 'items': len(items), 'collected': 1, 'unread': 0}
    return ''.join(json.dumps(line, separators=(',', ':')) + '\n' for line in [head, collected, *items, end])


def without_places(value):
    if isinstance(value, dict):
        return {k: None if k in ('line', 'column') else without_places(v) for k, v in value.items()}
    return [without_places(v) for v in value] if isinstance(value, list) else value


def by_name(value):
    """A snapshot's users are sorted, and the CLI's are not."""
    for key in ('users', 'principals'):
        if isinstance(value, dict) and key in value:
            value[key].sort(key=lambda entry: json.dumps(entry.get('user') or entry.get('principal') or entry.get('arn')))
    return value


def ask(nezuban, args, path, stdin=None):
    done = subprocess.run([nezuban, 'policy', *args, '-a', path, '-f', 'json'], input=stdin, capture_output=True, timeout=60)
    return done.returncode, by_name(json.loads(done.stdout)) if done.stdout else None, done.stderr.decode()


def places(value):
    if isinstance(value, dict):
        return sum(places(v) for v in value.values()) + sum(value.get(k) is not None for k in ('line', 'column'))
    return sum(places(v) for v in value) if isinstance(value, list) else 0


def compare(nezuban, folder, name, case):
    """What is different, and how many places the CLI's answer told."""
    account, faults, told = case['account'], [], 0
    plain, packed = os.path.join(folder, name + '.json'), os.path.join(folder, name + '.nzs')
    with open(plain, 'w', encoding='utf-8') as f:
        json.dump(account, f)
    text = snapshot_of(account).encode()
    with gzip.open(packed, 'wb') as f:
        f.write(text)
    user = account['UserDetailList'][0]['UserName']
    for args in (['prove', *case['args']], ['who-can', 's3:GetObject', 'arn:aws:s3:::example/key', '--why'],
                 ['can', user, 's3:GetObject', 'arn:aws:s3:::example/key', '--why']):
        status, expected, _ = ask(nezuban, args, plain)
        told += places(expected)
        for got in (ask(nezuban, args, packed), ask(nezuban, args, '-', text)):
            if got[:2] != (status, without_places(expected)):
                faults.append(f'{name}: {args[0]}: exit {got[0]}, not {status}: {got[2]}\n  {got[1]}\n  {expected}')
    return faults, told


def main():
    nezuban, cases = sys.argv[1:]
    faults, told, tried = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(os.listdir(cases))[::6]:
            with open(os.path.join(cases, name, 'case.json'), encoding='utf-8') as f:
                found, places_told = compare(nezuban, folder, name, json.load(f))
            faults += found
            told += places_told
            tried += 1
    print('\n'.join(faults[:10]))
    print(f'{tried} accounts, {len(faults)} faults, {told} places')
    return 1 if faults or not told or tried < 10 else 0


if __name__ == '__main__':
    sys.exit(main())
