/* The audit as a whole: what a run gives for a snapshot, with each allocation failing too. The checks themselves are tried
 * case by case in tests/cases/audit. */
#include "audit/activity.h"
#include "audit/audit.h"
#include "audit/check.h"
#include "inventory/snapshot_builder.h"

#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct nz_str account = {"111122223333", 12}, root = {"arn:aws:iam::111122223333:root", 30};

static const struct nz_audit_settings settings = {.password_length = 14,
                                                  .password_age_days = 90,
                                                  .password_reuse = 24,
                                                  .root_use_days = 90,
                                                  .unused_days = 45,
                                                  .key_age_days = 90};

static enum nz_err item_add(struct nz_snapshot_builder *b, const char *type, const char *configuration)
{
    const struct nz_item item = {.type = nz_str_from_c(type),
                                 .region = NZ_REGION_GLOBAL,
                                 .arn = root,
                                 .id = account,
                                 .name = NZ_STR(""),
                                 .account = account,
                                 .capture_time = NZ_STR(""),
                                 .status = NZ_STR("OK"),
                                 .configuration = nz_str_from_c(configuration),
                                 .supplementary = NZ_STR("{}")};
    return nz_snapshot_add_item(b, &item);
}

/* A root user without MFA, and a password policy that nobody was allowed to read. */
static enum nz_err snapshot_fill(struct nz_snapshot_builder *b)
{
    const struct nz_snapshot_header header = {.tool = NZ_STR("test"),
                                              .account = account,
                                              .partition = NZ_STR("aws"),
                                              .captured_at = NZ_STR("2026-11-25T10:00:00Z"),
                                              .caller_region = NZ_STR("us-east-1"),
                                              .version = 1};
    const struct nz_unread unread = {.service = NZ_STR("iam"),
                                     .operation = NZ_STR("GetAccountPasswordPolicy"),
                                     .region = NZ_REGION_GLOBAL,
                                     .resource = NZ_STR(""),
                                     .error = NZ_STR("AccessDenied"),
                                     .action = NZ_STR("iam:GetAccountPasswordPolicy"),
                                     .message = NZ_STR("no")};
    enum nz_err err = nz_snapshot_set_header(b, &header);
    if (err == NZ_OK)
        err = nz_snapshot_add_unread(b, &unread);
    if (err == NZ_OK)
        err = item_add(b, "Nezuban::IAM::AccountSummary",
                       "{\"SummaryMap\":{\"AccountMFAEnabled\":0,\"AccountPasswordPresent\":1}}");
    return err;
}

static struct nz_snapshot *snapshot_make(void)
{
    struct nz_snapshot_builder *b;
    struct nz_snapshot *s;
    assert_int_equal(nz_snapshot_builder_new(&b), NZ_OK);
    assert_int_equal(snapshot_fill(b), NZ_OK);
    assert_int_equal(nz_snapshot_finish(b, &s, NULL), NZ_OK);
    nz_snapshot_builder_free(b);
    return s;
}

static const struct nz_finding *finding_of(const struct nz_report *report, const char *check)
{
    for (size_t i = 0; i < report->findings_count; i++) {
        if (strcmp(report->findings[i]->check->id, check) == 0)
            return report->findings[i];
    }
    return NULL;
}

#define assert_str(have, want) assert_true(nz_str_eq((have), nz_str_from_c(want)))

static void test_what_is_wrong_and_what_is_not_known(void **state)
{
    (void)state;
    struct nz_snapshot *snapshot = snapshot_make();
    const struct nz_audit_input input = {.snapshot = snapshot, .settings = &settings};
    struct nz_audit *a;
    assert_int_equal(nz_audit_run(&input, &a, NULL), NZ_OK);
    const struct nz_report *report = nz_audit_report(a);
    const struct nz_finding *f = finding_of(report, "iam-root-mfa");
    assert_int_equal(f->status, NZ_STATUS_FAIL);
    assert_str(f->resource, "arn:aws:iam::111122223333:root");
    assert_str(f->region, "global");
    assert_int_equal(f->evidence_count, 3);
    assert_str(f->evidence[0].field, "configuration.SummaryMap.AccountMFAEnabled");
    assert_str(f->evidence[0].value, "0");
    assert_str(f->evidence[2].value, "absent");
    f = finding_of(report, "iam-password-length");
    assert_int_equal(f->status, NZ_STATUS_UNKNOWN);
    assert_str(f->reason, "iam:GetAccountPasswordPolicy was not answered: AccessDenied");
    assert_true(nz_str_find(f->remediation, NZ_STR("Allow iam:GetAccountPasswordPolicy ")) == 0);
    assert_int_equal(report->unread_count, 1);
    nz_audit_free(a);
    nz_snapshot_free(snapshot);
}

