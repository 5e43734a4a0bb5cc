"""Whether a request is signed as AWS wants it (Signature Version 4), judged by botocore's signer.

Sources: IAM User Guide, "AWS Signature Version 4 for API requests"; S3 User Guide, "Authenticating Requests"."""
import datetime
import hashlib
import re

import botocore.auth
import botocore.awsrequest
import botocore.credentials

SKEW_S = 5 * 60
SKEW_S3_S = 15 * 60
FORM = re.compile(r'AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, ?'
                  r'SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})')
TIME = '%Y%m%dT%H%M%SZ'


class Refused(Exception):
    """`kind` is a row of refusals.py."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind, self.message = kind, message


class Scope:
    """What the Authorization header says, before anything is believed."""

    def __init__(self, request):
        text = request.headers.get('authorization', '')
        match = FORM.fullmatch(text)
        self.there, self.whole = bool(text), bool(match)
        self.key, self.day, self.region, self.service, signed, self.signature = match.groups() if match else [''] * 6
        self.signed = signed.split(';')


class _Named:
    """Signs the headers that the request's own list names, and no others."""

    def headers_to_sign(self, request):
        return {name: request.headers[name] for name in request.context['named']}

    def canonical_headers(self, headers_to_sign):
        return '\n'.join(f'{n}:{" ".join(headers_to_sign[n].split())}' for n in sorted(headers_to_sign))

    def signed_headers(self, headers_to_sign):
        return ';'.join(sorted(headers_to_sign))


class _Auth(_Named, botocore.auth.SigV4Auth):
    pass


class _S3Auth(_Named, botocore.auth.S3SigV4Auth):
    pass


def check(request, scope, keys, now):
    """Refused unless the signature holds. `keys`: access key id -> dict of secret, token (or None), state."""
    if not scope.there:
        raise Refused('unsigned', 'Request is missing Authentication Token')
    if not scope.whole:
        raise Refused('incomplete', 'Authorization header is not of the form that AWS reads')
    key = keys.get(scope.key)
    if not key:
        raise Refused('unknown-key', 'The security token included in the request is invalid.')
    if (request.headers.get('x-amz-security-token') or None) != key.get('token'):
        raise Refused('unknown-key', 'The security token included in the request is invalid.')
    check_time(request, scope, now)
    check_headers(request, scope)
    if signature(request, scope, key) != scope.signature:
        raise Refused('wrong-signature', 'The request signature we calculated does not match the signature you provided. '
                      'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.')
    if key.get('state') == 'expired':
        raise Refused('expired-token', 'The security token included in the request is expired')


def check_time(request, scope, now):
    text = request.headers.get('x-amz-date', '')
    try:
        sent = datetime.datetime.strptime(text, TIME).replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refused('incomplete', "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.") \
            from None
    allowed = SKEW_S3_S if scope.service == 's3' else SKEW_S
    late = (now - sent).total_seconds()
    bound = datetime.timedelta(seconds=allowed)
    if late > allowed:
        raise Refused('clock', f'Signature expired: {text} is now earlier than {now - bound:{TIME}} '
                      f'({now:{TIME}} - {allowed // 60} min.)')
    if late < -allowed:
        raise Refused('clock', f'Signature not yet current: {text} is still later than {now + bound:{TIME}} '
                      f'({now:{TIME}} + {allowed // 60} min.)')
    if text[:8] != scope.day:
        raise Refused('wrong-signature', f'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: '
                      f'{scope.day!r} != {text[:8]!r}')


def check_headers(request, scope):
    """Host and every x-amz- header must be signed, or somebody on the way could change them."""
    for name in ['host', *(n for n in request.headers if n.startswith('x-amz-'))]:
        if name not in scope.signed:
            raise Refused('wrong-signature', f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    for name in scope.signed:
        if name not in request.headers:
            raise Refused('wrong-signature', f'the signed header {name!r} was not sent')
    sha = hashlib.sha256(request.body).hexdigest()
    said = request.headers.get('x-amz-content-sha256')
    if scope.service == 's3' and said is None:
        raise Refused('incomplete', 'Missing required header for this request: x-amz-content-sha256')
    if said not in (None, sha):
        raise Refused('wrong-signature', 'The provided \'x-amz-content-sha256\' header does not match what was computed.')


def signature(request, scope, key):
    kind = _S3Auth if scope.service == 's3' else _Auth
    auth = kind(botocore.credentials.Credentials('x', key['secret']), scope.service, scope.region)
    auth.credentials.access_key = scope.key
    made = botocore.awsrequest.AWSRequest(method=request.method, url='http://' + request.headers['host'] + request.target,
                                          data=request.body, headers=dict(request.headers.items()))
    made.context.update(named=scope.signed, timestamp=request.headers['x-amz-date'],
                        signing={'signing_name': scope.service, 'region': scope.region})
    return auth.signature(auth.string_to_sign(made, auth.canonical_request(made)), made)
