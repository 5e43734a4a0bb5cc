#!/usr/bin/env python3
"""The cases of tests/cases/audit: what `nezuban audit` must find in small snapshots, check by check.

usage: audit_cases.py NEZUBAN SOURCE_ROOT
       audit_cases.py --self-test

tests/cases/audit/CHECK/CASE/ has snapshot.jsonl (docs/formats/snapshot.md) and expected.json: the findings of that check, all of
them, with what of each must be so. evidence: {field: value}, each of them among the finding's. config.yaml and
exceptions.yaml are given to the program when they are there, and trail/ is read as its events.

Each check of checks.list has a case that passes, one that fails (or is partial), one that is unreadable, told by how their
names begin, and a page in docs/checks/ and docs/ja/checks/.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

KINDS = {'pass': ('pass',), 'fail': ('fail', 'partial'), 'unreadable': ('unreadable',)}
CANNOT_BE = {'fail': {'region-access', 'cloudtrail-history'},  # they say what can be looked at
             'unreadable': {'exception-expired'}}  # it reads nothing of AWS
STATUSES = ('pass', 'fail', 'partial', 'unknown', 'not-applicable')
KEYS = ['check', 'status', 'severity', 'resource', 'region', 'reason', 'evidence', 'remediation']


def identity(finding):
    return finding['region'], finding['resource']


def shape_faults(report):
    """What no report may be, whatever the case."""
    if list(report)[:4] != ['account', 'generated_at', 'findings', 'unread']:
        yield f'keys {list(report)}'
    seen = set()
    for f in report['findings']:
        name = (f['check'], *identity(f))
        if list(f) != KEYS or f['status'] not in STATUSES:
            yield f'{name}: keys or status'
        if name in seen:
            yield f'{name}: stands twice'
        seen.add(name)
        if f['status'] != 'pass' and not (f['reason'] and f['remediation']):
            yield f'{name}: no reason or no remediation'
        if f['status'] == 'pass' and f['remediation']:
            yield f'{name}: a pass with a remediation'


def differences(expected, found):
    expected, found = sorted(expected, key=identity), sorted(found, key=identity)
    if [(*identity(f), f['status']) for f in found] != [(*identity(f), f['status']) for f in expected]:
        yield 'found ' + json.dumps([(f['status'], *identity(f), f['reason']) for f in found], ensure_ascii=False)
        return
    for want, have in zip(expected, found):
        evidence = [(e['field'], e['value']) for e in have['evidence']]
        for pair in want.get('evidence', {}).items():
            if pair not in evidence:
                yield f'{have["resource"]} {have["region"]}: not among the evidence: {pair}; there are {evidence}'
        for key in ('severity', 'reason', 'remediation'):
            if want.get(key, '') not in have[key]:
                yield f'{have["resource"]} {have["region"]}: {key} is {have[key]!r}'


def audit(nezuban, check, folder):
    """The whole report of a check's case `pass`; of the others what the check itself says, which is quicker."""
    args = [nezuban, '--quiet', '--lang', 'en', 'audit', '--snapshot', os.path.join(folder, 'snapshot.jsonl'), '--format', 'json']
    for name, option in (('config.yaml', '--config'), ('exceptions.yaml', '--exceptions'), ('trail', '--trail')):
        if os.path.exists(os.path.join(folder, name)):
            args += [option, os.path.join(folder, name)]
    if os.path.basename(folder) != 'pass':
        args += ['--set', check]
    done = subprocess.run(args, capture_output=True, text=True, encoding='utf-8', timeout=60,
                          env={**os.environ, 'HOME': '/nonexistent', 'XDG_CONFIG_HOME': '/nonexistent'})
    return done.returncode, done.stdout, done.stderr


def case_faults(nezuban, check, folder):
    status, out, err = audit(nezuban, check, folder)
    if status not in (0, 1) or err:
        yield f'exit {status}: {err}'
        return
    report = json.loads(out)
    yield from shape_faults(report)
    with open(os.path.join(folder, 'expected.json'), encoding='utf-8') as file:
        yield from differences(json.load(file), [f for f in report['findings'] if f['check'] == check])


