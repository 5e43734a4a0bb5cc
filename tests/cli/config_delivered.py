#!/usr/bin/env python3
"""`audit --snapshot` of what AWS Config has delivered: a folder as it lies in the bucket, several regions, several days.

usage: config_delivered.py NEZUBAN
"""
import gzip
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from checking import Checking  # noqa: E402

ACCOUNT = '111122223333'
DENY_ALL = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Deny', 'Principal': '*', 'Action': 's3:*', 'Resource': '*'}]})
FOR_ALL = DENY_ALL.replace('Deny', 'Allow')


class Delivered(Checking):
    def deliver(self, folder, region, day, items, account=ACCOUNT, kind='ConfigSnapshot', text=None):
        place = os.path.join(self.home, folder, 'AWSLogs', account, 'Config', region, *day.split('-'), kind)
        os.makedirs(place, exist_ok=True)
        path = os.path.join(place, f'{account}_Config_{region}_{kind}_{day.replace("-", "")}T010203Z_0f1e2d3c.json.gz')
        with gzip.open(path, 'wb') as file:
            file.write(text if text is not None else json.dumps(
                {'fileVersion': '1.0', 'configSnapshotId': region, 'configurationItems': items}).encode())
        return path

    def audit(self, folder, *more):
        self.status, out, self.err = self.run('--lang', 'en', 'audit', '-s', os.path.join(self.home, folder), '-f', 'json', *more)
        return json.loads(out) if out else None


def item(region, kind, name, configuration, day='2026-11-25', account=ACCOUNT, **supplementary):
    return {'awsAccountId': account, 'awsRegion': region, 'resourceType': kind, 'resourceId': name, 'resourceName': name,
            'ARN': f'arn:aws:x:{region}:{account}:{kind.lower()}/{name}', 'configurationItemCaptureTime': f'{day}T01:02:03.000Z',
            'configurationItemStatus': 'OK', 'configuration': configuration,
            'supplementaryConfiguration': {k: json.dumps(v) for k, v in supplementary.items()}}


def detector(region, enable, **more):
    return item(region, 'AWS::GuardDuty::Detector', 'd' + region, {'Id': 'd', 'Enable': enable, 'FindingPublishingFrequency': 'SIX_HOURS'},
                **more)


def trail(region, bucket, day='2026-11-25'):
    return item(region, 'AWS::CloudTrail::Trail', 'main', {
        'name': 'main', 'trailARN': f'arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/main', 'homeRegion': region, 's3BucketName': bucket,
        'isMultiRegionTrail': True, 'logFileValidationEnabled': True, 'kmsKeyId': None}, day)


def bucket(name, policy=None, grantee=None, **more):
    return {**item('eu-west-1', 'AWS::S3::Bucket', name, {'name': name}, **{
        'BucketPolicy': {'policyText': policy}, 'BucketVersioningConfiguration': {'status': 'Off', 'isMfaDeleteEnabled': None},
        'BucketLoggingConfiguration': {'destinationBucketName': 'logs', 'logFilePrefix': None},
        'AccessControlList': {'grantSet': None, 'grantList': [
            {'grantee': grantee or {'id': 'c0ffee', 'displayName': None}, 'permission': 'FullControl'}], 'owner': {'id': 'c0ffee'}},
        **more}), 'ARN': 'arn:aws:s3:::' + name}


CLOSED = {'blockPublicAcls': True, 'ignorePublicAcls': True, 'blockPublicPolicy': True, 'restrictPublicBuckets': True}


def found(report, check):
    return {(f['region'], f['resource'].rpartition('/')[2].rpartition(':')[2]): (f['status'], f['reason'])
            for f in report['findings'] if f['check'] == check}


def check_regions(t):
    """The newest of each region, as one account."""
    t.deliver('two', 'eu-west-1', '2026-11-20', [detector('eu-west-1', True)])
    t.deliver('two', 'eu-west-1', '2026-11-25', [detector('eu-west-1', False), trail('eu-west-1', 'b')])
    t.deliver('two', 'us-east-1', '2026-11-24', [detector('us-east-1', True)])
    t.deliver('two', 'ap-south-1', '2026-11-24', [])
    t.deliver('two', 'us-east-1', '2026-11-26', [detector('us-east-1', False)], kind='ConfigHistory')
    report = t.audit('two')
    t.check('one account', report and report['account'] == ACCOUNT and t.err == '', (t.status, t.err))
    t.check('as of the newest', report['generated_at'] == '2026-11-25T01:02:03Z', report['generated_at'])
    guard = {key[0]: status for key, (status, _) in found(report, 'guardduty-enabled').items()}
    t.check('each region is judged by its newest', guard == {'eu-west-1': 'fail', 'us-east-1': 'pass'}, guard)
    access = {(f['region'], f['status']) for f in report['findings'] if f['check'] == 'region-access'}
    t.check('that there may be more regions is said', ('global', 'unknown') in access, access)
    for check, want in (('cloudtrail-delivery', 'unknown'), ('cloudtrail-validation', 'pass')):
        rows = {key[1]: status for key, (status, _) in found(report, check).items()}
        t.check('what Config tells is judged, the rest is unknown: ' + check, rows == {'main': want, 'us-east-1': 'unknown'}, rows)


