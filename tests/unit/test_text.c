/* core/text: escaping for terminals, CSV and HTML; columns; suggestions. */
#include "core/text.h"

#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef void (*append_fn)(struct nz_buf *, struct nz_str);

static void expect(append_fn append, struct nz_str text, const char *wanted)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    append(&out, text);
    nz_buf_append_char(&out, '\0');
    assert_int_equal(nz_buf_status(&out), NZ_OK);
    assert_string_equal(out.p, wanted);
    assert_int_equal(nz_utf8_valid_bytes(nz_buf_view(&out)), out.n);
    nz_buf_release(&out);
}

static void terminals_get_no_controls(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"},
        {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\x9b31m"}, /* C1: a CSI of one character */
        {"\xc2\xa0", "\xc2\xa0"},
        {"\xe2\x80\xae"
         "fdp.exe",
         "\\u202efdp.exe"},
        {"\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8e\xd8\x9c", "\\u202a\\u2066\\u2069\\u200e\\u061c"},
        {"\xe2\x80\xa8", "\\u2028"},
        {"\xe5\xaf\x9d\xe3\x81\x9a\xe3\x81\xae\xe7\x95\xaa", "\xe5\xaf\x9d\xe3\x81\x9a\xe3\x81\xae\xe7\x95\xaa"},
        {"a\xff"
         "b\xc0\xaf",
         "a\xef\xbf\xbd"
         "b\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xe5\xaf", "\xef\xbf\xbd\xef\xbf\xbd"}, /* cut */
        {"C:\\x1b", "C:\\x1b"},
        /* not seen: zero width space, soft hyphen, Hangul filler, byte order mark, a tag, a noncharacter */
        {"al\xe2\x80\x8bice", "al\\u200bice"},
        {"\xc2\xad\xe3\x85\xa4\xef\xbb\xbf\xf3\xa0\x81\x81\xef\xb7\x90\xf4\x8f\xbf\xbf",
         "\\u00ad\\u3164\\ufeff\\U000e0041\\ufdd0\\U0010ffff"},
        /* a joiner and a variation selector: where they join nothing, and in an emoji and a name */
        {"al\xe2\x80\x8dice\xef\xb8\x8f", "al\\u200dice\\ufe0f"},
        {"\xe2\x9d\xa4\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x94\xa5",
         "\xe2\x9d\xa4\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x94\xa5"},
        {"\xe8\x91\x9b\xf3\xa0\x84\x80", "\xe8\x91\x9b\xf3\xa0\x84\x80"},
        {"\xe8\x91\x9b\xf3\xa0\x84\x80\xf3\xa0\x84\x80", "\xe8\x91\x9b\xf3\xa0\x84\x80\\U000e0100"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(nz_text_append_terminal, nz_str_from_c(cases[i].text), cases[i].wanted);
    expect(nz_text_append_terminal, nz_str_of("a\0b", 3), "a\\x00b");
    expect(nz_text_append_terminal, nz_str_of(NULL, 0), "");
    expect(nz_text_append_lines, NZ_STR("a\x1b[1m\n\nb\r"), "a\\x1b[1m\n\nb\\x0d\n");
    expect(nz_text_append_lines, nz_str_of(NULL, 0), "");
}

/* For every byte and every pair: no control character comes out, and what comes out is UTF-8. */
static void no_two_bytes_get_through(void **state)
{
    (void)state;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (unsigned pair = 0; pair < 65536; pair++) {
        char bytes[2] = {(char)(pair >> 8), (char)pair};
        nz_buf_clear(&out);
        nz_text_append_terminal(&out, nz_str_of(bytes, 2));
        assert_int_equal(nz_utf8_valid_bytes(nz_buf_view(&out)), out.n);
        for (size_t i = 0; i < out.n; i++) {
            unsigned char c = (unsigned char)out.p[i];
            assert_true(c >= 0x20 && c != 0x7f);
            assert_false(c == 0xc2 && (unsigned char)out.p[i + 1] < 0xa0);
        }
    }
    nz_buf_release(&out);
}

static void csv_cells_are_quoted_and_guarded(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"", ""},
        {"plain text", "plain text"},
        {"a,b", "\"a,b\""},
        {"say \"x\"", "\"say \"\"x\"\"\""},
        {"a\nb", "\"a\nb\""},
        {"=1+1", "'=1+1"},
        {"+1", "'+1"},
        {"-1", "'-1"},
        {"@x", "'@x"},
        {"\t=1", "\"'\t'=1\""},
        /* behind what parts cells elsewhere */
        {"a;=1;b", "\"a;'=1;b\""},
        {"a,\"+1", "\"a,\"\"'+1\""},
        {"a\t-1\r\n@x", "\"a\t'-1\r\n'@x\""},
        {" =1", " '=1"},
        {"\xe3\x80\x80\xef\xbc\x9d\x31", "\xe3\x80\x80'\xef\xbc\x9d\x31"},
        {"a - b, c=1; d@e", "\"a - b, c=1; d@e\""},
        {"\x1b[31m", "\\x1b[31m"},
        {"a,\xe2\x80\xae", "\"a,\\u202e\""},
        {"\r=1", "\"'\r'=1\""},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"\xef\xbc\x9d"
         "1",
         "'\xef\xbc\x9d"
         "1"},
        {"a=1", "a=1"},
        {"a\xff", "a\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(nz_text_append_csv, nz_str_from_c(cases[i].text), cases[i].wanted);
}

/* In no way does a cell get longer than a spreadsheet can hold. */
static void csv_cells_have_an_end(void **state)
{
    (void)state;
    static const char *const all[] = {
        "x", "\x01", "\"", "=;", ";=", "\xff", "\xe3\x81\x82", "\xe2\x80\xae", "\xf3\xa0\x81\x81"};
    struct nz_buf text, out;
    nz_buf_init(&text, 0);
    nz_buf_init(&out, 0);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct nz_str piece = nz_str_from_c(all[i]);
        for (size_t bytes = 7000; bytes < 200000; bytes *= 3) {
            nz_buf_clear(&text);
            nz_buf_clear(&out);
            while (text.n < bytes)
                nz_buf_append(&text, piece);
            nz_text_append_csv(&out, nz_buf_view(&text));
            assert_in_range(out.n, 7000, 32767);
            assert_int_equal(nz_utf8_valid_bytes(nz_buf_view(&out)), out.n);
            const bool is_cut = nz_str_find(nz_buf_view(&out), NZ_STR("\xe2\x80\xa6")) != SIZE_MAX;
            assert_true(is_cut || bytes < 30000);
            assert_true(!is_cut || bytes > 20000 / 3);
        }
    }
    nz_buf_release(&text);
    nz_buf_release(&out);
}

