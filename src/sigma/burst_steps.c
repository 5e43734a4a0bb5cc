/* temporal_ordered: the listed rules, in their order, somewhere among the events of a window.
 *
 * Step j is the jth listed rule. best[m][j] is the latest start of a sequence of m+1 steps that ends with step j. The
 * latest start is the best one can have: whatever window ends now, it is inside if any is. An event at step j makes
 * sequences of m+1 steps out of those of m that end before j. It is one event, so it takes one place only, also when
 * several rules match it: all its steps build on what was before it. Events of equal time stand in input order.
 *
 * An extended condition asks which rules stand in order, not how many: then best[set] is the latest start of a sequence
 * of just that set of steps, and the number of rules is bounded (NZ_CORRELATION_ORDERED_NAMES_MAX). */
#include "sigma/burst.h"

static bool has_sets(const struct nz_correlation *c)
{
    return c->extended != NULL;
}

size_t nz_burst_steps_cells(const struct nz_correlation *c)
{
    if (c->type != NZ_CORRELATION_TEMPORAL_ORDERED)
        return 0;
    return has_sets(c) ? (size_t)1 << c->rules_count : c->rules_count * c->rules_count;
}

static void make_sets(struct nz_burst *b, uint32_t j, int64_t at_us)
{
    size_t step = (size_t)1 << j;
    for (size_t set = 0; set < step; set++) {
        int64_t start = set == 0 ? at_us : b->before[set];
        if (start > b->best[set | step])
            b->best[set | step] = start;
    }
}

static void make_lengths(struct nz_burst *b, uint32_t j, int64_t at_us)
{
    size_t k = b->plan->c->rules_count;
    if (at_us > b->best[j])
        b->best[j] = at_us;
    for (size_t m = 1; m <= j; m++) {
        int64_t latest = INT64_MIN;
        for (size_t i = m - 1; i < j; i++) {
            if (b->before[(m - 1) * k + i] > latest)
                latest = b->before[(m - 1) * k + i];
        }
        if (latest > b->best[m * k + j])
            b->best[m * k + j] = latest;
    }
}

void nz_burst_steps_add(struct nz_burst *b, uint32_t input, int64_t at_us, bool same)
{
    if (!same)
        memcpy(b->before, b->best, nz_burst_steps_cells(b->plan->c) * sizeof *b->best);
    if (has_sets(b->plan->c))
        make_sets(b, input, at_us);
    else
        make_lengths(b, input, at_us);
}

/* When sequences that begin with this rule began, at the earliest: if a late one fits into the window, each earlier event of
 * the same rule begins one too. An alert should show them all. */
static int64_t earliest(const struct nz_burst *b, uint32_t rule, int64_t latest_us)
{
    const struct nz_window *w = &b->starts[rule];
    return w->count ? w->ring[w->head].at_us : latest_us;
}

uint32_t nz_burst_steps_most(const struct nz_burst *b, int64_t since_us, int64_t *start_us)
{
    size_t k = b->plan->c->rules_count;
    for (size_t m = k; m-- > 0;) {
        int64_t latest = INT64_MIN;
        for (size_t j = m; j < k; j++) {
            if (b->best[m * k + j] > latest)
                latest = b->best[m * k + j];
        }
        if (latest != INT64_MIN && latest >= since_us) {
            /* of a shorter sequence it is not known which rule began it */
            *start_us = m + 1 == k ? earliest(b, 0, latest) : latest;
            return (uint32_t)m + 1;
        }
    }
    *start_us = since_us;
    return 0;
}

bool nz_burst_steps_set(const struct nz_burst *b, size_t set, int64_t since_us, int64_t *start_us)
{
    *start_us = since_us;
    if (set == 0)
        return true;
    if (b->best[set] == INT64_MIN || b->best[set] < since_us)
        return false;
    *start_us = earliest(b, (uint32_t)__builtin_ctzl(set), b->best[set]);
    return true;
}
