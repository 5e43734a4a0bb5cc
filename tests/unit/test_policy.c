/* policy: three values, scratch and threads' sharing, places of errors, every allocation failing once. What decisions must
 * be stands in tests/cases/policy. */
#include "cli/policy_cache.h"
#include "cli/policy_case.h"
#include "policy/decide.h"
#include "policy/pattern.h"
#include "policy/value.h"

#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct nz_policy *compile(const char *text, enum nz_policy_kind kind)
{
    struct nz_policy *policy = NULL;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_policy_compile(nz_str_from_c(text), kind, &policy, &diag);
    if (err != NZ_OK)
        print_error("%s: %s: %s\n", text, nz_err_text(err), diag.text);
    assert_int_equal(err, NZ_OK);
    return policy;
}

static const struct nz_policy_request alice_reads = {
    .principal = {"arn:aws:iam::111122223333:user/alice", 36},
    .action = {"s3:GetObject", 12},
    .resource = {"arn:aws:s3:::data/alice/x", 25},
};

#define ALLOW_ALL "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"
#define DENY_OUTSIDE                                                                                                   \
    "{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"NotIpAddress\":"         \
    "{\"aws:SourceIp\":\"203.0.113.0/24\"},\"Bool\":{\"aws:ViaAWSService\":\"false\"}}}}"
#define ALLOW_OWN                                                                                                      \
    "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":"                \
    "\"arn:aws:s3:::data/${aws:username}/*\"}}"

struct decided {
    enum nz_decision decision;
    size_t free_count;
    char free_keys[128];
    char may_decide[128];
};

/* Decides over one or two identity policies; everything else of the context is unknown. */
static struct decided decide(const char *first, const char *second, const struct nz_policy_key *context, uint32_t count,
                             bool rest_unknown)
{
    struct nz_policy *a = compile(first, NZ_POLICY_IDENTITY), *b = second ? compile(second, NZ_POLICY_IDENTITY) : NULL;
    const struct nz_policy *list[2] = {a, b};
    const struct nz_policy_set set = {.identity = {list, second ? 2 : 1, true}};
    struct nz_policy_request request = alice_reads;
    struct nz_policy_scratch *scratch;
    struct nz_policy_answer answer;
    struct decided out = {.decision = NZ_DECISION_ALLOWED};
    request.context = context;
    request.context_count = count;
    request.rest_unknown = rest_unknown;
    assert_int_equal(nz_policy_scratch_new(&scratch), NZ_OK);
    assert_int_equal(nz_policy_decide(&set, &request, scratch, &answer, NULL), NZ_OK);
    out.decision = answer.decision;
    out.free_count = answer.free_keys_count;
    for (size_t i = 0; i < answer.free_keys_count; i++) {
        size_t at = strlen(out.free_keys);
        snprintf(out.free_keys + at, sizeof out.free_keys - at, "%.*s ", NZ_STR_ARG(answer.free_keys[i]));
    }
    for (size_t i = 0; i < answer.may_decide_count; i++) {
        const struct nz_policy_reason *reason = &answer.may_decide[i];
        size_t at = strlen(out.may_decide);
        snprintf(out.may_decide + at, sizeof out.may_decide - at, "%s %u:%u ", reason->denies ? "deny" : "allow",
                 reason->policy, reason->statement);
    }
    nz_policy_scratch_free(scratch);
    nz_policy_free(a);
    nz_policy_free(b);
    return out;
}

