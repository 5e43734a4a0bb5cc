"""Aozora Bento, a fictitious company of twelve that delivers lunch boxes: who works there, and what they own."""

from .cloud import ACCOUNT, BROWSER

OFFICE = '198.51.100.20'
NAT_GATEWAY = '192.0.2.200'


class Person:
    """One user of the account: what the person does in the console and, with a key, on the command line."""

    def __init__(self, user, home, duties, cli=None, busy=1.0):
        self.user, self.home, self.duties, self.cli, self.busy = user, home, duties, cli, busy


MAC_CLI = ('aws-cli/2.27.30 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.3 '
           'cfg/retry-mode#standard')
LINUX_CLI = 'aws-cli/2.27.12 md/awscrt#0.25.4 ua/2.1 os/linux#6.8.0-60-generic md/arch#x86_64 lang/python#3.12.9'
BOTO = 'Boto3/1.38.27 md/Botocore#1.38.27 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.12.10 md/pyimpl#CPython'
TERRAFORM = ('APN/1.0 HashiCorp/1.0 Terraform/1.12.1 (+https://www.terraform.io) terraform-provider-aws/5.99.1 '
             'aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.8')

PEOPLE = [
    Person('sato.hanako', '2001:db8:85a3:10::7', ['ops', 'look', 'people'], busy=0.8),
    Person('suzuki.kenji', '192.0.2.31', ['ops', 'look', 'stack'], cli=MAC_CLI, busy=1.4),
    Person('takahashi.yui', '192.0.2.47', ['look', 'functions', 'logs'], cli=MAC_CLI, busy=1.3),
    Person('tanaka.ryota', '2001:db8:85a3:44::2', ['look', 'functions', 'logs'], cli=BOTO, busy=1.2),
    Person('ito.mei', '192.0.2.58', ['look', 'assets'], busy=0.9),
    Person('watanabe.sho', '192.0.2.66', ['tables', 'assets', 'logs'], cli=BOTO, busy=1.1),
    Person('yamamoto.aoi', '192.0.2.73', ['look', 'logs'], busy=0.7),
    Person('nakamura.daiki', '192.0.2.81', ['look', 'functions'], cli=LINUX_CLI, busy=0.9),
    Person('kobayashi.rin', '192.0.2.90', ['assets'], busy=0.5),
    Person('kato.makoto', '192.0.2.95', ['bills'], busy=0.3),
    Person('sasaki.jun', '2001:db8:85a3:91::c', ['look', 'ops', 'logs'], cli=LINUX_CLI, busy=0.9),
]
NEWCOMER = Person('mori.kaito', '192.0.2.104', ['look', 'logs'], busy=0.6)

TRAIL, AUDIT_TRAIL = 'main-trail', 'audit-copy'
LOG_BUCKET = 'aozora-bento-trail'
BUCKETS = ['aozora-bento-assets', 'aozora-bento-invoices', 'aozora-bento-builds', 'aozora-bento-trail',
           'aozora-bento-config']
FUNCTIONS = ['order-intake', 'invoice-nightly', 'menu-sync', 'stock-alert']
STACKS = ['bento-web', 'bento-orders', 'bento-reports']
GROUPS = ['/aws/lambda/' + name for name in FUNCTIONS] + ['/bento/web']
PARAMETERS = ['/bento/prod/db/url', '/bento/prod/payment/key', '/bento/prod/mail/from', '/bento/prod/feature/flags']
BROWSERS = [
    BROWSER,
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0',
    ('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 '
     'Safari/605.1.15'),
]


class Estate:
    """The ids of what the company runs, made once from the seed."""

    def __init__(self, dice):
        self.instances = [dice.resource_id('i') for _ in range(3)]
        self.image = dice.resource_id('ami')
        self.subnets = [dice.resource_id('subnet') for _ in range(2)]
        self.vpc = dice.resource_id('vpc')
        self.group = dice.resource_id('sg')
        self.template = dice.resource_id('lt')
        self.detectors = {}
        for region in ('ap-northeast-1', 'us-east-1'):
            self.detectors[region] = dice.hexadecimal(32)
        self.flow_log = dice.resource_id('fl')
        self.key = 'arn:aws:kms:ap-northeast-1:%s:key/%s' % (ACCOUNT, dice.uuid())

    def key_resource(self):
        return [{'accountId': ACCOUNT, 'type': 'AWS::KMS::Key', 'ARN': self.key}]


def bucket_resource(bucket, key=None):
    """`resources` of an S3 call: the object first when there is one."""
    found = [{'accountId': ACCOUNT, 'type': 'AWS::S3::Bucket', 'ARN': 'arn:aws:s3:::' + bucket}]
    if key:
        found.insert(0, {'type': 'AWS::S3::Object', 'ARN': 'arn:aws:s3:::%s/%s' % (bucket, key)})
    return found


def running_instance(instance, image, kind, launched_ms, group, subnet, name):
    """One element of RunInstances' instancesSet, with the members that matter to a reader."""
    return {'instanceId': instance, 'imageId': image, 'instanceState': {'code': 0, 'name': 'pending'},
            'privateDnsName': '', 'amiLaunchIndex': 0, 'productCodes': {}, 'instanceType': kind,
            'launchTime': launched_ms, 'monitoring': {'state': 'pending'}, 'subnetId': subnet,
            'stateReason': {'code': 'pending', 'message': 'pending'}, 'architecture': 'x86_64',
            'rootDeviceType': 'ebs', 'rootDeviceName': '/dev/xvda', 'blockDeviceMapping': {},
            'virtualizationType': 'hvm', 'hypervisor': 'xen',
            'tagSet': {'items': [{'key': 'Name', 'value': name}]},
            'groupSet': {'items': [{'groupId': group, 'groupName': 'web'}]}, 'sourceDestCheck': True,
            'ebsOptimized': False, 'enaSupport': True,
            'metadataOptions': {'state': 'pending', 'httpTokens': 'required', 'httpPutResponseHopLimit': 2,
                                'httpEndpoint': 'enabled', 'httpProtocolIpv4': 'enabled'}}
