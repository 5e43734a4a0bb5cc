/* `detect --format table`: one row a rule, worst first, with how often, when, who and from where. */
#include "cli/detect_render.h"
#include "cli/i18n.h"
#include "cli/table.h"

#include <stdlib.h>

#define NAMES_MAX 100u /* different actors or sources remembered for one rule */

struct names {
    struct nz_str seen[NAMES_MAX];
    size_t count;
    bool more; /* than NAMES_MAX */
};

struct group {
    struct group *next;
    struct nz_str rule_id, title;
    enum nz_level level;
    bool correlation;
    uint64_t count;
    struct nz_str first, last; /* RFC 3339 in UTC: their order is that of their bytes */
    struct names actors, sources;
};

struct state {
    struct nz_arena keep;
    struct group *groups;
    size_t groups_count;
};

static enum nz_err begin(struct nz_cli *cli, void **out)
{
    (void)cli;
    struct state *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return NZ_E_NOMEM;
    nz_arena_init(&s->keep, 0);
    return NZ_OK;
}

static void state_free(struct state *s)
{
    if (s)
        nz_arena_release(&s->keep);
    free(s);
}

/* Findings of one record come together, and few rules fire at all: a list is enough. */
static struct group *group_find(struct state *s, const struct nz_detection *d, enum nz_level level)
{
    for (struct group *g = s->groups; g; g = g->next) {
        if (nz_str_eq(g->rule_id, d->rule_id) && nz_str_eq(g->title, d->title))
            return g;
    }
    struct group *g = NZ_ARENA_NEW(&s->keep, struct group);
    if (!g)
        return NULL;
    g->rule_id = nz_arena_str(&s->keep, d->rule_id);
    g->title = nz_arena_str(&s->keep, d->title);
    g->level = level;
    g->correlation = nz_str_eq(d->kind, NZ_STR("correlation"));
    g->next = s->groups;
    s->groups = g;
    s->groups_count++;
    return g->rule_id.p && g->title.p ? g : NULL;
}

static bool name_add(struct state *s, struct names *names, struct nz_str name)
{
    if (!name.p)
        return true;
    for (size_t i = 0; i < names->count; i++) {
        if (nz_str_eq(names->seen[i], name))
            return true;
    }
    if (names->count == NAMES_MAX) {
        names->more = true;
        return true;
    }
    names->seen[names->count] = nz_arena_str(&s->keep, name);
    return names->seen[names->count++].p != NULL;
}

static bool time_note(struct state *s, struct group *g, struct nz_str first, struct nz_str last)
{
    bool ok = true;
    if (first.p && (!g->first.p || nz_str_cmp(first, g->first) < 0))
        ok = (g->first = nz_arena_str(&s->keep, first)).p != NULL;
    if (last.p && (!g->last.p || nz_str_cmp(last, g->last) > 0))
        ok = (g->last = nz_arena_str(&s->keep, last)).p != NULL && ok;
    return ok;
}

static enum nz_err finding(struct nz_cli *cli, void *state, const struct nz_detection *d, enum nz_level level)
{
    (void)cli;
    struct state *s = state;
    struct group *g = group_find(s, d, level);
    if (!g)
        return NZ_E_NOMEM;
    g->count++;
    bool ok;
    if (g->correlation) {
        ok = time_note(s, g, d->first_time, d->last_time);
        for (size_t i = 0; i < d->group_count && ok; i++)
            ok = name_add(s, nz_str_eq(d->group_names[i], NZ_STR("sourceIPAddress")) ? &g->sources : &g->actors,
                          d->group_values[i]);
    } else {
        ok = time_note(s, g, d->event_time, d->event_time) && name_add(s, &g->actors, d->actor) &&
             name_add(s, &g->sources, d->source_ip);
    }
    return ok ? NZ_OK : NZ_E_NOMEM;
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
    if (x->level != y->level)
        return x->level < y->level ? 1 : -1;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return nz_str_cmp(x->rule_id, y->rule_id);
}

/* arn:aws:iam::111122223333:user/alice is read by its last part; the whole is in the other formats. */
static struct nz_str short_name(struct nz_str name)
{
    if (!nz_str_starts_with(name, NZ_STR("arn:")))
        return name;
    size_t colons = 0, at = 0;
    while (at < name.n && colons < 5)
        colons += name.p[at++] == ':';
    return at < name.n ? nz_str_skip(name, at) : name;
}

