#!/usr/bin/env python3
"""How a run ends when somebody ends it: SIGINT, SIGTERM, a reader that goes away, a full disk; and files given with -o.

usage: ends.py NEZUBAN
"""

import array
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time

RULE = '''title: Any
id: 11111111-1111-4111-8111-111111111111
logsource: {product: aws, service: cloudtrail}
detection:
  any: {eventName: GetThing}
  condition: any
level: high
'''


def record(number):
    return json.dumps({'eventVersion': '1.08', 'eventID': 'id-%d' % number, 'eventName': 'GetThing', 'awsRegion': 'us-east-1',
                       'eventSource': 'x.amazonaws.com', 'eventTime': '2024-05-01T00:00:%02dZ' % (number % 60),
                       'userIdentity': {'type': 'Root', 'arn': 'arn:aws:iam::111122223333:root'},
                       'sourceIPAddress': '203.0.113.%d' % (number % 256), 'recipientAccountId': '111122223333'})


class Ends:
    def __init__(self, program, folder):
        self.program, self.folder, self.faults, self.count = program, folder, [], 0
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
        self.environment = {**keep, 'HOME': folder, 'LC_ALL': 'C.UTF-8', 'TERM': 'xterm'}
        self.rule, self.log, self.long = (os.path.join(folder, name) for name in ('any.yml', 'log.json', 'long.json'))
        for path, text in ((self.rule, RULE), (self.log, '\n'.join(map(record, range(20))) + '\n'),
                           (self.long, '\n'.join(map(record, range(20000))) + '\n')):
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)

    def check(self, name, right, shown=''):
        self.count += 1
        if not right:
            self.faults.append(f'{name}: {shown!r}'[:1000])

    def start(self, *args, **streams):
        streams = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'env': self.environment, **streams}
        return subprocess.Popen([self.program, *args], **streams)

    def finish(self, process):
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


def check_signals(e):
    for number in (signal.SIGINT, signal.SIGTERM):
        process = e.start('detect', '--rules', e.rule, '--format', 'ndjson', '-', stdin=subprocess.PIPE)
        with open(e.long, 'rb') as file:
            process.stdin.write(file.read())  # more than the pipe holds: when this returns, most of it was read
        process.stdin.flush()
        time.sleep(0.5)  # the program reads what is there, and waits for more
        process.send_signal(number)
        rescue = threading.Timer(30, process.kill)  # its input stays open: only the signal can end it
        rescue.start()
        out, err = process.stdout.read(), process.stderr.read()
        process.wait()
        rescue.cancel()
        process.stdin.close()
        e.check(f'{number.name}: 130', process.returncode == 130, (process.returncode, err))
        found = [json.loads(line) for line in out.decode().splitlines()]
        e.check(f'{number.name}: what was found is written', len(found) >= 1000, (len(found), err))


def wait_until_read(pipe):
    """Until the program has taken everything out of the pipe; what is then in its hands needs a moment more."""
    left, until = array.array('i', [1]), time.monotonic() + 30
    while left[0] and time.monotonic() < until:
        fcntl.ioctl(pipe, termios.FIONREAD, left)
        time.sleep(0.05)
    time.sleep(0.5)


def check_silent_pipe(e):
    """A pipe that has brought a little and then nothing: what it has brought is looked at, with one worker and with two."""
    for count in (1, 200):
        for jobs in '12':
            process = e.start('detect', '-j', jobs, '--rules', e.rule, '--format', 'ndjson', '-', stdin=subprocess.PIPE)
            process.stdin.write(''.join(record(number) + '\n' for number in range(count)).encode())
            process.stdin.flush()
            wait_until_read(process.stdin)
            process.send_signal(signal.SIGINT)
            rescue = threading.Timer(30, process.kill)
            rescue.start()
            out, err = process.stdout.read(), process.stderr.read()
            process.wait()
            rescue.cancel()
            process.stdin.close()
            e.check(f'{count} records, -j{jobs}: 130', process.returncode == 130, (process.returncode, err))
            e.check(f'{count} records, -j{jobs}: all are found', out.count(b'\n') == count, (out.count(b'\n'), err))


def check_closed_pipe(e):
    for args in (('trail', 'grep', 'eventName=GetThing', e.long), ('detect', '--rules', e.rule, '-f', 'ndjson', e.long),
                 ('trail', 'timeline', '-f', 'raw', e.long)):
        process = e.start(*args)
        process.stdout.read(1)
        process.stdout.close()
        err = process.stderr.read().decode()
        status = process.wait(timeout=60)
        e.check(f'{args[:2]}: a closed pipe gives 2', status == 2, (status, err))
        e.check(f'{args[:2]}: and no complaint', 'ipe' not in err and 'write' not in err, err)


def check_full_disk(e):
    for args in (('trail', 'grep', 'eventName=GetThing', e.log), ('detect', '--rules', e.rule, e.log), ('trail', 'stats', e.log),
                 ('trail', 'timeline', e.log), ('rules', 'list')):
        with open('/dev/full', 'wb') as full:
            status, _, err = e.finish(e.start(*args, stdout=full))
        e.check(f'{args[:2]}: a full disk is said and gives 2',
                status == 2 and b'standard output: cannot write: No space left on device' in err, (status, err))
    status, out, err = e.finish(e.start('rules', 'list', '-o', '/dev/full'))
    e.check('-o on a full disk', status == 2 and b'/dev/full: cannot write: No space left' in err and not out, (status, err))


