/* Shapes against the skim: what is read by a shape is what the skim finds, and what it would not take fits nowhere; with every
 * kernel. */
#include "core/json_shape.h"
#include "core/json_walk.h"
#include "support/faults.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TEXT_BYTES_MAX (NZ_JSON_SKIM_BYTES_MAX + 300)
#define SLOTS 5u

static const struct nz_str names[SLOTS - 1] = {
    {"eventVersion", 12}, {"userIdentity", 12}, {"readOnly", 8}, {"eventID", 7}};

struct object {
    char bytes[TEXT_BYTES_MAX + NZ_JSON_SKIM_PAST_BYTES];
    size_t n;
};

/* One kernel with what it learned, and room for what is found. */
struct reader {
    const struct nz_json_kernel *kernel;
    struct nz_json_shapes *shapes;
    struct nz_json_keys keys;
    struct nz_json_index skimmed, read;
    uint32_t skimmed_slots[SLOTS], read_slots[SLOTS], skimmed_end, read_end;
};

static size_t readers_open(struct reader readers[8])
{
    const struct nz_json_kernel *kernels[8];
    size_t count = nz_json_kernels(kernels, 8);
    for (size_t i = 0; i < count; i++) {
        readers[i] = (struct reader){.kernel = kernels[i]};
        assert_int_equal(nz_json_shapes_new(kernels[i], SLOTS, &readers[i].shapes), NZ_OK);
        assert_true(nz_json_keys_init(&readers[i].keys, names, SLOTS - 1));
        assert_int_equal(nz_json_index_room(&readers[i].skimmed, TEXT_BYTES_MAX), NZ_OK);
        assert_int_equal(nz_json_index_room(&readers[i].read, TEXT_BYTES_MAX), NZ_OK);
    }
    return count;
}

static void readers_close(struct reader *readers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nz_json_shapes_free(readers[i].shapes);
        nz_json_index_release(&readers[i].skimmed);
        nz_json_index_release(&readers[i].read);
    }
}

static void object_print(struct object *o, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(o->bytes, TEXT_BYTES_MAX, format, args);
    va_end(args);
    assert_in_range(n, 1, TEXT_BYTES_MAX - 1);
    o->n = (size_t)n;
}

/* What stands behind the object must not matter. */
static void object_pad(struct object *o, char c)
{
    memset(o->bytes + o->n, c, NZ_JSON_SKIM_PAST_BYTES);
}

static bool skims(struct reader *r, const struct object *o)
{
    struct nz_json_skim skim;
    memset(r->skimmed_slots, 0xff, sizeof r->skimmed_slots);
    if (nz_json_skim(&skim, r->kernel, o->bytes, o->n) != NZ_JSON_SKIM_WHOLE ||
        !nz_json_walk_skimmed(&skim, o->bytes, 0, &r->keys, r->skimmed_slots, &r->skimmed))
        return false;
    r->skimmed_end = skim.end;
    return true;
}

/* As a reader does when an object is not read: it is learned the second time. */
static void learn_skimmed(struct reader *r, const struct object *o, uint32_t end)
{
    for (unsigned round = 0; round < 2; round++) {
        if (!nz_json_shapes_read(r->shapes, o->bytes, 0, o->n, r->read_slots, &r->read, &r->read_end))
            nz_json_shapes_learn(r->shapes, o->bytes, 0, end, r->skimmed_slots, &r->skimmed);
    }
}

static void learn(struct reader *r, const struct object *o)
{
    if (!skims(r, o))
        fail_msg("not learned: %.*s", (int)o->n, o->bytes);
    learn_skimmed(r, o, r->skimmed_end);
}

/* The names of inner objects are those of the skim's. */
static void expect_names(struct reader *r, const struct object *o, uint32_t token)
{
    uint32_t by_shape[NZ_JSON_NAMES_ROOM], by_masks[NZ_JSON_NAMES_ROOM];
    const uint32_t from = r->read.tokens[token], to = r->read.tokens[token + 1];
    size_t count = nz_json_shapes_names(r->shapes, token, by_shape);
    size_t wanted = nz_json_names(r->kernel, o->bytes + from, to - from, by_masks);
    if (wanted == SIZE_MAX)
        return;
    assert_int_equal(count, wanted);
    assert_memory_equal(by_shape, by_masks, (count + 1) * sizeof by_shape[0]);
}

