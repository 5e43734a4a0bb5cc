/* Correlations on the cases of tests/cases/correlation: rules.yml on events.jsonl gives expect.json. */
#include "sigma/correlation.h"

#include "support/detecting.h"
#include "support/faults.h"
#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

/* One alert as an object of expect.json. */
static enum nz_err write_alert(void *self, const struct nz_correlation_alert *a)
{
    struct nz_buf *out = self;
    nz_buf_append(out, out->n ? NZ_STR(",{\"rule\":") : NZ_STR("{\"rule\":"));
    nz_json_append_string(out, a->rule->key);
    nz_buf_append(out, NZ_STR(",\"group\":{"));
    for (size_t i = 0; i < a->group_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, a->group_names[i]);
        nz_buf_append_char(out, ':');
        nz_json_append_string(out, a->group_values[i]);
    }
    nz_buf_append(out, NZ_STR("},\"events\":["));
    for (size_t i = 0; i < a->event_ids_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, a->event_ids[i]);
    }
    nz_buf_append(out, NZ_STR("],\"count\":"));
    nz_buf_append_u64(out, a->count);
    nz_buf_append(out, NZ_STR(",\"first\":\""));
    nz_time_append(out, a->first);
    nz_buf_append(out, NZ_STR("\",\"last\":\""));
    nz_time_append(out, a->last);
    nz_buf_append(out, NZ_STR("\"}"));
    return nz_buf_status(out);
}

static struct nz_str case_read(const char *name, const char *file)
{
    char path[512];
    snprintf(path, sizeof path, "tests/cases/correlation/%s/%s", name, file);
    const char *found = nz_test_source(path);
    if (!found)
        fail_msg("no %s", path);
    return nz_test_read(found);
}

static void case_run(const char *name, size_t memory_bytes)
{
    struct nz_str rules = case_read(name, "rules.yml"), events = case_read(name, "events.jsonl"),
                  expect = case_read(name, "expect.json");
    struct nz_str path = nz_str_from_c(name);
    struct nz_ruleset *rs = nz_test_rules(&rules, &path, 1);
    struct nz_buf alerts, got, want;
    nz_buf_init(&alerts, 0);
    nz_buf_init(&got, 0);
    nz_buf_init(&want, 0);
    struct nz_test_detecting d = {.memory_bytes = memory_bytes, .alert = write_alert, .self = &alerts};
    assert_int_equal(nz_test_detect(&d, rs, events), NZ_OK);
    nz_buf_printf(&got, "{\"skipped\":%llu,\"alerts\":[", (unsigned long long)d.skipped);
    nz_buf_append(&got, nz_buf_view(&alerts));
    nz_buf_append(&got, NZ_STR("]}"));

    struct nz_json_doc doc;
    nz_json_doc_init(&doc);
    struct nz_json root;
    assert_int_equal(nz_json_parse(&doc, expect, &root, NULL), NZ_OK);
    nz_json_append_compact(root, &want);
    if (!nz_str_eq(nz_buf_view(&got), nz_buf_view(&want)))
        fail_msg("%s\n  got  %.*s\n  want %.*s", name, NZ_STR_ARG(nz_buf_view(&got)), NZ_STR_ARG(nz_buf_view(&want)));
    nz_json_doc_release(&doc);
    nz_buf_release(&alerts);
    nz_buf_release(&got);
    nz_buf_release(&want);
    nz_ruleset_free(rs);
    free((char *)(uintptr_t)rules.p);
    free((char *)(uintptr_t)events.p);
    free((char *)(uintptr_t)expect.p);
}

static void every_case_gives_what_it_says(void **state)
{
    (void)state;
    DIR *dir = opendir(nz_test_source("tests/cases/correlation"));
    assert_non_null(dir);
    size_t cases = 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strchr(entry->d_name, '.')) /* neither . and .. nor the README */
            continue;
        case_run(entry->d_name, 1 << 20);
        case_run(entry->d_name, 0); /* every entry through a file */
        cases++;
    }
    closedir(dir);
    assert_true(cases >= 40);
}

/* --- the order of the input does not matter, but for equal times --- */

static const char ladder_rules[] =
    "title: Alpha\nid: a\nlogsource: {product: aws, service: cloudtrail}\n"
    "detection: {s: {eventName: Alpha}, condition: s}\n"
    "---\ntitle: Beta\nid: b\nlogsource: {product: aws, service: cloudtrail}\n"
    "detection: {s: {eventName: Beta}, condition: s}\n"
    "---\ntitle: many\nid: many\ncorrelation: {type: event_count, rules: [a], group-by: [u], "
    "timespan: 1m, condition: {gte: 3}}\n"
    "---\ntitle: kinds\nid: kinds\ncorrelation: {type: value_count, rules: [a, b], group-by: "
    "[u], timespan: 1m, condition: {field: v, gte: 4}}\n"
    "---\ntitle: then\nid: then\ncorrelation: {type: temporal_ordered, rules: [many, b], "
    "group-by: [u], timespan: 2m}\n"
    "---\ntitle: median\nid: median\ncorrelation: {type: value_median, rules: [a], group-by: "
    "[u], timespan: 1m, condition: {field: v, gt: 5}}\n";

