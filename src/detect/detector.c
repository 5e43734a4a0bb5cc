#include "detect/detector.h"

#include "core/spool.h"
#include "core/time.h"
#include "detect/payload.h"
#include "detect/whos.h"
#include "sigma/correlate.h"

#include <stdlib.h>

/* A payload is a row of parts (texts as core/buf.h sizes them):
 *
 *   the event's part (detect/payload.h) | count of rules | rule … | count of correlation entries | entry …
 *
 * Where records are kept, the record's text stands before that; taking a payload drops the text when enough are kept.
 * In the spool the record's place stands before it: id, record, file, where a file without .p is that of the entry before.
 * In NZ_DETECTOR_SUMS there is no place but the id, and the event's part is a time and the number of who it was; 0: the texts
 * follow. */

struct nz_detector {
    const struct nz_ruleset *rules;
    bool japanese;
    struct nz_correlator *correlator;
    struct nz_spool *spool;
    struct nz_buf entry;
    enum nz_detector_form form;
    struct nz_buf file; /* of the entry taken last */
    struct nz_whos whos;
    uint32_t records_per_rule; /* 0: none are kept */
    uint32_t *records_kept;    /* by rule */
    struct nz_detector_stats stats;
};

struct nz_detector_worker {
    const struct nz_detector *detector;
    struct nz_matcher *matcher;
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
    nz_buf_init(&d->entry, 0);
    nz_buf_init(&d->file, 0);
    nz_whos_init(&d->whos);
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
    nz_buf_release(&d->entry);
    nz_buf_release(&d->file);
    nz_whos_release(&d->whos);
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
    enum nz_err err = nz_matcher_new(d->rules, &w->matcher);
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
    nz_json_append_compact(ev->root, &w->scratch);
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

enum nz_err nz_detector_run(struct nz_detector_worker *w, const struct nz_event *ev, struct nz_buf *payload)
{
    const uint32_t *hits;
    size_t count;
    enum nz_err err = nz_matcher_run(w->matcher, ev, &hits, &count);
    if (err != NZ_OK || count == 0)
        return err;
    if (w->detector->records_per_rule)
        put_record_text(w, ev, payload);
    nz_payload_put(w->detector->form, ev, &w->scratch, payload);
    size_t place = payload->n;
    uint32_t loud = 0;
    put_u32(payload, 0);
    for (size_t i = 0; i < count; i++) {
        const struct nz_rule *rule = nz_ruleset_rule(w->detector->rules, hits[i]);
        if (rule->runs && !rule->silent) {
            put_u32(payload, hits[i]);
            loud++;
        }
    }
    if (!payload->failed)
        memcpy(payload->p + place, &loud, sizeof loud);
    err = put_entries(w, ev, hits, count, payload);
    return err != NZ_OK ? err : nz_buf_status(payload);
}

/* --- reading back; we wrote it, so lengths are right --- */

static void get(struct nz_str *in, void *to, size_t bytes)
{
    memcpy(to, in->p, bytes);
    *in = nz_str_skip(*in, bytes);
}

static uint32_t get_u32(struct nz_str *in)
{
    uint32_t value;
    get(in, &value, sizeof value);
    return value;
}

/* Is there a rule among the record's that has not enough of them yet? Counts it for all of them then. */
static bool wants_record_text(struct nz_detector *d, struct nz_str event_and_rules)
{
    nz_payload_take(&event_and_rules);
    const uint32_t count = get_u32(&event_and_rules);
    bool wants = false;
    struct nz_str rules = event_and_rules;
    for (uint32_t i = 0; i < count && !wants; i++)
        wants = d->records_kept[get_u32(&rules)] < d->records_per_rule;
    for (uint32_t i = 0; i < count && wants; i++)
        d->records_kept[get_u32(&event_and_rules)]++;
    return wants;
}

/* The place of a record; most stand in the file of the one before. */
static void take_place(struct nz_detector *d, struct nz_str file, uint64_t record)
{
    const bool again = d->file.n && nz_str_eq(nz_buf_view(&d->file), file);
    nz_buf_append(&d->entry, nz_str_of((const char *)&record, sizeof record));
    nz_buf_append_sized(&d->entry, again ? (struct nz_str){NULL, 0} : file);
    if (again)
        return;
    nz_buf_clear(&d->file);
    nz_buf_append(&d->file, file);
    d->entry.failed = d->entry.failed || d->file.failed;
}

static enum nz_err take_sums(struct nz_detector *d, struct nz_str *payload)
{
    struct nz_str part = nz_payload_take(payload), who = nz_payload_who(part);
    uint32_t number;
    enum nz_err err = nz_whos_number(&d->whos, who, &number);
    nz_buf_append_sized(&d->entry, nz_payload_time(part));
    put_u32(&d->entry, number);
    if (number == 0)
        nz_buf_append_sized(&d->entry, who);
    return err;
}

enum nz_err nz_detector_take(struct nz_detector *d, struct nz_str file, uint64_t record, uint64_t id,
                             struct nz_str payload, struct nz_diag *diag)
{
    enum nz_err err = NZ_OK;
    nz_buf_clear(&d->entry);
    nz_buf_append(&d->entry, nz_str_of((const char *)&id, sizeof id));
    if (d->form == NZ_DETECTOR_SUMS)
        err = take_sums(d, &payload);
    else
        take_place(d, file, record);
    if (d->records_per_rule) {
        struct nz_str text = nz_sized_take(&payload);
        nz_buf_append_sized(&d->entry, wants_record_text(d, payload) ? text : (struct nz_str){NULL, 0});
    }
    nz_buf_append(&d->entry, payload);
    if (err != NZ_OK || d->entry.failed)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    return nz_spool_add(d->spool, 0, nz_buf_view(&d->entry), diag);
}

struct finish {
    struct nz_detector *d;
    const struct nz_detector_sink *sink;
    void *self;
    struct nz_buf first, last, file;
    struct nz_diag *diag;
};

/* The texts in Japanese if they are wanted and there. */
static struct nz_text_list list_of(const struct nz_detector *d, const struct nz_rule_texts *texts,
                                   const struct nz_rule_texts *japanese)
{
    if (d->japanese && japanese && japanese->count)
        texts = japanese;
    return (struct nz_text_list){texts->items, texts->count};
}

static void describe_rule(const struct nz_detector *d, struct nz_detection *out, const struct nz_rule *rule)
{
    out->rule_id = rule->key;
    out->rule_name = rule->name;
    out->title = d->japanese && rule->title_ja.n ? rule->title_ja : rule->title;
    out->level = nz_str_from_c(nz_level_name(rule->level));
    out->tags = rule->tags;
    out->tags_count = rule->tags_count;
    out->guide.description = d->japanese && rule->description_ja.n ? rule->description_ja : rule->description;
    out->guide.falsepositives = list_of(d, &rule->falsepositives, &rule->falsepositives_ja);
    out->guide.next_steps = list_of(d, &rule->next_steps, &rule->next_steps_ja);
    out->guide.references = list_of(d, &rule->references, NULL);
}

static enum nz_err give(struct finish *f, const struct nz_detection *out, enum nz_level level)
{
    if (f->sink->is_hidden && f->sink->is_hidden(f->self, out)) {
        f->d->stats.hidden++;
        return NZ_OK;
    }
    f->d->stats.findings++;
    return f->sink->finding(f->self, out, level);
}

static enum nz_err get_place(struct finish *f, struct nz_str *entry, struct nz_detection *out)
{
    get(entry, &out->record, sizeof out->record);
    struct nz_str file = nz_sized_take(entry);
    if (file.p) {
        nz_buf_clear(&f->file);
        nz_buf_append(&f->file, file);
    }
    out->file = nz_buf_view(&f->file);
    return nz_buf_status(&f->file);
}

static void get_sums(const struct nz_detector *d, struct nz_str *entry, struct nz_detection *out)
{
    struct nz_str time = nz_sized_take(entry);
    out->who = get_u32(entry);
    nz_payload_read_sums(time, out->who ? nz_whos_text(&d->whos, out->who) : nz_sized_take(entry), out);
}

static enum nz_err give_record(struct finish *f, struct nz_str entry)
{
    struct nz_detector *d = f->d;
    struct nz_detection out = {.kind = NZ_STR("sigma"), .record = UINT64_MAX};
    enum nz_err err = NZ_OK;
    uint64_t id;
    get(&entry, &id, sizeof id);
    if (d->form == NZ_DETECTOR_SUMS)
        get_sums(d, &entry, &out);
    else
        err = get_place(f, &entry, &out);
    if (d->records_per_rule)
        out.record_text = nz_sized_take(&entry);
    if (err != NZ_OK || (f->sink->is_replaced && f->sink->is_replaced(f->self, id)))
        return err;
    if (d->form != NZ_DETECTOR_SUMS)
        nz_payload_read(d->form, nz_payload_take(&entry), &out);

