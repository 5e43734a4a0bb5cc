#!/usr/bin/env python3
"""What `meson install` leaves is complete: every file is in its place, the program runs, and a small C program builds with
pkg-config and runs, with the shared library and with the archive.

usage: install.py BUILD_ROOT SOURCE_ROOT VERSION COMPILER [ARGUMENT...]
"""
import os
import shlex
import subprocess
import sys
import tempfile

EXPECTED = ('include/nezuban/version.h', 'include/nezuban/detect.h', 'licenses/nezuban/LICENSE', 'man/man1/nezuban.1', 'man/ja/man1/nezuban.1',
            'locale/ja/LC_MESSAGES/nezuban.mo', 'bash-completion/completions/nezuban', 'site-functions/_nezuban',
            'vendor_completions.d/nezuban.fish', 'nezuban/rules/root_used.yml', 'nezuban/iam-actions.txt',
            'nezuban/iam-data.LICENSE')


def run(*command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if done.returncode != 0:
        raise SystemExit(f'{shlex.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout


def find(root, end):
    """The installed file whose path ends so."""
    for here, _, files in os.walk(root):
        for name in files:
            path = os.path.join(here, name)
            if path.endswith('/' + end):
                return path
    raise SystemExit(f'{end} was not installed')


class Installed:
    def __init__(self, root, version, compiler):
        self.root, self.version, self.compiler = root, version, compiler
        self.libraries = os.path.dirname(find(root, 'libnezuban.a'))
        pc = find(root, 'nezuban.pc')
        self.pkg_config = ['pkg-config', '--define-variable=prefix=' + self.prefix(pc), 'nezuban']
        self.environment = {'PKG_CONFIG_PATH': os.path.dirname(pc)}

    def prefix(self, pc):
        with open(pc, encoding='utf-8') as file:
            line = next(line for line in file if line.startswith('prefix='))
        return self.root + line.split('=', 1)[1].strip()

    def flags(self, *which):
        return shlex.split(run(*self.pkg_config, *which, **self.environment))

    def try_user(self, source, name, flags, **environment):
        program = os.path.join(self.root, name)
        # the public headers promise no more than C11, and no GNU extension
        run(*self.compiler, '-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', source, '-o', program, *flags)
        said = run(program, **environment).strip()
        if said.splitlines()[0] != self.version or '"rule_id"' not in said:
            raise SystemExit(f'{name} said {said!r}, not {self.version} and a finding')
        print(f'{name}: fine')


def main():
    build, source, version, *compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as root:
        run('meson', 'install', '-C', build, '--no-rebuild', '--quiet', DESTDIR=root)
        said = run(find(root, 'bin/nezuban'), '--version', LC_ALL='C').split()
        if version not in said:
            raise SystemExit(f'the program said {said}, not {version}')
        for end in EXPECTED:
            find(root, end)
        installed = Installed(root, version, compiler)
        modversion = run(*installed.pkg_config, '--modversion', **installed.environment).strip()
        if modversion != version:
            raise SystemExit(f'pkg-config says {modversion}, not {version}')
        user = os.path.join(source, 'tests/install/user.c')
        installed.try_user(user, 'user-shared', installed.flags('--cflags', '--libs'), LD_LIBRARY_PATH=installed.libraries)
        archive = [flag.replace('-lnezuban', '-l:libnezuban.a') for flag in installed.flags('--static', '--cflags', '--libs')]
        installed.try_user(user, 'user-static', archive)


if __name__ == '__main__':
    main()
