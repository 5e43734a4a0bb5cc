#include "cli/detect_html_story.h"

#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "core/array.h"
#include "findings/html_page.h"
#include "sigma/ruleset.h"

#include <stdlib.h>

#define ACTORS_SHOWN 4u
#define STEPS_SHOWN 12u /* of one actor */
#define NAMES_SHOWN 3u  /* addresses, accounts */

void nz_story_release(struct nz_story *story)
{
    nz_hit_names_release(&story->rules);
    nz_hit_names_release(&story->sources);
    nz_hit_names_release(&story->accounts);
    free(story->spans);
    story->spans = NULL;
    story->spans_room = 0;
}

/* --- counting --- */

struct pair {
    uint32_t actor, other;
};

static struct nz_str name_of(const struct pair *pair)
{
    return nz_str_of((const char *)pair, sizeof *pair);
}

static struct pair pair_of(const struct nz_hit_name *row)
{
    struct pair pair;
    memcpy(&pair, row->name.p, sizeof pair);
    return pair;
}

static struct nz_story_span *span_at(struct nz_story *story, uint32_t number)
{
    struct nz_story_span *grown = nz_array_grow(story->spans, &story->spans_room, number, sizeof *grown);
    if (!grown)
        return NULL;
    story->spans = grown;
    return &grown[number];
}

static void widen(struct nz_story_span *span, nz_time first, nz_time last)
{
    if (!span->has_time || first.us < span->first.us)
        span->first = first;
    if (!span->has_time || last.us > span->last.us)
        span->last = last;
    span->has_time = true;
}

static enum nz_err add_rule(struct nz_story *story, struct nz_arena *keep, const struct pair *pair,
                            const struct nz_detection *d, unsigned level)
{
    nz_time first, last;
    enum nz_err err = nz_hit_names_add(&story->rules, keep, name_of(pair), level);
    const struct nz_hit_name *row = nz_hit_names_find(&story->rules, name_of(pair));
    struct nz_story_span *span = row ? span_at(story, row->number) : NULL;
    if (err != NZ_OK || !row)
        return err; /* no row: there are too many */
    if (!span)
        return NZ_E_NOMEM;
    if (nz_time_parse(d->event_time.p ? d->event_time : d->first_time, &first)) {
        const bool lasts = !d->event_time.p && nz_time_parse(d->last_time, &last);
        widen(span, first, lasts ? last : first);
    }
    return NZ_OK;
}

enum nz_err nz_story_add(struct nz_story *story, struct nz_hit_sums *sums, const struct nz_detection *d,
                         const struct nz_hit_group *group)
{
    const struct nz_hit_who who = nz_hit_who_of(d);
    const struct nz_hit_name *actor = nz_hit_names_find(&sums->actors, who.actor);
    const struct nz_hit_name *source = nz_hit_names_find(&sums->sources, who.source);
    enum nz_err err = nz_hit_names_add(&story->accounts, &sums->keep, d->account, group->level);
    if (err == NZ_OK && actor)
        err = add_rule(story, &sums->keep, &(struct pair){actor->number, group->number}, d, group->level);
    if (err == NZ_OK && actor && source)
        err = nz_hit_names_add(&story->sources, &sums->keep, name_of(&(struct pair){actor->number, source->number}),
                               group->level);
    return err;
}

/* --- the worst first --- */

static int by_worst(const void *a, const void *b)
{
    const struct nz_hit_name *x = *(const struct nz_hit_name *const *)a, *y = *(const struct nz_hit_name *const *)b;
    for (unsigned level = NZ_HIT_LEVELS; level-- > 0;) {
        if (x->counts[level] != y->counts[level])
            return x->counts[level] > y->counts[level] ? -1 : 1;
    }
    return nz_str_cmp(x->name, y->name);
}

const struct nz_hit_name **nz_story_sorted(const struct nz_hit_names *names, struct nz_arena *keep)
{
    const struct nz_hit_name **sorted = nz_hit_names_sorted(names, keep);
    if (sorted && names->count > 1)
        qsort(sorted, names->count, sizeof *sorted, by_worst);
    return sorted;
}

/* --- as a page has it --- */

struct step {
    const struct nz_hit_name *row;
    const struct nz_story_span *span;
    const struct nz_hit_group *group;
};

static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->span->has_time && y->span->has_time && x->span->first.us != y->span->first.us)
        return x->span->first.us < y->span->first.us ? -1 : 1;
    if (x->span->has_time != y->span->has_time)
        return x->span->has_time ? -1 : 1;
    return x->group->level != y->group->level
               ? (x->group->level > y->group->level ? -1 : 1)
               : (x->group->number > y->group->number) - (x->group->number < y->group->number);
}

/* The worst rules of the actor, at most STEPS_SHOWN, in the order of time. groups: worst first. *more: how many are left out. */
static size_t steps_of(const struct nz_story *story, uint32_t actor, struct nz_hit_group *const *groups,
                       size_t groups_count, struct step steps[STEPS_SHOWN], size_t *more)
{
    size_t count = 0;
    *more = 0;
    for (size_t i = 0; i < groups_count; i++) {
        const struct nz_hit_name *row =
            nz_hit_names_find(&story->rules, name_of(&(struct pair){actor, groups[i]->number}));
        if (row && count < STEPS_SHOWN)
            steps[count++] = (struct step){row, &story->spans[row->number], groups[i]};
        else if (row)
            ++*more;
    }
    qsort(steps, count, sizeof *steps, by_time);
    return count;
}

