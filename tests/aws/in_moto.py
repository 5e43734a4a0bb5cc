#!/usr/bin/env python3
"""An account in moto, the mock AWS that others made, with signatures and policies enforced: read and judged over HTTP.

usage: with_packages.py in_moto.py NEZUBAN

Who asks may do what `audit --print-policy` prints and nothing else. What moto lacks (moto_account.py) stays unknown.
"""
import collections
import json
import os
import sys
import tempfile

from checking import Checking
from moto_account import HOME, OTHERS, USERS, MotoAccount

STOPPED, QUIET = OTHERS[-1], 'eu-west-2'  # a recorder that does not run and a detector that is off; nothing at all


def check_account(t, findings):
    found = collections.defaultdict(dict)
    for f in findings:
        found[f['check']][f['resource'].rpartition('/')[2] if f['region'] == 'global' else f['region']] = f['status']
    without_mfa = sorted(name for name, status in found['iam-user-console-mfa'].items() if status == 'fail')
    t.check('users without MFA', without_mfa == [f'user-{n:02}' for n in range(0, USERS, 5)], without_mfa)
    direct = sorted(name for name, status in found['iam-user-direct-policy'].items() if status == 'fail')
    t.check('policies of their own', direct == ['auditor', *(f'user-{n:02}' for n in range(0, USERS, 10))], direct)
    for name, want in (('length', 'fail'), ('uppercase', 'pass'), ('lowercase', 'fail'), ('number', 'pass'), ('reuse', 'fail')):
        t.check('password ' + name, list(found['iam-password-' + name].values()) == [want], found['iam-password-' + name])
    for region, recorder, detector in ((HOME, 'pass', 'pass'), ('us-east-1', 'pass', 'pass'), (STOPPED, 'fail', 'fail'),
                                       (QUIET, 'fail', 'fail')):
        t.check(f'recorder in {region}', found['config-recorder'].get(region) in (recorder, 'partial'),
                found['config-recorder'].get(region))
        t.check(f'detector in {region}', found['guardduty-enabled'].get(region) == detector, found['guardduty-enabled'].get(region))
    t.check('the trail covers the account', found['cloudtrail-all-regions'].get(QUIET) == 'pass',
            found['cloudtrail-all-regions'])
    # that neither form is on cannot be known where only one is there to ask
    t.check('Security Hub at home', [found['securityhub-enabled'].get(r) for r in (HOME, STOPPED)] == ['pass', 'unknown'],
            found['securityhub-enabled'])
    t.check('what moto lacks is unknown', set(found['access-analyzer-enabled'].values()) == {'unknown'},
            found['access-analyzer-enabled'])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        t = Checking(os.path.abspath(sys.argv[1]), home)
        status, policy, err = t.run('audit', '--print-policy')
        t.check('--print-policy', status == 0 and json.loads(policy)['Version'] == '2012-10-17', (status, err))
        with MotoAccount(policy) as aws:
            path = os.path.join(home, 'account.nzs')
            status, out, err = t.run('collect', '-o', path, *(word for region in (HOME, *OTHERS, QUIET) for word in ('--region', region)),
                                     **aws.environment())
            t.check('collect', status == 0, (status, err))
            status, out, err = t.run('audit', '--snapshot', path, '--format', 'json')
            t.check('findings: 1', status == 1, (status, err))
            report = json.loads(out)
            check_account(t, report['findings'])
            # moto knows S3 Control by its host's name, which a local address has not, and takes the call for one of S3's
            denied = [u for u in report['unread'] if ('Denied' in u['error'] or 'Signature' in u['error'])
                      and u['service'] != 's3control']
            t.check('the printed policy suffices', not denied, denied)
            secret = {**aws.environment(), 'AWS_SECRET_ACCESS_KEY': 'x' * 40}
            status, out, err = t.run('collect', '-o', '-', **secret)
            t.check('a wrong secret: 2, nothing written', status == 2 and out == '', (status, out[:200], err))
    t.end()


if __name__ == '__main__':
    main()
