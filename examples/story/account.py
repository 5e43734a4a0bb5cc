"""The company's account on the Monday after: 29 June 2026, nine in the morning in Japan, read by an auditor's role.

Sato switched everything on again on the 25th, or so she thought (attack.morning_after). What an audit finds is of three kinds:
what the night left behind, what made the night possible, and what never was right.
"""

from datetime import datetime, timedelta, timezone

from . import company
from .account_policies import GROUPS, OWN_POLICIES, by_aws, document
from .attack import LEAKED, SLEEPER
from .cloud import ACCOUNT, AUDIT_ACCOUNT, OSAKA, STOCKHOLM, TOKYO, VIRGINIA, stamp
from .snapshot import Snapshot, id_of

NOW = datetime(2026, 6, 29, tzinfo=timezone.utc)
AUDITOR = 'arn:aws:sts::%s:assumed-role/auditor/nezuban' % ACCOUNT
ROOT = 'arn:aws:iam::%s:root' % ACCOUNT
NEVER = 'N/A'
OPEN = [TOKYO, OSAKA, STOCKHOLM, VIRGINIA]
CLOSED = ['ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1', 'eu-west-1',
          'eu-west-2', 'eu-west-3', 'sa-east-1', 'us-east-2', 'us-west-1', 'us-west-2']
NOT_OPTED_IN = ['af-south-1', 'ap-east-1', 'me-south-1']
ORGANIZATION = 'o-aozora0001'
SCP_SAYS = ('User: %s is not authorized to perform: %%s on resource: * with an explicit deny in a service control policy: '
            'arn:aws:organizations::%s:policy/%s/service_control_policy/p-regions01' % (AUDITOR, AUDIT_ACCOUNT, ORGANIZATION))


class User:
    """One row of the credential report; days count back from NOW, None is never."""

    def __init__(self, name, groups, made, password=None, mfa=True, key=None, key_used=None, key_active=True, policies=(),
                 changed=200):
        self.name, self.groups, self.made, self.password, self.mfa = name, groups, made, password, mfa
        self.key, self.key_used, self.key_active, self.policies = key, key_used, key_active, policies
        self.changed = changed


USERS = [
    User('sato.hanako', ['administrators'], 1190, password=3, changed=4),
    User('suzuki.kenji', ['administrators'], 1190, password=3, key=71, key_used=3, changed=4),
    User('takahashi.yui', ['developers'], 900, password=3, key=84, key_used=3),
    User('tanaka.ryota', ['developers'], 640, password=5, key=410, key_used=5, key_active=False, changed=4),
    User('ito.mei', ['developers'], 610, password=4),
    User('watanabe.sho', ['developers'], 602, password=3, key=12, key_used=3),
    User('yamamoto.aoi', ['developers'], 480, password=3),
    User('nakamura.daiki', ['developers'], 455, password=3, key=133, key_used=3),
    User('kobayashi.rin', ['designers'], 410, password=6, mfa=False),
    User('kato.makoto', ['accounting'], 1020, password=9),
    User('sasaki.jun', ['developers', 'operators'], 300, password=3, key=60, key_used=4),
    User('mori.kaito', ['developers'], 20, password=3, policies=['IAMUserChangePassword'], changed=20),
    User('ci-deploy', [], 830, mfa=False, key=830, key_used=3, policies=['assume-deploy']),
    User(SLEEPER, [], 1100, mfa=False, key=1100, key_used=None, policies=['AmazonS3FullAccess']),
]
ROLES = [('OpsAdmin', '/', {'AWS': ROOT}, 'AdministratorAccess', True), ('auditor', '/', {'AWS': ROOT}, 'SecurityAudit', True),
         ('deploy', '/', {'AWS': 'arn:aws:iam::%s:user/ci-deploy' % ACCOUNT}, 'deploy-stacks', False),
         ('bento-web', '/', {'Service': 'ec2.amazonaws.com'}, 'read-parameters', False)]
ROLES += [(name + '-role', '/service-role/', {'Service': 'lambda.amazonaws.com'}, 'read-parameters', False)
          for name in company.FUNCTIONS]


def ago(days, hours=0):
    return NOW - timedelta(days=days, hours=hours)


def arn(what):
    return 'arn:aws:iam::%s:%s' % (ACCOUNT, what)


