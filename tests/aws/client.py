#!/usr/bin/env python3
"""The AWS client against a server on this machine that throttles, stalls, cuts, lies and redirects.

usage: client.py AWS_CALLS
"""
import base64
import datetime
import email.utils
import json
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else None
IDENTITY = ('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            '<Arn>arn:aws:iam::111122223333:user/a</Arn><UserId>AIDA</UserId><Account>111122223333</Account>'
            '</GetCallerIdentityResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>'
            '</GetCallerIdentityResponse>')


def error_xml(code, message=''):
    return (f'<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>'
            '<RequestId>id-9</RequestId></ErrorResponse>')


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length)
        with self.server.lock:
            self.server.seen.append((self.command, self.path, dict(self.headers), body, time.monotonic()))
            number = len(self.server.seen)
        try:
            self.server.script(self, body, number)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_HEAD = answer

    def send(self, status, body='', headers=None, date=True):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response_only(status)
        if date:
            self.send_header('Date', headers.pop('Date', self.date_time_string()) if headers else self.date_time_string())
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    def operation(self, body):
        return parse_qs(body.decode()).get('Action', [self.headers.get('X-Amz-Target', '').split('.')[-1]])[0]


class Case(unittest.TestCase):
    maxDiff = None

    def serve(self, script):
        server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        server.script, server.seen, server.lock = script, [], threading.Lock()
        threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.server = server
        return f'http://127.0.0.1:{server.server_port}'

    def call(self, endpoint, calls=None, **options):
        calls = calls or [{'service': 'sts', 'operation': 'GetCallerIdentity'}]
        run = subprocess.run([PROGRAM, f'endpoint={endpoint}', *(f'{k}={v}' for k, v in options.items())],
                             input=''.join(json.dumps(c) + '\n' for c in calls), capture_output=True, text=True,
                             timeout=60, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        self.run_line = lines.pop()
        last = Counter(line['call'] for line in lines if line['last'])
        self.assertEqual(last, Counter(range(len(calls))), 'each call has one last answer')
        return lines

    def one(self, endpoint, call=None, **options):
        lines = self.call(endpoint, [call] if call else None, **options)
        self.assertEqual(len(lines), 1)
        return lines[0]

    def error(self, endpoint, call=None, **options):
        return self.one(endpoint, call, **options)['error']


class Answers(Case):
    def test_query(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, IDENTITY))
        line = self.one(endpoint)
        self.assertEqual(line['answer']['Account'], '111122223333')
        method, path, headers, body, _ = self.server.seen[0]
        self.assertEqual((method, path, body), ('POST', '/', b'Action=GetCallerIdentity&Version=2011-06-15'))
        self.assertEqual(headers['Host'], endpoint.split('//')[1])
        self.assertTrue(headers['Authorization'].startswith('AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/'))
        self.assertNotIn('X-Amz-Security-Token', headers)

    def test_session_token_is_sent_and_signed(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, IDENTITY))
        self.one(endpoint, token='T+/=')
        headers = self.server.seen[0][2]
        self.assertEqual(headers['X-Amz-Security-Token'], 'T+/=')
        self.assertIn('x-amz-security-token', headers['Authorization'])

    def test_denied_names_the_action(self):
        message = 'User: arn:aws:iam::1:user/a is not authorized to perform: iam:GetAccountSummary on resource: *'
        endpoint = self.serve(lambda h, body, n: h.send(403, error_xml('AccessDenied', message)))
        error = self.error(endpoint, {'service': 'iam', 'operation': 'GetAccountSummary'})
        self.assertEqual((error['err'], error['action'], error['code'], error['status'], error['attempts']),
                         ('NZ_E_AWS_DENIED', 'iam:GetAccountSummary', 'AccessDenied', 403, 1))
        self.assertEqual(error['request_id'], 'id-9')

    def test_denied_by_scp(self):
        text = ('User: x is not authorized to perform: guardduty:ListDetectors with an explicit deny in a service control '
                'policy')
        endpoint = self.serve(lambda h, body, n: h.send(
            403, json.dumps({'message': text}), {'x-amzn-ErrorType': 'AccessDeniedException:http://internal/'}))
        error = self.error(endpoint, {'service': 'guardduty', 'operation': 'ListDetectors'})
        self.assertEqual((error['err'], error['code'], error['by_scp'], error['action']),
                         ('NZ_E_AWS_DENIED', 'AccessDeniedException', True, 'guardduty:ListDetectors'))

    def test_errors_of_each_protocol(self):
        def script(h, body, n):
            op = h.operation(body)
            if op == 'DescribeRegions':
                h.send(403, '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>m</Message></Error>'
                            '</Errors><RequestID>r</RequestID></Response>')
            elif op == 'DescribeTrails':
                h.send(400, '{"__type":"com.amazonaws.cloudtrail#InvalidTrailNameException","Message":"m"}')
            elif h.command == 'HEAD':
                h.send(404)
            else:
                h.send(404, '<?xml version="1.0"?><Error><Code>NoSuchBucketPolicy</Code><Message>m</Message></Error>')
        endpoint = self.serve(script)
        lines = self.call(endpoint, [
            {'service': 'ec2', 'operation': 'DescribeRegions'}, {'service': 'cloudtrail', 'operation': 'DescribeTrails'},
            {'service': 's3', 'operation': 'GetBucketPolicy', 'parameters': {'Bucket': 'b-1'}},
            {'service': 's3', 'operation': 'HeadBucket', 'parameters': {'Bucket': 'b-1'}}])
        found = {line['call']: (line['error']['err'], line['error']['code']) for line in lines}
        self.assertEqual(found, {0: ('NZ_E_AWS_DENIED', 'UnauthorizedOperation'),
                                 1: ('NZ_E_AWS_REFUSED', 'InvalidTrailNameException'),
                                 2: ('NZ_E_AWS_REFUSED', 'NoSuchBucketPolicy'), 3: ('NZ_E_AWS_REFUSED', 'NotFound')})

    def test_an_error_between_two_protocols(self):
        """As some gateways before IAM and STS write it."""
        endpoint = self.serve(lambda h, body, n: h.send(
            403, '<ErrorResponse><Errors><Error><Code>AccessDenied</Code><Message>m</Message></Error></Errors></ErrorResponse>'))
        error = self.error(endpoint)
        self.assertEqual((error['err'], error['code'], error['message']), ('NZ_E_AWS_DENIED', 'AccessDenied', 'm'))

    def test_bucket_policy_comes_as_it_is(self):
        policy = {'Version': '2012-10-17', 'Statement': []}
        endpoint = self.serve(lambda h, body, n: h.send(200, json.dumps(policy)))
        line = self.one(endpoint, {'service': 's3', 'operation': 'GetBucketPolicy', 'parameters': {'Bucket': 'b-1'}})
        self.assertEqual(line['answer'], policy)
        self.assertEqual(self.server.seen[0][1], '/b-1?policy')
        self.assertIn('X-Amz-Content-Sha256', self.server.seen[0][2])

    def test_bucket_elsewhere_is_asked_there(self):
        def script(h, body, n):
            if '/eu-west-3/s3/' in h.headers['Authorization']:
                h.send(200, '<VersioningConfiguration/>', {'x-amz-bucket-region': 'eu-west-3'})
            else:
                h.send(301, '<Error><Code>PermanentRedirect</Code></Error>',
                       {'x-amz-bucket-region': 'eu-west-3', 'Location': 'http://127.0.0.1:9/'})
        endpoint = self.serve(script)
        line = self.one(endpoint, {'service': 's3', 'operation': 'GetBucketVersioning', 'parameters': {'Bucket': 'b-1'}})
        self.assertEqual((line['answer'], line['bucket_region']), ({}, 'eu-west-3'))
        self.assertEqual(len(self.server.seen), 2)


