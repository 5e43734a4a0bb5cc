#include "inventory/collect_run.h"

#define NZ_COLLECTOR(name) extern const struct nz_collector nz_collector_##name;
#include "inventory/collectors.list"
#undef NZ_COLLECTOR

const struct nz_collector *const nz_collectors[] = {
#define NZ_COLLECTOR(name) &nz_collector_##name,
#include "inventory/collectors.list"
#undef NZ_COLLECTOR
    NULL,
};

/* --- what collectors may look at --- */

struct nz_str nz_collect_account(const struct nz_collect *c)
{
    return c->header.account;
}

struct nz_str nz_collect_partition(const struct nz_collect *c)
{
    return c->header.partition;
}

struct nz_str nz_collect_root(const struct nz_collect *c)
{
    return c->root;
}

struct nz_str nz_collect_caller_region(const struct nz_collect *c)
{
    return c->in->caller_region;
}

struct nz_arena *nz_collect_arena(struct nz_collect *c)
{
    return &c->arena;
}

struct nz_snapshot_builder *nz_collect_builder(struct nz_collect *c)
{
    return c->builder;
}

enum nz_err nz_collect_at_end(struct nz_collect *c, void (*release)(void *self), void *self)
{
    struct nz_collect_end *end = NZ_ARENA_NEW(&c->arena, struct nz_collect_end);
    if (!end)
        return NZ_E_NOMEM;
    *end = (struct nz_collect_end){release, self, c->ends};
    c->ends = end;
    return NZ_OK;
}

bool nz_collect_name_add(struct nz_collect *c, struct nz_collect_name **names, struct nz_str name)
{
    struct nz_collect_name *n = NZ_ARENA_NEW(&c->arena, struct nz_collect_name);
    if (!n)
        return false;
    *n = (struct nz_collect_name){.name = nz_arena_str(&c->arena, name), .next = *names};
    if (!n->name.p)
        return false;
    *names = n;
    return true;
}

struct nz_str nz_collect_now(struct nz_collect *c)
{
    nz_time now = c->in->clock->now(c->in->clock_self);
    now.us +=
        nz_aws_client_stats(c->in->client).clock_off_us; /* ages are counted from here: AWS's clock is the right one */
    now.us -= now.us % 1000000;
    if (now.us == c->now.us && c->now_text.p)
        return c->now_text;
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_time_append(&text, now);
    struct nz_str kept = nz_arena_str(&c->arena, nz_buf_view(&text));
    nz_buf_release(&text);
    if (!kept.p) /* an item may be told as a little older than it is, not as of no time */
        return c->now_text.p ? c->now_text : c->header.captured_at;
    c->now = now;
    c->now_text = kept;
    return kept;
}

enum nz_err nz_collect_each(struct nz_collect *c, struct nz_str type,
                            enum nz_err (*look)(struct nz_collect *c, const struct nz_item_view *view))
{
    struct nz_item_view view;
    enum nz_err err = NZ_OK;
    nz_item_view_init(&view);
    /* what look adds is not of this type, or need not be looked at */
    uint64_t count = nz_snapshot_counts(c->builder).items;
    for (uint64_t i = 0; i < count && err == NZ_OK; i++) {
        struct nz_item item = nz_snapshot_builder_item(c->builder, i);
        if (!nz_str_eq(item.type, type))
            continue;
        err = nz_item_open(&view, &item);
        if (err == NZ_OK)
            err = look(c, &view);
    }
    nz_item_view_release(&view);
    return err;
}

/* --- the run --- */

static void run_release(struct nz_collect *c)
{
    for (struct nz_collect_end *end = c->ends; end; end = end->next)
        end->release(end->self);
    nz_snapshot_builder_free(c->builder);
    nz_arena_release(&c->arena);
    nz_buf_release(&c->lines);
    nz_buf_release(&c->json);
    nz_buf_release(&c->texts);
}

static enum nz_err run(struct nz_collect *c, struct nz_snapshot **out)
{
    enum nz_err err = nz_collect_begin(c);
    if (err == NZ_OK)
        err = nz_collect_rounds(c);
    if (err == NZ_OK)
        err = nz_collect_flush(c);
    return err == NZ_OK ? nz_snapshot_finish(c->builder, out, NULL) : err;
}

enum nz_err nz_collect(const struct nz_collect_input *in, const struct nz_collect_ops *ops, struct nz_snapshot **out,
                       struct nz_diag *diag)
{
    struct nz_diag own = NZ_DIAG_INIT;
    struct nz_collect c = {.in = in, .ops = ops, .diag = diag ? diag : &own};
    *out = NULL;
    nz_arena_init(&c.arena, 0);
    nz_buf_init(&c.lines, 0);
    nz_buf_init(&c.json, 0);
    nz_buf_init(&c.texts, 0);
    enum nz_err err = nz_snapshot_builder_new(&c.builder);
    if (err == NZ_OK)
        err = run(&c, out);
    run_release(&c);
    if (err != NZ_OK && c.diag->code != err)
        (void)nz_diag_set(c.diag, err, "%s", "");
    return err;
}
