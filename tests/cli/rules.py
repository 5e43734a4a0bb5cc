#!/usr/bin/env python3
"""rules list and rules check: the built-in rules, a folder's, what is wrong with them, and where values come from.

usage: rules.py NEZUBAN SOURCE_ROOT
"""

import json
import os
import re
import subprocess
import sys
import tempfile

RULE = '''title: {title}
id: {id}
logsource: {{product: aws, service: {service}}}
detection:
  any: {{{match}}}
  condition: {condition}
level: {level}
'''
LIST_KEYS = ['kind', 'rule_id', 'title', 'level', 'status', 'author', 'description', 'tags', 'file', 'line', 'runs', 'silent',
             'name', 'exceptions']


class Rules:
    def __init__(self, program, folder):
        self.program, self.folder, self.faults, self.count = program, folder, [], 0

    def run(self, *args, **extra):
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
        done = subprocess.run([self.program, *args], capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**keep, 'HOME': self.folder, 'LC_ALL': 'C.UTF-8', **extra})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def check(self, name, right, shown=''):
        self.count += 1
        if not right:
            self.faults.append(f'{name}: {shown!r}'[:1500])

    def write(self, path, text=None, **fields):
        fields = {'title': 'A', 'id': '11111111-1111-4111-8111-111111111111', 'service': 'cloudtrail', 'level': 'high',
                  'match': 'eventName: CreateUser', 'condition': 'any', **fields}
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(RULE.format(**fields) if text is None else text)
        return path


def uuid(number):
    return '%08d-1111-4111-8111-111111111111' % number


def check_builtin(r, root):
    files = [name for name in os.listdir(os.path.join(root, 'rules')) if name.endswith('.yml')]
    status, out, err = r.run('rules', 'list')
    r.check('the built-in rules are listed', status == 0 and all('rules/' + name in out for name in files), (status, err))
    levels = [line.split()[0] for line in out.splitlines()[1:]]
    order = ['critical', 'high', 'medium', 'low', 'informational']
    r.check('worst first', levels == sorted(levels, key=order.index), levels)
    r.check('nothing but ASCII when piped, no colours', out.isascii() and '\033' not in out, out[:300])
    status, out, err = r.run('rules', 'check')
    r.check('nothing is wrong with them', status == 0 and out == '', out + err)
    status, out, err = r.run('rules', 'list', '--lang', 'ja')
    r.check('in Japanese', status == 0 and 'レベル' in out and 'ルール' in err, out[:100])
    r.check('titles too', '同一の実行者が多数のシークレットを取得した' in out, out[:300])
    out = r.run('rules', 'list')[1]
    r.check('by their names', re.search(r'^medium +correlation +secrets_many_read +', out, re.MULTILINE), out[:300])


def check_list(r):
    folder = os.path.dirname(r.write('list/b.yml', title='High one', id=uuid(1)))
    r.write('list/a.yaml', title='Low "one"', id=uuid(2), level='low')
    r.write('list/other.yml', title='Other log', id=uuid(3), service='route53')
    r.write('list/notes.txt', 'no rule')
    status, out, err = r.run('rules', 'list', '--format', 'ndjson', folder)
    rows = [json.loads(line) for line in out.splitlines()]
    r.check('what would run', status == 0 and [row['title'] for row in rows] == ['High one', 'Low "one"'], (out, err))
    r.check('every key is always there', all(list(row) == LIST_KEYS for row in rows), rows)
    r.check('what a rule does not say is null', rows and rows[0]['author'] is None and rows[0]['tags'] == [], rows)
    rows = [json.loads(line) for line in r.run('rules', 'list', '--format', 'ndjson', '--all', folder)[1].splitlines()]
    r.check('--all', [row['runs'] for row in rows] == [True, True, False], rows)
    status, out, err = r.run('rules', 'list', '-m', 'medium', folder)
    r.check('--min-level', 'High one' in out and 'Low' not in out and 'rules that run: 1 of 3; refused: 0' in err, out + err)
    config = r.write('config.yaml', f'detect: {{min_level: medium, rules: [{folder}]}}\n')
    status, out, err = r.run('--config', config, 'rules', 'list')
    r.check('the configuration names folder and level', 'High one' in out and 'Low' not in out, out)
    status, out, err = r.run('--config', config, 'rules', 'list', NEZUBAN_DETECT_MIN_LEVEL='low')
    r.check('the environment beats it', 'Low "one"' in out, out)
    status, out, err = r.run('--config', config, 'rules', 'list', '--min-level=critical', NEZUBAN_DETECT_MIN_LEVEL='low')
    r.check('a flag beats both', 'one' not in out, out)
    status, out, err = r.run('rules', 'list', NEZUBAN_DETECT_RULES=f'{folder}/b.yml,{folder}/a.yaml')
    r.check('a list in the environment', 'High one' in out and 'Low' in out and 'notes' not in out, out)
    r.write('list/bad.yml', 'title: [\n')
    status, out, err = r.run('rules', 'list', folder)
    r.check('a refused rule is named, the others are listed',
            status == 2 and 'High one' in out and re.search(r'list/bad\.yml:\d+:\d+: not valid YAML', err), (status, err))
    status, out, err = r.run('rules', 'list', os.path.join(folder, 'gone'))
    r.check('a folder that is not there', status == 2 and 'list/gone: ' in err, (status, err))


