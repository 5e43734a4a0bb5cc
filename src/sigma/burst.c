#include "sigma/burst.h"

#include <stdlib.h>

static void reset(struct nz_burst *b)
{
    const struct nz_correlation *c = b->plan->c;
    nz_window_reset(&b->window);
    nz_idlog_reset(&b->recent);
    nz_distinct_reset(&b->distinct);
    nz_rank_reset(&b->rank);
    nz_idlog_reset(&b->ids);
    for (size_t i = 0; i < c->rules_count; i++) {
        b->fired_us[i] = INT64_MIN;
        b->took_part[i] = false;
    }
    size_t cells = nz_burst_steps_cells(c);
    for (size_t i = 0; i < cells; i++) {
        b->best[i] = INT64_MIN;
        b->before[i] = INT64_MIN;
    }
    for (size_t i = 0; cells && i < c->rules_count; i++)
        nz_window_reset(&b->starts[i]);
    b->open = false;
    b->events = 0;
    b->peak = 0;
}

/* Tables per rule; they only grow, since one nz_burst serves group after group. */
static enum nz_err make_room(struct nz_burst *b, const struct nz_correlation *c)
{
    size_t rules = c->rules_count, cells = nz_burst_steps_cells(c);
    if (rules > b->rules_room) {
        int64_t *fired = realloc(b->fired_us, rules * sizeof *fired);
        if (!fired)
            return NZ_E_NOMEM;
        b->fired_us = fired;
        bool *part = realloc(b->took_part, rules * sizeof *part);
        if (!part)
            return NZ_E_NOMEM;
        b->took_part = part;
        b->rules_room = rules;
    }
    if (cells && rules > b->starts_room) {
        struct nz_window *starts = realloc(b->starts, rules * sizeof *starts);
        if (!starts)
            return NZ_E_NOMEM;
        memset(starts + b->starts_room, 0, (rules - b->starts_room) * sizeof *starts);
        b->starts = starts;
        b->starts_room = rules;
    }
    if (cells > b->cells_room) {
        int64_t *best = realloc(b->best, cells * sizeof *best);
        if (!best)
            return NZ_E_NOMEM;
        b->best = best;
        int64_t *before = realloc(b->before, cells * sizeof *before);
        if (!before)
            return NZ_E_NOMEM;
        b->before = before;
        b->cells_room = cells;
    }
    return NZ_OK;
}

enum nz_err nz_burst_start(struct nz_burst *b, const struct nz_burst_plan *plan)
{
    enum nz_err err = make_room(b, plan->c);
    if (err)
        return err;
    b->plan = plan;
    reset(b);
    return NZ_OK;
}

void nz_burst_release(struct nz_burst *b)
{
    nz_window_release(&b->window);
    nz_idlog_release(&b->recent);
    nz_distinct_release(&b->distinct);
    nz_rank_release(&b->rank);
    nz_idlog_release(&b->ids);
    nz_idlog_release(&b->pulse_ids);
    for (size_t i = 0; i < b->starts_room; i++)
        nz_window_release(&b->starts[i]);
    free(b->starts);
    free(b->fired_us);
    free(b->took_part);
    free(b->best);
    free(b->before);
    *b = (struct nz_burst){0};
}

uint64_t nz_burst_early(const struct nz_burst *b)
{
    return b->window.early + b->distinct.early + b->rank.early;
}

static enum nz_err ids_add(struct nz_idlog *log, const struct nz_burst_event *ev, size_t most)
{
    for (size_t i = 0; i < ev->ids_count && log->count < most; i++) {
        enum nz_err err = nz_idlog_add(log, ev->at_us, ev->ids[i]);
        if (err)
            return err;
    }
    return NZ_OK;
}

