/* One call: submitted, its pages handed on, its end written down. */
#include "inventory/collect_run.h"
#include "inventory/snapshot_line.h"

/* A copy of what was asked, with the run that it belongs to. */
struct asked {
    struct nz_collect *c;
    struct nz_ask ask;
};

struct nz_str nz_collect_service(enum nz_aws_operation operation)
{
    /* S3's two services have one signing name and one prefix of actions, and an operation of one name */
    const struct nz_aws_operation_info *info = &nz_aws_operations[operation];
    if (info->service == NZ_AWS_S3_CONTROL)
        return NZ_STR("s3control");
    const char *colon = strchr(info->action, ':');
    return colon ? nz_str_of(info->action, (size_t)(colon - info->action))
                 : nz_str_from_c(nz_aws_services[info->service].signing_name);
}

struct nz_str nz_collect_region_word(struct nz_str region)
{
    return region.n ? region : NZ_REGION_GLOBAL;
}

/* --- lines --- */

static enum nz_err line_done(struct nz_collect *c, enum nz_err err)
{
    return err == NZ_OK ? nz_buf_status(&c->lines) : err;
}

enum nz_err nz_collect_flush(struct nz_collect *c)
{
    enum nz_err err = nz_buf_status(&c->lines);
    if (c->holding)
        return err;
    if (err == NZ_OK && c->lines.n && c->ops->keep)
        err = c->ops->keep(c->ops->self, nz_buf_view(&c->lines));
    nz_buf_clear(&c->lines);
    return err;
}

enum nz_err nz_collect_collected(struct nz_collect *c, enum nz_aws_operation operation, struct nz_str region,
                                 uint64_t items)
{
    const struct nz_collected collected = {.service = nz_collect_service(operation),
                                           .operation = nz_str_from_c(nz_aws_operations[operation].name),
                                           .region = nz_collect_region_word(region),
                                           .items = items};
    nz_snapshot_append_collected(&c->lines, &collected);
    enum nz_err err = line_done(c, nz_snapshot_add_collected(c->builder, &collected));
    return err == NZ_OK ? nz_collect_flush(c) : err;
}

/* A host that cannot be reached is a service that the region has not only when AWS's table says so too, and other services of the region answer. */
static struct nz_str error_word(struct nz_collect *c, const struct nz_ask *ask, const struct nz_aws_error *error)
{
    const struct nz_collect_region *region = nz_collect_region_of(c, ask->region);
    if (error->code.n)
        return error->code;
    if (error->err == NZ_E_AWS_NETWORK && region && region->answers &&
        nz_aws_is_absent(nz_aws_operations[ask->operation].service, ask->region))
        return NZ_STR("NoEndpoint");
    return nz_str_from_c(nz_unread_word(error->err));
}

enum nz_err nz_collect_unread(struct nz_collect *c, const struct nz_ask *ask, const struct nz_aws_error *error)
{
    const struct nz_aws_operation_info *info = &nz_aws_operations[ask->operation];
    const struct nz_unread unread = {
        .service = nz_collect_service(ask->operation),
        .operation = nz_str_from_c(info->name),
        .region = ask->place.n ? ask->place : nz_collect_region_word(ask->region),
        .resource = ask->resource,
        .error = error_word(c, ask, error),
        .action = error->action.n ? error->action : nz_str_from_c(info->action),
        .message = error->message.n ? error->message : nz_str_from_c(nz_err_text(error->err)),
    };
    nz_snapshot_append_unread(&c->lines, &unread);
    return line_done(c, nz_snapshot_add_unread(c->builder, &unread));
}

enum nz_err nz_collect_add(struct nz_collect *c, struct nz_item *item)
{
    item->account = c->header.account;
    item->capture_time = nz_collect_now(c);
    if (!item->status.n)
        item->status = NZ_STR("OK");
    if (!item->supplementary.n)
        item->supplementary = NZ_STR("{}");
    nz_snapshot_append_item(&c->lines, item);
    return line_done(c, nz_snapshot_add_item(c->builder, item));
}

