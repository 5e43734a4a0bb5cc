/* cli: tables, line breaking, the progress line, output files, problems, values of options, exit statuses. */
#include "cli/exit.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/problems.h"
#include "cli/progress.h"
#include "cli/table.h"

#include "core/text.h"
#include "support/faults.h"
#include "support/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct nz_term pipe_term = {.columns = 0}, plain_term = {.is_terminal = true, .columns = 40};

/* --- tables --- */

static const struct nz_table_column columns[] = {
    {.title = "RULE"}, {.title = "COUNT", .right = true}, {.title = "WHO"}};

static void assert_table(const struct nz_term *term, const struct nz_str (*rows)[3], size_t count, const char *want)
{
    struct nz_arena keep;
    struct nz_table t;
    struct nz_output out = {.fd = -1};
    nz_arena_init(&keep, 0);
    nz_buf_init(&out.buf, 0);
    nz_table_init(&t, &keep, columns, 3);
    for (size_t i = 0; i < count; i++)
        nz_table_add(&t, rows[i], NULL);
    assert_int_equal(nz_table_print(&t, &out, term), NZ_OK);
    nz_buf_append_char(&out.buf, '\0');
    assert_string_equal(out.buf.p, want);
    nz_buf_release(&out.buf);
    nz_arena_release(&keep);
}

static void tables_line_up(void **state)
{
    (void)state;
    static const struct nz_str rows[][3] = {{{"root used", 9}, {"4", 1}, {"root", 4}},
                                            {{"\xe5\xaf\x9d\xe3\x81\x9a", 6}, {"12345678", 8}, {"", 0}}};
    assert_table(&pipe_term, rows, 2,
                 "RULE          COUNT  WHO\n"
                 "root used         4  root\n"
                 "\xe5\xaf\x9d\xe3\x81\x9a       12345678  \n");
}

static void tables_escape_what_came_from_outside(void **state)
{
    (void)state;
    static const struct nz_str rows[][3] = {{{"a\x1b[2Jb\nc", 8}, {"1", 1}, {"\xe2\x80\xae", 3}}};
    assert_table(&pipe_term, rows, 1,
                 "RULE            COUNT  WHO\n"
                 "a\\x1b[2Jb\\x0ac      1  \\u202e\n");
}

static void tables_fit_a_terminal_and_only_that(void **state)
{
    (void)state;
    static const struct nz_str rows[][3] = {
        {{"a rule with a long name, longer than all", 40}, {"1", 1}, {"arn:aws:iam::123456789012:user/somebody", 39}}};
    assert_table(&plain_term, rows, 1,
                 "RULE             COUNT  WHO\n"
                 "a rule with a \xe2\x80\xa6      1  arn:aws:iam::12\xe2\x80\xa6\n");
    assert_table(&pipe_term, rows, 1,
                 "RULE                                      COUNT  WHO\n"
                 "a rule with a long name, longer than all      1  arn:aws:iam::123456789012:user/somebody\n");
}

static void a_wide_character_is_not_cut_in_two(void **state)
{
    (void)state;
    char cell[3 * 40];
    for (size_t i = 0; i < sizeof cell; i += 3)
        memcpy(cell + i, "\xe5\xaf\x9d", 3);
    struct nz_arena keep;
    struct nz_table t;
    static const struct nz_table_column one[] = {{.title = "X"}};
    for (unsigned width = 20; width < 40; width++) {
        struct nz_term term = {.is_terminal = true, .columns = width};
        struct nz_output out = {.fd = -1};
        struct nz_str text = nz_str_of(cell, sizeof cell);
        nz_arena_init(&keep, 0);
        nz_buf_init(&out.buf, 0);
        nz_table_init(&t, &keep, one, 1);
        nz_table_add(&t, &text, NULL);
        assert_int_equal(nz_table_print(&t, &out, &term), NZ_OK);
        struct nz_str line = nz_str_trim(nz_str_skip(nz_buf_view(&out.buf), 2));
        assert_int_equal(nz_utf8_valid_bytes(line), line.n);
        assert_in_range(nz_text_width(line), width - 1, width);
        nz_buf_release(&out.buf);
        nz_arena_release(&keep);
    }
}

