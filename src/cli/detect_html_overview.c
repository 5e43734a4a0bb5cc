/* `detect --format html`: what stands above the findings. */
#include "cli/detect_html.h"
#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "cli/panel.h"
#include "findings/html_page.h"
#include "policy/arn.h"

#include <stdio.h>

#define SHORT_ROWS 5u /* rules named at the top */
#define RANK_ROWS 10u
#define OPTION_BYTES 90u /* of a name in a list to choose from */

static const char *tone_of(unsigned level)
{
    return nz_level_name((enum nz_level)level);
}

static struct nz_str words(const char *text)
{
    return nz_str_from_c(text);
}

/* --- how many of which level --- */

static void append_tiles(struct nz_buf *out, const struct nz_hit_sums *sums)
{
    nz_buf_append(out, NZ_STR("<ul class=\"tiles\">\n"));
    for (unsigned level = NZ_HIT_LEVELS; level-- > 0;) {
        const bool some = sums->levels[level] > 0; /* none is nothing to choose */
        if (some)
            nz_buf_printf(out, "<li><button type=\"button\" class=\"tile %s\" data-set=\"level=%u\"><b>",
                          tone_of(level), level);
        else
            nz_buf_printf(out, "<li><div class=\"tile %s none\"><b>", tone_of(level));
        nz_html_append_count(out, sums->levels[level]);
        NZ_HTML(out, "</b><span>$</span>", words(nz_detect_level_text(level)));
        nz_buf_append(out, some ? NZ_STR("</button></li>\n") : NZ_STR("</div></li>\n"));
    }
    nz_buf_append(out, NZ_STR("</ul>\n"));
}

static void append_some(struct nz_buf *out, const struct nz_hit_some *some)
{
    if (some->count && out->n)
        nz_buf_append(out, NZ_STR(" · "));
    nz_detect_append_some(out, some);
}

static void append_short(struct nz_buf *out, const struct nz_hit_sums *sums, struct nz_hit_group *const *groups)
{
    struct nz_buf facts;
    nz_buf_init(&facts, 0);
    NZ_HTML(out, "<section class=\"panel\"><h2>$</h2><ol class=\"short\">\n", words(_("The worst first")));
    for (size_t i = 0; i < sums->groups_count && i < SHORT_ROWS; i++) {
        const struct nz_hit_group *g = groups[i];
        nz_buf_clear(&facts);
        append_some(&facts, &g->actors);
        append_some(&facts, &g->sources);
        if (g->has_time) {
            nz_buf_append(&facts, facts.n ? NZ_STR(" · ") : NZ_STR(""));
            nz_detect_append_range(&facts, g->first, g->last);
        }
        if (g->count > 1)
            nz_buf_printf(&facts, " · × %llu", (unsigned long long)g->count);
        nz_buf_printf(out, "<li><span class=\"level %s\">", tone_of(g->level));
        NZ_HTML(out, "$</span> ", words(nz_detect_level_text(g->level)));
        nz_buf_printf(out, "<a href=\"#rule-%u\">", g->number);
        NZ_HTML(out, "$</a> <span class=\"soft\">$</span></li>\n", g->title, nz_buf_view(&facts));
    }
    nz_buf_append(out, NZ_STR("</ol></section>\n"));
    out->failed = out->failed || facts.failed;
    nz_buf_release(&facts);
}

/* --- when --- */

static struct nz_time_axis axis_of(const struct nz_hit_sums *sums, size_t least, size_t most)
{
    const struct nz_time_bars *bars[NZ_HIT_LEVELS];
    for (size_t i = 0; i < NZ_HIT_LEVELS; i++)
        bars[i] = &sums->bars[i];
    return nz_time_axis_of(bars, NZ_HIT_LEVELS, least, most);
}

struct nz_time_axis nz_detect_html_axis(const struct nz_hit_sums *sums)
{
    return axis_of(sums, 8, 32);
}

