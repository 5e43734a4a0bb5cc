#!/usr/bin/env python3
"""Makes rules for scripts/bench: many Sigma rules of the plain kind that large rule sets for CloudTrail consist of.

    make_rules.py OUT [--count N] [--noisy TRAILS]

Each API name gives two rules, "used" (errorCode null) and "attempt failed" (errorCode there), with eventName and
eventSource. The names are written down below; with --noisy the names found most in TRAILS come first, so that most
records hit a rule. One rule a file, the same files every time. Standard library only."""
import argparse
import collections
import gzip
import json
import pathlib
import random
import uuid

SEED = 20260812
LEVELS = [("informational", 339), ("low", 122), ("medium", 193), ("high", 88), ("critical", 3)]

APIS = {
    "iam": """AddRoleToInstanceProfile AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy
        ChangePassword CreateAccessKey CreateAccountAlias CreateGroup CreateInstanceProfile CreateLoginProfile
        CreateOpenIDConnectProvider CreatePolicy CreatePolicyVersion CreateRole CreateSAMLProvider
        CreateServiceLinkedRole CreateUser CreateVirtualMFADevice DeactivateMFADevice DeleteAccessKey
        DeleteAccountPasswordPolicy DeleteGroup DeleteGroupPolicy DeleteInstanceProfile DeleteLoginProfile
        DeletePolicy DeletePolicyVersion DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy
        DeleteSAMLProvider DeleteServerCertificate DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy
        DeleteVirtualMFADevice DetachGroupPolicy DetachRolePolicy DetachUserPolicy EnableMFADevice
        GenerateCredentialReport GetAccountAuthorizationDetails GetAccountPasswordPolicy GetCredentialReport
        GetGroup GetInstanceProfile GetLoginProfile GetPolicy GetPolicyVersion GetRole GetRolePolicy GetUser
        GetUserPolicy ListAccessKeys ListAttachedRolePolicies ListAttachedUserPolicies ListGroups ListGroupsForUser
        ListInstanceProfiles ListMFADevices ListOpenIDConnectProviders ListPolicies ListRolePolicies ListRoles
        ListSAMLProviders ListServiceSpecificCredentials ListSigningCertificates ListSSHPublicKeys ListUserPolicies
        ListUsers PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary PutUserPolicy
        RemoveUserFromGroup ResyncMFADevice SetDefaultPolicyVersion SimulatePrincipalPolicy UpdateAccessKey
        UpdateAccountPasswordPolicy UpdateAssumeRolePolicy UpdateLoginProfile UpdateRole UpdateSAMLProvider
        UpdateUser UploadServerCertificate UploadSigningCertificate UploadSSHPublicKey""",
    "sts": """AssumeRoleWithSAML AssumeRoleWithWebIdentity DecodeAuthorizationMessage GetAccessKeyInfo
        GetCallerIdentity GetFederationToken GetSessionToken AssumeRoot""",
    "signin": "ConsoleLogin SwitchRole CredentialVerification ExitRole RenewRole CheckMfa PasswordRecoveryRequested",
    "cloudtrail": """AddTags CreateEventDataStore CreateTrail DeleteEventDataStore DeleteTrail DescribeTrails
        GetEventSelectors GetTrail GetTrailStatus ListTrails LookupEvents PutEventSelectors PutInsightSelectors
        RemoveTags StartLogging StopLogging UpdateTrail""",
    "config": """DeleteConfigRule DeleteConfigurationRecorder DeleteDeliveryChannel
        DescribeConfigurationRecorderStatus DescribeConfigurationRecorders PutConfigRule PutConfigurationRecorder
        PutDeliveryChannel StartConfigurationRecorder StopConfigurationRecorder DeleteConformancePack""",
    "guardduty": """ArchiveFindings CreateDetector CreateFilter CreateIPSet CreateThreatIntelSet DeleteDetector
        DeleteInvitations DeleteIPSet DeleteMembers DeletePublishingDestination DeleteThreatIntelSet
        DisassociateFromMasterAccount DisassociateMembers GetDetector GetFindings ListDetectors ListFindings
        ListIPSets StopMonitoringMembers UpdateDetector UpdateFilter UpdateIPSet UpdateThreatIntelSet""",
    "securityhub": """BatchDisableStandards BatchUpdateFindings DeleteInsight DeleteMembers
        DisableImportFindingsForProduct DisableSecurityHub DisassociateMembers EnableSecurityHub UpdateFindings
        UpdateStandardsControl""",
    "access-analyzer": "CreateAnalyzer DeleteAnalyzer ListAnalyzers ListFindings CreateArchiveRule UpdateFindings",
    "ec2": """AcceptVpcPeeringConnection AllocateAddress AssociateAddress AssociateIamInstanceProfile
        AttachInternetGateway AttachVolume AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CopyImage
        CopySnapshot CreateCustomerGateway CreateDefaultVpc CreateFlowLogs CreateImage CreateInstanceExportTask
        CreateInternetGateway CreateKeyPair CreateLaunchTemplate CreateNatGateway CreateNetworkAcl
        CreateNetworkAclEntry CreateNetworkInterface CreateRoute CreateRouteTable CreateSecurityGroup CreateSnapshot
        CreateSubnet CreateTrafficMirrorSession CreateTrafficMirrorTarget CreateVolume CreateVpc
        CreateVpcPeeringConnection CreateVpnConnection DeleteFlowLogs DeleteInternetGateway DeleteKeyPair
        DeleteNetworkAcl DeleteNetworkAclEntry DeleteRoute DeleteSecurityGroup DeleteSnapshot DeleteSubnet
        DeleteVolume DeleteVpc DeregisterImage DescribeAccountAttributes DescribeAvailabilityZones
        DescribeBundleTasks DescribeCarrierGateways DescribeClientVpnRoutes DescribeDhcpOptions DescribeFlowLogs
        DescribeImages DescribeInstanceAttribute DescribeInstanceTypes DescribeKeyPairs DescribeLaunchTemplates
        DescribeNetworkAcls DescribeNetworkInterfaces DescribeRegions DescribeReservedInstances DescribeRouteTables
        DescribeSecurityGroups DescribeSnapshotAttribute DescribeSnapshots DescribeSpotFleetRequests DescribeSubnets
        DescribeTransitGateways DescribeVpcEndpoints DescribeVpcPeeringConnections DetachInternetGateway
        DetachVolume DisableEbsEncryptionByDefault DisableSerialConsoleAccess DisassociateIamInstanceProfile
        EnableSerialConsoleAccess EnableVpcClassicLink GetConsoleOutput GetConsoleScreenshot
        GetEbsEncryptionByDefault GetLaunchTemplateData GetPasswordData GetTransitGatewayRouteTableAssociations
        ImportInstance ImportKeyPair ImportSnapshot ModifyImageAttribute ModifyInstanceAttribute
        ModifyInstanceMetadataOptions ModifySnapshotAttribute ModifyVpcAttribute RebootInstances ReleaseAddress
        ReplaceIamInstanceProfileAssociation ReplaceRoute RequestSpotInstances RevokeSecurityGroupEgress
        RevokeSecurityGroupIngress RunInstances RunScheduledInstances SendSSHPublicKey SendSerialConsoleSSHPublicKey
        SharedSnapshotCopyInitiated SharedSnapshotVolumeCreated StartInstances StopInstances TerminateInstances""",
    "s3": """CreateBucket DeleteBucket DeleteBucketCors DeleteBucketEncryption DeleteBucketLifecycle
        DeleteBucketPolicy DeleteBucketReplication DeleteBucketWebsite DeleteObject DeleteObjects
        DeletePublicAccessBlock GetBucketCors GetBucketEncryption GetBucketLocation GetBucketLogging GetBucketPolicy
        GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketReplication GetBucketTagging GetBucketVersioning
        GetBucketWebsite ListBuckets ListObjects ListVaults PutBucketAcl PutBucketCors PutBucketEncryption
        PutBucketLifecycle PutBucketLogging PutBucketPolicy PutBucketPublicAccessBlock PutBucketReplication
        PutBucketVersioning PutBucketWebsite PutObjectAcl RestoreObject""",
    "kms": """CancelKeyDeletion CreateAlias CreateGrant CreateKey DeleteAlias DeleteImportedKeyMaterial
        DescribeKey DisableKey DisableKeyRotation EnableKey GetKeyPolicy ImportKeyMaterial ListAliases ListGrants
        ListKeys PutKeyPolicy RetireGrant RevokeGrant ScheduleKeyDeletion UpdateAlias""",
    "lambda": """AddLayerVersionPermission AddPermission20150331v2 CreateEventSourceMapping20150331
        CreateFunction20150331 CreateFunctionUrlConfig DeleteFunction20150331 GetFunction20150331v2
        GetPolicy20150331v2 Invoke ListFunctions20150331 PublishLayerVersion20181031 RemovePermission20150331v2
        UpdateFunctionCode20150331v2 UpdateFunctionConfiguration20150331v2 UpdateEventSourceMapping20150331""",
    "rds": """AddRoleToDBCluster AuthorizeDBSecurityGroupIngress CopyDBSnapshot CreateDBInstance
        CreateDBSecurityGroup CreateDBSnapshot DeleteDBCluster DeleteDBInstance DeleteDBSnapshot DeleteGlobalCluster
        DescribeDBInstances DescribeDBSnapshots DownloadDBLogFilePortion ModifyActivityStream ModifyDBInstance
        ModifyDBSnapshotAttribute RestoreDBInstanceFromDBSnapshot StartExportTask""",
    "secretsmanager": """CreateSecret DeleteResourcePolicy DeleteSecret DescribeSecret GetResourcePolicy
        GetSecretValue ListSecretVersionIds ListSecrets PutResourcePolicy PutSecretValue BatchGetSecretValue
        UpdateSecret""",
    "ssm": """CreateAssociation CreateDocument DeleteParameter DescribeParameters GetCommandInvocation
        GetDocument GetParameter GetParameterHistory GetParameters GetParametersByPath ModifyDocumentPermission
        PutParameter ResumeSession SendCommand StartAutomationExecution StartSession TerminateSession UpdateDocument""",
    "organizations": """AttachPolicy CreateAccount CreateOrganization DeletePolicy
        DeregisterDelegatedAdministrator DescribeOrganization DetachPolicy DisableAWSServiceAccess DisablePolicyType
        InviteAccountToOrganization LeaveOrganization ListAccounts ListDelegatedAdministrators
        ListOrganizationalUnitsForParent ListRoots MoveAccount RemoveAccountFromOrganization UpdatePolicy""",
    "logs": """CreateExportTask CreateLogGroup DeleteLogGroup DeleteLogStream DeleteMetricFilter
        DeleteRetentionPolicy DeleteSubscriptionFilter DescribeLogGroups FilterLogEvents GetLogEvents
        PutMetricFilter PutRetentionPolicy PutSubscriptionFilter StartQuery""",
    "monitoring": "DeleteAlarms DescribeAlarms DisableAlarmActions EnableAlarmActions PutMetricAlarm SetAlarmState",
    "events": "DeleteRule DisableRule EnableRule ListRules PutRule PutTargets RemoveTargets",
    "eks": """AssociateAccessPolicy CreateAccessEntry CreateCluster DeleteCluster DescribeCluster ListClusters
        UpdateClusterConfig""",
    "ecs": """CreateCluster DeleteCluster DescribeTaskDefinition ExecuteCommand RegisterTaskDefinition RunTask
        UpdateService""",
    "ecr": "BatchGetImage CreateRepository DeleteRepository GetAuthorizationToken PutImage SetRepositoryPolicy",
    "route53": """ChangeResourceRecordSets CreateHostedZone DeleteHostedZone GetHostedZoneCount ListHostedZones
        AssociateVPCWithHostedZone DisassociateVPCFromHostedZone""",
    "ses": """DeleteIdentity GetAccount GetAccountSendingEnabled GetIdentityVerificationAttributes GetSendQuota
        ListIdentities SendEmail UpdateAccountSendingEnabled VerifyEmailIdentity""",
    "sns": "CreateTopic DeleteTopic GetSMSAttributes ListTopics Publish SetTopicAttributes Subscribe",
    "waf": "DeleteWebACL DeleteRule DeleteRuleGroup UpdateIPSet UpdateWebACL",
    "bedrock": """CreateFoundationModelAgreement DeleteModelInvocationLoggingConfiguration
        GetFoundationModelAvailability InvokeModel InvokeModelWithResponseStream ListFoundationModels
        PutFoundationModelEntitlement PutUseCaseForModelAccess""",
    "sso": """AttachManagedPolicyToPermissionSet CreateAccountAssignment CreatePermissionSet DeletePermissionSet
        StartSSO""",
    "cloudformation": "CreateStack CreateStackSet DeleteStack ListStacks UpdateStack UpdateTerminationProtection",
    "dynamodb": """DeleteTable DescribeTable ExportTableToPointInTime ListTables RestoreTableFromBackup
        UpdateContinuousBackups""",
    "glue": "CreateDevEndpoint CreateJob UpdateDevEndpoint UpdateJob StartJobRun",
    "codebuild": "CreateProject ListProjects StartBuild UpdateProject ImportSourceCredentials",
    "elasticloadbalancing": """CreateListener CreateLoadBalancer DeleteListener DeleteLoadBalancer
        DescribeLoadBalancers""",
    "elasticfilesystem": "DeleteFileSystem DeleteMountTarget PutFileSystemPolicy",
    "backup": "DeleteBackupPlan DeleteBackupVault DeleteRecoveryPoint PutBackupVaultAccessPolicy",
    "inspector2": "CreateFilter DeleteMember Disable UpdateFilter",
    "macie2": "DisableMacie DisableOrganizationAdminAccount GetMacieSession UpdateMacieSession",
    "detective": "DeleteGraph DeleteMembers DisableOrganizationAdminAccount",
    "account": "DisableRegion EnableRegion GetAlternateContact PutAlternateContact GetContactInformation",
    "servicequotas": "ListServiceQuotas RequestServiceQuotaIncrease GetServiceQuota",
    "sagemaker": """CreateNotebookInstance CreatePresignedNotebookInstanceUrl
        CreateNotebookInstanceLifecycleConfig StartNotebookInstance""",
}