static void a_table_without_memory_says_so(void **state)
{
    (void)state;
    static const struct nz_str cells[] = {{"a", 1}, {"b", 1}, {"c", 1}};
    for (unsigned nth = 0;; nth++) {
        struct nz_arena keep;
        struct nz_table t;
        struct nz_output out = {.fd = -1};
        nz_arena_init(&keep, 0);
        nz_buf_init(&out.buf, 0);
        nz_table_init(&t, &keep, columns, 3);
        nz_fault_arm(nth);
        for (int i = 0; i < 100; i++)
            nz_table_add(&t, cells, NULL);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(nz_table_print(&t, &out, &pipe_term), fired ? NZ_E_NOMEM : NZ_OK);
        nz_buf_release(&out.buf);
        nz_arena_release(&keep);
        if (!fired)
            break;
    }
}

/* --- line breaking --- */

static void assert_wrapped(const char *text, unsigned width, const char *want)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_wrap_append(&out, nz_str_from_c(text), 2, 2, width);
    nz_buf_append_char(&out, '\0');
    assert_string_equal(out.p, want);
    nz_buf_release(&out);
}

static void lines_break_where_they_may(void **state)
{
    (void)state;
    assert_wrapped("one two  three", 10, "one two\n  three");
    assert_wrapped("averylongword x", 6, "averylongword\n  x");
    assert_wrapped("", 6, "");
    assert_wrapped("寝ずの番です。", 14, "寝ずの番で\n  す。");
    assert_wrapped("検出「結果」", 8, "検出\n  「結\n  果」");
    assert_wrapped("AWS の番", 8, "AWS の\n  番");
}

/* --- progress --- */

static nz_mono fixed_mono(void *self)
{
    return *(nz_mono *)self;
}

static void assert_progress(const struct nz_progress *p, uint64_t elapsed_ms, unsigned width, const char *want)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_progress_append(p, elapsed_ms * 1000000, width, &out);
    nz_buf_append_char(&out, '\0');
    assert_string_equal(out.p, want);
    nz_buf_release(&out);
}

static void the_line_says_what_is_known(void **state)
{
    (void)state;
    struct nz_progress p;
    nz_mono now = {0};
    const struct nz_clock_ops clock = {.mono = fixed_mono};
    nz_progress_init(&p, true, &clock, &now);
    p.start = now;
    nz_progress_add(&p, 1, 999, 1); /* no time has passed: nothing is drawn */
    assert_false(p.visible);
    assert_progress(&p, 0, 100, "1 file  999 B  1 finding");
    nz_progress_add(&p, 2, 149999001, 0);
    assert_progress(&p, 500, 100, "3 files  150 MB  300 MB/s  1 finding");
    nz_progress_expect(&p, 12, 600000000);
    assert_progress(&p, 1000, 100,
                    "[#####...............]  25%  3 of 12 files  150 MB  150 MB/s  0:03 left  1 finding");
    assert_progress(&p, 1000, 79, "3 of 12 files  150 MB  150 MB/s  0:03 left  1 finding");
    assert_progress(&p, 1000, 20, "3 of 12 files  150 ");
    nz_progress_expect(&p, 2, 100); /* more came than was expected: no total is better than a wrong one */
    assert_progress(&p, 1000, 100, "3 files  150 MB  150 MB/s  1 finding");
    nz_progress_expect(&p, 3, UINT64_C(150000000) * 7201);
    assert_progress(&p, 1000, 79, "3 of 3 files  150 MB  150 MB/s  2:00:00 left  1 finding");
    nz_progress_release(&p);
}

static void nothing_is_counted_where_nothing_is_shown(void **state)
{
    (void)state;
    struct nz_progress p;
    nz_mono now = {0};
    const struct nz_clock_ops clock = {.mono = fixed_mono};
    nz_progress_init(&p, false, &clock, &now);
    nz_progress_begin(&p);
    now.ns = UINT64_C(5000000000);
    nz_progress_add(&p, 1, 1, 1);
    assert_false(p.visible);
    nz_progress_end(&p);
    nz_progress_release(&p);
}

/* --- output --- */

static char folder[] = "/tmp/nz-test-cli-XXXXXX";

static void assert_file(const char *path, const char *want)
{
    struct nz_str text = nz_test_read(path);
    assert_int_equal(text.n, strlen(want));
    assert_memory_equal(text.p, want, text.n);
    free((char *)(uintptr_t)text.p);
}

