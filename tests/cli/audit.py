#!/usr/bin/env python3
"""`nezuban audit` and `nezuban explain` as people and programs use them: formats, exit statuses, exceptions, what is new since an
older snapshot, languages, broken and hostile input.

usage: audit.py NEZUBAN SOURCE_ROOT
"""

import json
import os
import re
import subprocess
import sys
import tempfile

ACCOUNT = '111122223333'
ROOT = f'arn:aws:iam::{ACCOUNT}:root'
JAPANESE = re.compile('[\u3040-\u30ff\u4e00-\u9fff]')


def item(kind, arn, configuration, name=''):
    return {'kind': 'item', 'accountId': ACCOUNT, 'awsRegion': 'global', 'resourceType': kind, 'resourceId': name or ACCOUNT,
            'resourceName': name, 'ARN': arn, 'configurationItemCaptureTime': '2026-11-25T10:00:00Z',
            'configurationItemStatus': 'OK', 'configuration': configuration, 'supplementaryConfiguration': {}}


def summary(**numbers):
    return item('Nezuban::IAM::AccountSummary', ROOT, {'SummaryMap': {
        'AccountMFAEnabled': 1, 'AccountPasswordPresent': 1, 'AccountAccessKeysPresent': 0,
        'AccountSigningCertificatesPresent': 0, **numbers}})


def user(name, mfa='true'):
    return item('Nezuban::IAM::CredentialReportRow', f'arn:aws:iam::{ACCOUNT}:user/{name}', {
        'user': name, 'arn': f'arn:aws:iam::{ACCOUNT}:user/{name}', 'password_enabled': 'true', 'mfa_active': mfa}, name)


def denied(operation, service='iam', region='global'):
    return {'kind': 'unread', 'service': service, 'operation': operation, 'region': region, 'resource': '', 'error': 'AccessDenied',
            'action': f'{service}:{operation}', 'message': 'no'}


def snapshot(*lines, at='2026-11-25T10:00:00Z'):
    kinds = ('collected', 'unread', 'item')
    head = {'kind': 'snapshot', 'format': 'nezuban-snapshot', 'version': 1, 'tool': 'test', 'accountId': ACCOUNT,
            'partition': 'aws', 'capturedAt': at, 'caller': {'Arn': ROOT, 'UserId': ACCOUNT},
            'callerRegion': 'us-east-1', 'regions': []}
    body = [line for kind in kinds for line in lines if line['kind'] == kind]
    end = {'kind': 'end', 'items': sum(line['kind'] == 'item' for line in lines),
           'collected': sum(line['kind'] == 'collected' for line in lines),
           'unread': sum(line['kind'] == 'unread' for line in lines)}
    return ''.join(json.dumps(line) + '\n' for line in (head, *body, end))


class Audit:
    def __init__(self, program, home):
        self.program, self.home, self.faults, self.count = program, home, [], 0

    def run(self, *args, stdin='', **extra):
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
        done = subprocess.run([self.program, *args], capture_output=True, timeout=60, input=stdin.encode(), cwd=self.home,
                              env={**keep, 'HOME': self.home, 'LC_ALL': 'C.UTF-8', **extra})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def check(self, name, right, shown=''):
        self.count += 1
        if not right:
            self.faults.append(name + (': ' + repr(shown)[:600] if shown else ''))

    def file(self, name, text):
        with open(os.path.join(self.home, name), 'w', encoding='utf-8') as file:
            file.write(text)
        return name


def statuses_of(out, check):
    return {f['resource'].split(':')[-1]: f['status'] for f in json.loads(out)['findings'] if f['check'] == check}


def check_statuses(a):
    good = a.file('good.jsonl', snapshot(summary()))
    bad = a.file('bad.jsonl', snapshot(summary(AccountMFAEnabled=0)))
    status, out, err = a.run('audit', '-s', good, '-f', 'json')
    a.check('nothing fails: 0', status == 0 and err == '', (status, err))
    a.check('with --strict: 3', a.run('audit', '-s', good, '--strict')[0] == 3)
    status, out, err = a.run('audit', '-s', bad, '-f', 'json')
    a.check('something fails: 1', status == 1 and statuses_of(out, 'iam-root-mfa') == {'root': 'fail'}, (status, err))
    a.check('what stayed unknown beats a finding', a.run('audit', '-s', bad, '--strict')[0] == 3)
    a.check('--fail-on critical counts it', a.run('audit', '-s', bad, '--fail-on', 'critical')[0] == 1)
    weak = a.file('weak.jsonl', snapshot(item('Nezuban::IAM::PasswordPolicy', ROOT, {'MinimumPasswordLength': 14})))
    a.check('--fail-on high does not count low', a.run('audit', '-s', weak, '--fail-on', 'high')[0] == 0)
    a.check('the default does', a.run('audit', '-s', weak)[0] == 1)
    a.check('the configuration is asked', a.run('audit', '-s', weak, NEZUBAN_AUDIT_FAIL_ON='high')[0] == 0)
    a.check('standard input', a.run('audit', '-s', '-', stdin=snapshot(summary(AccountMFAEnabled=0)))[0] == 1)
    status, out, err = a.run('audit', '-s', 'gone.jsonl')
    a.check('no such file: 2', status == 2 and out == '' and 'gone.jsonl' in err, (status, err))
    status, out, err = a.run('audit', '-s', bad, '-f', 'json', '-o', 'out.json')
    with open(os.path.join(a.home, 'out.json'), encoding='utf-8') as file:
        written = json.load(file)
    a.check('-o FILE', status == 1 and out == '' and written['account'] == ACCOUNT, (status, out))


