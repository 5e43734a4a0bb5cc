/* `detect --format html`: one finding, and the rule above its findings. */
#include "cli/detect_html.h"
#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "detect/detector.h"
#include "findings/html_chart.h"
#include "findings/html_json.h"
#include "findings/html_page.h"

#include <stdio.h>

#define EVENTS_SHOWN 50u /* ids of a correlation's events */

/* --- a finding --- */

static void append_fact(struct nz_buf *out, const char *name, struct nz_str value)
{
    if (value.n)
        NZ_HTML(out, "<dt>$</dt><dd>$</dd>", nz_str_from_c(name), value);
}

/* 2026-06-24T17:27:55Z is read as 2026-06-24 17:27:55; what is no such time stays as it is. */
static void append_time(struct nz_buf *out, struct nz_str time)
{
    if (time.n == 20 && time.p[10] == 'T' && time.p[19] == 'Z')
        NZ_HTML(out, "<span class=\"num\">$ $</span>", nz_str_head(time, 10), nz_str_head(nz_str_skip(time, 11), 8));
    else
        NZ_HTML(out, "<span>$</span>", nz_str_head(time, 40));
}

static void append_key(struct nz_buf *out, const char *name, uint32_t number)
{
    if (number != UINT32_MAX)
        nz_buf_printf(out, " data-%s=\"%u\"", name, number);
}

static void append_summary_line(struct nz_buf *out, const struct nz_detection *d)
{
    const struct nz_hit_who who = nz_hit_who_of(d);
    nz_buf_append(out, NZ_STR("<summary>"));
    append_time(out, d->event_time.p ? d->event_time : d->last_time);
    if (d->event_name.p)
        NZ_HTML(out, "<b>$</b>", nz_str_head(d->event_name, 200));
    if (who.actor.n)
        NZ_HTML(out, "<span>$</span>", nz_str_head(nz_detect_short_name(who.actor), 200));
    if (who.source.n)
        NZ_HTML(out, "<span>$</span>", nz_str_head(who.source, 200));
    if (who.region.n)
        NZ_HTML(out, "<span class=\"soft\">$</span>", nz_str_head(who.region, 100));
    if (d->error_code.n)
        NZ_HTML(out, "<span class=\"tag\">$</span>", nz_str_head(d->error_code, 100));
    nz_buf_append(out, NZ_STR("</summary>"));
}

static void append_correlation_facts(struct nz_buf *out, const struct nz_detection *d)
{
    char count[24];
    snprintf(count, sizeof count, "%llu", (unsigned long long)d->count);
    for (size_t i = 0; i < d->group_count; i++)
        NZ_HTML(out, "<dt>$</dt><dd>$</dd>", d->group_names[i], d->group_values[i]);
    append_fact(out, _("Count"), nz_str_from_c(count));
    append_fact(out, _("First"), d->first_time);
    append_fact(out, _("Last"), d->last_time);
    if (d->event_ids_count)
        NZ_HTML(out, "<dt>$</dt><dd class=\"mono\">", nz_str_from_c(_("Events")));
    for (size_t i = 0; i < d->event_ids_count && i < EVENTS_SHOWN; i++)
        NZ_HTML(out, "$<br>", d->event_ids[i]);
    if (d->event_ids_count > EVENTS_SHOWN)
        nz_buf_append(out, NZ_STR("…"));
    if (d->event_ids_count)
        nz_buf_append(out, NZ_STR("</dd>"));
}

static void append_event_facts(struct nz_buf *out, const struct nz_detection *d)
{
    char record[24];
    snprintf(record, sizeof record, "%llu", (unsigned long long)d->record);
    append_fact(out, _("Actor"), d->actor);
    append_fact(out, _("Source"), d->source_ip);
    append_fact(out, _("Account"), d->account);
    append_fact(out, _("Region"), d->region);
    append_fact(out, _("Error"), d->error_code);
    append_fact(out, _("User agent"), d->user_agent);
    append_fact(out, _("Event ID"), d->event_id);
    append_fact(out, _("File"), d->file);
    if (d->file.p)
        append_fact(out, _("Record"), nz_str_from_c(record));
}

