#include "core/time.h"

#include <time.h>

/* Days are counted in the proleptic Gregorian calendar (ISO 8601:2004, section 3.2.1), years begin in March while
 * computing: then the leap day is the last of its year and every month but the last has a fixed length.
 *
 *   month from March   0   1   2   3   4   5   6   7   8   9  10  11
 *   days before it     0  31  61  92 122 153 184 214 245 275 306 337   = (153 m + 2) / 5
 */
#define SECOND_US ((int64_t)1000000)
#define DAY_US (86400 * SECOND_US)
#define ERA_DAYS 146097 /* 400 years: the calendar repeats */
/* from 0000-03-01 to 1970-01-01 */
#define EPOCH_DAYS 719468

static nz_time system_now(void *self)
{
    (void)self;
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (nz_time){(int64_t)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000};
}

static nz_mono system_mono(void *self)
{
    (void)self;
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (nz_mono){(uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec};
}

const struct nz_clock_ops nz_clock_system = {.now = system_now, .mono = system_mono};

/* Rounds towards minus infinity, so that times before 1970 fall into their own day. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* What floor_div leaves: 0 to b - 1. Not a - b * floor_div(a, b), which overflows for the least times. */
static int64_t floor_mod(int64_t a, int64_t b)
{
    int64_t rest = a % b;
    return rest < 0 ? rest + b : rest;
}

/* Days before year y of four digits, years beginning in March. */
static int64_t days_before_year(uint32_t y)
{
    const uint32_t centuries = y / 100;
    return 365 * y + y / 4 - centuries + centuries / 4;
}

/* year 1..9999, month 1..12. */
static int64_t days_from_civil(int year, int month, int day)
{
    const int from_march = month > 2 ? month - 3 : month + 9;
    return days_before_year((uint32_t)(month > 2 ? year : year - 1)) + (153 * from_march + 2) / 5 + day - 1 -
           EPOCH_DAYS;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

struct date {
    int64_t year;
    int month, day;
};

static struct date date_from_days(int64_t days)
{
    int64_t since = days + EPOCH_DAYS; /* days since 0000-03-01 */
    int64_t era = floor_div(since, ERA_DAYS);
    int64_t in_era = since - era * ERA_DAYS;
    /* a guess that is right or one too large, for the average year is longer than 365 days */
    uint32_t y = (uint32_t)(in_era / 365);
    while (days_before_year(y) > in_era)
        y--;
    int in_year = (int)(in_era - days_before_year(y));
    int from_march = (5 * in_year + 2) / 153;
    int month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (struct date){
        .year = era * 400 + y + (month <= 2), .month = month, .day = in_year - (153 * from_march + 2) / 5 + 1};
}

/* ISO 8601, section 3.2.2: weeks begin on Monday, week 1 holds the year's first Thursday; so a day's week is that of
 * the Thursday next to it. 1970-01-01 was a Thursday. */
static int32_t iso_week(int64_t days)
{
    int64_t since_monday = floor_mod(days + 3, 7);
    struct date date = date_from_days(days - since_monday + 3);
    int before = 0;
    for (int month = 1; month < date.month; month++)
        before += days_in_month((int)floor_mod(date.year, 400), month);
    return (before + date.day - 1) / 7 + 1;
}

struct nz_civil nz_time_civil(nz_time t)
{
    int64_t days = floor_div(t.us, DAY_US);
    int64_t second = floor_mod(t.us, DAY_US) / SECOND_US;
    struct date date = date_from_days(days);
    return (struct nz_civil){
        .year = (int32_t)date.year,
        .month = date.month,
        .day = date.day,
        .hour = (int32_t)(second / 3600),
        .minute = (int32_t)(second / 60 % 60),
        .second = (int32_t)(second % 60),
        .week = iso_week(days),
    };
}

/* Takes exactly `digits` decimal digits off the front. */
static bool take_number(struct nz_str *s, size_t digits, int *out)
{
    int value = 0;
    if (s->n < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        unsigned digit = (unsigned)(unsigned char)s->p[i] - '0';
        if (digit > 9)
            return false;
        value = value * 10 + (int)digit;
    }
    *s = nz_str_skip(*s, digits);
    *out = value;
    return true;
}

static bool take_char(struct nz_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = nz_str_skip(*s, 1);
    return true;
}

/* RFC 3339, section 5.6, full-date. */
static bool take_date(struct nz_str *s, int64_t *days)
{
    int year, month, day;
    if (!take_number(s, 4, &year) || !take_char(s, '-') || !take_number(s, 2, &month) || !take_char(s, '-') ||
        !take_number(s, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

/* time-secfrac; ISO 8601, section 4.2.2.4, allows the comma too. Digits past the sixth are cut off. */
static bool take_fraction(struct nz_str *s, int64_t *us)
{
    *us = 0;
    if (!take_char(s, '.') && !take_char(s, ','))
        return true;
    int64_t unit = SECOND_US;
    int digit;
    if (!take_number(s, 1, &digit))
        return false;
    do {
        unit /= 10;
        *us += digit * unit;
    } while (take_number(s, 1, &digit));
    return true;
}

/* time-offset; "-00:00" is UTC too (section 4.3). */
static bool take_offset(struct nz_str *s, int64_t *us)
{
    *us = 0;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    int hour, minute, sign = 1;
    if (take_char(s, '-'))
        sign = -1;
    else if (!take_char(s, '+'))
        return false;
    if (!take_number(s, 2, &hour) || !take_char(s, ':') || !take_number(s, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *us = sign * (hour * 60 + minute) * 60 * SECOND_US;
    return true;
}

/* full-time: microseconds since midnight UTC of the date, which may be before it or past its end. */
static bool take_time(struct nz_str *s, int64_t *us)
{
    int hour, minute, second;
    int64_t fraction, offset;
    if (!take_number(s, 2, &hour) || !take_char(s, ':') || !take_number(s, 2, &minute) || !take_char(s, ':') ||
        !take_number(s, 2, &second) || !take_fraction(s, &fraction) || !take_offset(s, &offset))
        return false;
    /* time-hour is 00-23: ISO 8601's 24:00 is not allowed */
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t minutes_us = (hour * 60 + minute) * 60 * SECOND_US - offset;
    if (second == 60) {
        /* section 5.7: a leap second stands at 23:59:60 UTC. Unix time has no number for it; it becomes the last
         * microsecond before, so that it stays in its day and behind the second 59 */
        if (floor_mod(minutes_us, DAY_US) != DAY_US - 60 * SECOND_US)
            return false;
        second = 59;
        fraction = SECOND_US - 1;
    }
    *us = minutes_us + second * SECOND_US + fraction;
    return true;
}

static int pair_at(const char *p, size_t at)
{
    return (p[at] - '0') * 10 + p[at + 1] - '0';
}

static uint64_t word_of(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Are eight bytes as in form, where 0 stands for any digit? Exclusive or leaves a digit's value, and of what must be as it is
 * nothing: the addition carries more into the highest bit of the byte. room: 0x76 for a digit, else 0x7f. */
static bool has_form(const char *p, const char *form, const char *room)
{
    const uint64_t rest = word_of(p) ^ word_of(form);
    return ((rest | (rest + word_of(room))) & 0x8080808080808080u) == 0;
}

/* 2026-06-24T17:27:55Z, as nearly all times in logs are. False for whatever is not exactly so, or out of the ordinary. */
static bool parse_ordinary(struct nz_str text, nz_time *out)
{
    const char *p = text.p;
    if (text.n != sizeof "2026-06-24T17:27:55Z" - 1 || !has_form(p, "0000-00-", "\x76\x76\x76\x76\x7f\x76\x76\x7f") ||
        !has_form(p + 8, "00T00:00", "\x76\x76\x7f\x76\x76\x7f\x76\x76") ||
        !has_form(p + 12, "0:00:00Z", "\x76\x7f\x76\x76\x7f\x76\x76\x7f"))
        return false;
    const int year = pair_at(p, 0) * 100 + pair_at(p, 2), month = pair_at(p, 5), day = pair_at(p, 8);
    const int hour = pair_at(p, 11), minute = pair_at(p, 14), second = pair_at(p, 17);
    if (year < 1 || month < 1 || month > 12 || day < 1 || (day > 28 && day > days_in_month(year, month)) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    out->us = days_from_civil(year, month, day) * DAY_US + ((hour * 60 + minute) * 60 + second) * SECOND_US;
    return true;
}

bool nz_time_parse(struct nz_str text, nz_time *out)
{
    int64_t days, us = 0;
    if (parse_ordinary(text, out))
        return true;
    if (!take_date(&text, &days))
        return false;
    if (text.n) {
        /* section 5.6: "T" may be lower case, and a space "for the sake of readability" */
        if (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' '))
            return false;
        if (!take_time(&text, &us) || text.n)
            return false;
    }
    /* an offset may have moved the time out of the years that can be written */
    int64_t day = days + floor_div(us, DAY_US);
    if (day < days_from_civil(1, 1, 1) || day > days_from_civil(9999, 12, 31))
        return false;
    out->us = days * DAY_US + us;
    return true;
}

static void append_digits(struct nz_buf *out, int64_t value, int digits)
{
    char text[20];
    for (int i = digits - 1; i >= 0; i--) {
        text[i] = (char)('0' + value % 10);
        value /= 10;
    }
    nz_buf_append(out, nz_str_of(text, (size_t)digits));
}

void nz_time_append(struct nz_buf *out, nz_time t)
{
    struct nz_civil c = nz_time_civil(t);
    int64_t fraction = floor_mod(t.us, SECOND_US);
    /* ISO 8601, section 4.1.2.4: years outside 0000 to 9999 carry a sign and more digits */
    if (c.year < 0 || c.year > 9999)
        nz_buf_append_char(out, c.year < 0 ? '-' : '+');
    append_digits(out, c.year < 0 ? -(int64_t)c.year : c.year, c.year < -9999 || c.year > 9999 ? 6 : 4);
    const struct {
        char before;
        int32_t value;
    } parts[] = {{'-', c.month}, {'-', c.day}, {'T', c.hour}, {':', c.minute}, {':', c.second}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        nz_buf_append_char(out, parts[i].before);
        append_digits(out, parts[i].value, 2);
    }
    if (fraction) {
        bool is_ms = fraction % 1000 == 0;
        nz_buf_append_char(out, '.');
        append_digits(out, is_ms ? fraction / 1000 : fraction, is_ms ? 3 : 6);
    }
    nz_buf_append_char(out, 'Z');
}

void nz_time_append_minute(struct nz_buf *out, nz_time t)
{
    const struct nz_civil c = nz_time_civil(t);
    nz_buf_printf(out, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

bool nz_duration_parse(struct nz_str text, int64_t *out_us)
{
    static const struct {
        char unit;
        int64_t us;
    } units[] = {
        {'s', SECOND_US},  {'m', 60 * SECOND_US}, {'h', 3600 * SECOND_US}, {'d', DAY_US},
        {'w', 7 * DAY_US}, {'M', 30 * DAY_US},    {'y', 365 * DAY_US},
    };
    uint64_t number;
    int64_t us;
    if (text.n < 2 || !nz_str_to_u64(nz_str_head(text, text.n - 1), &number))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].unit != text.p[text.n - 1])
            continue;
        if (__builtin_mul_overflow(number, units[i].us, &us))
            return false;
        *out_us = us;
        return true;
    }
    return false;
}
