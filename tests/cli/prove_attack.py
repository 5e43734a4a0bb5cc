#!/usr/bin/env python3
"""Proofs of `nezuban policy prove` are attacked: accounts at random, with restrictions that hold and that do not, and random requests
from outside that the ordinary evaluator, `policy eval`, decides.

usage: prove_attack.py NEZUBAN [ACCOUNTS [REQUESTS [SEED]]]
       prove_attack.py --self-test

Of a user who passes, no request from outside may be allowed; of a network that is closed, none from there. Every witness must be
allowed. Each account is asked both questions; REQUESTS are made for every user who is closed somewhere.
"""
import json
import random
import subprocess
import sys

import prove_account

ACCOUNT = '111122223333'
CORP = ['203.0.113.0/24', '2001:db8:100::/48']
INSIDE = ['203.0.113.9', '2001:db8:100::9']
ADDRESSES = {'ipv4': ['198.51.100.7', '8.8.8.8', '203.0.112.255', '203.0.114.0', '1.2.3.4', '192.0.2.200', '203.0.0.1', '223.255.255.255'],
             'ipv6': ['2001:db8:101::1', '2600::1', '2001:db8:ff::ffff', '3fff::1']}
ENROL = ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:GetUser', 'iam:ListMFADevices', 'iam:ListVirtualMFADevices',
         'iam:ResyncMFADevice', 'sts:GetSessionToken']
# Actions, each with resources that it can be about.
ACTIONS = {
    's3:GetObject': ['arn:aws:s3:::{b}/{k}'], 's3:PutObject': ['arn:aws:s3:::{b}/{k}'], 's3:ListBucket': ['arn:aws:s3:::{b}'],
    's3:ListAllMyBuckets': ['*'], 'ec2:DescribeInstances': ['*'], 'ec2:StopInstances': ['arn:aws:ec2:{r}:111122223333:instance/i-{k}'],
    'dynamodb:GetItem': ['arn:aws:dynamodb:{r}:111122223333:table/{b}'], 'iam:ListUsers': ['*', 'arn:aws:iam::111122223333:user/{k}'],
    'iam:ChangePassword': ['arn:aws:iam::111122223333:user/{k}'], 'sqs:SendMessage': ['arn:aws:sqs:{r}:111122223333:{b}'],
    'sqs:ListQueues': ['*'], 'kms:Decrypt': ['arn:aws:kms:us-east-1:111122223333:key/{k}'],
    'ssm:GetParameter': ['arn:aws:ssm:{r}:111122223333:parameter/{k}', 'arn:aws:ssm:{r}::parameter/aws/service/{k}'],
    'ssm:DeleteParameter': ['arn:aws:ssm:{r}:111122223333:parameter/{k}'],
    'iam:GetPolicy': ['arn:aws:iam::111122223333:policy/{k}', 'arn:aws:iam::aws:policy/{k}'],
    'cloudformation:DescribeStacks': ['*', 'arn:aws:cloudformation:{r}:111122223333:stack/{k}/1'],
    'iam:EnableMFADevice': ['arn:aws:iam::111122223333:mfa/{k}'], 'sts:AssumeRole': ['arn:aws:iam::111122223333:role/plain',
                                                                                 'arn:aws:iam::111122223333:role/guarded'],
}
BUCKETS = ['corp-data', 'corp-logs', 'data-x', 'example', 'logs-corp-', 'data-a', 'team-web']
KEYS = ['a', 'web/x', 'bob', 'alice', 'example', 'b-c']
VALUES = {'aws:RequestTag/team': ['web', 'ops', 'x'], 'aws:ResourceAccount': ['111122223333', '444455556666'], 's3:max-keys': ['5', '10', '11', '9.5'], 'aws:RequestedRegion': ['us-east-1', 'eu-west-1', 'ap-northeast-1'],
          'aws:SecureTransport': ['true', 'false'], 's3:prefix': ['home/', 'x', 'home/alice'], 'aws:ResourceTag/env': ['prod', 'dev', 'x'],
          'aws:TagKeys': ['team', 'env', 'x'], 'aws:CurrentTime': ['2020-01-01T00:00:00Z', '2026-06-01T00:00:00Z', '2030-01-01T00:00:00Z']}
MULTIVALUED = ['aws:TagKeys']
REGIONS = ['us-east-1', 'eu-west-1', 'ap-northeast-1', 'us-west-2']


def arn(what):
    return f'arn:aws:iam::{ACCOUNT}:{what}'


def document(statements):
    return {'Version': '2012-10-17', 'Statement': statements}


# --- accounts ---

