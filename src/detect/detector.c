#include "detect/detector_state.h"

#include <stdlib.h>

#define BATCH_BYTES ((size_t)48 << 10) /* of what was taken, before the spool gets it */

struct nz_detector_worker {
    const struct nz_detector *detector;
    struct nz_matcher *matcher;
    struct nz_sums_writer sums;
    struct nz_member_memo memo; /* of NZ_DETECTOR_JSON */
    uint32_t *loud;             /* of the rules that hit, those that give findings */
    struct nz_buf scratch, extracted;
};

enum nz_err nz_detector_new(const struct nz_ruleset *rules, size_t memory_bytes, bool japanese,
                            struct nz_detector **out)
{
    struct nz_detector *d = calloc(1, sizeof *d);
    *out = NULL;
    if (!d)
        return NZ_E_NOMEM;
    d->rules = rules;
    d->japanese = japanese;
    nz_buf_init(&d->batch, 0);
    nz_buf_init(&d->file, 0);
    nz_sums_kinds_init(&d->kinds);
    enum nz_err err = nz_spool_new(memory_bytes / 2, &d->spool);
    if (err == NZ_OK)
        err = nz_correlator_new(rules, memory_bytes / 2, &d->correlator);
    if (err != NZ_OK) {
        nz_detector_free(d);
        return err;
    }
    *out = d;
    return NZ_OK;
}

void nz_detector_free(struct nz_detector *d)
{
    if (!d)
        return;
    nz_correlator_free(d->correlator);
    nz_spool_free(d->spool);
    nz_buf_release(&d->batch);
    nz_buf_release(&d->file);
    nz_sums_kinds_release(&d->kinds);
    free(d->records_kept);
    free(d);
}

void nz_detector_set_form(struct nz_detector *d, enum nz_detector_form form)
{
    d->form = form;
}

enum nz_err nz_detector_keep_records(struct nz_detector *d, uint32_t per_rule)
{
    d->records_per_rule = per_rule;
    d->records_kept = calloc(nz_ruleset_count(d->rules) + 1, sizeof *d->records_kept);
    return d->records_kept ? NZ_OK : NZ_E_NOMEM;
}

enum nz_err nz_detector_worker_new(struct nz_detector *d, struct nz_detector_worker **out)
{
    struct nz_detector_worker *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w)
        return NZ_E_NOMEM;
    w->detector = d;
    nz_buf_init(&w->scratch, 0);
    nz_buf_init(&w->extracted, 0);
    w->loud = calloc(nz_ruleset_count(d->rules) + 1, sizeof *w->loud);
    enum nz_err err = w->loud ? nz_matcher_new(d->rules, &w->matcher) : NZ_E_NOMEM;
    if (err == NZ_OK && d->form == NZ_DETECTOR_SUMS)
        err = nz_sums_writer_init(&w->sums);
    if (err == NZ_OK && d->form == NZ_DETECTOR_JSON)
        err = nz_member_memo_init(&w->memo, NZ_PAYLOAD_MEMBERS);
    if (err != NZ_OK) {
        nz_detector_worker_free(w);
        return err;
    }
    *out = w;
    return NZ_OK;
}

void nz_detector_worker_free(struct nz_detector_worker *w)
{
    if (!w)
        return;
    nz_matcher_free(w->matcher);
    nz_sums_writer_release(&w->sums);
    nz_member_memo_release(&w->memo);
    free(w->loud);
    nz_buf_release(&w->scratch);
    nz_buf_release(&w->extracted);
    free(w);
}

const struct nz_detector_stats *nz_detector_stats(const struct nz_detector *d)
{
    return &d->stats;
}

uint64_t nz_detector_worker_regex_limits(const struct nz_detector_worker *w)
{
    return nz_matcher_regex_limits(w->matcher);
}

/* --- writing --- */

static void put_u32(struct nz_buf *out, uint32_t value)
{
    nz_buf_append(out, nz_str_of((const char *)&value, sizeof value));
}

/* A text like any other; absent unless records are kept. */
static void put_record_text(struct nz_detector_worker *w, const struct nz_event *ev, struct nz_buf *out)
{
    nz_buf_clear(&w->scratch);
    nz_json_append_compact(nz_event_root(ev), &w->scratch);
    nz_buf_append_sized(out, nz_str_head(nz_buf_view(&w->scratch), NZ_KEPT_RECORD_BYTES_MAX));
    out->failed = out->failed || w->scratch.failed;
}

static enum nz_err put_entries(struct nz_detector_worker *w, const struct nz_event *ev, const uint32_t *hits,
                               size_t count, struct nz_buf *out)
{
    const struct nz_correlator *correlator = w->detector->correlator;
    size_t place = out->n;
    uint32_t entries = 0;
    put_u32(out, 0);
    for (size_t i = 0; i < count; i++) {
        if (!nz_correlator_wants(correlator, hits[i]))
            continue;
        nz_buf_clear(&w->extracted);
        enum nz_err err = nz_correlator_extract(correlator, hits[i], ev, &w->scratch, &w->extracted);
        if (err == NZ_OK)
            err = nz_buf_status(&w->extracted);
        if (err != NZ_OK)
            return err;
        nz_buf_append_sized(out, nz_str_of(w->extracted.n ? w->extracted.p : "", w->extracted.n));
        entries++;
    }
    if (!out->failed)
        memcpy(out->p + place, &entries, sizeof entries);
    return NZ_OK;
}

