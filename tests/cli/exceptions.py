#!/usr/bin/env python3
"""Exceptions, rules that are tried, and allow-lists: what detect keeps back, who answers for it, and what it says of that.

usage: exceptions.py NEZUBAN SOURCE_ROOT
"""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from checking import Checking  # noqa: E402

RULE = '''title: {name}
id: {number:08d}-2222-4222-8222-222222222222
name: {name}
logsource: {{product: aws, service: cloudtrail}}
detection: {{any: {{eventName: {event}}}, condition: any}}
level: high
'''
CORRELATION = '''title: Often
name: often
correlation:
  type: event_count
  rules: [{base}]
  group-by: [userIdentity.arn]
  timespan: 1d
  condition: {{gte: 2}}
level: medium
'''
ENTRY = '- {{rule: {rule}, actor: "{actor}", owner: hanako@example.jp, reason: the nightly job, expires: {expires}}}\n'


def record(number, event='CreateUser', user='alice', time='2026-03-01T10:00:00Z', region='us-east-1'):
    made = {'eventID': 'event-%d' % number, 'eventName': event, 'eventSource': 'iam.amazonaws.com', 'awsRegion': region,
            'userIdentity': {'type': 'IAMUser', 'userName': user, 'arn': 'arn:aws:iam::111122223333:user/' + user}}
    return {**made, 'eventTime': time} if time else made


class Exceptions(Checking):
    __call__ = Checking.run

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        return path

    def log(self, name, *records):
        return self.write(name, json.dumps({'Records': list(records)}))

    def found(self, *args, **extra):
        status, out, err = self('detect', '--format', 'ndjson', *args, **extra)
        return status, [(row['title'], row['event_id']) for row in map(json.loads, out.splitlines())], err


def check_hiding(run):
    rules = run.write('hide/a.yml', RULE.format(name='made', number=1, event='CreateUser'))
    log = run.log('hide.json', record(1), record(2, user='bob'), record(3, user='bobby'))
    entry = run.write('hide.yaml', ENTRY.format(rule='made', actor='*:user/bob', expires='2099-12-31'))
    status, found, err = run.found('--rules', rules, '--exceptions', entry, log)
    run.check('one actor is left out, by a pattern on the whole text', status == 1 and found == [('made', 'event-1'), ('made', 'event-3')],
              (status, found))
    run.check('the summary names the exception, how many, until when, who and why',
              f'{entry}, line 1 (made): 1; until 2099-12-31, hanako@example.jp: the nightly job' in err, err)
    run.check('--quiet says nothing', run('--quiet', 'detect', '--rules', rules, '--exceptions', entry, log)[2] == '')
    everybody = run.write('all.yaml', ENTRY.format(rule='00000001-*', actor='*', expires='2099-12-31T12:00:00Z'))
    status, found, err = run.found('--rules', rules, '--exceptions', everybody, log)
    run.check('by the rule\'s id; what is hidden does not count for the exit status', status == 0 and found == [], (status, found))
    run.check('a time is shown as one', 'until 2099-12-31T12:00:00Z' in err, err)
    status, out, err = run('detect', '--format', 'json', '--rules', rules, '--exceptions', everybody, log)
    summary = json.loads(out)['summary']
    run.check('json counts what is hidden, and the rest without it',
              (summary['hidden'], summary['findings'], summary['records_with_findings']) == (3, 0, 0), summary)
    regional = run.write('region.yaml', ENTRY.format(rule='made', actor='*', expires='2099-12-31').replace('owner', 'region: eu-*, owner'))
    run.check('another region is not meant', len(run.found('--rules', rules, '--exceptions', regional, log)[1]) == 3)
    config = run.write('config.yaml', f'exceptions: {entry}\n')
    run.check('from the configuration', len(run.found('--config', config, '--rules', rules, log)[1]) == 2)
    run.check('from the environment', len(run.found('--rules', rules, log, NEZUBAN_EXCEPTIONS=everybody)[1]) == 0)


