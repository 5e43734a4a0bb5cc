"""Ordinary days: sign-ins with MFA, looking around in the console, the command line, deployments, small mishaps."""

from datetime import timedelta

from .cloud import ACCOUNT, OSAKA, TOKYO, VIRGINIA, Caller, prose_date
from .company import (BROWSERS, BUCKETS, FUNCTIONS, GROUPS, OFFICE, PARAMETERS, STACKS, TERRAFORM, TRAIL,
                      bucket_resource)

CONSOLE_READS = [
    ('ec2:DescribeInstances', {'maxResults': 100, 'instancesSet': {}, 'filterSet': {}}),
    ('ec2:DescribeInstanceStatus', {'includeAllInstances': True, 'instancesSet': {}, 'filterSet': {}}),
    ('ec2:DescribeSecurityGroups', {'maxResults': 1000, 'securityGroupSet': {}, 'securityGroupIdSet': {},
                                    'filterSet': {}}),
    ('ec2:DescribeVolumes', {'maxResults': 100, 'volumeSet': {}, 'filterSet': {}}),
    ('ec2:DescribeTags', {'maxResults': 1000, 'filterSet': {'items': [
        {'name': 'resource-type', 'valueSet': {'items': [{'value': 'instance'}]}}]}}),
    ('elasticloadbalancing:DescribeLoadBalancers', {'pageSize': 100}),
    ('monitoring:DescribeAlarms', {'maxRecords': 100, 'alarmTypes': ['MetricAlarm', 'CompositeAlarm']}),
    ('rds:DescribeDBInstances', {'maxRecords': 100}),
    ('lambda:ListFunctions20150331', {'maxItems': 50}),
    ('cloudformation:DescribeStacks', None),
    ('health:DescribeEventAggregates', {'filter': {'eventStatusCodes': ['open', 'upcoming']},
                                        'aggregateField': 'eventTypeCategory'}),
    ('notifications:ListNotificationHubs', None),
    ('guardduty:ListDetectors', None),
    ('config:DescribeConfigurationRecorders', None),
]
FORBIDDEN = [
    ('ce:GetCostAndUsage', 'ce:GetCostAndUsage', VIRGINIA),
    ('lambda:ListFunctions20150331', 'lambda:ListFunctions', TOKYO),
    ('securityhub:DescribeHub', 'securityhub:DescribeHub', TOKYO),
    ('organizations:DescribeOrganization', 'organizations:DescribeOrganization', VIRGINIA),
    ('cost-optimization-hub:ListEnrollmentStatuses', 'cost-optimization-hub:ListEnrollmentStatuses', VIRGINIA),
]


