#!/usr/bin/env python3
"""Man pages and completion tell of every command, option, choice and key that the program has.

usage: pages.py NEZUBAN SOURCE_ROOT

All are made from one table; what could go wrong is the making, so the pages are read back with the tools that people
use: bash for its completion script, groff for the pages where it is there.
"""

import os
import re
import shutil
import subprocess
import sys

OPTION = re.compile(r'^  (?:-(\w), )?--([a-z][a-z-]*)', re.M)
CHOICES = re.compile(r'one of ([a-z]+(?:, [a-z]+)*)')
WHAT_IT_IS = re.compile(r' \((?!default)[^()]*\)')  # behind a choice


class Pages:
    def __init__(self, program, root):
        self.program, self.faults, self.count = program, [], 0
        with open(os.path.join(root, 'src/cli/commands.list'), encoding='utf-8') as file:
            self.commands = [m.replace('_', ' ', 1).replace('_', '-').split() for m in re.findall(r'NZ_COMMAND\((\w+)\)', file.read())]
        with open(os.path.join(root, 'src/cli/keys.list'), encoding='utf-8') as file:
            self.keys = re.findall(r'\.name = "([^"]+)"', file.read())

    def help(self, *args):
        done = subprocess.run([self.program, '--lang', 'en', 'help', *args], capture_output=True, check=True, timeout=60,
                              env={**os.environ, 'XDG_CONFIG_HOME': '/nonexistent'})
        return done.stdout.decode()

    def check(self, name, right):
        self.count += 1
        if not right:
            self.faults.append(name)


def check_man(p):
    overview = p.help('--format', 'man')
    for words in p.commands:
        text, page = p.help(*words), p.help('--format', 'man', *words)
        name = ' '.join(words)
        p.check(f'{name}: in nezuban(1)', '\\fB' + name.replace('-', '\\-') + '\\fR' in overview)
        p.check(f'{name}: page has its name', '.TH "nezuban\\-' + '-'.join(words).replace('-', '\\-') + '" 1' in page)
        p.check(f'{name}: has a description, examples and statuses',
                all('.SH ' + h in page for h in ('DESCRIPTION', 'EXAMPLES', 'EXIT STATUS')))
        for letter, option in OPTION.findall(text):
            tag = ('\\-' + letter + ', ' if letter else '') + '\\-\\-' + option.replace('-', '\\-')
            p.check(f'{name}: --{option} in the man page', '\\fB' + tag in page)
        p.check(f'{name}: options found at all', len(OPTION.findall(text)) >= 7)
    conf = p.help('--format', 'man', 'config')
    for key in p.keys:
        p.check(f'{key} in nezuban.conf(5)', '\\fB' + key in conf)
        p.check(f'{key}: its variable in nezuban.conf(5)', 'NEZUBAN_' + key.upper().replace('.', '_') in conf)
    p.check('keys found at all', len(p.keys) >= 8)


def check_roff(p):
    groff = shutil.which('groff')
    if not groff:
        print('groff is not here: the pages are not formatted')
        return
    for words in [[], ['config'], *p.commands]:
        page = p.help('--format', 'man', *words)
        done = subprocess.run([groff, '-k', '-man', '-Tutf8', '-ww', '-rLL=78n'], input=page.encode(), capture_output=True,
                              timeout=60)
        p.check(f'{words}: groff warns: {done.stderr.decode()[:200]}', done.returncode == 0 and not done.stderr)


def completions(script, *words):
    """What bash would offer for the last of these words."""
    program = script + '\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nezuban; printf "%s\\n" "${COMPREPLY[@]}"\n'
    done = subprocess.run(['bash', '-c', program, 'bash', 'nezuban', *words], capture_output=True, check=True, timeout=60)
    return done.stdout.decode().split(), done.stderr.decode()


def check_bash(p):
    script = p.help('--format', 'bash')
    first = {words[0] for words in p.commands}
    offered, errors = completions(script, '')
    p.check(f'bash offers the commands: {offered} {errors}', first <= set(offered) and not errors)
    for words in p.commands:
        text, name = p.help(*words), ' '.join(words)
        if len(words) == 2:
            p.check(f'bash offers {name}', words[1] in completions(script, words[0], '')[0])
        offered = completions(script, *words, '--')[0]
        options = {'--' + option for _, option in OPTION.findall(text)}
        p.check(f'bash offers the options of {name}: {sorted(options ^ set(offered))}', options == set(offered))
    p.check('bash offers choices', completions(script, 'help', '--lang', '')[0] == ['auto', 'en', 'ja'])
    p.check('bash sees a command after options', '--format' in completions(script, '--lang', 'ja', 'help', '--')[0])


def check_other_shells(p):
    zsh, fish = p.help('--format', 'zsh'), p.help('--format', 'fish')
    for words in p.commands:
        text, name = p.help(*words), ' '.join(words)
        part = zsh.split(f"    '{name}')\n", 1)[-1].split(' ;;\n', 1)[0]
        condition = '; and '.join(f'__fish_seen_subcommand_from {word}' for word in words)
        lines = [line for line in fish.splitlines() if f"-n '{condition}'" in line or ' -n ' not in line]
        for letter, option in OPTION.findall(text):
            p.check(f'zsh: {name} --{option}', re.search(rf"'\*?--{option}[=\[]", part))
            p.check(f'fish: {name} --{option}', any(f' -l {option} ' in line for line in lines))
            if letter:
                p.check(f'zsh: {name} -{letter}', re.search(rf"'\*?-{letter}[+\[]", part))
                p.check(f'fish: {name} -{letter}', any(f' -s {letter} ' in line for line in lines))
        for choices in CHOICES.findall(WHAT_IT_IS.sub('', re.sub(r'\s+', ' ', text))):
            p.check(f'zsh and fish: {choices}', '(' + choices.replace(',', '') + ')' in part and
                    "'" + choices.replace(',', '') + "'" in fish)
    for shell, script in (('zsh', zsh), ('fish', fish)):
        if shutil.which(shell):
            done = subprocess.run([shell, '-n'], input=script.encode(), capture_output=True, timeout=60)
            p.check(f'{shell} reads its script: {done.stderr.decode()[:200]}', done.returncode == 0)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    p = Pages(os.path.abspath(sys.argv[1]), sys.argv[2])
    for part in (check_man, check_roff, check_bash, check_other_shells):
        part(p)
    for fault in p.faults:
        print('FAILED: ' + fault)
    print(f'{p.count - len(p.faults)} of {p.count} right')
    sys.exit(1 if p.faults or not p.commands else 0)


if __name__ == '__main__':
    main()
