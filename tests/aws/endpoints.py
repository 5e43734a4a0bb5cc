#!/usr/bin/env python3
"""Every host and signing region that the client would use, in every region of every partition, plain, FIPS and dual stack,
against the endpoint rules that AWS ships.

usage: with_packages.py endpoints.py AWS_CALLS
       with_packages.py endpoints.py --self-test
"""
import itertools
import json
import subprocess
import sys
from urllib.parse import urlsplit

import botocore.endpoint_provider
import botocore.exceptions
import botocore.loaders

LOADER = botocore.loaders.Loader()
PARTITIONS = LOADER.load_data('partitions')
# botocore's name: our service, an operation, its parameters, what the rules want to know besides
SERVICES = {
    'sts': ('sts', 'GetCallerIdentity', {}, {'UseGlobalEndpoint': False}), 'iam': ('iam', 'GetAccountSummary', {}, {}),
    'ec2': ('ec2', 'DescribeRegions', {}, {}), 'account': ('account', 'ListRegions', {}, {}),
    'cloudtrail': ('cloudtrail', 'DescribeTrails', {}, {}), 'config': ('config', 'DescribeConfigRules', {}, {}),
    'guardduty': ('guardduty', 'ListDetectors', {}, {}), 'securityhub': ('securityhub', 'DescribeHub', {}, {}),
    'accessanalyzer': ('access-analyzer', 'ListAnalyzers', {}, {}), 'detective': ('detective', 'ListGraphs', {}, {}),
    'organizations': ('organizations', 'ListAccounts', {}, {}), 'events': ('events', 'ListRules', {}, {}),
    'logs': ('logs', 'DescribeMetricFilters', {}, {}), 'cloudwatch': ('monitoring', 'DescribeAlarms', {}, {}),
    'sns': ('sns', 'ListSubscriptionsByTopic', {}, {}),
    's3': ('s3', 'GetBucketPolicy', {'Bucket': 'my-bucket'}, {'Bucket': 'my-bucket'}),
    's3control': ('s3-control', 'GetPublicAccessBlock', {'AccountId': '111122223333'},
                  {'AccountId': '111122223333', 'RequiresAccountId': True}),
}


def expected(provider, region, more, fips, dual_stack):
    try:
        found = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack, **more)
    except botocore.exceptions.EndpointResolutionError:
        return None
    scheme = (found.properties.get('authSchemes') or [{}])[0]
    return urlsplit(found.url).netloc, scheme.get('signingRegion') or region


def wanted(fips, dual_stack, sts_global):
    services = {'sts': (*SERVICES['sts'][:3], {'UseGlobalEndpoint': True})} if sts_global else SERVICES
    for name, (service, operation, parameters, more) in services.items():
        rules = LOADER.load_service_model(name, 'endpoint-rule-set-1')
        provider = botocore.endpoint_provider.EndpointProvider(rules, PARTITIONS)
        for partition in PARTITIONS['partitions']:
            if name == 'organizations' and (dual_stack or (fips and partition['id'] not in ('aws', 'aws-us-gov'))):
                continue  # the rules have no global host there and leave one for each region, which does not exist
            for region in partition['regions']:
                if not region.endswith('global'):
                    yield ({'service': service, 'operation': operation, 'region': region, 'parameters': parameters},
                           expected(provider, region, more, fips, dual_stack))


def ours(program, calls, fips, dual_stack, sts_global):
    run = subprocess.run([program, 'dry=1', f'fips={int(fips)}', f'dualstack={int(dual_stack)}', f'sts_global={int(sts_global)}'],
                         text=True, check=True, input=''.join(json.dumps(call) + '\n' for call in calls), stdout=subprocess.PIPE)
    for line in map(json.loads, run.stdout.splitlines()):
        yield None if 'err' in line else (urlsplit(line['url']).netloc, line['headers']['Authorization'].split('/')[2])


def differences(pairs, found):
    return [f'{call["service"]} in {call["region"]}: {got} instead of {want}'
            for (call, want), got in zip(pairs, found, strict=True) if got != want]


def main():
    if sys.argv[1] == '--self-test':
        pairs = [({'service': 'a', 'region': 'b'}, ('h', 'r'))]
        assert not differences(pairs, [('h', 'r')]) and differences(pairs, [('h', 's')]) and differences(pairs, [None])
        return 0
    wrong, count = [], 0
    for how in itertools.product((False, True), repeat=3):
        pairs = list(wanted(*how))
        wrong += differences(pairs, ours(sys.argv[1], [call for call, _ in pairs], *how))
        count += len(pairs)
    print(f'{count} endpoints')
    print('\n'.join(wrong[:40]))
    return bool(wrong) or count < 2000


if __name__ == '__main__':
    sys.exit(main())
