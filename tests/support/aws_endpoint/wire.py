"""AWS's protocols, by AWS's own models: which operation a request is, whether it keeps to its model, what an answer looks like.

The models are botocore's, the bytes of answers moto's serializer's: neither is ours, so that a mistake of ours shows.
"""
import functools
import json
import re
import threading
import urllib.parse
import warnings

import botocore.exceptions
import botocore.loaders
import botocore.serialize
import botocore.validate
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.datastructures import MultiDict

# The name that a request is signed for -> botocore's models. Two services are signed as s3 and told apart by their paths.
MODELS = {
    'sts': ['sts'], 'iam': ['iam'], 'ec2': ['ec2'], 'account': ['account'], 'cloudtrail': ['cloudtrail'],
    'config': ['config'], 'guardduty': ['guardduty'], 'securityhub': ['securityhub'],
    'access-analyzer': ['accessanalyzer'], 'detective': ['detective'], 'organizations': ['organizations'],
    's3': ['s3control', 's3'], 'events': ['events'], 'logs': ['logs'], 'monitoring': ['cloudwatch'], 'sns': ['sns'],
}
# Spoken by several protocols: the one that a client without CBOR takes.
PROTOCOL_TAKEN = {'cloudwatch': 'query'}
# Services with one endpoint a partition, and the region that commercial AWS signs them for.
GLOBAL = {'iam': 'us-east-1', 'organizations': 'us-east-1', 'account': 'us-east-1'}

# Errors that any service may give stand in no model, and the serializer finds that worth a warning each time.
warnings.filterwarnings('ignore', message=r'Exception\(Failure\) with code')


class Broken(Exception):
    """A request that AWS would refuse, or that it would take but its model does not have."""


def once(function):
    """lru_cache for threads: reading a model takes a while, and all of them want it at the same moment."""
    lock, kept = threading.RLock(), functools.lru_cache(maxsize=None)(function)

    @functools.wraps(function)
    def locked(*arguments):
        with lock:
            return kept(*arguments)
    return locked


@once
def model(name):
    description = dict(botocore.loaders.Loader().load_service_model(name, 'service-2'))
    protocol = PROTOCOL_TAKEN.get(name)
    if protocol:
        description['metadata'] = {**description['metadata'], 'protocol': protocol, 'protocols': [protocol]}
    return ServiceModel(description, name)


@once
def routes(name):
    """(method, pattern of the path, names that the query must have, operation) of a REST service, the longest path first."""
    found = []
    for operation in model(name).operation_names:
        if model(name).operation_model(operation).deprecated:
            continue  # its successor has the same path
        http = model(name).operation_model(operation).http
        path, _, query = http['requestUri'].partition('?')
        pattern = re.escape(path).replace(r'\{', '{').replace(r'\}', '}').replace(r'\+', '+')
        pattern = re.sub(r'\{(\w+)(\+?)\}', lambda m: '(?P<%s>%s)' % (m[1], '.+' if m[2] else '[^/]+'), pattern)
        found.append((http['method'], re.compile(pattern), dict(urllib.parse.parse_qsl(query, True)), operation, path))
    found.sort(key=lambda route: (-len(route[2]), -len(route[4])))
    return found


class Call:
    """One request, understood: `ask` is "service:operation" with the signing name, as in an IAM action."""

    def __init__(self, name, operation, region, labels):
        self.model_name, self.operation, self.region, self.labels = name, operation, region, labels
        self.model = model(name).operation_model(operation)
        self.protocol = model(name).protocol
        self.service = 's3-control' if name == 's3control' else self.model.service_model.signing_name
        self.parameters = {}

    @property
    def ask(self):
        return self.service + ':' + self.operation


def identify(request, signing_name, region):
    """The Call that a request is; Broken when no model has it."""
    names = MODELS.get(signing_name)
    if not names:
        raise Broken(f'signed for {signing_name!r}, a service that is not served here')
    for name in names:
        protocol = model(name).protocol
        operation, labels = None, {}
        if protocol in ('query', 'ec2'):
            operation = request.form().get('Action')
        elif protocol == 'json':
            operation = request.headers.get('x-amz-target', '').rpartition('.')[2]
        else:
            operation, labels = route(name, request)
        if operation in model(name).operation_names:
            return Call(name, operation, region, labels)
    raise Broken(f'{request.method} {request.target}: no operation of {signing_name}')


def route(name, request):
    query = dict(request.query())
    for method, pattern, needed, operation, _ in routes(name):
        match = pattern.fullmatch(request.path())
        if method == request.method and match and all(query.get(k) == v for k, v in needed.items()):
            return operation, {k: urllib.parse.unquote(v) for k, v in match.groupdict().items()}
    return None, {}


