#!/usr/bin/env python3
"""What the rule pack finds, as a page: rules_coverage.py NEZUBAN SHARED [--check]

Runs the program over the attack logs and the trail in SHARED/data/trails and writes docs/rules-coverage.md; which rules are meant
for what is said by rules/coverage.tsv. With --check nothing is written: the exit status is 1 when the page is not what would be
written, or when a promise below is not kept. 77 where the data is absent.

Promises: each attack log has a finding at medium or above, by a rule that is meant for its technique; a rule that coverage.tsv
names is in the pack; of the trail's events that are not its attacker's at most HANDFUL are found at medium or above.
"""

import collections
import csv
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, 'docs', 'rules-coverage.md')
LEVELS = ['informational', 'low', 'medium', 'high', 'critical']
ATTACKER = (':user/jmerckle', 'AKIAU7JNXC7K7XNL3F6J')  # of the trail sans-504-s3-lab: the stolen key, and whose it is
HANDFUL = 5


def pack():
    """{name: {id, title, level, gives}} of the rules' files; gives: whether it is more than the base of a correlation."""
    rules, silent = {}, set()
    folder = os.path.join(ROOT, 'rules')
    for file in sorted(os.listdir(folder)):
        if not file.endswith('.yml'):
            continue
        with open(os.path.join(folder, file), encoding='utf-8') as text:
            documents = text.read().split('\n---\n')
        for document in documents:
            field = {key: value for key, value in re.findall(r'^(id|name|title|level): *(.*)$', document, re.MULTILINE)}
            rules[field['name']] = {**field, 'level': field.get('level', 'informational'), 'file': file}
            if 'correlation:' in document and 'generate: true' not in document:
                silent.update(re.findall(r'^ {8}- (\S+)$', document.split('rules:')[1].split('group-by:')[0], re.MULTILINE))
    for name, rule in rules.items():
        rule['gives'] = name not in silent or rule['level'] != 'informational'
    return rules


def wanted(rules):
    """rules/coverage.tsv: {source: [(name, [rules], why)]}."""
    table = collections.defaultdict(list)
    with open(os.path.join(ROOT, 'rules', 'coverage.tsv'), encoding='utf-8', newline='') as file:
        for source, name, given, why in csv.reader((line for line in file if line[0] != '#'), delimiter='\t'):
            unknown = [rule for rule in given.split() if rule not in rules]
            if unknown or not (given or why):
                sys.exit('rules/coverage.tsv: %s: no such rule: %s' % (name, ' '.join(unknown) or '(nor a reason)'))
            table[source].append((name, given.split(), why))
    return table


def detect(program, path):
    run = subprocess.run([program, 'detect', '--quiet', '--format', 'ndjson', path], capture_output=True, check=False,
                         env={**os.environ, 'HOME': '/nonexistent'})
    if run.returncode not in (0, 1) or run.stderr:
        sys.exit('%s: %d %s' % (path, run.returncode, run.stderr.decode()))
    return [json.loads(line) for line in run.stdout.splitlines()]


def worst_first(names, rules):
    return sorted(names, key=lambda name: (-LEVELS.index(rules[name]['level']), name))


def named(names, rules):
    return ', '.join('`%s` (%s)' % (name, rules[name]['level']) for name in names)


def fired_by_log(program, logs, rules):
    names = {rule['id']: name for name, rule in rules.items()}
    return {file[:-len('.json')]: worst_first({names[finding['rule_id']] for finding in detect(program, os.path.join(logs, file))}, rules)
            for file in sorted(os.listdir(logs)) if file.endswith('.json')}


def events_outside(program, trail, rules):
    """{(level, title): events that are not the attacker's}, from medium on, and how many different events that are."""
    names = {rule['id']: name for name, rule in rules.items()}
    found, events = collections.Counter(), set()
    for finding in detect(program, trail):
        if LEVELS.index(finding['level']) < LEVELS.index('medium'):
            continue
        about = [finding['actor'] or '', *((finding.get('group') or {}).values())]
        if any(text.endswith(ATTACKER) for text in about if text):
            continue
        mine = [finding['event_id']] if finding['event_id'] else finding['events']
        found[names[finding['rule_id']]] += len(mine)
        events.update(mine)
    return found, len(events)