static bool reads(struct reader *r, const struct object *o)
{
    if (!nz_json_shapes_read(r->shapes, o->bytes, 0, o->n, r->read_slots, &r->read, &r->read_end))
        return false;
    if (!skims(r, o) || r->read_end != r->skimmed_end || r->read.count != r->skimmed.count ||
        memcmp(r->read.tokens, r->skimmed.tokens, r->read.count * sizeof r->read.tokens[0]) != 0 ||
        memcmp(r->read_slots, r->skimmed_slots, sizeof r->read_slots) != 0)
        fail_msg("read, but not as by the skim: %.*s", (int)o->n, o->bytes);
    for (uint32_t i = 0; i < r->read.count; i += 2) {
        assert_int_equal(r->read.kinds[i], r->skimmed.kinds[i]);
        if (r->read.kinds[i] == '{')
            expect_names(r, o, i);
    }
    return true;
}

/* With every kernel, and whatever stands behind. */
static bool all_read(struct reader *readers, size_t count, struct object *o)
{
    size_t read = 0;
    static const char behind[] = "\"}0\\";
    for (size_t i = 0; i < count; i++) {
        object_pad(o, behind[i % (sizeof behind - 1)]);
        read += reads(&readers[i], o);
    }
    if (read != 0 && read != count)
        fail_msg("the kernels do not agree: %.*s", (int)o->n, o->bytes);
    return read > 0;
}

static const char sample[] =
    "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::1:assumed-role/a/b\","
    "\"sessionContext\":{\"sessionIssuer\":{},\"attributes\":{\"mfaAuthenticated\":\"false\"}}},\"readOnly\":true,"
    "\"requestParameters\":{\"filterSet\":{},\"items\":[{\"id\":1},{\"id\":2.5}],\"policy\":\"{\\\"a\\\":[\\\"b\\\"]}"
    "\"},\"aRatherLongNameThatTakesMoreThanOneStepOfAShape\":null,"
    "\"responseElements\":null,\"resources\":[{\"ARN\":\"x\"},{\"ARN\":\"\xc3\xa9\"}],\"eventID\":\"3b1a\"}";

static void sample_learn(struct reader *readers, size_t count, struct object *o)
{
    object_print(o, "%s", sample);
    object_pad(o, '"');
    for (size_t i = 0; i < count; i++) {
        assert_false(nz_json_shapes_read(readers[i].shapes, o->bytes, 0, o->n, readers[i].read_slots, &readers[i].read,
                                         &readers[i].read_end));
        learn(&readers[i], o);
    }
}

static void a_learned_object_is_read(void **state)
{
    (void)state;
    struct reader readers[8];
    struct object o;
    size_t count = readers_open(readers);
    sample_learn(readers, count, &o);
    for (unsigned round = 0; round < 3; round++)
        assert_true(all_read(readers, count, &o));
    readers_close(readers, count);
}

static void value_try(struct reader *readers, size_t count, const char *text, const char *number, bool wanted)
{
    struct object o;
    for (unsigned shift = 0; shift < 70; shift++) { /* wherever the vectors begin */
        object_print(&o, "{\"a\":\"%0*d\",\"b\":\"%s\",\"c\":{\"d\":[%s,\"\"]},\"eventID\":\"e\"}", (int)shift, 0, text,
                     number);
        if (all_read(readers, count, &o) != wanted)
            fail_msg("%s: %.*s", wanted ? "left" : "taken", (int)o.n, o.bytes);
    }
}

static void values_are_judged_as_by_the_skim(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "a",
        "{[,:]}",
        "\\\\\\\"\\/\\b\\f\\n\\r\\t\\u00e9",
        "\xc3\xa9\xe3\x81\x82\xf0\x9f\x98\x80",
        "\\\\",
        "x\\\"y\xc3\xa9",
        "0123456789012345678901234567890123456789012345678901234567890123456789\\n0123456789"};
    static const char *const wrong_texts[] = {"\\x",  "\\u12g4", "\\ud800", "\\ud83d\\ude00", "\x01", "\n",
                                              "\xff", "\xc3",    "\x1f",    "a\"b",           "\"",   "\\"};
    static const char *const numbers[] = {"0", "-1", "12345678901234567890", "0.5", "-0.25"};
    static const char *const wrong_numbers[] = {"01", "1.", "-",    ".5", "+1",  "1e5", "",
                                                " 1", "1 ", "true", "-a", "1.a", "\"\""};
    struct reader readers[8];
    struct object o;
    size_t count = readers_open(readers);
    object_print(&o, "{\"a\":\"b\",\"b\":\"c\",\"c\":{\"d\":[1,\"\"]},\"eventID\":\"e\"}");
    object_pad(&o, '"');
    for (size_t i = 0; i < count; i++)
        learn(&readers[i], &o);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        value_try(readers, count, texts[i], "1", true);
    for (size_t i = 0; i < sizeof wrong_texts / sizeof wrong_texts[0]; i++)
        value_try(readers, count, wrong_texts[i], "1", false);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        value_try(readers, count, "x", numbers[i], true);
    for (size_t i = 0; i < sizeof wrong_numbers / sizeof wrong_numbers[0]; i++)
        value_try(readers, count, "x", wrong_numbers[i], false);
    readers_close(readers, count);
}