def checks_of(root):
    with open(os.path.join(root, 'src/audit/checks.list'), encoding='utf-8') as file:
        return [name.replace('_', '-') for name in re.findall(r'^NZ_CHECK\((\w+)\)', file.read(), re.MULTILINE)]


def folders_in(path):
    return sorted(name for name in os.listdir(path) if os.path.isdir(os.path.join(path, name))) if os.path.isdir(path) else []


def coverage_faults(root, checks):
    cases = os.path.join(root, 'tests/cases/audit')
    for check in checks:
        names = folders_in(os.path.join(cases, check))
        for kind, heads in KINDS.items():
            if check in CANNOT_BE.get(kind, ()):
                continue
            if not any(name.startswith(heads) for name in names):
                yield f'{check}: no case whose name begins with {" or ".join(heads)}'
        for page in (f'docs/checks/{check}.md', f'docs/ja/checks/{check}.md'):
            if not os.path.exists(os.path.join(root, page)):
                yield f'{check}: there is no {page}'
    for check in set(folders_in(cases)) - set(checks):
        yield f'tests/cases/audit/{check}: there is no such check'


def self_test():
    finding = dict(zip(KEYS, ('c', 'fail', 'low', 'r', 'g', 'why', [{'item': 'i', 'field': 'f', 'value': 'v'}], 'how')))
    report = {'account': '', 'generated_at': '', 'findings': [finding], 'unread': []}
    want = {'status': 'fail', 'region': 'g', 'resource': 'r', 'evidence': {'f': 'v'}, 'severity': 'low', 'reason': 'wh'}
    tried = [(list(shape_faults(report)), 0),
             (list(shape_faults({**report, 'findings': [finding, finding]})), 1),
             (list(shape_faults({**report, 'findings': [{**finding, 'reason': ''}]})), 1),
             (list(shape_faults({**report, 'findings': [{**finding, 'status': 'pass'}]})), 1),
             (list(shape_faults({**report, 'findings': [{**finding, 'status': 'ok'}]})), 1),
             (list(shape_faults({'findings': [], **report})), 1),
             (list(differences([want], [finding])), 0),
             (list(differences([want], [])), 1), (list(differences([], [finding])), 1),
             (list(differences([{**want, 'status': 'pass'}], [finding])), 1),
             (list(differences([{**want, 'evidence': {'f': 'w'}}], [finding])), 1),
             (list(differences([{**want, 'severity': 'high'}], [finding])), 1)]
    wrong = [faults for faults, count in tried if len(faults) != count]
    with tempfile.TemporaryDirectory() as root:
        for path in ('tests/cases/audit/a/pass', 'tests/cases/audit/a/fail-x', 'tests/cases/audit/b', 'docs/checks', 'docs/ja/checks'):
            os.makedirs(os.path.join(root, path))
        for path in ('docs/checks/a.md',):
            with open(os.path.join(root, path), 'w', encoding='utf-8'):
                pass
        faults = list(coverage_faults(root, ['a']))
    if wrong or len(faults) != 3:  # unreadable, the Japanese page, b
        print('self-test failed:', wrong, faults)
        return 1
    return 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    nezuban, root = os.path.abspath(sys.argv[1]), sys.argv[2]
    checks = checks_of(root)
    faults, count = list(coverage_faults(root, checks)), 0
    for check in checks:
        for name in folders_in(os.path.join(root, 'tests/cases/audit', check)):
            count += 1
            folder = os.path.join(root, 'tests/cases/audit', check, name)
            faults += [f'{check}/{name}: {fault}' for fault in case_faults(nezuban, check, folder)]
    for fault in faults:
        print('FAILED:', fault)
    print(f'{count} cases of {len(checks)} checks, {len(faults)} faults')
    return 1 if faults or not count else 0


if __name__ == '__main__':
    sys.exit(main())
