/* core/regex: what matches, what is refused, what is cut short. */
#include "core/regex.h"

#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static enum nz_err match_once(struct nz_str pattern, unsigned flags, struct nz_str text, bool *hit)
{
    struct nz_regex *re = NULL;
    struct nz_regex_scratch *scratch = NULL;
    *hit = false;
    enum nz_err err = nz_regex_compile(pattern, flags, &re, NULL);
    if (!err)
        err = nz_regex_scratch_new(&scratch);
    if (!err)
        err = nz_regex_match(re, scratch, text, hit);
    nz_regex_scratch_free(scratch);
    nz_regex_free(re);
    return err;
}

static void searches_find(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        unsigned flags;
        const char *text;
        bool hit;
    } cases[] = {
        {"b+c", 0, "aabbcc", true},
        {"b+c", 0, "aaBBcc", false},
        {"b+c", NZ_REGEX_NOCASE, "aaBBcc", true},
        {"^b", 0, "a\nb", false},
        {"^b", NZ_REGEX_MULTILINE, "a\nb", true},
        {"a.b", 0, "a\nb", false},
        {"a.b", NZ_REGEX_DOTALL, "a\nb", true},
        {"b", NZ_REGEX_ANCHORED, "abc", false},
        {"b", NZ_REGEX_ANCHORED, "b", true},
        {"a|ab", NZ_REGEX_ANCHORED, "ab", true}, /* the end is part of the search, not a test after it */
        {"a.c", NZ_REGEX_LITERAL, "abc", false},
        {"a.c", NZ_REGEX_LITERAL, "xa.cx", true},
        {"(", NZ_REGEX_LITERAL, "f(", true},
        {"\xc3\xa9", NZ_REGEX_LITERAL | NZ_REGEX_NOCASE, "CAF\xc3\x89", true},
        {"\xd0\xb6", NZ_REGEX_NOCASE, "\xd0\x96", true},
        {"^.$", 0, "\xe5\xaf\x9d", true}, /* one character, three bytes */
        {"\\d", 0, "\xd9\xa3", false},    /* an Arabic digit: \d is ASCII */
        {"", 0, "", true},
        {"", 0, "x", true},
        {"^$", 0, "", true},
        {"x", 0, "", false},
        {"(?i)x", 0, "X", true},
        {"(a)(b)(c)(d)(e)(f)", 0, "abcdef", true}, /* more groups than we keep places for */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool hit;
        enum nz_err err =
            match_once(nz_str_from_c(cases[i].pattern), cases[i].flags, nz_str_from_c(cases[i].text), &hit);
        if (err || hit != cases[i].hit)
            fail_msg("/%s/ on '%s': %s, %d", cases[i].pattern, cases[i].text, nz_err_name(err), hit);
    }
    bool hit;
    assert_int_equal(match_once(NZ_STR("a.b"), 0, nz_str_of("a\0b", 3), &hit), NZ_OK);
    assert_true(hit);
    assert_int_equal(match_once(nz_str_of("a\0b", 3), 0, nz_str_of("xa\0b", 4), &hit), NZ_OK);
    assert_true(hit);
    assert_int_equal(match_once(nz_str_of(NULL, 0), 0, nz_str_of(NULL, 0), &hit), NZ_OK);
    assert_true(hit);
}

static void bad_expressions_are_refused_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        size_t offset;
    } cases[] = {
        {"a(b", 3},
        /*   ^ the end, where the parenthesis is missing */
        {"*a", 0},
        {"ab[c", 4},
        {"a\\Cb", 3}, /* one byte of a character */
        {"a\xff", 1},
        {"(?<n>a)(?<n>b)", 12},
        {"a{2,1}", 5},
        {"\\", 1},
        {"(*LIMIT_MATCH=5", 15},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_regex *re = (struct nz_regex *)&(char){0}; /* must be overwritten */
        struct nz_diag diag = NZ_DIAG_INIT;
        assert_int_equal(nz_regex_compile(nz_str_from_c(cases[i].pattern), 0, &re, &diag), NZ_E_REGEX);
        assert_null(re);
        assert_int_equal(diag.code, NZ_E_REGEX);
        if (diag.offset != cases[i].offset)
            fail_msg("/%s/: offset %llu, %s", cases[i].pattern, (unsigned long long)diag.offset, diag.text);
        assert_true(diag.text[0] != '\0');
    }
}

