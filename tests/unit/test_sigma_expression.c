/* Conditions written on a command line, and where their errors are. */
#include "sigma/ruleset.h"

#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static enum nz_err matches(const char *expression, const char *event, bool *out)
{
    struct nz_ruleset *rs;
    struct nz_matcher *m;
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_event ev;
    const uint32_t *hits;
    size_t count = 0;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_ruleset_from_expression(nz_str_from_c(expression), &rs, &diag);
    if (err)
        return err;
    nz_json_doc_init(&doc);
    err = nz_matcher_new(rs, &m);
    if (!err)
        err = nz_json_parse(&doc, nz_str_from_c(event), &root, NULL);
    if (!err) {
        nz_event_from_json(root, &ev);
        err = nz_matcher_run(m, &ev, &hits, &count);
    }
    *out = count == 1;
    nz_matcher_free(m);
    nz_json_doc_release(&doc);
    nz_ruleset_free(rs);
    return err;
}

static const char event[] =
    "{\"eventName\":\"CreateUser\",\"userIdentity\":{\"type\":\"IAMUser\",\"arn\":\"arn:x(1)\"},"
    "\"sourceIPAddress\":\"10.1.2.3\",\"readOnly\":false,\"n\":5,\"empty\":\"\","
    "\"text\":\"two words\",\"requestParameters\":{\"q\":\"it's \\\"so\\\"\"}}";

static const struct {
    const char *expression;
    bool hit;
} rows[] = {
    {"eventName=CreateUser", true},
    {"eventName=createuser", true},
    {"eventName=Create*", true},
    {"eventName=DeleteUser", false},
    {"eventName=CreateUser and not (userIdentity.type=Root or sourceIPAddress|cidr=10.0.0.0/8)", false},
    {"eventName=CreateUser and not (userIdentity.type=Root or sourceIPAddress|cidr=11.0.0.0/8)", true},
    {"readOnly=false", true},
    {"errorCode=null", true},
    {"errorCode='null'", false},
    {"errorCode|exists=false and n|gt=4 and n=5", true},
    {"text='two words'", true},
    {"text=\"two words\"", true},
    {"text|contains=words", true},
    {"text|re=^t.o", true},
    {"empty=''", true},
    {"userIdentity.arn='arn:x(1)'", true},
    {"requestParameters.q=\"it's *so*\"", true},
    {"words", true},
    {"'two words'", true},
    {"nowhere or IAMUser", true},
    {"not nowhere", true},
    {"NOT(nowhere)", true},
    {"eventName|neq=CreateUser", false},
    {"requestParameters.q|contains='a=b' or n|lte=5", true},
};

static void expressions_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool hit = false;
        enum nz_err err = matches(rows[i].expression, event, &hit);
        if (err || hit != rows[i].hit)
            fail_msg("%s: %s, %d", rows[i].expression, nz_err_name(err), hit);
    }
}

/* The caret's place, as a column: characters, not bytes. */
static const struct {
    const char *expression;
    uint32_t column;
    enum nz_err err;
} bad[] = {
    {"", 1, NZ_E_RULE_CONDITION},
    {"a=1 b=2", 5, NZ_E_RULE_CONDITION},
    {"a=", 3, NZ_E_RULE_CONDITION},
    {"a= and b=1", 3, NZ_E_RULE_CONDITION},
    {"a='x", 3, NZ_E_RULE_CONDITION},
    {"a='x'y", 6, NZ_E_RULE_CONDITION},
    {"(a=1", 1, NZ_E_RULE_CONDITION},
    {"a=1)", 4, NZ_E_RULE_CONDITION},
    {"x=1 and a|foo=1", 11, NZ_E_RULE_MODIFIER},
    {"\xe3\x81\x82=1 and a|foo=1", 11, NZ_E_RULE_MODIFIER},
    {"a|cidr=nonsense", 8, NZ_E_RULE_VALUE},
    {"a|re='(x'", 9, NZ_E_REGEX},
    {"a|expand=%x%", 10, NZ_E_RULE_PLACEHOLDER},
    {"a|all=x", 3, NZ_E_RULE_MODIFIER},
};

static void errors_have_a_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct nz_ruleset *rs = NULL;
        struct nz_diag diag = NZ_DIAG_INIT;
        enum nz_err err = nz_ruleset_from_expression(nz_str_from_c(bad[i].expression), &rs, &diag);
        if (err != bad[i].err || diag.line != 1 || diag.column != bad[i].column)
            fail_msg("%s: %s at %u:%u %s", bad[i].expression, nz_err_name(err), diag.line, diag.column, diag.text);
        assert_null(rs);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        bool hit = false;
        nz_fault_arm(nth);
        enum nz_err err = matches("not a=1 and (text|re=wo or 'two *' or n|lt=3)", event, &hit);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(nz_live_allocations(), before);
        if (err == NZ_OK)
            assert_true(hit);
        if (!fired)
            break;
        if (err != NZ_OK)
            assert_int_equal(err, NZ_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_hold),
        cmocka_unit_test(errors_have_a_column),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
