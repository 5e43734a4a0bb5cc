/* Counts over time in few buckets, whatever the range: buckets widen as times come in, from a second up to centuries, so
 * that neither the range nor the number of events must be known before. What sparklines and charts are drawn from.
 *
 *     each source its own bars          one axis for all of them          counts on it
 *     nz_time_bars_add(&high, t)   →    axis = nz_time_axis_of(…)    →    nz_time_bars_read(&high, &axis, counts)
 *
 * A widened bucket is a whole number of the narrower ones, so nothing is lost but sharpness. No allocation. */
#ifndef NZ_FINDINGS_TIME_BARS_H
#define NZ_FINDINGS_TIME_BARS_H

#include "core/time.h"

#define NZ_TIME_BARS 96u

struct nz_time_bars {
    unsigned step;                 /* which width */
    int64_t first, last;           /* numbers of the first and last bucket in use, from 1970 */
    uint64_t total;                /* 0: none in use */
    uint64_t counts[NZ_TIME_BARS]; /* of bucket first, first + 1, … */
    /* the bucket of the time that came last: of many, most fall into it */
    int64_t recent, recent_from_us;
    uint64_t recent_us; /* its width; 0: there is none */
};

/* A zeroed struct is empty. */
void nz_time_bars_add(struct nz_time_bars *bars, nz_time time);
/* Counts all of `from` too: the same as if its times had been added. */
void nz_time_bars_merge(struct nz_time_bars *bars, const struct nz_time_bars *from);

/* A range that several bars are read on. */
struct nz_time_axis {
    unsigned step;
    int64_t first;
    size_t buckets; /* 0: no time at all */
    nz_time from;
    int64_t bucket_us;
};

/* Fits all of count bars (NULLs are passed over) into at most `most` buckets, at most NZ_TIME_BARS; a short range is padded
 * with empty buckets up to `least` of them. */
struct nz_time_axis nz_time_axis_of(const struct nz_time_bars *const *bars, size_t count, size_t least, size_t most);

/* counts: axis->buckets numbers. The axis must have been made with these bars among its own. */
void nz_time_bars_read(const struct nz_time_bars *bars, const struct nz_time_axis *axis, uint64_t *counts);

#endif
