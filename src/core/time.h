/* Times as types, so that a wall clock and a monotonic one are never mixed up. */
#ifndef NZ_CORE_TIME_H
#define NZ_CORE_TIME_H

#include "core/buf.h"

typedef struct {
    int64_t us; /* Unix time, UTC, microseconds; may be stored */
} nz_time;

typedef struct {
    uint64_t ns; /* CLOCK_MONOTONIC; never stored, never printed as a date */
} nz_mono;

/* The clock is passed in, so that expiry and waiting are tested without waiting. */
struct nz_clock_ops {
    nz_time (*now)(void *self);
    nz_mono (*mono)(void *self);
};
extern const struct nz_clock_ops nz_clock_system; /* self is ignored */

struct nz_clock {
    const struct nz_clock_ops *ops;
    void *self;
};
static inline nz_time nz_clock_now(struct nz_clock clock)
{
    return clock.ops->now(clock.self);
}
static inline nz_mono nz_clock_mono(struct nz_clock clock)
{
    return clock.ops->mono(clock.self);
}

/* ISO 8601 / RFC 3339: "2023-07-10T12:27:45Z", with a fraction, with an offset "+09:00", with a space for the T, or a
 * date alone (midnight UTC). Years 1 to 9999. false on anything else, 24:00 and times without a zone among it. A leap
 * second (23:59:60 UTC only) becomes the last microsecond of its day; digits past the microsecond are cut off.
 * Source: RFC 3339, section 5.6. */
bool nz_time_parse(struct nz_str text, nz_time *out);

/* "2023-07-10T12:27:45Z"; a fraction only when there is one, of three digits if they say it all, else six. Appended. */
void nz_time_append(struct nz_buf *out, nz_time t);
/* "2023-07-10 12:27", in UTC, for people. Appended. */
void nz_time_append_minute(struct nz_buf *out, nz_time t);

/* "90s", "15m", "2h", "7d", "3w", "1M" (30 days), "1y" (365 days) as microseconds; false on anything else. */
bool nz_duration_parse(struct nz_str text, int64_t *out_us);

/* The parts of a time in UTC. week: ISO 8601 week number. */
struct nz_civil {
    int32_t year, month, day, hour, minute, second, week;
};
struct nz_civil nz_time_civil(nz_time t);

#endif
