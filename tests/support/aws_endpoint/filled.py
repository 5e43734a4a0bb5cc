"""Answers with every member that a model has, made from the model alone: what a reader of answers must be able to read.

Texts hold what has to be escaped, numbers do not fit 32 bits, lists have two items, and everything nests as deep as it may.
"""
import base64
import datetime
import json

import botocore.parsers
import botocore.utils

DEPTH_MAX = 9
TEXT = 'Ａ<b>&amp;"c" \\ \'日本語\' \t!'
TIME = datetime.datetime(2026, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)


def filled(shape, empty=False, depth=0):
    """A value with all members, lists of two; with `empty`, lists and maps have nothing in them."""
    kind = shape.type_name
    if kind == 'structure':
        members = list(shape.members.items())[:1 if shape.is_tagged_union else None]
        return {name: filled(member, empty, depth + 1) for name, member in members
                if depth < DEPTH_MAX and not shape.is_document_type}
    if kind == 'list':
        return [] if empty and not shape.metadata.get('min') else [filled(shape.member, empty, depth + 1) for _ in range(2)]
    if kind == 'map':
        keys = list(getattr(shape.key, 'enum', []) or [])[:2] or ['first key', '2']
        return {} if empty else {key: filled(shape.value, empty, depth + 1) for key in keys}
    if kind == 'string':
        return text(shape, depth)
    return {'boolean': depth % 2 == 1, 'integer': 2147483647, 'long': 1 << 50, 'float': 1.5, 'double': 0.25,
            'timestamp': TIME, 'blob': b'\x00\xff<&>'}[kind]


def text(shape, depth):
    if getattr(shape, 'enum', None):
        return shape.enum[0]
    if 'location' in shape.serialization:
        return 'in-a-header'
    if shape.name == 'Policy':  # the body itself is a document
        return '{"Version":"2012-10-17","Statement":[]}'
    least = shape.metadata.get('min', 0)
    return (TEXT + str(depth)) * (1 + least // len(TEXT))


def parsed(call, status, headers, body):
    """What botocore reads in the same bytes, under the names that stand on the wire; bytes as base64, no XML attributes."""
    parser = botocore.parsers.create_parser(call.protocol)
    result = parser.parse({'status_code': status, 'headers': headers, 'body': body}, call.model.output_shape)
    result.pop('ResponseMetadata')
    shape = call.model.output_shape
    payload = shape.serialization.get('payload')
    if payload and shape.members[payload].type_name == 'string':
        return json.loads(result[payload])
    if payload:
        return on_wire(shape.members[payload], result.get(payload))
    return on_wire(shape, result)


def on_wire(shape, value):
    if shape.type_name == 'structure':
        out = {}
        for name, member in shape.members.items():
            if name in value and not {'location', 'xmlAttribute'} & set(member.serialization):
                wire = member.serialization.get('name', name)
                if member.type_name == 'list' and member.serialization.get('flattened'):
                    wire = member.member.serialization.get('name', wire)
                out[wire] = on_wire(member, value[name])
        return out
    if shape.type_name == 'list':
        return [on_wire(shape.member, item) for item in value]
    if shape.type_name == 'map':
        return {key: on_wire(shape.value, item) for key, item in value.items()}
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def difference(want, got, place=''):
    """The first place where two documents differ, or None. Times are compared as times, however they are written."""
    if isinstance(want, datetime.datetime):
        try:
            same = botocore.utils.parse_timestamp(got) == want
        except (ValueError, TypeError, AttributeError):
            same = False
        return None if same else f'{place}: {got!r}, not {want}'
    if isinstance(want, dict) and isinstance(got, dict):
        for key in sorted(set(want) | set(got)):
            if (key in want) != (key in got):
                return f'{place}/{key}: {"missing" if key in want else "too many"}'
            found = difference(want[key], got[key], f'{place}/{key}')
            if found:
                return found
        return None
    if want == {} and got == '':  # <Name/>: XML does not say which
        return None
    if isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            return f'{place}: {len(got)} items, not {len(want)}'
        return next(filter(None, (difference(w, g, f'{place}[{n}]') for n, (w, g) in enumerate(zip(want, got)))), None)
    if type(want) is not type(got) and not (isinstance(want, float) and isinstance(got, int)) or want != got:
        return f'{place}: {got!r}, not {want!r}'
    return None
