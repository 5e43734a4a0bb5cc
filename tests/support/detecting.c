#include "support/detecting.h"

#include <stdio.h>
#include <stdlib.h>

static void problem(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    bool *failed = self;
    fprintf(stderr, "%.*s:%u:%u: %s: %s\n", NZ_STR_ARG(path), diag->line, diag->column, nz_err_text(diag->code),
            diag->text);
    *failed = *failed || !warning;
}

struct nz_ruleset *nz_test_rules(const struct nz_str *texts, const struct nz_str *paths, size_t count)
{
    struct nz_ruleset *rs = NULL;
    bool failed = false;
    enum nz_err err = nz_ruleset_new(&(struct nz_ruleset_opts){0}, problem, &failed, &rs);
    for (size_t i = 0; i < count && !err; i++)
        err = nz_ruleset_add(rs, paths[i], texts[i]);
    if (!err)
        err = nz_ruleset_compile(rs);
    if (err || failed)
        abort();
    return rs;
}

struct worker {
    struct nz_test_detecting *d;
    const struct nz_ruleset *rs;
    struct nz_matcher *matcher;
    struct nz_correlator *correlator;
    struct nz_json_doc doc;
    struct nz_buf scratch, entry;
};

static enum nz_err line_run(struct worker *w, struct nz_str line)
{
    struct nz_json root;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_json_parse(&w->doc, line, &root, &diag);
    if (err == NZ_E_NOMEM)
        return err;
    if (err)
        abort();
    struct nz_event ev;
    nz_event_from_json(root, &ev);
    const uint32_t *hits;
    size_t count = 0;
    err = nz_matcher_run(w->matcher, &ev, &hits, &count);
    for (size_t i = 0; i < count && !err; i++) {
        const struct nz_rule *rule = nz_ruleset_rule(w->rs, hits[i]);
        if (w->d->finding && rule->runs && !rule->silent)
            w->d->finding(w->d->self, rule);
        if (!nz_correlator_wants(w->correlator, hits[i]))
            continue;
        nz_buf_clear(&w->entry);
        err = nz_correlator_extract(w->correlator, hits[i], &ev, &w->scratch, &w->entry);
        if (!err)
            err = nz_correlator_add(w->correlator, nz_buf_view(&w->entry), &diag);
    }
    return err;
}

enum nz_err nz_test_detect(struct nz_test_detecting *d, const struct nz_ruleset *rs, struct nz_str jsonl)
{
    struct worker w = {.d = d, .rs = rs};
    nz_json_doc_init(&w.doc);
    nz_buf_init(&w.scratch, 0);
    nz_buf_init(&w.entry, 0);
    enum nz_err err = nz_matcher_new(rs, &w.matcher);
    if (!err)
        err = nz_correlator_new(rs, d->memory_bytes, &w.correlator);
    while (!err && jsonl.n) {
        const char *end = memchr(jsonl.p, '\n', jsonl.n);
        struct nz_str line = nz_str_head(jsonl, end ? (size_t)(end - jsonl.p) : jsonl.n);
        jsonl = nz_str_skip(jsonl, line.n + 1);
        if (line.n)
            err = line_run(&w, line);
    }
    struct nz_diag diag = NZ_DIAG_INIT;
    if (!err)
        err = nz_correlator_finish(w.correlator, d->alert, d->self, &diag);
    if (w.correlator)
        d->skipped = nz_correlator_skipped(w.correlator);
    nz_correlator_free(w.correlator);
    nz_matcher_free(w.matcher);
    nz_json_doc_release(&w.doc);
    nz_buf_release(&w.scratch);
    nz_buf_release(&w.entry);
    return err;
}