def check_check(r):
    folder = os.path.dirname(r.write('check/good.yml'))
    status, out, err = r.run('rules', 'check', folder)
    r.check('a good rule', status == 0 and out == '' and 'rules: 1; errors: 0; warnings: 0' in err, out + err)
    r.write('check/twin.yml')
    r.write('check/field.yml', id=uuid(5), match='evntName: CreateUser')
    r.write('check/never.yml', id=uuid(6), condition='any and other', match='eventName: A}\n  other: {eventName: B')
    status, out, err = r.run('rules', 'check', folder)
    r.check('warnings give 1', status == 1, (status, out, err))
    r.write('check/unused.yml', id=uuid(9), match='eventName: A}\n  other: {eventName: B')
    status, out, err = r.run('rules', 'check', folder)
    for name, want in (('twin', 'two rules have the same id'), ('field', 'CloudTrail has no such field'),
                       ('never', 'can never be true'), ('unused', "the condition does not ask for this selection: 'other'")):
        r.check(f'warning: {name}', re.search(rf'check/{name}\.yml:\d+:\d+: warning: {want}', out) or
                (name == 'twin' and re.search(rf'check/(good|twin)\.yml.*warning: {want}', out)), out)
    r.write('check/bad.yml', id=uuid(7), condition='any and')
    r.write('check/old.yml', id=uuid(8), condition='any | count() > 5')
    status, out, err = r.run('rules', 'check', folder)
    r.check('errors give 2', status == 2 and re.search(r'check/bad\.yml:6:\d+: error: ', out), (status, out))
    r.check('old syntax is an error', re.search(r'check/old\.yml:6:\d+: error: syntax from before Sigma 2\.0', out), out)
    r.check('the summary counts', re.search(r'errors: 2; warnings: \d+', err), err)
    status, out, err = r.run('rules', 'check', '--format', 'ndjson', '--quiet', folder)
    rows = [json.loads(line) for line in out.splitlines()]
    r.check('ndjson', err == '' and {row['code'] for row in rows} >= {'NZ_E_RULE_CONDITION', 'NZ_E_RULE_OLD', 'NZ_E_LINT_FIELD'}
            and all(list(row) == ['severity', 'code', 'file', 'line', 'column', 'message', 'detail'] for row in rows), rows)
    status, out, err = r.run('--lang', 'ja', 'rules', 'check', folder)
    r.check('in Japanese', '警告' in out and 'エラー' in out and 'CloudTrail にそのようなフィールドはありません' in out, out)


def check_expand(r):
    path = r.write('expand/a.yml', match='"userIdentity.userName|expand": "%admins%"')
    status, out, err = r.run('rules', 'check', path)
    r.check('a placeholder without a value is an error', status == 2 and 'a.yml:' in out and 'placeholder' in out, out)
    config = r.write('expand/config.yaml', 'expand: {admins: [alice]}\n')
    for name, args, extra in (('flag', ('--expand', 'admins=alice'), {}), ('environment', (), {'NEZUBAN_EXPAND_admins': 'alice,bob'}),
                              ('file', ('--config', config), {})):
        status, out, err = r.run('rules', 'check', path, *args, **extra)
        r.check(f'its value from: {name}', status == 0 and out == '', out + err)
    for wrong in ('admins', '=alice'):
        status, out, err = r.run('rules', 'check', path, '--expand', wrong)
        r.check(f'--expand {wrong}', status == 2 and 'NAME=VALUE' in err, err)
    log = r.write('expand/log.json', json.dumps({'Records': [
        {'eventID': name, 'eventName': 'CreateUser', 'eventSource': 'iam.amazonaws.com', 'eventTime': '2024-05-01T00:00:00Z',
         'userIdentity': {'type': 'IAMUser', 'userName': name}} for name in ('alice', 'bob', 'carol')]}))
    detect = ('detect', '--format', 'ndjson', '--rules', path, log)
    for name, args, extra, wanted in (
            ('the file', ('--config', config), {}, ['alice']),
            ('the environment beats the file', ('--config', config), {'NEZUBAN_EXPAND_admins': 'bob,carol'}, ['bob', 'carol']),
            ('a flag beats both', ('--config', config, '--expand', 'admins=carol'), {'NEZUBAN_EXPAND_admins': 'bob'}, ['carol']),
            ('flags add up', ('--expand', 'admins=alice', '--expand', 'admins=bob'), {}, ['alice', 'bob'])):
        status, out, err = r.run(*detect, *args, **extra)
        r.check(f'{name} decides what is found', [json.loads(line)['event_id'] for line in out.splitlines()] == wanted, (out, err))


def check_empty(r):
    folder = os.path.dirname(r.write('empty/readme.txt', 'not a rule\n'))
    log = r.write('empty.json', json.dumps({'Records': [{'eventID': 'a', 'eventName': 'CreateUser'}]}))
    for args in (('detect', '--rules', folder, log), ('rules', 'check', folder), ('rules', 'list', '--rules', folder)):
        status, out, err = r.run(*args)
        r.check(f'{args[0]} says that a folder holds no rules', status == 2 and folder in err and '.yml' in err, (status, err))
    status, out, err = r.run('detect', '--quiet', '--rules', folder + '/gone', log)
    r.check('a folder that is not there is named once', status == 2 and err.count('gone') == 1, (status, err))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        r = Rules(os.path.abspath(sys.argv[1]), folder)
        check_builtin(r, sys.argv[2])
        for part in (check_list, check_check, check_expand, check_empty):
            part(r)
    for fault in r.faults:
        print('FAILED: ' + fault)
    print(f'{r.count - len(r.faults)} of {r.count} right')
    sys.exit(1 if r.faults or not r.count else 0)


if __name__ == '__main__':
    main()
