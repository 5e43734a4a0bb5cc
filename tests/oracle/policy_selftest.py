#!/usr/bin/env python3
"""Hand-derived policy decisions, each with the fact it comes from: they hold the oracle, or nezuban, to the sources.

usage: policy_selftest.py [NEZUBAN]      with a program, that is held to them instead
       policy_selftest.py --self-test    proves that a wrong answer is seen

F and C are the parts of the facts on AWS accounts, "design" is the contract of `policy eval`. An expectation is a
decision, or a decision and the layers that block, or an error with the policy's name; and what the decision stands on
as LAYER/POLICY/STATEMENT.
"""

import json
import subprocess
import sys

import policy_oracle

A, B = '111122223333', '444455556666'
USER = 'arn:aws:iam::%s:user/alice' % A
ROLE = 'arn:aws:iam::%s:role/svc/app' % A
SESSION = 'arn:aws:sts::%s:assumed-role/app/s1' % A
FEDERATED = 'arn:aws:sts::%s:federated-user/fed' % A
ROOT = 'arn:aws:iam::%s:root' % A
SERVICE = 'ec2.amazonaws.com'
OBJECT = 'arn:aws:s3:::data/a/b.txt'
KEY = 'arn:aws:kms:us-east-1:%s:key/1' % A
TARGET = 'arn:aws:iam::%s:role/target' % A
YES, NO, DENIED = 'allowed', 'implicitly-denied', 'explicitly-denied'


def allow(action='*', resource='*', **more):
    return dict({'Effect': 'Allow', 'Action': action, 'Resource': resource}, **more)


def deny(action='*', resource='*', **more):
    return dict({'Effect': 'Deny', 'Action': action, 'Resource': resource}, **more)


def to(principal, **more):
    """An Allow in a resource policy."""
    return dict({'Effect': 'Allow', 'Action': '*', 'Resource': '*', 'Principal': principal}, **more)


def aws(*texts):
    return {'AWS': list(texts)}


def doc(*statements, version='2012-10-17'):
    return dict({'Version': version} if version else {}, Statement=list(statements))


def named(name, document):
    return {'name': name, 'document': document}


def case(request, **layers):
    """A case from documents: `identity` and its like one or a list of them, `scp` and `rcp` lists of levels."""
    policies = {}
    for layer, given in layers.items():
        if layer == 'resource':
            policies[layer] = named('resource', given)
        elif layer in ('scp', 'rcp'):
            policies[layer] = [[named('%s%d%d' % (layer, n, m), each) for m, each in enumerate(level)]
                               for n, level in enumerate(given)]
        else:
            given = given if isinstance(given, list) else [given]
            policies[layer] = [named('%s%d' % (layer, n), each) for n, each in enumerate(given)]
    return {'id': 'x', 'request': request, 'policies': policies}


def ask(action='s3:GetObject', resource=OBJECT, principal=USER, account=None, **context):
    request = {'principal': principal, 'action': action, 'resource': resource}
    if account:
        request['resource_account'] = account
    if context:
        request['context'] = {key.replace('_', ':'): value for key, value in context.items()}
    return request


FULL = doc(allow())
EMPTY = doc()
TABLE = []


def row(fact, expected, value, *decided):
    TABLE.append((fact, expected, value, decided))


def condition(fact, expected, operator, values, present=None, version='2012-10-17', **context):
    """An Allow under a condition on app:k; `present` is that key's value."""
    if present is not None:
        context['app_k'] = present
    row(fact, expected,
        case(ask(**context), identity=doc(allow(Condition={operator: {'app:k': values}}), version=version)))


def conditions(fact, rows):
    for operator, values, present, holds in rows:
        condition(fact, YES if holds else (NO, ['identity']), operator, values, present)


def actions():
    fact = 'F.2 Action: '
    for pattern, action, fits in [('s3:getobject', 's3:GetObject', True), ('S3:GETOBJECT', 's3:GetObject', True),
                                  ('s3:GetObject', 'S3:gETobject', True), ('s3:Get*', 's3:GetObject', True),
                                  ('s3:*Obj*', 's3:GetObject', True), ('s3:Get?bject', 's3:GetObject', True),
                                  ('s3:Get?', 's3:GetObject', False), ('s3:GetObject?', 's3:GetObject', False),
                                  ('s3:*', 's3:GetObject', True), ('s3:*', 's3express:CreateSession', False),
                                  ('*', 's3:GetObject', True), ('ec2:*', 's3:GetObject', False),
                                  ('madeup:Thing', 'madeup:Thing', True)]:
        row(fact + pattern, YES if fits else (NO, ['identity']), case(ask(action), identity=doc(allow(pattern))))
    row('design: Action text that fits no pattern never matches', (NO, ['identity']),
        case(ask(), identity=doc(allow('GetObject'))))
    row(fact + 'NotAction with Allow grants every other service', YES,
        case(ask(), identity=doc({'Effect': 'Allow', 'NotAction': 'iam:*', 'Resource': '*'})), 'identity/identity0/0')
    row(fact + 'NotAction', (NO, ['identity']),
        case(ask(), identity=doc({'Effect': 'Allow', 'NotAction': ['iam:*', 's3:Get*'], 'Resource': '*'})))


