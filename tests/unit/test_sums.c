/* time_bars, hit_sums: nothing is lost while buckets widen, and what is summed of many findings stays small. */
#include "findings/hit_sums.h"

#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define S(literal)                                                                                                     \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

/* --- bars --- */

static nz_time at(const char *text)
{
    nz_time time;
    assert_true(nz_time_parse(nz_str_from_c(text), &time));
    return time;
}

static void one_moment_is_one_second_wide(void **state)
{
    (void)state;
    struct nz_time_bars bars = {0};
    const struct nz_time_bars *all[] = {&bars, NULL};
    uint64_t counts[NZ_TIME_BARS];
    assert_int_equal(nz_time_axis_of(all, 2, 1, 10).buckets, 0);
    nz_time_bars_add(&bars, at("2026-06-24T17:27:55Z"));
    nz_time_bars_add(&bars, at("2026-06-24T17:27:55.9Z"));
    const struct nz_time_axis axis = nz_time_axis_of(all, 2, 1, 10);
    nz_time_bars_read(&bars, &axis, counts);
    assert_int_equal(axis.buckets, 1);
    assert_int_equal(axis.bucket_us, 1000000);
    assert_int_equal(axis.from.us, at("2026-06-24T17:27:55Z").us);
    assert_int_equal(counts[0], 2);
}

static void a_short_range_is_padded(void **state)
{
    (void)state;
    struct nz_time_bars bars = {0};
    const struct nz_time_bars *all[] = {&bars};
    uint64_t counts[NZ_TIME_BARS];
    nz_time_bars_add(&bars, at("1970-01-01T00:00:00Z"));
    const struct nz_time_axis axis = nz_time_axis_of(all, 1, 5, 10);
    nz_time_bars_read(&bars, &axis, counts);
    assert_int_equal(axis.buckets, 5);
    assert_int_equal(axis.from.us, -2000000);
    assert_int_equal(counts[2], 1);
}

/* Times made at random, near and far, in any order: read on an axis of any width their number is what was put in, and each
 * bucket holds what counting one by one finds in it. */
static void nothing_is_lost_when_buckets_widen(void **state)
{
    (void)state;
    static const int64_t ranges_s[] = {1, 50, 5000, 86400, 400 * 86400LL, 4000 * 365 * 86400LL};
    uint64_t seed = 7;
    for (size_t r = 0; r < sizeof ranges_s / sizeof ranges_s[0]; r++) {
        struct nz_time_bars bars[2] = {{0}, {0}};
        const struct nz_time_bars *all[] = {&bars[0], &bars[1]};
        nz_time times[400];
        for (size_t i = 0; i < 400; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            times[i].us = (int64_t)(seed >> 16) % (ranges_s[r] * 1000000) - ranges_s[r] * 500000;
            nz_time_bars_add(&bars[i % 2], times[i]);
        }
        for (size_t most = 1; most <= NZ_TIME_BARS; most += 19) {
            const struct nz_time_axis axis = nz_time_axis_of(all, 2, 1, most);
            uint64_t counts[2][NZ_TIME_BARS], wanted[NZ_TIME_BARS] = {0}, total = 0;
            assert_true(axis.buckets >= 1 && axis.buckets <= (most < 2 ? 2 : most)); /* 1970 parts the widest buckets */
            nz_time_bars_read(&bars[0], &axis, counts[0]);
            nz_time_bars_read(&bars[1], &axis, counts[1]);
            for (size_t i = 0; i < 400; i++) {
                const int64_t bucket = (times[i].us - axis.from.us) / axis.bucket_us;
                assert_true(times[i].us >= axis.from.us && bucket < (int64_t)axis.buckets);
                wanted[bucket]++;
            }
            for (size_t i = 0; i < axis.buckets; i++) {
                assert_int_equal(counts[0][i] + counts[1][i], wanted[i]);
                total += wanted[i];
            }
            assert_int_equal(total, 400);
        }
    }
}

static void the_ends_of_time_fit(void **state)
{
    (void)state;
    struct nz_time_bars bars = {0};
    const struct nz_time_bars *all[] = {&bars};
    uint64_t counts[NZ_TIME_BARS], total = 0;
    nz_time_bars_add(&bars, at("0001-01-01T00:00:00Z"));
    nz_time_bars_add(&bars, at("9999-12-31T23:59:59Z"));
    nz_time_bars_add(&bars, (nz_time){INT64_MAX});
    nz_time_bars_add(&bars, (nz_time){INT64_MIN});
    const struct nz_time_axis axis = nz_time_axis_of(all, 1, 1, NZ_TIME_BARS);
    nz_time_bars_read(&bars, &axis, counts);
    for (size_t i = 0; i < axis.buckets; i++)
        total += counts[i];
    assert_int_equal(total, 4);
}

