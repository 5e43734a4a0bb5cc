/* inventory: an account read from a network and a clock that stand here, each allocation failing; the credential report that
 * has to be waited for. What is asked of AWS, and what becomes of it, is in tests/cli/collect.py. */
#include "inventory/collector.h"
#include "inventory/credential_report.h"
#include "inventory/organization.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS 1000000u

/* --- an account in one region --- */

#define XML(operation, inner)                                                                                          \
    "<" operation "Response><" operation "Result>" inner "</" operation "Result></" operation "Response>"
#define ARN "arn:aws:iam::111122223333:"

struct answer {
    const char *ask; /* stands in the target, the form or the path */
    int status;
    const char *body;
};

static const struct answer account[] = {
    {"GetCallerIdentity", 200,
     XML("GetCallerIdentity", "<Arn>" ARN "user/a</Arn><UserId>AIDA</UserId>"
                              "<Account>111122223333</Account>")},
    {"DescribeRegions", 200,
     "<DescribeRegionsResponse><regionInfo><item><regionName>us-east-1</regionName><regionEndpoint>ec2</regionEndpoint>"
     "<optInStatus>opt-in-not-required</optInStatus></item><item><regionName>af-south-1</regionName>"
     "<optInStatus>not-opted-in</optInStatus></item></regionInfo></DescribeRegionsResponse>"},
    {"GetAccountSummary", 200,
     XML("GetAccountSummary", "<SummaryMap><entry><key>Users</key><value>1</value></entry></SummaryMap>")},
    {"GetAccountAuthorizationDetails", 200,
     XML("GetAccountAuthorizationDetails",
         "<IsTruncated>false</IsTruncated><UserDetailList><member><UserName>u</UserName><UserId>AIDA1</UserId><Arn>" ARN
         "user/u</Arn><UserPolicyList><member><PolicyName>p</PolicyName><PolicyDocument>%7B%22a%22%3A1%7D</"
         "PolicyDocument>"
         "</member></UserPolicyList></member></UserDetailList>")},
    {"GetAccountPasswordPolicy", 404,
     "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>"},
    {"ListVirtualMFADevices", 200,
     XML("ListVirtualMFADevices", "<IsTruncated>false</IsTruncated><VirtualMFADevices><member><SerialNumber>" ARN
                                  "mfa/phone</SerialNumber></member></VirtualMFADevices>")},
    {"ListAccountAliases", 200,
     XML("ListAccountAliases", "<IsTruncated>false</IsTruncated><AccountAliases><member>x</member></AccountAliases>")},
    {"GenerateCredentialReport", 200, XML("GenerateCredentialReport", "<State>STARTED</State>")},
    {"GetCredentialReport", 200,
     XML("GetCredentialReport", "<Content>dXNlcixhcm4KdSxhcm46dQo=</Content><ReportFormat>text/csv</ReportFormat>")},
    {"ListAccounts", 200,
     "{\"Accounts\":[{\"Id\":\"444455556666\",\"Arn\":\"arn:aws-cn:organizations::111122223333:account/o-1/"
     "444455556666\","
     "\"Name\":\"\\u0062\",\"Status\":\"SUSPENDED\"},{\"Id\":\"111122223333\",\"Name\":\"a\",\"Status\":\"ACTIVE\","
     "\"State\":\"ACTIVE\"}]}"},
    {"DescribeOrganization", 200,
     "{\"Organization\":{\"Id\":\"o-1\",\"Arn\":\"arn:o\",\"MasterAccountId\":\"444455556666\"}}"},
    {"ListParents", 200, "{\"Parents\":[{\"Id\":\"r-1\",\"Type\":\"ROOT\"}]}"},
    {"ListPoliciesForTarget", 200, "{\"Policies\":[{\"Id\":\"p-1\",\"Arn\":\"arn:p\",\"Name\":\"Full\"}]}"},
    {"DescribePolicy", 200, "{\"Policy\":{\"Content\":\"{\\\"Statement\\\":[]}\"}}"},
    {"DescribeTrails", 200,
     "{\"trailList\":[{\"Name\":\"t\",\"TrailARN\":\"arn:aws:cloudtrail:us-east-1:111122223333:trail/"
     "t\",\"HomeRegion\":"
     "\"us-east-1\",\"S3BucketName\":\"b\",\"CloudWatchLogsLogGroupArn\":\"arn:aws:logs:us-east-1:111122223333:log-"
     "group:g:*\"}]}"},
    {"GetTrailStatus", 200, "{\"IsLogging\":true,\"LatestDeliveryTime\":1795612805}"},
    {"GetEventSelectors", 200, "{\"EventSelectors\":[]}"},
    {"LookupEvents", 200, "{\"Events\":[{\"EventId\":\"1\",\"CloudTrailEvent\":\"{}\"}]}"},
    {"DescribeConfigurationRecorderStatus", 200,
     "{\"ConfigurationRecordersStatus\":[{\"name\":\"default\",\"recording\":true}]}"},
    {"DescribeConfigurationRecorders", 200, "{\"ConfigurationRecorders\":[{\"name\":\"default\"}]}"},
    {"DescribeDeliveryChannelStatus", 200, "{\"DeliveryChannelsStatus\":[]}"},
    {"DescribeDeliveryChannels", 200, "{\"DeliveryChannels\":[{\"name\":\"default\"}]}"},
    {"DescribeConfigRules", 200, "{\"ConfigRules\":[{\"ConfigRuleName\":\"r\",\"ConfigRuleArn\":\"arn:r\"}]}"},
    {"/detector/d/administrator", 200, "{}"},
    {"/detector/d", 200, "{\"status\":\"DISABLED\"}"},
    {"/detector", 200, "{\"detectorIds\":[\"d\"]}"},
    {"/analyzer", 200, "{\"analyzers\":[{\"arn\":\"arn:a\",\"name\":\"a\"}]}"},
    {"/graphs/list", 200, "{\"GraphList\":[]}"},
    {"/accounts", 401, "{\"__type\":\"InvalidAccessException\",\"message\":\"not subscribed\"}"},
    {"/hubv2", 200, "{\"HubV2Arn\":\"arn:h\"}"},
    {"DescribeMetricFilters", 200,
     "{\"metricFilters\":[{\"filterName\":\"f\",\"logGroupName\":\"g\",\"filterPattern\":\"Root\","
     "\"metricTransformations\":"
     "[{\"metricName\":\"m\"}]}]}"},
    {"DescribeAlarms", 200,
     XML("DescribeAlarms",
         "<MetricAlarms><member><AlarmName>a</AlarmName><AlarmArn>arn:al</AlarmArn><MetricName>m</MetricName>"
         "<AlarmActions><member>arn:aws:sns:us-east-1:111122223333:t</member></AlarmActions></member></MetricAlarms>")},
    {"ListSubscriptionsByTopic", 200,
     XML("ListSubscriptionsByTopic",
         "<Subscriptions><member><Protocol>email</Protocol><Endpoint>a@b</Endpoint></member>"
         "</Subscriptions>")},
    {"ListTargetsByRule", 200, "{\"Targets\":[{\"Id\":\"1\",\"Arn\":\"arn:aws:sns:us-east-1:111122223333:t\"}]}"},
    {"ListRules", 200, "{\"Rules\":[{\"Name\":\"r\",\"Arn\":\"arn:ru\",\"EventPattern\":\"aws.config\"}]}"},
    {"?acl", 200, "<AccessControlPolicy><Owner><ID>1</ID></Owner><AccessControlList/></AccessControlPolicy>"},
    {"?policy", 200, "{\"Statement\":[]}"},
    {"?versioning", 200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"},
    {"?logging", 200, "<BucketLoggingStatus/>"},
    {"/b?", 404, "<Error><Code>NoSuchBucketPolicy</Code></Error>"},
    {"max-buckets", 200,
     "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name><BucketRegion>us-east-1</BucketRegion></Bucket></Buckets>"
     "</ListAllMyBucketsResult>"},
};

/* --- a network and a clock --- */

struct world {
    uint64_t ns;
    const char *late; /* an operation that answers with `error` */
    unsigned late_times;
    const char *error;
    unsigned waits, requests, late_asked;
    struct nz_aws_credentials keys;
    struct {
        void *tag;
        struct answer answer;
    } flying[NZ_AWS_CONNECTIONS_MAX];
    unsigned flying_count;
};

static nz_time world_now(void *self)
{
    return (nz_time){1795612805000000 + (int64_t)(((const struct world *)self)->ns / 1000)};
}

static nz_mono world_mono(void *self)
{
    return (nz_mono){((const struct world *)self)->ns + 1};
}

static const struct nz_clock_ops world_clock = {world_now, world_mono};

static bool is_asked(const struct nz_http_request *request, struct nz_str ask)
{
    if (nz_str_find(request->url, ask) != SIZE_MAX || nz_str_find(request->body, ask) != SIZE_MAX)
        return true;
    for (size_t i = 0; i < request->headers_count; i++) {
        if (nz_str_ends_with(request->headers[i].value, ask))
            return true;
    }
    return false;
}

static struct answer world_answer(struct world *w, const struct nz_http_request *request)
{
    if (w->late && is_asked(request, nz_str_from_c(w->late)) && w->late_asked++ < w->late_times)
        return (struct answer){w->late, 410, w->error};
    for (size_t i = 0; i < sizeof account / sizeof account[0]; i++) {
        if (is_asked(request, nz_str_from_c(account[i].ask)))
            return account[i];
    }
    return (struct answer){"", 404, "<ErrorResponse><Error><Code>NotScripted</Code></Error></ErrorResponse>"};
}

static enum nz_err world_start(void *self, const struct nz_http_request *request, void *tag, struct nz_diag *diag)
{
    struct world *w = self;
    (void)diag;
    assert_true(w->flying_count < NZ_AWS_CONNECTIONS_MAX);
    w->requests++;
    w->flying[w->flying_count].tag = tag;
    w->flying[w->flying_count++].answer = world_answer(w, request);
    return NZ_OK;
}

static enum nz_err world_next(void *self, uint32_t wait_ms, void **tag, struct nz_http_response *out,
                              struct nz_diag *diag)
{
    struct world *w = self;
    (void)diag;
    *tag = NULL;
    if (!w->flying_count) {
        w->ns += (uint64_t)wait_ms * MS;
        return NZ_OK;
    }
    *tag = w->flying[0].tag;
    *out = (struct nz_http_response){.status = w->flying[0].answer.status,
                                     .body = nz_str_from_c(w->flying[0].answer.body)};
    memmove(&w->flying[0], &w->flying[1], --w->flying_count * sizeof w->flying[0]);
    return NZ_OK;
}

static void world_cancel(void *self, void *tag)
{
    struct world *w = self;
    for (unsigned i = 0; i < w->flying_count; i++) {
        if (w->flying[i].tag == tag)
            w->flying[i] = w->flying[--w->flying_count];
    }
}

static const struct nz_http_ops world_http = {world_start, world_next, world_cancel, NULL};

/* --- collecting --- */

static enum nz_err on_wait(void *self, unsigned ms)
{
    struct world *w = self;
    w->waits++;
    w->ns += (uint64_t)ms * MS;
    return NZ_OK;
}

static enum nz_err collect(struct world *w, struct nz_snapshot **out, struct nz_diag *diag)
{
    static const struct nz_aws_endpoints endpoints = {.url = {"http://127.0.0.1:1", 18}};
    const struct nz_clock clock = {&world_clock, w};
    const struct nz_aws_client_options options = {.region = NZ_STR("us-east-1"),
                                                  .endpoints = &endpoints,
                                                  .http = {&world_http, w},
                                                  .clock = clock,
                                                  .credentials = nz_aws_credentials_fixed(&w->keys)};
    const struct nz_collect_ops ops = {.wait = on_wait, .self = w};
    struct nz_aws_client *client;
    *out = NULL;
    enum nz_err err = nz_aws_client_new(&options, &client);
    if (err != NZ_OK)
        return err;
    const struct nz_collect_input in = {.client = client,
                                        .caller_region = NZ_STR("us-east-1"),
                                        .tool = NZ_STR("test"),
                                        .clock = &world_clock,
                                        .clock_self = w};
    err = nz_collect(&in, &ops, out, diag);
    nz_aws_client_free(client);
    return err;
}

static struct world world_new(void)
{
    struct world w = {0};
    assert_int_equal(nz_secret_set(&w.keys.access_key_id, NZ_STR("AKIA")), NZ_OK);
    assert_int_equal(nz_secret_set(&w.keys.secret_key, NZ_STR("secret")), NZ_OK);
    return w;
}

static size_t count_of(const struct nz_snapshot *s, const char *type)
{
    return nz_snapshot_items(s, nz_str_from_c(type)).n;
}

static void each_answer_becomes_an_item(void **state)
{
    (void)state;
    static const char *const types[] = {
        "AWS::IAM::User",
        "Nezuban::IAM::AccountSummary",
        "AWS::IAM::VirtualMFADevice",
        "Nezuban::IAM::AccountAlias",
        "Nezuban::IAM::CredentialReport",
        "Nezuban::IAM::CredentialReportRow",
        "AWS::Organizations::Organization",
        "AWS::Organizations::Policy",
        "Nezuban::Organizations::PolicyPath",
        "AWS::CloudTrail::Trail",
        "Nezuban::CloudTrail::EventHistory",
        "AWS::Config::ConfigurationRecorder",
        "AWS::Config::DeliveryChannel",
        "AWS::Config::ConfigRule",
        "AWS::GuardDuty::Detector",
        "AWS::AccessAnalyzer::Analyzer",
        "AWS::SecurityHub::HubV2",
        "AWS::Logs::MetricFilter",
        "AWS::CloudWatch::Alarm",
        "AWS::SNS::Topic",
        "AWS::Events::Rule",
        "AWS::S3::Bucket",
    };
    struct world w = world_new();
    struct nz_snapshot *s;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = collect(&w, &s, &diag);
    if (err != NZ_OK)
        fail_msg("%s: %s", nz_err_text(err), diag.text);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (count_of(s, types[i]) != 1)
            fail_msg("%zu of %s", count_of(s, types[i]), types[i]);
    }
    assert_int_equal(count_of(s, "Nezuban::EC2::Region"), 2);
    assert_int_equal(count_of(s, "AWS::SecurityHub::Hub"), 0);
    assert_int_equal(nz_snapshot_listing(s, NZ_STR("AWS::SecurityHub::Hub"), NZ_STR("us-east-1"), NULL), NZ_LISTED);
    nz_snapshot_free(s);
    nz_aws_credentials_release(&w.keys);
}

