"""The scripted endpoint: all of AWS behind one address of this machine, over real HTTP.

    with Endpoint(['denied.yaml']) as aws:
        subprocess.run([nezuban, 'audit'], env={**os.environ, **aws.environment()})
        aws.count('iam:*')             calls so far
        aws.broken                     requests that AWS would not have taken: none, or the test has failed
    with Endpoint(tunnel=True) as aws:   as a proxy before AWS's own hosts, with TLS: see tunnel.py

Requests must keep to AWS's models (wire.py) and be signed (signature.py); scenarios say what is answered (rules.py), before
what account.yaml says of a well-kept account. One thread a connection; leaving the block ends them all.
"""
import collections
import datetime
import fnmatch
import http.server
import os
import socket
import threading
import urllib.parse

from . import faults, people, refusals, rules, signature, wire
from . import tunnel as tunnels

HERE = os.path.dirname(os.path.abspath(__file__))
BODY_BYTES_MAX = 1 << 20
Seen = collections.namedtuple('Seen', 'ask region status error')


class Request:
    """`target` is what was sent and signed, path() has a bucket's name in front also when it stood in the host."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.body = method, target, body
        self.headers = {name.lower(): value for name, value in headers.items()}
        bucket, found, _ = self.headers.get('host', '').partition('.s3.')
        self.bucket = bucket if found else None

    def path(self):
        path = self.target.partition('?')[0]
        return f'/{self.bucket}{path.rstrip("/")}' if self.bucket else path

    def query(self):
        return urllib.parse.parse_qsl(self.target.partition('?')[2], keep_blank_values=True)

    def form_items(self):
        """Those of a form, but for what names the operation: that is compared apart."""
        return urllib.parse.parse_qsl(self.body.decode('ascii', 'replace'), keep_blank_values=True)

    def form(self):
        return dict(self.form_items())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    wbufsize = 65536  # head and body in one packet
    disable_nagle_algorithm = True
    timeout = 60
    host = None  # of AWS, once a tunnel leads to it

    def do_CONNECT(self):
        """From here on the client speaks TLS with `host`, which is this handler."""
        endpoint, self.host = self.server.endpoint, self.path.partition(':')[0]
        self.send_response_only(200, 'Connection established')
        self.end_headers()
        self.wfile.flush()
        try:
            with endpoint.lock:
                context = endpoint.authority.context(endpoint.certificate_for or self.host)
            self.connection = context.wrap_socket(self.connection, server_side=True)
        except OSError:  # the client does not like the certificate
            self.close_connection = True
            return
        self.server.open.add(self.connection)
        self.rfile, self.wfile = self.connection.makefile('rb', -1), self.connection.makefile('wb', self.wbufsize)
        self.close_connection = False

    def serve(self):
        length = int(self.headers.get('Content-Length') or 0)
        if length > BODY_BYTES_MAX or 'Transfer-Encoding' in self.headers:
            self.close_connection = True
            self.send_raw(413, {'Content-Type': 'text/plain'}, b'too large')
            return
        request = Request(self.command, self.path, self.headers, self.rfile.read(length))
        self.server.endpoint.serve(self, request)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = serve

    def send_head(self, status, headers):
        self.send_response_only(status)
        self.send_header('Date', self.server.endpoint.http_date())
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header('Connection', 'close')
        self.end_headers()

    def send_raw(self, status, headers, body, length=None):
        self.send_head(status, {**headers, 'Content-Length': str(len(body) if length is None else length)})
        if self.command != 'HEAD':
            self.wfile.write(body)
        self.wfile.flush()

    def wait(self, seconds):
        """True when the endpoint stops meanwhile."""
        return self.server.endpoint.stopping.wait(seconds)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, endpoint, port):
        self.endpoint, self.open = endpoint, set()
        super().__init__(('127.0.0.1', port), Handler)

    def get_request(self):
        connection, address = super().get_request()
        self.open.add(connection)
        return connection, address

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def close_all(self):
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has just been closed

    def handle_error(self, request, client_address):
        """A client that hangs up in the middle is what some tests are about."""


class Endpoint:
    """`scenarios`: files, or texts of scenarios. `certificate_for`: the host in every certificate, where it should not fit."""

    def __init__(self, scenarios=(), port=0, tunnel=False, certificate_for=None, **settings):
        texts = [('settings', rules.yaml.safe_dump(settings))] if settings else []
        for scenario in [*scenarios, os.path.join(HERE, 'account.yaml')]:
            if '\n' in scenario:
                texts.append(('scenario', scenario))
            else:
                with open(scenario, encoding='utf-8') as file:
                    texts.append((scenario, file.read()))
        self.scenario = rules.Scenario(texts)
        self.settings = self.scenario.settings
        self.people = {self.settings['account']: people.People(self.settings)}
        self.seen, self.broken, self.connections = [], [], 0
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.server, self.thread, self.port = None, None, port
        self.authority, self.certificate_for = tunnels.Authority() if tunnel else None, certificate_for

    def __enter__(self):
        self.server = Server(self, self.port)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.server.shutdown()
        self.server.close_all()
        self.server.server_close()
        self.thread.join(10)
        if self.authority:
            self.authority.close()

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    def environment(self):
        """What a program is told, so that it finds the endpoint and nothing of the caller's own."""
        key, what = next(iter(self.settings['keys'].items()))
        told = {'AWS_ACCESS_KEY_ID': key, 'AWS_SECRET_ACCESS_KEY': what['secret'], 'AWS_REGION': 'ap-northeast-1',
                'AWS_EC2_METADATA_DISABLED': 'true', 'AWS_CONFIG_FILE': '/dev/null', 'AWS_SHARED_CREDENTIALS_FILE': '/dev/null'}
        if self.authority:
            told.update(HTTPS_PROXY=self.url, AWS_CA_BUNDLE=self.authority.path, NO_PROXY='')
        else:
            told.update(AWS_ENDPOINT_URL=self.url)
        if what.get('token'):
            told['AWS_SESSION_TOKEN'] = what['token']
        return told

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.settings['clock_offset_s'])

    def http_date(self):
        return self.now().strftime('%a, %d %b %Y %H:%M:%S GMT')

    def count(self, ask='*', region='*'):
        with self.lock:
            return sum(fnmatch.fnmatchcase(s.ask, ask) and fnmatch.fnmatchcase(s.region, region) for s in self.seen)

    def serve(self, handler, request):
        scope = signature.Scope(request)
        try:
            call = wire.identify(request, *self.signed_for(request, scope))
            wire.understand(call, request)
            if handler.host:
                tunnels.check_host(call, request, handler.host)
        except wire.Broken as fault:
            with self.lock:
                self.broken.append(str(fault))
                self.seen.append(Seen('?', scope.region, 400, 'broken'))
            handler.send_raw(400, {'Content-Type': 'text/plain'}, str(fault).encode())
            return
        call.names = self.names_for(scope)
        with self.lock:
            delay_ms, fault, rule = self.scenario.rules_for(call)
        if delay_ms:
            handler.wait(delay_ms / 1000)
        (status, headers, body), error = self.answer(request, scope, call, rule)
        with self.lock:
            self.seen.append(Seen(call.ask, call.region, status, fault or error))
        if fault:
            faults.FAULTS[fault](handler, status, headers, body)
        else:
            handler.send_raw(status, headers, body)

    def signed_for(self, request, scope):
        """Service and region; a call without a signature is one to STS, which alone has such."""
        return (scope.service, scope.region) if scope.there else ('sts', 'us-east-1')

    def names_for(self, scope):
        """Who asks: the account of the keys, and what stands in texts of answers."""
        key = self.settings['keys'].get(scope.key, {})
        return {name: key.get(name, self.settings[name]) for name in ('account', 'caller', 'partition')}

    def people_of(self, account):
        with self.lock:
            if account not in self.people:
                self.people[account] = people.People({**self.settings, 'account': account})
            return self.people[account]

    def answer(self, request, scope, call, rule):
        """((status, headers, body), the error's code or '')."""
        names = {name: call.names[name] for name in ('caller', 'account')}
        try:
            if call.model.auth_type != 'none':
                signature.check(request, scope, self.settings['keys'], self.now())
            if rule and rule.error:
                raise self.error(call, rule.error, names)
            return wire.answer(call, self.result(call, rule)), ''
        except signature.Refused as refused:
            error = refusals.refusal(refused.kind, call, refused.message, **names)
        except wire.Failure as failed:
            error = failed
        except ValueError as wrong:  # a scenario that AWS's model does not know
            with self.lock:
                self.broken.append(str(wrong))
            error = wire.Failure('InternalFailure', str(wrong), 500)
        return wire.failure(call, error), error.code

    def error(self, call, error, names):
        if isinstance(error, str):
            return refusals.refusal(error, call, **names)
        return wire.Failure(error['code'], self.scenario.fill(error.get('message', ''), call), error.get('status'))

    def result(self, call, rule):
        if rule is None:
            raise ValueError(f'no rule answers {call.ask} in {call.region}')
        if isinstance(rule.answer, rules.Made):
            return getattr(self.people_of(call.names['account']), rule.answer)(call)
        return self.scenario.fill(rule.answer, call)