/* --- sums --- */

static const struct nz_str title_a = S("A"), title_b = S("B"), id = S("same id");

static struct nz_detection finding(struct nz_str title, const char *actor, const char *ip, const char *time)
{
    return (struct nz_detection){.kind = S("sigma"),
                                 .rule_id = id,
                                 .title = title,
                                 .level = S("high"),
                                 .actor = nz_str_from_c(actor),
                                 .source_ip = nz_str_from_c(ip),
                                 .region = S("us-east-1"),
                                 .event_time = nz_str_from_c(time)};
}

static void findings_are_summed_by_rule_and_by_name(void **state)
{
    (void)state;
    struct nz_hit_sums sums;
    nz_hit_sums_init(&sums);
    const struct nz_detection all[] = {
        finding(title_a, "alice", "10.0.0.1", "2026-06-24T17:00:00Z"),
        finding(title_b, "bob", "10.0.0.2", "2026-06-24T16:00:00Z"),
        finding(title_b, "alice", "10.0.0.2", "2026-06-24T18:00:00Z"),
        finding(title_b, "alice", "10.0.0.2", "no time"),
    };
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(nz_hit_sums_add(&sums, &all[i], i == 0 ? 4 : 3, NULL), NZ_OK);
    struct nz_hit_group **groups = nz_hit_sums_groups(&sums);
    assert_int_equal(sums.groups_count, 2); /* one id, two rules */
    assert_true(nz_str_eq(groups[0]->title, title_a));
    assert_int_equal(groups[1]->count, 3);
    assert_int_equal(groups[1]->actors.count, 2);
    assert_int_equal(groups[1]->sources.count, 1);
    assert_int_equal(groups[1]->first.us, at("2026-06-24T16:00:00Z").us);
    assert_int_equal(groups[1]->last.us, at("2026-06-24T18:00:00Z").us);
    assert_int_equal(groups[1]->bars.total, 2);
    const struct nz_hit_name **actors = nz_hit_names_sorted(&sums.actors, &sums.keep);
    assert_int_equal(sums.actors.count, 2);
    assert_true(nz_str_eq(actors[0]->name, NZ_STR("alice")));
    assert_int_equal(actors[0]->counts[4], 1);
    assert_int_equal(nz_hit_name_total(actors[0]), 3);
    assert_ptr_equal(nz_hit_names_find(&sums.actors, NZ_STR("bob")), actors[1]);
    assert_null(nz_hit_names_find(&sums.actors, NZ_STR("carol")));
    assert_int_equal(sums.total, 4);
    nz_hit_sums_release(&sums);
}

/* A number for rule and names changes nothing but the time that it takes. */
static void a_known_pair_counts_the_same(void **state)
{
    (void)state;
    struct nz_hit_sums plain, numbered;
    nz_hit_sums_init(&plain);
    nz_hit_sums_init(&numbered);
    for (unsigned i = 0; i < 1000; i++) {
        char actor[20], ip[20];
        snprintf(actor, sizeof actor, "actor %u", i * i % 37);
        snprintf(ip, sizeof ip, "10.0.0.%u", i * i % 37 % 5);
        struct nz_detection d = finding(i % 3 ? title_a : title_b, actor, ip, "2026-06-24T16:00:00Z");
        if (i * i % 37 % 7 == 0)
            d.region = nz_str_of(NULL, 0);
        assert_int_equal(nz_hit_sums_add(&plain, &d, i % 3, NULL), NZ_OK);
        d.pair = (i * i % 37 * 2 + (i % 3 != 0)) * 10 + 1;
        assert_int_equal(nz_hit_sums_add(&numbered, &d, i % 3, NULL), NZ_OK);
    }
    const struct nz_hit_names *const kinds[][2] = {
        {&plain.actors, &numbered.actors}, {&plain.sources, &numbered.sources}, {&plain.regions, &numbered.regions}};
    for (size_t kind = 0; kind < 3; kind++) {
        const struct nz_hit_names *a = kinds[kind][0], *b = kinds[kind][1];
        assert_int_equal(a->count, b->count);
        for (size_t i = 0; i < a->count; i++) {
            assert_true(nz_str_eq(a->rows[i].name, b->rows[i].name));
            assert_memory_equal(a->rows[i].counts, b->rows[i].counts, sizeof a->rows[i].counts);
        }
    }
    struct nz_hit_group **a = nz_hit_sums_groups(&plain), **b = nz_hit_sums_groups(&numbered);
    assert_int_equal(plain.groups_count, numbered.groups_count);
    for (size_t i = 0; i < plain.groups_count; i++) {
        assert_int_equal(a[i]->count, b[i]->count);
        assert_int_equal(a[i]->actors.count, b[i]->actors.count);
        assert_int_equal(a[i]->sources.count, b[i]->sources.count);
    }
    nz_hit_sums_release(&plain);
    nz_hit_sums_release(&numbered);
}

