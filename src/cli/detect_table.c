/* `detect --format table`: one row a rule, worst first, with how often, when, who and from where. */
#include "cli/detect_render.h"
#include "cli/detect_words.h"
#include "cli/i18n.h"
#include "cli/page.h"
#include "cli/spark.h"
#include "cli/table.h"
#include "core/text.h"

#include <stdlib.h>

struct state {
    const struct nz_detect_wishes *wishes;
    struct nz_hit_sums sums;
};

static enum nz_err begin(struct nz_cli *cli, const struct nz_detect_wishes *wishes, void **out)
{
    (void)cli;
    struct state *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return NZ_E_NOMEM;
    s->wishes = wishes;
    nz_hit_sums_init(&s->sums);
    return NZ_OK;
}

static void state_free(struct state *s)
{
    if (s)
        nz_hit_sums_release(&s->sums);
    free(s);
}

static enum nz_err finding(struct nz_cli *cli, void *state, const struct nz_detection *d, enum nz_level level)
{
    (void)cli;
    return nz_hit_sums_add(&((struct state *)state)->sums, d, (unsigned)level, NULL);
}

static void again(void *state, uint32_t pair, const nz_time *time)
{
    nz_hit_sums_again(&((struct state *)state)->sums, pair, time);
}

static enum nz_style style_of(unsigned level)
{
    return level >= NZ_LEVEL_HIGH ? NZ_STYLE_RED : level == NZ_LEVEL_MEDIUM ? NZ_STYLE_YELLOW : NZ_STYLE_DIM;
}

/* --- the rows --- */

enum column { LEVEL, RULE, COUNT, WHEN, FIRST, LAST, ACTOR, SOURCE, COLUMNS };

/* A file gets all but the picture. */
struct layout {
    enum column columns[COLUMNS];
    size_t count;
};

static const struct layout file_layout = {{LEVEL, RULE, COUNT, FIRST, LAST, ACTOR, SOURCE}, 7};
static const struct layout window_layout = {{LEVEL, RULE, COUNT, WHEN, FIRST, LAST, ACTOR, SOURCE}, 8};
#define SPARK_COLUMNS 20u
#define TABLE_COLUMNS_MIN 160u /* in a narrower window rows would be cut to where rules look the same: print_narrow */

static void append_cell(struct nz_buf *out, const struct nz_hit_group *g, enum column column,
                        const struct nz_time_axis *axis)
{
    switch (column) {
    case LEVEL:
        nz_buf_append(out, nz_str_from_c(nz_detect_level_text(g->level)));
        return;
    case RULE:
        nz_buf_append(out, g->title);
        return;
    case COUNT:
        nz_buf_append_u64(out, g->count);
        return;
    case WHEN:
        nz_spark_append(out, &g->bars, axis);
        return;
    case FIRST:
        nz_detect_append_time(out, g, g->first);
        return;
    case LAST:
        nz_detect_append_time(out, g, g->last);
        return;
    case ACTOR:
        nz_detect_append_some(out, &g->actors);
        return;
    case SOURCE:
        nz_detect_append_some(out, &g->sources);
        return;
    case COLUMNS:
        return;
    }
}

static enum nz_err add_row(struct nz_table *table, const struct nz_hit_group *g, const struct layout *layout,
                           const struct nz_time_axis *axis)
{
    struct nz_buf texts[COLUMNS];
    struct nz_str cells[COLUMNS];
    enum nz_style styles[COLUMNS] = {NZ_STYLE_PLAIN};
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < layout->count; i++) {
        nz_buf_init(&texts[i], 0);
        append_cell(&texts[i], g, layout->columns[i], axis);
        cells[i] = nz_buf_view(&texts[i]);
        styles[i] = layout->columns[i] == LEVEL || layout->columns[i] == WHEN ? style_of(g->level)
                    : layout->columns[i] == RULE                              ? NZ_STYLE_BOLD
                                                                              : NZ_STYLE_PLAIN;
        if (texts[i].failed)
            err = NZ_E_NOMEM;
    }
    if (err == NZ_OK)
        nz_table_add(table, cells, styles);
    for (size_t i = 0; i < layout->count; i++)
        nz_buf_release(&texts[i]);
    return err;
}

