/* core/time: RFC 3339 in and out, durations, the calendar. */
#include "core/time.h"

#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define S ((int64_t)1000000)

static void times_are_taken_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us; /* INT64_MIN: refused */
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2023-07-10T12:27:45Z", 1688992065 * S},
        {"2023-07-10 12:27:45Z", 1688992065 * S},
        {"2023-07-10t12:27:45z", 1688992065 * S},
        {"2023-07-10T21:27:45+09:00", 1688992065 * S},
        {"2023-07-10T00:57:45-11:30", 1688992065 * S},
        {"2023-07-10T12:27:45-00:00", 1688992065 * S},
        {"2023-07-10T12:27:45.5Z", 1688992065 * S + 500000},
        {"2023-07-10T12:27:45,25Z", 1688992065 * S + 250000},
        {"2023-07-10T12:27:45.123456Z", 1688992065 * S + 123456},
        {"2023-07-10T12:27:45.1234569999Z", 1688992065 * S + 123456},
        {"2023-07-10", 1688947200 * S},
        {"2024-02-29", 1709164800 * S},
        {"2000-02-29", 951782400 * S},
        {"1969-12-31T23:59:59.5Z", -500000},
        {"0001-01-01", -62135596800 * S},
        {"9999-12-31T23:59:59.999999Z", 253402300799 * S + 999999},
        /* leap seconds: at 23:59:60 UTC and nowhere else */
        {"2016-12-31T23:59:60Z", 1483228799 * S + 999999},
        {"2016-12-31T23:59:60.25Z", 1483228799 * S + 999999},
        {"2017-01-01T08:59:60+09:00", 1483228799 * S + 999999},
        {"2016-12-31T22:59:60Z", INT64_MIN},
        {"2016-12-31T23:59:60+09:00", INT64_MIN},
        {"2016-12-31T23:59:61Z", INT64_MIN},
        {"2023-02-29", INT64_MIN},
        {"1900-02-29", INT64_MIN},
        {"2023-04-31", INT64_MIN},
        {"2023-00-10", INT64_MIN},
        {"2023-13-10", INT64_MIN},
        {"2023-07-00", INT64_MIN},
        {"0000-01-01", INT64_MIN},
        {"10000-01-01", INT64_MIN},
        {"-2023-01-01", INT64_MIN},
        {"2023-7-10", INT64_MIN},
        {"20230710", INT64_MIN},
        {"2023-07-10T24:00:00Z", INT64_MIN},
        {"2023-07-10T12:60:00Z", INT64_MIN},
        {"2023-07-10T12:27:45", INT64_MIN}, /* no zone */
        {"2023-07-10T12:27Z", INT64_MIN},
        {"2023-07-10T12:27:45.Z", INT64_MIN},
        {"2023-07-10T12:27:45+0900", INT64_MIN},
        {"2023-07-10T12:27:45+24:00", INT64_MIN},
        {"2023-07-10T12:27:45+09:60", INT64_MIN},
        {"2023-07-10T12:27:45+09", INT64_MIN},
        {"2023-07-10T12:27:45Zx", INT64_MIN},
        {"2023-07-10T", INT64_MIN},
        {"2023-07-10 ", INT64_MIN},
        {" 2023-07-10", INT64_MIN},
        {"2023-07-10T+2:27:45Z", INT64_MIN},
        {"", INT64_MIN},
        {"now", INT64_MIN},
        /* an offset moves them out of the years that can be written */
        {"0001-01-01T00:00:00+00:01", INT64_MIN},
        {"9999-12-31T23:59:59-00:01", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nz_time t = {INT64_MIN};
        bool ok = nz_time_parse(nz_str_from_c(cases[i].text), &t);
        if (ok != (cases[i].us != INT64_MIN) || t.us != cases[i].us)
            fail_msg("'%s': %s, %lld", cases[i].text, ok ? "taken" : "refused", (long long)t.us);
    }
    nz_time t;
    assert_false(nz_time_parse(nz_str_of("2023-07-10T12:27:45Z\0", 21), &t));
    assert_false(nz_time_parse(nz_str_of(NULL, 0), &t));
}

static void times_cut_anywhere_are_refused(void **state)
{
    (void)state;
    const struct nz_str whole = NZ_STR("2023-07-10T21:27:45.125+09:00");
    nz_time t;
    assert_true(nz_time_parse(whole, &t));
    for (size_t cut = 0; cut < whole.n; cut++)
        assert_int_equal(nz_time_parse(nz_str_head(whole, cut), &t), cut == 10); /* the date alone */
}

