#include "findings/time_bars.h"

/* Each a multiple of the one before it; the last, a thousand years, holds all that nz_time_parse gives. */
static const int64_t widths_s[] = {1,     10,    60,     300,     900,      3600,      10800,
                                   43200, 86400, 604800, 2419200, 31449600, 314496000, 31449600000};
#define STEPS (sizeof widths_s / sizeof widths_s[0])

static int64_t width_us(unsigned step)
{
    return widths_s[step] * 1000000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* How many buckets of `step` become one of the next. */
static int64_t ratio_of(unsigned step)
{
    return widths_s[step + 1] / widths_s[step];
}

static void widen(struct nz_time_bars *bars)
{
    const int64_t ratio = ratio_of(bars->step);
    const int64_t first = floor_div(bars->first, ratio);
    for (int64_t i = bars->first; i <= bars->last; i++) {
        const uint64_t count = bars->counts[i - bars->first];
        bars->counts[i - bars->first] = 0;
        bars->counts[floor_div(i, ratio) - first] += count; /* never ahead of i: nothing is overwritten */
    }
    bars->first = first;
    bars->last = floor_div(bars->last, ratio);
    bars->step++;
    bars->recent_us = 0;
}

/* Widens the buckets until the one that `time` falls into can be one of them, and makes it one. Its number. */
static int64_t make_bucket(struct nz_time_bars *bars, nz_time time)
{
    int64_t at = floor_div(time.us, width_us(bars->step));
    if (bars->total == 0)
        bars->first = bars->last = at;
    while (bars->step + 1 < STEPS &&
           (at - bars->first >= (int64_t)NZ_TIME_BARS || bars->last - at >= (int64_t)NZ_TIME_BARS)) {
        widen(bars);
        at = floor_div(time.us, width_us(bars->step));
    }
    if (at - bars->first >= (int64_t)NZ_TIME_BARS) /* no such time can be written */
        at = bars->first + (int64_t)NZ_TIME_BARS - 1;
    if (bars->last - at >= (int64_t)NZ_TIME_BARS)
        at = bars->last - (int64_t)NZ_TIME_BARS + 1;
    if (at < bars->first) {
        const size_t by = (size_t)(bars->first - at);
        memmove(bars->counts + by, bars->counts, (NZ_TIME_BARS - by) * sizeof bars->counts[0]);
        memset(bars->counts, 0, by * sizeof bars->counts[0]);
        bars->first = at;
    }
    bars->last = at > bars->last ? at : bars->last;
    return at;
}

void nz_time_bars_add(struct nz_time_bars *bars, nz_time time)
{
    if ((uint64_t)time.us - (uint64_t)bars->recent_from_us >= bars->recent_us) {
        bars->recent = make_bucket(bars, time);
        bars->recent_us = (uint64_t)width_us(bars->step);
        bars->recent_from_us = bars->recent * width_us(bars->step);
    }
    bars->counts[bars->recent - bars->first]++;
    bars->total++;
}

void nz_time_bars_merge(struct nz_time_bars *bars, const struct nz_time_bars *from)
{
    if (from->total == 0)
        return;
    while (bars->step < from->step) {
        if (bars->total)
            widen(bars);
        else
            bars->step++;
    }
    for (int64_t i = from->first; i <= from->last; i++) {
        const uint64_t count = from->counts[i - from->first];
        if (!count)
            continue;
        const int64_t at = make_bucket(bars, (nz_time){i * width_us(from->step)});
        bars->counts[at - bars->first] += count;
        bars->total += count;
    }
}

static int64_t at_step(int64_t bucket, unsigned from, unsigned to)
{
    for (; from < to; from++)
        bucket = floor_div(bucket, ratio_of(from));
    return bucket;
}

/* First and last bucket of all bars, `step` wide. false: none has any. */
static bool range_of(const struct nz_time_bars *const *bars, size_t count, unsigned step, int64_t *first, int64_t *last)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (!bars[i] || bars[i]->total == 0)
            continue;
        const int64_t from = at_step(bars[i]->first, bars[i]->step, step);
        const int64_t to = at_step(bars[i]->last, bars[i]->step, step);
        *first = any && *first < from ? *first : from;
        *last = any && *last > to ? *last : to;
        any = true;
    }
    return any;
}

struct nz_time_axis nz_time_axis_of(const struct nz_time_bars *const *bars, size_t count, size_t least, size_t most)
{
    struct nz_time_axis axis = {0};
    int64_t last = 0;
    for (size_t i = 0; i < count; i++) {
        if (bars[i] && bars[i]->total && bars[i]->step > axis.step)
            axis.step = bars[i]->step;
    }
    if (!range_of(bars, count, axis.step, &axis.first, &last))
        return axis;
    while (last - axis.first >= (int64_t)most && axis.step + 1 < STEPS) {
        axis.step++;
        (void)range_of(bars, count, axis.step, &axis.first, &last);
    }
    axis.buckets = (size_t)(last - axis.first + 1);
    if (axis.buckets < least) {
        axis.first -= (int64_t)(least - axis.buckets) / 2;
        axis.buckets = least;
    }
    axis.bucket_us = width_us(axis.step);
    axis.from = (nz_time){axis.first * axis.bucket_us};
    return axis;
}

void nz_time_bars_read(const struct nz_time_bars *bars, const struct nz_time_axis *axis, uint64_t *counts)
{
    memset(counts, 0, axis->buckets * sizeof *counts);
    for (int64_t i = bars->first; bars->total && i <= bars->last; i++)
        counts[at_step(i, bars->step, axis->step) - axis->first] += bars->counts[i - bars->first];
}