static struct nz_table_column title_of(enum column column)
{
    const struct nz_table_column titles[COLUMNS] = {
        [LEVEL] = {.title = _("LEVEL"), .whole = true},
        [RULE] = {.title = _("RULE")},
        [COUNT] = {.title = _("COUNT"), .right = true, .whole = true},
        [WHEN] = {.title = _("WHEN"), .whole = true},
        [FIRST] = {.title = _("FIRST"), .whole = true},
        [LAST] = {.title = _("LAST"), .whole = true},
        [ACTOR] = {.title = _("ACTOR")},
        [SOURCE] = {.title = _("SOURCE")},
    };
    return titles[column];
}

/* One range for all rules, so that pictures above one another are about the same time. */
static struct nz_time_axis axis_of(struct state *s, unsigned columns)
{
    const struct nz_time_bars *bars[NZ_HIT_LEVELS];
    for (size_t i = 0; i < NZ_HIT_LEVELS; i++)
        bars[i] = &s->sums.bars[i];
    return nz_time_axis_of(bars, NZ_HIT_LEVELS, 1, columns);
}

static enum nz_err print_table(struct nz_cli *cli, struct state *s, struct nz_hit_group *const *groups)
{
    const struct layout *layout = cli->out_term.columns ? &window_layout : &file_layout;
    const struct nz_time_axis axis = axis_of(s, SPARK_COLUMNS);
    struct nz_table_column columns[COLUMNS];
    struct nz_table table;
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < layout->count; i++)
        columns[i] = title_of(layout->columns[i]);
    nz_table_init(&table, &s->sums.keep, columns, layout->count);
    for (size_t i = 0; i < s->sums.groups_count && err == NZ_OK; i++)
        err = add_row(&table, groups[i], layout, &axis);
    return err == NZ_OK ? nz_table_print(&table, &cli->out, &cli->out_term) : err;
}

typedef void append_fn(struct nz_buf *out, const struct nz_term *term, const struct nz_hit_group *g);

/* One after another, so that no more than one is held. */
static enum nz_err print_each(struct nz_cli *cli, struct state *s, struct nz_hit_group *const *groups,
                              append_fn *append)
{
    struct nz_buf out;
    nz_buf_init(&out, 0);
    for (size_t i = 0; i < s->sums.groups_count && !out.failed; i++) {
        nz_buf_clear(&out);
        append(&out, &cli->out_term, groups[i]);
        if (!out.failed)
            nz_output_write(&cli->out, nz_buf_view(&out));
    }
    const enum nz_err err = nz_buf_status(&out);
    nz_buf_release(&out);
    return err;
}

/* --- in a narrow window: what was found, and below it who, from where and when --- */

#define LEVEL_COLUMNS 10u /* "critical" and a gap; longer words push the title to the right */

static void append_part(struct nz_buf *out, struct nz_str text, unsigned columns)
{
    if (!text.n)
        return;
    nz_buf_append(out, out->n ? NZ_STR(" · ") : NZ_STR(""));
    nz_cell_append(out, text, columns);
}

/* "user/suzuki.kenji · 203.0.113.78 · 2026-06-24 17:29 – 17:33 UTC · × 18" */
static void append_facts(struct nz_buf *out, const struct nz_hit_group *g, unsigned columns)
{
    struct nz_buf some;
    nz_buf_init(&some, 0);
    nz_detect_append_some(&some, &g->actors);
    append_part(out, nz_buf_view(&some), columns);
    nz_buf_clear(&some);
    nz_detect_append_some(&some, &g->sources);
    append_part(out, nz_buf_view(&some), columns);
    nz_buf_clear(&some);
    if (g->has_time) {
        nz_detect_append_range(&some, g->first, g->last);
        nz_buf_append(&some, NZ_STR(" UTC"));
    }
    append_part(out, nz_buf_view(&some), columns);
    if (g->count > 1)
        nz_buf_printf(out, "%s× %llu", out->n ? " · " : "", (unsigned long long)g->count);
    out->failed = out->failed || some.failed;
    nz_buf_release(&some);
}

