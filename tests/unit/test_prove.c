/* What proofs rest on: cells of patterns, addresses that networks tell apart, the search for a completion; and proofs with each
 * allocation failing. What is proved of accounts is in tests/cases/prove. */
#include "access/mistakes.h"
#include "policy/cells.h"
#include "policy/networks.h"
#include "policy/pattern.h"
#include "policy/search.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* --- cells --- */

/* "*" and "?" are wildcards. */
static struct nz_pattern coded(struct nz_arena *keep, const char *text)
{
    struct nz_pattern p;
    assert_true(nz_pattern_compile(keep, nz_str_from_c(text), true, false, &p));
    return p;
}

static struct nz_str whole(struct nz_arena *keep, const char *text)
{
    struct nz_str copy = nz_arena_str(keep, nz_str_from_c(text));
    char *p = (char *)(uintptr_t)copy.p;
    for (size_t i = 0; i < copy.n; i++)
        p[i] = p[i] == '*' ? NZ_PATTERN_MANY : p[i] == '?' ? NZ_PATTERN_ONE : p[i];
    return copy;
}

/* The patterns that fit each cell's text are those that the cell names, and there are as many cells as expected. */
static void cells_are(const char *const *patterns, uint32_t count, uint32_t expected)
{
    struct nz_arena keep;
    struct nz_cell_pattern list[8];
    struct nz_cells cells;
    nz_arena_init(&keep, 0);
    for (uint32_t i = 0; i < count; i++)
        list[i] = (struct nz_cell_pattern){.coded = whole(&keep, patterns[i])};
    assert_int_equal(nz_cells_find(list, count, 0, &keep, &cells), NZ_OK);
    assert_true(cells.complete);
    for (uint32_t i = 0; i < cells.count; i++) {
        for (uint32_t k = 0; k < count; k++) {
            struct nz_pattern p = coded(&keep, patterns[k]);
            if (nz_pattern_match(&p, cells.list[i].text) != (cells.list[i].fits >> k & 1))
                fail_msg("'%.*s' and '%s'", NZ_STR_ARG(cells.list[i].text), patterns[k]);
        }
        for (uint32_t k = 0; k < i; k++)
            assert_true(cells.list[k].fits != cells.list[i].fits);
    }
    if (cells.count != expected)
        fail_msg("%s, …: %u cells, not %u", patterns[0], cells.count, expected);
    nz_arena_release(&keep);
}

static void cells_are_all_that_texts_fit(void **state)
{
    (void)state;
    cells_are((const char *const[]){"a*", "*b"}, 2, 4);
    cells_are((const char *const[]){"*", "a"}, 2, 2);
    cells_are((const char *const[]){"a?c", "abc", "a*"}, 3, 4);
    cells_are((const char *const[]){"data-a*", "data-*", "*-b*"}, 3, 6);
    cells_are((const char *const[]){"ab*", "*ba", "*aa*", "?b?a"}, 4, 14);
    cells_are((const char *const[]){"\xc3\xa4*", "?"}, 2, 4);
    cells_are((const char *const[]){"", "?*"}, 2, 2);
}

static void wildcards_of_arns_stay_in_their_field(void **state)
{
    (void)state;
    struct nz_arena keep;
    struct nz_cells cells;
    nz_arena_init(&keep, 0);
    struct nz_cell_pattern list[2] = {{.coded = whole(&keep, "arn:aws:s3:*:1:x"), .arn = true},
                                      {.coded = whole(&keep, "arn:aws:s3:a:b:1:x")}};
    assert_int_equal(nz_cells_find(list, 2, 3, &keep, &cells), NZ_OK);
    assert_int_equal(cells.count, 0);
    list[0].arn = false;
    assert_int_equal(nz_cells_find(list, 2, 3, &keep, &cells), NZ_OK);
    assert_int_equal(cells.count, 1);
    nz_arena_release(&keep);
}

