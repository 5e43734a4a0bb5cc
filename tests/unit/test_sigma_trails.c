/* The rules of SigmaHQ for AWS over real trails and labelled attack logs: every pair of rule and event must be what an
 * independent evaluator found, in both directions. Skipped where the data is absent. */
#include "events/reader.h"
#include "sigma/ruleset.h"
#include "trail/source.h"
#include "trail/walk.h"

#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct run {
    struct nz_ruleset *rs;
    struct nz_matcher *m;
    struct nz_source *source;
    struct nz_buf scratch;
    char **lines; /* "rule\tevent" */
    size_t count, room;
    size_t refused;
};

static void add_line(struct run *r, struct nz_str rule, struct nz_str event)
{
    if (r->count == r->room) {
        r->room = r->room ? r->room * 2 : 1024;
        r->lines = realloc(r->lines, r->room * sizeof *r->lines);
        assert_non_null(r->lines);
    }
    char *line = malloc(rule.n + event.n + 2);
    assert_non_null(line);
    snprintf(line, rule.n + event.n + 2, "%.*s\t%.*s", NZ_STR_ARG(rule), NZ_STR_ARG(event));
    r->lines[r->count++] = line;
}

static enum nz_err on_read(void *self, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag)
{
    struct run *r = self;
    return nz_source_read(r->source, out, room_bytes, written, diag);
}

static enum nz_err on_event(void *self, const struct nz_event *ev, uint64_t record)
{
    struct run *r = self;
    const uint32_t *hits;
    size_t count;
    (void)record;
    enum nz_err err = nz_matcher_run(r->m, ev, &hits, &count);
    if (err || count == 0)
        return err;
    struct nz_event_summary s;
    nz_event_summarize(ev, &r->scratch, &s);
    for (size_t i = 0; i < count; i++)
        add_line(r, nz_ruleset_rule(r->rs, hits[i])->key, s.event_id);
    return nz_buf_status(&r->scratch);
}

static enum nz_err on_problem(void *self, const struct nz_diag *diag)
{
    (void)self;
    fail_msg("%s at %llu: %s", nz_err_name(diag->code), (unsigned long long)diag->offset, diag->text);
    return NZ_OK;
}

static const struct nz_event_reader_ops ops = {on_read, on_event, on_problem};

static void rule_problem(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    struct run *r = self;
    r->refused++;
    printf("%s %.*s:%u:%u %s %s\n", warning ? "warning" : "refused", NZ_STR_ARG(path), diag->line, diag->column,
           nz_err_name(diag->code), diag->text);
}

static void load_rules(struct run *r, const char *folder)
{
    struct nz_ruleset_opts opts = {0};
    char root[2048], path[4096];
    size_t files = 0;
    snprintf(root, sizeof root, "%s", folder);
    assert_int_equal(nz_ruleset_new(&opts, rule_problem, r, &r->rs), NZ_OK);
    DIR *dir = opendir(root);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        if (!nz_str_ends_with(nz_str_from_c(e->d_name), NZ_STR(".yml")))
            continue;
        snprintf(path, sizeof path, "%s/%s", root, e->d_name);
        struct nz_str text = nz_test_read(path);
        assert_int_equal(nz_ruleset_add(r->rs, nz_str_from_c(e->d_name), text), NZ_OK);
        free((void *)(uintptr_t)text.p);
        files++;
    }
    closedir(dir);
    assert_int_equal(nz_ruleset_compile(r->rs), NZ_OK);
    assert_int_equal(r->refused, 0);
    assert_int_equal(nz_ruleset_count(r->rs), files);
    assert_int_equal(files, 57);
}

