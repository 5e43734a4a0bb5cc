/* The state of one group against a model that keeps all events and looks at the whole window anew after each of them. */
#include "sigma/burst.h"

#include "support/faults.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define EVENTS 1500
#define RULES 4
#define SPAN 60

struct happening {
    int64_t at;
    uint32_t rule;
    unsigned value;
};

struct outcome {
    int64_t first, last;
    uint64_t count;
};

struct outcomes {
    struct outcome list[EVENTS];
    size_t count;
};

/* --- the model: from docs/correlation.md, without regard to cost --- */

struct model {
    const struct nz_correlation *c;
    struct happening live[EVENTS]; /* not used up */
    size_t live_count;
    struct happening burst[EVENTS];
    size_t burst_count;
    double peak;
    struct outcomes *out;
};

static int cmp_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t distinct_of(const struct happening *w, size_t n, bool rules)
{
    bool seen[64] = {false};
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned v = rules ? w[i].rule : w[i].value;
        count += !seen[v];
        seen[v] = true;
    }
    return count;
}

/* Longest subsequence of w whose rules ascend. */
static size_t steps_of(const struct happening *w, size_t n)
{
    size_t ending[RULES] = {0}, most = 0;
    for (size_t i = 0; i < n; i++) {
        size_t best = 0;
        for (uint32_t r = 0; r < w[i].rule; r++)
            best = ending[r] > best ? ending[r] : best;
        if (best + 1 > ending[w[i].rule])
            ending[w[i].rule] = best + 1;
        most = ending[w[i].rule] > most ? ending[w[i].rule] : most;
    }
    return most;
}

static double model_measure(const struct nz_correlation *c, const struct happening *w, size_t n)
{
    static double sorted[EVENTS];
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = w[i].value;
        sum += w[i].value;
    }
    qsort(sorted, n, sizeof *sorted, cmp_double);
    switch (c->type) {
    case NZ_CORRELATION_EVENT_COUNT:
        return (double)n;
    case NZ_CORRELATION_VALUE_COUNT:
        return (double)distinct_of(w, n, false);
    case NZ_CORRELATION_TEMPORAL:
        return (double)distinct_of(w, n, true);
    case NZ_CORRELATION_TEMPORAL_ORDERED:
        return (double)steps_of(w, n);
    case NZ_CORRELATION_VALUE_SUM:
        return sum;
    case NZ_CORRELATION_VALUE_AVG:
        return sum / (double)n;
    case NZ_CORRELATION_VALUE_PERCENTILE:
        for (size_t i = 0; i < n; i++) { /* the first that so many percent do not exceed */
            if ((double)(i + 1) * 100 >= c->percentile * (double)n)
                return sorted[i];
        }
        return sorted[n - 1];
    case NZ_CORRELATION_VALUE_MEDIAN:
        return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
    return NAN;
}

static bool model_lower(const struct nz_correlation *c, double v)
{
    const struct nz_correlation_bound *b = &c->bounds[0]; /* the cases write the lower bound first */
    return b->op == NZ_CORRELATION_GT ? v > b->number : v >= b->number;
}

static void model_end(struct model *m)
{
    if (m->burst_count && nz_correlation_bounds_hold(m->c, m->peak)) {
        uint64_t count = m->burst_count;
        if (m->c->type == NZ_CORRELATION_VALUE_COUNT)
            count = distinct_of(m->burst, m->burst_count, false);
        if (m->c->type == NZ_CORRELATION_TEMPORAL || m->c->type == NZ_CORRELATION_TEMPORAL_ORDERED)
            count = distinct_of(m->burst, m->burst_count, true);
        m->out->list[m->out->count++] = (struct outcome){m->burst[0].at, m->burst[m->burst_count - 1].at, count};
    }
    m->burst_count = 0;
    m->live_count = 0;
}

/* Where the window begins that ends with the newest live event. */
static size_t model_window(const struct model *m)
{
    size_t from = 0;
    while (m->live[from].at < m->live[m->live_count - 1].at - SPAN)
        from++;
    return from;
}

static void model_add(struct model *m, const struct happening *h)
{
    m->live[m->live_count++] = *h;
    size_t from = model_window(m);
    double v = model_measure(m->c, m->live + from, m->live_count - from);
    if (m->burst_count && (!model_lower(m->c, v) || m->burst[m->burst_count - 1].at < h->at - SPAN)) {
        model_end(m);
        m->live[m->live_count++] = *h;
        from = 0;
        v = model_measure(m->c, m->live, 1);
    }
    if (!model_lower(m->c, v))
        return;
    if (m->burst_count == 0) {
        /* what stands before the first step of an ordered sequence has no part in it */
        while (m->c->type == NZ_CORRELATION_TEMPORAL_ORDERED && m->live[from].rule != 0)
            from++;
        for (; from < m->live_count; from++)
            m->burst[m->burst_count++] = m->live[from];
        m->peak = v;
        return;
    }
    m->burst[m->burst_count++] = *h;
    m->peak = v > m->peak ? v : m->peak;
}

