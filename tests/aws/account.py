#!/usr/bin/env python3
"""An account read over HTTP and judged, through the command line: what users see when AWS answers, refuses and fails.

usage: with_packages.py account.py NEZUBAN [NAME]...     NAME: only these parts of it

Against the scripted endpoint (tests/support/aws_endpoint), whose account keeps every setting. Each part changes something.
"""
import collections
import datetime
import json
import os
import sys
import tempfile
import time

from aws_endpoint import Endpoint
from checking import Checking

CALLS_MAX = 230     # 17 regions, 50 users, 100 roles, one trail
CALLS_MORE_MAX = 10  # with 500 users more
MEMORY_MIB_MAX = 400  # of addresses, while somebody sends 1 GB twice
REGIONS = 17
# Judged in each region.
REGIONAL = {'cloudtrail-all-regions', 'config-recorder', 'config-rules', 'config-notification', 'guardduty-enabled',
            'securityhub-enabled', 'access-analyzer-enabled', 'detective-enabled'}
FOUR = {'config': ['config-recorder', 'config-rules'], 'guardduty': ['guardduty-enabled'],
        'cloudtrail': ['cloudtrail-all-regions'], 'securityhub': ['securityhub-enabled']}


class Run:
    """One run of the program and what it left."""

    def __init__(self, status, out, err, seconds, calls, broken):
        self.status, self.out, self.err, self.seconds = status, out, err, seconds
        self.calls, self.broken = calls, broken

    def report(self):
        return json.loads(self.out)

    def findings(self):
        return self.report()['findings']


class Account(Checking):
    def ask(self, aws, *arguments, **extra):
        begin = time.monotonic()
        ended = self.run(*arguments, **{**aws.environment(), **extra})
        return Run(*ended, time.monotonic() - begin, aws.count(), aws.broken)

    def audit(self, scenario='', *arguments, **settings):
        """The account as `scenario` changes it, read and judged: the judgement's run, with calls and seconds of the reading."""
        with Endpoint([scenario] if scenario else [], **settings) as aws:
            return self.judge(aws, *arguments)

    def judge(self, aws, *arguments):
        path = os.path.join(self.home, 'account.nzs')
        read = self.ask(aws, 'collect', '--quiet', '-o', path)
        if read.status:
            return read
        run = self.ask(aws, 'audit', '--snapshot', path, '--format', 'json', *arguments)
        run.err, run.seconds = read.err + run.err, read.seconds
        return run

    def good(self):
        if not hasattr(self, 'kept'):
            self.kept = self.audit()
        return self.kept


def rules(*lines):
    return 'rules:\n' + ''.join(f'  - {{{line}}}\n' for line in lines)


def by_check(findings):
    found = collections.defaultdict(list)
    for finding in findings:
        found[finding['check']].append(finding)
    return found


def keys(findings):
    return {(f['check'], f['region']) for f in findings}


def check_good(t):
    """Everything is as it should be, within the calls that it may take, and the requests are AWS's."""
    run = t.good()
    bad = [(f['check'], f['status'], f['resource'], f['region'], f['reason']) for f in run.findings()
           if f['status'] not in ('pass', 'not-applicable') and f['check'] != 'iam-user-shared']
    t.check('a well-kept account passes', run.status == 0 and not bad, (run.status, run.err, bad))
    t.check('nothing that AWS would not take', not run.broken, run.broken)
    t.check(f'at most {CALLS_MAX} calls', run.calls <= CALLS_MAX, run.calls)
    print(f'calls for 17 regions, 50 users, 100 roles: {run.calls}, {run.seconds:.2f} s')
    found = by_check(run.findings())
    for name in sorted(REGIONAL):
        regions = {f['region'] for f in found[name]} - {'global'}
        t.check(f'{name} is judged in each region', len(regions) == REGIONS, sorted(regions))
    t.check('unread is what a member account may not ask', {u['service'] for u in run.report()['unread']} == {'organizations'},
            run.report()['unread'])
    more = t.audit(users=550)
    t.check(f'500 users more: at most {CALLS_MORE_MAX} calls more', more.calls - run.calls <= CALLS_MORE_MAX, (run.calls, more.calls))


