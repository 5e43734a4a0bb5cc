/* One group of one correlation: takes its events in order of time and says when there is an alert.
 *
 * Sliding (every condition with a lower bound, averages, percentiles): after each event the window is what happened in
 * the timespan up to it, ends included. An alert opens with the first event after which the condition holds and goes on
 * while it holds after each further event; it is given when that ends, once, for the whole burst. Its events are used
 * up: the next alert needs events of its own. An upper bound beside the lower one is judged at the end, on the largest
 * window of the burst.
 *
 * Closed (no lower bound, or `not`): too little can only be told when the time is over. A window starts with the first
 * event after the last window, and is judged as a whole when its timespan is over or the input ends.
 *
 * One thread at a time. docs/correlation.md says the same at more length. */
#ifndef NZ_SIGMA_BURST_H
#define NZ_SIGMA_BURST_H

#include "sigma/correlate.h"
#include "sigma/correlation.h"
#include "sigma/window.h"

/* A correlation made ready; read-only, shared by all its groups. */
struct nz_burst_plan {
    const struct nz_correlation *c;
    bool closed;
    bool pulses;     /* somebody wants to know every event at which the condition holds; that can be told */
    bool judge_peak; /* an upper bound beside the lower one */
};

struct nz_burst_plan nz_burst_plan(const struct nz_correlation *c);

struct nz_burst_event {
    int64_t at_us, start_us;  /* start_us <= at_us */
    uint32_t input;           /* which of the correlation's rules */
    bool same;                /* the event before this one again, by another rule: counts once */
    const struct nz_str *ids; /* none or one for an event, some for an inner alert */
    size_t ids_count;
    const struct nz_fingerprint *values; /* value_count */
    const double *numbers;               /* value_sum and the like */
    size_t values_count;                 /* of values or numbers */
};

struct nz_burst_alert {
    bool pulse; /* not an alert: an event of a burst that goes on */
    int64_t first_us, last_us;
    uint64_t count;
    const struct nz_idlog
        *ids; /* what happened since the last pulse, or of the whole alert; at most NZ_BURST_IDS_MAX */
};
#define NZ_BURST_IDS_MAX NZ_CORRELATION_IDS_MAX

struct nz_burst {
    const struct nz_burst_plan *plan;
    struct nz_window window;
    struct nz_idlog recent; /* ids of the window while there is no alert */
    struct nz_distinct distinct;
    struct nz_rank rank;
    int64_t *fired_us;        /* per rule: last time, INT64_MIN: not yet */
    bool *took_part;          /* per rule: fired in this burst */
    int64_t *best, *before;   /* temporal_ordered: see burst_steps.c */
    struct nz_window *starts; /* temporal_ordered, per rule: its events in the window */
    size_t rules_room, cells_room, starts_room;
    bool open;         /* a burst, or a closed window, has begun */
    int64_t anchor_us; /* closed: the window's start */
    int64_t now_us, first_us, last_us;
    uint64_t events, count; /* of the burst */
    double peak;            /* the largest measure of its windows */
    struct nz_idlog ids, pulse_ids;
};

typedef enum nz_err nz_burst_fn(void *self, const struct nz_burst_alert *alert);

/* *b zeroed once; start makes it ready for another group (of any correlation). */
NZ_MUST_USE enum nz_err nz_burst_start(struct nz_burst *b, const struct nz_burst_plan *plan);
void nz_burst_release(struct nz_burst *b);
uint64_t nz_burst_early(const struct nz_burst *b); /* what left a full window before its time, since the first start */

NZ_MUST_USE enum nz_err nz_burst_add(struct nz_burst *b, const struct nz_burst_event *ev, nz_burst_fn *fn, void *self);
NZ_MUST_USE enum nz_err nz_burst_end(struct nz_burst *b, nz_burst_fn *fn, void *self);

/* --- burst_steps.c --- */
size_t nz_burst_steps_cells(const struct nz_correlation *c); /* of best and before */
void nz_burst_steps_add(struct nz_burst *b, uint32_t input, int64_t at_us, bool same);
/* The most steps of a sequence that began at or after since_us; *start_us: when such a one began. */
uint32_t nz_burst_steps_most(const struct nz_burst *b, int64_t since_us, int64_t *start_us);
/* With an extended condition: whether the steps of a set stand in order since then. The empty set always does. */
bool nz_burst_steps_set(const struct nz_burst *b, size_t set, int64_t since_us, int64_t *start_us);

/* --- burst_condition.c --- */

/* What the bounds are about, of the window since since_us. *start_us: where what counts begins. */
double nz_burst_measure(const struct nz_burst *b, int64_t since_us, int64_t *start_us);
/* lower_only: what further events may still spoil or bring about is left aside. */
bool nz_burst_bounds_hold(const struct nz_correlation *c, double value, bool lower_only);
bool nz_burst_extended_holds(const struct nz_burst *b, int64_t since_us, int64_t *start_us);

#endif