class Pages(Case):
    CALL = {'service': 'iam', 'operation': 'GetAccountAuthorizationDetails', 'parameters': {'Filter': ['User', 'Role']}}

    def page(self, users, marker):
        more = f'<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>' if marker else '<IsTruncated>false</IsTruncated>'
        return ('<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><UserDetailList>'
                + ''.join(f'<member><UserName>{u}</UserName></member>' for u in users)
                + f'</UserDetailList>{more}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>')

    def test_all_pages_in_order(self):
        pages = {None: (['a'], 'm+/='), 'm+/=': ([], 'n'), 'n': (['b', 'c'], None)}
        endpoint = self.serve(lambda h, body, n: h.send(
            200, self.page(*pages[parse_qs(body.decode()).get('Marker', [None])[0]])))
        lines = self.call(endpoint, [self.CALL])
        self.assertEqual([(x['page'], x['last']) for x in lines], [(0, False), (1, False), (2, True)])
        self.assertEqual([u['UserName'] for x in lines for u in x['answer']['UserDetailList']], ['a', 'b', 'c'])
        form = parse_qs(self.server.seen[2][3].decode())
        self.assertEqual((form['MaxItems'], form['Filter.member.2'], form['Marker']), (['1000'], ['Role'], ['n']))

    def test_no_more_than_asked_for(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, self.page(['a'], f'm{n}')))
        lines = self.call(endpoint, [{**self.CALL, 'pages_max': 2}])
        self.assertEqual([x['last'] for x in lines], [False, True])

    def test_a_token_that_comes_again(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, self.page(['a'], 'same')))
        lines = self.call(endpoint, [self.CALL])
        self.assertEqual(lines[-1]['error']['err'], 'NZ_E_AWS_PAGES')
        self.assertEqual(len(self.server.seen), 2)

    def test_more_without_a_token(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, self.page(['a'], ' ').replace('<Marker> </Marker>', '')))
        lines = self.call(endpoint, [self.CALL])
        self.assertEqual([('answer' in x, x['last']) for x in lines], [(True, False), (False, True)])
        self.assertEqual(lines[-1]['error']['err'], 'NZ_E_AWS_PAGES')

    def test_an_error_on_a_later_page(self):
        def script(h, body, n):
            if n == 1:
                h.send(200, self.page(['a'], 'm'))
            else:
                h.send(403, error_xml('AccessDenied'))
        lines = self.call(self.serve(script), [self.CALL])
        self.assertEqual([('answer' in x, x['page']) for x in lines], [(True, 0), (False, 1)])

    def test_json_tokens(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, json.dumps(
            {'detectorIds': [str(n)], **({'nextToken': 't&=\u00e9'} if n == 1 else {'nextToken': ''})})))
        lines = self.call(endpoint, [{'service': 'guardduty', 'operation': 'ListDetectors'}])
        self.assertEqual([x['answer']['detectorIds'] for x in lines], [['1'], ['2']])
        self.assertEqual(parse_qs(urlsplit(self.server.seen[1][1]).query),
                         {'maxResults': ['50'], 'nextToken': ['t&=\u00e9']})


