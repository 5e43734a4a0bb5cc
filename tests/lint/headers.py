#!/usr/bin/env python3
"""Each header compiles alone, and twice in one file.

usage: headers.py SOURCE_ROOT COMPILER [ARGUMENT...]
       headers.py --self-test COMPILER [ARGUMENT...]

A public header must do so without the private folder in its path. `*_loop.h` and `*.inc.h` are bodies that are included
several times under different macros; they are no headers in this sense and are left out.
"""
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

BODIES = ('_loop.h', '.inc.h')


def headers(root, folder):
    for here, folders, names in os.walk(os.path.join(root, folder)):
        folders.sort()
        for name in sorted(names):
            if name.endswith('.h') and not name.endswith(BODIES):
                yield os.path.relpath(os.path.join(here, name), os.path.join(root, folder))


def compile_twice(root, folder, header, compiler):
    paths = ['-I' + os.path.join(root, 'include')]
    if folder == 'src':
        paths.append('-I' + os.path.join(root, 'src'))
    text = f'#include "{header}"\n#include "{header}"\n'
    run = subprocess.run([*compiler, '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', *paths, '-x', 'c', '-'],
                         input=text, capture_output=True, text=True, check=False)
    return '' if run.returncode == 0 else f'{folder}/{header} does not compile alone:\n{run.stderr}'


def check(root, compiler):
    tasks = [(root, folder, header, compiler) for folder in ('src', 'include') for header in headers(root, folder)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [fault for fault in pool.map(lambda task: compile_twice(*task), tasks) if fault]
    return len(tasks), faults


def self_test(compiler):
    good = '#ifndef A_H\n#define A_H\n#include <stddef.h>\nstruct a { size_t n; };\n#endif\n'
    bad = {'no include': good.replace('#include <stddef.h>\n', ''),
           'no guard': '#include <stddef.h>\nstruct a { size_t n; };\n',
           'warns': good.replace('#endif', 'static inline int f(void) { int unused; return 0; }\n#endif')}
    for name, text, expected in [('good', good, 0)] + [(name, text, 1) for name, text in bad.items()]:
        for folder in ('src', 'include'):
            with tempfile.TemporaryDirectory() as root:
                os.makedirs(os.path.join(root, folder, 'm'))
                with open(os.path.join(root, folder, 'm', 'a.h'), 'w', encoding='utf-8') as file:
                    file.write(text)
                count, faults = check(root, compiler)
            if count != 1 or len(faults) != expected:
                return [f'{name} in {folder}: {count} headers, faults {faults}']
    return []


def main():
    root, compiler = sys.argv[1], sys.argv[2:]
    if root == '--self-test':
        faults = self_test(compiler)
    else:
        count, faults = check(root, compiler)
        print(f'{count} headers')
        if count == 0:
            faults = ['no headers found']
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
