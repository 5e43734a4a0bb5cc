/* inventory: snapshots as they are built, written and read back; files that are not ours; damage. */
#include "access/account.h"
#include "core/gzip.h"
#include "inventory/account_text.h"
#include "inventory/diff.h"
#include "inventory/snapshot_read.h"
#include "inventory/snapshot_write.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define USER_CONFIGURATION                                                                                             \
    "{\"UserName\":\"hanako\",\"UserId\":\"AIDA1\",\"Arn\":\"arn:aws:iam::111122223333:user/hanako\","                 \
    "\"GroupList\":[],\"AttachedManagedPolicies\":[]}"

#define HEADER                                                                                                         \
    "{\"kind\":\"snapshot\",\"format\":\"nezuban-snapshot\",\"version\":1,\"tool\":\"nezuban 0\","                     \
    "\"accountId\":\"111122223333\",\"partition\":\"aws\",\"capturedAt\":\"2026-11-25T13:20:05Z\","                    \
    "\"caller\":{\"Arn\":\"arn:aws:iam::111122223333:user/a\",\"UserId\":\"AIDA\"},\"callerRegion\":\"us-east-1\","    \
    "\"regions\":[\"us-east-1\",\"eu-west-1\"]}\n"
#define COLLECTED(service, operation, region, items)                                                                   \
    "{\"kind\":\"collected\",\"service\":\"" service "\",\"operation\":\"" operation "\",\"region\":\"" region         \
    "\",\"items\":" items "}\n"
#define UNREAD(service, operation, region, resource)                                                                   \
    "{\"kind\":\"unread\",\"service\":\"" service "\",\"operation\":\"" operation "\",\"region\":\"" region            \
    "\",\"resource\":\"" resource "\",\"error\":\"AccessDenied\",\"action\":\"" service ":" operation                  \
    "\",\"message\":\"no\"}\n"
#define ITEM(type, region, arn, id, configuration)                                                                     \
    "{\"kind\":\"item\",\"accountId\":\"111122223333\",\"awsRegion\":\"" region "\",\"resourceType\":\"" type          \
    "\",\"resourceId\":\"" id "\",\"resourceName\":\"" id "\",\"ARN\":\"" arn                                          \
    "\",\"configurationItemCaptureTime\":\"2026-11-25T13:20:07Z\",\"configurationItemStatus\":\"OK\","                 \
    "\"configuration\":" configuration ",\"supplementaryConfiguration\":{}}\n"
#define END(items, collected, unread)                                                                                  \
    "{\"kind\":\"end\",\"items\":" items ",\"collected\":" collected ",\"unread\":" unread "}\n"

#define TRAIL ITEM("AWS::CloudTrail::Trail", "us-east-1", "arn:t", "main", "{\"Name\":\"main\",\"S3BucketName\":\"b\"}")
#define USER ITEM("AWS::IAM::User", "global", "arn:aws:iam::111122223333:user/hanako", "AIDA1", USER_CONFIGURATION)
#define REGION(name, access)                                                                                           \
    ITEM("Nezuban::EC2::Region", name, "", name, "{\"RegionName\":\"" name "\",\"Access\":\"" access "\"}")

static const char whole[] = HEADER COLLECTED("cloudtrail", "DescribeTrails", "us-east-1", "1")
    COLLECTED("guardduty", "ListDetectors", "us-east-1", "0")
        COLLECTED("iam", "GetAccountAuthorizationDetails", "global", "1")
            UNREAD("cloudtrail", "DescribeTrails", "eu-west-1", "")
                UNREAD("cloudtrail", "GetTrailStatus", "us-east-1", "arn:t")
                    TRAIL USER REGION("eu-west-1", "closed-by-scp") REGION("us-east-1", "open") END("4", "3", "2");

/* --- reading from memory --- */

struct memory {
    struct nz_str rest;
    size_t piece;      /* at most so much a call; 0: all */
    enum nz_err fault; /* after the rest */
    unsigned problems;
    struct nz_diag first;
};

static enum nz_err memory_read(void *self, char *out, size_t room, size_t *written, struct nz_diag *diag)
{
    struct memory *m = self;
    size_t n = m->piece && m->piece < room ? m->piece : room;
    n = n < m->rest.n ? n : m->rest.n;
    *written = n;
    if (!n && m->fault != NZ_OK)
        return nz_diag_set(diag, m->fault, "%s", "");
    if (n)
        memcpy(out, m->rest.p, n);
    m->rest = nz_str_skip(m->rest, n);
    return NZ_OK;
}

