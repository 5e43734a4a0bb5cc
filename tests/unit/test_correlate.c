/* Correlations on the cases of tests/cases/correlation: rules.yml on events.jsonl gives expect.json. */
#include "support/detecting.h"
#include "support/faults.h"
#include "support/files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* One alert as an object of expect.json. */
static enum nz_err write_alert(void *self, const struct nz_correlation_alert *a)
{
    struct nz_buf *out = self;
    nz_buf_append(out, out->n ? NZ_STR(",{\"rule\":") : NZ_STR("{\"rule\":"));
    nz_json_append_string(out, a->rule->key);
    nz_buf_append(out, NZ_STR(",\"group\":{"));
    for (size_t i = 0; i < a->group_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, a->group_names[i]);
        nz_buf_append_char(out, ':');
        nz_json_append_string(out, a->group_values[i]);
    }
    nz_buf_append(out, NZ_STR("},\"events\":["));
    for (size_t i = 0; i < a->event_ids_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, a->event_ids[i]);
    }
    nz_buf_append(out, NZ_STR("],\"count\":"));
    nz_buf_append_u64(out, a->count);
    nz_buf_append(out, NZ_STR(",\"first\":\""));
    nz_time_append(out, a->first);
    nz_buf_append(out, NZ_STR("\",\"last\":\""));
    nz_time_append(out, a->last);
    nz_buf_append(out, NZ_STR("\"}"));
    return nz_buf_status(out);
}

static struct nz_str case_read(const char *name, const char *file)
{
    char path[512];
    snprintf(path, sizeof path, "tests/cases/correlation/%s/%s", name, file);
    const char *found = nz_test_source(path);
    if (!found)
        fail_msg("no %s", path);
    return nz_test_read(found);
}

static void case_run(const char *name, size_t memory_bytes)
{
    struct nz_str rules = case_read(name, "rules.yml"), events = case_read(name, "events.jsonl"),
                  expect = case_read(name, "expect.json");
    struct nz_str path = nz_str_from_c(name);
    struct nz_ruleset *rs = nz_test_rules(&rules, &path, 1);
    struct nz_buf alerts, got, want;
    nz_buf_init(&alerts, 0);
    nz_buf_init(&got, 0);
    nz_buf_init(&want, 0);
    struct nz_test_detecting d = {.memory_bytes = memory_bytes, .alert = write_alert, .self = &alerts};
    assert_int_equal(nz_test_detect(&d, rs, events), NZ_OK);
    nz_buf_printf(&got, "{\"skipped\":%llu,\"alerts\":[", (unsigned long long)d.skipped);
    nz_buf_append(&got, nz_buf_view(&alerts));
    nz_buf_append(&got, NZ_STR("]}"));

    struct nz_json_doc doc;
    nz_json_doc_init(&doc);
    struct nz_json root;
    assert_int_equal(nz_json_parse(&doc, expect, &root, NULL), NZ_OK);
    nz_json_append_compact(root, &want);
    if (!nz_str_eq(nz_buf_view(&got), nz_buf_view(&want)))
        fail_msg("%s\n  got  %.*s\n  want %.*s", name, NZ_STR_ARG(nz_buf_view(&got)), NZ_STR_ARG(nz_buf_view(&want)));
    nz_json_doc_release(&doc);
    nz_buf_release(&alerts);
    nz_buf_release(&got);
    nz_buf_release(&want);
    nz_ruleset_free(rs);
    free((char *)(uintptr_t)rules.p);
    free((char *)(uintptr_t)events.p);
    free((char *)(uintptr_t)expect.p);
}

static void every_case_gives_what_it_says(void **state)
{
    (void)state;
    DIR *dir = opendir(nz_test_source("tests/cases/correlation"));
    assert_non_null(dir);
    size_t cases = 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        case_run(entry->d_name, 1 << 20);
        case_run(entry->d_name, 0); /* every entry through a file */
        cases++;
    }
    closedir(dir);
    assert_true(cases >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_gives_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
