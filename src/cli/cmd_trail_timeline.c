#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "cli/log_scan.h"
#include "cli/table.h"
#include "cli/timeline_html.h"
#include "core/ip.h"
#include "core/spool.h"
#include "core/text.h"
#include "events/filter.h"

#include <stdlib.h>

#define SPOOL_BYTES ((size_t)16 << 20)

enum format { FORMAT_TABLE, FORMAT_NDJSON, FORMAT_RAW, FORMAT_HTML };
static const char *const format_choices[] = {"table", "ndjson", "raw", "html", NULL};
static const char *const format_texts[] = {N_("for people"), N_("the same columns, one object a line"),
                                           N_("the records"), N_("days on a page, with what is new marked"), NULL};

struct opts {
    struct nz_opt_list actors, ips, keys, events;
    int format;
    const char *output;
    struct nz_log_opts log;
};

static const struct nz_opt options[] = {
    {.name = "actor",
     .kind = NZ_OPT_LIST,
     .at = offsetof(struct opts, actors),
     .metavar = "NAME",
     .help = N_("of this user, role, session or service: an ARN, a name, or the start of one before '*'")},
    {.name = "ip",
     .kind = NZ_OPT_LIST,
     .at = offsetof(struct opts, ips),
     .metavar = "ADDRESS",
     .help = N_("from this address or network (203.0.113.0/24)")},
    {.name = "key",
     .kind = NZ_OPT_LIST,
     .at = offsetof(struct opts, keys),
     .metavar = "ID",
     .help = N_("signed with this access key, or about it")},
    {.name = "event",
     .kind = NZ_OPT_LIST,
     .at = offsetof(struct opts, events),
     .metavar = "NAME",
     .help = N_("of this API call, or the start of its name before '*'")},
    NZ_LOG_OPTIONS(struct opts, log),
    {.name = "format",
     .letter = 'f',
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "table",
     .choices = format_choices,
     .choice_texts = format_texts,
     .help = N_("form of the timeline")},
    NZ_OPTION_OUTPUT(struct opts, output),
};

#define COLUMNS 8u
static const char *const names[COLUMNS] = {"event_time", "event_name", "actor",    "source_ip",
                                           "region",     "error_code", "event_id", "user_agent"};

struct timeline {
    struct nz_cli *cli;
    const struct opts *opts;
    struct nz_event_filter filter;
    struct nz_spool *spool;
    struct nz_buf entry;
    struct nz_log_scan *scan;
    uint64_t count;
};

struct worker {
    const struct timeline *timeline;
    struct nz_buf scratch;
};

static enum nz_err worker_open(void *self, void **worker)
{
    struct worker *w = calloc(1, sizeof *w);
    *worker = w;
    if (!w)
        return NZ_E_NOMEM;
    w->timeline = self;
    nz_buf_init(&w->scratch, 0);
    return NZ_OK;
}

static void worker_close(void *self, void *worker)
{
    (void)self;
    nz_buf_release(&((struct worker *)worker)->scratch);
    free(worker);
}

/* The access key that signed the request. */
static void append_key(struct nz_buf *payload, const struct nz_event *ev, struct nz_buf *scratch)
{
    const struct nz_json key = nz_event_member(ev, NZ_FIELD_USER_IDENTITY, NZ_STR("accessKeyId"));
    nz_buf_append_sized(payload,
                        nz_json_kind(key) == NZ_JSON_STRING ? nz_json_string(key, scratch) : (struct nz_str){NULL, 0});
}

/* Payload: the time as a sort key, then the columns (for a page with service and key behind them), or the record itself. */
static enum nz_err on_record(void *worker, const struct nz_event *ev, struct nz_buf *payload)
{
    struct worker *w = worker;
    if (!nz_event_filter_fits(&w->timeline->filter, ev, &w->scratch))
        return NZ_OK;
    nz_time time;
    int64_t key = nz_event_time(ev, &time) ? time.us : INT64_MIN; /* without a time: before all others */
    nz_buf_append(payload, nz_str_of((const char *)&key, sizeof key));
    if (w->timeline->opts->format == FORMAT_RAW) {
        nz_json_append_compact(nz_event_root(ev), payload);
        return NZ_OK;
    }
    struct nz_event_summary s;
    nz_event_summarize(ev, &w->scratch, &s);
    const struct nz_str cells[COLUMNS] = {s.event_time, s.event_name, s.actor,    s.source_ip,
                                          s.region,     s.error_code, s.event_id, s.user_agent};
    for (size_t i = 0; i < COLUMNS; i++)
        nz_buf_append_sized(payload, cells[i]);
    if (w->timeline->opts->format == FORMAT_HTML) {
        nz_buf_append_sized(payload, s.event_source);
        append_key(payload, ev, &w->scratch);
    }
    return nz_buf_status(&w->scratch);
}

