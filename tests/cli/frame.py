#!/usr/bin/env python3
"""What every command shares, tried on the built program: help, unknown names, configuration, language, colours, output.

usage: frame.py NEZUBAN
"""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile

ESCAPE = '\033['
JAPANESE = re.compile('[\u3040-\u30ff\u4e00-\u9fff]')


class Frame:
    def __init__(self, program, home):
        self.program, self.home, self.faults, self.count = program, home, [], 0

    def environment(self, **extra):
        """Nothing of the caller's: no locale, no configuration, no colours."""
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
        return {**keep, 'HOME': self.home, 'LC_ALL': 'C.UTF-8', 'TERM': 'xterm', **extra}

    def run(self, *args, **extra):
        done = subprocess.run([self.program, *args], env=self.environment(**extra), capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def on_terminal(self, *args, columns=80, **extra):
        """Exit status and what a terminal would have got from both outputs."""
        child, fd = pty.fork()
        if child == 0:
            os.execve(self.program, [self.program, *args], self.environment(COLUMNS=str(columns), **extra))
        got = b''
        while select.select([fd], [], [], 30)[0]:
            try:
                part = os.read(fd, 65536)
            except OSError:  # Linux gives EIO when the other side is closed
                break
            if not part:
                break
            got += part
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), got.decode()

    def check(self, name, right, shown=''):
        self.count += 1
        if not right:
            self.faults.append(name + (': ' + repr(shown) if shown else ''))

    def file(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path


def check_help(f):
    status, out, err = f.run('--help')
    f.check('--help succeeds on standard output', status == 0 and 'EXIT STATUS' in out and err == '', (status, err))
    status, out, err = f.run()
    f.check('no command: overview on standard error, 2', status == 2 and out == '' and 'COMMANDS' in err, (status, out))
    status, out, err = f.run('help', '--help')
    f.check('help of a command has examples', status == 0 and 'EXAMPLES' in out and 'nezuban help config' in out, out)
    f.check('help names the default', '(default: text)' in out, out)
    same = f.run('help', 'help')[1]
    f.check('help COMMAND is COMMAND --help', same == out, same)
    f.check('no line is longer than 80', all(len(line) <= 80 for line in out.splitlines() if '>' not in line), out)
    status, out, err = f.run('help', 'config')
    f.check('help config', status == 0 and 'detect.min_level' in out and 'NEZUBAN_DETECT_MIN_LEVEL' in out, out)
    status, out, err = f.run('--version')
    f.check('--version', status == 0 and re.match(r'nezuban \d+\.\d+\.\d+\n', out), out)
    f.check('--version names the libraries', all(re.search('^' + n + r' \d', out, re.M)
                                                 for n in ('isa-l', 'libdeflate', 'libyaml', 'pcre2')), out)
    f.check('--version tells the action catalogue and its date',
            re.search(r'^iam-data \d+\.\d+\.\d+ \(20\d\d-\d\d-\d\d\)$', out, re.M), out)
    f.check('--version after a command', f.run('help', '--version')[1] == out)


def check_wrong_use(f):
    for args, want in ((('--lagn', 'ja'), "there is no option '--lagn'; did you mean '--lang'?"),
                       (('--lagn=ja',), "there is no option '--lagn'; did you mean '--lang'?"),
                       (('help', '--fromat', 'man'), "there is no option '--fromat'; did you mean '--format'?"),
                       (('--xyzzy-plugh',), "there is no option '--xyzzy-plugh'\n"),
                       (('-Z',), "there is no option '-Z'"),
                       (('--co', 'x'), "option '--co' is short for more than one option"),
                       (('--lang',), "option '--lang' needs a value (LANG)"),
                       (('--quiet=yes', 'help'), "option '--quiet' takes no value"),
                       (('--color', 'nevre', 'help'), "--color: 'nevre' is none of auto, always, never; did you mean 'never'?"),
                       (('-j', 'two', 'help'), "--jobs: 'two' is not a number"),
                       (('-j', '257', 'help'), "--jobs: '257' is not between 0 and 256"),
                       (('-j', '-1', 'help'), "--jobs: '-1' is not a number"),
                       (('halp',), "there is no command 'halp'; did you mean 'help'?"),
                       (('plugh',), "there is no command 'plugh'\n"),
                       (('help', 'halp'), "there is no command 'halp'; did you mean 'help'?"),
                       (('help', 'a', 'b', 'c'), "'c' is one argument too many")):
        status, out, err = f.run(*args)
        f.check('refused: ' + ' '.join(args), status == 2 and out == '' and want in err, (status, out, err))
        f.check('points to --help: ' + ' '.join(args), "--help'" in err, err)
    status, out, err = f.run('h\033[31mx')
    f.check('what was typed is escaped', status == 2 and '\033' not in err and '\\x1b' in err, err)
    status, out, err = f.run('help', '--', '--help')
    f.check('-- ends the options', status == 2 and "'--help'" in err, err)


def coloured(result):
    return ESCAPE in result[1]


def check_precedence(f):
    """Flags beat NEZUBAN_* beat the file beat the default: seen on colours, which piped output has none of."""
    show = ('help', 'help')
    f.check('default', not coloured(f.run(*show)))
    always = f.file('always.yaml', 'color: always\n')
    f.check('--config beats the default', coloured(f.run('--config', always, *show)))
    f.check('options stand after the command too', coloured(f.run(*show, '--config', always)))
    f.check('NEZUBAN_CONFIG', coloured(f.run(*show, NEZUBAN_CONFIG=always)))
    f.check('the environment beats the file', not coloured(f.run('--config', always, *show, NEZUBAN_COLOR='never')))
    f.check('a flag beats the environment', coloured(f.run('--color', 'always', *show, NEZUBAN_COLOR='never')))
    f.check('a flag beats the file', not coloured(f.run('--color=never', '--config', always, *show)))
    f.check('an empty variable counts as none', coloured(f.run('--config', always, *show, NEZUBAN_COLOR='')))
    xdg = os.path.dirname(os.path.dirname(f.file('xdg/nezuban/config.yaml', 'color: always\n')))
    f.check('XDG_CONFIG_HOME', coloured(f.run(*show, XDG_CONFIG_HOME=xdg)))
    f.check('a relative XDG_CONFIG_HOME is ignored', not coloured(f.run(*show, XDG_CONFIG_HOME='xdg')))
    f.file('.config/nezuban/config.yaml', 'color: always\n')
    f.check('~/.config', coloured(f.run(*show)))
    f.check('--config replaces the usual file', not coloured(f.run('--config', f.file('empty.yaml', ''), *show)))
    os.unlink(os.path.join(f.home, '.config/nezuban/config.yaml'))


def check_config(f):
    for text, want in (('colour: always\n', ":1:1: unknown configuration key: 'colour'; did you mean 'color'?"),
                       ('lang: en\ndetect:\n  min_levle: high\n',
                        ":3:3: unknown configuration key: 'detect.min_levle'; did you mean 'detect.min_level'?"),
                       ('detect.min_level: severe\n', ':1:19: wrong value in the configuration: detect.min_level: '
                        "'severe' is none of informational, low, medium, high, critical"),
                       ('jobs: [1, 2]\n', ':1:7: wrong value in the configuration: jobs: one value is needed'),
                       ('detect: {rules: {a: b}}\n', 'detect.rules: a text or a list of texts is needed'),
                       ('lang: en\nlang: ja\n', ':2:1: a key stands twice'),
                       ('- lang\n', 'a configuration is a mapping of keys to values'),
                       ('lang: [en\n', 'not valid YAML')):
        path = f.file('wrong.yaml', text)
        status, out, err = f.run('--config', path, 'help')
        f.check('refused: ' + text, status == 2 and out == '' and path in err and want in err, err)
    status, out, err = f.run('--config', f.file('two.yaml', 'colour: x\njobbs: 2\n'), 'help')
    f.check('all mistakes at once', err.count('did you mean') == 2, err)
    status, out, err = f.run('--config', os.path.join(f.home, 'gone.yaml'), 'help')
    f.check('a file that was asked for must be there', status == 2 and 'gone.yaml: not found' in err, err)
    status, out, err = f.run('--config', f.home, 'help')
    f.check('a folder is no file', status == 2 and 'cannot read' in err, err)
    good = f.file('good.yaml', 'detect: {rules: [a, b], fail_on: low}\ndetect.min_level: "low"\nexpand: {x: y, z: [1, 2]}\n'
                               'jobs: 2\nquiet: true\nlang:  en\n')
    f.check('all keys', f.run('--config', good, 'help')[0] == 0)
    f.check('a heading without keys', f.run('--config', f.file('bare.yaml', 'detect:\n'), 'help')[0] == 0)
    status, out, err = f.run('help', NEZUBAN_JOBS='many')
    f.check('a wrong variable', status == 2 and "NEZUBAN_JOBS: 'many' is not a number" in err, err)
    status, out, err = f.run('help', NEZUBAN_LNAG='ja')
    f.check('a variable nearly right: a warning', status == 0 and "did you mean 'NEZUBAN_LANG'" in err, err)
    status, out, err = f.run('help', NEZUBAN_PORT='tcp://10.0.0.1:80', NEZUBAN_SERVICE_HOST='x')
    f.check('variables of somebody else', status == 0 and err == '', err)
    status, out, err = f.run('--config', f.file('wrong.yaml', 'colour: x\n'), '--help')
    f.check('--help works with a wrong configuration', status == 0 and 'COMMANDS' in out and err == '', err)


def check_language(f):
    """No Japanese locale is needed, none may be needed: a minimal system has C.UTF-8 alone."""
    for name, extra in (('C', {'LC_ALL': 'C'}), ('C.UTF-8', {'LC_ALL': 'C.UTF-8'}), ('none', {'LC_ALL': ''}),
                        ('unknown', {'LC_ALL': 'xx_YY.UTF-8'}), ('LANGUAGE', {'LANGUAGE': 'de'})):
        status, out, err = f.run('--lang', 'ja', '--help', **extra)
        f.check('--lang ja, locale ' + name, status == 0 and 'コマンド' in out and '終了ステータス' in out, out[:80])
    for args, extra in ((('--lang=ja',), {}), ((), {'NEZUBAN_LANG': 'ja'}), ((), {'LC_ALL': 'ja_JP.UTF-8'}),
                        ((), {'LC_ALL': '', 'LANG': 'ja_JP.UTF-8'}), (('--config', f.file('ja.yaml', 'lang: ja\n')), {}),
                        (('--lang', 'en', '--lang', 'ja'), {})):
        f.check('Japanese by %s %s' % (args, extra), JAPANESE.search(f.run(*args, '--help', **extra)[1]))
    for args, extra in ((('--lang=en',), {'LC_ALL': 'ja_JP.UTF-8', 'LANGUAGE': 'ja'}), ((), {'LANGUAGE': 'ja'}),
                        ((), {'LC_ALL': 'en_US.UTF-8', 'LANG': 'ja_JP.UTF-8'})):
        f.check('English by %s %s' % (args, extra), not JAPANESE.search(f.run(*args, '--help', **extra)[1]))
    status, out, err = f.run('--lnag', 'x', '--lang', 'ja')
    f.check('messages about the command line too', status == 2 and 'オプション' in err and '--lnag' in err, err)
    status, out, err = f.run('--lang', 'ja', '--config', f.file('wrong.yaml', 'jobs: x\n'), 'help')
    f.check('messages about the configuration too', status == 2 and '設定の値' in err and '数値' in err, err)
    status, out, err = f.run('--lang', 'ja', 'help', '--help')
    wide = [line for line in out.splitlines() if sum(2 if ord(c) > 0x2e7f else 1 for c in line) > 80 and '>' not in line]
    f.check('Japanese lines fit 80 columns', not wide, wide)


def check_colours(f):
    f.check('colours on a terminal', coloured(f.on_terminal('--help')))
    f.check('NO_COLOR', not coloured(f.on_terminal('--help', NO_COLOR='1')))
    f.check('an empty NO_COLOR counts as none', coloured(f.on_terminal('--help', NO_COLOR='')))
    f.check('TERM=dumb', not coloured(f.on_terminal('--help', TERM='dumb')))
    f.check('--color beats NO_COLOR', coloured(f.on_terminal('--color', 'always', 'help', NO_COLOR='1')))
    f.check('none in a pipe', not coloured(f.run('--help')))


def run_into(f, target, *args):
    return subprocess.run([f.program, *args], env=f.environment(), stdout=target, stderr=subprocess.PIPE, timeout=60)


def check_output(f):
    with open('/dev/full', 'wb') as full:
        done = run_into(f, full, 'help', 'help')
    f.check('a full disk: said, 2', done.returncode == 2 and
            done.stderr == b'nezuban: standard output: cannot write: No space left on device\n', done.stderr)
    with open('/dev/full', 'wb') as full:
        done = run_into(f, full, '--lang', 'ja', '--help')
    f.check('a full disk, in Japanese', done.returncode == 2 and '書き込めません' in done.stderr.decode(), done.stderr)
    reader, writer = os.pipe()
    os.close(reader)
    done = run_into(f, writer, 'help', 'help')
    os.close(writer)
    f.check('a closed pipe: not a word, 2', done.returncode == 2 and done.stderr == b'', (done.returncode, done.stderr))
    done = subprocess.run([f.program, 'help'], env=f.environment(), timeout=60, stderr=subprocess.PIPE,
                          preexec_fn=lambda: os.close(1))
    f.check('no standard output at all', done.returncode == 2 and b'cannot write' in done.stderr, done.stderr)
    done = subprocess.run([f.program, '--lagn'], env=f.environment(), timeout=60, preexec_fn=lambda: os.close(2))
    f.check('no standard error at all', done.returncode == 2, done.returncode)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with tempfile.TemporaryDirectory() as home:
        f = Frame(os.path.abspath(sys.argv[1]), home)
        for part in (check_help, check_wrong_use, check_precedence, check_config, check_language, check_colours,
                     check_output):
            part(f)
    for fault in f.faults:
        print('FAILED: ' + fault)
    print('%d of %d right' % (f.count - len(f.faults), f.count))
    sys.exit(1 if f.faults or not f.count else 0)


if __name__ == '__main__':
    main()
