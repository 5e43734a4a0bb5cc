#!/usr/bin/env python3
"""Compares `nezuban policy eval --format ndjson` with the oracle on generated cases, whole verdicts.

usage: policy_compare.py NEZUBAN [--seed N] [--count N] [--processes N] [--show N]
       policy_compare.py --self-test

Of an error only its being one and the policy's name are compared. Differences are printed as the smallest case that
still shows them: policies, statements, elements, values and context keys are dropped as long as it differs in the same
way. Seeds are those of policy_generate.py, one for each CHUNK cases, whatever the number of processes.
"""

import argparse
import collections
import copy
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import policy_generate  # noqa: E402
import policy_oracle  # noqa: E402

CHUNK = 5000
SAME = 'same'


class Broken(Exception):
    """The program did not answer each case."""


def ask(program, lines):
    """The program's answers and its exit status."""
    run = subprocess.run([program, 'policy', 'eval', '--format', 'ndjson'],
                         input='\n'.join(lines) + '\n',
                         capture_output=True,
                         encoding='utf-8',
                         check=False)
    found = run.stdout.splitlines()
    if len(found) != len(lines):
        raise Broken('%d answers to %d cases, exit status %d: %s' %
                     (len(found), len(lines), run.returncode, run.stderr[-500:]))
    return [json.loads(each) for each in found], run.returncode


def sentence(answer):
    """An error's message without what is quoted in it."""
    return ' '.join(answer['error']['message'].split('"')[::2])


def kind(expected, found):
    """SAME, or in what way two verdicts differ."""
    if 'error' in expected or 'error' in found:
        if 'error' not in found:
            return 'nezuban takes what the oracle refuses: ' + sentence(expected)
        if 'error' not in expected:
            return 'nezuban refuses what the oracle takes: ' + sentence(found)
        return SAME if expected['error']['policy'] == found['error']['policy'] else 'error.policy'
    if expected['id'] != found['id']:
        return 'id'
    if expected['decision'] != found['decision']:
        return 'decision: oracle %s, nezuban %s' % (expected['decision'], found['decision'])
    for member in ('decided_by', 'blocked_by'):
        if expected[member] != found[member]:
            return member
    return SAME


# Smaller cases


def places(value, path=()):
    """Every path to a member or an element."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield path + (key, )
        yield from places(each, path + (key, ))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def without(case, path):
    smaller = copy.deepcopy(case)
    del at(smaller, path[:-1])[path[-1]]
    return smaller


def smaller_cases(case):
    """The case less one member or element, the largest first; and with a list of one in the list's place."""
    paths = [path for path in places(case) if path[0] != 'id']
    for path in sorted(paths, key=lambda path: -len(json.dumps(at(case, path)))):
        yield without(case, path)
    for path in paths:
        its = at(case, path)
        if isinstance(its, list) and len(its) == 1 and isinstance(its[0],
                                                                  (str, dict)) and path[-1] not in policy_oracle.LAYERS:
            simpler = copy.deepcopy(case)
            at(simpler, path[:-1])[path[-1]] = its[0]
            yield simpler


def minimise(program, line, how):
    """The smallest case that differs in the way `how`; a line whose fault is in its text, as it is."""
    try:
        case = json.loads(line)
    except ValueError:
        return line
    if kind(policy_oracle.answer(policy_generate.dump(case)), ask(program, [policy_generate.dump(case)])[0][0]) != how:
        return line
    shrinking = True
    while shrinking:
        shrinking = False
        candidates = list(smaller_cases(case))
        lines = [policy_generate.dump(each) for each in candidates]
        for candidate, text, found in zip(candidates, lines, ask(program, lines)[0] if lines else ()):
            if kind(policy_oracle.answer(text), found) == how:
                case, shrinking = candidate, True
                break
    return policy_generate.dump(case)


# Chunks