static void append_names(struct nz_buf *out, const struct names *names)
{
    if (names->count)
        nz_buf_append(out, short_name(names->seen[0]));
    if (names->count > 1)
        nz_buf_printf(out, " +%zu%s", names->count - 1, names->more ? "+" : "");
}

static enum nz_style style_of(enum nz_level level)
{
    return level >= NZ_LEVEL_HIGH ? NZ_STYLE_RED : level == NZ_LEVEL_MEDIUM ? NZ_STYLE_YELLOW : NZ_STYLE_DIM;
}

static const char *level_text(enum nz_level level)
{
    static const char *const texts[] = {N_("informational"), N_("low"), N_("medium"), N_("high"), N_("critical")};
    return _(texts[level]);
}

/* On a narrow terminal 2026-06-24T17:27:55Z is written 2026-06-24 17:27; buf is the cell's storage. */
static struct nz_str time_cell(const struct nz_term *term, struct nz_str time, char buf[16])
{
    if (!term->columns || term->columns >= 140 || time.n < 16)
        return time;
    memcpy(buf, time.p, 16);
    buf[10] = ' ';
    return nz_str_of(buf, 16);
}

static enum nz_err add_row(struct nz_table *table, const struct nz_term *term, const struct group *g)
{
    char first[16], last[16];
    struct nz_buf count, actors, sources;
    nz_buf_init(&count, 0);
    nz_buf_init(&actors, 0);
    nz_buf_init(&sources, 0);
    nz_buf_append_u64(&count, g->count);
    append_names(&actors, &g->actors);
    append_names(&sources, &g->sources);
    const struct nz_str cells[] = {nz_str_from_c(level_text(g->level)),
                                   g->title,
                                   nz_buf_view(&count),
                                   time_cell(term, g->first, first),
                                   time_cell(term, g->last, last),
                                   nz_buf_view(&actors),
                                   nz_buf_view(&sources)};
    const enum nz_style styles[7] = {style_of(g->level), NZ_STYLE_BOLD};
    enum nz_err err = count.failed || actors.failed || sources.failed ? NZ_E_NOMEM : NZ_OK;
    if (err == NZ_OK)
        nz_table_add(table, cells, styles);
    nz_buf_release(&count);
    nz_buf_release(&actors);
    nz_buf_release(&sources);
    return err;
}

static enum nz_err print_groups(struct nz_cli *cli, struct state *s)
{
    const struct nz_table_column columns[] = {
        {.title = _("LEVEL"), .whole = true},
        {.title = _("RULE")},
        {.title = _("COUNT"), .right = true, .whole = true},
        {.title = _("FIRST"), .whole = true},
        {.title = _("LAST"), .whole = true},
        {.title = _("ACTOR")},
        {.title = _("SOURCE")},
    };
    struct group **sorted = NZ_ARENA_ARRAY(&s->keep, struct group *, s->groups_count);
    struct nz_table table;
    enum nz_err err = sorted ? NZ_OK : NZ_E_NOMEM;
    size_t n = 0;
    nz_table_init(&table, &s->keep, columns, sizeof columns / sizeof columns[0]);
    for (struct group *g = s->groups; g && sorted; g = g->next)
        sorted[n++] = g;
    if (n)
        qsort(sorted, n, sizeof *sorted, compare_groups);
    for (size_t i = 0; i < n && err == NZ_OK; i++)
        err = add_row(&table, &cli->out_term, sorted[i]);
    return err == NZ_OK ? nz_table_print(&table, &cli->out, &cli->out_term) : err;
}

static enum nz_err end(struct nz_cli *cli, void *state, const struct nz_detect_summary *summary)
{
    struct state *s = state;
    enum nz_err err = NZ_OK;
    if (s->groups)
        err = print_groups(cli, s);
    nz_output_printf(&cli->out, s->groups ? "\n" : "");
    /* worded without a noun that would have to agree with its number */
    nz_output_printf(
        &cli->out, _("findings: %llu; rules that fired: %zu of %llu; records with a finding: %llu of %llu\n"),
        (unsigned long long)summary->findings, s->groups_count, (unsigned long long)summary->rules,
        (unsigned long long)summary->records_hit,
        (unsigned long long)(summary->scan->records - summary->scan->duplicates - summary->scan->replaced));
    state_free(s);
    return err;
}

const struct nz_detect_render nz_detect_table = {begin, finding, end};
