/* When a request is sent again, and how soon: the AWS SDKs' standard mode.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior". Delay: a random part of 2^n seconds, 20 s at most. A quota of
 * 500, shared by all calls of a client, of which a retry takes 5 (10 after a timeout) and a success gives back what its
 * call took (1 when it took nothing): when a service is down, retries end soon. */
#ifndef NZ_AWS_RETRY_H
#define NZ_AWS_RETRY_H

#include "aws/error.h"
#include "core/time.h"

enum nz_aws_retry {
    NZ_AWS_RETRY_NO,
    NZ_AWS_RETRY_TRANSIENT,
    NZ_AWS_RETRY_TIMEOUT,
    NZ_AWS_RETRY_THROTTLE,
    NZ_AWS_RETRY_CLOCK,   /* our clock is off: once, with AWS's time */
    NZ_AWS_RETRY_EXPIRED, /* the keys are too old: once, with new ones */
};

/* changes: of a call that must not be done twice (nz_aws_call). */
enum nz_aws_retry nz_aws_retry_kind(const struct nz_aws_error *error, bool changes);

struct nz_aws_retry_quota {
    unsigned left;
    uint64_t random; /* state of the delays' generator; not 0 */
};
void nz_aws_retry_quota_init(struct nz_aws_retry_quota *quota, uint64_t seed);
/* What a retry costs is taken; 0: there is not enough left, so there is none. */
unsigned nz_aws_retry_take(struct nz_aws_retry_quota *quota, enum nz_aws_retry kind);
void nz_aws_retry_give(struct nz_aws_retry_quota *quota, unsigned taken);
/* Before attempt number `attempts` + 1; attempts from 1. */
uint64_t nz_aws_retry_delay_ns(struct nz_aws_retry_quota *quota, unsigned attempts);

/* How often a service of a region is called: evenly, after a first handful. Being told to slow down doubles the distance
 * (to sixteenfold), each answer after that takes a sixteenth off again. */
struct nz_aws_rate {
    uint64_t interval_ns, least_interval_ns, burst_ns;
    uint64_t next_ns; /* when the next would be due if calls came evenly */
};
void nz_aws_rate_init(struct nz_aws_rate *rate, unsigned calls_per_second);
/* 0: call now, it is counted. Else how long to wait. */
uint64_t nz_aws_rate_take(struct nz_aws_rate *rate, nz_mono now);
void nz_aws_rate_slow(struct nz_aws_rate *rate, nz_mono now);
void nz_aws_rate_ease(struct nz_aws_rate *rate);

#endif
