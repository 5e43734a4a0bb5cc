#!/usr/bin/env python3
"""The example's account on the Monday after: made the same each time, and judged as examples/README.md tells it.

usage: story_account.py NEZUBAN SOURCE_ROOT
"""
import json
import os
import subprocess
import sys
import tempfile

# (check, end of the resource) -> status; what is not here may be either.
JUDGED = {
    # left behind by the night
    ('cloudtrail-management-events', 'trail/main-trail'): 'fail', ('cloudtrail-all-regions', ':root'): 'fail',
    ('cloudtrail-all-regions', 'region/us-east-1'): 'fail', ('cloudtrail-all-regions', 'region/ap-northeast-1'): 'partial',
    ('guardduty-enabled', 'region/us-east-1'): 'fail',
    ('guardduty-enabled', 'detector/7cb1f3a05e924d4c8a6d0b2f9e31c857'): 'pass',
    ('alarm-root-use', ':root'): 'fail',
    # made the night possible
    ('iam-user-key-age', 'user/tanaka.ryota'): 'not-applicable', ('iam-user-key-age', 'user/nakamura.daiki'): 'fail',
    ('iam-user-key-age', 'user/watanabe.sho'): 'pass', ('iam-user-key-age', 'user/ci-deploy'): 'fail',
    ('iam-user-unused-credentials', 'user/legacy-batch'): 'fail', ('iam-user-direct-policy', 'user/legacy-batch'): 'fail',
    # never was right
    ('iam-root-use', ':root'): 'fail', ('iam-root-hardware-mfa', ':root'): 'fail',
    ('iam-user-console-mfa', 'user/kobayashi.rin'): 'fail',
    ('iam-password-expiry', ':root'): 'fail', ('cloudtrail-encryption', 'trail/main-trail'): 'fail',
    ('cloudtrail-bucket', 'aozora-bento-trail'): 'partial', ('config-recorder', 'region/eu-north-1'): 'fail',
    ('guardduty-enabled', 'region/eu-north-1'): 'fail', ('securityhub-enabled', 'region/us-east-1'): 'fail',
    # is right
    ('iam-root-mfa', ':root'): 'pass', ('iam-root-access-key', ':root'): 'pass', ('iam-password-length', ':root'): 'pass',
    ('iam-user-admin', 'user/sato.hanako'): 'pass',
    ('iam-user-console-mfa', 'user/sato.hanako'): 'pass', ('cloudtrail-validation', 'trail/main-trail'): 'pass',
    ('cloudtrail-encryption', 'trail/audit-copy'): 'pass', ('region-access', 'region/ap-northeast-1'): 'pass',
    # could not be read, or is not to be asked
    ('detective-enabled', 'region/ap-northeast-1'): 'unknown', ('region-access', 'region/eu-west-1'): 'unknown',
    ('region-access', 'region/af-south-1'): 'not-applicable', ('iam-root-centralized', ':root'): 'unknown',
    ('cloudtrail-bucket', 'aozora-bento-audit-444455556666'): 'not-applicable',
}


def fail(text):
    sys.exit('FAILED: ' + text)


def snapshot(root, folder, name):
    """The account alone: the four weeks of logs are story.py's."""
    path = os.path.join(folder, name)
    program = 'import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1])\n' \
              'from story import account; account.snapshot().write(sys.argv[2])'
    subprocess.run([sys.executable, '-c', program, os.path.join(root, 'examples'), path], check=True)
    return path


def audit(program, path, *arguments):
    done = subprocess.run([program, 'audit', '--snapshot', path, *arguments], capture_output=True, text=True, check=False,
                          timeout=60, env={**os.environ, 'LC_ALL': 'C.UTF-8', 'XDG_CONFIG_HOME': '/nonexistent'})
    if done.stderr:
        fail('standard error: ' + done.stderr)
    return done


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, root = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = snapshot(root, folder, 'account.nzs')
        with open(path, 'rb') as one, open(snapshot(root, folder, 'again.nzs'), 'rb') as other:
            if one.read() != other.read():
                fail('the generator gives other bytes the second time')
        done = audit(program, path, '--format', 'json')
        if done.returncode != 1:
            fail(f'exit status {done.returncode}')
        findings = json.loads(done.stdout)['findings']
        for (check, resource), status in JUDGED.items():
            found = [f['status'] for f in findings if f['check'] == check and f['resource'].endswith(resource)]
            if found != [status]:
                fail(f'{check} of {resource} is {found}, not {status}')
        if audit(program, path, '--strict', '--fail-on', 'critical').returncode != 3:
            fail('--strict does not mind what could not be read')
    print(f'{len(JUDGED)} judgements as the story tells them, {len(findings)} findings')


if __name__ == '__main__':
    main()