static enum nz_err on_accept(void *self, const struct nz_scan_record *record, struct nz_str payload,
                             struct nz_diag *diag)
{
    struct timeline *t = self;
    int64_t key;
    memcpy(&key, payload.p, sizeof key);
    nz_buf_clear(&t->entry);
    nz_buf_append(&t->entry, nz_str_of((const char *)&record->id, sizeof record->id));
    nz_buf_append(&t->entry, nz_str_skip(payload, sizeof key));
    nz_progress_add(&t->cli->progress, 0, 0, 1);
    return t->entry.failed ? NZ_E_NOMEM : nz_spool_add(t->spool, key, nz_buf_view(&t->entry), diag);
}

static const struct nz_log_ops log_ops = {worker_open, worker_close, on_record, on_accept};

/* --- printing --- */

/* The next record that no other one replaces. */
static enum nz_err next_record(struct timeline *t, bool *more, int64_t *key, struct nz_str *record,
                               struct nz_diag *diag)
{
    uint64_t id;
    do {
        enum nz_err err = nz_spool_next(t->spool, more, key, record, diag);
        if (err != NZ_OK || !*more)
            return err;
        memcpy(&id, record->p, sizeof id);
    } while (nz_log_scan_is_replaced(t->scan, id));
    *record = nz_str_skip(*record, sizeof id);
    return NZ_OK;
}