static void a_file_appears_when_it_is_complete(void **state)
{
    (void)state;
    char path[256], link_path[256], command[600];
    snprintf(path, sizeof path, "%s/report", folder);
    snprintf(link_path, sizeof link_path, "%s/link", folder);
    struct nz_output out;
    struct nz_diag diag = NZ_DIAG_INIT;
    assert_int_equal(nz_output_open(&out, path, &diag), NZ_OK);
    nz_output_write(&out, NZ_STR("one\n"));
    nz_output_flush(&out);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(nz_output_close(&out, &diag), NZ_OK);
    assert_int_equal(nz_output_close(&out, &diag), NZ_OK);
    assert_file(path, "one\n");
    /* over an old file, through a link: the link stays, and so do the old file's permissions */
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink("report", link_path), 0);
    assert_int_equal(nz_output_open(&out, link_path, &diag), NZ_OK);
    nz_output_printf(&out, "%s\n", "two");
    assert_int_equal(nz_output_close(&out, &diag), NZ_OK);
    assert_file(path, "two\n");
    struct stat st;
    assert_int_equal(lstat(link_path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    /* nothing is left over */
    snprintf(command, sizeof command, "test \"$(ls %s)\" = \"$(printf 'link\\nreport')\"", folder);
    assert_int_equal(system(command), 0);
}

static void what_cannot_be_written_is_told(void **state)
{
    (void)state;
    struct nz_output out;
    struct nz_diag diag = NZ_DIAG_INIT;
    assert_int_equal(nz_output_open(&out, "/dev/full", &diag), NZ_OK);
    nz_output_write(&out, NZ_STR("x"));
    nz_output_flush(&out);
    nz_output_write(&out, NZ_STR("y")); /* dropped */
    assert_int_equal(nz_output_close(&out, &diag), NZ_E_WRITE);
    assert_string_equal(diag.text, "No space left on device");
    assert_int_equal(nz_output_open(&out, "/nonexistent/folder/file", &diag), NZ_E_WRITE);
    assert_string_equal(diag.text, "No such file or directory");
    assert_int_equal(nz_output_close(&out, &diag), NZ_OK);
    assert_int_equal(nz_output_open(&out, folder, &diag), NZ_E_WRITE);
}

static void a_large_output_does_not_stay_in_memory(void **state)
{
    (void)state;
    struct nz_output out;
    char line[1000];
    memset(line, 'x', sizeof line);
    assert_int_equal(nz_output_open(&out, "/dev/null", NULL), NZ_OK);
    for (int i = 0; i < 10000; i++) {
        nz_output_write(&out, nz_str_of(line, sizeof line));
        assert_in_range(out.buf.n, 0, 65536);
    }
    assert_int_equal(nz_output_close(&out, NULL), NZ_OK);
}

/* --- problems --- */

static void assert_problem(const struct nz_diag *diag, const char *want)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_problem_append(&out, diag);
    nz_buf_append_char(&out, '\0');
    assert_string_equal(out.p, want);
    nz_buf_release(&out);
}

static void problems_name_their_place(void **state)
{
    (void)state;
    struct nz_diag d = NZ_DIAG_INIT;
    nz_diag_at(&d, NZ_E_RULE_SYNTAX, 3, 7, "'%s'", "a\x1b]0;x\x07");
    d.file = NZ_STR("rules/\x1b[2J.yml");
    assert_problem(&d, "rules/\\x1b[2J.yml:3:7: rule is not valid: 'a\\x1b]0;x\\x07'");
    nz_diag_offset(&d, NZ_E_JSON_END, 120, "%s", "");
    d.file = NZ_STR("x.gz");
    assert_problem(&d, "x.gz: offset 120: JSON ends too early");
    d.record = 4;
    assert_problem(&d, "x.gz: offset 120 (record 4): JSON ends too early");
    d.offset = UINT64_MAX;
    assert_problem(&d, "x.gz: record 4: JSON ends too early");
    nz_diag_set(&d, NZ_E_NOMEM, "%s", "");
    d.file = NZ_STR("");
    assert_problem(&d, "out of memory");
    d.file = NZ_STR("-");
    assert_problem(&d, "standard input: out of memory");
}

/* --- options and statuses --- */

static void every_default_is_a_value(void **state)
{
    (void)state;
    for (int key = NZ_KEY_NONE + 1; key < NZ_KEY_COUNT; key++) {
        const struct nz_opt *row = nz_key_row((enum nz_key)key);
        union {
            bool flag;
            int place;
            uint64_t number;
            struct nz_opt_time time;
            const char *text;
        } slot;
        assert_non_null(row->help);
        if (row->def)
            assert_int_equal(nz_opt_parse(row, row->def, &slot, NULL), NZ_OK);
        else
            assert_true(row->kind == NZ_OPT_LIST || row->kind == NZ_OPT_MAP || row->kind == NZ_OPT_TEXT);
        assert_int_equal(row->kind == NZ_OPT_ENUM, row->choices != NULL);
    }
}