static void unknown_keys_are_named(void **state)
{
    (void)state;
    static const struct nz_str outside = {"198.51.100.1", 12}, inside = {"203.0.113.1", 11}, no = {"false", 5};
    static const struct nz_str alice = {"alice", 5}, bob = {"bob", 3};
    const struct nz_policy_key out_key = {.name = {"aws:SourceIp", 12}, .values = &outside, .count = 1};
    const struct nz_policy_key in_key = {.name = {"aws:SourceIp", 12}, .values = &inside, .count = 1};
    const struct nz_policy_key service[] = {{.name = {"aws:ViaAWSService", 17}, .values = &no, .count = 1}, out_key};
    const struct nz_policy_key unknown = {.name = {"aws:SourceIp", 12}, .unknown = true};
    const struct nz_policy_key is_alice = {.name = {"aws:username", 12}, .values = &alice, .count = 1};
    const struct nz_policy_key is_bob = {.name = {"aws:username", 12}, .values = &bob, .count = 1};

    struct decided d = decide(ALLOW_ALL, DENY_OUTSIDE, NULL, 0, true);
    assert_int_equal(d.decision, NZ_DECISION_ALLOWED_IF);
    assert_string_equal(d.free_keys, "aws:sourceip aws:viaawsservice ");
    assert_string_equal(d.may_decide, "deny 1:0 ");
    d = decide(ALLOW_ALL, DENY_OUTSIDE, &out_key, 1, true);
    assert_int_equal(d.decision, NZ_DECISION_ALLOWED_IF);
    assert_string_equal(d.free_keys, "aws:viaawsservice ");
    /* one half of the deny is false in every completion */
    assert_int_equal(decide(ALLOW_ALL, DENY_OUTSIDE, &in_key, 1, true).decision, NZ_DECISION_ALLOWED);
    assert_int_equal(decide(ALLOW_ALL, DENY_OUTSIDE, service, 2, true).decision, NZ_DECISION_EXPLICITLY_DENIED);
    assert_int_equal(decide(ALLOW_ALL, DENY_OUTSIDE, &unknown, 1, false).decision, NZ_DECISION_ALLOWED);
    /* no allow can come of it */
    assert_int_equal(decide(DENY_OUTSIDE, NULL, NULL, 0, true).decision, NZ_DECISION_IMPLICITLY_DENIED);

    d = decide(ALLOW_OWN, NULL, NULL, 0, true);
    assert_int_equal(d.decision, NZ_DECISION_ALLOWED_IF);
    assert_string_equal(d.free_keys, "aws:username ");
    assert_string_equal(d.may_decide, "allow 0:0 ");
    assert_string_equal(decide(ALLOW_OWN, DENY_OUTSIDE, NULL, 0, true).may_decide, "allow 0:0 deny 1:0 ");
    assert_int_equal(decide(ALLOW_OWN, NULL, &is_alice, 1, true).decision, NZ_DECISION_ALLOWED);
    assert_int_equal(decide(ALLOW_OWN, NULL, &is_bob, 1, true).decision, NZ_DECISION_IMPLICITLY_DENIED);
    /* an allow that depends beside one that does not */
    d = decide(ALLOW_OWN, ALLOW_ALL, NULL, 0, true);
    assert_int_equal(d.decision, NZ_DECISION_ALLOWED);
    assert_int_equal(d.free_count, 0);
    assert_string_equal(d.may_decide, "");
}

static void requests_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *principal, *action, *resource;
    } wrong[] = {
        {"alice", "s3:GetObject", "*"},
        {"111122223333", "s3:GetObject", "*"},
        {"arn:aws:iam::111122223333:group/x", "s3:GetObject", "*"},
        {"arn:aws:sts::111122223333:assumed-role/x", "s3:GetObject", "*"},
        {"arn:aws:iam::1:user/x", "s3:GetObject", "*"},
        {"*", "", "*"},
        {"*", "s3:GetObject", ""},
        {"*", "s3:GetObject", "arn:aws:s3"},
    };
    struct nz_policy_scratch *scratch;
    struct nz_policy_answer answer;
    const struct nz_policy_set none = {0};
    assert_int_equal(nz_policy_scratch_new(&scratch), NZ_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct nz_diag diag = NZ_DIAG_INIT;
        const struct nz_policy_request request = {.principal = nz_str_from_c(wrong[i].principal),
                                                  .action = nz_str_from_c(wrong[i].action),
                                                  .resource = nz_str_from_c(wrong[i].resource)};
        assert_int_equal(nz_policy_decide(&none, &request, scratch, &answer, &diag), NZ_E_REQUEST);
        assert_true(diag.text[0] != '\0');
    }
    nz_policy_scratch_free(scratch);
}

static bool matches(const char *pattern, const char *text)
{
    struct nz_arena arena;
    struct nz_pattern p;
    nz_arena_init(&arena, 0);
    assert_true(nz_pattern_compile(&arena, nz_str_from_c(pattern), true, true, &p));
    bool hit = nz_pattern_match(&p, nz_str_from_c(text));
    nz_arena_release(&arena);
    return hit;
}

/* The slow and obvious way. */
static bool matches_slowly(const char *p, const char *t)
{
    if (!*p)
        return !*t;
    if (*p == '*')
        return matches_slowly(p + 1, t) || (*t && matches_slowly(p, t + 1));
    return *t && (*p == '?' || *p == *t) && matches_slowly(p + 1, t + 1);
}