RULE = """title: {title}
id: {id}
status: test
description: Generated for the benchmark; {name} of {service}.
author: nezuban bench
logsource:
    product: aws
    service: cloudtrail
detection:
    selection:
        eventSource: {source}
        eventName: {name}
{more}
level: {level}
"""
USED = """        errorCode: null
    condition: selection"""
FAILED = """    failed:
        errorCode|exists: true
    condition: selection and failed"""


def names_of(trails):
    """(eventSource, eventName) of a folder of trails, the most frequent first."""
    seen = collections.Counter()
    for path in sorted(trails.rglob("*.json.gz")):
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            seen[record["eventSource"], record["eventName"]] += 1
    return [name for name, _ in seen.most_common()]


def rules(count, first, rng):
    written = [(service + ".amazonaws.com", name) for service, names in APIS.items() for name in names.split()]
    rng.shuffle(written)
    pairs = list(dict.fromkeys(first + written))
    if 2 * len(pairs) < count:
        raise SystemExit(f"only {2 * len(pairs)} rules can be made")
    levels, weights = zip(*LEVELS)
    for i in range(count):
        source, name = pairs[i // 2]
        yield {
            "title": f"{name} attempt failed ({source})" if i % 2 else f"{name} used ({source})",
            "id": uuid.UUID(int=rng.getrandbits(128), version=4),
            "service": source.split(".")[0],
            "source": source,
            "name": name,
            "more": FAILED if i % 2 else USED,
            "level": rng.choices(levels, weights)[0],
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=800)
    parser.add_argument("--noisy", type=pathlib.Path, metavar="TRAILS")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    first = names_of(args.noisy) if args.noisy else []
    for i, rule in enumerate(rules(args.count, first, random.Random(SEED))):
        (args.out / f"{i:04}.yml").write_text(RULE.format(**rule))
    print(f"{args.count} rules in {args.out}")


if __name__ == "__main__":
    main()