def check_denied(t):
    """Four services refuse. No finding goes missing: each is unknown, and names what was not allowed."""
    run = t.audit(rules(*(f'ask: "{service}:*", error: access-denied' for service in FOUR)))
    good, denied = t.good().findings(), by_check(run.findings())
    t.check('every check still speaks', {f['check'] for f in good} == set(denied), {f['check'] for f in good} ^ set(denied))
    lost = {key for key in keys(good) if key[0] in REGIONAL} - keys(run.findings())
    t.check('no region went missing', not lost, sorted(lost))
    for service, checks in FOUR.items():
        for name in checks:
            wrong = [(f['status'], f['reason']) for f in denied[name] if f['status'] != 'unknown' or service + ':' not in f['reason']]
            t.check(f'{name} is unknown and names the action', denied[name] and not wrong, wrong[:3])
    passed = [name for checks in FOUR.values() for name in checks if any(f['status'] == 'pass' for f in denied[name])]
    t.check('an error is never a pass', not passed, passed)
    t.check('denial is no finding', run.status == 0, (run.status, run.err))
    unread = {u['action'] for u in run.report()['unread']}
    t.check('unread names the actions', {'config:DescribeConfigurationRecorders', 'guardduty:ListDetectors',
                                         'cloudtrail:DescribeTrails', 'securityhub:DescribeHub'} <= unread, sorted(unread))
    strict = t.audit(rules('ask: "guardduty:*", error: access-denied'), '--strict')
    t.check('--strict: 3', strict.status == 3, (strict.status, strict.err))


def statuses(run):
    return {(f['check'], f['resource'], f['region']): f['status'] for f in run.findings()}


def check_passing_trouble(t):
    """What goes away when one asks again leaves no trace."""
    for name, lines, settings in (
            ('throttled', ['ask: "iam:Get*", times: 2, error: throttled', 'ask: "guardduty:*", region: "eu-*", times: 4, error: '
                           'throttled'], {}),
            ('an unsteady service', ['ask: "config:*", times: 3, error: unavailable', 'ask: "ec2:*", times: 1, error: internal'], {}),
            ('connections lost', ['ask: "securityhub:*", times: 2, fault: hang-up', 'ask: "events:*", times: 1, fault: reset'], {}),
            ('a wrong clock', [], {'clock_offset_s': 3600})):
        run = t.audit(rules(*lines) if lines else '', **settings)
        different = {k: v for k, v in statuses(run).items() if statuses(t.good()).get(k) != v}
        t.check(f'{name}: judged as ever', run.status == 0 and not different, (run.status, run.err, list(different.items())[:5]))


def check_clock(t):
    """Ages are counted by AWS's clock: of a machine that is 200 days behind, keys are as old as ever."""
    days = 200
    run = t.audit(clock_offset_s=days * 86400)
    now = datetime.datetime.now(datetime.timezone.utc)
    said = datetime.datetime.fromisoformat(run.report()['generated_at'])
    t.check("read at AWS's time", abs((said - now).total_seconds() - days * 86400) < 300, run.report()['generated_at'])
    one = t.audit(rules('ask: "guardduty:ListDetectors", region: eu-west-1, error: access-denied'))
    t.check('else at our own', abs((datetime.datetime.fromisoformat(one.report()['generated_at']) - now).total_seconds()) < 300)


