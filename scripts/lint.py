#!/usr/bin/env python3
"""Runs clang-tidy on what is built from src/: lint.py BUILD_FOLDER

Files and switches come from the build's compile_commands.json. A file that was fine, and of which nothing has changed since
(itself, the headers it includes, its switches, .clang-tidy), is not looked at again: what was fine is remembered as a
hash in BUILD_FOLDER/lint-fine.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

# Switches of gcc that clang does not know are no fault; of one it wants to hear that it is meant.
EXTRA = ['--extra-arg=-Wno-unknown-warning-option',
         '--extra-arg=-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang']


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def dependencies(build):
    """{object: [files]} as ninja remembers them from the compiler."""
    run = subprocess.run(['ninja', '-C', build, '-t', 'deps'], capture_output=True, text=True, check=True)
    found = {}
    for line in run.stdout.splitlines():
        if line.startswith('    '):
            found[current].append(line.strip())
        elif ': #deps' in line:
            current = line.split(':')[0]
            found[current] = []
    return found


def key_of(build, entry, files):
    whole = hashlib.sha256(entry['command'].encode() + read('.clang-tidy'))
    for path in [entry['file'], *sorted(files)]:
        if not path.startswith('/usr/'):
            whole.update(read(os.path.join(build, path)))
    return whole.hexdigest()


def tidy(build, entry):
    run = subprocess.run(['clang-tidy-14', '--quiet', '-p', '.', *EXTRA, entry['file']], cwd=build, capture_output=True,
                         text=True, check=False)
    return run.returncode == 0, re.findall(r'^.*error:.*$', run.stdout + run.stderr, re.MULTILINE)


def main():
    build = sys.argv[1]
    memory = os.path.join(build, 'lint-fine')
    fine = set(read(memory).decode().split()) if os.path.exists(memory) else set()
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as file:
        entries = {e['file']: e for e in json.load(file) if re.search(r'(^|/)src/.*\.c$', e['file'])}
    needed = dependencies(build)
    keys = {name: key_of(build, entry, needed.get(entry['output'], [])) for name, entry in entries.items()}
    changed = [entry for name, entry in sorted(entries.items()) if keys[name] not in fine]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda entry: tidy(build, entry), changed))
    bad = [entry['file'] for entry, (passed, _) in zip(changed, results) if not passed]
    for line in sorted({line for _, lines in results for line in lines}):
        print(line.replace(os.path.join(os.path.abspath(build), ''), '').replace('../', ''))
    with open(memory, 'w', encoding='utf-8') as file:
        file.writelines(key + '\n' for name, key in sorted(keys.items()) if name not in bad)
    print(f'{len(changed)} of {len(entries)} files looked at, {len(bad)} with faults')
    return 1 if bad or not entries else 0


if __name__ == '__main__':
    sys.exit(main())
