#include "cli/timeline_html.h"

#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "cli/panel.h"
#include "core/mark_set.h"
#include "findings/html_page.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS 3000u     /* written; what is more is counted */
#define DAY_ROWS 1000u /* of one day */
#define DAYS 400u      /* written */
#define RANK_ROWS 8u
#define SEEN_MAX 400000u /* values remembered for the marks; past it nothing is marked as new */
#define DAY_US ((int64_t)86400 * 1000000)

enum kind { EVENT, SOURCE, KEY, REGION, ACTOR, KINDS };
static const char *const filters[KINDS] = {"event", "source", "key", "region", "actor"};

/* One line of the page: calls that differ in nothing but their time are one line. */
struct line {
    struct nz_buf cells; /* sized texts, as shown */
    struct nz_str values[KINDS];
    struct nz_str service, error, user_agent;
    nz_time first;
    uint64_t count;
    unsigned fresh; /* bit of each kind that was new */
};

struct nz_timeline_html {
    struct nz_cli *cli;
    struct nz_arena keep;
    struct nz_hit_names names[KINDS]; /* counts[0]: allowed, [1]: refused */
    struct nz_time_bars allowed, refused;
    uint64_t total, lines, written;
    bool has_time;
    nz_time first, last;
    struct nz_buf out; /* the day that is being gathered */
    struct line line;
    /* of the day */
    bool in_day;
    int64_t day;
    unsigned days; /* written */
    uint64_t day_total, day_written, day_refused, hours[24];
    uint64_t day_agent; /* hash of the last line's user agent: it is written where it changes */
    nz_time day_first;
    /* what was seen before */
    struct nz_hash_key seen_key;
    struct nz_mark_set seen;
};

enum nz_err nz_timeline_html_new(struct nz_cli *cli, struct nz_timeline_html **out)
{
    struct nz_timeline_html *p = calloc(1, sizeof *p);
    *out = p;
    if (!p)
        return NZ_E_NOMEM;
    p->cli = cli;
    p->seen_key = nz_hash_key_new();
    nz_arena_init(&p->keep, 0);
    nz_buf_init(&p->out, 0);
    nz_buf_init(&p->line.cells, 0);
    return NZ_OK;
}

void nz_timeline_html_free(struct nz_timeline_html *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < KINDS; i++)
        nz_hit_names_release(&p->names[i]);
    nz_arena_release(&p->keep);
    nz_buf_release(&p->out);
    nz_buf_release(&p->line.cells);
    nz_mark_set_release(&p->seen);
    free(p);
}

static void values_of(const struct nz_timeline_row *row, struct nz_str values[KINDS])
{
    values[EVENT] = row->event;
    values[SOURCE] = row->source;
    values[KEY] = row->key;
    values[REGION] = row->region;
    values[ACTOR] = row->actor;
    for (size_t i = 0; i < KINDS; i++) { /* CloudTrail writes an empty key where there is none */
        if (!values[i].n)
            values[i].p = NULL;
    }
}

/* --- the first time --- */

enum nz_err nz_timeline_html_sum(struct nz_timeline_html *p, const struct nz_timeline_row *row)
{
    struct nz_str values[KINDS];
    const unsigned series = row->error.n > 0;
    enum nz_err err = NZ_OK;
    values_of(row, values);
    p->total++;
    for (size_t i = 0; i < KINDS && err == NZ_OK; i++)
        err = nz_hit_names_add(&p->names[i], &p->keep, values[i], series);
    if (!row->has_time)
        return err;
    nz_time_bars_add(series ? &p->refused : &p->allowed, row->at);
    p->first = p->has_time ? p->first : row->at; /* rows come in order */
    p->last = row->at;
    p->has_time = true;
    return err;
}

/* --- what stands above the days --- */

static enum nz_err flush(struct nz_timeline_html *p)
{
    if (p->out.failed)
        return NZ_E_NOMEM;
    nz_output_write(&p->cli->out, nz_buf_view(&p->out));
    nz_buf_clear(&p->out);
    return p->cli->out.err;
}

static struct nz_str words(const char *text)
{
    return nz_str_from_c(text);
}

