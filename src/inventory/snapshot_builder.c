#include "inventory/snapshot_builder.h"

#include "core/arena.h"
#include "inventory/snapshot_parts.h"

#include <stdlib.h>

struct nz_snapshot_builder {
    struct nz_snapshot_parts *parts; /* what the snapshot will own; NULL: nothing was added yet */
    struct nz_item last;             /* most items have their type, region and account from the one before */
};

enum nz_err nz_snapshot_builder_new(struct nz_snapshot_builder **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? NZ_OK : NZ_E_NOMEM;
}

static void parts_free(struct nz_snapshot_parts *parts)
{
    if (!parts)
        return;
    nz_arena_release(&parts->texts);
    nz_buf_release(&parts->items);
    nz_buf_release(&parts->unread);
    nz_buf_release(&parts->collected);
    nz_buf_release(&parts->regions);
    free(parts);
}

void nz_snapshot_builder_free(struct nz_snapshot_builder *b)
{
    if (b)
        parts_free(b->parts);
    free(b);
}

void nz_snapshot_free(struct nz_snapshot *snapshot)
{
    if (snapshot) /* it is the first member of its parts */
        parts_free((struct nz_snapshot_parts *)(void *)snapshot);
}

/* --- texts --- */

static struct nz_snapshot_parts *parts_of(struct nz_snapshot_builder *b)
{
    if (b->parts)
        return b->parts;
    b->parts = calloc(1, sizeof *b->parts);
    if (!b->parts)
        return NULL;
    nz_arena_init(&b->parts->texts, NZ_SNAPSHOT_BYTES_MAX);
    nz_buf_init(&b->parts->items, 0);
    nz_buf_init(&b->parts->unread, 0);
    nz_buf_init(&b->parts->collected, 0);
    nz_buf_init(&b->parts->regions, 0);
    b->last = (struct nz_item){0};
    return b->parts;
}

static enum nz_err full(const struct nz_snapshot_parts *parts)
{
    return parts->texts.used_bytes > NZ_SNAPSHOT_BYTES_MAX / 2 ? NZ_E_SNAPSHOT_LIMIT : NZ_E_NOMEM;
}

static enum nz_err keep(struct nz_snapshot_parts *parts, struct nz_str *text)
{
    if (!text->n) {
        *text = (struct nz_str){"", 0};
        return NZ_OK;
    }
    *text = nz_arena_str(&parts->texts, *text);
    return text->p ? NZ_OK : full(parts);
}

static enum nz_err keep_all(struct nz_snapshot_parts *parts, struct nz_str *const *texts, size_t count)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < count && err == NZ_OK; i++)
        err = keep(parts, texts[i]);
    return err;
}

/* As `keep`, but the text of the item before when it is the same. */
static enum nz_err keep_like(struct nz_snapshot_parts *parts, struct nz_str before, struct nz_str *text)
{
    if (before.p && nz_str_eq(before, *text)) {
        *text = before;
        return NZ_OK;
    }
    return keep(parts, text);
}

static enum nz_err row_add(struct nz_buf *rows, const void *row, size_t bytes, size_t count_max)
{
    if (rows->n / bytes >= count_max)
        return NZ_E_SNAPSHOT_LIMIT;
    nz_buf_append(rows, nz_str_of(row, bytes));
    return nz_buf_status(rows);
}

/* --- adding --- */

enum nz_err nz_snapshot_set_header(struct nz_snapshot_builder *b, const struct nz_snapshot_header *header)
{
    struct nz_snapshot_parts *parts = parts_of(b);
    struct nz_snapshot_header h = *header;
    if (!parts)
        return NZ_E_NOMEM;
    enum nz_err err = keep_all(parts,
                               (struct nz_str *const[]){&h.tool, &h.account, &h.partition, &h.captured_at,
                                                        &h.caller_arn, &h.caller_id, &h.caller_region},
                               7);
    if (err != NZ_OK)
        return err;
    if (!nz_time_parse(h.captured_at, &h.captured))
        h.captured = (nz_time){0};
    parts->snapshot.header = h;
    return NZ_OK;
}

enum nz_err nz_snapshot_add_region(struct nz_snapshot_builder *b, struct nz_str name)
{
    struct nz_snapshot_parts *parts = parts_of(b);
    enum nz_err err = parts ? keep(parts, &name) : NZ_E_NOMEM;
    return err == NZ_OK ? row_add(&parts->regions, &name, sizeof name, NZ_SNAPSHOT_LINES_MAX) : err;
}

