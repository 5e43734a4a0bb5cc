#!/usr/bin/env python3
"""The program and the library are built hardened: what a compiler accepts in silence is looked for in what it made.

usage: hardening.py READELF PROGRAM SHARED_LIBRARY ARCHIVE
       hardening.py --self-test READELF COMPILER [ARGUMENT...]

Position-independent, full RELRO (read-only relocations, bound at start), no executable stack, stack protector, checked
string functions (FORTIFY), and on x86 every object made for control-flow enforcement. The last is asked of the objects
and not of the program: the C library's start files decide there.
"""
import os
import re
import subprocess
import sys
import tempfile


def readelf(tool, *arguments):
    run = subprocess.run([tool, '-W', *arguments], capture_output=True, text=True, check=True, env={**os.environ, 'LC_ALL': 'C'})
    return run.stdout


def check_linked(tool, path, is_program):
    segments, dynamic = readelf(tool, '-l', path), readelf(tool, '-d', path)
    name = os.path.basename(path)
    if 'Elf file type is DYN' not in segments or is_program and not re.search(r'FLAGS_1.*\bPIE\b', dynamic):
        yield f'{name}: not position-independent'
    if 'GNU_RELRO' not in segments or not re.search(r'\bBIND_NOW\b|FLAGS_1.*\bNOW\b', dynamic):
        yield f'{name}: not full RELRO'
    stack = re.search(r'GNU_STACK\s.*\s(\S+)\s+0x\S+$', segments, re.MULTILINE)
    if not stack or 'E' in stack.group(1):
        yield f'{name}: executable stack'


def check_objects(tool, archive):
    symbols = readelf(tool, '-s', archive)
    name = os.path.basename(archive)
    if '__stack_chk_fail' not in symbols:
        yield f'{name}: no stack protector'
    if not re.search(r'UND __\w+_chk\b', symbols):
        yield f'{name}: no checked string functions'
    if re.search(r'Machine:\s+.*X86-64', readelf(tool, '-h', archive)):
        for part in re.split(r'^File: ', readelf(tool, '-n', archive), flags=re.MULTILINE)[1:]:
            if not ('IBT' in part and 'SHSTK' in part):
                yield f'{part.splitlines()[0]}: not made for control-flow enforcement'


def check(tool, program, library, archive):
    return [*check_linked(tool, program, True), *check_linked(tool, library, False), *check_objects(tool, archive)]


SOURCE = '''#include <string.h>
int main(int n, char **v) { char a[64]; strcpy(a, v[n - 1]); return a[n & 63]; }
'''


def self_test(tool, compiler):
    """A program built without the switches is found to lack each of them; one built with them lacks none."""
    hard = ['-O2', '-fPIE', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2', '-fstack-protector-strong', '-fcf-protection=full']
    soft = ['-O2', '-fno-pie', '-U_FORTIFY_SOURCE', '-fno-stack-protector', '-fcf-protection=none']
    tried = [(hard, ['-pie', '-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack'], 0),
             (soft, ['-no-pie', '-Wl,-z,norelro', '-Wl,-z,lazy', '-Wl,-z,execstack'], 6)]
    if 'x86_64' not in subprocess.run([*compiler, '-dumpmachine'], capture_output=True, text=True, check=True).stdout:
        hard.pop(), soft.pop()
        tried[1] = (soft, tried[1][1], 5)
    for switches, link, expected in tried:
        with tempfile.TemporaryDirectory() as folder:
            source, made, archive, program = (os.path.join(folder, name) for name in ('a.c', 'a.o', 'a.a', 'a'))
            with open(source, 'w', encoding='utf-8') as file:
                file.write(SOURCE)
            subprocess.run([*compiler, *switches, '-c', '-o', made, source], check=True)
            subprocess.run([*compiler, *link, '-o', program, made], check=True, capture_output=True)
            subprocess.run(['ar', 'rcs', archive, made], check=True)
            faults = [*check_linked(tool, program, True), *check_objects(tool, archive)]
        if len(faults) != expected:
            return [f'{switches}: expected {expected} faults, found {faults}']
    return []


def main():
    faults = self_test(sys.argv[2], sys.argv[3:]) if sys.argv[1] == '--self-test' else check(*sys.argv[1:])
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