static void cells_say_when_a_bound_is_reached(void **state)
{
    (void)state;
    static const char *const hard[] = {"*a????????????????", "*b????????????????", "*c????????????????"};
    struct nz_arena keep;
    struct nz_cells cells;
    struct nz_cell_pattern list[3];
    nz_arena_init(&keep, 0);
    for (int i = 0; i < 3; i++)
        list[i] = (struct nz_cell_pattern){.coded = whole(&keep, hard[i])};
    assert_int_equal(nz_cells_find(list, 3, 0, &keep, &cells), NZ_OK);
    assert_false(cells.complete);
    nz_arena_release(&keep);
}

/* --- networks --- */

static void addresses_are(enum nz_network_kind kind, const char *const *cuts, size_t count, const char *expected)
{
    struct nz_cidr nets[8];
    struct nz_arena keep;
    const struct nz_ip *list;
    size_t found;
    struct nz_buf text;
    nz_arena_init(&keep, 0);
    nz_buf_init(&text, 0);
    for (size_t i = 0; i < count; i++)
        assert_true(nz_cidr_parse(nz_str_from_c(cuts[i]), &nets[i]));
    /* the first is allowed, the others cut */
    assert_int_equal(nz_network_addresses(kind, (struct nz_network_list){nets + 1, count - 1},
                                          (struct nz_network_list){nets, 1}, false, &keep, &list, &found),
                     NZ_OK);
    for (size_t i = 0; i < found; i++) {
        if (i)
            nz_buf_append_char(&text, ' ');
        nz_ip_append(&text, &list[i]);
    }
    if (!nz_str_eq(nz_buf_view(&text), nz_str_from_c(expected)))
        fail_msg("%.*s, not %s", NZ_STR_ARG(nz_buf_view(&text)), expected);
    nz_buf_release(&text);
    nz_arena_release(&keep);
}

static void networks_cut_the_addresses(void **state)
{
    (void)state;
    addresses_are(NZ_NETWORK_PUBLIC_V6, (const char *const[]){"2001:db8::/32", "2001:db9::/33"}, 2,
                  "2000:: 2001:db9:: 2001:db9:8000::");
    addresses_are(NZ_NETWORK_PUBLIC_V4, (const char *const[]){"1.0.0.0/8", "223.255.255.255/32"}, 2,
                  "2.0.0.0 11.0.0.0 100.128.0.0 128.0.0.0 169.255.0.0 172.32.0.0 192.0.1.0 192.169.0.0 198.20.0.0 "
                  "223.255.255.255");
}

