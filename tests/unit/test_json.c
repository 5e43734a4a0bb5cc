/* The JSON reader: grammar, limits, values, and the kernels against one another. */
#include "core/json.h"
#include "core/json_index.h"
#include "core/json_walk.h"

#include "support/faults.h"
#include "support/files.h"
#include "support/random.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static enum nz_err parse(struct nz_str text, struct nz_diag *diag)
{
    struct nz_json_doc doc;
    struct nz_json root;
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, text, &root, diag);
    nz_json_doc_release(&doc);
    return err;
}

static void errors_point_at_the_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t at;
        enum nz_err err;
    } bad[] = {
        /* clang-format off */
        { "",               0, NZ_E_JSON_END },
        { "[1,2",           4, NZ_E_JSON_END },
        { "\"abc",          4, NZ_E_JSON_END },
        { "[1 2]",          3, NZ_E_JSON_SYNTAX },
        { "{\"a\" 1}",      5, NZ_E_JSON_SYNTAX },
        { "{\"a\":1,}",     7, NZ_E_JSON_SYNTAX },
        { "{\"a\":tru}",    5, NZ_E_JSON_SYNTAX },
        { "[true\"x\"]",    1, NZ_E_JSON_SYNTAX },
        { "[\"x\"y]",       4, NZ_E_JSON_SYNTAX },
        { "[01]",           1, NZ_E_JSON_NUMBER },
        { "[1.]",           1, NZ_E_JSON_NUMBER },
        { "[-]",            1, NZ_E_JSON_NUMBER },
        { "[1e]",           1, NZ_E_JSON_NUMBER },
        { "[\"a\\x\"]",     3, NZ_E_JSON_ESCAPE },
        { "[\"\\u12g4\"]",  2, NZ_E_JSON_ESCAPE },
        { "[\"\\ud800\"]",  2, NZ_E_JSON_SURROGATE },
        { "[\"\\ud800\\u0041\"]", 2, NZ_E_JSON_SURROGATE },
        { "[\"\\udc00\"]",  2, NZ_E_JSON_SURROGATE },
        { "[\"a\nb\"]",     3, NZ_E_JSON_CONTROL },
        { "[\"a\xff\"]",    3, NZ_E_JSON_UTF8 },
        { "[\"\xed\xa0\x80\"]", 2, NZ_E_JSON_UTF8 },
        { "{} {}",          3, NZ_E_JSON_SYNTAX },
        { "[1]]",           3, NZ_E_JSON_SYNTAX },
        { "{]",             1, NZ_E_JSON_SYNTAX },
        /* clang-format on */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct nz_diag diag = NZ_DIAG_INIT;
        enum nz_err err = parse(nz_str_from_c(bad[i].text), &diag);
        if (err != bad[i].err || diag.offset != bad[i].at)
            fail_msg("%s: got %s at %llu", bad[i].text, nz_err_name(err), (unsigned long long)diag.offset);
        assert_int_equal(diag.code, err);
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[2 * NZ_JSON_DEPTH_MAX + 4];
    for (unsigned depth = NZ_JSON_DEPTH_MAX - 1; depth <= NZ_JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        struct nz_diag diag = NZ_DIAG_INIT;
        enum nz_err err = parse(nz_str_of(text, (size_t)2 * depth), &diag);
        assert_int_equal(err, depth <= NZ_JSON_DEPTH_MAX ? NZ_OK : NZ_E_JSON_DEPTH);
    }
}

static void numbers_are_bounded(void **state)
{
    (void)state;
    char text[NZ_JSON_NUMBER_BYTES_MAX + 2];
    memset(text, '7', sizeof text);
    struct nz_diag diag = NZ_DIAG_INIT;
    assert_int_equal(parse(nz_str_of(text, NZ_JSON_NUMBER_BYTES_MAX), &diag), NZ_OK);
    assert_int_equal(parse(nz_str_of(text, NZ_JSON_NUMBER_BYTES_MAX + 1), &diag), NZ_E_JSON_NUMBER);
}