def attached(names):
    return [{'PolicyName': n, 'PolicyArn': arn('policy/' + n) if n in OWN_POLICIES else 'arn:aws:iam::aws:policy/' + n}
            for n in names]


def people(out):
    details = 'iam:GetAccountAuthorizationDetails'
    for user in USERS:
        id_ = id_of('AIDA', user.name)
        out.add('AWS::IAM::User', 'global', id_, arn('user/' + user.name), {
            'Path': '/', 'UserName': user.name, 'UserId': id_, 'Arn': arn('user/' + user.name),
            'CreateDate': stamp(ago(user.made)), 'UserPolicyList': [], 'GroupList': user.groups,
            'AttachedManagedPolicies': attached(user.policies), 'Tags': []}, user.name)
    for name, policies in GROUPS.items():
        id_ = id_of('AGPA', name)
        out.add('AWS::IAM::Group', 'global', id_, arn('group/' + name), {
            'Path': '/', 'GroupName': name, 'GroupId': id_, 'Arn': arn('group/' + name), 'CreateDate': stamp(ago(1190)),
            'GroupPolicyList': [], 'AttachedManagedPolicies': attached(policies)}, name)
    for name, path, who, policy, with_mfa in ROLES:
        role(out, name, path, who, policy, with_mfa)
    used = {n for user in USERS for n in user.policies} | {n for names in GROUPS.values() for n in names} | {r[3] for r in ROLES}
    for name in sorted(used | set(OWN_POLICIES)):
        managed_policy(out, name)
    out.answered(details, 'global', sum(i['resourceType'].startswith('AWS::IAM') for i in out.items))


def role(out, name, path, who, policy, with_mfa):
    statement = {'Effect': 'Allow', 'Principal': who, 'Action': 'sts:AssumeRole'}
    if with_mfa:
        statement['Condition'] = {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}
    id_, where = id_of('AROA', name), arn('role' + path + name)
    out.add('AWS::IAM::Role', 'global', id_, where, {
        'Path': path, 'RoleName': name, 'RoleId': id_, 'Arn': where, 'CreateDate': stamp(ago(800)),
        'AssumeRolePolicyDocument': document(statement), 'InstanceProfileList': [], 'RolePolicyList': [],
        'AttachedManagedPolicies': attached([policy]), 'Tags': [],
        'RoleLastUsed': {'LastUsedDate': stamp(ago(3)), 'Region': TOKYO}}, name)


def managed_policy(out, name):
    body, id_, where = OWN_POLICIES.get(name) or by_aws(name), id_of('ANPA', name), attached([name])[0]['PolicyArn']
    out.add('AWS::IAM::Policy', 'global', id_, where, {
        'PolicyName': name, 'PolicyId': id_, 'Arn': where, 'Path': '/', 'DefaultVersionId': 'v1', 'AttachmentCount': 1,
        'PermissionsBoundaryUsageCount': 0, 'IsAttachable': True, 'CreateDate': stamp(ago(1190)),
        'UpdateDate': stamp(ago(300)), 'PolicyVersionList': [
            {'Document': body, 'VersionId': 'v1', 'IsDefaultVersion': True, 'CreateDate': stamp(ago(300))}]}, name)