def check_json(a):
    path = a.file('json.jsonl', snapshot(summary(), denied('GetAccountPasswordPolicy')))
    out = a.run('audit', '-s', path, '-f', 'json')[1]
    report = json.loads(out)
    a.check('keys in order', list(report) == ['account', 'generated_at', 'findings', 'unread'], list(report))
    a.check('the time is the snapshot\'s', report['generated_at'] == '2026-11-25T10:00:00Z', report['generated_at'])
    a.check('unread', report['unread'] == [{'service': 'iam', 'operation': 'GetAccountPasswordPolicy', 'region': 'global',
                                           'resource': '', 'error': 'AccessDenied', 'action': 'iam:GetAccountPasswordPolicy',
                                           'message': 'no'}], report['unread'])
    length = [f for f in report['findings'] if f['check'] == 'iam-password-length']
    a.check('what was denied is unknown and names the action', len(length) == 1 and length[0]['status'] == 'unknown'
            and 'iam:GetAccountPasswordPolicy' in length[0]['remediation'], length)
    a.check('the same bytes again', a.run('audit', '-s', path, '-f', 'json')[1] == out)
    a.check('English whatever the locale', a.run('audit', '-s', path, '-f', 'json', LC_ALL='ja_JP.UTF-8')[1] == out)
    japanese = a.run('--lang', 'ja', 'audit', '-s', path, '-f', 'json')[1]
    a.check('Japanese when asked for', JAPANESE.search(japanese))
    a.check('words of programs stay', [(f['check'], f['status']) for f in json.loads(japanese)['findings']]
            == [(f['check'], f['status']) for f in report['findings']])


def check_people(a):
    path = a.file('people.jsonl', snapshot(summary(AccountMFAEnabled=0), user('aiko', 'false'), user('jiro', 'false'),
                                           user('saburo', 'false'), user('yon'), denied('GetAccountPasswordPolicy')))
    status, out, err = a.run('audit', '-s', path)
    a.check('parts', [part in out for part in ('Root user  ', 'IAM users  ')] == [True, True], out)
    a.check('one row for what is the same', re.search(r'iam-user-mfa +user/aiko, user/jiro \+1', out), out)
    first = out.index('What to do first')
    a.check('the worst comes first', out.index('critical', 0) < out.index('iam-user-mfa')
            and re.search(r'1\. The root user', out[first:]), out[first:])
    a.check('what to allow', 'iam:GetAccountPasswordPolicy' in out[out.index('Permissions that were missing'):], out)
    a.check('Japanese', JAPANESE.search(a.run('--lang', 'ja', 'audit', '-s', path)[1]))
    for lang, word in (('en', 'What to do first'), ('ja', '最初にすること')):
        page = a.run('--lang', lang, 'audit', '-s', path, '-f', 'html')[1]
        a.check('html in ' + lang, page.startswith('<!') and word in page and f'lang="{lang}"' in page, page[:200])
        a.check('html names nothing elsewhere', not re.search(r'(src|href)="(?!#)', page))
        a.check('html has the evidence', 'SummaryMap.AccountMFAEnabled' in page and '<details' in page)