/* --- both, side by side --- */

static enum nz_err take(void *self, const struct nz_burst_alert *alert)
{
    struct outcomes *out = self;
    if (!alert->pulse)
        out->list[out->count++] = (struct outcome){alert->first_us, alert->last_us, alert->count};
    return NZ_OK;
}

static enum nz_err run_burst(struct nz_burst *b, const struct nz_burst_plan *plan, const struct happening *h,
                             size_t count, struct outcomes *out)
{
    const struct nz_fingerprint_key key = {111, 222};
    enum nz_err err = nz_burst_start(b, plan);
    for (size_t i = 0; i < count && !err; i++) {
        double number = h[i].value;
        struct nz_fingerprint f = nz_fingerprint(&key, nz_str_of((const char *)&h[i].value, sizeof h[i].value));
        bool has_value = plan->c->fields_count > 0;
        const struct nz_str id = NZ_STR("some id");
        const struct nz_burst_event ev = {.at_us = h[i].at,
                                          .start_us = h[i].at,
                                          .input = h[i].rule,
                                          .ids = &id,
                                          .ids_count = 1,
                                          .values = &f,
                                          .numbers = &number,
                                          .values_count = has_value};
        err = nz_burst_add(b, &ev, take, out);
    }
    return err ? err : nz_burst_end(b, take, out);
}

static const uint32_t rules[RULES] = {0, 1, 2, 3};
static const struct nz_correlation_field field = {.name = {"f", 1}};
#define BASE .rules = rules, .rules_count = RULES, .timespan_us = SPAN
#define VALUE .fields = &field, .fields_count = 1
#define GTE(n) .bounds = {{NZ_CORRELATION_GTE, n}}, .bounds_count = 1
#define RANGE(n, m) .bounds = {{NZ_CORRELATION_GTE, n}, {NZ_CORRELATION_LTE, m}}, .bounds_count = 2
static const struct nz_correlation kinds[] = {
    {BASE, .type = NZ_CORRELATION_EVENT_COUNT, GTE(6)},
    {BASE, .type = NZ_CORRELATION_EVENT_COUNT, GTE(1)},
    {BASE, .type = NZ_CORRELATION_EVENT_COUNT, RANGE(6, 8)},
    {BASE, .type = NZ_CORRELATION_EVENT_COUNT, .bounds = {{NZ_CORRELATION_GT, 6}}, .bounds_count = 1},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_COUNT, GTE(5)},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_COUNT, RANGE(4, 6)},
    {BASE, .type = NZ_CORRELATION_TEMPORAL, GTE(4)},
    {BASE, .type = NZ_CORRELATION_TEMPORAL, RANGE(2, 3)},
    {BASE, .type = NZ_CORRELATION_TEMPORAL_ORDERED, GTE(4)},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_SUM, GTE(100)},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_AVG, GTE(21)},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_MEDIAN, GTE(24)},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_PERCENTILE, .percentile = 55, GTE(24)},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_PERCENTILE, .percentile = 100, GTE(36)},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static void happen(struct happening *h, size_t count, uint64_t seed)
{
    int64_t now = 0;
    for (size_t i = 0; i < count; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned r = (unsigned)(seed >> 33);
        now += r % 16 < 5 ? 0 : (int64_t)(r >> 4) % 25; /* ties, and rates about the bounds */
        now += r >> 20 & 63 ? 0 : 2 * SPAN;             /* now and then silence */
        h[i] = (struct happening){now, r >> 10 & (RULES - 1), (r >> 16) % 37};
    }
}

static void same_alerts_as_the_model(void **state)
{
    (void)state;
    static struct happening h[EVENTS];
    static struct outcomes got, want;
    static struct model m;
    struct nz_burst b = {0}; /* one for all, as the correlator uses it */
    size_t alerts[KINDS] = {0};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        happen(h, EVENTS, seed);
        for (size_t k = 0; k < KINDS; k++) {
            const struct nz_burst_plan plan = nz_burst_plan(&kinds[k]);
            assert_false(plan.closed);
            got.count = 0;
            want.count = 0;
            assert_int_equal(run_burst(&b, &plan, h, EVENTS, &got), NZ_OK);
            m = (struct model){.c = &kinds[k], .out = &want};
            for (size_t i = 0; i < EVENTS; i++)
                model_add(&m, &h[i]);
            model_end(&m);
            if (got.count != want.count)
                fail_msg("kind %zu seed %u: %zu alerts, the model has %zu", k, (unsigned)seed, got.count, want.count);
            alerts[k] += want.count;
            for (size_t i = 0; i < want.count; i++) {
                if (got.list[i].first != want.list[i].first || got.list[i].last != want.list[i].last ||
                    got.list[i].count != want.list[i].count)
                    fail_msg("kind %zu seed %u alert %zu: %d-%d %d, the model has %d-%d %d", k, (unsigned)seed, i,
                             (int)got.list[i].first, (int)got.list[i].last, (int)got.list[i].count,
                             (int)want.list[i].first, (int)want.list[i].last, (int)want.list[i].count);
            }
        }
    }
    nz_burst_release(&b);
    nz_burst_release(&b);
    for (size_t k = 0; k < KINDS; k++)
        if (alerts[k] <= 10) /* else the kind is not put to the test */
            fail_msg("kind %zu: %zu alerts", k, alerts[k]);
}

