/* Items of one level in order of (group, time): each group's go through its burst, one group after another. */
#include "sigma/correlator.h"

#include <stdlib.h>

struct item_head {
    int64_t at_us, start_us;
    uint64_t sequence;
    uint32_t correlation, input, rule, flags;
};

enum nz_err nz_correlator_item_add(struct nz_correlator *c, struct nz_spool *items,
                                   const struct nz_correlator_item *item, struct nz_diag *diag)
{
    struct item_head head = {item->at_us, item->start_us, item->sequence, item->correlation,
                             item->input, item->rule,     item->flags};
    struct nz_buf *out = &c->work;
    nz_buf_clear(out);
    nz_buf_append(out, nz_str_of((const char *)&head, sizeof head));
    nz_hit_put_text(out, item->group);
    nz_hit_put_text(out, item->ids);
    nz_hit_put_text(out, item->values);
    if (out->failed)
        return NZ_E_NOMEM;
    struct nz_fingerprint key = nz_fingerprint(&c->key, item->group);
    return nz_spool_add(items, (int64_t)(key.a ^ (uint64_t)item->correlation << 40), nz_buf_view(out), diag);
}

static enum nz_err item_read(struct nz_str bytes, struct nz_correlator_item *out)
{
    struct nz_hit_reader r = {.rest = bytes};
    struct item_head head;
    nz_hit_bytes(&r, &head, sizeof head);
    *out = (struct nz_correlator_item){.at_us = head.at_us,
                                       .start_us = head.start_us,
                                       .sequence = head.sequence,
                                       .correlation = head.correlation,
                                       .input = head.input,
                                       .rule = head.rule,
                                       .flags = head.flags};
    out->group = nz_hit_text(&r);
    out->ids = nz_hit_text(&r);
    out->values = nz_hit_text(&r);
    return r.bad ? NZ_E_BUG : NZ_OK;
}

/* A group being read. Several only when their keys collide, which takes a guess at a random number. */
struct group {
    struct nz_burst burst;
    struct nz_buf name;
    uint32_t correlation;
    uint64_t sequence, before; /* of this item and of the one before it */
    struct {
        int64_t at_us;
        uint32_t rule;
        struct nz_buf id;
    } last; /* what a second rule's match of the same event is known by */
};

struct run {
    struct nz_correlator *c;
    struct nz_diag *diag;
    struct group **groups;
    size_t used, room;
    struct nz_str ids[NZ_BURST_IDS_MAX];
    struct group *at_work;
};

static void run_release(struct run *run)
{
    for (size_t i = 0; i < run->room; i++) {
        run->c->early += nz_burst_early(&run->groups[i]->burst);
        nz_burst_release(&run->groups[i]->burst);
        nz_buf_release(&run->groups[i]->name);
        nz_buf_release(&run->groups[i]->last.id);
        free(run->groups[i]);
    }
    free(run->groups);
    free(run);
}

static enum nz_err group_alert(void *self, const struct nz_burst_alert *alert)
{
    struct run *run = self;
    struct group *g = run->at_work;
    /* what ends a burst is the event after it */
    return nz_correlator_alert(run->c, g->correlation, nz_buf_view(&g->name), alert->pulse ? g->sequence : g->before,
                               alert, run->diag);
}

static enum nz_err groups_end(struct run *run)
{
    for (size_t i = 0; i < run->used; i++) {
        run->at_work = run->groups[i];
        run->at_work->before = run->at_work->sequence;
        enum nz_err err = nz_burst_end(&run->at_work->burst, group_alert, run);
        if (err)
            return err;
    }
    run->used = 0;
    return NZ_OK;
}

static enum nz_err group_find(struct run *run, const struct nz_correlator_item *item, struct group **out)
{
    for (size_t i = 0; i < run->used; i++) {
        *out = run->groups[i];
        if ((*out)->correlation == item->correlation && nz_str_eq(nz_buf_view(&(*out)->name), item->group))
            return NZ_OK;
    }
    if (run->used == run->room) {
        struct group **groups = realloc(run->groups, (run->room + 1) * sizeof(struct group *));
        if (!groups)
            return NZ_E_NOMEM;
        run->groups = groups;
        groups[run->room] = calloc(1, sizeof(struct group));
        if (!groups[run->room])
            return NZ_E_NOMEM;
        run->room++;
    }
    struct group *g = *out = run->groups[run->used];
    g->correlation = item->correlation;
    g->last.at_us = INT64_MIN;
    nz_buf_clear(&g->last.id);
    nz_buf_clear(&g->name);
    nz_buf_append(&g->name, item->group);
    if (g->name.failed)
        return NZ_E_NOMEM;
    enum nz_err err = nz_burst_start(&g->burst, &run->c->plans[item->correlation]);
    if (!err)
        run->used++;
    return err;
}

/* The matches of one event by several rules come one after another, in order of rules; when the order starts anew, it
 * is another record, were its id the same. */
static bool is_same_event(struct group *g, const struct nz_correlator_item *item, const struct nz_str *ids,
                          uint32_t ids_count)
{
    bool one = ids_count == 1 && !(item->flags & (NZ_HIT_ALERT | NZ_HIT_PULSE));
    bool same = one && g->last.id.n > 0 && g->last.at_us == item->at_us && g->last.rule < item->rule &&
                nz_str_eq(nz_buf_view(&g->last.id), ids[0]);
    g->last.at_us = item->at_us;
    g->last.rule = item->rule;
    nz_buf_clear(&g->last.id);
    if (one)
        nz_buf_append(&g->last.id, ids[0]);
    return same;
}

static enum nz_err item_run(struct run *run, struct nz_str bytes)
{
    struct nz_correlator *c = run->c;
    struct nz_correlator_item item;
    struct group *g = NULL;
    enum nz_err err = item_read(bytes, &item);
    if (!err)
        err = group_find(run, &item, &g);
    if (err)
        return err;
    struct nz_hit_reader ids = {.rest = item.ids};
    struct nz_burst_event ev = {.at_us = item.at_us, .start_us = item.start_us, .input = item.input, .ids = run->ids};
    ev.ids_count = nz_hit_texts(&ids, run->ids, NZ_BURST_IDS_MAX);
    ev.same = is_same_event(g, &item, run->ids, (uint32_t)ev.ids_count);
    nz_buf_clear(&c->values); /* copied, because numbers in the middle of an entry may stand at any address */
    nz_buf_append(&c->values, item.values);
    if (c->values.failed || g->last.id.failed)
        return NZ_E_NOMEM;
    if (c->correlations[item.correlation]->type == NZ_CORRELATION_VALUE_COUNT) {
        ev.values = (const void *)c->values.p;
        ev.values_count = c->values.n / sizeof *ev.values;
    } else {
        ev.numbers = (const void *)c->values.p;
        ev.values_count = c->values.n / sizeof *ev.numbers;
    }
    g->before = g->sequence;
    g->sequence = item.sequence;
    run->at_work = g;
    return nz_burst_add(&g->burst, &ev, group_alert, run);
}

enum nz_err nz_correlator_groups_run(struct nz_correlator *c, struct nz_spool *items, struct nz_diag *diag)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return NZ_E_NOMEM;
    run->c = c;
    run->diag = diag;
    bool more = true;
    int64_t key = 0, last_key = 0;
    struct nz_str bytes;
    enum nz_err err = nz_spool_rewind(items, diag);
    while (!err && more) {
        err = nz_spool_next(items, &more, &key, &bytes, diag);
        if (!err && (!more || key != last_key))
            err = groups_end(run);
        last_key = key;
        if (!err && more)
            err = item_run(run, bytes);
    }
    run_release(run);
    return err;
}
