#!/usr/bin/env python3
"""A slow and literal IAM policy evaluator: the second opinion on `nezuban policy eval --format ndjson`.

usage: policy_oracle.py < cases.ndjson > verdicts.ndjson

Written from the facts on policy evaluation and from the contract of the command, apart from the C code, so that the two
cannot share a mistake. Nothing is compiled and nothing is remembered between cases but the meaning of a text.

Where the sources leave a choice, this file takes one and says so beside it ("Choice:").
"""

import json
import re
import sys
import urllib.parse

from policy_language import (Doubled, Refused, action_fits, key_holds, operator_parts, read_json, refuse_doubled,
                             resource_fits, scalars, texts)

LAYERS = ('scp', 'rcp', 'resource', 'identity', 'boundary', 'session', 'endpoint', 'service')
WITH_PRINCIPAL = {'resource', 'rcp', 'endpoint'}
POLICY_ELEMENTS = {'Version', 'Id', 'Statement'}
STATEMENT_ELEMENTS = {
    'Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'NotPrincipal', 'Condition'
}
PRINCIPAL_KINDS = {'AWS', 'Service', 'Federated', 'CanonicalUser'}

# Policies


class Statement:
    """One statement, its values as lists. `place` is (layer, policy, number, sid)."""

    def __init__(self, layer, policy, number_, value, version):
        if not isinstance(value, dict):
            raise Refused('a statement is no object', policy)
        for element in value:
            if element not in STATEMENT_ELEMENTS:
                raise Refused('unknown element "%s"' % element, policy)
        self.version, self.layer = version, layer
        self.effect = value.get('Effect')
        if self.effect not in ('Allow', 'Deny'):
            raise Refused('Effect is neither Allow nor Deny', policy)
        sid = value.get('Sid')
        if sid is not None and type(sid) is not str:
            raise Refused('Sid is no text', policy)
        self.place = (layer, policy, number_, sid)
        self.action, self.not_action = self.one_of(value, 'Action', policy, True)
        # the contract: a statement of a trust or key policy without Resource means `*`
        self.resource, self.not_resource = self.one_of(value, 'Resource', policy, layer != 'resource', ['*'])
        self.principal = self.not_principal = None
        if 'Principal' in value and 'NotPrincipal' in value:
            raise Refused('both Principal and NotPrincipal', policy)
        if layer in WITH_PRINCIPAL:  # the contract: Principal in an identity policy is ignored
            self.principal, self.not_principal = self.principals(value, policy)
        self.condition = self.conditions(value.get('Condition', {}), policy)

    @staticmethod
    def one_of(value, name, policy, needed, otherwise=None):
        positive, negative = value.get(name), value.get('Not' + name)
        if positive is not None and negative is not None:
            raise Refused('both %s and Not%s' % (name, name), policy)
        if positive is not None:
            return texts(positive, name, policy), None
        if negative is not None:
            return None, texts(negative, 'Not' + name, policy)
        if needed:
            raise Refused('neither %s nor Not%s' % (name, name), policy)
        return otherwise, None

    @staticmethod
    def principals(value, policy):
        found = []
        for name in ('Principal', 'NotPrincipal'):
            element = value.get(name)
            if name not in value:
                found.append(None)
            elif element == '*':
                found.append([('AWS', '*')])
            elif isinstance(element, dict):
                for kind in element:
                    if kind not in PRINCIPAL_KINDS:
                        raise Refused('unknown kind of principal "%s"' % kind, policy)
                found.append([(kind, each) for kind, its in element.items() for each in texts(its, name, policy)])
            else:
                raise Refused('%s is neither * nor an object' % name, policy)
        return found

    @staticmethod
    def conditions(block, policy):
        if not isinstance(block, dict):
            raise Refused('Condition is no object', policy)
        found = []
        for name, keys in block.items():
            operator = operator_parts(name)
            if operator is None:
                raise Refused('unknown operator "%s"' % name, policy)
            if not isinstance(keys, dict):
                raise Refused('"%s" holds no object' % name, policy)
            found += [(operator, key, scalars(values, key, policy)) for key, values in keys.items()]
        return found

    def grade(self, request):
        """NONE when the statement does not match, else how far it names the caller."""
        if self.action is not None:
            if not any(action_fits(each, request.action) for each in self.action):
                return NONE
        elif any(action_fits(each, request.action) for each in self.not_action):
            return NONE
        if self.resource is not None:
            if not any(resource_fits(each, request.resource, request.context, self.version) for each in self.resource):
                return NONE
        elif any(resource_fits(each, request.resource, request.context, self.version) for each in self.not_resource):
            return NONE
        named = self.names(request) if self.layer in WITH_PRINCIPAL else FREE
        if named != NONE and all(
                key_holds(operator, key, values, request.context, self.version)
                for operator, key, values in self.condition):
            return named
        return NONE

    def names(self, request):
        """How the statement's principals name the caller: the best row of the table in F.1."""
        if self.principal is not None:
            return max((request.caller.row(kind, text) for kind, text in self.principal), default=NONE)
        if self.not_principal is None:
            # the contract: a resource statement without Principal never matches. Choice: one of the other two, always
            return NONE if self.layer == 'resource' else FREE
        if request.has_boundary and self.effect == 'Deny':
            return request.caller.star()  # F.2: principals with a boundary are always denied by it
        spared = request.caller.listed(self.not_principal, wholly=self.effect == 'Deny')
        return NONE if spared else request.caller.star()