void nz_detect_html_append_item(struct nz_buf *out, const struct nz_detection *d, const struct nz_hit_group *group,
                                struct nz_detect_html_keys keys)
{
    nz_buf_printf(out, "<details class=\"item\" data-item data-level=\"%u\" data-rule=\"%u\"", group->level,
                  group->number);
    append_key(out, "actor", keys.actor);
    append_key(out, "source", keys.source);
    append_key(out, "region", keys.region);
    nz_buf_append_char(out, '>');
    append_summary_line(out, d);
    nz_buf_append(out, NZ_STR("<div class=\"body\"><dl class=\"facts\">"));
    if (group->correlation)
        append_correlation_facts(out, d);
    else
        append_event_facts(out, d);
    nz_buf_append(out, NZ_STR("</dl>"));
    if (d->record_text.p)
        nz_html_append_json(out, d->record_text, d->record_text.n >= NZ_KEPT_RECORD_BYTES_MAX);
    nz_buf_append(out, NZ_STR("</div></details>\n"));
}

/* --- a rule --- */

static void append_list(struct nz_buf *out, const char *title, const char *element, const struct nz_str *items,
                        size_t count)
{
    if (!count)
        return;
    NZ_HTML(out, "<h4>$</h4>", nz_str_from_c(title));
    nz_buf_printf(out, "<%s class=\"plain\">", element);
    for (size_t i = 0; i < count; i++)
        NZ_HTML(out, "<li>$</li>", items[i]);
    nz_buf_printf(out, "</%s>", element);
}

/* "attack.t1685.002" → the technique's page at MITRE; other tags are words. */
static void append_tag(struct nz_buf *out, struct nz_str tag)
{
    const struct nz_str id = nz_str_skip(tag, 8); /* behind "attack.t" */
    const struct nz_str number = nz_str_head(id, 4), sub = nz_str_skip(id, 5);
    uint64_t ignored;
    const bool technique = nz_str_starts_with(tag, NZ_STR("attack.t")) && number.n == 4 &&
                           nz_str_to_u64(number, &ignored) &&
                           (id.n == 4 || (id.n == 8 && id.p[4] == '.' && nz_str_to_u64(sub, &ignored)));
    if (!technique)
        NZ_HTML(out, "<span class=\"tag\">$</span>", tag);
    else
        NZ_HTML(out,
                "<a class=\"tag\" target=\"_blank\" rel=\"noreferrer noopener\" "
                "href=\"https://attack.mitre.org/techniques/T$/$\">T$$</a>",
                number, sub, number, id.n == 8 ? nz_str_skip(id, 4) : NZ_STR(""));
}

static void append_some(struct nz_buf *out, const char *name, const struct nz_hit_some *some)
{
    if (!some->count)
        return;
    NZ_HTML(out, "<dt>$</dt><dd>", nz_str_from_c(name));
    for (size_t i = 0; i < some->count && i < NZ_HIT_GROUP_NAMES_KEPT; i++)
        NZ_HTML(out, i ? ", $" : "$", nz_detect_short_name(some->names[i]));
    if (some->count > NZ_HIT_GROUP_NAMES_KEPT)
        nz_buf_printf(out, " +%zu%s", some->count - NZ_HIT_GROUP_NAMES_KEPT, some->more ? "+" : "");
    nz_buf_append(out, NZ_STR("</dd>"));
}