static void append_narrow(struct nz_buf *out, const struct nz_term *term, const struct nz_hit_group *g)
{
    const struct nz_str level = nz_str_from_c(nz_detect_level_text(g->level));
    const unsigned room = term->columns > LEVEL_COLUMNS + 8 ? term->columns - LEVEL_COLUMNS : 8;
    const unsigned used = (unsigned)nz_text_width(level), gap = used + 2 <= LEVEL_COLUMNS ? LEVEL_COLUMNS - used : 2;
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_cell_append(&text, g->title, 4 * room);
    nz_buf_printf(out, "%s%s%s%*s%s", nz_style_on(term, style_of(g->level)), level.p,
                  nz_style_off(term, style_of(g->level)), (int)gap, "", nz_style_on(term, NZ_STYLE_BOLD));
    nz_wrap_append(out, nz_buf_view(&text), used + gap, LEVEL_COLUMNS, term->columns);
    nz_buf_printf(out, "%s\n%*s", nz_style_off(term, NZ_STYLE_BOLD), (int)LEVEL_COLUMNS, "");
    nz_buf_clear(&text);
    append_facts(&text, g, room);
    nz_wrap_append(out, nz_buf_view(&text), LEVEL_COLUMNS, LEVEL_COLUMNS, term->columns);
    nz_buf_append_char(out, '\n');
    out->failed = out->failed || text.failed;
    nz_buf_release(&text);
}

static enum nz_err print_groups(struct nz_cli *cli, struct state *s, struct nz_hit_group *const *groups)
{
    const unsigned columns = cli->out_term.columns;
    return columns && columns < TABLE_COLUMNS_MIN ? print_each(cli, s, groups, append_narrow)
                                                  : print_table(cli, s, groups);
}

/* --- above the rows: when it was, all levels together --- */

static enum nz_err print_times(struct nz_cli *cli, struct state *s)
{
    const unsigned columns = cli->out_term.columns;
    if (columns < 80)
        return NZ_OK; /* a file, or no room */
    const struct nz_time_axis axis = axis_of(s, columns > 140 ? NZ_TIME_BARS : columns * 2 / 3);
    if (!axis.buckets)
        return NZ_OK;
    struct nz_buf line;
    nz_buf_init(&line, 0);
    for (unsigned level = NZ_HIT_LEVELS; level-- > 0;) {
        if (!s->sums.levels[level])
            continue;
        const struct nz_str name = nz_str_from_c(nz_detect_level_text(level));
        nz_buf_append(&line, name);
        nz_buf_printf(&line, "%*s%s", (int)(14 - nz_text_width(name)), "",
                      nz_style_on(&cli->out_term, style_of(level)));
        nz_spark_append(&line, &s->sums.bars[level], &axis);
        nz_buf_printf(&line, "%s %llu\n", nz_style_off(&cli->out_term, style_of(level)),
                      (unsigned long long)s->sums.levels[level]);
    }
    nz_buf_printf(&line, "%*s%s", 14, "", nz_style_on(&cli->out_term, NZ_STYLE_DIM));
    nz_spark_append_range(&line, &axis);
    nz_buf_printf(&line, "%s\n\n", nz_style_off(&cli->out_term, NZ_STYLE_DIM));
    if (!line.failed)
        nz_output_write(&cli->out, nz_buf_view(&line));
    const enum nz_err err = nz_buf_status(&line);
    nz_buf_release(&line);
    return err;
}

/* --- below: what the rules mean --- */

#define TEXT_COLUMN 4u

/* Texts of rules are not ours: they are escaped before they are broken into lines. */
static void append_text(struct nz_buf *out, const char *mark, struct nz_str text, unsigned columns)
{
    struct nz_buf safe;
    nz_buf_init(&safe, 0);
    for (struct nz_str rest = nz_str_trim(text); rest.n;) { /* a line end in the rule is a space here */
        nz_text_append_terminal(&safe, nz_str_trim(nz_str_take(&rest, NZ_STR("\n"))));
        if (rest.n)
            nz_buf_append_char(&safe, ' ');
    }
    const unsigned column = TEXT_COLUMN + (unsigned)strlen(mark);
    nz_buf_printf(out, "%*s%s", (int)TEXT_COLUMN, "", mark);
    nz_wrap_append(out, nz_buf_view(&safe), column, column, columns);
    nz_buf_append_char(out, '\n');
    out->failed = out->failed || safe.failed;
    nz_buf_release(&safe);
}

static void append_list(struct nz_buf *out, const struct nz_term *term, const char *title, const struct nz_str *items,
                        size_t count, unsigned columns)
{
    if (count)
        nz_buf_printf(out, "  %s%s%s\n", nz_style_on(term, NZ_STYLE_CYAN), title, nz_style_off(term, NZ_STYLE_CYAN));
    for (size_t i = 0; i < count; i++)
        append_text(out, count > 1 ? "- " : "", items[i], columns);
}

