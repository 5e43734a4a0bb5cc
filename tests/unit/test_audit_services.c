/* What the checks on the security services read: event selectors, patterns of EventBridge, filters of CloudWatch Logs,
 * bucket policies. The checks themselves are tried case by case in tests/cases/audit. */
#include "audit/bucket.h"
#include "audit/event_pattern.h"
#include "audit/selection.h"
#include "audit/state.h"
#include "inventory/snapshot_read.h"

#include "support/faults.h"
#include "support/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* An audit that texts can be decoded with. */
struct bench {
    struct nz_audit audit;
    struct nz_audit_state state;
    struct nz_arena keep;
};

static void bench_init(struct bench *b)
{
    *b = (struct bench){0};
    nz_arena_init(&b->keep, 0);
    nz_buf_init(&b->state.scratch, 0);
    b->audit.keep = &b->keep;
    b->audit.state = &b->state;
}

static void bench_release(struct bench *b)
{
    nz_arena_release(&b->keep);
    nz_buf_release(&b->state.scratch);
}

static const struct nz_event_field fields[] = {
    {"source", "aws.", NZ_EVENT_BEGINS},
    {"detail.userIdentity.type", "Root", NZ_EVENT_VALUE},
    {"detail.userIdentity.invokedBy", "", NZ_EVENT_ABSENT},
    {"detail.eventType", "AwsApiCall", NZ_EVENT_VALUE},
};
static const struct nz_event event = {fields, sizeof fields / sizeof fields[0]};