static void memory_problem(void *self, const struct nz_diag *diag)
{
    struct memory *m = self;
    if (!m->problems++)
        m->first = *diag;
}

static enum nz_err read_memory(struct memory *m, struct nz_snapshot **out, struct nz_diag *diag)
{
    struct nz_snapshot_builder *b;
    struct nz_snapshot_source source = {memory_read, memory_problem, m};
    *out = NULL;
    enum nz_err err = nz_snapshot_builder_new(&b);
    if (err != NZ_OK)
        return err;
    err = nz_snapshot_read(b, &source, diag);
    if (err == NZ_OK)
        err = nz_snapshot_finish(b, out, NULL);
    nz_snapshot_builder_free(b);
    return err;
}

static struct nz_snapshot *read_text(struct memory *m, struct nz_str text)
{
    struct nz_snapshot *s;
    struct nz_diag diag = NZ_DIAG_INIT;
    m->rest = text;
    enum nz_err err = read_memory(m, &s, &diag);
    if (err != NZ_OK)
        fail_msg("%s: %s", nz_err_text(err), diag.text);
    return s;
}

static struct nz_snapshot *read_good(const char *text)
{
    struct memory m = {0};
    struct nz_snapshot *s = read_text(&m, nz_str_from_c(text));
    if (m.problems)
        fail_msg("%u: %s: %s", m.first.line, nz_err_text(m.first.code), m.first.text);
    assert_int_equal(s->damaged, 0);
    return s;
}

static void is(struct nz_str text, const char *expected)
{
    if (!nz_str_eq(text, nz_str_from_c(expected)))
        fail_msg("%.*s is not %s", NZ_STR_ARG(text), expected);
}

/* --- what is there, what is not --- */

static void there_not_there_not_read(void **state)
{
    (void)state;
    struct nz_snapshot *s = read_good(whole);
    const struct nz_unread *why;
    const struct nz_str trail = NZ_STR("AWS::CloudTrail::Trail"), detector = NZ_STR("AWS::GuardDuty::Detector");
    const struct nz_str us = NZ_STR("us-east-1"), eu = NZ_STR("eu-west-1");
    assert_int_equal(nz_snapshot_items(s, trail).n, 1);
    assert_int_equal(nz_snapshot_items_in(s, trail, us).n, 1);
    assert_int_equal(nz_snapshot_items_in(s, trail, eu).n, 0);
    assert_int_equal(nz_snapshot_listing(s, trail, us, &why), NZ_LISTED);
    assert_null(why);
    assert_int_equal(nz_snapshot_listing(s, trail, eu, &why), NZ_UNREAD);
    is(why->action, "cloudtrail:DescribeTrails");
    assert_int_equal(nz_snapshot_listing(s, detector, us, NULL), NZ_LISTED);
    assert_int_equal(nz_snapshot_listing(s, detector, eu, &why), NZ_NOT_ASKED);
    assert_null(why);
    assert_int_equal(nz_snapshot_listing(s, NZ_STR("AWS::IAM::Role"), us, NULL), NZ_LISTED);
    assert_int_equal(nz_snapshot_listing(s, NZ_STR("AWS::Nothing::Known"), us, NULL), NZ_NOT_ASKED);
    assert_int_equal(nz_snapshot_region_access(s, eu), NZ_REGION_CLOSED_BY_SCP);
    assert_int_equal(nz_snapshot_region_access(s, us), NZ_REGION_OPEN);
    const struct nz_item *t = nz_snapshot_find(s, trail, NZ_STR("arn:t"));
    assert_non_null(t);
    why = nz_snapshot_unread_of(s, t, NZ_STR("GetTrailStatus"));
    is(why->resource, "arn:t");
    assert_null(nz_snapshot_unread_of(s, t, NZ_STR("GetEventSelectors")));
    assert_ptr_equal(nz_snapshot_unread(s, NZ_STR("cloudtrail"), NZ_STR("GetTrailStatus"), us, NZ_STR("arn:t")), why);
    assert_null(nz_snapshot_unread(s, NZ_STR("cloudtrail"), NZ_STR("GetTrailStatus"), us, NZ_STR("")));
    is(s->header.caller_region, "us-east-1");
    assert_int_equal(s->header.captured.us, 1795612805000000);
    nz_snapshot_free(s);
}

