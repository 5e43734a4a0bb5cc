#include "cli/detect_dry_run.h"

#include "cli/table.h"
#include "core/json.h"
#include "core/text.h"
#include "core/time.h"

#include <stdlib.h>

#define DAY_US (INT64_C(86400) * 1000000)
#define NO_DAY INT64_MIN   /* hits without a time */
#define GAP_DAYS_MAX 366   /* a longer pause is not filled with zeros */
#define BAR_COLUMNS_MAX 40 /* of the day with most hits */

struct day {
    int64_t day; /* since 1970-01-01 */
    uint64_t hits;
};

struct tried {
    const struct nz_rule *rule;
    struct day *days; /* ascending */
    size_t count, room;
    uint64_t hits, most; /* of all days, of one */
};

struct nz_dry_run {
    struct tried *tried;
    size_t count;
};

enum nz_err nz_dry_run_new(const struct nz_ruleset *rules, struct nz_dry_run **out)
{
    struct nz_dry_run *run = calloc(1, sizeof *run);
    *out = run;
    if (run)
        run->tried = calloc(nz_ruleset_count(rules) + 1, sizeof *run->tried);
    if (!run || !run->tried) {
        nz_dry_run_free(run);
        *out = NULL;
        return NZ_E_NOMEM;
    }
    for (size_t i = 0; i < nz_ruleset_count(rules); i++) {
        const struct nz_rule *rule = nz_ruleset_rule(rules, i);
        if (rule->runs && !rule->silent)
            run->tried[run->count++].rule = rule;
    }
    return NZ_OK;
}

void nz_dry_run_free(struct nz_dry_run *run)
{
    for (size_t i = 0; run && i < run->count; i++)
        free(run->tried[i].days);
    if (run)
        free(run->tried);
    free(run);
}

/* --- counting --- */

static int64_t day_of(const struct nz_detection *finding)
{
    nz_time at = finding->time;
    if (!finding->has_time && !nz_time_parse(finding->first_time, &at))
        return NO_DAY;
    return at.us >= 0 ? at.us / DAY_US : -((-at.us + DAY_US - 1) / DAY_US);
}

/* Place of the day, or where it belongs. Logs come about in order, so the last is looked at first. */
static size_t day_find(const struct tried *t, int64_t day)
{
    if (t->count && t->days[t->count - 1].day <= day)
        return t->days[t->count - 1].day == day ? t->count - 1 : t->count;
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->days[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum nz_err day_add(struct tried *t, int64_t day)
{
    size_t at = day_find(t, day);
    if (at == t->count || t->days[at].day != day) {
        if (t->count == t->room) {
            size_t room = t->room ? t->room * 2 : 32;
            struct day *days = realloc(t->days, room * sizeof *days);
            if (!days)
                return NZ_E_NOMEM;
            t->days = days;
            t->room = room;
        }
        memmove(&t->days[at + 1], &t->days[at], (t->count - at) * sizeof *t->days);
        t->days[at] = (struct day){day, 0};
        t->count++;
    }
    t->hits++;
    t->days[at].hits++;
    t->most = t->days[at].hits > t->most ? t->days[at].hits : t->most;
    return NZ_OK;
}

enum nz_err nz_dry_run_add(struct nz_dry_run *run, const struct nz_detection *finding)
{
    for (size_t i = 0; i < run->count; i++) {
        if (nz_str_eq(run->tried[i].rule->key, finding->rule_id))
            return day_add(&run->tried[i], day_of(finding));
    }
    return NZ_OK;
}

/* --- going through the days, with those between --- */

typedef enum nz_err each_day_fn(void *self, int64_t day, uint64_t hits);

static enum nz_err each_day(const struct tried *t, each_day_fn *each, void *self)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < t->count && err == NZ_OK; i++) {
        const int64_t day = t->days[i].day;
        const int64_t before = i ? t->days[i - 1].day : NO_DAY;
        if (before != NO_DAY && day - before <= GAP_DAYS_MAX) {
            for (int64_t empty = before + 1; empty < day && err == NZ_OK; empty++)
                err = each(self, empty, 0);
        }
        if (err == NZ_OK)
            err = each(self, day, t->days[i].hits);
    }
    return err;
}

static void day_append(struct nz_buf *out, int64_t day)
{
    size_t begin = out->n;
    nz_time_append(out, (nz_time){day * DAY_US});
    if (!out->failed)
        out->n = begin + sizeof "2027-03-31" - 1;
}

/* --- table --- */

struct table_rows {
    struct nz_table table;
    struct nz_buf day, hits, bar;
    uint64_t most;
    bool blocks; /* a terminal that can be told more than ASCII */
};

static enum nz_err row_add(void *self, int64_t day, uint64_t hits)
{
    struct table_rows *r = self;
    nz_buf_clear(&r->day);
    nz_buf_clear(&r->hits);
    nz_buf_clear(&r->bar);
    if (day == NO_DAY)
        nz_buf_append(&r->day, nz_str_from_c(_("no time")));
    else
        day_append(&r->day, day);
    nz_buf_append_u64(&r->hits, hits);
    uint64_t width = hits ? hits * BAR_COLUMNS_MAX / r->most : 0;
    width += hits && !width;
    for (uint64_t i = 0; i < width; i++)
        nz_buf_append(&r->bar, r->blocks ? NZ_STR("\u2588") : NZ_STR("#"));
    if (r->day.failed || r->hits.failed || r->bar.failed)
        return NZ_E_NOMEM;
    const struct nz_str cells[] = {nz_buf_view(&r->day), nz_buf_view(&r->hits),
                                   r->bar.n ? nz_buf_view(&r->bar) : NZ_STR("")};
    static const enum nz_style styles[] = {NZ_STYLE_PLAIN, NZ_STYLE_PLAIN, NZ_STYLE_CYAN};
    nz_table_add(&r->table, cells, styles);
    return NZ_OK;
}

