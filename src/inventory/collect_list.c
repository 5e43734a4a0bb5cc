/* Lists of things, and what is asked of each. A thing is added when nothing about it is open any more, and its list counts as
 * collected when all its things are: so what a broken run has kept is whole. */
#include "inventory/collect_run.h"
#include "inventory/resource_type.h"
#include "inventory/snapshot_line.h"

#include <stdlib.h>

struct listing {
    const struct nz_list *list;
    struct nz_str region;
    struct nz_found *all, **last;
    uint64_t count; /* things that were told of, also those that are known already */
    unsigned open;  /* things that are not added, and the call itself */
    bool whole;
};

/* --- things --- */

static void found_free(void *self)
{
    struct nz_found *f = self;
    nz_buf_release(&f->supplementary);
}

static enum nz_err listing_release(struct nz_collect *c, struct listing *l)
{
    if (--l->open || !l->whole)
        return NZ_OK;
    return nz_collect_collected(c, l->list->operation, l->region, l->count);
}

static enum nz_err found_add(struct nz_collect *c, struct nz_found *f)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_append_char(&text, '{');
    nz_buf_append(&text, nz_str_skip(nz_buf_view(&f->supplementary), 1)); /* behind the first comma */
    nz_buf_append_char(&text, '}');
    f->item.supplementary = nz_buf_view(&text);
    enum nz_err err = f->supplementary.failed ? NZ_E_NOMEM : nz_buf_status(&text);
    if (err == NZ_OK)
        err = nz_collect_add(c, &f->item);
    nz_buf_release(&text);
    found_free(f);
    return err;
}

enum nz_err nz_collect_release(struct nz_collect *c, struct nz_found *f)
{
    struct listing *l = f->listing;
    if (--f->open)
        return NZ_OK;
    enum nz_err err = found_add(c, f);
    return err == NZ_OK && l ? listing_release(c, l) : err;
}

static struct nz_found *found_new(struct nz_collect *c)
{
    struct nz_found *f = NZ_ARENA_NEW(&c->arena, struct nz_found);
    if (!f)
        return NULL;
    nz_buf_init(&f->supplementary, 0);
    f->open = 1;
    return nz_collect_at_end(c, found_free, f) == NZ_OK ? f : NULL;
}

enum nz_err nz_collect_find(struct nz_collect *c, const struct nz_item *item, struct nz_found **out)
{
    struct nz_found *f = found_new(c);
    *out = f;
    if (!f)
        return NZ_E_NOMEM;
    f->item = *item;
    struct nz_str *const texts[] = {&f->item.region, &f->item.arn, &f->item.id, &f->item.name, &f->item.configuration};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = nz_arena_str(&c->arena, *texts[i]);
        if (!texts[i]->p)
            return NZ_E_NOMEM;
    }
    return NZ_OK;
}

static enum nz_err text_of(struct nz_collect *c, struct nz_json thing, const char *name, struct nz_str *out)
{
    struct nz_json v = name ? nz_json_get(thing, nz_str_from_c(name)) : (struct nz_json){0};
    nz_buf_clear(&c->texts);
    struct nz_str text = nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string(v, &c->texts) : (struct nz_str){"", 0};
    *out = c->texts.failed ? (struct nz_str){0} : nz_arena_str(&c->arena, text);
    return out->p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err found_fill(struct nz_collect *c, const struct listing *l, struct nz_json thing, struct nz_found *f)
{
    const struct nz_list *list = l->list;
    f->item.type = nz_str_from_c(list->type);
    f->item.region = nz_collect_region_word(l->region);
    enum nz_err err = text_of(c, thing, list->id, &f->item.id);
    if (err == NZ_OK)
        err = text_of(c, thing, list->name, &f->item.name);
    if (err == NZ_OK)
        err = text_of(c, thing, list->arn, &f->item.arn);
    if (!list->id) { /* a thing of the account as a whole */
        f->item.id = c->header.account;
        f->item.arn = c->root;
    }
    nz_buf_clear(&c->json);
    nz_collect_append(thing, list->form, list->left_out, NULL, &c->json);
    if (err != NZ_OK || c->json.failed)
        return NZ_E_NOMEM;
    f->item.configuration = nz_arena_str(&c->arena, nz_buf_view(&c->json));
    return f->item.configuration.p ? NZ_OK : NZ_E_NOMEM;
}

/* --- a list's answers --- */

static enum nz_err thing_take(struct nz_collect *c, struct listing *l, struct nz_json thing)
{
    bool take = true;
    if (nz_json_kind(thing) != (l->list->texts ? NZ_JSON_STRING : NZ_JSON_OBJECT))
        return NZ_OK;
    struct nz_found *f = found_new(c);
    enum nz_err err = f ? found_fill(c, l, thing, f) : NZ_E_NOMEM;
    if (err != NZ_OK)
        return err;
    f->listing = l;
    l->count++;
    l->open++;
    if (l->list->found)
        err = l->list->found(c, f, thing, &take);
    if (err != NZ_OK || !take) {
        l->open--;
        found_free(f);
        return err;
    }
    *l->last = f;
    l->last = &f->next;
    return NZ_OK;
}

static enum nz_err list_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct listing *l = ask->self;
    struct nz_json things = l->list->path ? nz_json_get(root, nz_str_from_c(l->list->path)) : root;
    enum nz_err err = NZ_OK;
    if (nz_json_kind(things) != NZ_JSON_ARRAY)
        return thing_take(c, l, things);
    for (struct nz_json_iter it = nz_json_iter(things); err == NZ_OK && nz_json_next(&it);)
        err = thing_take(c, l, it.value);
    return err;
}

