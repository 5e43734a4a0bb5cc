/* The findings of audit: exceptions, fingerprints, JSON. */
#include "core/err.h"
#include "findings/exceptions.h"
#include "findings/finding.h"
#include "findings/report_groups.h"
#include "findings/report_since.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* after the headers it needs */
#include <cmocka.h>

#define OWNED "  owner: hanako@example.jp\n  reason: no fixed address\n  expires: 2027-03-31\n"

struct told {
    unsigned count;
    char text[1024]; /* "LINE: text\n" for each */
};

static void on_problem(void *self, const struct nz_diag *diag)
{
    struct told *told = self;
    size_t at = strlen(told->text);
    told->count++;
    snprintf(told->text + at, sizeof told->text - at, "%u: %s\n", diag->line, diag->text);
}

static nz_time at(const char *text)
{
    nz_time t = {0};
    assert_true(nz_time_parse(nz_str_from_c(text), &t));
    return t;
}

static void test_exceptions_hold_until_they_expire(void **state)
{
    (void)state;
    struct nz_arena keep;
    struct nz_exceptions x;
    struct told told = {0};
    nz_arena_init(&keep, 0);
    const struct nz_str text = NZ_STR("- check: iam-user-*\n  resource: arn:aws:iam::*:user/ci-?\n" OWNED
                                      "- rule: root_used\n  actor: arn:*:root\n" OWNED);
    assert_int_equal(nz_exceptions_read(&keep, text, on_problem, &told, &x), NZ_OK);
    assert_int_equal(x.count, 2);
    const struct nz_str check = NZ_STR("iam-user-source-ip"), user = NZ_STR("arn:aws:iam::1:user/ci-1");
    const struct nz_str global = NZ_STR("global"), none = {0};
    const nz_time before = at("2027-03-31T23:59:59Z"), after = at("2027-04-01T00:00:00Z");
    assert_ptr_equal(nz_exception_for_check(&x, check, user, global, before), &x.list[0]);
    assert_null(nz_exception_for_check(&x, check, user, global, after));
    assert_null(nz_exception_for_check(&x, NZ_STR("iam-root-use"), user, global, before));
    assert_null(nz_exception_for_check(&x, check, NZ_STR("arn:aws:iam::1:user/ci-12"), global, before));
    const struct nz_str id = NZ_STR("5f0a"), name = NZ_STR("root_used"), root = NZ_STR("arn:aws:iam::1:root");
    assert_ptr_equal(nz_exception_for_rule(&x, id, name, root, none, before), &x.list[1]);
    assert_null(nz_exception_for_rule(&x, id, name, none, none, before));
    assert_null(nz_exception_for_rule(&x, id, none, root, none, before));
    assert_null(nz_exception_for_rule(&x, id, name, root, none, after));
    nz_arena_release(&keep);
}

static void test_exceptions_say_all_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
        size_t good;
    } rows[] = {
        {"", "", 0},
        {"exceptions:\n", "", 0},
        {"exceptions:\n- check: a\n" OWNED, "", 1},
        {"- check: a\n- check: b\n" OWNED, "1: owner: is required\n1: reason: is required\n1: expires: is required\n",
         1},
        {"- owner: a\n  reason: b\n  expires: 2027-03-31\n", "1: needs either check or rule\n", 0},
        {"- check: a\n  rule: b\n" OWNED, "1: needs either check or rule\n", 0},
        {"- check: a\n  actor: b\n" OWNED, "1: actor: goes with rule; findings of checks have a resource\n", 0},
        {"- rule: a\n  resource: b\n" OWNED, "1: resource: goes with check; findings of rules have an actor\n", 0},
        {"- chekc: a\n" OWNED, "1: unknown key 'chekc'; did you mean 'check'?\n", 0},
        {"- check: a\n  owner: ''\n  reason: x\n  expires: never\n",
         "2: owner: needs a text\n4: expires: needs a day or a time, such as 2027-03-31\n", 0},
        {"- a\n", "1: an exception is a mapping with check or rule, owner, reason and expires\n", 0},
        {"check: a\nowner: b\n", "1: the file is a list of exceptions\n", 0},
        {"other: []\n", "1: the file is a list of exceptions\n", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nz_arena keep;
        struct nz_exceptions x;
        struct told told = {0};
        nz_arena_init(&keep, 0);
        enum nz_err err = nz_exceptions_read(&keep, nz_str_from_c(rows[i].text), on_problem, &told, &x);
        assert_string_equal(told.text, rows[i].said);
        assert_int_equal(err, *rows[i].said ? NZ_E_EXCEPTION : NZ_OK);
        assert_int_equal(x.count, rows[i].good);
        nz_arena_release(&keep);
    }
}