static enum nz_err print_days(const struct tried *t, struct nz_cli *cli)
{
    const struct nz_table_column columns[] = {
        {.title = _("DAY"), .whole = true}, {.title = _("HITS"), .right = true, .whole = true}, {.title = ""}};
    struct nz_arena keep;
    struct table_rows rows = {.most = t->most, .blocks = cli->out_term.is_terminal};
    nz_arena_init(&keep, 0);
    nz_buf_init(&rows.day, 0);
    nz_buf_init(&rows.hits, 0);
    nz_buf_init(&rows.bar, 0);
    nz_table_init(&rows.table, &keep, columns, sizeof columns / sizeof columns[0]);
    enum nz_err err = each_day(t, row_add, &rows);
    if (err == NZ_OK)
        err = nz_table_print(&rows.table, &cli->out, &cli->out_term);
    nz_buf_release(&rows.bar);
    nz_buf_release(&rows.hits);
    nz_buf_release(&rows.day);
    nz_arena_release(&keep);
    return err;
}

/* "TITLE (high): 12 hits on 3 days, 7 on the busiest" */
static enum nz_err print_heading(const struct tried *t, struct nz_cli *cli)
{
    const struct nz_rule *rule = t->rule;
    const bool japanese = cli->lang == NZ_LANG_JA && rule->title_ja.n;
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_text_append_terminal(&line, japanese ? rule->title_ja : rule->title);
    nz_buf_printf(&line, " (%s)\n", _(nz_level_name(rule->level)));
    if (t->hits == 0)
        nz_buf_printf(&line, "%s\n", _("would never have hit"));
    else
        nz_buf_printf(&line, _("would have hit: %llu; on days: %zu; on the busiest: %llu\n"),
                      (unsigned long long)t->hits, t->count, (unsigned long long)t->most);
    nz_output_write(&cli->out, nz_buf_view(&line));
    enum nz_err err = nz_buf_status(&line);
    nz_buf_release(&line);
    return err;
}

enum nz_err nz_dry_run_print_table(const struct nz_dry_run *run, struct nz_cli *cli,
                                   const struct nz_detect_summary *summary)
{
    enum nz_err err = NZ_OK;
    (void)summary;
    for (size_t i = 0; i < run->count && err == NZ_OK; i++) {
        if (i)
            nz_output_write(&cli->out, NZ_STR("\n"));
        err = print_heading(&run->tried[i], cli);
        if (err == NZ_OK && run->tried[i].count)
            err = print_days(&run->tried[i], cli);
    }
    return err;
}

/* --- JSON --- */

struct json_days {
    struct nz_buf *out;
    bool more;
};

static enum nz_err json_day(void *self, int64_t day, uint64_t hits)
{
    struct json_days *j = self;
    nz_buf_append(j->out, j->more ? NZ_STR(",{\"day\":") : NZ_STR("{\"day\":"));
    if (day != NO_DAY) {
        nz_buf_append_char(j->out, '"');
        day_append(j->out, day);
        nz_buf_append_char(j->out, '"');
    } else {
        nz_buf_append(j->out, NZ_STR("null"));
    }
    nz_buf_printf(j->out, ",\"hits\":%llu}", (unsigned long long)hits);
    j->more = true;
    return nz_buf_status(j->out);
}

static enum nz_err json_rule(const struct tried *t, struct nz_buf *out)
{
    struct json_days days = {.out = out};
    nz_buf_append(out, NZ_STR("{\"rule_id\":"));
    nz_json_append_string(out, t->rule->key);
    nz_buf_append(out, NZ_STR(",\"title\":"));
    nz_json_append_string(out, t->rule->title);
    nz_buf_printf(out, ",\"level\":\"%s\",\"hits\":%llu,\"days\":[", nz_level_name(t->rule->level),
                  (unsigned long long)t->hits);
    enum nz_err err = each_day(t, json_day, &days);
    nz_buf_append(out, NZ_STR("]}"));
    return err == NZ_OK ? nz_buf_status(out) : err;
}

enum nz_err nz_dry_run_print_json(const struct nz_dry_run *run, struct nz_cli *cli,
                                  const struct nz_detect_summary *summary)
{
    enum nz_err err = NZ_OK;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_output_write(&cli->out, NZ_STR("{\"rules\":["));
    for (size_t i = 0; i < run->count && err == NZ_OK; i++) {
        nz_buf_clear(&out);
        nz_buf_append(&out, i ? NZ_STR(",\n") : NZ_STR("\n"));
        err = json_rule(&run->tried[i], &out);
        nz_output_write(&cli->out, nz_buf_view(&out));
    }
    nz_output_printf(&cli->out, "%s],\n\"summary\":{\"files\":%llu,\"records\":%llu,\"hidden\":%llu}}\n",
                     run->count ? "\n" : "", (unsigned long long)summary->scan->files,
                     (unsigned long long)summary->scan->records, (unsigned long long)summary->hidden);
    nz_buf_release(&out);
    return err;
}
