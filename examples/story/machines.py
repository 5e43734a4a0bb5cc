"""What runs by itself, day and night: AWS's own services, the web servers, the functions, the nightly batch."""

from datetime import timedelta

from .cloud import ACCOUNT, AUDIT_ACCOUNT, OSAKA, TOKYO, VIRGINIA, Caller, prose_date, service
from .company import (AUDIT_TRAIL, FUNCTIONS, GROUPS, LOG_BUCKET, NAT_GATEWAY, PARAMETERS, TRAIL, bucket_resource,
                      running_instance)

CONFIG_READS = ['ec2:DescribeInstances', 'ec2:DescribeSecurityGroups', 'ec2:DescribeVolumes', 'iam:ListUsers',
                'iam:GetAccountPasswordPolicy', 's3:GetBucketAcl', 's3:GetBucketPolicy', 'lambda:ListFunctions20150331',
                'rds:DescribeDBInstances', 'kms:ListKeys', 'cloudtrail:DescribeTrails', 'logs:DescribeLogGroups']
IN_VIRGINIA = ('iam', 'cloudfront')
IN_LAMBDA = ('Boto3/1.38.13 md/Botocore#1.38.13 ua/2.1 os/linux md/arch#arm64 lang/python#3.13.2 '
             'exec-env/AWS_Lambda_python3.13')
NO_POLICY = ('NoSuchBucketPolicy', 'The bucket policy does not exist')