def read_policy(layer, entry):
    """The statements of {"name","document"}; a document is an object, or its text, also percent-encoded."""
    if not isinstance(entry, dict):
        raise Refused('a policy is no object')
    name, document = entry.get('name'), entry.get('document')
    if type(name) is not str:
        raise Refused('a policy has no name')
    if type(document) is str:
        text = document if document.lstrip(' \t\r\n\ufeff').startswith('{') else urllib.parse.unquote(document,
                                                                                                      errors='strict')
        document = read_json(text[1:] if text.startswith('\ufeff') else text, name)
    refuse_doubled(document, name)
    if not isinstance(document, dict):
        raise Refused('the document is no object', name)
    for element in document:
        if element not in POLICY_ELEMENTS:
            raise Refused('unknown element "%s"' % element, name)
    version = document.get('Version', '2008-10-17')
    if version not in ('2008-10-17', '2012-10-17'):
        raise Refused('unknown Version', name)
    if 'Statement' not in document:
        raise Refused('no Statement', name)
    statements = document['Statement']
    if not isinstance(statements, list):
        statements = [statements]
    return [Statement(layer, name, place, each, version) for place, each in enumerate(statements)]


# Who asks

NONE, DELEGATED, LIMITED, FREE = range(4)  # does not match; account named; limited by boundary and session; not limited
ACCOUNT = re.compile(r'[0-9]{12}')


class Caller:
    """The principal of a request."""

    def __init__(self, text):
        self.text, self.account, self.name, self.session = text, None, None, None
        part = text.split(':', 5)
        if text == '*':
            self.kind = 'anonymous'
        elif part[0] == 'arn' and len(part) == 6:
            self.partition, self.account = part[1], part[4]
            self.kind, slash, rest = part[5].partition('/')
            known = {'iam': ('user', 'role', 'root'), 'sts': ('assumed-role', 'federated-user')}.get(part[2], ())
            if self.kind not in known or (self.kind == 'root') == bool(slash):
                raise Refused('the principal is of no known kind')
            self.name = rest
            if self.kind == 'assumed-role':
                self.name, _, self.session = rest.partition('/')
        else:
            self.kind = 'service'

    def named_as(self, kind, text):
        """As what a principal of a policy names the caller: 'self', 'role', 'account', 'star', 'service' or None."""
        if kind == 'Service':
            return 'service' if self.kind == 'service' and text == self.text else None
        if kind != 'AWS':
            return None  # no caller of the contract is a CanonicalUser or a web identity
        if text == '*':
            return 'star'
        if self.account is None:
            return None
        if text in (self.account, 'arn:%s:iam::%s:root' % (self.partition, self.account)):
            return 'account'
        if text == self.text:
            return 'role' if self.kind == 'role' else 'self'
        if self.kind == 'assumed-role':
            part = text.split(':', 5)  # the contract: assumed-role/R/S equals role R under any path
            if part[:5] == ['arn', self.partition, 'iam', '', self.account] and part[5].startswith('role/'):
                return 'role' if part[5].rpartition('/')[2] == self.name else None
        return None

    def row(self, kind, text):
        named = self.named_as(kind, text)
        return {None: NONE, 'account': DELEGATED, 'role': LIMITED, 'self': FREE, 'service': FREE}.get(named) \
            if named != 'star' else self.star()

    def star(self):
        """`*` names the user or role as a row of the table does; a federated user, as the user it came from."""
        return LIMITED if self.kind in ('role', 'assumed-role', 'federated-user') else FREE

    def listed(self, principals, wholly):
        """Whether NotPrincipal spares the caller. F.2: a Deny only whom it lists as role and account and session.

        Choice: an Allow leaves out everyone it lists in any way.
        """
        found = {self.named_as(kind, text) for kind, text in principals} - {None}
        if not wholly:
            return bool(found)
        if 'star' in found:
            return True
        needed = {
            'user': {'self', 'account'}, 'federated-user': {'self', 'account'}, 'role': {'role', 'account'},
            'assumed-role': {'self', 'role',
                             'account'}, 'root': {'account'}, 'service': {'service'}, 'anonymous': {'star'}
        }
        return needed[self.kind] <= found


