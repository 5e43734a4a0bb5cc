"""The bad night: 25 June 2026, two in the morning in Japan, from a key that stood in a public notebook.

Every call of the attacker carries a step's name, so that a test knows what should be found.
"""

from datetime import timedelta

from .cloud import ACCOUNT, AUDIT_ACCOUNT, OSAKA, STOCKHOLM, TOKYO, VIRGINIA, Caller, prose_date
from .company import AUDIT_TRAIL, BROWSERS, OFFICE, TRAIL, bucket_resource, running_instance

SCANNER, ATTACKER, SECOND = '203.0.113.9', '203.0.113.77', '203.0.113.78'
ON_KALI = 'ua/2.0 os/linux#6.11.2-amd64 md/arch#x86_64 lang/python#3.13.2 md/pyimpl#CPython'
KALI = 'aws-cli/2.23.6 md/awscrt#0.23.8 %s cfg/retry-mode#standard' % ON_KALI
PYTHON = 'Boto3/1.36.2 md/Botocore#1.36.2 ' + ON_KALI
LEAKED, ADMIN, SLEEPER = 'tanaka.ryota', 'suzuki.kenji', 'legacy-batch'
BY_SCP = 'with an explicit deny in a service control policy'

# What the attacker tries, and what of it the leaked user may do.
RECON = [
    'iam:GetUser', 'iam:ListGroupsForUser', 'iam:ListAttachedUserPolicies', 'iam:ListUserPolicies', 'iam:ListUsers',
    'iam:ListRoles', 'iam:ListPolicies', 'iam:GetAccountAuthorizationDetails', 'iam:GetAccountSummary',
    'iam:ListAccountAliases', 'iam:GetAccountPasswordPolicy', 'iam:ListAccessKeys',
    'organizations:DescribeOrganization', 'organizations:ListAccounts', 's3:ListBuckets',
    'secretsmanager:ListSecrets', 'ssm:DescribeParameters', 'kms:ListKeys', 'ses:GetSendQuota', 'ses:ListIdentities',
    'sns:ListTopics', 'sqs:ListQueues', 'lambda:ListFunctions20150331', 'rds:DescribeDBInstances',
    'rds:DescribeDBSnapshots', 'ecs:ListClusters', 'eks:ListClusters', 'ecr:DescribeRepositories',
    'dynamodb:ListTables', 'bedrock:ListFoundationModels', 'servicequotas:ListServiceQuotas',
    'cloudtrail:DescribeTrails', 'guardduty:ListDetectors', 'config:DescribeConfigurationRecorders',
    'ec2:DescribeInstances', 'ec2:DescribeVpcs', 'ec2:DescribeSecurityGroups', 'ec2:DescribeRegions',
]
ALLOWED = [
    'iam:GetUser', 'iam:ListGroupsForUser', 'iam:ListUsers', 'iam:GetAccountPasswordPolicy', 'iam:ListAccessKeys',
    's3:ListBuckets', 'lambda:ListFunctions20150331', 'cloudtrail:DescribeTrails', 'guardduty:ListDetectors',
    'config:DescribeConfigurationRecorders', 'ec2:DescribeInstances', 'ec2:DescribeVpcs',
    'ec2:DescribeSecurityGroups',
]
ALL_REGION_RECON = ('eu-north-1', 'eu-west-1', 'us-west-2', 'ap-southeast-1', 'sa-east-1')


