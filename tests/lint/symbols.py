#!/usr/bin/env python3
"""The archive shows only names of ours, and holds no state that can change.

usage: symbols.py NM ARCHIVE
       symbols.py --self-test NM COMPILER [ARGUMENT...]

Every symbol that other programs can see begins with nz_. Nothing lies in .data or .bss: state belongs to a context that
the caller holds, so that two scans can run in one process (tables of constants lie in .rodata or .data.rel.ro).
"""
import os
import re
import subprocess
import sys
import tempfile

# Written once before anything reads it, with an atomic, and always with the same value: which instructions the processor has.
ONCE = re.compile(r'^(?:cpu|kernel|once)(?:_[a-z_]+)?(?:\.\d+)?$')
CHANGES = re.compile(r'^\.(?:data|bss|tdata|tbss)(?!\.rel\.ro)')


def symbols(nm, archive):
    run = subprocess.run([nm, '-f', 'sysv', '--defined-only', archive], capture_output=True, text=True, check=True)
    member = ''
    for line in run.stdout.splitlines():
        match = re.match(r'^(?:Undefined )?[Ss]ymbols from .*\[(.*)\]:$', line)
        if match:
            member = match.group(1)
        fields = [field.strip() for field in line.split('|')]
        if len(fields) == 7 and fields[0] != 'Name':
            yield member, fields[0], fields[2], fields[3], fields[6]


def check(nm, archive):
    count, faults = 0, []
    for member, name, kind, type_, section in symbols(nm, archive):
        count += 1
        if kind.isupper() and not name.startswith('nz_'):
            faults.append(f'{member}: {name} can be seen from outside and does not begin with nz_')
        if type_ in ('OBJECT', 'TLS', 'COMMON') and CHANGES.match(section) and not ONCE.match(name):
            faults.append(f'{member}: {name} is state that can change (in {section})')
    return count, faults


def self_test(nm, compiler):
    tried = [('int nz_x(int a); int nz_x(int a) { return a; } static const char *const t[] = {"a"};'
              'const char *nz_t(void); const char *nz_t(void) { return t[0]; }', None),
             ('int other(void); int other(void) { return 0; }', 'does not begin with nz_'),
             ('int nz_x(void); int nz_x(void) { static int n; return n++; }', 'state that can change'),
             ('int nz_x = 3;', 'state that can change'),
             ('_Thread_local int nz_x;', 'state that can change')]
    for text, expected in tried:
        with tempfile.TemporaryDirectory() as folder:
            source, made = os.path.join(folder, 'a.c'), os.path.join(folder, 'a.o')
            with open(source, 'w', encoding='utf-8') as file:
                file.write(text)
            subprocess.run([*compiler, '-O1', '-fPIC', '-c', '-o', made, source], check=True)
            _, faults = check(nm, made)
        if expected is None and faults or expected and not (len(faults) == 1 and expected in faults[0]):
            return [f'{text}: expected {expected!r}, found {faults}']
    return []


def main():
    if sys.argv[1] == '--self-test':
        faults = self_test(sys.argv[2], sys.argv[3:])
    else:
        count, faults = check(sys.argv[1], sys.argv[2])
        print(f'{count} symbols')
        if count == 0:
            faults = ['no symbols found']
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