class Request:
    """What is asked. Nothing is derived."""

    def __init__(self, value, policies):
        for name in ('principal', 'action', 'resource'):
            if type(value.get(name)) is not str:
                raise Refused('the request has no %s' % name)
        self.caller = Caller(value['principal'])
        self.action, self.resource = value['action'], value['resource']
        self.has_boundary = policies.get('boundary') is not None
        field = self.resource.split(':', 5)
        its = field[4] if len(field) == 6 and ACCOUNT.fullmatch(field[4]) else self.caller.account
        self.resource_account = value.get('resource_account') or its
        self.context = {}
        context = {} if value.get('context') is None else value['context']
        if not isinstance(context, dict):
            raise Refused('the context is no object')
        for key, values in context.items():
            if key.lower() in self.context:
                raise Refused('the context has "%s" twice' % key)
            self.context[key.lower()] = scalars(values, key)

    def service(self):
        return self.action.lower().partition(':')[0]

    def resource_part(self, service):
        field = self.resource.split(':', 5)
        return field[5] if len(field) == 6 and field[2] == service else ''

    def needs_resource_policy(self):
        """F.1: KMS needs the key policy, sts:AssumeRole the trust policy; Choice: so does each sts action on a role."""
        if self.service() == 'kms':
            return self.resource_part('kms').startswith('key/')
        return self.service() == 'sts' and self.resource_part('iam').startswith('role/')

    def edits_what_aws_owns(self):
        """Contract: AWS-managed policies, aws-reserved roles and alias/aws/* keys cannot be edited."""
        name = self.action.lower().partition(':')[2]
        if self.service() == 'iam':
            field = self.resource.split(':', 5)
            its = field[4] == 'aws' and self.resource_part('iam').startswith('policy/') if len(field) == 6 else False
            reserved = self.resource_part('iam').startswith('role/aws-reserved/')
            return (its or reserved) and not name.startswith(('get', 'list', 'simulate', 'generate', 'passrole'))
        if self.service() == 'kms' and self.resource_part('kms').startswith('alias/aws/'):
            return name.startswith(('put', 'delete', 'update', 'schedule', 'disable', 'enable', 'createalias', 'cancel',
                                    'tag', 'untag', 'replicate', 'import'))
        return False


# The decision


class Case:
    """A case line, read whole before anything is decided."""

    def __init__(self, value):
        if not isinstance(value, dict):
            raise Refused('the line is no object')
        policies, request = value.get('policies', {}), value.get('request')
        if not isinstance(request, dict) or not isinstance(policies, dict):
            raise Refused('request or policies is no object')
        for kind in policies:
            if kind not in LAYERS[:7]:
                raise Refused('unknown kind of policy "%s"' % kind)
        self.request = Request(request, policies)
        self.layers = {}
        for layer, given in policies.items():
            if given is None:
                continue  # Choice: null is as absent
            if layer != 'resource' and not isinstance(given, list):
                raise Refused('%s is no list' % layer)
            if layer == 'resource':
                self.layers[layer] = read_policy(layer, given)
            elif layer in ('scp', 'rcp'):
                if not all(isinstance(level, list) for level in given):
                    raise Refused('a level of %s is no list' % layer)
                self.layers[layer] = [[each for entry in level for each in read_policy(layer, entry)]
                                      for level in given]
            else:
                self.layers[layer] = [each for entry in given for each in read_policy(layer, entry)]


def matching(statements, request, effect):
    """(grade, place) of each matching statement with this effect, in order."""
    graded = ((each.grade(request), each.place) for each in statements if each.effect == effect)
    return [(grade, place) for grade, place in graded if grade != NONE]


def verdict(decision, decided_by=(), blocked_by=()):
    named = [dict(zip(('layer', 'policy', 'statement', 'sid'), place)) for place in decided_by]
    return {'decision': decision, 'decided_by': named, 'blocked_by': list(blocked_by)}


