#!/usr/bin/env python3
"""How fast an account is read and judged: calls, seconds, memory.

usage: bench/audit.py [--build DIR] [--runs N]

Judging: a snapshot of 10,000 users and 5,000 roles (make_snapshot.py), beside inflating the same file alone; with and without
the proofs of source-IP and MFA. Processor time says more than the clock on a busy machine.
Reading: a scripted AWS on this machine (tests/support/aws_endpoint) that waits 50 ms before each answer, 17 regions, 50 and
500 users; beside it what the same number of calls would take one after another. It shares the cores with what it serves.
Needs the Python packages of tests/support/requirements.txt for the second part (scripts/setup check). Nothing here is a test.
"""
import argparse
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WITH_PACKAGES = ROOT / 'tests/support/with_packages.py'
DELAY_MS = 50
ROW = '| %s | %s | %.2f | %.2f | %.2f | %s | %s |'
PROOFS = {'iam-user-source-ip', 'iam-user-mfa-enforced'}


def watched(command, environment=None):
    """(seconds, processor seconds, peak MiB) of one run; 0, 1 and 3 are verdicts. VmHWM is looked at while it runs."""
    begin, before, peak = time.monotonic(), children_seconds(), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) as process:
        os.set_blocking(process.stderr.fileno(), False)
        while process.poll() is None:
            peak = max(peak, resident_kib(process.pid))
            time.sleep(0.002)
        errors = process.stderr.read() or b''
    if process.returncode not in (0, 1, 3):
        raise SystemExit(f'{command}: exit status {process.returncode}\n{errors.decode()[:2000]}')
    return time.monotonic() - begin, children_seconds() - before, peak / 1024


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resident_kib(pid):
    try:
        for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines():
            if line.startswith('VmHWM:'):
                return int(line.split()[1])
    except OSError:
        pass  # it has just ended
    return 0


def judge(program, folder, runs):
    big, small = folder / 'big.nzs', folder / 'small.nzs'
    for path, numbers in ((big, ()), (small, ('50', '100'))):
        subprocess.run([sys.executable, ROOT / 'bench/make_snapshot.py', path, *numbers], check=True)
    checks = re.findall(r'^NZ_CHECK\((\w+)\)', (ROOT / 'src/audit/checks.list').read_text(), re.M)
    without = ','.join({name.replace('_', '-') for name in checks} - PROOFS)
    print('| what | of | min s | median s | processor s | x inflating alone | peak MiB |\n| --- | --- | --- | --- | --- | --- | --- |')
    for of, path in (('10,000 users, 5,000 roles', big), ('50 users, 100 roles', small)):
        base = None
        for what, command in (('gzip -dc', ['gzip', '-dc', path]),
                              ('audit without the proofs', [program, 'audit', '-s', path, '-f', 'json', '--set', without]),
                              ('audit', [program, 'audit', '-s', path, '-f', 'json'])):
            samples = [watched(command) for _ in range(runs)]
            least = min(seconds for seconds, _, _ in samples)
            base = base or least
            print(ROW % (what, of, least, statistics.median(s for s, _, _ in samples), min(cpu for _, cpu, _ in samples),
                         '%.1f' % (least / base), '%.1f' % max(peak for _, _, peak in samples)), flush=True)


def collect(program, folder, runs):
    from aws_endpoint import Endpoint
    print('\n| what | of | min s | median s | processor s | calls | peak MiB |\n| --- | --- | --- | --- | --- | --- | --- |')
    for users in (50, 500):
        samples, calls = [], 0
        for _ in range(runs):
            with Endpoint(users=users, delay_ms=DELAY_MS) as aws:
                samples.append(watched([program, 'collect', '--quiet', '-o', folder / f'{users}.nzs'],
                                       {**os.environ, **aws.environment()}))
                calls = aws.count()
        of = f'{users} users, 100 roles, 17 regions'
        print(ROW % ('one call after another', of, calls * DELAY_MS / 1000, calls * DELAY_MS / 1000, 0, calls, '-'))
        print(ROW % ('collect', of, min(s for s, _, _ in samples), statistics.median(s for s, _, _ in samples),
                     min(cpu for _, cpu, _ in samples), calls, '%.1f' % max(peak for _, _, peak in samples)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--build', type=pathlib.Path, default=ROOT / 'build', help='build folder (build)')
    parser.add_argument('--runs', type=int, default=5, help='rounds (5)')
    parser.add_argument('--reading', action='store_true', help=argparse.SUPPRESS)  # the second part, with its packages
    arguments = parser.parse_args()
    program = str(arguments.build.resolve() / 'nezuban')
    with tempfile.TemporaryDirectory(prefix='nezuban-bench-') as folder:
        if arguments.reading:
            collect(program, pathlib.Path(folder), arguments.runs)
            return
        judge(program, pathlib.Path(folder), arguments.runs)
    sys.stdout.flush()
    subprocess.run([sys.executable, WITH_PACKAGES, __file__, '--reading', '--runs', str(arguments.runs), '--build',
                    arguments.build], check=False)


if __name__ == '__main__':
    main()
