#include "inventory/snapshot.h"

#include "inventory/resource_type.h"

/* --- items --- */

/* Items are sorted by type, then region: the first that is not before (type, region); region .p NULL is before all. */
static size_t lower_bound(const struct nz_snapshot *s, struct nz_str type, struct nz_str region, bool after_equal)
{
    size_t from = 0, to = s->items_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = nz_str_cmp(s->items[middle].type, type);
        if (order == 0 && region.p)
            order = nz_str_cmp(s->items[middle].region, region);
        if (order < 0 || (order == 0 && after_equal))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

struct nz_items nz_snapshot_items(const struct nz_snapshot *s, struct nz_str type)
{
    return nz_snapshot_items_in(s, type, (struct nz_str){0});
}

struct nz_items nz_snapshot_items_in(const struct nz_snapshot *s, struct nz_str type, struct nz_str region)
{
    size_t from = lower_bound(s, type, region, false), to = lower_bound(s, type, region, true);
    return (struct nz_items){to > from ? s->items + from : NULL, to - from};
}

const struct nz_item *nz_snapshot_find(const struct nz_snapshot *s, struct nz_str type, struct nz_str arn)
{
    struct nz_items items = nz_snapshot_items(s, type);
    for (size_t i = 0; i < items.n; i++) {
        if (nz_str_eq(items.p[i].arn, arn))
            return &items.p[i];
    }
    return NULL;
}

/* --- what was asked --- */

static int call_cmp(struct nz_str service, struct nz_str operation, struct nz_str region, const struct nz_str with[3])
{
    int order = nz_str_cmp(service, with[0]);
    if (order == 0)
        order = nz_str_cmp(operation, with[1]);
    return order ? order : nz_str_cmp(region, with[2]);
}

static bool was_collected(const struct nz_snapshot *s, const struct nz_str call[3])
{
    size_t from = 0, to = s->collected_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct nz_collected *c = &s->collected[middle];
        int order = call_cmp(c->service, c->operation, c->region, call);
        if (order == 0)
            return true;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

/* The first line of this call and resource, or of any resource when its .p is NULL. */
static const struct nz_unread *unread_find(const struct nz_snapshot *s, const struct nz_str call[3],
                                           struct nz_str resource)
{
    size_t from = 0, to = s->unread_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct nz_unread *u = &s->unread[middle];
        int order = call_cmp(u->service, u->operation, u->region, call);
        if (order < 0 || (order == 0 && resource.p && nz_str_cmp(u->resource, resource) < 0))
            from = middle + 1;
        else
            to = middle;
    }
    const struct nz_unread *u = from < s->unread_count ? &s->unread[from] : NULL;
    if (!u || call_cmp(u->service, u->operation, u->region, call) != 0)
        return NULL;
    return !resource.p || nz_str_eq(u->resource, resource) ? u : NULL;
}

const struct nz_unread *nz_snapshot_unread(const struct nz_snapshot *s, struct nz_str service, struct nz_str operation,
                                           struct nz_str region, struct nz_str resource)
{
    return unread_find(s, (const struct nz_str[3]){service, operation, region},
                       resource.p ? resource : (struct nz_str){"", 0});
}

const struct nz_unread *nz_snapshot_unread_of(const struct nz_snapshot *s, const struct nz_item *item,
                                              struct nz_str operation)
{
    const struct nz_resource_type *type = nz_resource_type(item->type);
    struct nz_str service = type ? type->service : NZ_STR("sns"); /* topics: nothing lists them */
    return nz_snapshot_unread(s, service, operation, item->region, item->arn.n ? item->arn : item->id);
}

static const struct nz_unread damage = {
    .service = {"", 0},
    .operation = {"", 0},
    .region = {"", 0},
    .resource = {"", 0},
    .error = {"Damaged", 7},
    .action = {"", 0},
    .message = {"a part of the snapshot could not be read; what is missing may have stood there", 78},
};

enum nz_listing nz_snapshot_listing(const struct nz_snapshot *s, struct nz_str type, struct nz_str region,
                                    const struct nz_unread **why)
{
    const struct nz_unread *ignored;
    const struct nz_resource_type *t = nz_resource_type(type);
    if (!why)
        why = &ignored;
    *why = NULL;
    if (!t)
        return NZ_NOT_ASKED;
    const struct nz_str call[3] = {t->service, t->operation, t->regional ? region : NZ_REGION_GLOBAL};
    *why = unread_find(s, call, (struct nz_str){0}); /* a part of a listing has its own (a log group's filters) */
    if (*why)
        return NZ_UNREAD;
    if (s->damaged) {
        *why = &damage;
        return NZ_UNREAD;
    }
    return was_collected(s, call) ? NZ_LISTED : NZ_NOT_ASKED;
}

/* --- regions --- */

enum nz_region_access nz_snapshot_region_access(const struct nz_snapshot *s, struct nz_str region)
{
    static const struct {
        const char *word;
        enum nz_region_access access;
    } words[] = {{"open", NZ_REGION_OPEN},
                 {"not-opted-in", NZ_REGION_NOT_OPTED_IN},
                 {"closed-by-scp", NZ_REGION_CLOSED_BY_SCP},
                 {"not-asked", NZ_REGION_NOT_ASKED}};
    struct nz_items items = nz_snapshot_items_in(s, NZ_STR("Nezuban::EC2::Region"), region);
    enum nz_region_access access = NZ_REGION_OPEN;
    struct nz_item_view view;
    if (!items.n)
        return access;
    nz_item_view_init(&view);
    struct nz_json word = {0};
    if (nz_item_open(&view, &items.p[0]) == NZ_OK)
        word = nz_item_get(&view, "configuration.Access");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (nz_json_kind(word) == NZ_JSON_STRING && nz_str_eq(nz_json_string_raw(word), nz_str_from_c(words[i].word)))
            access = words[i].access;
    }
    nz_item_view_release(&view);
    return access;
}

/* --- names --- */

const char *nz_unread_word(enum nz_err err)
{
    switch ((int)err) {
    case NZ_E_AWS_TIMEOUT:
        return "Timeout";
    case NZ_E_AWS_ANSWER_SIZE:
    case NZ_E_AWS_PAGES:
        return "TooLarge";
    case NZ_E_STOPPED:
        return "Stopped";
    case NZ_E_AWS_NETWORK:
    case NZ_E_AWS_TLS:
    case NZ_E_AWS_ENDPOINT:
        return "Network";
    default:
        return "BadAnswer";
    }
}

void nz_snapshot_append_root(const struct nz_snapshot *s, struct nz_buf *out)
{
    nz_buf_append(out, NZ_STR("arn:"));
    nz_buf_append(out, s->header.partition.n ? s->header.partition : NZ_STR("aws"));
    nz_buf_append(out, NZ_STR(":iam::"));
    nz_buf_append(out, s->header.account);
    nz_buf_append(out, NZ_STR(":root"));
}