def check_no_temporary_file(e):
    """What outgrows memory has no place to go: where that should have been is said."""
    path = os.path.join(e.folder, 'large.jsonl')
    with open(path, 'w', encoding='utf-8') as file:
        for i in range(400):
            file.write(json.dumps({'eventVersion': '1.11', 'eventTime': '2026-06-24T17:27:55Z', 'eventSource': 'x.amazonaws.com',
                                   'eventName': 'GetThing', 'userAgent': f'{i}' * 20000, 'eventID': f'large-{i}'},
                                  separators=(',', ':')) + '\n')
    for args in (('trail', 'grep', 'eventName=GetThing', path), ('trail', 'timeline', path),
                 ('detect', '--rules', e.rule, '--format', 'ndjson', path)):
        status, _, err = e.finish(e.start(*args, env={**e.environment, 'TMPDIR': '/nonexistent'}))
        e.check(f'{args[:2]}: no temporary file is said, with its folder, and gives 2',
                status == 2 and b"temporary file in '/nonexistent'" in err, (status, err))


def check_file(e):
    path = os.path.join(e.folder, 'report')
    status, out, err = e.finish(e.start('detect', '--rules', e.rule, '-f', 'ndjson', '-o', path, e.log))
    with open(path, encoding='utf-8') as file:
        lines = file.read().splitlines()
    e.check('-o FILE', status == 1 and out == b'' and len(lines) == 20, (status, err, len(lines)))
    status, out, err = e.finish(e.start('rules', 'list', '-o', os.path.join(e.folder, 'no', 'report')))
    e.check('-o into no folder', status == 2 and b'no/report: cannot write: No such file or directory' in err, err)
    status, out, err = e.finish(e.start('rules', 'list', '--quiet', '-o', '-'))
    e.check('-o - is standard output', status == 0 and out.count(b'\n') > 10 and err == b'', (status, err))
    e.check('nothing temporary is left', not [name for name in os.listdir(e.folder) if name.endswith('.tmp')])


def check_progress(e):
    """Standard error is a terminal: a line that is drawn over and cleared; --quiet and a pipe: none."""
    for args, wanted in (((), True), (('--quiet',), False)):
        ours, theirs = pty.openpty()
        process = e.start('detect', *args, '--rules', e.rule, '-', stdin=subprocess.PIPE, stderr=theirs,
                          stdout=subprocess.DEVNULL)
        os.close(theirs)
        begin = time.monotonic()
        for part in range(4):
            process.stdin.write('\n'.join(record(part * 5000 + i) for i in range(5000)).encode() + b'\n')
            process.stdin.flush()
            time.sleep(0.15)
        process.stdin.close()
        seen = b''
        while select.select([ours], [], [], 30)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            seen += part
        os.close(ours)
        process.wait(timeout=60)
        seconds = time.monotonic() - begin
        drawn = seen.count(b' file')
        e.check(f'{args}: progress {"is" if wanted else "is not"} drawn', (b'\r\033[K' in seen) == wanted, seen)
        if wanted:
            e.check('not more than ten times a second', drawn <= 10 * seconds + 10, (drawn, seconds))
            e.check('the line is cleared before the summary', b'\033[Kfile' in seen or b'\033[Kfindings' in seen, seen)


def check_wrong_use(e):
    """What could only find nothing, or would destroy a log, is refused."""
    e_log = e.log
    with open(e_log, 'rb') as file:
        before = file.read()
    for args in (('detect', '--since', '2024-02-01', '--until', '2024-01-01', e_log), ('detect', '-o', e_log, e_log),
                 ('trail', 'timeline', '--ip', '203.0.113.0/99', e_log)):
        status, out, err = e.finish(e.start(*args))
        e.check(f'{args}: 2, and a reason', status == 2 and out == b'' and b'--help' in err, (status, out, err))
    with open(e_log, 'rb') as file:
        e.check('the log is as it was', file.read() == before)
    # results beside the logs: their temporary file is not taken for a log
    folder = os.path.join(e.folder, 'logs')
    os.mkdir(folder)
    shutil.copy(e_log, folder)
    status, out, err = e.finish(e.start('detect', '--rules', e.rule, '-f', 'ndjson', '-o', folder + '/.out', folder))
    e.check('-o into the folder of the logs', status == 1 and b'skipped: 0' in err, (status, err))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        e = Ends(os.path.abspath(sys.argv[1]), folder)
        for part in (check_signals, check_silent_pipe, check_closed_pipe, check_full_disk, check_no_temporary_file, check_file, check_progress, check_wrong_use):
            part(e)
    for fault in e.faults:
        print('FAILED: ' + fault)
    print(f'{e.count - len(e.faults)} of {e.count} right')
    sys.exit(1 if e.faults or not e.count else 0)


if __name__ == '__main__':
    main()
