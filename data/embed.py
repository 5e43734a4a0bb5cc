#!/usr/bin/env python3
"""Writes the action catalogue as a C text: embed.py OUT.c FILE. It is ASCII with tabs and line feeds."""
import sys


def main(out_path, path):
    with open(path, encoding='ascii') as file:
        text = file.read()
    escaped = text.replace('\\', '\\\\').replace('"', '\\"').replace('?', '\\?').replace('\t', '\\t')
    with open(out_path, 'w', encoding='ascii') as out:
        out.write('/* Made by data/embed.py from data/iam-actions.txt; not to be edited. */\n'
                  '#include "policy/catalogue_table.h"\n\nconst char nz_catalogue_text[] =\n')
        out.writelines(f'    "{line}\\n"\n' for line in escaped.splitlines())
        out.write(f'    ;\nconst size_t nz_catalogue_text_bytes = {len(text)};\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
