#!/usr/bin/env python3
"""Counts what test runs did: tally.py LOG... prints `PASSED FAILED SKIPPED`, and on stderr what failed and was skipped.

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
    skipped = len(re.findall(r'^\[  SKIPPED \] (?!\S+: \d+ test)(?!\d+ test)', output, re.MULTILINE))
    failed = sum(int(n) for n in re.findall(r'^\[  FAILED  \] .*?(\d+) test\(s\), listed', output, re.MULTILINE))
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
    names = re.findall(r'^\[  SKIPPED \] (?!\S+: \d+ test)(?!\d+ test)(\S+)', output, re.MULTILINE)
    if test['result'] == 'SKIP':
        return output.strip().splitlines()[-1:]
    return names


def main():
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
