/* core/yaml: trees, places, types, limits. */
#include "core/yaml.h"

#include "core/buf.h"
#include "support/faults.h"
#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The tree in one line: scalars as they are, quoted ones in single quotes. */
static void dump(struct nz_buf *out, const struct nz_yaml *node)
{
    switch (node->kind) {
    case NZ_YAML_SCALAR:
        nz_buf_printf(out, node->quoted ? "'%.*s'" : "%.*s", NZ_STR_ARG(node->text));
        assert_int_equal(node->text.p[node->text.n], '\0');
        break;
    case NZ_YAML_SEQUENCE:
        nz_buf_append_char(out, '[');
        for (size_t i = 0; i < node->count; i++) {
            nz_buf_append(out, i ? NZ_STR(",") : NZ_STR(""));
            dump(out, &node->items[i]);
        }
        nz_buf_append_char(out, ']');
        break;
    case NZ_YAML_MAPPING:
        nz_buf_append_char(out, '{');
        for (size_t i = 0; i < node->count; i++) {
            nz_buf_append(out, i ? NZ_STR(",") : NZ_STR(""));
            dump(out, &node->items[2 * i]);
            nz_buf_append_char(out, ':');
            dump(out, &node->items[2 * i + 1]);
        }
        nz_buf_append_char(out, '}');
        break;
    }
}

static enum nz_err parse_dump(struct nz_str source, struct nz_buf *out, struct nz_diag *diag)
{
    struct nz_arena keep;
    nz_arena_init(&keep, 0);
    const struct nz_yaml *documents;
    size_t count;
    enum nz_err err = nz_yaml_parse(&keep, source, &documents, &count, diag);
    nz_buf_clear(out);
    for (size_t i = 0; i < count; i++) {
        nz_buf_append(out, i ? NZ_STR(" --- ") : NZ_STR(""));
        dump(out, &documents[i]);
    }
    nz_buf_append_char(out, '\0');
    nz_arena_release(&keep);
    return err;
}

static void documents_become_trees(void **state)
{
    (void)state;
    static const struct {
        const char *source, *tree;
    } cases[] = {
        {"a: 1\nb: [x, 'y', \"z\"]\n", "{a:1,b:[x,'y','z']}"},
        {"a: 1\r\nb:\r\n  - x\r\n  - y\r\n", "{a:1,b:[x,y]}"},
        {"\xef\xbb\xbf"
         "a: 1\n",
         "{a:1}"},
        {"", ""},
        {"# nothing\n", ""},
        {"---\n", ""},
        {"---\na\n---\n---\nb\n...\n---\nc", "a ---  --- b --- c"},
        {"a: |\n  x\n  ---\n  y\n", "{a:'x\n---\ny\n'}"},
        {"a: >\n  x\n  y\n", "{a:'x y\n'}"},
        {"a: &n [1, 2]\nb: *n\nc: *n\n", "{a:[1,2],b:[1,2],c:[1,2]}"},
        {"- &x a\n- *x\n- &x b\n- *x\n", "[a,a,b,b]"}, /* the later anchor of a name wins */
        {"a: &m {k: v}\nb:\n  <<: *m\n", "{a:{k:v},b:{<<:{k:v}}}"},
        {"? [a, b]\n: c\n", "{[a,b]:c}"},
        {"a: !!str 12\nb: ! 12\nc: !!int '12'\n", "{a:'12',b:'12',c:'12'}"},
        {"a:\nb: ~\n", "{a:,b:~}"},
        {"a: No\nb: \xe5\xaf\x9d\xe3\x81\x9a\n", "{a:No,b:\xe5\xaf\x9d\xe3\x81\x9a}"},
        {"[]", "[]"},
        {"{}", "{}"},
        {"\xff\xfe"
         "a\0:\0 \0001\0",
         "{a:1}"},
    };
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_diag diag = NZ_DIAG_INIT;
        struct nz_str source = nz_str_from_c(cases[i].source);
        if (nz_str_starts_with(source, NZ_STR("\xff\xfe")))
            source.n = 10; /* UTF-16 holds NULs */
        enum nz_err err = parse_dump(source, &out, &diag);
        if (err)
            fail_msg("%s%u:%u: %s: %s", cases[i].source, diag.line, diag.column, nz_err_name(err), diag.text);
        assert_string_equal(out.p, cases[i].tree);
    }
    nz_buf_release(&out);
}

