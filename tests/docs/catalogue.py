#!/usr/bin/env python3
"""Every text of the program has its translation: none missing, none fuzzy, none that the program no longer has.

usage: catalogue.py XGETTEXT SOURCE_ROOT
       catalogue.py XGETTEXT --self-test

The texts are extracted anew, so a catalogue that was not brought up to date fails too.
"""

import os
import re
import subprocess
import sys
import tempfile

MARKED = re.compile(r'(?<![A-Za-z0-9_])(?:N?_|ngettext)\(\s*"')
CHECKS = 'src/audit/checks/'  # src/audit/checks.list names them for the translators too
COMMENT = re.compile(r'/\*.*?\*/', re.S)
KEYWORDS = ['--keyword=_', '--keyword=N_', '--keyword=ngettext:1,2']
ESCAPES = {'n': '\n', 't': '\t', '"': '"', '\\': '\\'}


def unquote(line):
    return re.sub(r'\\(.)', lambda m: ESCAPES.get(m.group(1), m.group(0)), line[line.index('"') + 1:line.rindex('"')])


def entries(text):
    """(flags, {field: text}) of each entry of a .po file; obsolete ones have the flag '~'."""
    for block in re.split(r'\n\s*\n', text):
        flags, fields, last = set(), {}, None
        for line in block.splitlines():
            if line.startswith('#~'):
                flags.add('~')
            elif line.startswith('#,'):
                flags.update(flag.strip() for flag in line[2:].split(','))
            elif line.startswith('"'):
                fields[last] += unquote(line)
            elif not line.startswith('#') and line.strip():
                last = line.split(None, 1)[0]
                fields[last] = unquote(line)
        if fields or '~' in flags:
            yield flags, fields


def extract(xgettext, root, files):
    done = subprocess.run([xgettext, '--language=C', '--from-code=UTF-8', '--no-wrap', '--output=-', *KEYWORDS, *files],
                          cwd=root, capture_output=True, text=True, encoding='utf-8', check=True)
    return {fields['msgid'] for _, fields in entries(done.stdout) if fields.get('msgid')}


def marked_files(root):
    for here, _, names in os.walk(os.path.join(root, 'src')):
        for name in names:
            path = os.path.join(here, name)
            if name.endswith(('.c', '.h', '.list')):
                with open(path, encoding='utf-8') as file:
                    if MARKED.search(COMMENT.sub('', file.read())):
                        yield os.path.relpath(path, root)


def read_list(root, name):
    with open(os.path.join(root, 'po', name), encoding='utf-8') as file:
        return [line.strip() for line in file if line.strip() and not line.startswith('#')]


def placeholders(text):
    """The conversions in the order of the arguments: "%2$s of %1$d" and "%d of %s" are the same."""
    found = re.findall(r'%(?:(\d+)\$)?([-0-9.*]*(?:<\w+>|[a-z]+))', text.replace('%%', ''))
    return [kind for _, kind in sorted((int(place or number), kind) for number, (place, kind) in enumerate(found, 1))]


def check_catalogue(language, text, wanted):
    found = {}
    for flags, fields in entries(text):
        msgid = fields.get('msgid', '')
        if '~' in flags:
            yield f'po/{language}.po: an entry that is commented out'
            continue
        if not msgid:
            continue
        texts = [value for field, value in fields.items() if field.startswith('msgstr')]
        found[msgid] = texts
        if 'fuzzy' in flags:
            yield f'po/{language}.po: fuzzy: {msgid!r}'
        if not all(texts):
            yield f'po/{language}.po: not translated: {msgid!r}'
        for value in texts:
            if value and 'c-format' in flags and placeholders(value) != placeholders(fields.get('msgid_plural', msgid)):
                yield f'po/{language}.po: other placeholders than the text: {msgid!r}'
            if value and (msgid.endswith('\n') != value.endswith('\n')):
                yield f'po/{language}.po: one ends with a line end, the other does not: {msgid!r}'
    for msgid in sorted(wanted - found.keys()):
        yield f'po/{language}.po: missing: {msgid!r}'
    for msgid in sorted(found.keys() - wanted):
        yield f'po/{language}.po: not in the program any more: {msgid!r}'


def check(xgettext, root):
    files = read_list(root, 'POTFILES.in')
    marked = set(marked_files(root))
    files += sorted(path for path in marked if path.startswith(CHECKS))
    faults = [f'po/POTFILES.in: lacks {path}' for path in sorted(marked - set(files))]
    faults += [f'po/POTFILES.in: {path} has no text to translate' for path in sorted(set(files) - marked)]
    wanted = extract(xgettext, root, [path for path in files if path in marked])
    for language in read_list(root, 'LINGUAS'):
        with open(os.path.join(root, 'po', language + '.po'), encoding='utf-8') as file:
            faults += check_catalogue(language, file.read(), wanted)
    return len(wanted), faults


def self_test(xgettext):
    if placeholders('%2$s of %1$.1f') != placeholders('%.1f of %s') or placeholders('%d %s') == placeholders('%s %d'):
        sys.exit('self-test failed: placeholders')
    source = 'char *a = _("one");\nchar *b = N_("two\\n"\n"lines");\nint c = x(ngettext("%d x", "%d xs", 2), _("four"));\n'
    po = ('msgid ""\nmsgstr ""\n\n#, fuzzy\nmsgid "one"\nmsgstr "1"\n\nmsgid "two\\n"\n"lines"\nmsgstr ""\n\n'
          '#, c-format\nmsgid "%d x"\nmsgid_plural "%d xs"\nmsgstr[0] "%s"\n\nmsgid "old"\nmsgstr "x"\n\n'
          '#~ msgid "older"\n#~ msgstr "x"\n')
    with tempfile.TemporaryDirectory() as root:
        for name, text in (('src/a.c', source), ('src/b.h', '#define T N_("b")\n'), ('src/c.h', '/* N_("c") */\n'), ('po/POTFILES.in', 'src/a.c\n'),
                           ('po/LINGUAS', 'xx\n'), ('po/xx.po', po)):
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), 'w', encoding='utf-8') as file:
                file.write(text)
        count, faults = check(xgettext, root)
    wanted = ('lacks src/b.h', "fuzzy: 'one'", "not translated: 'two", 'other placeholders', "missing: 'four'",
              "not in the program any more: 'old'", 'commented out')
    wrong = [text for text in wanted if sum(text in fault for fault in faults) != 1]
    if wrong or len(faults) != len(wanted) or count != 4:
        print('self-test failed:', wrong, faults, count)
        sys.exit(1)
    print(f'{len(wanted)} kinds of fault found')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[2] == '--self-test':
        return self_test(sys.argv[1])
    count, faults = check(sys.argv[1], sys.argv[2])
    for fault in faults:
        print(fault)
    print(f'{count} texts, {len(faults)} faults')
    sys.exit(1 if faults or not count else 0)


if __name__ == '__main__':
    main()
