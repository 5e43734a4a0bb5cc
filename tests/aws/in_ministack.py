#!/usr/bin/env python3
"""An organization in ministack, another mock AWS, with signatures and policies enforced: read and judged over HTTP.

usage: with_packages.py in_ministack.py NEZUBAN

Who asks may do what `audit --org ROLE --print-policy` prints and nothing else, and so may the role.
"""
import json
import os
import sys
import tempfile

from checking import Checking
from ministack_organization import MANAGEMENT, ROLE, MinistackOrganization

# What ministack 1.5.33 does not know.
UNKNOWN = {'access-analyzer', 'detective', 'guardduty', 'securityhub', 's3control'}
UNKNOWN_IN_IAM = {'ListOrganizationsFeatures', 'ListServiceSpecificCredentials'}


def users_of(report):
    return sorted({f['resource'].rpartition('/')[2] for f in report['findings'] if f['check'] == 'iam-user-direct-policy' and '/' in f['resource']})


def check_organization(t, out, aws):
    accounts = {a['account']: a for a in json.loads(out)['accounts']}
    t.check('the accounts', sorted(accounts) == sorted([MANAGEMENT, *aws.members.values()]), list(accounts))
    judged = {number for number, a in accounts.items() if a['report']}
    t.check('those that let us in are judged', judged == {MANAGEMENT, aws.members['open']}, {n: a['error'] for n, a in accounts.items()})
    for name in ('closed', 'bare'):
        account = accounts[aws.members[name]]
        t.check(f'{name}: unread', account['error'] and account['action'] == 'sts:AssumeRole' and account['report'] is None, account)
    t.check('each by its own users', users_of(accounts[MANAGEMENT]['report']) == ['auditor'] and
            users_of(accounts[aws.members['open']]['report']) == ['user-of-open'],
            [users_of(accounts[n]['report']) for n in judged])
    for number in judged:
        unread = [u for u in accounts[number]['report']['unread'] if u['service'] not in UNKNOWN and u['operation'] not in UNKNOWN_IN_IAM]
        t.check(f'{number}: unread is what ministack does not know', not unread, unread)


def check_events(t, out):
    found = {f['check']: f for f in json.loads(out)['findings'] if f['resource'].endswith((':root', 'region/us-east-1'))}
    t.check('the history answers', found['cloudtrail-history']['status'] == 'pass', found['cloudtrail-history'])
    t.check('root has a row in the report, and no key', found['iam-root-access-key']['status'] == 'pass', found['iam-root-access-key'])
    users = [f for f in json.loads(out)['findings'] if f['check'] == 'iam-user-shared' and f['resource'].endswith('/auditor')]
    t.check('events of the user were looked at', users and 'no sign' in users[0]['reason'], users)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        t = Checking(os.path.abspath(sys.argv[1]), home)
        status, policy, err = t.run('audit', '--org', ROLE, '--print-policy')
        t.check('--print-policy', status == 0, (status, err))
        with MinistackOrganization(policy) as aws:
            status, out, err = t.run('--lang', 'en', 'audit', '--org', ROLE, '--region', 'us-east-1', '--format', 'json', **aws.environment())
            t.check('the organization: findings, 1', status == 1 and err == '', (status, err))
            check_organization(t, out, aws)
            status, out, err = t.run('--lang', 'en', 'audit', '--events', '--region', 'us-east-1', '--format', 'json', **aws.environment())
            t.check('with events: findings, 1', status == 1, (status, err))
            check_events(t, out)
            secret = {**aws.environment(), 'AWS_SECRET_ACCESS_KEY': 'x' * 40}
            status, out, err = t.run('--lang', 'en', 'audit', '--org', ROLE, **secret)
            t.check('a wrong secret: 2, nothing written', status == 2 and out == '' and 'SignatureDoesNotMatch' in err, (status, err))
    t.end()


if __name__ == '__main__':
    main()
