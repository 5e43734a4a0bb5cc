#include "sigma/correlator.h"

#include <stdlib.h>

/* --- making --- */

/* A correlation stands one level above the highest correlation it reads; those come before it in the list. */
static enum nz_err levels_make(struct nz_correlator *c)
{
    c->level_of = NZ_ARENA_ARRAY(&c->keep, uint32_t, c->correlations_count);
    uint32_t *above = NZ_ARENA_ARRAY(&c->keep, uint32_t, nz_ruleset_count(c->rs)); /* of each rule: its level + 1 */
    if (!c->level_of || !above)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < c->correlations_count; i++) {
        const struct nz_correlation *cn = c->correlations[i];
        for (size_t r = 0; r < cn->rules_count; r++) {
            if (above[cn->rules[r]] > c->level_of[i])
                c->level_of[i] = above[cn->rules[r]];
        }
        above[cn->rule] = c->level_of[i] + 1;
        if (above[cn->rule] > c->levels_count)
            c->levels_count = above[cn->rule];
    }
    c->levels = NZ_ARENA_ARRAY(&c->keep, struct nz_correlator_level, c->levels_count);
    return c->levels ? NZ_OK : NZ_E_NOMEM;
}

/* Only temporal correlations look at the middle of a burst of another correlation. */
static bool is_temporal(const struct nz_correlation *cn)
{
    return cn->type == NZ_CORRELATION_TEMPORAL || cn->type == NZ_CORRELATION_TEMPORAL_ORDERED;
}

static bool has_temporal_reader(const struct nz_correlator *c, size_t index)
{
    const struct nz_correlator_source *s = c->sources[c->correlations[index]->rule];
    for (uint32_t i = 0; s && i < s->readings_count; i++) {
        if (is_temporal(c->correlations[s->readings[i].correlation]))
            return true;
    }
    return false;
}

static enum nz_err make(struct nz_correlator *c, size_t memory_bytes)
{
    c->sources = NZ_ARENA_ARRAY(&c->keep, struct nz_correlator_source *, nz_ruleset_count(c->rs));
    c->plans = NZ_ARENA_ARRAY(&c->keep, struct nz_burst_plan, c->correlations_count);
    if (!c->sources || !c->plans)
        return NZ_E_NOMEM;
    enum nz_err err = nz_correlator_sources_make(c);
    if (!err)
        err = levels_make(c);
    if (err)
        return err;
    for (size_t i = 0; i < c->correlations_count; i++) {
        c->plans[i] = nz_burst_plan(c->correlations[i]);
        c->plans[i].pulses = c->plans[i].pulses && has_temporal_reader(c, i);
    }
    /* alive at once, at most: the hits and alerts of each level, the alerts by time and the items of the level at work,
     * and the outcome, twice while it is sorted */
    c->spool_bytes = memory_bytes / (2 * c->levels_count + 4);
    for (size_t i = 0; i < c->levels_count && !err; i++)
        err = nz_spool_new(c->spool_bytes, &c->levels[i].hits);
    return err ? err : nz_spool_new(c->spool_bytes, &c->outcome);
}

enum nz_err nz_correlator_new(const struct nz_ruleset *rs, size_t memory_bytes, struct nz_correlator **out)
{
    *out = NULL;
    struct nz_correlator *c = calloc(1, sizeof *c);
    if (!c)
        return NZ_E_NOMEM;
    c->rs = rs;
    c->correlations_count = nz_ruleset_correlations(rs, &c->correlations);
    c->key = nz_fingerprint_key_new();
    nz_arena_init(&c->keep, 0);
    nz_buf_init(&c->work, 0);
    nz_buf_init(&c->group, 0);
    nz_buf_init(&c->values, 0);
    enum nz_err err = make(c, memory_bytes);
    if (err) {
        nz_correlator_free(c);
        return err;
    }
    *out = c;
    return NZ_OK;
}

void nz_correlator_free(struct nz_correlator *c)
{
    if (!c)
        return;
    for (size_t i = 0; c->levels && i < c->levels_count; i++) {
        nz_spool_free(c->levels[i].hits);
        nz_spool_free(c->levels[i].alerts);
    }
    nz_spool_free(c->outcome);
    nz_buf_release(&c->work);
    nz_buf_release(&c->group);
    nz_buf_release(&c->values);
    nz_arena_release(&c->keep);
    free(c);
}

uint64_t nz_correlator_skipped(const struct nz_correlator *c)
{
    return c->skipped;
}

uint64_t nz_correlator_early(const struct nz_correlator *c)
{
    return c->early;
}

/* --- taking hits --- */