static void a_member_is_found_by_either_first_letter(void **state)
{
    (void)state;
    const struct nz_item item = {
        .configuration =
            NZ_STR("{\"s3BucketName\":\"b\",\"SummaryMap\":{\"Users\":3},\"name\":\"low\",\"Name\":\"up\"}"),
        .supplementary = NZ_STR("{\"GetTrailStatus\":{\"IsLogging\":true},\"GetBucketPolicy\":null}"),
    };
    struct nz_item_view view;
    nz_item_view_init(&view);
    assert_int_equal(nz_item_open(&view, &item), NZ_OK);
    is(nz_json_string_raw(nz_item_get(&view, "configuration.S3BucketName")), "b");
    is(nz_json_source(nz_item_get(&view, "configuration.SummaryMap.Users")), "3");
    is(nz_json_string_raw(nz_item_get(&view, "configuration.Name")), "up");
    is(nz_json_string_raw(nz_item_get(&view, "configuration.name")), "low");
    assert_int_equal(nz_json_kind(nz_item_get(&view, "supplementaryConfiguration.GetTrailStatus.IsLogging")),
                     NZ_JSON_TRUE);
    assert_int_equal(nz_json_kind(nz_item_get(&view, "supplementaryConfiguration.GetBucketPolicy")), NZ_JSON_NULL);
    assert_int_equal(nz_json_kind(nz_item_get(&view, "supplementaryConfiguration.GetBucketAcl")), NZ_JSON_ABSENT);
    assert_int_equal(nz_json_kind(nz_item_get(&view, "configuration.name.x")), NZ_JSON_ABSENT);
    assert_int_equal(nz_json_kind(nz_item_get(&view, "other")), NZ_JSON_ABSENT);
    nz_item_view_release(&view);
}

static void a_document_has_three_forms(void **state)
{
    (void)state;
    static const char *const forms[] = {"{\"d\":{\"a\":1}}", "{\"d\":\"{\\\"a\\\":1}\"}",
                                        "{\"d\":\"%7B%22a%22%3A1%7d\"}"};
    for (size_t i = 0; i < 3; i++) {
        struct nz_json_doc doc;
        struct nz_json root;
        struct nz_buf scratch;
        nz_json_doc_init(&doc);
        nz_buf_init(&scratch, 0);
        assert_int_equal(nz_json_parse(&doc, nz_str_from_c(forms[i]), &root, NULL), NZ_OK);
        is(nz_item_document(nz_json_get(root, NZ_STR("d")), &scratch), "{\"a\":1}");
        assert_int_equal(nz_item_document(nz_json_get(root, NZ_STR("none")), &scratch).n, 0);
        nz_buf_release(&scratch);
        nz_json_doc_release(&doc);
    }
}

/* --- writing --- */

static enum nz_err gather(void *self, struct nz_str bytes)
{
    nz_buf_append(self, bytes);
    return nz_buf_status(self);
}

static void inflate(struct nz_str bytes, struct nz_buf *out)
{
    struct nz_gzip *z;
    size_t written = 0;
    assert_int_equal(nz_gzip_new(&z), NZ_OK);
    do {
        char *to = nz_buf_reserve(out, 65536);
        assert_int_equal(nz_gzip_inflate(z, &bytes, true, to, 65536, &written, NULL), NZ_OK);
        out->n += written;
    } while (written);
    nz_gzip_free(z);
}

static void what_is_read_is_written_the_same(void **state)
{
    (void)state;
    struct nz_snapshot *s = read_good(whole);
    struct nz_buf file, text;
    nz_buf_init(&file, 0);
    nz_buf_init(&text, 0);
    assert_int_equal(nz_snapshot_write(s, gather, &file), NZ_OK);
    inflate(nz_buf_view(&file), &text);
    nz_buf_append_char(&text, '\0');
    assert_string_equal(text.p, whole);
    nz_buf_release(&file);
    nz_buf_release(&text);
    nz_snapshot_free(s);
}

static enum nz_err refuse(void *self, struct nz_str bytes)
{
    (void)self;
    (void)bytes;
    return NZ_E_WRITE;
}

static void a_sink_that_fails_ends_the_writing(void **state)
{
    (void)state;
    struct nz_snapshot *s = read_good(whole);
    assert_int_equal(nz_snapshot_write(s, refuse, NULL), NZ_E_WRITE);
    nz_snapshot_free(s);
}

/* --- damage --- */

