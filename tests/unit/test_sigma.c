/* The Sigma language, case by case. A case is a folder tests/cases/sigma/<case>/ with
 *
 *   rule.yml       one or more documents
 *   events.jsonl   optional: one event a line
 *   placeholders   optional: NAME=VALUE,VALUE a line, for `expand`
 *   expect         one line each: what was refused or warned about (`refused CODE LINE:COLUMN text`), then for each
 *                  event the keys of the rules that match (`0: a b`), in order */
#include "sigma/ruleset.h"

#include "support/faults.h"
#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define PLACEHOLDERS_MAX 8u
#define VALUES_MAX 8u

struct sigma_case {
    const char *name;
    struct nz_str rule, events, placeholders, expect;
    struct nz_placeholder list[PLACEHOLDERS_MAX];
    struct nz_str values[PLACEHOLDERS_MAX][VALUES_MAX];
    size_t list_count;
    struct nz_buf out;
};

static void on_problem(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    struct sigma_case *c = self;
    assert_true(nz_str_eq(path, NZ_STR("rule.yml")));
    assert_true(nz_str_eq(diag->file, path));
    nz_buf_printf(&c->out, "%s %s %u:%u %s\n", warning ? "warning" : "refused", nz_err_name(diag->code), diag->line,
                  diag->column, diag->text);
}

static struct nz_str next_line(struct nz_str *rest)
{
    struct nz_str line = nz_str_head(*rest, nz_str_find(*rest, NZ_STR("\n")));
    *rest = nz_str_skip(*rest, line.n + 1);
    return line;
}

static void read_placeholders(struct sigma_case *c)
{
    struct nz_str rest = c->placeholders;
    while (rest.n) {
        struct nz_str line = next_line(&rest);
        struct nz_placeholder *p = &c->list[c->list_count];
        p->name = nz_str_head(line, nz_str_find(line, NZ_STR("=")));
        p->values = c->values[c->list_count++];
        line = nz_str_skip(line, p->name.n + 1);
        while (line.n) {
            struct nz_str value = nz_str_head(line, nz_str_find(line, NZ_STR(",")));
            c->values[p - c->list][p->count++] = value;
            line = nz_str_skip(line, value.n + 1);
        }
    }
}

static enum nz_err match_line(struct sigma_case *c, const struct nz_ruleset *rs, struct nz_matcher *m,
                              struct nz_json_doc *doc, struct nz_str line)
{
    struct nz_json root;
    struct nz_event ev;
    const uint32_t *hits;
    size_t count;
    enum nz_err err = nz_json_parse(doc, line, &root, NULL);
    if (err)
        return err;
    nz_event_from_json(root, &ev);
    err = nz_matcher_run(m, &ev, &hits, &count);
    if (!err) /* once more, now by what was remembered of its names */
        err = nz_matcher_run(m, &ev, &hits, &count);
    for (size_t i = 0; !err && i < count; i++) {
        assert_true(i == 0 || hits[i] > hits[i - 1]);
        nz_buf_printf(&c->out, " %.*s", NZ_STR_ARG(nz_ruleset_rule(rs, hits[i])->key));
    }
    nz_buf_append_char(&c->out, '\n');
    return err;
}

static enum nz_err match_all(struct sigma_case *c, const struct nz_ruleset *rs)
{
    struct nz_matcher *m;
    struct nz_json_doc doc;
    struct nz_str rest = c->events;
    enum nz_err err = nz_matcher_new(rs, &m);
    if (err)
        return err;
    nz_json_doc_init(&doc);
    for (unsigned number = 0; !err && rest.n; number++) {
        struct nz_str line = next_line(&rest);
        nz_buf_printf(&c->out, "%u:", number);
        err = match_line(c, rs, m, &doc, line);
    }
    nz_json_doc_release(&doc);
    nz_matcher_free(m);
    return err;
}

