/* gzip: every case of tests/cases/gzip, with the input cut at every byte and every size of room for the output. */
#include "core/gzip.h"

#include "support/faults.h"
#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define CASES_MAX 64
#define SMALL_BYTES 2000 /* cases up to this size are cut everywhere */
#define ROOM_MAX ((size_t)300000)

struct gzip_case {
    char name[64];
    struct nz_str in, content;
    char error[32], offset[32];
    size_t kept_back; /* bytes of content that may be missing before the error */
};

/* What came out of one way of feeding. */
struct result {
    enum nz_err err;
    uint64_t offset;
    size_t bytes;
    char text[ROOM_MAX];
};

static struct gzip_case cases[CASES_MAX];
static size_t cases_count;
static struct result got;

static struct nz_str read_part(const char *root, const char *name, const char *part)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s", root, name, part);
    return nz_test_read(path);
}

static int load_cases(void **state)
{
    (void)state;
    const char *found = nz_test_source("tests/cases/gzip");
    if (!found)
        return -1;
    char root[2048];
    snprintf(root, sizeof root, "%s", found);
    struct dirent **names;
    int n = scandir(root, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        struct gzip_case *c = &cases[cases_count];
        if (names[i]->d_type == DT_DIR && names[i]->d_name[0] != '.' && cases_count < CASES_MAX) {
            snprintf(c->name, sizeof c->name, "%.60s", names[i]->d_name);
            c->in = read_part(root, c->name, "in.gz");
            c->content = read_part(root, c->name, "content");
            struct nz_str expect = read_part(root, c->name, "expect");
            if (sscanf(expect.p, "%31s %31s %zu", c->error, c->offset, &c->kept_back) != 3)
                return -1;
            free((char *)(uintptr_t)expect.p);
            cases_count++;
        }
        free(names[i]);
    }
    free(names);
    return cases_count > 20 ? 0 : -1;
}

static int free_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < cases_count; i++) {
        free((char *)(uintptr_t)cases[i].in.p);
        free((char *)(uintptr_t)cases[i].content.p);
    }
    return 0;
}

/* Gives first_bytes of the input, then piece_bytes more whenever more is asked for; `room` bytes of output a call. Input
 * and output lie at the end of blocks of their own size, so that a step outside is seen by the address sanitizer. */
static void feed(struct nz_gzip *z, struct nz_str in, size_t first_bytes, size_t piece_bytes, size_t room)
{
    nz_gzip_reset(z);
    got.bytes = 0;
    char *out = malloc(room);
    assert_non_null(out);
    size_t given = first_bytes < in.n ? first_bytes : in.n, used = 0;
    for (;;) {
        char *part = malloc(given - used + 1);
        assert_non_null(part);
        memcpy(part + 1, in.p + used, given - used);
        struct nz_str view = {part + 1, given - used};
        size_t written = 0;
        struct nz_diag diag = NZ_DIAG_INIT;
        got.err = nz_gzip_inflate(z, &view, given == in.n, out, room, &written, &diag);
        used = given - view.n;
        free(part);
        got.offset = diag.offset;
        assert_true(written <= room && (got.err == NZ_OK || written == 0));
        assert_true(got.bytes + written <= sizeof got.text);
        memcpy(got.text + got.bytes, out, written);
        got.bytes += written;
        if (got.err != NZ_OK || (written == 0 && given == in.n))
            break;
        if (written == 0) {
            assert_true(used == given); /* asks for more only when all has been taken */
            given = in.n - given < piece_bytes ? in.n : given + piece_bytes;
        }
    }
    free(out);
}

static void expect_case(const struct gzip_case *c, size_t cut, size_t room)
{
    bool same = got.bytes <= c->content.n && got.bytes + c->kept_back >= c->content.n &&
                memcmp(got.text, c->content.p, got.bytes) == 0;
    bool offset = strcmp(c->offset, "any") == 0 || got.offset == strtoull(c->offset, NULL, 10);
    if (same && offset && strcmp(nz_err_name(got.err), c->error) == 0)
        return;
    fail_msg("%s, cut at %zu, room %zu: %zu bytes of %zu, %s at %llu, expected %s at %s", c->name, cut, room, got.bytes,
             c->content.n, nz_err_name(got.err), (unsigned long long)got.offset, c->error, c->offset);
}

static struct nz_gzip *new_gzip(void)
{
    struct nz_gzip *z;
    assert_int_equal(nz_gzip_new(&z), NZ_OK);
    return z;
}

static void gives_the_content_and_the_error(void **state)
{
    (void)state;
    struct nz_gzip *z = new_gzip();
    static const size_t rooms[] = {ROOM_MAX, 65536, 32768, 4097, 100};
    for (size_t i = 0; i < cases_count; i++)
        for (size_t r = 0; r < sizeof rooms / sizeof rooms[0]; r++) {
            feed(z, cases[i].in, SIZE_MAX, 1, rooms[r]);
            expect_case(&cases[i], SIZE_MAX, rooms[r]);
            feed(z, cases[i].in, 0, 997, rooms[r]); /* never sees the whole, so this is ISA-L alone */
            expect_case(&cases[i], 0, rooms[r]);
        }
    nz_gzip_free(z);
}

static void input_may_be_cut_at_every_byte(void **state)
{
    (void)state;
    struct nz_gzip *z = new_gzip();
    for (size_t i = 0; i < cases_count; i++) {
        const struct gzip_case *c = &cases[i];
        size_t step = c->in.n > SMALL_BYTES ? 397 : 1;
        for (size_t cut = 0; cut <= c->in.n; cut += step) {
            feed(z, c->in, cut, SIZE_MAX / 2, ROOM_MAX);
            expect_case(c, cut, ROOM_MAX);
        }
        feed(z, c->in, 0, 1, 8192);
        expect_case(c, 1, 8192);
    }
    nz_gzip_free(z);
}