static void take_cells(struct nz_str *record, struct nz_str cells[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = nz_sized_take(record);
}

static void print_object(struct timeline *t, const struct nz_str cells[COLUMNS])
{
    nz_buf_clear(&t->entry);
    for (size_t i = 0; i < COLUMNS; i++) {
        nz_buf_printf(&t->entry, "%s\"%s\":", i ? "," : "{", names[i]);
        if (cells[i].p)
            nz_json_append_string(&t->entry, cells[i]);
        else
            nz_buf_append(&t->entry, NZ_STR("null"));
    }
    nz_buf_append(&t->entry, NZ_STR("}\n"));
    nz_output_write(&t->cli->out, nz_buf_view(&t->entry));
}

/* A table is laid out in pages, so that it needs no more memory for a million rows than for a thousand. */
#define PAGE_ROWS 1000u

#define TABLE_COLUMNS 6u
#define SHORT_TIMES_BELOW 110u /* columns of a window: 06-24 17:28:24 for 2026-06-24T17:28:24Z */
#define SHORT_TIME_BYTES 14u
#define NO_REGION_BELOW 100u
#define REGION 4u

struct page {
    struct nz_arena keep;
    struct nz_table table;
    size_t rows;
    const struct nz_term *term;
    struct nz_table_column columns[TABLE_COLUMNS];
    size_t shown[TABLE_COLUMNS]; /* which of the cells */
    size_t columns_count;
    char time[SHORT_TIME_BYTES];
};

static void page_init(struct page *page, const struct nz_term *term)
{
    const struct nz_table_column all[TABLE_COLUMNS] = {{.title = _("TIME"), .whole = true},
                                                       {.title = _("EVENT")},
                                                       {.title = _("ACTOR")},
                                                       {.title = _("SOURCE")},
                                                       {.title = _("REGION")},
                                                       {.title = _("ERROR")}};
    page->term = term;
    for (size_t i = 0; i < TABLE_COLUMNS; i++) {
        if (i == REGION && term->columns && term->columns < NO_REGION_BELOW)
            continue;
        page->columns[page->columns_count] = all[i];
        page->shown[page->columns_count++] = i;
    }
    nz_arena_init(&page->keep, 0);
    nz_table_init(&page->table, &page->keep, page->columns, page->columns_count);
}

/* In a window the time as there is room, and a name by its end, which tells it from others; a file gets both whole. */
static void fit_to_window(const struct nz_term *term, struct nz_str *time, struct nz_str *actor,
                          char room[SHORT_TIME_BYTES])
{
    nz_time ignored;
    const bool is_time = nz_time_parse(*time, &ignored);
    *time = nz_str_head(*time, is_time ? 20 : 5); /* escaped, five bytes are no wider than a time */
    *actor = nz_detect_short_name(*actor);
    if (is_time && time->n == 20 && term->columns < SHORT_TIMES_BELOW) {
        memcpy(room, time->p + 5, SHORT_TIME_BYTES);
        room[5] = ' '; /* for the T */
        *time = nz_str_of(room, SHORT_TIME_BYTES);
    }
}

static void page_add(struct page *page, struct nz_str cells[COLUMNS])
{
    static const enum nz_style all_styles[TABLE_COLUMNS] = {NZ_STYLE_DIM, NZ_STYLE_BOLD, [5] = NZ_STYLE_RED};
    struct nz_str shown[TABLE_COLUMNS];
    enum nz_style styles[TABLE_COLUMNS];
    if (page->term->columns)
        fit_to_window(page->term, &cells[0], &cells[2], page->time);
    for (size_t i = 0; i < page->columns_count; i++) {
        shown[i] = cells[page->shown[i]];
        styles[i] = all_styles[page->shown[i]];
    }
    nz_table_add(&page->table, shown, styles);
    page->rows++;
}

static enum nz_err print_entry(struct timeline *t, struct page *page, struct nz_str record)
{
    struct nz_str cells[COLUMNS];
    t->count++;
    if (t->opts->format == FORMAT_RAW) {
        nz_buf_clear(&t->entry);
        nz_text_append_json(&t->entry, record);
        nz_buf_append_char(&t->entry, '\n');
        nz_output_write(&t->cli->out, nz_buf_view(&t->entry));
        return nz_buf_status(&t->entry);
    }
    take_cells(&record, cells);
    if (t->opts->format == FORMAT_NDJSON) {
        print_object(t, cells);
        return nz_buf_status(&t->entry);
    }
    page_add(page, cells);
    return NZ_OK;
}

static enum nz_err page_print(struct timeline *t, struct page *page)
{
    return page->rows ? nz_table_print(&page->table, &t->cli->out, &t->cli->out_term) : NZ_OK;
}

static enum nz_err print_all(struct timeline *t)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    struct page page = {0};
    bool more = true;
    page_init(&page, &t->cli->out_term);
    enum nz_err err = nz_spool_rewind(t->spool, &diag);
    while (err == NZ_OK && t->cli->out.err == NZ_OK) {
        int64_t key;
        struct nz_str record;
        err = next_record(t, &more, &key, &record, &diag);
        if (err != NZ_OK || !more)
            break;
        err = print_entry(t, &page, record);
        if (err == NZ_OK && page.rows == PAGE_ROWS) {
            err = page_print(t, &page);
            nz_arena_reset(&page.keep);
            page.rows = 0;
            nz_table_init(&page.table, &page.keep, page.columns, page.columns_count);
        }
    }
    if (err == NZ_OK)
        err = page_print(t, &page);
    nz_arena_release(&page.keep);
    if (err != NZ_OK) {
        diag.code = err;
        return nz_cli_report(t->cli, &diag);
    }
    return NZ_OK;
}

/* --- as a page --- */

typedef enum nz_err give_fn(struct nz_timeline_html *page, const struct nz_timeline_row *row);

static enum nz_err give_all(struct timeline *t, struct nz_timeline_html *page, give_fn *give, struct nz_diag *diag)
{
    enum nz_err err = nz_spool_rewind(t->spool, diag);
    while (err == NZ_OK) {
        bool more;
        int64_t key;
        struct nz_str record, cells[COLUMNS];
        err = next_record(t, &more, &key, &record, diag);
        if (err != NZ_OK || !more)
            break;
        take_cells(&record, cells);
        const struct nz_str service = nz_sized_take(&record), signer = nz_sized_take(&record);
        const struct nz_timeline_row row = {.has_time = key != INT64_MIN,
                                            .at = {key == INT64_MIN ? 0 : key},
                                            .event = cells[1],
                                            .service = service,
                                            .actor = cells[2],
                                            .source = cells[3],
                                            .region = cells[4],
                                            .error = cells[5],
                                            .user_agent = cells[7],
                                            .key = signer};
        err = give(page, &row);
    }
    return err;
}