def check_sets(a):
    path = a.file('sets.jsonl', snapshot(summary(), user('aiko', 'false')))

    def judged(*sets):
        status, out, err = a.run('audit', '-s', path, '-f', 'json', *[word for name in sets for word in ('--set', name)])
        return {f['check'] for f in json.loads(out)['findings']} if status in (0, 1) else (status, err)
    whole = judged()
    a.check('a set', judged('root') == {check for check in whole if check.startswith('iam-root-')}, judged('root'))
    a.check('ids', judged('iam-password-*') == {check for check in whole if check.startswith('iam-password-')})
    a.check('several', judged('root', 'iam-user-mfa') == judged('root') | {'iam-user-mfa'} == judged('root,iam-user-mfa'))
    a.check('a closed region is told beside services', 'region-access' in judged('guardduty-enabled'))
    a.check('a benchmark', {'iam-root-mfa', 'iam-user-key-age'} < judged('cis') < whole and 'iam-user-mfa' not in judged('cis'))
    a.check('what is not judged decides nothing', a.run('audit', '-s', path, '--set', 'root')[0] == 0
            and a.run('audit', '-s', path, '--set', 'iam-user-mfa')[0] == 1)
    report = json.loads(a.run('audit', '-s', path, '-f', 'json', '--set', 'root,iam-user-mfa')[1])
    a.check('the report names them', report['sets'] == ['root', 'iam-user-mfa'], list(report))
    a.check('so do the others', 'only the checks of: root' in a.run('audit', '-s', path, '--set', 'root')[1]
            and 'only the checks of: root' in a.run('audit', '-s', path, '--set', 'root', '-f', 'html')[1])
    a.check('wrong', judged('cid')[0] == 2 and "'cis'" in judged('cid')[1] and judged('')[0] == 2 and '--set list' in judged('x')[1])
    status, out, _ = a.run('audit', '--set', 'list')
    a.check('the list', status == 0 and all(re.search(rf'^{name} +[1-9]', out, re.M) for name in ('root', 'article', 'cis', 'fsbp')), out)
    a.check('asked otherwise', a.run('audit', '--set', 'help')[1] == out)


def check_exceptions(a):
    path = a.file('x.jsonl', snapshot(summary(AccountMFAEnabled=0), user('aiko', 'false'), user('jiro', 'false')))
    good = a.file('x.yaml', f'- {{check: iam-user-mfa, resource: "arn:aws:iam::{ACCOUNT}:user/ai*", owner: hanako, reason: a token '
                            'is on its way, expires: 2026-11-25}\n')
    status, out, err = a.run('audit', '-s', path, '-f', 'json', '--exceptions', good)
    report = json.loads(out)
    a.check('what an exception hides is gone', statuses_of(out, 'iam-user-mfa') == {'root': 'unknown', 'user/jiro': 'fail'}, out)
    a.check('and told', report['hidden'] == [{'check': 'iam-user-mfa', 'status': 'fail', 'severity': 'medium', 'resource':
            f'arn:aws:iam::{ACCOUNT}:user/aiko', 'region': 'global', 'owner': 'hanako', 'exception_reason': 'a token is on its way',
            'expires': '2026-11-26T00:00:00Z'}], report.get('hidden'))
    out = a.run('audit', '-s', path, '--exceptions', good)[1]
    a.check('the table tells it', 'iam-user-mfa user/aiko: hanako, a token is on its way, 2026-11-25' in out, out)
    page = a.run('audit', '-s', path, '--exceptions', good, '-f', 'html')[1]
    a.check('the page tells it', 'Hidden by exceptions' in page and 'a token is on its way' in page)
    late = a.file('late.yaml', '- {check: "*", owner: hanako, reason: b, expires: 2026-11-24}\n')
    out = a.run('audit', '-s', path, '-f', 'json', '--exceptions', late)[1]
    a.check('an expired one hides nothing', statuses_of(out, 'iam-root-mfa') == {'root': 'fail'})
    a.check('and is a finding', list(statuses_of(out, 'exception-expired').values()) == ['fail'], out[-800:])
    a.check('by the configuration', 'hidden' in json.loads(a.run('audit', '-s', path, '-f', 'json', NEZUBAN_EXCEPTIONS=good)[1]))
    wrong = a.file('wrong.yaml', '- check: iam-user-mfa\n  owner: hanako\n  expires: 2027-01-01\n')
    status, out, err = a.run('audit', '-s', path, '-f', 'json', '--exceptions', wrong)
    a.check('one without a reason hides nothing and is told with its place', status == 2
            and statuses_of(out, 'iam-user-mfa')['user/aiko'] == 'fail' and 'wrong.yaml:1:3: an exception is not valid: reason: is required' in err, err)


