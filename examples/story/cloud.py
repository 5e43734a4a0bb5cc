"""The company's account, and one CloudTrail record in the shape and key order in which AWS writes it.

Everything is fictitious: account ids are those of AWS's documentation, addresses come from RFC 5737 and RFC 3849.
"""

from datetime import timedelta

ACCOUNT = '111122223333'
AUDIT_ACCOUNT = '444455556666'
TOKYO, OSAKA, VIRGINIA, STOCKHOLM = 'ap-northeast-1', 'ap-northeast-3', 'us-east-1', 'eu-north-1'

# What each service writes in eventVersion; the others write 1.11.
EVENT_VERSIONS = {'sts': '1.08', 'iam': '1.10', 'signin': '1.08', 'logs': '1.09', 'lambda': '1.09', 'ssm': '1.08',
                  'guardduty': '1.09', 'config': '1.08', 'rds': '1.10'}
API_VERSIONS = {'logs': '20140328'}
BROWSER = ('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) '
           'Chrome/137.0.0.0 Safari/537.36')


def stamp(when):
    return when.strftime('%Y-%m-%dT%H:%M:%SZ')


def prose_date(when, comma=False):
    """Dates inside requests and responses: 'Jun 9, 2026 1:10:42 PM'; STS and SSM put a comma after the year."""
    hour = when.hour % 12 or 12
    return '%s %d, %d%s %d:%s' % (when.strftime('%b'), when.day, when.year, ',' if comma else '', hour,
                                  when.strftime('%M:%S %p'))


class Caller:
    """Who calls, from where, with what: the three things that every record of one session shares."""

    def __init__(self, identity, address, agent, console=False, tls='TLSv1.3', post_quantum=False):
        self.identity, self.address, self.agent = identity, address, agent
        self.console, self.tls, self.post_quantum = console, tls, post_quantum

    def name(self):
        """As messages of AWS name the caller."""
        return self.identity.get('arn') or self.identity.get('invokedBy')


def service(name):
    """An AWS service acting by itself."""
    return Caller({'type': 'AWSService', 'invokedBy': name}, name, name, tls=None)