def condition(rng):
    """One that is about neither network nor credentials."""
    key = rng.choice(list(VALUES))
    values = rng.sample(VALUES[key], rng.randint(1, 2))
    if key == 'aws:CurrentTime':
        return {rng.choice(['DateLessThan', 'DateGreaterThan', 'DateGreaterThanIfExists']): {key: '2026-01-01T00:00:00Z'}}
    if key == 's3:max-keys':
        return {rng.choice(['NumericLessThan', 'NumericGreaterThanEquals', 'NumericEquals', 'NumericNotEqualsIfExists']): {key: '10'}}
    if key in MULTIVALUED:
        return {rng.choice(['ForAnyValue:StringEquals', 'ForAllValues:StringEquals', 'ForAnyValue:StringNotEquals']): {key: values}}
    operator = rng.choice(['StringEquals', 'StringNotEquals', 'StringLike', 'StringEqualsIfExists', 'StringNotLike'])
    return {operator: {key: [value[:1] + '*' if 'Like' in operator else value for value in values]}}


def some_actions(rng):
    return rng.choice([['*'], ['s3:*'], ['s3:Get*', 's3:List*'], ['ec2:*', 'sqs:*'], ['dynamodb:*', 'kms:*'], ['iam:*'], ['ssm:*', 'cloudformation:*'],
                       rng.sample(list(ACTIONS), rng.randint(1, 4)), ['sts:AssumeRole', 's3:*']])


def some_resource(rng):
    return rng.choice(['*', '*', '*', 'arn:aws:s3:::corp-*', ['arn:aws:s3:::*', 'arn:aws:sqs:*:*:*'], 'arn:aws:s3:::data-*/*',
                       f'arn:aws:s3:::*/${{aws:username}}', 'arn:aws:s3:::?orp-*', f'arn:aws:*:*:{ACCOUNT}:*', f'arn:aws:ssm:*:{ACCOUNT}:*', ['arn:aws:*:us-*:*:*', 'arn:aws:s3:::*']])


def allow(rng):
    statement = {'Effect': 'Allow', 'Action': some_actions(rng), 'Resource': some_resource(rng)}
    if rng.random() < 0.1:
        statement['NotAction'] = statement.pop('Action')
    if rng.random() < 0.1:
        statement['NotResource'] = statement.pop('Resource')
    if rng.random() < 0.3:
        statement['Condition'] = condition(rng)
    return statement


def restriction(rng, kind):
    """A deny that holds, or one of the ways in which it does not."""
    source_ip = {'NotIpAddress': {'aws:SourceIp': CORP}, 'Bool': {'aws:ViaAWSService': 'false'}}
    mfa = {'BoolIfExists': {'aws:MultiFactorAuthPresent': 'false'}}
    good = source_ip if kind == 'source-ip' else mfa
    statement = {'Sid': 'Restrict', 'Effect': 'Deny', 'Action': '*', 'Resource': '*', 'Condition': dict(good)}
    if kind == 'mfa':
        del statement['Action']
        statement['NotAction'] = list(ENROL)
    how = rng.randrange(12)
    if how == 0 and rng.random() < 0.3:
        del statement['Resource']
        statement['NotResource'] = some_resource(rng)
    elif how == 0:
        statement['Resource'] = some_resource(rng)
    elif how == 1:
        statement.pop('NotAction', None)
        statement['Action'] = some_actions(rng)
    elif how == 2:
        statement['Condition'].update(condition(rng))
    elif how == 3 and kind == 'source-ip':
        statement['Condition'] = {'NotIpAddress': {'aws:SourceIp': CORP + [rng.choice(['192.0.2.200/32', '0.0.0.0/0', '203.0.112.0/20', '2000::/3'])]}}
    elif how == 3:
        statement['Condition'] = rng.choice([{'Bool': {'aws:MultiFactorAuthPresent': 'false'}}, {'Null': {'aws:MultiFactorAuthPresent': 'true'}},
                                             {'NumericGreaterThan': {'aws:MultiFactorAuthAge': '3600'}}])
    elif how == 4 and kind == 'source-ip':
        statement['Condition'] = rng.choice([{'IpAddress': {'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1']}},
                                             {'StringNotLike': {'aws:SourceIp': '203.0.*'}}, {'NotIpAddressIfExists': {'aws:SourceIp': CORP}},
                                             {'NotIpAddress': {'aws:SourceIp': CORP}, 'Null': {'aws:SourceVpc': 'true'}}])
    elif how == 7 and kind == 'source-ip':
        key, values = rng.choice([('aws:SourceVpce', ['vpce-0a*', 'vpce-*b', 'vpce-0c1111111111111111', 'vpce-??b*']),
                                  ('aws:SourceVpc', ['vpc-0a*', 'vpc-*9', 'vpc-0c1111111111111111']),
                                  ('aws:VpceOrgID', ['o-own1234567', 'o-x*']), ('aws:VpceAccount', [ACCOUNT, '4*'])])
        statement['Condition'] = dict(good, StringNotLike={key: rng.sample(values, rng.randint(1, 2))})
    elif how == 5:
        statement['Condition'].update(rng.choice([{'ArnNotLike': {'aws:PrincipalArn': arn('user/a*')}},
                                                  {'StringEquals': {'aws:ResourceAccount': ACCOUNT}},
                                                  {'StringLike': {'aws:RequestedRegion': ['us-*', '*-1']}},
                                                  {'StringEquals': {'aws:PrincipalType': 'User'}}]))
    elif how == 6:
        half = {k: v for k, v in statement.items()}
        other = {k: v for k, v in statement.items()}
        half['Condition'] = dict(statement['Condition'], StringEquals={'aws:RequestedRegion': 'us-east-1'})
        other['Condition'] = dict(statement['Condition'], StringNotEquals={'aws:RequestedRegion': 'us-east-1'})
        return [half, other]
    return [statement]