/* --- JSONTestSuite: y_ accepted, n_ refused, i_ either but no crash --- */
static void test_suite_is_obeyed(void **state)
{
    (void)state;
    const char *found = nz_test_shared("json-test-suite/test_parsing");
    if (!found)
        found = nz_test_shared("data/json-test-suite/test_parsing");
    if (!found) {
        print_message("skipped: JSONTestSuite is not here\n");
        skip();
        return;
    }
    char folder[2048], path[4096];
    snprintf(folder, sizeof folder, "%s", found);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    unsigned accepted = 0, refused = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (!strstr(e->d_name, ".json"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        struct nz_str text = nz_test_read(path);
        struct nz_diag diag = NZ_DIAG_INIT;
        enum nz_err err = parse(text, &diag);
        if ((e->d_name[0] == 'y' && err != NZ_OK) || (e->d_name[0] == 'n' && err == NZ_OK))
            fail_msg("%s: %s %s", e->d_name, nz_err_name(err), diag.text);
        accepted += e->d_name[0] == 'y';
        refused += e->d_name[0] == 'n';
        free((void *)(uintptr_t)text.p);
    }
    closedir(dir);
    assert_in_range(accepted, 90, 1000);
    assert_in_range(refused, 180, 1000);
}

/* --- the kernels give one index --- */
static void same_index(const struct nz_json_index *a, const struct nz_json_index *b, const char *kernel)
{
    if (a->count != b->count || memcmp(a->tokens, b->tokens, (a->count + 1) * sizeof *a->tokens) != 0)
        fail_msg("kernel %s: tokens differ (%zu, %zu)", kernel, a->count, b->count);
    assert_int_equal(a->escapes_count, b->escapes_count);
    assert_int_equal(a->faults_count, b->faults_count);
    assert_int_equal(a->in_string, b->in_string);
    for (size_t i = 0; i < a->escapes_count; i++)
        assert_int_equal(a->escapes[i], b->escapes[i]);
    for (size_t i = 0; i < a->faults_count; i++) {
        assert_int_equal(a->faults[i].offset, b->faults[i].offset);
        assert_int_equal(a->faults[i].code, b->faults[i].code);
    }
}

static void kernels_agree(void **state)
{
    (void)state;
    static const char alphabet[] =
        "{}[]:,\"\"\"\\\\ \t\nabtrue0123.eE-\x01\x1f\x7f\xc3\xa9\xe3\x81\x82\xf0\x9f\x98\x80\xff\x0b\x3a\x1a\x2c\x0c";
    const struct nz_json_kernel *kernels[8];
    size_t count = nz_json_kernels(kernels, 8);
    assert_in_range(count, 1, 8);
    assert_string_equal(nz_json_kernel_name(kernels[count - 1]), "plain");
    struct nz_json_index plain = {0}, other = {0};
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 3000; round++) {
        size_t n = nz_random_next(&seed) % 300;
        char *text = malloc(n ? n : 1); /* exact, so that the sanitizer sees a read past the end */
        for (size_t i = 0; i < n; i++)
            text[i] = alphabet[nz_random_next(&seed) % (sizeof alphabet - 1)];
        assert_int_equal(nz_json_index_build(&plain, kernels[count - 1], text, n), NZ_OK);
        for (size_t k = 0; k + 1 < count; k++) {
            assert_int_equal(nz_json_index_build(&other, kernels[k], text, n), NZ_OK);
            same_index(&plain, &other, nz_json_kernel_name(kernels[k]));
        }
        free(text);
    }
    nz_json_index_release(&plain);
    nz_json_index_release(&other);
}

/* --- values --- */
static void values_are_read(void **state)
{
    (void)state;
    struct nz_str text = NZ_STR(" { \"a\" : [ 1 , -2.5e3, \"x\\n\\u00e9\\ud83d\\ude00\" , null, true,false,{ } ] "
                                ",\"b\" : \"plain\" , \"a.b\":{\"c\":\"\\\"\"}, \"b\":\"last\" } ");
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_buf scratch;
    nz_json_doc_init(&doc);
    nz_buf_init(&scratch, 0);
    assert_int_equal(nz_json_parse(&doc, text, &root, NULL), NZ_OK);
    struct nz_json a = nz_json_get(root, NZ_STR("a"));
    static const enum nz_json_kind kinds[] = {NZ_JSON_NUMBER, NZ_JSON_NUMBER, NZ_JSON_STRING, NZ_JSON_NULL,
                                              NZ_JSON_TRUE,   NZ_JSON_FALSE,  NZ_JSON_OBJECT};
    size_t n = 0;
    struct nz_json_iter it = nz_json_iter(a);
    while (nz_json_next(&it)) {
        assert_int_equal(nz_json_kind(it.value), kinds[n]);
        if (n == 1)
            assert_true(nz_str_eq(nz_json_text(it.value, &scratch), NZ_STR("-2.5e3")));
        if (n == 2)
            assert_true(nz_str_eq(nz_json_string(it.value, &scratch), NZ_STR("x\n\xc3\xa9\xf0\x9f\x98\x80")));
        n++;
    }
    assert_int_equal(n, 7);
    assert_true(nz_str_eq(nz_json_text(nz_json_get(root, NZ_STR("b")), &scratch), NZ_STR("last")));
    assert_true(nz_str_eq(nz_json_source(nz_json_get(root, NZ_STR("b"))), NZ_STR("\"last\"")));
    assert_true(nz_str_eq(nz_json_text(nz_json_get(root, NZ_STR("a.b")), &scratch), NZ_STR("{\"c\":\"\\\"\"}")));
    assert_true(nz_json_is_absent(nz_json_get(root, NZ_STR("c"))));
    nz_buf_clear(&scratch);
    nz_json_append_compact(root, &scratch);
    assert_true(
        nz_str_eq(nz_buf_view(&scratch), NZ_STR("{\"a\":[1,-2.5e3,\"x\\n\\u00e9\\ud83d\\ude00\",null,true,false,{}],"
                                                "\"b\":\"plain\",\"a.b\":{\"c\":\"\\\"\"},\"b\":\"last\"}")));
    nz_buf_release(&scratch);
    nz_json_doc_release(&doc);
}

