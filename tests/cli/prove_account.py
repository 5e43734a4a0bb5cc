"""An account's policies as `policy eval` wants them: what the tests of `policy prove` have in common."""
import json
import subprocess


def grants(entry, account):
    """Inline and attached policies of a user, role or group."""
    managed = {p['Arn']: p for p in account.get('Policies', [])}
    for key in ('UserPolicyList', 'RolePolicyList', 'GroupPolicyList'):
        for policy in entry.get(key, []):
            yield {'name': policy['PolicyName'], 'document': policy['PolicyDocument']}
    for policy in entry.get('AttachedManagedPolicies', []):
        yield managed_policy(managed[policy['PolicyArn']])


def managed_policy(policy):
    default = [v for v in policy['PolicyVersionList'] if v['IsDefaultVersion']][0]
    return {'name': policy['PolicyName'], 'document': default['Document']}


def policies_of(account, arn, user=None):
    """Identity policies and boundary of a user, of the role of a session, or of the user who made a federated one."""
    arn = user if ':federated-user/' in arn else arn
    name = arn.split('/')[1] if ':assumed-role/' in arn else None
    for entry in account['UserDetailList'] + account['RoleDetailList']:
        if entry['Arn'] == arn or (name and entry.get('RoleName') == name):
            break
    else:
        raise KeyError(arn)
    groups = {g['GroupName']: g for g in account.get('GroupDetailList', [])}
    out = {'identity': list(grants(entry, account))}
    for group in entry.get('GroupList', []):
        out['identity'] += grants(groups[group], account)
    if 'PermissionsBoundary' in entry:
        bound = entry['PermissionsBoundary']['PermissionsBoundaryArn']
        out['boundary'] = [managed_policy(p) for p in account['Policies'] if p['Arn'] == bound]
    return out


def account_id(account):
    for entry in account['UserDetailList'] + account['RoleDetailList']:
        return entry['Arn'].split(':')[4]
    return ''


def resource_policy(account, witness):
    """The trust policy of the role, or one that leaves it to the account, where the witness needs one."""
    if witness['trust_policy_of']:
        role = [r for r in account['RoleDetailList'] if r['Arn'] == witness['trust_policy_of']][0]
        return {'name': 'trust', 'document': role['AssumeRolePolicyDocument']}
    if witness['resource_policy_lets_account_in']:
        statement = {'Effect': 'Allow', 'Principal': {'AWS': account_id(account)}, 'Action': '*', 'Resource': '*'}
        return {'name': 'resource', 'document': {'Version': '2012-10-17', 'Statement': [statement]}}
    return None


def case_of(account, witness, own_password=False, user=None):
    """A case of policy eval; own_password: the account's password policy lets users change theirs."""
    policies = policies_of(account, witness['principal'], user)
    if ':federated-user/' in witness['principal']:
        policies['session'] = [{'name': 'session', 'document': {'Version': '2012-10-17', 'Statement': [
            {'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}}]
    if own_password:
        policies['identity'].append({'name': 'password policy', 'document': {'Statement': [
            {'Effect': 'Allow', 'Action': ['iam:ChangePassword', 'iam:GetAccountPasswordPolicy'], 'Resource': '*'}]}})
    resource = resource_policy(account, witness)
    if resource:
        policies['resource'] = resource
    request = {key: witness[key] for key in ('principal', 'action', 'resource', 'context')}
    return {'id': 'witness', 'request': request, 'policies': policies}


def evaluate(nezuban, cases):
    if not cases:
        return []
    text = ''.join(json.dumps(case) + '\n' for case in cases)
    done = subprocess.run([nezuban, 'policy', 'eval', '-'], input=text, capture_output=True, text=True, encoding='utf-8', timeout=600)
    return [json.loads(line) for line in done.stdout.splitlines()]
