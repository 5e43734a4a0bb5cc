#include "cli/diff_render.h"
#include "cli/i18n.h"
#include "core/text.h"

/* On a terminal a value longer than this is cut: it is a policy, which --format json shows whole. */
#define VALUE_BYTES_SHOWN 200u

static const struct {
    const char *sign;
    enum nz_style style;
} signs[] = {
    [NZ_CHANGE_ADDED] = {"+", NZ_STYLE_GREEN},
    [NZ_CHANGE_REMOVED] = {"-", NZ_STYLE_RED},
    [NZ_CHANGE_CHANGED] = {"~", NZ_STYLE_YELLOW},
};

static enum nz_err write_out(struct nz_diff_render *r, struct nz_buf *text)
{
    enum nz_err err = nz_buf_status(text);
    nz_output_write(&r->cli->out, nz_buf_view(text));
    nz_buf_clear(text);
    return err;
}

static struct nz_str name_of(const struct nz_item *item)
{
    return item->arn.n ? item->arn : item->id;
}

static void value_append(struct nz_diff_render *r, struct nz_str value)
{
    const struct nz_term *term = &r->cli->out_term;
    if (!value.p) {
        nz_buf_append(&r->line, nz_str_from_c(nz_style_on(term, NZ_STYLE_DIM)));
        nz_buf_append(&r->line, nz_str_from_c(_("(not there)")));
        nz_buf_append(&r->line, nz_str_from_c(nz_style_off(term, NZ_STYLE_DIM)));
        return;
    }
    bool cut = term->is_terminal && value.n > VALUE_BYTES_SHOWN;
    if (cut)
        value = nz_str_head(value, nz_utf8_valid_bytes(nz_str_head(value, VALUE_BYTES_SHOWN)));
    nz_text_append_terminal(&r->line, value);
    if (cut)
        nz_buf_append(&r->line, NZ_STR("…"));
}

static void field_append(struct nz_diff_render *r, const struct nz_field_change *field)
{
    nz_buf_append(&r->line, NZ_STR("    "));
    nz_text_append_terminal(&r->line, field->field);
    nz_buf_append(&r->line, NZ_STR(": "));
    value_append(r, field->before);
    nz_buf_append(&r->line, NZ_STR(" → "));
    value_append(r, field->after);
    nz_buf_append_char(&r->line, '\n');
}

static enum nz_err on_change(void *self, const struct nz_item_change *change)
{
    struct nz_diff_render *r = self;
    const struct nz_term *term = &r->cli->out_term;
    const enum nz_style style = signs[change->change].style;
    r->changes++;
    r->counts[change->change]++;
    nz_buf_append(&r->line, nz_str_from_c(nz_style_on(term, style)));
    nz_buf_append(&r->line, nz_str_from_c(signs[change->change].sign));
    nz_buf_append_char(&r->line, ' ');
    nz_text_append_terminal(&r->line, name_of(change->item));
    nz_buf_append(&r->line, nz_str_from_c(nz_style_off(term, style)));
    nz_buf_append(&r->line, nz_str_from_c(nz_style_on(term, NZ_STYLE_DIM)));
    nz_buf_append(&r->line, NZ_STR("  "));
    nz_text_append_terminal(&r->line, change->item->type);
    nz_buf_append(&r->line, NZ_STR("  "));
    nz_text_append_terminal(&r->line, change->item->region);
    nz_buf_append(&r->line, nz_str_from_c(nz_style_off(term, NZ_STYLE_DIM)));
    nz_buf_append_char(&r->line, '\n');
    for (size_t i = 0; i < change->fields_count; i++)
        field_append(r, &change->fields[i]);
    return write_out(r, &r->line);
}

/* --- what could not be compared --- */

static void place_append(struct nz_buf *out, const char *file, struct nz_str what, struct nz_str region,
                         struct nz_str resource)
{
    const struct nz_str parts[] = {nz_str_from_c(file), what, region, resource};
    for (size_t i = 0; i < 4; i++) {
        nz_buf_append(out, parts[i].n ? NZ_STR("  ") : NZ_STR(""));
        nz_text_append_terminal(out, parts[i]);
    }
}

static enum nz_err on_gap(void *self, const struct nz_gap *gap)
{
    struct nz_diff_render *r = self;
    r->gaps_count++;
    if (gap->why && gap->why->service.n) /* stands among what was not read */
        return NZ_OK;
    place_append(&r->gaps, r->names[gap->side], gap->type, gap->region, gap->resource);
    nz_buf_printf(&r->gaps, ": %s", gap->why ? _("the snapshot is damaged") : _("was not asked"));
    nz_buf_append_char(&r->gaps, '\n');
    return nz_buf_status(&r->gaps);
}

const struct nz_diff_ops nz_diff_table_ops = {on_change, on_gap};

static bool is_like(const struct nz_unread *one, const struct nz_unread *other)
{
    return nz_str_eq(one->service, other->service) && nz_str_eq(one->operation, other->operation) &&
           nz_str_eq(one->error, other->error) && nz_str_eq(one->action, other->action);
}

/* What one side did not read: a line for each call and reason, with all regions and things it was asked for. */
static void unread_append(struct nz_diff_render *r, enum nz_side side)
{
    const struct nz_snapshot *s = r->sides[side];
    for (size_t i = 0; i < s->unread_count;) {
        const struct nz_unread *first = &s->unread[i];
        const char *before = ": ";
        place_append(&r->gaps, r->names[side], first->service, first->operation, first->error);
        for (; i < s->unread_count && is_like(first, &s->unread[i]); i++) {
            const struct nz_unread *u = &s->unread[i];
            nz_buf_append(&r->gaps, nz_str_from_c(before));
            nz_text_append_terminal(&r->gaps, u->resource.n ? u->resource : u->region);
            before = ", ";
        }
        nz_buf_append_char(&r->gaps, '\n');
    }
}

enum nz_err nz_diff_table_end(struct nz_diff_render *render)
{
    unread_append(render, NZ_SIDE_FIRST);
    unread_append(render, NZ_SIDE_SECOND);
    if (render->gaps.n) {
        nz_output_printf(&render->cli->out, render->changes ? "\n%s\n" : "%s\n", _("Could not be compared:"));
        enum nz_err err = write_out(render, &render->gaps);
        if (err != NZ_OK)
            return err;
    }
    if (render->cli->quiet)
        return NZ_OK;
    nz_buf_printf(&render->line, _("added: %lu, removed: %lu, changed: %lu"),
                  (unsigned long)render->counts[NZ_CHANGE_ADDED], (unsigned long)render->counts[NZ_CHANGE_REMOVED],
                  (unsigned long)render->counts[NZ_CHANGE_CHANGED]);
    nz_output_flush(&render->cli->out);
    nz_problem_line(&render->cli->problems, nz_buf_view(&render->line));
    return nz_buf_status(&render->line);
}