static void test_exceptions_with_each_allocation_failing(void **state)
{
    (void)state;
    const struct nz_str text = NZ_STR("- check: a\n  resource: b\n  region: c\n" OWNED);
    for (unsigned nth = 0;; nth++) {
        struct nz_arena keep;
        struct nz_exceptions x;
        struct told told = {0};
        const long before = nz_live_allocations();
        nz_arena_init(&keep, 0);
        nz_fault_arm(nth);
        enum nz_err err = nz_exceptions_read(&keep, text, on_problem, &told, &x);
        const bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_arena_release(&keep);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
        assert_true(nth < 1000);
    }
}

static const struct nz_check_about about = {
    .id = "iam-root-mfa", .part = NZ_PART_ROOT, .severity = NZ_SEVERITY_CRITICAL, .title = "t", .remedy = "r"};

static void test_fingerprint_names_the_finding(void **state)
{
    (void)state;
    struct nz_finding f = {.check = &about, .resource = NZ_STR("arn"), .region = NZ_STR("global")};
    char one[NZ_FINGERPRINT_CHARS + 1], two[NZ_FINGERPRINT_CHARS + 1];
    assert_int_equal(nz_finding_fingerprint(NZ_STR("111122223333"), &f, one), NZ_OK);
    /* each with its length before it, by Python's hashlib */
    assert_string_equal(one, "14a73b0b19fcd4408423bb169367d84c");
    f.status = NZ_STATUS_FAIL; /* what was said of it does not matter */
    assert_int_equal(nz_finding_fingerprint(NZ_STR("111122223333"), &f, two), NZ_OK);
    assert_string_equal(one, two);
    f.resource = NZ_STR("ar");
    f.region = NZ_STR("nglobal");
    assert_int_equal(nz_finding_fingerprint(NZ_STR("111122223333"), &f, two), NZ_OK);
    assert_string_not_equal(one, two);
}

static void on_text(void *self, struct nz_str text)
{
    nz_buf_append(self, text);
}

static void test_json_is_the_contract(void **state)
{
    (void)state;
    struct nz_evidence evidence = {NZ_STR("iam:GetAccountSummary"), NZ_STR("AccountMFAEnabled"), NZ_STR("0")};
    const struct nz_finding f = {.check = &about,
                                 .status = NZ_STATUS_NOT_APPLICABLE,
                                 .severity = NZ_SEVERITY_LOW,
                                 .resource = NZ_STR("a\"b"),
                                 .region = NZ_STR("global"),
                                 .reason = NZ_STR("why"),
                                 .remediation = NZ_STR("how"),
                                 .evidence = &evidence,
                                 .evidence_count = 1};
    const struct nz_finding *list[] = {&f};
    const struct nz_unread_part unread = {.service = NZ_STR("iam"),
                                          .operation = NZ_STR("ListVirtualMFADevices"),
                                          .error = NZ_STR("AccessDenied"),
                                          .message = NZ_STR("\033[31m")};
    struct nz_report report = {.account = NZ_STR("111122223333"),
                               .generated_at = at("2026-11-25T10:00:00Z"),
                               .findings = list,
                               .findings_count = 1,
                               .unread = &unread,
                               .unread_count = 1};
    struct nz_buf out;
    nz_buf_init(&out, 0);
    assert_int_equal(nz_report_write_json(&report, on_text, &out), NZ_OK);
    nz_buf_append_char(&out, '\0');
    assert_string_equal(
        out.p, "{\"account\":\"111122223333\",\"generated_at\":\"2026-11-25T10:00:00Z\",\"findings\":[\n"
               "{\"check\":\"iam-root-mfa\",\"status\":\"not-applicable\",\"severity\":\"low\",\"resource\":\"a\\\"b\","
               "\"region\":\"global\",\"reason\":\"why\",\"evidence\":[{\"item\":\"iam:GetAccountSummary\","
               "\"field\":\"AccountMFAEnabled\",\"value\":\"0\"}],\"remediation\":\"how\"}],\"unread\":[\n"
               "{\"service\":\"iam\",\"operation\":\"ListVirtualMFADevices\",\"region\":\"\",\"resource\":\"\","
               "\"error\":\"AccessDenied\",\"action\":\"\",\"message\":\"\\u001b[31m\"}]}\n");
    nz_buf_release(&out);
}

