#!/usr/bin/env python3
"""Random rules and random events that aim at the corners of Sigma; the same seed gives the same files.

usage: generate_rules.py SEED RULES EVENTS OUT_DIR      writes OUT_DIR/rules/*.yml and OUT_DIR/events/*

Values of rules are mostly made from values of events, changed a little (case, a wildcard, a cut), so that about as many
tests hold as fail. What the specification leaves open is not generated; what must be refused is, now and then.
"""

import base64
import gzip
import json
import os
import random
import re
import sys
from datetime import date

NAMES = ['CreateUser', 'DeleteTrail', 'RunInstances', 'GetObject', 'ConsoleLogin', 'createuser', 'Create*User']
SOURCES = ['iam.amazonaws.com', 'ec2.amazonaws.com', 's3.amazonaws.com', 'signin.amazonaws.com', 'IAM.amazonaws.com']
ADDRESSES = ['10.1.2.3', '10.200.0.1', '192.0.2.7', '198.51.100.255', '2001:db8::1', '2001:db8:ffff::9', '::1',
             'ec2.amazonaws.com', 'AWS Internal', '10.1.2', '10.1.2.300']
NETWORKS = ['10.0.0.0/8', '10.1.0.0/16', '192.0.2.7/32', '198.51.100.0/25', '0.0.0.0/0', '2001:db8::/32',
            '2001:db8::/48', '::1/128', '::/0']
TEXTS = [
    '', 'alpha', 'Alpha Beta', 'ALPHA', 'beta', 'a*b', 'a?b', 'axb', 'a\\b', 'a\\*b', 'C:\\dir\\', '\\\\host\\share',
    'x', '*', '?', '\\', '日本', '日本語テキスト', 'naïve', 'line1\nline2', 'tab\there', '"quoted"', "it's", '%name%', '22',
    '22.5', '-5', '1000', '007', 'true', 'false', 'null', 'tool -x /y', 'tool \u2013x \u2014y', 'a-b', '--long',
    '2026-06-24T17:02:11Z', '2026-01-05T00:59:00Z', '2024-02-29T23:00:07Z', '#not a comment', 'key: value', '- dash',
    '{brace}', '[x]', '&anchor', 'a,b', 'responseElements.a', 'alphabet', 'ab', 'abab', '\U0001f600x', 'a\U0001f600b',
    'nul\0here', 'ДОМ дом', 'ÉCOLE', '1e3', '1E+3', '22.0', '22.50', '-0', '0x16', '9007199254740993', '1' + '0' * 30,
    '2026-06-24T17:02:11.25+09:00', '2026-12-31T23:59:59-11:00', '2027-01-01T00:00:00Z', 'true ', ' 22', '+5',
    'a  b', 'end\n', 'a/b', 'a\u2013b', 'tool \u2015x', 'tool /x', '\x1b[0m', '\u2028', '\u3000', 'x' * 300,
]
NUMBERS = [22, 22.5, 22.0, -5, 0, 1, 1000, 7, 123456789, 9007199254740993, 9007199254740992, 0.1, -0.5, 10 ** 30]
KEYS = ['a', 'b', 'c', 'name', 'items', 'value', 'a.b', 'Name', 'a b', 'x-amz-acl', 'ключ']
CONTAINERS = ['requestParameters', 'responseElements', 'additionalEventData']
FIELDS = ['eventName', 'eventSource', 'awsRegion', 'sourceIPAddress', 'userAgent', 'errorCode', 'errorMessage',
          'userIdentity.type', 'userIdentity.arn', 'userIdentity.sessionContext.attributes.mfaAuthenticated',
          'readOnly', 'eventTime', 'absent', 'absent.deeper', 'eventName.deeper']
IDENTIFIERS = ['selection', 'sel_one', 'sel_two', 'filter_main', 'filter_other', '_hidden', 'other-1', 'Selection2']
REGEXES = ['^al', 'a$', 'a.b', '[A-Z]lpha', '(al|be)', 'l{1,2}', 'x?y', '^$', '\\d+', '\\\\', 'line1.line2', '^line2',
           'b.*a', '"b":', '.', '[^a-z]', '日.', '(?:a|b)+$', 'User']
