/* The skim against the walk: what was skimmed is an object that the walk takes, with the same members; what is wrong is never
 * skimmed, wherever the borders of the blocks fall; and every kernel says so. */
#include "core/json_walk.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TEXT_BYTES_MAX 4096u

struct text {
    char bytes[TEXT_BYTES_MAX + NZ_JSON_SKIM_PAST_BYTES];
    size_t n;
};

static enum nz_json_skimmed skim(struct nz_json_skim *s, const struct nz_json_kernel *kernel, struct text *text)
{
    memset(text->bytes + text->n, '"', NZ_JSON_SKIM_PAST_BYTES); /* what stands behind must not matter */
    return nz_json_skim(s, kernel, text->bytes, text->n);
}

/* nz_json_names finds the members of an object inside, unless it leaves them to the tokens. */
static void expect_names(const struct nz_json_kernel *kernel, struct nz_json object)
{
    uint32_t names[NZ_JSON_NAMES_ROOM];
    struct nz_str source = nz_json_source(object);
    size_t count = nz_json_names(kernel, source.p, source.n, names), n = 0;
    struct nz_json_iter it = nz_json_iter(object);
    if (count == SIZE_MAX)
        return;
    for (; nz_json_next(&it); n++) {
        if (n >= count || source.p + names[n] + 1 != it.key.p)
            fail_msg("name %zu of %.*s", n, NZ_STR_ARG(source));
    }
    assert_int_equal(n, count);
    assert_int_equal(names[count], source.n);
}

static void expect_members(const struct nz_json_skim *s, const struct nz_json_kernel *kernel, const char *bytes)
{
    struct nz_json_doc doc;
    struct nz_json root;
    nz_json_doc_init(&doc);
    if (nz_json_parse(&doc, nz_str_of(bytes, s->end), &root, NULL) != NZ_OK)
        fail_msg("skimmed, but not JSON: %.*s", (int)s->end, bytes);
    struct nz_json_iter it = nz_json_iter(root);
    for (size_t i = 0; i < s->members; i++) {
        if (!nz_json_next(&it) || bytes + s->keys[i] + 1 != it.key.p)
            fail_msg("member %zu of %.*s", i, (int)s->end, bytes);
        if (nz_json_kind(it.value) == NZ_JSON_OBJECT)
            expect_names(kernel, it.value);
    }
    assert_false(nz_json_next(&it));
    nz_json_doc_release(&doc);
}

/* With every kernel. */
static bool is_skimmed(struct text *text)
{
    const struct nz_json_kernel *kernels[8];
    size_t count = nz_json_kernels(kernels, 8), whole = 0;
    for (size_t i = 0; i < count; i++) {
        struct nz_json_skim s;
        if (skim(&s, kernels[i], text) != NZ_JSON_SKIM_WHOLE)
            continue;
        expect_members(&s, kernels[i], text->bytes);
        whole++;
    }
    if (whole != 0 && whole != count)
        fail_msg("the kernels do not agree: %.*s", (int)text->n, text->bytes);
    return whole > 0;
}

static void visit_shifts(const char *members, bool wanted)
{
    for (unsigned shift = 0; shift < 130; shift++) {
        struct text text;
        int n = snprintf(text.bytes, TEXT_BYTES_MAX, "{\"%0*d\":\"\",%s}", (int)shift, 0, members);
        text.n = (size_t)n;
        if (is_skimmed(&text) != wanted)
            fail_msg("%s: %.*s", wanted ? "left" : "taken", n, text.bytes);
    }
}