#define NOT_PRESENT "<ErrorResponse><Error><Code>ReportNotPresent</Code></Error></ErrorResponse>"

static void a_report_is_waited_for_and_not_for_ever(void **state)
{
    (void)state;
    for (unsigned late = 1; late <= NZ_COLLECT_REPORT_WAITS_MAX + 2; late += NZ_COLLECT_REPORT_WAITS_MAX / 2) {
        struct world w = world_new();
        struct nz_snapshot *s;
        const struct nz_unread *why;
        w.late = "Action=GetCredentialReport";
        w.late_times = late;
        w.error = NOT_PRESENT;
        assert_int_equal(collect(&w, &s, NULL), NZ_OK);
        bool in_time = late <= NZ_COLLECT_REPORT_WAITS_MAX;
        assert_int_equal(count_of(s, "Nezuban::IAM::CredentialReportRow"), in_time);
        assert_true(w.waits < NZ_COLLECT_REPORT_WAITS_MAX);
        enum nz_listing listing =
            nz_snapshot_listing(s, NZ_STR("Nezuban::IAM::CredentialReport"), NZ_REGION_GLOBAL, &why);
        assert_int_equal(listing, in_time ? NZ_LISTED : NZ_UNREAD);
        nz_snapshot_free(s);
        nz_aws_credentials_release(&w.keys);
    }
}