def check_correlation(run):
    rules = os.path.dirname(run.write('both/a.yml', RULE.format(name='made', number=1, event='CreateUser')))
    run.write('both/b.yml', CORRELATION.format(base='made'))
    log = run.log('both.json', record(1), record(2), record(3, user='bob'), record(4, user='bob'))
    entry = run.write('often.yaml', ENTRY.format(rule='often', actor='*/bob', expires='2099-12-31'))
    status, out, err = run('detect', '--format', 'ndjson', '--rules', rules, '--exceptions', entry, log)
    groups = [json.loads(line)['group'] for line in out.splitlines()]
    run.check('the actor of a correlation is the one that it is grouped by',
              groups == [{'userIdentity.arn': 'arn:aws:iam::111122223333:user/alice'}] and '(often): 1;' in err, (groups, err))
    base = run.write('base.yaml', ENTRY.format(rule='made', actor='*', expires='2099-12-31'))
    run.check('what is hidden of a base rule still correlates', len(run.found('--rules', rules, '--exceptions', base, log)[1]) == 2)


def check_wrong(run):
    rules = run.write('wrong/a.yml', RULE.format(name='made', number=1, event='CreateUser'))
    log = run.log('wrong.json', record(1), record(2, user='bob'))
    text = (ENTRY.format(rule='made', actor='*/alice', expires='2020-01-31') + ENTRY.format(rule='mdae', actor='*', expires='2099-01-01') +
            '- {rule: made, owner: x, expires: 2099-01-01}\n' + ENTRY.format(rule='made', actor='*/bob', expires='2099-01-01'))
    entry = run.write('wrong.yaml', text)
    status, found, err = run.found('--rules', rules, '--exceptions', entry, log)
    run.check('an expired one hides nothing; the good ones hold', status == 2 and found == [('made', 'event-1')], (status, found))
    run.check('it is told, with place, day and owner', f'{entry}:1:3: ' in err and 'expired' in err and '2020-01-31, hanako@example.jp' in err, err)
    run.check('one that names no rule is told', f'{entry}:2:3: ' in err and "names no rule that is loaded: mdae; did you mean 'made'?" in err, err)
    run.check('one without a reason is an error', f'{entry}:3:3: ' in err and 'reason' in err, err)
    status, found, err = run.found('--rules', rules, '--exceptions', entry + '.gone', log)
    run.check('a file that is not there ends the run', status == 2 and found == [] and entry + '.gone' in err, (status, found, err))


def check_list(run):
    rules = run.write('list/a.yml', RULE.format(name='made', number=1, event='CreateUser'))
    entry = run.write('list.yaml', ENTRY.format(rule='ma*', actor='*/a', expires='2020-01-31') +
                      '- {check: iam-root-mfa, owner: x, reason: y, expires: 2099-01-01}\n')
    status, out, err = run('rules', 'list', '--exceptions', entry, rules)
    run.check('rules list shows them below, and not those of checks', status == 0 and all(
        word in out for word in ('ma*', '*/a', '2020-01-31 (expired)', 'hanako@example.jp', 'the nightly job')) and
        'iam-root-mfa' not in out, out)
    row = json.loads(run('rules', 'list', '--format', 'ndjson', '--exceptions', entry, rules)[1])
    run.check('and ndjson has them with their rule', row['name'] == 'made' and row['exceptions'] == [
        {'line': 1, 'rule': 'ma*', 'actor': '*/a', 'region': None, 'owner': 'hanako@example.jp', 'reason': 'the nightly job',
         'until': '2020-01-31', 'expired': True}], row)
    run.check('without a file there are none', 'EXCEPTION' not in run('rules', 'list', rules)[1])


def tried(run, *args):
    status, out, err = run('detect', '--format', 'json', *args)
    return status, json.loads(out) if out else None, err