PLACEHOLDERS = {'known': ['alpha', 'Beta', 'x'], 'single': ['ab'], 'number': ['22']}
ENCODED = ['alpha', 'Beta1', 'x', 'secret key', '日本']


class Events:
    """Records in CloudTrail's form whose open parts are random trees."""

    def __init__(self, dice):
        self.dice = dice

    def scalar(self):
        d = self.dice
        kind = d.random()
        if kind < 0.62:
            return d.choice(TEXTS)
        if kind < 0.67:
            return d.choice(ADDRESSES)
        if kind < 0.75:
            return self.encoded()
        if kind < 0.87:
            return d.choice(NUMBERS)
        return d.choice([True, False, None])

    def encoded(self):
        """A text in base64, alone or after other bytes, of UTF-8 or UTF-16."""
        d = self.dice
        text = d.choice(ENCODED)
        data = d.choice([text.encode(), text.encode('utf-16-le'), text.encode('utf-16-be'),
                         b'\xff\xfe' + text.encode('utf-16-le')])
        return base64.b64encode(d.choice([b'', b'p', b'pq', b'pqr']) + data + d.choice([b'', b'z', b'zz'])).decode()

    def tree(self, depth):
        d = self.dice
        kind = d.random()
        if depth == 0 or kind < 0.35:
            return self.scalar()
        if kind < 0.6:
            return [self.tree(depth - 1) for _ in range(d.randrange(4))]
        return {key: self.tree(depth - 1) for key in d.sample(KEYS, d.randrange(1, 5))}

    def event(self, number):
        d = self.dice
        event = {'eventVersion': '1.11', 'userIdentity': d.choice([
                     {'type': 'Root', 'arn': 'arn:aws:iam::111122223333:root'},
                     {'type': 'IAMUser', 'arn': 'arn:aws:iam::111122223333:user/alpha', 'userName': 'alpha'},
                     {'type': 'AssumedRole', 'sessionContext': {'attributes': {
                         'mfaAuthenticated': d.choice(['true', 'false'])}}},
                     None]),
                 'eventTime': '2026-%02d-%02dT%02d:%02d:11Z' % (d.randrange(1, 13), d.randrange(1, 29), d.randrange(24),
                                                              d.randrange(60)),
                 'eventSource': d.choice(SOURCES), 'eventName': d.choice(NAMES),
                 'awsRegion': d.choice(['us-east-1', 'ap-northeast-1']),
                 'sourceIPAddress': d.choice(ADDRESSES), 'userAgent': d.choice(TEXTS)}
        if d.random() < 0.3:
            event['errorCode'] = d.choice(['AccessDenied', 'Success', None, ''])
        for key in CONTAINERS:
            event[key] = self.tree(3) if d.random() < 0.85 else None
        if d.random() < 0.04:
            event['eventName'] = self.tree(1)
        if d.random() < 0.03:
            del event[d.choice(['eventName', 'eventSource', 'userIdentity'])]
        event['eventID'] = '%08x-0000-4000-8000-%012x' % (number, d.getrandbits(48))
        event['readOnly'] = d.choice([True, False])
        return event


def paths_of(value, path=()):
    """(dotted path, scalar) of everything in an event, without the indices of arrays."""
    if isinstance(value, dict):
        yield '.'.join(path), value
        for key, inner in value.items():
            yield from paths_of(inner, path + (key,))
    elif isinstance(value, list):
        for inner in value:
            yield from paths_of(inner, path)
    else:
        yield '.'.join(path), value


WIDE = {'utf16le': 'utf-16-le', 'wide': 'utf-16-le', 'utf16be': 'utf-16-be', 'utf16': 'utf-16-le'}


