#!/usr/bin/env python3
"""Counts what test runs did: tally.py LOG... prints `PASSED FAILED SKIPPED`, and on stderr what failed and was skipped.
tally.py --self-test counts runs whose outcome is known.

A LOG is a testlog.json of `meson test`. Where a test program counts its own cases (cmocka, Python's unittest, or a line
`N passed, N failed`), the cases are counted, else the program is one. A program that ends badly without having counted a
failure counts one.
"""
import json
import re
import sys

TAIL_LINES = 40
PLAIN = re.compile(r'^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$', re.MULTILINE)
UNITTEST = re.compile(r'^Ran (\d+) tests? in .*\n\n(?:OK|FAILED)(?: \((.*)\))?$', re.MULTILINE)


def count_unittest(match):
    notes = dict(re.findall(r'(failures|errors|skipped)=(\d+)', match.group(2) or ''))
    failed = int(notes.get('failures', 0)) + int(notes.get('errors', 0))
    skipped = int(notes.get('skipped', 0))
    return int(match.group(1)) - failed - skipped, failed, skipped


def count_cases(output):
    """(passed, failed, skipped), or None when the program does not count."""
    passed = len(re.findall(r'^\[       OK \] ', output, re.MULTILINE))
    skipped, failed = (sum(int(n) for n in re.findall(r'^\[  %s \] .*?(\d+) test\(s\), listed' % word, output, re.MULTILINE))
                       for word in ('SKIPPED', 'FAILED '))
    if passed or failed or skipped:
        return passed, failed, skipped
    plain = PLAIN.findall(output)
    if plain:
        return tuple(sum(int(row[i] or 0) for row in plain) for i in range(3))
    match = UNITTEST.search(output)
    return count_unittest(match) if match else None


def count(test):
    output = test.get('stdout', '') + '\n' + test.get('stderr', '')
    result = test['result']
    if result == 'SKIP':
        return (0, 0, 1), output
    cases = count_cases(output)
    if result in ('OK', 'EXPECTEDFAIL'):
        return cases or (1, 0, 0), output
    passed, failed, skipped = cases or (0, 0, 0)
    return (passed, max(failed, 1), skipped), output


def skipped_cases(test, output):
    """What was skipped, in the test's own words."""
    if test['result'] == 'SKIP':
        return output.strip().splitlines()[-1:]
    return sorted(set(re.findall(r'^\[  SKIPPED \] (\w+)$', output, re.MULTILINE)))


def self_test():
    """(what a run said, how it ended, what it counts for)"""
    tried = [('', 'OK', (1, 0, 0)), ('', 'FAIL', (0, 1, 0)), ('', 'TIMEOUT', (0, 1, 0)), ('no data', 'SKIP', (0, 0, 1)),
             ('[       OK ] a\n[       OK ] b\n[  PASSED  ] 2 test(s).\n', 'OK', (2, 0, 0)),
             ('[       OK ] a\nSegmentation fault\n', 'FAIL', (1, 1, 0)),
             ('[       OK ] a\n[  SKIPPED ] b\n[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] b\n', 'OK', (1, 0, 1)),
             ('[       OK ] a\n[  FAILED  ] b\n[  FAILED  ] c\n[  PASSED  ] 1 test(s).\n'
              '[  FAILED  ] tests: 2 test(s), listed below:\n[  FAILED  ] b\n[  FAILED  ] c\n', 'FAIL', (1, 2, 0)),
             ('[       OK ] a\n[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] b\n', 'FAIL', (1, 1, 0)),
             ('12 passed, 3 failed\n', 'FAIL', (12, 3, 0)), ('cases: 2 passed, 0 failed, 4 skipped\n', 'OK', (2, 0, 4)),
             ('..F\nRan 3 tests in 0.1s\n\nFAILED (failures=1)\n', 'FAIL', (2, 1, 0)),
             ('...\nRan 3 tests in 0.1s\n\nOK (skipped=1)\n', 'OK', (2, 0, 1))]
    wrong = [(said, result, expected, count({'stdout': said, 'result': result})[0]) for said, result, expected in tried]
    wrong = [case for case in wrong if case[2] != case[3]]
    for said, result, expected, counted in wrong:
        print(f'{said!r}, {result}: expected {expected}, counted {counted}')
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ['--self-test']:
        sys.exit(self_test())
    total = [0, 0, 0]
    for path in sys.argv[1:]:
        with open(path, encoding='utf-8', errors='replace') as log:
            for line in log:
                test = json.loads(line)
                counted, output = count(test)
                total = [a + b for a, b in zip(total, counted)]
                if counted[1]:
                    print(f'--- {test["name"]}: {test["result"]}', *output.strip().splitlines()[-TAIL_LINES:], sep='\n    ',
                          file=sys.stderr)
                for name in skipped_cases(test, output) if counted[2] else []:
                    print(f'--- {test["name"]}: skipped: {name}', file=sys.stderr)
    print(*total)


if __name__ == '__main__':
    main()
