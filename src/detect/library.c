/* The public face of detect: include/nezuban/detect.h. */
#include "nezuban/detect.h"

#include "detect/builtin.h"
#include "detect/detector.h"
#include "events/reader.h"

#include <stdio.h>
#include <stdlib.h>

#define MEMORY_BYTES ((size_t)16 << 20)

struct nz_library_detector {
    struct nz_ruleset *rules;
    struct nz_detector *detector;
    struct nz_detector_worker *worker;
    struct nz_event_reader *reader;
    struct nz_buf payload, line;
    char *why;
    size_t why_bytes;
    /* while feeding */
    struct nz_str name, text;
    uint64_t skipped;
    nz_library_finding_fn *finding;
    void *self;
};

static void on_rule_problem(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    struct nz_library_detector *d = self;
    (void)path;
    if (!warning && d->why_bytes && !d->why[0])
        snprintf(d->why, d->why_bytes, "line %u: %s: %s", diag->line, nz_err_text(diag->code), diag->text);
}

static enum nz_err load_rules(struct nz_library_detector *d, struct nz_str given)
{
    const struct nz_ruleset_opts opts = {.min_level = NZ_LEVEL_INFORMATIONAL};
    enum nz_err err = nz_ruleset_new(&opts, on_rule_problem, d, &d->rules);
    if (err == NZ_OK && given.p)
        err = nz_ruleset_add(d->rules, NZ_STR("rules"), given);
    for (size_t i = 0; err == NZ_OK && !given.p && i < nz_builtin_rules_count; i++)
        err = nz_ruleset_add(d->rules, nz_builtin_rules[i].path, nz_builtin_rules[i].text);
    return err == NZ_OK ? nz_ruleset_compile(d->rules) : err;
}

int nz_library_detector_new(const char *rules, size_t rules_bytes, struct nz_library_detector **out, char *why,
                            size_t why_bytes)
{
    struct nz_library_detector *d = calloc(1, sizeof *d);
    *out = NULL;
    if (why_bytes)
        why[0] = '\0';
    if (!d)
        return NZ_E_NOMEM;
    d->why = why;
    d->why_bytes = why_bytes;
    nz_buf_init(&d->payload, 0);
    nz_buf_init(&d->line, 0);
    enum nz_err err = load_rules(d, nz_str_of(rules, rules ? rules_bytes : 0));
    if (err == NZ_OK)
        err = nz_detector_new(d->rules, MEMORY_BYTES, false, &d->detector);
    if (err == NZ_OK)
        err = nz_detector_worker_new(d->detector, &d->worker);
    if (err == NZ_OK)
        err = nz_event_reader_new(0, &d->reader);
    d->why = NULL; /* the caller's, and only for this call */
    d->why_bytes = 0;
    if (err != NZ_OK) {
        if (why_bytes)
            snprintf(why, why_bytes, "%s", nz_err_text(err));
        nz_library_detector_free(d);
        return (int)err;
    }
    *out = d;
    return 0;
}

void nz_library_detector_free(struct nz_library_detector *d)
{
    if (!d)
        return;
    nz_event_reader_free(d->reader);
    nz_detector_worker_free(d->worker);
    nz_detector_free(d->detector);
    nz_ruleset_free(d->rules);
    nz_buf_release(&d->payload);
    nz_buf_release(&d->line);
    free(d);
}

size_t nz_library_detector_refused(const struct nz_library_detector *d)
{
    return nz_ruleset_refused(d->rules);
}

uint64_t nz_library_detector_skipped(const struct nz_library_detector *d)
{
    return d->skipped;
}

/* --- feeding --- */

static enum nz_err on_read(void *self, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag)
{
    struct nz_library_detector *d = self;
    (void)diag;
    *written = d->text.n < room_bytes ? d->text.n : room_bytes;
    if (*written)
        memcpy(out, d->text.p, *written);
    d->text = nz_str_skip(d->text, *written);
    return NZ_OK;
}

static enum nz_err on_event(void *self, const struct nz_event *ev, uint64_t record)
{
    struct nz_library_detector *d = self;
    nz_buf_clear(&d->payload);
    enum nz_err err = nz_detector_run(d->worker, ev, &d->payload);
    if (err != NZ_OK || d->payload.n == 0)
        return err;
    return nz_detector_take(d->detector, d->name, record, 0, nz_buf_view(&d->payload), NULL);
}

static enum nz_err on_problem(void *self, const struct nz_diag *diag)
{
    (void)diag;
    ((struct nz_library_detector *)self)->skipped++;
    return NZ_OK;
}

int nz_library_detector_feed(struct nz_library_detector *d, const char *name, const char *text, size_t bytes)
{
    static const struct nz_event_reader_ops ops = {on_read, on_event, on_problem};
    struct nz_event_reader_stats stats;
    d->name = nz_str_from_c(name);
    d->text = nz_str_of(text, bytes);
    return (int)nz_event_reader_run(d->reader, &ops, d, &stats);
}

static enum nz_err on_finding(void *self, const struct nz_detection *finding, enum nz_level level)
{
    struct nz_library_detector *d = self;
    (void)level;
    nz_buf_clear(&d->line);
    nz_detection_append_json(&d->line, finding);
    if (d->line.failed)
        return NZ_E_NOMEM;
    d->finding(d->self, d->line.p, d->line.n);
    return NZ_OK;
}

int nz_library_detector_finish(struct nz_library_detector *d, nz_library_finding_fn *finding, void *self)
{
    static const struct nz_detector_sink sink = {.finding = on_finding};
    d->finding = finding;
    d->self = self;
    return (int)nz_detector_finish(d->detector, &sink, d, NULL);
}
