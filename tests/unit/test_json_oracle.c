/* The JSON reader against jansson: the same texts accepted, the same values read, on real trails and on mutated ones. */
#include "core/json.h"

#include "support/files.h"
#include "support/random.h"

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

static struct nz_buf scratch;

static bool same_value(struct nz_json ours, json_t *theirs);

static bool same_object(struct nz_json ours, json_t *theirs)
{
    struct nz_json_iter it = nz_json_iter(ours);
    while (nz_json_next(&it)) {
        nz_buf_clear(&scratch);
        nz_json_unescape(it.key, &scratch);
        /* the last of equal names wins in both: look ours up by name too */
        char *name = strndup(scratch.p ? scratch.p : "", scratch.n);
        struct nz_json last = nz_json_get(ours, nz_str_of(name, scratch.n));
        json_t *other = json_object_getn(theirs, name, scratch.n);
        bool same = other && same_value(last, other);
        free(name);
        if (!same)
            return false;
    }
    return true;
}

static bool same_array(struct nz_json ours, json_t *theirs)
{
    size_t at = 0;
    struct nz_json_iter it = nz_json_iter(ours);
    while (nz_json_next(&it)) {
        if (at >= json_array_size(theirs) || !same_value(it.value, json_array_get(theirs, at++)))
            return false;
    }
    return at == json_array_size(theirs);
}

static bool same_number(struct nz_json ours, json_t *theirs)
{
    struct nz_str text = nz_json_source(ours);
    char copy[NZ_JSON_NUMBER_BYTES_MAX + 1];
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (json_is_integer(theirs))
        return strtoll(copy, NULL, 10) == json_integer_value(theirs);
    return json_is_real(theirs) && strtod(copy, NULL) == json_real_value(theirs);
}

static bool same_value(struct nz_json ours, json_t *theirs)
{
    switch (nz_json_kind(ours)) {
    case NZ_JSON_ABSENT:
        return false;
    case NZ_JSON_NULL:
        return json_is_null(theirs);
    case NZ_JSON_FALSE:
        return json_is_false(theirs);
    case NZ_JSON_TRUE:
        return json_is_true(theirs);
    case NZ_JSON_NUMBER:
        return same_number(ours, theirs);
    case NZ_JSON_STRING:
        nz_buf_clear(&scratch);
        return json_is_string(theirs) && nz_str_eq(nz_json_string(ours, &scratch),
                                                   nz_str_of(json_string_value(theirs), json_string_length(theirs)));
    case NZ_JSON_ARRAY:
        return json_is_array(theirs) && same_array(ours, theirs);
    case NZ_JSON_OBJECT:
        return json_is_object(theirs) && same_object(ours, theirs);
    }
    return false;
}

static unsigned compared, accepted;

static void compare(struct nz_json_doc *doc, struct nz_str text)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_json root;
    json_error_t error;
    /* jansson takes a NUL byte after a value for the end; JSONTestSuite wants it refused */
    if (memchr(text.p, '\0', text.n))
        return;
    enum nz_err err = nz_json_parse(doc, text, &root, &diag);
    json_t *theirs = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    compared++;
    accepted += err == NZ_OK;
    /* what jansson cannot hold and we can: numbers beyond its machine types, names with a NUL */
    bool beyond = !theirs && (strstr(error.text, "too big") || strstr(error.text, "NUL byte in object key"));
    if (!beyond && ((err == NZ_OK) != (theirs != NULL)))
        fail_msg("ours %s at %llu, theirs %s at %d, of:\n%.*s", nz_err_name(err), (unsigned long long)diag.offset,
                 theirs ? "fine" : error.text, theirs ? 0 : error.position, NZ_STR_ARG(nz_str_head(text, 4000)));
    if (theirs && err == NZ_OK && !same_value(root, theirs))
        fail_msg("values differ in:\n%.*s", NZ_STR_ARG(nz_str_head(text, 4000)));
    json_decref(theirs);
}

static void mutate(struct nz_json_doc *doc, struct nz_str text, unsigned rounds, uint64_t *seed)
{
    static const char bytes[] = "{}[]:,\"\\ \n\tu0d8e9-+.tfn\x01\x80\xc3\xff";
    char *copy = malloc(text.n);
    for (unsigned i = 0; i < rounds; i++) {
        memcpy(copy, text.p, text.n);
        size_t n = text.n;
        for (unsigned changes = 1 + (unsigned)(nz_random_next(seed) % 3); changes; changes--) {
            size_t at = nz_random_next(seed) % n;
            uint64_t how = nz_random_next(seed) % 3;
            if (how == 0)
                copy[at] = bytes[nz_random_next(seed) % (sizeof bytes - 1)];
            else if (how == 1)
                memmove(copy + at, copy + at + 1, --n - at);
            else
                copy[at] = (char)(copy[at] ^ (1 << nz_random_next(seed) % 8));
        }
        compare(doc, nz_str_of(copy, n));
    }
    free(copy);
}

static struct nz_json_doc walk_doc;
static uint64_t walk_seed = 2463534242u;

static int visit(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)ftw;
    if (kind != FTW_F || st->st_size > 200000)
        return 0;
    struct nz_str text = nz_test_read(path);
    compare(&walk_doc, text);
    /* single records are mutated: in a whole file nearly every change would meet the same error first */
    struct nz_json root;
    if (nz_json_parse(&walk_doc, text, &root, NULL) == NZ_OK && nz_json_kind(root) == NZ_JSON_ARRAY) {
        struct nz_buf records[8];
        size_t count = 0;
        struct nz_json_iter it = nz_json_iter(root);
        while (count < 8 && nz_json_next(&it)) {
            nz_buf_init(&records[count], 0);
            nz_buf_append(&records[count++], nz_json_source(it.value));
        }
        for (size_t i = 0; i < count; i++) {
            mutate(&walk_doc, nz_buf_view(&records[i]), 40, &walk_seed);
            nz_buf_release(&records[i]);
        }
    }
    free((void *)(uintptr_t)text.p);
    return 0;
}

static void real_trails_and_their_mutations(void **state)
{
    (void)state;
    const char *folder = nz_test_shared("data/trails/stratus");
    if (!folder) {
        print_message("skipped: the real trails are not here\n");
        skip();
        return;
    }
    nz_json_doc_init(&walk_doc);
    assert_int_equal(nftw(folder, visit, 16, FTW_PHYS), 0);
    nz_json_doc_release(&walk_doc);
    assert_in_range(compared, 2000, 1000000);
    assert_in_range(accepted, compared / 20, compared); /* some mutations leave JSON behind, most do not */
}

static void mutations_of_a_hard_text(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\\u0041\":[1,-0.5e+3,true,false,null,{},[],\"\\ud83d\\ude00\\n\\\\\\\"/\",\"\xe5\xaf\x9d\xe3\x81\x9a\"],"
        "\"a\":{\"b\" : {\"c\": \"\\u0000\"} }, \"a\" : 12345678901234567890.5 }";
    struct nz_json_doc doc;
    uint64_t seed = 88172645463325252u;
    nz_json_doc_init(&doc);
    compare(&doc, nz_str_of(text, sizeof text - 1));
    mutate(&doc, nz_str_of(text, sizeof text - 1), 20000, &seed);
    nz_json_doc_release(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutations_of_a_hard_text),
        cmocka_unit_test(real_trails_and_their_mutations),
    };
    nz_buf_init(&scratch, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    nz_buf_release(&scratch);
    return failed;
}