def check_lasting_trouble(t):
    """One service is broken for good: unknown there, and the rest is judged as ever. Nothing is read without bound."""
    faults = ['cut', 'html', 'html-refused', 'garbage', 'half-document', 'entities', 'outside', 'deep', 'redirect', 'huge',
              'huge-chunked']
    regions = ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2',
               'ca-central-1', 'eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2']
    if os.environ.get('NZ_SANITIZE', 'none') == 'none':
        t.within = ['prlimit', f'--as={MEMORY_MIB_MAX << 20}']
    lines = [f'ask: "guardduty:ListDetectors", region: {region}, fault: {fault}' for region, fault in zip(regions, faults)]
    run = t.audit(rules(*lines, 'ask: "iam:GetAccountPasswordPolicy", fault: html',
                        'ask: "iam:GetAccountSummary", fault: entities', 'ask: "iam:ListVirtualMFADevices", fault: outside'))
    found = {(f['check'], f['region']): f for f in run.findings()}
    for region, fault in zip(regions, faults):
        f = found.get(('guardduty-enabled', region), {})
        t.check(f'{fault}: unknown', f.get('status') == 'unknown', f)
    errors = {regions.index(u['region']): u['error'] for u in run.report()['unread'] if u['service'] == 'guardduty'}
    said = {fault: errors.get(n) for n, fault in enumerate(faults)}
    t.check('each is called what it is', said == {**dict.fromkeys(faults, 'BadAnswer'), 'cut': 'Network', 'huge': 'TooLarge',
                                                  'huge-chunked': 'TooLarge'}, said)
    for name in ('iam-root-mfa', 'iam-root-hardware-mfa', 'iam-password-length'):
        f = found.get((name, 'global'), {})
        t.check(f'{name} is unknown', f.get('status') == 'unknown', f)
    rest = [k for k, v in statuses(t.good()).items()
            if k[0] != 'guardduty-enabled' and not k[0].startswith(('iam-root-', 'iam-password-')) and statuses(run).get(k) != v]
    t.check('the rest is judged as ever', not rest, rest[:5])
    host = open('/etc/hostname', encoding='utf-8').read().strip() if os.path.exists('/etc/hostname') else ''
    t.check('no file of this machine in the report', not host or host not in run.out)
    t.within = []


def check_not_offered(t):
    """AWS has no Detective in ap-northeast-3, and no host of it. A host that is missing elsewhere is a fault of the network."""
    run = t.audit(rules('ask: "detective:*", region: [ap-northeast-3, eu-west-1], fault: hang-up'))
    found = {f['region']: f for f in run.findings() if f['check'] == 'detective-enabled'}
    t.check('not offered: not applicable', found['ap-northeast-3']['status'] == 'not-applicable', found['ap-northeast-3'])
    t.check('not found: unknown', found['eu-west-1']['status'] == 'unknown', found['eu-west-1'])
    with Endpoint() as aws:
        wrong = t.ask(aws, 'audit', '--region', 'us-east-1', '--format', 'json', AWS_ENDPOINT_URL_GUARDDUTY='guardduty')
    found = [f for f in wrong.findings() if f['check'] == 'guardduty-enabled']
    t.check('an endpoint that is no URL: unknown', [f['status'] for f in found] == ['unknown'] and 'not a URL' in wrong.out, found)


def check_hub_v2(t):
    """Security Hub's newer form is on in one region alone, and the older one nowhere."""
    run = t.audit(rules('ask: "securityhub:DescribeHub", error: {code: InvalidAccessException, message: off, status: 401}',
                        'ask: "securityhub:DescribeSecurityHubV2", region: eu-north-1, answer: {HubV2Arn: "arn:aws:securityhub:eu-north-1'
                        ':111122223333:hubv2/0000", SubscribedAt: "2026-02-03T04:05:06Z"}',
                        'ask: "securityhub:DescribeSecurityHubV2", error: {code: ResourceNotFoundException, message: off, status: 404}'))
    found = collections.Counter((f['region'] == 'eu-north-1', f['status']) for f in run.findings() if f['check'] == 'securityhub-enabled')
    t.check('it is seen there', found == {(True, 'pass'): 1, (False, 'fail'): REGIONS - 1}, found)