static void put_digits(char *to, unsigned number, const char *alphabet, unsigned letters, unsigned n)
{
    for (unsigned i = 0; i < n; i++, number /= letters)
        to[i] = alphabet[number % letters];
    to[n] = '\0';
}

/* Every pattern of up to five characters against every text of up to five. */
static void patterns_match_as_the_obvious_way(void **state)
{
    (void)state;
    for (unsigned pn = 0; pn <= 5; pn++) {
        for (unsigned pi = 0, patterns = 1u << 2 * pn; pi < patterns; pi++) {
            char pattern[8], text[8];
            put_digits(pattern, pi, "ab*?", 4, pn);
            for (unsigned tn = 0; tn <= 5; tn++) {
                for (unsigned ti = 0; ti < 1u << tn; ti++) {
                    put_digits(text, ti, "ab", 2, tn);
                    if (matches(pattern, text) != matches_slowly(pattern, text))
                        fail_msg("'%s' against '%s'", pattern, text);
                }
            }
        }
    }
}

/* Pieces between two stars that are longer than a word of the search, at every place of a text. */
static void long_pieces_are_found(void **state)
{
    (void)state;
    static const unsigned lengths[] = {2, 3, 62, 63, 64, 65, 66, 127, 128, 129, 200, 1000, 4000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char pattern[4096] = "*", text[8192];
        unsigned n = lengths[i];
        for (unsigned k = 0; k < n; k++)
            pattern[1 + k] = k == n / 2 ? '?' : (char)('a' + k * k % 7);
        strcpy(pattern + 1 + n, "*");
        for (unsigned before = 0; before < 70; before += 23) {
            memset(text, 'a', before);
            memcpy(text + before, pattern + 1, n);
            text[before + n / 2] = '\xc3';
            memmove(text + before + n / 2 + 2, text + before + n / 2 + 1, n - n / 2 - 1);
            text[before + n / 2 + 1] = '\xa9';
            strcpy(text + before + n + 1, "zz");
            assert_true(matches(pattern, text));
            text[before + n] = 'Z';
            assert_false(n > 2 && matches(pattern, text));
        }
    }
}

static void characters_are_not_bytes(void **state)
{
    (void)state;
    assert_true(matches("?", "\xe3\x81\x82"));
    assert_false(matches("??", "\xe3\x81\x82"));
    assert_true(matches("*?x", "\xe3\x81\x82x"));
    assert_true(matches("a*?", "a\xf0\x9f\x98\x80"));
    assert_true(matches("*a?b*", "xxa\xc3\xa9"
                                 "b"));
}

static void decimals_compare(void **state)
{
    (void)state;
    static const char *const ascending[] = {"-12345678901234567890.5", "-2", "-1.5", "-.5", "0",
                                            "0.000000000000000001",    ".5", "+1",   "1.5", "9007199254740992",
                                            "9007199254740993"};
    static const char *const wrong[] = {
        "",    "+",   "-",   ".",

        "1e3", "0x1", "1,5", " 1", "1 ", "--1", "1.2.3", "99999999999999999999", "0.1234567890123456789"};
    struct nz_decimal a, b;
    assert_false(nz_decimal_parse(nz_str_from_c("-99999999999999999999"), &a));
    for (size_t i = 1; i < sizeof ascending / sizeof ascending[0]; i++) {
        assert_true(nz_decimal_parse(nz_str_from_c(ascending[i - 1]), &a));
        assert_true(nz_decimal_parse(nz_str_from_c(ascending[i]), &b));
        assert_true(nz_decimal_cmp(&a, &b) < 0 && nz_decimal_cmp(&b, &a) > 0 && nz_decimal_cmp(&a, &a) == 0);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (nz_decimal_parse(nz_str_from_c(wrong[i]), &a))
            fail_msg("'%s' was taken for a number", wrong[i]);
    }
}