def encoded_texts(value):
    """(text, modifiers that encode it so) of what Events.encoded may have put into a value."""
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) and len(value) > 3 else b''
    except ValueError:
        return
    for text in ENCODED:
        if text.encode() in data:
            yield text, []
        for modifier, encoding in WIDE.items():
            mark = b'\xff\xfe' if modifier == 'utf16' else b''
            if mark + text.encode(encoding) in data:
                yield text, [modifier]


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Rules:
    """Rules that have a chance against the given events."""

    def __init__(self, dice, events):
        self.dice = dice
        self.events = [[pair for pair in paths_of(event) if pair[0]] for event in events]
        self.known = [pair for pairs in self.events for pair in pairs]
        self.hidden_texts = [(path,) + found for path, value in self.known for found in encoded_texts(value)]
        self.by_path = {}
        for path, value in self.known:
            self.by_path.setdefault(path, []).append(value)

    def path(self):
        d = self.dice
        if d.random() < 0.35:
            return d.choice(FIELDS)
        if d.random() < 0.1:
            return d.choice(CONTAINERS) + '.' + '.'.join(d.choice(KEYS) for _ in range(d.randrange(1, 3)))
        return d.choice(self.known)[0]

    def known_value(self, path):
        """A value that some event has there, or any."""
        values = self.by_path.get(path)
        return self.dice.choice(values) if values and self.dice.random() < 0.85 else self.dice.choice(TEXTS + NUMBERS)

    def like(self, wanted, path):
        """A path where some event has a wanted value; `path` when there is none."""
        return self.dice.choice([where for where, value in self.known if wanted(value)] or [path])

    @staticmethod
    def escape(text):
        """As a rule must write it to mean exactly `text`."""
        return text.replace('\\', '\\\\').replace('*', '\\*').replace('?', '\\?')

    def changed(self, text):
        """A pattern near `text`."""
        d = self.dice
        cut = d.randrange(len(text) + 1)
        kind = d.randrange(9)
        exact = self.escape(text)
        return [exact, exact.swapcase(), self.escape(text[:cut]) + '*', '*' + self.escape(text[cut:]),
                self.escape(text[:cut]) + '?' + self.escape(text[cut + 1:]), text, text.upper(),
                '*' + self.escape(text[cut:cut + 3]) + '*',
                self.escape(text[:cut]) + '*' + self.escape(text[cut + 1:])][kind]

    def string_value(self, path):
        value = self.known_value(path)
        if isinstance(value, dict):
            text = json.dumps(value, separators=(',', ':'), ensure_ascii=False)
            return self.escape(text) if self.dice.random() < 0.5 else self.changed(text[:12])
        if value is None or isinstance(value, bool) or isinstance(value, (int, float)):
            value = json.dumps(value)
        return self.changed(value)

    def item(self):
        """One key and its values."""
        d, path = self.dice, self.path()
        make = d.choice([self.plain] * 5 + [self.relation] * 4 + [self.presence] * 2 + [self.number] * 2
                        + [self.network, self.regex, self.regex, self.reference, self.placeholder, self.encoded,
                           self.encoded, self.dashes, self.date, self.indexed, self.indexed])
        return make(path)

    def listed(self, make, modifiers):
        """One value or a list; `all` and `neq` now and then."""
        d = self.dice
        values = [make() for _ in range(d.choice([1, 1, 1, 2, 3]))]
        fixed = modifiers[:1] in (['re'], ['cidr'])  # these come first, the others where they like
        if len(values) > 1 and d.random() < 0.4:
            modifiers = self.inserted(modifiers, 'all', fixed)
        if d.random() < 0.12:
            modifiers = self.inserted(modifiers, 'neq', fixed)
        return modifiers, values if len(values) > 1 or d.random() < 0.1 and 'all' not in modifiers else values[0]

    def inserted(self, modifiers, name, after):
        place = self.dice.randrange(after, len(modifiers) + 1) if self.dice.random() < 0.3 else len(modifiers)
        return modifiers[:place] + [name] + modifiers[place:]

    def keyed(self, path, modifiers, values):
        return '|'.join([path] + modifiers), values

    def plain(self, path):
        d = self.dice
        if d.random() < 0.25:
            path = self.like(lambda value: is_number(value) or value in ('22', '22.5', '1000', '-5'), path)
        elif d.random() < 0.2:
            path = self.like(lambda value: isinstance(value, str) and re.search(r'[*?\\]', value), path)

        def value():
            known = self.known_value(path)
            if isinstance(known, (int, float)) and d.random() < 0.8:
                return self.same_number(known)
            if known in ('22', '22.5', '1000', '-5') and d.random() < 0.7:
                return json.loads(known)
            return self.string_value(path)
        modifiers = ['cased'] if d.random() < 0.15 else []
        modifiers, values = self.listed(value, modifiers)
        if 'cased' in modifiers:
            values = [v if isinstance(v, str) else 'alpha' for v in values] if isinstance(values, list) else str(values)
        return self.keyed(path, modifiers, values)

    def same_number(self, value):
        """22 or 22.0: one value, two ways to write it."""
        if isinstance(value, bool) or abs(value) > 2 ** 50 or value != int(value) or self.dice.random() < 0.5:
            return value
        return int(value) if isinstance(value, float) else float(value)

    def relation(self, path):
        modifiers = [self.dice.choice(['contains', 'contains', 'startswith', 'endswith'])]
        if self.dice.random() < 0.2:
            modifiers.insert(self.dice.randrange(2), 'cased')
        return self.keyed(path, *self.listed(lambda: self.part(path), modifiers))

    def part(self, path):
        value = self.known_value(path)
        text = value if isinstance(value, str) else json.dumps(value, separators=(',', ':'), ensure_ascii=False)
        start = self.dice.randrange(len(text) + 1)
        piece = text[start:start + self.dice.randrange(1, 6)]
        return self.dice.choice([self.escape(piece), self.escape(piece.swapcase()), piece, self.changed(piece)])

    def presence(self, path):
        d = self.dice
        if d.random() < 0.5:
            path = self.like(lambda value: value is None, path)
        if d.random() < 0.5:
            return path + '|exists', d.choice([True, False])
        return (path + '|neq' if d.random() < 0.2 else path), None

    def number(self, path):
        d = self.dice
        if d.random() < 0.7:
            path = self.like(is_number, path)
        value = self.known_value(path)
        near = [value, value, value + 1, value - 1] if isinstance(value, int) else [value]
        modifiers = [d.choice(['lt', 'lte', 'gt', 'gte'])]
        return self.keyed(path, modifiers, d.choice(near if is_number(value) else NUMBERS))

    def network(self, path):
        path = path if self.dice.random() < 0.3 else 'sourceIPAddress'
        return self.keyed(path, *self.listed(lambda: self.dice.choice(NETWORKS), ['cidr']))

    def regex(self, path):
        flags = self.dice.sample(['i', 'm', 's'], self.dice.choice([0, 0, 0, 1, 2]))
        # PCRE does not let ^ match behind a newline that ends the text, Python does: not generated.
        patterns = [each for each in REGEXES if each != '^$'] if 'm' in flags else REGEXES
        if self.dice.random() < 0.3:
            path = self.like(lambda value: value == 'line1\nline2', path)
            patterns = ['line1.line2', '^line2', 'line1$', '1.l', '(?:x|1)$']
        patterns = patterns + [self.near_regex(path)]
        return self.keyed(path, *self.listed(lambda: self.dice.choice(patterns), ['re'] + flags))

    def near_regex(self, path):
        """A regular expression made from a text that stands there."""
        d = self.dice
        text = self.known_value(path)
        text = text if isinstance(text, str) else 'alpha'
        start = d.randrange(len(text) + 1)
        piece = text[start:start + d.randrange(2, 12)]
        piece = d.choice([piece, piece, piece.swapcase()])
        body = ''.join('.' if c == '\n' or d.random() < 0.1 else '\\' + c if c in '\\.^$*+?{}[]()|-/' else c
                       for c in piece)
        return d.choice(['', '', '^']) + body + d.choice(['', '', '$' if not text.endswith('\n') else ''])

    def reference(self, path):
        relations = [[], [], ['cased'], ['contains'], ['startswith'], ['endswith'], ['neq']]
        modifiers = ['fieldref'] + self.dice.choice(relations)
        event = [(where, value) for where, value in self.dice.choice(self.events) if isinstance(value, str)]
        pairs = [(one, other) for one, mine in event for other, its in event
                 if one != other and its and (mine.lower().startswith(its.lower()) or its.lower() in mine.lower())]
        path, other = self.dice.choice(pairs or [(path, 'userAgent')])
        return self.keyed(path, modifiers, other)

    def encoded(self, path):
        d = self.dice
        modifiers = d.choice([['base64'], ['base64', 'contains'], ['base64', 'startswith'],
                              ['base64offset', 'contains'], ['base64offset', 'contains']])
        path, text, wide = d.choice(self.hidden_texts or [(path, 'alpha', [])])
        if d.random() < 0.3:
            wide = d.choice([[], ['utf16le'], ['wide'], ['utf16be'], ['utf16']])
        # One byte at base64offset leaves a variant without a single character of its own: not generated.
        texts = [text] * 4 + ENCODED
        if 'base64offset' in modifiers and not wide:
            texts = [each for each in texts if len(each) > 1]
        return self.keyed(path, *self.listed(lambda: d.choice(texts), wide + modifiers))

    def placeholder(self, path):
        d = self.dice
        values = ['%known%', '%single%', 'x%single%', '%single%%single%', '%number%', '%known%*', '100\\%',
                  '\\%name%']
        path = self.like(lambda value: str(value).lower() in ('alpha', 'beta', 'x', 'ab', 'abab', '22', '%name%'), path)
        return self.keyed(path, *self.listed(lambda: d.choice(values), ['expand'] + d.choice([[], ['contains']])))

    def dashes(self, path):
        modifiers = ['windash'] + self.dice.choice([[], ['contains'], ['startswith']])
        if self.dice.random() < 0.3:
            return self.keyed(self.like(lambda value: re.fullmatch('a.b', str(value)), path), ['windash'], 'a-b')
        values = ['-x', '/y', ' -x', 'tool -x /y', 'tool /x', '--long', 'tool -x *', 'tool -x', 'tool*/y']
        path = self.like(lambda value: str(value).startswith('tool '), path)
        return self.keyed(path, modifiers, self.dice.choice(values))

    def date(self, path):
        d = self.dice
        part, place = d.choice([('year', 0), ('month', 5), ('day', 8), ('hour', 11), ('minute', 14), ('week', None)])
        path = self.like(lambda value: re.match(r'20\d\d-.*T', str(value)) and len(str(value)) < 40, 'eventTime')
        time = str(self.known_value(path))
        digits = time[place:place + (4 if part == 'year' else 2)] if place is not None else ''
        value = int(digits) if digits.isdigit() else d.choice([1, 26, 53])
        if part == 'week' and re.match(r'\d{4}-\d\d-\d\d', time):
            value = date(*map(int, time[:10].split('-'))).isocalendar()[1]
        return self.keyed(path, [part] + d.choice([[], ['gte'], ['lt'], ['lte'], ['gt']]), value)

    def indexed(self, path):
        """What an index over names and sources may get wrong."""
        d = self.dice
        field, values = d.choice([('eventName', NAMES), ('eventSource', SOURCES)])
        some = d.sample(values, d.choice([1, 1, 2, 3]))
        some = [d.choice([v, v.lower(), v.upper(), v[:5] + '*', '*' + v[3:]]) for v in some]
        return field + d.choice(['', '', '', '|cased', '|neq']), some if len(some) > 1 else some[0]

    def map(self):
        return dict(self.item() for _ in range(self.dice.choice([1, 1, 2, 2, 3])))

    def identifier(self):
        d = self.dice
        kind = d.random()
        if kind < 0.78:
            return self.map()
        if kind < 0.88:
            return [self.map() for _ in range(d.randrange(1, 4))]
        words = [self.part(self.path()) or d.choice(['alpha', 22, True]) for _ in range(d.randrange(1, 4))]
        if kind < 0.95:
            return words
        return {'|all': words + ['a']} if kind < 0.98 else words[0]

    def condition(self, names, depth):
        d = self.dice
        if '_hidden' in names and len(names) > 1 and d.random() < 0.2:
            return d.choice(['all of them', '1 of them', 'not 1 of them'])
        kind = d.random()
        if depth == 0 or kind < 0.3:
            return d.choice(names)
        if kind < 0.4:
            return '%s of %s' % (d.choice(['1', 'all', 'any']), self.pattern(names))
        if kind < 0.55:
            return 'not ' + self.condition(names, depth - 1)
        if kind < 0.7:
            return '(' + self.condition(names, depth - 1) + ')'
        word = d.choice([' and ', ' or ', ' and ', ' or ', ' AND ', ' Or ', '  and\n  '])
        return self.condition(names, depth - 1) + word + self.condition(names, depth - 1)

    def pattern(self, names):
        d = self.dice
        name = d.choice([name for name in names if '-' not in name] or ['them'])
        visible = [n for n in names if n[0] != '_']
        if visible and d.random() < 0.55 or name == 'them':
            return 'them' if visible else name
        return d.choice([name, name[:4] + '*', '*' + name[-2:] if name[0] != '_' else name, name[0] + '*'])

    def detection(self):
        d = self.dice
        if d.random() < 0.5:  # one test alone: in a larger condition much stays without effect
            condition = d.choice(['selection', 'selection', 'not selection'])
            return {'selection': dict([self.item()]), 'condition': condition}
        names = d.sample(IDENTIFIERS, d.choice([1, 2, 2, 3, 4]))
        if all(name[0] == '_' or '-' in name for name in names):
            names.append('keywords')
        section = {name: self.identifier() for name in names}
        condition = self.condition(names, 3)
        section['condition'] = [condition, self.condition(names, 2)] if d.random() < 0.08 else condition
        return section

    def broken(self, section):
        """What must be refused, and must not disturb its neighbours."""
        name = next(iter(section))
        return dict(section, **self.dice.choice([
            {name: {'eventName|nosuchmodifier': 'x'}}, {name: {'eventName|all': 'x'}},
            {name: {'eventName|expand': '%nobody%'}}, {name: {'sourceIPAddress|cidr': 'not a network'}},
            {name: {'eventName|re': '(unclosed'}},
            {name: {'readOnly|lt': 'abc'}}, {name: {'eventName|base64': 'a*b'}}, {'condition': 'selection and'},
            {'condition': 'nowhere'}, {'condition': '(' + name}, {'condition': name + ' | count() > 3'}]))

    def rule(self, number):
        d = self.dice
        detection = self.detection()
        if d.random() < 0.03:
            detection = self.broken(detection)
        return {'title': 'Generated %d' % number, 'id': '%08x-1111-4111-8111-%012x' % (number, d.getrandbits(48)),
                'status': 'test', 'logsource': {'product': 'aws', 'service': 'cloudtrail'}, 'detection': detection,
                'level': d.choice(['informational', 'low', 'medium', 'high', 'critical'])}

    def filter(self, rules):
        chosen = self.dice.sample(rules, 2)
        return {'title': 'A filter', 'logsource': {'product': 'aws', 'service': 'cloudtrail'},
                'filter': {'rules': [rule['id'] for rule in chosen], 'selection': dict([self.plain(self.path())]),
                           'condition': 'not selection'}}