static enum nz_err list_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    struct listing *l = ask->self;
    const struct nz_list *list = l->list;
    enum nz_err err = NZ_OK;
    l->whole = end != NZ_ASK_UNREAD;
    if (list->listed && l->all)
        err = list->listed(c, l->all, l->region);
    for (struct nz_found *f = l->all, *next; f && err == NZ_OK; f = next) {
        next = f->next; /* it may be gone */
        err = nz_collect_release(c, f);
    }
    if (err == NZ_OK && list->then)
        err = list->then(c, l->region, l->whole ? l->count : NZ_COUNT_UNKNOWN);
    if (err == NZ_OK)
        err = listing_release(c, l);
    return err == NZ_OK && list->probe ? nz_collect_probed(c, l->region, by_scp) : err;
}

enum nz_err nz_collect_list_of(struct nz_collect *c, const struct nz_list *list, struct nz_str region,
                               const char *parameters, struct nz_str resource)
{
    const struct nz_str about = list->global ? (struct nz_str){"", 0} : region;
    bool reused = false;
    uint64_t count;
    enum nz_err err = list->no_reuse ? NZ_OK : nz_collect_reuse(c, list->operation, about, &reused, &count);
    if (err == NZ_OK && reused && list->then)
        err = list->then(c, region, count);
    if (err == NZ_OK && reused && list->probe)
        err = nz_collect_probed(c, region, false);
    if (err != NZ_OK || reused)
        return err;
    struct listing *l = NZ_ARENA_NEW(&c->arena, struct listing);
    if (!l)
        return NZ_E_NOMEM;
    *l = (struct listing){.list = list, .region = nz_arena_str(&c->arena, about), .last = &l->all, .open = 1};
    if (!l->region.p)
        return NZ_E_NOMEM;
    return nz_collect_ask(c, &(struct nz_ask){.operation = list->operation,
                                              .region = region,
                                              .place = nz_collect_region_word(about),
                                              .parameters = parameters,
                                              .resource = resource,
                                              .none = list->none,
                                              .pages_max = list->pages_max,
                                              .page = list_page,
                                              .end = list_end,
                                              .self = l});
}

enum nz_err nz_collect_list(struct nz_collect *c, const struct nz_list *list, struct nz_str region,
                            const char *parameters)
{
    return nz_collect_list_of(c, list, region, parameters, (struct nz_str){"", 0});
}

/* --- what a run that broke off had --- */

/* Trails show in many regions and stand in their own: all of them come back with any. */
static bool is_of_call(const struct nz_item *item, const struct nz_resource_type *type, struct nz_str region)
{
    return nz_str_eq(item->type, type->name) &&
           (nz_str_eq(item->region, region) || nz_str_eq(type->operation, NZ_STR("DescribeTrails")));
}

static bool may_reuse(const struct nz_snapshot *s, struct nz_str service, struct nz_str operation, struct nz_str region,
                      uint64_t *items)
{
    bool found = false;
    for (size_t i = 0; i < s->collected_count; i++) {
        const struct nz_collected *old = &s->collected[i];
        if (nz_str_eq(old->service, service) && nz_str_eq(old->operation, operation) &&
            nz_str_eq(old->region, region)) {
            found = true;
            *items = old->items;
        }
    }
    /* what could not be read then may be read now */
    for (size_t i = 0; i < s->unread_count && found; i++)
        found = !(nz_str_eq(s->unread[i].service, service) && nz_str_eq(s->unread[i].region, region));
    return found;
}

enum nz_err nz_collect_reuse(struct nz_collect *c, enum nz_aws_operation operation, struct nz_str region, bool *reused,
                             uint64_t *items)
{
    const struct nz_snapshot *s = c->in->resumed;
    struct nz_str service = nz_collect_service(operation), name = nz_str_from_c(nz_aws_operations[operation].name);
    struct nz_str word = nz_collect_region_word(region);
    enum nz_err err = NZ_OK;
    *items = 0;
    *reused = s && may_reuse(s, service, name, word, items);
    if (!*reused)
        return NZ_OK;
    for (size_t i = 0; i < s->items_count && err == NZ_OK; i++) {
        const struct nz_resource_type *type = nz_resource_type(s->items[i].type);
        if (type && nz_str_eq(type->service, service) && nz_str_eq(type->operation, name) &&
            is_of_call(&s->items[i], type, word)) {
            struct nz_item item = s->items[i];
            item.line = 0;
            nz_snapshot_append_item(&c->lines, &item); /* this run may break off too */
            err = nz_snapshot_add_item(c->builder, &item);
        }
    }
    return err == NZ_OK ? nz_collect_collected(c, operation, region, *items) : err;
}

