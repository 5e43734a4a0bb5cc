/* The rule pack against its cases: tests/cases/rules/README.md says what they are. */
#include "support/detecting.h"
#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FILES_MAX 200
#define CASES_MAX 50

static char names[FILES_MAX][256]; /* of the files in rules/, without .yml */
static struct nz_str texts[FILES_MAX], paths[FILES_MAX];
static size_t files;
static struct nz_ruleset *pack;

static int cmp_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The entries of a folder under the source, sorted; those that end in `tail` if given, without it. */
static size_t list(const char *folder, const char *tail, char out[][256], size_t most)
{
    const char *path = nz_test_source(folder);
    DIR *dir = path ? opendir(path) : NULL;
    size_t count = 0;
    if (!dir)
        return 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        struct nz_str name = nz_str_from_c(entry->d_name), end = nz_str_from_c(tail);
        if (name.p[0] == '.' || !nz_str_ends_with(name, end))
            continue;
        assert_true(count < most);
        snprintf(out[count++], 256, "%.*s", (int)(name.n - end.n), name.p);
    }
    closedir(dir);
    qsort(out, count, 256, cmp_names);
    return count;
}

static int pack_load(void **state)
{
    (void)state;
    files = list("rules", ".yml", names, FILES_MAX);
    for (size_t i = 0; i < files; i++) {
        char path[512];
        snprintf(path, sizeof path, "rules/%s.yml", names[i]);
        texts[i] = nz_test_read(nz_test_source(path));
        paths[i] = nz_str_from_c(names[i]);
    }
    pack = nz_test_rules(texts, paths, files);
    return 0;
}

static int pack_unload(void **state)
{
    (void)state;
    nz_ruleset_free(pack);
    for (size_t i = 0; i < files; i++)
        free((char *)(uintptr_t)texts[i].p);
    return 0;
}

/* --- what fired --- */

struct fired {
    bool *rules; /* one a rule of the pack */
};

static void note(struct fired *f, const struct nz_rule *rule)
{
    for (size_t i = 0; i < nz_ruleset_count(pack); i++) {
        if (nz_ruleset_rule(pack, i) == rule)
            f->rules[i] = true;
    }
}

static void note_finding(void *self, const struct nz_rule *rule)
{
    note(self, rule);
}

static enum nz_err note_alert(void *self, const struct nz_correlation_alert *alert)
{
    note(self, alert->rule);
    return NZ_OK;
}

static struct nz_str case_file(const char *rule, const char *name, const char *file)
{
    char path[1024];
    snprintf(path, sizeof path, "tests/cases/rules/%.255s/%.255s/%s", rule, name, file);
    const char *found = nz_test_source(path);
    if (!found)
        fail_msg("no %s", path);
    return nz_test_read(found);
}

static bool says(struct nz_str expect, struct nz_str title)
{
    while (expect.n) {
        const char *end = memchr(expect.p, '\n', expect.n);
        struct nz_str line = nz_str_head(expect, end ? (size_t)(end - expect.p) : expect.n);
        if (nz_str_eq(line, title))
            return true;
        expect = nz_str_skip(expect, line.n + 1);
    }
    return false;
}

static size_t lines_of(struct nz_str text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    return lines;
}

/* In how many cases of its own file a rule fires, and in how many it does not. */
struct tried {
    size_t fires, silent;
};

/* Runs one case; adds to *own how many rules of its file fired, and counts for each of these where it did and did not. */
static void case_run(const char *rule, const char *name, size_t *own, struct tried *tried)
{
    struct nz_str events = case_file(rule, name, "events.jsonl"), expect = case_file(rule, name, "expect.txt");
    struct fired f = {calloc(nz_ruleset_count(pack), sizeof(bool))};
    assert_non_null(f.rules);
    struct nz_test_detecting d = {.memory_bytes = 1 << 20, .finding = note_finding, .alert = note_alert, .self = &f};
    assert_int_equal(nz_test_detect(&d, pack, events), NZ_OK);
    size_t fired = 0;
    for (size_t i = 0; i < nz_ruleset_count(pack); i++) {
        const struct nz_rule *r = nz_ruleset_rule(pack, i);
        if (f.rules[i] != says(expect, r->title))
            fail_msg("%s/%s: '%.*s' %s", rule, name, NZ_STR_ARG(r->title), f.rules[i] ? "fires" : "does not fire");
        fired += f.rules[i];
        if (!nz_str_eq(r->path, nz_str_from_c(rule)))
            continue;
        *own += f.rules[i];
        tried[i].fires += f.rules[i];
        tried[i].silent += !f.rules[i];
    }
    assert_int_equal(fired, lines_of(expect)); /* no line that names no rule */
    assert_true(lines_of(events) > 0);
    free(f.rules);
    free((char *)(uintptr_t)events.p);
    free((char *)(uintptr_t)expect.p);
}