static void json_keeps_its_values(void **state)
{
    (void)state;
    expect(nz_text_append_json, NZ_STR("{\"a\":[1,\"\\u001b\"]}"), "{\"a\":[1,\"\\u001b\"]}");
    expect(nz_text_append_json, NZ_STR("\"\x7f\xc2\x9b\xe2\x80\xae\xe5\xaf\x9d\xf3\xa0\x81\x81\""),
           "\"\\u007f\\u009b\\u202e\xe5\xaf\x9d\\udb40\\udc41\"");
}

static void html_has_no_markup(void **state)
{
    (void)state;
    expect(nz_text_append_html, NZ_STR("<a href=\"x\" title='y'>&amp;</a>"),
           "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
    expect(nz_text_append_html, NZ_STR("a\tb\r\nc\x1b\x01"), "a\tb\r\nc\\x1b\\x01");
    expect(nz_text_append_html, NZ_STR("\xe2\x80\xae<\xfe"), "\\u202e&lt;\xef\xbf\xbd");
}

static void columns_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"caf\xc3\xa9", 4},
        {"cafe\xcc\x81", 4}, /* U+0301, combining */
        {"\xe5\xaf\x9d\xe3\x81\x9a\xe3\x81\xae\xe7\x95\xaa", 8},
        {"\xef\xbd\xb6\xef\xbe\x9e", 2},             /* half-width kana */
        {"\xef\xbc\xa1", 2},                         /* full-width A */
        {"\xed\x95\x9c", 2},                         /* a Hangul syllable */
        {"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2}, /* the same of its parts */
        {"\xf0\x9f\x9a\xa8", 2},                     /* U+1F6A8 */
        {"\xf0\xa0\xae\xb7", 2},                     /* U+20BB7 */
        {"\xe2\x80\x8b", 0},                         /* zero width space */
        {"\xc2\xad", 1},                             /* soft hyphen */
        {"\xe2\x94\x82", 1},                         /* a box line: ambiguous */
        {"\xcc\x80\xcd\xaf\xcd\xb0", 1},             /* both ends of a range, and past it */
        {"\xff\xfe", 2},
        {"\x1b\n", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (nz_text_width(nz_str_from_c(cases[i].text)) != cases[i].columns)
            fail_msg("'%s' is %zu wide", cases[i].text, nz_text_width(nz_str_from_c(cases[i].text)));
    }
}

