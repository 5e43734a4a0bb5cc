#!/usr/bin/env python3
"""The HTML reports in a browser: hostile values do nothing, nothing is fetched, filters work, it fits phone, screen and paper.

usage: browser.py NEZUBAN

Needs chromium (scripts/setup long); skipped where there is none. A page is looked at over the browser's debugging pipe, with
a script of the test beside the page's own.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import hostile

SKIPPED = 77


class Browser:
    """Headless Chromium, spoken to by its DevTools protocol on two pipes: JSON texts that end with a NUL."""

    def __init__(self, program, folder):
        to_read, self.to = os.pipe()
        self.fro, to_write = os.pipe()
        self.number, self.rest, self.events = 0, b'', []

        def place_pipes():  # the protocol wants them as 3 and 4; both are moved away first, they may stand there already
            a, b = os.dup(to_read), os.dup(to_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [program, '--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--no-first-run',
             '--disable-background-networking', '--user-data-dir=' + os.path.join(folder, 'profile'), 'about:blank'],
            close_fds=False, preexec_fn=place_pipes, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        target = [t for t in self.call('Target.getTargets')['targetInfos'] if t['type'] == 'page'][0]['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Network', 'Log'):
            self.page(domain + '.enable')

    def receive(self):
        while b'\0' not in self.rest:
            part = os.read(self.fro, 1 << 20)
            if not part:
                sys.exit('FAILED: the browser went away')
            self.rest += part
        text, self.rest = self.rest.split(b'\0', 1)
        return json.loads(text)

    def call(self, method, session=None, **params):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params, **({'sessionId': session} if session else {})}
        os.write(self.to, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.receive()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    sys.exit(f'FAILED: {method}: {answer["error"]}')
                return answer['result']
            self.events.append(answer)

    def page(self, method, **params):
        return self.call(method, self.session, **params)

    def look(self, width=1280, height=900, dark=False, printed=False):
        """At the page that is loaded, in another window or on paper."""
        self.page('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        self.page('Emulation.setEmulatedMedia', media='print' if printed else 'screen',
                  features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])

    def open(self, path):
        self.events = []
        self.look()
        self.page('Page.navigate', url='file://' + path)
        end = time.monotonic() + 60
        while self.value('document.readyState') != 'complete' or self.value('location.protocol') != 'file:':
            if time.monotonic() > end:
                sys.exit(f'FAILED: {path} does not load')
            time.sleep(0.02)

    def value(self, expression):
        result = self.page('Runtime.evaluate', expression=expression, returnByValue=True)
        if 'exceptionDetails' in result:
            sys.exit(f'FAILED: {expression}: {result["exceptionDetails"]}')
        return result['result'].get('value')

    def close(self):
        self.process.kill()
        self.process.wait()


class Check:
    def __init__(self):
        self.faults, self.count = [], 0

    def __call__(self, name, right):
        self.count += 1
        if not right:
            self.faults.append(name)


def check_harmless(check, browser, name):
    """Called on a loaded page: no value ran, loaded, led away or hid anything."""
    check(f'{name}: no value ran', browser.value('window.harmed') is None)
    check(f'{name}: the page is still there', browser.value('document.querySelectorAll("h1").length') == 1)
    # all are opened and moved over, as a reader would
    browser.value('''document.querySelectorAll("details").forEach((d) => { d.open = true; });
        document.querySelectorAll("main *").forEach((e) => {
            for (const kind of ["mouseover", "focus", "error", "load"]) e.dispatchEvent(new Event(kind)); });''')
    check(f'{name}: nor when it is opened and touched', browser.value('window.harmed') is None)
    urls = [e['params']['request']['url'] for e in browser.events if e.get('method') == 'Network.requestWillBeSent']
    outside = [url for url in urls if not url.startswith('file://')]
    check(f'{name}: asks for {outside[:3]}', not outside)
    errors = [e['params'] for e in browser.events if e.get('method') in ('Runtime.exceptionThrown', 'Log.entryAdded')]
    check(f'{name}: errors {str(errors)[:300]}', not errors)
    check(f'{name}: nothing is hidden by a value', browser.value('getComputedStyle(document.body).display') == 'block')
    text = browser.value('document.body.innerText')
    bad = [c for c in text if c in '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c' or '\x7f' <= c < '\xa0' or
           (c < ' ' and c not in '\t\n')]
    check(f'{name}: characters that act on a reader: {bad[:3]}', not bad)
    check(f'{name}: the value can be read', '<script>window.harmed=1</script>' in text)


def check_width(check, browser, path, name):
    browser.open(path)
    for width, dark, printed in ((1280, False, False), (1280, True, False), (390, False, False), (390, True, False), (700, False, True)):
        browser.look(width=width, dark=dark, printed=printed)
        wide = browser.value('document.documentElement.scrollWidth')
        check(f'{name}: {wide} wide in a window of {width}', wide <= width)
        cut = browser.value('[...document.querySelectorAll(".log")].filter((e) => e.parentElement.scrollWidth > e.parentElement.clientWidth).length')
        check(f'{name}: {cut} tables are wider than a window of {width}', width > 500 or not cut)
        ground = browser.value('getComputedStyle(document.body).backgroundColor')
        light = sum(map(int, ground[ground.index('(') + 1:-1].split(',')[:3])) > 380
        check(f'{name}: {ground} in the {"dark" if dark else "light"}', light != (dark and not printed))


# Of each element with words of its own: how they stand out from the ground behind them (WCAG 2.2, 1.4.3).
CONTRASTS = '''(() => {
    const parse = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = (c) => { const l = c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
    const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
        if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
    const bad = [];
    for (const e of document.querySelectorAll("body *")) {
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length || e.matches("option, script")) continue;
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) bad.push(((a + 0.05) / (b + 0.05)).toFixed(1) + " " + e.className + " " + e.textContent.slice(0, 30));
    }
    return bad;
})()'''


def check_contrast(check, browser, path, name):
    browser.open(path)
    for dark, printed in ((False, False), (True, False), (False, True)):
        browser.look(dark=dark, printed=printed)
        bad = browser.value(CONTRASTS)
        check(f'{name}: hard to read in the {"dark" if dark else "light"}{", printed" if printed else ""}: {bad[:5]}', not bad)


def check_history(check, browser, path):
    """Back takes the last choice back; an address with a choice is opened with it; a link to a rule shows it whatever is chosen."""
    browser.open(path)
    choose = 'document.querySelector(".rank[data-set^=%s]").click()'
    in_sight = '(({top}) => top > -2 && top < innerHeight)(document.querySelector("%s").getBoundingClientRect())'
    chosen = '[...document.querySelectorAll("select[data-filter]")].filter((s) => s.value).map((s) => s.dataset.filter).join()'

    def wait_for(value):
        end = time.monotonic() + 10
        while browser.value(chosen) != value and time.monotonic() < end:
            time.sleep(0.02)
        return browser.value(chosen)
    browser.value(choose % 'actor')
    browser.value(choose % 'region')
    check('two choices', wait_for('actor,region') == 'actor,region')
    check('what was chosen is seen', browser.value(in_sight % '.tools'))
    browser.value('history.back()')
    check('back takes one', wait_for('actor') == 'actor')
    browser.value('history.forward()')
    check('forward gives it again', wait_for('actor,region') == 'actor,region')
    address = browser.value('location.hash')
    browser.page('Page.navigate', url='about:blank')
    browser.open(path + address)
    check(f'opened at {address}', wait_for('actor,region') == 'actor,region')
    browser.value('document.querySelector("a[href^=\\"#rule-\\"]").click()')
    check('a link shows all', wait_for('') == '')
    check('and goes there', browser.value(in_sight % browser.value('location.hash')))


def check_filters(check, browser, path):
    browser.open(path)
    shown = 'document.querySelectorAll("[data-item]:not([hidden])").length'
    whole = browser.value(shown)
    check('filters are shown', not browser.value('document.querySelector(".tools").hidden'))
    for name in ('actor', 'level', 'rule', 'source', 'region'):
        got = browser.value(f'''(() => {{ const s = document.querySelector('select[data-filter="{name}"]');
            s.value = s.options[1].value; s.dispatchEvent(new Event("change"));
            const items = [...document.querySelectorAll("[data-item]:not([hidden])")];
            const right = items.length > 0 && items.every((i) => i.dataset.{name} === s.value);
            const all = document.querySelectorAll('[data-item][data-{name}="' + s.value + '"]').length === items.length;
            s.value = ""; s.dispatchEvent(new Event("change")); return right && all; }})()''')
        check(f'filter by {name}', got)
    check('all are back', browser.value(shown) == whole)
    browser.value('''(() => { const s = document.querySelector("[data-search]"); s.value = "HARMED=1"; s.dispatchEvent(new Event("input")); })()''')
    found = browser.value(shown)
    check(f'search: {found} of {whole}', 0 < found < whole)
    check('the number is told', browser.value('document.querySelector("[data-shown]").textContent') == f'{found} / {whole}')
    check('the choice stands in the address', 'q=HARMED' in browser.value('location.hash'))
    browser.value('document.querySelector("[data-all=reset]").click()')
    check('reset shows all', browser.value(shown) == whole)
    browser.value('(() => { const s = document.querySelector("[data-search]"); s.value = "in no finding"; s.dispatchEvent(new Event("input")); })()')
    check('that nothing fits is told', browser.value('!document.querySelector("[data-none]").hidden'))
    browser.value('document.querySelector("[data-all=reset]").click()')
    check('and no longer', browser.value('document.querySelector("[data-none]").hidden'))
    browser.value('document.querySelector(".rank[data-set^=actor]").click()')
    check('a click on a name chooses it', browser.value('document.querySelector("select[data-filter=actor]").value !== ""'))


def check_many(check, browser, program, folder):
    """A page with all the findings that are listed at most is quick."""
    log, rules, page = (os.path.join(folder, name) for name in ('many.jsonl', 'many.yml', 'many.html'))
    with open(log, 'wb') as file:
        for number in range(3000):
            file.write(hostile.record(number, userAgent=b'"agent %d"' % number) + b'\n')
    with open(rules, 'w', encoding='utf-8') as file:
        file.write('\n---\n'.join(hostile.RULE.replace('title: "', f'title: "{i} ').replace('id: "', f'id: "{i}') for i in range(20)))
    subprocess.run([program, 'detect', '--format', 'html', '-o', page, '--rules', rules, log], capture_output=True, check=False)
    check(f'the file of {os.path.getsize(page)} bytes is small', os.path.getsize(page) < 16 << 20)
    browser.open(page)
    check('a thousand are listed', browser.value('document.querySelectorAll("[data-item]").length') == 1000)
    check('all are counted', '60,000' in browser.value('document.querySelector(".tiles").innerText'))
    took = browser.value('''(() => { const s = document.querySelector("[data-search]"), from = performance.now(); s.value = "agent 77";
        s.dispatchEvent(new Event("input")); document.body.offsetHeight; return performance.now() - from; })()''')
    check(f'a search takes {took:.0f} ms', took < 3000)  # some tens; a bound for a busy machine


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    chromium = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    if not chromium:
        print('skipped: there is no chromium; scripts/setup long installs it')
        return SKIPPED
    program, check = os.path.abspath(sys.argv[1]), Check()
    with tempfile.TemporaryDirectory() as folder:
        log, rule = os.path.join(folder, 'hostile.jsonl'), os.path.join(folder, 'hostile.yml')
        with open(log, 'wb') as file:
            file.write(hostile.records()[0])
        with open(rule, 'w', encoding='utf-8') as file:
            file.write(hostile.RULE)
        browser = Browser(chromium, folder)
        try:
            for name, command in (('detect', ['detect', '--rules', rule]), ('timeline', ['trail', 'timeline']), ('stats', ['trail', 'stats', '--top', '0'])):
                for lang in ('en', 'ja'):
                    page = os.path.join(folder, f'{name}.{lang}.html')
                    subprocess.run([program, *command, '--format', 'html', '--lang', lang, '-o', page, log], capture_output=True, check=False)
                    browser.open(page)
                    check_harmless(check, browser, f'{name} in {lang}')
                check_width(check, browser, page, name)
                check_contrast(check, browser, page, name)
            snapshot = os.path.join(folder, 'account.jsonl')
            with open(snapshot, 'wb') as file:
                file.write(hostile.account())
            for lang in ('en', 'ja'):
                page = os.path.join(folder, f'audit.{lang}.html')
                subprocess.run([program, 'audit', '-s', snapshot, '--format', 'html', '--lang', lang, '-o', page], capture_output=True, check=False)
                browser.open(page)
                check_harmless(check, browser, f'audit in {lang}')
            check_width(check, browser, page, 'audit')
            check_contrast(check, browser, page, 'audit')
            check_filters(check, browser, os.path.join(folder, 'detect.en.html'))
            check_history(check, browser, os.path.join(folder, 'detect.en.html'))
            check_many(check, browser, program, folder)
        finally:
            browser.close()
    for fault in check.faults:
        print('FAILED:', fault)
    print(f'{check.count - len(check.faults)} of {check.count} right')
    return 1 if check.faults else 0


if __name__ == '__main__':
    sys.exit(main())