class People:
    """Each method is one thing that people do; `day` lets everybody do what their duties say."""

    def __init__(self, cloud, estate):
        self.cloud, self.estate, self.dice = cloud, estate, cloud.dice

    def day(self, midnight, staff):
        for person in staff:
            if self.dice.chance(0.92):
                self.workday(person, midnight)
        for _ in range(self.dice.between(4, 7)):
            self.deployment(midnight + timedelta(minutes=self.dice.between(40, 560)))

    def workday(self, person, midnight):
        """From about nine in the morning in Japan: sign in, then some blocks of work until evening."""
        address = person.home if self.dice.chance(0.35) else OFFICE
        browser = BROWSERS[sum(map(ord, person.user)) % len(BROWSERS)]
        start = midnight + timedelta(minutes=self.dice.between(-10, 70), seconds=self.dice.between(0, 59))
        if self.dice.chance(0.04):
            self.mistyped(person, start - timedelta(seconds=40), address, browser)
        self.sign_in(person, start, address, browser)
        console = Caller(self.cloud.console_user(person.user, start), address, browser, console=True)
        shell = Caller(self.cloud.user(person.user), address, person.cli, post_quantum=True) if person.cli else console
        when = start + timedelta(seconds=50)
        for _ in range(int(self.dice.between(3, 7) * person.busy + 0.5)):
            duty = self.dice.pick(person.duties)
            who = shell if self.dice.chance(0.4) else console
            getattr(self, duty)(who, when, person)
            if self.dice.chance(0.06):
                self.forbidden(console, when + timedelta(seconds=9))
            when += timedelta(minutes=self.dice.between(15, 95), seconds=self.dice.between(0, 59))
            if when > midnight + timedelta(hours=10):
                break

    def sign_in(self, person, when, address, browser, mfa=True):
        identity = {'type': 'IAMUser', 'accountId': ACCOUNT, 'accessKeyId': '', 'userName': person.user}
        page = Caller(dict(identity, principalId=self.cloud.principal('AIDA', person.user)), address, browser, tls=None)
        self.cloud.call(page, when, 'signin:CheckMfa', kind='AwsConsoleSignIn', read=False,
                        response={'CheckMfa': 'Success'}, extra={'MfaType': 'Virtual MFA'})
        user = self.cloud.user(person.user)
        del user['accessKeyId']
        host = TOKYO + '.signin.aws.amazon.com'
        record = self.cloud.call(
            Caller(user, address, browser, tls=None), when + timedelta(seconds=12), 'signin:ConsoleLogin',
            kind='AwsConsoleSignIn', read=False, response={'ConsoleLogin': 'Success'},
            extra={'LoginTo': 'https://%s.console.aws.amazon.com/console/home?region=%s' % (TOKYO, TOKYO),
                   'MobileVersion': 'No', 'MFAIdentifier': 'arn:aws:iam::%s:mfa/%s' % (ACCOUNT, person.user),
                   'MFAUsed': 'Yes'})
        record['tlsDetails'] = {'tlsVersion': 'TLSv1.3', 'cipherSuite': 'TLS_AES_128_GCM_SHA256',
                                'clientProvidedHostHeader': host}

    def mistyped(self, person, when, address, browser):
        identity = {'type': 'IAMUser', 'principalId': self.cloud.principal('AIDA', person.user), 'accountId': ACCOUNT,
                    'accessKeyId': '', 'userName': person.user}
        self.cloud.call(Caller(identity, address, browser, tls=None), when, 'signin:ConsoleLogin', read=False,
                        kind='AwsConsoleSignIn', error=(None, 'Failed authentication'),
                        response={'ConsoleLogin': 'Failure'},
                        extra={'LoginTo': 'https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true',
                               'MobileVersion': 'No', 'MFAUsed': 'No'})

    def forbidden(self, who, when):
        api, action, region = self.dice.pick(FORBIDDEN)
        self.cloud.call(who, when, api, region=region, read=True, error=self.cloud.denied(who, action))

    # One duty a method: (who, when, person).

    def look(self, who, when, person):
        """A console page asks many services at once."""
        for api, request in self.dice.shuffled(CONSOLE_READS)[:self.dice.between(4, 10)]:
            self.cloud.call(who, when, api, request=request)
            when += timedelta(seconds=self.dice.between(0, 2))

    def ops(self, who, when, person):
        """An administrator's round: takes the operations role, looks at users and keys, restarts a server."""
        if who.console:
            who = self.switch_role(who, when, person)
        for api in ('ListUsers', 'GetAccountSummary', 'ListMFADevices', 'ListAccessKeys'):
            request = {'userName': self.dice.pick(['ito.mei', 'kato.makoto', 'yamamoto.aoi'])}
            self.cloud.call(who, when + timedelta(seconds=4), 'iam:' + api, region=VIRGINIA,
                            request=request if api in ('ListMFADevices', 'ListAccessKeys') else None)
        self.cloud.call(who, when + timedelta(seconds=20), 'cloudtrail:GetTrailStatus', request={'name': TRAIL})
        if self.dice.chance(0.2):
            instance = self.dice.pick(self.estate.instances)
            self.cloud.call(who, when + timedelta(seconds=60), 'ec2:RebootInstances', read=False,
                            request={'instancesSet': {'items': [{'instanceId': instance}]}},
                            response={'requestId': self.dice.uuid(), '_return': True})
        if self.dice.chance(0.15):
            self.cloud.call(who, when + timedelta(seconds=90), 'ec2:CreateSnapshot', region=OSAKA, read=False,
                            request={'volumeId': self.dice.resource_id('vol'), 'description': '手動バックアップ'},
                            response={'requestId': self.dice.uuid(), 'snapshotId': self.dice.resource_id('snap'),
                                      'status': 'pending', 'ownerId': ACCOUNT, 'volumeSize': '20', 'encrypted': True})

    def switch_role(self, who, when, person):
        session = self.cloud.role('OpsAdmin', person.user, when, mfa=True)
        page = {key: session[key] for key in session if key != 'accessKeyId'}
        self.cloud.call(Caller(page, who.address, who.agent, tls=None), when, 'signin:SwitchRole',
                        kind='AwsConsoleSignIn', read=False, region=VIRGINIA,
                        response={'SwitchRole': 'Success'},
                        extra={'SwitchFrom': 'arn:aws:iam::%s:user/%s' % (ACCOUNT, person.user),
                               'RedirectTo': 'https://%s.console.aws.amazon.com/console/home' % TOKYO})
        return Caller(session, who.address, who.agent, console=True)

    def people(self, who, when, person):
        for api in ('ListGroups', 'ListUsers', 'GenerateCredentialReport', 'GetCredentialReport'):
            response = {'state': 'STARTED', 'description': 'No report exists. Starting a new report generation task'}
            self.cloud.call(who, when, 'iam:' + api, region=VIRGINIA,
                            response=response if api.startswith('Generate') else None)
            when += timedelta(seconds=self.dice.between(2, 8))

    def stack(self, who, when, person):
        """Infrastructure by Terraform: reads everything, changes one thing."""
        who = Caller(self.cloud.user(person.user), who.address, TERRAFORM)
        self.cloud.call(who, when, 'sts:GetCallerIdentity')
        template = {'LaunchTemplateId': {'tag': 1, 'content': self.estate.template}}
        subnets = {'items': [{'subnetId': self.estate.subnets[0]}]}
        for api, request in (('ec2:DescribeVpcs', {'vpcSet': {'items': [{'vpcId': self.estate.vpc}]}, 'filterSet': {}}),
                             ('ec2:DescribeSubnets', {'subnetSet': subnets, 'filterSet': {}}),
                             ('ec2:DescribeLaunchTemplates', {'DescribeLaunchTemplatesRequest': template}),
                             ('iam:GetRole', {'roleName': 'bento-web'}),
                             ('iam:ListRolePolicies', {'roleName': 'bento-web'}),
                             ('iam:ListAttachedRolePolicies', {'roleName': 'bento-web'})):
            self.cloud.call(who, when, api, request=request, region=VIRGINIA if api.startswith('iam') else TOKYO)
            when += timedelta(seconds=1)
        if self.dice.chance(0.5):
            self.cloud.call(who, when, 'ec2:CreateTags', read=False, request={
                'resourcesSet': {'items': [{'resourceId': self.dice.pick(self.estate.instances)}]},
                'tagSet': {'items': [{'key': '担当', 'value': person.user}]}},
                response={'requestId': self.dice.uuid(), '_return': True})

    def functions(self, who, when, person):
        name = self.dice.pick(FUNCTIONS)
        self.cloud.call(who, when, 'lambda:GetFunction20150331v2', request={'functionName': name})
        self.cloud.call(who, when + timedelta(seconds=30), 'logs:FilterLogEvents', request={
            'logGroupName': '/aws/lambda/' + name, 'startTime': int(when.timestamp() - 3600) * 1000, 'limit': 100})
        if self.dice.chance(0.3):
            self.cloud.call(who, when + timedelta(minutes=4), 'lambda:UpdateFunctionCode20150331v2', read=False,
                            request={'functionName': name, 'publish': True, 'dryRun': False},
                            response={'functionName': name, 'runtime': 'python3.13', 'handler': 'main.handler',
                                      'functionArn': 'arn:aws:lambda:%s:%s:function:%s' % (TOKYO, ACCOUNT, name),
                                      'role': 'arn:aws:iam::%s:role/service-role/%s-role' % (ACCOUNT, name),
                                      'codeSize': self.dice.between(4000, 900000), 'memorySize': 256, 'timeout': 30,
                                      'lastModified': when.strftime('%Y-%m-%dT%H:%M:%S.000+0000'),
                                      'version': str(self.dice.between(10, 90)),
                                      'tracingConfig': {'mode': 'PassThrough'}})

    def logs(self, who, when, person):
        group = self.dice.pick(GROUPS)
        self.cloud.call(who, when, 'logs:DescribeLogGroups', request={'limit': 50})
        query = self.dice.uuid()
        self.cloud.call(who, when + timedelta(seconds=15), 'logs:StartQuery', read=False, request={
            'logGroupNames': [group], 'startTime': int(when.timestamp()) - 3600, 'endTime': int(when.timestamp()),
            'queryString': 'HIDDEN_DUE_TO_SECURITY_REASONS'}, response={'queryId': query})
        for seconds in (17, 19, 22):
            self.cloud.call(who, when + timedelta(seconds=seconds), 'logs:GetQueryResults', request={'queryId': query})

    def assets(self, who, when, person):
        bucket = self.dice.pick(BUCKETS[:3])
        host = 's3.%s.amazonaws.com' % TOKYO
        self.cloud.call(who, when, 's3:GetBucketLocation', request={'bucketName': bucket, 'location': '', 'Host': host},
                        extra=self.cloud.s3_extra(0, 137), resources=bucket_resource(bucket))
        for aspect, api in (('versioning', 'GetBucketVersioning'), ('publicAccessBlock', 'GetBucketPublicAccessBlock')):
            self.cloud.call(who, when + timedelta(seconds=2), 's3:' + api, extra=self.cloud.s3_extra(0, 113),
                            request={'bucketName': bucket, aspect: '', 'Host': host}, resources=bucket_resource(bucket))

    def tables(self, who, when, person):
        query = self.dice.uuid()
        self.cloud.call(who, when, 'athena:StartQueryExecution', read=False, request={
            'queryString': '***OMITTED***', 'clientRequestToken': self.dice.uuid(), 'workGroup': 'primary',
            'resultConfiguration': {'outputLocation': 's3://aozora-bento-builds/athena/'}},
            response={'queryExecutionId': query})
        for seconds in range(1, self.dice.between(3, 8)):
            self.cloud.call(who, when + timedelta(seconds=seconds), 'athena:GetQueryExecution',
                            request={'queryExecutionId': query})
        self.cloud.call(who, when + timedelta(seconds=9), 'glue:GetTable',
                        request={'databaseName': 'bento', 'name': 'orders'})

    def bills(self, who, when, person):
        period = {'start': when.strftime('%Y-%m-01'), 'end': when.strftime('%Y-%m-%d')}
        for metric in ('UnblendedCost', 'AmortizedCost'):
            self.cloud.call(who, when, 'ce:GetCostAndUsage', region=VIRGINIA, request={
                'timePeriod': period, 'granularity': 'DAILY', 'metrics': [metric],
                'groupBy': [{'type': 'DIMENSION', 'key': 'SERVICE'}]})
            when += timedelta(seconds=3)

    def deployment(self, when):
        """GitHub Actions takes the deployment role by OIDC, then the user of the old pipeline updates a stack."""
        run = 'repo:aozora-bento/site:ref:refs/heads/main'
        runner = '192.0.2.%d' % self.dice.between(140, 180)
        agent = ('configure-aws-credentials-for-github-actions aws-sdk-js/3.826.0 ua/2.1 os/linux lang/js '
                 'md/nodejs#20.19.2')
        provider = 'arn:aws:iam::%s:oidc-provider/token.actions.githubusercontent.com' % ACCOUNT
        identity = {'type': 'WebIdentityUser', 'principalId': '%s:sts.amazonaws.com:%s' % (provider, run),
                    'userName': run, 'identityProvider': provider}
        response, resources = self.cloud.assumed('github-actions-deploy', 'GitHubActions', when)
        response.update(subjectFromWebIdentityToken=run, provider=provider, audience='sts.amazonaws.com')
        self.cloud.call(Caller(identity, runner, agent), when, 'sts:AssumeRoleWithWebIdentity', read=True,
                        request={'roleArn': resources[0]['ARN'], 'roleSessionName': 'GitHubActions',
                                 'durationSeconds': 3600}, response=response, resources=resources)
        web = {'federatedProvider': provider, 'attributes': {}}
        self.update_stack(Caller(self.cloud.role('github-actions-deploy', 'GitHubActions', when, web=web), runner,
                                 'aws-sdk-js/3.826.0 ua/2.1 os/linux lang/js md/nodejs#20.19.2'), when)
        if self.dice.chance(0.5):
            self.old_pipeline(when + timedelta(minutes=6), runner)

    def old_pipeline(self, when, runner):
        agent = 'aws-cli/1.40.26 md/Botocore#1.38.27 ua/2.1 os/linux lang/python#3.10.12'
        ci = Caller(self.cloud.user('ci-deploy'), runner, agent)
        session = 'build-%d' % self.dice.between(2000, 2999)
        response, resources = self.cloud.assumed('deploy', session, when)
        self.cloud.call(ci, when, 'sts:AssumeRole', read=True, response=response, resources=resources,
                        request={'roleArn': resources[0]['ARN'], 'roleSessionName': session, 'durationSeconds': 3600})
        self.update_stack(Caller(self.cloud.role('deploy', session, when), runner, ci.agent), when)

    def update_stack(self, who, when):
        stack = self.dice.pick(STACKS)
        arn = 'arn:aws:cloudformation:%s:%s:stack/%s/%s' % (TOKYO, ACCOUNT, stack, self.dice.uuid())
        bucket = 'aozora-bento-builds'
        self.cloud.call(who, when + timedelta(seconds=5), 'cloudformation:DescribeStacks', request={'stackName': stack})
        change = 'deploy-%d' % int(when.timestamp())
        self.cloud.call(who, when + timedelta(seconds=8), 'cloudformation:CreateChangeSet', read=False, request={
            'stackName': stack, 'changeSetName': change, 'changeSetType': 'UPDATE', 'capabilities': ['CAPABILITY_IAM'],
            'templateURL': 'https://%s.s3.%s.amazonaws.com/%s.template' % (bucket, TOKYO, stack)},
            response={'id': arn.replace(':stack/', ':changeSet/'), 'stackId': arn})
        self.cloud.call(who, when + timedelta(seconds=30), 'cloudformation:ExecuteChangeSet', read=False,
                        request={'changeSetName': change, 'stackName': stack, 'clientRequestToken': self.dice.uuid()})
        inner = Caller(dict(who.identity, invokedBy='cloudformation.amazonaws.com'), 'cloudformation.amazonaws.com',
                       'cloudformation.amazonaws.com', tls=None)
        name = self.dice.pick(FUNCTIONS)
        self.cloud.call(inner, when + timedelta(seconds=41), 'lambda:UpdateFunctionConfiguration20150331v2', read=False,
                        request={'functionName': name, 'environment': {}, 'memorySize': 256},
                        response={'functionName': name, 'runtime': 'python3.13', 'environment': {}, 'memorySize': 256,
                                  'lastUpdateStatus': 'InProgress'})
        if self.dice.chance(0.05):
            self.cloud.call(inner, when + timedelta(seconds=43), 'iam:PassRole', region=VIRGINIA, read=False,
                            error=self.cloud.denied(inner, 'iam:PassRole', 'arn:aws:iam::%s:role/bento-web' % ACCOUNT))
        for seconds in (45, 75, 105):
            self.cloud.call(who, when + timedelta(seconds=seconds), 'cloudformation:DescribeStackEvents',
                            request={'stackName': stack})


