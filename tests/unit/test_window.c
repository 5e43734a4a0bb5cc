/* The parts of a sliding window against plain lists of all that ever happened. */
#include "sigma/window.h"

#include "support/faults.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define STEPS 6000
#define SPAN 50

struct thing {
    int64_t at_us;
    unsigned value;
};

static uint64_t random_state;

static unsigned pick(unsigned below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % below;
}

static struct thing *things_make(void)
{
    struct thing *t = malloc(STEPS * sizeof *t);
    assert_non_null(t);
    int64_t now = 1000;
    random_state = 7;
    for (size_t i = 0; i < STEPS; i++) {
        if (pick(3) == 0) /* several of one time, and now and then a gap that empties the window */
            now += pick(200) == 0 ? 3 * SPAN : (int64_t)pick(4);
        t[i] = (struct thing){now, pick(40)};
    }
    return t;
}

static void moments_sum_like_a_list(void **state)
{
    (void)state;
    struct thing *t = things_make();
    struct nz_window w = {0};
    size_t from = 0;
    for (size_t i = 0; i < STEPS; i++) {
        int64_t oldest = t[i].at_us - SPAN;
        while (t[from].at_us < oldest)
            from++;
        nz_window_expire(&w, oldest);
        const struct nz_moment m = {
            .at_us = t[i].at_us, .start_us = t[i].at_us - 1, .events = 1, .values = 2, .sum = t[i].value};
        assert_int_equal(nz_window_add(&w, &m), NZ_OK);
        double sum = 0;
        for (size_t k = from; k <= i; k++)
            sum += t[k].value;
        assert_true(nz_window_sum(&w) == sum);
        assert_int_equal(w.events, i + 1 - from);
        assert_int_equal(w.values, 2 * (i + 1 - from));
        uint64_t events;
        assert_int_equal(nz_window_since(&w, oldest, &events), t[from].at_us - 1);
        assert_int_equal(events, i + 1 - from);
    }
    nz_window_release(&w);
    nz_window_release(&w);
    free(t);
}

static void a_large_value_that_left_takes_no_precision_with_it(void **state)
{
    (void)state;
    struct nz_window w = {0};
    static const double values[] = {0.1, 1e300, 0.1, 0.2};
    for (size_t i = 0; i < 4; i++) {
        const struct nz_moment m = {.at_us = (int64_t)i, .start_us = (int64_t)i, .events = 1, .sum = values[i]};
        nz_window_expire(&w, (int64_t)i - 1);
        assert_int_equal(nz_window_add(&w, &m), NZ_OK);
    }
    assert_true(nz_window_sum(&w) == 0.1 + 0.2);
    nz_window_release(&w);
}

static void distinct_values_count_like_a_list(void **state)
{
    (void)state;
    struct thing *t = things_make();
    const struct nz_fingerprint_key key = nz_fingerprint_key_new();
    struct nz_distinct d = {0};
    size_t from = 0;
    for (size_t i = 0; i < STEPS; i++) {
        int64_t oldest = t[i].at_us - SPAN;
        while (t[from].at_us < oldest)
            from++;
        nz_distinct_expire(&d, oldest, false);
        struct nz_fingerprint f = nz_fingerprint(&key, nz_str_of((const char *)&t[i].value, sizeof t[i].value));
        assert_int_equal(nz_distinct_add(&d, f, t[i].at_us), NZ_OK);
        bool seen[40] = {false};
        size_t distinct = 0;
        for (size_t k = from; k <= i; k++) {
            distinct += !seen[t[k].value];
            seen[t[k].value] = true;
        }
        assert_int_equal(d.live, distinct);
        assert_int_equal(d.total, distinct);
        if (i == STEPS / 2) { /* as between groups */
            nz_distinct_reset(&d);
            from = i + 1;
            assert_int_equal(d.live, 0);
        }
    }
    nz_distinct_release(&d);
    free(t);
}

static void kept_values_count_once_in_a_burst(void **state)
{
    (void)state;
    const struct nz_fingerprint_key key = nz_fingerprint_key_new();
    struct nz_distinct d = {0};
    static const char *const names[] = {"a", "b", "a", "c", "a", "b"};
    for (size_t i = 0; i < 6; i++) {
        nz_distinct_expire(&d, (int64_t)i * 10 - 15, true);
        assert_int_equal(nz_distinct_add(&d, nz_fingerprint(&key, nz_str_from_c(names[i])), (int64_t)i * 10), NZ_OK);
        assert_int_equal(d.live, i == 0 ? 1 : 2);
    }
    assert_int_equal(d.total, 3);
    nz_distinct_release(&d);
}

static void a_full_table_of_values_says_so(void **state)
{
    (void)state;
    const struct nz_fingerprint_key key = nz_fingerprint_key_new();
    struct nz_distinct d = {0};
    for (uint32_t i = 0; i < NZ_WINDOW_VALUES_MAX + 10; i++)
        assert_int_equal(nz_distinct_add(&d, nz_fingerprint(&key, nz_str_of((const char *)&i, sizeof i)), i), NZ_OK);
    assert_int_equal(d.live, NZ_WINDOW_VALUES_MAX);
    assert_int_equal(d.early, 10);
    nz_distinct_expire(&d, INT64_MAX, true);
    assert_int_equal(d.live, 0);
    assert_int_equal(d.total, NZ_WINDOW_VALUES_MAX);
    assert_int_equal(nz_distinct_add(&d, nz_fingerprint(&key, NZ_STR("one more")), INT64_MAX), NZ_OK);
    assert_int_equal(d.total, NZ_WINDOW_VALUES_MAX);
    assert_int_equal(d.early, 11);
    nz_distinct_release(&d);
}

