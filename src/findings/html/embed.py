#!/usr/bin/env python3
"""Writes the style and the script of HTML reports as C texts with their hashes: embed.py OUT.c STYLE.css SCRIPT.js

A page names the hashes in its Content-Security-Policy, so that a browser runs these bytes and no others.
"""
import base64
import hashlib
import sys


def c_text(text):
    lines = text.splitlines(keepends=True)
    return '\n    '.join('"%s"' % line.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n').replace('?', '\\?')
                         for line in lines)


def main(out_path, style_path, script_path):
    with open(out_path, 'w', encoding='utf-8') as out:
        out.write('/* Made by src/findings/html/embed.py; not to be edited. */\n#include "findings/html_assets.h"\n')
        for name, path in (('style', style_path), ('script', script_path)):
            with open(path, encoding='utf-8') as file:
                text = file.read()
            if '</' + name in text.lower():
                sys.exit(f'{path}: would end its own element')
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            out.write(f'\nconst char nz_html_{name}[] =\n    {c_text(text)};\n'
                      f'const char nz_html_{name}_hash[] = "sha256-{digest}";\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
