#!/usr/bin/env python3
"""`nezuban collect` against the scripted AWS: what is asked and how often, what fails, what breaks off and goes on.

usage: with_packages.py collect.py NEZUBAN
"""

import gzip
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

from aws_endpoint import Endpoint
from checking import Checking

TWO = ('--region', 'ap-northeast-1', '--region', 'us-east-1')
CALLS_MAX = 230  # 17 regions, everything on, 50 users, 100 roles, one trail


class Collect(Checking):
    def path(self, name):
        return os.path.join(self.home, name)

    def ask(self, aws, *args):
        return self.run('--lang', 'en', *args, **aws.environment())

    def collect(self, aws, *args, name='a.nzs'):
        status, _, err = self.ask(aws, 'collect', '-o', self.path(name), *args)
        return status, err

    def lines(self, name='a.nzs'):
        with gzip.open(self.path(name), 'rt', encoding='utf-8') as file:
            return [json.loads(line) for line in file]

    def scenario(self, name, *rules):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            json.dump({'rules': list(rules)}, file)  # JSON is YAML
        return self.path(name)


def items(lines, kind):
    return [line for line in lines if line.get('resourceType') == kind]


def unread(lines):
    return {(line['service'], line['operation'], line['region']): line for line in lines if line['kind'] == 'unread'}


def listed(lines):
    return {(line['service'], line['operation'], line['region']) for line in lines if line['kind'] == 'collected'}


def check_whole(c):
    with Endpoint() as aws:
        status, err = c.collect(aws)
        c.check('0, and a summary', status == 0 and 'account 111122223333: items: 4' in err, (status, err))
        c.check('requests as AWS has them', not aws.broken, aws.broken)
        c.check(f'at most {CALLS_MAX} calls', len(aws.seen) <= CALLS_MAX, len(aws.seen))
        lines = c.lines()
        c.check('header first, end last', lines[0]['kind'] == 'snapshot' and lines[-1]['kind'] == 'end', lines[-1])
        c.check('the end counts', lines[-1]['items'] == sum(line['kind'] == 'item' for line in lines), lines[-1])
        users = items(lines, 'AWS::IAM::User')
        c.check('users', len(users) == 50 and users[0]['awsRegion'] == 'global', len(users))
        policies = [p for u in users for p in u['configuration']['UserPolicyList']]
        policies += [p['PolicyVersionList'][0] for p in (i['configuration'] for i in items(lines, 'AWS::IAM::Policy'))]
        c.check('documents are objects', policies and all(
            isinstance(p.get('PolicyDocument', p.get('Document')), dict) for p in policies), policies[:1])
        rows = items(lines, 'Nezuban::IAM::CredentialReportRow')
        c.check('the report, with root', len(rows) == 51 and any(r['resourceId'] == '<root_account>' for r in rows), len(rows))
        trail, = items(lines, 'AWS::CloudTrail::Trail')
        c.check('one trail, in its home region', trail['awsRegion'] == 'ap-northeast-1', trail['awsRegion'])
        joined = trail['supplementaryConfiguration']
        c.check('status and selectors', joined['GetTrailStatus']['IsLogging'] is True and
                joined['GetEventSelectors']['EventSelectors'], joined)
        c.check('times are times', joined['GetTrailStatus']['LatestDeliveryTime'].endswith('Z'), joined)
        bucket, = items(lines, 'AWS::S3::Bucket')
        answers = bucket['supplementaryConfiguration']
        c.check('the bucket', bucket['configuration']['OwnedByAccount'] is True and len(answers) == 8, answers.keys())
        c.check('names as in the API', answers['GetBucketAcl']['Grants'] and answers['GetBucketLifecycleConfiguration']['Rules'] and
                answers['GetBucketPolicy']['Policy']['Statement'] and
                answers['GetPublicAccessBlock']['PublicAccessBlockConfiguration']['BlockPublicAcls'] is True, answers)
        c.check('an alarm leads to its topic', len(items(lines, 'AWS::SNS::Topic')) == 1)
        c.check('nobody\'s address', 'Endpoint' not in json.dumps(items(lines, 'AWS::SNS::Topic')) and
                'MasterAccountEmail' not in json.dumps(lines))
        regions = {i['awsRegion']: i['configuration']['Access'] for i in items(lines, 'Nezuban::EC2::Region')}
        c.check('regions', len(regions) == 19 and regions['af-south-1'] == 'not-opted-in' and regions['us-east-1'] == 'open', regions)
        c.check('nothing of a region not opted in', not any(line.get('region') == 'af-south-1' for line in lines))
        c.check('the part is gone', os.listdir(c.home).count('a.nzs.part') == 0, os.listdir(c.home))
        status, out, err = c.ask(aws, 'diff', c.path('a.nzs'), c.path('a.nzs'))
        c.check('what was written is read back', status == 0, (status, err))