def newcomer_arrives(cloud, when, admin, newcomer, address):
    """Week 2: an administrator makes a user and a password for the twelfth employee. Right, and worth a look."""
    since = when - timedelta(minutes=20)
    who = Caller(cloud.console_user(admin, since), address, BROWSERS[0], console=True)
    arn = 'arn:aws:iam::%s:user/%s' % (ACCOUNT, newcomer)
    made = prose_date(when)
    cloud.call(who, when, 'iam:CreateUser', region=VIRGINIA, read=False,
               request={'userName': newcomer, 'tags': [{'key': '部署', 'value': '開発'}]},
               response={'user': {'path': '/', 'userName': newcomer, 'userId': cloud.principal('AIDA', newcomer),
                                  'arn': arn, 'createDate': made, 'tags': [{'key': '部署', 'value': '開発'}]}})
    cloud.call(who, when + timedelta(seconds=2), 'iam:CreateLoginProfile', region=VIRGINIA, read=False,
               request={'userName': newcomer, 'passwordResetRequired': True},
               response={'loginProfile': {'userName': newcomer, 'createDate': made, 'passwordResetRequired': True}})
    cloud.call(who, when + timedelta(seconds=4), 'iam:AddUserToGroup', region=VIRGINIA, read=False,
               request={'groupName': 'developers', 'userName': newcomer})
    cloud.call(who, when + timedelta(seconds=6), 'iam:AttachUserPolicy', region=VIRGINIA, read=False,
               request={'userName': newcomer, 'policyArn': 'arn:aws:iam::aws:policy/IAMUserChangePassword'})