/* --- joins --- */

struct joining {
    const struct nz_join *join;
    struct nz_found *f;   /* one thing, or the first of all */
    const char *key;      /* joins one answer to all */
    struct nz_str region; /* of the things */
    unsigned answers;     /* pages so far */
};

static void member_begin(struct nz_found *f, const struct nz_join *join)
{
    nz_buf_append_char(&f->supplementary, ',');
    nz_json_append_string(&f->supplementary, nz_str_from_c(nz_aws_operations[join->operation].name));
    nz_buf_append_char(&f->supplementary, ':');
}

static enum nz_err member_append(struct nz_collect *c, struct nz_found *f, const struct nz_join *join, struct nz_json v)
{
    struct nz_buf *out = &f->supplementary;
    member_begin(f, join);
    if (nz_json_is_absent(v))
        nz_buf_append(out, NZ_STR("null"));
    else if (join->shape)
        return join->shape(c, v, out);
    else if (join->wrap)
        nz_buf_printf(out, "{\"%s\":", join->wrap);
    if (!nz_json_is_absent(v))
        nz_collect_append(v, join->form, join->left_out, join->renamed, out);
    if (!nz_json_is_absent(v) && join->wrap)
        nz_buf_append_char(out, '}');
    return nz_buf_status(out);
}

static enum nz_err join_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct joining *j = ask->self;
    if (j->answers++) /* no answer that is joined has pages that matter */
        return NZ_OK;
    struct nz_json v = j->join->path ? nz_json_get(root, nz_str_from_c(j->join->path)) : root;
    enum nz_err err = member_append(c, j->f, j->join, v);
    return err == NZ_OK && j->join->then ? j->join->then(c, j->f, root) : err;
}

static enum nz_err join_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    struct joining *j = ask->self;
    enum nz_err err = NZ_OK;
    (void)by_scp;
    if (end == NZ_ASK_NONE)
        err = member_append(c, j->f, j->join, (struct nz_json){0});
    return err == NZ_OK ? nz_collect_release(c, j->f) : err;
}

enum nz_err nz_collect_join(struct nz_collect *c, struct nz_found *f, const struct nz_join *join, struct nz_str region,
                            const char *parameters)
{
    struct joining *j = NZ_ARENA_NEW(&c->arena, struct joining);
    if (!j)
        return NZ_E_NOMEM;
    *j = (struct joining){.join = join, .f = f};
    f->open++;
    return nz_collect_ask(c, &(struct nz_ask){.operation = join->operation,
                                              .region = region,
                                              .parameters = parameters,
                                              .resource = f->item.arn.n ? f->item.arn : f->item.id,
                                              .place = f->item.region,
                                              .none = join->none,
                                              .page = join_page,
                                              .end = join_end,
                                              .self = j});
}

/* --- one answer to all --- */

static struct nz_json entry_of(struct nz_json entries, const char *key, struct nz_str name)
{
    for (struct nz_json_iter it = nz_json_iter(entries); nz_json_next(&it);) {
        struct nz_json v = nz_json_get(it.value, nz_str_from_c(key));
        if (nz_json_kind(v) == NZ_JSON_STRING && nz_str_eq(nz_json_string_raw(v), name))
            return it.value;
    }
    return (struct nz_json){0};
}

static enum nz_err join_all_page(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root)
{
    struct joining *j = ask->self;
    struct nz_json entries = nz_json_get(root, nz_str_from_c(j->join->path));
    enum nz_err err = NZ_OK;
    for (struct nz_found *f = j->f; f && err == NZ_OK; f = f->next)
        err = member_append(c, f, j->join, entry_of(entries, j->key, f->item.name));
    return err;
}

/* Each thing needs a line of its own. */
static enum nz_err join_all_end(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end, bool by_scp)
{
    struct joining *j = ask->self;
    enum nz_err err = NZ_OK;
    (void)by_scp;
    for (struct nz_found *f = j->f, *next; f && err == NZ_OK; f = next) {
        next = f->next;
        if (end == NZ_ASK_UNREAD) {
            struct nz_ask of_it = *ask;
            of_it.resource = f->item.arn.n ? f->item.arn : f->item.id;
            err = nz_collect_unread(c, &of_it, c->error);
        }
        if (err == NZ_OK)
            err = nz_collect_release(c, f);
    }
    return err;
}

enum nz_err nz_collect_join_all(struct nz_collect *c, struct nz_found *all, const struct nz_join *join, const char *key,
                                struct nz_str region)
{
    struct joining *j = NZ_ARENA_NEW(&c->arena, struct joining);
    if (!j)
        return NZ_E_NOMEM;
    *j = (struct joining){.join = join, .f = all, .key = key};
    for (struct nz_found *f = all; f; f = f->next)
        f->open++;
    return nz_collect_ask(c, &(struct nz_ask){.operation = join->operation,
                                              .region = region,
                                              .silent = true,
                                              .page = join_all_page,
                                              .end = join_all_end,
                                              .self = j});
}
