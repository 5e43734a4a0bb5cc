/* minute, hour, day, week, month, year: one part of a field that holds a time. */
#include "sigma/match.h"

/* The text up to its zone: specification, "time modifiers": the part as it is written, no conversion between zones. */
static struct nz_str without_zone(struct nz_str s)
{
    const size_t date_bytes = sizeof "2023-07-10" - 1;
    if (s.n && (s.p[s.n - 1] == 'Z' || s.p[s.n - 1] == 'z'))
        return nz_str_head(s, s.n - 1);
    for (size_t i = date_bytes; i < s.n; i++) {
        if (s.p[i] == '+' || s.p[i] == '-')
            return nz_str_head(s, i);
    }
    return s;
}

static bool parse_local(struct nz_str text, nz_time *out)
{
    char utc[64];
    const size_t date_bytes = sizeof "2023-07-10" - 1;
    text = without_zone(nz_str_trim(text));
    if (text.n <= date_bytes)
        return nz_time_parse(text, out);
    if (text.n + 1 > sizeof utc)
        return false;
    memcpy(utc, text.p, text.n);
    utc[text.n] = 'Z';
    return nz_time_parse(nz_str_of(utc, text.n + 1), out);
}

static int32_t part_of(struct nz_civil civil, enum nz_time_part part)
{
    switch (part) {
    case NZ_TIME_PART_MINUTE:
        return civil.minute;
    case NZ_TIME_PART_HOUR:
        return civil.hour;
    case NZ_TIME_PART_DAY:
        return civil.day;
    case NZ_TIME_PART_WEEK:
        return civil.week;
    case NZ_TIME_PART_MONTH:
        return civil.month;
    case NZ_TIME_PART_YEAR:
        return civil.year;
    }
    return -1;
}

bool nz_match_time(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf)
{
    nz_time time;
    if (leaf->kind != NZ_JSON_STRING || !parse_local(nz_leaf_text(m, leaf), &time))
        return false;
    /* as digits, so that one comparison serves all numbers */
    char digits[16];
    size_t at = sizeof digits;
    int32_t value = part_of(nz_time_civil(time), test->time_part);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    struct nz_number number;
    if (!nz_number_parse(nz_str_of(digits + at, sizeof digits - at), &number))
        return false;
    return nz_compare_holds(test->compare, nz_number_cmp(&number, &test->number));
}