/* Puts the event into what the window holds; at_us is its time, or the window's when that is judged as a whole. */
static enum nz_err apply(struct nz_burst *b, const struct nz_burst_event *ev, int64_t at_us)
{
    const struct nz_correlation *c = b->plan->c;
    struct nz_moment m = {.at_us = at_us, .start_us = ev->start_us, .events = ev->same ? 0 : 1};
    bool ranks = c->type == NZ_CORRELATION_VALUE_PERCENTILE || c->type == NZ_CORRELATION_VALUE_MEDIAN;
    enum nz_err err = NZ_OK;
    for (size_t i = 0; !err && i < ev->values_count; i++) {
        if (c->type == NZ_CORRELATION_VALUE_COUNT) {
            err = nz_distinct_add(&b->distinct, ev->values[i], at_us);
        } else if (!ev->same) {
            m.sum += ev->numbers[i];
            m.values++;
            err = ranks ? nz_rank_add(&b->rank, at_us, ev->numbers[i]) : NZ_OK;
        }
    }
    if (!err)
        err = nz_window_add(&b->window, &m);
    if (!err && !ev->same && !b->open)
        err = ids_add(&b->recent, ev, SIZE_MAX);
    b->fired_us[ev->input] = at_us;
    if (c->type != NZ_CORRELATION_TEMPORAL_ORDERED)
        return err;
    nz_burst_steps_add(b, ev->input, at_us, ev->same);
    return err ? err : nz_window_add(&b->starts[ev->input], &m);
}

static uint64_t alert_count(const struct nz_burst *b)
{
    const struct nz_correlation *c = b->plan->c;
    if (c->type == NZ_CORRELATION_VALUE_COUNT)
        return b->distinct.total;
    if (c->type != NZ_CORRELATION_TEMPORAL && c->type != NZ_CORRELATION_TEMPORAL_ORDERED)
        return b->events;
    uint64_t rules = 0;
    for (size_t i = 0; i < c->rules_count; i++)
        rules += b->took_part[i];
    return rules;
}

static bool holds(const struct nz_burst *b, int64_t since_us, bool lower_only, double *value, int64_t *start_us)
{
    *value = 0;
    if (b->plan->c->extended)
        return nz_burst_extended_holds(b, since_us, start_us);
    *value = nz_burst_measure(b, since_us, start_us);
    return nz_burst_bounds_hold(b->plan->c, *value, lower_only);
}

static enum nz_err give(const struct nz_burst *b, nz_burst_fn *fn, void *self)
{
    const struct nz_burst_alert alert = {
        .first_us = b->first_us, .last_us = b->last_us, .count = b->count, .ids = &b->ids};
    return fn(self, &alert);
}

/* The event is one of the burst. */
static enum nz_err join(struct nz_burst *b, const struct nz_burst_event *ev)
{
    b->took_part[ev->input] = true;
    b->last_us = ev->at_us;
    if (ev->start_us < b->first_us)
        b->first_us = ev->start_us;
    if (ev->same)
        return NZ_OK;
    b->events++;
    return ids_add(&b->ids, ev, NZ_BURST_IDS_MAX);
}

/* The burst is over: give its alert if the condition held for its largest window too, and use up its events. */
static enum nz_err close_sliding(struct nz_burst *b, nz_burst_fn *fn, void *self)
{
    enum nz_err err = NZ_OK;
    if (!b->plan->judge_peak || nz_burst_bounds_hold(b->plan->c, b->peak, false))
        err = give(b, fn, self);
    reset(b);
    return err;
}

/* The window becomes the beginning of a burst. start_us: what lies before it in the window has no part in it. */
static enum nz_err open_burst(struct nz_burst *b, const struct nz_burst_event *ev, int64_t start_us)
{
    b->open = true;
    b->first_us = nz_window_since(&b->window, start_us, &b->events);
    b->last_us = ev->at_us;
    for (size_t i = 0; i < b->plan->c->rules_count; i++)
        b->took_part[i] = b->fired_us[i] != INT64_MIN && b->fired_us[i] >= start_us;
    size_t at = 0;
    int64_t at_us;
    struct nz_str id;
    while (b->ids.count < NZ_BURST_IDS_MAX && nz_idlog_next(&b->recent, &at, &at_us, &id)) {
        if (at_us < start_us)
            continue;
        enum nz_err err = nz_idlog_add(&b->ids, at_us, id);
        if (err)
            return err;
    }
    nz_idlog_reset(&b->recent);
    return NZ_OK;
}

