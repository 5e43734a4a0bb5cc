#!/usr/bin/env python3
"""Writes the pages on the checks as a C table: embed.py OUT.c DOCS_FOLDER ID...

A page is DOCS_FOLDER/checks/ID.md in English and DOCS_FOLDER/ja/checks/ID.md in Japanese.
"""
import os
import sys


def c_string(text):
    lines = text.splitlines(keepends=True) or ['']
    escaped = (line.replace('\\', '\\\\').replace('"', '\\"').replace('\r', '\\r').replace('\n', '\\n').replace('\t', '\\t')
               .replace('?', '\\?') for line in lines)
    return '\n     '.join('"%s"' % line for line in escaped)


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def main(out_path, docs, *ids):
    with open(out_path, 'w', encoding='utf-8') as out:
        out.write('/* Made by docs/checks/embed.py; not to be edited. */\n')
        out.write('#include "cli/explain_page.h"\n\nconst struct nz_explain_page nz_explain_pages[] = {\n')
        for name in ids:
            out.write('    {"%s",\n     %s,\n     %s},\n' % (
                name, c_string(read(os.path.join(docs, 'checks', name + '.md'))),
                c_string(read(os.path.join(docs, 'ja', 'checks', name + '.md')))))
        out.write('    {0},\n};\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