class Retries(Case):
    def failing(self, times, send):
        return lambda h, body, n: send(h) if n <= times else h.send(200, IDENTITY)

    def test_server_errors(self):
        for status in (500, 502, 503, 504):
            endpoint = self.serve(self.failing(1, lambda h, s=status: h.send(s, '<html>')))
            self.assertIn('answer', self.one(endpoint))
            self.assertEqual(self.run_line['retries'], 1)

    def test_three_attempts_in_all(self):
        endpoint = self.serve(self.failing(9, lambda h: h.send(503, error_xml('ServiceUnavailable'))))
        error = self.error(endpoint)
        self.assertEqual((error['err'], error['code'], error['attempts'], len(self.server.seen)),
                         ('NZ_E_AWS_REFUSED', 'ServiceUnavailable', 3, 3))

    def test_throttling(self):
        endpoint = self.serve(self.failing(1, lambda h: h.send(400, error_xml('Throttling', 'Rate exceeded'))))
        self.assertIn('answer', self.one(endpoint))
        self.assertEqual(self.run_line['throttled'], 1)
        endpoint = self.serve(self.failing(9, lambda h: h.send(400, error_xml('Throttling', 'Rate exceeded'))))
        self.assertEqual(self.error(endpoint)['err'], 'NZ_E_AWS_THROTTLED')

    def test_a_quota_is_no_throttle(self):
        endpoint = self.serve(self.failing(9, lambda h: h.send(409, error_xml('LimitExceeded'))))
        error = self.error(endpoint, {'service': 'iam', 'operation': 'GenerateCredentialReport'})
        self.assertEqual((error['err'], error['attempts']), ('NZ_E_AWS_REFUSED', 1))

    def test_what_is_wrong_is_not_sent_again(self):
        endpoint = self.serve(self.failing(9, lambda h: h.send(400, error_xml('ValidationError'))))
        self.assertEqual(self.error(endpoint)['attempts'], 1)

    def test_what_changes_is_not_sent_twice(self):
        endpoint = self.serve(self.failing(9, lambda h: h.send(503, '')))
        call = {'service': 'sts', 'operation': 'GetCallerIdentity', 'changes': True}
        self.assertEqual(self.error(endpoint, call)['attempts'], 1)
        endpoint = self.serve(self.failing(1, lambda h: h.send(400, error_xml('Throttling'))))
        self.assertIn('answer', self.one(endpoint, call))

    def test_expired_token_once(self):
        endpoint = self.serve(self.failing(9, lambda h: h.send(403, error_xml('ExpiredToken'))))
        error = self.error(endpoint)
        self.assertEqual((error['err'], error['attempts']), ('NZ_E_AWS_CREDENTIALS_REFUSED', 2))

    def test_ec2_says_request_expired_of_keys_too(self):
        """With a clock that is right it is the keys, which are fetched anew, once."""
        xml = ('<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.</Message></Error></Errors>'
               '<RequestID>r</RequestID></Response>')
        endpoint = self.serve(lambda h, body, n: h.send(400, xml))
        error = self.error(endpoint, {'service': 'ec2', 'operation': 'DescribeRegions'})
        self.assertEqual((error['err'], error['attempts'], self.run_line['clock_off_s']), ('NZ_E_AWS_CREDENTIALS_REFUSED', 2, 0))

    def test_clock_is_corrected_once(self):
        def script(h, body, n):
            now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=5)
            sent = datetime.datetime.strptime(h.headers['X-Amz-Date'] + '+0000', '%Y%m%dT%H%M%SZ%z')
            date = {'Date': email.utils.format_datetime(now, usegmt=True)}
            if abs((sent - now).total_seconds()) > 60:
                h.send(403, error_xml('SignatureDoesNotMatch', 'Signature expired: x is now earlier than y'), date)
            else:
                h.send(200, IDENTITY, date)
        endpoint = self.serve(script)
        self.assertIn('answer', self.one(endpoint))
        self.assertAlmostEqual(self.run_line['clock_off_s'], 5 * 3600, delta=5)
        endpoint = self.serve(self.failing(9, lambda h: h.send(403, error_xml('RequestTimeTooSkewed'))))
        self.assertEqual(self.error(endpoint)['attempts'], 2)


