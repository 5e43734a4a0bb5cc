"""Reads trail files the plain way, for the oracle: whole files, one after another, every record a Python value.

Written apart from the C readers, with Python's own json and gzip, so that the two cannot share a mistake.
"""

import gzip
import json
import os
import re

SPACE = ' \t\r\n'


class Number(str):
    """A JSON number as its source text: 22 and 22.0 stay what they were."""


DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number)


class Record:
    """One event: its value, and its source text for tests on whole objects."""

    def __init__(self, value, source):
        self.value, self.source = value, source
        self.compact_texts = None

    def compact(self, path):
        """The object at `path` (keys and list indices) as its source bytes without white space outside strings."""
        if self.compact_texts is None:
            self.compact_texts = {}
            Spans(squeeze(self.source), self.compact_texts).value(0, ())
        return self.compact_texts[path]


def squeeze(text):
    """`text` without the white space between tokens."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text, flags=re.DOTALL)
    return ''.join(part if n % 2 else re.sub('[ \t\r\n]+', '', part) for n, part in enumerate(parts))


class Spans:
    """Finds where each object of a compact JSON text begins and ends."""

    STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
    SCALAR = re.compile(r'[^,\]}]+')

    def __init__(self, text, found):
        self.text, self.found = text, found

    def value(self, at, path):
        if self.text[at] == '{':
            return self.members(at, path)
        if self.text[at] == '[':
            return self.elements(at, path)
        pattern = self.STRING if self.text[at] == '"' else self.SCALAR
        return pattern.match(self.text, at).end()

    def members(self, start, path):
        at = start + 1
        while self.text[at] != '}':
            end = self.STRING.match(self.text, at).end()
            at = self.value(end + 1, path + (json.loads(self.text[at:end]),))
            at += self.text[at] == ','
        self.found[path] = self.text[start:at + 1]
        return at + 1

    def elements(self, at, path):
        at, index = at + 1, 0
        while self.text[at] != ']':
            at = self.value(at, path + (index,))
            at += self.text[at] == ','
            index += 1
        return at + 1


def skip_space(text, at):
    while at < len(text) and text[at] in SPACE:
        at += 1
    return at


def array_records(text, at):
    """The elements of the array that begins at text[at], each with its source."""
    at = skip_space(text, at + 1)
    while text[at] != ']':
        value, end = DECODER.raw_decode(text, at)
        yield Record(value, text[at:end])
        at = skip_space(text, end)
        if text[at] == ',':
            at = skip_space(text, at + 1)


def text_records(text):
    """{"Records": [...]}, a bare array, one record, or JSON Lines."""
    start = skip_space(text, 0)
    wrapped = re.compile(r'\{\s*"Records"\s*:\s*(?=\[)').match(text, start)
    if wrapped or text[start:start + 1] == '[':
        yield from array_records(text, wrapped.end() if wrapped else start)
        return
    while start < len(text):
        value, end = DECODER.raw_decode(text, start)
        yield Record(value, text[start:end])
        start = skip_space(text, end)


def files_under(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            yield from (os.path.join(folder, name) for name in names)


def read(paths):
    """All records that count: of those with one eventID the first in the order of paths, none that was replaced."""
    kept, seen, replaced = [], set(), set()
    for path in sorted(files_under(paths), key=os.fsencode):
        with open(path, 'rb') as file:
            data = file.read()
        if data[:2] == b'\x1f\x8b':
            data = gzip.decompress(data)
        for record in text_records(data.decode('utf-8-sig')):
            event_id = record.value.get('eventID')
            if event_id is not None and event_id in seen:
                continue
            seen.add(event_id)
            addendum = record.value.get('addendum') or {}
            if addendum.get('reason') == 'UPDATED_DATA':
                replaced.add(addendum.get('originalEventID'))
            kept.append(record)
    return [record for record in kept if record.value.get('eventID') not in replaced]