#define EVERYTHING                                                                                                     \
    "{\"Version\":\"2012-10-17\",\"Id\":\"i\",\"Statement\":[{\"Sid\":\"s\",\"Effect\":\"Allow\",\"Principal\":{"      \
    "\"AWS\":"                                                                                                         \
    "[\"111122223333\",\"arn:aws:iam::111122223333:user/alice\"],\"Service\":\"s3.amazonaws.com\"},\"Action\":["       \
    "\"s3:Get*\",\"s3:?ut*\"],\"Resource\":[\"arn:aws:s3:::data/${aws:username}/"                                      \
    "*\",\"arn:aws:s3:::${*}\"],\"Condition\":{"                                                                       \
    "\"StringLike\":{\"a:\\u0062\":[\"x${aws:username, "                                                               \
    "'n'}*\",\"y\"]},\"NumericLessThan\":{\"n:n\":5},\"DateLessThan\":{"                                               \
    "\"d:d\":\"2030-01-01\"},\"IpAddress\":{\"i:i\":\"10.0.0.0/8\"},\"BinaryEquals\":{\"b:b\":\"QQ==\"},\"ArnLike\":{" \
    "\"r:r\":\"arn:aws:s3:::${aws:username}\"},\"Bool\":{\"t:t\":\"true\"},\"Null\":{\"z:z\":\"true\"}}},"             \
    "{\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":\"*\"},\"NotAction\":\"iam:*\",\"NotResource\":\"*\"}]}"

static enum nz_err compile_and_decide(void)
{
    static const struct nz_str values[] = {{"xalice9", 7},  {"4", 1},    {"2029-01-01", 10},
                                           {"10.1.1.1", 8}, {"QQ==", 4}, {"arn:aws:s3:::alice", 18},
                                           {"true", 4},     {"alice", 5}};
    static const struct nz_policy_key context[] = {
        {.name = {"a:b", 3}, .values = &values[0], .count = 1},
        {.name = {"n:n", 3}, .values = &values[1], .count = 1},
        {.name = {"d:d", 3}, .values = &values[2], .count = 1},
        {.name = {"i:i", 3}, .values = &values[3], .count = 1},
        {.name = {"b:b", 3}, .values = &values[4], .count = 1},
        {.name = {"r:r", 3}, .values = &values[5], .count = 1},
        {.name = {"t:t", 3}, .values = &values[6], .count = 1},
        {.name = {"aws:username", 12}, .values = &values[7], .count = 1},
    };
    struct nz_policy *policy = NULL;
    struct nz_policy_scratch *scratch = NULL;
    struct nz_policy_answer answer;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_policy_request request = alice_reads;
    request.context = context;
    request.context_count = 8;
    enum nz_err err = nz_policy_compile(NZ_STR(EVERYTHING), NZ_POLICY_RESOURCE, &policy, &diag);
    if (err == NZ_OK)
        err = nz_policy_scratch_new(&scratch);
    const struct nz_policy *list[] = {policy};
    const struct nz_policy_set set = {.resource = {list, 1, true}};
    if (err == NZ_OK)
        err = nz_policy_decide(&set, &request, scratch, &answer, &diag);
    if (err == NZ_OK) {
        assert_int_equal(answer.decision, NZ_DECISION_ALLOWED);
        assert_int_equal(answer.decided_by_count, 1);
        assert_int_equal(answer.decided_by[0].layer, NZ_LAYER_RESOURCE);
    }
    if (err == NZ_OK) { /* and with nothing known */
        request.context_count = 0;
        request.rest_unknown = true;
        err = nz_policy_decide(&set, &request, scratch, &answer, &diag);
    }
    if (err == NZ_OK)
        assert_int_equal(answer.decision, NZ_DECISION_ALLOWED_IF);
    nz_policy_scratch_free(scratch);
    nz_policy_free(policy);
    return err;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    unsigned failed = 0;
    for (;; failed++) {
        nz_fault_arm(failed);
        enum nz_err err = compile_and_decide();
        if (!nz_fault_fired())
            break;
        assert_int_equal(err, NZ_E_NOMEM);
        assert_int_equal(nz_live_allocations(), before);
    }
    nz_fault_disarm();
    assert_true(failed > 5);
    assert_int_equal(nz_live_allocations(), before);
}

/* --- a line of policy eval --- */

#define CASE_LINE                                                                                                      \
    "{\"id\":\"\\u0061\",\"request\":{\"principal\":\"arn:aws:iam::111122223333:user/\\u0061lice\",\"action\":"        \
    "\"s3:GetObject\",\"resource\":\"arn:aws:s3:::data/x\",\"context\":{\"a:\\u0062\":[\"1\",true]}},\"policies\":{"   \
    "\"scp\":[[{\"name\":\"s\",\"document\":" ALLOW_ALL "}]],\"identity\":[{\"name\":\"p\",\"document\":" ALLOW_ALL    \
    "}]}}"

