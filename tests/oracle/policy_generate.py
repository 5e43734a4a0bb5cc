#!/usr/bin/env python3
"""Random IAM policies and requests that aim at the corners of the policy language; the same seed gives the same lines.

usage: policy_generate.py [--seed N] [--count N] > cases.ndjson

Values of policies are mostly made from the request's own, changed a little (a wildcard, case, a cut), so that about as
many tests hold as fail. What the sources leave open is not generated; what must be refused is, now and then.
"""

import argparse
import base64
import json
import random
import sys
import urllib.parse

HERE, THERE = '111122223333', '444455556666'
USERS = ['alice', 'bob', 'team/alice', 'Alice']
ROLES = ['app', 'svc/app', 'admin', 'a/b/app']
SESSIONS = ['s1', 's2', 'i-0abc']
SERVICES = ['ec2.amazonaws.com', 'lambda.amazonaws.com']

RESOURCES = {
    's3:GetObject': [
        'arn:aws:s3:::data/a/b.txt', 'arn:aws:s3:::data/alice/x', 'arn:aws:s3:::logs/a:b/c', 'arn:aws:s3:::data/*',
        'arn:aws:s3:::data/日本/x', 'arn:aws:s3:::Data/a/b.txt', 'arn:aws:s3:::data/a?b', 'arn:aws:s3:::data/$x'
    ],
    's3:PutObject': ['arn:aws:s3:::data/a/b.txt', 'arn:aws:s3:::data/team/alice'],
    's3:ListBucket': ['arn:aws:s3:::data', 'arn:aws:s3:::logs'],
    's3:ListAllMyBuckets': ['*'],
    'ec2:StartInstances': ['arn:aws:ec2:eu-west-1:@:instance/i-1', 'arn:aws:ec2:us-east-1:@:instance/i-2'],
    'ec2:DescribeInstances': ['*'],
    'sqs:SendMessage': ['arn:aws:sqs:us-east-1:@:queue', 'arn:aws:sqs:eu-west-1:@:Queue'],
    'dynamodb:GetItem': ['arn:aws:dynamodb:us-east-1:@:table/t/index/i'],
    'kms:Decrypt': ['arn:aws:kms:us-east-1:@:key/1234'],
    'kms:DescribeKey': ['arn:aws:kms:us-east-1:@:key/1234'],
    'sts:AssumeRole': ['arn:aws:iam::@:role/app', 'arn:aws:iam::@:role/svc/app', 'arn:aws:iam::@:role/admin'],
    'sts:TagSession': ['arn:aws:iam::@:role/svc/app'],
    'sts:GetCallerIdentity': ['*'],
    'iam:GetRole': ['arn:aws:iam::@:role/app', 'arn:aws:iam::@:role/aws-reserved/sso.amazonaws.com/x'],
    'iam:AttachRolePolicy': ['arn:aws:iam::@:role/app', 'arn:aws:iam::@:role/aws-reserved/sso.amazonaws.com/x'],
    'iam:CreatePolicyVersion': ['arn:aws:iam::@:policy/p', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    'iam:GetPolicy': ['arn:aws:iam::@:policy/p', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    'iam:ChangePassword': ['arn:aws:iam::@:user/alice', 'arn:aws:iam::@:user/team/alice'],
    'kms:UpdateAlias': ['arn:aws:kms:us-east-1:@:alias/aws/s3'],
}
ACTIONS = list(RESOURCES)
OFTEN = ['s3:PutObject', 's3:ListBucket', 'ec2:StartInstances', 'sqs:SendMessage', 'kms:Decrypt', 'sts:AssumeRole'] * 2
COMMON_ACTIONS = ['s3:GetObject'] * 6 + OFTEN + ACTIONS

TEXTS = [
    'alice', 'Alice', 'bob', 'a*b', 'a?b', 'axb', 'ab', '', 'a', 'team/alice', '日本', '日', '$', '${x}', '*', 'eu-west-1',
    'us-east-1', 'ALICE', '5', 'true', 'data'
]
NUMBERS = [
    '5', '5.0', '-5', '+5', '05', '4.99', '10', '9007199254740992', '9007199254740993', '9007199254740993', 'five', '',
    '5,0', '0', '-0', '3600', '0.1', '0.10'
]
DATES = [
    '2026-01-01T00:00:00Z', '2026-01-01T00:00Z', '2026-01-01T09:00:00+09:00', '1767225600', '2026-01-01T00:00:01Z',
    '2025-12-31T19:00-05:00', '2026-06-30T12:00:00Z', '1782820800', 'never', '2026-02-30T00:00:00Z',
    '2024-02-29T00:00:00Z', '2026-01-01T00:00:00.5Z', '1767225599'
]
ADDRESSES = [
    '10.1.2.3', '10.200.0.1', '192.0.2.7', '203.0.113.5', '2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:db8:ffff::9',
    '::1', '::ffff:10.1.2.3', 'ec2.amazonaws.com', '10.1.2'
]
NETWORKS = [
    '10.0.0.0/8', '10.1.2.3', '10.1.2.3/32', '192.0.2.0/24', '203.0.113.0/29', '0.0.0.0/0', '::/0', '2001:db8::/32',
    '2001:db8::1', '2001:db8::/48', '10.1.2.0/23', '::ffff:10.0.0.0/104', '10.0.0.0/33', '300.0.0.0/8', 'anywhere',
    '192.0.2.7/31'
]
BINARY = [base64.b64encode(each).decode() for each in (b'', b'a', b'ab', b'abc', b'\x00\xff', b'abd')] + ['!!', 'a']
ARNS = [
    'arn:aws:iam::111122223333:user/alice', 'arn:aws:iam::111122223333:role/svc/app',
    'arn:aws:sns:us-east-1:111122223333:topic', 'arn:aws:s3:::data', 'arn:aws:s3:::data/a:b/c',
    'arn:aws:iam::444455556666:role/app', 'alice', 'arn:aws:s3', 'arn:aws:s3:::data/a*c'
]
BOOLEANS = ['true', 'false']

KEYS = {
    'String': [
        'aws:username', 'aws:PrincipalTag/team', 'aws:RequestedRegion', 's3:prefix', 'aws:TagKeys',
        'aws:RequestTag/Owner'
    ],
    'Numeric': ['aws:MultiFactorAuthAge', 's3:max-keys'],
    'Date': ['aws:CurrentTime', 'aws:TokenIssueTime', 'aws:EpochTime'],
    'Bool': ['aws:MultiFactorAuthPresent', 'aws:SecureTransport', 'aws:ViaAWSService'],
    'Binary': ['app:blob'],
    'Ip': ['aws:SourceIp', 'aws:VpcSourceIp'],
    'Arn': ['aws:PrincipalArn', 'aws:SourceArn'],
}
VALUES = {
    'String': TEXTS, 'Numeric': NUMBERS, 'Date': DATES, 'Bool': BOOLEANS, 'Binary': BINARY, 'Ip': ADDRESSES, 'Arn': ARNS
}
KIND_OF = {key: kind for kind, keys in KEYS.items() for key in keys}
ALL_KEYS = list(KIND_OF)
MULTI = {'aws:TagKeys', 's3:prefix', 'aws:SourceArn', 'aws:VpcSourceIp', 'app:blob', 's3:max-keys', 'aws:EpochTime'}
FULL = {'Effect': 'Allow', 'Action': '*', 'Resource': '*'}
COMPARISONS = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']
OPERATORS = {
    'String': [
        'StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike',
        'StringNotLike'
    ],
    'Numeric': ['Numeric' + each for each in COMPARISONS],
    'Date': ['Date' + each for each in COMPARISONS],
    'Bool': ['Bool'],
    'Binary': ['BinaryEquals'],
    'Ip': ['IpAddress', 'NotIpAddress'],
    'Arn': ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
}


class Generator:
    """Cases, one after another."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.chance = self.dice.random
        self.number = 0
        self.sid = 0

    def pick(self, of):
        return of[int(self.chance() * len(of))]

    def cased(self, text, odds=0.1):
        if self.chance() >= odds:
            return text
        return self.pick([text.upper, text.lower, text.swapcase])()

    # The request

    def principal(self):
        kind = self.chance()
        account = HERE
        if kind < 0.34:
            return 'arn:aws:iam::%s:user/%s' % (account, self.pick(USERS))
        if kind < 0.60:
            role = self.pick(ROLES).rpartition('/')[2]
            return 'arn:aws:sts::%s:assumed-role/%s/%s' % (account, role, self.pick(SESSIONS))
        if kind < 0.70:
            return 'arn:aws:iam::%s:role/%s' % (account, self.pick(ROLES))
        if kind < 0.80:
            return 'arn:aws:sts::%s:federated-user/%s' % (account, self.pick(['fed', 'Fed']))
        if kind < 0.87:
            return 'arn:aws:iam::%s:root' % account
        return self.pick(SERVICES) if kind < 0.94 else '*'

    def context(self):
        found = {}
        for key in ALL_KEYS:
            if self.chance() < 0.55:
                continue
            pool = VALUES[KIND_OF[key]]
            value = self.pick(pool)
            shape = self.chance()
            if key in MULTI and shape < 0.5:
                value = [self.pick(pool) for _ in range(self.pick([0, 1, 2, 2, 3]))]
            elif shape < 0.06:
                value = [value, self.pick(pool)]
            elif shape < 0.25:
                value = [value]
            elif KIND_OF[key] == 'Bool' and shape < 0.6:
                value = value == 'true'
            elif KIND_OF[key] in ('Numeric', 'Date') and shape < 0.6:
                value = self.pick([5, 5.0, -5, 3600, 0, 10, 0.1, 1767225600])
            found[self.cased(key, 0.15)] = value
        return found

    def request(self):
        action = self.pick(COMMON_ACTIONS)
        principal = self.principal()
        resource = self.pick(RESOURCES[action]).replace('@', HERE if self.chance() < 0.75 else THERE)
        if action == 'sts:AssumeRole' and principal.endswith(':root'):
            action, resource = 's3:GetObject', 'arn:aws:s3:::data/a/b.txt'
        found = {'principal': principal, 'action': self.cased(action), 'resource': resource}
        if self.chance() < (0.4 if '::' in resource else 0.15):
            found['resource_account'] = self.pick([HERE, HERE, THERE])
        if self.chance() < 0.9:
            found['context'] = self.context()
        return found

    # Parts of statements

    def wild(self, text):
        """`text` as a pattern that mostly still fits."""
        if not text:
            return '*'
        at = int(self.chance() * len(text))
        end = at + int(self.chance() * (len(text) - at + 1))
        return self.pick([
            text, text[:at] + '*', '*' + text[at:], text[:at] + '?' + text[at + 1:], text[:at] + '*' + text[end:],
            '*' + text[at:end] + '*', text + '*', '*?*' + text[at:], text[:at] + '**' + text[at:], text + '?', '*'
        ])

    def action_pattern(self, request, near):
        action = request['action']
        if not near:
            action = self.pick(ACTIONS)
        how = self.chance()
        service, _, name = action.partition(':')
        if how < 0.35:
            return self.cased(action, 0.3)
        if how < 0.5:
            return '*'
        if how < 0.65:
            return service + ':*'
        if how < 0.96:
            return self.cased(service + ':' + self.wild(name), 0.2)
        return self.pick([
            service, name, service + ':', action + ' ', 'unknown:' + name,
            service.upper() + ':*', '', '*:*', 's*:' + name
        ])

    def variable(self, request, text):
        """A variable that stands for `text` where the context has it, else one with a default or none."""
        context = request.get('context', {})
        names = [key for key, value in context.items() if value == text or value == [text]]
        how = self.chance()
        if names and text and how < 0.5:
            return '${%s}' % self.cased(self.pick(names), 0.2)
        if how < 0.75:
            return "${%s%s'%s'}" % (self.pick(['aws:absent', 'aws:username', 'aws:TagKeys', 'aws:PrincipalTag/team']),
                                    self.pick([', ', ',', ' , ']), text if "'" not in text and '}' not in text else '')
        return self.pick([
            '${aws:username}', '${aws:absent}', '${aws:TagKeys}', '${*}', '${?}', '${$}', '${aws:PrincipalTag/Team}',
            '$', '${', '${}', "${aws:absent,''}", '${aws:userName}'
        ])

    def resource_pattern(self, request, near):
        resource = request['resource']
        if not near or resource == '*':
            resource = self.pick(self.pick(list(RESOURCES.values()))).replace('@', HERE)
        how = self.chance()
        if resource == '*' or how < 0.22:
            return '*'
        field = resource.split(':', 5)
        if how < 0.5:
            field[5] = self.wild(field[5])
        elif how < 0.65:
            at = self.pick([1, 2, 3, 4])
            field[at] = self.wild(field[at])
        elif how < 0.85:
            rest = field[5]
            pieces = rest.split('/')
            at = int(self.chance() * len(pieces))
            pieces[at] = self.variable(request,
                                       pieces[at]) if self.chance() < 0.8 else pieces[at] + self.variable(request, '')
            field[5] = '/'.join(pieces)
        elif how < 0.88:
            field[5] = escaped(field[5])
        elif how < 0.92:
            return self.pick([
                'arn:*', 'arn:aws:s3:*', 'arn:aws:s3:::*', resource[:-1],
                resource.upper(),
                resource.replace('/', ':'), 'arn:aws:*:data/a/b.txt',
                resource.lower(), 'arn:aws:s3::*:data/*', 'arn:aws:*:*:*:*', 'arn:${aws:absent}:s3:::*'
            ])
        return ':'.join(field)

    def several(self, make, request, near):
        """A text, or a list of them: mostly one that fits, seldom empty."""
        how = self.chance()
        if how < 0.6:
            return make(request, near)
        if how < 0.98:
            found = [make(request, near)] + [make(request, False) for _ in range(self.pick([0, 1, 1, 2]))]
            self.dice.shuffle(found)
            return found
        return []

    def condition_value(self, kind, operator, request, held):
        text = self.pick(held) if held and self.chance() < 0.6 else self.pick(VALUES[kind])
        if kind == 'Ip':
            return self.pick(NETWORKS)
        if kind == 'Bool':
            return self.pick(['true', 'false', True, False, 'true', '${aws:SecureTransport}'])
        if kind == 'Numeric' and self.chance() < 0.3:
            return self.pick([5, -5, 0, 10, 3600, 5.0])
        if kind == 'Date' and self.chance() < 0.2:
            return 1767225600
        if 'Like' in operator and kind == 'String' and self.chance() < 0.6:
            text = self.wild(text)
        if kind in ('String', 'Arn') and self.chance() < 0.15:
            return escaped(text)
        if kind == 'Arn' and self.chance() < 0.5:
            field = text.split(':', 5)
            at = int(self.chance() * len(field))
            field[at] = self.wild(field[at])
            text = ':'.join(field)
        if kind in ('String', 'Arn') and self.chance() < 0.25:
            return self.variable(request, text) if self.chance() < 0.7 else text[:2] + self.variable(request, text[2:])
        return text

    def condition(self, request, negative):
        """A condition block of one to three tests."""
        context = request.get('context', {})
        known = {key.lower(): value for key, value in context.items()}
        block = {}
        for _ in range(self.pick([1, 1, 1, 2, 3])):
            kind = self.pick(
                ['String', 'String', 'String', 'Numeric', 'Date', 'Bool', 'Bool', 'Binary', 'Ip', 'Ip', 'Arn', 'Null'])
            if kind == 'Null':
                block.setdefault('Null',
                                 {})[self.pick(ALL_KEYS)] = self.pick(['true', 'false', True, False, ['true', 'false']])
                continue
            operator = self.pick(OPERATORS[kind])
            key = self.pick(KEYS[kind])
            if self.chance() < 0.04 and kind != 'Date':  # whether 9007199254740992 is a date is open
                key = self.pick(ALL_KEYS)
            held = known.get(key.lower(), [])
            held = [each for each in (held if isinstance(held, list) else [held]) if isinstance(each, str)]
            count = self.pick([1, 1, 1, 1, 2, 3])
            values = [self.condition_value(kind, operator, request, held) for _ in range(count)]
            how = self.chance()
            name = operator + ('IfExists' if self.chance() < 0.25 else '')
            if self.chance() < (0.6 if key in MULTI else 0.15):
                name = self.pick(['ForAnyValue:', 'ForAllValues:']) + name
            if how < 0.02:
                values = []
            elif count == 1 and how < 0.7:
                values = values[0]
            if name.lower() not in {each.lower() for each in block}:
                block[self.cased(name, 0.1)] = {self.cased(key, 0.2): values}
            elif name in block and key.lower() not in {each.lower() for each in block[name]}:
                block[name][key] = values
        return block

    def one_principal(self, request, near):
        caller = request['principal']
        account = HERE if near or self.chance() < 0.5 else THERE
        if near and caller.startswith('arn'):
            kind, _, rest = caller.rpartition(':')[2].partition('/')
            how = self.chance()
            if how < 0.35:
                return 'AWS', caller
            if how < 0.55 and kind == 'assumed-role':
                return 'AWS', 'arn:aws:iam::%s:role/%s' % (account,
                                                           self.pick(['', 'svc/', 'a/b/']) + rest.partition('/')[0])
            if how < 0.75:
                return 'AWS', account if self.chance() < 0.5 else 'arn:aws:iam::%s:root' % account
            return 'AWS', '*'
        if near:
            return ('AWS', '*') if caller == '*' or self.chance() < 0.3 else ('Service', caller)
        return self.pick([('AWS', '*'), ('AWS', account),
                          ('AWS', 'arn:aws:iam::%s:user/%s' % (account, self.pick(USERS))),
                          ('AWS', 'arn:aws:iam::%s:role/%s' % (account, self.pick(ROLES))),
                          ('AWS', 'arn:aws:iam::%s:user/*' % account),
                          ('AWS', 'arn:aws:sts::%s:assumed-role/app/%s' % (account, self.pick(SESSIONS))),
                          ('Service', self.pick(SERVICES)), ('AWS', 'AIDAEXAMPLE'),
                          ('Federated', 'cognito-identity.amazonaws.com'), ('CanonicalUser', '79a59df900b949e5'),
                          ('AWS', 'arn:aws:sts::%s:federated-user/fed' % account),
                          ('AWS', 'arn:aws:iam::%s:role/APP' % account)])

    def principals(self, request, near):
        if self.chance() < 0.15:
            return '*'
        found = {}
        for place in range(self.pick([1, 1, 1, 2, 3])):
            kind, text = self.one_principal(request, near and place == 0)
            found.setdefault(kind, []).append(text)
        return {kind: its[0] if len(its) == 1 and self.chance() < 0.6 else its for kind, its in found.items()}

    def spared(self, request):
        """A NotPrincipal list: the caller in all its forms, or some of them."""
        caller = request['principal']
        forms = []
        if caller.startswith('arn'):
            forms = [caller, HERE if self.chance() < 0.5 else 'arn:aws:iam::%s:root' % HERE]
            if 'assumed-role/' in caller:
                forms.append('arn:aws:iam::%s:role/%s' % (HERE, caller.split('/')[1]))
        elif caller != '*':
            return {'Service': caller}
        forms = [each for each in forms if self.chance() < 0.85] or [self.one_principal(request, False)[1]]
        return {'AWS': forms}

    def statement(self, layer, request, effect, near):
        """`near`: mostly made of what the request has."""
        found = {}
        if self.chance() < 0.4:
            self.sid += 1
            found['Sid'] = 'S%d' % self.sid
        found['Effect'] = effect
        near_action, near_resource = (self.chance() < (0.93 if near else 0.5) for _ in range(2))
        if self.chance() < 0.1:
            found['NotAction'] = self.several(self.action_pattern, request, near and self.chance() < 0.1)
        else:
            found['Action'] = self.several(self.action_pattern, request, near_action)
        if layer == 'resource' and self.chance() < 0.15:
            pass
        elif self.chance() < 0.1:
            found['NotResource'] = self.several(self.resource_pattern, request, near and self.chance() < 0.1)
        else:
            found['Resource'] = self.several(self.resource_pattern, request, near_resource)
        if layer in ('resource', 'endpoint', 'rcp'):
            if layer != 'resource' and self.chance() < 0.03:
                pass
            elif layer == 'rcp' or (layer == 'endpoint' and self.chance() < 0.7):
                found['Principal'] = self.pick(['*', {'AWS': '*'}])
            elif layer == 'resource' and self.chance() < 0.02:
                pass
            elif layer == 'resource' and effect == 'Deny' and self.chance() < 0.3:
                found['NotPrincipal'] = self.spared(request)
            else:
                found['Principal'] = self.principals(request, self.chance() < (0.9 if near else 0.5))
        elif self.chance() < 0.01:
            found['Principal'] = self.pick(['*', {'AWS': THERE}])
        if self.chance() < (0.35 if near else 0.6):
            found['Condition'] = self.condition(request, effect == 'Deny')
        return found

    def policy(self, layer, request, name, near=True):
        statements = []
        for place in range(self.pick([1, 1, 2, 2, 3])):
            if place == 0 and self.chance() < 0.9:
                effect, its_near = 'Allow', near
            else:
                effect = 'Deny' if self.chance() < 0.4 else 'Allow'
                its_near = near and self.chance() < (0.5 if effect == 'Allow' else 0.12)
            statements.append(self.statement(layer, request, effect, its_near))
        if self.chance() < 0.02:
            statements = []
        if self.chance() < 0.3:
            self.dice.shuffle(statements)
        document = {}
        how = self.chance()
        if how < 0.8:
            document['Version'] = '2012-10-17'
        elif how < 0.9:
            document['Version'] = '2008-10-17'
        if self.chance() < 0.05:
            document['Id'] = 'any'
        document['Statement'] = statements[0] if len(statements) == 1 and self.chance() < 0.5 else statements
        return {'name': name, 'document': document}

    def policies(self, request):
        caller, found, chance = request['principal'], {}, self.chance
        plain = caller.startswith('arn')
        root = caller.endswith(':root')

        def some(layer, most):
            return [
                self.policy(layer, request, '%s%d' % (layer, place),
                            chance() < 0.85) for place in range(self.pick(range(most + 1)))
            ]

        if chance() < (0.93 if plain else 0.05):
            found['identity'] = [
                self.policy('identity', request, 'id%d' % place) for place in range(self.pick([0, 1, 1, 1, 2, 2, 3]))
            ]
        needs = request['action'].lower().startswith(('kms:', 'sts:assumerole')) or not plain or THERE in str(request)
        if chance() < (0.8 if needs else 0.4):
            found['resource'] = self.policy('resource', request, 'res', chance() < 0.85)
        if plain and not root and chance() < 0.2:
            found['boundary'] = some('boundary', 1) if chance() < 0.2 else [self.policy('boundary', request, 'limit')]
        if plain and not root and chance() < (0.8 if 'federated' in caller else 0.15):
            found['session'] = some('session', 2) if chance() < 0.2 else [self.policy('session', request, 'session')]
        if chance() < 0.12:
            found['endpoint'] = some('endpoint', 1) if chance() < 0.2 else [self.policy('endpoint', request, 'door')]
        if chance() < 0.22:
            found['scp'] = [[
                self.policy('scp', request, 'scp%d%d' % (level, place))
                for place in range(self.pick([1, 1, 1, 1, 2, 2, 0]))
            ] for level in range(self.pick([0, 1, 1, 1, 2, 3]))]
        if chance() < 0.12 and 'alias' not in request['resource']:
            found['rcp'] = [[
                self.policy('rcp', request, 'rcp%d%d' % (level, place),
                            chance() < 0.2) for place in range(self.pick([0, 1, 1]))
            ] for level in range(self.pick([0, 1, 2]))]
        return found

    # Cases

    def case(self):
        """A case as a Python value."""
        self.number += 1
        self.sid = 0
        request = self.request()
        policies = self.policies(request)
        if self.chance() < 0.01:
            policies[self.pick(['identity', 'resource', 'boundary', 'session', 'endpoint', 'scp', 'rcp'])] = None
        return {'id': 'c%d' % self.number, 'request': request, 'policies': policies}

    def focused(self):
        """A case in which one thing decides: a test of a condition, a pattern, or a principal."""
        self.number += 1
        request, chance = self.request(), self.chance
        request.pop('resource_account', None)
        what = self.pick(['condition'] * 5 + ['resource'] * 2 + ['action', 'principal', 'spared'])
        if what in ('principal', 'spared'):
            return {'id': 'c%d' % self.number, 'request': request, 'policies': self.about_principals(request, what)}
        request['principal'] = 'arn:aws:iam::%s:user/alice' % HERE
        request['resource'] = request['resource'].replace(THERE, HERE)
        statement = dict(FULL)
        if what == 'condition':
            statement['Condition'] = self.one_test(request)
        elif what == 'resource':
            del statement['Resource']
            statement['Resource' if chance() < 0.8 else 'NotResource'] = self.several(
                self.resource_pattern, request,
                chance() < 0.9)
        else:
            del statement['Action']
            statement['Action' if chance() < 0.8 else 'NotAction'] = self.several(self.action_pattern, request,
                                                                                  chance() < 0.9)
        policies = {'identity': [named('id', statement, self.pick(['2012-10-17'] * 6 + ['2008-10-17', None]))]}
        return {'id': 'c%d' % self.number, 'request': request, 'policies': policies}

    def about_principals(self, request, what):
        """Policies in which one statement's principals decide, with and without limits."""
        caller, policies = request['principal'], {}
        if caller.startswith('arn:'):
            policies['identity'] = [named('id', dict(FULL))] if what == 'spared' or self.chance() < 0.3 else []
            for layer in ('boundary', 'session'):
                if not caller.endswith(':root') and self.chance() < 0.3:
                    policies[layer] = [named(layer, dict(FULL))] if self.chance() < 0.5 else []
        statement = dict(FULL)
        if what == 'spared':
            statement.update(Effect=self.pick(['Deny', 'Deny', 'Allow']), NotPrincipal=self.spared(request))
        else:
            statement['Principal'] = self.principals(request, self.chance() < 0.8)
        policies['resource'] = named('res', statement)
        return policies

    def one_test(self, request):
        """A condition block of one operator and one key, which the request mostly has."""
        kind = self.pick(list(KEYS))
        key, operator, pool = self.pick(KEYS[kind]), self.pick(OPERATORS[kind]), VALUES[kind]
        context = {name: value for name, value in request.get('context', {}).items() if name.lower() != key.lower()}
        request['context'] = context
        held = [self.pick(pool) for _ in range(self.pick([0, 1, 1, 1, 1, 1, 2, 2, 3]))]
        if held or self.chance() < 0.2:
            context[key] = held[0] if len(held) == 1 and self.chance() < 0.7 else held
        count = self.pick([1, 1, 1, 2, 3])
        values = [self.condition_value(kind, operator, request, held) for _ in range(count)]
        name = operator + ('IfExists' if self.chance() < 0.2 else '')
        if self.chance() < (0.85 if len(held) > 1 else 0.2):
            name = self.pick(['ForAnyValue:', 'ForAllValues:']) + name
        return {name: {self.cased(key): values[0] if count == 1 and self.chance() < 0.7 else values}}

    def line(self):
        """A case as a line of text; one in forty must be refused."""
        case = self.focused() if self.chance() < 0.3 else self.case()
        how = self.chance()
        if how < 0.025:
            return self.broken(case)
        if how < 0.05:
            for entry in listed(case['policies']):
                if self.chance() < 0.5:
                    text = json.dumps(entry['document'], ensure_ascii=self.chance() < 0.5, indent=self.pick([None, 1]))
                    entry['document'] = urllib.parse.quote(text, safe=self.pick(['', '/:*'
                                                                                 ])) if self.chance() < 0.6 else text
        return dump(case)

    def broken(self, case):
        """The case with one fault that must be refused."""
        entries = listed(case['policies'])
        if not entries or self.chance() < 0.2:
            return self.broken_line(case)
        document = self.pick(entries)['document']
        statement = document['Statement']
        statements = statement if isinstance(statement, list) else [statement]
        if not statements or self.chance() < 0.2:
            if self.chance() < 0.5:
                document[self.pick(['Extra', 'version', 'statements', ''])] = 'x'
            else:
                return self.doubled(case, document,
                                    self.pick([each for each in ('Version', 'Statement') if each in document]))
            return dump(case)
        statement = self.pick(statements)
        return self.broken_statement(case, statement)

    def broken_statement(self, case, statement):
        how = self.pick([
            'element', 'operator', 'nullifexists', 'effect', 'no effect', 'no action', 'two actions', 'doubled',
            'doubled operator', 'doubled key', 'qualifier'
        ])
        if how == 'element':
            statement[self.pick(['Conditions', 'Actions', 'Resources', 'NotEffect', 'Sids'])] = 'x'
        elif how in ('operator', 'nullifexists', 'qualifier'):
            name = {
                'operator':
                self.pick(['StringMatches', 'Equals', 'IfExists', 'StringEqualsIfExistsIfExists', 'IpAddresses']),
                'nullifexists':
                'NullIfExists', 'qualifier':
                self.pick(['ForEachValue:StringEquals', 'ForAnyValue:', 'StringEquals:ForAnyValue'])
            }[how]
            statement.setdefault('Condition', {})[name] = {'aws:username': 'true'}
        elif how == 'effect':
            statement['Effect'] = self.pick(['allow', 'Permit', ''])
        elif how == 'no effect':
            del statement['Effect']
        elif how == 'no action':
            statement.pop('Action', None)
            statement.pop('NotAction', None)
        elif how == 'two actions':
            statement.update({'Action': 's3:*', 'NotAction': 's3:*'})
        elif how == 'doubled':
            return self.doubled(case, statement, 'Effect')
        elif how == 'doubled operator':
            statement['Condition'] = {'Bool': {'aws:SecureTransport': 'true'}}
            return self.doubled(case, statement['Condition'], 'Bool')
        else:
            statement['Condition'] = {'Bool': {'aws:SecureTransport': 'true'}}
            return self.doubled(case, statement['Condition']['Bool'], 'aws:SecureTransport')
        return dump(case)

    def doubled(self, case, members, name):
        """The case as text, the member `name` of the object `members` given twice."""
        value = members[name]
        members['\0again'] = value
        text = dump(case).replace('"\\u0000again"', json.dumps(name))
        del members['\0again']
        return text

    def broken_line(self, case):
        how = self.chance()
        text = dump(case)
        if how < 0.3:
            return text[:int(self.chance() * (len(text) - 1)) + 1]
        if how < 0.6:
            case['request'].setdefault('context', {}).update({'aws:Twice': 'a', 'AWS:twice': 'a'})
            return dump(case)
        if how < 0.8:
            del case['request'][self.pick(['principal', 'action', 'resource'])]
            return dump(case)
        return text + self.pick([']', '}', ' x', ',{}'])


def escaped(text):
    """`text` with each of `*`, `?` and `$` as the variable that stands for it."""
    return ''.join('${%s}' % each if each in '*?$' else each for each in text)


def named(name, statement, version='2012-10-17'):
    """A policy of one statement."""
    return {'name': name, 'document': dict({'Version': version} if version else {}, Statement=[statement])}


def listed(policies):
    """All policies of a case."""
    found = []
    for layer, given in policies.items():
        if given is None:
            continue
        found += [given] if layer == 'resource' else [each for level in given
                                                      for each in level] if layer in ('scp', 'rcp') else given
    return found


def dump(case):
    return json.dumps(case, ensure_ascii=False, separators=(',', ':'))


def lines(seed, count):
    maker = Generator(seed)
    return (maker.line() for _ in range(count))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=1000)
    given = parser.parse_args()
    for line in lines(given.seed, given.count):
        sys.stdout.write(line + '\n')


if __name__ == '__main__':
    main()