static void append_ranks(struct nz_timeline_html *p, enum kind kind, const char *title)
{
    static const char *const tones[] = {"high", "accent"};
    const struct nz_hit_names *names = &p->names[kind];
    const struct nz_hit_name **sorted = nz_hit_names_sorted(names, &p->keep);
    if (!sorted) {
        p->out.failed = true;
        return;
    }
    nz_panel_begin_ranking(&p->out, title, names->count);
    for (size_t i = 0; i < names->count && i < RANK_ROWS; i++) {
        char set[40];
        snprintf(set, sizeof set, "%s=%u", filters[kind], sorted[i]->number);
        const uint64_t parts[] = {sorted[i]->counts[1], sorted[i]->counts[0]};
        const struct nz_html_rank rank = {.name = nz_str_head(nz_detect_short_name(sorted[i]->name), 200),
                                          .parts = parts,
                                          .tones = tones,
                                          .parts_count = 2,
                                          .longest = nz_hit_name_total(sorted[0]),
                                          .set = words(set)};
        nz_html_append_rank(&p->out, &rank);
    }
    nz_panel_end_ranking(&p->out);
}

static void append_select(struct nz_timeline_html *p, enum kind kind, const char *title)
{
    const struct nz_hit_name **sorted = nz_hit_names_sorted(&p->names[kind], &p->keep);
    if (!sorted) {
        p->out.failed = true;
        return;
    }
    nz_panel_begin_select(&p->out, filters[kind], title);
    for (size_t i = 0; i < p->names[kind].count && i < 200; i++) {
        nz_buf_printf(&p->out, "<option value=\"%u\">", sorted[i]->number);
        NZ_HTML(&p->out, "$</option>", nz_str_head(nz_detect_short_name(sorted[i]->name), 90));
    }
    nz_buf_append(&p->out, NZ_STR("</select>\n"));
}

/* One actor is nothing to choose from, and not worth a column. */
static bool has_actors(const struct nz_timeline_html *p)
{
    return p->names[ACTOR].count > 1;
}

static void append_overview(struct nz_timeline_html *p)
{
    const struct {
        enum kind kind;
        const char *title, *any;
    } all[] = {{ACTOR, _("Actors"), _("any actor")},
               {EVENT, _("Calls"), _("any call")},
               {SOURCE, _("Addresses"), _("any address")},
               {KEY, _("Access keys"), _("any key")},
               {REGION, _("Regions"), _("any region")}};
    const size_t from = has_actors(p) ? 0 : 1;
    nz_panel_append_outcomes(&p->out, &p->refused, &p->allowed);
    nz_buf_append(&p->out, NZ_STR("<div class=\"grid\">\n"));
    for (size_t i = from; i < KINDS; i++)
        append_ranks(p, all[i].kind, all[i].title);
    NZ_HTML(&p->out, "</div>\n<h2>$</h2>\n<div class=\"tools\" data-scripted hidden>\n", words(_("Day by day")));
    for (size_t i = from; i < KINDS; i++)
        append_select(p, all[i].kind, all[i].any);
    NZ_HTML(&p->out,
            "<input type=\"search\" data-search placeholder=\"$\" aria-label=\"$\"><button type=\"button\" "
            "data-all=\"reset\">$</button>\n",
            words(_("search")), words(_("search")), words(_("show all")));
    nz_panel_end_tools(&p->out);
}

enum nz_err nz_timeline_html_begin(struct nz_timeline_html *p, struct nz_str what)
{
    struct nz_buf lead;
    nz_buf_init(&lead, 0);
    nz_buf_printf(&lead, _("records: %llu"), (unsigned long long)p->total);
    if (p->has_time) {
        nz_buf_append(&lead, NZ_STR(" · "));
        nz_detect_append_range(&lead, p->first, p->last);
    }
    if (what.n)
        nz_buf_append(&lead, NZ_STR(" · "));
    nz_buf_append(&lead, what);
    if (p->names[ACTOR].count == 1) { /* whoever it is: what was asked for may be a part of the name */
        nz_buf_append(&lead, NZ_STR(" · "));
        nz_buf_append(&lead, nz_str_head(p->names[ACTOR].rows[0].name, 200));
    }
    const struct nz_html_page page = {
        .japanese = p->cli->lang == NZ_LANG_JA, .title = words(_("Timeline")), .lead = nz_buf_view(&lead)};
    nz_html_page_begin(&p->out, &page);
    if (p->total)
        append_overview(p);
    else
        NZ_HTML(&p->out, "<section class=\"panel\"><p>$</p></section>\n",
                words(_("No record fits what was asked for.")));
    p->out.failed = p->out.failed || lead.failed;
    nz_buf_release(&lead);
    return flush(p);
}

/* --- new or seen before --- */

/* Notes a value of an actor. *fresh: it was not there before. */
static enum nz_err see(struct nz_timeline_html *p, enum kind kind, struct nz_str actor, struct nz_str value,
                       bool *fresh)
{
    *fresh = false;
    if (!value.n || p->seen.count >= SEEN_MAX)
        return NZ_OK;
    const uint64_t of_value = nz_hash_key_hash(&p->seen_key, value), of_actor = nz_hash_key_hash(&p->seen_key, actor);
    return nz_mark_set_add(&p->seen, (of_value ^ (of_actor << 1)) + kind, fresh);
}