static void typing_errors_get_a_suggestion(void **state)
{
    (void)state;
    static const char *const names[] = {"contains", "startswith", "endswith", "all", "re", "cidr", "cased", "case"};
    static const struct {
        const char *word, *wanted;
    } cases[] = {
        {"contians", "contains"},
        {"contain", "contains"},
        {"CONTAINS", "contains"},
        {"containsss", "contains"},
        {"endswth", "endswith"},
        {"sratswith", "startswith"},
        {"al", "all"},
        {"alll", "all"},
        {"cdir", "cidr"},
        {"case", "case"},
        {"cased", "cased"},
        {"xcase", "case"},
        {"ll", "all"},
        {"er", NULL},
        {"containsabc", NULL},
        {"", NULL},
        {"xyz", NULL},
        {"rex", "re"},
    };
    const size_t n = sizeof names / sizeof names[0];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = nz_text_nearest(nz_str_from_c(cases[i].word), names, n);
        if ((got == NULL) != (cases[i].wanted == NULL) || (got && strcmp(got, cases[i].wanted) != 0))
            fail_msg("'%s': %s", cases[i].word, got ? got : "nothing");
    }
    char longest[65];
    memset(longest, 'a', sizeof longest);
    longest[64] = '\0';
    const char *const candidates[] = {longest};
    assert_ptr_equal(nz_text_nearest(nz_str_of(longest, 64), candidates, 1), longest);
    assert_ptr_equal(nz_text_nearest(nz_str_of(longest, 62), candidates, 1), longest);
    assert_null(nz_text_nearest(nz_str_of(longest, 65), candidates, 1));
    assert_null(nz_text_nearest(NZ_STR("a"), NULL, 0));
}

static void failed_allocations_stick(void **state)
{
    (void)state;
    static const append_fn all[] = {nz_text_append_terminal, nz_text_append_csv, nz_text_append_html,
                                    nz_text_append_json};
    long before = nz_live_allocations();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct nz_buf out;
        nz_buf_init(&out, 0);
        nz_fault_arm(0);
        all[i](&out, NZ_STR("=\x1b,<"));
        nz_fault_disarm();
        assert_int_equal(nz_buf_status(&out), NZ_E_NOMEM);
        nz_buf_release(&out);
    }
    assert_int_equal(nz_live_allocations(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminals_get_no_controls),
        cmocka_unit_test(no_two_bytes_get_through),
        cmocka_unit_test(csv_cells_are_quoted_and_guarded),
        cmocka_unit_test(csv_cells_have_an_end),
        cmocka_unit_test(json_keeps_its_values),
        cmocka_unit_test(html_has_no_markup),
        cmocka_unit_test(columns_are_counted),
        cmocka_unit_test(typing_errors_get_a_suggestion),
        cmocka_unit_test(failed_allocations_stick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