def compare_chunk(work):
    """(counts of decisions, differences as (kind, line), complaint) of one seed's cases."""
    program, seed, count = work
    lines = list(policy_generate.lines(seed, count))
    counts, differences = collections.Counter(), []
    try:
        answers, status = ask(program, lines)
    except Broken as error:
        return counts, [], 'seed %d: %s' % (seed, error)
    refused = False
    for line, found in zip(lines, answers):
        expected = policy_oracle.answer(line)
        refused = refused or 'error' in expected
        counts[expected.get('decision', 'refused')] += 1
        how = kind(expected, found)
        if how != SAME:
            differences.append((how, line))
    if status != (2 if refused else 0) and not differences:
        return counts, [], 'seed %d: exit status %d' % (seed, status)
    return counts, differences, None


def show(program, how, line):
    small = minimise(program, line, how)
    print('%s\n  case    %s\n  oracle  %s\n  nezuban %s' %
          (how, small, json.dumps(policy_oracle.answer(small),
                                  ensure_ascii=False), json.dumps(ask(program, [small])[0][0], ensure_ascii=False)),
          flush=True)


def compare(program, seed, count, processes, most):
    """Whether all agree; shows at most `most` differences of each kind, distinct when they are made small."""
    work = [(program, seed + n, min(CHUNK, count - n * CHUNK)) for n in range((count + CHUNK - 1) // CHUNK)]
    counts, shown, total, complaints = collections.Counter(), collections.Counter(), 0, 0
    with multiprocessing.Pool(min(processes, len(work))) as pool:
        for its_counts, differences, complaint in pool.imap_unordered(compare_chunk, work):
            counts += its_counts
            total += len(differences)
            if complaint:
                complaints += 1
                print(complaint)
            for how, line in differences:
                shown[how] += 1
                if shown[how] <= most:
                    show(program, how, line)
    print('%d cases (%s): %d differ' % (sum(counts.values()), ', '.join('%s %d' % each
                                                                        for each in sorted(counts.items())), total))
    for how, number in shown.most_common():
        print('  %6d %s' % (number, how))
    return total == 0 and complaints == 0 and sum(counts.values()) == count


# That a difference is seen

PRETENDER = """#!%s
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, %r)
import policy_oracle
status = 0
for n, line in enumerate(sys.stdin):
    it = policy_oracle.answer(line)
    status = 2 if "error" in it else status
    %s
    print(json.dumps(it))
sys.exit(status)
"""


def pretender(folder, name, change):
    """A program that answers as the oracle does, but for `change`: Python text on verdict `it` of case number `n`."""
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(PRETENDER % (sys.executable, os.path.dirname(os.path.abspath(__file__)), change))
    os.chmod(path, 0o755)
    return path


def self_test():
    """Each kind of difference must be seen, and none where there is none."""
    changes = {
        'right': ('pass', True),
        'decision': ('if n == 7: it["decision"] = "maybe"', False),
        'decided_by': ('if it.get("decided_by"): it["decided_by"][0]["statement"] += 1', False),
        'blocked_by': ('if it.get("blocked_by"): it["blocked_by"].append("none")', False),
        'an error less':
        ('if "error" in it: it = {"id": it["id"], "decision": "allowed", "decided_by": [], "blocked_by": []}', False),
        'other policy': ('if "error" in it: it["error"]["policy"] = "other"', False),
        'a line less': ('if n == 7: continue', False),
        'status': ('status = 0', False),
    }
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, (change, right)) in enumerate(changes.items()):
            program = pretender(folder, 'program%d' % number, change)
            if compare(program, 1, 200, 1, 1) != right:
                sys.exit('self-test: "%s" was judged wrongly' % name)


def main():
    if sys.argv[1:] == ['--self-test']:
        self_test()
        return
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('program')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=20000)
    parser.add_argument('--processes', type=int, default=2)
    parser.add_argument('--show', type=int, default=3, help='differences shown of each kind')
    given = parser.parse_args()
    sys.exit(0 if compare(given.program, given.seed, given.count, given.processes, given.show) else 1)


if __name__ == '__main__':
    main()