static void a_correlation_counts_by_what_it_is_grouped_by(void **state)
{
    (void)state;
    static const struct nz_str names[] = {S("recipientAccountId"), S("userIdentity.type"), S("userIdentity.arn"),
                                          S("sourceIPAddress"), S("awsRegion")},
                               values[] = {S("1"), S("IAMUser"), S("arn:x"), S("10.0.0.1"), S("eu-west-1")};
    struct nz_detection d = {.kind = S("correlation"), .rule_id = id, .title = title_a, .level = S("high")};
    d.group_names = names;
    d.group_values = values;
    d.group_count = 5;
    d.first_time = NZ_STR("2026-06-24T16:00:00Z");
    d.last_time = NZ_STR("2026-06-24T17:00:00Z");
    const struct nz_hit_who who = nz_hit_who_of(&d);
    assert_true(nz_str_eq(who.actor, NZ_STR("arn:x")));
    assert_true(nz_str_eq(who.source, NZ_STR("10.0.0.1")));
    assert_true(nz_str_eq(who.region, NZ_STR("eu-west-1")));
    struct nz_hit_sums sums;
    struct nz_hit_group *group;
    nz_hit_sums_init(&sums);
    assert_int_equal(nz_hit_sums_add(&sums, &d, 3, &group), NZ_OK);
    assert_true(group->correlation);
    assert_int_equal(group->first.us, at("2026-06-24T16:00:00Z").us);
    assert_int_equal(group->last.us, at("2026-06-24T17:00:00Z").us);
    nz_hit_sums_release(&sums);
}

/* Made-up names cost no memory past the bounds, and the counts stay right. */
static void names_are_bounded(void **state)
{
    (void)state;
    struct nz_hit_sums sums;
    char actor[1000];
    nz_hit_sums_init(&sums);
    for (unsigned i = 0; i < NZ_HIT_NAMES_MAX + 5000; i++) {
        memset(actor, 'x', sizeof actor);
        snprintf(actor + 900, 100, "%u", i); /* the same in all that is kept */
        const struct nz_detection d = finding(title_a, actor, "10.0.0.1", "2026-06-24T16:00:00Z");
        assert_int_equal(nz_hit_sums_add(&sums, &d, 2, NULL), NZ_OK);
    }
    assert_int_equal(sums.actors.count, NZ_HIT_NAMES_MAX);
    assert_int_equal(sums.actors.others, 5000);
    assert_int_equal(sums.actors.rows[0].name.n, NZ_HIT_NAME_BYTES_MAX);
    assert_int_equal(sums.groups->actors.count, NZ_HIT_GROUP_NAMES_MAX);
    assert_true(sums.groups->actors.more);
    assert_int_equal(sums.groups->count, NZ_HIT_NAMES_MAX + 5000);
    assert_true(sums.keep.used_bytes < 16u << 20);
    nz_hit_sums_release(&sums);
}

static enum nz_err add_some(void)
{
    struct nz_hit_sums sums;
    enum nz_err err = NZ_OK;
    char actor[20];
    nz_hit_sums_init(&sums);
    for (unsigned i = 0; i < 200 && err == NZ_OK; i++) {
        snprintf(actor, sizeof actor, "%u", i);
        struct nz_detection d = finding(i % 2 ? title_a : title_b, actor, actor, "2026-06-24T16:00:00Z");
        d.pair = i; /* the first one has none */
        err = nz_hit_sums_add(&sums, &d, 2, NULL);
    }
    if (err == NZ_OK && !nz_hit_sums_groups(&sums))
        err = NZ_E_NOMEM;
    if (err == NZ_OK && !nz_hit_names_sorted(&sums.sources, &sums.keep))
        err = NZ_E_NOMEM;
    nz_hit_sums_release(&sums);
    return err;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0; nth < 1000; nth++) {
        nz_fault_arm(nth);
        enum nz_err err = add_some();
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            return;
    }
    fail_msg("no end of allocations");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_moment_is_one_second_wide),
        cmocka_unit_test(a_short_range_is_padded),
        cmocka_unit_test(nothing_is_lost_when_buckets_widen),
        cmocka_unit_test(the_ends_of_time_fit),
        cmocka_unit_test(findings_are_summed_by_rule_and_by_name),
        cmocka_unit_test(a_known_pair_counts_the_same),
        cmocka_unit_test(a_correlation_counts_by_what_it_is_grouped_by),
        cmocka_unit_test(names_are_bounded),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
