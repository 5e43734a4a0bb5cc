/* core/reader, core/hash, core/log. */
#include "core/hash.h"
#include "core/log.h"
#include "core/reader.h"

#include "support/faults.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* --- reader --- */

static void fields_are_read_in_turn(void **state)
{
    (void)state;
    struct nz_reader r = nz_reader_over(NZ_STR("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
                                               "name\0v=42;line\r\nnext\n\nlast"));
    assert_int_equal(nz_reader_u8(&r), 0x01);
    assert_int_equal(nz_reader_u16_le(&r), 0x0302);
    assert_int_equal(nz_reader_u32_le(&r), 0x07060504);
    assert_true(nz_reader_u64_le(&r) == 0x0f0e0d0c0b0a0908u);
    assert_true(nz_str_eq(nz_reader_until(&r, '\0'), NZ_STR("name")));
    nz_reader_expect(&r, NZ_STR("v="));
    assert_int_equal(nz_reader_number(&r), 42);
    assert_true(nz_str_eq(nz_reader_take(&r, 1), NZ_STR(";")));
    assert_true(nz_str_eq(nz_reader_line(&r), NZ_STR("line")));
    assert_true(nz_str_eq(nz_reader_line(&r), NZ_STR("next")));
    assert_true(nz_str_eq(nz_reader_line(&r), NZ_STR("")));
    assert_false(nz_reader_at_end(&r));
    assert_true(nz_str_eq(nz_reader_line(&r), NZ_STR("last")));
    assert_true(nz_reader_at_end(&r));
    assert_int_equal(nz_reader_take(&r, 0).n, 0);
    assert_false(r.bad);
    assert_int_equal(nz_reader_line(&r).n, 0);
    assert_true(r.bad);
}

/* Every prefix of a record but the whole one ends in the fault, at a place inside, and nothing is read past it. */
static void the_fault_sticks(void **state)
{
    (void)state;
    static const char record[] = "\x01\x02\x03\x04"
                                 "abc 17|\x05\x06";
    for (size_t cut = 0; cut <= sizeof record - 1; cut++) {
        char *exact = malloc(cut + 1);
        assert_non_null(exact);
        memcpy(exact, record, cut);
        struct nz_reader r = nz_reader_over(nz_str_of(exact, cut));
        (void)nz_reader_u32_le(&r);
        (void)nz_reader_until(&r, ' ');
        (void)nz_reader_number(&r);
        nz_reader_expect(&r, NZ_STR("|"));
        (void)nz_reader_u16_le(&r);
        assert_int_equal(r.bad, cut < sizeof record - 1);
        assert_true(r.at <= cut);
        size_t at = r.at;
        if (r.bad) {
            assert_int_equal(nz_reader_u8(&r), 0);
            assert_int_equal(nz_reader_u64_le(&r), 0);
            assert_int_equal(nz_reader_take(&r, 0).n, 0);
            assert_int_equal(nz_reader_until(&r, 'a').n, 0);
            assert_int_equal(nz_reader_line(&r).n, 0);
            assert_int_equal(nz_reader_number(&r), 0);
            nz_reader_expect(&r, NZ_STR(""));
            assert_true(r.bad && r.at == at);
        }
        free(exact);
    }
    struct nz_reader empty = nz_reader_over(nz_str_of(NULL, 0));
    assert_int_equal(nz_reader_u8(&empty), 0);
    assert_true(empty.bad);
    empty.bad = false;
    assert_int_equal(nz_reader_line(&empty).n, 0);
    empty.bad = false;
    assert_int_equal(nz_reader_take(&empty, 0).n, 0);
    assert_false(empty.bad);
    struct nz_reader large = nz_reader_over(NZ_STR("18446744073709551616"));
    assert_int_equal(nz_reader_number(&large), 0);
    assert_true(large.bad && large.at == 0);
    struct nz_reader one = nz_reader_over(NZ_STR("x"));
    (void)nz_reader_take(&one, SIZE_MAX);
    assert_true(one.bad);
}

/* --- hash --- */

static void expect_digest(struct nz_sha256 digest, const char *hex)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_hex_append(&out, nz_str_of((const char *)digest.bytes, sizeof digest.bytes));
    nz_buf_append_char(&out, '\0');
    assert_string_equal(out.p, hex);
    nz_buf_release(&out);
}

/* FIPS 180-4's examples ("abc", the 448-bit one, a million times "a") and the empty text. */
static const struct {
    const char *text;
    unsigned times;
    const char *hex;
} digests[] = {
    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void digests_are_those_of_the_standard(void **state)
{
    (void)state;
    struct nz_hash *h;
    struct nz_sha256 digest;
    assert_int_equal(nz_hash_new(&h), NZ_OK);
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        for (unsigned time = 0; time < digests[i].times; time++)
            nz_hash_add(h, nz_str_from_c(digests[i].text));
        assert_int_equal(nz_hash_finish(h, &digest), NZ_OK); /* and begins anew */
        expect_digest(digest, digests[i].hex);
        if (digests[i].times == 1) {
            assert_int_equal(nz_hash_of(nz_str_from_c(digests[i].text), &digest), NZ_OK);
            expect_digest(digest, digests[i].hex);
        }
    }
    const struct nz_str text = nz_str_from_c(digests[2].text);
    for (size_t cut = 0; cut <= text.n; cut++) {
        nz_hash_add(h, nz_str_head(text, cut));
        nz_hash_add(h, nz_str_skip(text, cut));
        assert_int_equal(nz_hash_finish(h, &digest), NZ_OK);
        expect_digest(digest, digests[2].hex);
    }
    nz_hash_free(h);
    nz_hash_free(NULL);
}