def report(out):
    rows = [{'user': '<root_account>', 'arn': ROOT, 'user_creation_time': ago(1200), 'password_enabled': 'TRUE',
             'password_last_used': ago(24, 21), 'password_last_changed': 'not_supported',
             'password_next_rotation': 'not_supported', 'mfa_active': 'true', 'access_key_1_active': 'false'}]
    for user in USERS:
        signs_in = user.password is not None
        rows.append({
            'user': user.name, 'arn': arn('user/' + user.name), 'user_creation_time': ago(user.made),
            'password_enabled': str(signs_in).lower(), 'password_last_used': ago(user.password) if signs_in else NEVER,
            'password_last_changed': ago(user.changed) if signs_in else NEVER,
            'password_next_rotation': NEVER, 'mfa_active': str(user.mfa).lower(),
            'access_key_1_active': str(user.key is not None and user.key_active).lower(),
            'access_key_1_last_rotated': NEVER if user.key is None else ago(user.key),
            'access_key_1_last_used_date': NEVER if user.key_used is None else ago(user.key_used),
            'access_key_1_last_used_region': NEVER if user.key_used is None else TOKYO,
            'access_key_1_last_used_service': NEVER if user.key_used is None else 's3'})
    columns = ['user', 'arn', 'user_creation_time', 'password_enabled', 'password_last_used', 'password_last_changed',
               'password_next_rotation', 'mfa_active'] + ['access_key_%d_%s' % (n, what) for n in (1, 2) for what in (
                   'active', 'last_rotated', 'last_used_date', 'last_used_region', 'last_used_service')] + [
                       'cert_%d_%s' % (n, what) for n in (1, 2) for what in ('active', 'last_rotated')]
    for row in rows:
        full = {column: row.get(column, 'false' if column.endswith('_active') else NEVER) for column in columns}
        texts = {k: v.strftime('%Y-%m-%dT%H:%M:%S+00:00') if isinstance(v, datetime) else v for k, v in full.items()}
        out.add('Nezuban::IAM::CredentialReportRow', 'global', row['user'], row['arn'], texts, row['user'])
    out.add('Nezuban::IAM::CredentialReport', 'global', ACCOUNT, ROOT,
            {'GeneratedTime': stamp(ago(0, 2)), 'ReportFormat': 'text/csv'})
    out.answered('iam:GetCredentialReport', 'global', len(rows) + 1)


def account_wide(out):
    out.add('Nezuban::IAM::AccountSummary', 'global', ACCOUNT, ROOT, {'SummaryMap': {
        'AccountMFAEnabled': 1, 'AccountPasswordPresent': 1, 'AccountAccessKeysPresent': 0,
        'AccountSigningCertificatesPresent': 0, 'Users': len(USERS), 'Groups': len(GROUPS), 'Roles': len(ROLES)}})
    out.answered('iam:GetAccountSummary', 'global', 1)
    # As Sato set it at eight in the morning, with what came to mind: nothing about expiry.
    out.add('Nezuban::IAM::PasswordPolicy', 'global', ACCOUNT, ROOT, {
        'MinimumPasswordLength': 14, 'RequireSymbols': True, 'RequireNumbers': True, 'RequireUppercaseCharacters': True,
        'RequireLowercaseCharacters': True, 'AllowUsersToChangePassword': True, 'ExpirePasswords': False,
        'PasswordReusePrevention': 24})
    out.answered('iam:GetAccountPasswordPolicy', 'global', 1)
    devices = [(user.name, arn('user/' + user.name), id_of('AIDA', user.name)) for user in USERS if user.mfa]
    for name, owner, id_ in [('root-key', ROOT, ACCOUNT), *devices]:
        serial = arn('mfa/' + name)
        who = {'UserId': id_, 'Arn': owner, **({} if owner == ROOT else {'UserName': name})}
        out.add('AWS::IAM::VirtualMFADevice', 'global', serial, serial,
                {'SerialNumber': serial, 'EnableDate': stamp(ago(400)), 'User': who}, name)
    out.answered('iam:ListVirtualMFADevices', 'global', len(devices) + 1)
    out.add('Nezuban::IAM::AccountAlias', 'global', 'aozora-bento', ROOT, {'AccountAlias': 'aozora-bento'}, 'aozora-bento')
    out.answered('iam:ListAccountAliases', 'global', 1)
    out.answered('iam:ListServiceSpecificCredentials', 'global', 0)
    out.refused('iam:ListOrganizationsFeatures', 'global', 'AccountNotManagementOrDelegatedAdministratorException',
                'The request was rejected because the account making the request is not the management account or delegated '
                'administrator account for centralized root access.')
    where = 'arn:aws:organizations::%s:organization/%s' % (AUDIT_ACCOUNT, ORGANIZATION)
    out.add('AWS::Organizations::Organization', 'global', ORGANIZATION, where, {
        'Id': ORGANIZATION, 'Arn': where, 'FeatureSet': 'ALL', 'MasterAccountId': AUDIT_ACCOUNT,
        'MasterAccountArn': 'arn:aws:organizations::%s:account/%s/%s' % (AUDIT_ACCOUNT, ORGANIZATION, AUDIT_ACCOUNT)})
    out.answered('organizations:DescribeOrganization', 'global', 1)
    for call in ('organizations:ListPoliciesForTarget', 'organizations:ListParents'):
        out.refused(call, 'global', 'AccessDeniedException', "You don't have permissions to access this resource.")
    out.add('AWS::S3::AccountPublicAccessBlock', 'global', ACCOUNT, '', {
        'BlockPublicAcls': True, 'IgnorePublicAcls': True, 'BlockPublicPolicy': True, 'RestrictPublicBuckets': True})
    out.answered('s3control:GetPublicAccessBlock', 'global', 1)


