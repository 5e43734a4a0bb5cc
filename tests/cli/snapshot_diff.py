#!/usr/bin/env python3
"""`nezuban diff` on snapshots of a few lines: what changed, what could not be compared, damaged and hostile files.

usage: snapshot_diff.py NEZUBAN
"""

import gzip
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from checking import Checking  # noqa: E402

HEAD = {'kind': 'snapshot', 'format': 'nezuban-snapshot', 'version': 1, 'tool': 'test', 'accountId': '111122223333',
        'partition': 'aws', 'capturedAt': '2026-11-25T13:20:05Z', 'caller': {'Arn': 'a', 'UserId': 'b'},
        'callerRegion': 'us-east-1', 'regions': ['us-east-1']}


def item(kind, name, configuration, supplementary=None, region='us-east-1'):
    return {'kind': 'item', 'accountId': '111122223333', 'awsRegion': region, 'resourceType': kind, 'resourceId': name,
            'resourceName': name, 'ARN': 'arn:' + name, 'configurationItemCaptureTime': '2026-11-25T13:20:05Z',
            'configurationItemStatus': 'OK', 'configuration': configuration,
            'supplementaryConfiguration': supplementary or {}}


def collected(service, operation, region='us-east-1'):
    return {'kind': 'collected', 'service': service, 'operation': operation, 'region': region, 'items': 0}


def unread(service, operation, region='us-east-1', resource=''):
    return {'kind': 'unread', 'service': service, 'operation': operation, 'region': region, 'resource': resource,
            'error': 'AccessDeniedException', 'action': service + ':' + operation, 'message': 'no'}


def trail(name, **more):
    return item('AWS::CloudTrail::Trail', name, {'Name': name, **more}, {'GetTrailStatus': {'IsLogging': True}})


TRAILS = collected('cloudtrail', 'DescribeTrails')


class Diff(Checking):
    def snapshot(self, name, *lines, head=HEAD, end=True, cut=None):
        counts = {kind: sum(line['kind'] == kind for line in lines) for kind in ('item', 'collected', 'unread')}
        last = [{'kind': 'end', 'items': counts['item'], 'collected': counts['collected'], 'unread': counts['unread']}]
        text = ''.join(json.dumps(line, separators=(',', ':')) + '\n' for line in [head, *lines, *(last if end else [])])
        path = os.path.join(self.home, name)
        with open(path, 'wb') as file:
            file.write(gzip.compress(text.encode())[:cut])
        return path

    def diff(self, *args):
        return self.run('--lang', 'en', 'diff', *args)

    def json(self, *args):
        status, out, err = self.diff('-f', 'json', *args)
        return status, json.loads(out), err


def check_changes(d):
    a = d.snapshot('a', TRAILS, trail('kept', Tags=[{'Key': 'x', 'Value': '1'}, {'Key': 'y', 'Value': '2'}], List=['p', 'q']),
                   trail('gone'))
    b = d.snapshot('b', TRAILS, trail('kept', Tags=[{'Key': 'y', 'Value': '3'}, {'Key': 'x', 'Value': '1'}],
                                      List=['q', 'r'], New={'a': 1}), trail('new'))
    status, out, err = d.json(a, b)
    changes = {c['resource']: c for c in out['changes']}
    d.check('something changed: 1', status == 1, (status, err))
    d.check('added', changes['arn:new']['change'] == 'added', changes)
    d.check('removed', changes['arn:gone']['change'] == 'removed', changes)
    fields = {f['field']: (f.get('before'), f.get('after')) for f in changes['arn:kept']['fields']}
    d.check('fields: names of a list, its order does not count, what is new', fields == {
        'configuration.Tags[y].Value': ('2', '3'), 'configuration.New': (None, {'a': 1})} | {
            'configuration.List[]': fields.get('configuration.List[]')}, fields)
    lists = [(f.get('before'), f.get('after')) for f in changes['arn:kept']['fields'] if f['field'] == 'configuration.List[]']
    d.check('fields: elements without a name', lists == [('p', None), (None, 'r')], lists)
    status, out, err = d.diff(a, b)
    d.check('table', '+ arn:new' in out and '- arn:gone' in out and '~ arn:kept' in out and
            'configuration.Tags[y].Value: "2" → "3"' in out and 'added: 1, removed: 1, changed: 1' in err, (out, err))
    status, out, err = d.diff(a, a)
    d.check('the same: 0 and nothing said', status == 0 and out == '', (status, out))
    d.check('quiet', d.diff(a, a, '--quiet')[2] == '')


