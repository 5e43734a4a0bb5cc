#!/usr/bin/env python3
"""The action catalogue in data/ is what scripts/catalogue.py makes, and it makes the same bytes each time.

usage: iam_actions.py SOURCE_ROOT

Skipped (77) where npm or its registry cannot be reached.
"""
import os
import subprocess
import sys
import tempfile

FILES = ('iam-actions.txt', 'iam-data.LICENSE')
SKIPPED = 77


def read(folder):
    found = []
    for name in FILES:
        with open(os.path.join(folder, name), 'rb') as file:
            found.append(file.read())
    return found


def main():
    root = sys.argv[1]
    kept = read(os.path.join(root, 'data'))
    script = os.path.join(root, 'scripts/catalogue.py')
    for hash_seed in ('1', '2'):  # the order of Python's sets differs with it
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, script, folder], env={**os.environ, 'PYTHONHASHSEED': hash_seed}, check=False)
            if done.returncode == SKIPPED:
                return SKIPPED
            if done.returncode != 0 or read(folder) != kept:
                print(f'run {hash_seed}: exit {done.returncode}, or other bytes than in data/')
                return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
