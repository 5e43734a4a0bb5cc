"""Runs a program against the scripted endpoint, and says afterwards which calls it made.

usage: python -m aws_endpoint [--set NAME=VALUE]... [--counts FILE] [SCENARIO]... -- PROGRAM [ARGUMENT...]
       python -m aws_endpoint [--set NAME=VALUE]... [SCENARIO]...       serves until it is interrupted

The program finds endpoint and credentials in its environment. Settings are those of rules.py. The exit status is the
program's; 99 when a request was not as AWS's models want it.
"""
import argparse
import collections
import json
import os
import subprocess
import sys

import yaml

from . import Endpoint

NOT_AS_MODELLED = 99


def counts(aws):
    rows = collections.Counter((seen.ask, seen.error) for seen in aws.seen)
    return [{'ask': ask, 'error': error, 'calls': calls} for (ask, error), calls in sorted(rows.items())]


def report(aws, path):
    rows = counts(aws)
    if path:
        with open(path, 'w', encoding='utf-8') as file:
            json.dump({'calls': len(aws.seen), 'rows': rows, 'broken': aws.broken}, file, indent=1)
            file.write('\n')
    else:
        for row in rows:
            print(f'{row["calls"]:6} {row["ask"]} {row["error"]}', file=sys.stderr)
        print(f'{len(aws.seen):6} calls', file=sys.stderr)
    for fault in aws.broken:
        print('not as AWS would have it: ' + fault, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(prog='aws_endpoint', description='A scripted AWS for tests.')
    parser.add_argument('--set', action='append', default=[], metavar='NAME=VALUE', help='a setting, e.g. users=500')
    parser.add_argument('--counts', metavar='FILE', help='writes the calls there as JSON instead of listing them')
    parser.add_argument('scenario', nargs='*', help='scenario files; the first one goes before the others')
    words = sys.argv[1:]
    split = words.index('--') if '--' in words else len(words)
    arguments, program = parser.parse_args(words[:split]), words[split + 1:]
    settings = {name: yaml.safe_load(value) for name, _, value in (text.partition('=') for text in arguments.set)}
    with Endpoint(arguments.scenario, **settings) as aws:
        status = 0
        try:
            if program:
                status = subprocess.run(program, env={**os.environ, **aws.environment()}, check=False).returncode
            else:
                print('\n'.join(f'export {name}={value}' for name, value in aws.environment().items()), flush=True)
                aws.stopping.wait()
        except KeyboardInterrupt:
            pass
    report(aws, arguments.counts)
    return NOT_AS_MODELLED if aws.broken else status


if __name__ == '__main__':
    sys.exit(main())
