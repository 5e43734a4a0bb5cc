#!/usr/bin/env python3
"""Compares `nezuban detect` with the oracle on generated rules and events, in both directions.

usage: compare.py NEZUBAN FIRST_SEED SEEDS RULES EVENTS
       compare.py NEZUBAN --rules DIR PATH...
       compare.py NEZUBAN --story SOURCE_ROOT       the rule pack on the example's story
       compare.py --self-test

Prints each difference with its rule and its event. Exits 77 where PyYAML or the data is missing. The self-test puts a
program in nezuban's place that repeats the oracle's answer, or that answer with a pair less, more or twice.
"""

import json
import os
import subprocess
import sys
import tempfile

try:
    import yaml  # noqa: F401
except ImportError:
    print('skipped: PyYAML (python3-yaml) is missing')
    sys.exit(77)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import sigma_oracle  # noqa: E402
from generate_rules import PLACEHOLDERS, generate  # noqa: E402
from records import read  # noqa: E402

SHOWN_MAX = 20


class Findings:
    """What nezuban found: the pairs, its exit status and what it wrote on stderr."""

    def __init__(self, program, rules, paths):
        command = [program, 'detect', '--rules', rules, '--min-level', 'informational', '--format', 'ndjson'] + paths
        command += ['--expand=%s=%s' % (name, value) for name in PLACEHOLDERS for value in PLACEHOLDERS[name]]
        run = subprocess.run(command, capture_output=True, check=False)
        self.status, self.messages = run.returncode, run.stderr.decode('utf-8', 'replace')
        found = [json.loads(line) for line in run.stdout.decode().split('\n') if line]
        pairs = [(each['rule_id'], each['event_id']) for each in found if each['kind'] == 'sigma']
        self.pairs = set(pairs)
        self.doubled = {pair for pair in pairs if pairs.count(pair) > 1} if len(pairs) != len(self.pairs) else set()


def rule_text(rules, key):
    """The document whose id, name or path is `key`, as one line."""
    for path, document in sigma_oracle.rule_documents(rules):
        if key in (document.get('id'), document.get('name'), path):
            return json.dumps(document.get('detection'), ensure_ascii=False)
    return '?'


def report(title, pairs, rules, events):
    """One example a rule: a rule that is misread differs on many events."""
    by_rule = {}
    for key, event in sorted(pairs, key=str):
        by_rule.setdefault(key, []).append(event)
    for key, its_events in list(by_rule.items())[:SHOWN_MAX]:
        print('%s %d events\n  rule  %s %s' % (title, len(its_events), key, rule_text(rules, key)))
        print('  event %s' % events.get(its_events[0], its_events[0]))
    if len(by_rule) > SHOWN_MAX:
        print('... and %d more rules' % (len(by_rule) - SHOWN_MAX))


def compare(program, rules, paths):
    """True when both agree; says what they do not agree on."""
    expected, refused = sigma_oracle.pairs(rules, paths, PLACEHOLDERS)
    found = Findings(program, rules, paths)
    missing, extra = expected - found.pairs, found.pairs - expected
    if missing or extra or found.doubled:
        events = {record.value.get('eventID'): record.source for record in read(paths)}
        report('nezuban misses:', missing, rules, events)
        report('nezuban finds besides:', extra, rules, events)
        report('nezuban finds twice:', found.doubled, rules, events)
    if refused and found.status != 2:
        print('%d rules should be refused and the exit status be 2; it is %d' % (len(refused), found.status))
        print('\n'.join('  %s: %s' % each for each in refused))
        return False
    if not refused and found.status not in (0, 1):
        print('exit status %d without a refused rule:\n%s' % (found.status, found.messages))
        return False
    return not (missing or extra or found.doubled)


def compare_generated(program, seed, rules, events):
    with tempfile.TemporaryDirectory() as folder:
        generate(seed, rules, events, folder)
        same = compare(program, os.path.join(folder, 'rules'), [os.path.join(folder, 'events')])
    if not same:
        print('the files of this seed: generate_rules.py %d %d %d OUT_DIR' % (seed, rules, events))
    return same


def compare_story(program, root):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, os.path.join(root, 'examples', 'generate.py'), folder], check=True)
        return compare(program, os.path.join(root, 'rules'), [folder])


def self_test():
    """Each kind of difference must be seen."""
    with tempfile.TemporaryDirectory() as folder:
        generate(1, 30, 20, folder)
        rules, events = os.path.join(folder, 'rules'), [os.path.join(folder, 'events')]
        found, refused = sigma_oracle.pairs(rules, events, PLACEHOLDERS)
        status = 2 if refused else 1
        pairs = sorted(found)
        answers = {'right': (pairs, status, True), 'one less': (pairs[1:], status, False),
                   'one more': (pairs + [('nobody', 'nowhere')], status, False),
                   'one twice': (pairs + pairs[:1], status, False), 'wrong status': (pairs, 3 - status, False)}
        for name, (answer, code, right) in answers.items():
            lines = [json.dumps({'kind': 'sigma', 'rule_id': key, 'event_id': event}) for key, event in answer]
            program = os.path.join(folder, 'program')
            with open(program, 'w', encoding='utf-8') as out:
                out.write("#!/bin/sh\ncat <<'END'\n%s\nEND\nexit %d\n" % ('\n'.join(lines), code))
            os.chmod(program, 0o755)
            if compare(program, rules, events) != right:
                sys.exit('self-test: %s was judged wrongly' % name)


def main():
    if sys.argv[1:] == ['--self-test']:
        self_test()
        return
    if sys.argv[2:3] == ['--story']:
        sys.exit(0 if compare_story(sys.argv[1], sys.argv[3]) else 1)
    if len(sys.argv) > 3 and sys.argv[2] == '--rules':
        if not all(os.path.exists(path) for path in sys.argv[3:]):
            print('skipped: no ' + ', '.join(path for path in sys.argv[3:] if not os.path.exists(path)))
            sys.exit(77)
        sys.exit(0 if compare(sys.argv[1], sys.argv[3], sys.argv[4:]) else 1)
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    first, seeds, rules, events = map(int, sys.argv[2:])
    failed = [seed for seed in range(first, first + seeds)
              if not compare_generated(sys.argv[1], seed, rules, events)]
    print('%d seeds, %d rules and %d events each: %d differ' % (seeds, rules, events, len(failed)))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