static void ignore(void *self, const struct nz_diag *diag)
{
    (void)self;
    (void)diag;
}

static void test_an_exception_takes_out_and_is_told(void **state)
{
    (void)state;
    struct nz_snapshot *snapshot = snapshot_make();
    struct nz_arena keep;
    struct nz_exceptions x;
    nz_arena_init(&keep, 0);
    assert_int_equal(nz_exceptions_read(&keep,
                                        NZ_STR("- {check: iam-root-mf?, owner: a, reason: b, expires: 2026-11-25}\n"
                                               "- {check: '*', owner: a, reason: b, expires: 2026-11-24}\n"),
                                        ignore, NULL, &x),
                     NZ_OK);
    const struct nz_audit_input input = {.snapshot = snapshot, .settings = &settings, .exceptions = &x};
    struct nz_audit *a;
    assert_int_equal(nz_audit_run(&input, &a, NULL), NZ_OK);
    const struct nz_report *report = nz_audit_report(a);
    assert_null(finding_of(report, "iam-root-mfa"));
    assert_non_null(finding_of(report, "iam-password-length")); /* what is not known stays */
    assert_int_equal(report->hidden_count, 1);
    assert_string_equal(report->hidden[0].finding->check->id, "iam-root-mfa");
    assert_ptr_equal(report->hidden[0].by, &x.list[0]);
    nz_audit_free(a);
    nz_snapshot_free(snapshot);
    nz_arena_release(&keep);
}

/* Two users who may do something, and one who may not. */
static enum nz_err users_fill(struct nz_snapshot_builder *b)
{
    enum nz_err err = snapshot_fill(b);
    for (unsigned i = 0; i < 3 && err == NZ_OK; i++) {
        char arn[64], configuration[512];
        snprintf(arn, sizeof arn, "arn:aws:iam::111122223333:user/u%u", i);
        snprintf(
            configuration, sizeof configuration,
            "{\"UserName\":\"u%u\",\"UserId\":\"AIDA%u\",\"Arn\":\"%s\",\"Path\":\"/\",\"GroupList\":[],"
            "\"AttachedManagedPolicies\":[],\"Tags\":[],\"UserPolicyList\":[{\"PolicyName\":\"p\",\"PolicyDocument\":{"
            "\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"%s\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}}]}",
            i, i, arn, i == 2 ? "Deny" : "Allow");
        const struct nz_item item = {.type = NZ_STR("AWS::IAM::User"),
                                     .region = NZ_REGION_GLOBAL,
                                     .arn = nz_str_from_c(arn),
                                     .id = nz_str_from_c(arn),
                                     .name = nz_str_from_c(arn),
                                     .account = account,
                                     .capture_time = NZ_STR(""),
                                     .status = NZ_STR("OK"),
                                     .configuration = nz_str_from_c(configuration),
                                     .supplementary = NZ_STR("{}")};
        err = nz_snapshot_add_item(b, &item);
    }
    return err;
}

static void append(void *self, struct nz_str text)
{
    nz_buf_append(self, text);
}