# --- writing, in the many ways that people write YAML and JSON ---

def yaml_scalar(value, dice):
    """Plain where it is safe, else in single or double quotes."""
    if not isinstance(value, str):
        return json.dumps(value)
    if value[:1].isalpha() and all(c.isalnum() or c in '._' for c in value) and value.isascii() and len(value) > 5 \
            and dice.random() < 0.5:
        return value
    if all(c.isprintable() for c in value) and dice.random() < 0.6:
        return "'" + value.replace("'", "''") + "'"
    return '"' + ''.join(escaped(c) for c in value) + '"'


def escaped(character):
    if character in '"\\':
        return '\\' + character
    return character if character.isprintable() else '\\U%08X' % ord(character)


def yaml_lines(value, dice, indent):
    """The lines of a map or a list in block style; lists of scalars sometimes in flow style."""
    space = ' ' * indent
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from yaml_entry(space + yaml_scalar(key, dice) + ':', inner, dice, indent + 2)
        return
    for inner in value:
        if isinstance(inner, dict):
            lines = list(yaml_lines(inner, dice, indent + 2))
            yield space + '- ' + lines[0].lstrip(' ')
            yield from lines[1:]
        else:
            yield space + '- ' + yaml_scalar(inner, dice)


def yaml_entry(head, value, dice, indent):
    if isinstance(value, list) and dice.random() < 0.3 and not any(isinstance(each, dict) for each in value):
        yield head + ' [' + ', '.join(yaml_scalar(each, dice) for each in value) + ']'
    elif isinstance(value, (dict, list)):
        yield head
        yield from yaml_lines(value, dice, indent)
    elif isinstance(value, str) and re.fullmatch(r'[a-z]\w+\n\w+', value) and dice.random() < 0.5:
        yield head + ' |-'
        yield from (' ' * indent + line for line in value.split('\n'))
    else:
        yield head + ' ' + yaml_scalar(value, dice) + dice.choice(['', '', '', '  # a note'])