static const struct nz_check_about mfa = {
    .id = "iam-user-mfa", .part = NZ_PART_USERS, .severity = NZ_SEVERITY_MEDIUM, .title = "t", .remedy = "r"};

#define FINDING(check_, status_, resource_)                                                                            \
    {                                                                                                                  \
        .check = (check_), .status = (status_), .severity = (check_)->severity, .resource = NZ_STR(resource_),         \
        .region = NZ_STR("global")                                                                                     \
    }

static void test_groups_are_worst_first_and_scored(void **state)
{
    (void)state;
    const struct nz_finding f[] = {FINDING(&about, NZ_STATUS_PASS, "root"), FINDING(&mfa, NZ_STATUS_PASS, "a"),
                                   FINDING(&mfa, NZ_STATUS_FAIL, "b"), FINDING(&mfa, NZ_STATUS_UNKNOWN, "c"),
                                   FINDING(&mfa, NZ_STATUS_FAIL, "d")};
    const struct nz_finding *list[] = {&f[0], &f[1], &f[2], &f[3], &f[4]};
    const struct nz_report report = {.findings = list, .findings_count = 5};
    for (unsigned nth = 0;; nth++) {
        struct nz_arena keep;
        struct nz_report_groups groups;
        const struct nz_report_group *first[2];
        nz_arena_init(&keep, 0);
        nz_fault_arm(nth);
        const enum nz_err err = nz_report_group(&keep, &report, &groups);
        const bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        if (!fired) {
            assert_int_equal(groups.count, 4);
            assert_int_equal(groups.list[1].status, NZ_STATUS_FAIL);
            assert_int_equal(groups.list[1].count, 2);
            assert_ptr_equal(groups.list[1].findings[1], &f[4]);
            assert_int_equal(groups.list[2].status, NZ_STATUS_UNKNOWN);
            assert_int_equal(groups.scores[NZ_PART_ROOT].passed, 1);
            assert_int_equal(groups.scores[NZ_PART_USERS].passed, 0);
            assert_int_equal(groups.scores[NZ_PART_USERS].checks, 1);
            assert_int_equal(nz_report_first(&groups, first, 2), 1);
        }
        nz_arena_release(&keep);
        if (!fired)
            break;
    }
}

static void test_since_shows_new_solved_and_gone(void **state)
{
    (void)state;
    const struct nz_finding was[] = {FINDING(&about, NZ_STATUS_FAIL, "root"), FINDING(&mfa, NZ_STATUS_FAIL, "a"),
                                     FINDING(&mfa, NZ_STATUS_FAIL, "b"), FINDING(&mfa, NZ_STATUS_PASS, "d")};
    const struct nz_finding is[] = {FINDING(&about, NZ_STATUS_PASS, "root"), FINDING(&mfa, NZ_STATUS_FAIL, "a"),
                                    FINDING(&mfa, NZ_STATUS_FAIL, "c"), FINDING(&mfa, NZ_STATUS_NOT_APPLICABLE, "d")};
    const struct nz_finding *older[] = {&was[0], &was[1], &was[2], &was[3]};
    const struct nz_finding *newer[] = {&is[0], &is[1], &is[2], &is[3]};
    const struct nz_report before = {.findings = older, .findings_count = 4};
    const struct nz_report now = {.findings = newer, .findings_count = 4};
    for (unsigned nth = 0;; nth++) {
        struct nz_report_since since;
        const long allocations = nz_live_allocations();
        nz_fault_arm(nth);
        const enum nz_err err = nz_report_since(&before, &now, NULL, &since);
        const bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        if (!fired) {
            assert_int_equal(since.report.findings_count, 3);
            assert_ptr_equal(since.report.findings[0], &is[0]);                           /* solved */
            assert_int_equal(since.report.findings[1]->status, NZ_STATUS_NOT_APPLICABLE); /* b is gone */
            assert_ptr_equal(since.report.findings[2], &is[2]);                           /* new */
        }
        nz_report_since_release(&since);
        assert_int_equal(nz_live_allocations(), allocations);
        if (!fired)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exceptions_hold_until_they_expire),
        cmocka_unit_test(test_exceptions_say_all_mistakes),
        cmocka_unit_test(test_exceptions_with_each_allocation_failing),
        cmocka_unit_test(test_fingerprint_names_the_finding),
        cmocka_unit_test(test_json_is_the_contract),
        cmocka_unit_test(test_groups_are_worst_first_and_scored),
        cmocka_unit_test(test_since_shows_new_solved_and_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