static void cut_at_every_byte(void **state)
{
    (void)state;
    const struct nz_str text = nz_str_from_c(whole);
    for (size_t n = sizeof "{\"kind\":" - 1; n < text.n - 1; n++) {
        for (size_t piece = 0; piece < 2; piece++) {
            struct memory m = {.piece = piece * 100};
            struct nz_snapshot *s = read_text(&m, nz_str_head(text, n));
            assert_true(m.problems > 0 && s->damaged > 0);
            const struct nz_unread *why;
            /* what is missing may have stood in the rest */
            assert_int_not_equal(nz_snapshot_listing(s, NZ_STR("AWS::GuardDuty::Detector"), NZ_STR("us-east-1"), &why),
                                 NZ_LISTED);
            nz_snapshot_free(s);
        }
    }
}

static void what_is_broken_is_told_and_the_rest_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum nz_err code;
        uint32_t line;
        size_t items;
    } cases[] = {
        {HEADER TRAIL "{\"kind\":\"item\",\n" USER END("2", "0", "0"), NZ_E_SNAPSHOT_LINE, 3, 2},
        {HEADER TRAIL "[]\n" USER END("2", "0", "0"), NZ_E_SNAPSHOT_LINE, 3, 2},
        {HEADER "{\"kind\":\"other\"}\n" USER END("1", "0", "0"), NZ_E_SNAPSHOT_LINE, 2, 1},
        {HEADER HEADER USER END("1", "0", "0"), NZ_E_SNAPSHOT_LINE, 2, 1},
        {HEADER USER END("1", "0", "0") TRAIL, NZ_E_SNAPSHOT_LINE, 4, 1},
        {HEADER USER END("2", "0", "0"), NZ_E_SNAPSHOT_CUT, 3, 1},
        {HEADER USER, NZ_E_SNAPSHOT_CUT, 2, 1},
        {USER END("1", "0", "0"), NZ_E_SNAPSHOT_LINE, 1, 1},
        {HEADER ITEM("", "global", "arn:x", "x", "{}") USER END("2", "0", "0"), NZ_E_SNAPSHOT_LINE, 2, 1},
        {HEADER ITEM("T", "global", "", "", "{}") USER END("2", "0", "0"), NZ_E_SNAPSHOT_LINE, 2, 1},
        {HEADER ITEM("T", "global", "arn:x", "x", "[]") USER END("2", "0", "0"), NZ_E_SNAPSHOT_LINE, 2, 1},
        {"{\"kind\":\"snapshot\",\"version\":2}\n" USER END("1", "0", "0"), NZ_E_SNAPSHOT_VERSION, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct memory m = {0};
        struct nz_snapshot *s = read_text(&m, nz_str_from_c(cases[i].text));
        if (m.problems != 1 || m.first.code != cases[i].code || m.first.line != cases[i].line)
            fail_msg("case %zu: %u problems, the first %u: %s: %s", i, m.problems, m.first.line,
                     nz_err_name(m.first.code), m.first.text);
        assert_int_equal(s->items_count, cases[i].items);
        nz_snapshot_free(s);
    }
}

static void a_broken_file_keeps_what_stood_before(void **state)
{
    (void)state;
    struct memory m = {.fault = NZ_E_GZIP_TRUNCATED};
    struct nz_snapshot *s = read_text(&m, nz_str_from_c(HEADER USER TRAIL));
    assert_int_equal(m.first.code, NZ_E_GZIP_TRUNCATED);
    assert_int_equal(s->items_count, 2);
    nz_snapshot_free(s);
    m = (struct memory){.fault = NZ_E_IO};
    assert_int_equal(read_memory(&m, &s, NULL), NZ_E_IO);
}

static void problems_are_counted_and_not_all_told(void **state)
{
    (void)state;
    struct nz_buf text;
    struct memory m = {0};
    nz_buf_init(&text, 0);
    nz_buf_append(&text, nz_str_from_c(HEADER));
    for (unsigned i = 0; i < NZ_SNAPSHOT_PROBLEMS_MAX + 50; i++)
        nz_buf_append(&text, NZ_STR("?\n"));
    nz_buf_append(&text, nz_str_from_c(END("0", "0", "0")));
    struct nz_snapshot *s = read_text(&m, nz_buf_view(&text));
    assert_int_equal(m.problems, NZ_SNAPSHOT_PROBLEMS_MAX + 1);
    assert_int_equal(s->damaged, NZ_SNAPSHOT_PROBLEMS_MAX + 50);
    nz_snapshot_free(s);
    nz_buf_release(&text);
}