def check_credentials(t):
    """Nothing can be read: no snapshot, status 2, and words that say what to do."""
    key = 'AKIAIOSFODNN7EXAMPLE'
    for name, keys_, environment in (
            ('expired', {key: {'secret': 's' * 40, 'token': 'old', 'state': 'expired'}}, {}),
            ('a wrong secret', {key: {'secret': 's' * 40}}, {'AWS_SECRET_ACCESS_KEY': 'x' * 40}),
            ('none', {key: {'secret': 's' * 40}}, {'AWS_SECRET_ACCESS_KEY': '', 'AWS_ACCESS_KEY_ID': ''})):
        with Endpoint(keys=keys_) as aws:
            run = t.ask(aws, 'collect', '-o', '-', **environment)
        t.check(f'{name}: nothing written, 2', run.status == 2 and run.out == '', (run.status, run.out[:200], run.err))
        t.check(f'{name}: said', run.err.strip() and 'x' * 40 not in run.err and 's' * 40 not in run.err, run.err)


def check_regions(t):
    """A region that a service control policy closes is told once, and not asked again."""
    run = t.audit(rules('ask: "*", region: eu-west-3, error: denied-by-scp'))
    there = [f for f in run.findings() if f['region'] == 'eu-west-3']
    t.check('one finding, unknown', [(f['check'], f['status']) for f in there] == [('region-access', 'unknown')], there)
    t.check('it names the policy', there and 'p-regions' in there[0]['reason'], there)
    t.check('two calls, no more', t.good().calls - run.calls >= 5, (t.good().calls, run.calls))
    closed = [f for f in t.good().findings() if f['region'] in ('af-south-1', 'ap-east-1')]
    t.check('not opted in: not applicable', {(f['check'], f['status']) for f in closed} == {('region-access', 'not-applicable')},
            closed)


def check_pages(t):
    """Details come in many pages, some without users or roles: the same account, the same report."""
    few = t.audit(page=7)
    different = {k for k in set(statuses(few)) ^ set(statuses(t.good()))}
    t.check('many pages, the same report', not different and few.calls > t.good().calls + 20, sorted(different)[:5])
    broken = t.audit(rules('ask: "iam:GetAccountAuthorizationDetails", with: {Marker: "page-20*"}, error: access-denied'))
    users = collections.Counter(f['status'] for f in broken.findings() if f['check'] == 'iam-user-admin')
    t.check('a page of policies that failed: unknown', users['unknown'] and users['pass'] <= 2, users)


def check_tunnel(t):
    """Through a proxy to AWS's own hosts, with certificates; and with one that belongs to another host."""
    with Endpoint(tunnel=True) as aws:
        run = t.judge(aws)
    t.check("AWS's own hosts", run.status == 0 and statuses(run) == statuses(t.good()) and not run.broken,
            (run.status, run.err, run.broken))
    with Endpoint(tunnel=True, certificate_for='elsewhere.example') as aws:
        run = t.ask(aws, 'collect', '-o', '-')
    t.check('the certificate of another host: 2, nothing written', run.status == 2 and run.out == '' and run.calls == 0,
            (run.status, run.out[:200], run.err, run.calls))


HOSTILE = r'''
rules:
  - ask: cloudtrail:DescribeTrails
    answer:
      trailList:
        - {Name: "\e[31m<script>alert(1)</script>", TrailARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/\e]0;x\a<img src=x onerror=alert(1)>",
           HomeRegion: us-east-1, S3BucketName: "=cmd()\u202e", IsMultiRegionTrail: false, LogFileValidationEnabled: false, IsOrganizationTrail: false}
  - ask: iam:GetAccountAuthorizationDetails
    answer:
      UserDetailList:
        - {Path: "/", UserName: "<b>&\"'\u202ea", UserId: AIDA1, Arn: "arn:aws:iam::111122223333:user/<b>&\"'\u202ea",
           CreateDate: 2026-01-01T00:00:00Z, UserPolicyList: [{PolicyName: "<i>", PolicyDocument: "%7B%22Version%22%3A"}], GroupList: [], AttachedManagedPolicies: []}
      GroupDetailList: []
      RoleDetailList: []
      Policies: []
      IsTruncated: false
  - {ask: "guardduty:*", error: {code: AccessDeniedException, message: "\e[2J<script>alert(2)</script>\r\nnezuban: all is well", status: 403}}
'''