static void append_times(struct nz_buf *out, const struct nz_hit_sums *sums)
{
    const struct nz_time_axis axis = axis_of(sums, 24, NZ_TIME_BARS);
    uint64_t counts[NZ_HIT_LEVELS][NZ_TIME_BARS];
    struct nz_html_series series[NZ_HIT_LEVELS];
    size_t used = 0;
    if (!axis.buckets)
        return;
    for (unsigned level = NZ_HIT_LEVELS; level-- > 0;) { /* the worst at the bottom, where columns are compared best */
        if (!sums->bars[level].total)
            continue;
        nz_time_bars_read(&sums->bars[level], &axis, counts[level]);
        series[used++] = (struct nz_html_series){tone_of(level), nz_detect_level_text(level), counts[level]};
    }
    const struct nz_html_columns chart = {.label = words(_("Findings over time, by level")),
                                          .series = series,
                                          .series_count = used,
                                          .buckets = axis.buckets,
                                          .from = axis.from,
                                          .bucket_us = axis.bucket_us};
    nz_panel_append_times(out, &chart);
}

/* --- which, who, from where --- */

static const char *const tones[NZ_HIT_LEVELS] = {"critical", "high", "medium", "low", "informational"};

/* As the bars have it: the worst first. */
static void turn_around(const uint64_t counts[NZ_HIT_LEVELS], uint64_t parts[NZ_HIT_LEVELS])
{
    for (size_t i = 0; i < NZ_HIT_LEVELS; i++)
        parts[i] = counts[NZ_HIT_LEVELS - 1 - i];
}

static void append_ranked(struct nz_buf *out, struct nz_str name, const uint64_t *counts, uint64_t longest,
                          const char *filter, uint32_t number)
{
    char set[40];
    uint64_t parts[NZ_HIT_LEVELS];
    turn_around(counts, parts);
    if (filter)
        snprintf(set, sizeof set, "%s=%u", filter, number);
    const struct nz_html_rank rank = {.name = nz_str_head(name, 200),
                                      .parts = parts,
                                      .tones = tones,
                                      .parts_count = NZ_HIT_LEVELS,
                                      .longest = longest,
                                      .set = filter ? words(set) : NZ_STR("")};
    nz_html_append_rank(out, &rank);
}

static void append_rules(struct nz_buf *out, struct nz_hit_sums *sums, struct nz_hit_group *const *groups)
{
    uint64_t longest = 1;
    nz_panel_begin_ranking(out, _("Rules"), sums->groups_count);
    for (size_t i = 0; i < sums->groups_count && i < RANK_ROWS; i++)
        longest = groups[i]->count > longest ? groups[i]->count : longest;
    for (size_t i = 0; i < sums->groups_count && i < RANK_ROWS; i++) {
        uint64_t counts[NZ_HIT_LEVELS] = {0};
        counts[groups[i]->level] = groups[i]->count;
        append_ranked(out, groups[i]->title, counts, longest, "rule", groups[i]->number);
    }
    nz_panel_end_ranking(out);
}

/* The account of an ARN; empty of any other name. */
static struct nz_str account_of(struct nz_str name)
{
    struct nz_str fields[6];
    return nz_arn_split(name, fields) && nz_str_eq(fields[0], NZ_STR("arn")) ? fields[4] : NZ_STR("");
}

/* Are the actors of more than one account? Then two may have one name. */
static bool have_accounts(const struct nz_hit_name *const *list, size_t count)
{
    struct nz_str first = NZ_STR("");
    for (size_t i = 0; i < count; i++) {
        struct nz_str account = account_of(list[i]->name);
        if (account.n && first.n && !nz_str_eq(account, first))
            return true;
        if (account.n)
            first = account;
    }
    return false;
}

static struct nz_str shown_name(struct nz_str name, bool accounts, struct nz_arena *keep)
{
    struct nz_str account = account_of(name), brief = nz_str_head(nz_detect_short_name(name), 200);
    if (!accounts || !account.n)
        return brief;
    char *text = nz_arena_alloc(keep, brief.n + account.n + 3);
    if (!text)
        return brief;
    memcpy(text, brief.p, brief.n);
    memcpy(text + brief.n, " (", 2);
    memcpy(text + brief.n + 2, account.p, account.n);
    text[brief.n + 2 + account.n] = ')';
    return nz_str_of(text, brief.n + account.n + 3);
}

static void append_names(struct nz_buf *out, const char *title, const struct nz_hit_names *names, struct nz_arena *keep,
                         const char *filter)
{
    const struct nz_hit_name **sorted = nz_story_sorted(names, keep);
    if (!sorted) {
        out->failed = true;
        return;
    }
    bool accounts = have_accounts(sorted, names->count);
    uint64_t longest = 1;
    for (size_t i = 0; i < names->count && i < RANK_ROWS; i++)
        longest = nz_hit_name_total(sorted[i]) > longest ? nz_hit_name_total(sorted[i]) : longest;
    nz_panel_begin_ranking(out, title, names->count);
    for (size_t i = 0; i < names->count && i < RANK_ROWS; i++)
        append_ranked(out, shown_name(sorted[i]->name, accounts, keep), sorted[i]->counts, longest,
                      sorted[i]->marked ? filter : NULL, sorted[i]->number);
    nz_panel_end_ranking(out);
}

