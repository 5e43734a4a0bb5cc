"""What the policy oracle reads and compares: JSON, text patterns, actions, ARNs, condition operators.

Written from the facts on policy evaluation, part F.2, apart from the C code. Where they leave a choice, one is taken
and named beside it ("Choice:").
"""

import base64
import binascii
import functools
import ipaddress
import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

VARIABLES_SINCE = '2012-10-17'


class Refused(Exception):
    """What gives an error line: the policy's name (None where no policy is at fault), the place and a sentence."""

    def __init__(self, message, policy=None, line=None, column=None):
        super().__init__(message)
        self.policy, self.line, self.column = policy, line, column


# JSON: numbers keep their text, a name given twice is seen.


class Number(str):
    """A JSON number as its source text."""


class Doubled(dict):
    """An object in which a name came twice."""

    name = ''


def members(pairs):
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = Doubled(found)
    names = [name for name, _ in pairs]
    doubled.name = next(name for name in names if names.count(name) > 1)
    return doubled


def no_constant(text):
    raise ValueError('%s is not JSON' % text)


DECODER = json.JSONDecoder(object_pairs_hook=members, parse_int=Number, parse_float=Number, parse_constant=no_constant)


def read_json(text, policy=None):
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Refused(error.msg, policy, error.lineno, error.colno) from None
    except (ValueError, RecursionError) as error:
        raise Refused(str(error), policy) from None


def refuse_doubled(value, policy=None):
    if isinstance(value, Doubled):
        raise Refused('"%s" is given twice' % value.name, policy)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        refuse_doubled(each, policy)


def texts(value, what, policy):
    """A text or a list of texts, as a list."""
    if type(value) is str:
        return [value]
    if isinstance(value, list) and all(type(each) is str for each in value):
        return value
    raise Refused('%s is no text and no list of texts' % what, policy)