static void scan(struct run *r, const char *folder)
{
    struct nz_event_reader *reader;
    struct nz_event_reader_stats stats;
    struct nz_walk *walk;
    const char *path;
    uint64_t size_bytes;
    assert_int_equal(nz_source_new(&r->source), NZ_OK);
    assert_int_equal(nz_event_reader_new(0, &reader), NZ_OK);
    assert_int_equal(nz_walk_new(&folder, 1, NULL, NULL, &walk), NZ_OK);
    while (nz_walk_next(walk, &path, &size_bytes) == NZ_OK && path) {
        const char *dot = strrchr(path, '.');
        if (!dot || (strcmp(dot, ".gz") != 0 && strcmp(dot, ".json") != 0))
            continue;
        assert_int_equal(nz_source_open(r->source, path, NULL), NZ_OK);
        assert_int_equal(nz_event_reader_run(reader, &ops, r, &stats), NZ_OK);
        nz_source_close(r->source);
    }
    nz_walk_free(walk);
    nz_event_reader_free(reader);
    nz_source_free(r->source);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t sort_unique(char **lines, size_t count)
{
    size_t kept = 0;
    if (count)
        qsort(lines, count, sizeof *lines, by_text);
    for (size_t i = 0; i < count; i++) {
        if (kept && strcmp(lines[kept - 1], lines[i]) == 0)
            free(lines[i]);
        else
            lines[kept++] = lines[i];
    }
    return kept;
}

/* rule_id, title, level, eventID; one heading */
static void read_expected(struct run *r, const char *path)
{
    struct nz_str text = nz_test_read(path), rest = text;
    rest = nz_str_skip(rest, nz_str_find(rest, NZ_STR("\n")) + 1);
    while (rest.n) {
        struct nz_str line = nz_str_head(rest, nz_str_find(rest, NZ_STR("\n")));
        rest = nz_str_skip(rest, line.n + 1);
        struct nz_str id = nz_str_head(line, nz_str_find(line, NZ_STR("\t")));
        for (int column = 0; column < 3; column++)
            line = nz_str_skip(line, nz_str_find(line, NZ_STR("\t")) + 1);
        add_line(r, id, nz_str_trim(line));
    }
    free((void *)(uintptr_t)text.p);
}

static size_t report_difference(struct run *got, struct run *expected)
{
    size_t i = 0, k = 0, differences = 0;
    while (i < got->count || k < expected->count) {
        int order = i == got->count ? 1 : k == expected->count ? -1 : strcmp(got->lines[i], expected->lines[k]);
        if (order)
            printf("%s %s\n",
                   order < 0 ? "only here: " : "only there:", order < 0 ? got->lines[i] : expected->lines[k]);
        differences += order != 0;
        i += order <= 0;
        k += order >= 0;
    }
    return differences;
}

static void release(struct run *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->lines[i]);
    free(r->lines);
    nz_matcher_free(r->m);
    nz_ruleset_free(r->rs);
    nz_buf_release(&r->scratch);
}

static void compare(const char *trail, const char *expect)
{
    struct run got = {0}, expected = {0};
    char folder[2048];
    const char *rules = nz_test_shared("data/sigma-aws");
    if (!rules)
        skip();
    load_rules(&got, rules);
    assert_int_equal(nz_matcher_new(got.rs, &got.m), NZ_OK);
    const char *found = nz_test_shared(trail);
    if (!found) {
        release(&got);
        skip();
    }
    snprintf(folder, sizeof folder, "%s", found);
    scan(&got, folder);
    found = nz_test_shared(expect);
    assert_non_null(found);
    read_expected(&expected, found);
    got.count = sort_unique(got.lines, got.count);
    expected.count = sort_unique(expected.lines, expected.count);
    assert_true(expected.count > 10);
    printf("%s: %zu pairs, %zu expected\n", trail, got.count, expected.count);
    assert_int_equal(report_difference(&got, &expected), 0);
    release(&got);
    release(&expected);
}

static void sans(void **state)
{
    (void)state;
    compare("data/trails/sans-504-s3-lab", "data/expect/sans-504-s3-lab.sigma-aws.tsv");
}

static void stratus(void **state)
{
    (void)state;
    compare("data/trails/stratus", "data/expect/stratus.sigma-aws.tsv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sans), cmocka_unit_test(stratus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