static void append_header(struct nz_buf *out, const struct nz_hit_group *g, const struct nz_time_axis *axis)
{
    uint64_t counts[NZ_TIME_BARS];
    nz_buf_printf(out,
                  "<section class=\"group %s\" id=\"rule-%u\" data-group data-level=\"%u\" data-rule=\"%u\">\n<header>",
                  nz_level_name((enum nz_level)g->level), g->number, g->level, g->number);
    nz_buf_printf(out, "<span class=\"level %s\">", nz_level_name((enum nz_level)g->level));
    NZ_HTML(out, "$</span><h3>$</h3>", nz_str_from_c(nz_detect_level_text(g->level)), g->title);
    if (axis->buckets && g->has_time) {
        nz_time_bars_read(&g->bars, axis, counts);
        nz_html_append_spark(out, nz_level_name((enum nz_level)g->level), counts, axis->buckets);
    }
    nz_buf_append(out, NZ_STR("<b class=\"num\">"));
    nz_html_append_count(out, g->count);
    nz_buf_append(out, NZ_STR("</b></header>\n<dl class=\"facts\">"));
    if (g->has_time) {
        NZ_HTML(out, "<dt>$</dt><dd>", nz_str_from_c(_("When")));
        nz_time_append(out, g->first);
        if (g->last.us != g->first.us) {
            nz_buf_append(out, NZ_STR(" – "));
            nz_time_append(out, g->last);
        }
        nz_buf_append(out, NZ_STR("</dd>"));
    }
    append_some(out, _("Who"), &g->actors);
    append_some(out, _("From"), &g->sources);
    nz_buf_append(out, NZ_STR("</dl>\n"));
}

static void append_guide(struct nz_buf *out, const struct nz_hit_group *g)
{
    struct nz_str steps[NZ_DETECT_STEPS_MAX];
    struct nz_buf command;
    nz_buf_init(&command, 0);
    const size_t steps_count = nz_detect_next_steps(g, steps);
    nz_detect_append_timeline_command(&command, g->actors.count ? g->actors.names[0] : NZ_STR(""));
    nz_buf_append(out, NZ_STR("<div class=\"two\"><div>"));
    if (g->guide.description.n)
        NZ_HTML(out, "<h4>$</h4><p>$</p>", nz_str_from_c(_("What it means")), g->guide.description);
    append_list(out, _("Harmless when"), "ul", g->guide.falsepositives.items, g->guide.falsepositives.count);
    nz_buf_append(out, NZ_STR("</div><div>"));
    append_list(out, _("What to do"), "ol", steps, steps_count);
    NZ_HTML(out, "<p class=\"command\"><code>$</code></p></div></div>\n", nz_buf_view(&command));
    out->failed = out->failed || command.failed;
    nz_buf_release(&command);
    nz_buf_append(out, NZ_STR("<p class=\"small soft\">"));
    for (size_t i = 0; i < g->tags_count; i++)
        append_tag(out, g->tags[i]);
    for (size_t i = 0; i < g->guide.references.count; i++) {
        nz_buf_append(out, NZ_STR("<br>"));
        nz_html_append_link(out, g->guide.references.items[i]);
    }
    nz_buf_append(out, NZ_STR("</p>\n"));
}

void nz_detect_html_append_group(struct nz_buf *out, const struct nz_hit_group *g, const struct nz_time_axis *axis)
{
    append_header(out, g, axis);
    append_guide(out, g);
    nz_buf_append(out, NZ_STR("<div class=\"items\">\n"));
}

void nz_detect_html_append_group_end(struct nz_buf *out, const struct nz_hit_group *g, uint64_t listed)
{
    char all[24], some[24];
    nz_buf_append(out, NZ_STR("</div>"));
    if (listed < g->count) {
        struct nz_buf text;
        snprintf(all, sizeof all, "%llu", (unsigned long long)g->count);
        snprintf(some, sizeof some, "%llu", (unsigned long long)listed);
        nz_buf_init(&text, 0);
        nz_buf_printf(&text, _("%s of %s are listed. All of them: nezuban detect --format ndjson"), some, all);
        NZ_HTML(out, "<p class=\"small soft\">$</p>", nz_buf_view(&text));
        out->failed = out->failed || text.failed;
        nz_buf_release(&text);
    }
    nz_buf_append(out, NZ_STR("</section>\n"));
}
