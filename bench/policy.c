/* Decisions over compiled policies, on one thread:
 *
 *     policy [SECONDS]
 *
 * A user with 20 statements of usual kind in four policies (a group's, an inline one, the source-IP and the MFA deny), asking
 * in turn for what is allowed, denied and not granted, with the eight context keys that most requests have. Reading the
 * request (splitting ARNs, lower case) is part of a decision. Prints decisions a second. */
#include "policy/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char developer[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":["
    "{\"Effect\":\"Allow\",\"Action\":[\"ec2:Describe*\",\"ec2:StartInstances\",\"ec2:StopInstances\"],\"Resource\":\"*"
    "\"},"
    "{\"Effect\":\"Allow\",\"Action\":\"logs:*\",\"Resource\":\"arn:aws:logs:ap-northeast-1:111122223333:log-group:/"
    "app/*\"},"
    "{\"Effect\":\"Allow\",\"Action\":[\"cloudwatch:Get*\",\"cloudwatch:List*\"],\"Resource\":\"*\"},"
    "{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::app-data/"
    "${aws:username}/*\"},"
    "{\"Effect\":\"Allow\",\"Action\":\"s3:ListBucket\",\"Resource\":\"arn:aws:s3:::app-data\",\"Condition\":{"
    "\"StringLike\":"
    "{\"s3:prefix\":[\"${aws:username}/*\"]}}},"
    "{\"Effect\":\"Allow\",\"Action\":[\"dynamodb:GetItem\",\"dynamodb:Query\",\"dynamodb:PutItem\"],\"Resource\":"
    "\"arn:aws:dynamodb:ap-northeast-1:111122223333:table/app-*\"},"
    "{\"Effect\":\"Allow\",\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:*:111122223333:function:"
    "app-*\"},"
    "{\"Effect\":\"Allow\",\"Action\":[\"sqs:SendMessage\",\"sqs:ReceiveMessage\"],\"Resource\":\"arn:aws:sqs:*:"
    "111122223333:app-*\"}"
    "]}";

