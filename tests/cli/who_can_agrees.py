#!/usr/bin/env python3
"""policy who-can against policy can: small accounts made at random, every pair asked one by one, chains found from the answers.

usage: who_can_agrees.py NEZUBAN [FROM TO]     seeds; without them 0 to 6
       who_can_agrees.py --self-test

What must agree: who may, who may under a condition, who is unknown, and how long the chain of roles is. Chains that certainly
hold come first; among those that depend on a key the shortest counts.
"""
import collections
import heapq
import json
import os
import random
import subprocess
import sys
import tempfile

ACCOUNT = '111122223333'
USERS, ROLES = [f'u{i}' for i in range(4)], [f'r{i}' for i in range(6)]
WITH_MFA = {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}
DIRECT = ('s3:GetObject', '*')


def arn(what):
    return f'arn:aws:iam::{ACCOUNT}:{what}'


def own_policies(rng):
    found = []
    if rng.random() < 0.12:
        found.append({'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': '*'})
    if rng.random() < 0.06:
        found.append({'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*', 'Condition': WITH_MFA})
    for role in rng.sample(ROLES, rng.randint(0, 2)):
        action = rng.choice(['sts:AssumeRole', 'sts:*', '*']) if rng.random() < 0.3 else 'STS:Assume?ole'
        found.append({'Effect': 'Allow' if rng.random() < 0.9 else 'Deny', 'Action': action, 'Resource': arn('role/' + role)})
        if rng.random() < 0.25:
            found[-1]['Condition'] = WITH_MFA
    if found and rng.random() < 0.04:
        found[0] = {'Effect': 'unreadable'}
    return [{'PolicyName': 'p', 'PolicyDocument': {'Version': '2012-10-17', 'Statement': found}}] if found else []


def trust_policy(rng):
    who = [rng.choice([arn('root'), ACCOUNT, arn('user/' + rng.choice(USERS)), arn('role/' + rng.choice(ROLES)),
                       arn('role/' + rng.choice(ROLES)), '*' if rng.random() < 0.2 else arn('root')])
           for _ in range(rng.randint(1, 2))]
    statement = {'Effect': 'Allow', 'Action': rng.choice(['sts:AssumeRole', 'sts:*'])}
    statement['NotPrincipal' if rng.random() < 0.05 else 'Principal'] = {'AWS': who if len(who) > 1 else who[0]}
    if rng.random() < 0.2:
        statement['Condition'] = WITH_MFA
    return {'Version': '2012-10-17', 'Statement': [statement]}


def account(seed):
    rng = random.Random(seed)
    return {'UserDetailList': [{'UserName': name, 'Arn': arn('user/' + name), 'UserPolicyList': own_policies(rng)} for name in USERS],
            'RoleDetailList': [{'RoleName': name, 'Arn': arn('role/' + name), 'AssumeRolePolicyDocument': trust_policy(rng),
                                'RolePolicyList': own_policies(rng)} for name in ROLES]}


def certain_depths(direct, edges):
    depths = {name: 0 for name, decision in direct.items() if decision == 'allowed'}
    queue = collections.deque(depths)
    while queue:
        role = queue.popleft()
        for (name, target), decision in edges.items():
            if target == role and decision == 'allowed' and name not in depths:
                depths[name] = depths[role] + 1
                queue.append(name)
    return depths


def conditional_depths(direct, edges, certain):
    heap = [(0, name) for name, decision in direct.items() if decision == 'allowed-if' and name not in certain]
    heap += [(certain[role] + 1, name) for (name, role), decision in edges.items()
             if decision == 'allowed-if' and role in certain and name not in certain]
    heapq.heapify(heap)
    depths = {}
    while heap:
        depth, role = heapq.heappop(heap)
        if role in depths:
            continue
        depths[role] = depth
        for (name, target), decision in edges.items():
            if target == role and decision in ('allowed', 'allowed-if') and name not in certain and name not in depths:
                heapq.heappush(heap, (depth + 1, name))
    return depths


def expected(direct, edges):
    """{name: (decision, roles in the chain)} of who is not denied."""
    certain = certain_depths(direct, edges)
    rows = {name: ('allowed-if', depth) for name, depth in conditional_depths(direct, edges, certain).items()}
    rows.update({name: ('allowed', depth) for name, depth in certain.items()})
    for name, decision in direct.items():
        if name not in rows and (decision == 'unknown' or any(edges.get((name, role)) == 'unknown' and role in rows
                                                             and rows[role][0] != 'unknown' for role in ROLES)):
            rows[name] = ('unknown', 0)
    return rows


def ask(program, path, *question):
    keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
    done = subprocess.run([program, 'policy', *question, '--format', 'json', '--account', path], capture_output=True, timeout=60,
                          env={**keep, 'HOME': '/nonexistent', 'LC_ALL': 'C.UTF-8'})
    assert done.returncode in (0, 1, 2) and done.stdout, (question, done)
    return json.loads(done.stdout)


def compare(program, path):
    names = USERS + ROLES
    direct = {name: ask(program, path, 'can', name, *DIRECT)['decision'] for name in names}
    edges = {(name, role): ask(program, path, 'can', name, 'sts:AssumeRole', arn('role/' + role))['decision']
             for name in names for role in ROLES if name != role}
    found = {row['principal'].rsplit('/', 1)[1]: (row['decision'], len(row['chain']))
             for row in ask(program, path, 'who-can', *DIRECT)['principals']}
    return found, expected(direct, edges)


def self_test():
    """The chains found here are right: a role that may, one behind it, one under a condition, a circle, one unknown."""
    direct = {'u0': 'implicitly-denied', 'u1': 'unknown', 'r0': 'allowed', 'r1': 'implicitly-denied', 'r2': 'allowed-if',
              'r3': 'implicitly-denied', 'r4': 'implicitly-denied', 'r5': 'implicitly-denied'}
    edges = {('r1', 'r0'): 'allowed', ('r0', 'r1'): 'allowed', ('u0', 'r2'): 'allowed', ('u0', 'r1'): 'allowed-if',
             ('r3', 'r4'): 'allowed', ('r4', 'r3'): 'allowed', ('r5', 'r0'): 'unknown'}
    rows = {'r0': ('allowed', 0), 'r1': ('allowed', 1), 'r2': ('allowed-if', 0), 'u0': ('allowed-if', 1), 'u1': ('unknown', 0),
            'r5': ('unknown', 0)}
    return 0 if expected(direct, edges) == rows else 1


def main():
    if sys.argv[1] == '--self-test':
        return self_test()
    first, last = map(int, sys.argv[2:4] or (0, 6))
    rows, faults = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'account.json')
        for seed in range(first, last):
            with open(path, 'w', encoding='utf-8') as file:
                json.dump(account(seed), file)
            found, wanted = compare(sys.argv[1], path)
            rows += len(found)
            if found != wanted:
                faults += 1
                print(f'seed {seed}: found {found}, expected {wanted}')
    print(f'{last - first} accounts, {rows} rows, {faults} disagree')
    return 1 if faults or rows == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
