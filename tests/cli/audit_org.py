#!/usr/bin/env python3
"""`audit --org` against the scripted AWS: an organization whose accounts answer, refuse, are throttled and are closed.

usage: with_packages.py audit_org.py NEZUBAN
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from aws_endpoint import Endpoint
from checking import Checking

MANAGEMENT = '111122223333'
NAMES = {MANAGEMENT: 'management', '222233334444': 'prod', '333344445555': '\x1b[31mdev <b>', '444455556666': 'refuses',
         '555566667777': 'throttled', '666677778888': 'closed'}
CLOSED, REFUSES = '666677778888', '444455556666'
KEYS = {'AKIAIOSFODNN7EXAMPLE': {'secret': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'}}
TWO = ('--region', 'ap-northeast-1', '--region', 'us-east-1')


def member(number, name):
    return {'Id': number, 'Arn': f'arn:aws:organizations::{MANAGEMENT}:account/o-exampleorgid/{number}', 'Email': 'a@example.com',
            'Name': name, 'Status': 'SUSPENDED' if number == CLOSED else 'ACTIVE', 'JoinedMethod': 'CREATED',
            'State': 'CLOSED' if number == CLOSED else 'ACTIVE', 'JoinedTimestamp': 1700000000}


def scenario():
    """(rules, keys): two pages of accounts; each but the caller's with a role that has keys of its own."""
    members = [member(number, name) for number, name in reversed(NAMES.items())]
    rows = [{'ask': 'organizations:ListAccounts', 'with': {'NextToken': 'more'}, 'answer': {'Accounts': members[2:]}},
            {'ask': 'organizations:ListAccounts', 'answer': {'Accounts': members[:2], 'NextToken': 'more'}},
            {'ask': 'sts:AssumeRole', 'with': {'RoleArn': f'*:{REFUSES}:*'}, 'error': 'access-denied'},
            {'ask': 'sts:AssumeRole', 'with': {'RoleArn': '*:555566667777:*'}, 'times': 1, 'error': 'throttled'},
            {'ask': 'guardduty:ListDetectors', 'account': '555566667777', 'times': 1, 'error': 'throttled'},
            {'ask': 'guardduty:ListDetectors', 'account': '222233334444', 'error': 'access-denied'},
            {'ask': 'guardduty:ListDetectors', 'account': '333344445555', 'answer': {'DetectorIds': []}}]
    text, keys = 'rules:\n' + ''.join(f'  - {json.dumps(row)}\n' for row in rows), dict(KEYS)
    for number in [n for n in NAMES if n != MANAGEMENT]:
        key, arn = 'ASIA' + number, f'arn:aws:sts::{number}:assumed-role/audit/Reader/nezuban'
        keys[key] = {'secret': 's' * 40, 'token': 'token-' + number, 'account': number, 'caller': arn}
        text += (f'  - ask: sts:AssumeRole\n    with: {{RoleArn: "arn:aws:iam::{number}:role/audit/Reader"}}\n    answer:\n'
                 f'      Credentials: {{AccessKeyId: {key}, SecretAccessKey: {"s" * 40}, SessionToken: token-{number}, '
                 f'Expiration: !ago -1h}}\n')
    return text, keys


class Organization(Checking):
    def endpoint(self, more='', **settings):
        text, keys = scenario()
        return Endpoint([text.replace('rules:\n', 'rules:\n' + more, 1)], keys=keys, users=3, roles=2, **settings)

    def audit(self, aws, *args):
        return self.run('--lang', 'en', 'audit', '--org', 'audit/Reader', *TWO, *args, **aws.environment())


def statuses(report, check):
    return {f['region']: f['status'] for f in report['findings'] if f['check'] == check}


def check_json(t):
    with t.endpoint() as aws:
        status, out, err = t.audit(aws, '-f', 'json')
        document = json.loads(out)
        t.check('a finding is there: 1', status == 1 and err == '', (status, err))
        t.check('nothing that AWS would not take', not aws.broken, aws.broken)
        t.check('asked for a role each, the throttled one twice', aws.count('sts:AssumeRole') == 5, aws.count('sts:AssumeRole'))
        t.check('the closed one is not asked', aws.count('organizations:ListAccounts') == 2)
    accounts = {a['account']: a for a in document['accounts']}
    t.check('every account, in order', list(accounts) == sorted(NAMES) and document['organization'] == 'o-exampleorgid', list(accounts))
    read = [n for n, a in accounts.items() if a['report']]
    t.check('all that can be read are', read == [n for n in sorted(NAMES) if n not in (CLOSED, REFUSES)], read)
    t.check('each report is of its account', all(accounts[n]['report']['account'] == n for n in read))
    own = [f['resource'] for n in read for f in accounts[n]['report']['findings'] if f['resource'].startswith('arn:aws:iam') and n not in f['resource']]
    t.check('with the things of its account', not own, own[:3])
    refused = accounts[REFUSES]
    t.check('who refuses is unread and says why', (refused['error'], refused['action']) == ('AccessDenied', 'sts:AssumeRole') and
            'not authorized to perform: sts:AssumeRole' in refused['message'] and refused['report'] is None, refused)
    t.check('who is closed is told', (accounts[CLOSED]['state'], accounts[CLOSED]['error']) == ('CLOSED', ''), accounts[CLOSED])
    guard = {n: set(statuses(accounts[n]['report'], 'guardduty-enabled').values()) for n in read}
    t.check('each is judged by itself', guard == {MANAGEMENT: {'pass'}, '222233334444': {'unknown'}, '333344445555': {'fail'},
                                                  '555566667777': {'pass'}}, guard)