class BadServers(Case):
    def test_html(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, '<!DOCTYPE html><html><body>Sign in</body></html>'))
        self.assertEqual(self.error(endpoint)['err'], 'NZ_E_AWS_ANSWER')
        endpoint = self.serve(lambda h, body, n: h.send(200, '<html><body/></html>'))
        self.assertEqual(self.error(endpoint)['err'], 'NZ_E_AWS_ANSWER')
        call = {'service': 'guardduty', 'operation': 'ListDetectors'}
        self.assertEqual(self.error(endpoint, call)['err'], 'NZ_E_AWS_ANSWER')

    def test_nothing_where_something_was_asked_for(self):
        for body in ('', '[]', '"a"', 'null'):
            endpoint = self.serve(lambda h, _, n, b=body: h.send(200, b))
            error = self.error(endpoint, {'service': 'guardduty', 'operation': 'ListDetectors'})
            self.assertEqual(error['err'], 'NZ_E_AWS_ANSWER', body)

    def test_entities(self):
        bomb = '<!DOCTYPE a [<!ENTITY b "' + 'x' * 99 + '"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
        endpoint = self.serve(lambda h, body, n: h.send(200, bomb))
        error = self.error(endpoint)
        self.assertEqual(error['err'], 'NZ_E_AWS_ANSWER')
        self.assertIn('document type declaration', error['message'])

    def test_redirects_are_not_followed(self):
        other = self.serve(lambda h, body, n: h.send(200, IDENTITY))
        elsewhere = self.server
        endpoint = self.serve(lambda h, body, n: h.send(302, '', {'Location': other}))
        self.assertEqual(self.error(endpoint)['err'], 'NZ_E_AWS_REDIRECT')
        self.assertEqual(elsewhere.seen, [])

    def test_cut_answers(self):
        def script(h, body, n):
            h.send_response_only(200)
            h.send_header('Content-Length', '1000')
            h.end_headers()
            h.wfile.write(IDENTITY[:50].encode())
            h.wfile.flush()
            h.connection.shutdown(socket.SHUT_RDWR)
            h.close_connection = True
        error = self.error(self.serve(script))
        self.assertEqual((error['err'], error['attempts']), ('NZ_E_AWS_NETWORK', 3))

    def test_cut_documents(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, IDENTITY[:-5]))
        self.assertEqual(self.error(endpoint)['err'], 'NZ_E_AWS_ANSWER')

    def test_slow_answers(self):
        def script(h, body, n):
            h.send_response_only(200)
            h.send_header('Content-Length', '1000')
            h.end_headers()
            for _ in range(100):
                h.wfile.write(b' ')
                h.wfile.flush()
                time.sleep(0.05)
        endpoint = self.serve(script)
        began = time.monotonic()
        error = self.error(endpoint, attempt_ms=200, call_ms=500)
        self.assertEqual(error['err'], 'NZ_E_AWS_TIMEOUT')
        self.assertLess(time.monotonic() - began, 12)

    def test_the_run_has_an_end(self):
        endpoint = self.serve(lambda h, body, n: time.sleep(3))
        lines = self.call(endpoint, [{'service': 'sts', 'operation': 'GetCallerIdentity'}] * 5, run_ms=300)
        self.assertEqual({x['error']['err'] for x in lines}, {'NZ_E_AWS_TIMEOUT'})
        self.assertEqual(self.run_line['run'], 'NZ_E_AWS_TIMEOUT')

    def test_huge_answers(self):
        def script(h, body, n):
            h.send_response_only(200)
            h.send_header('Content-Length', str(1 << 30))
            h.end_headers()
            for _ in range(1024):
                h.wfile.write(bytes(1 << 20))
        error = self.error(self.serve(script))
        self.assertEqual((error['err'], error['attempts']), ('NZ_E_AWS_ANSWER_SIZE', 1))

    def test_nobody_listens(self):
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
        error = self.error(f'http://127.0.0.1:{port}', attempts=1)
        self.assertEqual(error['err'], 'NZ_E_AWS_NETWORK')
        self.assertNotEqual(error['message'], '')

    def test_endpoints_that_are_none(self):
        for url in ('ftp://a', 'http://u:p@host', 'http://a b', 'host', 'http://', 'http://a/?x', 'http://a/#x'):
            self.assertEqual(self.error(url)['err'], 'NZ_E_AWS_ENDPOINT', url)

    def test_regions_that_cannot_be(self):
        for region in ('evil.example/', 'a@b', 'US-EAST-1', '-', 'x' * 64):
            call = {'service': 'guardduty', 'operation': 'ListDetectors', 'region': region}
            self.assertEqual(self.error('http://127.0.0.1:9', call)['err'], 'NZ_E_AWS_REGION', region)