def check_global(t):
    """A user that two regions record stands once, as the newer one has it."""
    def user(day, groups):
        return item('global', 'AWS::IAM::User', 'hanako', {
            'userName': 'hanako', 'arn': f'arn:aws:iam::{ACCOUNT}:user/hanako', 'userId': 'AIDA', 'groupList': groups,
            'userPolicyList': [], 'attachedManagedPolicies': [] if groups else [
                {'policyName': 'P', 'policyArn': 'arn:aws:iam::aws:policy/P'}]}, day)
    t.deliver('global', 'us-east-1', '2026-11-20', [user('2026-11-20', [])])
    t.deliver('global', 'eu-west-1', '2026-11-25', [user('2026-11-25', ['staff'])])
    report = t.audit('global')
    t.check('not a word of it', t.err == '', t.err)
    users = [f for f in report['findings'] if f['check'] == 'iam-user-direct-policy']
    t.check('the newer one counts', [f['status'] for f in users if 'hanako' in f['resource']] == ['pass'], users)


def check_buckets(t):
    """What Config calls otherwise than the API is judged all the same."""
    for name, want, items in (
            ('public', ('fail', 'policy lets everybody in'), bucket('b', FOR_ALL, PublicAccessBlockConfiguration=dict.fromkeys(CLOSED, False))),
            ('acl', ('fail', 'ACL lets everybody in'), bucket('b', None, 'AllUsers', PublicAccessBlockConfiguration=dict.fromkeys(CLOSED, False))),
            ('plain', ('partial', 'no versioning'), bucket('b', DENY_ALL, PublicAccessBlockConfiguration=CLOSED)),
            ('no-block', ('unknown', 'GetPublicAccessBlock'), bucket('b', FOR_ALL)),
            ('who', ('unknown', 'GetBucketAcl'), bucket('b', None, 'Somebody', PublicAccessBlockConfiguration={**CLOSED, 'ignorePublicAcls': False}))):
        account = {'awsAccountId': ACCOUNT, 'awsRegion': 'global', 'resourceType': 'AWS::S3::AccountPublicAccessBlock',
                   'resourceId': ACCOUNT, 'configurationItemCaptureTime': '2026-11-25T01:02:03.000Z',
                   'configuration': dict.fromkeys(CLOSED, False)}
        t.deliver('bucket-' + name, 'eu-west-1', '2026-11-25', [trail('eu-west-1', 'b'), items, account])
        (status, reason), = found(t.audit('bucket-' + name), 'cloudtrail-bucket').values()
        t.check(name, status == want[0] and want[1] in reason, (status, reason))


def check_trouble(t):
    t.deliver('many', 'us-east-1', '2026-11-25', [])
    t.deliver('many', 'us-east-1', '2026-11-25', [], account='444455556666')
    t.check('two accounts: 2', t.audit('many') is None and t.status == 2 and '444455556666' in t.err, (t.status, t.err))
    os.makedirs(os.path.join(t.home, 'empty'))
    t.check('none: 2', t.audit('empty') is None and t.status == 2 and '_ConfigSnapshot_' in t.err, (t.status, t.err))
    t.deliver('broken', 'us-east-1', '2026-11-25', [detector('us-east-1', True)])
    path = t.deliver('broken', 'eu-west-1', '2026-11-25', None, text=b'<html>')
    report = t.audit('broken')
    t.check('one that is none: 2, and the other is judged', t.status == 2 and path in t.err and
            {k[0]: v[0] for k, v in found(report, 'guardduty-enabled').items()} == {'us-east-1': 'pass'}, (t.status, t.err))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        t = Delivered(os.path.abspath(sys.argv[1]), home)
        for part in (check_regions, check_global, check_buckets, check_trouble):
            part(t)
    t.end()


if __name__ == '__main__':
    main()