static void cut_objects_are_left(void **state)
{
    (void)state;
    struct reader readers[8];
    struct object o;
    size_t count = readers_open(readers);
    sample_learn(readers, count, &o);
    for (size_t i = 0; i < count; i++) {
        struct reader *r = &readers[i];
        for (o.n = 1; o.n < sizeof sample - 1; o.n++) { /* the rest does stand behind, but is not there */
            struct object cut = o;
            assert_false(reads(r, &cut));
            object_pad(&cut, '0');
            assert_false(reads(r, &cut));
        }
    }
    readers_close(readers, count);
}

/* What is sound is learned, so that later objects find a tree of many shapes. */
static void changed_objects_are_read_as_skimmed_or_left(void **state)
{
    (void)state;
    struct reader readers[8];
    struct object o;
    size_t count = readers_open(readers);
    uint64_t seed = 88172645463325252u;
    unsigned read = 0, learned = 0, left = 0;
    sample_learn(readers, count, &o);
    for (unsigned round = 0; round < 20000; round++) {
        object_print(&o, "%s", sample);
        nz_random_change_json(o.bytes, &o.n, &seed);
        if (round % 4 == 0)
            nz_random_change_json(o.bytes, &o.n, &seed);
        if (all_read(readers, count, &o)) {
            read++;
        } else if (skims(&readers[0], &o)) {
            learned++;
            for (size_t i = 0; i < count; i++)
                learn(&readers[i], &o);
        } else {
            left++;
        }
    }
    assert_in_range(read, 1000, 15000);
    assert_in_range(learned, 1000, 15000);
    assert_in_range(left, 1000, 15000);
    readers_close(readers, count);
}

/* Whoever looks into a value counts on that bound. */
static void a_long_object_is_left(void **state)
{
    (void)state;
    static struct object o;
    struct reader readers[8];
    size_t count = readers_open(readers);
    object_print(&o, "{\"a\":\"\",\"b\":1}");
    object_pad(&o, ' ');
    for (size_t i = 0; i < count; i++)
        learn(&readers[i], &o);
    for (int bytes = (int)NZ_JSON_SKIM_BYTES_MAX - 100; bytes < (int)NZ_JSON_SKIM_BYTES_MAX + 100; bytes++) {
        object_print(&o, "{\"a\":\"%0*d\",\"b\":1}", bytes - 14, 0);
        assert_int_equal(o.n, bytes);
        assert_int_equal(all_read(readers, count, &o), bytes <= (int)NZ_JSON_SKIM_BYTES_MAX);
    }
    readers_close(readers, count);
}

/* What comes once is not learned, so that names made of an id leave the others their room. */
static void an_object_is_learned_when_it_comes_again(void **state)
{
    (void)state;
    struct reader readers[8];
    struct object o;
    size_t count = readers_open(readers);
    for (size_t i = 0; i < count; i++) {
        struct reader *r = &readers[i];
        for (unsigned number = 0; number < 100; number++) {
            for (unsigned round = 0; round < 3; round++) {
                const bool one = round == 0; /* then two of one shape */
                object_print(&o, "{\"%s%u\":{\"arn\":\"%u\",\"n\":%u}}", one ? "a" : "b", one ? number : 0, number,
                             round);
                object_pad(&o, ' ');
                assert_true(skims(r, &o));
                const bool read = reads(r, &o);
                assert_int_equal(read, !one && number > 0);
                if (!read)
                    nz_json_shapes_learn(r->shapes, o.bytes, 0, r->skimmed_end, r->skimmed_slots, &r->skimmed);
            }
        }
    }
    readers_close(readers, count);
}