static void a_digest_without_memory_is_an_error(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    struct nz_hash *h = (struct nz_hash *)&before;
    struct nz_sha256 digest = {{1}}, zero = {{0}};
    nz_fault_arm(0);
    assert_int_equal(nz_hash_new(&h), NZ_E_NOMEM);
    assert_null(h);
    nz_fault_arm(0);
    assert_int_equal(nz_hash_of(NZ_STR("x"), &digest), NZ_E_NOMEM);
    nz_fault_disarm();
    assert_memory_equal(&digest, &zero, sizeof digest);
    assert_int_equal(nz_live_allocations(), before);
    struct nz_buf out;
    nz_buf_init(&out, 3);
    nz_hex_append(&out, NZ_STR("ab"));
    assert_true(out.failed && out.n == 0);
    nz_buf_release(&out);
}

static void hex_is_read_back(void **state)
{
    (void)state;
    uint8_t bytes[4] = {0};
    assert_true(nz_hex_parse(NZ_STR("00fFA510"), bytes, 4));
    assert_memory_equal(bytes, "\x00\xff\xa5\x10", 4);
    assert_false(nz_hex_parse(NZ_STR("00fFA51"), bytes, 4));
    assert_false(nz_hex_parse(NZ_STR("00fFA5100"), bytes, 4));
    assert_false(nz_hex_parse(NZ_STR("00fFA510"), bytes, 3));
    assert_false(nz_hex_parse(NZ_STR("00fFA51g"), bytes, 4));
    assert_false(nz_hex_parse(NZ_STR("00fFA5 1"), bytes, 4));
    assert_true(nz_hex_parse(NZ_STR(""), bytes, 0));
}

/* --- log --- */

struct sink {
    unsigned count;
    enum nz_log_level level;
    char text[2000];
};

static void sink_write(void *self, enum nz_log_level level, struct nz_str text)
{
    struct sink *s = self;
    assert_true(text.n < sizeof s->text);
    s->count++;
    s->level = level;
    memcpy(s->text, text.p, text.n);
    s->text[text.n] = '\0';
    errno = EIO; /* what a sink does to errno is not seen by who logs */
}

static void messages_reach_the_sink(void **state)
{
    (void)state;
    static const struct nz_log_ops ops = {.write = sink_write};
    struct sink sink = {0};
    struct nz_log log = {.ops = &ops, .self = &sink, .most = NZ_LOG_WARN};
    errno = ENOENT;
    nz_log_write(&log, NZ_LOG_WARN, "%s: %d", "x", 7);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(sink.text, "x: 7");
    assert_int_equal(sink.level, NZ_LOG_WARN);
    nz_log_write(&log, NZ_LOG_INFO, "quiet");
    nz_log_write(&log, NZ_LOG_DEBUG, "quiet");
    nz_log_write(NULL, NZ_LOG_ERROR, "nobody");
    nz_log_write(&(struct nz_log){0}, NZ_LOG_ERROR, "nobody");
    assert_int_equal(sink.count, 1);
    nz_log_write(&log, NZ_LOG_ERROR, "loud");
    assert_int_equal(sink.count, 2);
    assert_true(nz_log_is_on(&log, NZ_LOG_WARN));
    assert_false(nz_log_is_on(&log, NZ_LOG_INFO));
}

/* Long messages of characters of three bytes, shifted: never cut inside one. */
static void long_messages_are_cut_between_characters(void **state)
{
    (void)state;
    static const struct nz_log_ops ops = {.write = sink_write};
    struct sink sink = {0};
    struct nz_log log = {.ops = &ops, .self = &sink, .most = NZ_LOG_ERROR};
    char text[1300];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        for (size_t at = shift; at < 1290; at += 3)
            memcpy(text + at, "\xe5\xaf\x9d", 4);
        nz_log_write(&log, NZ_LOG_ERROR, "%s", text);
        struct nz_str got = nz_str_from_c(sink.text);
        assert_in_range(got.n, 1020, 1023);
        assert_int_equal(nz_utf8_valid_bytes(got), got.n);
        assert_true(nz_str_ends_with(got, NZ_STR("\xe2\x80\xa6")));
    }
    memset(text, 'a', 1023);
    text[1023] = '\0';
    nz_log_write(&log, NZ_LOG_ERROR, "%s", text); /* just fits */
    assert_string_equal(sink.text, text);
}

static void levels_have_names(void **state)
{
    (void)state;
    for (int level = NZ_LOG_ERROR; level <= NZ_LOG_DEBUG; level++) {
        enum nz_log_level again;
        assert_true(nz_log_level_parse(nz_str_from_c(nz_log_level_name((enum nz_log_level)level)), &again));
        assert_int_equal(again, level);
    }
    enum nz_log_level none;
    assert_false(nz_log_level_parse(NZ_STR("loud"), &none));
    assert_false(nz_log_level_parse(NZ_STR(""), &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read_in_turn),
        cmocka_unit_test(the_fault_sticks),
        cmocka_unit_test(digests_are_those_of_the_standard),
        cmocka_unit_test(a_digest_without_memory_is_an_error),
        cmocka_unit_test(hex_is_read_back),
        cmocka_unit_test(messages_reach_the_sink),
        cmocka_unit_test(long_messages_are_cut_between_characters),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
