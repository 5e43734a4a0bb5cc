#include "policy/value.h"

static bool fraction_parse(struct nz_str digits, uint64_t *out)
{
    while (digits.n && digits.p[digits.n - 1] == '0')
        digits.n--;
    uint64_t value = 0;
    if (digits.n > 18 || (digits.n && !nz_str_to_u64(digits, &value)))
        return false;
    for (size_t i = digits.n; i < 18; i++)
        value *= 10;
    *out = value;
    return true;
}

bool nz_decimal_parse(struct nz_str text, struct nz_decimal *out)
{
    struct nz_decimal d = {0};
    if (text.n && (text.p[0] == '-' || text.p[0] == '+')) {
        d.negative = text.p[0] == '-';
        text = nz_str_skip(text, 1);
    }
    const char *point = text.n ? memchr(text.p, '.', text.n) : NULL;
    struct nz_str whole = nz_str_head(text, point ? (size_t)(point - text.p) : text.n);
    struct nz_str fraction = point ? nz_str_skip(text, whole.n + 1) : NZ_STR("");
    if (whole.n + fraction.n == 0 || (whole.n && !nz_str_to_u64(whole, &d.whole)))
        return false;
    for (size_t i = 0; i < fraction.n; i++) {
        if (fraction.p[i] < '0' || fraction.p[i] > '9')
            return false;
    }
    if (!fraction_parse(fraction, &d.fraction))
        return false;
    if (d.whole == 0 && d.fraction == 0)
        d.negative = false;
    *out = d;
    return true;
}

int nz_decimal_cmp(const struct nz_decimal *a, const struct nz_decimal *b)
{
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    int sign = a->negative ? -1 : 1;
    if (a->whole != b->whole)
        return a->whole < b->whole ? -sign : sign;
    if (a->fraction != b->fraction)
        return a->fraction < b->fraction ? -sign : sign;
    return 0;
}

#define SECOND_US ((int64_t)1000000)
#define EPOCH_SECONDS_LIMIT ((uint64_t)1 << 42) /* past the year 100000 */

static bool epoch_parse(struct nz_str text, nz_time *out)
{
    struct nz_decimal d;
    if (!nz_decimal_parse(text, &d) || d.whole > EPOCH_SECONDS_LIMIT)
        return false;
    int64_t us = (int64_t)d.whole * SECOND_US + (int64_t)(d.fraction / 1000000000000u);
    out->us = d.negative ? -us : us;
    return true;
}

bool nz_policy_time_parse(struct nz_str text, nz_time *out)
{
    if (epoch_parse(text, out) || nz_time_parse(text, out))
        return true;
    /* W3C's profile, which the IAM guide names, lets the seconds out: 2026-04-01T00:00Z */
    const size_t minutes_end = sizeof "2026-04-01T00:00" - 1;
    char whole[48];
    if (text.n <= minutes_end || text.n > sizeof whole - 3 || text.p[13] != ':' || text.p[minutes_end] == ':')
        return false;
    memcpy(whole, text.p, minutes_end);
    memcpy(whole + minutes_end, ":00", 3);
    memcpy(whole + minutes_end + 3, text.p + minutes_end, text.n - minutes_end);
    return nz_time_parse(nz_str_of(whole, text.n + 3), out);
}

bool nz_policy_bool_parse(struct nz_str text, bool *out)
{
    *out = nz_str_eq_nocase(text, NZ_STR("true"));
    return *out || nz_str_eq_nocase(text, NZ_STR("false"));
}