static void put_event(struct nz_buf *out, unsigned i, unsigned second, bool alpha, unsigned user, unsigned value)
{
    nz_buf_printf(out,
                  "{\"eventID\":\"e%u\",\"eventTime\":\"2026-11-%02uT%02u:%02u:%02uZ\",\"eventName\":\"%s\","
                  "\"u\":\"user-%u\",\"v\":%u}\n",
                  i, 1 + second / 86400, second / 3600 % 24, second / 60 % 60, second % 60, alpha ? "Alpha" : "Beta",
                  user, value);
}

#define LADDER 600

static void shuffled_input_gives_the_same_alerts(void **state)
{
    (void)state;
    struct nz_str text = nz_str_from_c(ladder_rules), path = NZ_STR("ladder");
    struct nz_ruleset *rs = nz_test_rules(&text, &path, 1);
    struct nz_buf first, again, events;
    nz_buf_init(&first, 0);
    nz_buf_init(&again, 0);
    nz_buf_init(&events, 0);
    unsigned order[LADDER];
    for (unsigned i = 0; i < LADDER; i++)
        order[i] = i;
    uint64_t seed = 42;
    for (unsigned round = 0; round < 5; round++) {
        nz_buf_clear(&events);
        for (unsigned i = 0; i < LADDER; i++) {
            unsigned k = order[i], r = k * 2654435761u;
            put_event(&events, k, k * 11, r >> 8 & 3, r >> 12 & 1, r >> 20 & 7);
        }
        struct nz_buf *out = round ? &again : &first;
        nz_buf_clear(out);
        struct nz_test_detecting d = {.memory_bytes = 4096, .alert = write_alert, .self = out};
        assert_int_equal(nz_test_detect(&d, rs, nz_buf_view(&events)), NZ_OK);
        assert_true(first.n > 1000);
        if (round)
            assert_true(nz_str_eq(nz_buf_view(&first), nz_buf_view(&again)));
        for (unsigned i = LADDER - 1; i > 0; i--) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            unsigned k = (unsigned)(seed >> 33) % (i + 1), swap = order[i];
            order[i] = order[k];
            order[k] = swap;
        }
    }
    nz_buf_release(&first);
    nz_buf_release(&again);
    nz_buf_release(&events);
    nz_ruleset_free(rs);
}

/* --- bounds --- */

