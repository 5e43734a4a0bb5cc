#!/usr/bin/env python3
"""What detect gives out: each format is what it says, and nothing in a log or a rule gets out of it as more than text.

usage: reports.py NEZUBAN
"""
import base64
import csv
import fcntl
import hashlib
import html
import html.parser
import io
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import unicodedata

import hostile

# What may stand in a line of text: no control but the line's end, nothing that changes the direction.
CONTROL = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]')
# What is not seen, by which two names differ that look the same; but for what shapes a character that is no ASCII.
UNSEEN = re.compile('[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb'
                    '\U000e0000-\U000e00ff]|[\x00-\x7f][\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]')
STYLE = re.compile('\x1b\\[[0-9;]*m')  # ours, with --color always


class Reports:
    def __init__(self, program, folder):
        self.program, self.faults, self.count = program, [], 0
        self.log, self.rule = os.path.join(folder, 'hostile.jsonl'), os.path.join(folder, 'hostile.yml')
        lines, self.findings = hostile.records()  # those that are no text are skipped, and the exit status says so
        with open(self.log, 'wb') as file:
            file.write(lines)
        with open(self.rule, 'w', encoding='utf-8') as file:
            file.write(hostile.RULE)

    def environment(self):
        keep = {k: v for k, v in os.environ.items() if k in ('PATH', 'LD_LIBRARY_PATH') or k.endswith('SAN_OPTIONS')}
        return {**keep, 'HOME': '/nonexistent', 'LC_ALL': 'C.UTF-8', 'TERM': 'xterm'}

    def detect(self, *args):
        done = subprocess.run([self.program, 'detect', '--rules', self.rule, *args, self.log], env=self.environment(),
                              capture_output=True, timeout=120, stdin=subprocess.DEVNULL, check=False)
        self.check(f'exit status of {args}: {done.stderr.decode()[:500]}', done.returncode in (1, 2))
        return done.stdout.decode()  # throws when it is not UTF-8

    def on_terminal(self, columns, *args):
        """What a window so wide gets on standard output."""
        pid, fd = pty.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 50, columns, 0, 0))
            os.execve(self.program, [self.program, *args], self.environment())
        got = b''
        while select.select([fd], [], [], 60)[0]:
            try:
                part = os.read(fd, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            got += part
        os.close(fd)
        os.waitpid(pid, 0)
        return got.decode()

    def check(self, name, right):
        self.count += 1
        if not right:
            self.faults.append(name)


def width(text):
    return sum(0 if unicodedata.combining(c) or unicodedata.category(c) in ('Mn', 'Me', 'Cf') else
               2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


def check_text(r, name, text):
    """Nothing in it acts on a terminal."""
    found = CONTROL.search(STYLE.sub('', text))
    r.check(f'{name}: {found.group(0)!r} at {text[max(0, found.start() - 40):found.end() + 20]!r}' if found else name, not found)


def check_seen(r, name, text):
    """A person sees all of it: for the formats that people read."""
    check_text(r, name, text)
    found = UNSEEN.search(text)
    r.check(f'{name}: {found.group(0)!r} is not seen' if found else name, not found)


def check_table(r):
    for args in (['--color', 'always'], ['--color', 'never', '--explain'], ['--lang', 'ja', '--explain']):
        text = r.detect(*args)
        check_seen(r, f'table {args}', text)
        r.check(f'the count of {args}', str(r.findings) in text)
    for columns in (60, 80, 120, 160, 200):
        for lang in ('en', 'ja'):
            lines = r.on_terminal(columns, 'detect', '--quiet', '--lang', lang, '--rules', r.rule, r.log).split('\r\n')
            check_seen(r, f'window of {columns}', '\n'.join(lines))
            longest = max(width(STYLE.sub('', line)) for line in lines)
            r.check(f'window of {columns} in {lang}: a line of {longest}', longest <= columns)
    explained = r.detect('--explain', '--color', 'never')
    r.check('--explain has the steps of the rule', '<svg/onload=window.harmed=1>\\x1b[31m' in explained)
    r.check('--explain has a command to go on with', 'nezuban trail timeline --actor NAME PATH' in explained)


def check_ndjson(r):
    lines = [json.loads(line) for line in r.detect('--format', 'ndjson').splitlines()]
    r.check('ndjson: one line a finding', len(lines) == r.findings)
    r.check('ndjson: values as they were', {line['user_agent'] for line in lines} >= set(hostile.VALUES))
    whole = json.loads(r.detect('--format', 'json'))
    r.check('json: the same', whole['findings'] == lines)
    results = json.loads(r.detect('--format', 'sarif'))['runs'][0]['results']
    r.check('sarif: the same in its results', [result['properties']['finding'] for result in results] == lines)
    links = [result['message']['text'] for result in results if re.search(r'(?<!\\)\[', result['message']['text'])]
    r.check(f'sarif: {links[:3]} has links', not links)
    events = [json.loads(line) for line in r.detect('--format', 'ocsf').splitlines()]
    r.check('ocsf: one event a finding, each with a name of its own', len({event['metadata']['uid'] for event in events}) == r.findings)
    for form in ('ndjson', 'json', 'sarif', 'ocsf'):
        check_text(r, form, r.detect('--format', form))


CORRELATION = '''
---
title: Several users made
id: 22222222-2222-4222-8222-222222222222
correlation: {type: event_count, rules: [base], group-by: [userIdentity.arn], timespan: 30d, condition: {gte: 2}, generate: true}
level: critical
'''


def check_correlation(r):
    """GitHub's code scanning refuses a whole file for one result without a location, an address or a line; a SIEM is told who it was."""
    with tempfile.TemporaryDirectory() as folder:
        rule, log = os.path.join(folder, 'rules.yml'), os.path.join(folder, 'log.jsonl')
        with open(rule, 'w', encoding='utf-8') as file:
            file.write(hostile.RULE.replace('level: high', 'level: high\nname: base') + CORRELATION)
        with open(log, 'wb') as file:
            file.write(b'\n'.join(hostile.record(number) for number in range(5)))
        sarif, ocsf = (subprocess.run([r.program, 'detect', '--rules', rule, '--format', form, log], env=r.environment(),
                                      capture_output=True, timeout=120, check=False).stdout for form in ('sarif', 'ocsf'))
    events = [event for event in map(json.loads, ocsf.splitlines()) if event['finding_info']['analytic']['uid'].startswith('2222')]
    r.check('ocsf: what a correlation is grouped by is its actor',
            'arn:aws:iam::111122223333:user/alice' in {event['evidences'][0]['actor']['user']['uid'] for event in events})
    run = json.loads(sarif)['runs'][0]
    rules = {result['ruleId'] for result in run['results']}
    r.check(f'sarif: a correlation is among {rules}', '22222222-2222-4222-8222-222222222222' in rules)
    places = [location['physicalLocation'] for result in run['results'] for location in result['locations']]
    r.check('sarif: each result has a place', len(places) == len(run['results']))
    r.check('sarif: with address and line', all(place['artifactLocation']['uri'] and place['region']['startLine'] == 1 for place in places))
    names = [result['partialFingerprints']['primaryLocationLineHash'] for result in run['results']]
    r.check('sarif: each result has a name of its own', len(set(names)) == len(names))


def check_csv(r):
    text = r.detect('--format', 'csv')
    check_seen(r, 'csv', text.replace('\r', ''))  # within quotes line ends are the value's own
    rows = list(csv.reader(io.StringIO(text, newline=''), strict=True))
    r.check('csv: one row a finding, all as long', len(rows) == r.findings + 1 and {len(row) for row in rows} == {len(rows[0])})
    formulas = [cell for row in rows for cell in row if cell[:1] in tuple('=+-@\t\r\n\uff1d\uff0b\uff0d\uff20')]
    r.check(f'csv: {formulas[:3]} would be formulas', not formulas)
    longest = max(len(cell) for row in rows for cell in row)
    r.check(f'csv: a cell of {longest} characters', 30000 < longest <= 32767)  # Excel begins rows with what is more
    # a program that parts cells by something else, to which a quote behind a comma is nothing, or looks at no quotes
    parts = [part.lstrip('" \u3000') for part in re.split('[,;\t\r\n]', text)]
    r.check('csv parted by whatever', not [part for part in parts if part[:1] in tuple('=+@-\uff1d')])
    agents = {row[rows[0].index('user_agent')] for row in rows[1:]}
    r.check('csv: ordinary values as they were', {'aws-cli/2.15', 'a"b,c', 'line\nbreak'} <= agents)
    r.check('csv in Japanese has a byte order mark', r.detect('--lang', 'ja', '--format', 'csv').startswith('\ufefflevel,'))


class Page(html.parser.HTMLParser):
    """What a browser makes of a page, as far as it may do harm: elements, attributes, the policy."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.attributes, self.addresses, self.policy, self.words = {}, set(), [], '', []
        self.inside, self.texts = None, {'style': '', 'script': ''}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements[tag] = self.elements.get(tag, 0) + 1
        self.inside = tag if tag in self.texts else self.inside
        for name, value in attrs:
            self.attributes.add(name)
            if name in ('href', 'src', 'action', 'data', 'formaction', 'xlink:href'):
                self.addresses.append(value)
        if tag == 'meta' and dict(attrs).get('http-equiv') == 'Content-Security-Policy':
            self.policy = dict(attrs)['content']

    def handle_endtag(self, tag):
        self.inside = None if tag == self.inside else self.inside

    def handle_data(self, data):
        if self.inside:
            self.texts[self.inside] += data
        else:
            self.words.append(data)


# All that a page of ours is made of; an element or attribute that came out of a value would be another.
ELEMENTS = set("""html head meta title style body div svg path circle rect h1 h2 h3 h4 p main ul ol li button b span section a
    figure details summary dl dt dd pre code select option input output header br script table thead tbody tr th td""".split())
ATTRIBUTES = re.compile('(lang|charset|http-equiv|content|name|class|id|type|value|placeholder|href|target|rel|hidden|role|viewbox|'
                        'preserveaspectratio|x|y|width|height|d|cx|cy|r|aria-[a-z]+|data-[a-z]+)$')


def check_page(r, name, text):
    page = Page(text)
    check_seen(r, name, text.replace('\r', ''))  # which a browser takes for a line's end
    r.check(f'{name}: elements {set(page.elements) - ELEMENTS}', set(page.elements) <= ELEMENTS)
    strange = [attribute for attribute in page.attributes if not ATTRIBUTES.match(attribute)]
    r.check(f'{name}: attributes {strange}', not strange)
    bad = [a for a in page.addresses if not re.match(r'https://|#rule-[0-9]+$', a)]
    r.check(f'{name}: addresses {bad[:3]}', not bad)
    r.check(f'{name}: one style, one script', page.elements.get('script') == 1 and page.elements.get('style') == 1)
    for kind, content in page.texts.items():
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        r.check(f'{name}: the policy names the {kind}', f"{kind}-src 'sha256-{digest}'" in page.policy)
    r.check(f'{name}: the policy forbids the rest', "default-src 'none'" in page.policy and 'unsafe' not in page.policy)
    return page


def check_html(r):
    for lang in ('en', 'ja'):
        text = r.detect('--format', 'html', '--lang', lang)
        page = check_page(r, f'html in {lang}', text)
        r.check(f'html in {lang}: its language', f'<html lang="{lang}">' in text)
        listed = text.count('<details class="item"')
        r.check(f'html in {lang}: {listed} items', listed == 100)  # of this rule; the others are counted
        r.check(f'html in {lang}: the count', f'{r.findings}' in ' '.join(page.words))
        r.check(f'html in {lang}: the record', any('"eventName": "CreateUser"' in words for words in page.words))


def check_html_records(r):
    """Each finding shows its record whole, however the reader came by it: ordinary, of a shape that comes again, with space in it."""
    records = [{'eventVersion': '1.11', 'userIdentity': {'type': 'IAMUser', 'arn': f'arn:aws:iam::111122223333:user/u{i % 3}'},
                'eventTime': f'2026-06-24T17:2{i % 10}:55Z', 'eventSource': 'iam.amazonaws.com', 'eventName': 'CreateUser',
                'requestParameters': {'userName': f'n{i}', 'tags': [{'key': 'k', 'value': i}]}, 'responseElements': None,
                'eventID': f'00000000-0000-0000-0000-{i:012}'} for i in range(30)]
    with tempfile.TemporaryDirectory() as folder:
        for separators in ((',', ':'), (', ', ': ')):
            log = os.path.join(folder, 'log.json')
            with open(log, 'w', encoding='utf-8') as file:
                json.dump({'Records': records}, file, separators=separators)
            done = subprocess.run([r.program, 'detect', '--rules', r.rule, '--format', 'html', log], env=r.environment(),
                                  capture_output=True, check=False)
            shown = [json.loads(html.unescape(text)) for text in re.findall('<pre>(.*?)</pre>', done.stdout.decode(), re.S)]
            r.check(f'html: {len(shown)} records, whole, separated by {separators}',
                    sorted(map(json.dumps, shown)) == sorted(map(json.dumps, records)))


def check_trail_pages(r):
    """The pages of trail timeline and trail stats, of hostile records and of a quiet week with a new address at its end."""
    for command in (['trail', 'timeline'], ['trail', 'stats', '--top', '0']):
        for lang in ('en', 'ja'):
            done = subprocess.run([r.program, *command, '--format', 'html', '--lang', lang, r.log], env=r.environment(),
                                  capture_output=True, check=False)
            page = check_page(r, f'{command} in {lang}', done.stdout.decode())
            r.check(f'{command}: all records are in it', f'{r.findings}' in ' '.join(page.words))
            r.check(f'{command}: a value of each', '<script>window.harmed=1</script>' in ' '.join(page.words))
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, 'week.jsonl')
        with open(log, 'wb') as file:
            for day in range(1, 8):
                for number in range(3):
                    source = b'"203.0.113.99"' if day == 7 and number == 1 else b'"198.51.100.1"'
                    file.write(hostile.record(day * 10 + number, eventTime=b'"2026-06-%02dT09:0%d:00Z"' % (day, number),
                                              sourceIPAddress=source) + b'\n')
        done = subprocess.run([r.program, 'trail', 'timeline', '--actor', 'alice', '--format', 'html', log], env=r.environment(),
                              capture_output=True, check=True)
        text = done.stdout.decode()
        r.check('timeline: a day each', text.count('<section class="panel" data-group>') == 7)
        r.check('timeline: what repeats is one line', '× 3' in text and text.count('<tr data-item') == 6 + 3)
        new = re.findall(r'<td[^>]*>([^<]*) <span class="first">', text)
        r.check(f'timeline: the new address alone is marked: {new}', new == ['203.0.113.99'])


def check_trail(r):
    """The tables and records of trail: nothing acts, a window is not exceeded, a long name does not make all rows as long."""
    def trail(*args):
        done = subprocess.run([r.program, 'trail', *args, r.log], env=r.environment(), capture_output=True, timeout=120, check=False)
        r.check(f'{args}: {done.returncode}, {done.stderr.decode()[:300]}', done.returncode == 2)  # some records are no text
        return done.stdout.decode()
    for args in (['timeline'], ['timeline', '--lang', 'ja'], ['stats', '--top', '0']):
        text = trail(*args)
        check_seen(r, f'trail {args}', text)
        r.check(f'trail {args}: {len(text)} characters', len(text) < 4000000)
        for columns in (60, 80, 120):
            lines = r.on_terminal(columns, 'trail', *args, '--quiet', r.log).split('\r\n')
            check_seen(r, f'trail {args} in a window', STYLE.sub('', '\n'.join(lines)))
            longest = max(width(STYLE.sub('', line)) for line in lines)
            r.check(f'trail {args} in a window of {columns}: a line of {longest}', longest <= columns)
    for args in (['grep', 'eventVersion=1.11'], ['timeline', '--format', 'raw']):
        text = trail(*args)
        check_seen(r, f'trail {args}', text)
        records = [json.loads(line) for line in text.splitlines()]
        r.check(f'trail {args}: values as they were', {record['userAgent'] for record in records} >= set(hostile.VALUES))


def check_names_of_files(r):
    """What is wrong with a file is told by its name, whatever that is."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (b'\x1b[31mred', b'\xc2\x9b31m', b'\xff\xfe', '\u202egnp'.encode(), b'two\nlines', b'\x1b]8;;x\x07', 'al\u200bice'.encode()):
            with open(os.path.join(folder.encode(), name + b'.json'), 'wb') as file:
                file.write(b'{"Records":[{"eventName":')
        for args in (['detect'], ['detect', '--lang', 'ja'], ['trail', 'grep', 'x'], ['trail', 'stats'], ['trail', 'timeline']):
            done = subprocess.run([r.program, *args, folder], env=r.environment(), capture_output=True, check=False)
            check_seen(r, f'problems of {args}', done.stderr.decode())
            r.check(f'problems of {args}: one of each', done.stderr.count(b'.json') == 7)
    for args in (['detect', '\x1b[31m\u202e'], ['detect', '--format', '\x1b[31m', 'x'],
                 ['detect', '--rules', '\x1b[31m', 'x'], ['\x1b[31m'], ['explain', '\x1b[31m']):
        done = subprocess.run([r.program, *args], env=r.environment(), capture_output=True, check=False)
        check_seen(r, f'wrong use {args}', done.stderr.decode())
        r.check(f'wrong use {args}', done.returncode == 2 and b'\\x1b[31m' in done.stderr)


def check_account(r):
    """An audit of an account whose names mean harm; on a terminal nothing is wider than it, and in a narrow one no reason is cut."""
    snapshot = r.rule + '.jsonl'
    with open(snapshot, 'wb') as file:
        file.write(hostile.account())

    def audit(*args):
        done = subprocess.run([r.program, *args, 'audit', '-s', snapshot], env=r.environment(), capture_output=True, timeout=120, check=False)
        r.check(f'audit {args}: {done.stderr.decode()[:300]}', done.returncode == 1 and not done.stderr)
        return done.stdout.decode()
    for args in (['--color', 'always'], ['--lang', 'ja', '--color', 'always']):
        check_seen(r, f'audit {args}', audit(*args))
    piped = audit()
    check_seen(r, 'audit, piped', piped)
    r.check('no colour when it is piped', not STYLE.search(piped))
    done = subprocess.run([r.program, 'audit', '-s', snapshot, '-f', 'json'], env=r.environment(), capture_output=True, check=False)
    found = {f['resource'].partition(':user/')[2] for f in json.loads(done.stdout)['findings'] if f['check'] == 'iam-user-direct-policy'}
    r.check('audit json: names as they were', found - {''} == set(hostile.VALUES))  # '': of the account
    for columns in (60, 80, 120, 160):
        for lang in ('en', 'ja'):
            lines = r.on_terminal(columns, '--lang', lang, 'audit', '-s', snapshot).split('\r\n')
            check_text(r, f'audit in a window of {columns}', '\n'.join(lines))
            longest = max(width(STYLE.sub('', line)) for line in lines)
            r.check(f'audit in a window of {columns} in {lang}: a line of {longest}', longest <= columns)
            text = ''.join(line.strip() + ' ' for line in STYLE.sub('', '\n'.join(lines)).split('\n'))
            r.check(f'a reason in a window of {columns}', columns >= 100 or lang == 'ja' or
                    'policies on the user itself: inline 0, attached 1; groups should give them' in text)


def check_use(r):
    done = subprocess.run([r.program, 'detect', '--explain', '--format', 'csv', r.log], env=r.environment(), capture_output=True,
                          check=False)
    r.check('--explain without a table is wrong use', done.returncode == 2 and b'--explain' in done.stderr)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        r = Reports(os.path.abspath(sys.argv[1]), folder)
        for check in (check_table, check_ndjson, check_correlation, check_csv, check_html, check_html_records, check_trail_pages, check_trail, check_names_of_files, check_account, check_use):
            check(r)
    for fault in r.faults:
        print('FAILED:', fault)
    print(f'{r.count - len(r.faults)} of {r.count} right')
    return 1 if r.faults else 0


if __name__ == '__main__':
    sys.exit(main())