def check_hostile(t):
    """Names and messages that would like to be more than text stay text, in every format."""
    path = os.path.join(t.home, 'hostile.nzs')
    with Endpoint([HOSTILE]) as aws:
        read = t.ask(aws, 'collect', '-o', path)
    t.check('collect: no control character', read.status == 0 and not any(c < ' ' and c != '\n' for c in read.err), read.err)
    for form in ('table', 'json', 'html'):
        run = t.ask(aws, 'audit', '--snapshot', path, '--format', form)
        seen = run.err + (run.out.replace('\r', '') if form == 'html' else run.out)
        controls = [c for c in seen if c < ' ' and c != '\n' or form != 'json' and c in '\x7f\u202e']
        t.check(f'{form}: no control character', run.out and not controls, controls[:5])
        if form == 'table':
            t.check('nobody speaks in our name', not any(line.startswith('nezuban: all is well') for line in seen.split('\n')))
        if form == 'html':
            t.check('html: no tag of theirs', not any(tag in run.out for tag in ('<script>alert', '<img src=x', '<b>&', '<i>"')))


def check_snapshot(t):
    """The same snapshot gives the same bytes, and speaks Japanese."""
    path = os.path.join(t.home, 'account.nzs')
    with Endpoint() as aws:
        read = t.ask(aws, 'collect', '-o', path)
    t.check('collect', read.status == 0 and os.path.getsize(path) > 1000, (read.status, read.err))
    one, other = (t.ask(aws, 'audit', '--snapshot', path, '--format', 'json') for _ in range(2))
    t.check('the same snapshot, the same bytes', one.out and one.out == other.out)
    japanese = t.ask(aws, '--lang', 'ja', 'audit', '--snapshot', path)
    t.check('in Japanese', japanese.status == 0 and 'ルート' in japanese.out, (japanese.err, japanese.out[:200]))
    with open(path, 'rb') as file:
        whole = file.read()
    with open(path, 'wb') as file:
        file.write(whole[:len(whole) // 2])
    cut = t.ask(aws, 'audit', '--snapshot', path, '--format', 'json')
    t.check('a snapshot cut in half: said, 2', cut.status == 2 and cut.err, (cut.status, cut.err))


def check_live(t):
    """audit without a snapshot reads by itself, and judges the same."""
    with Endpoint() as aws:
        run = t.ask(aws, 'audit', '--format', 'json', '--quiet')
    t.check('judged as what was collected', run.status == 0 and statuses(run) == statuses(t.good()), (run.status, run.err))
    t.check('the same calls', run.calls == t.good().calls and not run.broken, (run.calls, run.broken))
    with Endpoint([rules('ask: "guardduty:*", error: access-denied')]) as aws:
        run = t.ask(aws, 'audit', '--format', 'json', '--quiet', '--strict')
    t.check('--strict minds what was refused', run.status == 3, (run.status, run.err))
    with Endpoint(keys={'AKIAIOSFODNN7EXAMPLE': {'secret': 's' * 40, 'token': 'old', 'state': 'expired'}}) as aws:
        run = t.ask(aws, 'audit', '--format', 'json', '--quiet')
    t.check('expired keys: no report, 2', run.status == 2 and run.out == '', (run.status, run.out[:200], run.err))


def record(name, user=None, **more):
    """An event of the history: root's, or an IAM user's."""
    identity = ({'type': 'IAMUser', 'arn': f'arn:aws:iam::111122223333:user/{user}', 'userName': user} if user else
                {'type': 'Root', 'arn': 'arn:aws:iam::111122223333:root', 'userName': 'scripted'})
    event = {'eventVersion': '1.11', 'eventID': more.pop('id', name), 'eventName': name, 'eventSource': 'signin.amazonaws.com',
             'eventType': 'AwsConsoleSignIn', 'awsRegion': 'us-east-1', 'sourceIPAddress': '203.0.113.9',
             'userAgent': 'Mozilla/5.0 (Windows NT 10.0)', 'userIdentity': {**identity, **more.pop('identity', {})}, **more}
    return {'EventId': event['eventID'], 'EventName': name, 'Username': user or 'root', 'CloudTrailEvent': event}


def history(name, events, region='us-east-1', token=None, after=None, key='Username'):
    """A rule: what the history says to who asks for a name."""
    return {'ask': 'cloudtrail:LookupEvents', 'region': region,
            'with': {'LookupAttributes': f"*'{key}'*'{name}'*", **({'NextToken': after} if after else {})},
            'answer': {'Events': events, **({'NextToken': token} if token else {})}}


def hours_ago(hours):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 3600 * hours))