static void network_ends(void **state)
{
    (void)state;
    static const struct {
        const char *net, *end;
    } cases[] = {{"10.0.0.0/8", "11.0.0.0"},
                 {"10.0.0.255/32", "10.0.1.0"},
                 {"255.255.255.0/24", NULL},
                 {"0.0.0.0/0", NULL},
                 {"::/0", NULL},
                 {"2001:db8::/32", "2001:db9::"},
                 {"1.255.255.255/32", "2.0.0.0"},
                 {"::ff/128", "::100"},
                 {"128.0.0.0/1", NULL},
                 {"ffff:ffff::/31", NULL},
                 {"2001:db8:0:ffff::/64", "2001:db8:1::"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_cidr net;
        struct nz_ip end, expected;
        assert_true(nz_cidr_parse(nz_str_from_c(cases[i].net), &net));
        bool there = nz_cidr_end(&net, &end);
        if (there != (cases[i].end != NULL))
            fail_msg("%s", cases[i].net);
        if (!there)
            continue;
        assert_true(nz_ip_parse(nz_str_from_c(cases[i].end), &expected));
        if (nz_ip_cmp(&end, &expected) != 0)
            fail_msg("%s does not end before %s", cases[i].net, cases[i].end);
    }
}

/* --- the search --- */

struct searched {
    const char *statements;
    enum nz_search_result result;
};

static void search_finds(const struct searched *c)
{
    struct nz_buf text;
    struct nz_policy *policy;
    struct nz_policy_searcher *searcher;
    struct nz_policy_found found;
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_buf_init(&text, 0);
    nz_buf_printf(&text, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", c->statements);
    if (nz_policy_compile(nz_buf_view(&text), NZ_POLICY_IDENTITY, &policy, &diag) != NZ_OK)
        fail_msg("%s: %s", c->statements, diag.text);
    const struct nz_policy *list[] = {policy};
    struct nz_policy_set set = {.identity = {.policies = list, .count = 1, .present = true}};
    struct nz_policy_request request = {.principal = NZ_STR("arn:aws:iam::111122223333:user/alice"),
                                        .action = NZ_STR("s3:ListAllMyBuckets"),
                                        .resource = NZ_STR("*")};
    assert_int_equal(nz_policy_searcher_new(&searcher), NZ_OK);
    nz_policy_searcher_set(searcher, &set, NULL);
    assert_int_equal(nz_policy_search(searcher, &request, (struct nz_key_choices){0}, &found, &diag), NZ_OK);
    if (found.result != c->result)
        fail_msg("%s: %d, not %d", c->statements, (int)found.result, (int)c->result);
    nz_policy_searcher_free(searcher);
    nz_policy_free(policy);
    nz_buf_release(&text);
}

#define ALLOW(condition) "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{" condition "}}"
#define DENY(condition) "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{" condition "}}"

static void searches_decide_each_kind_of_condition(void **state)
{
    (void)state;
    static const struct searched cases[] = {
        {ALLOW("\"StringEquals\":{\"k\":\"a\"}"), NZ_SEARCH_FOUND},
        {ALLOW("\"StringEquals\":{\"k\":\"a\"}") "," DENY("\"StringLike\":{\"k\":\"a*\"}"), NZ_SEARCH_NONE},
        {ALLOW("\"StringLike\":{\"k\":\"a*\"}") "," DENY("\"StringEquals\":{\"k\":[\"a\",\"ax\",\"an\"]}"),
         NZ_SEARCH_FOUND},
        {ALLOW("\"StringLike\":{\"k\":\"a*\"}") "," DENY("\"StringNotLike\":{\"k\":\"*b\"}"), NZ_SEARCH_FOUND},
        {ALLOW("\"StringLike\":{\"k\":\"a*\"},\"StringNotLike\":{\"k\":[\"a?*\",\"a\"]}"), NZ_SEARCH_NONE},
        {ALLOW("\"StringEqualsIgnoreCase\":{\"k\":\"a\"}") "," DENY("\"StringEquals\":{\"k\":\"a\"}"), NZ_SEARCH_FOUND},
        {ALLOW("\"NumericGreaterThan\":{\"k\":\"5\"},\"NumericLessThan\":{\"k\":\"6\"}"), NZ_SEARCH_FOUND},
        {ALLOW("\"NumericGreaterThan\":{\"k\":\"5\"},\"NumericLessThan\":{\"k\":\"5\"}"), NZ_SEARCH_NONE},
        {ALLOW("\"NumericGreaterThanEquals\":{\"k\":\"5\"}") "," DENY("\"NumericNotEquals\":{\"k\":\"5\"}"),
         NZ_SEARCH_FOUND},
        {ALLOW("\"NumericLessThan\":{\"k\":\"0\"}"), NZ_SEARCH_FOUND},
        {ALLOW("\"DateGreaterThan\":{\"aws:CurrentTime\":\"2026-01-01T00:00:00Z\"}") "," DENY(
             "\"DateGreaterThan\":{\"aws:EpochTime\":\"1767225600\"}"),
         NZ_SEARCH_NONE}, /* the same instant */
        {ALLOW("\"DateGreaterThan\":{\"aws:CurrentTime\":\"2026-01-01T00:00:00Z\"}") "," DENY(
             "\"NumericGreaterThan\":{\"aws:EpochTime\":\"1767225601\"}"),
         NZ_SEARCH_FOUND},
        {ALLOW("\"Bool\":{\"k\":\"true\"}") "," DENY("\"Null\":{\"k\":\"false\"}"), NZ_SEARCH_NONE},
        {ALLOW("\"BoolIfExists\":{\"k\":\"true\"}") "," DENY("\"Bool\":{\"k\":\"true\"}"), NZ_SEARCH_FOUND},
        {ALLOW("\"IpAddress\":{\"k\":\"10.0.0.0/8\"}") "," DENY(
             "\"IpAddress\":{\"k\":[\"10.0.0.0/9\",\"10.128.0.0/9\"]}"),
         NZ_SEARCH_NONE},
        {ALLOW("\"IpAddress\":{\"k\":\"10.0.0.0/8\"}") "," DENY(
             "\"IpAddress\":{\"k\":[\"10.0.0.0/9\",\"10.128.0.0/10\"]}"),
         NZ_SEARCH_FOUND},
        {ALLOW("\"ArnLike\":{\"k\":\"arn:aws:s3:::a*\"}") "," DENY("\"ArnNotLike\":{\"k\":\"arn:aws:s3:::*b\"}"),
         NZ_SEARCH_FOUND},
        {ALLOW("\"ForAnyValue:StringEquals\":{\"k\":\"a\"}") "," DENY("\"ForAllValues:StringEquals\":{\"k\":\"a\"}"),
         NZ_SEARCH_FOUND}, /* a and another */
        {ALLOW("\"ForAllValues:StringEquals\":{\"k\":\"a\"}") "," DENY("\"Null\":{\"k\":\"true\"}"), NZ_SEARCH_FOUND},
        {ALLOW("\"StringEquals\":{\"k\":\"${aws:RequestedRegion}\"}") "," DENY(
             "\"StringNotEquals\":{\"k\":\"us-east-1\"}"),
         NZ_SEARCH_FOUND}, /* the variable first */
        {ALLOW("\"StringEquals\":{\"aws:PrincipalTag/a\":\"x\"}") "," DENY(
             "\"StringEquals\":{\"aws:RequestedRegion\":\"us-east-1\"}") "," DENY("\"StringNotEquals\":{\"aws:"
                                                                                  "RequestedRegion\":\"us-east-1\"}"),
         NZ_SEARCH_NONE},
        {ALLOW("\"BinaryEquals\":{\"k\":\"YQ==\"}"), NZ_SEARCH_UNDECIDED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        search_finds(&cases[i]);
}

/* --- proofs --- */

#define ARN(what) "\"arn:aws:iam::111122223333:" what "\""

/* clang-format off */
static const char account_text[] =
    "{\"UserDetailList\":["
    "{\"UserName\":\"alice\",\"Arn\":" ARN("user/alice") ",\"UserPolicyList\":[{\"PolicyName\":\"p\",\"PolicyDocument\":"
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sts:AssumeRole\",\"s3:GetObject\"],\"Resource\":"
    "[" ARN("role/r") ",\"arn:aws:s3:::${aws:username}-*/*\"]},"
    "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"NotIpAddress\":{\"aws:SourceIp\":"
    "\"203.0.113.0/24\"},\"StringLike\":{\"aws:RequestTag/x\":[\"a*\",\"*b\"]}}}]}}]},"
    "{\"UserName\":\"bob\",\"Arn\":" ARN("user/bob") ",\"UserPolicyList\":[{\"PolicyName\":\"p\",\"PolicyDocument\":"
    "{\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"NotIpAddress\":{\"aws:SourceIp\":"
    "\"203.0.113.0/24\"}}}]}}]}],"
    "\"GroupDetailList\":[{\"GroupName\":\"g\",\"Arn\":" ARN("group/g") ",\"GroupPolicyList\":[{\"PolicyName\":\"p\","
    "\"PolicyDocument\":{\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":"
    "{\"NotIpAddress\":{\"aws:SourceIp\":\"203.0.113.0/24\"}}}]}}]}],"
    "\"RoleDetailList\":[{\"RoleName\":\"r\",\"Arn\":" ARN("role/r") ",\"AssumeRolePolicyDocument\":{\"Statement\":[{\"Effect\":"
    "\"Allow\",\"Principal\":{\"AWS\":" ARN("user/bob") "},\"Action\":\"sts:AssumeRole\"}]},\"RolePolicyList\":["
    "{\"PolicyName\":\"p\",\"PolicyDocument\":{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}}]}]}";
/* clang-format on */

struct fixture {
    struct nz_account *account;
    struct nz_access_sets *sets;
    struct nz_catalogue *catalogue;
    struct nz_cidr allowed;
    struct nz_prove_question question;
};

static void fixture_make(struct fixture *f)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    *f = (struct fixture){.question = {.kind = NZ_PROVE_SOURCE_IP}};
    assert_int_equal(nz_account_read(nz_str_from_c(account_text), &f->account, &diag), NZ_OK);
    assert_int_equal(nz_access_sets_build(f->account, &f->sets), NZ_OK);
    assert_int_equal(nz_catalogue_open(&f->catalogue, &diag), NZ_OK);
    assert_true(nz_cidr_parse(NZ_STR("203.0.113.0/24"), &f->allowed));
    f->question.allowed = (struct nz_network_list){&f->allowed, 1};
}

static void fixture_free(struct fixture *f)
{
    nz_catalogue_free(f->catalogue);
    nz_access_sets_free(f->sets);
    nz_account_free(f->account);
}

static enum nz_err prove_all(const struct fixture *f)
{
    struct nz_proofs *proofs;
    struct nz_access_restrictions restrictions;
    struct nz_access_mistakes mistakes;
    struct nz_arena keep;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_access_prove(f->sets, f->catalogue, &f->question, &proofs, &diag);
    if (err != NZ_OK && err != NZ_E_NOMEM && err != NZ_E_STOPPED)
        fail_msg("%s: %s", nz_err_text(err), diag.text);
    if (err != NZ_OK)
        return err;
    nz_arena_init(&keep, 0);
    err = nz_access_restrictions_find(f->sets, NZ_PROVE_SOURCE_IP, &keep, &restrictions);
    for (uint32_t i = 0; i < 2 && err == NZ_OK; i++)
        err = nz_access_mistakes_of_user(f->sets, proofs, &restrictions, i, &keep, &mistakes);
    if (err == NZ_OK)
        err = nz_access_mistakes_of_account(f->sets, NZ_PROVE_SOURCE_IP, &keep, &mistakes);
    if (err == NZ_OK) {
        assert_int_equal(proofs->of[0]->status, NZ_PROOF_FAIL);
        assert_int_equal(proofs->of[1]->status, NZ_PROOF_PARTIAL); /* r lets him in, and leads out */
        assert_int_equal(proofs->of[1]->chain_count, 1);
        assert_null(proofs->of[2]);
        assert_int_equal(mistakes.count, 1);
    }
    nz_arena_release(&keep);
    nz_proofs_free(proofs);
    return err;
}

static void a_proof_without_memory_is_an_error(void **state)
{
    (void)state;
    struct fixture f;
    fixture_make(&f);
    assert_int_equal(prove_all(&f), NZ_OK);
    long before = nz_live_allocations();
    unsigned nth = 0;
    for (;; nth++) {
        nz_fault_arm(nth);
        enum nz_err err = prove_all(&f);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
    }
    assert_true(nth > 20);
    fixture_free(&f);
}

/* As many threads as one likes give the same. */
static void threads_agree(void **state)
{
    (void)state;
    struct fixture f;
    fixture_make(&f);
    for (f.question.jobs = 1; f.question.jobs <= 8; f.question.jobs++)
        assert_int_equal(prove_all(&f), NZ_OK);
    fixture_free(&f);
}

static bool stop_at_once(void *self)
{
    (void)self;
    return true;
}

static void a_proof_can_be_stopped(void **state)
{
    (void)state;
    struct fixture f;
    fixture_make(&f);
    f.question.stop = stop_at_once;
    assert_int_equal(prove_all(&f), NZ_E_STOPPED);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_all_that_texts_fit),
        cmocka_unit_test(wildcards_of_arns_stay_in_their_field),
        cmocka_unit_test(cells_say_when_a_bound_is_reached),
        cmocka_unit_test(networks_cut_the_addresses),
        cmocka_unit_test(network_ends),
        cmocka_unit_test(searches_decide_each_kind_of_condition),
        cmocka_unit_test(a_proof_without_memory_is_an_error),
        cmocka_unit_test(threads_agree),
        cmocka_unit_test(a_proof_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
