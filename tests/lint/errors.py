#!/usr/bin/env python3
"""The list of errors in src/core/err.h: numbers are stable, sentences are of one form.

usage: errors.py SOURCE_ROOT            checks the list, and that docs/errors.md says the same
       errors.py SOURCE_ROOT --write    writes new errors into docs/errors.md; what stands there is never dropped
       errors.py --self-test

docs/errors.md is the memory: a number that once stood there may not come back with another name.
"""
import os
import re
import sys
import tempfile

ENTRY = re.compile(r'X\((NZ_\w+),\s*(\d+),\s*(NZ_CLASS_\w+),\s*N_\("((?:[^"\\]|\\.)*)"\)\)')
SECTION = re.compile(r'/\*\s*(.*?)\s+(\d+)-(\d+)\s*\*/')
ROW = re.compile(r'^\| (\d+) \| `(NZ_\w+)` \| (\w+) \| (.*) \|$')
HEAD = '''# Errors

Every error has a number that never changes and is never given to another. The class decides the exit status. The table is
checked against `src/core/err.h`; `tests/lint/errors.py . --write` adds new rows. A row of class `retired` is an error
that is no longer used.

| number | name | class | sentence |
| --- | --- | --- | --- |
'''


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def listed(root):
    """[(number, name, class, text, (first, last))] in the order of the list."""
    found, span = [], (0, 0)
    text = read(os.path.join(root, 'src/core/err.h')).split('#define NZ_ERROR_LIST', 1)[1]
    text = text.split('#define NZ_ERR_MEMBER', 1)[0].replace('\\\n', '\n')
    for match in re.finditer(ENTRY.pattern + '|' + SECTION.pattern, text):
        if match.group(1):
            found.append((int(match.group(2)), match.group(1), match.group(3)[9:].lower(), match.group(4), span))
        else:
            span = (int(match.group(6)), int(match.group(7)))
    return found, text.count('X(')


def documented(root):
    path = os.path.join(root, 'docs/errors.md')
    rows = [ROW.match(line) for line in read(path).splitlines()] if os.path.exists(path) else []
    return {int(row.group(1)): (row.group(2), row.group(3), row.group(4)) for row in rows if row}


def check_list(entries, written):
    if len(entries) != written:
        yield f'{written} entries are written, {len(entries)} were understood'
    names, numbers, previous = set(), set(), -1
    for number, name, _, text, (first, last) in entries:
        if number in numbers or name in names:
            yield f'{name} {number}: stands twice'
        if not first <= number <= last and number != 0:
            yield f'{name} {number}: outside its module\'s numbers {first} to {last}'
        if number <= previous and number not in numbers:
            yield f'{name} {number}: not in order'
        if not text or text.endswith('.') or re.match(r'[A-Z][a-z]+\b', text):
            yield f'{name}: "{text}" must be lower case without a full stop'
        names.add(name)
        numbers.add(number)
        previous = number


def check_documented(entries, rows):
    numbers = {entry[0] for entry in entries}
    for number, name, class_, text, _ in entries:
        row = rows.get(number)
        if row is None:
            yield f'{name} {number}: not in docs/errors.md (tests/lint/errors.py . --write adds it)'
        elif row[0] != name:
            yield f'{name} {number}: the number was given to {row[0]} and is never reused'
        elif row != (name, class_, text):
            yield f'{name} {number}: docs/errors.md says {row[1]}, "{row[2]}"'
    for number, row in rows.items():
        if number not in numbers and row[1] != 'retired':
            yield f'docs/errors.md: {row[0]} {number} is no longer listed; make its class `retired`'


def check(root):
    entries, written = listed(root)
    faults = list(check_list(entries, written))
    return entries, faults + list(check_documented(entries, documented(root)))


def write(root):
    entries, _ = listed(root)
    rows = documented(root)
    numbers = {entry[0] for entry in entries}
    for number, row in rows.items():
        if number not in numbers:
            rows[number] = (row[0], 'retired', row[2])
    for number, name, class_, text, _ in entries:
        if rows.get(number, (name,))[0] == name:
            rows[number] = (name, class_, text)
    with open(os.path.join(root, 'docs/errors.md'), 'w', encoding='utf-8') as file:
        file.write(HEAD)
        for number in sorted(rows):
            file.write('| {} | `{}` | {} | {} |\n'.format(number, *rows[number]))


def tree(root, *entries):
    os.makedirs(os.path.join(root, 'src/core'), exist_ok=True)
    os.makedirs(os.path.join(root, 'docs'), exist_ok=True)
    with open(os.path.join(root, 'src/core/err.h'), 'w', encoding='utf-8') as file:
        file.write('#define NZ_ERROR_LIST(X) \\\n /* core 1-99 */ \\\n' + ' \\\n'.join(entries) + '\n\n#define NZ_ERR_MEMBER\n')


def self_test():
    good = ['X(NZ_OK, 0, NZ_CLASS_OK, N_("no error"))', 'X(NZ_E_C, 2, NZ_CLASS_OK, N_("CloudTrail says so"))',
            'X(NZ_E_A, 3, NZ_CLASS_LIMIT, \\\n N_("JSON is too long"))']
    entry = 'X({}, {}, NZ_CLASS_BUG, N_("{}"))'.format
    tried = [([], None), ([entry('NZ_E_B', 4, 'fine')], 'not in docs/errors.md'),
             ([entry('NZ_E_B', 3, 'twice')], 'stands twice'), ([entry('NZ_E_A', 4, 'twice')], 'stands twice'),
             ([entry('NZ_E_B', 1, 'late')], 'not in order'), ([entry('NZ_E_B', 100, 'far')], 'outside its module'),
             ([entry('NZ_E_B', 4, 'Capital')], 'must be lower case'), ([entry('NZ_E_B', 4, 'stop.')], 'must be lower case'),
             ([entry('NZ_E_B', 4, 'two') + ' X(broken)'], 'were understood')]
    for added, expected in tried:
        with tempfile.TemporaryDirectory() as root:
            tree(root, *good)
            write(root)
            tree(root, *good, *added)
            faults = check(root)[1]
        if expected is None and faults or expected and not any(expected in fault for fault in faults):
            return [f'{added}: expected {expected!r}, found {faults}']
    with tempfile.TemporaryDirectory() as root:
        tree(root, *good)
        write(root)
        tree(root, good[0])
        dropped = check(root)[1]
        write(root)
        tree(root, good[0], entry('NZ_E_NEW', 3, 'another'))
        reused = check(root)[1]
    if not any('no longer listed' in f for f in dropped) or not any('never reused' in f for f in reused):
        return [f'dropped: {dropped}, reused: {reused}']
    return []


def main():
    if sys.argv[1] == '--self-test':
        faults = self_test()
    else:
        if '--write' in sys.argv[2:]:
            write(sys.argv[1])
        entries, faults = check(sys.argv[1])
        print(f'{len(entries)} errors')
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
