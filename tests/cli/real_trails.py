#!/usr/bin/env python3
"""Real trails and labelled attack logs: nezuban must give exactly the expected (rule, eventID) pairs.

usage: real_trails.py NEZUBAN SHARED
       real_trails.py --self-test

For every SHARED/data/expect/TRAILS.RULES.tsv the rules SHARED/data/RULES run over SHARED/data/trails/TRAILS. The lists
were made by an independent evaluator. The result must not depend on the number of threads. Exits 77 where the data is
absent.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

SHOWN_MAX = 20


def expected_pairs(path):
    """rule_id, title, level, eventID; the first line names the columns."""
    with open(path, encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file]
    columns = {name: n for n, name in enumerate(rows[0])}
    pairs = [(row[columns['rule_id']], row[columns['eventID']]) for row in rows[1:]]
    assert len(pairs) == len(set(pairs)) and pairs, path
    return set(pairs), {row[columns['rule_id']]: (row[columns['title']], row[columns['level']]) for row in rows[1:]}


def detect(program, rules, trails, jobs):
    """stdout of one run; a problem on stderr or an exit status other than 0 and 1 is a failure."""
    command = [program, 'detect', '-j', str(jobs), '--quiet', '--rules', rules, '--min-level', 'informational',
               '--format', 'ndjson', trails]
    run = subprocess.run(command, capture_output=True, check=False)
    clean = run.returncode in (0, 1) and not run.stderr
    if not clean:
        print('%s\nexit status %d\n%s' % (' '.join(command), run.returncode, run.stderr.decode('utf-8', 'replace')))
    return run.stdout if clean else None


def show(title, pairs):
    for pair in sorted(pairs)[:SHOWN_MAX]:
        print('  %s: rule %s, event %s' % ((title,) + pair))
    if len(pairs) > SHOWN_MAX:
        print('  ... and %d more' % (len(pairs) - SHOWN_MAX))


def check(program, data, expectation):
    """True when the findings are the expected ones, whatever the number of threads."""
    trails, rules = os.path.basename(expectation)[:-len('.tsv')].rsplit('.', 1)
    expected, about = expected_pairs(expectation)
    paths = os.path.join(data, rules), os.path.join(data, 'trails', trails)
    output = detect(program, *paths, 1)
    if output is None:
        return False
    same = detect(program, *paths, 4) == output
    found = [json.loads(line) for line in output.decode().splitlines()]
    pairs = [(each['rule_id'], each['event_id']) for each in found]
    mislabelled = [each['rule_id'] for each in found
                   if about.get(each['rule_id']) not in (None, (each['title'], each['level']))]
    print('%s: %d of %d expected, %d besides, %d twice, %d with another title or level, threads %s'
          % (trails, len(expected & set(pairs)), len(expected), len(set(pairs) - expected),
             len(pairs) - len(set(pairs)), len(mislabelled), 'agree' if same else 'DIFFER'))
    show('missing', expected - set(pairs))
    show('not expected', set(pairs) - expected)
    return same and not mislabelled and len(pairs) == len(expected) and set(pairs) == expected


def self_test():
    """A program in nezuban's place: its right answer passes, each kind of wrong one does not."""
    columns = ('rule_id', 'title', 'level', 'eventID')
    rows = [('r1', 'One', 'low', 'e1'), ('r1', 'One', 'low', 'e2'), ('r2', 'Two', 'high', 'e1')]
    answers = {'right': (rows, 'exit 1', True), 'one less': (rows[1:], 'exit 1', False),
               'one more': (rows + [('r3', 'Three', 'low', 'e1')], 'exit 1', False),
               'one twice': (rows + rows[:1], 'exit 1', False),
               'another level': ([('r1', 'One', 'high', 'e1')] + rows[1:], 'exit 1', False),
               'a problem': (rows, 'echo skipped >&2; exit 2', False),
               'threads': (rows, '[ "$3" = 1 ] || echo; exit 1', False)}
    with tempfile.TemporaryDirectory() as data:
        os.makedirs(os.path.join(data, 'expect'))
        expectation, program = os.path.join(data, 'expect', 'some.rules.tsv'), os.path.join(data, 'program')
        with open(expectation, 'w', encoding='utf-8') as out:
            out.writelines('\t'.join(row) + '\n' for row in [columns] + rows)
        for name, (answer, end, right) in answers.items():
            lines = [json.dumps(dict(zip(('rule_id', 'title', 'level', 'event_id'), row))) for row in answer]
            with open(program, 'w', encoding='utf-8') as out:
                out.write("#!/bin/sh\ncat <<'END'\n%s\nEND\n%s\n" % ('\n'.join(lines), end))
            os.chmod(program, 0o755)
            if check(program, data, expectation) != right:
                sys.exit('self-test: %s was judged wrongly' % name)


def main():
    if sys.argv[1:] == ['--self-test']:
        self_test()
        return
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data = os.path.join(sys.argv[2], 'data')
    expectations = sorted(glob.glob(os.path.join(data, 'expect', '*.tsv')))
    if not expectations:
        print('skipped: no expected lists under ' + os.path.normpath(data))
        sys.exit(77)
    sys.exit(0 if all([check(sys.argv[1], data, path) for path in expectations]) else 1)


if __name__ == '__main__':
    main()
