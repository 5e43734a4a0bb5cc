#!/usr/bin/env python3
"""The page of each check agrees with the check, and its Japanese page with it.

usage: checks.py SOURCE_ROOT
       checks.py --self-test

A page begins with the check's id and title, in Japanese with the title's translation, and states its severity. Both pages name the
same ids of other lists and show the same commands. Both lists of the pages name every check. The sets of benchmarks have the
checks whose pages say so.
"""
import os
import re
import sys
import tempfile

LITERALS = re.compile(r'"((?:[^"\\]|\\.)*)"')
TITLE = re.compile(r'\.title =\s*N_\(((?:\s*"(?:[^"\\]|\\.)*")+)\)')


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return file.read()


def joined(literals):
    return ''.join(LITERALS.findall(literals)).replace('\\"', '"')


def translations(po):
    found = {}
    for entry in re.split(r'\n\s*\n', po):
        texts = re.search(r'^msgid ((?:"(?:[^"\\]|\\.)*"\n)+)msgstr ((?:"(?:[^"\\]|\\.)*"(?:\n|$))+)', entry, re.M)
        if texts:
            found[joined(texts.group(1))] = joined(texts.group(2))
    return found


def parts(page):
    """First line, severity, the other rows of the table, the commands."""
    rows = re.findall(r'^\| ([^|]+) \| ([^|]*) \|$', page, re.M)
    rows = [value for name, value in rows if name.strip('- ')]
    code = re.findall(r'^```.*?^```', page, re.M | re.S)
    ids = [[] if value in ('none', 'なし') else re.findall(r'[\w.:-]+', value.replace('手動', 'manual').replace('日', 'days'))
           for value in rows[2:]]
    return page.split('\n', 1)[0], re.search(r'\w+', rows[0].split('`')[-2] if '`' in rows[0] else rows[0]).group(0), ids, code


def check_faults(root, name, po):
    source = read(root, 'src/audit/checks', name + '.c')
    id_ = re.search(r'\.id = "([^"]+)"', source).group(1)
    title, severity = joined(TITLE.search(source).group(1)), re.search(r'NZ_SEVERITY_(\w+)', source).group(1).lower()
    english = parts(read(root, 'docs/checks', id_ + '.md'))
    japanese = parts(read(root, 'docs/ja/checks', id_ + '.md'))
    for page, first in ((english, f'# {id_}: {title}'), (japanese, f'# {id_}: {po.get(title)}')):
        if page[0] != first:
            yield f'{id_}: the page begins {page[0]!r}, the check {first!r}'
        if page[1] != severity:
            yield f'{id_}: the page says {page[1]}, the check {severity}'
    for what, en, ja in zip(('table', 'commands'), english[2:], japanese[2:]):
        if en != ja:
            yield f'{id_}: the {what} of the two pages differ: {en} {ja}'
    for index in ('docs/checks/README.md', 'docs/ja/checks/README.md'):
        if f'({id_}.md)' not in read(root, index):
            yield f'{id_}: not in {index}'


def sets_faults(root):
    """The sets of benchmarks take in the checks whose pages name a number of theirs, and no other."""
    for name, row in (('cis', 0), ('fsbp', 1)):
        found = re.search(rf'^NZ_CHECK_SET\({name}, .*, "([^"]*)"\)$', read(root, 'src/audit/check_sets.list'), re.M)
        listed = set(found.group(1).split()) if found else set()
        pages = {page[:-3] for page in os.listdir(os.path.join(root, 'docs/checks'))
                 if page.endswith('.md') and page != 'README.md' and parts(read(root, 'docs/checks', page))[2][row]}
        for id_ in sorted(listed ^ pages):
            yield f'{id_}: the set {name} {"has it" if id_ in listed else "lacks it"}, its page {"has" if id_ in pages else "has not"} a number'


def check(root):
    names = re.findall(r'^NZ_CHECK\((\w+)\)', read(root, 'src/audit/checks.list'), re.M)
    po = translations(read(root, 'po/ja.po'))
    return len(names), [fault for name in names for fault in check_faults(root, name, po)] + list(sets_faults(root))


def self_test():
    source = '.about = {.id = "a-b", .severity = NZ_SEVERITY_LOW, .title = N_("All is "\n "well")},\n'
    po = 'msgid "All is well"\nmsgstr ""\n"良"\n"い"\n'
    page = '# a-b: All is well\n\n| | |\n| --- | --- |\n| Severity | low |\n| Part | x |\n| CIS | 1.2 |\n| FSBP | none |\n\n```sh\naws x\n```\n'
    ja = '# a-b: 良い\n\n| | |\n| --- | --- |\n| 重大度 | 低 (`low`) |\n| 分野 | y |\n| CIS | 1.2 |\n| FSBP | なし |\n\n```sh\naws x\n```\n'
    tried = [(page, ja, 0), (page.replace('All', 'Al'), ja, 1), (page.replace('low', 'high'), ja, 1), (page, ja.replace('良い', '良'), 1),
             (page, ja.replace('1.2', '1.3'), 1), (page, ja.replace('aws x', 'aws y'), 1)]
    sets = 'NZ_CHECK_SET(cis, N_("c"), "a-b")\nNZ_CHECK_SET(fsbp, N_("f"), "")\n'
    tried = [(*pages, sets) for pages in tried] + [(page, ja, 1, sets.replace('"a-b"', '""')), (page, ja, 1, sets.replace('""', '"a-b"'))]
    for english, japanese, expected, listed in tried:
        with tempfile.TemporaryDirectory() as root:
            for path, text in (('src/audit/checks/a_b.c', source), ('src/audit/checks.list', 'NZ_CHECK(a_b)\n'),
                               ('src/audit/check_sets.list', listed), ('po/ja.po', po),
                               ('docs/checks/a-b.md', english), ('docs/ja/checks/a-b.md', japanese),
                               ('docs/checks/README.md', '[a](a-b.md)'), ('docs/ja/checks/README.md', '[a](a-b.md)')):
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), 'w', encoding='utf-8') as file:
                    file.write(text)
            count, faults = check(root)
        if count != 1 or len(faults) != expected:
            return [f'{count} checks, {faults}, where {expected} were to be found']
    return []


def main():
    if sys.argv[1] == '--self-test':
        faults = self_test()
    else:
        count, faults = check(sys.argv[1])
        print(f'{count} checks')
        if not count:
            faults = ['no checks found']
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
