/* What the linter says of valid rules, and what it must not say. */
#include "sigma/lint.h"

#include "support/faults.h"
#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void on_lint(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    struct nz_buf *out = self;
    assert_true(warning);
    assert_true(nz_str_eq(path, NZ_STR("a.yml")));
    nz_buf_printf(out, "%s %u:%u %s\n", nz_err_name(diag->code), diag->line, diag->column, diag->text);
}

static enum nz_err lint(const char *detection, struct nz_buf *out)
{
    char yaml[2048];
    struct nz_ruleset_opts opts = {0};
    struct nz_ruleset *rs;
    size_t count = 0;
    snprintf(yaml, sizeof yaml, "title: t\nlogsource: {product: aws}\ndetection:\n%s", detection);
    enum nz_err err = nz_ruleset_new(&opts, NULL, NULL, &rs);
    if (err)
        return err;
    err = nz_ruleset_add(rs, NZ_STR("a.yml"), nz_str_from_c(yaml));
    if (!err)
        err = nz_ruleset_compile(rs);
    if (!err) {
        assert_int_equal(nz_ruleset_count(rs), 1);
        err = nz_ruleset_lint(rs, on_lint, out, &count);
    }
    nz_ruleset_free(rs);
    return err;
}

#define NEVER "NZ_E_LINT_NEVER 1:1 't': the whole condition\n"
#define BOTH " cannot be what is asked for here and what is asked for before\n"

/* The detection starts in line 4. */
static const struct {
    const char *detection, *expect;
} rows[] = {
    {"  s: {eventName: A, userIdentity.arn|contains: x, requestParameters.any.thing: y}\n  condition: s\n", ""},
    {"  s: {eventName: A, status: success}\n  condition: s\n", "NZ_E_LINT_FIELD 4:21 'status'\n" NEVER},
    {"  s: {eventName: A, status: null}\n  condition: s\n", "NZ_E_LINT_FIELD 4:21 'status'\n"},
    {"  s: {eventName: A}\n  f: {status: x}\n  condition: s and not f\n", "NZ_E_LINT_FIELD 5:7 'status'\n"},
    {"  s: {eventname: A}\n  condition: s\n", "NZ_E_LINT_FIELD 4:7 'eventname'; case matters: 'eventName'\n" NEVER},
    {"  s: {userIdentity.ARN: A}\n  condition: s\n",
     "NZ_E_LINT_FIELD 4:7 'userIdentity.ARN'; case matters: 'userIdentity.arn'\n" NEVER},
    {"  s: {userIdentity.sessionContext.attributes.mfaAuthenticated: 'true'}\n  condition: s\n", ""},
    {"  s: {userIdentity.sessionContext|exists: true}\n  condition: s\n", ""},
    {"  s: {userIdentity.sessionContext.issuer: x}\n  condition: s\n",
     "NZ_E_LINT_FIELD 4:7 'userIdentity.sessionContext.issuer'\n" NEVER},
    {"  s: {eventName.x: y}\n  condition: s\n", "NZ_E_LINT_FIELD 4:7 'eventName.x'; did you mean 'eventName'?\n" NEVER},
    {"  s: {Records: y}\n  condition: s\n", "NZ_E_LINT_FIELD 4:7 'Records'\n" NEVER},
    {"  s: {userIdentity.arn|fieldref: requestParameters.userName}\n  condition: s\n", ""},
    {"  s: {userIdentity.arn|fieldref: request.userName}\n  condition: s\n",
     "NZ_E_LINT_FIELD 4:34 'request.userName'\n"},
    {"  s: {eventName: []}\n  condition: s\n", "NZ_E_LINT_NEVER 4:7 'eventName': the list of values is empty\n" NEVER},
    {"  s: {eventName|all: [A, B]}\n  condition: s\n",
     "NZ_E_LINT_NEVER 4:7 'eventName' has one value and cannot be all of these\n" NEVER},
    {"  s: {eventName|all: [A, a]}\n  condition: s\n", ""},
    {"  s: {eventName|contains|all: [A, B]}\n  condition: s\n", ""},
    {"  s: {resources.type|all: [A, B]}\n  condition: s\n", ""},
    {"  s: {requestParameters.x|all: [A, B]}\n  condition: s\n", ""},
    {"  s: {eventName: A, eventName|cased: B}\n  condition: s\n", "NZ_E_LINT_NEVER 4:21 'eventName'" BOTH NEVER},
    {"  s: {eventName: A}\n  t: {eventName: B}\n  condition: s and t\n", NEVER},
    {"  s: {eventName: A}\n  t: {eventName: B}\n  condition: s or t\n", ""},
    {"  s: {eventName: A}\n  t: {eventName: B}\n  condition: s and not t\n", ""},
    {"  s: {eventName: A}\n  t:\n    - eventName: B\n    - eventSource: x\n  condition: s and t\n", ""},
    {"  s: {eventName: A, eventSource: x}\n  t: {eventName: B}\n  u: {eventSource: y}\n  condition: s and (t or u)\n",
     ""},
    {"  s: {eventName: [A, B]}\n  t: {eventName: [C, b]}\n  condition: s and t\n", ""},
    {"  s: {eventSource: x}\n  t: {eventSource: [y, z]}\n  condition: all of them\n", NEVER},
    {"  s: {eventName: A}\n  t: {eventName: A*}\n  condition: s and t\n", ""},
    {"  s: {eventName|neq: A}\n  t: {eventName: A}\n  condition: s and t\n", ""},
    {"  s: [keyword, other]\n  condition: s\n", ""},
    {"  s: {eventNmae: A}\n  condition: s\n", "NZ_E_LINT_FIELD 4:7 'eventNmae'; did you mean 'eventName'?\n" NEVER},
    {"  s: {userIdentity.typ: Root}\n  condition: s\n",
     "NZ_E_LINT_FIELD 4:7 'userIdentity.typ'; did you mean 'userIdentity.type'?\n" NEVER},
    {"  s: {Record: y}\n  condition: s\n", "NZ_E_LINT_FIELD 4:7 'Record'\n" NEVER},
    {"  s: {eventName: A}\n  t: {eventName: B}\n  condition: s\n", "NZ_E_LINT_UNUSED 5:3 't'\n"},
    {"  s1: {eventName: A}\n  s2: {eventName: B}\n  _t: {eventName: C}\n  condition: 1 of them\n",
     "NZ_E_LINT_UNUSED 6:3 '_t'\n"},
    {"  s: {eventName: A}\n  filter_a: {eventName: B, awsRegion: x}\n  filter_b: [keyword]\n"
     "  condition: s and not 1 of filter_*\n",
     ""},
};

static void rows_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nz_buf out;
        nz_buf_init(&out, 0);
        assert_int_equal(lint(rows[i].detection, &out), NZ_OK);
        if (!nz_str_eq(nz_buf_view(&out), nz_str_from_c(rows[i].expect)))
            fail_msg("%s: found\n%.*s", rows[i].detection, NZ_STR_ARG(nz_buf_view(&out)));
        nz_buf_release(&out);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (unsigned nth = 0;; nth++) {
        long before = nz_live_allocations();
        struct nz_buf out;
        nz_buf_init(&out, 0);
        nz_buf_reserve(&out, 4096);
        nz_fault_arm(nth);
        enum nz_err err = lint("  s: {eventName: [A, B], status: x}\n  t: {eventName|all: [C, D]}\n"
                               "  condition: s and (t or not s)\n",
                               &out);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_buf_release(&out);
        assert_int_equal(nz_live_allocations(), before);
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        if (!fired)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