static void append_sources(struct nz_buf *out, const struct nz_story *story, struct nz_hit_sums *sums, uint32_t actor)
{
    size_t count = 0;
    for (size_t i = 0; i < story->sources.count; i++) {
        const struct pair pair = pair_of(&story->sources.rows[i]);
        if (pair.actor != actor)
            continue;
        if (count < NAMES_SHOWN)
            NZ_HTML(out, count ? ", $" : "$", nz_str_head(sums->sources.rows[pair.other].name, 60));
        count++;
    }
    if (count > NAMES_SHOWN)
        nz_buf_printf(out, " +%zu", count - NAMES_SHOWN);
    if (count)
        nz_buf_append(out, NZ_STR(" · "));
}

static void append_step(struct nz_buf *out, const struct step *step)
{
    const char *level = nz_level_name((enum nz_level)step->group->level);
    nz_buf_append(out, NZ_STR("<li><span class=\"soft num\">"));
    if (step->span->has_time)
        nz_time_append_minute(out, step->span->first);
    nz_buf_printf(out, "</span> <span class=\"level %s\">", level);
    NZ_HTML(out, "$</span> ", nz_str_from_c(nz_detect_level_text(step->group->level)));
    nz_buf_printf(out, "<a href=\"#rule-%u\">", step->group->number);
    NZ_HTML(out, "$</a>", step->group->title);
    if (nz_hit_name_total(step->row) > 1) {
        nz_buf_append(out, NZ_STR(" <span class=\"soft nowrap\">× "));
        nz_html_append_count(out, nz_hit_name_total(step->row));
        nz_buf_append(out, NZ_STR("</span>"));
    }
    nz_buf_append(out, NZ_STR("</li>\n"));
}

static void append_actor(struct nz_buf *out, const struct nz_story *story, struct nz_hit_sums *sums,
                         struct nz_hit_group *const *groups, const struct nz_hit_name *actor)
{
    struct step steps[STEPS_SHOWN];
    size_t more;
    struct nz_story_span whole = {0};
    const size_t count = steps_of(story, actor->number, groups, sums->groups_count, steps, &more);
    for (size_t i = 0; i < count; i++) {
        if (steps[i].span->has_time)
            widen(&whole, steps[i].span->first, steps[i].span->last);
    }
    nz_buf_append(out, NZ_STR("<section class=\"panel\"><h3>"));
    if (actor->marked)
        nz_buf_printf(out, "<button type=\"button\" class=\"link\" data-set=\"actor=%u\">", actor->number);
    NZ_HTML(out, "$", nz_str_head(nz_detect_short_name(actor->name), 200));
    nz_buf_append(out, actor->marked ? NZ_STR("</button></h3>\n<p class=\"soft small\">")
                                     : NZ_STR("</h3>\n<p class=\"soft small\">"));
    if (nz_detect_short_name(actor->name).n < actor->name.n)
        NZ_HTML(out, "$<br>", nz_str_head(actor->name, 200));
    append_sources(out, story, sums, actor->number);
    if (whole.has_time) {
        nz_detect_append_range(out, whole.first, whole.last);
        nz_buf_append(out, NZ_STR(" UTC"));
    }
    nz_buf_append(out, NZ_STR("</p>\n<ol class=\"steps\">\n"));
    for (size_t i = 0; i < count; i++)
        append_step(out, &steps[i]);
    nz_buf_append(out, NZ_STR("</ol>"));
    if (more)
        nz_buf_printf(out, "<p class=\"soft small\">+%zu</p>", more);
    nz_buf_append(out, NZ_STR("</section>\n"));
}

static bool is_more_than_low(const struct nz_hit_name *row)
{
    for (unsigned level = NZ_LEVEL_MEDIUM; level < NZ_HIT_LEVELS; level++) {
        if (row->counts[level])
            return true;
    }
    return false;
}

void nz_story_append(struct nz_buf *out, const struct nz_story *story, struct nz_hit_sums *sums,
                     struct nz_hit_group *const *groups)
{
    const struct nz_hit_name **sorted = nz_story_sorted(&sums->actors, &sums->keep);
    if (!sorted) {
        out->failed = true;
        return;
    }
    if (!sums->actors.count || !is_more_than_low(sorted[0]))
        return;
    NZ_HTML(out, "<h2>$</h2>\n<div class=\"grid\">\n", nz_str_from_c(_("Who did what, as far as rules saw it")));
    for (size_t i = 0; i < sums->actors.count && i < ACTORS_SHOWN && is_more_than_low(sorted[i]); i++)
        append_actor(out, story, sums, groups, sorted[i]);
    nz_buf_append(out, NZ_STR("</div>\n"));
}

void nz_story_append_accounts(struct nz_buf *out, const struct nz_story *story, struct nz_arena *keep)
{
    const size_t count = story->accounts.count;
    const struct nz_hit_name **sorted = nz_story_sorted(&story->accounts, keep);
    if (!sorted) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        nz_buf_append(out, i ? NZ_STR(", ") : nz_str_from_c(count > 1 ? _("accounts ") : _("account ")));
        nz_buf_append(out, nz_str_head(sorted[i]->name, 40));
    }
    if (count > NAMES_SHOWN)
        nz_buf_printf(out, " +%zu", count - NAMES_SHOWN);
}