static void a_line_beyond_the_limit_is_passed_over(void **state)
{
    (void)state;
    struct nz_buf text;
    struct memory m = {0};
    nz_buf_init(&text, 0);
    nz_buf_append(&text, nz_str_from_c(HEADER));
    char *to = nz_buf_reserve(&text, NZ_SNAPSHOT_LINE_BYTES_MAX + 400000);
    memset(to, 'x', NZ_SNAPSHOT_LINE_BYTES_MAX + 400000);
    text.n += NZ_SNAPSHOT_LINE_BYTES_MAX + 400000;
    nz_buf_append(&text, nz_str_from_c("\n" USER END("1", "0", "0")));
    struct nz_snapshot *s = read_text(&m, nz_buf_view(&text));
    assert_int_equal(m.problems, 1);
    assert_int_equal(m.first.line, 2);
    assert_int_equal(s->items_count, 1);
    assert_int_equal(s->items[0].line, 3);
    nz_snapshot_free(s);
    nz_buf_release(&text);
}

static void what_stands_twice_counts_once(void **state)
{
    (void)state;
    struct nz_snapshot_builder *b;
    struct nz_snapshot *s;
    struct nz_snapshot_twice twice;
    struct memory m = {.rest = nz_str_from_c(HEADER USER TRAIL USER USER END("4", "0", "0"))};
    struct nz_snapshot_source source = {memory_read, memory_problem, &m};
    assert_int_equal(nz_snapshot_builder_new(&b), NZ_OK);
    assert_int_equal(nz_snapshot_read(b, &source, NULL), NZ_OK);
    assert_int_equal(nz_snapshot_finish(b, &s, &twice), NZ_OK);
    assert_int_equal(s->items_count, 2);
    assert_int_equal(twice.count, 2);
    assert_int_equal(twice.line, 4);
    nz_snapshot_free(s);
    assert_int_equal(nz_snapshot_finish(b, &s, NULL), NZ_OK); /* empty by now */
    assert_int_equal(s->items_count, 0);
    nz_snapshot_free(s);
    nz_snapshot_builder_free(b);
}

/* --- files that are not ours --- */

#define DOCUMENT                                                                                                       \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"
#define ENCODED                                                                                                        \
    "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A" \
    "%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"

static const char delivered[] =
    "{\"fileVersion\":\"1.0\",\"configSnapshotId\":\"x\",\"configurationItems\":[\n"
    " {\"awsAccountId\":\"111122223333\",\"awsRegion\":\"global\",\"resourceType\":\"AWS::IAM::User\","
    "\"resourceId\":\"AIDA1\",\"resourceName\":\"hanako\",\"ARN\":\"arn:aws-cn:iam::111122223333:user/hanako\","
    "\"configurationItemCaptureTime\":\"2026-11-25T13:20:05.000Z\",\"configurationItemStatus\":\"OK\","
    "\"configuration\":{ \"userName\":\"hanako\",\"arn\":\"arn:aws-cn:iam::111122223333:user/hanako\","
    "\"userPolicyList\":[{\"policyName\":\"p\",\"policyDocument\":\"" ENCODED "\"}],\"tags\":[{\"key\":\"a\"}]}},\n"
    " {\"awsAccountId\":\"111122223333\",\"awsRegion\":\"us-east-1\",\"resourceType\":\"AWS::CloudTrail::Trail\","
    "\"resourceId\":\"main\",\"ARN\":\"arn:t\",\"configurationItemCaptureTime\":\"2026-11-20T13:20:05.000Z\","
    "\"configuration\":\"{\\\"name\\\":\\\"main\\\"}\",\"supplementaryConfiguration\":{\"Tags\":\"{\\\"x\\\":1}\","
    "\"Plain\":\"y\"}},\n"
    " 7,\n {\"awsRegion\":\"us-east-1\",\"resourceType\":\"AWS::S3::Bucket\"}\n]}\n";

static void what_config_delivered(void **state)
{
    (void)state;
    struct memory m = {0};
    struct nz_snapshot *s = read_text(&m, nz_str_from_c(delivered));
    assert_int_equal(m.problems, 2);
    assert_int_equal(m.first.line, 4);
    assert_int_equal(s->items_count, 2);
    is(s->header.account, "111122223333");
    is(s->header.partition, "aws-cn");
    is(s->header.captured_at, "2026-11-25T13:20:05.000Z");
    is(s->items[0].configuration, "{\"name\":\"main\"}");
    is(s->items[0].supplementary, "{\"Tags\":{\"x\":1},\"Plain\":\"y\"}");
    is(s->items[1].configuration, "{\"UserName\":\"hanako\",\"Arn\":\"arn:aws-cn:iam::111122223333:user/"
                                  "hanako\",\"UserPolicyList\":[{\"PolicyName\":"
                                  "\"p\",\"PolicyDocument\":" DOCUMENT "}],\"Tags\":[{\"Key\":\"a\"}]}");
    nz_snapshot_free(s);
}