def quiet():
    """Two users whose names say nothing, and a history without events."""
    users = [{'Path': '/', 'UserName': name, 'UserId': f'AIDA{name:0>17}', 'Arn': f'arn:aws:iam::111122223333:user/{name}',
              'CreateDate': hours_ago(9000), 'GroupList': [], 'AttachedManagedPolicies': []} for name in ('aiko', 'kenta')]
    return [{'ask': 'iam:GetAccountAuthorizationDetails', 'answer': {
        'UserDetailList': users, 'GroupDetailList': [], 'RoleDetailList': [], 'Policies': [], 'IsTruncated': False}}, {'ask': 'cloudtrail:LookupEvents', 'with': {'LookupAttributes': '?*'}, 'answer': {'Events': []}}]


def two_people(user):
    """Two console sessions at one time, in two networks and on two systems; and two people's names for one role."""
    events = []
    for minute, (address, agent, person) in enumerate([('203.0.113.9', 'Windows NT 10.0', 'haruto'),
                                                       ('198.51.100.7', 'Macintosh; Intel', 'yui')] * 3):
        session = {'attributes': {'creationDate': hours_ago(30 if person == 'haruto' else 29), 'mfaAuthenticated': 'true'}}
        events.append(record('AssumeRole', user, id=f'{user}-{minute}', eventTime=hours_ago(24 - minute / 60), eventType='AwsApiCall',
                             sessionCredentialFromConsole='true', sourceIPAddress=address, userAgent=f'Mozilla/5.0 ({agent})',
                             identity={'sessionContext': session, 'accessKeyId': 'ASIAIOSFODNN7EXAMPLE'},
                             requestParameters={'roleArn': 'arn:aws:iam::111122223333:role/work', 'roleSessionName': person}))
    return events[::-1]


def many_pages(name, user, **more):
    """Five pages of one event, which is one more than is asked for."""
    pages = [[record('GetUser', user, id=f'{name}-{n}', eventTime=hours_ago(1 + n), **more)] for n in range(5)]
    return [history(name, pages[n], token=f'page-{n + 1}' if n < 4 else None, after=f'page-{n}' if n else None)
            for n in (4, 3, 2, 1, 0)]