def check_pages(c):
    with Endpoint(users=500, roles=1000) as aws:
        status, err = c.collect(aws, '--region', 'us-east-1')
        c.check('500 users', status == 0 and len(items(c.lines(), 'AWS::IAM::User')) == 500, err)
        c.check('calls do not grow with users', len(aws.seen) <= 70, len(aws.seen))


def check_denied(c):
    denied = c.scenario('denied.yaml', *({'ask': ask, 'error': 'access-denied'} for ask in (
        'iam:GetAccountSummary', 'guardduty:*', 'config:DescribeConfigurationRecorderStatus', 's3:GetBucketPolicy', 's3:ListBuckets',
        'iam:GetCredentialReport')))
    with Endpoint([denied]) as aws:
        status, err = c.collect(aws, *TWO)
        lines = c.lines()
        why = unread(lines)
        c.check('denied: 0, and said', status == 0 and 'iam:GetAccountSummary  AccessDenied: global' in err, (status, err))
        c.check('the missing action', why['iam', 'GetAccountSummary', 'global']['action'] == 'iam:GetAccountSummary', why)
        c.check('not listed', ('iam', 'GetAccountSummary', 'global') not in listed(lines))
        c.check('a line a region', sum(key[1] == 'ListDetectors' for key in why) == 2, len(why))
        recorder = items(lines, 'AWS::Config::ConfigurationRecorder')[0]
        status_line = why['config', 'DescribeConfigurationRecorderStatus', recorder['awsRegion']]
        c.check('the thing that was asked about', status_line['resource'] == recorder['ARN'] and
                'DescribeConfigurationRecorderStatus' not in recorder['supplementaryConfiguration'], status_line)
        bucket, = items(lines, 'AWS::S3::Bucket')
        c.check('whose a bucket is stays open', 'OwnedByAccount' not in bucket['configuration'] and
                'GetBucketPolicy' not in bucket['supplementaryConfiguration'] and
                'GetBucketAcl' in bucket['supplementaryConfiguration'], bucket)
        c.check('strict: 3', c.collect(aws, '--strict', '--region', 'us-east-1')[0] == 3)


def check_scp(c):
    closed = c.scenario('scp.yaml', {'ask': '*', 'region': 'eu-west-1', 'error': 'denied-by-scp'})
    with Endpoint([closed]) as aws:
        c.collect(aws, '--region', 'eu-west-2', '--region', 'eu-west-1')
        lines = c.lines()
        regions = {i['awsRegion']: i['configuration']['Access'] for i in items(lines, 'Nezuban::EC2::Region')}
        asked = [seen.ask for seen in aws.seen if seen.region == 'eu-west-1']
        c.check('closed by an SCP', regions['eu-west-1'] == 'closed-by-scp' and regions['eu-west-2'] == 'open' and
                regions['us-east-1'] == 'not-asked', regions)
        c.check('asked twice and not again', sorted(asked) == ['cloudtrail:DescribeTrails', 'guardduty:ListDetectors'], asked)