static enum nz_err run(struct sigma_case *c)
{
    struct nz_ruleset_opts opts = {.placeholders = c->list, .placeholders_count = c->list_count};
    struct nz_ruleset *rs;
    enum nz_err err = nz_ruleset_new(&opts, on_problem, c, &rs);
    if (err)
        return err;
    err = nz_ruleset_add(rs, NZ_STR("rule.yml"), c->rule);
    if (!err)
        err = nz_ruleset_compile(rs);
    if (!err)
        err = match_all(c, rs);
    nz_ruleset_free(rs);
    return err;
}

static struct nz_str read_optional(const char *folder, const char *name)
{
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, R_OK) == 0 ? nz_test_read(path) : nz_str_of(NULL, 0);
}

static size_t for_each_case(void (*visit)(struct sigma_case *c))
{
    char root[2048], folder[4096];
    const char *cases = nz_test_source("tests/cases/sigma");
    assert_non_null(cases);
    snprintf(root, sizeof root, "%s", cases);
    DIR *dir = opendir(root);
    size_t count = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(folder, sizeof folder, "%s/%s", root, e->d_name);
        struct sigma_case c = {.name = e->d_name};
        c.rule = read_optional(folder, "rule.yml");
        c.events = read_optional(folder, "events.jsonl");
        c.placeholders = read_optional(folder, "placeholders");
        c.expect = read_optional(folder, "expect");
        read_placeholders(&c);
        nz_buf_init(&c.out, 0);
        visit(&c);
        nz_buf_release(&c.out);
        free((void *)(uintptr_t)c.rule.p);
        free((void *)(uintptr_t)c.events.p);
        free((void *)(uintptr_t)c.placeholders.p);
        free((void *)(uintptr_t)c.expect.p);
        count++;
    }
    closedir(dir);
    return count;
}

static size_t failed;

static void visit_case(struct sigma_case *c)
{
    assert_non_null(c->rule.p);
    assert_true(c->expect.n > 0);
    assert_int_equal(run(c), NZ_OK);
    if (nz_str_eq(nz_buf_view(&c->out), c->expect))
        return;
    failed++;
    printf("--- %s: expected\n%.*s--- found\n%.*s", c->name, NZ_STR_ARG(c->expect), NZ_STR_ARG(nz_buf_view(&c->out)));
}

static void cases_hold(void **state)
{
    (void)state;
    assert_true(for_each_case(visit_case) > 40);
    assert_int_equal(failed, 0);
}

static void visit_faults(struct sigma_case *c)
{
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        nz_buf_release(&c->out);
        nz_buf_init(&c->out, 0);
        nz_buf_reserve(&c->out, 65536); /* what the test itself writes must not be what fails */
        nz_fault_arm(nth);
        enum nz_err err = run(c);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        /* PCRE2 goes on without its JIT when that finds no memory; then the verdicts must be the same */
        bool same = err == NZ_OK && nz_str_eq(nz_buf_view(&c->out), c->expect);
        nz_buf_release(&c->out);
        assert_int_equal(nz_live_allocations(), before);
        if (!same && (err != NZ_E_NOMEM || !fired))
            fail_msg("%s: allocation %u failed and %s came of it", c->name, nth, nz_err_name(err));
        if (!fired)
            break;
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for_each_case(visit_faults);
}

/* --- levels, readers, keys --- */

static struct nz_ruleset *load_only(const char *yaml, enum nz_level min_level, struct nz_str only)
{
    struct nz_ruleset_opts opts = {.min_level = min_level, .only = only};
    struct nz_ruleset *rs;
    assert_int_equal(nz_ruleset_new(&opts, NULL, NULL, &rs), NZ_OK);
    assert_int_equal(nz_ruleset_add(rs, NZ_STR("a.yml"), nz_str_from_c(yaml)), NZ_OK);
    assert_int_equal(nz_ruleset_compile(rs), NZ_OK);
    return rs;
}

static struct nz_ruleset *load(const char *yaml, enum nz_level min_level)
{
    return load_only(yaml, min_level, (struct nz_str){0});
}