static void memory_runs_out(void **state)
{
    (void)state;
    for (unsigned nth = 0;; nth += nth < 300 ? 1 : 13) {
        struct world w = world_new();
        struct nz_snapshot *s;
        long before = nz_live_allocations();
        nz_fault_arm(nth);
        enum nz_err err = collect(&w, &s, NULL);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_snapshot_free(s);
        assert_int_equal(nz_live_allocations(), before);
        nz_aws_credentials_release(&w.keys);
        if (!fired) {
            assert_int_equal(err, NZ_OK);
            assert_true(nth > 300);
            return;
        }
        if (err != NZ_OK) /* what may do without, such as the text of a time, does */
            assert_int_equal(err, NZ_E_NOMEM);
    }
}

static void is(struct nz_str text, const char *expected)
{
    if (!nz_str_eq(text, nz_str_from_c(expected)))
        fail_msg("%.*s is not %s", NZ_STR_ARG(text), expected);
}

/* --- the credential report --- */

static enum nz_err row_keep(void *self, const struct nz_report_row *row)
{
    nz_buf_append(self, row->json);
    nz_buf_append_char(self, '\n');
    return nz_buf_status(self);
}

static void report_is(const char *csv, const char *rows, uint64_t bad)
{
    struct nz_buf got;
    uint64_t counted;
    nz_buf_init(&got, 0);
    assert_int_equal(nz_credential_report_read(nz_str_from_c(csv), row_keep, &got, &counted), NZ_OK);
    assert_int_equal(counted, bad);
    is(nz_buf_view(&got), rows);
    nz_buf_release(&got);
}