def check_dry_run(run):
    made = run.write('dry/a.yml', RULE.format(name='made', number=1, event='CreateUser'))
    often = run.write('dry/b.yml', CORRELATION.format(base='made'))
    run.write('dry/c.yml', RULE.format(name='other', number=2, event='DeleteUser'))
    folder = os.path.dirname(made)
    log = run.log('dry.json', record(1), record(2), record(3, time='2026-03-04T23:59:59Z'), record(4, time=None),
                  record(5, event='DeleteUser'))
    status, got, err = tried(run, '--dry-run', made, log)
    days = [{'day': None, 'hits': 1}, {'day': '2026-03-01', 'hits': 2}, {'day': '2026-03-02', 'hits': 0}, {'day': '2026-03-03', 'hits': 0},
            {'day': '2026-03-04', 'hits': 1}]
    run.check('a file: by day, days between with 0, what has no time apart', status == 0 and got and got['rules'] == [
        {'rule_id': '00000001-2222-4222-8222-222222222222', 'title': 'made', 'level': 'high', 'hits': 4, 'days': days}], (status, got, err))
    status, got, err = tried(run, '--rules', folder, '--min-level', 'critical', '--dry-run', 'made', log)
    run.check('a base rule by its name, whatever the level', got and [(r['title'], r['hits']) for r in got['rules']] == [('made', 4)], got)
    status, got, err = tried(run, '--rules', folder, '--dry-run', 'often', log)
    run.check('a correlation, without its base rules', got and [(r['title'], r['hits']) for r in got['rules']] == [('Often', 1)], got)
    status, got, err = tried(run, '--rules', made, '--dry-run', often, log)
    run.check('a file that reads rules of others', status == 0 and got and [(r['title'], r['hits']) for r in got['rules']] == [('Often', 1)],
              (status, got, err))
    status, out, err = run('detect', '--rules', folder, '--dry-run', 'made', log)
    run.check('as a table, in ASCII when piped', status == 0 and out.isascii() and '2026-03-02     0' in out and '2026-03-01     2  ###' in out and
              'would have hit: 4; on days: 3; on the busiest: 2' in out, out)
    status, got, err = tried(run, '--rules', folder, '--dry-run', 'other', '--until', '2026-01-01', log)
    run.check('never', status == 0 and got and got['rules'][0]['hits'] == 0 and got['rules'][0]['days'] == [], got)
    status, out, err = run('detect', '--dry-run', 'no such rule', log)
    run.check('no such rule', status == 2 and out == '' and "'no such rule'" in err, (status, err))
    status, out, err = run('detect', '--dry-run', 'root_usd', log)
    run.check('nearly one', status == 2 and "did you mean 'root_used'?" in err, (status, err))
    status, out, err = run('detect', '--dry-run', made, '--format', 'csv', log)
    run.check('no other format', status == 2 and out == '' and '--dry-run' in err, (status, err))
    status, got, err = tried(run, '--dry-run', 'root_used', log)
    run.check('one of those that come with nezuban', status == 0 and got and got['rules'][0]['title'] == 'Root user made a call', got)


def check_allow_list(run, root):
    example = os.path.join(root, 'examples', 'rules', 'allow_deployment.yml')
    log = run.log('allow.json', *({'eventID': 'e%d' % n, 'eventTime': '2026-03-01T10:00:00Z', 'eventName': 'AuthorizeSecurityGroupIngress',
                                   'eventSource': 'ec2.amazonaws.com', 'userIdentity': {'type': 'AssumedRole', 'arn': arn},
                                   'requestParameters': {'cidrIp': '0.0.0.0/0', 'fromPort': 22, 'toPort': 22}}
                                  for n, arn in enumerate(('arn:aws:sts::111122223333:assumed-role/terraform-deploy/ci',
                                                           'arn:aws:sts::111122223333:assumed-role/somebody/else'))))
    run.check('the pack alone', [event for _, event in run.found(log)[1]] == ['e0', 'e1'])
    status, found, err = run.found('--rules', 'builtin', '--rules', example, log)
    run.check('the example of an allow-list with the pack', [event for _, event in found] == ['e1'], (status, found, err))
    status, out, err = run('rules', 'check', 'builtin', example)
    run.check('nothing is wrong with it', status == 0 and out == '', out + err)
    status, out, err = run('rules', 'list', '--exceptions', os.path.join(root, 'examples', 'exceptions.yaml'))
    run.check('nor with the example of exceptions', status == 0 and 'EXCEPTION FOR' in out and 'warning' not in err, out[-300:] + err)
    threats = os.path.join(root, 'examples', 'rules', 'threat_addresses.yml')
    log = run.log('threat.json', {**record(1), 'sourceIPAddress': '192.0.2.66'}, {**record(2), 'sourceIPAddress': '192.0.2.1'})
    found = run.found('--rules', threats, '--expand', 'threat_addresses=192.0.2.66', '--expand', 'threat_addresses=198.51.100.0/24', log)[1]
    run.check('the example of a list of addresses', [event for _, event in found] == ['event-1'], found)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        run = Exceptions(os.path.abspath(sys.argv[1]), home)
        for part in (check_hiding, check_correlation, check_wrong, check_list, check_dry_run):
            part(run)
        check_allow_list(run, sys.argv[2])
    run.end()


if __name__ == '__main__':
    main()