struct nz_snapshot_header nz_snapshot_builder_header(const struct nz_snapshot_builder *b)
{
    return b->parts ? b->parts->snapshot.header : (struct nz_snapshot_header){0};
}

bool nz_snapshot_builder_has_region(const struct nz_snapshot_builder *b, struct nz_str name)
{
    const struct nz_str *regions = b->parts ? (const void *)b->parts->regions.p : NULL;
    for (size_t i = 0; regions && i < b->parts->regions.n / sizeof *regions; i++) {
        if (nz_str_eq(regions[i], name))
            return true;
    }
    return false;
}

enum nz_err nz_snapshot_add_item(struct nz_snapshot_builder *b, const struct nz_item *item)
{
    struct nz_snapshot_parts *parts = parts_of(b);
    struct nz_item it = *item;
    if (!parts)
        return NZ_E_NOMEM;
    if (!it.supplementary.n)
        it.supplementary = NZ_STR("{}");
    const struct {
        struct nz_str before, *text;
    } alike[] = {{b->last.type, &it.type},       {b->last.region, &it.region},
                 {b->last.account, &it.account}, {b->last.capture_time, &it.capture_time},
                 {b->last.status, &it.status},   {b->last.supplementary, &it.supplementary}};
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < sizeof alike / sizeof alike[0] && err == NZ_OK; i++)
        err = keep_like(parts, alike[i].before, alike[i].text);
    if (err == NZ_OK)
        err = keep_all(parts, (struct nz_str *const[]){&it.arn, &it.id, &it.name, &it.configuration}, 4);
    if (err == NZ_OK)
        err = row_add(&parts->items, &it, sizeof it, NZ_SNAPSHOT_ITEMS_MAX);
    if (err == NZ_OK)
        b->last = it;
    return err;
}

enum nz_err nz_snapshot_add_collected(struct nz_snapshot_builder *b, const struct nz_collected *collected)
{
    struct nz_snapshot_parts *parts = parts_of(b);
    struct nz_collected c = *collected;
    if (!parts)
        return NZ_E_NOMEM;
    enum nz_err err = keep_all(parts, (struct nz_str *const[]){&c.service, &c.operation, &c.region}, 3);
    return err == NZ_OK ? row_add(&parts->collected, &c, sizeof c, NZ_SNAPSHOT_LINES_MAX) : err;
}

/* At most max bytes, cut before a character. */
static struct nz_str cut(struct nz_str text, size_t max)
{
    return text.n > max ? nz_str_head(text, nz_utf8_valid_bytes(nz_str_head(text, max))) : text;
}

enum nz_err nz_snapshot_add_unread(struct nz_snapshot_builder *b, const struct nz_unread *unread)
{
    struct nz_snapshot_parts *parts = parts_of(b);
    struct nz_unread u = *unread;
    if (!parts)
        return NZ_E_NOMEM;
    u.message = cut(u.message, NZ_SNAPSHOT_MESSAGE_BYTES_MAX);
    enum nz_err err = keep_all(
        parts,
        (struct nz_str *const[]){&u.service, &u.operation, &u.region, &u.resource, &u.error, &u.action, &u.message}, 7);
    return err == NZ_OK ? row_add(&parts->unread, &u, sizeof u, NZ_SNAPSHOT_LINES_MAX) : err;
}

void nz_snapshot_add_damage(struct nz_snapshot_builder *b)
{
    struct nz_snapshot_parts *parts = parts_of(b);
    if (parts) /* without parts there is no snapshot either: what comes next fails */
        parts->snapshot.damaged++;
}

struct nz_snapshot_counts nz_snapshot_counts(const struct nz_snapshot_builder *b)
{
    if (!b->parts)
        return (struct nz_snapshot_counts){0};
    return (struct nz_snapshot_counts){b->parts->items.n / sizeof(struct nz_item),
                                       b->parts->collected.n / sizeof(struct nz_collected),
                                       b->parts->unread.n / sizeof(struct nz_unread)};
}

struct nz_item nz_snapshot_builder_item(const struct nz_snapshot_builder *b, uint64_t i)
{
    const struct nz_item *items = (const void *)b->parts->items.p;
    return items[i];
}

