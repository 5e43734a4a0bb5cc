#!/usr/bin/env python3
"""A literal, slow evaluator of Sigma's single-event rules (specification 2.1.0), for comparing with nezuban's.

usage: sigma_oracle.py RULES PATH...        prints rule_id TAB eventID for every match

It follows the text of the specification rule by rule and value by value, without an index and without sharing anything
with the C code. Correlations are not evaluated; rules that only serve them are
silent. PyYAML is needed.
"""

import base64
import ipaddress
import itertools
import os
import re
import sys
from datetime import date
from decimal import Decimal

import yaml

from records import Number, files_under, read

ANY, ONE = object(), object()  # the wildcards * and ?
DASHES = '-/\u2013\u2014\u2015'
COMPARISONS = {'lt': lambda a, b: a < b, 'lte': lambda a, b: a <= b, 'gt': lambda a, b: a > b,
               'gte': lambda a, b: a >= b}
DATE_PARTS = ('year', 'month', 'day', 'hour', 'minute', 'week')
REGEX_FLAGS = {'i': re.IGNORECASE, 'ignorecase': re.IGNORECASE, 'm': re.MULTILINE, 'multiline': re.MULTILINE,
               's': re.DOTALL, 'dotall': re.DOTALL}
ENCODINGS = {'utf16le': lambda t: t.encode('utf-16-le'), 'wide': lambda t: t.encode('utf-16-le'),
             'utf16be': lambda t: t.encode('utf-16-be'), 'utf16': lambda t: b'\xff\xfe' + t.encode('utf-16-le')}
KNOWN = (set(COMPARISONS) | set(DATE_PARTS) | set(REGEX_FLAGS) | set(ENCODINGS)
         | {'contains', 'startswith', 'endswith', 'all', 'cased', 'exists', 'neq', 're', 'base64', 'base64offset',
            'windash', 'cidr', 'expand', 'fieldref'})


class RuleError(Exception):
    """The rule is refused."""


# --- what an event holds ---

def leaves(value, parts, path=()):
    """Every (value, path) that the dotted path reaches: objects are walked, arrays fan out."""
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from leaves(element, parts, path + (index,))
    elif not parts:
        yield value, path
    elif isinstance(value, dict):
        for length in range(len(parts), 0, -1):  # an exact key that contains a dot wins over the nested path
            key = '.'.join(parts[:length])
            if key in value:
                yield from leaves(value[key], parts[length:], path + (key,))
                return


def reaches(value, parts):
    """Whether the path exists at all, also when it ends at null or at an empty array."""
    if not parts:
        return True
    if isinstance(value, list):
        return any(reaches(element, parts) for element in value)
    if isinstance(value, dict):
        for length in range(len(parts), 0, -1):
            key = '.'.join(parts[:length])
            if key in value:
                return reaches(value[key], parts[length:])
    return False