static void test_filters_of_cloudwatch_logs(void **state)
{
    static const struct {
        const char *pattern;
        enum nz_match match;
    } tried[] = {
        {"", NZ_MATCH_YES},
        {"Root", NZ_MATCH_MAYBE},
        {"{ $.userIdentity.type = \"Root\" }", NZ_MATCH_YES},
        {"{$.userIdentity.type=Root}", NZ_MATCH_YES},
        {"{ $.userIdentity.type = R* }", NZ_MATCH_YES},
        {"{ $.userIdentity.type != \"Root\" }", NZ_MATCH_NO},
        {"{ $.userIdentity.type = \"root\" }", NZ_MATCH_NO},
        {"{ $.userIdentity.type = %Ro+t% }", NZ_MATCH_MAYBE},
        {"{ $.userIdentity.invokedBy NOT EXISTS }", NZ_MATCH_YES},
        {"{ $.userIdentity.invokedBy not exists }", NZ_MATCH_YES},
        {"{ $.userIdentity.invokedBy EXISTS }", NZ_MATCH_NO},
        {"{ $.userIdentity.invokedBy = \"x\" }", NZ_MATCH_NO},
        {"{ $.userIdentity.invokedBy != \"x\" }", NZ_MATCH_MAYBE},
        {"{ $.userIdentity.type IS NULL }", NZ_MATCH_NO},
        {"{ $.eventName = \"ConsoleLogin\" }", NZ_MATCH_MAYBE},
        {"{ $.eventName NOT EXISTS }", NZ_MATCH_MAYBE},
        {"{ $.latency >= 10 }", NZ_MATCH_MAYBE},
        {"{ ($.userIdentity.type = Root) && ($.eventType != AwsServiceEvent) }", NZ_MATCH_YES},
        {"{ $.userIdentity.type = Root && $.eventName = ConsoleLogin }", NZ_MATCH_MAYBE},
        {"{ $.userIdentity.type = Root || $.eventName = ConsoleLogin }", NZ_MATCH_YES},
        {"{ $.userIdentity.type = IAMUser || ($.eventType = AwsApiCall && $.userIdentity.type = Root) }", NZ_MATCH_YES},
        {"{ $.userIdentity.type = IAMUser && $.eventName = ConsoleLogin || $.eventType = x }", NZ_MATCH_NO},
        /* what is none */
        {"{", NZ_MATCH_MAYBE},
        {"{}", NZ_MATCH_MAYBE},
        {"{ $.userIdentity.type = \"Root", NZ_MATCH_MAYBE},
        {"{ $.userIdentity.type = Root } x", NZ_MATCH_MAYBE},
        {"{ ($.userIdentity.type = Root }", NZ_MATCH_MAYBE},
        {"{ $.userIdentity.type NOT }", NZ_MATCH_MAYBE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        if (nz_metric_filter_match(nz_str_from_c(tried[i].pattern), &event) != tried[i].match)
            fail_msg("%s: not %d", tried[i].pattern, (int)tried[i].match);
    }
}

static void test_a_filter_s_parentheses_are_bounded(void **state)
{
    struct nz_buf text;
    (void)state;
    nz_buf_init(&text, 0);
    nz_buf_append(&text, NZ_STR("{"));
    for (int i = 0; i < 100000; i++)
        nz_buf_append_char(&text, '(');
    assert_int_equal(nz_metric_filter_match(nz_buf_view(&text), &event), NZ_MATCH_MAYBE);
    nz_buf_release(&text);
}

static void test_patterns_of_eventbridge(void **state)
{
    static const struct {
        const char *pattern;
        enum nz_match match;
    } tried[] = {
        {"{}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"type\":[\"Root\"]}}}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"type\":[\"IAMUser\",\"R\\u006fot\"]}}}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"type\":[\"IAMUser\"]}}}", NZ_MATCH_NO},
        {"{\"detail\":{\"userIdentity\":{\"type\":[{\"anything-but\":\"Root\"}]}}}", NZ_MATCH_NO},
        {"{\"detail\":{\"userIdentity\":{\"type\":[{\"anything-but\":[\"a\",\"b\"]}]}}}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"type\":[{\"prefix\":\"Ro\"}]}}}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"type\":[{\"suffix\":\"at\"}]}}}", NZ_MATCH_NO},
        {"{\"detail\":{\"userIdentity\":{\"type\":[{\"equals-ignore-case\":\"root\"}]}}}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"type\":[{\"wildcard\":\"*oo*\"}]}}}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"type\":[{\"cidr\":\"10.0.0.0/8\"}]}}}", NZ_MATCH_MAYBE},
        {"{\"detail\":{\"userIdentity\":{\"type\":[{\"exists\":true}]}}}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"type\":[null]}}}", NZ_MATCH_NO},
        {"{\"detail\":{\"userIdentity\":{\"invokedBy\":[{\"exists\":false}]}}}", NZ_MATCH_YES},
        {"{\"detail\":{\"userIdentity\":{\"invokedBy\":[{\"exists\":true}]}}}", NZ_MATCH_NO},
        {"{\"detail\":{\"userIdentity\":{\"invokedBy\":[{\"anything-but\":\"x\"}]}}}", NZ_MATCH_NO},
        {"{\"source\":[\"aws.signin\"]}", NZ_MATCH_MAYBE},
        {"{\"source\":[\"my.app\"]}", NZ_MATCH_NO},
        {"{\"source\":[{\"prefix\":\"aws\"}]}", NZ_MATCH_YES},
        {"{\"source\":[{\"prefix\":\"aws.iam\"}]}", NZ_MATCH_MAYBE},
        {"{\"detail\":{\"eventName\":[\"RunInstances\"]}}", NZ_MATCH_MAYBE},
        {"{\"detail\":{\"eventName\":[\"RunInstances\"],\"eventType\":[\"x\"]}}", NZ_MATCH_NO},
        {"{\"detail\":{\"$or\":[{\"eventName\":[\"x\"]},{\"eventType\":[\"AwsApiCall\"]}]}}", NZ_MATCH_YES},
        {"{\"detail\":{\"$or\":[{\"eventType\":[\"x\"]},{\"eventType\":[\"y\"]}]}}", NZ_MATCH_NO},
        {"{\"detail\":{\"eventType\":[]}}", NZ_MATCH_NO},
        {"{\"detail\":{\"eventType\":\"AwsApiCall\"}}", NZ_MATCH_MAYBE},
        {"no JSON", NZ_MATCH_MAYBE},
        {"[]", NZ_MATCH_MAYBE},
    };
    struct bench b;
    (void)state;
    bench_init(&b);
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        if (nz_event_pattern_match(&b.audit, nz_str_from_c(tried[i].pattern), &event) != tried[i].match)
            fail_msg("%s: not %d", tried[i].pattern, (int)tried[i].match);
    }
    bench_release(&b);
}

