"""AWS's own hosts: a proxy that takes CONNECT for any of them and answers itself, with a certificate of a test authority.

So a client is tried as it runs in earnest: it finds each service's host, connects with TLS, and checks who answers.
"""
import datetime
import functools
import os
import ssl
import tempfile

import botocore.endpoint_provider
import botocore.exceptions
import botocore.loaders
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .wire import Broken


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """Makes certificates; its own is in the file `path`, for AWS_CA_BUNDLE."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix='nezuban-test-ca-')
        self.path = os.path.join(self.folder.name, 'ca.pem')
        self.key, self.contexts = ec.generate_private_key(ec.SECP256R1()), {}
        self.name = named('nezuban test authority')
        self.certificate = self.sign(self.name, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=0))
        with open(self.path, 'wb') as file:
            file.write(self.certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, subject, public_key, *extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder(self.name, subject, public_key, x509.random_serial_number(),
                                          now - datetime.timedelta(days=1), now + datetime.timedelta(days=30))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(self.key, hashes.SHA256())

    def context(self, host):
        """The server's side of TLS for a host. One thread at a time."""
        if host not in self.contexts:
            key = ec.generate_private_key(ec.SECP256R1())
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            certificate = self.sign(named(host[:60]), key.public_key(), x509.BasicConstraints(ca=False, path_length=None), names)
            path = os.path.join(self.folder.name, host + '.pem')
            with open(path, 'wb') as file:
                file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()))
                file.write(certificate.public_bytes(serialization.Encoding.PEM))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(path)
            self.contexts[host] = context
        return self.contexts[host]

    def close(self):
        self.folder.cleanup()


LOADER = botocore.loaders.Loader()
DUAL_STACK = ('.api.aws', '.api.amazonwebservices.com.cn')


@functools.lru_cache(maxsize=None)
def rules(model_name):
    return botocore.endpoint_provider.EndpointProvider(LOADER.load_service_model(model_name, 'endpoint-rule-set-1'),
                                                       LOADER.load_data('partitions'))


@functools.lru_cache(maxsize=None)
def endpoint(model_name, region, fips=False, dual_stack=False, bucket=None, account=None):
    """(host, region signed for) by the rules that AWS's SDKs have; ValueError where AWS does not offer that."""
    provider = rules(model_name)
    known = provider.ruleset.parameters
    wanted = {'Region': region, 'UseFIPS': fips, 'UseDualStack': dual_stack, 'Bucket': bucket, 'AccountId': account,
              'RequiresAccountId': bool(account) or None, 'UseGlobalEndpoint': False if model_name == 's3' else None}
    try:
        found = provider.resolve_endpoint(**{k: v for k, v in wanted.items() if k in known and v is not None})
    except botocore.exceptions.EndpointProviderError as error:
        raise ValueError(str(error)) from None
    schemes = found.properties.get('authSchemes') or [{}]
    return found.url.partition('://')[2].partition('/')[0], schemes[0].get('signingRegion', region)


def check_host(call, request, host):
    """Broken when a call went elsewhere than AWS's SDKs would send it, FIPS and dual stack as the host itself says."""
    bucket = call.parameters.get('Bucket')
    if bucket and bucket.count('.'):
        bucket = None  # its name would not fit the certificate
    wanted, region = endpoint(call.model_name, call.region, '-fips.' in host, host.endswith(DUAL_STACK), bucket,
                              call.parameters.get('AccountId') if call.model_name == 's3control' else None)
    if (host, request.headers['host'].partition(':')[0], call.region) != (wanted, wanted, region):
        raise Broken(f'{call.ask}: sent to {host} for {call.region}, by AWS\'s rules to {wanted} for {region}')
