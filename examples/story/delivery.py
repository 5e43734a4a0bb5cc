"""How CloudTrail brings records to a bucket: about every five minutes, one gzip a region, some of them twice."""

import json
import os
import struct
import zlib
from datetime import timedelta

from .cloud import ACCOUNT, OSAKA, TOKYO, VIRGINIA

DELIVERY_MINUTES = 5
GLOBAL_SERVICES = ('iam.amazonaws.com', 'sts.amazonaws.com', 'signin.amazonaws.com')


def gzip_bytes(data):
    """One gzip member without a time or a name in its header, so that the same data gives the same bytes."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(data) + deflate.flush()
    return b'\x1f\x8b\x08\0\0\0\0\0\0\xff' + body + struct.pack('<LL', zlib.crc32(data), len(data) & 0xffffffff)


def slot_of(when, minutes):
    """The delivery that takes a record `minutes` after it happened."""
    late = when + timedelta(minutes=minutes)
    return late.replace(minute=late.minute // DELIVERY_MINUTES * DELIVERY_MINUTES, second=0)


def other_region(record):
    """Where a trail that follows all regions writes a record of a global service a second time."""
    if record.get('eventSource') in GLOBAL_SERVICES:
        return TOKYO if record['awsRegion'] == VIRGINIA else VIRGINIA
    return OSAKA if record['awsRegion'] == TOKYO else record['awsRegion']


def deliveries(records, dice):
    """{(kind, region, time): [record, ...]}: nothing is in order inside a file, and about one in twelve comes twice."""
    files = {}
    for when, record in records:
        kind = 'CloudTrail-Insight' if record['eventCategory'] == 'Insight' else 'CloudTrail'
        first = slot_of(when, dice.between(3, 11))
        files.setdefault((kind, record['awsRegion'], first), []).append(record)
        if dice.chance(0.08):
            again = first + timedelta(minutes=DELIVERY_MINUTES * dice.between(1, 6))
            region = other_region(record) if dice.chance(0.5) else record['awsRegion']
            files.setdefault((kind, region, again), []).append(record)
    return files


def write(records, dice, folder):
    """Writes the tree below `folder`; returns the numbers of files, of records written, and of bytes."""
    written = size = 0
    files = deliveries(records, dice)
    for kind, region, when in sorted(files):
        batch = dice.shuffled(files[kind, region, when])
        data = json.dumps({'Records': batch}, ensure_ascii=False, separators=(',', ':')).encode()
        name = '%s_%s_%s_%s_%s.json.gz' % (ACCOUNT, kind, region, when.strftime('%Y%m%dT%H%MZ'), dice.letters(16))
        place = os.path.join(folder, 'AWSLogs', ACCOUNT, kind, region, when.strftime('%Y/%m/%d'))
        os.makedirs(place, exist_ok=True)
        packed = gzip_bytes(data)
        with open(os.path.join(place, name), 'wb') as out:
            out.write(packed)
        written += len(batch)
        size += len(packed)
    return len(files), written, size
