/* What becomes of alerts: they go up to the correlations that read them, and out, sorted. */
#include "sigma/correlator.h"

#include <stdlib.h>

static void put_ids(const struct nz_idlog *ids, struct nz_buf *out)
{
    nz_hit_put_u32(out, (uint32_t)ids->count);
    size_t at = 0;
    int64_t at_us;
    struct nz_str id;
    while (nz_idlog_next(ids, &at, &at_us, &id))
        nz_hit_put_text(out, id);
}

/* The value of a group field by its name; false when the correlation does not group by it. */
static bool group_value(const struct nz_correlation *cn, struct nz_str group, struct nz_str name, struct nz_str *out)
{
    struct nz_hit_reader r = {.rest = group};
    for (size_t i = 0; i < cn->group_by_count; i++) {
        *out = nz_hit_text(&r);
        if (nz_str_eq(cn->group_by[i].name, name))
            return !r.bad;
    }
    return false;
}

/* To other correlations an alert is an event that has its group fields and nothing else. */
static enum nz_err send_up(struct nz_correlator *c, uint32_t correlation, struct nz_str group, uint64_t sequence,
                           const struct nz_burst_alert *alert, struct nz_diag *diag)
{
    const struct nz_correlation *cn = c->correlations[correlation];
    const struct nz_correlator_source *s = c->sources[cn->rule];
    struct nz_hit_header h = {
        .at_us = alert->last_us, .start_us = alert->first_us, .sequence = sequence, .rule = cn->rule};
    h.flags = alert->pulse ? NZ_HIT_PULSE : NZ_HIT_ALERT | (c->plans[correlation].pulses ? NZ_HIT_HAD_PULSES : 0);
    nz_buf_clear(&c->work);
    nz_hit_put_header(&c->work, &h);
    put_ids(alert->ids, &c->work);
    for (uint32_t i = 0; i < s->columns_count; i++) {
        struct nz_str value;
        bool has = group_value(cn, group, s->columns[i].path, &value);
        nz_hit_put_u32(&c->work, has);
        if (has)
            nz_hit_put_text(&c->work, value);
    }
    if (c->work.failed)
        return NZ_E_NOMEM;
    enum nz_err err = NZ_OK;
    for (size_t level = (size_t)c->level_of[correlation] + 1; level < c->levels_count && !err; level++) {
        struct nz_spool **to = &c->levels[level].alerts;
        if (!nz_correlator_level_reads(c, s, level))
            continue;
        if (!*to)
            err = nz_spool_new(c->spool_bytes, to);
        if (!err)
            err = nz_spool_add(*to, (int64_t)sequence, nz_buf_view(&c->work), diag);
    }
    return err;
}

struct outcome_head {
    int64_t first_us, last_us;
    uint64_t count;
    uint32_t correlation;
};

static enum nz_err send_out(struct nz_correlator *c, uint32_t correlation, struct nz_str group,
                            const struct nz_burst_alert *alert, struct nz_diag *diag)
{
    struct outcome_head head = {alert->first_us, alert->last_us, alert->count, correlation};
    nz_buf_clear(&c->work);
    nz_buf_append(&c->work, nz_str_of((const char *)&head, sizeof head));
    nz_hit_put_text(&c->work, group);
    put_ids(alert->ids, &c->work);
    if (c->work.failed)
        return NZ_E_NOMEM;
    return nz_spool_add(c->outcome, head.first_us, nz_buf_view(&c->work), diag);
}

enum nz_err nz_correlator_alert(struct nz_correlator *c, uint32_t correlation, struct nz_str group, uint64_t sequence,
                                const struct nz_burst_alert *alert, struct nz_diag *diag)
{
    const struct nz_rule *rule = nz_ruleset_rule(c->rs, c->correlations[correlation]->rule);
    enum nz_err err = NZ_OK;
    if (c->sources[c->correlations[correlation]->rule])
        err = send_up(c, correlation, group, sequence, alert, diag);
    if (!err && !alert->pulse && rule->runs && !rule->silent)
        err = send_out(c, correlation, group, alert, diag);
    return err;
}

/* --- the outcome, in order of (rule, first time, group) --- */

/* Alerts of one rule that begin at one time, until they are sorted by group: the only part of the order that a spool
 * cannot bring about. */
struct tie {
    struct nz_correlator *c;
    nz_correlation_fn *fn;
    void *self;
    struct nz_buf bytes;
    size_t *starts;
    size_t count, room;
    int64_t rule, first_us;
    struct nz_str ids[NZ_BURST_IDS_MAX];
};

static struct nz_hit_reader tie_at(const struct tie *t, size_t start, struct outcome_head *head)
{
    struct nz_hit_reader r = {.rest = nz_str_of(t->bytes.p + start, t->bytes.n - start)};
    nz_hit_bytes(&r, head, sizeof *head);
    return r;
}