static void too_many_values_are_not_learned(void **state)
{
    (void)state;
    for (unsigned values = NZ_JSON_SHAPE_VALUES_MAX - 2; values < NZ_JSON_SHAPE_VALUES_MAX + 3; values++) {
        struct reader readers[8];
        struct object o;
        size_t count = readers_open(readers);
        object_print(&o, "{\"a\":[%*s]}", 2 * (int)values - 1, "");
        for (unsigned i = 0; i < values; i++) {
            o.bytes[6 + 2 * i] = '1';
            if (i)
                o.bytes[5 + 2 * i] = ',';
        }
        object_pad(&o, '}');
        /* the skim takes fewer of them: as it stands in the index of a walk, it is learned all the same */
        struct reader *r = &readers[0];
        r->skimmed.tokens[0] = 5;
        r->skimmed.tokens[1] = (uint32_t)o.n - 1;
        r->skimmed.kinds[0] = '[';
        r->skimmed.count = 2;
        memset(r->skimmed_slots, 0xff, sizeof r->skimmed_slots);
        learn_skimmed(r, &o, (uint32_t)o.n);
        assert_int_equal(nz_json_shapes_read(r->shapes, o.bytes, 0, o.n, r->read_slots, &r->read, &r->read_end),
                         values <= NZ_JSON_SHAPE_VALUES_MAX);
        readers_close(readers, count);
    }
}

/* No mark is near enough to where its value stands. What comes then is learned all the same. */
static void an_object_without_values_may_be_too_long(void **state)
{
    (void)state;
    static struct object o;
    struct reader readers[8];
    size_t count = readers_open(readers);
    for (size_t i = 0; i < count; i++) {
        object_print(&o, "{\"%0*d\":[]}", (int)NZ_JSON_SKIM_BYTES_MAX + 1 - 7, 0);
        object_pad(&o, ' ');
        learn(&readers[i], &o);
        assert_false(reads(&readers[i], &o));
        object_print(&o, "{\"eventID\":\"a\"}");
        object_pad(&o, ' ');
        learn(&readers[i], &o);
        assert_true(reads(&readers[i], &o));
    }
    readers_close(readers, count);
}

static void object_of(struct object *o, unsigned number)
{
    object_print(o, "{\"%08u\":\"a\",\"b\":{\"%u\":2},\"eventID\":\"c\"}", number, number);
    object_pad(o, ' ');
}

/* Objects that have no shape in common: so many are learned, and after a while others. */
static void what_is_learned_is_bounded_and_renewed(void **state)
{
    (void)state;
    struct reader readers[8];
    struct object o;
    size_t count = readers_open(readers);
    struct reader *r = &readers[0];
    unsigned read = 0, renewed = 0;
    for (unsigned number = 0; number < 20000; number++) {
        object_of(&o, number);
        assert_false(reads(r, &o));
        learn(r, &o);
        read += reads(r, &o);
        object_of(&o, 0);
        bool was = reads(r, &o);
        if (!was && number % 512 == 0)
            learn(r, &o);
        renewed += !was;
    }
    assert_in_range(read, NZ_JSON_SHAPE_CHOICES_MAX, 16000);
    assert_in_range(renewed, 1, 19999);
    readers_close(readers, count);
}

/* A tree that is full is one of steps, not of choices. */
static void a_full_tree_is_renewed(void **state)
{
    (void)state;
    struct reader readers[8];
    struct object o;
    size_t count = readers_open(readers);
    struct reader *r = &readers[0];
    unsigned read = 0;
    for (unsigned number = 0; number < 3000; number++) {
        object_print(&o, "{\"k%u\":\"a\",\"l%u\":[1", number / 50, number % 50);
        for (unsigned i = 0; i < 14; i++)
            o.n += (size_t)snprintf(o.bytes + o.n, TEXT_BYTES_MAX - o.n, ",1");
        o.n += (size_t)snprintf(o.bytes + o.n, TEXT_BYTES_MAX - o.n, "]}");
        object_pad(&o, ' ');
        learn(r, &o);
        read += reads(r, &o);
    }
    assert_in_range(read, 500, 2500); /* of 3,000; once it is renewed */
    readers_close(readers, count);
}

static void memory_may_be_out(void **state)
{
    (void)state;
    const long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_json_shapes *shapes;
        nz_fault_arm(nth);
        enum nz_err err = nz_json_shapes_new(NULL, SLOTS, &shapes);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        nz_json_shapes_free(shapes);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_learned_object_is_read),
        cmocka_unit_test(values_are_judged_as_by_the_skim),
        cmocka_unit_test(cut_objects_are_left),
        cmocka_unit_test(changed_objects_are_read_as_skimmed_or_left),
        cmocka_unit_test(a_long_object_is_left),
        cmocka_unit_test(an_object_is_learned_when_it_comes_again),
        cmocka_unit_test(too_many_values_are_not_learned),
        cmocka_unit_test(an_object_without_values_may_be_too_long),
        cmocka_unit_test(what_is_learned_is_bounded_and_renewed),
        cmocka_unit_test(a_full_tree_is_renewed),
        cmocka_unit_test(memory_may_be_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