static void a_report_is_read_by_the_names_of_its_columns(void **state)
{
    (void)state;
    uint64_t bad;
    report_is("arn,new,user\narn:a,1,a\narn:b,,b",
              "{\"arn\":\"arn:a\",\"new\":\"1\",\"user\":\"a\"}\n"
              "{\"arn\":\"arn:b\",\"new\":\"\",\"user\":\"b\"}\n",
              0);
    report_is("user,arn\r\n\"a,\"\"b\"\"\nc\",arn:a\r\n", "{\"user\":\"a,\\\"b\\\"\\nc\",\"arn\":\"arn:a\"}\n", 0);
    report_is("user,arn\na\n,arn:a\na,\na,arn:a,x\nb,arn:b\n", "{\"user\":\"b\",\"arn\":\"arn:b\"}\n", 4);
    report_is("user,arn\n", "", 0);
    assert_int_equal(nz_credential_report_read(NZ_STR("user,name\n"), row_keep, NULL, &bad), NZ_E_AWS_ANSWER);
    assert_int_equal(nz_credential_report_read(NZ_STR(""), row_keep, NULL, &bad), NZ_E_AWS_ANSWER);
}

static void a_row_that_is_refused_ends_the_report(void **state)
{
    (void)state;
    struct nz_buf full;
    uint64_t bad;
    nz_buf_init(&full, 4);
    assert_int_equal(nz_credential_report_read(NZ_STR("user,arn\na,b\n"), row_keep, &full, &bad), NZ_E_NOMEM);
    nz_buf_release(&full);
}