def own_key_renewed(cloud, when, user, address):
    """Week 3: somebody replaces their own access key, as everybody should; nothing to report."""
    who = Caller(cloud.console_user(user, when - timedelta(minutes=3)), address, BROWSERS[1], console=True)
    old, new = cloud.long_term_key(user), cloud.dice.aws_id('AKIA')
    cloud.call(who, when, 'iam:CreateAccessKey', region=VIRGINIA, read=False, request={'userName': user},
               response={'accessKey': {'userName': user, 'accessKeyId': new, 'status': 'Active',
                                       'createDate': prose_date(when)}})
    cloud.call(who, when + timedelta(minutes=9), 'iam:DeleteAccessKey', region=VIRGINIA, read=False,
               request={'userName': user, 'accessKeyId': old})
    cloud.keys[user] = new


def root_pays_the_bill(cloud, when):
    """Week 1: the founder signs in as root, with MFA, to change the payment card. The only use of root."""
    agent = BROWSERS[2]
    record = cloud.call(Caller(cloud.root(), OFFICE, agent, tls=None), when, 'signin:ConsoleLogin', region=VIRGINIA,
                        kind='AwsConsoleSignIn', read=False, response={'ConsoleLogin': 'Success'},
                        extra={'LoginTo': 'https://us-east-1.console.aws.amazon.com/billing/home?state=hashArgs',
                               'MobileVersion': 'No', 'MFAIdentifier': 'arn:aws:iam::%s:mfa/root-key' % ACCOUNT,
                               'MFAUsed': 'Yes'})
    record['tlsDetails'] = {'tlsVersion': 'TLSv1.3', 'cipherSuite': 'TLS_AES_128_GCM_SHA256',
                            'clientProvidedHostHeader': 'us-east-1.signin.aws.amazon.com'}
    who = Caller(cloud.root(when), OFFICE, agent, console=True)
    for seconds, api in ((40, 'billing:GetBillingData'), (41, 'payments:ListPaymentInstruments'),
                         (43, 'invoicing:ListInvoiceSummaries'), (200, 'payments:UpdatePaymentPreferences')):
        cloud.call(who, when + timedelta(seconds=seconds), api, region=VIRGINIA)