static void a_type_that_config_recorded_counts_as_collected(void **state)
{
    (void)state;
    struct nz_snapshot *s = read_good(
        "{\"configurationItems\":[{\"awsRegion\":\"us-east-1\",\"resourceType\":\"AWS::CloudTrail::Trail\","
        "\"resourceId\":\"main\",\"configuration\":{}},{\"awsRegion\":\"global\",\"resourceType\":\"AWS::IAM::User\","
        "\"resourceId\":\"u\",\"configuration\":{}}]}");
    assert_int_equal(nz_snapshot_listing(s, NZ_STR("AWS::CloudTrail::Trail"), NZ_STR("us-east-1"), NULL), NZ_LISTED);
    assert_int_equal(nz_snapshot_listing(s, NZ_STR("AWS::CloudTrail::Trail"), NZ_STR("eu-west-1"), NULL), NZ_NOT_ASKED);
    /* users alone do not say that there are no roles */
    assert_int_equal(nz_snapshot_listing(s, NZ_STR("AWS::IAM::Role"), NZ_REGION_GLOBAL, NULL), NZ_NOT_ASKED);
    nz_snapshot_free(s);
}

static const char details[] =
    "{\"UserDetailList\":[{\"UserName\":\"h\\u0061na\",\"UserId\":\"AIDA1\",\"Arn\":\"arn:aws:iam::111122223333:user/"
    "hana\",\"UserPolicyList\":[{\"PolicyName\":\"p\",\"PolicyDocument\":" DOCUMENT "}]}],\"IsTruncated\":true}\n"
    "{\"RoleDetailList\":[{\"RoleName\":\"r\",\"RoleId\":\"AROA1\",\"Arn\":\"arn:aws:iam::111122223333:role/r\","
    "\"AssumeRolePolicyDocument\":" DOCUMENT "}],\"IsTruncated\":false}\n";

#define CONFIG_ITEM(type, configuration, supplementary)                                                                \
    "{\"awsRegion\":\"eu-west-1\",\"resourceType\":\"" type "\",\"resourceId\":\"x\",\"configuration\":" configuration \
    ",\"supplementaryConfiguration\":" supplementary "}"

static const char answers[] = "{\"configurationItems\":[" CONFIG_ITEM(
    "AWS::S3::Bucket", "{}",
    "{\"BucketPolicy\":{\"policyText\":\"{}\"},\"BucketVersioningConfiguration\":\"{\\\"status\\\":\\\"Enabled\\\","
    "\\\"isMfaDeleteEnabled\\\":true}\",\"BucketLoggingConfiguration\":{\"destinationBucketName\":\"l\","
    "\"logFilePrefix\":\"p\"},\"PublicAccessBlockConfiguration\":{\"blockPublicAcls\":true},\"AccessControlList\":"
    "{\"grantList\":[{\"grantee\":{\"id\":\"1\"},\"permission\":\"Read\"},{\"grantee\":\"AllUsers\",\"permission\":"
    "\"Write\"}]}}") "," CONFIG_ITEM("AWS::GuardDuty::Detector", "{\"Enable\":true,\"Features\":[]}", "{}") "]}";

/* The answers that come behind Config's own members. */
static struct nz_str answers_of(const struct nz_snapshot *s, const char *type)
{
    const struct nz_items items = nz_snapshot_items(s, nz_str_from_c(type));
    assert_int_equal(items.n, 1);
    const size_t at = nz_str_find(items.p[0].supplementary, NZ_STR("\"Get"));
    return at == SIZE_MAX ? NZ_STR("") : nz_str_skip(items.p[0].supplementary, at);
}

