#!/usr/bin/env python3
"""What every file of the project must keep to, whatever language it is in.

usage: files.py SOURCE_ROOT
       files.py --self-test

No note of unfinished work, no path of one person's machine, no file too long to read, UTF-8 with a newline at its end,
no white space at a line's end, no tab in C or Python. Data (cases, seeds, examples' logs) is as it must be and is only
looked at for machine paths.
"""
import os
import re
import sys
import tempfile

LINES_MAX = 700
# Written in two pieces so that this file passes its own test.
UNFINISHED = re.compile(r'\b(' + '|'.join(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK']) + r')\b'
                        + '|not (?:yet )?imple' + 'mented', re.IGNORECASE)
IN_CAPITALS = re.compile(r'\b[A-Z]+\b')
MACHINE = re.compile(r'(?<![\w.$}{])/(?:' + '|'.join(['ho' + 'me/[a-z]', 'ro' + 'ot/', 'wo' + 'rk/', 'Us' + 'ers/']) + ')')
CODE = ('.c', '.h', '.py', '.sh', '.build', '.list', '.yml', '.yaml')
TEXT = CODE + ('.md', '.po', '.pot', '.txt', '.in', '.map')
DATA = ('tests/cases/', 'fuzz/corpus/', 'examples/logs/', 'build/')
LONG_ENOUGH = ('po/', 'examples/expect')  # catalogues and generated lists are as long as they are
SKIPPED_FOLDERS = {'.git', '__pycache__', '.cache'}


def files(root):
    for here, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS
                            and not os.path.exists(os.path.join(here, f, 'meson-private')))
        for name in sorted(names):
            path = os.path.relpath(os.path.join(here, name), root)
            if not path.startswith('build') and not os.path.islink(os.path.join(here, name)):
                yield path


def is_script(data):
    return data.startswith(b'#!')


def unfinished(line):
    for match in UNFINISHED.finditer(line):
        word = match.group(0)
        if ' ' in word or IN_CAPITALS.fullmatch(word):
            return word
    return None


def check_lines(path, lines):
    for number, line in enumerate(lines, 1):
        word = unfinished(line)
        if word:
            yield f'{path}:{number}: {word}: what is unfinished belongs into an issue'
        if line != line.rstrip():
            yield f'{path}:{number}: white space at the end of the line'
        if '\t' in line and path.endswith(('.c', '.h', '.py')):
            yield f'{path}:{number}: a tab'


def check_file(root, path):
    with open(os.path.join(root, path), 'rb') as file:
        data = file.read()
    for number, line in enumerate(data.decode('utf-8', 'replace').split('\n'), 1):
        if MACHINE.search(line):
            yield f'{path}:{number}: a path of one machine'
    if path.startswith(DATA) or not (path.endswith(TEXT) or is_script(data)):
        return
    try:
        lines = data.decode('utf-8').split('\n')
    except UnicodeDecodeError as error:
        yield f'{path}: not UTF-8 at byte {error.start}'
        return
    if data and not data.endswith(b'\n'):
        yield f'{path}: no newline at the end'
    yield from check_lines(path, lines)
    if (path.endswith(CODE) or is_script(data)) and len(lines) > LINES_MAX and not path.startswith(LONG_ENOUGH):
        yield f'{path}: {len(lines)} lines, more than {LINES_MAX}'


def check(root):
    return [fault for path in files(root) for fault in check_file(root, path)]


def self_test():
    tried = [('src/a.c', 'int a; /* fine, and so are todo lists in prose */\n', None),
             ('docs/a.md', 'a line with two spaces  \n', 'white space'),
             ('src/a.c', '/* TO' + 'DO: more */\n', 'unfinished'),
             ('scripts/x', '#!/bin/sh\n# FIX' + 'ME\n', 'unfinished'),
             ('src/a.c', '/* Not imple' + 'mented. */\n', 'unfinished'),
             ('src/a.c', '\tint a;\n', 'a tab'),
             ('src/a.c', 'int a;', 'no newline'),
             ('src/a.c', 'int a;\n' * (LINES_MAX + 1), 'lines, more than'),
             ('tests/cases/a.json', '{"path": "/ro' + 'ot/x"}', 'path of one machine'),
             ('docs/a.md', 'see /wo' + 'rk/main\n', 'path of one machine')]
    for path, text, expected in tried:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.dirname(os.path.join(root, path)))
            with open(os.path.join(root, path), 'w', encoding='utf-8') as file:
                file.write(text)
            faults = check(root)
        if expected is None and faults or expected and not (len(faults) == 1 and expected in faults[0]):
            return [f'{path}: expected {expected!r}, found {faults}']
    return []


def main():
    faults = self_test() if sys.argv[1] == '--self-test' else check(sys.argv[1])
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