/* --- answers as items have them --- */

static void answer_is(const char *json, unsigned form, const char *left_out, const char *renamed, const char *expected)
{
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_buf out;
    nz_json_doc_init(&doc);
    nz_buf_init(&out, 0);
    assert_int_equal(nz_json_parse(&doc, nz_str_from_c(json), &root, NULL), NZ_OK);
    nz_collect_append(root, form, left_out, renamed, &out);
    is(nz_buf_view(&out), expected);
    nz_buf_release(&out);
    nz_json_doc_release(&doc);
}

static void answers_are_brought_into_one_form(void **state)
{
    (void)state;
    answer_is("{ \"a\" : [ 1 , {} ] , \"b\":null }", 0, NULL, NULL, "{\"a\":[1,{}]}");
    answer_is("{\"Seed\":\"s\",\"Name\":\"n\",\"In\":{\"Seed\":1}}", 0, "Other|Seed", NULL,
              "{\"Name\":\"n\",\"In\":{\"Seed\":1}}");
    answer_is("{\"Rule\":[{\"Rule\":1}],\"Ru\":2}", 0, NULL, "X=Y|Rule=Rules", "{\"Rules\":[{\"Rule\":1}],\"Ru\":2}");
    answer_is("{\"status\":{\"aB\":1},\"_x\":2}", NZ_FORM_CAPITALS, NULL, NULL, "{\"Status\":{\"AB\":1},\"_x\":2}");
    answer_is("{\"LatestTime\":1795612805.25,\"Count\":1795612805,\"lastTime\":1.795612805E9,\"OddTime\":-1}",
              NZ_FORM_TIMES, NULL, NULL,
              "{\"LatestTime\":\"2026-11-25T13:20:05.250Z\",\"Count\":1795612805,\"lastTime\":\"2026-11-25T13:20:05Z\","
              "\"OddTime\":-1}");
}