enum nz_err nz_correlator_add(struct nz_correlator *c, struct nz_str entry, struct nz_diag *diag)
{
    struct nz_hit_reader reader = {.rest = entry};
    struct nz_hit_header h = nz_hit_header(&reader);
    if (reader.bad || h.rule >= nz_ruleset_count(c->rs) || !c->sources[h.rule])
        return nz_diag_set(diag, NZ_E_BUG, "an entry that no extraction made");
    if (h.flags & (NZ_HIT_NO_TIME | NZ_HIT_TOO_LARGE)) {
        c->skipped += c->sources[h.rule]->readings_count;
        return NZ_OK;
    }
    h.sequence = c->sequence++;
    nz_buf_clear(&c->work);
    nz_hit_put_header(&c->work, &h);
    nz_buf_append(&c->work, reader.rest);
    if (c->work.failed)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < c->levels_count; i++) {
        if (!nz_correlator_level_reads(c, c->sources[h.rule], i))
            continue;
        enum nz_err err = nz_spool_add(c->levels[i].hits, h.at_us, nz_buf_view(&c->work), diag);
        if (err)
            return err;
    }
    return NZ_OK;
}

/* --- finishing: a level's hits in order of time become items in order of groups --- */

/* Temporal correlations see an inner correlation whenever its condition holds, if that can be told; the others see it
 * once, when it is over. */
static bool takes(const struct nz_correlation *cn, uint32_t flags)
{
    if (flags & NZ_HIT_PULSE)
        return is_temporal(cn);
    return !(flags & NZ_HIT_HAD_PULSES) || !is_temporal(cn);
}

/* Where each column of a hit begins. */
static enum nz_err columns_find(struct nz_hit_reader *r, uint32_t count, struct nz_str *out)
{
    for (uint32_t i = 0; i < count; i++) {
        out[i] = r->rest;
        (void)nz_hit_texts(r, NULL, 0);
    }
    return r->bad ? NZ_E_BUG : NZ_OK;
}

/* The first text of a column; false when it has none. */
static bool column_first(const struct nz_str *columns, uint32_t column, struct nz_str *out)
{
    if (column == NZ_COLUMN_NONE)
        return false;
    struct nz_hit_reader r = {.rest = columns[column]};
    return nz_hit_texts(&r, out, 1) == 1;
}

/* Texts of several columns one after another, each with its length: equal only when all of them are. */
static bool texts_join(const struct nz_str *columns, const uint32_t *which, size_t count, struct nz_buf *out)
{
    nz_buf_clear(out);
    for (size_t i = 0; i < count; i++) {
        struct nz_str text;
        if (!column_first(columns, which[i], &text))
            return false;
        nz_hit_put_text(out, text);
    }
    return true;
}

static void put_fingerprint(struct nz_correlator *c, struct nz_str text)
{
    struct nz_fingerprint f = nz_fingerprint(&c->key, text);
    nz_buf_append(&c->values, nz_str_of((const char *)&f, sizeof f));
}

/* What the measure of the correlation needs of the hit, in c->values; false when the hit lacks it. */
static bool values_make(struct nz_correlator *c, const struct nz_correlation *cn,
                        const struct nz_correlator_reading *reading, const struct nz_str *columns)
{
    nz_buf_clear(&c->values);
    if (cn->fields_count == 0)
        return true;
    if (cn->fields_count > 1) {
        if (!texts_join(columns, reading->fields, cn->fields_count, &c->work))
            return false;
        put_fingerprint(c, nz_buf_view(&c->work));
        return true;
    }
    if (reading->fields[0] == NZ_COLUMN_NONE)
        return false;
    struct nz_hit_reader r = {.rest = columns[reading->fields[0]]};
    for (uint32_t left = nz_hit_u32(&r); left > 0 && !r.bad; left--) {
        struct nz_str text = nz_hit_text(&r);
        double number;
        if (cn->type == NZ_CORRELATION_VALUE_COUNT)
            put_fingerprint(c, text);
        else if (nz_hit_number(text, &number))
            nz_buf_append(&c->values, nz_str_of((const char *)&number, sizeof number));
    }
    return c->values.n > 0;
}