def check_people(t):
    """What people read, and nothing of the accounts' names that is more than text."""
    with t.endpoint() as aws:
        status, out, err = t.audit(aws)
        t.check('table: a section each and a row each', status == 1 and all(out.count(n) > 1 for n in NAMES if n != CLOSED) and
                out.count(CLOSED) == 1 and 'AccessDenied' in out, (status, err))
        t.check('table: no escape', '\x1b' not in out)
        path = os.path.join(t.home, 'org.html')
        status, out, err = t.audit(aws, '-f', 'html', '-o', path)
        with open(path, encoding='utf-8') as file:
            page = file.read()
        t.check('html: one page', status == 1 and page.count('<html') == 1 and page.count('</html>') == 1, (status, err))
        t.check('html: which organization', 'o-exampleorgid' in page and 'accounts: 6, judged: 4' in page)
        t.check('html: an anchor each', all(page.count(f'id="a{n}"') == (n != CLOSED) for n in NAMES))
        ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
        t.check('html: no id twice', len(ids) == len(set(ids)), len(ids))
        t.check('html: names are text', 'dev <b>' not in page and 'dev &lt;b&gt;' in page and '\x1b' not in page)
        for form in ('table', 'html', 'json'):
            status, out, err = t.audit(aws, '--set', 'root', '-f', form)
            t.check(f'{form}: a part of the checks', 'guardduty-enabled' not in out and
                    out.count('"sets":["root"]' if form == 'json' else 'only the checks of: root') == 4, (status, err, out[:300]))


def check_ends(t):
    with t.endpoint() as aws:
        status, _, _ = t.audit(aws, '-f', 'json', '--strict', '--fail-on', 'critical')
        t.check('--strict: what could not be read is unknown', status == 3, status)
        for args in (['--since', 'x'], ['--events'], ['--trail', 'x'], ['--snapshot', 'x']):
            status, out, err = t.audit(aws, *args)
            t.check('not with ' + args[0], status == 2 and out == '' and '--' in err, (status, err))
    with t.endpoint('  - {ask: "organizations:ListAccounts", error: access-denied}\n') as aws:
        status, out, err = t.audit(aws, '-f', 'json')
        t.check('who may not list the accounts: 2, and what is missing', status == 2 and out == '' and
                'organizations:ListAccounts' in err, (status, err))
    with t.endpoint() as aws:
        policy = subprocess.run([t.program, 'audit', '--org', 'x', '--print-policy'], capture_output=True, text=True, check=True)
        actions = json.loads(policy.stdout)['Statement'][0]['Action']
        t.check('--print-policy has both', {'organizations:ListAccounts', 'sts:AssumeRole'} <= set(actions), actions)
        t.check('and asks nothing', not aws.seen)


def check_clock(t):
    """With a clock that is hours off everybody is judged, and a role each is asked for, no more."""
    for hours in (3, -3):
        with t.endpoint(clock_offset_s=hours * 3600) as aws:
            status, out, err = t.audit(aws, '-f', 'json')
            judged = [a['account'] for a in json.loads(out)['accounts'] if a['report']]
            t.check(f'{hours} h: judged', status == 1 and len(judged) == 4 and aws.count('sts:AssumeRole') == 5,
                    (status, judged, aws.count('sts:AssumeRole')))
            t.check(f'{hours} h: said once', err.count('AWS\'s is taken') == 1, err)


def check_stop(t):
    """Ctrl-C: what was judged is there, the document is whole, the rest is told as stopped."""
    with t.endpoint('  - {ask: "access-analyzer:*", account: "5*", delay_ms: 20000}\n') as aws:
        child = subprocess.Popen([t.program, '--lang', 'en', 'audit', '--org', 'audit/Reader', *TWO, '-f', 'json'], env=t.environment(**aws.environment()),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until = time.monotonic() + 60
        while aws.count('access-analyzer:*', 'us-east-1') < 2 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(2)  # what was read is judged meanwhile
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        accounts = {a['account']: a for a in json.loads(out)['accounts']}
        t.check('130, and a whole document', child.returncode == 130 and list(accounts) == sorted(NAMES), (child.returncode, err))
        t.check('what was judged is in it', accounts[MANAGEMENT]['report'])
        t.check('each is judged, or it says why not', all(bool(a['report']) != bool(a['error'] or n == CLOSED) for n, a in accounts.items()))
        t.check('the other was stopped', accounts['555566667777']['error'] == 'Stopped', accounts['555566667777'])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        t = Organization(os.path.abspath(sys.argv[1]), home)
        for part in (check_json, check_people, check_ends, check_clock, check_stop):
            part(t)
    t.end()


if __name__ == '__main__':
    main()
