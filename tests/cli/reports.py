#!/usr/bin/env python3
"""What detect gives out: each format is what it says, and nothing in a log or a rule gets out of it as more than text.

usage: reports.py NEZUBAN
"""
import csv
import fcntl
import io
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import unicodedata

import hostile

# What may stand in a line of text: no control but the line's end, nothing that changes the direction.
CONTROL = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]')
STYLE = re.compile('\x1b\\[[0-9;]*m')  # ours, with --color always


class Reports:
    def __init__(self, program, folder):
        self.program, self.faults, self.count = program, [], 0
        self.log, self.rule = os.path.join(folder, 'hostile.jsonl'), os.path.join(folder, 'hostile.yml')
        lines, self.findings = hostile.records()  # those that are no text are skipped, and the exit status says so
        with open(self.log, 'wb') as file:
            file.write(lines)
        with open(self.rule, 'w', encoding='utf-8') as file:
            file.write(hostile.RULE)

    def environment(self):
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
        return {**keep, 'HOME': '/nonexistent', 'LC_ALL': 'C.UTF-8', 'TERM': 'xterm'}

    def detect(self, *args):
        done = subprocess.run([self.program, 'detect', '--rules', self.rule, *args, self.log], env=self.environment(),
                              capture_output=True, timeout=120, stdin=subprocess.DEVNULL, check=False)
        self.check(f'exit status of {args}: {done.stderr.decode()[:500]}', done.returncode in (1, 2))
        return done.stdout.decode()  # throws when it is not UTF-8

    def on_terminal(self, columns, *args):
        """What a window so wide gets on standard output."""
        pid, fd = pty.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 50, columns, 0, 0))
            os.execve(self.program, [self.program, *args], self.environment())
        got = b''
        while select.select([fd], [], [], 60)[0]:
            try:
                part = os.read(fd, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            got += part
        os.close(fd)
        os.waitpid(pid, 0)
        return got.decode()

    def check(self, name, right):
        self.count += 1
        if not right:
            self.faults.append(name)


def width(text):
    return sum(0 if unicodedata.combining(c) or unicodedata.category(c) in ('Mn', 'Me', 'Cf') else
               2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


def check_text(r, name, text):
    """Nothing in it acts on a terminal."""
    found = CONTROL.search(STYLE.sub('', text))
    r.check(f'{name}: {found.group(0)!r} at {text[max(0, found.start() - 40):found.end() + 20]!r}' if found else name, not found)


def check_table(r):
    for args in (['--color', 'always'], ['--color', 'never', '--explain'], ['--lang', 'ja', '--explain']):
        text = r.detect(*args)
        check_text(r, f'table {args}', text)
        r.check(f'the count of {args}', str(r.findings) in text)
    for columns in (60, 80, 120, 160):
        for lang in ('en', 'ja'):
            lines = r.on_terminal(columns, 'detect', '--quiet', '--lang', lang, '--rules', r.rule, r.log).split('\r\n')
            check_text(r, f'window of {columns}', '\n'.join(lines))
            longest = max(width(STYLE.sub('', line)) for line in lines[:-2])
            r.check(f'window of {columns} in {lang}: a line of {longest}', longest <= columns)
    explained = r.detect('--explain', '--color', 'never')
    r.check('--explain has the steps of the rule', '<svg/onload=window.harmed=1>\\x1b[31m' in explained)
    r.check('--explain has a command to go on with', 'nezuban trail timeline --actor NAME PATH' in explained)


def check_ndjson(r):
    lines = [json.loads(line) for line in r.detect('--format', 'ndjson').splitlines()]
    r.check('ndjson: one line a finding', len(lines) == r.findings)
    r.check('ndjson: values as they were', {line['user_agent'] for line in lines} >= set(hostile.VALUES))
    whole = json.loads(r.detect('--format', 'json'))
    r.check('json: the same', whole['findings'] == lines)


def check_csv(r):
    text = r.detect('--format', 'csv')
    check_text(r, 'csv', text.replace('\r', ''))  # within quotes line ends are the value's own
    rows = list(csv.reader(io.StringIO(text, newline=''), strict=True))
    r.check('csv: one row a finding, all as long', len(rows) == r.findings + 1 and {len(row) for row in rows} == {len(rows[0])})
    formulas = [cell for row in rows for cell in row if cell[:1] in tuple('=+-@\t\r\n\uff1d\uff0b\uff0d\uff20')]
    r.check(f'csv: {formulas[:3]} would be formulas', not formulas)
    for separator in ';\t':  # a spreadsheet that parts cells by something else
        parts = [part for line in re.split('"[^"]*"', text) for part in re.split(f'[,{separator}\r\n]', line)]
        r.check(f'csv parted by {separator!r}', not [part for part in parts if part[:1] in tuple('=+@')])
    agents = {row[rows[0].index('user_agent')] for row in rows[1:]}
    r.check('csv: ordinary values as they were', {'aws-cli/2.15', 'a"b,c', 'line\nbreak'} <= agents)
    r.check('csv in Japanese has a byte order mark', r.detect('--lang', 'ja', '--format', 'csv').startswith('\ufefflevel,'))


def check_use(r):
    done = subprocess.run([r.program, 'detect', '--explain', '--format', 'csv', r.log], env=r.environment(), capture_output=True,
                          check=False)
    r.check('--explain without a table is wrong use', done.returncode == 2 and b'--explain' in done.stderr)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        r = Reports(os.path.abspath(sys.argv[1]), folder)
        for check in (check_table, check_ndjson, check_csv, check_use):
            check(r)
    for fault in r.faults:
        print('FAILED:', fault)
    print(f'{r.count - len(r.faults)} of {r.count} right')
    return 1 if r.faults else 0


if __name__ == '__main__':
    sys.exit(main())