def understand(call, request):
    """Fills call.parameters; Broken when the request differs in anything from what botocore would send for them."""
    shape = call.model.input_shape
    if call.model.service_model.protocol in ('query', 'ec2'):
        values = MultiDict(request.form_items())
    else:
        values = MultiDict(request.query())
    if shape is not None:
        call.parameters = PROTOCOL_PARSERS[call.protocol](call.model).parse(
            {'body': request.body, 'headers': request.headers, 'method': request.method, 'url_path': request.path(),
             'url_params': call.labels, 'values': values})
        report = botocore.validate.ParamValidator().validate(call.parameters, shape)
        if report.has_errors():
            raise Broken(report.generate_report())
    serializer = botocore.serialize.create_serializer(call.protocol, include_validation=False)
    expected = serializer.serialize_to_request(call.parameters, call.model)
    compare(call, request, expected)


def compare(call, request, expected):
    """Raises Broken at the first difference between the request and what botocore's serializer wrote."""
    path, _, literal = expected['url_path'].partition('?')
    query = urllib.parse.parse_qsl(literal, True)
    given = expected['query_string']
    for name, value in (given.items() if isinstance(given, dict) else given or []):
        query += [(name, str(v)) for v in (value if isinstance(value, list) else [value])]
    headers = {k.lower(): v for k, v in expected['headers'].items()}
    for what, got, want in (
            ('method', request.method, expected['method']),
            ('path', urllib.parse.unquote(request.path()), urllib.parse.unquote(path)),
            ('query', sorted(request.query()), sorted(query)),
            ('body', *bodies(call, request, expected['body'])),
            *((name, request.headers.get(name, '').partition(';')[0], str(value).partition(';')[0])
              for name, value in headers.items() if name != 'user-agent')):
        if got != want:
            raise Broken(f'{call.ask}: {what} is {got!r}, by its model {want!r}')
    region = GLOBAL.get(call.model_name)
    if region and call.region != region:
        raise Broken(f'{call.ask}: signed for {call.region}, a global service for {region}')


def bodies(call, request, expected):
    """What was sent and what botocore would send, in a form that can be compared."""
    if call.protocol in ('query', 'ec2'):
        return sorted(request.form_items()), sorted((k, str(v)) for k, v in expected.items())
    if call.protocol in ('json', 'rest-json'):
        return as_json(request.body), as_json(expected)
    return request.body, expected.encode() if isinstance(expected, str) else expected or b''


def as_json(text):
    """An empty body is an object without members: both are sent by SDKs."""
    try:
        return json.loads(text) if text else {}
    except ValueError:
        raise Broken(f'the body is no JSON: {text[:80]!r}') from None


# Answers

def answer(call, result):
    """(status, headers, bytes) of a success; `result` in botocore's names. A member that its model lacks is a ValueError."""
    shape = call.model.output_shape
    if shape is not None:
        result = written(shape, result)
        report = botocore.validate.ParamValidator().validate(result, shape)
        unknown = sorted(set(result) - set(shape.members))
        if unknown or report.has_errors():
            raise ValueError(f'{call.ask}: {unknown or report.generate_report()}')
    return packed(call, result)


def written(shape, value):
    """Policy documents may be given as objects: they are texts for AWS, and percent-encoded ones (RFC 3986) for IAM."""
    if shape.type_name == 'structure' and isinstance(value, dict) and not shape.is_document_type:
        return {k: written(shape.members[k], v) if k in shape.members else v for k, v in value.items()}
    if shape.type_name == 'list' and isinstance(value, list):
        return [written(shape.member, v) for v in value]
    if shape.type_name == 'map' and isinstance(value, dict):
        return {k: written(shape.value, v) for k, v in value.items()}
    if shape.type_name == 'string' and isinstance(value, dict):
        text = json.dumps(value)
        return urllib.parse.quote(text, safe='') if shape.name == 'policyDocumentType' else text
    return value


class Failure(Exception):
    """An error that AWS names; the serializer reads `code`, `message` and the members of its model."""

    def __init__(self, code, message, status=None):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def failure(call, error):
    status, headers, body = packed(call, error)
    return error.status or status, headers, body


def packed(call, result):
    serializer = get_serializer_class(call.model_name, call.protocol)
    response = serializer(call.model, SerializationContext('6fa24ab7-9d2c-4b6e-8f5e-000000000000'),
                          value_picker=pick).serialize(result)
    body = response['body']
    headers = {**response['headers'], 'x-amzn-RequestId': '6fa24ab7-9d2c-4b6e-8f5e-000000000000'}
    return response['status_code'], headers, body.encode() if isinstance(body, str) else body


def pick(context):
    """Members of answers are entries of a dictionary, those of errors attributes."""
    if isinstance(context.obj, dict):
        return context.obj.get(context.key)
    return getattr(context.obj, context.key, None) if isinstance(context.obj, Exception) else None