/* --- the days --- */

static void append_key(struct nz_timeline_html *p, enum kind kind, struct nz_str value)
{
    const struct nz_hit_name *row = nz_hit_names_find(&p->names[kind], value);
    if (row)
        nz_buf_printf(&p->out, " data-%s=\"%u\"", filters[kind], row->number);
}

static void append_value(struct nz_timeline_html *p, enum kind kind, struct nz_str shown)
{
    /* an address, a key, a region stay in one piece */
    NZ_HTML(&p->out, shown.n <= 45 ? "<td class=\"nowrap\">$" : "<td>$", nz_str_head(shown, 300));
    if (p->line.fresh & 1u << kind)
        NZ_HTML(&p->out, " <span class=\"first\">$</span>", words(_("new")));
    nz_buf_append(&p->out, NZ_STR("</td>"));
}

static void append_line(struct nz_timeline_html *p)
{
    const struct line *l = &p->line;
    p->lines += l->count > 0;
    if (!l->count || p->written >= ROWS || p->day_written >= DAY_ROWS || p->days >= DAYS)
        return;
    const struct nz_civil c = nz_time_civil(l->first);
    nz_buf_append(&p->out, NZ_STR("<tr data-item"));
    for (size_t i = 0; i < KINDS; i++)
        append_key(p, (enum kind)i, l->values[i]);
    nz_buf_append(&p->out, NZ_STR("><td class=\"nowrap num\">"));
    if (p->in_day)
        nz_buf_printf(&p->out, "%02d:%02d:%02d", c.hour, c.minute, c.second);
    NZ_HTML(&p->out, "</td><td class=\"call\"><b>$</b> <span class=\"soft small\">$</span>",
            nz_str_head(l->values[EVENT], 200), nz_str_head(l->service, 100));
    if (l->count > 1)
        nz_buf_printf(&p->out, " <span class=\"tag\">× %llu</span>", (unsigned long long)l->count);
    if (l->fresh & 1u << EVENT)
        NZ_HTML(&p->out, " <span class=\"first\">$</span>", words(_("new")));
    if (l->error.n)
        NZ_HTML(&p->out, " <span class=\"level fail\">$</span>", nz_str_head(l->error, 100));
    if (l->user_agent.n && nz_str_hash(l->user_agent) != p->day_agent)
        NZ_HTML(&p->out, "<br><span class=\"soft small\">$</span>", nz_str_head(l->user_agent, 200));
    p->day_agent = nz_str_hash(l->user_agent);
    nz_buf_append(&p->out, NZ_STR("</td>"));
    if (has_actors(p))
        append_value(p, ACTOR, nz_detect_short_name(l->values[ACTOR]));
    append_value(p, SOURCE, l->values[SOURCE]);
    append_value(p, KEY, l->values[KEY]);
    append_value(p, REGION, l->values[REGION]);
    nz_buf_append(&p->out, NZ_STR("</tr>\n"));
    p->written++;
    p->day_written++;
}

static void append_day_head(struct nz_timeline_html *p, struct nz_buf *out)
{
    const char *const titles[] = {_("TIME"), _("EVENT"), _("ACTOR"), _("SOURCE"), _("Access key"), _("REGION")};
    nz_buf_append(out, NZ_STR("<section class=\"panel\" data-group><h2>"));
    if (p->in_day) {
        const struct nz_civil c = nz_time_civil(p->day_first);
        nz_buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
    } else {
        NZ_HTML(out, "$", words(_("Without a time")));
    }
    nz_buf_append(out, NZ_STR(" <span class=\"soft small\">"));
    nz_html_append_count(out, p->day_total);
    if (p->day_refused) {
        NZ_HTML(out, " · $ ", words(_("refused")));
        nz_html_append_count(out, p->day_refused);
    }
    nz_buf_append(out, NZ_STR("</span></h2>\n"));
    if (p->in_day) {
        const struct nz_html_series series = {"accent", "", p->hours};
        const struct nz_html_columns chart = {.label = words(_("Records by hour")),
                                              .series = &series,
                                              .series_count = 1,
                                              .buckets = 24,
                                              .from = {p->day * DAY_US},
                                              .bucket_us = DAY_US / 24};
        nz_buf_append(out, NZ_STR("<div class=\"low-chart\">"));
        nz_html_append_columns(out, &chart);
        nz_buf_append(out, NZ_STR("</div>"));
    }
    nz_buf_append(out, NZ_STR("<div class=\"scroll\"><table class=\"log\"><thead><tr>"));
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (i != 2 || has_actors(p))
            NZ_HTML(out, "<th>$</th>", words(titles[i]));
    }
    nz_buf_append(out, NZ_STR("</tr></thead><tbody>\n"));
}