static void errors_have_places(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        enum nz_err err;
        unsigned line, column;
        const char *before; /* what was read of it */
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", NZ_E_YAML_DUPLICATE, 3, 1, ""},
        /*               ^ */
        {"x:\n  k: 1\n  \"k\": 2\n", NZ_E_YAML_DUPLICATE, 3, 3, ""},
        {"{b: 1, a: 1, b: 2, a: 2}", NZ_E_YAML_DUPLICATE, 1, 14, ""},
        /*             ^ the first that stands twice, not the least */
        {"1: a\n'1': b\n", NZ_E_YAML_DUPLICATE, 2, 1, ""},
        {"ok: 1\n---\na: 1\na: 2\n---\nnever: 1\n", NZ_E_YAML_DUPLICATE, 4, 1, "{ok:1}"},
        {"ok: 1\n---\nok: 2\n---\na: [1\nb: 2\n", NZ_E_YAML_SYNTAX, 6, 2, "{ok:1} --- {ok:2}"},
        {"a: b: c\n", NZ_E_YAML_SYNTAX, 1, 5, ""},
        {"\ta: 1\n", NZ_E_YAML_SYNTAX, 1, 1, ""},
        {"a: 'x\n", NZ_E_YAML_SYNTAX, 2, 1, ""},
        {"a: *none\n", NZ_E_YAML_SYNTAX, 1, 4, ""},
        {"a: &x 1\n---\nb: *x\n", NZ_E_YAML_SYNTAX, 3, 4, "{a:1}"}, /* anchors end with their document */
        {"a: 1\nb: \xff\n", NZ_E_YAML_SYNTAX, 2, 4, ""},
        {"a: 1\nb: \x01\n", NZ_E_YAML_SYNTAX, 2, 4, ""},
        {"a: @x\n", NZ_E_YAML_SYNTAX, 1, 4, ""},
        {"%YAML 3.0\n---\na\n", NZ_E_YAML_SYNTAX, 1, 1, ""},
        {"&a [*a]", NZ_E_YAML_LIMIT, 1, 5, ""},
        {"a: &m\n  b: {c: *m}\n", NZ_E_YAML_LIMIT, 2, 10, ""},
    };
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_diag diag = NZ_DIAG_INIT;
        enum nz_err err = parse_dump(nz_str_from_c(cases[i].source), &out, &diag);
        if (err != cases[i].err || diag.line != cases[i].line || diag.column != cases[i].column)
            fail_msg("%s%u:%u: %s: %s", cases[i].source, diag.line, diag.column, nz_err_name(err), diag.text);
        assert_int_equal(diag.code, err);
        assert_string_equal(out.p, cases[i].before);
    }
    nz_buf_release(&out);
}

static void nodes_have_places(void **state)
{
    (void)state;
    struct nz_arena keep;
    nz_arena_init(&keep, 0);
    const struct nz_yaml *documents;
    size_t count;
    assert_int_equal(nz_yaml_parse(&keep, NZ_STR("\xe5\xaf\x9d: &n {k: v}\nb:\n  - *n\n"), &documents, &count, NULL),
                     NZ_OK);
    assert_int_equal(count, 1);
    const struct nz_yaml *first = &documents[0].items[1], *b = nz_yaml_get(documents, "b");
    assert_int_equal(first->line, 1);
    assert_int_equal(first->column, 4); /* characters, not bytes */
    assert_int_equal(b->items[0].line, 3);
    assert_int_equal(b->items[0].column, 5);
    assert_ptr_equal(b->items[0].items, first->items); /* an alias is no copy */
    assert_null(nz_yaml_get(documents, "k"));
    assert_null(nz_yaml_get(b, "k"));
    assert_null(nz_yaml_get(NULL, "k"));
    nz_arena_release(&keep);
}

