/* `detect --format html`: a page for whoever is on call. All findings are summed; of each rule the first are listed with
 * their records, all in all as many as a browser takes without thought.
 *
 *     finding → sums, and as an item into spool 1 (order of coming)
 *     end     → which items fit (the worst rules first, but a few of each) → spool 2 (order of the rules) → the page */
#include "cli/detect_html.h"

#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "core/array.h"
#include "core/spool.h"
#include "findings/html_page.h"

#include <stdlib.h>

#define ITEMS_PER_RULE 100u
#define ITEMS_PER_RULE_SURE 5u /* are listed of each rule, however many worse ones there are */
#define ITEMS 1000u
#define ITEMS_BYTES ((uint64_t)32 << 20) /* of all listed items; past it rules are summed only */
#define SPOOL_BYTES ((size_t)4 << 20)

/* Of one group, by its number. */
struct share {
    uint32_t kept; /* items in the first spool */
    uint32_t may;  /* items that will be listed */
    uint32_t listed;
    uint32_t rank; /* place of the rule in the page */
};

struct state {
    struct nz_hit_sums sums;
    struct nz_story story;
    struct nz_spool *items, *ordered;
    struct nz_buf text;
    struct share *shares;
    size_t shares_room;
};

/* Stands before an item in a spool. */
struct item_head {
    int64_t second; /* from the year 1, 0: without a time */
    uint32_t group;
    struct nz_detect_html_keys keys;
};

static void state_free(struct state *s)
{
    if (!s)
        return;
    nz_story_release(&s->story);
    nz_hit_sums_release(&s->sums);
    nz_spool_free(s->items);
    nz_spool_free(s->ordered);
    nz_buf_release(&s->text);
    free(s->shares);
    free(s);
}

static enum nz_err begin(struct nz_cli *cli, const struct nz_detect_wishes *wishes, void **out)
{
    (void)cli;
    (void)wishes;
    struct state *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return NZ_E_NOMEM;
    nz_hit_sums_init(&s->sums);
    nz_buf_init(&s->text, 0);
    enum nz_err err = nz_spool_new(SPOOL_BYTES, &s->items);
    if (err == NZ_OK)
        err = nz_spool_new(SPOOL_BYTES, &s->ordered);
    if (err != NZ_OK) {
        state_free(s);
        *out = NULL;
    }
    return err;
}

/* --- taking findings --- */

static struct share *share_of(struct state *s, uint32_t group)
{
    struct share *grown = nz_array_grow(s->shares, &s->shares_room, group, sizeof *grown);
    if (!grown)
        return NULL;
    s->shares = grown;
    return &grown[group];
}

#define YEAR_1_S ((int64_t)-62135596800)
#define SECOND_BITS 40 /* up to the year 9999 */

static int64_t second_of(const struct nz_detection *d)
{
    nz_time time;
    if (!nz_time_parse(d->event_time.p ? d->event_time : d->last_time, &time))
        return 0;
    return time.us / 1000000 - YEAR_1_S;
}

static uint32_t number_of(const struct nz_hit_names *names, struct nz_str name)
{
    const struct nz_hit_name *row = nz_hit_names_find(names, name);
    return row ? row->number : UINT32_MAX;
}

static enum nz_err keep_item(struct state *s, const struct nz_detection *d, const struct nz_hit_group *group)
{
    const struct nz_hit_who who = nz_hit_who_of(d);
    struct nz_diag diag = NZ_DIAG_INIT;
    struct item_head head;
    memset(&head, 0, sizeof head);
    head.second = second_of(d);
    head.group = group->number;
    head.keys.actor = number_of(&s->sums.actors, who.actor);
    head.keys.source = number_of(&s->sums.sources, who.source);
    head.keys.region = number_of(&s->sums.regions, who.region);
    nz_buf_clear(&s->text);
    nz_buf_append(&s->text, nz_str_of((const char *)&head, sizeof head));
    nz_detect_html_append_item(&s->text, d, group, head.keys);
    return s->text.failed ? NZ_E_NOMEM : nz_spool_add(s->items, 0, nz_buf_view(&s->text), &diag);
}

static enum nz_err finding(struct nz_cli *cli, void *state, const struct nz_detection *d, enum nz_level level)
{
    (void)cli;
    struct state *s = state;
    struct nz_hit_group *group;
    enum nz_err err = nz_hit_sums_add(&s->sums, d, (unsigned)level, &group);
    struct share *share = group ? share_of(s, group->number) : NULL;
    if (err != NZ_OK || !share)
        return NZ_E_NOMEM;
    err = nz_story_add(&s->story, &s->sums, d, group);
    if (err != NZ_OK)
        return err;
    if (share->kept >= ITEMS_PER_RULE)
        return NZ_OK;
    share->kept++;
    return keep_item(s, d, group);
}

/* --- giving them out --- */

/* A few of each rule, and what is left of ITEMS to the worst. */
static void share_out(struct state *s, struct nz_hit_group *const *groups)
{
    uint64_t left = ITEMS;
    for (size_t i = 0; i < s->sums.groups_count; i++) {
        struct share *share = &s->shares[groups[i]->number];
        share->rank = (uint32_t)i;
        share->may = share->kept < ITEMS_PER_RULE_SURE ? share->kept : ITEMS_PER_RULE_SURE;
        left -= left < share->may ? left : share->may;
    }
    for (size_t i = 0; i < s->sums.groups_count; i++) {
        struct share *share = &s->shares[groups[i]->number];
        const uint32_t more = share->kept - share->may;
        const uint32_t get = more < left ? more : (uint32_t)left;
        share->may += get;
        left -= get;
    }
}

static void mark(struct nz_hit_names *names, uint32_t number)
{
    if (number != UINT32_MAX)
        names->rows[number].marked = true;
}