def check_none(c):
    def none(ask, code, status=400):
        return {'ask': ask, 'error': {'code': code, 'message': 'there is none', 'status': status}}
    empty = c.scenario('none.yaml', none('iam:GetAccountPasswordPolicy', 'NoSuchEntity', 404),
                       none('securityhub:DescribeHub', 'InvalidAccessException', 401),
                       none('s3:GetBucketPolicy', 'NoSuchBucketPolicy', 404),
                       {'ask': 'config:DescribeConfigurationRecorders', 'answer': {'ConfigurationRecorders': []}},
                       {'ask': 'guardduty:ListDetectors', 'answer': {'DetectorIds': []}})
    with Endpoint([empty]) as aws:
        c.collect(aws, *TWO)
        lines = c.lines()
        c.check('no password policy is an answer', ('iam', 'GetAccountPasswordPolicy', 'global') in listed(lines) and
                not items(lines, 'Nezuban::IAM::PasswordPolicy'))
        c.check('no hub is an answer', ('securityhub', 'DescribeHub', 'us-east-1') in listed(lines) and
                not items(lines, 'AWS::SecurityHub::Hub'))
        bucket, = items(lines, 'AWS::S3::Bucket')
        c.check('no bucket policy is null', bucket['supplementaryConfiguration'].get('GetBucketPolicy', 1) is None, bucket)
        c.check('without a recorder nothing more of Config', aws.count('config:*') == 2, aws.count('config:*'))
        c.check('without a detector nothing more', aws.count('guardduty:*') == 2, aws.count('guardduty:*'))


def check_report(c):
    late = c.scenario('late.yaml', {'ask': 'iam:GetCredentialReport', 'times': 2, 'error': {
        'code': 'ReportNotPresent', 'message': 'no report', 'status': 410}})
    with Endpoint([late]) as aws:
        begun = time.monotonic()
        c.collect(aws, '--region', 'us-east-1')
        c.check('a report that has to be made', items(c.lines(), 'Nezuban::IAM::CredentialReportRow') and
                aws.count('iam:GenerateCredentialReport') == 1, aws.count('iam:*'))
        c.check('is waited for', time.monotonic() - begun > 0)