#define RULE(name, level)                                                                                              \
    "---\ntitle: " name "\nname: " name "\nlevel: " level "\nlogsource: {product: aws}\n"                              \
    "detection: {s: {eventName: x}, condition: s}\n"
#define CORRELATION(name, level, rules, more)                                                                          \
    "---\ntitle: " name "\nname: " name "\nlevel: " level "\n"                                                         \
    "correlation: {type: event_count, rules: " rules ", timespan: 1m, condition: {gte: 2}" more "}\n"

static const struct nz_rule *rule_named(const struct nz_ruleset *rs, const char *name)
{
    for (size_t i = 0; i < nz_ruleset_count(rs); i++) {
        if (nz_str_eq(nz_ruleset_rule(rs, i)->key, nz_str_from_c(name)))
            return nz_ruleset_rule(rs, i);
    }
    fail_msg("no rule %s", name);
    return NULL;
}

static void expect_state(const struct nz_ruleset *rs, const char *name, bool runs, bool silent)
{
    const struct nz_rule *rule = rule_named(rs, name);
    if (rule->runs != runs || rule->silent != silent)
        fail_msg("%s: runs %d silent %d", name, rule->runs, rule->silent);
}

static void base_rules_are_silent(void **state)
{
    (void)state;
    struct nz_ruleset *rs =
        load(RULE("a", "high") RULE("b", "high") RULE("c", "low") RULE("d", "low")
                 CORRELATION("one", "high", "[a, b, c]", "") CORRELATION("two", "high", "[b]", ", generate: true"),
             NZ_LEVEL_MEDIUM);
    expect_state(rs, "a", true, true);
    expect_state(rs, "b", true, false); /* one reader that asks for it is enough */
    expect_state(rs, "c", true, true);  /* below the level, but read */
    expect_state(rs, "d", false, true);
    expect_state(rs, "one", true, false);
    nz_ruleset_free(rs);
}

static void unread_correlations_pull_nothing(void **state)
{
    (void)state;
    struct nz_ruleset *rs = load(RULE("a", "low") RULE("b", "low") CORRELATION("one", "low", "[a]", "")
                                     CORRELATION("two", "low", "[b]", "") CORRELATION("three", "high", "[two]", ""),
                                 NZ_LEVEL_HIGH);
    expect_state(rs, "one", false, true);
    expect_state(rs, "a", false, true);
    expect_state(rs, "three", true, false);
    expect_state(rs, "two", true, true); /* read by one that runs */
    expect_state(rs, "b", true, true);
    nz_ruleset_free(rs);
}

static void one_rule_is_tried_with_what_it_reads(void **state)
{
    (void)state;
    static const char yaml[] = RULE("a", "low") RULE("b", "high") CORRELATION("one", "low", "[a]", "");
    struct nz_ruleset *rs = load_only(yaml, NZ_LEVEL_CRITICAL, NZ_STR("one"));
    expect_state(rs, "one", true, false);
    expect_state(rs, "a", true, true);
    expect_state(rs, "b", false, true);
    nz_ruleset_free(rs);
    rs = load_only(yaml, NZ_LEVEL_CRITICAL, NZ_STR("a")); /* by its name, though it is a base rule */
    expect_state(rs, "one", false, true);
    expect_state(rs, "a", true, false);
    nz_ruleset_free(rs);
    rs = load_only(yaml, NZ_LEVEL_CRITICAL, NZ_STR("a.yml")); /* a file: what it gives by itself */
    expect_state(rs, "one", true, false);
    expect_state(rs, "a", true, true);
    expect_state(rs, "b", true, false);
    nz_ruleset_free(rs);
}

