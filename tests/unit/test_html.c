/* html_page, html_chart: what a value holds stays a text, whatever it looks like, and the policy names what the page holds. */
#include "findings/html_chart.h"
#include "findings/html_page.h"

#include "findings/html_assets.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_text(struct nz_buf *b, const char *want)
{
    nz_buf_append_char(b, '\0');
    assert_false(b->failed);
    assert_string_equal(b->p, want);
    nz_buf_release(b);
}

static void each_dollar_is_a_text(void **state)
{
    (void)state;
    struct nz_buf b;
    nz_buf_init(&b, 0);
    NZ_HTML(&b, "<p title=\"$\">$</p>", NZ_STR("\" onclick=\"x"), NZ_STR("<script>$</script>"));
    assert_text(&b, "<p title=\"&quot; onclick=&quot;x\">&lt;script&gt;$&lt;/script&gt;</p>");
}

static void what_changes_the_direction_is_written_out(void **state)
{
    (void)state;
    struct nz_buf b;
    nz_buf_init(&b, 0);
    NZ_HTML(&b, "$",
            NZ_STR("a\xe2\x80\xae"
                   "b\x1b[31m\xff\xed\xa0\x80"));
    assert_text(&b, "a\\u202eb\\x1b[31m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void counts_have_commas(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        const char *text;
    } tried[] = {
        {0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        struct nz_buf b;
        nz_buf_init(&b, 0);
        nz_html_append_count(&b, tried[i].value);
        assert_text(&b, tried[i].text);
    }
}

static void only_https_becomes_a_link(void **state)
{
    (void)state;
    static const char *const not [] = {"javascript:alert(1)", "http://a.example/", "data:text/html,x",
                                       " https://a.example/", ""};
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++) {
        struct nz_buf b;
        nz_buf_init(&b, 0);
        nz_html_append_link(&b, nz_str_from_c(not [i]));
        assert_text(&b, not [i]);
    }
    struct nz_buf b;
    nz_buf_init(&b, 0);
    nz_html_append_link(&b, NZ_STR("https://a.example/?x='\""));
    assert_text(&b, "<a href=\"https://a.example/?x=&#39;&quot;\" target=\"_blank\" rel=\"noreferrer noopener\">"
                    "https://a.example/?x=&#39;&quot;</a>");
}

static void append_page(struct nz_buf *b)
{
    const struct nz_html_page page = {.japanese = true, .title = NZ_STR("</title><b>"), .lead = NZ_STR("\xe8\xa9\xb1")};
    nz_html_page_begin(b, &page);
    nz_html_page_end(b, NZ_STR("<i>"));
}

static void a_page_is_one_file_and_allows_itself_alone(void **state)
{
    (void)state;
    struct nz_buf b;
    nz_buf_init(&b, 0);
    append_page(&b);
    nz_buf_append_char(&b, '\0');
    assert_false(b.failed);
    assert_non_null(strstr(b.p, "<html lang=\"ja\">"));
    assert_non_null(strstr(b.p, "<title>&lt;/title&gt;&lt;b&gt;</title>"));
    assert_non_null(strstr(b.p, "default-src 'none'"));
    const char *style = strstr(b.p, nz_html_style_hash), *script = strstr(b.p, nz_html_script_hash);
    assert_true(style && script && style < strstr(b.p, "<style>") && script < strstr(b.p, "<style>"));
    assert_null(strstr(b.p, "src="));
    assert_null(strstr(b.p, "url("));
    assert_null(strstr(b.p, "@import"));
    assert_null(strstr(b.p, " style=\""));
    assert_null(strstr(b.p, "<i>"));
    nz_buf_release(&b);
}

static void columns_reach_the_top_and_what_is_there_is_seen(void **state)
{
    (void)state;
    static const uint64_t low[] = {1, 0, 1000000}, high[] = {0, 0, 1000000};
    const struct nz_html_series series[] = {{"low", "low", low}, {"high", "high", high}};
    const struct nz_html_columns chart = {
        .label = NZ_STR("a \"b\""), .series = series, .series_count = 2, .buckets = 3, .bucket_us = 60000000};
    struct nz_buf b;
    nz_buf_init(&b, 0);
    nz_html_append_columns(&b, &chart);
    nz_buf_append_char(&b, '\0');
    assert_false(b.failed);
    assert_non_null(strstr(b.p, "aria-label=\"a &quot;b&quot;\""));
    assert_non_null(strstr(b.p, "<div class=\"top\">2,000,000</div>"));
    assert_non_null(strstr(b.p, "<rect class=\"low\" x=\"0.05\" y=\"999\" width=\".9\" height=\"1\"/>"));
    assert_non_null(strstr(b.p, "<rect class=\"high\" x=\"2.05\" y=\"0\" width=\".9\" height=\"500\"/>"));
    assert_non_null(strstr(b.p, "<span>1970-01-01 00:00</span><span>1970-01-01 00:03</span>"));
    nz_buf_release(&b);
}

static void a_rank_is_as_long_as_its_share(void **state)
{
    (void)state;
    static const uint64_t parts[] = {1, 3};
    static const char *const tones[] = {"low", "high"};
    const struct nz_html_rank rank = {.name = NZ_STR("<x>"),
                                      .parts = parts,
                                      .tones = tones,
                                      .parts_count = 2,
                                      .longest = 8,
                                      .set = NZ_STR("actor=1")};
    struct nz_buf b;
    nz_buf_init(&b, 0);
    nz_html_append_rank(&b, &rank);
    assert_text(
        &b, "<li><button type=\"button\" class=\"rank\" data-set=\"actor=1\"><span class=\"name\">&lt;x&gt;</span>"
            "<span class=\"num\">4</span><svg aria-hidden=\"true\" preserveAspectRatio=\"none\" viewBox=\"0 0 1000 1\">"
            "<rect class=\"low\" x=\"0\" width=\"125\" height=\"1\"/>"
            "<rect class=\"high\" x=\"125\" width=\"375\" height=\"1\"/></svg></button></li>\n");
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0; nth < 100; nth++) {
        struct nz_buf b;
        nz_buf_init(&b, 0);
        nz_fault_arm(nth);
        append_page(&b);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(b.failed, fired);
        nz_buf_release(&b);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            return;
    }
    fail_msg("no end of allocations");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_dollar_is_a_text),
        cmocka_unit_test(what_changes_the_direction_is_written_out),
        cmocka_unit_test(counts_have_commas),
        cmocka_unit_test(only_https_becomes_a_link),
        cmocka_unit_test(a_page_is_one_file_and_allows_itself_alone),
        cmocka_unit_test(columns_reach_the_top_and_what_is_there_is_seen),
        cmocka_unit_test(a_rank_is_as_long_as_its_share),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