static void scalars_have_the_types_of_the_core_schema(void **state)
{
    (void)state;
    static const char *const texts[][40] = {
        [NZ_YAML_NULL] = {"null", "Null", "NULL", "~", ""},
        [NZ_YAML_BOOL] = {"true", "True", "TRUE", "false", "False", "FALSE"},
        [NZ_YAML_INT] = {"0", "-19", "+1", "007", "0o7", "0x3A", "0xfF", "123456789012345678901234567890"},
        [NZ_YAML_FLOAT] = {"0.", "-0.0", ".5", "+12e03", "-2E+05", "1e1", ".inf", "-.Inf", "+.INF", ".nan", ".NAN"},
        [NZ_YAML_TEXT] = {"No",   "yes",   "on",   "y",     "nULL",       "tRUE", "0o8", "0x", "0o",  "0xg",
                          "-0x1", "1_0",   "1:30", "-",     "+",          ".",    "-.",  "1e", "1e+", "e1",
                          ".e1",  "1.2.3", "inf",  "-.nan", "2023-07-10", "1 ",   "--1", "0b1"},
    };
    for (int type = NZ_YAML_NULL; type <= NZ_YAML_TEXT; type++) {
        for (size_t i = 0; i < 40 && texts[type][i]; i++) {
            struct nz_yaml plain = {.kind = NZ_YAML_SCALAR, .text = nz_str_from_c(texts[type][i])};
            struct nz_yaml quoted = plain;
            quoted.quoted = true;
            if (nz_yaml_type(&plain) != (enum nz_yaml_type)type)
                fail_msg("'%s' is %d, not %d", texts[type][i], nz_yaml_type(&plain), type);
            assert_int_equal(nz_yaml_type(&quoted), NZ_YAML_TEXT);
            assert_int_equal(nz_yaml_is_null(&plain), type == NZ_YAML_NULL);
            bool value = false;
            assert_int_equal(nz_yaml_bool(&plain, &value), type == NZ_YAML_BOOL);
            assert_int_equal(value, type == NZ_YAML_BOOL && i < 3);
            assert_false(nz_yaml_bool(&quoted, &value));
        }
    }
    bool value;
    assert_true(nz_yaml_is_null(NULL));
    assert_false(nz_yaml_bool(NULL, &value));
    assert_false(nz_yaml_is_null(&(struct nz_yaml){.kind = NZ_YAML_MAPPING}));
}

static void expect_limit(struct nz_buf *source, enum nz_err expected)
{
    struct nz_arena keep;
    nz_arena_init(&keep, 0);
    const struct nz_yaml *documents;
    size_t count;
    struct nz_diag diag = NZ_DIAG_INIT;
    assert_int_equal(nz_buf_status(source), NZ_OK);
    assert_int_equal(nz_yaml_parse(&keep, nz_buf_view(source), &documents, &count, &diag), expected);
    assert_int_equal(count, expected == NZ_OK);
    assert_true(keep.used_bytes < (size_t)128 << 20);
    nz_arena_release(&keep);
    nz_buf_clear(source);
}

static void repeat(struct nz_buf *out, const char *text, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        nz_buf_append(out, nz_str_from_c(text));
}

