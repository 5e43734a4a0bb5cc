#!/usr/bin/env python3
"""Every bound that a header states as NZ_..._MAX stands in docs/limits.md with the same value, and no other does.

usage: limits.py SOURCE_ROOT
       limits.py --self-test

A row of the document begins: | `NZ_NAME` | VALUE | where VALUE is a number (1,000), or one with KiB, MiB or GiB.
"""
import os
import re
import sys
import tempfile

DEFINE = re.compile(r'^#define (NZ_\w+_(?:MAX|IDS|LIMIT))\s+(.+?)(?:/\*.*)?$', re.MULTILINE)
ROW = re.compile(r'^\| `(NZ_\w+)` \| ([\d,]+)(?: (KiB|MiB|GiB))? \|', re.MULTILINE)
UNITS = {'': 1, 'KiB': 1 << 10, 'MiB': 1 << 20, 'GiB': 1 << 30}
NUMERIC = re.compile(r'^[\d\s()+\-*/<]+$')


def value_of(expression):
    """The value of a constant expression of integers; None for anything else."""
    plain = re.sub(r'\((?:size_t|u?int\d+_t)\)', '', expression)
    plain = re.sub(r'(?<=\d)(?:[uU]?[lL]{0,2})\b', '', plain).strip()
    if not NUMERIC.match(plain):
        return None
    return int(eval(plain, {'__builtins__': {}}))  # digits and operators only, see NUMERIC


def defined(root):
    found = {}
    for here, folders, names in os.walk(os.path.join(root, 'src')):
        folders.sort()
        for name in sorted(names):
            if name.endswith('.h'):
                with open(os.path.join(here, name), encoding='utf-8') as file:
                    for match in DEFINE.finditer(file.read()):
                        found[match.group(1)] = match.group(2).strip()
    return {name: value_of(found.get(text, text)) for name, text in found.items()}


def documented(text):
    return {name: int(number.replace(',', '')) * UNITS[unit] for name, number, unit in ROW.findall(text)}


def check(root):
    code = defined(root)
    with open(os.path.join(root, 'docs/limits.md'), encoding='utf-8') as file:
        rows = documented(file.read())
    faults = [f'{name} ({value}) has no row in docs/limits.md' for name, value in code.items() if name not in rows]
    faults += [f'docs/limits.md: {name} is in no header' for name in rows if name not in code]
    faults += [f'docs/limits.md says {rows[name]} for {name}, the header {value}' for name, value in code.items()
               if name in rows and rows[name] != value]
    return len(code), faults


def self_test():
    header = ('#define NZ_A_MAX 128u\n#define NZ_B_MAX ((size_t)2 << 20) /* two */\n#define NZ_C_IDS ((size_t)1000)\n'
              '#define NZ_D_MAX 1000000ull\n')
    good = '| `NZ_A_MAX` | 128 | x |\n| `NZ_B_MAX` | 2 MiB | x |\n| `NZ_C_IDS` | 1,000 | x |\n| `NZ_D_MAX` | 1,000,000 | x |\n'
    tried = [(good, 0), (good.replace('128', '129'), 1), (good.replace('| `NZ_A_MAX`', '| NZ_A_MAX'), 1),
             (good + '| `NZ_E_MAX` | 1 | x |\n', 1), (good.replace('MiB', 'KiB'), 1)]
    for text, expected in tried:
        with tempfile.TemporaryDirectory() as root:
            for path, content in (('src/core/a.h', header), ('docs/limits.md', text)):
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), 'w', encoding='utf-8') as file:
                    file.write(content)
            count, faults = check(root)
        if len(faults) != expected or count != 4:
            return [f'{text}: {count} limits, {faults}']
    return []


def main():
    if sys.argv[1] == '--self-test':
        faults = self_test()
    else:
        count, faults = check(sys.argv[1])
        print(f'{count} limits')
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
