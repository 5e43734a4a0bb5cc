"""The people, roles and policies of the scripted account: made from numbers, the same each time, well kept.

Everybody is in one group of a team; the first two users administer. Groups carry the two denials that make users come from
the office and with MFA (IAM User Guide, "Denies access to AWS based on the source IP" and "Allows MFA-authenticated IAM
users to manage their own credentials"); rights come from groups alone.
"""
import base64
import csv
import datetime
import io

OFFICE = ['198.51.100.0/24', '2001:db8:85a3::/48']
REPORT_COLUMNS = (
    'user arn user_creation_time password_enabled password_last_used password_last_changed password_next_rotation mfa_active '
    'access_key_1_active access_key_1_last_rotated access_key_1_last_used_date access_key_1_last_used_region '
    'access_key_1_last_used_service access_key_2_active access_key_2_last_rotated access_key_2_last_used_date '
    'access_key_2_last_used_region access_key_2_last_used_service cert_1_active cert_1_last_rotated cert_2_active '
    'cert_2_last_rotated').split()
CREATED = '2025-04-01T01:00:00+00:00'


def document(*statements):
    return {'Version': '2012-10-17', 'Statement': list(statements)}


def allow(actions, resource='*'):
    return document({'Effect': 'Allow', 'Action': actions, 'Resource': resource})


FROM_OFFICE = document({
    'Sid': 'OnlyFromTheOffice', 'Effect': 'Deny', 'Action': '*', 'Resource': '*',
    'Condition': {'NotIpAddress': {'aws:SourceIp': OFFICE}, 'Bool': {'aws:ViaAWSService': 'false'}}})
WITH_MFA = document({
    'Sid': 'OnlyWithMfa', 'Effect': 'Deny', 'Resource': '*',
    'NotAction': ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:GetUser', 'iam:ListMFADevices',
                  'iam:ListVirtualMFADevices', 'iam:ResyncMFADevice', 'sts:GetSessionToken'],
    'Condition': {'BoolIfExists': {'aws:MultiFactorAuthPresent': 'false'}}})
MANAGED_BY_AWS = {
    'AdministratorAccess': allow('*'),
    'IAMUserChangePassword': document(
        {'Effect': 'Allow', 'Action': 'iam:ChangePassword', 'Resource': 'arn:aws:iam::*:user/${aws:username}'},
        {'Effect': 'Allow', 'Action': 'iam:GetAccountPasswordPolicy', 'Resource': '*'}),
    'AmazonEC2ReadOnlyAccess': allow(['ec2:Describe*', 'ec2:GetSecurityGroupsForVpc', 'elasticloadbalancing:Describe*']),
    'CloudWatchReadOnlyAccess': allow(['cloudwatch:Describe*', 'cloudwatch:Get*', 'cloudwatch:List*', 'logs:Get*']),
}
TEAMS = ['developers', 'operators', 'analysts', 'designers', 'testers', 'support', 'billing', 'sales', 'audit']
VERBS = ['Get', 'List', 'Describe', 'BatchGet']
SERVICES = ['s3', 'sqs', 'dynamodb', 'lambda', 'logs', 'sns', 'ecr', 'ecs', 'glue', 'athena']