/* Its head is known when the day is over, so its lines wait for it. */
static enum nz_err end_day(struct nz_timeline_html *p)
{
    struct nz_buf head;
    if (!p->day_total)
        return NZ_OK;
    append_line(p);
    p->line.count = 0;
    if (p->days++ < DAYS) {
        nz_buf_init(&head, 0);
        append_day_head(p, &head);
        if (!head.failed)
            nz_output_write(&p->cli->out, nz_buf_view(&head));
        p->out.failed = p->out.failed || head.failed;
        nz_buf_release(&head);
        nz_buf_append(&p->out, NZ_STR("</tbody></table></div></section>\n"));
    }
    p->day_total = p->day_written = p->day_refused = p->day_agent = 0;
    memset(p->hours, 0, sizeof p->hours);
    return flush(p);
}

static bool same_line(const struct line *l, const struct nz_timeline_row *row, const struct nz_str values[KINDS])
{
    for (size_t i = 0; i < KINDS; i++) {
        if (!nz_str_eq(l->values[i], values[i]))
            return false;
    }
    return l->count && nz_str_eq(l->error, row->error) && nz_str_eq(l->user_agent, row->user_agent);
}

/* The row's texts die with it; the line's live until the next one. */
static enum nz_err start_line(struct nz_timeline_html *p, const struct nz_timeline_row *row,
                              const struct nz_str values[KINDS], unsigned fresh)
{
    struct line *l = &p->line;
    append_line(p);
    nz_buf_clear(&l->cells);
    for (size_t i = 0; i < KINDS; i++)
        nz_buf_append_sized(&l->cells, values[i]);
    nz_buf_append_sized(&l->cells, row->service);
    nz_buf_append_sized(&l->cells, row->error);
    nz_buf_append_sized(&l->cells, row->user_agent);
    l->count = 0;
    if (l->cells.failed)
        return NZ_E_NOMEM;
    struct nz_str in = nz_buf_view(&l->cells);
    for (size_t i = 0; i < KINDS; i++)
        l->values[i] = nz_sized_take(&in);
    l->service = nz_sized_take(&in);
    l->error = nz_sized_take(&in);
    l->user_agent = nz_sized_take(&in);
    l->first = row->at;
    l->fresh = fresh;
    return NZ_OK;
}

static int64_t day_of(nz_time time)
{
    return time.us / DAY_US - (time.us % DAY_US < 0);
}

static enum nz_err turn_to_day(struct nz_timeline_html *p, const struct nz_timeline_row *row)
{
    const int64_t day = day_of(row->at);
    if (p->day_total && p->in_day == row->has_time && (!p->in_day || p->day == day))
        return NZ_OK;
    enum nz_err err = end_day(p);
    p->in_day = row->has_time;
    p->day = day;
    p->day_first = row->at;
    return err;
}

enum nz_err nz_timeline_html_add(struct nz_timeline_html *p, const struct nz_timeline_row *row)
{
    struct nz_str values[KINDS];
    unsigned fresh = 0;
    values_of(row, values);
    enum nz_err err = turn_to_day(p, row);
    for (size_t i = 0; i < KINDS && err == NZ_OK; i++) {
        bool is_new;
        err = see(p, (enum kind)i, values[ACTOR], values[i], &is_new);
        /* on the first day all would be new */
        if (is_new && row->has_time && p->has_time && day_of(row->at) != day_of(p->first))
            fresh |= 1u << i;
    }
    if (err == NZ_OK && (fresh || !same_line(&p->line, row, values)))
        err = start_line(p, row, values, fresh);
    p->line.count++;
    p->day_total++;
    p->day_refused += row->error.n > 0;
    if (row->has_time)
        p->hours[nz_time_civil(row->at).hour]++;
    return err == NZ_OK && p->out.failed ? NZ_E_NOMEM : err;
}

enum nz_err nz_timeline_html_end(struct nz_timeline_html *p)
{
    enum nz_err err = end_day(p);
    if (p->lines > p->written || p->days > DAYS)
        NZ_HTML(&p->out, "<p class=\"notice\">$</p>",
                words(_("Not all lines are written here. All of them: nezuban trail timeline --format ndjson")));
    nz_html_page_end(&p->out, NZ_STR("nezuban " NZ_VERSION));
    return err == NZ_OK ? flush(p) : err;
}
