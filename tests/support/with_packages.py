#!/usr/bin/env python3
"""Runs a test with the Python packages of requirements.txt, or says that it is skipped where they are not installed.

usage: with_packages.py SCRIPT [ARGUMENT...]

scripts/setup check makes the environment, in build/test-python of the source tree whatever folder is built in. What stands
beside this file (aws_endpoint and others) can be imported.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = os.path.join(HERE, '..', '..', 'build', 'test-python')
SKIPPED = 77  # what meson takes for it


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    python = os.path.join(ENVIRONMENT, 'bin', 'python')
    if not os.path.exists(os.path.join(ENVIRONMENT, 'requirements.txt')) or not os.access(python, os.X_OK):
        print('skipped: build/test-python is not there; scripts/setup check makes it, given a package index')
        sys.exit(SKIPPED)
    # Byte code is kept below build/ too: without it each test would compile the packages anew.
    environment = {**os.environ, 'PYTHONPATH': HERE, 'PYTHONPYCACHEPREFIX': os.path.join(ENVIRONMENT, 'pycache')}
    os.execve(python, [python, *sys.argv[1:]], environment)


if __name__ == '__main__':
    main()