def applying(case):
    """The layers that apply to this caller: F.1 and the contract's list."""
    layers = dict(case.layers)
    if case.request.resource_part('kms').startswith('alias/aws/'):
        layers.pop('rcp', None)  # F.1 step 3: not for AWS-managed KMS keys
    if case.request.caller.account is None:
        layers.pop('scp', None)
    return layers


def decide(case):
    request, layers = case.request, applying(case)
    if request.action.lower() == 'sts:getcalleridentity':
        return verdict('allowed')
    flat = {
        layer: [each for level in layers.get(layer, [])
                for each in level] if layer in ('scp', 'rcp') else layers.get(layer, [])
        for layer in LAYERS[:7]
    }
    denies = [place for layer in LAYERS[:7] for _, place in matching(flat[layer], request, 'Deny')]
    if denies:
        return verdict('explicitly-denied', denies)
    if request.action.lower() == 'sts:getsessiontoken':
        return verdict('allowed')  # F.2: needs no permission
    allows, lacking = granted(case, layers, flat)
    for level in layers.get('scp', []):
        found = matching(level, request, 'Allow')
        allows += [('scp', found[0][1])] if found else []
        lacking |= set() if found else {'scp'}
    if 'endpoint' in layers:
        found = matching(flat['endpoint'], request, 'Allow')
        allows += [('endpoint', found[0][1])] if found else []
        lacking |= set() if found else {'endpoint'}
    if request.edits_what_aws_owns():
        lacking.add('service')
    if lacking:
        return verdict('implicitly-denied', (), [layer for layer in LAYERS if layer in lacking])
    order = sorted(allows, key=lambda allow: LAYERS.index(allow[0]))
    return verdict('allowed', [place for _, place in order if place])


def granted(case, layers, flat):
    """Of resource, identity, boundary and session: (layer, place) of the allows needed, and the layers lacking one."""
    request, caller = case.request, case.request.caller
    first = {
        layer: next((place for _, place in matching(flat[layer], request, 'Allow')), None)
        for layer in ('identity', 'boundary', 'session')
    }
    limits = {layer: first[layer] for layer in ('boundary', 'session') if layer in layers}
    named = matching(flat['resource'], request, 'Allow')
    if caller.account is None:
        return judge({'resource': named[0][1] if named else None})
    side = dict(limits)
    if caller.kind != 'root':  # which has an implicit allow
        side['identity'] = first['identity']
    if caller.kind == 'federated-user' and 'session' not in layers:
        side['session'] = None  # F.2: its rights are the user's and the session policy's; without one only resource's
    if caller.account != request.resource_account:
        return judge(dict(side, resource=named[0][1] if named else None))
    # Choice: a role trusts itself explicitly also where its trust policy names its account
    direct = [
        dict(limits, resource=place) if grade == LIMITED else {'resource': place} for grade, place in named
        if grade != DELEGATED
    ]
    if request.needs_resource_policy():
        side['resource'] = named[0][1] if named else None
    results = [judge(way) for way in direct + [side]]
    for result in results:
        if not result[1]:
            return result
    # Choice: told are the layers that were needed, as in decided_by; within one account a resource policy is not, but
    # by the services' own rules, and what it grants without identity lacks no more than its limits.
    return results[0]


def judge(way):
    """A way to an allow, {layer: place or None}: what it stands on and what it lacks."""
    return list(way.items()), {layer for layer, place in way.items() if place is None}


def answer_value(value):
    """The verdict on a case read from its line."""
    name = value.get('id') if isinstance(value, dict) else None
    try:
        refuse_doubled_case(value)
        result = decide(Case(value))
    except Refused as error:
        result = {'error': {'policy': error.policy, 'line': error.line, 'column': error.column, 'message': str(error)}}
    return dict({'id': name}, **result)


def refuse_doubled_case(value):
    """A name given twice outside the documents; those are looked at where they are read, with their names."""
    if isinstance(value, dict) and 'document' in value:
        value = {name: each for name, each in value.items() if name != 'document'} if type(value) is dict else value
    if isinstance(value, Doubled):
        refuse_doubled(value)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        refuse_doubled_case(each)


def answer(line):
    """The verdict on one case line, as a Python value."""
    try:
        value = read_json(line)
    except Refused as error:
        return {
            'id': None, 'error': {'policy': None, 'line': error.line, 'column': error.column, 'message': str(error)}
        }
    return answer_value(value)


def main():
    failed = False
    for line in sys.stdin:
        result = answer(line)
        failed = failed or 'error' in result
        print(json.dumps(result, ensure_ascii=False, separators=(',', ':')))
    sys.exit(2 if failed else 0)


if __name__ == '__main__':
    main()