def check_resume(c):
    slow = c.scenario('slow.yaml', {'ask': 'access-analyzer:*', 'delay_ms': 20000})
    with Endpoint([slow]) as aws:
        path = c.path('r.nzs')
        child = subprocess.Popen([c.program, '--lang', 'en', 'collect', '-o', path], env=c.environment(**aws.environment()),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        until = time.monotonic() + 60
        while (aws.count('config:DescribeConfigRules') < 10 or aws.count('iam:*') < 10) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        err = child.communicate(timeout=60)[1].decode()
        c.check('stopped: 130, and what to do next', child.returncode == 130 and '--resume goes on from there' in err,
                (child.returncode, err))
        c.check('the part is there, the snapshot is not', os.path.exists(path + '.part') and not os.path.exists(path))
    with Endpoint() as aws:
        status, err = c.collect(aws, '--resume', name='r.nzs')
        c.check('resumed: 0', status == 0, (status, err))
        c.check('what was answered is not asked again', len(aws.seen) < 190 and
                aws.count('iam:GetAccountAuthorizationDetails') == 0, len(aws.seen))
        lines = c.lines('r.nzs')
        c.check('and is there', len(items(lines, 'AWS::IAM::User')) == 50 and
                len(items(lines, 'AWS::Config::ConfigurationRecorder')) == 17 and
                len(items(lines, 'AWS::AccessAnalyzer::Analyzer')) == 17)
        c.check('no part is left', not os.path.exists(path + '.part'))
    with Endpoint() as aws:
        status, err = c.collect(aws, '--resume', name='r.nzs')
        c.check('nothing to resume: 2', status == 2 and 'r.nzs.part' in err, (status, err))


MFA_PROFILES = '''[profile keys]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
[profile audit]
role_arn = arn:aws:iam::111122223333:role/audit
source_profile = keys
mfa_serial = arn:aws:iam::111122223333:mfa/me
duration_seconds = 900
'''
MFA_ROLE = '''rules:
  - ask: sts:AssumeRole
    with: {TokenCode: "123456"}
    answer: {Credentials: {AccessKeyId: ASIAIOSFODNN7EXAMPLE, SecretAccessKey: ssssssssssssssssssssssssssssssssssssssss,
                           SessionToken: token, Expiration: !ago -15m}}
  - {ask: sts:AssumeRole, error: access-denied}
'''


def at_terminal(program, environment, answer, *args):
    """Runs it at a terminal of its own; each prompt for a code gets `answer`. (status, what the terminal showed, prompts)."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(program, [program, '--lang', 'en', *args], environment)
    shown, prompts, until = b'', 0, time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # Linux's way to say that nobody is there any more
            break
        if shown.count(b'MFA code of') > prompts:
            prompts += 1
            time.sleep(0.2)  # until the echo is off
            os.write(terminal, answer)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode(), prompts


def check_mfa(c):
    """A role that wants an MFA code, asked for once and not shown, though its keys live for 15 minutes only."""
    os.makedirs(os.path.join(c.home, '.aws'))
    with open(os.path.join(c.home, '.aws', 'config'), 'w', encoding='utf-8') as file:
        file.write(MFA_PROFILES)
    with Endpoint([MFA_ROLE], keys={'AKIAIOSFODNN7EXAMPLE': {'secret': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'},
                                'ASIAIOSFODNN7EXAMPLE': {'secret': 's' * 40, 'token': 'token'}}) as aws:
        environment = {**c.environment(**aws.environment()), 'AWS_CONFIG_FILE': os.path.join(c.home, '.aws', 'config')}
        args = ('collect', '-o', c.path('m.nzs'), '--profile', 'audit', '--region', 'us-east-1')
        status, shown, prompts = at_terminal(c.program, environment, b'123456\n', *args)
        c.check('asked once for the code', (status, prompts, aws.count('sts:AssumeRole')) == (0, 1, 1) and
                'mfa/me' in shown, (status, prompts, shown))
        c.check('the code is not shown', '123456' not in shown, shown)
        status, shown, _ = at_terminal(c.program, environment, b'654321\n', *args)
        c.check('a wrong code: 2', status == 2 and 'AccessDenied' in shown, (status, shown))
        status, shown, _ = at_terminal(c.program, environment, b'\x03', *args)
        c.check('Ctrl-C at the prompt: 130', status == 130 and aws.count('sts:AssumeRole') == 2, (status, shown))


def check_audit(c):
    with Endpoint() as aws:
        c.collect(aws, *TWO)
        kept = json.loads(c.ask(aws, 'audit', '-s', c.path('a.nzs'), '-f', 'json')[1])
        asked = len(aws.seen)
        status, out, err = c.ask(aws, 'audit', '-f', 'json', *TWO)
        live = json.loads(out)
        c.check('audit asks by itself as collect does', len(aws.seen) == 2 * asked and not aws.broken, (asked, len(aws.seen)))
        brief = [[(f['check'], f['status'], f['resource'], f['region']) for f in report['findings']] for report in (kept, live)]
        c.check('and finds the same', brief[0] == brief[1] and len(brief[0]) > 50, (status, err))


def check_wrong_use(c):
    with Endpoint() as aws:
        for args, want in ((('collect',), '--output FILE is missing'),
                           (('collect', '-o', '-', '--resume'), '--resume needs a FILE'),
                           (('collect', '-o', c.path('x'), '--region', 'a b'), 'a b'),
                           (('collect', '-o', c.path('x'), '--endpoint-url', 'ftp://here'), 'ftp://here'),
                           (('collect', '-o', c.path('x'), '--profile', 'gone'), 'gone')):
            status, out, err = c.ask(aws, *args)
            c.check('refused: ' + ' '.join(args[1:]), status == 2 and out == '' and want in err, (status, err))
        status, _, err = c.ask(aws, 'collect', '-o', os.path.join(c.home, 'none', 'x.nzs'))
        c.check('no such folder: 2, once', status == 2 and err.count('none/x.nzs') == 1, (status, err))
        c.check('then nothing was asked', not aws.seen, len(aws.seen))
        elsewhere = {**c.environment(**aws.environment()), 'AWS_ENDPOINT_URL': 'http://127.0.0.1:9', 'AWS_ENDPOINT_URL_IAM': 'http://127.0.0.1:9'}
        child = subprocess.run([c.program, 'collect', '-o', c.path('e.nzs'), '--region', 'us-east-1', '--endpoint-url', aws.url],
                               env=elsewhere, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        c.check('--endpoint-url beats the environment', child.returncode == 0 and aws.count('iam:*') > 5, child.stderr)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        c = Collect(os.path.abspath(sys.argv[1]), home)
        for part in (check_whole, check_pages, check_denied, check_scp, check_none, check_report, check_resume, check_mfa,
                     check_audit, check_wrong_use):
            part(c)
    c.end()


if __name__ == '__main__':
    main()