static void sound_objects_are_skimmed(void **state)
{
    (void)state;
    static const char *const members[] = {
        "\"a\":1",
        "\"a\":-0.25,\"b\":true,\"c\":false,\"d\":null,\"e\":0",
        "\"a\":{\"b\":{\"c\":[]},\"d\":{}},\"e\":[1,[2,{\"f\":3}],\"g\",{}],\"h\":\"i\"",
        "\"a\":[{\"b\":\"c\",\"d\":[true,null]},{\"e\":\"f\"}],\"g\":[[],[[]]]",
        "\"\":\"\",\"a\\\"b\":\"\\\\\\\"\\/\\b\\f\\n\\r\\t\\u00e9\",\"c\":\"{[,:]}\"",
        "\"a\":\"\xc3\xa9\xe3\x81\x82\xf0\x9f\x98\x80\",\"b\":\"\\\\\"",
        "\"a\":[\"\",\"b\",\"c\"],\"a\":[0,1.5,20]",
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        visit_shifts(members[i], true);
}

static void wrong_objects_are_left(void **state)
{
    (void)state;
    static const char *const members[] = {
        "",
        "\"a\"",
        "\"a\":",
        "\"a\":1,",
        "\"a\",\"b\":1",
        "\"a\":1:2",
        "\"a\":\"b\":\"c\"",
        "\"a\"\"b\":1",
        "\"a\":1\"b\":2",
        "\"a\":\"b\"\"c\"",
        "\"a\":{}{}",
        "\"a\":{}[]",
        "\"a\":[]1",
        "\"a\":1[]",
        "\"a\":\"b\"{}",
        "\"a\":,\"b\":1",
        "\"a\":[1,]",
        "\"a\":[,1]",
        "\"a\":[1,,2]",
        "\"a\":[\"b\":1]",
        "\"a\":[1,\"b\":2]",
        "\"a\":{\"b\"}",
        "\"a\":{\"b\":1,}",
        "\"a\":{\"b\":1,2}",
        "\"a\":{\"b\":1,{}}",
        "\"a\":{1:2}",
        "\"a\":{{}}",
        "\"a\":{[]}",
        "\"a\":{:}",
        "\"a\":[:]",
        "\"a\":[}",
        "\"a\":{]",
        "\"a\":[{\"b\":1]}",
        "\"a\":tru",
        "\"a\":nulll",
        "\"a\":True",
        "\"a\":01",
        "\"a\":1.",
        "\"a\":-",
        "\"a\":.5",
        "\"a\":+1",
        "\"a\":y",
        "\"a\":_",
        "\"a\":'b'",
        "\"a\":\x7f",
        "a:1",
        "1:1",
        "\"a\":\"\\x\"",
        "\"a\":\"\\u12g4\"",
        "\"a\":\"\\ud800\"",
        "\"a\":\"\x01\"",
        "\"a\":\"\n\"",
        "\"a\":\"\xff\"",
        "\"a\":\"\xc3\"",
        "\"a\":\xc3\xa9",
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        visit_shifts(members[i], false);
}

/* Inside, they are found wherever the borders of the blocks fall; and left when there are too many, or one has an escape. */
static void names_inside_are_found(void **state)
{
    (void)state;
    static const char *const inner[] = {
        "{}", "{\"a\":1}",
        "{\"a\":\"b\",\"c\":[\"d\",{\"e\":\"f\"}],\"g\":{\"h\":{\"i\":[]}},\"j,\":\":{\",\"\":\"\"}"};
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        char members[512];
        snprintf(members, sizeof members, "\"o\":%s,\"p\":%s", inner[i], inner[i]);
        visit_shifts(members, true);
    }
    const struct nz_json_kernel *kernels[8];
    struct text text = {.n = 0};
    uint32_t names[NZ_JSON_NAMES_ROOM];
    memset(text.bytes, ' ', sizeof text.bytes); /* behind the object nothing is out of the ordinary */
    for (size_t i = 0; i < nz_json_kernels(kernels, 8); i++) {
        text.n = (size_t)snprintf(text.bytes, TEXT_BYTES_MAX, "{\"a\\u0041\":1}");
        assert_int_equal(nz_json_names(kernels[i], text.bytes, text.n, names), SIZE_MAX);
        for (unsigned count = NZ_JSON_NAMES_MAX - 1; count < NZ_JSON_NAMES_MAX + 200; count++) {
            text.n = 0;
            for (unsigned k = 0; k < count; k++)
                text.n += (size_t)snprintf(text.bytes + text.n, TEXT_BYTES_MAX - text.n, "%s\"a\":1", k ? "," : "{");
            text.n += (size_t)snprintf(text.bytes + text.n, TEXT_BYTES_MAX - text.n, "}");
            text.bytes[text.n] = ' ';
            assert_int_equal(nz_json_names(kernels[i], text.bytes, text.n, names),
                             count > NZ_JSON_NAMES_MAX ? SIZE_MAX : count);
        }
    }
}

static void what_is_not_ordinary_is_left(void **state)
{
    (void)state;
    static const char *const members[] = {
        "\"a\": 1", "\"a\" :1", " \"a\":1", "\"a\":1 ", "\"a\":1e5", "\"a\":[1 ,2]", "\"a\":\"\\ud83d\\ude00\""};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        visit_shifts(members[i], false);
}

static void depth_and_members_are_bounded(void **state)
{
    (void)state;
    for (unsigned depth = 1; depth < 200; depth++) {
        struct text text = {.n = 0};
        for (unsigned i = 0; i < depth; i++)
            text.n += (size_t)sprintf(text.bytes + text.n, "{\"\":");
        text.bytes[text.n++] = '1';
        memset(text.bytes + text.n, '}', depth);
        text.n += depth;
        assert_int_equal(is_skimmed(&text), depth < 63);
    }
    for (unsigned members = 100; members < 160; members++) {
        struct text text = {.n = 1};
        text.bytes[0] = '{';
        for (unsigned i = 0; i < members; i++)
            text.n += (size_t)sprintf(text.bytes + text.n, "\"\":\"\",");
        text.bytes[text.n - 1] = '}';
        assert_int_equal(is_skimmed(&text), members <= NZ_JSON_SKIM_MEMBERS_MAX);
    }
}

static const char sample[] =
    "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::1:assumed-role/a/b\","
    "\"sessionContext\":{\"sessionIssuer\":{},\"attributes\":{\"mfaAuthenticated\":\"false\"}}},\"readOnly\":true,"
    "\"requestParameters\":{\"filterSet\":{},\"items\":[{\"id\":1},{\"id\":2.5}],\"policy\":\"{\\\"a\\\":[\\\"b\\\"]}"
    "\"},"
    "\"responseElements\":null,\"resources\":[{\"ARN\":\"x\"},{\"ARN\":\"\xc3\xa9\"}],\"eventID\":\"3b1a\"}";

static void cut_objects_are_cut(void **state)
{
    (void)state;
    struct text text = {.n = 1};
    for (; text.n <= sizeof sample - 1; text.n++) {
        struct nz_json_skim s;
        memcpy(text.bytes, sample, text.n);
        assert_int_equal(skim(&s, NULL, &text), text.n < sizeof sample - 1 ? NZ_JSON_SKIM_CUT : NZ_JSON_SKIM_WHOLE);
        assert_int_equal(is_skimmed(&text), text.n == sizeof sample - 1);
    }
}

static void changed_objects_are_sound_or_left(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    unsigned skimmed = 0, left = 0;
    for (unsigned round = 0; round < 40000; round++) {
        struct text text = {.n = sizeof sample - 1};
        memcpy(text.bytes, sample, text.n);
        for (uint64_t changes = 1 + nz_random_next(&seed) % 2; changes > 0; changes--)
            nz_random_change_json(text.bytes, &text.n, &seed);
        *(is_skimmed(&text) ? &skimmed : &left) += 1;
    }
    assert_in_range(skimmed, 10000, 39000);
    assert_in_range(left, 5000, 30000);
}

/* The slots and what can be read by them are those of the walk. */
static void slots_are_the_walks(void **state)
{
    (void)state;
    static const struct nz_str names[] = {{"eventVersion", 12}, {"userIdentity", 12}, {"readOnly", 8}, {"eventID", 7}};
    struct nz_json_keys keys;
    struct nz_json_skim s;
    struct nz_json_index ix = {0};
    struct text text = {.n = sizeof sample - 1};
    memcpy(text.bytes, sample, text.n);
    assert_true(nz_json_keys_init(&keys, names, 4));
    assert_int_equal(nz_json_index_room(&ix, 4096), NZ_OK);
    for (unsigned round = 0; round < 2; round++) { /* the second time each name is guessed */
        uint32_t slots[5];
        memset(slots, 0xff, sizeof slots);
        assert_int_equal(skim(&s, NULL, &text), NZ_JSON_SKIM_WHOLE);
        assert_true(nz_json_walk_skimmed(&s, text.bytes, 0, &keys, slots, &ix));
        struct nz_json v = {text.bytes, ix.tokens, ix.kinds, slots[3]};
        assert_true(nz_str_eq(nz_json_source(v), NZ_STR("\"3b1a\"")));
        v.at = slots[2];
        assert_true(nz_str_eq(nz_json_source(v), NZ_STR("true")));
        v.at = slots[4]; /* the last one of another name */
        assert_int_equal(ix.kinds[v.at], '[');
        assert_int_equal(ix.kinds[slots[1]], '{');
        v.at = nz_json_index_append(&ix, text.bytes, ix.tokens[slots[1]], ix.tokens[slots[1] + 1]);
        struct nz_json issuer = nz_json_get(nz_json_get(v, NZ_STR("sessionContext")), NZ_STR("sessionIssuer"));
        assert_true(nz_str_eq(nz_json_source(issuer), NZ_STR("{}")));
    }
    nz_json_index_release(&ix);
}

static void an_escaped_name_is_left(void **state)
{
    (void)state;
    static const struct nz_str names[] = {{"a", 1}};
    struct nz_json_keys keys;
    struct nz_json_skim s;
    struct nz_json_index ix = {0};
    struct text text = {.n = 12};
    memcpy(text.bytes, "{\"\\u0061\":1}", 12);
    uint32_t slots[2];
    assert_true(nz_json_keys_init(&keys, names, 1));
    assert_int_equal(nz_json_index_room(&ix, 512), NZ_OK);
    assert_int_equal(skim(&s, NULL, &text), NZ_JSON_SKIM_WHOLE);
    assert_false(nz_json_walk_skimmed(&s, text.bytes, 0, &keys, slots, &ix));
    nz_json_index_release(&ix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_objects_are_skimmed),
        cmocka_unit_test(wrong_objects_are_left),
        cmocka_unit_test(names_inside_are_found),
        cmocka_unit_test(what_is_not_ordinary_is_left),
        cmocka_unit_test(depth_and_members_are_bounded),
        cmocka_unit_test(cut_objects_are_cut),
        cmocka_unit_test(changed_objects_are_sound_or_left),
        cmocka_unit_test(slots_are_the_walks),
        cmocka_unit_test(an_escaped_name_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
