#!/usr/bin/env python3
"""The archive shows only names of ours and holds no state that can change; the shared library shows only its interface.

usage: symbols.py NM ARCHIVE SHARED_LIBRARY INCLUDE_FOLDER
       symbols.py --self-test NM COMPILER [ARGUMENT...]

Every symbol that other programs can see begins with nz_. Nothing lies in .data or .bss: state belongs to a context that
the caller holds, so that two scans can run in one process (tables of constants lie in .rodata or .data.rel.ro).
What the shared library exports is declared with NZ_API in a public header, and the other way round.
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


def declared_in(header):
    text = re.sub(r'^\s*#.*$', '', header, flags=re.MULTILINE)
    return set(re.findall(r'NZ_API\b[^;(]*?\b(\w+)\s*\(', text))


def declared(folder):
    names = set()
    for here, _, files in os.walk(folder):
        for name in files:
            with open(os.path.join(here, name), encoding='utf-8') as file:
                names |= declared_in(file.read())
    return names


def exported(nm, library):
    run = subprocess.run([nm, '-D', '--defined-only', library], capture_output=True, text=True, check=True)
    return {line.split()[-1] for line in run.stdout.splitlines()}


def check_exports(exports, declarations):
    return ([f'{name} is exported and stands in no public header' for name in sorted(exports - declarations)]
            + [f'{name} is declared NZ_API and not exported' for name in sorted(declarations - exports)])


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
    if declared_in('#define NZ_API x(y)\nNZ_API const char *nz_a(void);\nNZ_API\nint nz_b (int c);\nint nz_c(void);') != {
            'nz_a', 'nz_b'}:
        return ['public declarations were not read']
    if len(check_exports({'nz_a', 'nz_b'}, {'nz_b', 'nz_c'})) != 2 or check_exports({'nz_a'}, {'nz_a'}):
        return ['a difference between exports and declarations was not found']
    return []


def main():
    if sys.argv[1] == '--self-test':
        faults = self_test(sys.argv[2], sys.argv[3:])
    else:
        count, faults = check(sys.argv[1], sys.argv[2])
        exports = exported(sys.argv[1], sys.argv[3])
        print(f'{count} symbols, {len(exports)} of them public')
        if count == 0 or not exports:
            faults = ['no symbols found']
        faults += check_exports(exports, declared(sys.argv[4]))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