static void large_expressions_are_refused(void **state)
{
    (void)state;
    struct nz_regex *re;
    char *text = malloc(70000);
    assert_non_null(text);
    memset(text, 'a', 70000);
    assert_int_equal(nz_regex_compile(nz_str_of(text, 70000), 0, &re, NULL), NZ_E_REGEX);
    assert_int_equal(nz_regex_compile(nz_str_of(text, 20000), 0, &re, NULL), NZ_OK);
    nz_regex_free(re);
    assert_int_equal(nz_regex_compile(NZ_STR("((a{1000}){1000}){1000}"), 0, &re, NULL), NZ_E_REGEX);
    memset(text, '(', 70000);
    assert_int_equal(nz_regex_compile(nz_str_of(text, 60000), 0, &re, NULL), NZ_E_REGEX);
    free(text);
}

static void runaway_expressions_end(void **state)
{
    (void)state;
    char text[64];
    memset(text, 'a', sizeof text);
    text[63] = '!';
    bool hit = true;
    assert_int_equal(match_once(NZ_STR("^(a+)+$"), 0, nz_str_of(text, sizeof text), &hit), NZ_E_REGEX_LIMIT);
    assert_false(hit);
    /* the same in the interpreter */
    assert_int_equal(match_once(NZ_STR("(*NO_JIT)^(a+)+$"), 0, nz_str_of(text, sizeof text), &hit), NZ_E_REGEX_LIMIT);
    assert_false(hit);
    /* recursion without an end */
    assert_int_equal(match_once(NZ_STR("(*NO_JIT)^(?R)?a|^(?R)"), 0, NZ_STR("b"), &hit), NZ_E_REGEX_LIMIT);
    assert_false(hit);
    /* an expression cannot lift the limit */
    /* calls, which the JIT would not count: each form ends, and soon */
    static const char *const calls[] = {
        "(?R)||||||||||(?R)||||||||||||||||||||||||||||||",
        "(|(?1)|(?1)|(?1)|||||||||||||||||)b",
        "(?<n>|(?&n)|(?P>n)||||||||||||||||)b",
        "(?<n>|\\g<n>|\\g'n'||||||||||||||||)b",
        "(|(?-1)||||||||||||)(?-1)(?+1)(|(?-1)|||||||||)b",
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        (void)match_once(nz_str_from_c(calls[i]), 0, NZ_STR("aaaaaaaaaaaaaaaa"), &hit);
        assert_false(hit && i > 0);
    }
    assert_int_equal(match_once(NZ_STR("(*LIMIT_MATCH=4000000000)^(a+)+$"), 0, nz_str_of(text, sizeof text), &hit),
                     NZ_E_REGEX_LIMIT);
}

static void long_texts_have_room(void **state)
{
    (void)state;
    size_t n = NZ_REGEX_TEXT_BYTES_MAX + 1;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, 'a', n);
    bool hit;
    assert_int_equal(match_once(NZ_STR("a"), 0, nz_str_of(text, n), &hit), NZ_E_REGEX_LIMIT);
    assert_false(hit);
    assert_int_equal(match_once(NZ_STR("^a*$"), 0, nz_str_of(text, n - 1), &hit), NZ_OK);
    assert_true(hit);
    /* backtracking points for each character: more than the stack holds is a limit too */
    assert_int_equal(match_once(NZ_STR("^(?:a|b)*$"), 0, nz_str_of(text, 60000), &hit), NZ_OK);
    assert_true(hit);
    assert_int_equal(match_once(NZ_STR("^(?:a|b)*$"), 0, nz_str_of(text, n - 1), &hit), NZ_E_REGEX_LIMIT);
    assert_false(hit);
    free(text);
}

/* A hit at each place of a text that is searched in pieces, among characters of one, two and three bytes; and what
 * looks behind, asks for the beginning or the end, or where the search began, means what it means. */
