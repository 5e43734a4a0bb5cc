#!/usr/bin/env python3
"""The cases of tests/cases/policy: what `nezuban policy eval` must say about each, and why.

usage: policy_cases.py NEZUBAN CASES_FOLDER
       policy_cases.py --self-test

A line is a case of the contract with two keys more: `why`, the sentence of AWS's documentation that it obeys, and
`expect`, what of the answer must be so (`error` with the members that matter, when the line must be refused).
"""
import json
import os
import subprocess
import sys


def differs(expect, got):
    """What of `expect` is not so in `got`; None when all is."""
    if 'error' not in expect and 'error' in got:
        return got['error']
    for key, wanted in expect.items():
        if key == 'error' and isinstance(got.get(key), dict):
            wrong = {name: got[key].get(name) for name in wanted if got[key].get(name) != wanted[name]}
            if wrong:
                return wrong
        elif got.get(key) != wanted:
            return {key: got.get(key)}
    return None


def run(nezuban, path):
    done = subprocess.run([nezuban, 'policy', 'eval', path], capture_output=True, text=True, encoding='utf-8', timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def check(cases, status, answers, stderr):
    if len(cases) != len(answers):
        yield f'{len(cases)} cases, {len(answers)} answers: {stderr}'
        return
    wanted = 2 if any('error' in case['expect'] for case in cases) else 0
    if status != wanted:
        yield f'exit status {status}, not {wanted}'
    for case, answer in zip(cases, answers):
        if answer['id'] != case['id']:
            yield f'{case["id"]}: answered as {answer["id"]}'
        wrong = differs(case['expect'], answer)
        if wrong is not None:
            yield f'{case["id"]} ({case["why"]}): not {case["expect"]} but {wrong}'


def self_test():
    case = {'id': 'a', 'why': 'w', 'expect': {'decision': 'allowed', 'blocked_by': []}}
    refused = {'id': 'a', 'why': 'w', 'expect': {'error': {'line': 1}}}
    good = {'id': 'a', 'decision': 'allowed', 'decided_by': [], 'blocked_by': []}
    tried = [([case], 0, [good], 0), ([case], 0, [], 1), ([case], 2, [good], 1),
             ([case], 0, [dict(good, decision='explicitly-denied')], 1), ([case], 0, [dict(good, id='b')], 1),
             ([case], 0, [{'id': 'a', 'error': {}}], 1), ([refused], 2, [{'id': 'a', 'error': {'line': 1}}], 0),
             ([refused], 2, [{'id': 'a', 'error': {'line': 2}}], 1), ([refused], 2, [good], 1)]
    for cases, status, answers, count in tried:
        faults = list(check(cases, status, answers, ''))
        if len(faults) != count:
            print('self-test:', cases, answers, faults)
            return 1
    return 0


def main():
    if sys.argv[1] == '--self-test':
        return self_test()
    nezuban, folder = sys.argv[1:]
    count, failed = 0, 0
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path, encoding='utf-8') as file:
            cases = [json.loads(line) for line in file]
        ids = [case['id'] for case in cases]
        faults = [f'{name}: two cases have one id'] if len(set(ids)) != len(ids) else []
        faults += [f'{name}: {fault}' for fault in check(cases, *run(nezuban, path))]
        for fault in faults:
            print(fault)
        count += len(cases)
        failed += len(faults)
    print(f'{count} cases, {failed} faults')
    return 1 if failed or not count else 0


if __name__ == '__main__':
    sys.exit(main())