static void is_tried_both_ways(const struct tried *tried)
{
    for (size_t i = 0; i < nz_ruleset_count(pack); i++) {
        const struct nz_rule *r = nz_ruleset_rule(pack, i);
        if (r->runs && !r->silent && (tried[i].fires == 0 || tried[i].silent == 0))
            fail_msg("%.*s: fires in %zu of its cases and not in %zu", NZ_STR_ARG(r->name), tried[i].fires,
                     tried[i].silent);
    }
}

static void every_rule_fires_where_it_should_and_nowhere_else(void **state)
{
    (void)state;
    static char cases[CASES_MAX][256];
    struct tried *tried = calloc(nz_ruleset_count(pack), sizeof *tried);
    assert_non_null(tried);
    assert_true(files >= 25);
    for (size_t i = 0; i < files; i++) {
        char folder[512];
        snprintf(folder, sizeof folder, "tests/cases/rules/%.255s", names[i]);
        size_t count = list(folder, "", cases, CASES_MAX), hits = 0, misses = 0;
        for (size_t k = 0; k < count; k++) {
            size_t own = 0;
            bool hit = strncmp(cases[k], "true", 4) == 0, miss = strncmp(cases[k], "false", 5) == 0;
            assert_true(hit || miss);
            case_run(names[i], cases[k], &own, tried);
            if ((own > 0) != hit)
                fail_msg("%s/%s: %zu rules of the file fire", names[i], cases[k], own);
            hits += hit;
            misses += miss;
        }
        if (hits == 0 || misses == 0)
            fail_msg("%s: %zu cases that fire, %zu near misses", names[i], hits, misses);
    }
    is_tried_both_ways(tried);
    free(tried);
}

static void no_case_is_left_over(void **state)
{
    (void)state;
    static char folders[FILES_MAX][256];
    size_t count = list("tests/cases/rules", "", folders, FILES_MAX), matched = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(folders[i], "README.md") == 0)
            continue;
        if (!bsearch(folders[i], names, files, sizeof names[0], cmp_names))
            fail_msg("tests/cases/rules/%s: no such file in rules/", folders[i]);
        matched++;
    }
    assert_int_equal(matched, files);
}

/* What a reader of a finding needs, and what keeps ids apart. */
static void every_rule_says_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < nz_ruleset_count(pack); i++) {
        const struct nz_rule *r = nz_ruleset_rule(pack, i);
        assert_int_equal(r->id.n, 36);
        assert_true(r->title.n > 0 && r->status.n > 0 && r->description.n > 0);
        assert_true(nz_str_eq(r->author, NZ_STR("nezuban")));
        assert_true(r->title_ja.n > 0 && (r->title_ja.p[0] & 0x80 || memchr(r->title_ja.p, ' ', r->title_ja.n)));
        assert_true(r->name.n > 0);
        if (!r->silent && r->runs) {
            assert_true(r->tags_count > 0 && r->level > NZ_LEVEL_INFORMATIONAL && r->references.count > 0);
            if (r->description_ja.n == 0 || r->falsepositives.count == 0)
                fail_msg("%.*s: no Japanese, or nothing harmless", NZ_STR_ARG(r->name));
            assert_true(r->falsepositives_ja.count == r->falsepositives.count);
        }
        for (size_t k = 0; k < i; k++) {
            assert_false(nz_str_eq(nz_ruleset_rule(pack, k)->id, r->id));
            assert_false(nz_str_eq(nz_ruleset_rule(pack, k)->title, r->title));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_fires_where_it_should_and_nowhere_else),
        cmocka_unit_test(no_case_is_left_over),
        cmocka_unit_test(every_rule_says_what_it_is),
    };
    return cmocka_run_group_tests(tests, pack_load, pack_unload);
}