static int cmp_groups(const void *a, const void *b, void *self)
{
    const struct tie *t = self;
    struct outcome_head ha, hb;
    struct nz_hit_reader ra = tie_at(t, *(const size_t *)a, &ha), rb = tie_at(t, *(const size_t *)b, &hb);
    struct nz_hit_reader ga = {.rest = nz_hit_text(&ra)}, gb = {.rest = nz_hit_text(&rb)};
    while (ga.rest.n && gb.rest.n) {
        int order = nz_str_cmp(nz_hit_text(&ga), nz_hit_text(&gb));
        if (order)
            return order;
    }
    return (ha.last_us > hb.last_us) - (ha.last_us < hb.last_us);
}

static enum nz_err tie_give_one(struct tie *t, size_t start)
{
    struct outcome_head head;
    struct nz_hit_reader r = tie_at(t, start, &head);
    const struct nz_correlation *cn = t->c->correlations[head.correlation];
    struct nz_str names[NZ_CORRELATION_FIELDS_MAX], values[NZ_CORRELATION_FIELDS_MAX];
    struct nz_hit_reader group = {.rest = nz_hit_text(&r)};
    for (size_t i = 0; i < cn->group_by_count; i++) {
        names[i] = cn->group_by[i].name;
        values[i] = nz_hit_text(&group);
    }
    struct nz_correlation_alert alert = {.rule = nz_ruleset_rule(t->c->rs, cn->rule),
                                         .group_names = names,
                                         .group_values = values,
                                         .group_count = cn->group_by_count,
                                         .event_ids = t->ids,
                                         .count = head.count,
                                         .first = {head.first_us},
                                         .last = {head.last_us}};
    alert.event_ids_count = nz_hit_texts(&r, t->ids, NZ_BURST_IDS_MAX);
    return r.bad || group.bad ? NZ_E_BUG : t->fn(t->self, &alert);
}

static enum nz_err tie_give(struct tie *t)
{
    enum nz_err err = NZ_OK;
    if (t->count > 1)
        qsort_r(t->starts, t->count, sizeof *t->starts, cmp_groups, t);
    for (size_t i = 0; i < t->count && !err; i++)
        err = tie_give_one(t, t->starts[i]);
    t->count = 0;
    nz_buf_clear(&t->bytes);
    return err;
}

static enum nz_err tie_add(struct tie *t, int64_t rule, struct nz_str bytes)
{
    struct nz_hit_reader r = {.rest = bytes};
    struct outcome_head head;
    nz_hit_bytes(&r, &head, sizeof head);
    if (rule != t->rule || head.first_us != t->first_us) {
        enum nz_err err = tie_give(t);
        if (err)
            return err;
    }
    t->rule = rule;
    t->first_us = head.first_us;
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 16;
        size_t *starts = realloc(t->starts, room * sizeof *starts);
        if (!starts)
            return NZ_E_NOMEM;
        t->starts = starts;
        t->room = room;
    }
    t->starts[t->count++] = t->bytes.n;
    nz_buf_append(&t->bytes, bytes);
    return nz_buf_status(&t->bytes);
}

/* From order of first time to order of rules, keeping the first among equals. */
static enum nz_err by_rule(struct nz_correlator *c, struct nz_spool **out, struct nz_diag *diag)
{
    bool more = true;
    int64_t key;
    struct nz_str bytes;
    enum nz_err err = nz_spool_new(c->spool_bytes, out);
    if (!err)
        err = nz_spool_rewind(c->outcome, diag);
    while (!err && more) {
        err = nz_spool_next(c->outcome, &more, &key, &bytes, diag);
        if (err || !more)
            break;
        struct nz_hit_reader r = {.rest = bytes};
        struct outcome_head head;
        nz_hit_bytes(&r, &head, sizeof head);
        err = nz_spool_add(*out, c->correlations[head.correlation]->rule, bytes, diag);
    }
    nz_spool_free(c->outcome);
    c->outcome = NULL;
    return err;
}

enum nz_err nz_correlator_outcome_give(struct nz_correlator *c, nz_correlation_fn *fn, void *self, struct nz_diag *diag)
{
    struct nz_spool *sorted = NULL;
    struct tie *t = calloc(1, sizeof *t);
    enum nz_err err = t ? by_rule(c, &sorted, diag) : NZ_E_NOMEM;
    if (!err) {
        *t = (struct tie){.c = c, .fn = fn, .self = self, .rule = -1};
        err = nz_spool_rewind(sorted, diag);
    }
    bool more = true;
    while (!err && more) {
        int64_t rule;
        struct nz_str bytes;
        err = nz_spool_next(sorted, &more, &rule, &bytes, diag);
        if (!err)
            err = more ? tie_add(t, rule, bytes) : tie_give(t);
    }
    nz_spool_free(sorted);
    if (t) {
        nz_buf_release(&t->bytes);
        free(t->starts);
    }
    free(t);
    return err;
}
