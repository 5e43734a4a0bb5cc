#!/usr/bin/env python3
"""The example's story: the generator is deterministic, its files are well formed, and nezuban finds the attack in it.

usage: story.py NEZUBAN SOURCE_ROOT
       story.py --files SOURCE_ROOT            the files alone, without nezuban
"""

import collections
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

EVENTS = 18669  # as examples/README.md says
FILES = 7539
NAME = re.compile(r'AWSLogs/111122223333/(CloudTrail(?:-Insight)?)/([a-z0-9-]+)/(\d{4})/(\d\d)/(\d\d)/'
                  r'111122223333_\1_\2_\3\4\5T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz')
REQUIRED = ('eventVersion', 'eventTime', 'awsRegion', 'eventID', 'eventType', 'recipientAccountId', 'eventCategory')
BUT_INSIGHTS = ('userIdentity', 'eventSource', 'eventName', 'sourceIPAddress', 'userAgent', 'requestParameters',
                'responseElements', 'readOnly', 'managementEvent')

# Which rule of the pack must speak at which step, by the names in rules/.
FOUND = [
    ('recon', 'access_denied_widely'), ('key-for-admin', 'iam_access_key_for_other'),
    ('weak-passwords', 'iam_password_policy_weakened'), ('login-for-other', 'iam_login_profile_for_other'),
    ('admin-policy', 'iam_admin_policy_attached'), ('login-without-mfa', 'sign_in_without_mfa'),
    ('trail-weakened', 'cloudtrail_management_events_off'), ('trail-stopped', 'cloudtrail_stopped'),
    ('guardduty-disabled', 'guardduty_disabled'), ('guardduty-deleted', 'guardduty_disabled'),
    ('recorder-stopped', 'config_recorder_stopped'), ('trail-stopped', 'security_services_switched_off'),
    ('recorder-stopped', 'security_services_switched_off'), ('mass-launch', 'ec2_mass_launch'),
    ('mass-launch', 'ec2_many_launches'), ('key-tested', 'attack_tool'), ('flow-logs-deleted', 'vpc_flow_logs_deleted'),
    ('trail-stop-refused', 'security_service_change_refused'), ('traces-removed', 'log_group_of_security_deleted'),
    ('launch-prepared', 'ec2_remote_access_public'),
]
# Outside the attack: root used once for the bill (a sign-in and four calls), the new employee's password, a key replaced,
# the daily credential report of the one who audits, and developers who deploy functions from the command line.
QUIET = {'root_signed_in': 1, 'root_used': 4, 'iam_login_profile_for_other': 1, 'iam_access_key_made': 1,
         'iam_credential_report_read': 32, 'lambda_code_by_hand': 4}


def fail(text):
    sys.exit('FAILED: ' + text)


def generate(root, folder):
    """{relative path: bytes} of what the generator writes, and its list of the attack."""
    truth = folder + '.tsv'
    subprocess.run([sys.executable, os.path.join(root, 'examples', 'generate.py'), '--truth', truth, folder],
                   check=True, stdout=subprocess.DEVNULL)
    files = {}
    for here, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(here, name), 'rb') as file:
                files[os.path.relpath(os.path.join(here, name), folder)] = file.read()
    with open(truth, encoding='utf-8') as file:
        return files, [line.rstrip('\n').split('\t') for line in file]


def check_record(path, record):
    insight = record['eventCategory'] == 'Insight'
    for key in REQUIRED + (() if insight else BUT_INSIGHTS):
        if key not in record:
            fail('%s: a record without %s' % (path, key))
    if (NAME.fullmatch(path).group(1) == 'CloudTrail-Insight') != insight:
        fail('%s: a record of the wrong kind' % path)


def check_files(files, truth):
    """Names, shapes, counts; a record that comes twice is the same both times."""
    seen, twice = {}, 0
    for path, data in files.items():
        if not NAME.fullmatch(path):
            fail('a name as S3 would not have it: ' + path)
        document = json.loads(gzip.decompress(data))
        if list(document) != ['Records']:
            fail(path + ': not {"Records": [...]}')
        for record in document['Records']:
            check_record(path, record)
            twice += record['eventID'] in seen
            if seen.setdefault(record['eventID'], record) != record:
                fail('two records with the id ' + record['eventID'])
    if len(files) != FILES or len(seen) != EVENTS or twice < EVENTS // 20:
        fail('%d files, %d events, %d of them twice' % (len(files), len(seen), twice))
    reasons = sorted(record['addendum']['reason'] for record in seen.values() if 'addendum' in record)
    if reasons != ['DELIVERY_DELAY', 'UPDATED_DATA']:
        fail('addenda: %s' % reasons)
    for step, event, name, when in truth:
        if (seen[event]['eventName'], seen[event]['eventTime']) != (name, when):
            fail('the list of the attack is wrong about ' + step)


def rule_names(root):
    """{id: name or file} of the rule pack; a line-wise look is enough for its own files."""
    names = {}
    folder = os.path.join(root, 'rules')
    for file in sorted(os.listdir(folder)):
        if file.endswith('.yml'):
            with open(os.path.join(folder, file), encoding='utf-8') as text:
                for document in text.read().split('\n---\n'):
                    key = re.search(r'^id: *(\S+)', document, re.MULTILINE).group(1)
                    name = re.search(r'^name: *(\S+)', document, re.MULTILINE)
                    names[key] = name.group(1) if name else file[:-len('.yml')]
    return names


def check_found(program, root, folder, truth):
    run = subprocess.run([program, 'detect', '--format', 'ndjson', folder], capture_output=True, check=False)
    if run.returncode != 1:
        fail('exit status %d: %s' % (run.returncode, run.stderr.decode('utf-8', 'replace')))
    findings = [json.loads(line) for line in run.stdout.decode().splitlines()]
    names = rule_names(root)
    steps = {event: step for step, event, _, _ in truth}
    spoken, quiet = set(), collections.Counter()
    for finding in findings:
        events = [finding['event_id']] if finding['kind'] == 'sigma' else finding['events']
        for event in events:
            spoken.add((steps.get(event), names[finding['rule_id']]))
        if not any(event in steps for event in events):
            quiet[names[finding['rule_id']]] += 1
    for step, rule in FOUND:
        if (step, rule) not in spoken:
            fail('%s does not speak at the step %s' % (rule, step))
    if quiet != QUIET:
        fail('in the quiet weeks: %s, expected %s' % (dict(quiet), QUIET))
    for step in sorted({step for step, _, _, _ in truth}):
        print('%-20s %s' % (step, ', '.join(sorted(rule for where, rule in spoken if where == step)) or '-'))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, root = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        files, truth = generate(root, os.path.join(folder, 'once'))
        if program != '--files':
            check_found(program, root, os.path.join(folder, 'once'), truth)
            return
        again = generate(root, os.path.join(folder, 'again'))
        if again != (files, truth):
            fail('two runs differ')
        check_files(files, truth)
        print('%d files, %d events, the same bytes twice' % (len(files), EVENTS))


if __name__ == '__main__':
    main()
