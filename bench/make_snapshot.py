#!/usr/bin/env python3
"""A snapshot (docs/formats/snapshot.md) of an account as large as they come: make_account.py's users and roles, a credential
report of as many rows, seventeen regions with a recorder and a detector each, one trail.

usage: make_snapshot.py FILE [USERS [ROLES [SEED]]]     without numbers: 10,000 users and 5,000 roles

One user in ten has no MFA, one in eight a key that is too old. The same numbers give the same bytes.
"""
import json
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'examples'))
sys.dont_write_bytecode = True

from story.snapshot import Snapshot  # noqa: E402

ACCOUNT, HOME = '111122223333', 'ap-northeast-1'
NOW, RECENT, OLD = '2026-06-29T00:00:00Z', '2026-06-20T00:00:00+00:00', '2025-01-10T00:00:00+00:00'
REGIONS = ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1',
           'eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1', 'us-east-1', 'us-east-2', 'us-west-1',
           'us-west-2']
KINDS = [('UserDetailList', 'AWS::IAM::User', 'User'), ('GroupDetailList', 'AWS::IAM::Group', 'Group'),
         ('RoleDetailList', 'AWS::IAM::Role', 'Role'), ('Policies', 'AWS::IAM::Policy', 'Policy')]


def people(out, details):
    total = 0
    for member, kind, word in KINDS:
        for entity in details[member]:
            out.add(kind, 'global', entity[word + 'Id'], entity['Arn'], entity, entity[word + 'Name'])
        total += len(details[member])
    out.answered('iam:GetAccountAuthorizationDetails', 'global', total)


def report_row(name, arn, rng):
    """A text for every column; keys in slot 2 are rare."""
    root, has_key, mfa = name == '<root_account>', rng.random() < 0.5, rng.random() < 0.9
    row = {'user': name, 'arn': arn, 'user_creation_time': OLD, 'password_enabled': 'TRUE' if root else 'true',
           'password_last_used': OLD if root else RECENT, 'password_last_changed': 'not_supported' if root else RECENT,
           'password_next_rotation': 'not_supported' if root else 'N/A', 'mfa_active': 'true' if root or mfa else 'false'}
    for slot, there in (('1', has_key and not root), ('2', False)):
        row.update({f'access_key_{slot}_active': str(there).lower(),
                    f'access_key_{slot}_last_rotated': (OLD if rng.random() < 0.25 else RECENT) if there else 'N/A',
                    f'access_key_{slot}_last_used_date': RECENT if there else 'N/A',
                    f'access_key_{slot}_last_used_region': HOME if there else 'N/A',
                    f'access_key_{slot}_last_used_service': 's3' if there else 'N/A'})
    for slot in '12':
        row.update({f'cert_{slot}_active': 'false', f'cert_{slot}_last_rotated': 'N/A'})
    return row


def account_wide(out, details, rng):
    root = f'arn:aws:iam::{ACCOUNT}:root'
    rows = [('<root_account>', root)] + [(user['UserName'], user['Arn']) for user in details['UserDetailList']]
    for name, arn in rows:
        out.add('Nezuban::IAM::CredentialReportRow', 'global', name, arn, report_row(name, arn, rng), name)
    out.add('Nezuban::IAM::CredentialReport', 'global', ACCOUNT, root, {'GeneratedTime': NOW, 'ReportFormat': 'text/csv'})
    out.answered('iam:GetCredentialReport', 'global', len(rows) + 1)
    out.add('Nezuban::IAM::AccountSummary', 'global', ACCOUNT, root, {'SummaryMap': {
        'AccountMFAEnabled': 1, 'AccountPasswordPresent': 1, 'AccountAccessKeysPresent': 0,
        'AccountSigningCertificatesPresent': 0, 'Users': len(rows) - 1}})
    out.answered('iam:GetAccountSummary', 'global', 1)
    out.answered('iam:GetAccountPasswordPolicy', 'global', 0)
    out.answered('iam:ListVirtualMFADevices', 'global', 0)
    out.answered('iam:ListServiceSpecificCredentials', 'global', 0)


def regional(out):
    trail = f'arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/main'
    out.add('AWS::CloudTrail::Trail', HOME, 'main', trail, {
        'Name': 'main', 'TrailARN': trail, 'HomeRegion': HOME, 'S3BucketName': 'example-trail', 'IncludeGlobalServiceEvents': True,
        'IsMultiRegionTrail': True, 'IsOrganizationTrail': False, 'LogFileValidationEnabled': True,
        'HasCustomEventSelectors': False}, 'main', {
            'GetTrailStatus': {'IsLogging': True, 'LatestDeliveryTime': NOW, 'StartLoggingTime': OLD},
            'GetEventSelectors': {'TrailARN': trail, 'EventSelectors': [
                {'ReadWriteType': 'All', 'IncludeManagementEvents': True, 'ExcludeManagementEventSources': []}]}})
    for region in REGIONS:
        out.add('Nezuban::EC2::Region', region, region, '', {'RegionName': region, 'OptInStatus': 'opt-in-not-required',
                                                             'Access': 'open'}, region)
        out.answered('cloudtrail:DescribeTrails', region, 1)
        arn = f'arn:aws:config:{region}:{ACCOUNT}:configuration-recorder/default/abcd1234'
        out.add('AWS::Config::ConfigurationRecorder', region, 'default', arn, {
            'arn': arn, 'name': 'default', 'recordingGroup': {'allSupported': True, 'includeGlobalResourceTypes': region == HOME},
            'recordingScope': 'PAID'}, 'default', {
                'DescribeConfigurationRecorderStatus': {'name': 'default', 'recording': True, 'lastStatus': 'SUCCESS'}})
        out.answered('config:DescribeConfigurationRecorders', region, 1)
        detector = f'{REGIONS.index(region):032x}'
        out.add('AWS::GuardDuty::Detector', region, detector, f'arn:aws:guardduty:{region}:{ACCOUNT}:detector/{detector}',
                {'DetectorId': detector}, '', {'GetDetector': {'Status': 'ENABLED', 'Features': []}})
        out.answered('guardduty:ListDetectors', region, 1)
        for call in ('config:DescribeDeliveryChannels', 'config:DescribeConfigRules', 'securityhub:DescribeHub',
                     'access-analyzer:ListAnalyzers', 'detective:ListGraphs'):
            out.answered(call, region, 0)
    out.answered('ec2:DescribeRegions', HOME, len(REGIONS))


def main():
    if len(sys.argv) < 2 or any(word.startswith('-') for word in sys.argv[1:]):
        sys.exit(__doc__)
    numbers = sys.argv[2:]
    made = subprocess.run([sys.executable, HERE / 'make_account.py', *numbers], check=True, stdout=subprocess.PIPE)
    details, rng = json.loads(made.stdout), random.Random(int(numbers[2]) if len(numbers) > 2 else 1)
    out = Snapshot(ACCOUNT, NOW, {'Arn': f'arn:aws:iam::{ACCOUNT}:user/auditor', 'UserId': 'AIDAEXAMPLE'}, HOME, REGIONS)
    people(out, details)
    account_wide(out, details, rng)
    regional(out)
    out.write(sys.argv[1])


if __name__ == '__main__':
    main()