static void append_notice(struct nz_buf *out, const struct nz_detect_summary *summary)
{
    char count[24];
    snprintf(count, sizeof count, "%llu", (unsigned long long)summary->scan->problems);
    if (summary->scan->problems)
        NZ_HTML(
            out, "<p class=\"notice\">$ ($)</p>\n",
            words(
                _("Parts of the logs could not be read, so something may be missing here. Standard error said which.")),
            words(count));
}

void nz_detect_html_append_overview(struct nz_buf *out, struct nz_hit_sums *sums, const struct nz_story *story,
                                    struct nz_hit_group *const *groups, const struct nz_detect_summary *summary)
{
    append_notice(out, summary);
    append_tiles(out, sums);
    if (!sums->total) {
        NZ_HTML(out, "<section class=\"panel\"><h2>$</h2><p>$</p></section>\n", words(_("Nothing was found")),
                words(_("No rule that was tried fits a record that was read.")));
        return;
    }
    append_short(out, sums, groups);
    nz_story_append(out, story, sums, groups);
    append_times(out, sums);
    nz_buf_append(out, NZ_STR("<div class=\"grid\">\n"));
    append_rules(out, sums, groups);
    append_names(out, _("Actors"), &sums->actors, &sums->keep, "actor");
    append_names(out, _("Addresses"), &sums->sources, &sums->keep, "source");
    append_names(out, _("Regions"), &sums->regions, &sums->keep, "region");
    nz_buf_append(out, NZ_STR("</div>\n"));
}

/* --- what is shown of the findings --- */

static void append_option(struct nz_buf *out, uint32_t number, struct nz_str name)
{
    nz_buf_printf(out, "<option value=\"%u\">", number);
    NZ_HTML(out, name.n > OPTION_BYTES ? "$…</option>" : "$</option>", nz_str_head(name, OPTION_BYTES));
}

static void append_name_select(struct nz_buf *out, const char *filter, const char *title,
                               const struct nz_hit_names *names, struct nz_arena *keep)
{
    const struct nz_hit_name **sorted = nz_story_sorted(names, keep);
    if (!sorted) {
        out->failed = true;
        return;
    }
    bool accounts = have_accounts(sorted, names->count);
    nz_panel_begin_select(out, filter, title);
    for (size_t i = 0; i < names->count; i++) {
        if (sorted[i]->marked)
            append_option(out, sorted[i]->number, shown_name(sorted[i]->name, accounts, keep));
    }
    nz_buf_append(out, NZ_STR("</select>\n"));
}

void nz_detect_html_append_tools(struct nz_buf *out, struct nz_hit_sums *sums, struct nz_hit_group *const *groups)
{
    NZ_HTML(out, "<h2>$</h2>\n<div class=\"tools\" data-scripted hidden>\n", words(_("Findings")));
    nz_panel_begin_select(out, "level", _("any level"));
    for (unsigned level = NZ_HIT_LEVELS; level-- > 0;) {
        if (sums->levels[level])
            append_option(out, level, words(nz_detect_level_text(level)));
    }
    nz_buf_append(out, NZ_STR("</select>\n"));
    nz_panel_begin_select(out, "rule", _("any rule"));
    for (size_t i = 0; i < sums->groups_count; i++)
        append_option(out, groups[i]->number, groups[i]->title);
    nz_buf_append(out, NZ_STR("</select>\n"));
    append_name_select(out, "actor", _("any actor"), &sums->actors, &sums->keep);
    append_name_select(out, "source", _("any address"), &sums->sources, &sums->keep);
    append_name_select(out, "region", _("any region"), &sums->regions, &sums->keep);
    NZ_HTML(
        out,
        "<input type=\"search\" data-search placeholder=\"$\" aria-label=\"$\">\n"
        "<button type=\"button\" data-all=\"open\">$</button><button type=\"button\" data-all=\"reset\">$</button>\n",
        words(_("search")), words(_("search")), words(_("open all")), words(_("show all")));
    nz_panel_end_tools(out);
}