class Cloud:
    """Makes identities and records; keeps what was recorded until it is delivered."""

    def __init__(self, dice):
        self.dice = dice
        self.principals = {}
        self.keys = {}
        self.records = []
        self.truth = []

    def principal(self, prefix, name):
        """A stable id of a user (AIDA) or a role (AROA)."""
        if (prefix, name) not in self.principals:
            self.principals[prefix, name] = self.dice.aws_id(prefix, 21)
        return self.principals[prefix, name]

    def long_term_key(self, user):
        if user not in self.keys:
            self.keys[user] = self.dice.aws_id('AKIA')
        return self.keys[user]

    def user(self, user, key=None):
        return {'type': 'IAMUser', 'principalId': self.principal('AIDA', user),
                'arn': 'arn:aws:iam::%s:user/%s' % (ACCOUNT, user), 'accountId': ACCOUNT,
                'accessKeyId': key or self.long_term_key(user), 'userName': user}

    def console_user(self, user, since, mfa=True):
        identity = self.user(user, self.dice.aws_id('ASIA'))
        identity['sessionContext'] = {'attributes': {'creationDate': stamp(since),
                                                     'mfaAuthenticated': 'true' if mfa else 'false'}}
        return identity

    def root(self, since=None):
        identity = {'type': 'Root', 'principalId': ACCOUNT, 'arn': 'arn:aws:iam::%s:root' % ACCOUNT,
                    'accountId': ACCOUNT, 'accessKeyId': self.dice.aws_id('ASIA') if since else ''}
        if since:
            identity['sessionContext'] = {'attributes': {'creationDate': stamp(since), 'mfaAuthenticated': 'true'}}
        return identity

    def role(self, role, session, since, path='', mfa=False, invoked_by=None, delivery=None, web=None):
        principal = self.principal('AROA', role)
        context = {'sessionIssuer': {'type': 'Role', 'principalId': principal,
                                     'arn': 'arn:aws:iam::%s:role/%s%s' % (ACCOUNT, path, role),
                                     'accountId': ACCOUNT, 'userName': role}}
        if web:
            context['webIdFederationData'] = web
        context['attributes'] = {'creationDate': stamp(since), 'mfaAuthenticated': 'true' if mfa else 'false'}
        if delivery:
            context['ec2RoleDelivery'] = delivery
        identity = {'type': 'AssumedRole', 'principalId': '%s:%s' % (principal, session),
                    'arn': 'arn:aws:sts::%s:assumed-role/%s/%s' % (ACCOUNT, role, session), 'accountId': ACCOUNT,
                    'accessKeyId': self.dice.aws_id('ASIA'), 'sessionContext': context}
        if invoked_by:
            identity['invokedBy'] = invoked_by
        return identity

    def assumed(self, role, session, when, hours=1):
        """The response of AssumeRole and the ARN list that goes with it."""
        arn = 'arn:aws:iam::%s:role/%s' % (ACCOUNT, role)
        role = role.split('/')[-1]
        key = self.dice.aws_id('ASIA')
        response = {'credentials': {'accessKeyId': key, 'sessionToken': 'IQoJb3JpZ2luX2Vj' + self.dice.letters(180),
                                    'expiration': prose_date(when + timedelta(hours=hours), comma=True)},
                    'assumedRoleUser': {'assumedRoleId': '%s:%s' % (self.principal('AROA', role), session),
                                        'arn': 'arn:aws:sts::%s:assumed-role/%s/%s' % (ACCOUNT, role, session)}}
        return response, [{'accountId': ACCOUNT, 'type': 'AWS::IAM::Role', 'ARN': arn}]

    def call(self, who, when, api, request=None, response=None, region=TOKYO, read=None, error=None, extra=None,
             resources=None, kind='AwsApiCall', data=False, shared=False, step=None):
        """Records one call. `api` is 'service:EventName'; `error` is (code, message). Returns the record."""
        source, name = api.split(':')
        if read is None:
            read = name.startswith(('Get', 'List', 'Describe', 'Lookup', 'Head', 'Batch', 'Simulate', 'Check'))
        record = {'eventVersion': EVENT_VERSIONS.get(source, '1.11'), 'userIdentity': who.identity,
                  'eventTime': stamp(when), 'eventSource': source + '.amazonaws.com', 'eventName': name,
                  'awsRegion': region, 'sourceIPAddress': who.address, 'userAgent': who.agent}
        if error:
            record['errorCode'] = error[0]
            if error[1]:
                record['errorMessage'] = error[1]
        record['requestParameters'] = request
        record['responseElements'] = response
        if extra:
            record['additionalEventData'] = extra
        if kind != 'AwsConsoleSignIn':
            record['requestID'] = self.dice.letters(16, NAME_UPPER) if source == 's3' else self.dice.uuid()
        record['eventID'] = self.dice.uuid()
        record['readOnly'] = read
        if resources:
            record['resources'] = resources
        record['eventType'] = kind
        if source in API_VERSIONS:
            record['apiVersion'] = API_VERSIONS[source]
        record['managementEvent'] = not data
        record['recipientAccountId'] = ACCOUNT
        if shared:
            record['sharedEventID'] = self.dice.uuid()
        record['eventCategory'] = 'Data' if data else 'Management'
        self.add_transport(record, who, source, region)
        self.keep(when, record, step)
        return record

    def add_transport(self, record, who, source, region):
        """tlsDetails for calls that came over the network by an SDK, the console's mark for those of the console."""
        if who.console:
            record['sessionCredentialFromConsole'] = 'true'
        elif who.tls:
            host = '%s.amazonaws.com' % source if source == 'iam' else '%s.%s.amazonaws.com' % (source, region)
            record['tlsDetails'] = {'tlsVersion': who.tls, 'cipherSuite': 'TLS_AES_128_GCM_SHA256',
                                    'clientProvidedHostHeader': host}
            if who.post_quantum:
                record['tlsDetails']['keyExchange'] = 'X25519MLKEM768'

    def keep(self, when, record, step=None):
        self.records.append((when, record))
        if step:
            self.truth.append((step, record['eventID'], record['eventName'], record['eventTime']))

    def denied(self, who, action, resource='*', why='because no identity-based policy allows the %s action'):
        """errorCode and errorMessage of most services when a permission is missing."""
        text = 'User: %s is not authorized to perform: %s on resource: %s ' % (who.name(), action, resource)
        return 'AccessDenied', text + (why % action if '%s' in why else why)

    def ec2_denied(self, who, action):
        return ('Client.UnauthorizedOperation',
                'You are not authorized to perform this operation. User: %s is not authorized to perform: %s because '
                'no identity-based policy allows the %s action' % (who.name(), action, action))

    def s3_extra(self, received=0, sent=0):
        return {'SignatureVersion': 'SigV4', 'CipherSuite': 'TLS_AES_128_GCM_SHA256', 'bytesTransferredIn': received,
                'AuthenticationMethod': 'AuthHeader', 'x-amz-id-2': self.dice.letters(75) + '=',
                'bytesTransferredOut': sent}


NAME_UPPER = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789'
