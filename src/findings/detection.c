#include "findings/detection.h"

#include "core/json.h"

/* ,"name": */
static void key_append(struct nz_buf *out, const char *name)
{
    if (out->n && out->p[out->n - 1] != '{')
        nz_buf_append_char(out, ',');
    nz_json_append_string(out, nz_str_from_c(name));
    nz_buf_append_char(out, ':');
}

static void text_append(struct nz_buf *out, const char *name, struct nz_str text)
{
    key_append(out, name);
    nz_json_append_string(out, text);
}

/* As text_append, but what the record lacks is null. */
static void text_or_null_append(struct nz_buf *out, const char *name, struct nz_str text)
{
    key_append(out, name);
    if (text.p)
        nz_json_append_string(out, text);
    else
        nz_buf_append(out, NZ_STR("null"));
}

static void list_append(struct nz_buf *out, const char *name, const struct nz_str *items, size_t count)
{
    key_append(out, name);
    nz_buf_append_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, items[i]);
    }
    nz_buf_append_char(out, ']');
}

static void group_append(struct nz_buf *out, const struct nz_detection *d)
{
    key_append(out, "group");
    nz_buf_append_char(out, '{');
    for (size_t i = 0; i < d->group_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        nz_json_append_string(out, d->group_names[i]);
        nz_buf_append_char(out, ':');
        if (d->group_values[i].p)
            nz_json_append_string(out, d->group_values[i]);
        else
            nz_buf_append(out, NZ_STR("null"));
    }
    nz_buf_append_char(out, '}');
}

void nz_detection_append_json(struct nz_buf *out, const struct nz_detection *d)
{
    nz_buf_append_char(out, '{');
    text_append(out, "kind", d->kind);
    text_append(out, "rule_id", d->rule_id);
    text_append(out, "title", d->title);
    text_append(out, "level", d->level);
    text_or_null_append(out, "event_id", d->event_id);
    text_or_null_append(out, "event_time", d->event_time);
    text_or_null_append(out, "event_name", d->event_name);
    text_or_null_append(out, "actor", d->actor);
    text_or_null_append(out, "source_ip", d->source_ip);
    text_or_null_append(out, "region", d->region);
    text_or_null_append(out, "account", d->account);
    text_or_null_append(out, "error_code", d->error_code);
    text_or_null_append(out, "user_agent", d->user_agent);
    list_append(out, "tags", d->tags, d->tags_count);
    text_or_null_append(out, "file", d->file);
    key_append(out, "record");
    if (d->record == UINT64_MAX)
        nz_buf_append(out, NZ_STR("null"));
    else
        nz_buf_append_u64(out, d->record);
    if (nz_str_eq(d->kind, NZ_STR("correlation"))) {
        group_append(out, d);
        list_append(out, "events", d->event_ids, d->event_ids_count);
        key_append(out, "count");
        nz_buf_append_u64(out, d->count);
        text_or_null_append(out, "first_time", d->first_time);
        text_or_null_append(out, "last_time", d->last_time);
    }
    nz_buf_append_char(out, '}');
}
