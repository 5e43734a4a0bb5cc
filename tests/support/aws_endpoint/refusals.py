"""The errors that any service may answer with, as each protocol writes them.

Sources: the "Common Errors" pages of the API references; "Error responses" of the S3 and EC2 references; SDKs and Tools
Reference Guide, "Retry behavior" (throttling). The codes are what a client must tell apart; texts are as AWS words them.
"""
from .wire import Failure

# kind: {protocol: (code, HTTP status)}, text
KINDS = {
    'unsigned': ({'query': ('MissingAuthenticationToken', 403), 'ec2': ('AuthFailure', 401),
                  'json': ('MissingAuthenticationTokenException', 400),
                  'rest-json': ('MissingAuthenticationTokenException', 403), 'rest-xml': ('AccessDenied', 403)}, ''),
    'incomplete': ({'query': ('IncompleteSignature', 400), 'ec2': ('AuthFailure', 401),
                    'json': ('IncompleteSignatureException', 400), 'rest-json': ('IncompleteSignatureException', 403),
                    'rest-xml': ('AuthorizationHeaderMalformed', 400)}, ''),
    'unknown-key': ({'query': ('InvalidClientTokenId', 403), 'ec2': ('AuthFailure', 401),
                     'json': ('UnrecognizedClientException', 400), 'rest-json': ('UnrecognizedClientException', 403),
                     'rest-xml': ('InvalidAccessKeyId', 403)}, 'The security token included in the request is invalid.'),
    'wrong-signature': ({'query': ('SignatureDoesNotMatch', 403), 'ec2': ('AuthFailure', 401),
                         'json': ('InvalidSignatureException', 400), 'rest-json': ('InvalidSignatureException', 403),
                         'rest-xml': ('SignatureDoesNotMatch', 403)}, ''),
    'clock': ({'query': ('SignatureDoesNotMatch', 403), 'ec2': ('RequestExpired', 400),
               'json': ('InvalidSignatureException', 400), 'rest-json': ('InvalidSignatureException', 403),
               'rest-xml': ('RequestTimeTooSkewed', 403)}, ''),
    'expired-token': ({'query': ('ExpiredToken', 403), 'ec2': ('RequestExpired', 400),
                       'json': ('ExpiredTokenException', 400), 'rest-json': ('ExpiredTokenException', 403),
                       'rest-xml': ('ExpiredToken', 400)}, 'The security token included in the request is expired'),
    'access-denied': ({'query': ('AccessDenied', 403), 'ec2': ('UnauthorizedOperation', 403),
                       'json': ('AccessDeniedException', 400), 'rest-json': ('AccessDeniedException', 403),
                       'rest-xml': ('AccessDenied', 403)},
                      'User: {caller} is not authorized to perform: {action} on resource: * because no identity-based '
                      'policy allows the {action} action'),
    'denied-by-scp': ({'query': ('AccessDenied', 403), 'ec2': ('UnauthorizedOperation', 403),
                       'json': ('AccessDeniedException', 400), 'rest-json': ('AccessDeniedException', 403),
                       'rest-xml': ('AccessDenied', 403)},
                      'User: {caller} is not authorized to perform: {action} on resource: * with an explicit deny in a '
                      'service control policy: arn:aws:organizations::{account}:policy/o-exampleorgid/'
                      'service_control_policy/p-regions'),
    'throttled': ({'query': ('Throttling', 400), 'ec2': ('RequestLimitExceeded', 503), 'json': ('ThrottlingException', 400),
                   'rest-json': ('TooManyRequestsException', 429), 'rest-xml': ('SlowDown', 503)}, 'Rate exceeded'),
    'internal': ({'query': ('InternalFailure', 500), 'ec2': ('InternalError', 500), 'json': ('InternalFailure', 500),
                  'rest-json': ('InternalServerException', 500), 'rest-xml': ('InternalError', 500)},
                 'We encountered an internal error. Please try again.'),
    'unavailable': ({'query': ('ServiceUnavailable', 503), 'ec2': ('Unavailable', 503), 'json': ('ServiceUnavailable', 503),
                     'rest-json': ('ServiceUnavailableException', 503), 'rest-xml': ('ServiceUnavailable', 503)},
                    'Service Unavailable'),
    'broken': ({'query': ('ValidationError', 400), 'ec2': ('InvalidParameterValue', 400),
                'json': ('ValidationException', 400), 'rest-json': ('ValidationException', 400),
                'rest-xml': ('InvalidRequest', 400)}, ''),
}
# Where one service differs from its protocol.
PARTICULAR = {('sns', 'access-denied'): ('AuthorizationError', 403),
              ('organizations', 'throttled'): ('TooManyRequestsException', 400),
              ('guardduty', 'access-denied'): ('AccessDeniedException', 403)}
# Operations whose IAM action has another name (Service Authorization Reference).
ACTIONS = {'s3:GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock', 's3:HeadBucket': 's3:ListBucket',
           's3-control:GetPublicAccessBlock': 's3:GetAccountPublicAccessBlock',
           's3:GetObjectLockConfiguration': 's3:GetBucketObjectLockConfiguration',
           's3:GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
           's3:GetBucketEncryption': 's3:GetEncryptionConfiguration', 'monitoring:DescribeAlarms': 'cloudwatch:DescribeAlarms'}


def refusal(kind, call, message='', **names):
    """The Failure of a kind for this call; `names` fill its text."""
    forms, text = KINDS[kind]
    code, status = PARTICULAR.get((call.service, kind)) or forms[call.protocol]
    return Failure(code, message or text.format(action=ACTIONS.get(call.ask, call.ask), **names), status)