static void bombs_end_in_a_limit(void **state)
{
    (void)state;
    struct nz_buf b;
    nz_buf_init(&b, 0);
    /* a billion laughs: ten times ten times ten ... */
    nz_buf_printf(&b, "a0: &a0 x\n");
    for (int i = 1; i < 10; i++) {
        nz_buf_printf(&b, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            nz_buf_printf(&b, "%s*a%d", j ? ", " : "", i - 1);
        nz_buf_printf(&b, "]\n");
    }
    expect_limit(&b, NZ_E_YAML_LIMIT);
    /* depth: 64 levels are, 65 are not, however they are written */
    repeat(&b, "[", 64);
    repeat(&b, "]", 64);
    expect_limit(&b, NZ_OK);
    repeat(&b, "[", 65);
    repeat(&b, "]", 65);
    expect_limit(&b, NZ_E_YAML_LIMIT);
    repeat(&b, "- ", 63);
    expect_limit(&b, NZ_OK);
    repeat(&b, "- ", 64);
    expect_limit(&b, NZ_E_YAML_LIMIT);
    repeat(&b, "[", 1000000);
    expect_limit(&b, NZ_E_YAML_LIMIT);
    repeat(&b, "- ", 1000000);
    expect_limit(&b, NZ_E_YAML_LIMIT);
    /* depth by aliases: each level names the one before */
    nz_buf_printf(&b, "a0: &a0 []\n");
    for (int i = 1; i < 63; i++)
        nz_buf_printf(&b, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    expect_limit(&b, NZ_OK);
    nz_buf_printf(&b, "a0: &a0 []\n");
    for (int i = 1; i < 64; i++)
        nz_buf_printf(&b, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    expect_limit(&b, NZ_E_YAML_LIMIT);
    /* width */
    repeat(&b, "- a\n", 199999);
    expect_limit(&b, NZ_OK);
    repeat(&b, "- a\n", 200000);
    expect_limit(&b, NZ_E_YAML_LIMIT);
    for (int i = 0; i < 1025; i++)
        nz_buf_printf(&b, "- &a%d x\n", i);
    expect_limit(&b, NZ_E_YAML_LIMIT);
    for (int i = 0; i < 65; i++)
        nz_buf_printf(&b, "%%TAG !t%d! x\n", i);
    nz_buf_printf(&b, "---\na");
    expect_limit(&b, NZ_E_YAML_LIMIT);
    repeat(&b, "#234567\n", (4 << 20) / 8);
    nz_buf_append(&b, NZ_STR("\n"));
    expect_limit(&b, NZ_E_YAML_LIMIT);
    nz_buf_release(&b);
}

static void many_keys_are_compared_in_time(void **state)
{
    (void)state;
    struct nz_buf b;
    nz_buf_init(&b, 0);
    for (int i = 0; i < 99999; i++)
        nz_buf_printf(&b, "k%d:\n", i);
    expect_limit(&b, NZ_OK);
    nz_buf_release(&b);
}

static const char sample[] = "a: &x [1, {b: c}]\nd: *x\n\"e\": |\n  text\n---\n- f\n- g\n---\nh: 1\nh: 2\n";

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_arena keep;
        nz_arena_init(&keep, 0);
        const struct nz_yaml *documents;
        size_t count;
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_fault_arm(nth);
        enum nz_err err = nz_yaml_parse(&keep, nz_str_of(sample, sizeof sample - 1), &documents, &count, &diag);
        nz_fault_disarm();
        bool fired = nz_fault_fired();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_E_YAML_DUPLICATE);
        assert_int_equal(diag.code, err);
        assert_true(fired || count == 2);
        nz_arena_release(&keep);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired) {
            assert_in_range(nth, 3, 100);
            break;
        }
    }
    struct nz_arena small;
    const struct nz_yaml *documents;
    size_t count;
    nz_arena_init(&small, 1);
    assert_int_equal(nz_yaml_parse(&small, nz_str_of(sample, sizeof sample - 1), &documents, &count, NULL), NZ_E_NOMEM);
    nz_arena_release(&small);
}

/* Nothing here but that it ends, in bounds (the sanitizers look), with a code that the header names. */
static void a_source_cut_anywhere_is_harmless(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof sample; cut++) {
        char *exact = malloc(cut + 1);
        assert_non_null(exact);
        memcpy(exact, sample, cut);
        struct nz_arena keep;
        nz_arena_init(&keep, 0);
        const struct nz_yaml *documents;
        size_t count;
        enum nz_err err = nz_yaml_parse(&keep, nz_str_of(exact, cut), &documents, &count, NULL);
        assert_true(err == NZ_OK || err == NZ_E_YAML_SYNTAX || err == NZ_E_YAML_DUPLICATE);
        nz_arena_release(&keep);
        free(exact);
    }
}

/* The rules that people write: all must be read, and each has its title. */
static void real_rules_are_read(void **state)
{
    (void)state;
    const char *folder = nz_test_shared("data/sigma-aws");
    if (!folder) {
        print_message("skipped: no sigma-aws data\n");
        skip();
    }
    char path[4096];
    snprintf(path, sizeof path, "%s", folder);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    unsigned read = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!nz_str_ends_with(nz_str_from_c(entry->d_name), NZ_STR(".yml")))
            continue;
        char file[8192];
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        struct nz_str source = nz_test_read(file);
        struct nz_arena keep;
        nz_arena_init(&keep, 0);
        const struct nz_yaml *documents;
        size_t count;
        struct nz_diag diag = NZ_DIAG_INIT;
        if (nz_yaml_parse(&keep, source, &documents, &count, &diag))
            fail_msg("%s:%u:%u: %s", entry->d_name, diag.line, diag.column, diag.text);
        assert_int_equal(count, 1);
        assert_non_null(nz_yaml_get(&documents[0], "title"));
        nz_arena_release(&keep);
        free((char *)(uintptr_t)source.p);
        read++;
    }
    closedir(dir);
    assert_true(read >= 57);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_become_trees),
        cmocka_unit_test(errors_have_places),
        cmocka_unit_test(nodes_have_places),
        cmocka_unit_test(scalars_have_the_types_of_the_core_schema),
        cmocka_unit_test(bombs_end_in_a_limit),
        cmocka_unit_test(many_keys_are_compared_in_time),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(a_source_cut_anywhere_is_harmless),
        cmocka_unit_test(real_rules_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
