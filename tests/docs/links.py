#!/usr/bin/env python3
"""What the documents name exists: links, and paths between backticks.

usage: links.py SOURCE_ROOT
       links.py --self-test

A path is what begins with a folder of the project (`src/...`, `docs/...`) or is a file at its top (`LICENSE`); places to be
filled in (`<name>`, `...`, capitals as in `rules/FILE`) and what a build makes are none.
"""
import os
import re
import sys
import tempfile

LINK = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)')
QUOTED = re.compile(r'`([^`\s]+)')
FOLDERS = ('src/', 'include/', 'tests/', 'docs/', 'scripts/', 'fuzz/', 'bench/', 'rules/', 'examples/', 'po/', '.ci/')
TOP = re.compile(r'^[A-Z][A-Za-z.]+\.md$|^LICENSE$|^meson\.build$|^meson_options\.txt$')
TO_FILL_IN = re.compile(r'[<>*…$]|\.\.\.|/[A-Z]+$')


def documents(root):
    for here, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in ('.git', 'build') and not f.startswith('build-'))
        for name in sorted(names):
            if name.endswith('.md'):
                yield os.path.relpath(os.path.join(here, name), root)


def targets(root, path, line):
    here = os.path.dirname(os.path.join(root, path))
    for link in LINK.findall(line):
        if '://' not in link and not link.startswith(('#', 'mailto:')):
            yield link, [os.path.join(here, link.split('#')[0])]
    for quoted in QUOTED.findall(line):
        if not TO_FILL_IN.search(quoted) and (quoted.startswith(FOLDERS) or TOP.match(quoted)):
            yield quoted, [os.path.join(root, quoted), os.path.join(here, quoted)]


def check(root):
    faults, count = [], 0
    for path in documents(root):
        fenced = False
        with open(os.path.join(root, path), encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                if line.startswith('```'):
                    fenced = not fenced
                for name, places in [] if fenced else targets(root, path, line):
                    count += 1
                    if not any(os.path.exists(place) for place in places):
                        faults.append(f'{path}:{number}: {name} does not exist')
    return count, faults


def self_test():
    text = ('[a](docs/a.md) `docs/a.md` `LICENSE` `docs/<name>.md` `rules/FILE` [w](https://example.com/x) `a/b`\n'
            '```\n`docs/no.md`\n```\n[b](gone.md)\n`src/gone.c`\n`GONE.md`\n')
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, 'docs'))
        for name, content in (('README.md', text), ('docs/a.md', '[up](../README.md)\n'), ('LICENSE', '')):
            with open(os.path.join(root, name), 'w', encoding='utf-8') as file:
                file.write(content)
        count, faults = check(root)
    expected = [f'README.md:{n}: {name} does not exist' for n, name in ((5, 'gone.md'), (6, 'src/gone.c'), (7, 'GONE.md'))]
    return [] if faults == expected and count == 7 else [f'{count} names, {faults}']


def main():
    if sys.argv[1] == '--self-test':
        faults = self_test()
    else:
        count, faults = check(sys.argv[1])
        print(f'{count} names')
        if count == 0:
            faults = ['no names found']
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
