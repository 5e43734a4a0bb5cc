"""The company's policies: what its groups may do, and what keeps them in bounds, or should."""

from .cloud import ACCOUNT
from .company import OFFICE


def document(*statements):
    return {'Version': '2012-10-17', 'Statement': list(statements)}


def allow(actions, resource='*'):
    return {'Effect': 'Allow', 'Action': actions, 'Resource': resource}


MFA_NEEDS = ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:GetUser', 'iam:ListMFADevices',
             'iam:ListVirtualMFADevices', 'iam:ResyncMFADevice', 'sts:GetSessionToken']
OWN_POLICIES = {
    # As AWS's guide has it: BoolIfExists, so that an access key without a session counts as without MFA.
    'require-mfa': document({'Sid': 'WithoutMfaNothing', 'Effect': 'Deny', 'NotAction': MFA_NEEDS, 'Resource': '*',
                             'Condition': {'BoolIfExists': {'aws:MultiFactorAuthPresent': 'false'}}}),
    # The common mistake: Bool. An access key has no such key at all, and gets through. So did the leaked one.
    'require-mfa-developers': document({'Sid': 'WithoutMfaNothing', 'Effect': 'Deny', 'NotAction': MFA_NEEDS, 'Resource': '*',
                                        'Condition': {'Bool': {'aws:MultiFactorAuthPresent': 'false'}}}),
    'from-office': document({'Sid': 'OfficeOnly', 'Effect': 'Deny', 'Action': '*', 'Resource': '*', 'Condition': {
        'NotIpAddress': {'aws:SourceIp': [OFFICE + '/32', '2001:db8:85a3:10::/64']}, 'Bool': {'aws:ViaAWSService': 'false'}}}),
    # Meant for one's own keys: what lacks is Resource "arn:aws:iam::*:user/${aws:username}".
    'own-keys': document({'Sid': 'OwnKeys', **allow(['iam:CreateAccessKey', 'iam:DeleteAccessKey', 'iam:UpdateAccessKey',
                                                     'iam:ListAccessKeys', 'iam:GetUser', 'iam:ListUsers',
                                                     'iam:ListGroupsForUser'])}),
    'develop': document(allow(['lambda:*', 'dynamodb:*', 's3:*', 'logs:*', 'cloudformation:Describe*', 'ec2:Describe*',
                               'cloudtrail:DescribeTrails', 'guardduty:ListDetectors',
                               'config:DescribeConfigurationRecorders'])),
    'operate': document(allow(['ec2:Describe*', 'ec2:StartInstances', 'ec2:StopInstances', 'ec2:RebootInstances',
                               'cloudwatch:Get*', 'cloudwatch:Describe*', 'logs:Get*', 'logs:FilterLogEvents'])),
    'assets': document(allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::aozora-bento-assets/*'),
                       allow('s3:ListBucket', 'arn:aws:s3:::aozora-bento-assets')),
    'bills': document(allow(['billing:Get*', 'invoicing:Get*', 'invoicing:List*', 'ce:Get*'])),
    'assume-deploy': document(allow('sts:AssumeRole', 'arn:aws:iam::%s:role/deploy' % ACCOUNT)),
    'deploy-stacks': document(allow(['cloudformation:*', 's3:GetObject', 's3:PutObject', 'lambda:UpdateFunctionCode'])),
    'read-parameters': document(allow(['ssm:GetParameter', 'ssm:GetParameters'],
                                      'arn:aws:ssm:*:%s:parameter/bento/prod/*' % ACCOUNT),
                                allow(['logs:CreateLogStream', 'logs:PutLogEvents'])),
}
GROUPS = {
    'administrators': ['AdministratorAccess', 'require-mfa', 'from-office'],
    'developers': ['develop', 'own-keys', 'require-mfa-developers'],
    'operators': ['operate', 'require-mfa'],
    'designers': ['assets', 'require-mfa', 'from-office'],
    'accounting': ['bills', 'require-mfa', 'from-office'],
}


def by_aws(name):
    """Policies that AWS manages, in short: what matters of them here."""
    return {
        'AdministratorAccess': document(allow('*')),
        'SecurityAudit': document(allow(['iam:Get*', 'iam:List*', 'iam:GenerateCredentialReport', 'cloudtrail:Describe*',
                                         'cloudtrail:Get*', 'config:Describe*', 'guardduty:Get*', 'guardduty:List*'])),
        'AmazonS3FullAccess': document(allow(['s3:*', 's3-object-lambda:*'])),
        'IAMUserChangePassword': document(
            allow('iam:ChangePassword', 'arn:aws:iam::*:user/${aws:username}'), allow('iam:GetAccountPasswordPolicy')),
    }[name]