/* The proofs are made in a thread of their own then. */
static void test_several_threads_say_the_same(void **state)
{
    (void)state;
    struct nz_snapshot_builder *b;
    struct nz_snapshot *snapshot;
    struct nz_buf reports[2];
    assert_int_equal(nz_snapshot_builder_new(&b), NZ_OK);
    assert_int_equal(users_fill(b), NZ_OK);
    assert_int_equal(nz_snapshot_finish(b, &snapshot, NULL), NZ_OK);
    nz_snapshot_builder_free(b);
    for (unsigned i = 0; i < 2; i++) {
        const struct nz_audit_input input = {.snapshot = snapshot, .settings = &settings, .jobs = 1 + 2 * i};
        struct nz_audit *a;
        assert_int_equal(nz_audit_run(&input, &a, NULL), NZ_OK);
        assert_int_equal(finding_of(nz_audit_report(a), "iam-user-mfa-enforced")->status,
                         NZ_STATUS_UNKNOWN); /* of the account */
        nz_buf_init(&reports[i], 0);
        assert_int_equal(nz_report_write_json(nz_audit_report(a), append, &reports[i]), NZ_OK);
        nz_audit_free(a);
    }
    assert_true(nz_str_eq(nz_buf_view(&reports[0]), nz_buf_view(&reports[1])));
    assert_true(nz_str_find(nz_buf_view(&reports[0]), NZ_STR("the user can do everything without MFA")) != SIZE_MAX);
    nz_buf_release(&reports[0]);
    nz_buf_release(&reports[1]);
    nz_snapshot_free(snapshot);
}

static void test_each_allocation_failing(void **state)
{
    (void)state;
    struct nz_snapshot *snapshot = snapshot_make();
    const struct nz_audit_input input = {.snapshot = snapshot, .settings = &settings};
    for (unsigned nth = 0;; nth++) {
        struct nz_audit *a = NULL;
        const long before = nz_live_allocations();
        nz_fault_arm(nth);
        const enum nz_err err = nz_audit_run(&input, &a, NULL);
        const bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_audit_free(a);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
        assert_true(nth < 10000);
    }
    nz_snapshot_free(snapshot);
}

static void test_each_check_says_all_that_a_report_needs(void **state)
{
    (void)state;
    assert_non_null(nz_checks[0]);
    for (size_t i = 0; nz_checks[i]; i++) {
        const struct nz_check_about *about = &nz_checks[i]->about;
        assert_true(about->id && about->title && about->remedy && nz_checks[i]->run);
        assert_ptr_equal(nz_check_find(nz_str_from_c(about->id)), nz_checks[i]); /* no id stands twice */
    }
    assert_null(nz_check_find(NZ_STR("iam-root-mf")));
}

/* --- what events say --- */

#define EVENT(arn, at, ip, agent, session)                                                                             \
    "{\"userIdentity\":{\"type\":\"IAMUser\",\"arn\":\"" arn                                                           \
    "\",\"accessKeyId\":\"ASIA\",\"sessionContext\":{\"attributes\":"                                                  \
    "{\"creationDate\":\"" session "\"}}},\"eventTime\":\"" at                                                         \
    "\",\"eventName\":\"DescribeInstances\",\"sourceIPAddress\":\"" ip "\",\"userAgent\":\"Mozilla/5.0 (" agent        \
    ")\",\"sessionCredentialFromConsole\":\"true\"}"

static const char *const two_people[] = {
    EVENT("arn:aws:iam::1:user/a", "2026-11-20T09:00:00Z", "192.0.2.1", "Windows NT 10.0", "2026-11-20T08:00:00Z"),
    EVENT("arn:aws:iam::1:user/a", "2026-11-20T09:01:00Z", "203.0.113.1", "Macintosh", "2026-11-20T08:30:00Z"),
    EVENT("arn:aws:iam::1:user/a", "2026-11-20T09:02:00Z", "192.0.2.1", "Windows NT 10.0", "2026-11-20T08:00:00Z"),
    EVENT("arn:aws:iam::1:user/b", "2026-11-22T09:02:00Z", "192.0.2.1", "Windows NT 10.0", "2026-11-22T08:00:00Z"),
    "{\"userIdentity\":{\"type\":\"Root\",\"arn\":\"arn:aws:iam::1:root\",\"accessKeyId\":\"AKIAROOT\"},\"eventTime\":"
    "\"2026-11-21T09:00:00Z\",\"eventName\":\"GetUser\",\"sourceIPAddress\":\"192.0.2.1\"}",
};