def check_events(t):
    """audit --events: what the event history says of root and users, page by page; refused and cut short it is no pass."""
    def audit(*lines, arguments=()):
        with Endpoint([json.dumps({'rules': [*lines, *quiet()]}) + '\n']) as aws:
            run = t.ask(aws, 'audit', '--events', '--format', 'json', '--quiet', *arguments)
        t.check('nothing that AWS would not take', not run.broken, run.broken)
        found = {f['resource'].rpartition(':')[2]: f for f in run.findings() if f['check'] in ('iam-root-use', 'iam-user-shared')} \
            if run.out else {}
        said = {name: (f['status'], f['reason']) for name, f in found.items()}
        return run, found, [said.get(name, ('', run.err)) for name in ('root', 'user/aiko', 'user/kenta')]

    run, _, (root, one, other) = audit()
    t.check('nothing happened: pass', root[0] == one[0] == other[0] == 'pass' and '90 days' in one[1],
            (run.status, run.err, root, one, other))

    login = record('ConsoleLogin', eventTime=hours_ago(24), id='the-login', responseElements={'ConsoleLogin': 'Success'})
    trouble = {'ask': 'cloudtrail:LookupEvents', 'region': 'us-east-1', 'times': 2, 'error': 'throttled'}
    people = two_people('kenta')
    service = record('AssumeRole', 'kenta', id='s', eventTime=hours_ago(1), sourceIPAddress='cloudformation.amazonaws.com')
    run, found, (root, one, other) = audit(
        trouble, history('root', [login]), history('ConsoleLogin', [login], key='EventName'),
        history('kenta', people[:1], after='second-page', region='eu-west-1'),
        history('kenta', [service, *people[1:]], token='second-page', region='eu-west-1'))
    t.check('root used yesterday: fail, once', run.status == 1 and root[0] == 'fail' and 'calls in the events: 1,' in root[1]
            and '1 days ago' in root[1], (run.status, run.err, root))
    t.check('the sign-in is shown', any('ConsoleLogin 203.0.113.9' in e['value'] for e in found['root']['evidence']), found['root'])
    t.check('two people, over two pages', other[0] == 'fail' and 'score 6' in other[1] and one[0] == 'pass', (one, other))

    run, found, (root, one, other) = audit({'ask': 'cloudtrail:LookupEvents', 'with': {'LookupAttributes': '?*'},
                                            'region': 'eu-west-1', 'error': 'access-denied'}, arguments=['--strict'])
    t.check('one region refused: unknown', run.status == 3 and all(
        status == 'unknown' and 'cloudtrail:LookupEvents' in reason and 'AccessDenied' in reason for status, reason in (root, one, other)),
            (run.status, root, one, other))
    t.check('what to allow', 'cloudtrail:LookupEvents' in found['root']['remediation'], found['root'])

    run, _, (root, one, _) = audit(*many_pages('root', None, sourceIPAddress='AWS Internal'), *many_pages('aiko', 'aiko'))
    t.check('more than is read: no pass, and how many were', root[0] == one[0] == 'unknown' and 'newest 4 events' in root[1]
            and 'newest 4 events' in one[1], (root, one))

    run, _, (root, one, _) = audit(history('aiko', [{'EventId': 'x', 'CloudTrailEvent': '{"cut'}]), arguments=['--region', 'us-east-1'])
    t.check('no record: unknown', one[0] == 'unknown' and 'BadAnswer' in one[1] and root[0] == 'pass', (root, one))
    run, _, (root, one, _) = audit(arguments=['--region', 'us-east-1'])
    t.check('one region of many: no pass', one[0] == 'unknown' and 'regions' in one[1], (root, one))
    for arguments in (['--snapshot', 'x.nzs'], ['--trail', 'x']):
        run, _, _ = audit(arguments=arguments)
        t.check(f'--events with {arguments[0]}: wrong use', run.status == 2 and '--events' in run.err, (run.status, run.err))


PARTS = {'good': check_good, 'denied': check_denied, 'passing': check_passing_trouble, 'lasting': check_lasting_trouble,
         'clock': check_clock, 'absent': check_not_offered, 'hubs': check_hub_v2, 'credentials': check_credentials, 'regions': check_regions, 'pages': check_pages, 'tunnel': check_tunnel,
         'hostile': check_hostile, 'snapshot': check_snapshot, 'live': check_live,
         'events': check_events}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as home:
        t = Account(os.path.abspath(sys.argv[1]), home)
        for name in sys.argv[2:] or PARTS:
            PARTS[name](t)
    t.end()


if __name__ == '__main__':
    main()