def resources():
    fact = 'F.2 Resource: '
    for pattern, resource, fits in [(OBJECT, OBJECT, True), ('arn:aws:s3:::DATA/a/b.txt', OBJECT, False),
                                    ('arn:aws:s3:::data/*', OBJECT, True),
                                    ('arn:aws:s3:::*', 'arn:aws:s3:::a:b/c', True),
                                    ('arn:aws:s3:::d?ta/a/b.txt', OBJECT, True), ('*', OBJECT, True),
                                    ('arn:aws:s3:*:*:data/*', OBJECT, True), ('arn:aws:s3*', OBJECT, False),
                                    ('arn:*:data/a/b.txt', OBJECT, False), ('arn:aws:s3:::data', OBJECT, False),
                                    ('*', '*', True), ('arn:aws:s3:::*', '*', False),
                                    ('arn:aws:sqs:*:%s:q' % A, 'arn:aws:sqs:us-east-1:%s:q' % A, True),
                                    ('arn:aws:sqs:us-*-1:%s:q' % A, 'arn:aws:sqs:eu-west-1:%s:q' % A, False)]:
        row(fact + pattern, YES if fits else (NO, ['identity']),
            case(ask(resource=resource), identity=doc(allow(resource=pattern))))
    row(fact + 'NotResource', YES,
        case(ask(), identity=doc({'Effect': 'Allow', 'Action': '*', 'NotResource': 'arn:aws:s3:::logs/*'})))
    row(fact + 'NotResource', (NO, ['identity']),
        case(ask(), identity=doc({'Effect': 'Allow', 'Action': '*', 'NotResource': OBJECT})))
    row('F.2 Parsing: every value a text or an array', YES,
        case(ask(), identity=doc(allow(['ec2:*', 's3:*'], ['arn:aws:s3:::x', OBJECT]))))


def operators():
    conditions('F.2 Operators: String', [('StringEquals', 'a', 'a', True), ('StringEquals', 'a', 'A', False),
                                         ('StringEquals', 'a*', 'ab', False), ('StringEquals', ['x', 'a'], 'a', True),
                                         ('StringNotEquals', 'a', 'b', True),
                                         ('StringNotEquals', ['a', 'b'], 'b', False),
                                         ('StringEqualsIgnoreCase', 'aB', 'Ab', True),
                                         ('StringNotEqualsIgnoreCase', 'aB', 'Ab', False),
                                         ('StringLike', 'a*c?', 'abbcd', True), ('StringLike', 'A*', 'ab', False),
                                         ('StringLike', 'a?', 'a日', True), ('StringNotLike', ['x*', 'a*'], 'ab', False),
                                         ('stringLIKE', 'a*', 'ab', True)])
    conditions('F.2 Operators: Numeric (decimal, sign; text that is no number: no match)',
               [('NumericEquals', '5', '5.0', True), ('NumericEquals', 5, '+5', True),
                ('NumericNotEquals', '5', '6', True), ('NumericLessThan', '0', '-1', True),
                ('NumericLessThan', '10', '9', True), ('NumericLessThanEquals', '5', 5, True),
                ('NumericGreaterThan', '9007199254740992', '9007199254740993', True),
                ('NumericGreaterThanEquals', '5', '4.99', False), ('NumericEquals', 'five', 'five', False)])
    conditions('F.2 Operators: Date (ISO 8601 with offset, no seconds, and epoch seconds)',
               [('DateEquals', '2026-01-01T00:00:00Z', '1767225600', True),
                ('DateEquals', '2026-01-01T09:00+09:00', '2026-01-01T00:00:00Z', True),
                ('DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', True),
                ('DateGreaterThan', 1767225600, '2026-01-01T00:00:00Z', False),
                ('DateGreaterThanEquals', '2026-01-01T00:00Z', '2026-01-01T00:00:00Z', True),
                ('DateLessThanEquals', 'never', '1767225600', False),
                ('DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', True)])
    conditions('F.2 Operators: Bool, BinaryEquals', [('Bool', 'true', 'true', True), ('Bool', True, True, True),
                                                     ('Bool', 'false', 'true', False), ('Bool', 'true', 'yes', False),
                                                     ('BinaryEquals', 'YWI=', 'YWI=', True),
                                                     ('BinaryEquals', 'YWI=', 'YWJj', False)])
    conditions('F.2 Operators: IpAddress (bare address = /32 or /128, v4-mapped v6 is not v4)',
               [('IpAddress', '10.0.0.0/8', '10.200.0.1', True), ('IpAddress', '10.1.2.3', '10.1.2.3', True),
                ('IpAddress', '10.1.2.3', '10.1.2.4', False), ('IpAddress', '2001:db8::/32', '2001:DB8:0:0::1', True),
                ('IpAddress', '2001:db8::1', '2001:db8::2', False),
                ('IpAddress', '10.0.0.0/8', '::ffff:10.1.2.3', False), ('IpAddress', '0.0.0.0/0', '2001:db8::1', False),
                ('NotIpAddress', ['10.0.0.0/8', '192.0.2.0/24'], '192.0.2.9', False),
                ('NotIpAddress', '10.0.0.0/8', '2001:db8::1', True)])
    conditions('F.2 Operators: Arn (Equals is Like; six fields)',
               [('ArnEquals', 'arn:aws:sns:*:%s:t*' % A, 'arn:aws:sns:us-east-1:%s:topic' % A, True),
                ('ArnLike', 'arn:aws:sns:*', 'arn:aws:sns:r:a:t', False),
                ('ArnNotEquals', 'arn:aws:s3:::d*', 'arn:aws:s3:::data', False),
                ('ArnNotLike', 'arn:aws:s3:::x', 'arn:aws:s3:::data', True)])
    row('F.2 Operators: unknown operator is an error', 'error identity0',
        case(ask(), identity=doc(allow(Condition={'StringMatches': {'a': 'b'}}))))
    row('F.2 Condition blocks: NullIfExists is invalid', 'error identity0',
        case(ask(), identity=doc(allow(Condition={'NullIfExists': {'a': 'true'}}))))


