#include "findings/detection.h"

#include "core/json.h"

/* What stands before a member's value: ",\"name\":", and for the first "{\"name\":". A finding is written a million times:
 * names are literals, put in as they are. */
#define KEY(name) NZ_STR(",\"" name "\":")

static void text_append(struct nz_buf *out, struct nz_str key, struct nz_str text)
{
    nz_buf_append(out, key);
    nz_json_append_string(out, text);
}

/* As text_append, but what the record lacks is null. */
static void text_or_null_append(struct nz_buf *out, struct nz_str key, struct nz_str text)
{
    nz_buf_append(out, key);
    if (text.p)
        nz_json_append_string(out, text);
    else
        nz_buf_append(out, NZ_STR("null"));
}

static void list_append(struct nz_buf *out, struct nz_str key, const struct nz_str *items, size_t count)
{
    nz_buf_append(out, key);
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
    nz_buf_append(out, KEY("group"));
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
    text_append(out, NZ_STR("{\"kind\":"), d->kind);
    text_append(out, KEY("rule_id"), d->rule_id);
    text_append(out, KEY("title"), d->title);
    text_append(out, KEY("level"), d->level);
    text_or_null_append(out, KEY("event_id"), d->event_id);
    text_or_null_append(out, KEY("event_time"), d->event_time);
    text_or_null_append(out, KEY("event_name"), d->event_name);
    text_or_null_append(out, KEY("actor"), d->actor);
    text_or_null_append(out, KEY("source_ip"), d->source_ip);
    text_or_null_append(out, KEY("region"), d->region);
    text_or_null_append(out, KEY("account"), d->account);
    text_or_null_append(out, KEY("error_code"), d->error_code);
    text_or_null_append(out, KEY("user_agent"), d->user_agent);
    list_append(out, KEY("tags"), d->tags, d->tags_count);
    text_or_null_append(out, KEY("file"), d->file);
    nz_buf_append(out, KEY("record"));
    if (d->record == UINT64_MAX)
        nz_buf_append(out, NZ_STR("null"));
    else
        nz_buf_append_u64(out, d->record);
    if (nz_str_eq(d->kind, NZ_STR("correlation"))) {
        group_append(out, d);
        list_append(out, KEY("events"), d->event_ids, d->event_ids_count);
        nz_buf_append(out, KEY("count"));
        nz_buf_append_u64(out, d->count);
        text_or_null_append(out, KEY("first_time"), d->first_time);
        text_or_null_append(out, KEY("last_time"), d->last_time);
    }
    nz_buf_append_char(out, '}');
}