def check_gaps(d):
    denied = unread('cloudtrail', 'DescribeTrails')
    a = d.snapshot('a', TRAILS, trail('one'))
    b = d.snapshot('b', denied)
    for first, second, side in ((a, b, 'second'), (b, a, 'first')):
        status, out, _ = d.json(first, second)
        d.check('not read is not ' + ('removed' if side == 'second' else 'added'),
                status == 0 and out['changes'] == [] and [g['side'] for g in out['gaps']] == [side] and
                out['gaps'][0]['action'] == 'cloudtrail:DescribeTrails', (status, out))
        d.check('unread is listed with its side', [u['side'] for u in out['unread']] == [side], out)
    d.check('strict: 3', d.diff(a, b, '--strict')[0] == 3)
    d.check('strict, all compared: 0', d.diff(a, a, '--strict')[0] == 0)
    status, out, _ = d.diff(a, b)
    d.check('table says it', 'Could not be compared:' in out and 'DescribeTrails  AccessDeniedException: us-east-1' in out, out)
    other = trail('one')
    del other['supplementaryConfiguration']['GetTrailStatus']
    c = d.snapshot('c', TRAILS, unread('cloudtrail', 'GetTrailStatus', resource='arn:one'), other)
    status, out, _ = d.json(a, c)
    d.check('an answer that is missing is a gap', status == 0 and out['changes'] == [] and
            out['gaps'][0]['operation'] == 'GetTrailStatus' and out['gaps'][0]['resource'] == 'arn:one', out)
    other['supplementaryConfiguration']['GetTrailStatus'] = None
    status, out, _ = d.json(a, d.snapshot('d', TRAILS, other))
    d.check('null is an answer', status == 1 and out['changes'][0]['fields'][0]['after'] is None and
            'after' in out['changes'][0]['fields'][0], out)


def check_activity(d):
    one, two = trail('one'), trail('one')
    one['supplementaryConfiguration']['GetTrailStatus']['LatestDeliveryTime'] = '2026-11-25T13:00:00Z'
    two['supplementaryConfiguration']['GetTrailStatus']['LatestDeliveryTime'] = '2026-11-25T14:00:00Z'
    a, b = d.snapshot('a', TRAILS, one), d.snapshot('b', TRAILS, two)
    d.check('what changes by itself is left out', d.diff(a, b)[0] == 0)
    d.check('unless asked for', d.diff(a, b, '--activity')[0] == 1)
    two['supplementaryConfiguration']['GetTrailStatus']['LatestDeliveryError'] = 'NoSuchBucket'
    d.check('an error does not come by itself', d.diff(a, d.snapshot('b', TRAILS, two))[0] == 1)


def check_bad(d):
    a = d.snapshot('a', TRAILS, trail('one'), trail('two'))
    cut = d.snapshot('cut', TRAILS, trail('one'), end=False)
    status, out, err = d.diff(a, cut)
    d.check('no end: 2, file and line, nothing removed', status == 2 and 'cut:3: the snapshot is not whole' in err and
            '- arn:two' not in out and 'the snapshot is damaged' in out, (status, out, err))
    status, out, err = d.diff(a, d.snapshot('half', TRAILS, trail('one'), cut=-20))
    d.check('cut gzip: 2', status == 2 and 'half' in err and 'gzip data ends too early' in err, err)
    status, out, err = d.diff(a, d.snapshot('newer', TRAILS, trail('one'), head={**HEAD, 'version': 2}))
    d.check('newer: 2, said', status == 2 and 'newer:1: the snapshot was written by a newer nezuban' in err, err)
    status, out, err = d.diff(a, d.snapshot('twice', TRAILS, trail('one'), trail('two'), trail('one')))
    d.check('twice: 2, line', status == 2 and 'twice:5: the snapshot has one thing twice' in err, err)
    status, out, err = d.diff(a, d.snapshot('other', TRAILS, head={**HEAD, 'accountId': '444455556666'}))
    d.check('another account is said', 'the snapshots are of two accounts: 111122223333, 444455556666' in err, err)
    status, out, err = d.diff(a, os.path.join(d.home, 'none'))
    d.check('no such file: 2', status == 2 and 'none' in err and out == '', err)
    with open(os.path.join(d.home, 'log'), 'w', encoding='utf-8') as file:
        file.write('{"Records":[]}')
    status, out, err = d.diff(a, os.path.join(d.home, 'log'))
    d.check('no snapshot: 2', status == 2 and 'not a snapshot' in err, err)
    evil = trail('\x1b[31m\u202e<b>', Name='\x1b]0;x\x07')
    status, out, err = d.diff(a, d.snapshot('evil', TRAILS, trail('one'), trail('two'), evil))
    d.check('nothing that a terminal would obey', status == 1 and '\x1b' not in out and '\u202e' not in out and
            '\\x1b[31m' in out, out)
    status, out, err = d.diff(a)
    d.check('one file: 2', status == 2 and "--help'" in err, err)


def check_foreign(d):
    path = os.path.join(d.home, 'details')
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'UserDetailList': [{'UserName': 'u', 'UserId': 'AIDA', 'Arn': 'arn:aws:iam::111122223333:user/u'}],
                   'GroupDetailList': [], 'RoleDetailList': [], 'Policies': [], 'IsTruncated': False}, file)
    details = collected('iam', 'GetAccountAuthorizationDetails', 'global')
    user = item('AWS::IAM::User', 'v', {'UserName': 'v'}, region='global')
    status, out, _ = d.json(path, d.snapshot('b', details, user))
    d.check('the output of the AWS CLI', status == 1 and sorted(c['change'] for c in out['changes']) == ['added', 'removed'],
            out)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        d = Diff(os.path.abspath(sys.argv[1]), home)
        for part in (check_changes, check_gaps, check_activity, check_bad, check_foreign):
            part(d)
    d.end()


if __name__ == '__main__':
    main()