static void values_are_read_and_refused(void **state)
{
    (void)state;
    uint64_t n = 0;
    struct nz_opt_time time = {.set = false};
    const struct nz_opt size = {.kind = NZ_OPT_SIZE, .min = 1}, when = {.kind = NZ_OPT_TIME};
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"4096", 4096}, {"64K", 65536}, {"16M", 16777216}, {"2G", UINT64_C(2147483648)}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(nz_opt_parse(&size, good[i].text, &n, NULL), NZ_OK);
        assert_true(n == good[i].value);
    }
    static const char *const bad[] = {"", "K", "0", "1k", "1KB", "-1", "18446744073709551615K", "1 "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nz_opt_parse(&size, bad[i], &n, NULL), NZ_E_USAGE);
    assert_int_equal(nz_opt_parse(&when, "2023-07-10T12:00:00Z", &time, NULL), NZ_OK);
    assert_true(time.set && time.at.us == INT64_C(1688990400000000));
    nz_time now = nz_clock_system.now(NULL);
    assert_int_equal(nz_opt_parse(&when, "7d", &time, NULL), NZ_OK);
    assert_in_range(now.us - time.at.us, INT64_C(7) * 86400000000 - 60000000, INT64_C(7) * 86400000000);
    assert_int_equal(nz_opt_parse(&when, "yesterday", &time, NULL), NZ_E_USAGE);
}

static void lists_keep_their_order(void **state)
{
    (void)state;
    struct nz_arena keep;
    struct nz_opt_list list = {.count = 0};
    static const char letters[][2] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    nz_arena_init(&keep, 0);
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        assert_int_equal(nz_opt_list_add(&keep, &list, letters[i]), NZ_OK);
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        assert_ptr_equal(list.items[i], letters[i]);
    nz_arena_release(&keep);
}

static void statuses_have_their_precedence(void **state)
{
    (void)state;
    struct nz_outcome all = {true, true, true, true, true};
    assert_int_equal(nz_outcome_exit(&all), 70);
    all.bug = false;
    assert_int_equal(nz_outcome_exit(&all), 130);
    all.stopped = false;
    assert_int_equal(nz_outcome_exit(&all), 2);
    all.bad = false;
    assert_int_equal(nz_outcome_exit(&all), 3);
    all.unknown = false;
    assert_int_equal(nz_outcome_exit(&all), 1);
    all.findings = false;
    assert_int_equal(nz_outcome_exit(&all), 0);
    static const struct {
        enum nz_err err;
        bool signalled;
        enum nz_exit status;
    } cases[] = {
        {NZ_OK, true, NZ_EXIT_OK},          {NZ_E_USAGE, false, NZ_EXIT_BAD},      {NZ_E_JSON_END, false, NZ_EXIT_BAD},
        {NZ_E_LIMIT, false, NZ_EXIT_BAD},   {NZ_E_WRITE, false, NZ_EXIT_BAD},      {NZ_E_PIPE, false, NZ_EXIT_BAD},
        {NZ_E_STOPPED, false, NZ_EXIT_BAD}, {NZ_E_STOPPED, true, NZ_EXIT_STOPPED}, {NZ_E_PIPE, true, NZ_EXIT_BAD},
        {NZ_E_BUG, false, NZ_EXIT_BUG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nz_outcome one = {.bug = false};
        nz_outcome_add(&one, cases[i].err, cases[i].signalled);
        assert_int_equal(nz_outcome_exit(&one), cases[i].status);
    }
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_line_up),
        cmocka_unit_test(tables_escape_what_came_from_outside),
        cmocka_unit_test(tables_fit_a_terminal_and_only_that),
        cmocka_unit_test(a_wide_character_is_not_cut_in_two),
        cmocka_unit_test(a_table_without_memory_says_so),
        cmocka_unit_test(lines_break_where_they_may),
        cmocka_unit_test(the_line_says_what_is_known),
        cmocka_unit_test(nothing_is_counted_where_nothing_is_shown),
        cmocka_unit_test(a_file_appears_when_it_is_complete),
        cmocka_unit_test(what_cannot_be_written_is_told),
        cmocka_unit_test(a_large_output_does_not_stay_in_memory),
        cmocka_unit_test(problems_name_their_place),
        cmocka_unit_test(every_default_is_a_value),
        cmocka_unit_test(values_are_read_and_refused),
        cmocka_unit_test(lists_keep_their_order),
        cmocka_unit_test(statuses_have_their_precedence),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