static void escaped_keys_are_found(void **state)
{
    (void)state;
    struct nz_json_doc doc;
    struct nz_json root;
    nz_json_doc_init(&doc);
    assert_int_equal(nz_json_parse(&doc, NZ_STR("{\"event\\u004eame\":1}"), &root, NULL), NZ_OK);
    assert_false(nz_json_is_absent(nz_json_get(root, NZ_STR("eventName"))));
    assert_true(nz_json_key_is(NZ_STR("\\ud83d\\ude00\\n"), NZ_STR("\xf0\x9f\x98\x80\n")));
    assert_false(nz_json_key_is(NZ_STR("\\u0061b"), NZ_STR("a")));
    assert_false(nz_json_key_is(NZ_STR("\\u0061"), NZ_STR("ab")));
    nz_json_doc_release(&doc);
}

static void strings_are_written(void **state)
{
    (void)state;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_json_append_string(&out, NZ_STR("a\"\\\n\x01\x7f\xe2\x80\xa8\xff\xe3\x81\x82/"));
    assert_true(nz_str_eq(nz_buf_view(&out), NZ_STR("\"a\\\"\\\\\\n\\u0001\\u007f\\u2028\xef\xbf\xbd\xe3\x81\x82/\"")));
    nz_buf_clear(&out); /* what acts on who shows it: CSI, marks of direction; their neighbours stay */
    nz_json_append_string(
        &out,
        NZ_STR("\xc2\x9b\xc2\xa0\xd8\x9c\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\xae\xe2\x80\xaf\xe2\x81\xa6\xf0\x9f\x98\x80"));
    assert_true(
        nz_str_eq(nz_buf_view(&out),
                  NZ_STR("\"\\u009b\xc2\xa0\\u061c\xe2\x80\x8d\\u200e\\u202e\xe2\x80\xaf\\u2066\xf0\x9f\x98\x80\"")));
    nz_buf_release(&out);
}

static void failed_allocations_are_survived(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_fault_arm(nth);
        enum nz_err err = parse(NZ_STR("{\"a\":\"\\n\xff\"}"), &diag);
        nz_fault_disarm();
        assert_int_equal(nz_live_allocations(), before);
        if (!nz_fault_fired()) {
            assert_int_equal(err, NZ_E_JSON_UTF8);
            break;
        }
        assert_int_equal(err, NZ_E_NOMEM);
    }
}

static void walk_finds_members_and_knows_a_cut(void **state)
{
    (void)state;
    static const struct nz_str names[] = {{"eventName", 9}, {"id", 2}, {"eventNames", 10}};
    struct nz_json_keys keys;
    assert_true(nz_json_keys_init(&keys, names, 3));
    struct nz_str text =
        NZ_STR("{\"id\":{\"eventName\":\"inner\"},\"eventN\\u0061me\" : \"outer\",\"x\":[{\"id\":1}],\"id\":2}");
    struct nz_json_index ix = {0};
    for (size_t cut = 0; cut <= text.n; cut++) {
        uint32_t slots[4] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
        size_t token = 0;
        char *copy = malloc(cut + 1);
        memcpy(copy, text.p, cut);
        assert_int_equal(nz_json_index_build(&ix, NULL, copy, cut), NZ_OK);
        enum nz_json_walked walked = nz_json_walk(&ix, copy, false, &token, &keys, slots, NULL);
        assert_int_equal(walked, cut < text.n ? NZ_JSON_CUT : NZ_JSON_WHOLE);
        if (cut == text.n) {
            assert_int_equal(token, ix.count);
            assert_memory_equal(copy + ix.tokens[slots[0]], "\"outer\"", 7);
            assert_int_equal(copy[ix.tokens[slots[1]]], '2');
            assert_int_equal(slots[2], UINT32_MAX);
            assert_int_equal(copy[ix.tokens[slots[3]]], '['); /* x, which is none of the names */
        }
        free(copy);
    }
    nz_json_index_release(&ix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_point_at_the_byte),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(numbers_are_bounded),
        cmocka_unit_test(test_suite_is_obeyed),
        cmocka_unit_test(kernels_agree),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(escaped_keys_are_found),
        cmocka_unit_test(strings_are_written),
        cmocka_unit_test(failed_allocations_are_survived),
        cmocka_unit_test(walk_finds_members_and_knows_a_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