static int cmp_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void ranks_are_those_of_a_sorted_list(void **state)
{
    (void)state;
    struct nz_rank r = {0};
    double *all = malloc(STEPS * sizeof *all), *sorted = malloc(STEPS * sizeof *sorted);
    assert_non_null(all);
    assert_non_null(sorted);
    random_state = 3;
    size_t from = 0;
    for (size_t i = 0; i < STEPS; i++) {
        /* grows to 2,500 (several blocks), shrinks to 100 (they merge), and grows again */
        size_t most = (i / 2500) % 2 ? 100 : 2500;
        while (i - from >= most)
            from++;
        nz_rank_expire(&r, (int64_t)from);
        all[i] = i % 7 == 0 ? 5 : (double)pick(1000) / 8;
        assert_int_equal(nz_rank_add(&r, (int64_t)i, all[i]), NZ_OK);
        assert_int_equal(r.count, i + 1 - from);
        if (i % 50)
            continue;
        memcpy(sorted, all + from, r.count * sizeof *sorted);
        qsort(sorted, r.count, sizeof *sorted, cmp_double);
        for (size_t k = 0; k < r.count; k++)
            assert_true(nz_rank_nth(&r, k) == sorted[k]);
        assert_true(r.blocks_count <= r.count / 128 + 2);
    }
    nz_rank_release(&r);
    free(all);
    free(sorted);
}

static void ids_leave_with_their_time_and_the_oldest_first(void **state)
{
    (void)state;
    struct nz_idlog log = {0};
    char text[40];
    for (size_t i = 0; i < NZ_WINDOW_IDS_MAX + 500; i++) {
        snprintf(text, sizeof text, "id-%zu", i);
        assert_int_equal(nz_idlog_add(&log, (int64_t)i, nz_str_from_c(text)), NZ_OK);
    }
    assert_int_equal(log.count, NZ_WINDOW_IDS_MAX);
    nz_idlog_expire(&log, NZ_WINDOW_IDS_MAX);
    assert_int_equal(log.count, 500);
    size_t at = 0;
    int64_t at_us;
    struct nz_str id;
    for (size_t i = NZ_WINDOW_IDS_MAX; nz_idlog_next(&log, &at, &at_us, &id); i++) {
        snprintf(text, sizeof text, "id-%zu", i);
        assert_true(nz_str_eq(id, nz_str_from_c(text)));
        assert_int_equal(at_us, i);
    }
    nz_idlog_expire(&log, INT64_MAX);
    assert_int_equal(log.count, 0);
    nz_idlog_release(&log);
}

static void fingerprints_tell_texts_apart(void **state)
{
    (void)state;
    const struct nz_fingerprint_key key = nz_fingerprint_key_new();
    static const struct nz_str texts[] = {{"", 0},         {"\0", 1},        {"\0\0", 2},       {"a", 1},
                                          {"abcdefg", 7},  {"abcdefg\0", 8}, {"abcdefgh", 8},   {"habcdefg", 8},
                                          {"\0abcdef", 7}, {"abcdef\0", 7},  {"abcdefgi", 8},   {"abcdef", 6},
                                          {"\xff\xff", 2}, {"\xff", 1},      {"abcdefgh\0", 9}, {"b", 1}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            assert_int_equal(nz_fingerprint_eq(nz_fingerprint(&key, texts[i]), nz_fingerprint(&key, texts[k])), i == k);
    }
}

/* Every part, some entries each. */
static enum nz_err fill(struct nz_window *w, struct nz_idlog *log, struct nz_distinct *d, struct nz_rank *r)
{
    const struct nz_fingerprint_key key = {12345, 67890};
    for (uint32_t i = 0; i < 200; i++) {
        const struct nz_moment m = {.at_us = i, .start_us = i, .events = 1};
        enum nz_err err = nz_window_add(w, &m);
        if (!err)
            err = nz_idlog_add(log, i, NZ_STR("0123456789"));
        if (!err)
            err = nz_distinct_add(d, nz_fingerprint(&key, nz_str_of((const char *)&i, sizeof i)), i);
        for (uint32_t k = 0; k < 8 && !err; k++)
            err = nz_rank_add(r, i, k * 13 % 7);
        if (err)
            return err;
    }
    return NZ_OK;
}

static void each_failed_allocation_is_an_error(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_window w = {0};
        struct nz_idlog log = {0};
        struct nz_distinct d = {0};
        struct nz_rank r = {0};
        nz_fault_arm(nth);
        enum nz_err err = fill(&w, &log, &d, &r);
        nz_fault_disarm();
        bool fired = nz_fault_fired();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        /* what failed can go on */
        nz_window_reset(&w);
        nz_idlog_reset(&log);
        nz_distinct_reset(&d);
        nz_rank_reset(&r);
        assert_int_equal(fill(&w, &log, &d, &r), NZ_OK);
        assert_int_equal(d.live, 200);
        nz_window_release(&w);
        nz_idlog_release(&log);
        nz_distinct_release(&d);
        nz_rank_release(&r);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_sum_like_a_list),
        cmocka_unit_test(a_large_value_that_left_takes_no_precision_with_it),
        cmocka_unit_test(distinct_values_count_like_a_list),
        cmocka_unit_test(kept_values_count_once_in_a_burst),
        cmocka_unit_test(a_full_table_of_values_says_so),
        cmocka_unit_test(ranks_are_those_of_a_sorted_list),
        cmocka_unit_test(ids_leave_with_their_time_and_the_oldest_first),
        cmocka_unit_test(fingerprints_tell_texts_apart),
        cmocka_unit_test(each_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