def keys():
    conditions('F.2 Condition blocks: missing key: positive false, negated true, IfExists true, Null compares absence',
               [('StringEquals', 'a', None, False), ('StringNotEquals', 'a', None, True),
                ('StringEqualsIfExists', 'a', None, True), ('StringEqualsIfExists', 'a', 'b', False),
                ('NotIpAddress', '10.0.0.0/8', None, True), ('BoolIfExists', 'false', None, True),
                ('Bool', 'false', None, False), ('ArnNotLike', 'arn:aws:s3:::x', None, True),
                ('NumericGreaterThanIfExists', '1', None, True), ('Null', 'true', None, True),
                ('Null', 'false', None, False), ('Null', 'true', 'x', False), ('Null', False, 'x', True)])
    conditions('F.2 Condition blocks: ForAllValues true when missing or empty, ForAnyValue false when missing',
               [('ForAllValues:StringEquals', 'a', None, True), ('ForAllValues:StringEquals', 'a', [], True),
                ('ForAllValues:StringEquals', ['a', 'b'], ['b', 'a'], True),
                ('ForAllValues:StringEquals', ['a', 'b'], ['b', 'c'], False),
                ('ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], True),
                ('ForAnyValue:StringEquals', 'a', None, False), ('ForAnyValue:StringEquals', 'a', ['b', 'a'], True),
                ('ForAnyValue:StringNotEquals', 'a', ['a', 'b'], True),
                ('ForAnyValue:StringNotEquals', 'a', ['a'], False),
                ('forallvalues:stringLikeifexists', 'a*', ['ab', 'b'], False),
                ('ForAnyValue:StringNotEquals', 'a', None, False)])
    conditions('F.2 Condition blocks: single-valued operator on a multivalued key: no match',
               [('StringEquals', ['a', 'b'], ['a', 'b'], False), ('StringEquals', 'a', ['a'], True)])
    fact = 'F.2 Condition blocks: AND across operators and keys; key names in any case'
    both = {
        'StringEquals': {'AWS:UserName': 'alice', 'aws:requesttag/Team': 'x'}, 'Bool': {'aws:SecureTransport': 'true'}
    }
    for secure, team, expected in [(True, 'x', YES), (False, 'x', (NO, ['identity'])), (True, 'y', (NO, ['identity']))]:
        request = ask()
        request['context'] = {'aws:username': 'alice', 'aws:RequestTag/team': team, 'AWS:SecureTransport': secure}
        row(fact, expected, case(request, identity=doc(allow(Condition=both))))
    request = ask()
    request['context'] = {'aws:k': 'a', 'AWS:K': 'a'}
    row('design: the same name twice in different case is an error', 'error', case(request, identity=FULL))


def variables():
    fact, home = 'F.2 Variables: ', 'arn:aws:s3:::data/${aws:username}/*'
    mine = 'arn:aws:s3:::data/alice/x'

    def one(why, expected, pattern, resource=mine, version='2012-10-17', **context):
        row(fact + why, YES if expected else (NO, ['identity']),
            case(ask(resource=resource, **context), identity=doc(allow(resource=pattern), version=version)))

    one('in Resource', True, home, aws_username='alice')
    one('in Resource', False, home, aws_username='bob')
    one('Version absent has none', False, home, version=None, aws_username='alice')
    one('2008-10-17 has none',
        True,
        'arn:aws:s3:::data/${aws:username}',
        'arn:aws:s3:::data/${aws:username}',
        '2008-10-17',
        aws_username='alice')
    one('inserted literally', False, home, aws_username='*')
    one('inserted literally', True, home, 'arn:aws:s3:::data/*/x', aws_username='*')
    one('unresolved: Resource never matches', False, home)
    one('default', True, "arn:aws:s3:::data/${aws:username, 'alice'}/*")
    one('default is for the missing key', False, "arn:aws:s3:::data/${aws:username, 'alice'}/*", aws_username='bob')
    one('design: a default may be empty', True, "arn:aws:s3:::data/${aws:username,''}*", mine)
    one('escapes', True, 'arn:aws:s3:::data/${*}${?}${$}', 'arn:aws:s3:::data/*?$')
    one('escapes are no wildcards', False, 'arn:aws:s3:::data/${*}', mine)
    one('single-valued keys', False, home, aws_username=['alice', 'bob'])
    one('only after the fifth colon', False, 'arn:aws:${aws:service}:::data/*', mine, aws_service='s3')
    for operator, values, context, holds in [
        ('StringEquals', '${aws:username}', {'aws_username': 'a', 'app_k': 'a'}, True),
        ('StringEquals', '${aws:username}', {'app_k': 'a'}, False),
        ('StringNotEquals', '${aws:username}', {'app_k': 'a'}, True),
        ('StringLike', '${aws:username}', {'aws_username': 'a*', 'app_k': 'ab'}, False),
        ('StringLike', 'a${*}', {'app_k': 'a*'}, True), ('StringLike', 'a${*}', {'app_k': 'ab'}, False),
        ('StringEquals', "${aws:username,'d'}", {'app_k': 'd'}, True),
        ('ArnLike', '${aws:PrincipalArn}', {'aws_PrincipalArn': USER, 'app_k': USER}, True),
        ('StringEquals', ['${aws:absent}', 'b'], {'app_k': 'b'}, True)
    ]:
        condition(fact + 'in String and Arn conditions; unresolved: positive false, negated true', YES if holds else
                  (NO, ['identity']), operator, values, **context)
    condition(fact + 'only Version 2012-10-17',
              YES,
              'StringEquals',
              '${aws:username}',
              '${aws:username}',
              None,
              aws_username='a')


def table():
    fact = 'F.1 table: '
    none = dict(identity=[])
    row(fact + 'user ARN, not limited by identity', YES, case(ask(), resource=doc(to(aws(USER))), **none),
        'resource/resource/0')
    row(fact + 'user ARN, not limited by boundary', YES, case(ask(),
                                                              resource=doc(to(aws(USER))),
                                                              boundary=EMPTY,
                                                              **none))
    row(fact + 'user ARN, not limited by session policy', YES,
        case(ask(), resource=doc(to(aws(USER))), session=EMPTY, **none))
    row(fact + 'federated-user session ARN, no limits', YES,
        case(ask(principal=FEDERATED), resource=doc(to(aws(FEDERATED))), boundary=EMPTY, session=EMPTY, **none))
    row(fact + 'role ARN, identity not needed', YES, case(ask(principal=SESSION), resource=doc(to(aws(ROLE))), **none))
    row(fact + 'role ARN, limited by boundary', (NO, ['boundary']),
        case(ask(principal=SESSION), resource=doc(to(aws(ROLE))), boundary=EMPTY, **none))
    row(fact + 'role ARN, limited by session policy', (NO, ['session']),
        case(ask(principal=SESSION), resource=doc(to(aws(ROLE))), session=EMPTY, **none))
    row(fact + 'role ARN with both', YES,
        case(ask(principal=SESSION), resource=doc(to(aws(ROLE))), session=FULL, boundary=FULL, **none),
        'resource/resource/0', 'boundary/boundary0/0', 'session/session0/0')
    row(fact + 'session ARN, no limits', YES,
        case(ask(principal=SESSION), resource=doc(to(aws(SESSION))), boundary=EMPTY, session=EMPTY, **none))
    row('F.2 Principal: another session is not named', (NO, ['identity']),
        case(ask(principal=SESSION), resource=doc(to(aws(SESSION + 'x'))), **none))
    for account in (A, ROOT):
        row(fact + 'account delegates', (NO, ['identity']), case(ask(), resource=doc(to(aws(account))), **none))
        row(fact + 'account delegates', YES, case(ask(), resource=doc(to(aws(account))), identity=FULL))
        row(fact + 'account, limited by boundary', (NO, ['boundary']),
            case(ask(), resource=doc(to(aws(account))), identity=FULL, boundary=EMPTY))
    for star in ('*', aws('*')):
        row(fact + '* grants anybody', YES, case(ask(principal='*'), resource=doc(to(star))), 'resource/resource/0')
        row(fact + '* names the user as the user row', YES, case(ask(), resource=doc(to(star)), boundary=EMPTY, **none))
        row(fact + '* names the role as the role row', (NO, ['boundary']),
            case(ask(principal=SESSION), resource=doc(to(star)), boundary=EMPTY, **none))
    row(fact + 'service principal', YES, case(ask(principal=SERVICE, account=B), resource=doc(to({'Service':
                                                                                                  SERVICE}))))
    row(fact + 'only to that service', (NO, ['resource']),
        case(ask(principal=SERVICE), resource=doc(to({'Service': 'lambda.amazonaws.com'}))))
    row('F.2 Principal: ARN with wildcard is invalid except lone *', (NO, ['identity']),
        case(ask(), resource=doc(to(aws('arn:aws:iam::%s:user/*' % A))), **none))
    row('F.2 Principal: a stored id never matches', (NO, ['identity']),
        case(ask(), resource=doc(to(aws('AIDAEXAMPLE'))), **none))
    row('design: assumed-role/R/S equals role R under any path', YES,
        case(ask(principal=SESSION), resource=doc(to(aws('arn:aws:iam::%s:role/other/path/app' % A))), **none))
    row('design: a resource statement without Principal never matches', (NO, ['identity']),
        case(ask(), resource=doc(allow()), **none))
    row('design: Principal in an identity policy is ignored', YES, case(ask(), identity=doc(to(aws(B)))))
    row('design: a federated user without session: only resource policies count', (NO, ['session']),
        case(ask(principal=FEDERATED), identity=FULL))
    row('F.2 Sessions: GetFederationToken = user and session policy', YES,
        case(ask(principal=FEDERATED), identity=FULL, session=FULL), 'identity/identity0/0', 'session/session0/0')
    row('F.2 Sessions: role session = role and session policy', (NO, ['session']),
        case(ask(principal=SESSION), identity=FULL, session=doc(allow('ec2:*'))))


def not_principal():
    fact, role = 'F.2 Principal: NotPrincipal: list role and account and session', 'arn:aws:iam::%s:role/app' % A

    def one(principal, spared, expected, **more):
        statement = {'Effect': 'Deny', 'NotPrincipal': aws(*spared), 'Action': '*', 'Resource': '*'}
        row(fact, expected, case(ask(principal=principal), identity=FULL, resource=doc(statement), **more))

    one(USER, [USER, A], YES)
    one(USER, [USER], DENIED)
    one(USER, [ROOT], DENIED)
    one(SESSION, [SESSION, role, ROOT], YES)
    one(SESSION, [role, ROOT], DENIED)
    one(SESSION, [SESSION, ROOT], DENIED)
    one(USER, [USER, A], DENIED, boundary=FULL)


def cross_account():
    fact = 'F.1: cross-account: both sides must allow'
    out = ask(account=B)
    row(fact, (NO, ['resource']), case(out, identity=FULL))
    row(fact, (NO, ['identity']), case(out, identity=[], resource=doc(to(aws(USER)))))
    row(fact, YES, case(out, identity=FULL, resource=doc(to(aws(USER)))), 'resource/resource/0', 'identity/identity0/0')
    row(fact, YES, case(out, identity=FULL, resource=doc(to(aws(A)))))
    row('F.1: an identity-side boundary limits even when the resource policy names the user', (NO, ['boundary']),
        case(out, identity=FULL, boundary=EMPTY, resource=doc(to(aws(USER)))))
    row("design: resource_account, when absent the ARN's", (NO, ['resource']),
        case(ask('sqs:SendMessage', 'arn:aws:sqs:us-east-1:%s:q' % B), identity=FULL))
    row('F.1: explicit Deny wins on either side', DENIED,
        case(out, identity=doc(allow(), deny()), resource=doc(to(aws(USER)))), 'identity/identity0/1')
    row('F.1: a * names others too', YES, case(out, identity=FULL, resource=doc(to('*'))))


def own_rules():
    fact = 'F.1: KMS: the key policy is required'
    decrypt = ask('kms:Decrypt', KEY)
    row(fact, (NO, ['resource']), case(decrypt, identity=FULL))
    row(fact, YES, case(decrypt, identity=FULL, resource=doc(to(aws(ROOT)))), 'resource/resource/0',
        'identity/identity0/0')
    row(fact, (NO, ['identity']), case(decrypt, identity=[], resource=doc(to(aws(ROOT)))))
    row(fact, YES, case(decrypt, identity=[], resource=doc(to(aws(USER)))), 'resource/resource/0')
    row(fact, (NO, ['resource']), case(decrypt, identity=FULL, resource=doc(to(aws(B)))))
    fact, assume = 'F.1: role trust policies: ', ask('sts:AssumeRole', TARGET)
    trust = {'Effect': 'Allow', 'Action': 'sts:AssumeRole'}
    row(fact + 'named by ARN needs no identity allow', YES,
        case(assume, resource=doc(dict(trust, Principal=aws(USER)))), 'resource/resource/0')
    row(fact + 'account-named needs one', (NO, ['identity']),
        case(assume, resource=doc(dict(trust, Principal=aws(ROOT)))))
    row(fact + 'account-named needs one', YES,
        case(assume, identity=FULL, resource=doc(dict(trust, Principal=aws(ROOT)))))
    row(fact + 'a role must be explicitly trusted to assume itself', (NO, ['resource']),
        case(ask('sts:AssumeRole', ROLE, SESSION), identity=FULL, resource=doc(dict(trust, Principal=aws(USER)))))
    row(fact + 'a role must be explicitly trusted to assume itself', YES,
        case(ask('sts:AssumeRole', ROLE, SESSION), resource=doc(dict(trust, Principal=aws(ROLE)))))
    fact = 'F.1: account root: implicitly allowed, still under SCP, RCP and Deny'
    row(fact, YES, case(ask(principal=ROOT)))
    row(fact, (NO, ['scp']), case(ask(principal=ROOT), scp=[[doc(allow('ec2:*'))]]))
    row(fact, DENIED, case(ask(principal=ROOT), resource=doc(deny(Principal='*'))), 'resource/resource/0')
    row(fact, DENIED, case(ask(principal=ROOT), rcp=[[doc(deny(Principal='*'))]]), 'rcp/rcp00/0')
    fact = 'F.2 Always allowed / design: '
    row(fact + 'sts:GetCallerIdentity whatever denies', YES,
        case(ask('sts:GetCallerIdentity', '*'), identity=doc(deny())))
    row(fact + 'AWS-managed policies cannot be edited', (NO, ['service']),
        case(ask('iam:CreatePolicyVersion', 'arn:aws:iam::aws:policy/ReadOnlyAccess'), identity=FULL))
    row(
        fact + 'aws-reserved roles cannot be edited', (NO, ['service']),
        case(ask('iam:UpdateAssumeRolePolicy', 'arn:aws:iam::%s:role/aws-reserved/sso.amazonaws.com/x' % A),
             identity=FULL))
    row(fact + 'they can be read', YES,
        case(ask('iam:GetRole', 'arn:aws:iam::%s:role/aws-reserved/sso.amazonaws.com/x' % A), identity=FULL))


def limits():
    ec2 = doc(allow('ec2:*'))
    fact = 'F.1 step 2: SCP: levels are AND, policies of a level are OR'
    row(fact, YES, case(ask(), identity=FULL, scp=[[FULL], [ec2, FULL]]), 'scp/scp00/0', 'scp/scp11/0',
        'identity/identity0/0')
    row(fact, (NO, ['scp']), case(ask(), identity=FULL, scp=[[FULL], [ec2]]))
    row('F.1 step 2: full IAM language in SCPs', (NO, ['scp']),
        case(ask(), identity=FULL, scp=[[doc(allow(Condition={'Bool': {'a:b': 'true'}}))]]))
    row('design: scp [] is as absent', YES, case(ask(), identity=FULL, scp=[]))
    row('design: an empty level allows nothing', (NO, ['scp']), case(ask(), identity=FULL, scp=[[FULL], []]))
    row('design: scp is ignored for anonymous and services', YES,
        case(ask(principal='*'), resource=doc(to('*')), scp=[[doc(deny())]]))
    row('design: every rcp level has RCPFullAWSAccess besides', YES, case(ask(), identity=FULL, rcp=[[], []]))
    row('F.1 step 3: RCP applies to outside callers', DENIED,
        case(ask(principal='*'), resource=doc(to('*')), rcp=[[doc(deny(Principal='*'))]]))
    for layer in ('boundary', 'session', 'endpoint'):
        row('design: [] in %s allows nothing' % layer, (NO, [layer]), case(ask(), identity=FULL, **{layer: []}))
    row('F.1 step 6: a boundary is never a grant', (NO, ['identity']), case(ask(), identity=[], boundary=FULL))
    row('F.1 step 6: boundary', YES, case(ask(), identity=FULL, boundary=FULL), 'identity/identity0/0',
        'boundary/boundary0/0')
    row('F.1 step 8: endpoint must allow', (NO, ['endpoint']),
        case(ask(), identity=FULL, endpoint=doc(to('*', Action='ec2:*'))))
    row('F.1 step 8: independent of the rest', (NO, ['endpoint']),
        case(ask(), resource=doc(to(aws(USER))), endpoint=doc(to(aws(B)))))
    row('F.1 step 8: endpoint', YES, case(ask(), identity=FULL, endpoint=doc(to('*'))), 'identity/identity0/0',
        'endpoint/endpoint0/0')
    row('F.1 step 1: all denying statements', DENIED,
        case(ask(), identity=[doc(allow(), deny(), deny('s3:*')),
                              doc(deny('s3:Get*'))], boundary=doc(deny())), 'identity/identity0/1',
        'identity/identity0/2', 'identity/identity1/0', 'boundary/boundary0/0')
    row('F.1 step 9: name each layer that lacked an allow',
        (NO, ['scp', 'identity', 'boundary', 'session', 'endpoint']),
        case(ask(), identity=EMPTY, scp=[[EMPTY]], boundary=EMPTY, session=EMPTY, endpoint=EMPTY))
    row('F.1 step 9: implicitly denied', (NO, ['identity']), case(ask()))


def mfa_and_source():

    def user(statement, expected, why, **context):
        row(why, expected, case(ask(**context), identity=doc(allow(), statement)))

    def mfa(effect, operator, value):
        test = {operator: {'aws:MultiFactorAuthPresent': value}}
        return deny(Condition=test) if effect == 'Deny' else allow(Condition=test)

    for operator, value, key, console, session in [('BoolIfExists', 'false', DENIED, DENIED, YES),
                                                   ('Bool', 'false', YES, DENIED, YES),
                                                   ('Null', 'true', DENIED, YES, YES)]:
        why = 'C.2 table: Deny + %s %s' % (operator, value)
        user(mfa('Deny', operator, value), key, why)
        user(mfa('Deny', operator, value), console, why, aws_MultiFactorAuthPresent='false')
        user(mfa('Deny', operator, value), session, why, aws_MultiFactorAuthPresent='true')
    for operator, value, key, console, session in [('Bool', 'true', NO, NO, YES),
                                                   ('BoolIfExists', 'true', YES, NO, YES),
                                                   ('Null', 'false', NO, YES, YES)]:
        why = 'C.2 table: Allow + %s %s' % (operator, value)
        for context, expected in [({}, key), ({'aws_MultiFactorAuthPresent': 'false'}, console),
                                  ({'aws_MultiFactorAuthPresent': 'true'}, session)]:
            row(why, expected, case(ask(**context), identity=doc(mfa('Allow', operator, value))))
    age = deny(Condition={'NumericGreaterThan': {'aws:MultiFactorAuthAge': '3600'}})
    user(age, YES, 'C.2 table: Deny + NumericGreaterThan age')
    user(age, DENIED, 'C.2 table: Deny + NumericGreaterThan age', aws_MultiFactorAuthAge=3601)
    outside = deny(
        Condition={'NotIpAddress': {'aws:SourceIp': ['203.0.113.0/24']}, 'Bool': {'aws:ViaAWSService': 'false'}})
    user(outside, YES, 'C.1: inside', aws_SourceIp='203.0.113.9', aws_ViaAWSService='false')
    user(outside, DENIED, 'C.1: outside', aws_SourceIp='198.51.100.1', aws_ViaAWSService='false')
    user(outside, YES, 'C.1: a service acts with the credentials', aws_SourceIp='198.51.100.1', aws_ViaAWSService=True)
    user(outside, DENIED, 'C.1: NotIpAddress denies VPC endpoint traffic', aws_ViaAWSService='false')
    user(outside,
         DENIED,
         'C.1 mistake 4: an IPv6 caller is outside',
         aws_SourceIp='2001:db8::1',
         aws_ViaAWSService='false')


def documents():
    fact = 'F.2 Parsing: '
    row(fact + 'Statement object or array', YES, case(ask(), identity={'Version': '2012-10-17', 'Statement': allow()}))
    row(
        fact + 'percent-decoding of documents', YES,
        case(ask(),
             identity='%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C'
             '%22Resource%22%3A%22%2A%22%7D%5D%7D'))
    row(fact + 'bad JSON', 'error identity0', case(ask(), identity='{"Statement":'))
    row(fact + 'duplicate keys', 'error identity0', case(ask(), identity='{"Statement":[],"Statement":[]}'))
    row(fact + 'unknown element', 'error identity0', case(ask(), identity=doc(allow(Resources='*'))))
    row(fact + 'unknown element', 'error boundary0', case(ask(), identity=FULL, boundary=dict(FULL, Statements=[])))
    row(fact + 'exactly one of Action/NotAction', 'error identity0', case(ask(), identity=doc(allow(NotAction='s3:*'))))
    row(fact + 'exactly one of Resource/NotResource', 'error identity0',
        case(ask(), identity=doc(allow(NotResource='*'))))
    row(fact + 'exactly one of Action/NotAction', 'error identity0',
        case(ask(), identity=doc({'Effect': 'Allow', 'Resource': '*'})))
    row(fact + 'exactly one of Principal/NotPrincipal', 'error resource',
        case(ask(), resource=doc(to('*', NotPrincipal='*'))))
    row(
        fact + 'trust policy without Resource', YES,
        case(ask('sts:AssumeRole', TARGET),
             resource=doc({'Effect': 'Allow', 'Principal': aws(USER), 'Action': 'sts:AssumeRole'})))
    row(fact + 'numbers and booleans as condition values', YES,
        case(ask(aws_x=5, aws_y=True), identity=doc(allow(Condition={'StringEquals': {'aws:x': 5, 'aws:y': True}}))))
    row(fact + 'Id and Sid are ignored', YES, case(ask(), identity=dict(doc(allow(Sid='Deny')), Id='any')))
    row(fact + 'empty arrays', (NO, ['identity']), case(ask(), identity=doc(allow([]), allow('*', []))))


for part in (actions, resources, operators, keys, variables, table, not_principal, cross_account, own_rules, limits,
             mfa_and_source, documents):
    part()


def differs(expected, decided, answer):
    """What is wrong with an answer, or None."""
    if isinstance(expected, str) and expected.startswith('error'):
        name = expected[6:] or None
        return None if 'error' in answer and answer['error']['policy'] == name else 'expected %s' % expected
    decision, blocked = expected if isinstance(expected, tuple) else (expected, None)
    if answer.get('decision') != decision:
        return 'expected %s' % decision
    if blocked is not None and answer['blocked_by'] != blocked:
        return 'expected to be blocked by %s' % blocked
    found = ['%s/%s/%d' % (each['layer'], each['policy'], each['statement']) for each in answer['decided_by']]
    return 'expected to stand on %s' % list(decided) if decided and found != list(decided) else None


def wrong(answers):
    """The number of rows answered wrongly; each is told."""
    count = 0
    for (fact, expected, value, decided), answer in zip(TABLE, answers):
        problem = differs(expected, decided, answer)
        if problem:
            count += 1
            print('%s\n  %s\n  got %s\n  for %s' % (fact, problem, json.dumps(answer), json.dumps(value)))
    return count


def main():
    lines = [json.dumps(value) for _, _, value, _ in TABLE]
    if sys.argv[1:] == ['--self-test']:
        answers = [policy_oracle.answer(line) for line in lines]
        turned = [dict(each, decision='maybe') if 'decision' in each else {} for each in answers]
        seen = sum(
            differs(expected, decided, answer) is not None for (_, expected, _, decided), answer in zip(TABLE, turned))
        sys.exit(0 if seen == len(TABLE) else 'only %d of %d wrong answers are seen' % (seen, len(TABLE)))
    if len(sys.argv) > 1:
        run = subprocess.run([sys.argv[1], 'policy', 'eval', '--format', 'ndjson'],
                             input='\n'.join(lines) + '\n',
                             capture_output=True,
                             encoding='utf-8',
                             check=False)
        answers = [json.loads(line) for line in run.stdout.splitlines()]
        if len(answers) != len(lines):
            sys.exit('%d answers to %d cases: %s' % (len(answers), len(lines), run.stderr))
    else:
        answers = [policy_oracle.answer(line) for line in lines]
    count = wrong(answers)
    print('%d cases, %d wrong' % (len(TABLE), count))
    sys.exit(1 if count else 0)


if __name__ == '__main__':
    main()
