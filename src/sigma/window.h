/* What a sliding window of a correlation holds, each part bounded by itself:
 *
 *   nz_window   moments: per distinct time how many events and the sum of their values. CloudTrail's times have
 *               seconds, so an hour is at most 3,600 moments however many events there are.
 *   nz_idlog    ids of the newest events
 *   nz_distinct distinct values (by fingerprint) with the time each was last seen
 *   nz_rank     values in order, for percentiles
 *
 * Times never decrease. When a part is full its oldest entry leaves before its time and is counted in `early`.
 * Every _init allocates nothing, _release is harmless twice, _reset empties and keeps memory. One thread at a time. */
#ifndef NZ_SIGMA_WINDOW_H
#define NZ_SIGMA_WINDOW_H

#include "core/buf.h"
#include "sigma/fingerprint.h"

#define NZ_WINDOW_MOMENTS_MAX ((size_t)1 << 18)
#define NZ_WINDOW_IDS_MAX ((size_t)4096)
#define NZ_WINDOW_VALUES_MAX ((size_t)1 << 17)

/* --- moments --- */
struct nz_moment {
    int64_t at_us, start_us; /* start_us: the earliest time that anything here began (an inner alert's first event) */
    uint64_t events, values;
    double sum, sum_on; /* sum_on: of this moment and all later ones of the front half */
};

struct nz_window {
    struct nz_moment *ring; /* room is a power of two */
    size_t room, head, count;
    size_t front;    /* the first so many moments have sum_on */
    double back_sum; /* sum of the others */
    uint64_t events, values, early;
};

void nz_window_release(struct nz_window *w);
void nz_window_reset(struct nz_window *w);
/* add: a moment of which at_us, start_us, events, values and sum are set; it joins the newest if their times agree. */
NZ_MUST_USE enum nz_err nz_window_add(struct nz_window *w, const struct nz_moment *add);
void nz_window_expire(struct nz_window *w, int64_t oldest_us); /* what is before oldest_us leaves */
/* Without subtraction, so that a large value which left does not take the precision of the rest with it. */
double nz_window_sum(const struct nz_window *w);
/* Of the moments at or after from_us: the earliest start (INT64_MAX when there are none), and how many events. */
int64_t nz_window_since(const struct nz_window *w, int64_t from_us, uint64_t *events);

/* --- ids --- */
struct nz_idlog {
    struct nz_buf bytes; /* int64 time, uint32 length, text; again and again */
    size_t head, count;
};

void nz_idlog_release(struct nz_idlog *log);
void nz_idlog_reset(struct nz_idlog *log);
NZ_MUST_USE enum nz_err nz_idlog_add(struct nz_idlog *log, int64_t at_us, struct nz_str id);
void nz_idlog_expire(struct nz_idlog *log, int64_t oldest_us);
/* Walks from the oldest: start with *at = 0; false at the end. */
bool nz_idlog_next(const struct nz_idlog *log, size_t *at, int64_t *at_us, struct nz_str *id);

/* --- distinct values --- */
struct nz_distinct_node;

struct nz_distinct {
    struct nz_distinct_node *nodes;
    uint32_t *buckets; /* room of them, a power of two */
    uint32_t room, used, free_list, oldest, newest;
    uint64_t live;  /* values seen within the window */
    uint64_t total; /* live, and those kept by nz_distinct_expire */
    uint64_t early;
};

void nz_distinct_release(struct nz_distinct *d);
void nz_distinct_reset(struct nz_distinct *d);
NZ_MUST_USE enum nz_err nz_distinct_add(struct nz_distinct *d, struct nz_fingerprint value, int64_t at_us);
/* keep: values that leave the window stay known (in total), so that a long burst counts each once. */
void nz_distinct_expire(struct nz_distinct *d, int64_t oldest_us, bool keep);

/* --- values in order --- */
struct nz_rank_block;

struct nz_rank {
    struct nz_rank_block *blocks; /* each sorted, and in order */
    size_t blocks_count, blocks_room;
    struct nz_rank_entry { /* in order of time */
        int64_t at_us;
        double value;
    } * ring;
    size_t room, head, count;
    uint64_t early;
};

void nz_rank_release(struct nz_rank *r);
void nz_rank_reset(struct nz_rank *r);
NZ_MUST_USE enum nz_err nz_rank_add(struct nz_rank *r, int64_t at_us, double value);
void nz_rank_expire(struct nz_rank *r, int64_t oldest_us);
/* nth smallest, from 0; nth < r->count. */
double nz_rank_nth(const struct nz_rank *r, size_t nth);

#endif