/* The ordinary form is read by a way of its own, which a fraction keeps a time off. */
static void the_ordinary_form_is_read_as_any_other(void **state)
{
    (void)state;
    static const char *const bases[] = {"2023-07-10T12:27:45Z", "2024-02-29T23:59:59Z", "2023-12-31T00:00:00Z"};
    for (size_t i = 0; i < 20 * 256 * 3; i++) {
        char text[24], longer[24];
        strcpy(text, bases[i / (20 * 256)]);
        text[i / 256 % 20] = (char)(i % 256);
        memcpy(longer, text, 19);
        memcpy(longer + 19, ".0", 2);
        longer[21] = text[19];
        nz_time a = {0}, b = {0};
        bool taken = nz_time_parse(nz_str_of(text, 20), &a);
        if (taken != nz_time_parse(nz_str_of(longer, 22), &b) || a.us != b.us)
            fail_msg("byte %zu of '%s' as %zu", i / 256 % 20, bases[i / (20 * 256)], i % 256);
    }
}

static void times_are_written(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {1688992065 * S, "2023-07-10T12:27:45Z"},
        {1688992065 * S + 5000, "2023-07-10T12:27:45.005Z"},
        {1688992065 * S + 5, "2023-07-10T12:27:45.000005Z"},
        {951782399 * S, "2000-02-28T23:59:59Z"},
        {253402300800 * S, "+010000-01-01T00:00:00Z"},
        {-62167219200 * S, "0000-01-01T00:00:00Z"},
        {-62167219201 * S, "-0001-12-31T23:59:59Z"},
        {INT64_MAX, "+294247-01-10T04:00:54.775807Z"},
        {INT64_MIN, "-290308-12-21T19:59:05.224192Z"},
    };
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nz_buf_clear(&out);
        nz_time_append(&out, (nz_time){cases[i].us});
        nz_buf_append_char(&out, '\0');
        assert_int_equal(nz_buf_status(&out), NZ_OK);
        assert_string_equal(out.p, cases[i].text);
    }
    nz_buf_release(&out);
    long before = nz_live_allocations();
    nz_fault_arm(0);
    nz_time_append(&out, (nz_time){0});
    nz_fault_disarm();
    assert_int_equal(nz_buf_status(&out), NZ_E_NOMEM);
    nz_buf_release(&out);
    assert_int_equal(nz_live_allocations(), before);
}

/* From Python's datetime: date, date.isocalendar()[1], days since 1970-01-01. */
static const struct {
    const char *date;
    int week;
    int64_t days;
} weeks[] = {
    {"1970-01-01", 1, 0},        {"1970-01-04", 1, 3},       {"1970-12-28", 53, 361},     {"1970-12-31", 53, 364},
    {"1976-01-01", 1, 2191},     {"1976-01-04", 1, 2194},    {"1976-12-28", 53, 2553},    {"1976-12-31", 53, 2556},
    {"1999-01-01", 53, 10592},   {"1999-01-04", 1, 10595},   {"1999-12-28", 52, 10953},   {"1999-12-31", 52, 10956},
    {"2000-01-01", 52, 10957},   {"2000-01-04", 1, 10960},   {"2000-12-28", 52, 11319},   {"2000-12-31", 52, 11322},
    {"2004-01-01", 1, 12418},    {"2004-01-04", 1, 12421},   {"2004-12-28", 53, 12780},   {"2004-12-31", 53, 12783},
    {"2005-01-01", 53, 12784},   {"2005-01-04", 1, 12787},   {"2005-12-28", 52, 13145},   {"2005-12-31", 52, 13148},
    {"2008-01-01", 1, 13879},    {"2008-01-04", 1, 13882},   {"2008-12-28", 52, 14241},   {"2008-12-31", 1, 14244},
    {"2009-01-01", 1, 14245},    {"2009-01-04", 1, 14248},   {"2009-12-28", 53, 14606},   {"2009-12-31", 53, 14609},
    {"2010-01-01", 53, 14610},   {"2010-01-04", 1, 14613},   {"2010-12-28", 52, 14971},   {"2010-12-31", 52, 14974},
    {"2015-01-01", 1, 16436},    {"2015-01-04", 1, 16439},   {"2015-12-28", 53, 16797},   {"2015-12-31", 53, 16800},
    {"2016-01-01", 53, 16801},   {"2016-01-04", 1, 16804},   {"2016-12-28", 52, 17163},   {"2016-12-31", 52, 17166},
    {"2020-01-01", 1, 18262},    {"2020-01-04", 1, 18265},   {"2020-12-28", 53, 18624},   {"2020-12-31", 53, 18627},
    {"2021-01-01", 53, 18628},   {"2021-01-04", 1, 18631},   {"2021-12-28", 52, 18989},   {"2021-12-31", 52, 18992},
    {"2024-01-01", 1, 19723},    {"2024-01-04", 1, 19726},   {"2024-12-28", 52, 20085},   {"2024-12-31", 1, 20088},
    {"2026-01-01", 1, 20454},    {"2026-01-04", 1, 20457},   {"2026-12-28", 53, 20815},   {"2026-12-31", 53, 20818},
    {"2027-01-01", 53, 20819},   {"2027-01-04", 1, 20822},   {"2027-12-28", 52, 21180},   {"2027-12-31", 52, 21183},
    {"2032-01-01", 1, 22645},    {"2032-01-04", 1, 22648},   {"2032-12-28", 53, 23007},   {"2032-12-31", 53, 23010},
    {"2100-01-01", 53, 47482},   {"2100-01-04", 1, 47485},   {"2100-12-28", 52, 47843},   {"2100-12-31", 52, 47846},
    {"1900-01-01", 1, -25567},   {"1900-01-04", 1, -25564},  {"1900-12-28", 52, -25206},  {"1900-12-31", 1, -25203},
    {"0001-01-01", 1, -719162},  {"0001-01-04", 1, -719159}, {"0001-12-28", 52, -718801}, {"0001-12-31", 1, -718798},
    {"9999-01-01", 53, 2932532}, {"9999-01-04", 1, 2932535}, {"9999-12-28", 52, 2932893}, {"9999-12-31", 52, 2932896},
};