static enum nz_err hit_spread(struct nz_correlator *c, size_t level, struct nz_str bytes, struct nz_spool *items,
                              struct nz_diag *diag)
{
    struct nz_hit_reader r = {.rest = bytes};
    struct nz_hit_header h = nz_hit_header(&r);
    const struct nz_correlator_source *s = c->sources[h.rule];
    struct nz_correlator_item item = {.at_us = h.at_us,
                                      .start_us = h.start_us,
                                      .sequence = h.sequence,
                                      .rule = h.rule,
                                      .flags = h.flags,
                                      .ids = r.rest};
    (void)nz_hit_texts(&r, NULL, 0);
    item.ids.n -= r.rest.n;
    enum nz_err err = columns_find(&r, s->columns_count, c->columns);
    for (uint32_t i = 0; i < s->readings_count && !err; i++) {
        const struct nz_correlator_reading *reading = &s->readings[i];
        const struct nz_correlation *cn = c->correlations[reading->correlation];
        if (c->level_of[reading->correlation] != level || !takes(cn, h.flags))
            continue;
        bool complete = texts_join(c->columns, reading->group_by, cn->group_by_count, &c->group) &&
                        values_make(c, cn, reading, c->columns);
        if (c->group.failed || c->values.failed || c->work.failed)
            return NZ_E_NOMEM;
        if (!complete) {
            c->skipped++;
            continue;
        }
        item.correlation = reading->correlation;
        item.input = reading->input;
        item.group = nz_buf_view(&c->group);
        item.values = nz_buf_view(&c->values);
        err = nz_correlator_item_add(c, items, &item, diag);
    }
    return err;
}

/* Sorted reading of one spool, one entry ahead. */
struct ahead {
    struct nz_spool *spool; /* NULL: empty */
    bool more;
    int64_t key;
    struct nz_str bytes;
    uint64_t sequence;
};

static enum nz_err ahead_next(struct ahead *a, struct nz_diag *diag)
{
    a->more = false;
    enum nz_err err = a->spool ? nz_spool_next(a->spool, &a->more, &a->key, &a->bytes, diag) : NZ_OK;
    if (!err && a->more) {
        struct nz_hit_reader r = {.rest = a->bytes};
        a->sequence = nz_hit_header(&r).sequence;
    }
    return err;
}

static enum nz_err ahead_start(struct ahead *a, struct nz_spool *spool, struct nz_diag *diag)
{
    *a = (struct ahead){.spool = spool};
    enum nz_err err = spool ? nz_spool_rewind(spool, diag) : NZ_OK;
    return err ? err : ahead_next(a, diag);
}

/* Alerts stand in order of their place in the input; put into order of time, equal times keep that order. */
static enum nz_err by_time(const struct nz_correlator *c, struct nz_spool *alerts, struct nz_spool **out,
                           struct nz_diag *diag)
{
    struct ahead a;
    enum nz_err err = nz_spool_new(c->spool_bytes, out);
    if (!err)
        err = ahead_start(&a, alerts, diag);
    while (!err && a.more) {
        struct nz_hit_reader r = {.rest = a.bytes};
        err = nz_spool_add(*out, nz_hit_header(&r).at_us, a.bytes, diag);
        if (!err)
            err = ahead_next(&a, diag);
    }
    return err;
}

/* Merges hits and alerts by (time, place in the input); an alert comes after the hit that caused it. */
static enum nz_err level_spread(struct nz_correlator *c, size_t level, struct nz_spool *alerts, struct nz_spool *items,
                                struct nz_diag *diag)
{
    struct ahead hit, alert;
    enum nz_err err = ahead_start(&hit, c->levels[level].hits, diag);
    if (!err)
        err = ahead_start(&alert, alerts, diag);
    while (!err && (hit.more || alert.more)) {
        bool alert_first =
            !hit.more ||
            (alert.more && (alert.key < hit.key || (alert.key == hit.key && alert.sequence < hit.sequence)));
        struct ahead *first = alert_first ? &alert : &hit;
        err = hit_spread(c, level, first->bytes, items, diag);
        if (!err)
            err = ahead_next(first, diag);
    }
    return err;
}

static enum nz_err level_run(struct nz_correlator *c, size_t level, struct nz_diag *diag)
{
    struct nz_correlator_level *l = &c->levels[level];
    struct nz_spool *alerts = NULL, *items = NULL;
    enum nz_err err = l->alerts ? by_time(c, l->alerts, &alerts, diag) : NZ_OK;
    nz_spool_free(l->alerts);
    l->alerts = NULL;
    if (!err)
        err = nz_spool_new(c->spool_bytes, &items);
    if (!err)
        err = level_spread(c, level, alerts, items, diag);
    nz_spool_free(alerts);
    nz_spool_free(l->hits);
    l->hits = NULL;
    if (!err)
        err = nz_correlator_groups_run(c, items, diag);
    nz_spool_free(items);
    return err;
}

enum nz_err nz_correlator_finish(struct nz_correlator *c, nz_correlation_fn *alert, void *self, struct nz_diag *diag)
{
    for (size_t i = 0; i < c->levels_count; i++) {
        enum nz_err err = level_run(c, i, diag);
        if (err)
            return err;
    }
    return nz_correlator_outcome_give(c, alert, self, diag);
}
