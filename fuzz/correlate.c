/* targets: nz_correlator_new, _extract, _add, _finish, on whatever correlations parse   seeds: fuzz/corpus/correlate
 * Input: YAML of correlations over the rules a, b and c, a NUL, then two bytes an event: seconds since the one before,
 * and which rule, user and value. What is said of an alert must hold of every alert. */
#include "sigma/correlate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define EVENTS_MAX 400u
#define RULE(name)                                                                                                     \
    "---\ntitle: rule " name "\nid: " name "\nlogsource: {product: aws, service: cloudtrail}\n"                        \
    "detection: {s: {eventName: " name "}, condition: s}\n"

static void ignore(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    (void)self;
    (void)warning;
    (void)path;
    (void)diag;
}

struct previous {
    const struct nz_rule *rule;
    nz_time first;
    uint64_t alerts;
};

static enum nz_err look(void *self, const struct nz_correlation_alert *a)
{
    struct previous *before = self;
    if (a->rule->kind != NZ_RULE_CORRELATION || a->rule->silent || !a->rule->runs)
        abort();
    if (a->first.us > a->last.us || a->event_ids_count > NZ_CORRELATION_IDS_MAX || a->count > EVENTS_MAX)
        abort();
    /* order: rule key, then first time */
    if (before->rule && before->rule != a->rule && nz_str_cmp(before->rule->key, a->rule->key) > 0)
        abort();
    if (before->rule == a->rule && before->first.us > a->first.us)
        abort();
    for (size_t i = 0; i < a->group_count; i++) {
        if (a->group_names[i].n == 0 || nz_utf8_valid_bytes(a->group_values[i]) != a->group_values[i].n)
            abort();
    }
    for (size_t i = 0; i < a->event_ids_count; i++) {
        if (a->event_ids[i].n == 0)
            abort();
    }
    before->rule = a->rule;
    before->first = a->first;
    before->alerts++;
    return NZ_OK;
}

static void event_text(struct nz_buf *out, unsigned i, unsigned second, uint8_t what)
{
    nz_buf_clear(out);
    nz_buf_printf(out, "{\"eventID\":\"e%u\",\"eventTime\":\"2026-11-17T%02u:%02u:%02uZ\",\"eventName\":\"%c\"", i,
                  second / 3600 % 24, second / 60 % 60, second % 60, 'a' + what % 3);
    if (what & 0x80)
        nz_buf_printf(out, ",\"u\":\"%u\"", what >> 2 & 1);
    if (what & 0x40)
        nz_buf_printf(out, ",\"v\":[%u,null]", what >> 3 & 7);
    nz_buf_append_char(out, '}');
}

static enum nz_err run_event(const struct nz_ruleset *rs, struct nz_matcher *m, struct nz_correlator *c,
                             struct nz_str text, struct nz_buf *scratch, struct nz_buf *entry)
{
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_event ev;
    const uint32_t *hits;
    size_t count = 0;
    nz_json_doc_init(&doc);
    if (nz_json_parse(&doc, text, &root, NULL) != NZ_OK)
        abort();
    nz_event_from_json(root, &ev);
    enum nz_err err = nz_matcher_run(m, &ev, &hits, &count);
    for (size_t i = 0; i < count && !err; i++) {
        if (nz_ruleset_rule(rs, hits[i])->kind != NZ_RULE_DETECTION)
            abort();
        if (!nz_correlator_wants(c, hits[i]))
            continue;
        nz_buf_clear(entry);
        err = nz_correlator_extract(c, hits[i], &ev, scratch, entry);
        if (!err)
            err = nz_correlator_add(c, nz_buf_view(entry), NULL);
    }
    nz_json_doc_release(&doc);
    return err;
}

static void run(const struct nz_ruleset *rs, const uint8_t *p, size_t n)
{
    struct nz_matcher *m = NULL;
    struct nz_correlator *c = NULL;
    struct nz_buf text, scratch, entry;
    nz_buf_init(&text, 0);
    nz_buf_init(&scratch, 0);
    nz_buf_init(&entry, 0);
    enum nz_err err = nz_matcher_new(rs, &m);
    if (!err)
        err = nz_correlator_new(rs, 1 << 16, &c);
    unsigned second = 0;
    for (unsigned i = 0; i < n / 2 && i < EVENTS_MAX && !err; i++) {
        second += p[2 * i];
        event_text(&text, i, second, p[2 * i + 1]);
        err = run_event(rs, m, c, nz_buf_view(&text), &scratch, &entry);
    }
    struct previous before = {0};
    if (!err)
        err = nz_correlator_finish(c, look, &before, NULL);
    if (err && err != NZ_E_NOMEM)
        abort();
    nz_correlator_free(c);
    nz_matcher_free(m);
    nz_buf_release(&text);
    nz_buf_release(&scratch);
    nz_buf_release(&entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const char base[] = RULE("a") RULE("b") RULE("c");
    const uint8_t *end = n ? memchr(p, 0, n) : NULL;
    size_t yaml_bytes = end ? (size_t)(end - p) : n;
    struct nz_ruleset *rs = NULL;
    enum nz_err err = nz_ruleset_new(&(struct nz_ruleset_opts){0}, ignore, NULL, &rs);
    if (!err)
        err = nz_ruleset_add(rs, NZ_STR("base"), nz_str_from_c(base));
    if (!err)
        err = nz_ruleset_add(rs, NZ_STR("input"), nz_str_of((const char *)p, yaml_bytes));
    if (!err)
        err = nz_ruleset_compile(rs);
    if (!err && end)
        run(rs, end + 1, n - yaml_bytes - 1);
    nz_ruleset_free(rs);
    return 0;
}
