/* core/spool: what goes in comes out in order, from memory or from disk, and nothing stays behind. */
#include "core/spool.h"

#include "support/faults.h"
#include "support/files.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/nezuban-test-XXXXXX";

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) && setenv("TMPDIR", folder, 1) == 0 ? 0 : -1;
}

static int folder_remove(void **state)
{
    (void)state;
    return rmdir(folder); /* fails when a file was left */
}

/* A generator of its own: the same numbers everywhere. */
static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

struct expected {
    int64_t key;
    unsigned number;
};

static int expected_order(const void *a, const void *b)
{
    const struct expected *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* The bytes of an entry: its number, then as many letters as its number says. */
static struct nz_str bytes_of(unsigned number, char *room)
{
    size_t n = (size_t)snprintf(room, 16, "%u", number);
    size_t letters = number % 31 == 0 ? 0 : number % 7;
    memset(room + n, 'a' + (int)(number % 26), letters);
    if (number % 97 == 0)
        n = letters = 0; /* empty ones too */
    return nz_str_of(room, n + letters);
}

static void expect_all(struct nz_spool *s, const struct expected *wanted, size_t n)
{
    bool more;
    int64_t key;
    struct nz_str bytes;
    char room[32];
    assert_true(nz_spool_count(s) == n);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(nz_spool_rewind(s, NULL), NZ_OK);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(nz_spool_next(s, &more, &key, &bytes, NULL), NZ_OK);
            if (!more || key != wanted[i].key || !nz_str_eq(bytes, bytes_of(wanted[i].number, room)))
                fail_msg("entry %zu: more %d, key %lld, %.*s", i, more, (long long)key, NZ_STR_ARG(bytes));
        }
        for (int again = 0; again < 2; again++) {
            assert_int_equal(nz_spool_next(s, &more, &key, &bytes, NULL), NZ_OK);
            assert_false(more);
        }
    }
}

static void fill_and_expect(size_t memory_bytes, unsigned n, uint32_t keys, int64_t base)
{
    struct expected *wanted = calloc(n + 1, sizeof *wanted);
    struct nz_spool *s;
    uint32_t seed = 7;
    char room[32];
    assert_non_null(wanted);
    assert_int_equal(nz_spool_new(memory_bytes, &s), NZ_OK);
    for (unsigned i = 0; i < n; i++) {
        wanted[i] = (struct expected){.key = base + (int64_t)(random_next(&seed) % keys), .number = i};
        assert_int_equal(nz_spool_add(s, wanted[i].key, bytes_of(i, room), NULL), NZ_OK);
    }
    qsort(wanted, n, sizeof *wanted, expected_order);
    expect_all(s, wanted, n);
    nz_spool_free(s);
    free(wanted);
}

static void entries_come_out_in_order(void **state)
{
    (void)state;
    static const unsigned counts[] = {0, 1, 2, 10, 1000};
    static const size_t memories[] = {0, 1, 500, 5000, 1 << 20};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (size_t j = 0; j < sizeof memories / sizeof memories[0]; j++) {
            fill_and_expect(memories[j], counts[i], 1u << 20, -(1 << 19));
            fill_and_expect(memories[j], counts[i], 3, INT64_MAX - 3); /* many equal keys */
            fill_and_expect(memories[j], counts[i], 1, INT64_MIN);
        }
    }
}

/* Thousands of runs: merged, and the merged ones merged again. */
static void many_runs_are_merged(void **state)
{
    (void)state;
    fill_and_expect(200, 60000, 1000, 0);
}

static void keys_in_order_are_written_once(void **state)
{
    (void)state;
    struct nz_spool *s;
    struct expected *wanted = calloc(20000, sizeof *wanted);
    char room[32];
    off_t written = 0;
    assert_non_null(wanted);
    assert_int_equal(nz_spool_new(1000, &s), NZ_OK);
    for (unsigned i = 0; i < 20000; i++) {
        struct nz_str bytes = bytes_of(i, room);
        wanted[i] = (struct expected){.key = i / 3, .number = i};
        assert_int_equal(nz_spool_add(s, i / 3, bytes, NULL), NZ_OK);
        written += 12 + (off_t)bytes.n;
    }
    assert_in_range(nz_test_unnamed_bytes(folder), written - 2000, written); /* the rest is in memory */
    expect_all(s, wanted, 20000);
    nz_spool_free(s);
    assert_int_equal(nz_test_unnamed_bytes(folder), 0);
    free(wanted);
}