class Attack:
    """Runs the night from `start`; each method is a step or two, in order."""

    def __init__(self, cloud, estate, start):
        self.cloud, self.estate, self.dice, self.now = cloud, estate, cloud.dice, start
        self.leaked = Caller(cloud.user(LEAKED), ATTACKER, PYTHON)
        self.stolen_key = cloud.dice.aws_id('AKIA')
        self.admin = Caller(cloud.user(ADMIN, self.stolen_key), SECOND, KALI)

    def run(self):
        self.test_key()
        self.look_around()
        self.take_admin()
        self.leave_back_door()
        self.blind_the_watch()
        self.mine()
        self.steal()
        self.clean_up()

    def do(self, step, who, api, seconds=None, **more):
        self.now += timedelta(seconds=self.dice.between(4, 25) if seconds is None else seconds)
        return self.cloud.call(who, self.now, api, step=step, **more)

    def test_key(self):
        scanner = Caller(self.leaked.identity, SCANNER, 'TruffleHog')
        self.do('key-tested', scanner, 'sts:GetCallerIdentity', region=VIRGINIA)
        self.now += timedelta(minutes=11)
        self.do('key-used', self.leaked, 'sts:GetCallerIdentity', region=VIRGINIA)

    def look_around(self):
        """Some sixty calls in two minutes, most of them refused."""
        for api in RECON:
            self.recon(api, VIRGINIA if api.startswith(('iam', 'org')) else TOKYO, api in ALLOWED)
        for region in ALL_REGION_RECON:
            for api in ('ec2:DescribeInstances', 'lambda:ListFunctions20150331', 'ec2:DescribeAccountAttributes'):
                self.recon(api, region, False)
        self.insight()

    def recon(self, api, region, allowed):
        error, action = None, api.replace('20150331', '')
        if not allowed:
            error = (self.cloud.ec2_denied if api.startswith('ec2') else self.cloud.denied)(self.leaked, action)
        request = {'ec2:DescribeInstances': {'maxResults': 1000, 'instancesSet': {}, 'filterSet': {}},
                   'iam:ListGroupsForUser': {'userName': LEAKED}, 'iam:ListAttachedUserPolicies': {'userName': LEAKED},
                   'iam:ListUserPolicies': {'userName': LEAKED}, 'iam:ListAccessKeys': {'userName': ADMIN},
                   's3:ListBuckets': {'Host': 's3.amazonaws.com'}}.get(api)
        extra = self.cloud.s3_extra(0, 1270) if api == 's3:ListBuckets' else None
        self.do('recon', self.leaked, api, seconds=self.dice.between(1, 3), request=request, region=region,
                error=error, extra=extra)

    def insight(self):
        """CloudTrail Insights notices the refusals: a record without userIdentity and eventName."""
        shared = self.dice.uuid()
        arn = self.leaked.name()
        for state, minutes in (('Start', 1), ('End', 6)):
            when = self.now.replace(second=0) + timedelta(minutes=minutes)
            statistics = {'baseline': {'average': 0.0021}, 'insight': {'average': 17.5}, 'baselineDuration': 10080}
            if state == 'End':
                statistics['insightDuration'] = 5
            self.cloud.keep(when, {
                'eventVersion': '1.08', 'eventTime': when.strftime('%Y-%m-%dT%H:%M:%SZ'), 'awsRegion': TOKYO,
                'eventID': self.dice.uuid(), 'eventType': 'AwsCloudTrailInsight', 'recipientAccountId': ACCOUNT,
                'sharedEventID': shared, 'insightDetails': {
                    'state': state, 'eventSource': 'rds.amazonaws.com', 'eventName': 'DescribeDBInstances',
                    'insightType': 'ApiErrorRateInsight', 'errorCode': 'AccessDenied',
                    'insightContext': {'statistics': statistics, 'attributions': [
                        {'attribute': 'userIdentityArn', 'insight': [{'value': arn, 'average': 17.5}], 'baseline': []},
                        {'attribute': 'userAgent', 'insight': [{'value': PYTHON, 'average': 17.5}], 'baseline': []}]}},
                'eventCategory': 'Insight'})

    def take_admin(self):
        """Developers may make access keys for anybody: the policy for their own keys lacks its condition."""
        self.now += timedelta(minutes=9)
        self.do('key-for-admin', self.leaked, 'iam:CreateAccessKey', region=VIRGINIA, read=False,
                request={'userName': ADMIN}, response={'accessKey': {
                    'userName': ADMIN, 'accessKeyId': self.stolen_key, 'status': 'Active',
                    'createDate': prose_date(self.now)}})
        self.do('key-used', self.admin, 'sts:GetCallerIdentity', region=VIRGINIA)

    def leave_back_door(self):
        """A password for a user that nobody uses, and all rights for it; then in by the console, without MFA."""
        self.do('weak-passwords', self.admin, 'iam:UpdateAccountPasswordPolicy', region=VIRGINIA, read=False, request={
            'minimumPasswordLength': 6, 'requireSymbols': False, 'requireNumbers': False,
            'requireUppercaseCharacters': False, 'requireLowercaseCharacters': False,
            'allowUsersToChangePassword': False})
        self.do('login-for-other', self.admin, 'iam:CreateLoginProfile', region=VIRGINIA, read=False,
                request={'userName': SLEEPER, 'passwordResetRequired': False},
                response={'loginProfile': {'userName': SLEEPER, 'createDate': prose_date(self.now),
                                           'passwordResetRequired': False}})
        self.do('admin-policy', self.admin, 'iam:AttachUserPolicy', region=VIRGINIA, read=False, request={
            'userName': SLEEPER, 'policyArn': 'arn:aws:iam::aws:policy/AdministratorAccess'})
        self.now += timedelta(minutes=2)
        identity = self.cloud.user(SLEEPER)
        del identity['accessKeyId']
        record = self.do('login-without-mfa', Caller(identity, ATTACKER, BROWSERS[2], tls=None), 'signin:ConsoleLogin',
                         region=VIRGINIA, kind='AwsConsoleSignIn', read=False, response={'ConsoleLogin': 'Success'},
                         extra={'LoginTo': 'https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true',
                                'MobileVersion': 'No', 'MFAUsed': 'No'})
        record['tlsDetails'] = {'tlsVersion': 'TLSv1.3', 'cipherSuite': 'TLS_AES_128_GCM_SHA256',
                                'clientProvidedHostHeader': 'signin.aws.amazon.com'}
        session = self.cloud.console_user(SLEEPER, self.now, mfa=False)
        self.sleeper = Caller(session, ATTACKER, BROWSERS[2], console=True)

    def blind_the_watch(self):
        """The trail, GuardDuty, Config, the flow logs. The organization's policy protects the audit copy: it stays."""
        arn = 'arn:aws:cloudtrail:%s:%s:trail/' % (TOKYO, ACCOUNT)
        selectors = [{'readWriteType': 'ReadOnly', 'includeManagementEvents': False, 'dataResources': [],
                      'excludeManagementEventSources': []}]
        self.do('trail-weakened', self.sleeper, 'cloudtrail:PutEventSelectors', read=False,
                request={'trailName': TRAIL, 'eventSelectors': selectors},
                response={'trailARN': arn + TRAIL, 'eventSelectors': selectors})
        self.do('trail-stopped', self.sleeper, 'cloudtrail:StopLogging', read=False, request={'name': arn + TRAIL})
        self.do('trail-stop-refused', self.sleeper, 'cloudtrail:StopLogging', read=False,
                request={'name': arn + AUDIT_TRAIL},
                error=self.cloud.denied(self.sleeper, 'cloudtrail:StopLogging', arn + AUDIT_TRAIL, BY_SCP))
        self.do('guardduty-disabled', self.sleeper, 'guardduty:UpdateDetector', read=False,
                request={'detectorId': self.estate.detectors[TOKYO], 'enable': False})
        self.do('guardduty-deleted', self.sleeper, 'guardduty:DeleteDetector', region=VIRGINIA, read=False,
                request={'detectorId': self.estate.detectors[VIRGINIA]})
        for region in (TOKYO, OSAKA):
            self.do('recorder-stopped', self.sleeper, 'config:StopConfigurationRecorder', region=region, read=False,
                    request={'configurationRecorderName': 'default'})
        self.do('flow-logs-deleted', self.sleeper, 'ec2:DeleteFlowLogs', read=False,
                request={'DeleteFlowLogsRequest': {'FlowLogId': {'tag': 1, 'content': self.estate.flow_log}}},
                response={'DeleteFlowLogsResponse': {'xmlns': 'http://ec2.amazonaws.com/doc/2016-11-15/',
                                                     'unsuccessful': '', 'requestId': self.dice.uuid()}})

    def mine(self):
        """Machines for mining in a region that the company has never used, until the quota is reached."""
        group, subnet = self.dice.resource_id('sg'), self.dice.resource_id('subnet')
        self.do('launch-prepared', self.admin, 'ec2:ImportKeyPair', region=STOCKHOLM, read=False,
                request={'keyName': 'k', 'publicKeyMaterial': 'c3NoLWVkMjU1MTkg' + self.dice.letters(60)},
                response={'requestId': self.dice.uuid(), 'keyName': 'k', 'keyPairId': self.dice.resource_id('key'),
                          'keyFingerprint': self.dice.letters(43) + '='})
        self.do('launch-prepared', self.admin, 'ec2:CreateSecurityGroup', region=STOCKHOLM, read=False,
                request={'groupName': 'w', 'groupDescription': 'w'},
                response={'requestId': self.dice.uuid(), '_return': True, 'groupId': group})
        opened = {'ipProtocol': 'tcp', 'fromPort': 22, 'toPort': 22, 'groups': {},
                  'ipRanges': {'items': [{'cidrIp': '0.0.0.0/0'}]}, 'ipv6Ranges': {}, 'prefixListIds': {}}
        self.do('launch-prepared', self.admin, 'ec2:AuthorizeSecurityGroupIngress', region=STOCKHOLM, read=False,
                request={'groupId': group, 'ipPermissions': {'items': [opened]}},
                response={'requestId': self.dice.uuid(), '_return': True})
        for number in range(18):
            self.launch(group, subnet, 10 if number < 3 else 20, refused=number in (3, 4, 9, 14, 16, 17))

    def launch(self, group, subnet, count, refused):
        image = 'ami-0%s' % ('5a7e1c9d' * 2)
        request = {'instancesSet': {'items': [{'imageId': image, 'minCount': 1, 'maxCount': count, 'keyName': 'k'}]},
                   'groupSet': {'items': [{'groupId': group}]}, 'userData': '<sensitiveDataRemoved>',
                   'instanceType': 'c6i.xlarge', 'blockDeviceMapping': {}, 'monitoring': {'enabled': False},
                   'disableApiTermination': False, 'disableApiStop': False, 'ebsOptimized': False,
                   'clientToken': self.dice.uuid()}
        if refused:
            self.do('mass-launch', self.admin, 'ec2:RunInstances', region=STOCKHOLM, read=False, request=request,
                    error=('Client.VcpuLimitExceeded',
                           'You have requested more vCPU capacity than your current vCPU limit of 896 allows for the '
                           'instance bucket that the specified instance type belongs to.'))
            return
        items = [running_instance(self.dice.resource_id('i'), image, 'c6i.xlarge', int(self.now.timestamp()) * 1000,
                                  group, subnet, 'w') for _ in range(count)]
        self.do('mass-launch', self.admin, 'ec2:RunInstances', region=STOCKHOLM, read=False, request=request, response={
            'requestId': self.dice.uuid(), 'reservationId': self.dice.resource_id('r'), 'ownerId': ACCOUNT,
            'groupSet': {}, 'instancesSet': {'items': items}})

    def steal(self):
        who = Caller(self.admin.identity, SECOND, '[%s]' % KALI)
        for _ in range(12):
            key = 'invoices/2026/06/%06d.pdf' % self.dice.between(1, 4000)
            self.do('data-read', who, 's3:GetObject', seconds=1, data=True, extra=self.cloud.s3_extra(0, 44000),
                    request={'bucketName': 'aozora-bento-invoices', 'key': key,
                             'Host': 'aozora-bento-invoices.s3.%s.amazonaws.com' % TOKYO},
                    resources=bucket_resource('aozora-bento-invoices', key))

    def clean_up(self):
        """What would show: the log streams of the old trail, the second password, the key made at the start."""
        self.now += timedelta(minutes=4)
        self.do('traces-removed', self.sleeper, 'logs:DeleteLogGroup', read=False,
                request={'logGroupName': 'aws-cloudtrail-logs'})
        self.do('traces-removed', self.sleeper, 's3:PutBucketLifecycle', read=False, request={
            'bucketName': 'aozora-bento-audit-%s' % AUDIT_ACCOUNT, 'lifecycle': '',
            'Host': 's3.%s.amazonaws.com' % TOKYO},
            error=('AccessDenied', 'Access Denied'), extra=self.cloud.s3_extra(0, 243),
            resources=bucket_resource('aozora-bento-audit-%s' % AUDIT_ACCOUNT))
        self.do('traces-removed', self.sleeper, 'iam:DeleteAccessKey', region=VIRGINIA, read=False,
                request={'userName': ADMIN, 'accessKeyId': self.stolen_key})