def scalar(value, what, policy=None):
    """F.2: numbers and booleans are accepted as texts."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return 'true' if value else 'false'
    raise Refused('%s holds neither text, number nor boolean' % what, policy)


def scalars(value, what, policy=None):
    return [scalar(each, what, policy) for each in (value if isinstance(value, list) else [value])]


# Text patterns. A pattern is a list of parts: a text, or ANY (`*`), or ONE (`?`).

ANY, ONE = object(), object()
VARIABLE = re.compile(r"\$\{([^}]*)\}")
NAME_AND_DEFAULT = re.compile(r"\s*([^,]*?)\s*,\s*'([^']*)'\s*", re.DOTALL)


@functools.lru_cache(maxsize=None)
def wild_parts(text):
    return tuple(ANY if part == '*' else ONE if part == '?' else part for part in re.split(r'([*?])', text) if part)


@functools.lru_cache(maxsize=200000)
def compiled(parts):
    return re.compile(''.join('.*' if part is ANY else '.' if part is ONE else re.escape(part) for part in parts),
                      re.DOTALL)


def fits(parts, text):
    return compiled(tuple(parts)).fullmatch(text) is not None


def resolve(name, context):
    """The text of ${name} or ${name, 'default'}; None when it has none. F.2: single-valued keys only.

    Choice: a key with several values is as unresolved as a missing one, so that a default is taken.
    """
    default = None
    both = NAME_AND_DEFAULT.fullmatch(name)
    if both:
        name, default = both.groups()
    values = context.get(name.lower(), ())
    return values[0] if len(values) == 1 else default


def expand(text, context, version, wild):
    """`text` as parts, its variables replaced; None when one cannot be. `wild`: `*` and `?` stand for others."""
    plain = wild_parts if wild else (lambda piece: (piece, ) if piece else ())
    if version != VARIABLES_SINCE or '${' not in text:
        return plain(text)
    parts = []
    for place, piece in enumerate(VARIABLE.split(text)):
        if place % 2 == 0:
            parts.extend(plain(piece))
        elif piece in ('*', '?', '$'):
            parts.append(piece)
        else:
            value = resolve(piece, context)
            if value is None:
                return None
            parts.append(value)  # literally: a `*` inside it is no wildcard
    return parts


def fields(parts):
    """The six fields of an ARN pattern, or None; the last takes the rest."""
    found = [[]]
    for part in parts:
        if part is ANY or part is ONE:
            found[-1].append(part)
            continue
        pieces = part.split(':', 6 - len(found))
        found[-1].append(pieces[0])
        found.extend([piece] for piece in pieces[1:])
    return found if len(found) == 6 else None


def arn_fits(parts, text):
    """F.2: six colon-separated fields compared field by field with wildcards, the last field takes the rest.

    Choice: a lone `*` matches all, as it does in Resource.
    """
    if list(parts) == [ANY]:
        return True
    pattern, value = fields(parts), text.split(':', 5)
    return pattern is not None and len(value) == 6 and all(fits(part, field) for part, field in zip(pattern, value))


# Actions and resources


@functools.lru_cache(maxsize=None)
def action_fits(pattern, action):
    """F.2: in any case; `*` alone is all, otherwise SERVICE:NAME with wildcards after the colon only.

    Choice: wildcards in the service's name fit no pattern (IAM refuses to save them), so such a text never matches;
    but `*:*` is another way to write all.
    """
    if pattern in ('*', '*:*'):
        return True
    service, colon, name = pattern.lower().partition(':')
    its_service, its_colon, its_name = action.lower().partition(':')
    if not colon or not its_colon or '*' in service or '?' in service or not service:
        return False
    return service == its_service and fits(wild_parts(name), its_name)


def resource_fits(pattern, resource, context, version):
    """A lone `*` matches all; an ARN matches field by field; variables only after the fifth colon."""
    if pattern == '*' or resource == '*':
        return fits(wild_parts(pattern), resource)  # `*` as a request's resource is a text like others
    head = pattern.split(':', 5)
    if len(head) != 6:
        return False
    rest = expand(head[5], context, version, wild=True)
    value = resource.split(':', 5)
    if rest is None or len(value) != 6:
        return False
    return all(fits(wild_parts(part), field) for part, field in zip(head[:5], value)) and fits(rest, value[5])


# Condition operators: each compares one value of the policy with one of the request.


@functools.lru_cache(maxsize=None)
def number(text):
    return Decimal(text) if re.fullmatch(r'[+-]?[0-9]+(\.[0-9]+)?', text, re.ASCII) else None


DATE = re.compile(r'(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d)))?', re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@functools.lru_cache(maxsize=None)
def date(text):
    """Seconds since 1970 as a Decimal: ISO 8601 with offset, with or without seconds, or epoch seconds."""
    if re.fullmatch(r'[+-]?[0-9]+(\.[0-9]+)?', text, re.ASCII):
        return Decimal(text)
    parts = DATE.fullmatch(text)
    if not parts:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = parts.groups()
    try:
        when = datetime(int(year),
                        int(month),
                        int(day),
                        int(hour or 0),
                        int(minute or 0),
                        int(second or 0),
                        tzinfo=timezone.utc)
    except ValueError:
        return None
    seconds = Decimal((when - EPOCH) // timedelta(seconds=1)) + Decimal('0' + (fraction or ''))
    if not sign:
        return seconds
    if int(off_hour) > 23 or int(off_minute) > 59:
        return None
    offset = int(off_hour) * 3600 + int(off_minute) * 60
    return seconds - offset if sign == '+' else seconds + offset


@functools.lru_cache(maxsize=None)
def network(text):
    try:
        return ipaddress.ip_network(text, strict=False)  # Choice: host bits after the mask are ignored
    except ValueError:
        return None


@functools.lru_cache(maxsize=None)
def address(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@functools.lru_cache(maxsize=None)
def octets(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def ordered(read, holds):
    """A comparison of two values that `read` understands; what it does not understand matches nothing."""

    def compare(policy, request):
        left, right = read(request), read(policy)
        return left is not None and right is not None and holds(left, right)

    return compare


def both_known(read):
    return ordered(read, lambda left, right: left == right)


def boolean(text):
    return {'true': True, 'false': False}.get(text.lower())  # Choice: in any case


def ip_fits(policy, request):
    net, its = network(policy), address(request)
    return net is not None and its is not None and net.version == its.version and its in net


LESS = {
    'LessThan': lambda left, right: left < right, 'LessThanEquals': lambda left, right: left <= right, 'GreaterThan':
    lambda left, right: left > right, 'GreaterThanEquals': lambda left, right: left >= right
}

# name: (negated, how the policy's value is read: None plain, 'text' with variables, 'wild' with wildcards too; test)
OPERATORS = {
    'stringequals': (False, 'text', lambda policy, request: policy == request),
    'stringnotequals': (True, 'text', lambda policy, request: policy == request),
    'stringequalsignorecase': (False, 'text', lambda policy, request: policy.lower() == request.lower()),
    'stringnotequalsignorecase': (True, 'text', lambda policy, request: policy.lower() == request.lower()),
    'stringlike': (False, 'wild', fits),
    'stringnotlike': (True, 'wild', fits),
    'arnequals': (False, 'wild', arn_fits),
    'arnlike': (False, 'wild', arn_fits),
    'arnnotequals': (True, 'wild', arn_fits),
    'arnnotlike': (True, 'wild', arn_fits),
    'bool': (False, 'text', both_known(boolean)),
    'binaryequals': (False, None, both_known(octets)),
    'ipaddress': (False, None, ip_fits),
    'notipaddress': (True, None, ip_fits),
    'numericequals': (False, None, both_known(number)),
    'numericnotequals': (True, None, both_known(number)),
    'dateequals': (False, None, both_known(date)),
    'datenotequals': (True, None, both_known(date)),
}
OPERATORS.update({'numeric' + name.lower(): (False, None, ordered(number, test)) for name, test in LESS.items()})
OPERATORS.update({'date' + name.lower(): (False, None, ordered(date, test)) for name, test in LESS.items()})
READERS = {'numericnotequals': number, 'datenotequals': date}
OPERATOR_NAME = re.compile(r'(?:(foranyvalue|forallvalues):)?(.*?)(ifexists)?', re.DOTALL)


@functools.lru_cache(maxsize=None)
def operator_parts(name):
    """(set qualifier, base, IfExists) of an operator's name in any case; None when there is no such operator."""
    qualifier, base, if_exists = OPERATOR_NAME.fullmatch(name.lower()).groups()
    if base == 'null':
        return None if if_exists else (qualifier, base, False)  # F.2: NullIfExists is invalid
    return (qualifier, base, bool(if_exists)) if base in OPERATORS else None