static const char group[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":["
    "{\"Effect\":\"Allow\",\"Action\":[\"iam:Get*\",\"iam:List*\"],\"Resource\":\"*\"},"
    "{\"Effect\":\"Allow\",\"Action\":[\"iam:ChangePassword\",\"iam:*AccessKey*\"],\"Resource\":"
    "\"arn:aws:iam::*:user/${aws:username}\"},"
    "{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Resource\":\"arn:aws:iam::111122223333:role/app-deploy\"},"
    "{\"Effect\":\"Allow\",\"Action\":\"kms:Decrypt\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"kms:"
    "ViaService\":"
    "\"s3.ap-northeast-1.amazonaws.com\"}}},"
    "{\"Effect\":\"Allow\",\"Action\":\"ecr:*\",\"Resource\":\"arn:aws:ecr:*:111122223333:repository/app/*\"},"
    "{\"Effect\":\"Allow\",\"Action\":[\"ssm:GetParameter*\"],\"Resource\":\"arn:aws:ssm:*:*:parameter/app/*\"}]}";

static const char limits[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":["
    "{\"Sid\":\"SourceIp\",\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"NotIpAddress\":"
    "{\"aws:SourceIp\":[\"203.0.113.0/24\",\"198.51.100.0/24\",\"2001:db8::/"
    "32\"]},\"Bool\":{\"aws:ViaAWSService\":\"false\"}}},"
    "{\"Sid\":\"Mfa\",\"Effect\":\"Deny\",\"NotAction\":[\"iam:CreateVirtualMFADevice\",\"iam:EnableMFADevice\",\"iam:"
    "GetUser\","
    "\"iam:ListMFADevices\",\"iam:ListVirtualMFADevices\",\"iam:ResyncMFADevice\",\"sts:GetSessionToken\"],"
    "\"Resource\":\"*\","
    "\"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"false\"}}},"
    "{\"Sid\":\"Region\",\"Effect\":\"Deny\",\"NotAction\":[\"iam:*\",\"sts:*\",\"cloudfront:*\",\"route53:*\","
    "\"support:*\"],"
    "\"Resource\":\"*\",\"Condition\":{\"StringNotEquals\":{\"aws:RequestedRegion\":[\"ap-northeast-1\",\"us-east-1\"]}"
    "}}]}";

static const char inline_policy[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":["
    "{\"Effect\":\"Deny\",\"Action\":[\"cloudtrail:StopLogging\",\"cloudtrail:DeleteTrail\",\"guardduty:Delete*\"],"
    "\"Resource\":\"*\"},"
    "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":[\"arn:aws:s3:::scratch\",\"arn:aws:s3:::scratch/*\"]},"
    "{\"Effect\":\"Deny\",\"Action\":\"s3:DeleteBucket\",\"Resource\":\"arn:aws:s3:::*\"}]}";

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* one thread; other programs on the machine do not count */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#define TEXT(literal)                                                                                                  \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

static bool compile_all(const struct nz_policy *policies[4], uint32_t *statements)
{
    const struct nz_str texts[] = {TEXT(developer), TEXT(group), TEXT(limits), TEXT(inline_policy)};
    for (size_t i = 0; i < 4; i++) {
        struct nz_policy *policy;
        struct nz_diag diag = NZ_DIAG_INIT;
        if (nz_policy_compile(texts[i], NZ_POLICY_IDENTITY, &policy, &diag) != NZ_OK) {
            fprintf(stderr, "policy %zu, column %u: %s\n", i, diag.column, diag.text);
            return false;
        }
        *statements += nz_policy_statements(policy);
        policies[i] = policy;
    }
    return true;
}

/* Asks all in turn for so long; false when a decision fails. */
static bool ask(const struct nz_policy_set *set, struct nz_policy_scratch *scratch, double seconds,
                uint64_t decisions[4], double *took)
{
    static const struct nz_str values[] = {TEXT("203.0.113.7"),
                                           TEXT("false"),
                                           TEXT("true"),
                                           TEXT("ap-northeast-1"),
                                           TEXT("alice"),
                                           TEXT("true"),
                                           TEXT("2026-11-23T10:00:00Z"),
                                           TEXT("AIDACKCEVSQ6C2EXAMPLE")};
    static const struct nz_policy_key context[] = {
        {.name = TEXT("aws:SourceIp"), .values = &values[0], .count = 1},
        {.name = TEXT("aws:ViaAWSService"), .values = &values[1], .count = 1},
        {.name = TEXT("aws:MultiFactorAuthPresent"), .values = &values[2], .count = 1},
        {.name = TEXT("aws:RequestedRegion"), .values = &values[3], .count = 1},
        {.name = TEXT("aws:username"), .values = &values[4], .count = 1},
        {.name = TEXT("aws:SecureTransport"), .values = &values[5], .count = 1},
        {.name = TEXT("aws:CurrentTime"), .values = &values[6], .count = 1},
        {.name = TEXT("aws:userid"), .values = &values[7], .count = 1},
    };
    static const struct nz_str asked[][2] = {
        {TEXT("s3:GetObject"), TEXT("arn:aws:s3:::app-data/alice/report.csv")},
        {TEXT("ec2:DescribeInstances"), TEXT("*")},
        {TEXT("dynamodb:Query"), TEXT("arn:aws:dynamodb:ap-northeast-1:111122223333:table/app-orders")},
        {TEXT("s3:DeleteBucket"), TEXT("arn:aws:s3:::scratch")},
        {TEXT("iam:CreateUser"), TEXT("arn:aws:iam::111122223333:user/bob")},
        {TEXT("lambda:InvokeFunction"), TEXT("arn:aws:lambda:ap-northeast-1:111122223333:function:app-resize")},
        {TEXT("cloudtrail:StopLogging"), TEXT("arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/main")},
        {TEXT("sts:AssumeRole"), TEXT("arn:aws:iam::111122223333:role/app-deploy")},
    };
    double start = cpu_seconds();
    do {
        for (unsigned i = 0; i < 8000; i++) {
            struct nz_policy_answer answer;
            const struct nz_policy_request request = {.principal = TEXT("arn:aws:iam::111122223333:user/alice"),
                                                      .action = asked[i % 8][0],
                                                      .resource = asked[i % 8][1],
                                                      .context = context,
                                                      .context_count = 8};
            if (nz_policy_decide(set, &request, scratch, &answer, NULL) != NZ_OK)
                return false;
            decisions[answer.decision]++;
        }
        *took = cpu_seconds() - start;
    } while (*took < seconds);
    return true;
}

int main(int argc, char **argv)
{
    const struct nz_policy *policies[4];
    struct nz_policy_scratch *scratch;
    uint32_t statements = 0;
    uint64_t decisions[4] = {0};
    double seconds;
    if (!compile_all(policies, &statements) || nz_policy_scratch_new(&scratch) != NZ_OK)
        return 2;
    const struct nz_policy_set set = {.identity = {policies, 4, true}};
    if (!ask(&set, scratch, argc > 1 ? atof(argv[1]) : 2.0, decisions, &seconds))
        return 2;
    double count = (double)(decisions[0] + decisions[1] + decisions[2]);
    printf("%u statements: %.0f decisions in %.3f s, %.3f million a second, %.0f ns each "
           "(%llu allowed, %llu explicitly denied, %llu implicitly denied)\n",
           statements, count, seconds, count / seconds / 1e6, seconds / count * 1e9, (unsigned long long)decisions[0],
           (unsigned long long)decisions[1], (unsigned long long)decisions[2]);
    nz_policy_scratch_free(scratch);
    for (size_t i = 0; i < 4; i++)
        nz_policy_free((struct nz_policy *)(uintptr_t)policies[i]);
    return 0;
}