static void parts_of_an_arn(void **state)
{
    (void)state;
    const struct nz_str arn = NZ_STR("arn:aws:logs:us-east-1:111122223333:log-group:trail:*");
    is(nz_arn_field(arn, 1), "aws");
    is(nz_arn_field(arn, 3), "us-east-1");
    is(nz_arn_field(arn, 4), "111122223333");
    is(nz_arn_field(arn, 5), "log-group:trail:*");
    is(nz_arn_field(NZ_STR("arn:aws"), 4), "");
    is(nz_arn_field(NZ_STR(""), 0), "");
}

/* --- the accounts of an organization --- */

static enum nz_err organization(struct world *w, struct nz_arena *keep, struct nz_organization *out)
{
    static const struct nz_aws_endpoints endpoints = {.url = {"http://127.0.0.1:1", 18}};
    const struct nz_aws_client_options options = {.region = NZ_STR("us-east-1"),
                                                  .endpoints = &endpoints,
                                                  .http = {&world_http, w},
                                                  .clock = {&world_clock, w},
                                                  .credentials = nz_aws_credentials_fixed(&w->keys)};
    struct nz_aws_client *client;
    enum nz_err err = nz_aws_client_new(&options, &client);
    if (err == NZ_OK)
        err = nz_organization_read(client, keep, out, NULL);
    nz_aws_client_free(client);
    return err;
}

static void accounts_of_an_organization(void **state)
{
    (void)state;
    struct world w = world_new();
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_arena keep;
        struct nz_organization o;
        nz_arena_init(&keep, 0);
        nz_fault_arm(nth);
        enum nz_err err = organization(&w, &keep, &o);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        if (!fired) {
            assert_int_equal(err, NZ_OK);
            assert_int_equal(o.count, 2);
            assert_true(nz_str_eq(o.id, NZ_STR("o-1")) && nz_str_eq(o.partition, NZ_STR("aws-cn")));
            assert_true(o.members[0].is_caller && nz_member_is_active(&o.members[0]));
            assert_false(o.members[1].is_caller || nz_member_is_active(&o.members[1]));
            assert_true(nz_str_eq(o.members[1].name, NZ_STR("b")));
            assert_true(nz_str_eq(nz_member_role(&o, &o.members[1], NZ_STR("p/R"), &keep),
                                  NZ_STR("arn:aws-cn:iam::444455556666:role/p/R")));
        } else {
            assert_int_equal(err, NZ_E_NOMEM);
        }
        nz_arena_release(&keep);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
    }
    nz_aws_credentials_release(&w.keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_becomes_an_item),
        cmocka_unit_test(a_report_is_waited_for_and_not_for_ever),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(accounts_of_an_organization),
        cmocka_unit_test(a_report_is_read_by_the_names_of_its_columns),
        cmocka_unit_test(a_row_that_is_refused_ends_the_report),
        cmocka_unit_test(answers_are_brought_into_one_form),
        cmocka_unit_test(parts_of_an_arn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
