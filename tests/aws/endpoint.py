#!/usr/bin/env python3
"""The scripted endpoint itself, asked by botocore: does it answer, refuse and misbehave as AWS and networks do?

usage: with_packages.py endpoint.py
"""
import socket
import urllib.request

import botocore.config
import botocore.exceptions
import botocore.loaders
import botocore.parsers
import botocore.session
from aws_endpoint import Endpoint
from aws_endpoint.wire import Broken, Call, compare
from checking import Checking

KEY, SECRET = 'AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
LOADER = botocore.loaders.Loader()  # reading a model takes longer than asking
# One operation of each protocol.
ONE_EACH = [('iam', 'get_account_summary', {}), ('ec2', 'describe_regions', {'AllRegions': True}),
            ('cloudtrail', 'describe_trails', {}), ('guardduty', 'list_detectors', {}),
            ('s3', 'get_bucket_versioning', {'Bucket': 'scripted-trail'})]


class Asker(Checking):
    def client(self, aws, service, secret=SECRET, key=KEY, token=None, region='us-east-1'):
        session = botocore.session.Session()
        session.register_component('data_loader', LOADER)
        session.set_credentials(key, secret, token)
        config = botocore.config.Config(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'}, read_timeout=5,
                                        inject_host_prefix=False)
        return session.create_client(service, region_name=region, endpoint_url=aws.url, config=config)

    def ask(self, aws, service, operation, parameters, **credentials):
        """The answer, or the error's code."""
        try:
            return getattr(self.client(aws, service, **credentials), operation)(**parameters)
        except botocore.exceptions.ClientError as error:
            return error.response['Error']['Code']
        except (botocore.exceptions.HTTPClientError, botocore.parsers.ResponseParserError) as error:
            return type(error).__name__

    def codes(self, aws, **credentials):
        return [self.ask(aws, *one, **credentials) for one in ONE_EACH]


def check_signatures(t):
    with Endpoint(keys={KEY: {'secret': SECRET}, 'ASIAOLD': {'secret': SECRET, 'token': 'old', 'state': 'expired'}}) as aws:
        good = t.codes(aws)
        t.check('a right signature is taken', all(isinstance(answer, dict) for answer in good), good)
        for name, credentials, want in (
                ('a wrong secret', {'secret': 'x' * 40}, ['SignatureDoesNotMatch', 'AuthFailure', 'InvalidSignatureException',
                                                          'InvalidSignatureException', 'SignatureDoesNotMatch']),
                ('an unknown key', {'key': 'AKIAUNKNOWN'}, ['InvalidClientTokenId', 'AuthFailure', 'UnrecognizedClientException',
                                                            'UnrecognizedClientException', 'InvalidAccessKeyId']),
                ('a token that is none', {'token': 'x'}, ['InvalidClientTokenId', 'AuthFailure', 'UnrecognizedClientException',
                                                          'UnrecognizedClientException', 'InvalidAccessKeyId']),
                ('an expired token', {'key': 'ASIAOLD', 'token': 'old'}, ['ExpiredToken', 'RequestExpired',
                                                                          'ExpiredTokenException', 'ExpiredTokenException',
                                                                          'ExpiredToken'])):
            got = t.codes(aws, **credentials)
            t.check(name, got == want, got)
        t.check('nothing was out of order', not aws.broken, aws.broken)
    with Endpoint(clock_offset_s=3600) as aws:
        got = t.codes(aws)
        t.check('a wrong clock', got == ['SignatureDoesNotMatch', 'RequestExpired', 'InvalidSignatureException',
                                         'InvalidSignatureException', 'RequestTimeTooSkewed'], got)


def check_rules(t):
    scenario = '''
rules:
  - {ask: "iam:*", times: 1, error: throttled}
  - {ask: "guardduty:*", region: "eu-*", error: access-denied}
  - {ask: "cloudtrail:GetTrailStatus", with: {Name: "*gone"}, error: {code: TrailNotFoundException, message: "{region}", status: 400}}
  - {ask: "ec2:DescribeRegions", fault: cut}
'''
    with Endpoint([scenario], users=250) as aws:
        t.check('used up after once', [t.ask(aws, *ONE_EACH[0]) == 'Throttling' for _ in range(3)] == [True, False, False])
        t.check('in one region only', t.ask(aws, *ONE_EACH[3], region='eu-west-1') == 'AccessDeniedException'
                and t.ask(aws, *ONE_EACH[3])['DetectorIds'])
        t.check('by parameter', t.ask(aws, 'cloudtrail', 'get_trail_status', {'Name': 'gone'}) == 'TrailNotFoundException'
                and t.ask(aws, 'cloudtrail', 'get_trail_status', {'Name': 'here'})['IsLogging'])
        got = t.ask(aws, *ONE_EACH[1])
        t.check('cut in the middle', got in ('IncompleteReadError', 'ResponseStreamingError', 'ConnectionClosedError', 'ResponseParserError'),
                got)
        pages = list(t.client(aws, 'iam').get_paginator('get_account_authorization_details').paginate())
        total = [sum(len(page[part]) for page in pages)
                 for part in ('UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies')]
        t.check('pages', total == [250, 10, 100, 54] and len(pages) == 5, (total, len(pages)))
        t.check('counted', aws.count('iam:GetAccountAuthorizationDetails') == 5 and aws.count('guardduty:*', 'eu-*') == 1)
        report = t.ask(aws, 'iam', 'get_credential_report', {})['Content'].decode().split('\n')
        t.check('the report has the root user first', len(report) == 252 and report[1].startswith('<root_account>,'), report[:2])
        t.check('nothing was out of order', not aws.broken, aws.broken)


