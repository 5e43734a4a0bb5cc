#!/usr/bin/env python3
"""Folders are layers: fails when a file of src/ or include/ includes what its module may not.

usage: layers.py SOURCE_ROOT MODULE:MAY,MAY:HEADER,HEADER ...
       layers.py --self-test

One argument a module, from the map in src/meson.build: its name, the modules whose headers it may include, and the
third-party headers that it alone may include (a trailing slash means a folder of them). Rules:

  "module/noun.h"    of its own module or of one on its row; the file must exist
  "nezuban/noun.h"   the public headers; they themselves include only each other and C's own headers
  <header>           C, POSIX, Linux, compiler; or a library's, in its owner module only
"""
import os
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')

C_STANDARD = set('''assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype'''.split())
SYSTEM = set('''dirent dlfcn endian err fcntl fnmatch fts ftw getopt glob grp iconv langinfo netdb poll pthread pwd
    regex sched semaphore spawn strings syslog termios ucontext unistd utime wordexp byteswap malloc features
    immintrin cpuid arm_neon x86intrin'''.split())
SYSTEM_FOLDERS = ('sys/', 'linux/', 'netinet/', 'arpa/', 'net/', 'asm/')


def is_system(header):
    stem = header[:-2] if header.endswith('.h') else header
    return stem in C_STANDARD or stem in SYSTEM or header.startswith(SYSTEM_FOLDERS)


def parse_map(rows):
    modules = {}
    for row in rows:
        name, may, owns = row.split(':')
        modules[name] = (set(filter(None, may.split(','))), list(filter(None, owns.split(','))))
    return modules


def owner_of(header, modules):
    for name, (_, owns) in modules.items():
        for prefix in owns:
            if header == prefix or (prefix.endswith('/') and header.startswith(prefix)):
                return name
    return None


def sources(folder):
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(('.c', '.h', '.list')):
                yield os.path.join(here, name)


def includes(path):
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1), match.group(2)


def check_quoted(root, module, header, modules):
    target = header.split('/')[0]
    if target == 'nezuban':
        return None if os.path.exists(os.path.join(root, 'include', header)) else f'"{header}" does not exist'
    if '/' not in header or target not in modules:
        return f'"{header}" is not written as "module/noun.h"'
    if target != module and target not in modules[module][0]:
        return f'{module} may not include {target}'
    if not os.path.exists(os.path.join(root, 'src', header)):
        return f'"{header}" does not exist'
    return None


def check_angled(module, header, modules):
    owner = owner_of(header, modules)
    if owner == module:
        return None
    if owner:
        return f'<{header}> belongs to {owner} alone'
    if is_system(header):
        return None
    return f'<{header}> belongs to no module: name its owner in the map of src/meson.build'


def check_module(root, module, modules):
    for path in sources(os.path.join(root, 'src', module)):
        for line, quoted, angled in includes(path):
            fault = (check_quoted(root, module, quoted, modules) if quoted else check_angled(module, angled, modules))
            if fault:
                yield f'{os.path.relpath(path, root)}:{line}: {fault}'


def check_public(root):
    for path in sources(os.path.join(root, 'include')):
        for line, quoted, angled in includes(path):
            if quoted and not quoted.startswith('nezuban/'):
                yield f'{os.path.relpath(path, root)}:{line}: a public header may not include "{quoted}"'
            if angled and angled.removesuffix('.h') not in C_STANDARD and not angled.startswith('nezuban/'):
                yield f'{os.path.relpath(path, root)}:{line}: a public header may not include <{angled}>'


def check_map(root, modules):
    """The folders are the map's rows, and a row names only rows above it."""
    above = set()
    for name, (may, _) in modules.items():
        for below in sorted(may - above):
            yield f'src/meson.build: {name} may include {below}, which does not stand above it'
        above.add(name)
    for name in sorted(os.listdir(os.path.join(root, 'src'))):
        if os.path.isdir(os.path.join(root, 'src', name)) and name not in modules:
            yield f'src/{name}: the map of src/meson.build does not know this module'


def check(root, modules):
    faults = list(check_map(root, modules)) + list(check_public(root))
    for module in modules:
        faults += check_module(root, module, modules)
    return faults


def self_test():
    """Each way to break a rule is found, and a tree that breaks none passes."""
    modules = parse_map(['low::lib.h,lib/', 'high:low:'])
    good = {'src/low/a.h': '#include <stdio.h>\n', 'src/low/a.c': '#include "low/a.h"\n#include <lib/x.h>\n',
            'src/high/b.c': '#include "low/a.h"\n#include "nezuban/n.h"\n', 'include/nezuban/n.h': '#include <stddef.h>\n'}
    bad = [('src/low/a.c', '#include "high/b.h"', 'low may not include high'),
           ('src/high/b.c', '  #  include <lib.h>', '<lib.h> belongs to low alone'),
           ('src/high/b.c', '#include <lib/deep/y.h>', '<lib/deep/y.h> belongs to low alone'),
           ('src/high/b.c', '#include <curl/curl.h>', 'belongs to no module'),
           ('src/high/b.c', '#include "b.h"', 'is not written as'),
           ('src/high/b.c', '#include "low/gone.h"', 'does not exist'),
           ('src/high/b.c', '#include "nezuban/gone.h"', 'does not exist'),
           ('include/nezuban/n.h', '#include "low/a.h"', 'a public header may not include'),
           ('include/nezuban/n.h', '#include <unistd.h>', 'a public header may not include'),
           ('src/other/c.c', '', 'does not know this module')]
    tried = [(good, None)]
    for path, line, expected in bad:
        tried.append(({**good, path: good.get(path, '') + line + '\n'}, expected))
    for tree, expected in tried:
        with tempfile.TemporaryDirectory() as root:
            for path, text in tree.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), 'w', encoding='utf-8') as file:
                    file.write(text)
            faults = check(root, modules)
        if expected is None and faults or expected and not (len(faults) == 1 and expected in faults[0]):
            return [f'expected {expected!r}, found {faults}']
    if not list(check_map_order()):
        return ['a row that names one below it was not found']
    return []


def check_map_order():
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, 'src'))
        return list(check_map(root, parse_map(['low:high:', 'high::'])))


def main():
    if sys.argv[1:] == ['--self-test']:
        faults = self_test()
    else:
        faults = check(sys.argv[1], parse_map(sys.argv[2:]))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
