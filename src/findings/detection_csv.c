/* The finding of `detect` as a row of CSV. */
#include "findings/detection.h"

#include "core/text.h"

enum cell { CELL_TEXT, CELL_COUNT, CELL_RECORD, CELL_GROUP, CELL_TAGS, CELL_EVENTS };

/* What is read first stands first. Names are those of the NDJSON form. */
static const struct column {
    const char *name;
    enum cell cell;
    size_t at; /* CELL_TEXT: of the text in struct nz_detection */
} columns[] = {
    {"level", CELL_TEXT, offsetof(struct nz_detection, level)},
    {"event_time", CELL_TEXT, offsetof(struct nz_detection, event_time)},
    {"title", CELL_TEXT, offsetof(struct nz_detection, title)},
    {"actor", CELL_TEXT, offsetof(struct nz_detection, actor)},
    {"event_name", CELL_TEXT, offsetof(struct nz_detection, event_name)},
    {"source_ip", CELL_TEXT, offsetof(struct nz_detection, source_ip)},
    {"region", CELL_TEXT, offsetof(struct nz_detection, region)},
    {"account", CELL_TEXT, offsetof(struct nz_detection, account)},
    {"error_code", CELL_TEXT, offsetof(struct nz_detection, error_code)},
    {"user_agent", CELL_TEXT, offsetof(struct nz_detection, user_agent)},
    {"count", CELL_COUNT, 0},
    {"first_time", CELL_TEXT, offsetof(struct nz_detection, first_time)},
    {"last_time", CELL_TEXT, offsetof(struct nz_detection, last_time)},
    {"group", CELL_GROUP, 0},
    {"tags", CELL_TAGS, 0},
    {"kind", CELL_TEXT, offsetof(struct nz_detection, kind)},
    {"rule_id", CELL_TEXT, offsetof(struct nz_detection, rule_id)},
    {"event_id", CELL_TEXT, offsetof(struct nz_detection, event_id)},
    {"events", CELL_EVENTS, 0},
    {"file", CELL_TEXT, offsetof(struct nz_detection, file)},
    {"record", CELL_RECORD, 0},
};
#define COLUMNS (sizeof columns / sizeof columns[0])

static void append_list(struct nz_buf *out, const struct nz_str *items, size_t count, struct nz_buf *scratch)
{
    nz_buf_clear(scratch);
    for (size_t i = 0; i < count; i++) {
        if (i)
            nz_buf_append_char(scratch, ' ');
        nz_buf_append(scratch, items[i]);
    }
    nz_text_append_csv(out, nz_buf_view(scratch));
}

static void append_group(struct nz_buf *out, const struct nz_detection *d, struct nz_buf *scratch)
{
    nz_buf_clear(scratch);
    for (size_t i = 0; i < d->group_count; i++) {
        if (i)
            nz_buf_append_char(scratch, ' ');
        nz_buf_append(scratch, d->group_names[i]);
        nz_buf_append_char(scratch, '=');
        nz_buf_append(scratch, d->group_values[i]);
    }
    nz_text_append_csv(out, nz_buf_view(scratch));
}

static void append_cell(struct nz_buf *out, const struct nz_detection *d, const struct column *column,
                        struct nz_buf *scratch)
{
    switch (column->cell) {
    case CELL_TEXT: {
        struct nz_str text;
        memcpy(&text, (const char *)d + column->at, sizeof text);
        nz_text_append_csv(out, text);
        return;
    }
    case CELL_COUNT:
        if (nz_str_eq(d->kind, NZ_STR("correlation")))
            nz_buf_append_u64(out, d->count);
        return;
    case CELL_RECORD:
        if (d->record != UINT64_MAX)
            nz_buf_append_u64(out, d->record);
        return;
    case CELL_GROUP:
        append_group(out, d, scratch);
        return;
    case CELL_TAGS:
        append_list(out, d->tags, d->tags_count, scratch);
        return;
    case CELL_EVENTS:
        append_list(out, d->event_ids, d->event_ids_count, scratch);
        return;
    }
}

void nz_detection_append_csv_titles(struct nz_buf *out)
{
    for (size_t i = 0; i < COLUMNS; i++)
        nz_buf_printf(out, "%s%s", i ? "," : "", columns[i].name);
    nz_buf_append(out, NZ_STR("\r\n"));
}

void nz_detection_append_csv(struct nz_buf *out, const struct nz_detection *d, struct nz_buf *scratch)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        append_cell(out, d, &columns[i], scratch);
    }
    nz_buf_append(out, NZ_STR("\r\n"));
    out->failed = out->failed || scratch->failed;
}