def check_streams(t):
    """What is sent without end is an answer of HTTP, or it would not try the client that it is for."""
    for fault in ('huge', 'huge-chunked', 'drip'):
        with Endpoint([f'rules:\n  - {{ask: "sts:*", fault: {fault}}}\n']) as aws:
            with socket.create_connection(('127.0.0.1', aws.port), 5) as connection:
                body = b'Action=GetCallerIdentity&Version=2011-06-15'
                connection.sendall(b'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n'
                                   b'Content-Length: %d\r\n\r\n' % len(body) + body)
                t.check(fault, connection.recv(15).startswith(b'HTTP/1.1 ') and not aws.broken, aws.broken)


class Sent:
    """A request as far as compare() looks at it."""

    method, target = 'GET', '/detector?maxResults=50&extra=1'
    headers, body = {}, b''

    def path(self):
        return '/detector'

    def query(self):
        return [('maxResults', '50'), ('extra', '1')]


def check_order(t):
    """What AWS's models do not have is seen, whoever sends it."""
    with Endpoint() as aws:
        with socket.create_connection(('127.0.0.1', aws.port), 5) as connection:
            connection.sendall(b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\nAction=Nobody')
            t.check('an unknown operation', b'400' in connection.recv(1000), aws.broken)
        t.check('and it is told', len(aws.broken) == 1 and 'no operation' in aws.broken[0], aws.broken)
        try:
            urllib.request.urlopen(aws.url + '/elsewhere', timeout=5)
            t.check('an unknown path', False)
        except urllib.error.HTTPError as error:
            t.check('an unknown path', error.code == 400 and len(aws.broken) == 2, aws.broken)
    call = Call('guardduty', 'ListDetectors', 'us-east-1', {})
    try:
        compare(call, Sent(), {'url_path': '/detector', 'query_string': {'maxResults': 50}, 'method': 'GET', 'headers': {},
                               'body': b''})
        t.check('a parameter too many', False)
    except Broken as fault:
        t.check('a parameter too many', 'query' in str(fault), str(fault))
    with Endpoint(['rules:\n  - {ask: "sts:*", answer: {Acount: "1"}}\n']) as aws:
        t.ask(aws, 'sts', 'get_caller_identity', {})
        t.check('a member that no model has', 'Acount' in str(aws.broken), aws.broken)


def check_tunnel(t):
    """AWS's own hosts behind a proxy, with certificates."""
    def client(aws, service, verify):
        session = botocore.session.Session()
        session.register_component('data_loader', LOADER)
        session.set_credentials(KEY, SECRET)
        return session.create_client(service, region_name='eu-west-1', verify=verify, config=botocore.config.Config(
            proxies={'https': aws.url}, retries={'total_max_attempts': 1}))

    with Endpoint(tunnel=True) as aws:
        answers = [client(aws, 'iam', aws.authority.path).get_account_summary(),
                   client(aws, 'guardduty', aws.authority.path).list_detectors(),
                   client(aws, 's3', aws.authority.path).get_bucket_versioning(Bucket='scripted-trail'),
                   client(aws, 's3control', aws.authority.path).get_public_access_block(AccountId='111122223333')]
        t.check('through the tunnel', len(answers) == 4 and not aws.broken, aws.broken)
        check_refused(t, 'a stranger\'s certificate', client(aws, 'iam', True))
    with Endpoint(tunnel=True, certificate_for='elsewhere.example') as aws:
        check_refused(t, 'a certificate of another host', client(aws, 'iam', aws.authority.path))


def check_refused(t, name, client):
    try:
        client.get_account_summary()
        t.check(name, False)
    except botocore.exceptions.SSLError as error:
        t.check(name, 'SSL validation failed' in str(error), str(error))


def main():
    t = Asker()
    for part in (check_signatures, check_rules, check_streams, check_order, check_tunnel):
        part(t)
    t.end()


if __name__ == '__main__':
    main()
