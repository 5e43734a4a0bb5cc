#!/usr/bin/env python3
"""The README in Japanese says what the English one says: the same headings, commands and documents, in the same order.

usage: readmes.py SOURCE_ROOT
       readmes.py --self-test
"""
import os
import re
import sys


def outline(text):
    """What both must share, in order: depth of each heading, commands without their comments, paths, links."""
    found, fenced = [], False
    for line in text.splitlines():
        if line.startswith('```'):
            fenced = not fenced
        elif fenced:
            found.append('command ' + line.split('  #')[0].rstrip())
        elif line.startswith('#'):
            found.append('heading of depth ' + str(len(line) - len(line.lstrip('#'))))
    return found, re.findall(r'`([^`]+)`', re.sub(r'```.*?```', '', text, flags=re.DOTALL))


def check(english, japanese):
    (lines_en, words_en), (lines_ja, words_ja) = outline(english), outline(japanese)
    faults = [f'README.md has "{a}" where README.ja.md has "{b}"' for a, b in zip(lines_en, lines_ja) if a != b]
    if len(lines_en) != len(lines_ja):
        faults.append(f'{len(lines_en)} headings and commands in README.md, {len(lines_ja)} in README.ja.md')
    for word in sorted(set(words_en) ^ set(words_ja)):
        faults.append(f'`{word}` stands in only one of README.md and README.ja.md')
    return faults


def self_test():
    english = '# A\n```sh\nmake x   # say so\n```\nsee `a` and `b`\n## B\n'
    tried = [('# あ\n```sh\nmake x   # と言う\n```\n`b` と `a`\n## い\n', 0), (english.replace('make x', 'make y'), 1),
             (english.replace('## B', '### B'), 1), (english.replace('`b`', 'b'), 1), (english + '## C\n', 1)]
    return [f'{text!r}: {check(english, text)}' for text, expected in tried if len(check(english, text)) != expected]


def main():
    if sys.argv[1] == '--self-test':
        faults = self_test()
    else:
        texts = []
        for name in ('README.md', 'README.ja.md'):
            with open(os.path.join(sys.argv[1], name), encoding='utf-8') as file:
                texts.append(file.read())
        faults = check(*texts)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