def morning_after(cloud, estate, when):
    """Eight in the morning: the bill's alarm. Sato locks the doors and switches everything on again."""
    who = Caller(cloud.console_user('sato.hanako', when), OFFICE, BROWSERS[0], console=True)
    leaked = cloud.long_term_key(LEAKED)
    deeds = [
        ('iam:UpdateAccessKey', VIRGINIA, {'userName': LEAKED, 'status': 'Inactive', 'accessKeyId': leaked}),
        ('iam:DetachUserPolicy', VIRGINIA, {'userName': SLEEPER,
                                            'policyArn': 'arn:aws:iam::aws:policy/AdministratorAccess'}),
        ('iam:DeleteLoginProfile', VIRGINIA, {'userName': SLEEPER}),
        ('iam:UpdateAccountPasswordPolicy', VIRGINIA, {
            'minimumPasswordLength': 14, 'requireSymbols': True, 'requireNumbers': True,
            'requireUppercaseCharacters': True, 'requireLowercaseCharacters': True,
            'allowUsersToChangePassword': True, 'passwordReusePrevention': 24}),
        ('cloudtrail:StartLogging', TOKYO, {'name': TRAIL}),
        ('guardduty:UpdateDetector', TOKYO, {'detectorId': estate.detectors[TOKYO], 'enable': True}),
        ('config:StartConfigurationRecorder', TOKYO, {'configurationRecorderName': 'default'}),
        ('config:StartConfigurationRecorder', OSAKA, {'configurationRecorderName': 'default'}),
    ]
    for api, region, request in deeds:
        when += timedelta(seconds=cloud.dice.between(20, 120))
        cloud.call(who, when, api, region=region, read=False, request=request)