static enum nz_err answer_line(struct nz_str line, struct nz_buf *out)
{
    atomic_bool bad = false;
    struct nz_policy_cases *cases;
    nz_buf_clear(out);
    enum nz_err err = nz_policy_cases_new(&bad, &cases);
    if (err == NZ_OK)
        err = nz_policy_case_answer(cases, line, 1, false, out);
    if (err == NZ_OK) /* again, out of what is kept */
        err = nz_policy_case_answer(cases, line, 2, false, out);
    nz_policy_cases_free(cases);
    return err;
}

static void a_line_is_answered_or_memory_is_out(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    unsigned failed = 0;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (;; failed++) {
        nz_fault_arm(failed);
        enum nz_err err = answer_line(NZ_STR(CASE_LINE), &out);
        if (!nz_fault_fired())
            break;
        assert_int_equal(err, NZ_E_NOMEM);
        nz_buf_release(&out);
        assert_int_equal(nz_live_allocations(), before);
    }
    nz_fault_disarm();
    assert_true(failed > 10);
    const struct nz_str first = nz_str_head(nz_buf_view(&out), out.n / 2),
                        again = nz_str_skip(nz_buf_view(&out), out.n / 2);
    assert_true(nz_str_eq(first, again));
    assert_true(nz_str_starts_with(first, NZ_STR("{\"id\":\"\\u0061\",\"decision\":\"allowed\"")));
    nz_buf_release(&out);
}

/* Cut at every byte: an error with its place, and the next line is as ever. */
static void cut_lines_are_refused(void **state)
{
    (void)state;
    const struct nz_str whole = NZ_STR(CASE_LINE);
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (size_t n = 1; n < whole.n; n++) {
        assert_int_equal(answer_line(nz_str_head(whole, n), &out), NZ_OK);
        assert_true(
            nz_str_starts_with(nz_buf_view(&out), NZ_STR("{\"id\":null,\"error\":{\"policy\":null,\"line\":1,")));
    }
    nz_buf_release(&out);
}

/* More documents than are kept: all are answered, and memory stays bounded. */
static void kept_policies_are_bounded(void **state)
{
    (void)state;
    struct nz_policy_cache cache = {0};
    for (unsigned i = 0; i < 1000; i++) {
        char text[256];
        const struct nz_policy *policy, *same;
        struct nz_diag diag = NZ_DIAG_INIT;
        snprintf(text, sizeof text, "{\"Id\":\"%u\",\"Statement\":[]}", i);
        nz_policy_cache_trim(&cache, 100, (size_t)1 << 20);
        assert_int_equal(nz_policy_cache_get(&cache, nz_str_from_c(text), NZ_POLICY_SCP, &policy, &diag), NZ_OK);
        assert_int_equal(nz_policy_cache_get(&cache, nz_str_from_c(text), NZ_POLICY_SCP, &same, &diag), NZ_OK);
        assert_ptr_equal(policy, same);
        assert_int_equal(nz_policy_cache_get(&cache, nz_str_from_c(text), NZ_POLICY_RESOURCE, &same, &diag), NZ_OK);
        assert_ptr_not_equal(policy, same); /* what a document means depends on its kind */
        assert_in_range(cache.count, 1, 102);
    }
    nz_policy_cache_release(&cache);
    nz_policy_cache_release(&cache);
}

/* Cut at every byte: refused with a place inside, never taken. */
static void cut_documents_are_refused(void **state)
{
    (void)state;
    const struct nz_str whole = NZ_STR(EVERYTHING);
    for (size_t n = 0; n < whole.n; n++) {
        struct nz_policy *policy;
        struct nz_diag diag = NZ_DIAG_INIT;
        assert_int_not_equal(nz_policy_compile(nz_str_head(whole, n), NZ_POLICY_RESOURCE, &policy, &diag), NZ_OK);
        assert_null(policy);
        assert_int_equal(diag.line, 1);
        assert_in_range(diag.column, 1, n + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_keys_are_named),
        cmocka_unit_test(requests_are_checked),
        cmocka_unit_test(patterns_match_as_the_obvious_way),
        cmocka_unit_test(long_pieces_are_found),
        cmocka_unit_test(characters_are_not_bytes),
        cmocka_unit_test(decimals_compare),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(cut_documents_are_refused),
        cmocka_unit_test(a_line_is_answered_or_memory_is_out),
        cmocka_unit_test(cut_lines_are_refused),
        cmocka_unit_test(kept_policies_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