    uint32_t loud = get_u32(&entry);
    const uint64_t before = d->stats.findings;
    for (uint32_t i = 0; i < loud && err == NZ_OK; i++) {
        out.rule_number = get_u32(&entry);
        const struct nz_rule *rule = nz_ruleset_rule(d->rules, out.rule_number);
        describe_rule(d, &out, rule);
        err = give(f, &out, rule->level);
    }
    d->stats.records_hit += d->stats.findings > before;
    for (uint32_t left = err == NZ_OK ? get_u32(&entry) : 0; left > 0 && err == NZ_OK; left--)
        err = nz_correlator_add(d->correlator, nz_sized_take(&entry), f->diag);
    return err;
}

static enum nz_err give_alert(void *self, const struct nz_correlation_alert *alert)
{
    struct finish *f = self;
    struct nz_detection out = {.kind = NZ_STR("correlation"), .record = UINT64_MAX, .count = alert->count};
    describe_rule(f->d, &out, alert->rule);
    out.group_names = alert->group_names;
    out.group_values = alert->group_values;
    out.group_count = alert->group_count;
    out.event_ids = alert->event_ids;
    out.event_ids_count = alert->event_ids_count;
    nz_buf_clear(&f->first);
    nz_buf_clear(&f->last);
    nz_time_append(&f->first, alert->first);
    nz_time_append(&f->last, alert->last);
    if (f->first.failed || f->last.failed)
        return NZ_E_NOMEM;
    out.first_time = nz_buf_view(&f->first);
    out.last_time = nz_buf_view(&f->last);
    return give(f, &out, alert->rule->level);
}

enum nz_err nz_detector_finish(struct nz_detector *d, const struct nz_detector_sink *sink, void *self,
                               struct nz_diag *diag)
{
    struct finish f = {.d = d, .sink = sink, .self = self, .diag = diag};
    nz_buf_init(&f.first, 0);
    nz_buf_init(&f.last, 0);
    nz_buf_init(&f.file, 0);
    enum nz_err err = nz_spool_rewind(d->spool, diag);
    bool more = true;
    while (err == NZ_OK && more) {
        int64_t key;
        struct nz_str entry;
        err = nz_spool_next(d->spool, &more, &key, &entry, diag);
        if (err == NZ_OK && more)
            err = give_record(&f, entry);
    }
    if (err == NZ_OK)
        err = nz_correlator_finish(d->correlator, give_alert, &f, diag);
    d->stats.ungrouped = nz_correlator_skipped(d->correlator);
    d->stats.early = nz_correlator_early(d->correlator);
    nz_buf_release(&f.first);
    nz_buf_release(&f.last);
    nz_buf_release(&f.file);
    return err;
}
