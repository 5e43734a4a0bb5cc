#!/usr/bin/env python3
"""An account as large as they come, in the shape of `aws iam get-account-authorization-details`, on standard output.

usage: make_account.py [USERS [ROLES [SEED]]]     without numbers: 10,000 users and 5,000 roles

Users are in groups, some have a policy of their own, one in fifty may assume roles; of the roles six in ten trust a service,
three in ten the account, the rest a role or a user by name; one in two hundred of the roles may do everything. The same seed
gives the same bytes.
"""
import json
import random
import sys

ACCOUNT = '111122223333'
SERVICES = ['s3', 'ec2', 'dynamodb', 'sqs', 'sns', 'lambda', 'logs', 'kms', 'cloudwatch', 'ssm']
VERBS = ['Get*', 'List*', 'Describe*', 'Put*', 'Delete*', 'Create*']


def arn(what):
    return f'arn:aws:iam::{ACCOUNT}:{what}'


def statement(rng, deny=False):
    service = rng.choice(SERVICES)
    out = {'Sid': f'S{rng.randrange(10 ** 6)}', 'Effect': 'Deny' if deny else 'Allow',
           'Action': [f'{service}:{verb}' for verb in rng.sample(VERBS, rng.randint(1, 4))],
           'Resource': rng.choice(['*', f'arn:aws:{service}:*:{ACCOUNT}:team-{rng.randrange(40)}/*'])}
    if rng.random() < 0.2:
        out['Condition'] = {'StringEquals': {'aws:RequestedRegion': ['ap-northeast-1', 'us-east-1']}}
    return out


def document(*statements):
    return {'Version': '2012-10-17', 'Statement': list(statements)}


def trust(who):
    return document({'Effect': 'Allow', 'Principal': who, 'Action': 'sts:AssumeRole'})


def managed(rng, number):
    name = f'policy-{number}'
    body = document(*[statement(rng, rng.random() < 0.1) for _ in range(rng.randint(3, 12))])
    return {'PolicyName': name, 'PolicyId': f'ANPA{number:012}', 'Arn': arn('policy/' + name), 'Path': '/', 'DefaultVersionId': 'v1',
            'PolicyVersionList': [{'Document': body, 'VersionId': 'v1', 'IsDefaultVersion': True,
                                   'CreateDate': '2026-01-01T00:00:00+00:00'}]}


def attached(rng, policies, most):
    return [{'PolicyName': p['PolicyName'], 'PolicyArn': p['Arn']} for p in rng.sample(policies, rng.randint(0, most))]


def user(rng, number, policies, groups):
    own = []
    if rng.random() < 0.3:
        own.append({'PolicyName': 'own', 'PolicyDocument': document(statement(rng), statement(rng))})
    if number % 50 == 0:
        own.append({'PolicyName': 'assume', 'PolicyDocument': document(
            {'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Resource': arn('role/role-*')})})
    return {'Path': '/', 'UserName': f'user-{number}', 'UserId': f'AIDA{number:016}', 'Arn': arn(f'user/user-{number}'),
            'CreateDate': '2026-01-01T00:00:00+00:00', 'UserPolicyList': own, 'GroupList': rng.sample(groups, rng.randint(1, 3)),
            'AttachedManagedPolicies': attached(rng, policies, 2), 'Tags': [{'Key': 'team', 'Value': str(number % 40)}]}


def role(rng, number, policies, users, roles):
    kind = rng.random()
    if kind < 0.6:
        who = {'Service': rng.choice(['ec2', 'lambda', 'ecs-tasks']) + '.amazonaws.com'}
    elif kind < 0.9:
        who = {'AWS': arn('root')}
    else:
        who = {'AWS': [arn(f'role/role-{rng.randrange(roles)}'), arn(f'user/user-{rng.randrange(users)}')]}
    own = [{'PolicyName': 'own', 'PolicyDocument': document(statement(rng), statement(rng), {
        'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Resource': arn(f'role/role-{rng.randrange(roles)}')})}]
    if number % 200 == 0:
        own.append({'PolicyName': 'admin', 'PolicyDocument': document({'Effect': 'Allow', 'Action': '*', 'Resource': '*'})})
    return {'Path': '/', 'RoleName': f'role-{number}', 'RoleId': f'AROA{number:016}', 'Arn': arn(f'role/role-{number}'),
            'CreateDate': '2026-01-01T00:00:00+00:00', 'AssumeRolePolicyDocument': trust(who), 'InstanceProfileList': [],
            'RolePolicyList': own, 'AttachedManagedPolicies': attached(rng, policies, 3), 'Tags': []}


def main():
    if any(word.startswith('-') for word in sys.argv[1:]):
        sys.exit(__doc__)
    users, roles, seed = ([int(text) for text in sys.argv[1:]] + [10000, 5000, 1][len(sys.argv) - 1:])[:3]
    rng = random.Random(seed)
    policies = [managed(rng, number) for number in range(300)]
    groups = [{'Path': '/', 'GroupName': f'group-{number}', 'GroupId': f'AGPA{number:016}', 'Arn': arn(f'group/group-{number}'),
               'GroupPolicyList': [], 'AttachedManagedPolicies': attached(rng, policies, 5)} for number in range(100)]
    names = [group['GroupName'] for group in groups]
    json.dump({'UserDetailList': [user(rng, number, policies, names) for number in range(users)], 'GroupDetailList': groups,
               'RoleDetailList': [role(rng, number, policies, users, roles) for number in range(roles)], 'Policies': policies,
               'IsTruncated': False}, sys.stdout, indent=4)
    print()


if __name__ == '__main__':
    main()