static void output_may_be_cut_at_every_byte(void **state)
{
    (void)state;
    struct nz_gzip *z = new_gzip();
    for (size_t i = 0; i < cases_count; i++) {
        const struct gzip_case *c = &cases[i];
        if (c->content.n > SMALL_BYTES)
            continue;
        for (size_t room = 1; room <= c->content.n + 2; room++) {
            feed(z, c->in, SIZE_MAX, 1, room);
            expect_case(c, SIZE_MAX, room);
        }
        feed(z, c->in, 0, 1, 1);
        expect_case(c, 1, 1);
    }
    nz_gzip_free(z);
}

/* A cut file gives what came before the cut, and says so unless the cut falls between two members. */
static void truncation_is_named_at_every_byte(void **state)
{
    (void)state;
    struct nz_gzip *z = new_gzip();
    for (size_t i = 0; i < cases_count; i++) {
        const struct gzip_case *c = &cases[i];
        if (strcmp(c->error, "NZ_OK") != 0 || c->in.n > SMALL_BYTES)
            continue;
        size_t whole = 0;
        for (size_t n = 0; n < c->in.n; n++) {
            feed(z, nz_str_head(c->in, n), SIZE_MAX, 1, ROOM_MAX);
            assert_true(got.bytes <= c->content.n && memcmp(got.text, c->content.p, got.bytes) == 0);
            bool half_magic = got.err == NZ_E_GZIP_TRAILING && n - got.offset < 3;
            assert_true(got.err == NZ_E_GZIP_TRUNCATED || got.err == NZ_OK || half_magic);
            if (got.err == NZ_E_GZIP_TRUNCATED)
                assert_int_equal(got.offset, n);
            whole += got.err == NZ_OK;
        }
        /* one whole prefix for each member but the last, and for each padding byte but the last */
        size_t expected = strstr(c->name, "between") ? 2 : strstr(c->name, "two") || strstr(c->name, "last") ? 1 : 0;
        assert_int_equal(whole, strstr(c->name, "padding") ? 20 : expected);
    }
    nz_gzip_free(z);
}

/* Every single-bit change of a small member is an error or, in the fields nobody checks, changes nothing. */
static void every_flipped_bit_is_seen(void **state)
{
    (void)state;
    size_t unseen = 0; /* past the fixed part of the header */
    struct nz_gzip *z = new_gzip();
    for (size_t i = 0; i < cases_count; i++) {
        if (strcmp(cases[i].name, "fixed-codes") != 0 && strcmp(cases[i].name, "all-header-fields") != 0)
            continue;
        char bytes[SMALL_BYTES];
        struct nz_str in = {bytes, cases[i].in.n};
        for (size_t bit = 0; bit < in.n * 8; bit++)
            for (size_t piece = 1; piece <= in.n; piece += in.n - 1) {
                memcpy(bytes, cases[i].in.p, in.n);
                bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
                feed(z, in, piece == 1 ? 0 : SIZE_MAX, piece, ROOM_MAX);
                if (got.err == NZ_OK)
                    assert_true(got.bytes == cases[i].content.n &&
                                memcmp(got.text, cases[i].content.p, got.bytes) == 0);
                else
                    assert_int_equal(nz_err_class(got.err), NZ_CLASS_INPUT);
                unseen += got.err == NZ_OK && bit >= 80;
            }
    }
    /* twice each: the bits after the last code of the body, and the extra, name and comment only where their flag's
     * header checksum does not cover them, so none of those */
    assert_in_range(unseen, 0, 2 * 2 * 7);
    nz_gzip_free(z);
}

static void an_error_repeats_until_reset(void **state)
{
    (void)state;
    struct nz_gzip *z = new_gzip();
    char out[16];
    size_t written;
    struct nz_str in = NZ_STR("plain text");
    assert_int_equal(nz_gzip_inflate(z, &in, false, out, sizeof out, &written, NULL), NZ_E_GZIP_DATA);
    assert_int_equal(nz_gzip_inflate(z, &in, true, out, sizeof out, &written, NULL), NZ_E_GZIP_DATA);
    nz_gzip_reset(z);
    in = NZ_STR("");
    assert_int_equal(nz_gzip_inflate(z, &in, false, out, sizeof out, &written, NULL), NZ_OK);
    assert_int_equal(written, 0);
    assert_int_equal(nz_gzip_inflate(z, &in, true, out, sizeof out, &written, NULL), NZ_E_GZIP_TRUNCATED);
    nz_gzip_free(z);
}

static void is_gzip_by_three_bytes(void **state)
{
    (void)state;
    assert_true(nz_gzip_is(NZ_STR("\x1f\x8b\x08")));
    assert_false(nz_gzip_is(NZ_STR("\x1f\x8b")));
    assert_false(nz_gzip_is(NZ_STR("\x1f\x8b\x07z")));
    assert_false(nz_gzip_is(NZ_STR("")));
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    struct nz_gzip *z = NULL;
    nz_fault_arm(0);
    assert_int_equal(nz_gzip_new(&z), NZ_E_NOMEM);
    nz_fault_disarm();
    assert_true(nz_fault_fired());
    assert_null(z);
    nz_gzip_free(z);
    assert_int_equal(nz_live_allocations(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_content_and_the_error), cmocka_unit_test(input_may_be_cut_at_every_byte),
        cmocka_unit_test(output_may_be_cut_at_every_byte), cmocka_unit_test(truncation_is_named_at_every_byte),
        cmocka_unit_test(every_flipped_bit_is_seen),       cmocka_unit_test(an_error_repeats_until_reset),
        cmocka_unit_test(is_gzip_by_three_bytes),          cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, load_cases, free_cases);
}