def write_rules(documents, dice, folder):
    os.makedirs(folder, exist_ok=True)
    while documents:
        count = dice.choice([1, 1, 1, 2, 3])
        batch, documents = documents[:count], documents[count:]
        texts = ['\n'.join(yaml_lines(document, dice, 0)) + '\n' for document in batch]
        end = dice.choice(['\n', '\n', '\r\n'])
        with open(os.path.join(folder, 'rules_%05d.yml' % len(documents)), 'w', encoding='utf-8', newline=end) as out:
            out.write(dice.choice(['', '', '---\n', '# a note\n---\n']) + '---\n'.join(texts))


def event_text(event, dice):
    return json.dumps(event, ensure_ascii=dice.random() < 0.3, indent=dice.choice([None, None, None, 1]),
                      separators=dice.choice([(',', ':'), (', ', ': ')]))


def write_events(events, dice, folder):
    os.makedirs(folder, exist_ok=True)
    while events:
        count = dice.randrange(1, 40)
        batch, events = events[:count], events[count:]
        texts = [event_text(event, dice) for event in batch]
        form = dice.randrange(3)
        text = ['{"Records":[' + ',\n'.join(texts) + ']}', '[' + ','.join(texts) + ']',
                '\n'.join(json.dumps(event) for event in batch) + '\n'][form]
        name = os.path.join(folder, 'events_%05d.json' % len(events))
        data = text.encode()
        if dice.random() < 0.5:
            name, data = name + '.gz', gzip.compress(data, mtime=0)
        with open(name, 'wb') as out:
            out.write(data)


def generate(seed, rules_count, events_count, folder):
    dice = random.Random(seed)
    events = [Events(dice).event(number) for number in range(events_count)]
    maker = Rules(dice, events)
    rules = [maker.rule(number) for number in range(rules_count)]
    filters = [maker.filter(rules) for _ in range(rules_count // 40)]
    write_rules(rules + filters, dice, os.path.join(folder, 'rules'))
    write_events(events, dice, os.path.join(folder, 'events'))


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    generate(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])


if __name__ == '__main__':
    main()