class Machines:
    """One method a machine; each is called once a day with midnight of that day in UTC."""

    def __init__(self, cloud, estate):
        self.cloud, self.estate, self.dice = cloud, estate, cloud.dice

    def day(self, midnight, working):
        self.config_recorder(midnight)
        self.trail_service(midnight)
        self.guardduty(midnight)
        self.web_servers(midnight)
        self.functions(midnight)
        self.scaling(midnight, working)
        self.invoices(midnight)
        if midnight.day == 10:
            self.key_rotation(midnight)

    def at(self, midnight, hour, spread=3500):
        return midnight + timedelta(hours=hour, seconds=self.dice.between(0, spread))

    def service_role(self, name, host, session, when, agent=None):
        identity = self.cloud.role(name, session, when, path='aws-service-role/%s/' % host, invoked_by=host)
        return Caller(identity, host, agent or host, tls=None)

    def config_recorder(self, midnight):
        """AWS Config reads what changed, every hour in the region of work, every three in the others."""
        for region, step in ((TOKYO, 1), (OSAKA, 3)):
            for hour in range(0, 24, step):
                when = self.at(midnight, hour)
                who = self.service_role('AWSServiceRoleForConfig', 'config.amazonaws.com', 'AWSConfig-Describe', when)
                for _ in range(self.dice.between(2, 5)):
                    self.config_read(who, when, region)
                    when += timedelta(seconds=self.dice.between(0, 4))

    def config_read(self, who, when, region):
        api = self.dice.pick(CONFIG_READS)
        where = VIRGINIA if api.startswith(IN_VIRGINIA) else region
        if not api.startswith('s3:'):
            empty = {'instancesSet': {}, 'filterSet': {}} if api == 'ec2:DescribeInstances' else None
            self.cloud.call(who, when, api, request=empty, region=where)
            return
        missing = NO_POLICY if api == 's3:GetBucketPolicy' and self.dice.chance(0.3) else None
        aspect = 'acl' if api == 's3:GetBucketAcl' else 'policy'
        request = {'bucketName': LOG_BUCKET, 'Host': '%s.s3.%s.amazonaws.com' % (LOG_BUCKET, TOKYO), aspect: ''}
        self.cloud.call(who, when, api, request=request, region=TOKYO, error=missing, extra=self.cloud.s3_extra(0, 650),
                        resources=bucket_resource(LOG_BUCKET))

    def trail_service(self, midnight):
        """CloudTrail asks for the bucket's ACL and for a data key before it writes."""
        trail = service('cloudtrail.amazonaws.com')
        for hour in range(24):
            for region in (TOKYO, VIRGINIA):
                when = self.at(midnight, hour)
                request = {'bucketName': LOG_BUCKET, 'Host': '%s.s3.%s.amazonaws.com' % (LOG_BUCKET, TOKYO), 'acl': ''}
                self.cloud.call(trail, when, 's3:GetBucketAcl', request=request, region=TOKYO, shared=True,
                                extra=self.cloud.s3_extra(0, 931), resources=bucket_resource(LOG_BUCKET))
                self.data_key(trail, when + timedelta(seconds=1), region)

    def data_key(self, trail, when, region):
        name = self.dice.pick((TRAIL, AUDIT_TRAIL))
        bucket = LOG_BUCKET if name == TRAIL else 'aozora-bento-audit-%s' % AUDIT_ACCOUNT
        stored = 'AWSLogs/%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%s.json.gz' % (
            ACCOUNT, region, when.strftime('%Y/%m/%d'), ACCOUNT, region, when.strftime('%Y%m%dT%H%MZ'),
            self.dice.letters(16))
        request = {'keyId': self.estate.key, 'keySpec': 'AES_256', 'encryptionContext': {
            'aws:cloudtrail:arn': 'arn:aws:cloudtrail:%s:%s:trail/%s' % (TOKYO, ACCOUNT, name),
            'aws:s3:arn': 'arn:aws:s3:::%s/%s' % (bucket, stored)}}
        self.cloud.call(trail, when, 'kms:GenerateDataKey', request=request, read=True, shared=True,
                        resources=self.estate.key_resource())

    def guardduty(self, midnight):
        for hour in (1, 7, 13, 19):
            for region in (TOKYO, VIRGINIA):
                when = self.at(midnight, hour)
                who = self.service_role('AWSServiceRoleForAmazonGuardDuty', 'guardduty.amazonaws.com',
                                        'guardduty-describe', when)
                for api in ('ec2:DescribeInstances', 'ec2:DescribeVpcs', 'organizations:DescribeOrganization'):
                    self.cloud.call(who, when, api, region=VIRGINIA if api.startswith('org') else region)

    def web_servers(self, midnight):
        """Three servers: the agent reports, temporary credentials are renewed, invoices are read (data events)."""
        for number, instance in enumerate(self.estate.instances):
            for hour in range(24):
                self.web_server_hour(instance, self.at(midnight, hour), hour, number)

    def web_server_hour(self, instance, when, hour, number):
        agent = 'aws-sdk-go/1.55.5 (go1.22.11; linux; amd64) amazon-ssm-agent/3.3.2299.0'
        if hour % 6 == number:
            response, resources = self.cloud.assumed('bento-web', instance, when, hours=6)
            self.cloud.call(service('ec2.amazonaws.com'), when, 'sts:AssumeRole', read=True, shared=True,
                            request={'roleArn': resources[0]['ARN'], 'roleSessionName': instance},
                            response=response, resources=resources)
        identity = self.cloud.role('bento-web', instance, when - timedelta(hours=hour % 6), delivery='2.0')
        who = Caller(identity, NAT_GATEWAY, agent, post_quantum=number == 0)
        if hour % 2 == number % 2:
            request = {'instanceId': instance, 'agentVersion': '3.3.2299.0', 'agentStatus': 'Active',
                       'platformType': 'Linux', 'platformName': 'Amazon Linux', 'platformVersion': '2023',
                       'iPAddress': '10.0.%d.15' % number, 'computerName': 'ip-10-0-%d-15' % number,
                       'agentName': 'amazon-ssm-agent', 'availabilityZone': TOKYO + 'ac'[number % 2],
                       'availabilityZoneId': 'apne1-az%d' % (4 if number % 2 == 0 else 1),
                       'sSMConnectionChannel': 'ssmmessages'}
            self.cloud.call(who, when, 'ssm:UpdateInstanceInformation', request=request, read=False)
        if 0 <= hour < 12 and self.dice.chance(0.7):
            self.invoice_read(identity, when + timedelta(seconds=self.dice.between(5, 90)))

    def invoice_read(self, identity, when):
        key = 'invoices/%s/%06d.pdf' % (when.strftime('%Y/%m'), self.dice.between(1, 4000))
        who = Caller(identity, NAT_GATEWAY, '[aws-sdk-java/2.31.50 Linux/6.1.140 OpenJDK_64-Bit_Server_VM/21.0.7]')
        request = {'bucketName': 'aozora-bento-invoices', 'key': key,
                   'Host': 'aozora-bento-invoices.s3.%s.amazonaws.com' % TOKYO}
        self.cloud.call(who, when, 's3:GetObject', request=request, data=True,
                        extra=self.cloud.s3_extra(0, self.dice.between(20000, 90000)),
                        resources=bucket_resource('aozora-bento-invoices', key))

    def functions(self, midnight):
        """Lambda takes the function's role and opens a log stream; the function reads its parameter."""
        for hour in range(24):
            name = FUNCTIONS[hour % len(FUNCTIONS)]
            role = name + '-role'
            when = self.at(midnight, hour)
            response, resources = self.cloud.assumed('service-role/' + role, name, when, hours=12)
            self.cloud.call(service('lambda.amazonaws.com'), when, 'sts:AssumeRole', read=True, shared=True,
                            request={'roleArn': resources[0]['ARN'], 'roleSessionName': name},
                            response=response, resources=resources)
            identity = self.cloud.role(role, name, when, path='service-role/')
            who = Caller(identity, '198.51.100.%d' % self.dice.between(130, 140), IN_LAMBDA, post_quantum=True)
            self.cloud.call(who, when + timedelta(seconds=1), 'logs:CreateLogStream', request={
                'logGroupName': '/aws/lambda/' + name,
                'logStreamName': '%s/[$LATEST]%s' % (when.strftime('%Y/%m/%d'), self.dice.hexadecimal(32))})
            parameter = self.dice.pick(PARAMETERS)
            self.cloud.call(who, when + timedelta(seconds=1), 'ssm:GetParameter',
                            request={'name': parameter, 'withDecryption': True},
                            resources=[{'accountId': ACCOUNT,
                                        'ARN': 'arn:aws:ssm:%s:%s:parameter%s' % (TOKYO, ACCOUNT, parameter)}])
            ssm = 'ssm.amazonaws.com'
            inner = Caller(dict(identity, invokedBy=ssm), ssm, ssm, tls=None)
            self.cloud.call(inner, when + timedelta(seconds=1), 'kms:Decrypt', read=True, request={
                'encryptionContext': {'PARAMETER_ARN': 'arn:aws:ssm:%s:%s:parameter%s' % (TOKYO, ACCOUNT, parameter)},
                'encryptionAlgorithm': 'SYMMETRIC_DEFAULT', 'keyId': self.estate.key},
                resources=self.estate.key_resource())

    def scaling(self, midnight, working):
        """One more server before lunch on working days, gone in the afternoon."""
        if not working:
            return
        up, down = self.at(midnight, 1, 600), self.at(midnight, 5, 600)
        instance = self.dice.resource_id('i')
        role = ('AWSServiceRoleForAutoScaling', 'autoscaling.amazonaws.com', 'AutoScaling')
        who = self.service_role(*role, up)
        item = running_instance(instance, self.estate.image, 't3.medium', int(up.timestamp() * 1000),
                                self.estate.group, self.estate.subnets[0], 'お弁当サイト')
        request = {'instancesSet': {'items': [{'minCount': 1, 'maxCount': 1}]}, 'blockDeviceMapping': {},
                   'availabilityZone': TOKYO + 'a', 'monitoring': {'enabled': False}, 'disableApiTermination': False,
                   'disableApiStop': False, 'clientToken': 'fleet-%s-0' % self.dice.uuid(),
                   'launchTemplate': {'launchTemplateId': self.estate.template, 'version': '7'}}
        self.cloud.call(who, up, 'ec2:RunInstances', request=request, read=False, response={
            'requestId': self.dice.uuid(), 'reservationId': self.dice.resource_id('r'), 'ownerId': ACCOUNT,
            'groupSet': {}, 'instancesSet': {'items': [item]}})
        who = self.service_role(*role, down)
        states = {'instanceId': instance, 'currentState': {'code': 32, 'name': 'shutting-down'},
                  'previousState': {'code': 16, 'name': 'running'}}
        self.cloud.call(who, down, 'ec2:TerminateInstances', read=False,
                        request={'instancesSet': {'items': [{'instanceId': instance}]}},
                        response={'requestId': self.dice.uuid(), 'instancesSet': {'items': [states]}})

    def invoices(self, midnight):
        """03:30 in Japan: the nightly function writes the day's invoices."""
        when = midnight + timedelta(hours=18, minutes=30)
        identity = self.cloud.role('invoice-nightly-role', 'invoice-nightly', when, path='service-role/')
        who = Caller(identity, '198.51.100.131', '[Boto3/1.38.13 md/Botocore#1.38.13 lang/python#3.13.2]')
        for _ in range(self.dice.between(10, 16)):
            when += timedelta(seconds=self.dice.between(1, 8))
            key = 'invoices/%s/%06d.pdf' % (when.strftime('%Y/%m'), self.dice.between(1, 4000))
            self.cloud.call(who, when, 's3:PutObject', data=True, read=False, request={
                'bucketName': 'aozora-bento-invoices', 'key': key, 'x-amz-server-side-encryption': 'aws:kms',
                'Host': 'aozora-bento-invoices.s3.%s.amazonaws.com' % TOKYO},
                response={'x-amz-server-side-encryption': 'aws:kms',
                          'x-amz-server-side-encryption-aws-kms-key-id': self.estate.key},
                extra=dict(self.cloud.s3_extra(self.dice.between(20000, 90000), 0), SSEApplied='SSE_KMS'),
                resources=bucket_resource('aozora-bento-invoices', key))
        self.cloud.call(who, when, 'logs:PutRetentionPolicy', read=False,
                        request={'logGroupName': GROUPS[1], 'retentionInDays': 30})

    def key_rotation(self, midnight):
        """A service event: nobody calls it."""
        when = self.at(midnight, 14)
        self.cloud.keep(when, {
            'eventVersion': '1.11', 'userIdentity': {'accountId': ACCOUNT, 'invokedBy': 'AWS Internal'},
            'eventTime': when.strftime('%Y-%m-%dT%H:%M:%SZ'), 'eventSource': 'kms.amazonaws.com',
            'eventName': 'RotateKey', 'awsRegion': TOKYO, 'sourceIPAddress': 'AWS Internal',
            'userAgent': 'AWS Internal', 'requestParameters': None, 'responseElements': None,
            'eventID': self.dice.uuid(), 'readOnly': False, 'resources': self.estate.key_resource(),
            'eventType': 'AwsServiceEvent', 'managementEvent': True, 'recipientAccountId': ACCOUNT,
            'serviceEventDetails': {'keyId': self.estate.key.split('/')[1], 'rotationType': 'AUTOMATIC',
                                    'rotationDate': prose_date(when)},
            'eventCategory': 'Management'})