static void other_log_sources_load(void **state)
{
    (void)state;
    static const struct {
        const char *logsource;
        bool runs;
    } rows[] = {
        {"{product: aws, service: cloudtrail}", true},
        {"{product: AWS}", true},
        {"{service: cloudtrail}", true},
        {"{category: cloudtrail}", true},
        {"{product: windows}", false},
        {"{product: aws, service: guardduty}", false},
        {"{category: process_creation}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char yaml[256];
        snprintf(yaml, sizeof yaml, "title: t\nname: t\nlogsource: %s\ndetection: {s: {a: b}, condition: s}\n",
                 rows[i].logsource);
        struct nz_ruleset *rs = load(yaml, NZ_LEVEL_INFORMATIONAL);
        assert_int_equal(nz_ruleset_refused(rs), 0);
        expect_state(rs, "t", rows[i].runs, false);
        nz_ruleset_free(rs);
    }
}

static void keys_and_texts(void **state)
{
    (void)state;
    struct nz_ruleset *rs = load("title: no id\nlogsource: {product: aws}\ntags: [attack.t1, b.c]\nlevel: High\n"
                                 "detection: {s: {a: b}, condition: s}\n---\ntitle: z\nid: 0-1\nname: n\nstatus: test\n"
                                 "logsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n",
                                 NZ_LEVEL_INFORMATIONAL);
    assert_int_equal(nz_ruleset_count(rs), 2);
    const struct nz_rule *with_id = nz_ruleset_rule(rs, 0), *without = nz_ruleset_rule(rs, 1);
    assert_true(nz_str_eq(with_id->key, NZ_STR("0-1")));
    assert_int_equal(with_id->line, 7);
    assert_int_equal(with_id->level, NZ_LEVEL_INFORMATIONAL);
    assert_true(nz_str_eq(with_id->status, NZ_STR("test")));
    assert_true(nz_str_eq(without->key, NZ_STR("a.yml")));
    assert_null(without->id.p);
    assert_int_equal(without->level, NZ_LEVEL_HIGH);
    assert_int_equal(without->tags_count, 2);
    assert_true(nz_str_eq(without->tags[1], NZ_STR("b.c")));
    nz_ruleset_free(rs);
}

/* A `?` among thousands of equal letters, on a long text of that letter: the product of both would be minutes. */
static void long_patterns_give_up(void **state)
{
    struct nz_buf rule, event;
    (void)state;
    nz_buf_init(&rule, 0);
    nz_buf_init(&event, 0);
    nz_buf_append(&rule, NZ_STR("title: t\nlogsource: {product: aws}\ndetection: {s: {a: '*?"));
    nz_buf_append(&event, NZ_STR("{\"a\":\""));
    for (unsigned i = 0; i < 6000; i++)
        nz_buf_append_char(&rule, 'a');
    for (unsigned i = 0; i < 600000; i++)
        nz_buf_append_char(&event, 'a');
    nz_buf_append(&rule, NZ_STR("b*'}, condition: s}\n"));
    nz_buf_append(&event, NZ_STR("\"}"));
    nz_buf_append_char(&rule, '\0');
    assert_int_equal(nz_buf_status(&rule) | nz_buf_status(&event), NZ_OK);

    struct nz_ruleset *rs = load(rule.p, NZ_LEVEL_INFORMATIONAL);
    struct nz_matcher *m;
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_event ev;
    const uint32_t *hits;
    size_t count;
    nz_json_doc_init(&doc);
    assert_int_equal(nz_matcher_new(rs, &m), NZ_OK);
    assert_int_equal(nz_json_parse(&doc, nz_buf_view(&event), &root, NULL), NZ_OK);
    nz_event_from_json(root, &ev);
    assert_int_equal(nz_matcher_run(m, &ev, &hits, &count), NZ_OK);
    assert_int_equal(count, 0);
    assert_int_equal(nz_matcher_regex_limits(m), 1);
    nz_json_doc_release(&doc);
    nz_matcher_free(m);
    nz_ruleset_free(rs);
    nz_buf_release(&rule);
    nz_buf_release(&event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_hold),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(base_rules_are_silent),
        cmocka_unit_test(unread_correlations_pull_nothing),
        cmocka_unit_test(one_rule_is_tried_with_what_it_reads),
        cmocka_unit_test(other_log_sources_load),
        cmocka_unit_test(keys_and_texts),
        cmocka_unit_test(long_patterns_give_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