def check_since(a):
    old = a.file('old.jsonl', snapshot(summary(AccountMFAEnabled=0), user('aiko', 'false'), user('jiro'), user('saburo', 'false'),
                                       at='2026-11-18T10:00:00Z'))
    new = a.file('new.jsonl', snapshot(summary(), user('aiko', 'false'), user('jiro', 'false'), user('yon', 'false')))
    status, out, err = a.run('audit', '-s', new, '--since', old, '-f', 'json')
    a.check('new and gone', statuses_of(out, 'iam-user-mfa') == {'user/jiro': 'fail', 'user/yon': 'fail',
                                                               'user/saburo': 'not-applicable'}, out)
    a.check('solved', statuses_of(out, 'iam-root-mfa') == {'root': 'pass'}, out)
    a.check('what is as it was is left out', statuses_of(out, 'iam-password-length') == {}, out)
    a.check('new ones decide the status', status == 1)
    status, out, err = a.run('audit', '-s', old, '--since', old, '-f', 'json')
    a.check('no difference: 0', status == 0 and json.loads(out)['findings'] == [], (status, out))
    a.check('the table shows what was solved', 'pass' in a.run('audit', '-s', new, '--since', old)[1])


def check_bad_input(a):
    whole = snapshot(summary(AccountMFAEnabled=0), user('aiko', 'false'))
    cut = a.file('cut.jsonl', whole[:whole.rindex('{"kind": "end"')])
    status, out, err = a.run('audit', '-s', cut, '-f', 'json')
    a.check('cut: judged as far as it goes, and 2', status == 2 and 'cut.jsonl' in err
            and statuses_of(out, 'iam-root-mfa') == {'root': 'fail'}, (status, err))
    status, out, err = a.run('audit', '-s', a.file('none.jsonl', '[1, 2]\n'))
    a.check('no snapshot: 2', status == 2 and out == '' and 'none.jsonl' in err, (status, err))
    nasty = 'x\033[31m<script>alert(1)</script>\u202e"\''
    path = a.file('nasty.jsonl', snapshot(summary(), user(nasty, 'false')))
    out = a.run('audit', '-s', path, '--color', 'never')[1]
    a.check('a terminal gets no escapes', '\033' not in out and '\u202e' not in out and '\\x1b' in out, out)
    page = a.run('audit', '-s', path, '-f', 'html')[1]
    a.check('a page gets no markup', '<script>alert' not in page and '\033' not in page and '&lt;script&gt;' in page)
    out = a.run('audit', '-s', path, '-f', 'json')[1]
    a.check('a program gets the name', f'user/{nasty}' in statuses_of(out, 'iam-user-mfa'), out)


def check_policy(a):
    status, out, err = a.run('audit', '--print-policy')
    actions = [action for statement in json.loads(out)['Statement'] for action in statement['Action']]
    a.check('--print-policy: what the account is read with', status == 0 and err == ''
            and {'iam:GetAccountAuthorizationDetails', 'cloudtrail:DescribeTrails'} <= set(actions), (status, out, err))
    with_events = a.run('audit', '--print-policy', '--events')[1]
    a.check('--print-policy --events: and the event history', 'cloudtrail:LookupEvents' in with_events, with_events)
    a.check('nothing that changes anything', all(re.match(r'[a-z0-9-]+:(Get|List|Describe|Generate|Lookup)', action)
                                                 for action in actions), actions)


def check_explain(a, root):
    status, out, err = a.run('explain', 'iam-root-mfa')
    a.check('a page', status == 0 and out.startswith('iam-root-mfa: ') and 'What is judged' in out and 'How to fix' in out, out)
    a.check('in Japanese', '何を判定するか' in a.run('--lang', 'ja', 'explain', 'iam-root-mfa')[1])
    a.check('no line is too long but code', all(len(line) <= 100 for line in out.splitlines() if not line.startswith('    ')), out)
    status, out, err = a.run('explain', 'iam-root-mfaa')
    a.check('a name nearly right', status == 2 and "did you mean 'iam-root-mfa'?" in err, err)
    status, listed, err = a.run('explain')
    with open(os.path.join(root, 'src/audit/checks.list'), encoding='utf-8') as file:
        ids = [name.replace('_', '-') for name in re.findall(r'^NZ_CHECK\((\w+)\)', file.read(), re.MULTILINE)]
    a.check('lists all checks', status == 0 and [line.split()[0] for line in listed.splitlines()[1:]] == ids, listed)
    for name in ids:
        for lang in ('en', 'ja'):
            status, out, err = a.run('--lang', lang, 'explain', name)
            a.check(f'explain {name} in {lang}', status == 0 and out.startswith(name + ': ') and '**' not in out, out[:100])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        a = Audit(os.path.abspath(sys.argv[1]), home)
        for part in (check_statuses, check_json, check_people, check_sets, check_exceptions, check_since, check_bad_input, check_policy):
            part(a)
        check_explain(a, os.path.abspath(sys.argv[2]))
    for fault in a.faults:
        print('FAILED: ' + fault)
    print('%d of %d right' % (a.count - len(a.faults), a.count))
    sys.exit(1 if a.faults or not a.count else 0)


if __name__ == '__main__':
    main()
