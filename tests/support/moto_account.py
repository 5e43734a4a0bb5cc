"""moto, the mock AWS that others made, as a server with signatures and policies enforced, and an account in it.

    with MotoAccount(policy) as aws:
        subprocess.run([nezuban, 'audit'], env={**os.environ, **aws.environment()})

The account: 50 users, 100 roles, 10 groups, trails, recorders and detectors in several regions, made over HTTP. Who asks is
the user `auditor`, whose one policy is `policy`: what it does not name is refused.
moto has no root user's MFA, keys and report row, no LookupEvents, Access Analyzer or Detective: see aws_endpoint for those.
"""
import json
import logging
import os
import urllib.request

os.environ['MOTO_IAM_LOAD_MANAGED_POLICIES'] = 'true'  # read when moto is imported

import botocore.config  # noqa: E402
import botocore.loaders  # noqa: E402
import botocore.session  # noqa: E402
from moto.iam.access_control import IAMRequestBase  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

HOME, OTHERS = 'ap-northeast-1', ['us-east-1', 'eu-west-1']
USERS, ROLES, GROUPS = 50, 100, 10
NEVER = b'inf'
AWS_POLICY = 'arn:aws:iam::aws:policy/'
LOADER = botocore.loaders.Loader()
logging.getLogger('werkzeug').setLevel(logging.CRITICAL)  # what moto lacks would be a stack trace each


def signed_as_sent(request, made=IAMRequestBase._create_aws_request):
    """moto 5.2.5 checks a GET without a body as if its parameters were one, and refuses right signatures."""
    signed = made(request)
    if signed.method == 'GET':
        signed.data = b''
    return signed


IAMRequestBase._create_aws_request = signed_as_sent


def document(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})


class MotoAccount:
    def __init__(self, policy):
        self.policy, self.key, self.url = policy, {}, None
        self.server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)

    def __enter__(self):
        self.server.start()
        self.url = 'http://%s:%d' % self.server.get_host_and_port()
        try:  # what it holds ends with the process: one account a process
            self.enforce(NEVER)
            fill(self.client)
            self.key = auditor(self.client('iam', 'us-east-1'), self.policy)
            self.enforce(b'0')
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.server.stop()

    def post(self, what, body):
        request = urllib.request.Request(f'{self.url}/moto-api/{what}', body, {'Content-Type': 'text/plain'}, method='POST')
        urllib.request.urlopen(request, timeout=60).close()

    def enforce(self, calls):
        """Signatures and policies count from the next `calls` calls on."""
        self.post('reset-auth', calls)

    def client(self, service, region):
        session = botocore.session.Session()
        session.register_component('data_loader', LOADER)
        session.set_credentials('filling', 'the-account')
        return session.create_client(service, region_name=region, endpoint_url=self.url,
                                     config=botocore.config.Config(s3={'addressing_style': 'path'}, max_pool_connections=1))

    def environment(self):
        return {'AWS_ENDPOINT_URL': self.url, 'AWS_ACCESS_KEY_ID': self.key['AccessKeyId'],
                'AWS_SECRET_ACCESS_KEY': self.key['SecretAccessKey'], 'AWS_REGION': HOME, 'AWS_EC2_METADATA_DISABLED': 'true',
                'AWS_CONFIG_FILE': '/dev/null', 'AWS_SHARED_CREDENTIALS_FILE': '/dev/null'}


def auditor(iam, policy):
    iam.create_user(UserName='auditor')
    iam.put_user_policy(UserName='auditor', PolicyName='audit', PolicyDocument=policy)
    return iam.create_access_key(UserName='auditor')['AccessKey']


def fill(client):
    people(client('iam', 'us-east-1'))
    trail(client)
    for region in [HOME, *OTHERS]:
        recorder(client('config', region), running=region != OTHERS[-1])
        client('guardduty', region).create_detector(Enable=region != OTHERS[-1], FindingPublishingFrequency='FIFTEEN_MINUTES')
    client('securityhub', HOME).enable_security_hub()


def people(iam):
    """Two administrators; every fifth user has no MFA, every tenth a policy of the user's own."""
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireSymbols=True, RequireNumbers=True,
                                       RequireUppercaseCharacters=True, RequireLowercaseCharacters=False,
                                       AllowUsersToChangePassword=True, MaxPasswordAge=90, PasswordReusePrevention=5)
    for number in range(GROUPS):
        name = 'administrators' if number == 0 else f'team-{number}'
        iam.create_group(GroupName=name)
        iam.attach_group_policy(GroupName=name, PolicyArn=AWS_POLICY + ('AdministratorAccess' if number == 0 else
                                                                       'AmazonEC2ReadOnlyAccess'))
    for number in range(USERS):
        name = f'user-{number:02}'
        iam.create_user(UserName=name)
        iam.add_user_to_group(UserName=name, GroupName='administrators' if number < 2 else f'team-{1 + number % (GROUPS - 1)}')
        iam.create_login_profile(UserName=name, Password='Correct-Horse-7-Battery')
        if number % 5:
            serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)['VirtualMFADevice']['SerialNumber']
            iam.enable_mfa_device(UserName=name, SerialNumber=serial, AuthenticationCode1='123456', AuthenticationCode2='654321')
        if number % 10 == 0:
            iam.put_user_policy(UserName=name, PolicyName='own', PolicyDocument=document(
                {'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': '*'}))
    for number in range(ROLES):
        iam.create_role(RoleName=f'service-{number:03}', AssumeRolePolicyDocument=document(
            {'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Principal': {'Service': 'ec2.amazonaws.com'}}))
        if number % 4 == 0:
            iam.attach_role_policy(RoleName=f'service-{number:03}', PolicyArn=AWS_POLICY + 'AmazonS3ReadOnlyAccess')


def trail(client):
    """A trail of all regions at home, and a second one that was made and never started."""
    s3 = client('s3', HOME)
    s3.create_bucket(Bucket='moto-trail', CreateBucketConfiguration={'LocationConstraint': HOME})
    s3.put_bucket_versioning(Bucket='moto-trail', VersioningConfiguration={'Status': 'Enabled'})
    s3.put_public_access_block(Bucket='moto-trail', PublicAccessBlockConfiguration={
        'BlockPublicAcls': True, 'IgnorePublicAcls': True, 'BlockPublicPolicy': True, 'RestrictPublicBuckets': True})
    cloudtrail = client('cloudtrail', HOME)
    for name, all_regions in (('main', True), ('forgotten', False)):
        cloudtrail.create_trail(Name=name, S3BucketName='moto-trail', IsMultiRegionTrail=all_regions,
                                IncludeGlobalServiceEvents=all_regions, EnableLogFileValidation=all_regions)
    cloudtrail.start_logging(Name='main')


def recorder(config, running):
    config.put_configuration_recorder(ConfigurationRecorder={
        'name': 'default', 'roleARN': 'arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/'
        'AWSServiceRoleForConfig', 'recordingGroup': {'allSupported': True, 'includeGlobalResourceTypes': running}})
    config.put_delivery_channel(DeliveryChannel={'name': 'default', 's3BucketName': 'moto-config'})
    if running:
        config.start_configuration_recorder(ConfigurationRecorderName='default')