def value_holds(base, policy_values, value, context, version):
    """One value of the request against all of the policy: OR across them, and NOR when the operator is negated."""
    negated, kind, test = OPERATORS[base]
    if base in READERS and any(READERS[base](each) is None for each in [value, *policy_values]):
        return False  # F.2: text that is no number: no match. Choice: of the operator; so with dates
    matched = False
    for policy_value in policy_values:
        if kind:
            policy_value = expand(policy_value, context, version, wild=kind == 'wild')
            if policy_value is not None and kind == 'text':
                policy_value = ''.join(policy_value)
        matched = matched or (policy_value is not None and test(policy_value, value))
    return not matched if negated else matched


def key_holds(operator, key, policy_values, context, version):
    """One operator on one key. Choice: a key with an empty list of values is as a missing one."""
    qualifier, base, if_exists = operator
    values = context.get(key.lower(), ())
    if base == 'null':  # Choice: a set qualifier says nothing about Null
        return any(text.lower() == ('false' if values else 'true') for text in policy_values)
    if not values:
        if if_exists or qualifier == 'forallvalues':
            return True
        return qualifier is None and OPERATORS[base][0]
    if qualifier == 'foranyvalue':
        return any(value_holds(base, policy_values, value, context, version) for value in values)
    if qualifier == 'forallvalues':
        return all(value_holds(base, policy_values, value, context, version) for value in values)
    # F.2: a single-valued operator on a multivalued key does not match, negated or not
    return len(values) == 1 and value_holds(base, policy_values, values[0], context, version)