def text_of(record, value, path):
    """A leaf as text: an object is its compact JSON; null has no text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, dict):
        return record.compact(path)
    return str(value)


def all_scalars(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for element in value:
            yield from all_scalars(element)
    else:
        yield value


# --- strings with wildcards ---

def parse_string(text):
    """Characters and wildcards: a backslash escapes * ? and itself, before anything else it is itself."""
    out, at = [], 0
    while at < len(text):
        if text[at] == '\\' and text[at + 1:at + 2] in ('*', '?', '\\'):
            out.append(text[at + 1])
            at += 1
        elif text[at] == '*':
            out.append(ANY)
        elif text[at] == '?':
            out.append(ONE)
        else:
            out.append(text[at])
        at += 1
    return out


def expanded(text, placeholders):
    """`text` with each %name% replaced by each of its values; a backslash before % makes it an ordinary character."""
    parts = re.split(r'(\\%|%\w+%)', text)
    choices = []
    for part in parts:
        if part == '\\%':
            choices.append(['%'])
        elif re.fullmatch(r'%\w+%', part):
            if part[1:-1] not in placeholders:
                raise RuleError('a placeholder without a value: ' + part)
            choices.append(placeholders[part[1:-1]])
        else:
            choices.append([part])
    return [''.join(choice) for choice in itertools.product(*choices)]


def plain(tokens, modifier):
    if ANY in tokens or ONE in tokens:
        raise RuleError('wildcards are not allowed with ' + modifier)
    return ''.join(tokens)


def string_regex(tokens, cased):
    source = ''.join('.*' if t is ANY else '.' if t is ONE else re.escape(t) for t in tokens)
    return re.compile(source, re.DOTALL | (0 if cased else re.IGNORECASE))


def windash(tokens):
    """All combinations of dashes at each - or / that begins a word."""
    text = ''.join('*' if t is ANY or t is ONE else t for t in tokens)
    places = [match.start() for match in re.finditer(r'\B[-/]\b', text)]
    for dashes in itertools.product(DASHES, repeat=len(places)):
        changed = list(tokens)
        for place, dash in zip(places, dashes):
            changed[place] = dash
        yield changed


def base64_offsets(data):
    """The three forms in which the bytes can stand inside a longer base64 text."""
    for offset, start in enumerate((0, 2, 3)):
        encoded = base64.b64encode(b' ' * offset + data).decode()
        end = (None, -3, -2)[(len(data) + offset) % 3]
        yield encoded[start:end]


# --- one detection item: FIELD|MODIFIERS: VALUES ---

class Item:
    """The test of one key of a map; `holds(record)` answers."""

    def __init__(self, key, values, placeholders):
        self.placeholders = placeholders
        self.field, *self.modifiers = key.split('|')
        unknown = [m for m in self.modifiers if m not in KNOWN]
        if unknown:
            raise RuleError('unknown modifier ' + unknown[0])
        self.values = values if isinstance(values, list) else [values]
        if 'all' in self.modifiers and len(self.values) < 2:
            raise RuleError('all needs more than one value')
        if isinstance(values, list) and None in values:
            raise RuleError('null inside a list')
        for first in ('re', 'cidr'):
            if first in self.modifiers[1:]:
                raise RuleError(first + ' must come first')
        self.parts = self.field.split('.')
        self.tests = [self.value_test(value) for value in self.values]

    def holds(self, record):
        answers = [test(record) for test in self.tests]
        result = all(answers) if 'all' in self.modifiers else any(answers)
        return result != ('neq' in self.modifiers)

    def leaves(self, record):
        return list(leaves(record.value, self.parts))

    def any_text(self, record, accept):
        texts = [text_of(record, value, path) for value, path in self.leaves(record)]
        return any(text is not None and accept(text) for text in texts)

    def value_test(self, value):
        """A function of the record for one value of the item."""
        if 'exists' in self.modifiers:
            if len(self.modifiers) > 1 or not isinstance(value, bool):
                raise RuleError('exists stands alone and takes a boolean')
            return lambda record: reaches(record.value, self.parts) == value
        if value is None:
            return self.is_null
        for name in self.modifiers:
            if name in COMPARISONS or name in DATE_PARTS:
                return self.number_test(value)
        if 'cidr' in self.modifiers:
            return self.cidr_test(value)
        if 're' in self.modifiers:
            return self.regex_test(value)
        if 'fieldref' in self.modifiers:
            return self.reference_test(value)
        if isinstance(value, (bool, int, float)):
            return self.scalar_test(value)
        return self.string_test(value)

    def is_null(self, record):
        found = self.leaves(record)
        return not found or any(value is None for value, _ in found)

    def scalar_test(self, value):
        if set(self.modifiers) - {'all', 'neq', 'cased'}:
            raise RuleError('a string is needed')
        if isinstance(value, bool):
            return lambda record: self.any_text(record, lambda text: text.lower() == str(value).lower())

        def equal(leaf):
            if isinstance(leaf, Number):  # 22.0 is 22, but the text "22.0" is not
                return number_of(leaf) == exact(value)
            return isinstance(leaf, str) and leaf.lower() == str(value).lower()
        return lambda record: any(equal(leaf) for leaf, _ in self.leaves(record))

    def number_test(self, value):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise RuleError('a number is needed')
        part = next((m for m in self.modifiers if m in DATE_PARTS), None)
        compare = next((COMPARISONS[m] for m in self.modifiers if m in COMPARISONS), lambda a, b: a == b)

        def accept(text):
            number = date_part(text, part) if part else number_of(text.strip())
            return number is not None and compare(number, exact(value))
        return lambda record: self.any_number(record, accept)

    def any_number(self, record, accept):
        """Numbers and texts only: an object or a boolean has no number."""
        return any(isinstance(value, str) and accept(str(value)) for value, _ in self.leaves(record))

    def cidr_test(self, value):
        try:
            network = ipaddress.ip_network(value)
        except ValueError as error:
            raise RuleError(str(error)) from error

        def accept(text):
            try:
                return ipaddress.ip_address(text) in network
            except ValueError:
                return False
        return lambda record: self.any_text(record, accept)

    def regex_test(self, value):
        flags = 0
        for name in self.modifiers:
            flags |= REGEX_FLAGS.get(name, 0)
        try:
            pattern = re.compile(value, flags | re.ASCII)
        except re.error as error:
            raise RuleError(str(error)) from error
        return lambda record: self.any_text(record, lambda text: pattern.search(text) is not None)

    def reference_test(self, value):
        parts = value.split('.')
        relation = next((m for m in self.modifiers if m in ('contains', 'startswith', 'endswith')), None)
        fold = (lambda text: text) if 'cased' in self.modifiers else str.lower

        def related(mine, other):
            return {None: mine == other, 'contains': other in mine, 'startswith': mine.startswith(other),
                    'endswith': mine.endswith(other)}[relation]

        def accept(record):
            others = [text_of(record, v, p) for v, p in leaves(record.value, parts)]
            return self.any_text(record, lambda mine: any(
                other is not None and related(fold(mine), fold(other)) for other in others))
        return accept

    def string_test(self, value):
        if not isinstance(value, str):
            raise RuleError('a value must be a scalar')
        texts = expanded(value, self.placeholders) if 'expand' in self.modifiers else [value]
        forms = [parse_string(text) for text in texts]
        encoded = None
        for name in self.modifiers:  # left to right
            if name in ENCODINGS:
                encoded = ENCODINGS[name](plain(forms[0], name))
            elif name in ('base64', 'base64offset'):
                data = encoded if encoded is not None else plain(forms[0], name).encode()
                forms = [list(t) for t in (base64_offsets(data) if name == 'base64offset'
                                           else [base64.b64encode(data).decode()])]
            elif name == 'windash':
                forms = [changed for form in forms for changed in windash(form)]
            elif name in ('contains', 'startswith', 'endswith'):
                before, after = name != 'startswith', name != 'endswith'
                forms = [[ANY] * before + form + [ANY] * after for form in forms]
        patterns = [string_regex(form, 'cased' in self.modifiers) for form in forms]
        return lambda record: self.any_text(record, lambda text: any(p.fullmatch(text) for p in patterns))


def exact(value):
    """A number of a rule without the errors of binary fractions."""
    return Decimal(repr(value))


def number_of(text):
    return Decimal(text) if re.fullmatch(r'[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?', text) else None


def date_part(text, part):
    """The part of a time of RFC 3339 as it is written: no conversion between zones. A week is that of ISO 8601."""
    match = re.fullmatch(r'(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):\d\d(\.\d+)?([Zz]|[-+]\d\d:\d\d)', text, re.ASCII)
    if not match:
        return None
    numbers = [int(number) for number in match.groups()[:5]]
    try:
        week = date(*numbers[:3]).isocalendar()[1]
    except ValueError:
        return None
    return dict(zip(DATE_PARTS, numbers + [week]))[part]


class Keywords:
    """Texts looked for in every scalar of the event."""

    def __init__(self, values, every=False):
        values = values if isinstance(values, list) else [values]
        texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
        self.patterns = [string_regex([ANY] + parse_string(text) + [ANY], False) for text in texts]
        self.every = every

    def holds(self, record):
        texts = [text_of(record, value, ()) for value in all_scalars(record.value) if value is not None]
        answers = [any(pattern.fullmatch(text) for text in texts) for pattern in self.patterns]
        return all(answers) if self.every else any(answers)


class All:
    def __init__(self, tests):
        self.tests = tests

    def holds(self, record):
        return all(test.holds(record) for test in self.tests)


class Any:
    def __init__(self, tests):
        self.tests = tests

    def holds(self, record):
        return any(test.holds(record) for test in self.tests)


def identifier_test(definition, placeholders):
    """A map is AND, a list of maps OR, a list of scalars or a scalar keywords."""
    if isinstance(definition, dict):
        return All([Keywords(value, every=True) if key == '|all' else Item(key, value, placeholders)
                    for key, value in definition.items()])
    if isinstance(definition, list) and all(isinstance(entry, dict) for entry in definition):
        return Any([identifier_test(entry, placeholders) for entry in definition])
    return Keywords(definition)


# --- conditions ---

class Condition:
    """or < and < not < x-of < parentheses; evaluated as it is parsed, once a record."""

    def __init__(self, text, names):
        self.tokens = re.findall(r'[()]|[A-Za-z0-9_*-]+|\S', text)
        self.names = names

    def holds(self, answers):
        self.at, self.answers = 0, answers
        result = self.either()
        if self.at != len(self.tokens):
            raise RuleError('something after the condition: ' + self.tokens[self.at])
        return result

    def peek(self):
        return self.tokens[self.at].lower() if self.at < len(self.tokens) else ''

    def take(self):
        if self.at >= len(self.tokens):
            raise RuleError('the condition ends early')
        self.at += 1
        return self.tokens[self.at - 1]

    def either(self):
        result = self.both()
        while self.peek() == 'or':
            self.take()
            result = self.both() or result
        return result

    def both(self):
        result = self.negated()
        while self.peek() == 'and':
            self.take()
            result = self.negated() and result
        return result

    def negated(self):
        if self.peek() == 'not':
            self.take()
            return not self.negated()
        return self.atom()

    def atom(self):
        token = self.take()
        if token == '(':
            result = self.either()
            if self.take() != ')':
                raise RuleError('a parenthesis is missing')
            return result
        if token.lower() in ('1', 'any', 'all') and self.peek() == 'of':
            self.take()
            answers = [self.answers[name] for name in self.matching(self.take())]
            return all(answers) if token.lower() == 'all' else any(answers)
        if token not in self.names:
            raise RuleError('unknown identifier ' + token)
        return self.answers[token]

    def matching(self, pattern):
        regex = re.compile('.*' if pattern.lower() == 'them' else re.escape(pattern).replace(r'\*', '.*'))
        found = [name for name in self.names if regex.fullmatch(name) and (pattern[0] == '_' or name[0] != '_')]
        if not found:
            raise RuleError('nothing matches ' + pattern)
        return found


class Detection:
    """Search identifiers and a condition, of a rule or of a filter."""

    def __init__(self, section, placeholders, apart=()):
        names = [name for name in section if name not in ('condition', 'timeframe') + apart]
        if 'timeframe' in section:
            raise RuleError('timeframe is of the old syntax')
        self.tests = {str(name): identifier_test(section[name], placeholders) for name in names}
        conditions = section['condition']
        conditions = conditions if isinstance(conditions, list) else [conditions]
        self.conditions = [Condition(text, list(self.tests)) for text in conditions]
        for condition in self.conditions:
            condition.holds(dict.fromkeys(self.tests, False))

    def holds(self, record):
        answers = {name: test.holds(record) for name, test in self.tests.items()}
        return any([condition.holds(answers) for condition in self.conditions])


class Rule:
    def __init__(self, document, path, placeholders):
        self.key = str(document.get('id') or document.get('name') or path)
        self.names = {str(document[name]) for name in ('id', 'name') if document.get(name)}
        self.detection = Detection(document['detection'], placeholders)
        self.filters = []

    def holds(self, record):
        return self.detection.holds(record) and all(each.holds(record) for each in self.filters)


def rule_documents(folder):
    """(path, document) of every document of a folder."""
    for path in sorted(files_under([folder])):
        if path.endswith(('.yml', '.yaml')):
            with open(path, encoding='utf-8-sig') as file:
                yield from ((path, document) for document in yaml.safe_load_all(file))


def load(folder, placeholders):
    """The rules of a folder, filters applied, and a list of (path, reason) of the refused ones."""
    rules, filters, refused = [], [], []
    silenced, generating = set(), set()  # base rules of correlations
    for path, document in rule_documents(folder):
        try:
            if 'correlation' in document:
                section = document['correlation']
                (generating if section.get('generate') else silenced).update(section['rules'])
            elif 'filter' in document:
                section = document['filter']
                filters.append((section['rules'], Detection(section, placeholders, apart=('rules',))))
            elif 'detection' in document:
                rules.append(Rule(document, path, placeholders))
        except (RuleError, KeyError) as error:
            refused.append((path, str(error)))
    for names, detection in filters:
        for rule in rules:
            if names == 'any' or rule.names & set(names):
                rule.filters.append(detection)
    return [rule for rule in rules if rule.names & generating or not rule.names & silenced], refused


def pairs(folder, paths, placeholders=None):
    """The set of (rule_id, eventID) and what was refused; `placeholders` is {name: [value, ...]}."""
    rules, refused = load(folder, placeholders or {})
    found = {(rule.key, record.value.get('eventID')) for record in read(paths) for rule in rules if rule.holds(record)}
    return found, refused


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    found, refused = pairs(sys.argv[1], sys.argv[2:])
    for path, reason in refused:
        print('%s: %s' % (os.path.basename(path), reason), file=sys.stderr)
    for key, event in sorted(found, key=str):
        print('%s\t%s' % (key, event))


if __name__ == '__main__':
    main()