/* Into the order of the page: by rule, then by time. */
static enum nz_err order_items(struct state *s, struct nz_diag *diag)
{
    uint64_t bytes = 0;
    bool more = true;
    enum nz_err err = nz_spool_rewind(s->items, diag);
    while (err == NZ_OK) {
        int64_t key;
        struct nz_str entry;
        struct item_head head;
        err = nz_spool_next(s->items, &more, &key, &entry, diag);
        if (err != NZ_OK || !more)
            break;
        memcpy(&head, entry.p, sizeof head);
        struct share *share = &s->shares[head.group];
        if (share->listed >= share->may || bytes + entry.n > ITEMS_BYTES)
            continue;
        bytes += entry.n;
        share->listed++;
        mark(&s->sums.actors, head.keys.actor);
        mark(&s->sums.sources, head.keys.source);
        mark(&s->sums.regions, head.keys.region);
        err = nz_spool_add(s->ordered, (int64_t)share->rank << SECOND_BITS | head.second, entry, diag);
    }
    return err == NZ_OK ? nz_spool_rewind(s->ordered, diag) : err;
}

static enum nz_err flush(struct nz_cli *cli, struct nz_buf *text)
{
    if (text->failed)
        return NZ_E_NOMEM;
    nz_output_write(&cli->out, nz_buf_view(text));
    nz_buf_clear(text);
    return cli->out.err;
}

/* Of which account, when, and how many of what was looked at. */
static void append_lead(struct nz_buf *out, struct state *s, struct nz_hit_group *const *groups,
                        const struct nz_detect_summary *summary)
{
    const struct nz_hit_group *first = NULL, *last = NULL;
    nz_story_append_accounts(out, &s->story, &s->sums.keep);
    for (size_t i = 0; i < s->sums.groups_count; i++) {
        if (!groups[i]->has_time)
            continue;
        first = !first || groups[i]->first.us < first->first.us ? groups[i] : first;
        last = !last || groups[i]->last.us > last->last.us ? groups[i] : last;
    }
    if (first) {
        nz_buf_append(out, out->n ? NZ_STR(" · ") : NZ_STR(""));
        nz_detect_append_range(out, first->first, last->last);
        nz_buf_append(out, NZ_STR(" UTC"));
    }
    nz_buf_append(out, out->n ? NZ_STR(" · ") : NZ_STR(""));
    nz_detect_append_counts(out, s->sums.groups_count, summary);
}

static enum nz_err write_top(struct nz_cli *cli, struct state *s, struct nz_hit_group *const *groups,
                             const struct nz_detect_summary *summary)
{
    struct nz_buf lead;
    nz_buf_init(&lead, 0);
    nz_buf_clear(&s->text);
    append_lead(&lead, s, groups, summary);
    const struct nz_html_page page = {.japanese = cli->lang == NZ_LANG_JA,
                                      .title = nz_str_from_c(_("Findings in CloudTrail logs")),
                                      .lead = nz_buf_view(&lead)};
    nz_html_page_begin(&s->text, &page);
    nz_detect_html_append_overview(&s->text, &s->sums, &s->story, groups, summary);
    if (s->sums.total)
        nz_detect_html_append_tools(&s->text, &s->sums, groups);
    s->text.failed = s->text.failed || lead.failed;
    nz_buf_release(&lead);
    return flush(cli, &s->text);
}

static enum nz_err write_items(struct nz_cli *cli, struct state *s, uint32_t count, struct nz_diag *diag)
{
    enum nz_err err = NZ_OK;
    for (; count > 0 && err == NZ_OK; count--) {
        bool more;
        int64_t key;
        struct nz_str entry;
        err = nz_spool_next(s->ordered, &more, &key, &entry, diag);
        if (err == NZ_OK && more)
            nz_output_write(&cli->out, nz_str_skip(entry, sizeof(struct item_head)));
        if (err == NZ_OK)
            err = cli->out.err;
    }
    return err;
}

static enum nz_err write_groups(struct nz_cli *cli, struct state *s, struct nz_hit_group *const *groups,
                                struct nz_diag *diag)
{
    const struct nz_time_axis axis = nz_detect_html_axis(&s->sums);
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < s->sums.groups_count && err == NZ_OK; i++) {
        const struct share *share = &s->shares[groups[i]->number];
        nz_detect_html_append_group(&s->text, groups[i], &axis);
        err = flush(cli, &s->text);
        if (err == NZ_OK)
            err = write_items(cli, s, share->listed, diag);
        nz_detect_html_append_group_end(&s->text, groups[i], share->listed);
    }
    return err;
}

static enum nz_err write_page(struct nz_cli *cli, struct state *s, const struct nz_detect_summary *summary,
                              struct nz_diag *diag)
{
    struct nz_hit_group **groups = nz_hit_sums_groups(&s->sums);
    if (!groups)
        return NZ_E_NOMEM;
    share_out(s, groups);
    enum nz_err err = order_items(s, diag);
    if (err == NZ_OK)
        err = write_top(cli, s, groups, summary);
    if (err == NZ_OK)
        err = write_groups(cli, s, groups, diag);
    nz_html_page_end(&s->text, NZ_STR("nezuban " NZ_VERSION));
    return err == NZ_OK ? flush(cli, &s->text) : err;
}

static enum nz_err end(struct nz_cli *cli, void *state, const struct nz_detect_summary *summary)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = write_page(cli, state, summary, &diag);
    if (err != NZ_OK && err != cli->out.err) {
        diag.code = err;
        nz_cli_report(cli, &diag);
    }
    state_free(state);
    return err;
}

const struct nz_detect_render nz_detect_html = {
    .records_per_rule = ITEMS_PER_RULE, .begin = begin, .finding = finding, .end = end};