def page_of(rules, table, fired, outside, outside_events):
    gives = [rule for rule in rules.values() if rule['gives'] and rule['level'] != 'informational']
    levels = collections.Counter(rule['level'] for rule in gives)
    lines = ['# What the rules find', '',
             'Made by `scripts/rules_coverage.py` from `rules/coverage.tsv` and from runs over attack logs and a trail that are not part of',
             'this repository; a test keeps it current where they are at hand. Not to be edited.', '',
             'The pack has %d rules that give findings (%s) in %d files, and the rules that these read.' % (
                 len(gives), ', '.join('%d %s' % (levels[level], level) for level in reversed(LEVELS) if levels[level]),
                 len({rule['file'] for rule in rules.values()})), '',
             '## Attack logs, and which rules fire', '', 'Logs of Stratus Red Team\'s techniques, one an attack.', '',
             '| log | rules |', '| --- | --- |']
    lines += ['| %s | %s |' % (log, named(names, rules)) for log, names in fired.items()]
    lines += ['', '## A trail of ordinary work', '',
              'A real trail of five days (SANS 504 lab): root administers it, services deliver logs, and one stolen key explores and raises its',
              'rights. Of the events that are not the attacker\'s, %d are found at medium or above:' % outside_events, '',
              '| rule | events |', '| --- | --- |']
    lines += ['| `%s` (%s) | %d |' % (name, rules[name]['level'], count) for name, count in sorted(outside.items())]
    for source, heading, column in (('stratus', 'Techniques of Stratus Red Team', 'technique'),
                                    ('guardduty-custom', 'GuardDuty\'s custom detection rules', 'signal'),
                                    ('guardduty', 'GuardDuty\'s finding types', 'finding type')):
        covered = sum(1 for _, given, _ in table[source] if given)
        lines += ['', '## ' + heading, '', '%d of %d rows have a rule.' % (covered, len(table[source])), '',
                  '| %s | rules | what is left |' % column, '| --- | --- | --- |']
        lines += ['| %s | %s | %s |' % (name, named(worst_first(given, rules), rules) or '–', why) for name, given, why in table[source]]
    return '\n'.join(lines) + '\n'


def broken_promises(rules, table, fired, outside_events):
    meant = {name: given for name, given, _ in table['stratus']}
    for log, names in fired.items():
        good = [name for name in names if name in meant.get(log, ()) and LEVELS.index(rules[name]['level']) >= LEVELS.index('medium')]
        if not good:
            yield '%s: no rule that is meant for it fires at medium or above: %s' % (log, names)
    if outside_events > HANDFUL:
        yield '%d events of ordinary work are found at medium or above' % outside_events


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != '--check']
    if len(arguments) != 2:
        sys.exit(__doc__)
    program, trails = os.path.abspath(arguments[0]), os.path.join(arguments[1], 'data', 'trails')
    rules = pack()
    table = wanted(rules)
    if not os.path.isdir(os.path.join(trails, 'stratus')):
        print('skipped: no attack logs under ' + os.path.normpath(trails))
        sys.exit(77)
    fired = fired_by_log(program, os.path.join(trails, 'stratus'), rules)
    outside, outside_events = events_outside(program, os.path.join(trails, 'sans-504-s3-lab'), rules)
    page = page_of(rules, table, fired, outside, outside_events)
    faults = list(broken_promises(rules, table, fired, outside_events))
    if '--check' not in sys.argv:
        with open(PAGE, 'w', encoding='utf-8') as out:
            out.write(page)
    else:
        with open(PAGE, encoding='utf-8') as file:
            if file.read() != page:
                faults.append('docs/rules-coverage.md is not current: scripts/rules_coverage.py NEZUBAN SHARED writes it')
    for fault in faults:
        print('FAILED: ' + fault)
    print('%d attack logs, %d events of ordinary work at medium or above' % (len(fired), outside_events))
    sys.exit(1 if faults else 0)


if __name__ == '__main__':
    main()