/* Of the rules that hit, those that give findings. */
static uint32_t loud_of(struct nz_detector_worker *w, const uint32_t *hits, size_t count)
{
    uint32_t loud = 0;
    for (size_t i = 0; i < count; i++) {
        const struct nz_rule *rule = nz_ruleset_rule(w->detector->rules, hits[i]);
        if (rule->runs && !rule->silent)
            w->loud[loud++] = hits[i];
    }
    return loud;
}

enum nz_err nz_detector_run(struct nz_detector_worker *w, const struct nz_event *ev, struct nz_buf *payload)
{
    const uint32_t *hits;
    size_t count;
    enum nz_err err = nz_matcher_run(w->matcher, ev, &hits, &count);
    if (err != NZ_OK || count == 0)
        return err;
    const uint32_t loud = loud_of(w, hits, count);
    if (w->detector->records_per_rule)
        put_record_text(w, ev, payload);
    if (w->detector->form == NZ_DETECTOR_SUMS) {
        err = nz_sums_write(&w->sums, ev, w->loud, loud, &w->scratch, payload);
    } else {
        nz_payload_put(w->detector->form, ev, &w->memo, &w->scratch, payload);
        put_u32(payload, loud);
        nz_buf_append(payload, nz_str_of((const char *)w->loud, loud * sizeof *w->loud));
    }
    if (err == NZ_OK)
        err = put_entries(w, ev, hits, count, payload);
    return err != NZ_OK ? err : nz_buf_status(payload);
}

/* --- taking --- */

/* Is there a rule among the record's that has not enough of them yet? Counts it for all of them then. */
static bool wants_record_text(struct nz_detector *d, struct nz_str event_and_rules)
{
    nz_sized_take(&event_and_rules);
    const uint32_t count = nz_detector_get_u32(&event_and_rules);
    bool wants = false;
    struct nz_str rules = event_and_rules;
    for (uint32_t i = 0; i < count && !wants; i++)
        wants = d->records_kept[nz_detector_get_u32(&rules)] < d->records_per_rule;
    for (uint32_t i = 0; i < count && wants; i++)
        d->records_kept[nz_detector_get_u32(&event_and_rules)]++;
    return wants;
}

/* The place of a record; most stand in the file of the one before. */
static void take_place(struct nz_detector *d, struct nz_str file, uint64_t record)
{
    const bool again = d->file.n && nz_str_eq(nz_buf_view(&d->file), file);
    nz_buf_append(&d->batch, nz_str_of((const char *)&record, sizeof record));
    nz_buf_append_sized(&d->batch, again ? (struct nz_str){NULL, 0} : file);
    if (again)
        return;
    nz_buf_clear(&d->file);
    nz_buf_append(&d->file, file);
    d->batch.failed = d->batch.failed || d->file.failed;
}

enum nz_err nz_detector_flush(struct nz_detector *d, struct nz_diag *diag)
{
    if (d->batch.failed)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    if (d->batch.n == 0)
        return NZ_OK;
    enum nz_err err = nz_spool_add(d->spool, 0, nz_buf_view(&d->batch), diag);
    nz_buf_clear(&d->batch);
    return err;
}

static enum nz_err put_taken(struct nz_detector *d, struct nz_str file, uint64_t record, uint64_t id,
                             struct nz_str payload)
{
    enum nz_err err = NZ_OK;
    const size_t begin = nz_sized_begin(&d->batch);
    nz_buf_append(&d->batch, nz_str_of((const char *)&id, sizeof id));
    if (d->form == NZ_DETECTOR_SUMS)
        err = nz_sums_take(&d->kinds, &payload, &d->batch);
    else
        take_place(d, file, record);
    if (d->records_per_rule) {
        struct nz_str text = nz_sized_take(&payload);
        nz_buf_append_sized(&d->batch, wants_record_text(d, payload) ? text : (struct nz_str){NULL, 0});
    }
    nz_buf_append(&d->batch, payload);
    nz_sized_end(&d->batch, begin);
    return err != NZ_OK ? err : nz_buf_status(&d->batch);
}

enum nz_err nz_detector_take(struct nz_detector *d, struct nz_str file, uint64_t record, uint64_t id,
                             struct nz_str payload, struct nz_diag *diag)
{
    if (d->form == NZ_DETECTOR_SUMS && nz_sums_take_known(payload, id, &d->batch))
        return d->batch.n < BATCH_BYTES ? NZ_OK : nz_detector_flush(d, diag);
    /* a large one is an entry of the spool by itself */
    enum nz_err err = payload.n < BATCH_BYTES ? NZ_OK : nz_detector_flush(d, diag);
    if (err != NZ_OK)
        return err;
    if (put_taken(d, file, record, id, payload) != NZ_OK)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    return d->batch.n < BATCH_BYTES ? NZ_OK : nz_detector_flush(d, diag);
}