enum nz_err nz_collect_keep_from(struct nz_collect *c, uint64_t first_item)
{
    const uint64_t count = nz_snapshot_counts(c->builder).items;
    for (uint64_t i = first_item; i < count; i++) {
        const struct nz_item item = nz_snapshot_builder_item(c->builder, i);
        nz_snapshot_append_item(&c->lines, &item);
    }
    return nz_collect_flush(c);
}

/* --- answers --- */

/* True when one of the codes between bars is the error's. */
static bool is_none(const char *none, const struct nz_aws_error *error)
{
    struct nz_str rest = nz_str_from_c(none);
    while (rest.n && error->code.n) {
        if (nz_aws_code_is(error->code, nz_str_take(&rest, NZ_STR("|"))))
            return true;
    }
    return false;
}

static enum nz_err ended(struct nz_collect *c, const struct nz_ask *ask, const struct nz_aws_error *error,
                         struct nz_str bucket_region)
{
    enum nz_ask_end end = !error ? NZ_ASK_ANSWERED : is_none(ask->none, error) ? NZ_ASK_NONE : NZ_ASK_UNREAD;
    enum nz_err err = end == NZ_ASK_UNREAD && !ask->silent ? nz_collect_unread(c, ask, error) : NZ_OK;
    c->error = error;
    c->bucket_region = bucket_region;
    if (err == NZ_OK && ask->end)
        err = ask->end(c, ask, end, error && error->by_scp);
    c->error = NULL;
    c->progress.answered++;
    c->progress.service = nz_collect_service(ask->operation);
    c->progress.region = nz_collect_region_word(ask->region);
    if (c->ops->progress)
        c->ops->progress(c->ops->self, &c->progress);
    return err;
}

static enum nz_err on_answer(void *self, const struct nz_aws_answer *answer)
{
    struct asked *a = self;
    struct nz_collect *c = a->c;
    struct nz_collect_region *region = nz_collect_region_of(c, a->ask.region);
    enum nz_err err = NZ_OK;
    if (region && (!answer->error || answer->error->http_status))
        region->answers = true;
    if (answer->error && answer->error->err == NZ_E_STOPPED)
        return NZ_OK; /* the run ends, and what was not asked is no fault of the account */
    if (!answer->error && a->ask.page)
        err = a->ask.page(c, &a->ask, answer->root);
    if (err == NZ_OK && answer->last)
        err = ended(c, &a->ask, answer->error, answer->bucket_region);
    return err;
}

enum nz_err nz_collect_ask(struct nz_collect *c, const struct nz_ask *ask)
{
    struct asked *a = NZ_ARENA_NEW(&c->arena, struct asked);
    if (!a)
        return NZ_E_NOMEM;
    *a = (struct asked){.c = c, .ask = *ask};
    if (a->ask.region.n)
        a->ask.region = nz_arena_str(&c->arena, ask->region);
    if (a->ask.resource.n)
        a->ask.resource = nz_arena_str(&c->arena, ask->resource);
    if (a->ask.place.n)
        a->ask.place = nz_arena_str(&c->arena, ask->place);
    if ((ask->region.n && !a->ask.region.p) || (ask->resource.n && !a->ask.resource.p) ||
        (ask->place.n && !a->ask.place.p))
        return NZ_E_NOMEM;
    const struct nz_aws_call call = {.operation = ask->operation,
                                     .region = a->ask.region,
                                     .parameters = nz_str_from_c(ask->parameters),
                                     .pages_max = ask->pages_max,
                                     .on_answer = on_answer,
                                     .self = a};
    c->progress.asked++;
    return nz_aws_client_submit(c->in->client, &call, c->diag);
}

/* --- texts --- */

const char *nz_collect_parameters(struct nz_collect *c, const char *member, struct nz_str text)
{
    struct nz_buf json;
    nz_buf_init(&json, 0);
    nz_buf_append_char(&json, '{');
    nz_json_append_string(&json, nz_str_from_c(member));
    nz_buf_append_char(&json, ':');
    nz_json_append_string(&json, text);
    nz_buf_append_char(&json, '}');
    struct nz_str kept = json.failed ? (struct nz_str){0} : nz_arena_str(&c->arena, nz_buf_view(&json));
    nz_buf_release(&json);
    return kept.p;
}
