#!/usr/bin/env python3
"""`nezuban collect` and `audit` against moto, the mock AWS that others made, with signatures and policies enforced.

usage: with_packages.py collect_moto.py NEZUBAN

Who asks may do what `audit --print-policy` prints and nothing else, so a call that is missing there is refused here.
"""

import collections
import gzip
import json
import os
import subprocess
import sys
import tempfile

from moto_account import GROUPS, HOME, OTHERS, ROLES, USERS, MotoAccount

# What moto 5.2.5 does not know (S3 Control it knows by its host's name, which a local address has not); each is said to be
# unread, and nothing else is.
UNKNOWN_TO_MOTO = {
    'iam:ListServiceSpecificCredentials', 'iam:ListOrganizationsFeatures', 'cloudtrail:LookupEvents',
    'config:DescribeDeliveryChannelStatus', 'access-analyzer:ListAnalyzers', 'detective:ListGraphs',
    'securityhub:DescribeSecurityHubV2', 'organizations:DescribeOrganization', 's3control:GetPublicAccessBlock',
}


def run(program, *args, environment):
    done = subprocess.run([program, '--lang', 'en', *args], env=environment, capture_output=True, timeout=200,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program, faults, count = os.path.abspath(sys.argv[1]), [], 0

    def check(name, right, shown=''):
        nonlocal count
        count += 1
        if not right:
            faults.append(f'{name}: {shown!r}')

    policy = run(program, 'audit', '--print-policy', environment={})[1]
    with tempfile.TemporaryDirectory() as home, MotoAccount(policy) as aws:
        keep = {k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')}
        environment = {**keep, 'HOME': home, 'LC_ALL': 'C.UTF-8', **aws.environment()}
        path = os.path.join(home, 'moto.nzs')
        regions = [word for region in [HOME, *OTHERS] for word in ('--region', region)]
        status, out, err = run(program, 'collect', '-o', path, *regions, environment=environment)
        check('collected', status == 0, (status, err))
        with gzip.open(path, 'rt', encoding='utf-8') as file:
            lines = [json.loads(line) for line in file]
        kinds = collections.Counter(line.get('resourceType') for line in lines)
        check('users: those of the account and who asks', kinds['AWS::IAM::User'] == USERS + 1, kinds)
        check('groups', kinds['AWS::IAM::Group'] == GROUPS, kinds)
        check('roles', kinds['AWS::IAM::Role'] == ROLES, kinds)
        check('a row of the report each', kinds['Nezuban::IAM::CredentialReportRow'] == USERS + 1, kinds)
        check('trails', kinds['AWS::CloudTrail::Trail'] >= 1, kinds)
        check('recorders and detectors', kinds['AWS::Config::ConfigurationRecorder'] >= 2 and
              kinds['AWS::GuardDuty::Detector'] >= 2, kinds)
        unread = {f'{line["service"]}:{line["operation"]}': line for line in lines if line['kind'] == 'unread'}
        check('what moto does not know, and nothing else', set(unread) <= UNKNOWN_TO_MOTO,
              [unread[name] for name in sorted(set(unread) - UNKNOWN_TO_MOTO)])
        status, out, err = run(program, 'audit', '-s', path, '-f', 'json', environment=environment)
        report = json.loads(out)
        check('judged', status in (0, 1) and len(report['findings']) > 100, (status, err))
    for fault in faults:
        print('FAILED: ' + fault)
    print(f'{count - len(faults)} of {count} right')
    sys.exit(1 if faults else 0)


if __name__ == '__main__':
    main()
