#include "inventory/diff.h"

#include "inventory/diff_fields.h"
#include "inventory/resource_type.h"
#include "inventory/snapshot_parts.h"

#include <stdio.h>

struct diff {
    const struct nz_snapshot *sides[2];
    const struct nz_diff_ops *ops;
    void *self;
    struct nz_field_diff fields;
    struct nz_item_view views[2];
    struct nz_gap told[2]; /* of each side the last gap of a whole listing: told once, not for each item */
};

/* --- what a side did not read --- */

/* True when this side says that what it does not have is not there. */
static bool is_listed(const struct nz_snapshot *s, const struct nz_item *item, struct nz_gap *gap)
{
    const struct nz_resource_type *type = nz_resource_type(item->type);
    gap->type = item->type;
    gap->region = item->region;
    if (type) {
        gap->operation = type->operation;
        return nz_snapshot_listing(s, item->type, item->region, &gap->why) == NZ_LISTED;
    }
    if (s->damaged)
        return false;
    /* AWS Config does not say what it did not record; in a snapshot of ours these are what others name, and regions */
    return s->header.version != 0 || nz_snapshot_items_in(s, item->type, item->region).n > 0;
}

static enum nz_err gap_tell(struct diff *d, const struct nz_gap *gap)
{
    struct nz_gap *last = &d->told[gap->side];
    if (!gap->resource.n && last->type.p && nz_str_eq(last->type, gap->type) && nz_str_eq(last->region, gap->region))
        return NZ_OK;
    if (!gap->resource.n)
        *last = *gap;
    return d->ops->gap(d->self, gap);
}

/* `item` is on one side alone; `other` is the side that has it not. */
static enum nz_err alone(struct diff *d, const struct nz_item *item, enum nz_side other)
{
    struct nz_gap gap = {.side = other};
    if (!is_listed(d->sides[other], item, &gap))
        return gap_tell(d, &gap);
    const struct nz_item_change change = {
        .change = other == NZ_SIDE_FIRST ? NZ_CHANGE_ADDED : NZ_CHANGE_REMOVED,
        .item = item,
    };
    return d->ops->change(d->self, &change);
}

/* --- what both have --- */

/* An answer that one side did not get is a gap; null is an answer: there is none. */
static enum nz_err supplementary_diff(struct diff *d, enum nz_side without)
{
    const struct nz_item_view *has = &d->views[!without], *lacks = &d->views[without];
    enum nz_err err = NZ_OK;
    for (struct nz_json_iter it = nz_json_iter(has->supplementary); err == NZ_OK && nz_json_next(&it);) {
        const struct nz_item *item = lacks->item;
        struct nz_json other = nz_item_member(lacks->supplementary, it.key);
        if (nz_json_is_absent(other)) {
            const struct nz_gap gap = {.side = without,
                                       .type = item->type,
                                       .region = item->region,
                                       .resource = item->arn.n ? item->arn : item->id,
                                       .operation = it.key,
                                       .why = nz_snapshot_unread_of(d->sides[without], item, it.key)};
            err = gap_tell(d, &gap);
        } else if (without == NZ_SIDE_SECOND) { /* once is enough */
            char name[128];
            snprintf(name, sizeof name, "supplementaryConfiguration.%.*s", NZ_STR_ARG(nz_str_head(it.key, 80)));
            err = nz_field_diff_add(&d->fields, name, it.value, other);
        }
    }
    return err;
}

static enum nz_err status_diff(struct diff *d, const struct nz_item *before, const struct nz_item *after)
{
    struct nz_json_doc docs[2];
    struct nz_json values[2] = {0};
    const struct nz_item *items[2] = {before, after};
    struct nz_buf texts[2];
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < 2; i++) {
        nz_json_doc_init(&docs[i]);
        nz_buf_init(&texts[i], 0);
        nz_json_append_string(&texts[i], items[i]->status);
        if (err == NZ_OK)
            err = texts[i].failed ? NZ_E_NOMEM : nz_json_parse(&docs[i], nz_buf_view(&texts[i]), &values[i], NULL);
    }
    if (err == NZ_OK)
        err = nz_field_diff_add(&d->fields, "configurationItemStatus", values[0], values[1]);
    for (size_t i = 0; i < 2; i++) {
        nz_json_doc_release(&docs[i]);
        nz_buf_release(&texts[i]);
    }
    return err;
}

static bool is_same(const struct nz_item *before, const struct nz_item *after)
{
    return nz_str_eq(before->configuration, after->configuration) &&
           nz_str_eq(before->supplementary, after->supplementary) && nz_str_eq(before->status, after->status);
}

static enum nz_err both(struct diff *d, const struct nz_item *before, const struct nz_item *after)
{
    if (is_same(before, after))
        return NZ_OK;
    nz_arena_reset(&d->fields.texts);
    nz_buf_clear(&d->fields.rows);
    d->fields.type = after->type;
    enum nz_err err = nz_item_open(&d->views[0], before);
    if (err == NZ_OK)
        err = nz_item_open(&d->views[1], after);
    if (err == NZ_OK && !nz_str_eq(before->status, after->status))
        err = status_diff(d, before, after);
    if (err == NZ_OK)
        err = nz_field_diff_add(&d->fields, "configuration", d->views[0].configuration, d->views[1].configuration);
    if (err == NZ_OK)
        err = supplementary_diff(d, NZ_SIDE_SECOND);
    if (err == NZ_OK)
        err = supplementary_diff(d, NZ_SIDE_FIRST);
    const struct nz_item_change change = {
        .change = NZ_CHANGE_CHANGED,
        .item = after,
        .fields = (const void *)d->fields.rows.p,
        .fields_count = d->fields.rows.n / sizeof *change.fields,
    };
    return err == NZ_OK && change.fields_count ? d->ops->change(d->self, &change) : err;
}

static enum nz_err items_merge(struct diff *d)
{
    const struct nz_snapshot *first = d->sides[0], *second = d->sides[1];
    size_t b = 0, a = 0;
    enum nz_err err = NZ_OK;
    while (err == NZ_OK && (b < first->items_count || a < second->items_count)) {
        const struct nz_item *before = b < first->items_count ? &first->items[b] : NULL;
        const struct nz_item *after = a < second->items_count ? &second->items[a] : NULL;
        int order = !before ? 1 : !after ? -1 : nz_item_cmp(before, after);
        if (order == 0)
            err = both(d, before, after);
        else
            err = order < 0 ? alone(d, before, NZ_SIDE_SECOND) : alone(d, after, NZ_SIDE_FIRST);
        b += order <= 0;
        a += order >= 0;
    }
    return err;
}

enum nz_err nz_snapshot_diff(const struct nz_snapshot *first, const struct nz_snapshot *second, bool activity,
                             const struct nz_diff_ops *ops, void *self)
{
    struct diff d = {.sides = {first, second}, .ops = ops, .self = self};
    nz_field_diff_init(&d.fields, activity);
    nz_item_view_init(&d.views[0]);
    nz_item_view_init(&d.views[1]);
    enum nz_err err = items_merge(&d);
    nz_item_view_release(&d.views[0]);
    nz_item_view_release(&d.views[1]);
    nz_field_diff_release(&d.fields);
    return err;
}