static void pieces_are_one_search(void **state)
{
    (void)state;
    enum { N = 5000 };
    static char text[N + 1];
    static const char *const fillers[] = {"a", "\xc3\xa9", "\xe5\xaf\x9d"};
    struct nz_regex *re, *end, *behind;
    struct nz_regex_scratch *scratch;
    bool hit;
    assert_int_equal(nz_regex_compile(NZ_STR("x+[yz]"), 0, &re, NULL), NZ_OK);
    assert_int_equal(nz_regex_compile(NZ_STR("$"), 0, &end, NULL), NZ_OK);
    assert_int_equal(nz_regex_compile(NZ_STR("(?<=x)y"), 0, &behind, NULL), NZ_OK);
    assert_int_equal(nz_regex_scratch_new(&scratch), NZ_OK);
    for (size_t f = 0; f < 3; f++) {
        size_t step = strlen(fillers[f]), n = N / step * step;
        for (size_t at = 0; at + 2 * step <= n; at += 7 * step) {
            for (size_t i = 0; i < n; i += step)
                memcpy(text + i, fillers[f], step);
            text[n] = '\0';
            assert_int_equal(nz_regex_match(re, scratch, nz_str_of(text, n), &hit), NZ_OK);
            assert_false(hit);
            memset(text + at, 'x', 2 * step);
            text[at + 2 * step - 1] = 'y';
            assert_int_equal(nz_regex_match(re, scratch, nz_str_of(text, n), &hit), NZ_OK);
            assert_true(hit);
            assert_int_equal(nz_regex_match(behind, scratch, nz_str_of(text, n), &hit), NZ_OK);
            assert_true(hit);
        }
        assert_int_equal(nz_regex_match(end, scratch, nz_str_of(text, n), &hit), NZ_OK);
        assert_true(hit);
    }
    nz_regex_free(re);
    nz_regex_free(end);
    nz_regex_free(behind);
    nz_regex_scratch_free(scratch);
    memset(text, 'a', N);
    memcpy(text + N - 1, "b", 1);
    assert_int_equal(match_once(NZ_STR("^b"), 0, nz_str_of(text, N), &hit), NZ_OK);
    assert_false(hit);
    assert_int_equal(match_once(NZ_STR("\\Gb"), 0, nz_str_of(text, N), &hit), NZ_OK);
    assert_false(hit);
    assert_int_equal(match_once(NZ_STR("a(*COMMIT)b"), 0, nz_str_of(text, N), &hit), NZ_OK);
    assert_false(hit); /* given up at the first a */
    assert_int_equal(match_once(NZ_STR("^a.*b"), 0, nz_str_of(text, N), &hit), NZ_OK);
    assert_true(hit); /* needs more steps than a piece begins with */
}

/* Quadratic in the text: within the limit of each position, past that of all. */
static void slow_searches_end(void **state)
{
    (void)state;
    const size_t n = 50000;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, 'a', n);
    bool hit;
    assert_int_equal(match_once(NZ_STR("(?:a|b)+[cd]"), 0, nz_str_of(text, n), &hit), NZ_E_REGEX_LIMIT);
    assert_false(hit);
    text[n - 1] = 'c';
    assert_int_equal(match_once(NZ_STR("(?:a|b)+[cd]"), 0, nz_str_of(text, n), &hit), NZ_OK);
    assert_true(hit);
    free(text);
}

static void texts_that_are_not_utf8_match_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"a\xff", "\xc3", "a\xed\xa0\x80", "\xf4\x90\x80\x80"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        bool hit = true;
        assert_int_equal(match_once(NZ_STR(""), 0, nz_str_from_c(texts[i]), &hit), NZ_OK);
        assert_false(hit);
    }
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        bool hit = false;
        nz_fault_arm(nth);
        enum nz_err err = match_once(NZ_STR("(a|b)*c(?<name>d)"), NZ_REGEX_NOCASE, NZ_STR("xxabCD"), &hit);
        nz_fault_disarm();
        assert_int_equal(nz_live_allocations(), before);
        /* without memory for the JIT the interpreter does it: a hit all the same */
        assert_true(err == NZ_OK ? hit : err == NZ_E_NOMEM && !hit);
        if (!nz_fault_fired()) {
            assert_in_range(nth, 5, 1000);
            break;
        }
    }
    nz_regex_free(NULL);
    nz_regex_scratch_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_find),
        cmocka_unit_test(bad_expressions_are_refused_with_their_place),
        cmocka_unit_test(large_expressions_are_refused),
        cmocka_unit_test(runaway_expressions_end),
        cmocka_unit_test(long_texts_have_room),
        cmocka_unit_test(pieces_are_one_search),
        cmocka_unit_test(slow_searches_end),
        cmocka_unit_test(texts_that_are_not_utf8_match_nothing),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