static void append_title(struct nz_buf *out, const struct nz_term *term, const struct nz_hit_group *g, unsigned columns)
{
    const struct nz_str level = nz_str_from_c(nz_detect_level_text(g->level));
    struct nz_buf safe;
    nz_buf_init(&safe, 0);
    nz_text_append_terminal(&safe, g->title);
    nz_buf_printf(out, "\n%s%s%s  %s", nz_style_on(term, style_of(g->level)), level.p,
                  nz_style_off(term, style_of(g->level)), nz_style_on(term, NZ_STYLE_BOLD));
    nz_wrap_append(out, nz_buf_view(&safe), (unsigned)nz_text_width(level) + 2, 2, columns);
    nz_buf_printf(out, "%s\n", nz_style_off(term, NZ_STYLE_BOLD));
    out->failed = out->failed || safe.failed;
    nz_buf_release(&safe);
}

static void append_explanation(struct nz_buf *out, const struct nz_term *term, const struct nz_hit_group *g)
{
    const unsigned columns = term->columns == 0 ? 80 : term->columns > 100 ? 100 : term->columns;
    struct nz_str steps[NZ_DETECT_STEPS_MAX];
    const size_t steps_count = nz_detect_next_steps(g, steps);
    append_title(out, term, g, columns);
    append_list(out, term, _("What it means"), &g->guide.description, g->guide.description.n > 0, columns);
    append_list(out, term, _("Harmless when"), g->guide.falsepositives.items, g->guide.falsepositives.count, columns);
    append_list(out, term, _("What to do"), steps, steps_count, columns);
    nz_buf_printf(out, "%*s", (int)TEXT_COLUMN, "");
    nz_detect_append_timeline_command(out, g->actors.count ? g->actors.names[0] : NZ_STR(""));
    nz_buf_append_char(out, '\n');
    append_list(out, term, _("See also"), g->guide.references.items, g->guide.references.count, columns);
}

static enum nz_err print(struct nz_cli *cli, struct state *s)
{
    struct nz_hit_group **groups = nz_hit_sums_groups(&s->sums);
    enum nz_err err = groups ? print_times(cli, s) : NZ_E_NOMEM;
    if (err == NZ_OK)
        err = print_groups(cli, s, groups);
    if (err == NZ_OK && s->wishes->explain)
        err = print_each(cli, s, groups, append_explanation);
    return err;
}

/* Ours, so it needs no escaping. */
static void print_line(struct nz_cli *cli, struct nz_str text, enum nz_style style)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    if (cli->out_term.columns)
        nz_wrap_append(&line, text, 0, 2, cli->out_term.columns);
    else
        nz_buf_append(&line, text);
    nz_output_printf(&cli->out, "%s%.*s%s\n", nz_style_on(&cli->out_term, style), NZ_STR_ARG(nz_buf_view(&line)),
                     nz_style_off(&cli->out_term, style));
    nz_buf_release(&line);
}

/* "critical 1 · high 27 · low 39": of a long table the end is what a window still shows. */
static void append_levels(struct nz_buf *out, const struct nz_hit_sums *sums)
{
    for (unsigned level = NZ_HIT_LEVELS; level-- > 0;) {
        if (sums->levels[level])
            nz_buf_printf(out, "%s%s %llu", out->n ? " · " : "", nz_detect_level_text(level),
                          (unsigned long long)sums->levels[level]);
    }
}

static enum nz_err end(struct nz_cli *cli, void *state, const struct nz_detect_summary *summary)
{
    struct state *s = state;
    const bool found = s->sums.groups_count > 0;
    enum nz_err err = found ? print(cli, s) : NZ_OK;
    struct nz_buf counts;
    nz_buf_init(&counts, 0);
    nz_output_printf(&cli->out, found ? "\n" : "");
    if (found && cli->out_term.columns) {
        append_levels(&counts, &s->sums);
        print_line(cli, nz_buf_view(&counts), NZ_STYLE_BOLD);
        nz_buf_clear(&counts);
    }
    nz_detect_append_counts(&counts, s->sums.groups_count, summary);
    print_line(cli, nz_buf_view(&counts), NZ_STYLE_PLAIN);
    if (found && cli->out_term.columns && !s->wishes->explain)
        print_line(cli, nz_str_from_c(_("what they mean and what to do: --explain; as a page: --format html -o FILE")),
                   NZ_STYLE_DIM);
    err = counts.failed ? NZ_E_NOMEM : err;
    nz_buf_release(&counts);
    state_free(s);
    return err;
}

const struct nz_detect_render nz_detect_table = {
    .form = NZ_DETECTOR_SUMS, .begin = begin, .finding = finding, .again = again, .end = end};
