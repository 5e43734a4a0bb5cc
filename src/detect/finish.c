/* From what was kept to findings. */
#include "detect/detector_state.h"

#include "core/time.h"

#include <stdlib.h>

struct finish {
    struct nz_detector *d;
    const struct nz_detector_sink *sink;
    void *self;
    uint8_t *given; /* of each pair of a rule and who it was: a finding of it was given out */
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
    nz_detector_get(entry, &out->record, sizeof out->record);
    struct nz_str file = nz_sized_take(entry);
    if (file.p) {
        nz_buf_clear(&f->file);
        nz_buf_append(&f->file, file);
    }
    out->file = nz_buf_view(&f->file);
    return nz_buf_status(&f->file);
}

/* The name of the file counts for the entries behind, though this one does not. */
static enum nz_err pass_place(struct finish *f, struct nz_str entry)
{
    struct nz_detection none;
    return get_place(f, &entry, &none);
}

static enum nz_err give_rule(struct finish *f, struct nz_detection *out, uint32_t rule_number)
{
    const struct nz_rule *rule = nz_ruleset_rule(f->d->rules, rule_number);
    out->rule_number = rule_number;
    describe_rule(f->d, out, rule);
    return give(f, out, rule->level);
}

/* *rest: what stands behind the rules. */
static enum nz_err give_texts(struct finish *f, struct nz_str entry, struct nz_str *rest)
{
    struct nz_detection out = {.kind = NZ_STR("sigma")};
    enum nz_err err = get_place(f, &entry, &out);
    if (f->d->records_per_rule)
        out.record_text = nz_sized_take(&entry);
    nz_payload_read(f->d->form, nz_sized_take(&entry), &out);
    const uint32_t loud = nz_detector_get_u32(&entry);
    for (uint32_t i = 0; i < loud && err == NZ_OK; i++)
        err = give_rule(f, &out, nz_detector_get_u32(&entry));
    *rest = entry;
    return err;
}

/* --- NZ_DETECTOR_SUMS --- */

/* Numbers the pairs of a rule and who it was, which are what sums are made of: from the note of a kind on, one for each of its
 * rules. 0: it has none, because there are too many. */
static enum nz_err number_pairs(struct finish *f)
{
    struct nz_interner *kinds = &f->d->kinds.kinds;
    uint32_t next = 1;
    for (size_t i = 0; i < kinds->count; i++) {
        const uint32_t rules = nz_sums_rules_of(kinds->all[i]);
        kinds->all[i]->note = rules <= NZ_DETECTION_PAIRS_MAX - (next - 1) ? next : 0;
        next += kinds->all[i]->note ? rules : 0;
    }
    f->given = calloc(next, sizeof *f->given);
    return f->given ? NZ_OK : NZ_E_NOMEM;
}

/* The first finding of a pair, or one that must be looked at by itself. */
static enum nz_err give_sum(struct finish *f, const struct nz_sums_hit *hit, uint32_t rule_number, uint32_t pair)
{
    struct nz_str who = hit->who;
    struct nz_detection out = {.kind = NZ_STR("sigma"), .record = UINT64_MAX, .pair = pair};
    out.has_time = hit->time_us != NZ_SUMS_NO_TIME;
    out.time = (nz_time){out.has_time ? hit->time_us : 0};
    out.actor = nz_sized_take(&who);
    out.source_ip = nz_sized_take(&who);
    out.region = nz_sized_take(&who);
    const uint64_t before = f->d->stats.findings;
    enum nz_err err = give_rule(f, &out, rule_number);
    f->given[pair] = pair && f->sink->again && f->d->stats.findings > before;
    return err;
}

static enum nz_err give_sums(struct finish *f, struct nz_str entry, struct nz_str *rest)
{
    struct nz_sums_hit hit;
    nz_sums_read(&f->d->kinds, &entry, &hit);
    *rest = entry;
    const nz_time time = {hit.time_us};
    const uint32_t from = hit.kind ? hit.kind->note : 0;
    enum nz_err err = NZ_OK;
    for (uint32_t i = 0; i < hit.rules_count && err == NZ_OK; i++) {
        const uint32_t rule = nz_detector_get_u32(&hit.rules), pair = from ? from + i : 0;
        if (!f->given[pair]) {
            err = give_sum(f, &hit, rule, pair);
            continue;
        }
        f->d->stats.findings++;
        f->sink->again(f->self, pair, hit.time_us == NZ_SUMS_NO_TIME ? NULL : &time);
    }
    return err;
}

/* --- all of them --- */

static enum nz_err give_record(struct finish *f, struct nz_str entry)
{
    struct nz_detector *d = f->d;
    uint64_t id;
    nz_detector_get(&entry, &id, sizeof id);
    if (f->sink->is_replaced && f->sink->is_replaced(f->self, id))
        return d->form == NZ_DETECTOR_SUMS ? NZ_OK : pass_place(f, entry);
    const uint64_t before = d->stats.findings;
    struct nz_str rest;
    enum nz_err err = d->form == NZ_DETECTOR_SUMS ? give_sums(f, entry, &rest) : give_texts(f, entry, &rest);
    d->stats.records_hit += d->stats.findings > before;
    for (uint32_t left = err == NZ_OK ? nz_detector_get_u32(&rest) : 0; left > 0 && err == NZ_OK; left--)
        err = nz_correlator_add(d->correlator, nz_sized_take(&rest), f->diag);
    return err;
}

static enum nz_err give_batch(struct finish *f, struct nz_str batch)
{
    enum nz_err err = NZ_OK;
    while (batch.n && err == NZ_OK)
        err = give_record(f, nz_sized_take(&batch));
    return err;
}

static enum nz_err give_all(struct finish *f)
{
    enum nz_err err = nz_detector_flush(f->d, f->diag);
    if (err == NZ_OK)
        err = nz_spool_rewind(f->d->spool, f->diag);
    for (bool more = true; err == NZ_OK && more;) {
        int64_t key;
        struct nz_str batch;
        err = nz_spool_next(f->d->spool, &more, &key, &batch, f->diag);
        if (err == NZ_OK && more)
            err = give_batch(f, batch);
    }
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
    enum nz_err err = number_pairs(&f);
    if (err == NZ_OK)
        err = give_all(&f);
    if (err == NZ_OK)
        err = nz_correlator_finish(d->correlator, give_alert, &f, diag);
    d->stats.ungrouped = nz_correlator_skipped(d->correlator);
    d->stats.early = nz_correlator_early(d->correlator);
    nz_buf_release(&f.first);
    nz_buf_release(&f.last);
    nz_buf_release(&f.file);
    free(f.given);
    return err;
}