static enum nz_err pulse(struct nz_burst *b, const struct nz_burst_event *ev, bool opening, nz_burst_fn *fn, void *self)
{
    struct nz_burst_alert alert = {.pulse = true,
                                   .first_us = opening ? b->first_us : ev->start_us,
                                   .last_us = ev->at_us,
                                   .count = b->count,
                                   .ids = &b->ids};
    if (!opening) {
        nz_idlog_reset(&b->pulse_ids);
        enum nz_err err = ids_add(&b->pulse_ids, ev, NZ_BURST_IDS_MAX);
        if (err)
            return err;
        alert.ids = &b->pulse_ids;
    }
    return fn(self, &alert);
}

static enum nz_err add_sliding(struct nz_burst *b, const struct nz_burst_event *ev, nz_burst_fn *fn, void *self)
{
    int64_t since_us = ev->at_us - b->plan->c->timespan_us, start_us;
    double value;
    enum nz_err err = NZ_OK;
    if (b->open && b->last_us < since_us)
        err = close_sliding(b, fn, self);
    nz_window_expire(&b->window, since_us);
    nz_idlog_expire(&b->recent, since_us);
    nz_distinct_expire(&b->distinct, since_us, b->open);
    nz_rank_expire(&b->rank, since_us);
    for (size_t i = 0; b->plan->c->type == NZ_CORRELATION_TEMPORAL_ORDERED && i < b->plan->c->rules_count; i++)
        nz_window_expire(&b->starts[i], since_us);
    if (!err)
        err = apply(b, ev, ev->at_us);
    if (err)
        return err;
    bool now = holds(b, since_us, true, &value, &start_us);
    if (!now && b->open) { /* this event is not part of the burst, and the first of what comes after */
        err = close_sliding(b, fn, self);
        if (!err)
            err = apply(b, ev, ev->at_us);
        if (err)
            return err;
        now = holds(b, since_us, true, &value, &start_us);
    }
    if (!now)
        return NZ_OK;
    bool opening = !b->open;
    err = opening ? open_burst(b, ev, start_us) : join(b, ev);
    b->count = alert_count(b);
    if (opening || value > b->peak)
        b->peak = value;
    return !err && b->plan->pulses ? pulse(b, ev, opening, fn, self) : err;
}

static enum nz_err close_window(struct nz_burst *b, nz_burst_fn *fn, void *self)
{
    double value;
    int64_t start_us;
    enum nz_err err = NZ_OK;
    b->count = alert_count(b);
    if (holds(b, b->anchor_us, false, &value, &start_us))
        err = give(b, fn, self);
    reset(b);
    return err;
}

static enum nz_err add_closed(struct nz_burst *b, const struct nz_burst_event *ev, nz_burst_fn *fn, void *self)
{
    if (b->open && ev->at_us - b->anchor_us > b->plan->c->timespan_us) {
        enum nz_err err = close_window(b, fn, self);
        if (err)
            return err;
    }
    if (!b->open) {
        b->open = true;
        b->anchor_us = ev->at_us;
        b->first_us = ev->start_us;
    }
    /* nothing slides, so that all that happened may stand under one time: memory stays small */
    enum nz_err err = apply(b, ev, b->anchor_us);
    return err ? err : join(b, ev);
}

enum nz_err nz_burst_add(struct nz_burst *b, const struct nz_burst_event *ev, nz_burst_fn *fn, void *self)
{
    return b->plan->closed ? add_closed(b, ev, fn, self) : add_sliding(b, ev, fn, self);
}

enum nz_err nz_burst_end(struct nz_burst *b, nz_burst_fn *fn, void *self)
{
    if (!b->open)
        return NZ_OK;
    return b->plan->closed ? close_window(b, fn, self) : close_sliding(b, fn, self);
}
