"""ministack, another mock AWS, in a process of its own with signatures and policies enforced, and an organization in it.

    with MinistackOrganization(policy) as aws:
        subprocess.run([nezuban, 'audit', '--org', ROLE], env={**os.environ, **aws.environment()})

Its account has three others: one whose role lets the auditor in, one whose role lets nobody in, one without a role. What it knows and
moto does not: LookupEvents, a row of root in the credential report, an organization with accounts of their own.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import botocore.config
import botocore.loaders
import botocore.session

MANAGEMENT, ROLE = '111122223333', 'Audit'
START_S = 60
LOADER = botocore.loaders.Loader()


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def document(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})


class MinistackOrganization:
    def __init__(self, policy):
        self.policy, self.key, self.members, self.process = policy, {}, {}, None

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        home = self.folder.name
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'PYTHONPATH', 'PYTHONPYCACHEPREFIX')}
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'ministack'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home,
            env={**keep, 'HOME': home, 'TMPDIR': home, 'S3_DATA_DIR': os.path.join(home, 's3'), 'BIND_HOST': '127.0.0.1',
                 'GATEWAY_PORT': str(self.port), 'AUTH': 'true', 'CLOUDTRAIL_RECORDING': '1', 'MINISTACK_ACCOUNT_ID': MANAGEMENT,
                 'DOCKER_HOST': 'unix:///nonexistent'})
        try:
            self.wait()
            self.fill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.folder.cleanup()

    def wait(self):
        until = time.monotonic() + START_S
        while True:
            try:
                urllib.request.urlopen(self.url + '/_ministack/health', timeout=5).close()
                return
            except urllib.error.HTTPError:
                return  # it speaks
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError('ministack did not start') from None
                time.sleep(0.05)

    def client(self, service, account='test'):
        """Without policies: as root of the account whose number is the key."""
        session = botocore.session.Session()
        session.register_component('data_loader', LOADER)
        session.set_credentials(account, 'test')
        return session.create_client(service, region_name='us-east-1', endpoint_url=self.url,
                                     config=botocore.config.Config(parameter_validation=False))

    def fill(self):
        iam, organizations = self.client('iam'), self.client('organizations')
        iam.create_user(UserName='auditor')
        iam.put_user_policy(UserName='auditor', PolicyName='audit', PolicyDocument=self.policy)
        self.key = iam.create_access_key(UserName='auditor')['AccessKey']
        for name in ('open', 'closed', 'bare'):
            status = organizations.create_account(Email=f'{name}@example.com', AccountName=name)['CreateAccountStatus']
            self.members[name] = status['AccountId']
        for name, principal in (('open', f'arn:aws:iam::{MANAGEMENT}:root'), ('closed', 'arn:aws:iam::999988887777:root')):
            iam = self.client('iam', self.members[name])
            iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document(
                {'Effect': 'Allow', 'Principal': {'AWS': principal}, 'Action': 'sts:AssumeRole'}))
            iam.put_role_policy(RoleName=ROLE, PolicyName='audit', PolicyDocument=self.policy)
            iam.create_user(UserName='user-of-' + name)

    def environment(self):
        return {'AWS_ENDPOINT_URL': self.url, 'AWS_ACCESS_KEY_ID': self.key['AccessKeyId'],
                'AWS_SECRET_ACCESS_KEY': self.key['SecretAccessKey'], 'AWS_REGION': 'us-east-1', 'AWS_EC2_METADATA_DISABLED': 'true',
                'AWS_CONFIG_FILE': '/dev/null', 'AWS_SHARED_CREDENTIALS_FILE': '/dev/null'}