#define UPPER(op, n) .bounds = {{NZ_CORRELATION_##op, n}}, .bounds_count = 1
static const struct nz_correlation closed_kinds[] = {
    {BASE, .type = NZ_CORRELATION_EVENT_COUNT, UPPER(LT, 6)},
    {BASE, .type = NZ_CORRELATION_EVENT_COUNT, UPPER(NEQ, 9)},
    {BASE, .type = NZ_CORRELATION_EVENT_COUNT, RANGE(0, 7)},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_COUNT, UPPER(LTE, 5)},
    {BASE, VALUE, .type = NZ_CORRELATION_VALUE_SUM, UPPER(LT, 120)},
    {BASE, .type = NZ_CORRELATION_TEMPORAL, UPPER(LT, 4)},
    {BASE, .type = NZ_CORRELATION_TEMPORAL_ORDERED, UPPER(LTE, 2)},
};

static void model_closed(const struct nz_correlation *c, const struct happening *h, size_t count, struct outcomes *out)
{
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && h[to].at - h[from].at <= SPAN;)
            to++;
        if (!nz_correlation_bounds_hold(c, model_measure(c, h + from, to - from)))
            continue;
        uint64_t n = to - from;
        if (c->type == NZ_CORRELATION_VALUE_COUNT)
            n = distinct_of(h + from, to - from, false);
        if (c->type == NZ_CORRELATION_TEMPORAL || c->type == NZ_CORRELATION_TEMPORAL_ORDERED)
            n = distinct_of(h + from, to - from, true);
        out->list[out->count++] = (struct outcome){h[from].at, h[to - 1].at, n};
    }
}

static void conditions_without_a_lower_bound_wait_for_the_end(void **state)
{
    (void)state;
    static struct happening h[EVENTS];
    static struct outcomes got, want;
    struct nz_burst b = {0};
    for (size_t k = 0; k < sizeof closed_kinds / sizeof closed_kinds[0]; k++) {
        const struct nz_burst_plan plan = nz_burst_plan(&closed_kinds[k]);
        assert_true(plan.closed);
        size_t alerts = 0;
        for (uint64_t seed = 1; seed <= 8; seed++) {
            happen(h, EVENTS, seed);
            got.count = 0;
            want.count = 0;
            assert_int_equal(run_burst(&b, &plan, h, EVENTS, &got), NZ_OK);
            model_closed(&closed_kinds[k], h, EVENTS, &want);
            assert_int_equal(got.count, want.count);
            for (size_t i = 0; i < want.count; i++) {
                assert_int_equal(got.list[i].first, want.list[i].first);
                assert_int_equal(got.list[i].last, want.list[i].last);
                assert_int_equal(got.list[i].count, want.list[i].count);
            }
            alerts += want.count;
        }
        assert_true(alerts > 10);
    }
    nz_burst_release(&b);
}

static void a_percentile_of_55_is_not_a_little_more(void **state)
{
    (void)state;
    /* 55 / 100 * 20 is 11.000000000000002 in doubles */
    static const struct nz_correlation c = {BASE, VALUE, .type = NZ_CORRELATION_VALUE_PERCENTILE, .percentile = 55,
                                            GTE(12)};
    struct happening h[20];
    for (unsigned i = 0; i < 20; i++)
        h[i] = (struct happening){i, 0, i + 1};
    const struct nz_burst_plan plan = nz_burst_plan(&c);
    struct nz_burst b = {0};
    static struct outcomes out;
    out.count = 0;
    assert_int_equal(run_burst(&b, &plan, h, 20, &out), NZ_OK);
    assert_int_equal(out.count, 0);
    nz_burst_release(&b);
}

static void each_failed_allocation_is_an_error(void **state)
{
    (void)state;
    static struct happening h[200];
    static struct outcomes out;
    happen(h, 200, 5);
    long before = nz_live_allocations();
    for (size_t k = 0; k < KINDS; k++) {
        const struct nz_burst_plan plan = nz_burst_plan(&kinds[k]);
        for (unsigned nth = 0;; nth++) {
            struct nz_burst b = {0};
            out.count = 0;
            nz_fault_arm(nth);
            enum nz_err err = run_burst(&b, &plan, h, 200, &out);
            nz_fault_disarm();
            bool fired = nz_fault_fired();
            assert_int_equal(err, fired ? NZ_E_NOMEM : NZ_OK);
            nz_burst_release(&b);
            assert_int_equal(nz_live_allocations(), before);
            if (!fired)
                break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_alerts_as_the_model),
        cmocka_unit_test(conditions_without_a_lower_bound_wait_for_the_end),
        cmocka_unit_test(a_percentile_of_55_is_not_a_little_more),
        cmocka_unit_test(each_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