def user(rng, name, kind):
    statements = [allow(rng) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.75:
        statements += restriction(rng, kind)
    if rng.random() < 0.15:
        only = {'IpAddress': {'aws:SourceIp': CORP}} if kind == 'source-ip' else {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}
        statements = [dict(allow(rng), Condition=only)]
    entry = {'UserName': name, 'UserId': 'AIDA' + name.upper(), 'Arn': arn('user/' + name), 'Tags': [],
             'UserPolicyList': [{'PolicyName': 'own', 'PolicyDocument': document(statements)}]}
    if rng.random() < 0.2:
        entry['PermissionsBoundary'] = {'PermissionsBoundaryArn': arn('policy/bound')}
    return entry


def role(rng, name, kind):
    statement = {'Effect': 'Allow', 'Principal': {'AWS': rng.choice([arn('root'), arn('user/alice')])}, 'Action': 'sts:AssumeRole'}
    if rng.random() < 0.5:
        statement['Condition'] = {'IpAddress': {'aws:SourceIp': CORP}} if kind == 'source-ip' else {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}
    own = [allow(rng)] + (restriction(rng, kind) if rng.random() < 0.5 else [])
    return {'RoleName': name, 'RoleId': 'AROA' + name.upper(), 'Arn': arn('role/' + name), 'AssumeRolePolicyDocument': document([statement]),
            'RolePolicyList': [{'PolicyName': 'own', 'PolicyDocument': document(own)}]}


def account(rng, kind):
    bound = {'PolicyName': 'bound', 'Arn': arn('policy/bound'), 'PolicyVersionList': [
        {'VersionId': 'v1', 'IsDefaultVersion': True, 'Document': document([allow(rng), allow(rng)])}]}
    return {'UserDetailList': [user(rng, name, kind) for name in ('alice', 'bob', 'carol', 'dan')], 'GroupDetailList': [],
            'RoleDetailList': [role(rng, name, kind) for name in ('plain', 'guarded')], 'Policies': [bound], 'IsTruncated': False}


# --- requests from outside ---

def some_id(rng):
    return rng.choice(['0a', '0b', 'ff']) + ''.join(rng.choice('0123456789abcdef') for _ in range(14)) + rng.choice('ab9')


def network(rng, kind):
    where = rng.choice(['ipv4', 'ipv6', 'vpc-endpoint'])
    context = {'aws:ViaAWSService': ['false']}
    if where == 'vpc-endpoint':
        context.update({'aws:SourceVpc': ['vpc-' + some_id(rng)], 'aws:SourceVpce': ['vpce-' + some_id(rng)], 'aws:VpcSourceIp': ['10.0.0.9']})
        if rng.random() < 0.5:
            context.update({'aws:VpceAccount': ['444455556666'], 'aws:VpceOrgID': ['o-' + rng.choice('xyz') + '123456789']})
        if rng.random() < 0.2:
            context.pop('aws:VpceOrgID', None)
    else:
        context['aws:SourceIp'] = [rng.choice(ADDRESSES[where] + (INSIDE[:1] if where == 'ipv4' and kind == 'mfa' else []))]
    return where, context


def credentials(rng, kind):
    choices = [{}, {'aws:MultiFactorAuthPresent': ['false'], 'aws:TokenIssueTime': ['2026-01-01T00:00:00Z']}]
    if kind == 'source-ip':
        choices.append({'aws:MultiFactorAuthPresent': ['true'], 'aws:MultiFactorAuthAge': [rng.choice(['10', '3600', '7200'])],
                        'aws:TokenIssueTime': ['2026-01-01T00:00:00Z']})
    return rng.choice(choices)


def request(rng, kind, who):
    action = rng.choice(list(ACTIONS))
    resource = rng.choice(ACTIONS[action]).format(b=rng.choice(BUCKETS), k=rng.choice(KEYS), r=rng.choice(REGIONS))
    where, context = network(rng, kind)
    context.update(credentials(rng, kind))
    for key, values in VALUES.items():
        if key in ('aws:RequestedRegion', 'aws:SecureTransport', 'aws:CurrentTime') or rng.random() < 0.4:
            context[key] = rng.sample(values, rng.randint(1, 2) if key in MULTIVALUED else 1)
    region = 'us-east-1' if action.startswith('iam:') else resource.split(':')[3] if resource != '*' else ''
    if region:
        context['aws:RequestedRegion'] = [region]
    if f':{ACCOUNT}:' in resource:
        context['aws:ResourceAccount'] = [ACCOUNT]
    context.update({'aws:PrincipalArn': [arn('user/' + who)], 'aws:PrincipalAccount': [ACCOUNT], 'aws:PrincipalType': ['User'],
                    'aws:PrincipalIsAWSService': ['false'], 'aws:username': [who], 'aws:userid': ['AIDA' + who.upper()]})
    return where, {'principal': arn('user/' + who), 'action': action, 'resource': resource, 'context': context,
                   'resource_policy_lets_account_in': action.startswith('kms:'),
                   'trust_policy_of': resource if action == 'sts:AssumeRole' else None}


def is_exempt(action, kind):
    return action == 'sts:GetCallerIdentity' or (kind == 'mfa' and action in ENROL)


# --- the attack ---

def prove(nezuban, entries, kind):
    args = [kind] + (['--allow', ','.join(CORP)] if kind == 'source-ip' else [])
    done = subprocess.run([nezuban, 'policy', 'prove', *args, '-a', '-', '-f', 'json'], input=json.dumps(entries), capture_output=True,
                          text=True, encoding='utf-8', timeout=60)
    if done.returncode not in (0, 1):
        raise SystemExit(f'exit {done.returncode}: {done.stderr}\n{json.dumps(entries)}')
    return {u['user'].split('/')[-1]: u for u in json.loads(done.stdout)['users']}


def closed_networks(answer):
    return [name for name, state in answer['networks'].items() if state == 'closed' or answer['status'] == 'pass']


def attack(nezuban, rng, entries, answers, kind, requests):
    """What was allowed although it was proved that nothing is; how many requests were tried."""
    cases, expected = [], []
    for name, answer in answers.items():
        for witness in (answer['witness'], (answer['role_escape'] or {}).get('witness')):
            if witness:
                cases.append(prove_account.case_of(entries, witness))
                expected.append(('witness', name, None))
        closed = closed_networks(answer)
        for _ in range(requests if closed else 0):
            where, asked = request(rng, kind, name)
            if where in closed and not is_exempt(asked['action'], kind):
                cases.append(prove_account.case_of(entries, asked))
                expected.append(('closed', name, where))
    faults = []
    for case, (what, name, where), decided in zip(cases, expected, prove_account.evaluate(nezuban, cases)):
        if 'decision' not in decided or (decided['decision'] == 'allowed') != (what == 'witness'):
            faults.append(f'{kind}: {name}, {what} {where or ""}: {case["request"]}: {decided}')
    return faults, len(cases)


def run(nezuban, accounts, requests, seed):
    rng = random.Random(seed)
    tried, statuses = 0, {}
    for number in range(accounts):
        for kind in ('source-ip', 'mfa'):
            entries = account(rng, kind)
            answers = prove(nezuban, entries, kind)
            for answer in answers.values():
                statuses[answer['status']] = statuses.get(answer['status'], 0) + 1
            faults, count = attack(nezuban, rng, entries, answers, kind, requests)
            tried += count
            if faults:
                print(f'account {number}, seed {seed}: {len(faults)} faults, the first: {faults[0]}')
                print(json.dumps(entries))
                return 1
    print(f'{accounts} accounts: {statuses}; {tried} requests, none broke a proof')
    return 0 if {'pass', 'partial', 'fail'} <= set(statuses) and tried else 1


def self_test():
    """A prover that says pass of everybody is found out."""
    rng = random.Random(1)
    entries = account(rng, 'source-ip')
    answers = {'alice': {'status': 'pass', 'networks': {'ipv4': 'closed', 'ipv6': 'closed', 'vpc-endpoint': 'closed'},
                         'witness': None, 'role_escape': None}}
    entries['UserDetailList'] = [{'UserName': 'alice', 'Arn': arn('user/alice'), 'UserPolicyList': [
        {'PolicyName': 'own', 'PolicyDocument': document([{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}])}]}]
    nezuban = sys.argv[2]
    faults, count = attack(nezuban, rng, entries, answers, 'source-ip', 50)
    return 0 if faults and count else 1


def main():
    if sys.argv[1] == '--self-test':
        return self_test()
    numbers = [int(text) for text in sys.argv[2:]]
    return run(sys.argv[1], *(numbers + [60, 60, 1][len(numbers):]))


if __name__ == '__main__':
    sys.exit(main())
