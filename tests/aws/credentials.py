#!/usr/bin/env python3
"""Where keys, region and endpoint come from: files, environment, programs and the services that give keys out, all on this
machine.

usage: credentials.py AWS_CALLS
"""
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading
import unittest
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else None
SECRET = 'wJalrXUtnFEMI/K7MDENG+never+to+be+seen'


def later(minutes=60):
    return (datetime.now(timezone.utc) + timedelta(minutes=minutes)).strftime('%Y-%m-%dT%H:%M:%SZ')


def sts_answer(operation, key, minutes=60):
    return (f'<{operation}Response><{operation}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{SECRET}'
            f'</SecretAccessKey><SessionToken>token-{key}</SessionToken><Expiration>{later(minutes)}</Expiration></Credentials>'
            f'</{operation}Result></{operation}Response>')


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0)).decode()
        form = {k: v[0] for k, v in parse_qs(body).items()}
        credential = self.headers.get('Authorization', '').partition('Credential=')[2].split('/')
        self.server.seen.append((self.command, self.path, dict(self.headers), form, credential[0]))
        url = urlsplit(self.path)
        found = self.server.script(self, url.path, form)
        status, text = found if isinstance(found, tuple) else (200, found)
        if found is None:
            status, text = 200, ('<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn></GetCallerIdentityResult>'
                                 '</GetCallerIdentityResponse>')
        self.send_response(status)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = answer


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        os.makedirs(f'{self.home}/.aws/sso/cache')
        server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        server.script, server.seen = (lambda h, path, form: None), []
        threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.server = server
        self.url = f'http://127.0.0.1:{server.server_port}'
        # no metadata service, whatever machine this is
        self.environment = {'HOME': self.home, 'PATH': os.environ['PATH'], 'AWS_EC2_METADATA_DISABLED': 'true'}
        for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS'):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.home, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def run_it(self, environment=None, calls=None, endpoint=True, stderr='', **options):
        options = {'region': 'eu-west-1', **options}
        if endpoint:
            options.setdefault('endpoint', self.url)
        run = subprocess.run([PROGRAM, 'session=1', *(f'{k}={v}' for k, v in options.items())],
                             input=''.join(json.dumps(c) + '\n' for c in calls or [
                                 {'service': 'sts', 'operation': 'GetCallerIdentity'}]),
                             env={**self.environment, **(environment or {})}, capture_output=True, text=True, timeout=60,
                             check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertNotIn(SECRET, run.stdout + run.stderr)
        if stderr is not None:
            self.assertEqual(run.stderr, stderr)
        return json.loads(run.stdout.splitlines()[-1])

    def key_used(self, *args, **options):
        seen = len(self.server.seen)
        end = self.run_it(*args, **options)
        self.assertEqual(end['run'], 'NZ_OK', end)
        self.assertGreater(len(self.server.seen), seen)
        self.assertEqual(self.server.seen[-1][3]['Action'], 'GetCallerIdentity')
        return self.server.seen[-1][4]

    def refused(self, text, *args, code='NZ_E_AWS_CREDENTIALS', **options):
        end = self.run_it(*args, **options)
        self.assertEqual(end['run'], code, end)
        self.assertIn(text, end['text'])
        return end


ENV_KEYS = {'AWS_ACCESS_KEY_ID': 'AKIAENV', 'AWS_SECRET_ACCESS_KEY': SECRET}


class Order(Case):
    def test_environment(self):
        self.assertEqual(self.key_used({**ENV_KEYS, 'AWS_SESSION_TOKEN': 't'}), 'AKIAENV')
        self.assertEqual(self.server.seen[-1][2]['X-Amz-Security-Token'], 't')

    def test_half_a_pair(self):
        self.refused('AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not', {'AWS_ACCESS_KEY_ID': 'a'})
        self.refused('AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not', {'AWS_SECRET_ACCESS_KEY': SECRET})
        self.write('.aws/credentials', '[default]\naws_access_key_id = a\n')
        self.refused('.aws/credentials:2: profile default has one of')

    def test_a_profile_on_the_command_line_beats_the_environment(self):
        self.write('.aws/credentials', f'[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = {SECRET}\n')
        self.assertEqual(self.key_used(ENV_KEYS, profile='work'), 'AKIAWORK')
        self.assertEqual(self.key_used({**ENV_KEYS, 'AWS_PROFILE': 'work'}), 'AKIAENV')
        self.assertEqual(self.key_used({'AWS_PROFILE': 'work'}), 'AKIAWORK')

    def test_credentials_file_beats_config(self):
        self.write('.aws/config', f'[default]\naws_access_key_id = AKIACONFIG\naws_secret_access_key = {SECRET}\n')
        self.assertEqual(self.key_used(), 'AKIACONFIG')
        self.write('.aws/credentials', f'[default]\naws_access_key_id = AKIASHARED\naws_secret_access_key = {SECRET}\n')
        self.assertEqual(self.key_used(), 'AKIASHARED')

    def test_nothing_anywhere(self):
        end = self.refused('none of 10 places')
        for word in ('environment: AWS_ACCESS_KEY_ID is not set', 'role:', 'web identity:', 'SSO:', '.aws/credentials:',
                     'process:', '.aws/config:', 'container:', 'instance: AWS_EC2_METADATA_DISABLED is true'):
            self.assertIn(word, end['looked_at'])

    def test_a_profile_that_is_not_there(self):
        self.refused('there is no profile nobody', profile='nobody', code='NZ_E_AWS_PROFILE')

    def test_a_file_that_others_may_read(self):
        path = self.write('.aws/credentials', f'[default]\naws_access_key_id = A\naws_secret_access_key = {SECRET}\n', 0o644)
        self.run_it(stderr=f'warn: {path} holds keys and may be read by others: chmod 600\n')


class Files(Case):
    def keys(self, name):
        return f'aws_access_key_id={name}\naws_secret_access_key={SECRET}\n'

    def test_the_dialect(self):
        self.write('.aws/config', '\ufeff# a comment\r\n; another\r\n\r\n[profile  "my work"] # here too\r\n'
                   f'  \r\nAWS_ACCESS_KEY_ID = AKIAQUOTED # behind white space\r\naws_secret_access_key={SECRET}\r\n'
                   's3 =\r\n  addressing_style = path\r\n  # nested comment\r\n[profile more]\r\n[plugins]\r\na=b')
        self.assertEqual(self.key_used(profile='my work'), 'AKIAQUOTED')

    def test_a_profile_that_stands_twice_is_one(self):
        self.write('.aws/config', f'[profile a]\naws_access_key_id=OLD\n[profile b]\n[profile a]\n{self.keys("NEW")}')
        self.assertEqual(self.key_used(profile='a'), 'NEW')

    def test_profile_default(self):
        self.write('.aws/config', f'[default]\n{self.keys("PLAIN")}[profile default]\n{self.keys("NAMED")}')
        self.assertEqual(self.key_used(), 'NAMED')

    def test_malformed(self):
        for text, line, reason in (('a=b\n', 1, 'before the first section'), ('[default\n', 1, 'has no ]'),
                                   ('[default]\n\nx\n', 3, 'neither a section'), ('[]\n', 1, 'has no name'),
                                   ('[a] b\n', 1, 'something stands behind'), ('[a]\n = b\n', 2, 'belongs to no key'),
                                   ('[a]\n=b\n', 2, 'has no key'), ('[a]\nb=\n c\n', 3, 'neither a section'),
                                   ('[a]\nb=\0\n', 2, 'NUL')):
            path = self.write('.aws/config', text)
            end = self.refused(f'{path}:{line}: ', code='NZ_E_AWS_CONFIG')
            self.assertIn(reason, end['text'])

    def test_too_large(self):
        self.write('.aws/config', '#' * (1 << 20) + '\n')
        self.refused('more than 1048576 bytes', code='NZ_E_LIMIT')

    def test_a_folder(self):
        os.mkdir(f'{self.home}/folder')
        self.refused('is no file', {'AWS_CONFIG_FILE': '~/folder'}, code='NZ_E_IO')


class Roles(Case):
    def setUp(self):
        super().setUp()
        self.server.script = lambda h, path, form: (
            sts_answer(form['Action'], 'ASIA' + form['RoleArn'].rpartition('/')[2]) if 'RoleArn' in form else None)

    def profiles(self, text):
        self.write('.aws/config', f'[profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = {SECRET}\n' + text)

    ROLE = '[profile {0}]\nrole_arn = arn:aws:iam::1:role/{0}\nsource_profile = {1}\n'

    def test_a_role(self):
        self.profiles(self.ROLE.format('audit', 'keys') + 'external_id = x&y\nduration_seconds = 3600\n')
        self.assertEqual(self.key_used(profile='audit'), 'ASIAaudit')
        _, _, _, form, key = self.server.seen[0]
        self.assertEqual(key, 'AKIAKEYS')
        self.assertEqual(form, {'Action': 'AssumeRole', 'Version': '2011-06-15', 'RoleArn': 'arn:aws:iam::1:role/audit',
                                'RoleSessionName': 'nezuban', 'ExternalId': 'x&y', 'DurationSeconds': '3600'})
        self.assertEqual(self.server.seen[1][2]['X-Amz-Security-Token'], 'token-ASIAaudit')

    def test_a_chain_of_roles(self):
        self.profiles(self.ROLE.format('a', 'b') + self.ROLE.format('b', 'keys'))
        self.assertEqual(self.key_used(profile='a'), 'ASIAa')
        self.assertEqual([seen[4] for seen in self.server.seen], ['AKIAKEYS', 'ASIAb', 'ASIAa'])

    def test_loops_are_named(self):
        self.profiles(self.ROLE.format('a', 'b') + self.ROLE.format('b', 'c') + self.ROLE.format('c', 'a'))
        self.refused('a -> b -> c -> a', profile='a')
        self.profiles(self.ROLE.format('self', 'self'))
        self.refused('self -> self', profile='self')

    def test_itself_with_keys(self):
        self.profiles(self.ROLE.format('own', 'own') + f'aws_access_key_id = AKIAOWN\naws_secret_access_key = {SECRET}\n')
        self.assertEqual(self.key_used(profile='own'), 'ASIAown')
        self.assertEqual(self.server.seen[0][4], 'AKIAOWN')

    def test_what_is_wrong_with_a_profile(self):
        role = '[profile a]\nrole_arn = r\n'
        for text, reason in ((role, 'without source_profile or credential_source'),
                             (role + 'source_profile=keys\ncredential_source=Environment\n', 'has both'),
                             (role + 'credential_source=Elsewhere\n', 'credential_source is'),
                             (role + 'credential_source=Environment\n', 'gives nothing'),
                             (role + 'source_profile=none\n', 'there is no profile none'),
                             (role + 'source_profile=empty\n[profile empty]\nregion=eu-west-1\n', 'empty has no credentials'),
                             (role + 'source_profile=keys\nduration_seconds=1\n', 'from 900 to 43200'),
                             (role + 'source_profile=keys\nmfa_serial=m\n', 'no terminal')):
            self.profiles(text)
            self.refused(reason, profile='a')

    def test_credential_source(self):
        self.profiles('[profile a]\nrole_arn = arn:aws:iam::1:role/a\ncredential_source = Environment\n')
        self.assertEqual(self.key_used({**ENV_KEYS, 'AWS_PROFILE': 'a', 'AWS_ACCESS_KEY_ID': 'AKIAENV'}), 'AKIAENV')

    def test_mfa(self):
        self.profiles(self.ROLE.format('audit', 'keys') + 'mfa_serial = arn:aws:iam::1:mfa/me\n')
        self.key_used(profile='audit', mfa='123456')
        form = self.server.seen[0][3]
        self.assertEqual((form['SerialNumber'], form['TokenCode']), ('arn:aws:iam::1:mfa/me', '123456'))

    def test_denied(self):
        self.server.script = lambda h, path, form: (403, '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not '
                                                         'authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>')
        self.profiles(self.ROLE.format('audit', 'keys'))
        self.refused('AssumeRole: AccessDenied not authorized', profile='audit')

    def test_short_keys_serve_for_a_while(self):
        """15 minutes is the least that duration_seconds may say, and an MFA code would be asked for each time."""
        self.server.script = lambda h, path, form: (
            sts_answer(form['Action'], f'ASIA{len(self.server.seen)}', minutes=15) if 'RoleArn' in form else None)
        self.profiles(self.ROLE.format('audit', 'keys') + 'duration_seconds = 900\n')
        self.run_it(profile='audit', calls=[{'service': 'sts', 'operation': 'GetCallerIdentity'}] * 5)
        self.assertEqual(sum('RoleArn' in seen[3] for seen in self.server.seen), 1)

    def test_a_wrong_clock(self):
        """AWS is five hours ahead: its time is taken, once, and the keys are not taken for old."""
        def script(h, path, form):
            ahead = datetime.now(timezone.utc) + timedelta(hours=5)
            h.date_time_string = lambda timestamp=None: ahead.strftime('%a, %d %b %Y %H:%M:%S GMT')
            sent = datetime.strptime(h.headers['X-Amz-Date'] + '+0000', '%Y%m%dT%H%M%SZ%z')
            if abs((sent - ahead).total_seconds()) > 300:
                return 403, ('<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired: x is now earlier '
                             'than y</Message></Error></ErrorResponse>')
            return sts_answer(form['Action'], 'ASIAaudit', minutes=5 * 60 + 60) if 'RoleArn' in form else None
        self.server.script = script
        self.profiles(self.ROLE.format('audit', 'keys'))
        self.run_it(profile='audit', stderr=None, calls=[{'service': 'sts', 'operation': 'GetCallerIdentity'}] * 3)
        self.assertEqual([form['Action'] for _, _, _, form, _ in self.server.seen].count('AssumeRole'), 2)
        self.assertEqual(self.server.seen[-1][4], 'ASIAaudit')

    def test_a_clock_that_is_ahead(self):
        """By more than the keys live."""
        def script(h, path, form):
            behind = datetime.now(timezone.utc) - timedelta(hours=5)
            h.date_time_string = lambda timestamp=None: behind.strftime('%a, %d %b %Y %H:%M:%S GMT')
            return sts_answer(form['Action'], 'ASIAaudit', minutes=60 - 5 * 60) if 'RoleArn' in form else None
        self.server.script = script
        self.profiles(self.ROLE.format('audit', 'keys'))
        self.run_it(profile='audit', calls=[{'service': 'sts', 'operation': 'GetCallerIdentity'}] * 3)
        self.assertEqual([form['Action'] for _, _, _, form, _ in self.server.seen].count('AssumeRole'), 1)

    def test_a_throttled_role(self):
        answers = iter([(400, '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>'),
                        (503, ''), None])
        self.server.script = lambda h, path, form: (
            next(answers) or sts_answer(form['Action'], 'ASIAaudit') if 'RoleArn' in form else None)
        self.profiles(self.ROLE.format('audit', 'keys'))
        self.assertEqual(self.key_used(profile='audit'), 'ASIAaudit')

    def test_keys_that_have_expired_are_none(self):
        self.server.script = lambda h, path, form: (
            sts_answer(form['Action'], 'ASIAOLD', minutes=-1) if 'RoleArn' in form else None)
        self.profiles(self.ROLE.format('audit', 'keys'))
        self.refused('those of role have expired already', profile='audit')
        self.assertEqual(len(self.server.seen), 1)

    def test_web_identity(self):
        self.write('token', 'eyJ.first\n')
        environment = {'AWS_ROLE_ARN': 'arn:aws:iam::1:role/web', 'AWS_WEB_IDENTITY_TOKEN_FILE': f'{self.home}/token'}
        self.assertEqual(self.key_used(environment), 'ASIAweb')
        _, _, headers, form, _ = self.server.seen[0]
        self.assertNotIn('Authorization', headers)
        self.assertEqual((form['Action'], form['WebIdentityToken']), ('AssumeRoleWithWebIdentity', 'eyJ.first'))
        self.refused('does not exist', {**environment, 'AWS_WEB_IDENTITY_TOKEN_FILE': '/nowhere'})
        self.refused('but no role', {'AWS_WEB_IDENTITY_TOKEN_FILE': f'{self.home}/token'})


class Processes(Case):
    def process(self, text, status=0):
        script = self.write('give keys', f'#!/bin/sh\ncat <<"E"\n{text}\nE\nexit {status}\n', 0o700)
        self.write('.aws/config', f'[default]\ncredential_process = {shlex.quote(script)} "a b" \\$HOME \'c\'\n')

    def test_keys(self):
        self.process(json.dumps({'Version': 1, 'AccessKeyId': 'AKIAPROC', 'SecretAccessKey': SECRET, 'SessionToken': 's',
                                 'Expiration': later()}))
        self.assertEqual(self.key_used(), 'AKIAPROC')

    def test_no_shell(self):
        self.write('.aws/config', '[default]\ncredential_process = echo $(touch x); touch y\n')
        self.refused('prints no JSON')
        self.assertEqual(sorted(os.listdir(self.home)), ['.aws'])

    def test_what_is_wrong(self):
        for text, status, reason in (('{}', 0, 'Version other than 1'), ('{"Version":2}', 0, 'Version other than 1'),
                                     ('no', 0, 'no JSON'), ('{"Version":1}', 0, 'AccessKeyId is missing'),
                                     ('{"Version":1,"AccessKeyId":"a"}', 0, 'SecretAccessKey is missing'),
                                     ('{"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"soon"}', 0, 'no time'),
                                     ('', 3, 'status 3'), ('x' * 70000, 0, '64 KiB')):
            self.process(text, status)
            self.refused(reason, stderr=None)
        self.write('.aws/config', '[default]\ncredential_process = /no/such/program\n')
        self.refused('/no/such/program: No such file')
        self.write('.aws/config', '[default]\ncredential_process = "a\n')
        self.refused('quote that is not closed')

    def test_login_says_how(self):
        self.write('.aws/config', '[default]\nlogin_session = arn:aws:iam::1:user/a\n')
        self.refused('aws configure export-credentials')


class Metadata(Case):
    ANSWER = json.dumps({'Code': 'Success', 'AccessKeyId': 'ASIAEC2', 'SecretAccessKey': SECRET, 'Token': 't',
                         'Expiration': later()})

    def setUp(self):
        super().setUp()
        self.environment.update(AWS_EC2_METADATA_DISABLED='false', AWS_EC2_METADATA_SERVICE_ENDPOINT=self.url + '/')

    def imds(self, token_status=200, role='web role', answer=ANSWER):
        def script(h, path, form):
            if path == '/latest/api/token':
                self.assertEqual(h.headers['x-aws-ec2-metadata-token-ttl-seconds'], '21600')
                return token_status, 'TOKEN'
            if path.endswith('/security-credentials/'):
                return (200, role) if role else (404, '')
            if '/security-credentials/' in path:
                self.imds_token = h.headers.get('x-aws-ec2-metadata-token')
                return answer
            return None
        self.server.script = script

    def test_version_2(self):
        self.imds()
        self.assertEqual(self.key_used(), 'ASIAEC2')
        self.assertEqual(self.imds_token, 'TOKEN')
        self.assertEqual([s[0] + ' ' + s[1] for s in self.server.seen[:3]],
                         ['PUT /latest/api/token', 'GET /latest/meta-data/iam/security-credentials/',
                          'GET /latest/meta-data/iam/security-credentials/web%20role'])

    def test_version_1_where_2_is_unknown(self):
        self.imds(404)
        self.assertEqual(self.key_used(), 'ASIAEC2')
        self.assertIsNone(self.imds_token)
        end = self.refused('none of', {'AWS_EC2_METADATA_V1_DISABLED': 'true'})
        self.assertIn('hop limit', end['looked_at'])

    def test_region(self):
        self.imds()
        keys = self.server.script
        self.server.script = lambda h, path, form: 'ap-south-2' if path.endswith('/placement/region') else keys(h, path, form)
        self.key_used(region='')
        self.assertIn('/ap-south-2/sts/', self.server.seen[-1][2]['Authorization'])
        self.server.script = lambda h, path, form: 'no region' if path.endswith('/placement/region') else keys(h, path, form)
        self.assertEqual(self.run_it(region='')['requests'], 0)

    def test_it_refuses(self):
        self.imds(400)
        self.refused('status 400')

    def test_no_role(self):
        self.imds(role='')
        self.assertIn('knows no role', self.refused('none of')['looked_at'])

    def test_keys_that_have_expired(self):
        self.imds(answer=json.dumps({'AccessKeyId': 'OLD', 'SecretAccessKey': SECRET, 'Expiration': later(-5)}))
        self.assertEqual(self.key_used(stderr=None), 'OLD')

    def test_never_by_a_proxy(self):
        self.imds()
        self.key_used({'http_proxy': 'http://127.0.0.1:9', 'no_proxy': '127.0.0.1'})

    def container(self, answer=ANSWER):
        self.server.script = lambda h, path, form: answer if path == '/keys' else None

    def test_container(self):
        self.container(self.ANSWER.replace('ASIAEC2', 'ASIAECS'))
        environment = {'AWS_CONTAINER_CREDENTIALS_FULL_URI': self.url + '/keys?a=b'}
        self.assertEqual(self.key_used({**environment, 'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'secret'}), 'ASIAECS')
        self.assertEqual((self.server.seen[0][1], self.server.seen[0][2]['Authorization']), ('/keys?a=b', 'secret'))
        token = self.write('token', 'from file\n')
        self.key_used({**environment, 'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'x', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE': token})
        self.assertEqual(self.server.seen[2][2]['Authorization'], 'from file')

    def test_container_hosts(self):
        for uri in ('http://example.com/keys', 'http://127.evil.example/', 'http://169.254.170.22/', 'ftp://localhost/'):
            self.refused('AWS_CONTAINER_CREDENTIALS_FULL_URI', {'AWS_CONTAINER_CREDENTIALS_FULL_URI': uri})
        self.refused('line break', {'AWS_CONTAINER_CREDENTIALS_FULL_URI': self.url,
                                    'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'a\r\nHost: b'})

    def test_container_errors(self):
        self.container((404, ''))
        self.refused('status 404', {'AWS_CONTAINER_CREDENTIALS_FULL_URI': self.url + '/keys'})


class Sso(Case):
    CONFIG = ('[default]\nsso_session = my\nsso_account_id = 111122223333\nsso_role_name = Audit Role\n'
              '[sso-session my]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n')

    def setUp(self):
        super().setUp()
        self.write('.aws/config', self.CONFIG)
        self.token('my')
        self.server.script = lambda h, path, form: json.dumps({'roleCredentials': {
            'accessKeyId': 'ASIASSO', 'secretAccessKey': SECRET, 'sessionToken': 't',
            'expiration': int((datetime.now().timestamp() + 3600) * 1000)}}) if path == '/federation/credentials' else None

    def token(self, name, **more):
        name = hashlib.sha1(name.encode()).hexdigest()
        self.write(f'.aws/sso/cache/{name}.json', json.dumps({'accessToken': 'bearer', 'expiresAt': later(), **more}))

    def test_session(self):
        self.assertEqual(self.key_used(), 'ASIASSO')
        _, path, headers, _, _ = self.server.seen[0]
        self.assertEqual(path, '/federation/credentials?account_id=111122223333&role_name=Audit%20Role')
        self.assertEqual(headers['x-amz-sso_bearer_token'], 'bearer')

    def test_without_session(self):
        url = 'https://x.awsapps.com/start'
        self.write('.aws/config', f'[default]\nsso_start_url={url}\nsso_region=eu-west-1\nsso_account_id=1\nsso_role_name=r\n')
        self.token(url)
        self.assertEqual(self.key_used(), 'ASIASSO')

    def test_what_to_run(self):
        self.token('my', expiresAt=later(-1))
        end = self.refused('has expired: run "aws sso login --profile default"')
        self.assertEqual(end['looked_at'], '')  # the answer is above, and what was passed over before it is none
        self.token('my', expiresAt='never')
        self.refused('aws sso login')
        os.remove(f'{self.home}/.aws/sso/cache/{hashlib.sha1(b"my").hexdigest()}.json')
        self.refused('is not there: run "aws sso login')
        self.token('my')
        self.server.script = lambda h, path, form: (401, '{}')
        self.refused('is not accepted any more: run "aws sso login')

    def test_what_is_wrong(self):
        self.write('.aws/config', self.CONFIG.replace('sso_account_id = 111122223333\n', 'sso_region = us-east-1\n'
                                                      'sso_account_id = 1\n'))
        self.refused('different values of sso_region')
        self.write('.aws/config', self.CONFIG.replace('sso_role_name = Audit Role\n', ''))
        self.refused('has no sso_role_name')
        self.write('.aws/config', self.CONFIG.replace('[sso-session my]', '[sso-session other]'))
        self.refused('there is no [sso-session my]')


class Settings(Case):
    """The order of regions and endpoints, seen in where a request arrives and what it is signed for."""
    def setUp(self):
        super().setUp()
        self.environment.update(ENV_KEYS)

    def scope(self, environment=None, config='', **options):
        self.write('.aws/config', config)
        self.key_used({'AWS_ENDPOINT_URL': self.url, **(environment or {})}, endpoint=False, **options)
        return self.server.seen[-1][2]['Authorization'].split('/')[2]

    def test_region(self):
        config = '[default]\nregion = ap-south-1\n'
        self.assertEqual(self.scope(config=config, region=''), 'ap-south-1')
        self.assertEqual(self.scope({'AWS_DEFAULT_REGION': 'eu-west-2'}, config, region=''), 'eu-west-2')
        self.assertEqual(self.scope({'AWS_DEFAULT_REGION': 'eu-west-2', 'AWS_REGION': 'eu-west-3'}, config, region=''),
                         'eu-west-3')
        self.assertEqual(self.scope({'AWS_REGION': 'eu-west-3'}, config, region='sa-east-1'), 'sa-east-1')

    def test_no_region_is_not_guessed(self):
        end = self.run_it({'AWS_ENDPOINT_URL': self.url}, endpoint=False, region='',
                          calls=[{'service': 'guardduty', 'operation': 'ListDetectors'},
                                 {'service': 'iam', 'operation': 'GetAccountSummary'}])
        self.assertEqual(end['requests'], 1)  # a global service has one

    def test_endpoint_urls(self):
        services = '[default]\nservices = mine\nendpoint_url = {1}\n[services mine]\nsts =\n  endpoint_url = {0}\n'
        nowhere = 'http://127.0.0.1:9'
        for environment, config in (({'AWS_ENDPOINT_URL': self.url}, f'[default]\nendpoint_url = {nowhere}\n'),
                                    ({'AWS_ENDPOINT_URL': nowhere, 'AWS_ENDPOINT_URL_STS': self.url}, ''),
                                    ({'AWS_ENDPOINT_URL': self.url}, services.format(nowhere, nowhere)),
                                    ({}, services.format(self.url, nowhere)),
                                    ({}, f'[default]\nendpoint_url = {self.url}\n')):
            self.write('.aws/config', config)
            self.key_used({**environment, 'AWS_MAX_ATTEMPTS': '1'}, endpoint=False)
        self.write('.aws/config', '')
        self.key_used({'AWS_ENDPOINT_URL_STS': nowhere}, endpoint=True)

    def test_ignored_urls(self):
        end = self.run_it({'AWS_ENDPOINT_URL': 'ftp://x', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS': 'true'}, endpoint=True)
        self.assertEqual((end['run'], end['requests']), ('NZ_OK', 1))

    def test_wrong_values(self):
        for environment in ({'AWS_USE_FIPS_ENDPOINT': 'maybe'}, {'AWS_MAX_ATTEMPTS': '0'}, {'AWS_MAX_ATTEMPTS': 'x'},
                            {'AWS_RETRY_MODE': 'often'}, {'AWS_STS_REGIONAL_ENDPOINTS': 'global'}):
            self.refused(next(iter(environment)), environment, code='NZ_E_AWS_CONFIG')
        self.refused('not a region', {'AWS_REGION': 'a/b'}, region='', code='NZ_E_AWS_REGION')


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
