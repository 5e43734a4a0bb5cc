"""A snapshot file as docs/formats/snapshot.md describes it, written from items in the shapes of AWS's API."""

import gzip
import json
import zlib

KEYS = ('resourceType', 'awsRegion', 'ARN', 'resourceId')


class Snapshot:
    """What was read of an account at one time: fill it, then write() it."""

    def __init__(self, account, captured_at, caller, caller_region, regions, partition='aws'):
        self.account, self.captured_at = account, captured_at
        self.head = {'kind': 'snapshot', 'format': 'nezuban-snapshot', 'version': 1, 'tool': 'nezuban examples',
                     'accountId': account, 'partition': partition, 'capturedAt': captured_at, 'caller': caller,
                     'callerRegion': caller_region, 'regions': regions}
        self.items, self.collected, self.unread = [], [], []

    def add(self, kind, region, id_, arn, configuration, name='', supplementary=None):
        self.items.append({'kind': 'item', 'accountId': self.account, 'awsRegion': region, 'resourceType': kind,
                           'resourceId': id_, 'resourceName': name, 'ARN': arn,
                           'configurationItemCaptureTime': self.captured_at, 'configurationItemStatus': 'OK',
                           'configuration': configuration, 'supplementaryConfiguration': supplementary or {}})

    def answered(self, call, region, items):
        service, operation = call.split(':')
        self.collected.append({'kind': 'collected', 'service': service, 'operation': operation, 'region': region,
                               'items': items})

    def refused(self, call, region, error, message, resource='', action=None):
        service, operation = call.split(':')
        self.unread.append({'kind': 'unread', 'service': service, 'operation': operation, 'region': region,
                            'resource': resource, 'error': error, 'action': action or call, 'message': message})

    def lines(self):
        by_call = ('service', 'operation', 'region', 'resource')
        order = [(self.collected, by_call), (self.unread, by_call), (self.items, KEYS)]
        yield self.head
        for lines, keys in order:
            yield from sorted(lines, key=lambda line: [line.get(key, '').encode() for key in keys])
        yield {'kind': 'end', 'items': len(self.items), 'collected': len(self.collected), 'unread': len(self.unread)}

    def write(self, path):
        """The same bytes every time: no time and no name in the gzip header."""
        with open(path, 'wb') as raw, gzip.GzipFile('', 'wb', 6, raw, mtime=0) as file:
            for line in self.lines():
                file.write(json.dumps(line, ensure_ascii=False, separators=(',', ':')).encode() + b'\n')


def id_of(prefix, name, length=21):
    """An id of AWS's form that depends on the name alone."""
    letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
    number = zlib.crc32(name.encode()) << 48 | zlib.crc32(name.encode()[::-1]) << 16 | zlib.adler32(name.encode())
    text = ''
    while len(prefix) + len(text) < length:
        text += letters[number % 32]
        number = number // 32 or 0x5bd1e995
    return prefix + text