static void what_config_calls_otherwise(void **state)
{
    (void)state;
    struct nz_snapshot *s = read_good(answers);
    is(answers_of(s, "AWS::S3::Bucket"),
       "\"GetBucketPolicy\":{\"Policy\":\"{}\"},\"GetPublicAccessBlock\":{\"PublicAccessBlockConfiguration\":"
       "{\"blockPublicAcls\":true}},\"GetBucketVersioning\":{\"Status\":\"Enabled\",\"MFADelete\":\"Enabled\"},"
       "\"GetBucketLogging\":{\"LoggingEnabled\":{\"TargetBucket\":\"l\",\"TargetPrefix\":\"p\"}},\"GetBucketAcl\":"
       "{\"Grants\":[{\"Grantee\":{\"Type\":\"CanonicalUser\",\"ID\":\"1\"},\"Permission\":\"Read\"},{\"Grantee\":"
       "{\"Type\":\"Group\",\"URI\":\"http://acs.amazonaws.com/groups/global/AllUsers\"},\"Permission\":\"Write\"}]}}");
    is(answers_of(s, "AWS::GuardDuty::Detector"), "\"GetDetector\":{\"Status\":\"ENABLED\",\"Features\":[]}}");
    assert_int_equal(s->regions_count, 1);
    nz_snapshot_free(s);
    /* what is not understood is not told */
    static const char *const others[] = {"{}",
                                         "{\"BucketPolicy\":{\"policyText\":1},\"BucketVersioningConfiguration\":{},"
                                         "\"BucketLoggingConfiguration\":{\"destinationBucketName\":{}},"
                                         "\"PublicAccessBlockConfiguration\":null,\"AccessControlList\":{\"grantList\":"
                                         "[{\"grantee\":\"Somebody\",\"permission\":\"Read\"}]}}",
                                         "{\"AccessControlList\":{\"grantList\":[{\"grantee\":{\"id\":\"1\"}}]}}"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, "{\"configurationItems\":[" CONFIG_ITEM("AWS::S3::Bucket", "{}", "%s") "]}",
                 others[i]);
        s = read_good(text);
        is(answers_of(s, "AWS::S3::Bucket"), "");
        nz_snapshot_free(s);
    }
}

static void what_the_cli_printed(void **state)
{
    (void)state;
    struct nz_snapshot *s = read_good(details);
    struct nz_account *account;
    struct nz_buf text;
    nz_buf_init(&text, 0);
    assert_int_equal(s->items_count, 2);
    is(s->items[1].name, "hana");
    is(s->header.account, "111122223333");
    assert_int_equal(nz_snapshot_listing(s, NZ_STR("AWS::IAM::Group"), NZ_REGION_GLOBAL, NULL), NZ_LISTED);
    assert_int_equal(nz_snapshot_append_account(s, &text), NZ_OK);
    assert_int_equal(nz_account_read(nz_buf_view(&text), &account, NULL), NZ_OK);
    assert_int_equal(account->principals_count, 2);
    assert_int_equal(account->unread_count, 0);
    assert_non_null(account->principals[0].grants[0].document->policy);
    nz_account_free(account);
    nz_buf_release(&text);
    nz_snapshot_free(s);
}

static void policies_of_aws_that_nothing_uses_are_left_out(void **state)
{
    (void)state;
    struct nz_snapshot *s = read_good(
        "{\"Policies\":[{\"PolicyName\":\"a\",\"Arn\":\"arn:aws:iam::aws:policy/a\",\"AttachmentCount\":0,"
        "\"PermissionsBoundaryUsageCount\":0},{\"PolicyName\":\"b\",\"Arn\":\"arn:aws:iam::aws:policy/b\","
        "\"AttachmentCount\":0,\"PermissionsBoundaryUsageCount\":1},{\"PolicyName\":\"c\",\"Arn\":"
        "\"arn:aws:iam::111122223333:policy/c\",\"AttachmentCount\":0,\"PermissionsBoundaryUsageCount\":0},"
        "{\"PolicyName\":\"d\",\"Arn\":\"arn:aws:iam::aws:policy/d\",\"AttachmentCount\":2}],\"IsTruncated\":false}");
    struct nz_items policies = nz_snapshot_items(s, NZ_STR("AWS::IAM::Policy"));
    assert_int_equal(policies.n, 3);
    is(policies.p[0].name, "c");
    is(policies.p[1].name, "b");
    is(policies.p[2].name, "d");
    nz_snapshot_free(s);
}

static void pages_that_are_missing_are_said(void **state)
{
    (void)state;
    struct nz_snapshot *s = read_good("[{\"UserDetailList\":[],\"IsTruncated\":true}]");
    struct nz_buf text;
    const struct nz_unread *why;
    nz_buf_init(&text, 0);
    assert_int_equal(nz_snapshot_listing(s, NZ_STR("AWS::IAM::User"), NZ_REGION_GLOBAL, &why), NZ_UNREAD);
    assert_int_equal(nz_snapshot_append_account(s, &text), NZ_OK);
    assert_int_not_equal(nz_str_find(nz_buf_view(&text), NZ_STR("\"IsTruncated\":true")), SIZE_MAX);
    nz_buf_release(&text);
    nz_snapshot_free(s);
}