static void weeks_are_those_of_iso_8601(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof weeks / sizeof weeks[0]; i++) {
        nz_time t;
        assert_true(nz_time_parse(nz_str_from_c(weeks[i].date), &t));
        assert_true(t.us == weeks[i].days * 86400 * S);
        assert_int_equal(nz_time_civil(t).week, weeks[i].week);
        t.us += 86400 * S - 1; /* the whole day */
        assert_int_equal(nz_time_civil(t).week, weeks[i].week);
    }
}

/* Every day of 800 years, counted up by hand. */
static void days_follow_one_another(void **state)
{
    (void)state;
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    nz_time t;
    struct nz_buf text;
    nz_buf_init(&text, 0);
    assert_true(nz_time_parse(NZ_STR("1600-01-01"), &t));
    int year = 1600, month = 1, day = 1;
    for (; year < 2400; t.us += 86400 * S) {
        struct nz_civil c = nz_time_civil(t);
        assert_true(c.year == year && c.month == month && c.day == day && c.hour == 0 && c.second == 0);
        nz_buf_clear(&text);
        nz_time_append(&text, t);
        nz_time again;
        assert_true(nz_time_parse(nz_buf_view(&text), &again));
        assert_true(again.us == t.us);
        bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        if (++day > month_days[month - 1] + (month == 2 && leap)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    nz_buf_release(&text);
}

static void durations_are_taken_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us; /* -1: refused */
    } cases[] = {
        {"90s", 90 * S},
        {"15m", 900 * S},
        {"2h", 7200 * S},
        {"7d", 7 * 86400 * S},
        {"3w", 21 * 86400 * S},
        {"1M", 30 * 86400 * S},
        {"1y", 365 * 86400 * S},
        {"0s", 0},
        {"007s", 7 * S},
        {"292271y", 292271 * (365 * 86400 * S)},
        {"9223372036854s", 9223372036854 * S},
        {"9223372036855s", -1},
        {"18446744073709551616s", -1},
        {"292472y", -1},
        {"1", -1},
        {"s", -1},
        {"", -1},
        {"1 s", -1},
        {"-1s", -1},
        {"1.5h", -1},
        {"1H", -1},
        {"1ms", -1},
        {"1h30m", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t us = -1;
        bool ok = nz_duration_parse(nz_str_from_c(cases[i].text), &us);
        if (ok != (cases[i].us >= 0) || us != cases[i].us)
            fail_msg("'%s': %s, %lld", cases[i].text, ok ? "taken" : "refused", (long long)us);
    }
}

static void the_clocks_run(void **state)
{
    (void)state;
    nz_time written;
    assert_true(nz_time_parse(NZ_STR("2020-01-01"), &written));
    assert_true(nz_clock_system.now(NULL).us > written.us);
    nz_mono first = nz_clock_system.mono(NULL);
    assert_true(nz_clock_system.mono(NULL).ns >= first.ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_taken_or_refused),     cmocka_unit_test(the_ordinary_form_is_read_as_any_other),
        cmocka_unit_test(times_cut_anywhere_are_refused), cmocka_unit_test(times_are_written),
        cmocka_unit_test(weeks_are_those_of_iso_8601),    cmocka_unit_test(days_follow_one_another),
        cmocka_unit_test(durations_are_taken_or_refused), cmocka_unit_test(the_clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