/* --- finishing --- */

/* Files that are not ours have no header: account and partition stand in what they hold. */
static void header_complete(struct nz_snapshot *s)
{
    struct nz_snapshot_header *h = &s->header;
    for (size_t i = 0; i < s->items_count && (!h->account.n || !h->partition.n); i++) {
        struct nz_str arn = s->items[i].arn, rest = nz_str_skip(arn, 4);
        const char *colon = nz_str_starts_with(arn, NZ_STR("arn:")) && rest.n ? memchr(rest.p, ':', rest.n) : NULL;
        if (!h->account.n && !nz_str_eq(s->items[i].account, NZ_STR("aws"))) /* its own policies are of "aws" */
            h->account = s->items[i].account;
        if (!h->partition.n && colon)
            h->partition = nz_str_head(rest, (size_t)(colon - rest.p));
    }
}

/* Compares pairs of texts until two differ. */
static int texts_cmp(const struct nz_str (*pairs)[2], size_t count)
{
    int order = 0;
    for (size_t i = 0; i < count && order == 0; i++)
        order = nz_str_cmp(pairs[i][0], pairs[i][1]);
    return order;
}

int nz_item_cmp(const struct nz_item *x, const struct nz_item *y)
{
    return texts_cmp(
        (const struct nz_str[][2]){{x->type, y->type}, {x->region, y->region}, {x->arn, y->arn}, {x->id, y->id}}, 4);
}

static int items_order(const void *a, const void *b)
{
    const struct nz_item *x = a, *y = b;
    int order = nz_item_cmp(x, y);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int unread_order(const void *a, const void *b)
{
    const struct nz_unread *x = a, *y = b;
    return texts_cmp((const struct nz_str[][2]){{x->service, y->service},
                                                {x->operation, y->operation},
                                                {x->region, y->region},
                                                {x->resource, y->resource},
                                                {x->error, y->error},
                                                {x->message, y->message}},
                     6);
}

static int collected_order(const void *a, const void *b)
{
    const struct nz_collected *x = a, *y = b;
    return texts_cmp(
        (const struct nz_str[][2]){{x->service, y->service}, {x->operation, y->operation}, {x->region, y->region}}, 3);
}

/* Of equal neighbours the first stays. */
static size_t items_unique(struct nz_item *items, size_t count, struct nz_snapshot_twice *twice)
{
    size_t kept = 0;
    *twice = (struct nz_snapshot_twice){0};
    for (size_t i = 0; i < count; i++) {
        if (kept && nz_item_cmp(&items[kept - 1], &items[i]) == 0) {
            if (!twice->count || items[i].line < twice->line)
                twice->line = items[i].line;
            twice->count++;
            continue;
        }
        items[kept++] = items[i];
    }
    return kept;
}

enum nz_err nz_snapshot_finish(struct nz_snapshot_builder *b, struct nz_snapshot **out, struct nz_snapshot_twice *twice)
{
    struct nz_snapshot_twice ignored;
    struct nz_snapshot_parts *parts = parts_of(b);
    *out = NULL;
    if (!parts)
        return NZ_E_NOMEM;
    if (!parts->snapshot.header.account.p) { /* no header: nothing in it is NULL all the same */
        enum nz_err err = nz_snapshot_set_header(b, &(struct nz_snapshot_header){0});
        if (err != NZ_OK)
            return err;
    }
    struct nz_snapshot *s = &parts->snapshot;
    struct nz_snapshot_counts counts = nz_snapshot_counts(b);
    struct nz_item *items = (void *)parts->items.p;
    if (counts.items)
        qsort(items, counts.items, sizeof *items, items_order);
    if (counts.unread)
        qsort(parts->unread.p, counts.unread, sizeof *s->unread, unread_order);
    if (counts.collected)
        qsort(parts->collected.p, counts.collected, sizeof *s->collected, collected_order);
    s->items = items;
    s->items_count = items_unique(items, counts.items, twice ? twice : &ignored);
    s->unread = (const void *)parts->unread.p;
    s->unread_count = counts.unread;
    s->collected = (const void *)parts->collected.p;
    s->collected_count = counts.collected;
    s->regions = (const void *)parts->regions.p;
    s->regions_count = parts->regions.n / sizeof *s->regions;
    header_complete(s);
    b->parts = NULL;
    *out = s;
    return NZ_OK;
}