class People:
    def __init__(self, settings):
        self.settings, self.started = settings, datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.policies = self.make_policies()
        self.groups = [self.make_group(n) for n in range(settings['groups'])]
        self.users = [self.make_user(n) for n in range(settings['users'])]
        self.roles = [self.make_role(n) for n in range(settings['roles'])]

    def arn(self, what):
        return f'arn:{self.settings["partition"]}:iam::{self.settings["account"]}:{what}'

    def ago(self, days, hours=0):
        return self.started - datetime.timedelta(days=days, hours=hours)

    def attached(self, *names):
        """Own policies by their path, AWS's by their name."""
        return [{'PolicyName': n, 'PolicyArn': f'arn:{self.settings["partition"]}:iam::aws:policy/{n}'
                 if n in MANAGED_BY_AWS else self.arn('policy/' + n)} for n in names]

    def make_policies(self):
        own = {'from-office': FROM_OFFICE, 'with-mfa': WITH_MFA}
        for n in range(48):
            service = SERVICES[n % len(SERVICES)]
            own[f'{service}-readers-{n}'] = allow([f'{service}:{verb}*' for verb in VERBS[:1 + n % 4]])
        made = [self.make_policy(name, text, self.arn('policy/' + name)) for name, text in own.items()]
        made += [self.make_policy(name, text, f'arn:{self.settings["partition"]}:iam::aws:policy/{name}')
                 for name, text in MANAGED_BY_AWS.items()]
        return made

    def make_policy(self, name, text, arn):
        return {'PolicyName': name, 'PolicyId': f'ANPA{hash_of(name):017}'[:21], 'Arn': arn, 'Path': '/',
                'DefaultVersionId': 'v1', 'AttachmentCount': 1, 'PermissionsBoundaryUsageCount': 0, 'IsAttachable': True,
                'CreateDate': CREATED, 'UpdateDate': CREATED,
                'PolicyVersionList': [{'Document': text, 'VersionId': 'v1', 'IsDefaultVersion': True, 'CreateDate': CREATED}]}

    def group_name(self, number):
        return 'administrators' if number == 0 else TEAMS[(number - 1) % len(TEAMS)] + ('' if number <= len(TEAMS)
                                                                                       else f'-{number}')

    def make_group(self, number):
        name = self.group_name(number)
        rights = ['AdministratorAccess'] if number == 0 else ['AmazonEC2ReadOnlyAccess', 'IAMUserChangePassword']
        inline = [] if number == 0 else [{'PolicyName': 'start-and-stop', 'PolicyDocument': allow(
            ['ec2:StartInstances', 'ec2:StopInstances'], f'arn:aws:ec2:*:{self.settings["account"]}:instance/*')}]
        return {'Path': '/', 'GroupName': name, 'GroupId': f'AGPA{number:017}', 'Arn': self.arn('group/' + name),
                'CreateDate': CREATED, 'GroupPolicyList': inline,
                'AttachedManagedPolicies': self.attached('from-office', 'with-mfa', *rights)}

    def make_user(self, number):
        name = f'user-{number:05}'
        group = self.group_name(0 if number < 2 else 1 + number % max(1, self.settings['groups'] - 1))
        return {'Path': '/', 'UserName': name, 'UserId': f'AIDA{number:017}', 'Arn': self.arn('user/' + name),
                'CreateDate': CREATED, 'UserPolicyList': [], 'GroupList': [group] if self.settings['groups'] else [],
                'AttachedManagedPolicies': [], 'Tags': [{'Key': 'owner', 'Value': f'{name}@example.com'}]}

    def make_role(self, number):
        name, service = f'service-{number:05}', ['ec2', 'lambda', 'ecs-tasks'][number % 3]
        inline = [{'PolicyName': 'own', 'PolicyDocument': allow('s3:GetObject', f'arn:aws:s3:::{name}/*')}] if number % 3 == 0 \
            else []
        own = [p['PolicyName'] for p in self.policies[2:50]]
        return {'Path': '/', 'RoleName': name, 'RoleId': f'AROA{number:017}', 'Arn': self.arn('role/' + name),
                'CreateDate': CREATED, 'InstanceProfileList': [], 'RolePolicyList': inline, 'Tags': [],
                'AssumeRolePolicyDocument': document({'Effect': 'Allow', 'Action': 'sts:AssumeRole',
                                                      'Principal': {'Service': f'{service}.amazonaws.com'}}),
                'AttachedManagedPolicies': self.attached(own[number % len(own)]),
                'RoleLastUsed': {'LastUsedDate': self.ago(number % 30), 'Region': 'ap-northeast-1'}}

    # What rules name with !made

    def account_summary(self, call):
        return {'SummaryMap': {
            'Users': len(self.users), 'Roles': len(self.roles), 'Groups': len(self.groups), 'Policies': 50,
            'MFADevices': len(self.users) + 1, 'MFADevicesInUse': len(self.users) + 1, 'AccountMFAEnabled': 1,
            'AccountAccessKeysPresent': 0, 'AccountSigningCertificatesPresent': 0, 'AccountPasswordPresent': 1,
            'UsersQuota': 5000, 'RolesQuota': 1000, 'GroupsQuota': 300, 'PoliciesQuota': 1500}}

    def authorization_details(self, call):
        """One page. Users, groups, roles and policies share one marker, and a page may lack any of them."""
        lists = {'User': ('UserDetailList', self.users), 'Group': ('GroupDetailList', self.groups),
                 'Role': ('RoleDetailList', self.roles),
                 'LocalManagedPolicy': ('Policies', [p for p in self.policies if '::aws:' not in p['Arn']]),
                 'AWSManagedPolicy': ('Policies', [p for p in self.policies if '::aws:' in p['Arn']])}
        wanted = call.parameters.get('Filter') or list(lists)
        everything = [(lists[kind][0], entity) for kind in lists if kind in wanted for entity in lists[kind][1]]
        begin = int(call.parameters.get('Marker', '0').rpartition('-')[2])
        end = begin + min(call.parameters.get('MaxItems', 100), self.settings['page'])
        page = {'UserDetailList': [], 'GroupDetailList': [], 'RoleDetailList': [], 'Policies': [],
                'IsTruncated': end < len(everything)}
        for member, entity in everything[begin:end]:
            page[member].append(entity)
        return {**page, 'Marker': f'page-{end}'} if page['IsTruncated'] else page

    def report_row(self, user, number):
        return {'user': user['UserName'], 'arn': user['Arn'], 'user_creation_time': CREATED, 'password_enabled': 'true',
                'password_last_used': self.text(self.ago(number % 20, 1)),
                'password_last_changed': self.text(self.ago(30)), 'password_next_rotation': self.text(self.ago(-60)),
                'mfa_active': 'true', 'access_key_1_active': 'true', 'access_key_1_last_rotated': self.text(self.ago(40)),
                'access_key_1_last_used_date': self.text(self.ago(number % 20)),
                'access_key_1_last_used_region': 'ap-northeast-1', 'access_key_1_last_used_service': 'ec2',
                'access_key_2_active': 'false', 'cert_1_active': 'false', 'cert_2_active': 'false'}

    def root_row(self):
        return {'user': '<root_account>', 'arn': self.arn('root'), 'user_creation_time': CREATED, 'password_enabled': 'TRUE',
                'password_last_used': self.text(self.ago(400)), 'password_last_changed': 'not_supported',
                'password_next_rotation': 'not_supported', 'mfa_active': 'true', 'access_key_1_active': 'false',
                'access_key_2_active': 'false', 'cert_1_active': 'false', 'cert_2_active': 'false'}

    def text(self, time):
        return time.strftime('%Y-%m-%dT%H:%M:%SZ')

    def credential_report(self, call):
        """As AWS writes it: the root's row first, no newline at the end."""
        out = io.StringIO()
        writer = csv.DictWriter(out, REPORT_COLUMNS, restval='N/A', lineterminator='\n')
        writer.writeheader()
        writer.writerow(self.root_row())
        writer.writerows(self.report_row(user, number) for number, user in enumerate(self.users))
        return {'Content': out.getvalue().rstrip('\n').encode(), 'ReportFormat': 'text/csv',
                'GeneratedTime': self.ago(0, 1)}


def hash_of(text):
    """The same in every run, unlike hash()."""
    return int.from_bytes(base64.b32encode(text.encode())[:10], 'big') % 10 ** 17
