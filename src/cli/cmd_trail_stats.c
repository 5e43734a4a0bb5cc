#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "cli/log_scan.h"
#include "cli/panel.h"
#include "cli/table.h"
#include "findings/html_page.h"
#include "trail/tally.h"

#include <stdlib.h>

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_HTML };
static const char *const format_choices[] = {"table", "json", "html", NULL};
static const char *const format_texts[] = {N_("for people"), N_("one document"), N_("a page to look at, in one file"),
                                           NULL};

struct opts {
    int format;
    uint64_t top;
    const char *output;
    struct nz_log_opts log;
};

static const struct nz_opt options[] = {
    NZ_LOG_OPTIONS(struct opts, log),
    {.name = "top",
     .letter = 'n',
     .kind = NZ_OPT_UINT,
     .at = offsetof(struct opts, top),
     .metavar = "N",
     .def = "10",
     .max = NZ_TALLY_NAMES_MAX,
     .help = N_("rows of each table; 0 means all")},
    {.name = "format",
     .letter = 'f',
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "table",
     .choices = format_choices,
     .choice_texts = format_texts,
     .help = N_("form of the counts")},
    NZ_OPTION_OUTPUT(struct opts, output),
};

/* What is counted: one tally each. */
enum { BY_EVENT, BY_SOURCE, BY_ACTOR, BY_IP, BY_REGION, BY_ERROR, TALLIES };
static const struct {
    const char *title, *key;
} tallies[TALLIES] = {
    {N_("EVENT"), "events"}, {N_("SERVICE"), "sources"}, {N_("ACTOR"), "actors"},
    {N_("SOURCE"), "ips"},   {N_("REGION"), "regions"},  {N_("ERROR"), "errors"},
};

struct stats {
    struct nz_cli *cli;
    struct nz_tally tallies[TALLIES];
    struct nz_tally all; /* one row: all records, with first and last time */
    struct nz_time_bars allowed, refused;
    struct nz_log_scan *scan;
};

struct worker {
    struct nz_buf scratch;
};

static enum nz_err worker_open(void *self, void **worker)
{
    (void)self;
    struct worker *w = calloc(1, sizeof *w);
    *worker = w;
    if (!w)
        return NZ_E_NOMEM;
    nz_buf_init(&w->scratch, 0);
    return NZ_OK;
}

static void worker_close(void *self, void *worker)
{
    (void)self;
    nz_buf_release(&((struct worker *)worker)->scratch);
    free(worker);
}

/* Payload: the time (and whether there is one), then a sized text for each tally. */
static enum nz_err on_record(void *worker, const struct nz_event *ev, struct nz_buf *payload)
{
    struct worker *w = worker;
    struct nz_event_summary s;
    nz_time time = {0};
    int64_t has_time = nz_event_time(ev, &time);
    nz_event_summarize(ev, &w->scratch, &s);
    if (w->scratch.failed)
        return NZ_E_NOMEM;
    const struct nz_str texts[TALLIES] = {s.event_name, s.event_source, s.actor, s.source_ip, s.region, s.error_code};
    nz_buf_append(payload, nz_str_of((const char *)&has_time, sizeof has_time));
    nz_buf_append(payload, nz_str_of((const char *)&time, sizeof time));
    for (size_t i = 0; i < TALLIES; i++)
        nz_buf_append_sized(payload, texts[i]);
    return NZ_OK;
}

static enum nz_err on_accept(void *self, const struct nz_scan_record *record, struct nz_str payload,
                             struct nz_diag *diag)
{
    (void)diag;
    struct stats *s = self;
    int64_t has_time;
    nz_time time;
    if (record->updates_seen) /* the record it replaces has been counted: once is right */
        return NZ_OK;
    memcpy(&has_time, payload.p, sizeof has_time);
    memcpy(&time, payload.p + sizeof has_time, sizeof time);
    payload = nz_str_skip(payload, sizeof has_time + sizeof time);
    const nz_time *at = has_time ? &time : NULL;
    enum nz_err err = nz_tally_add(&s->all, NZ_STR(""), at);
    for (size_t i = 0; i < TALLIES && err == NZ_OK; i++) {
        struct nz_str text = nz_sized_take(&payload);
        if (text.p)
            err = nz_tally_add(&s->tallies[i], text, at);
        if (i == BY_ERROR && at)
            nz_time_bars_add(text.n ? &s->refused : &s->allowed, time);
    }
    return err;
}

static const struct nz_log_ops log_ops = {worker_open, worker_close, on_record, on_accept};

/* --- printing --- */

static size_t rows_shown(const struct nz_tally *t, uint64_t top)
{
    return top && top < t->count ? (size_t)top : t->count;
}