def regions(out):
    for name in OPEN + CLOSED + NOT_OPTED_IN:
        out.add('Nezuban::EC2::Region', name, name, '', {
            'RegionName': name, 'Endpoint': 'ec2.%s.amazonaws.com' % name,
            'OptInStatus': 'not-opted-in' if name in NOT_OPTED_IN else 'opt-in-not-required',
            'Access': 'open' if name in OPEN else 'closed-by-scp' if name in CLOSED else 'not-opted-in'}, name)
    out.answered('ec2:DescribeRegions', TOKYO, len(OPEN + CLOSED + NOT_OPTED_IN))
    for name in CLOSED:
        for call in ('cloudtrail:DescribeTrails', 'guardduty:ListDetectors'):
            out.refused(call, name, 'AccessDeniedException', SCP_SAYS % call)


def trails(out):
    """The night took management events out of the trail; StartLogging alone does not bring them back."""
    none = [{'ReadWriteType': 'ReadOnly', 'IncludeManagementEvents': False, 'DataResources': [],
             'ExcludeManagementEventSources': []}]
    everything = [{'ReadWriteType': 'All', 'IncludeManagementEvents': True, 'DataResources': [],
                   'ExcludeManagementEventSources': []}]
    where = 'arn:aws:cloudtrail:%s:%s:trail/' % (TOKYO, ACCOUNT)
    out.add('AWS::CloudTrail::Trail', TOKYO, company.TRAIL, where + company.TRAIL, {
        'Name': company.TRAIL, 'TrailARN': where + company.TRAIL, 'HomeRegion': TOKYO, 'S3BucketName': company.LOG_BUCKET,
        'IncludeGlobalServiceEvents': True, 'IsMultiRegionTrail': True, 'IsOrganizationTrail': False,
        'LogFileValidationEnabled': True, 'HasCustomEventSelectors': True,
        'CloudWatchLogsLogGroupArn': 'arn:aws:logs:%s:%s:log-group:aws-cloudtrail-logs:*' % (TOKYO, ACCOUNT),
        'CloudWatchLogsRoleArn': arn('role/trail-to-logs')}, company.TRAIL, {
            'GetTrailStatus': {'IsLogging': True, 'LatestDeliveryTime': stamp(ago(0, 1)), 'StartLoggingTime': stamp(ago(4, 1)),
                               'StopLoggingTime': stamp(ago(4, 7)), 'LatestDigestDeliveryTime': stamp(ago(0, 1)),
                               'LatestCloudWatchLogsDeliveryError': 'The specified log group does not exist.'},
            'GetEventSelectors': {'TrailARN': where + company.TRAIL, 'EventSelectors': none}})
    out.add('AWS::CloudTrail::Trail', TOKYO, company.AUDIT_TRAIL, where + company.AUDIT_TRAIL, {
        'Name': company.AUDIT_TRAIL, 'TrailARN': where + company.AUDIT_TRAIL, 'HomeRegion': TOKYO,
        'S3BucketName': 'aozora-bento-audit-%s' % AUDIT_ACCOUNT, 'IncludeGlobalServiceEvents': True,
        'IsMultiRegionTrail': False, 'IsOrganizationTrail': False, 'LogFileValidationEnabled': True,
        'HasCustomEventSelectors': False,
        'KmsKeyId': 'arn:aws:kms:%s:%s:key/0f3c2a51-77aa-4c1e-9d1c-3b7f2e6a9d10' % (TOKYO, AUDIT_ACCOUNT)},
            company.AUDIT_TRAIL, {
                'GetTrailStatus': {'IsLogging': True, 'LatestDeliveryTime': stamp(ago(0, 1)),
                                   'StartLoggingTime': stamp(ago(700)), 'LatestDigestDeliveryTime': stamp(ago(0, 1))},
                'GetEventSelectors': {'TrailARN': where + company.AUDIT_TRAIL, 'EventSelectors': everything}})
    for region in OPEN:
        out.answered('cloudtrail:DescribeTrails', region, 2 if region == TOKYO else 1)
    for region in (TOKYO, VIRGINIA):
        out.add('Nezuban::CloudTrail::EventHistory', region, region, '', {'Events': [
            {'EventId': '5b8f0c1e-4a52-4c59-9d0e-6f6f4a1f2d%02d' % OPEN.index(region), 'EventName': 'GetCallerIdentity',
             'EventTime': stamp(ago(0, 1)), 'EventSource': 'sts.amazonaws.com'}]})
        out.answered('cloudtrail:LookupEvents', region, 1)