static void large_entries_are_kept_whole(void **state)
{
    (void)state;
    const size_t n = (size_t)16 << 20;
    char *large = malloc(n + 1);
    struct nz_spool *s;
    bool more;
    int64_t key;
    struct nz_str bytes;
    assert_non_null(large);
    memset(large, 'x', n + 1);
    large[n - 1] = 'y';
    assert_int_equal(nz_spool_new(1000, &s), NZ_OK);
    assert_int_equal(nz_spool_add(s, 2, nz_str_of(large, n), NULL), NZ_OK);
    assert_int_equal(nz_spool_add(s, 3, NZ_STR("last"), NULL), NZ_OK);
    assert_int_equal(nz_spool_add(s, 1, nz_str_of(large, 70000), NULL), NZ_OK);
    assert_int_equal(nz_spool_add(s, 1, nz_str_of(large, n + 1), NULL), NZ_E_LIMIT);
    assert_int_equal(nz_spool_next(s, &more, &key, &bytes, NULL), NZ_E_BUG); /* not rewound */
    assert_int_equal(nz_spool_rewind(s, NULL), NZ_OK);
    assert_int_equal(nz_spool_add(s, 1, NZ_STR("late"), NULL), NZ_E_BUG);
    assert_int_equal(nz_spool_next(s, &more, &key, &bytes, NULL), NZ_OK);
    assert_true(more && key == 1 && bytes.n == 70000);
    assert_int_equal(nz_spool_next(s, &more, &key, &bytes, NULL), NZ_OK);
    assert_true(more && key == 2 && nz_str_eq(bytes, nz_str_of(large, n)));
    assert_int_equal(nz_spool_next(s, &more, &key, &bytes, NULL), NZ_OK);
    assert_true(more && key == 3 && nz_str_eq(bytes, NZ_STR("last")));
    nz_spool_free(s);
    free(large);
    nz_spool_free(NULL);
}

/* Adds until it fails, then expects NZ_E_WRITE with a text, and all that was added before. */
static void expect_write_error(size_t memory_bytes)
{
    struct expected *wanted = calloc(100000, sizeof *wanted);
    struct nz_spool *s;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = NZ_OK;
    uint32_t seed = 9;
    char room[32];
    unsigned n = 0;
    assert_non_null(wanted);
    assert_int_equal(nz_spool_new(memory_bytes, &s), NZ_OK);
    for (; n < 100000; n++) {
        wanted[n] = (struct expected){.key = random_next(&seed) % 100, .number = n};
        err = nz_spool_add(s, wanted[n].key, bytes_of(n, room), &diag);
        if (err)
            break;
    }
    assert_int_equal(err, NZ_E_WRITE);
    assert_int_equal(diag.code, NZ_E_WRITE);
    assert_true(nz_str_find(nz_str_from_c(diag.text), nz_str_from_c(getenv("TMPDIR"))) != SIZE_MAX);
    assert_int_equal(nz_spool_add(s, 1, NZ_STR("again"), NULL), NZ_E_WRITE); /* still full */
    qsort(wanted, n, sizeof *wanted, expected_order);
    expect_all(s, wanted, n);
    nz_spool_free(s);
    free(wanted);
}

static void a_full_disk_is_named_and_loses_nothing(void **state)
{
    (void)state;
    struct rlimit before, small = {.rlim_cur = 40000};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN); /* then write says EFBIG, as it says ENOSPC on a full disk */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    expect_write_error(100);
    expect_write_error(5000);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    setenv("TMPDIR", "/nonexistent/nezuban", 1);
    expect_write_error(1000);
    setenv("TMPDIR", folder, 1);
}

/* One failed allocation, wherever: the call that it hits says so, and works when it is made again. */
static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    enum { COUNT = 1500 };
    static struct expected wanted[COUNT];
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_spool *s;
        uint32_t seed = 5;
        char room[32];
        unsigned failed = 0;
        bool more = true;
        int64_t key;
        struct nz_str bytes;
        nz_fault_arm(nth);
        while (nz_spool_new(500, &s) == NZ_E_NOMEM)
            failed++;
        for (unsigned i = 0; i < COUNT; i++) {
            wanted[i] = (struct expected){.key = random_next(&seed) % 50, .number = i};
            enum nz_err err;
            while ((err = nz_spool_add(s, wanted[i].key, bytes_of(i, room), NULL)) == NZ_E_NOMEM)
                failed++;
            assert_int_equal(err, NZ_OK);
        }
        while (nz_spool_rewind(s, NULL) == NZ_E_NOMEM)
            failed++;
        qsort(wanted, COUNT, sizeof *wanted, expected_order);
        for (unsigned i = 0; i < COUNT; i++) {
            enum nz_err err;
            while ((err = nz_spool_next(s, &more, &key, &bytes, NULL)) == NZ_E_NOMEM)
                failed++;
            assert_int_equal(err, NZ_OK);
            assert_true(more && key == wanted[i].key && nz_str_eq(bytes, bytes_of(wanted[i].number, room)));
        }
        nz_fault_disarm();
        nz_spool_free(s);
        assert_int_equal(nz_live_allocations(), before);
        assert_int_equal(failed, nz_fault_fired());
        if (!nz_fault_fired()) {
            assert_in_range(nth, 20, 5000);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_out_in_order),
        cmocka_unit_test(many_runs_are_merged),
        cmocka_unit_test(keys_in_order_are_written_once),
        cmocka_unit_test(large_entries_are_kept_whole),
        cmocka_unit_test(a_full_disk_is_named_and_loses_nothing),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
