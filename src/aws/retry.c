#include "aws/retry.h"

#define QUOTA 500u
#define DELAY_MOST_NS 20000000000u
#define NS_PER_S 1000000000u

static bool contains(struct nz_str text, const char *part)
{
    return nz_str_find(text, nz_str_from_c(part)) != SIZE_MAX;
}

/* "Signature expired: 20261125T120000Z is now earlier than …", "Signature not yet current: …" */
static bool is_clock(const struct nz_aws_error *error)
{
    if (nz_aws_code_is(error->code, NZ_STR("RequestTimeTooSkewed")) ||
        nz_aws_code_is(error->code, NZ_STR("RequestExpired")) ||
        nz_aws_code_is(error->code, NZ_STR("RequestInTheFuture")))
        return true;
    return (nz_aws_code_is(error->code, NZ_STR("SignatureDoesNotMatch")) ||
            nz_aws_code_is(error->code, NZ_STR("InvalidSignature"))) &&
           (contains(error->message, "Signature expired") || contains(error->message, "not yet current"));
}

static bool is_expired(const struct nz_aws_error *error)
{
    return nz_aws_code_is(error->code, NZ_STR("ExpiredToken")) ||
           nz_aws_code_is(error->code, NZ_STR("TokenRefreshRequired"));
}

static bool is_transient(const struct nz_aws_error *error)
{
    const int status = error->http_status;
    return status == 500 || status == 502 || status == 503 || status == 504 ||
           nz_aws_code_is(error->code, NZ_STR("RequestTimeout")) ||
           nz_aws_code_is(error->code, NZ_STR("PriorRequestNotComplete"));
}

enum nz_aws_retry nz_aws_retry_kind(const struct nz_aws_error *error, bool changes)
{
    if (error->err == NZ_E_AWS_THROTTLED)
        return NZ_AWS_RETRY_THROTTLE;
    if (is_clock(error))
        return NZ_AWS_RETRY_CLOCK;
    if (is_expired(error))
        return NZ_AWS_RETRY_EXPIRED;
    if (changes)
        return NZ_AWS_RETRY_NO;
    if (error->err == NZ_E_AWS_TIMEOUT)
        return NZ_AWS_RETRY_TIMEOUT;
    return error->err == NZ_E_AWS_NETWORK || is_transient(error) ? NZ_AWS_RETRY_TRANSIENT : NZ_AWS_RETRY_NO;
}

/* --- quota and delay --- */

void nz_aws_retry_quota_init(struct nz_aws_retry_quota *quota, uint64_t seed)
{
    *quota = (struct nz_aws_retry_quota){.left = QUOTA, .random = seed | 1};
}

unsigned nz_aws_retry_take(struct nz_aws_retry_quota *quota, enum nz_aws_retry kind)
{
    const unsigned cost = kind == NZ_AWS_RETRY_TIMEOUT ? 10 : 5;
    if (quota->left < cost)
        return 0;
    quota->left -= cost;
    return cost;
}

void nz_aws_retry_give(struct nz_aws_retry_quota *quota, unsigned taken)
{
    quota->left += taken ? taken : 1;
    if (quota->left > QUOTA)
        quota->left = QUOTA;
}

/* xorshift64*: Marsaglia 2003, Vigna 2016. Only for spreading retries. */
static uint64_t random_next(struct nz_aws_retry_quota *quota)
{
    uint64_t x = quota->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    quota->random = x;
    return x * 0x2545f4914f6cdd1dU;
}

uint64_t nz_aws_retry_delay_ns(struct nz_aws_retry_quota *quota, unsigned attempts)
{
    const unsigned shift = attempts > 5 ? 5 : attempts - 1;
    uint64_t most = (uint64_t)NS_PER_S << shift;
    if (most > DELAY_MOST_NS)
        most = DELAY_MOST_NS;
    return random_next(quota) % most;
}

/* --- rate --- */

void nz_aws_rate_init(struct nz_aws_rate *rate, unsigned calls_per_second)
{
    const uint64_t interval = NS_PER_S / calls_per_second;
    *rate = (struct nz_aws_rate){
        .interval_ns = interval, .least_interval_ns = interval, .burst_ns = interval * (calls_per_second - 1)};
}

uint64_t nz_aws_rate_take(struct nz_aws_rate *rate, nz_mono now)
{
    if (rate->next_ns > now.ns + rate->burst_ns)
        return rate->next_ns - now.ns - rate->burst_ns;
    if (rate->next_ns < now.ns)
        rate->next_ns = now.ns;
    rate->next_ns += rate->interval_ns;
    return 0;
}

void nz_aws_rate_slow(struct nz_aws_rate *rate, nz_mono now)
{
    if (rate->interval_ns < rate->least_interval_ns * 16)
        rate->interval_ns *= 2;
    rate->next_ns = now.ns + rate->burst_ns + rate->interval_ns; /* no handful left */
}

void nz_aws_rate_ease(struct nz_aws_rate *rate)
{
    rate->interval_ns -= rate->interval_ns / 16;
    if (rate->interval_ns < rate->least_interval_ns)
        rate->interval_ns = rate->least_interval_ns;
}