static void test_the_services_that_selectors_leave_out(void **state)
{
    struct nz_json_doc doc;
    struct nz_json answer;
    struct nz_diag diag;
    struct nz_buf out;
    (void)state;
    nz_json_doc_init(&doc);
    nz_buf_init(&out, 0);
    assert_int_equal(
        nz_json_parse(&doc,
                      NZ_STR("{\"EventSelectors\":[{\"ExcludeManagementEventSources\":[\"kms.amazonaws.com\"]}],"
                             "\"AdvancedEventSelectors\":[{\"FieldSelectors\":[{\"Field\":\"eventSource\","
                             "\"NotEquals\":[\"iam.amazonaws.com\"],\"NotStartsWith\":[\"s\"]},"
                             "{\"Field\":\"eventName\",\"NotEquals\":[\"x\"]}]}]}"),
                      &answer, &diag),
        NZ_OK);
    nz_selection_append_excluded(answer, &out);
    assert_true(nz_str_eq(nz_buf_view(&out), NZ_STR("kms.amazonaws.com, iam.amazonaws.com, s")));
    nz_buf_release(&out);
    nz_json_doc_release(&doc);
}

#define ALLOW_ALL "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\""

static void test_public_bucket_policies(void **state)
{
    static const struct {
        const char *policy;
        enum nz_known is_public;
    } tried[] = {
        {ALLOW_ALL "}}", NZ_KNOWN_YES},
        {ALLOW_ALL ",\"Condition\":{\"StringEquals\":{\"AWS:SourceAccount\":\"111122223333\"}}}}", NZ_KNOWN_NO},
        {ALLOW_ALL ",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":[]}}}}", NZ_KNOWN_YES},
        {ALLOW_ALL ",\"Condition\":{\"StringNotEquals\":{\"aws:SourceAccount\":\"1\"}}}}", NZ_KNOWN_YES},
        {ALLOW_ALL ",\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:s3:::*\"}}}}", NZ_KNOWN_YES},
        {ALLOW_ALL ",\"Condition\":{\"StringLike\":{\"aws:PrincipalArn\":\"${aws:x}\"}}}}", NZ_KNOWN_YES},
        {ALLOW_ALL ",\"Condition\":{\"ForAnyValue:StringLike\":{\"aws:PrincipalOrgPaths\":\"o-a1b2c3d4e5/*\"}}}}",
         NZ_KNOWN_NO},
        {ALLOW_ALL ",\"Condition\":{\"ForAllValues:StringLike\":{\"aws:PrincipalOrgPaths\":\"o-a1b2c3d4e5/*\"}}}}",
         NZ_KNOWN_YES},
        {ALLOW_ALL ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"198.51.100.0\\/24\"}}}}", NZ_KNOWN_NO},
        {ALLOW_ALL ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"64.0.0.0/2\"}}}}", NZ_KNOWN_YES},
        {ALLOW_ALL ",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[\"198.51.100.0/24\",\"2000::/3\"]}}}}",
         NZ_KNOWN_YES},
        {ALLOW_ALL ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}}}", NZ_KNOWN_YES},
        {"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"1\",\"*\"]}}]}", NZ_KNOWN_YES},
        {"{\"Statement\":[{\"Effect\":\"Allow\",\"NotPrincipal\":{\"AWS\":\"1\"}}]}", NZ_KNOWN_YES},
        {"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\"}]}", NZ_KNOWN_NO},
        {"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"cloudtrail.amazonaws.com\"}}]}",
         NZ_KNOWN_NO},
        {"{\"Statement\":[]}", NZ_KNOWN_NO},
        {"", NZ_KNOWN_NOT},
        {"[]", NZ_KNOWN_NOT},
        {"{\"Statement\":[", NZ_KNOWN_NOT},
    };
    struct bench b;
    (void)state;
    bench_init(&b);
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        if (nz_bucket_policy_is_public(&b.audit, nz_str_from_c(tried[i].policy)) != tried[i].is_public)
            fail_msg("%s: not %d", tried[i].policy, (int)tried[i].is_public);
    }
    bench_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filters_of_cloudwatch_logs), cmocka_unit_test(test_a_filter_s_parentheses_are_bounded),
        cmocka_unit_test(test_patterns_of_eventbridge),    cmocka_unit_test(test_the_services_that_selectors_leave_out),
        cmocka_unit_test(test_public_bucket_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