def buckets(out):
    owner = {'ID': '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'}
    write = document({'Effect': 'Allow', 'Principal': {'Service': 'cloudtrail.amazonaws.com'}, 'Action': 's3:GetBucketAcl',
                      'Resource': 'arn:aws:s3:::' + company.LOG_BUCKET},
                     {'Effect': 'Allow', 'Principal': {'Service': 'cloudtrail.amazonaws.com'}, 'Action': 's3:PutObject',
                      'Resource': 'arn:aws:s3:::%s/AWSLogs/%s/*' % (company.LOG_BUCKET, ACCOUNT),
                      'Condition': {'StringEquals': {'s3:x-amz-acl': 'bucket-owner-full-control'}}})
    out.add('AWS::S3::Bucket', TOKYO, company.LOG_BUCKET, 'arn:aws:s3:::' + company.LOG_BUCKET, {
        'Name': company.LOG_BUCKET, 'BucketRegion': TOKYO, 'OwnedByAccount': True}, company.LOG_BUCKET, {
            'GetBucketPolicy': {'Policy': write},
            'GetBucketAcl': {'Owner': owner, 'Grants': [{'Grantee': {**owner, 'Type': 'CanonicalUser'},
                                                        'Permission': 'FULL_CONTROL'}]},
            'GetPublicAccessBlock': {'PublicAccessBlockConfiguration': {
                'BlockPublicAcls': True, 'IgnorePublicAcls': True, 'BlockPublicPolicy': True, 'RestrictPublicBuckets': True}},
            'GetBucketVersioning': {}, 'GetBucketLogging': {}, 'GetObjectLockConfiguration': None,
            'GetBucketLifecycleConfiguration': None, 'GetBucketEncryption': {'ServerSideEncryptionConfiguration': {
                'Rules': [{'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}, 'BucketKeyEnabled': False}]}}})
    theirs = 'aozora-bento-audit-%s' % AUDIT_ACCOUNT
    out.add('AWS::S3::Bucket', TOKYO, theirs, 'arn:aws:s3:::' + theirs,
            {'Name': theirs, 'BucketRegion': TOKYO, 'OwnedByAccount': False}, theirs)
    out.answered('s3:ListBuckets', 'global', 2)


def recorder(out, region, global_types):
    where = 'arn:aws:config:%s:%s:configuration-recorder/default/k3v9q2w8' % (region, ACCOUNT)
    out.add('AWS::Config::ConfigurationRecorder', region, 'default', where, {
        'arn': where, 'name': 'default',
        'roleARN': arn('role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig'),
        'recordingGroup': {'allSupported': True, 'includeGlobalResourceTypes': global_types, 'resourceTypes': [],
                           'recordingStrategy': {'useOnly': 'ALL_SUPPORTED_RESOURCE_TYPES'}},
        'recordingMode': {'recordingFrequency': 'CONTINUOUS'}, 'recordingScope': 'PAID'}, 'default', {
            'DescribeConfigurationRecorderStatus': {'name': 'default', 'recording': True, 'lastStatus': 'SUCCESS',
                                                    'lastStartTime': stamp(ago(4)), 'lastStopTime': stamp(ago(4, 7))}})
    topic = 'arn:aws:sns:%s:%s:config' % (region, ACCOUNT)
    fine = {'lastStatus': 'SUCCESS', 'lastAttemptTime': stamp(ago(0, 3)), 'lastSuccessfulTime': stamp(ago(0, 3))}
    out.add('AWS::Config::DeliveryChannel', region, 'default', '', {
        'name': 'default', 's3BucketName': 'aozora-bento-config', **({'snsTopicARN': topic} if global_types else {})}, 'default', {
            'DescribeDeliveryChannelStatus': {'name': 'default', 'configHistoryDeliveryInfo': fine,
                                              'configSnapshotDeliveryInfo': {},
                                              'configStreamDeliveryInfo': {'lastStatus': 'SUCCESS'}
                                              if global_types else {'lastStatus': 'NOT_APPLICABLE'}}})


def watchers(out):
    """Config in Tokyo and Osaka; GuardDuty came back in Tokyo, and nobody made it anew in Virginia."""
    for region in OPEN:
        has_recorder = region in (TOKYO, OSAKA)
        if has_recorder:
            recorder(out, region, region == TOKYO)
        out.answered('config:DescribeConfigurationRecorders', region, int(has_recorder))
        if has_recorder:
            out.answered('config:DescribeDeliveryChannels', region, 1)
            out.answered('config:DescribeConfigRules', region, int(region == TOKYO))
            out.answered('events:ListRules', region, 0)
        out.answered('guardduty:ListDetectors', region, int(region == TOKYO))
        out.answered('securityhub:DescribeHub', region, int(region == TOKYO))
        out.answered('access-analyzer:ListAnalyzers', region, int(region == TOKYO))
        out.refused('detective:ListGraphs', region, 'AccessDeniedException',
                    'User: %s is not authorized to perform: detective:ListGraphs' % AUDITOR)
    out.answered('events:ListRules', VIRGINIA, 0)
    rule = 'arn:aws:config:%s:%s:config-rule/config-rule-p8x2vd' % (TOKYO, ACCOUNT)
    out.add('AWS::Config::ConfigRule', TOKYO, 'config-rule-p8x2vd', rule, {
        'ConfigRuleName': 'iam-user-mfa-enabled', 'ConfigRuleArn': rule, 'ConfigRuleId': 'config-rule-p8x2vd',
        'ConfigRuleState': 'ACTIVE', 'Source': {'Owner': 'AWS', 'SourceIdentifier': 'IAM_USER_MFA_ENABLED'}},
            'iam-user-mfa-enabled')
    detector = '7cb1f3a05e924d4c8a6d0b2f9e31c857'
    out.add('AWS::GuardDuty::Detector', TOKYO, detector, 'arn:aws:guardduty:%s:%s:detector/%s' % (TOKYO, ACCOUNT, detector),
            {'DetectorId': detector}, '', {'GetDetector': {
                'Status': 'ENABLED', 'FindingPublishingFrequency': 'SIX_HOURS', 'CreatedAt': stamp(ago(700)),
                'UpdatedAt': stamp(ago(4)), 'Features': [{'Name': 'CLOUD_TRAIL', 'Status': 'ENABLED'},
                                                         {'Name': 'DNS_LOGS', 'Status': 'ENABLED'},
                                                         {'Name': 'FLOW_LOGS', 'Status': 'ENABLED'},
                                                         {'Name': 'S3_DATA_EVENTS', 'Status': 'DISABLED'}]}})
    hub = 'arn:aws:securityhub:%s:%s:hub/default' % (TOKYO, ACCOUNT)
    out.add('AWS::SecurityHub::Hub', TOKYO, hub, hub,
            {'HubArn': hub, 'SubscribedAt': '2025-02-03T04:05:06.000Z', 'AutoEnableControls': True})
    analyzer = 'arn:aws:access-analyzer:%s:%s:analyzer/account' % (TOKYO, ACCOUNT)
    out.add('AWS::AccessAnalyzer::Analyzer', TOKYO, 'account', analyzer, {
        'arn': analyzer, 'name': 'account', 'type': 'ACCOUNT', 'status': 'ACTIVE', 'createdAt': stamp(ago(400))}, 'account')
    # The log group went that night, and its metric filter for the root user's deeds with it.
    out.refused('logs:DescribeMetricFilters', TOKYO, 'ResourceNotFoundException', 'The specified log group does not exist.',
                resource='arn:aws:logs:%s:%s:log-group:aws-cloudtrail-logs:*' % (TOKYO, ACCOUNT))


def snapshot():
    """The account as an auditor read it."""
    out = Snapshot(ACCOUNT, stamp(NOW), {'Arn': AUDITOR, 'UserId': id_of('AROA', 'auditor') + ':nezuban'}, TOKYO,
                   sorted(OPEN + CLOSED + NOT_OPTED_IN))
    for part in (people, report, account_wide, regions, trails, buckets, watchers):
        part(out)
    return out
