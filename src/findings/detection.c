#include "findings/detection.h"
#include "core/array.h"

#include "core/json.h"

#include <stdlib.h>

/* What stands before a member's value: ",\"name\":", and for the first "{\"name\":". A finding is written a million times:
 * names are literals, put in as they are. */
#define KEY(name) NZ_STR(",\"" name "\":")

static inline void text_append(struct nz_buf *out, struct nz_str key, struct nz_str text)
{
    nz_buf_append(out, key);
    nz_json_append_string(out, text);
}

/* As text_append, but what the record lacks is null. */
static inline void text_or_null_append(struct nz_buf *out, struct nz_str key, struct nz_str text)
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

static void head_append(struct nz_buf *out, const struct nz_detection *d)
{
    text_append(out, NZ_STR("{\"kind\":"), d->kind);
    text_append(out, KEY("rule_id"), d->rule_id);
    text_append(out, KEY("title"), d->title);
    text_append(out, KEY("level"), d->level);
}

void nz_detection_append_what_json(struct nz_buf *out, const struct nz_detection *d)
{
    text_or_null_append(out, KEY("event_id"), d->event_id);
    text_or_null_append(out, KEY("event_time"), d->event_time);
    text_or_null_append(out, KEY("event_name"), d->event_name);
}

void nz_detection_append_who_json(struct nz_buf *out, const struct nz_detection *d)
{
    text_or_null_append(out, KEY("actor"), d->actor);
    text_or_null_append(out, KEY("source_ip"), d->source_ip);
    text_or_null_append(out, KEY("region"), d->region);
    text_or_null_append(out, KEY("account"), d->account);
    text_or_null_append(out, KEY("error_code"), d->error_code);
    text_or_null_append(out, KEY("user_agent"), d->user_agent);
}

void nz_detection_append_event_json(struct nz_buf *out, const struct nz_detection *d)
{
    nz_detection_append_what_json(out, d);
    nz_detection_append_who_json(out, d);
}

static void event_append(struct nz_buf *out, const struct nz_detection *d)
{
    if (d->event_json.p)
        nz_buf_append(out, d->event_json);
    else
        nz_detection_append_event_json(out, d);
}

static void record_append(struct nz_buf *out, const struct nz_detection *d)
{
    nz_buf_append(out, KEY("record"));
    if (d->record == UINT64_MAX)
        nz_buf_append(out, NZ_STR("null"));
    else
        nz_buf_append_u64(out, d->record);
}

static bool is_correlation(const struct nz_detection *d)
{
    return nz_str_eq(d->kind, NZ_STR("correlation"));
}

void nz_detection_append_json(struct nz_buf *out, const struct nz_detection *d)
{
    head_append(out, d);
    event_append(out, d);
    list_append(out, KEY("tags"), d->tags, d->tags_count);
    text_or_null_append(out, KEY("file"), d->file);
    record_append(out, d);
    if (is_correlation(d)) {
        group_append(out, d);
        list_append(out, KEY("events"), d->event_ids, d->event_ids_count);
        nz_buf_append(out, KEY("count"));
        nz_buf_append_u64(out, d->count);
        text_or_null_append(out, KEY("first_time"), d->first_time);
        text_or_null_append(out, KEY("last_time"), d->last_time);
    }
    nz_buf_append_char(out, '}');
}

/* --- many of them --- */

void nz_detection_writer_init(struct nz_detection_writer *w)
{
    *w = (struct nz_detection_writer){.rules = NULL};
    nz_arena_init(&w->keep, 0);
    nz_buf_init(&w->file, 0);
    nz_buf_init(&w->file_json, 0);
}

void nz_detection_writer_release(struct nz_detection_writer *w)
{
    nz_arena_release(&w->keep);
    nz_buf_release(&w->file);
    nz_buf_release(&w->file_json);
    free(w->rules);
    nz_detection_writer_init(w);
}

/* What is the same for all findings of the rule, rendered when the first one comes; NULL: out of memory. */
static const struct nz_detection_rule_json *rule_of(struct nz_detection_writer *w, const struct nz_detection *d)
{
    struct nz_detection_rule_json *grown = nz_array_grow(w->rules, &w->rules_count, d->rule_number, sizeof *grown);
    if (!grown)
        return NULL;
    w->rules = grown;
    struct nz_detection_rule_json *rule = &grown[d->rule_number];
    if (rule->tags.p)
        return rule;
    struct nz_buf text;
    nz_buf_init(&text, 0);
    head_append(&text, d);
    const size_t head_bytes = text.n;
    list_append(&text, KEY("tags"), d->tags, d->tags_count);
    const struct nz_str both = text.failed ? nz_str_of(NULL, 0) : nz_arena_str(&w->keep, nz_buf_view(&text));
    nz_buf_release(&text);
    if (!both.p)
        return NULL;
    rule->head = nz_str_head(both, head_bytes);
    rule->tags = nz_str_skip(both, head_bytes);
    return rule;
}

static void file_append(struct nz_detection_writer *w, struct nz_buf *out, const struct nz_detection *d)
{
    if (!w->file_json.n || !nz_str_eq(nz_buf_view(&w->file), d->file)) {
        nz_buf_clear(&w->file);
        nz_buf_clear(&w->file_json);
        nz_buf_append(&w->file, d->file);
        text_or_null_append(&w->file_json, KEY("file"), d->file);
    }
    nz_buf_append(out, nz_buf_view(&w->file_json));
    out->failed = out->failed || w->file.failed || w->file_json.failed;
}

enum nz_err nz_detection_writer_append(struct nz_detection_writer *w, struct nz_buf *out, const struct nz_detection *d)
{
    if (is_correlation(d) || !d->file.p) {
        nz_detection_append_json(out, d);
        return nz_buf_status(out);
    }
    const struct nz_detection_rule_json *rule = rule_of(w, d);
    if (!rule)
        return NZ_E_NOMEM;
    nz_buf_append(out, rule->head);
    event_append(out, d);
    nz_buf_append(out, rule->tags);
    file_append(w, out, d);
    record_append(out, d);
    nz_buf_append_char(out, '}');
    return nz_buf_status(out);
}