/* "--actor alice --actor bob", as it was asked. */
static void append_asked(struct nz_buf *out, const char *name, const struct nz_opt_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        nz_buf_printf(out, "%s--%s %s", out->n ? " " : "", name, list->items[i]);
}

static enum nz_err print_page(struct timeline *t)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_timeline_html *page;
    struct nz_buf asked;
    nz_buf_init(&asked, 0);
    append_asked(&asked, "actor", &t->opts->actors);
    append_asked(&asked, "ip", &t->opts->ips);
    append_asked(&asked, "key", &t->opts->keys);
    append_asked(&asked, "event", &t->opts->events);
    enum nz_err err = nz_timeline_html_new(t->cli, &page);
    if (err == NZ_OK)
        err = give_all(t, page, nz_timeline_html_sum, &diag);
    if (err == NZ_OK)
        err = nz_timeline_html_begin(page, nz_buf_view(&asked));
    if (err == NZ_OK)
        err = give_all(t, page, nz_timeline_html_add, &diag);
    if (err == NZ_OK)
        err = nz_timeline_html_end(page);
    nz_timeline_html_free(page);
    nz_buf_release(&asked);
    if (err != NZ_OK && err != t->cli->out.err) {
        diag.code = err;
        return nz_cli_report(t->cli, &diag);
    }
    return err;
}

/* A network that is none would match nothing, without a word. */
static enum nz_err check_networks(struct nz_cli *cli, const struct nz_opt_list *ips)
{
    for (size_t i = 0; i < ips->count; i++) {
        struct nz_cidr net;
        if (strchr(ips->items[i], '/') && strspn(ips->items[i], "0123456789abcdefABCDEF.:/") == strlen(ips->items[i]) &&
            !nz_cidr_parse(nz_str_from_c(ips->items[i]), &net))
            return nz_cli_usage(cli, _("--ip: '%s' is not an IP network"), ips->items[i]);
    }
    return NZ_OK;
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    if (check_networks(cli, &o->ips) != NZ_OK)
        return NZ_E_USAGE;
    struct timeline t = {.cli = cli,
                         .opts = o,
                         .filter = {.actors = o->actors.items,
                                    .actors_count = o->actors.count,
                                    .ips = o->ips.items,
                                    .ips_count = o->ips.count,
                                    .keys = o->keys.items,
                                    .keys_count = o->keys.count,
                                    .events = o->events.items,
                                    .events_count = o->events.count}};
    nz_buf_init(&t.entry, 0);
    enum nz_err err = nz_log_output(cli, args, &o->log, o->output);
    if (err == NZ_OK && (err = nz_spool_new(SPOOL_BYTES, &t.spool)) != NZ_OK)
        nz_cli_report_err(cli, err);
    if (err == NZ_OK)
        err = nz_log_scan_new(cli, args, &o->log, &log_ops, &t, &t.scan);
    if (err == NZ_OK)
        err = nz_log_scan_run(t.scan);
    if (err == NZ_OK)
        err = o->format == FORMAT_HTML ? print_page(&t) : print_all(&t);
    if (t.scan)
        nz_log_scan_summarize(t.scan);
    nz_log_scan_free(t.scan);
    nz_spool_free(t.spool);
    nz_buf_release(&t.entry);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban trail timeline --actor alice logs/", N_("what alice did, in order")},
    {"nezuban trail timeline --ip 203.0.113.0/24 --since 7d logs/", N_("what came from a network in the last week")},
    {"nezuban trail timeline --key AKIAIOSFODNN7EXAMPLE --format raw logs/ | jq .",
     N_("every record about one access key")},
    {"nezuban trail timeline --actor alice --format html -o alice.html logs/",
     N_("days on a page, with what is new marked")},
    {0},
};

const struct nz_command nz_command_trail_timeline = {
    .name = "trail timeline",
    .summary = N_("list what somebody did, or what came from somewhere, in order of time"),
    .arguments = "PATH...",
    .description =
        N_("Records of all files, sorted by eventTime whatever the order of the files. Options of different kinds "
           "must all fit; one given several times fits when any of its values does. Without any, all records."),
    .examples = examples,
    .arguments_min = 1,
    .arguments_max = SIZE_MAX,
    .complete = NZ_COMPLETE_FILE,
    .run = run,
    NZ_OPTIONS(struct opts, options),
};