static void what_is_no_snapshot(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{}", "[]", "hello", "{\"Records\":[]}", "[[[", "\xef\xbb\xbf 3"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct nz_snapshot *s;
        struct memory m = {.rest = nz_str_from_c(texts[i])};
        assert_int_equal(read_memory(&m, &s, NULL), NZ_E_SNAPSHOT_SHAPE);
    }
}

/* --- memory --- */

static void each_allocation_in_turn(const char *from)
{
    for (unsigned nth = 0;; nth++) {
        struct memory m = {.rest = nz_str_from_c(from), .piece = 500};
        struct nz_snapshot *s = NULL;
        struct nz_buf file, text;
        long before = nz_live_allocations();
        nz_buf_init(&file, 0);
        nz_buf_init(&text, 0);
        nz_fault_arm(nth);
        enum nz_err err = read_memory(&m, &s, NULL);
        if (err == NZ_OK)
            err = nz_snapshot_write(s, gather, &file);
        if (err == NZ_OK)
            err = nz_snapshot_append_account(s, &text);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_snapshot_free(s);
        nz_buf_release(&file);
        nz_buf_release(&text);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired) {
            assert_int_equal(err, NZ_OK);
            assert_true(nth > 10);
            return;
        }
        assert_int_equal(err, NZ_E_NOMEM);
    }
}

static void memory_runs_out(void **state)
{
    (void)state;
    each_allocation_in_turn(whole);
    each_allocation_in_turn(details);
    each_allocation_in_turn(delivered);
    each_allocation_in_turn(answers);
}

/* --- differences; what they are is tried on the command line --- */

static enum nz_err count_change(void *self, const struct nz_item_change *change)
{
    ((size_t *)self)[change->change] += change->change == NZ_CHANGE_CHANGED ? change->fields_count : 1;
    return NZ_OK;
}

static enum nz_err count_gap(void *self, const struct nz_gap *gap)
{
    (void)gap;
    ((size_t *)self)[3]++;
    return NZ_OK;
}

static void memory_runs_out_of_a_diff(void **state)
{
    (void)state;
    static const struct nz_diff_ops ops = {count_change, count_gap};
    struct nz_snapshot *a = read_good(whole);
    struct nz_snapshot *b = read_good(HEADER COLLECTED("cloudtrail", "DescribeTrails", "us-east-1", "1") ITEM(
        "AWS::CloudTrail::Trail", "us-east-1", "arn:t", "main", "{\"Name\":\"other\",\"L\":[{\"Key\":\"x\"}]}")
                                          REGION("us-east-1", "open") END("2", "1", "0"));
    for (unsigned nth = 0;; nth++) {
        size_t counts[4] = {0};
        long before = nz_live_allocations();
        nz_fault_arm(nth);
        enum nz_err err = nz_snapshot_diff(a, b, false, &ops, counts);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(nz_live_allocations(), before);
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        if (fired)
            continue;
        assert_int_equal(counts[NZ_CHANGE_ADDED], 0);
        assert_int_equal(counts[NZ_CHANGE_REMOVED], 1); /* a region */
        assert_int_equal(counts[NZ_CHANGE_CHANGED], 3); /* Name, S3BucketName, L */
        assert_int_equal(counts[3], 1);                 /* users */
        break;
    }
    nz_snapshot_free(a);
    nz_snapshot_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_not_there_not_read),
        cmocka_unit_test(a_member_is_found_by_either_first_letter),
        cmocka_unit_test(a_document_has_three_forms),
        cmocka_unit_test(what_is_read_is_written_the_same),
        cmocka_unit_test(a_sink_that_fails_ends_the_writing),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(what_is_broken_is_told_and_the_rest_is_read),
        cmocka_unit_test(a_broken_file_keeps_what_stood_before),
        cmocka_unit_test(problems_are_counted_and_not_all_told),
        cmocka_unit_test(a_line_beyond_the_limit_is_passed_over),
        cmocka_unit_test(what_stands_twice_counts_once),
        cmocka_unit_test(what_config_delivered),
        cmocka_unit_test(what_config_calls_otherwise),
        cmocka_unit_test(a_type_that_config_recorded_counts_as_collected),
        cmocka_unit_test(what_the_cli_printed),
        cmocka_unit_test(policies_of_aws_that_nothing_uses_are_left_out),
        cmocka_unit_test(pages_that_are_missing_are_said),
        cmocka_unit_test(what_is_no_snapshot),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(memory_runs_out_of_a_diff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