/* The most memory this process has ever held, in KiB. */
static long peak_kib(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

struct totals {
    uint64_t alerts, events;
    size_t most_ids;
};

static enum nz_err add_up(void *self, const struct nz_correlation_alert *a)
{
    struct totals *t = self;
    t->alerts++;
    t->events += a->count;
    t->most_ids = a->event_ids_count > t->most_ids ? a->event_ids_count : t->most_ids;
    return NZ_OK;
}

#define FLOOD 200000u

/* Every second event is one user's; the others are of as many users as have two each. */
static void a_flood_stays_within_its_memory(void **state)
{
    (void)state;
    static const char rules[] =
        "title: Alpha\nid: a\nlogsource: {product: aws, service: cloudtrail}\n"
        "detection: {s: {eventName: Alpha}, condition: s}\n"
        "---\ntitle: many\nid: many\ncorrelation: {type: event_count, rules: [a], group-by: [u], "
        "timespan: 1h, condition: {gte: 2}}\n"
        "---\ntitle: all\nid: all\ncorrelation: {type: value_count, rules: [a], timespan: 1d, "
        "condition: {field: u, gte: 50000}}\n";
    struct nz_str text = nz_str_from_c(rules), path = NZ_STR("flood");
    struct nz_ruleset *rs = nz_test_rules(&text, &path, 1);
    struct nz_correlator *c;
    assert_int_equal(nz_correlator_new(rs, 4 << 20, &c), NZ_OK);
    struct nz_json_doc doc;
    nz_json_doc_init(&doc);
    struct nz_buf line, scratch, entry;
    nz_buf_init(&line, 0);
    nz_buf_init(&scratch, 0);
    nz_buf_init(&entry, 0);
    uint32_t rule = 0;
    while (nz_ruleset_rule(rs, rule)->kind != NZ_RULE_DETECTION)
        rule++;
    long before = peak_kib();
    for (unsigned i = 0; i < FLOOD; i++) {
        nz_buf_clear(&line);
        put_event(&line, i, i / 4, true, i % 2 ? 0 : 1 + i / 4, 1);
        struct nz_json root;
        struct nz_event ev;
        assert_int_equal(nz_json_parse(&doc, nz_buf_view(&line), &root, NULL), NZ_OK);
        nz_event_from_json(root, &ev);
        nz_buf_clear(&entry);
        assert_int_equal(nz_correlator_extract(c, rule, &ev, &scratch, &entry), NZ_OK);
        assert_int_equal(nz_correlator_add(c, nz_buf_view(&entry), NULL), NZ_OK);
    }
    struct totals t = {0};
    assert_int_equal(nz_correlator_finish(c, add_up, &t, NULL), NZ_OK);
    /* an alert for each user of two, one for the user of half, and the one about all users */
    assert_int_equal(t.alerts, FLOOD / 4 + 2);
    assert_int_equal(t.events, FLOOD / 2 + FLOOD / 2 + (FLOOD / 4 + 1));
    assert_int_equal(t.most_ids, NZ_CORRELATION_IDS_MAX);
    assert_int_equal(nz_correlator_skipped(c), 0);
    assert_int_equal(nz_correlator_early(c), 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_in_range(peak_kib() - before, 0, 40 * 1024);
#else
    (void)before;
#endif
    nz_correlator_free(c);
    nz_json_doc_release(&doc);
    nz_buf_release(&line);
    nz_buf_release(&scratch);
    nz_buf_release(&entry);
    nz_ruleset_free(rs);
}

static void count_errors(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    (void)path;
    size_t *errors = self;
    *errors += !warning && diag->code == NZ_E_RULE_LIMIT;
}

/* The state of an ordered condition in words doubles with each name. */
static void too_many_names_in_order_are_refused(void **state)
{
    (void)state;
    for (unsigned names = NZ_CORRELATION_ORDERED_NAMES_MAX; names <= NZ_CORRELATION_ORDERED_NAMES_MAX + 1; names++) {
        struct nz_buf rules;
        nz_buf_init(&rules, 0);
        for (unsigned i = 0; i < names; i++)
            nz_buf_printf(&rules,
                          "title: r%u\nid: r%u\nlogsource: {product: aws, service: cloudtrail}\n"
                          "detection: {s: {eventName: e%u}, condition: s}\n---\n",
                          i, i, i);
        nz_buf_printf(&rules, "title: t\nid: t\ncorrelation: {type: temporal_ordered, timespan: 1m, condition: r0");
        for (unsigned i = 1; i < names; i++)
            nz_buf_printf(&rules, " and r%u", i);
        nz_buf_append(&rules, NZ_STR("}\n"));
        struct nz_ruleset *rs;
        struct nz_correlator *c;
        size_t errors = 0;
        assert_int_equal(nz_ruleset_new(&(struct nz_ruleset_opts){0}, count_errors, &errors, &rs), NZ_OK);
        assert_int_equal(nz_ruleset_add(rs, NZ_STR("names"), nz_buf_view(&rules)), NZ_OK);
        assert_int_equal(nz_ruleset_compile(rs), NZ_OK);
        assert_int_equal(errors, names > NZ_CORRELATION_ORDERED_NAMES_MAX);
        assert_int_equal(nz_correlator_new(rs, 1 << 16, &c), NZ_OK);
        nz_correlator_free(c);
        nz_ruleset_free(rs);
        nz_buf_release(&rules);
    }
}

/* --- faults --- */

static void each_failed_allocation_is_an_error(void **state)
{
    (void)state;
    static const size_t memories[] = {1 << 20, 0}; /* without and with files */
    struct nz_str text = nz_str_from_c(ladder_rules), path = NZ_STR("ladder");
    struct nz_ruleset *rs = nz_test_rules(&text, &path, 1);
    struct nz_buf events;
    nz_buf_init(&events, 0);
    for (unsigned i = 0; i < 24; i++)
        put_event(&events, i, i * 11, i % 4, i / 12, i % 7);
    for (size_t m = 0; m < 2; m++) {
        long before = nz_live_allocations();
        for (unsigned nth = 0;; nth++) {
            struct totals t = {0};
            struct nz_test_detecting d = {.memory_bytes = memories[m], .alert = add_up, .self = &t};
            nz_fault_arm(nth);
            enum nz_err err = nz_test_detect(&d, rs, nz_buf_view(&events));
            nz_fault_disarm();
            bool fired = nz_fault_fired();
            assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
            assert_int_equal(nz_live_allocations(), before);
            if (!fired) {
                assert_true(t.alerts > 0);
                assert_true(nth > 50);
                break;
            }
        }
    }
    nz_buf_release(&events);
    nz_ruleset_free(rs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_stays_within_its_memory), /* first: it looks at the highest memory so far */
        cmocka_unit_test(every_case_gives_what_it_says),       cmocka_unit_test(shuffled_input_gives_the_same_alerts),
        cmocka_unit_test(too_many_names_in_order_are_refused), cmocka_unit_test(each_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
