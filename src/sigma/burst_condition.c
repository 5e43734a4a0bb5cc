#include "sigma/burst.h"

#include <math.h>

/* Counts and sums grow while the window lasts; averages and the like do not, so for them a window that is not over yet
 * tells no less than one that is. */
static bool is_amount(enum nz_correlation_type type)
{
    switch (type) {
    case NZ_CORRELATION_EVENT_COUNT:
    case NZ_CORRELATION_VALUE_COUNT:
    case NZ_CORRELATION_TEMPORAL:
    case NZ_CORRELATION_TEMPORAL_ORDERED:
    case NZ_CORRELATION_VALUE_SUM:
        return true;
    case NZ_CORRELATION_VALUE_AVG:
    case NZ_CORRELATION_VALUE_PERCENTILE:
    case NZ_CORRELATION_VALUE_MEDIAN:
        break;
    }
    return false;
}

/* True when something that grows from zero satisfies it only after it grew. */
static bool needs_growth(const struct nz_correlation_bound *b)
{
    switch (b->op) {
    case NZ_CORRELATION_GT:
        return b->number >= 0;
    case NZ_CORRELATION_GTE:
    case NZ_CORRELATION_EQ:
        return b->number > 0;
    case NZ_CORRELATION_LT:
    case NZ_CORRELATION_LTE:
    case NZ_CORRELATION_NEQ:
        break;
    }
    return false;
}

static bool has_upper(const struct nz_correlation *c)
{
    for (size_t i = 0; i < c->bounds_count; i++) {
        if (c->bounds[i].op != NZ_CORRELATION_GT && c->bounds[i].op != NZ_CORRELATION_GTE)
            return true;
    }
    return false;
}

/* The depth of the tree is bounded (NZ_CORRELATION_NODES_DEPTH_MAX), and so is this recursion. */
static bool has_not(const struct nz_correlation_node *node)
{
    if (node->kind == NZ_CORRELATION_NODE_NOT)
        return true;
    for (size_t i = 0; node->kind != NZ_CORRELATION_NODE_RULE && i < node->kids_count; i++) {
        if (has_not(node->kids[i]))
            return true;
    }
    return false;
}

struct nz_burst_plan nz_burst_plan(const struct nz_correlation *c)
{
    struct nz_burst_plan plan = {.c = c};
    if (c->extended) {
        plan.closed = has_not(c->extended);
        plan.pulses = !plan.closed;
        return plan;
    }
    plan.closed = is_amount(c->type);
    for (size_t i = 0; plan.closed && i < c->bounds_count; i++)
        plan.closed = !needs_growth(&c->bounds[i]);
    plan.judge_peak = !plan.closed && is_amount(c->type) && has_upper(c);
    plan.pulses = !plan.closed && !plan.judge_peak;
    return plan;
}

bool nz_burst_bounds_hold(const struct nz_correlation *c, double value, bool lower_only)
{
    if (isnan(value)) /* an average of nothing, which `neq` would take */
        return false;
    if (!lower_only || !is_amount(c->type))
        return nz_correlation_bounds_hold(c, value);
    for (size_t i = 0; i < c->bounds_count; i++) {
        const struct nz_correlation_bound *b = &c->bounds[i];
        if (b->op == NZ_CORRELATION_GT && !(value > b->number))
            return false;
        if ((b->op == NZ_CORRELATION_GTE || b->op == NZ_CORRELATION_EQ) && !(value >= b->number))
            return false;
    }
    return true;
}

/* A rule that must have fired is asked of `set` when the order matters; one that must not, of the whole window. */
struct question {
    const struct nz_burst *b;
    int64_t since_us;
    bool ordered;
    size_t set;
};

static bool node_holds(const struct question *q, const struct nz_correlation_node *node, bool negated)
{
    bool all = true, any = false;
    switch (node->kind) {
    case NZ_CORRELATION_NODE_RULE:
        if (q->ordered && !negated)
            return q->set >> node->rule & 1;
        return q->b->fired_us[node->rule] != INT64_MIN && q->b->fired_us[node->rule] >= q->since_us;
    case NZ_CORRELATION_NODE_NOT:
        return !node_holds(q, node->kids[0], !negated);
    case NZ_CORRELATION_NODE_AND:
    case NZ_CORRELATION_NODE_OR:
        for (size_t i = 0; i < node->kids_count; i++) {
            bool kid = node_holds(q, node->kids[i], negated);
            all = all && kid;
            any = any || kid;
        }
        break;
    }
    return node->kind == NZ_CORRELATION_NODE_AND ? all : any;
}

bool nz_burst_extended_holds(const struct nz_burst *b, int64_t since_us, int64_t *start_us)
{
    const struct nz_correlation *c = b->plan->c;
    struct question q = {.b = b, .since_us = since_us, .ordered = c->type == NZ_CORRELATION_TEMPORAL_ORDERED};
    *start_us = since_us;
    if (!q.ordered)
        return node_holds(&q, c->extended, false);
    bool found = false;
    for (q.set = 0; q.set < nz_burst_steps_cells(c); q.set++) {
        int64_t start;
        if (!nz_burst_steps_set(b, q.set, since_us, &start) || !node_holds(&q, c->extended, false))
            continue;
        *start_us = !found || start < *start_us ? start : *start_us;
        found = true;
    }
    return found;
}

static double rules_fired(const struct nz_burst *b, int64_t since_us)
{
    size_t fired = 0;
    for (size_t i = 0; i < b->plan->c->rules_count; i++)
        fired += b->fired_us[i] != INT64_MIN && b->fired_us[i] >= since_us;
    return (double)fired;
}

/* Nearest rank: the smallest value that at least that many percent of the values do not exceed. */
static double percentile(const struct nz_rank *r, double percent)
{
    double rank = ceil(percent * (double)r->count / 100); /* in this order 55 % of 20 is 11, not a little more */
    if (rank < 1)
        rank = 1;
    if (rank > (double)r->count)
        rank = (double)r->count;
    return nz_rank_nth(r, (size_t)rank - 1);
}

static double median(const struct nz_rank *r)
{
    double upper = nz_rank_nth(r, r->count / 2);
    if (r->count % 2)
        return upper;
    double lower = nz_rank_nth(r, r->count / 2 - 1);
    return lower + (upper - lower) / 2;
}

double nz_burst_measure(const struct nz_burst *b, int64_t since_us, int64_t *start_us)
{
    *start_us = since_us;
    switch (b->plan->c->type) {
    case NZ_CORRELATION_EVENT_COUNT:
        return (double)b->window.events;
    case NZ_CORRELATION_VALUE_COUNT:
        return (double)b->distinct.live;
    case NZ_CORRELATION_TEMPORAL:
        return rules_fired(b, since_us);
    case NZ_CORRELATION_TEMPORAL_ORDERED:
        return nz_burst_steps_most(b, since_us, start_us);
    case NZ_CORRELATION_VALUE_SUM:
        return nz_window_sum(&b->window);
    case NZ_CORRELATION_VALUE_AVG:
        return b->window.values ? nz_window_sum(&b->window) / (double)b->window.values : NAN;
    case NZ_CORRELATION_VALUE_PERCENTILE:
        return b->rank.count ? percentile(&b->rank, b->plan->c->percentile) : NAN;
    case NZ_CORRELATION_VALUE_MEDIAN:
        return b->rank.count ? median(&b->rank) : NAN;
    }
    return NAN;
}