/* As there is room: in a narrow window the minute, in a narrower one the day; a file gets all of it. */
static void append_time(struct nz_buf *out, const struct nz_term *term, nz_time time)
{
    const struct nz_civil c = nz_time_civil(time);
    if (!term->columns || term->columns >= 100)
        nz_time_append(out, time);
    else if (term->columns >= 80)
        nz_time_append_minute(out, time);
    else
        nz_buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static enum nz_err print_tally(struct stats *s, size_t which, uint64_t top)
{
    const struct nz_tally *t = &s->tallies[which];
    const struct nz_term *term = &s->cli->out_term;
    const struct nz_table_column columns[] = {{.title = _(tallies[which].title)},
                                              {.title = _("COUNT"), .right = true, .whole = true},
                                              {.title = _("FIRST"), .whole = true},
                                              {.title = _("LAST"), .whole = true}};
    struct nz_table table;
    struct nz_buf count, first, last;
    nz_buf_init(&count, 0);
    nz_buf_init(&first, 0);
    nz_buf_init(&last, 0);
    nz_table_init(&table, &s->cli->arena, columns, 4);
    for (size_t i = 0; i < rows_shown(t, top); i++) {
        nz_buf_clear(&count);
        nz_buf_clear(&first);
        nz_buf_clear(&last);
        nz_buf_append_u64(&count, t->rows[i].count);
        if (t->rows[i].has_time) {
            append_time(&first, term, t->rows[i].first);
            append_time(&last, term, t->rows[i].last);
        }
        const struct nz_str name = t->rows[i].name;
        const struct nz_str cells[] = {term->columns && which == BY_ACTOR ? nz_detect_short_name(name) : name,
                                       nz_buf_view(&count), nz_buf_view(&first), nz_buf_view(&last)};
        nz_table_add(&table, cells, NULL);
    }
    enum nz_err err = count.failed || first.failed || last.failed ? NZ_E_NOMEM : NZ_OK;
    if (err == NZ_OK && t->count)
        err = nz_table_print(&table, &s->cli->out, &s->cli->out_term);
    if (t->count > rows_shown(t, top))
        nz_output_printf(&s->cli->out, _("... and %zu more\n"), t->count - rows_shown(t, top));
    if (t->others)
        nz_output_printf(&s->cli->out, _("... and others, counted together: %llu\n"), (unsigned long long)t->others);
    if (t->count)
        nz_output_printf(&s->cli->out, "\n");
    nz_buf_release(&count);
    nz_buf_release(&first);
    nz_buf_release(&last);
    return err;
}

static void append_times(struct nz_buf *out, const struct nz_tally_row *row)
{
    if (!row || !row->has_time) {
        nz_buf_append(out, NZ_STR("\"first\":null,\"last\":null"));
        return;
    }
    nz_buf_append(out, NZ_STR("\"first\":\""));
    nz_time_append(out, row->first);
    nz_buf_append(out, NZ_STR("\",\"last\":\""));
    nz_time_append(out, row->last);
    nz_buf_append(out, NZ_STR("\""));
}

static enum nz_err print_json(struct stats *s, uint64_t top)
{
    const struct nz_tally_row *all = s->all.count ? s->all.rows : NULL;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_buf_printf(&out, "{\"records\":%llu,", (unsigned long long)(all ? all->count : 0));
    append_times(&out, all);
    for (size_t which = 0; which < TALLIES; which++) {
        const struct nz_tally *t = &s->tallies[which];
        nz_buf_printf(&out, ",\n\"%s\":[", tallies[which].key);
        for (size_t i = 0; i < rows_shown(t, top); i++) {
            nz_buf_append(&out, i ? NZ_STR(",\n{\"name\":") : NZ_STR("\n{\"name\":"));
            nz_json_append_string(&out, t->rows[i].name);
            nz_buf_printf(&out, ",\"count\":%llu,", (unsigned long long)t->rows[i].count);
            append_times(&out, &t->rows[i]);
            nz_buf_append(&out, NZ_STR("}"));
        }
        nz_buf_append(&out, NZ_STR("]"));
    }
    nz_buf_append(&out, NZ_STR("}\n"));
    if (!out.failed)
        nz_output_write(&s->cli->out, nz_buf_view(&out));
    enum nz_err err = nz_buf_status(&out);
    nz_buf_release(&out);
    return err;
}

static void append_ranking(struct nz_buf *out, const struct nz_tally *t, const char *title, uint64_t top)
{
    static const char *const tones[] = {"accent"};
    struct nz_buf note;
    nz_buf_init(&note, 0);
    nz_panel_begin_ranking(out, title, t->count);
    for (size_t i = 0; i < rows_shown(t, top); i++) {
        nz_buf_clear(&note);
        if (t->rows[i].has_time)
            nz_detect_append_range(&note, t->rows[i].first, t->rows[i].last);
        const struct nz_html_rank rank = {.name = nz_str_head(t->rows[i].name, 200),
                                          .parts = &t->rows[i].count,
                                          .tones = tones,
                                          .parts_count = 1,
                                          .longest = t->rows[0].count,
                                          .note = nz_buf_view(&note)};
        nz_html_append_rank(out, &rank);
    }
    nz_panel_end_ranking(out);
    out->failed = out->failed || note.failed;
    nz_buf_release(&note);
}

static enum nz_err print_html(struct stats *s, uint64_t top)
{
    const char *const titles[TALLIES] = {_("Calls"),     _("Services"), _("Actors"),
                                         _("Addresses"), _("Regions"),  _("Errors")};
    const struct nz_tally_row *all = s->all.count ? s->all.rows : NULL;
    struct nz_buf out, lead;
    nz_buf_init(&out, 0);
    nz_buf_init(&lead, 0);
    nz_buf_printf(&lead, _("records: %llu"), (unsigned long long)(all ? all->count : 0));
    if (all && all->has_time) {
        nz_buf_append(&lead, NZ_STR(" · "));
        nz_detect_append_range(&lead, all->first, all->last);
    }
    const struct nz_html_page page = {.japanese = s->cli->lang == NZ_LANG_JA,
                                      .title = nz_str_from_c(_("What stands in these logs")),
                                      .lead = nz_buf_view(&lead)};
    nz_html_page_begin(&out, &page);
    nz_panel_append_outcomes(&out, &s->refused, &s->allowed);
    nz_buf_append(&out, NZ_STR("<div class=\"grid\">\n"));
    for (size_t i = 0; i < TALLIES; i++) {
        append_ranking(&out, &s->tallies[i], titles[i], top);
        if (out.failed)
            break;
        nz_output_write(&s->cli->out, nz_buf_view(&out)); /* the rows of all of them need not be held at once */
        nz_buf_clear(&out);
    }
    nz_buf_append(&out, NZ_STR("</div>\n"));
    nz_html_page_end(&out, NZ_STR("nezuban " NZ_VERSION));
    const enum nz_err err = out.failed || lead.failed ? NZ_E_NOMEM : NZ_OK;
    if (err == NZ_OK)
        nz_output_write(&s->cli->out, nz_buf_view(&out));
    nz_buf_release(&out);
    nz_buf_release(&lead);
    return err;
}

static enum nz_err print_all(struct stats *s, const struct opts *o)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < TALLIES; i++)
        nz_tally_sort(&s->tallies[i]);
    if (o->format == FORMAT_JSON)
        return print_json(s, o->top);
    if (o->format == FORMAT_HTML)
        return print_html(s, o->top);
    for (size_t i = 0; i < TALLIES && err == NZ_OK; i++)
        err = print_tally(s, i, o->top);
    const struct nz_tally_row *all = s->all.count ? s->all.rows : NULL;
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, _("records: %llu"), (unsigned long long)(all ? all->count : 0));
    if (all && all->has_time) {
        nz_buf_append(&line, NZ_STR(", "));
        nz_time_append(&line, all->first);
        nz_buf_append(&line, NZ_STR(" - "));
        nz_time_append(&line, all->last);
    }
    nz_buf_append(&line, NZ_STR("\n"));
    nz_output_write(&s->cli->out, nz_buf_view(&line));
    nz_buf_release(&line);
    return err;
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    struct stats s = {.cli = cli};
    nz_tally_init(&s.all);
    for (size_t i = 0; i < TALLIES; i++)
        nz_tally_init(&s.tallies[i]);
    enum nz_err err = nz_log_output(cli, args, &o->log, o->output);
    if (err == NZ_OK)
        err = nz_log_scan_new(cli, args, &o->log, &log_ops, &s, &s.scan);
    if (err == NZ_OK)
        err = nz_log_scan_run(s.scan);
    if (err == NZ_OK) {
        err = print_all(&s, o);
        if (err != NZ_OK)
            nz_cli_report_err(cli, err);
        nz_log_scan_summarize(s.scan);
    }
    nz_log_scan_free(s.scan);
    nz_tally_release(&s.all);
    for (size_t i = 0; i < TALLIES; i++)
        nz_tally_release(&s.tallies[i]);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban trail stats logs/", N_("what stands in these logs")},
    {"nezuban trail stats --top 0 --since 24h --format json logs/ | jq .errors", N_("every error of the last day")},
    {0},
};

const struct nz_command nz_command_trail_stats = {
    .name = "trail stats",
    .summary = N_("count records by event, service, actor, source, region and error"),
    .arguments = "PATH...",
    .description =
        N_("Reads CloudTrail records as detect does and counts them, most frequent first, with the first and the "
           "last time of each."),
    .examples = examples,
    .arguments_min = 1,
    .arguments_max = SIZE_MAX,
    .complete = NZ_COMPLETE_FILE,
    .run = run,
    NZ_OPTIONS(struct opts, options),
};