class Pace(Case):
    def most_at_once(self, calls, together):
        """Each call is held until so many are there, or for a while in vain; then the most that there were."""
        state = {'now': 0, 'most': 0}
        arrived = threading.Condition()

        def script(h, body, n):
            with arrived:
                state['now'] += 1
                state['most'] = max(state['most'], state['now'])
                arrived.notify_all()
                arrived.wait_for(lambda: state['most'] >= together, timeout=10)
            time.sleep(0.05)  # for one more that should not come
            with arrived:
                state['now'] -= 1
            h.send(200, '{}')
        self.call(self.serve(script), calls)
        return state['most']

    def test_two_calls_at_once_in_a_region(self):
        call = {'service': 'guardduty', 'operation': 'GetDetector', 'parameters': {'DetectorId': 'a'}}
        self.assertEqual(self.most_at_once([{**call, 'region': 'eu-west-1'}] * 4, 2), 2)

    def test_regions_side_by_side(self):
        call = {'service': 'guardduty', 'operation': 'GetDetector', 'parameters': {'DetectorId': 'a'}}
        self.assertEqual(self.most_at_once([{**call, 'region': f'eu-west-{i}'} for i in range(1, 13)], 12), 12)

    def test_lookup_events_twice_a_second(self):
        endpoint = self.serve(lambda h, body, n: h.send(200, '{"Events":[]}'))
        self.call(endpoint, [{'service': 'cloudtrail', 'operation': 'LookupEvents'}] * 4)
        times = [seen[4] for seen in self.server.seen]
        self.assertGreater(times[-1] - times[0], 0.9)


CERTIFICATE = 'openssl req -x509 -newkey rsa:2048 -nodes -keyout {0}/key -out {0}/cert -days 2 -subj /CN={1} -addext subjectAltName={2}'


@unittest.skipUnless(os.path.exists('/usr/bin/openssl'), 'no openssl command')
class Certificates(Case):
    def serve_tls(self, name, alternative):
        import ssl
        import tempfile
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        subprocess.run(CERTIFICATE.format(folder.name, name, alternative).split(), capture_output=True, check=True)
        endpoint = self.serve(lambda h, body, n: h.send(200, IDENTITY))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f'{folder.name}/cert', f'{folder.name}/key')
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        return endpoint.replace('http:', 'https:'), f'{folder.name}/cert'

    def test_a_certificate_that_nobody_vouches_for(self):
        endpoint, bundle = self.serve_tls('localhost', 'IP:127.0.0.1')
        error = self.error(endpoint)
        self.assertEqual((error['err'], error['attempts']), ('NZ_E_AWS_TLS', 1))
        self.assertIn('answer', self.one(endpoint, ca=bundle))

    def test_a_certificate_of_another_host(self):
        endpoint, bundle = self.serve_tls('example.com', 'DNS:example.com')
        self.assertEqual(self.error(endpoint, ca=bundle)['err'], 'NZ_E_AWS_TLS')


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
