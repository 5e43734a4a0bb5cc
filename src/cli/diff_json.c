#include "cli/diff_render.h"
#include "core/json.h"

static void member(struct nz_buf *out, const char *key, struct nz_str text)
{
    nz_buf_printf(out, ",\"%s\":", key);
    nz_json_append_string(out, text);
}

static enum nz_err write_out(struct nz_diff_render *r)
{
    enum nz_err err = nz_buf_status(&r->line);
    nz_output_write(&r->cli->out, nz_buf_view(&r->line));
    nz_buf_clear(&r->line);
    return err;
}

void nz_diff_json_begin(struct nz_diff_render *render)
{
    static const char *const keys[] = {"first", "second"};
    struct nz_buf *out = &render->line;
    for (size_t i = 0; i < 2; i++) {
        nz_buf_printf(out, "%s\"%s\":{\"file\":", i ? "," : "{", keys[i]);
        nz_json_append_string(out, nz_str_from_c(render->names[i]));
        member(out, "account", render->sides[i]->header.account);
        member(out, "capturedAt", render->sides[i]->header.captured_at);
        nz_buf_append_char(out, '}');
    }
    nz_buf_append(out, NZ_STR(",\"changes\":["));
}

static void value(struct nz_buf *out, const char *key, struct nz_str json)
{
    if (!json.p)
        return;
    nz_buf_printf(out, ",\"%s\":", key);
    nz_buf_append(out, json);
}

static enum nz_err on_change(void *self, const struct nz_item_change *change)
{
    static const char *const words[] = {
        [NZ_CHANGE_ADDED] = "added", [NZ_CHANGE_REMOVED] = "removed", [NZ_CHANGE_CHANGED] = "changed"};
    struct nz_diff_render *r = self;
    const struct nz_item *item = change->item;
    nz_buf_printf(&r->line, "%s\n{\"change\":\"%s\"", r->changes ? "," : "", words[change->change]);
    r->changes++;
    member(&r->line, "resourceType", item->type);
    member(&r->line, "awsRegion", item->region);
    member(&r->line, "resource", item->arn.n ? item->arn : item->id);
    nz_buf_append(&r->line, NZ_STR(",\"fields\":["));
    for (size_t i = 0; i < change->fields_count; i++) {
        nz_buf_append(&r->line, i ? NZ_STR(",{\"field\":") : NZ_STR("{\"field\":"));
        nz_json_append_string(&r->line, change->fields[i].field);
        value(&r->line, "before", change->fields[i].before);
        value(&r->line, "after", change->fields[i].after);
        nz_buf_append_char(&r->line, '}');
    }
    nz_buf_append(&r->line, NZ_STR("]}"));
    return write_out(r);
}

static const char *side_word(enum nz_side side)
{
    return side == NZ_SIDE_FIRST ? "first" : "second";
}

static enum nz_err on_gap(void *self, const struct nz_gap *gap)
{
    struct nz_diff_render *r = self;
    nz_buf_printf(&r->gaps, "%s\n{\"side\":\"%s\"", r->gaps_count ? "," : "", side_word(gap->side));
    r->gaps_count++;
    member(&r->gaps, "resourceType", gap->type);
    member(&r->gaps, "awsRegion", gap->region);
    member(&r->gaps, "resource", gap->resource);
    member(&r->gaps, "operation", gap->operation);
    member(&r->gaps, "error", gap->why ? gap->why->error : NZ_STR(""));
    member(&r->gaps, "action", gap->why ? gap->why->action : NZ_STR(""));
    member(&r->gaps, "message", gap->why ? gap->why->message : NZ_STR(""));
    nz_buf_append_char(&r->gaps, '}');
    return nz_buf_status(&r->gaps);
}

const struct nz_diff_ops nz_diff_json_ops = {on_change, on_gap};

enum nz_err nz_diff_json_end(struct nz_diff_render *render)
{
    struct nz_buf *out = &render->line;
    bool first = true;
    nz_buf_append(out, NZ_STR("],\"gaps\":["));
    nz_buf_append(out, nz_buf_view(&render->gaps));
    nz_buf_append(out, NZ_STR("],\"unread\":["));
    for (int side = 0; side < 2; side++) {
        const struct nz_snapshot *s = render->sides[side];
        for (size_t i = 0; i < s->unread_count; i++, first = false) {
            const struct nz_unread *u = &s->unread[i];
            nz_buf_printf(out, "%s\n{\"side\":\"%s\"", first ? "" : ",", side_word((enum nz_side)side));
            member(out, "service", u->service);
            member(out, "operation", u->operation);
            member(out, "region", u->region);
            member(out, "resource", u->resource);
            member(out, "error", u->error);
            member(out, "action", u->action);
            member(out, "message", u->message);
            nz_buf_append_char(out, '}');
        }
    }
    nz_buf_append(out, NZ_STR("]}\n"));
    return write_out(render);
}