/* One event into the sums. */
static enum nz_err event_add(struct nz_activity *activity, const char *text)
{
    struct nz_json_doc doc;
    struct nz_json root_object;
    struct nz_event ev;
    struct nz_buf scratch, payload;
    struct nz_activity_window window = {.events = 0};
    nz_json_doc_init(&doc);
    nz_buf_init(&scratch, 0);
    nz_buf_init(&payload, 0);
    enum nz_err err = nz_json_parse(&doc, nz_str_from_c(text), &root_object, NULL);
    if (err == NZ_OK) {
        nz_event_from_json(root_object, &ev);
        nz_activity_window_add(&window, &ev);
        err = nz_activity_look(&ev, &scratch, &payload);
    }
    if (err == NZ_OK && payload.n)
        err = nz_activity_take(activity, nz_buf_view(&payload));
    nz_activity_window_merge(activity, &window);
    nz_json_doc_release(&doc);
    nz_buf_release(&scratch);
    nz_buf_release(&payload);
    return err;
}

static bool is_of(const char *text, const char *of)
{
    struct nz_json_doc doc;
    struct nz_json record;
    struct nz_event ev;
    nz_json_doc_init(&doc);
    assert_int_equal(nz_json_parse(&doc, nz_str_from_c(text), &record, NULL), NZ_OK);
    nz_event_from_json(record, &ev);
    const bool is = nz_activity_is_of(&ev, nz_str_from_c(of));
    nz_json_doc_release(&doc);
    return is;
}

static void test_an_event_stands_in_the_log_of_an_account(void **state)
{
    (void)state;
    assert_true(is_of("{\"recipientAccountId\":\"1\",\"userIdentity\":{\"accountId\":\"2\"}}", "1"));
    assert_false(is_of("{\"recipientAccountId\":\"1\",\"userIdentity\":{\"accountId\":\"2\"}}", "2"));
    assert_true(is_of("{\"userIdentity\":{\"accountId\":\"2\"}}", "2"));
    assert_false(is_of("{\"userIdentity\":{\"type\":\"Root\"}}", "2"));
    assert_true(is_of("{\"recipientAccountId\":\"1\"}", ""));
}

static enum nz_err events_add(struct nz_activity *activity)
{
    enum nz_err err = NZ_OK;
    nz_activity_init(activity);
    for (size_t i = 0; i < sizeof two_people / sizeof two_people[0] && err == NZ_OK; i++)
        err = event_add(activity, two_people[i]);
    return err;
}

static void test_events_tell_two_people_from_one(void **state)
{
    (void)state;
    struct nz_activity activity;
    assert_int_equal(events_add(&activity), NZ_OK);
    assert_int_equal(activity.events, 5);
    assert_int_equal(nz_activity_days(&activity), 3); /* from the 20th to the 22nd */
    assert_int_equal(activity.root.calls, 1);
    assert_true(activity.root.by_key);
    const struct nz_user_activity *a = nz_activity_of(&activity, NZ_STR("arn:aws:iam::1:user/a"));
    struct nz_signs signs = nz_activity_signs(a, NZ_STR("a"));
    assert_int_equal(signs.found, 1u << NZ_SIGN_SESSIONS);
    assert_int_equal(signs.score, 3);
    signs = nz_activity_signs(nz_activity_of(&activity, NZ_STR("arn:aws:iam::1:user/b")), NZ_STR("b"));
    assert_int_equal(signs.found, 0);
    assert_null(nz_activity_of(&activity, NZ_STR("arn:aws:iam::1:user/c")));
    assert_int_equal(nz_activity_signs(NULL, NZ_STR("dev-team2")).found, 1u << NZ_SIGN_NAME);
    assert_int_equal(nz_activity_signs(NULL, NZ_STR("devon.teams")).found, 0);
    nz_activity_release(&activity);
}

static void test_events_with_each_allocation_failing(void **state)
{
    (void)state;
    for (unsigned nth = 0;; nth++) {
        struct nz_activity activity;
        const long before = nz_live_allocations();
        nz_fault_arm(nth);
        const enum nz_err err = events_add(&activity);
        const bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_activity_release(&activity);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
        assert_true(nth < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_wrong_and_what_is_not_known),
        cmocka_unit_test(test_an_exception_takes_out_and_is_told),
        cmocka_unit_test(test_several_threads_say_the_same),
        cmocka_unit_test(test_each_allocation_failing),
        cmocka_unit_test(test_an_event_stands_in_the_log_of_an_account),
        cmocka_unit_test(test_events_tell_two_people_from_one),
        cmocka_unit_test(test_events_with_each_allocation_failing),
        cmocka_unit_test(test_each_check_says_all_that_a_report_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
