/* `audit --format table`: what is wrong or not known, by part of the account, worst first, and what to do first. */
#include "cli/audit_html.h"
#include "cli/audit_sets.h"
#include "cli/exception_file.h"
#include "cli/i18n.h"
#include "cli/page.h"
#include "cli/table.h"
#include "core/text.h"

#include <stdio.h>

#define NAMED_MAX 2u /* resources written out in a row */
#define FIRST_MAX 5u /* things to do first */
#define TEXT_COLUMNS 100u
#define TITLE_BYTES 1024u /* of a check, with its number and id */

struct print {
    struct nz_cli *cli;
    const struct nz_audit_view *view;
    const struct nz_report_groups *groups;
    struct nz_arena keep;
};

static enum nz_style style_of(const struct nz_report_group *g)
{
    if (g->status == NZ_STATUS_UNKNOWN)
        return NZ_STYLE_CYAN;
    return g->severity >= NZ_SEVERITY_HIGH     ? NZ_STYLE_RED
           : g->severity == NZ_SEVERITY_MEDIUM ? NZ_STYLE_YELLOW
                                               : NZ_STYLE_DIM;
}

/* A region is told where the resource does not say it. */
static void name_append(struct nz_buf *out, const struct nz_finding *f)
{
    nz_buf_append(out, nz_finding_subject(f));
    const bool said = nz_str_eq(f->region, NZ_STR("global")) || nz_str_ends_with(f->resource, f->region);
    if (!said)
        nz_buf_printf(out, " (%.*s)", NZ_STR_ARG(f->region));
}

static void names_append(struct nz_buf *out, const struct nz_report_group *g)
{
    for (size_t i = 0; i < g->count && i < NAMED_MAX; i++) {
        nz_buf_append(out, i ? NZ_STR(", ") : NZ_STR(""));
        name_append(out, g->findings[i]);
    }
    if (g->count > NAMED_MAX)
        nz_buf_printf(out, " +%zu", g->count - NAMED_MAX);
}

static enum nz_err row_add(struct nz_table *table, const struct nz_report_group *g)
{
    struct nz_buf names;
    nz_buf_init(&names, 0);
    names_append(&names, g);
    const struct nz_str cells[] = {nz_str_from_c(_(nz_severity_name(g->severity))),
                                   nz_str_from_c(_(nz_status_name(g->status))), nz_str_from_c(g->check->id),
                                   nz_buf_view(&names), g->findings[0]->reason};
    const enum nz_style styles[] = {style_of(g), style_of(g), NZ_STYLE_BOLD, NZ_STYLE_PLAIN, NZ_STYLE_PLAIN};
    const enum nz_err err = nz_buf_status(&names);
    if (err == NZ_OK)
        nz_table_add(table, cells, styles);
    nz_buf_release(&names);
    return err;
}

/* What is new or solved is a part of each part: it has no score. */
static void heading_print(struct print *p, enum nz_part part)
{
    struct nz_output *out = &p->cli->out;
    const struct nz_report_score *score = &p->groups->scores[part];
    nz_output_printf(out, "%s%s%s", nz_style_on(&p->cli->out_term, NZ_STYLE_BOLD), _(nz_part_title(part)),
                     nz_style_off(&p->cli->out_term, NZ_STYLE_BOLD));
    if (!p->view->since) {
        nz_output_printf(out, "  ");
        nz_output_printf(out, _("%u of %u settings as they should be"), score->passed, score->checks);
    }
    nz_output_printf(out, "\n");
}

/* Text that may hold names, in lines of the terminal's width: the first begins at `column`, further ones are indented. */
static void text_print(struct nz_cli *cli, struct nz_str text, unsigned column, unsigned indent)
{
    struct nz_buf escaped, lines;
    const unsigned columns = cli->out_term.columns ? cli->out_term.columns : TEXT_COLUMNS;
    nz_buf_init(&escaped, 0);
    nz_buf_init(&lines, 0);
    nz_text_append_terminal(&escaped, text);
    nz_wrap_append(&lines, nz_buf_view(&escaped), column, indent, columns < TEXT_COLUMNS ? columns : TEXT_COLUMNS);
    nz_output_printf(&cli->out, "%*s%.*s\n", (int)column, "", NZ_STR_ARG(nz_buf_view(&lines)));
    nz_buf_release(&escaped);
    nz_buf_release(&lines);
}

/* Two lines and more where a table would be cut to nothing. */
static enum nz_err narrow_print(struct print *p, const struct nz_report_group *g)
{
    const struct nz_term *term = &p->cli->out_term;
    struct nz_buf text;
    nz_output_printf(&p->cli->out, "%s%s %s%s  %s%s%s\n", nz_style_on(term, style_of(g)),
                     _(nz_severity_name(g->severity)), _(nz_status_name(g->status)), nz_style_off(term, style_of(g)),
                     nz_style_on(term, NZ_STYLE_BOLD), g->check->id, nz_style_off(term, NZ_STYLE_BOLD));
    nz_buf_init(&text, 0);
    names_append(&text, g);
    nz_buf_printf(&text, ": %.*s", NZ_STR_ARG(g->findings[0]->reason));
    const enum nz_err err = nz_buf_status(&text);
    if (err == NZ_OK)
        text_print(p->cli, nz_buf_view(&text), 4, 4);
    nz_buf_release(&text);
    return err;
}

static bool is_shown(const struct print *p, const struct nz_report_group *g)
{
    return p->view->since || (g->status != NZ_STATUS_PASS && g->status != NZ_STATUS_NOT_APPLICABLE);
}

/* The groups of a part that are shown, into a table; NULL: as they come. *rows: how many. */
static enum nz_err rows_print(struct print *p, enum nz_part part, struct nz_table *table, size_t *rows)
{
    enum nz_err err = NZ_OK;
    *rows = 0;
    for (size_t i = 0; i < p->groups->count && err == NZ_OK; i++) {
        const struct nz_report_group *g = &p->groups->list[i];
        if (g->check->part != part || !is_shown(p, g))
            continue;
        err = table ? row_add(table, g) : narrow_print(p, g);
        ++*rows;
    }
    return err;
}

static enum nz_err part_print(struct print *p, enum nz_part part)
{
    const struct nz_table_column columns[] = {
        {.title = _("SEVERITY"), .whole = true},
        {.title = _("STATUS"), .whole = true},
        {.title = _("CHECK"), .whole = true},
        {.title = _("RESOURCE")},
        {.title = _("REASON")},
    };
    const bool is_narrow = p->cli->out_term.columns && p->cli->out_term.columns < TEXT_COLUMNS;
    struct nz_table table;
    size_t rows;
    nz_table_init(&table, &p->keep, columns, sizeof columns / sizeof columns[0]);
    enum nz_err err = rows_print(p, part, &table, &rows);
    if (err != NZ_OK || (!rows && (p->view->since || !p->groups->scores[part].checks)))
        return err;
    heading_print(p, part);
    if (is_narrow)
        err = rows_print(p, part, NULL, &rows);
    else if (rows)
        err = nz_table_print(&table, &p->cli->out, &p->cli->out_term);
    nz_output_printf(&p->cli->out, "\n");
    return err;
}

static void first_print(struct print *p)
{
    const struct nz_report_group *first[FIRST_MAX];
    const size_t count = nz_report_first(p->groups, first, FIRST_MAX);
    struct nz_output *out = &p->cli->out;
    if (!count)
        return;
    nz_output_printf(out, "%s%s%s\n", nz_style_on(&p->cli->out_term, NZ_STYLE_BOLD), _("What to do first"),
                     nz_style_off(&p->cli->out_term, NZ_STYLE_BOLD));
    for (size_t i = 0; i < count; i++) {
        char title[TITLE_BYTES];
        snprintf(title, sizeof title, "%2zu. %s (%s)", i + 1, _(first[i]->check->title), first[i]->check->id);
        text_print(p->cli, nz_str_from_c(title), 0, 4);
        text_print(p->cli, first[i]->findings[0]->remediation, 4, 4);
    }
    nz_output_printf(out, "\n");
}

/* An SCP is not for whoever runs the audit to change. */
static bool may_be_allowed(const struct nz_unread_part *u)
{
    return nz_str_starts_with(u->error, NZ_STR("AccessDenied")) &&
           nz_str_find(u->message, NZ_STR("in a service control policy")) == SIZE_MAX;
}

/* Each action once: what would have to be allowed for nothing to stay unknown. */
static void missing_print(struct print *p)
{
    const struct nz_report *r = p->view->report;
    struct nz_buf actions;
    nz_buf_init(&actions, 0);
    for (size_t i = 0; i < r->unread_count; i++) {
        const struct nz_str action = r->unread[i].action;
        bool seen = action.n == 0 || !may_be_allowed(&r->unread[i]);
        for (size_t k = 0; k < i && !seen; k++)
            seen = nz_str_eq(r->unread[k].action, action);
        if (!seen)
            nz_buf_printf(&actions, "%s%.*s", actions.n ? ", " : "", NZ_STR_ARG(action));
    }
    if (actions.n) {
        nz_output_printf(&p->cli->out, "%s\n", _("Permissions that were missing"));
        text_print(p->cli, nz_buf_view(&actions), 4, 4);
        nz_output_printf(&p->cli->out, "\n");
    }
    nz_buf_release(&actions);
}

static void hidden_print(struct print *p)
{
    const struct nz_report *r = p->view->report;
    struct nz_output *out = &p->cli->out;
    struct nz_buf line;
    if (!r->hidden_count)
        return;
    nz_output_printf(out, "%s\n", _("Hidden by exceptions"));
    nz_buf_init(&line, 0);
    for (size_t i = 0; i < r->hidden_count; i++) {
        const struct nz_finding *f = r->hidden[i].finding;
        const struct nz_exception *by = r->hidden[i].by;
        nz_buf_clear(&line);
        nz_buf_printf(&line, "%s ", f->check->id);
        name_append(&line, f);
        nz_buf_printf(&line, ": %.*s, %.*s, ", NZ_STR_ARG(by->owner), NZ_STR_ARG(by->reason));
        nz_exception_append_end(&line, by);
        text_print(p->cli, nz_buf_view(&line), 4, 4);
    }
    nz_output_printf(out, "\n");
    nz_buf_release(&line);
}

void nz_audit_append_counts(struct nz_buf *out, const struct nz_report_groups *groups)
{
    const uint64_t *n = groups->findings;
    /* worded without a noun that would have to agree with its number */
    nz_buf_printf(out, _("findings: fail %llu, partial %llu, unknown %llu, pass %llu, not applicable %llu"),
                  (unsigned long long)n[NZ_STATUS_FAIL], (unsigned long long)n[NZ_STATUS_PARTIAL],
                  (unsigned long long)n[NZ_STATUS_UNKNOWN], (unsigned long long)n[NZ_STATUS_PASS],
                  (unsigned long long)n[NZ_STATUS_NOT_APPLICABLE]);
}

static void summary_print(struct print *p)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    if (p->view->report->sets_count) {
        nz_buf_printf(&line, "%s ", _("Judged were only the checks of:"));
        nz_audit_sets_append(&line, p->view->report);
        text_print(p->cli, nz_buf_view(&line), 0, 4);
        nz_buf_clear(&line);
    }
    nz_audit_append_counts(&line, p->groups);
    text_print(p->cli, nz_buf_view(&line), 0, 4);
    nz_buf_release(&line);
}

static enum nz_err print(struct nz_cli *cli, const struct nz_audit_view *view)
{
    struct nz_report_groups groups;
    struct print p = {.cli = cli, .view = view, .groups = &groups};
    nz_arena_init(&p.keep, 0);
    enum nz_err err = nz_report_group(&p.keep, view->report, &groups);
    for (unsigned part = 0; part < NZ_PART_COUNT && err == NZ_OK; part++)
        err = part_print(&p, (enum nz_part)part);
    if (err == NZ_OK) {
        first_print(&p);
        missing_print(&p);
        hidden_print(&p);
        summary_print(&p);
    }
    nz_arena_release(&p.keep);
    return err;
}

/* --- audit --org: a section an account, and a table of them all --- */

static enum nz_err org_begin(struct nz_audit_org *org)
{
    (void)org;
    return NZ_OK;
}

static void account_heading(struct nz_cli *cli, const struct nz_org_account *account)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_text_append_terminal(&line, account->member->account);
    if (account->member->name.n) {
        nz_buf_append(&line, NZ_STR("  "));
        nz_text_append_terminal(&line, account->member->name);
    }
    nz_output_printf(&cli->out, "%s== %.*s ==%s\n", nz_style_on(&cli->out_term, NZ_STYLE_BOLD),
                     NZ_STR_ARG(nz_buf_view(&line)), nz_style_off(&cli->out_term, NZ_STYLE_BOLD));
    nz_buf_release(&line);
}

static enum nz_err org_account(struct nz_audit_org *org, const struct nz_org_account *account,
                               const struct nz_audit_view *view)
{
    struct nz_buf line;
    enum nz_err err = NZ_OK;
    if (account->is_inactive) /* the table at the end has it */
        return NZ_OK;
    account_heading(org->cli, account);
    if (view) {
        err = print(org->cli, view);
    } else {
        nz_buf_init(&line, 0);
        nz_buf_printf(&line, _("The account could not be read: %s %s"), account->error, account->message);
        text_print(org->cli, nz_buf_view(&line), 4, 4);
        err = nz_buf_status(&line);
        nz_buf_release(&line);
    }
    nz_output_printf(&org->cli->out, "\n");
    return err;
}

static void org_row_add(struct nz_table *table, const struct nz_audit_org_row *row)
{
    char counts[NZ_STATUS_COUNT][24];
    for (size_t i = 0; i < NZ_STATUS_COUNT; i++)
        snprintf(counts[i], sizeof counts[i], row->is_judged ? "%llu" : "-", (unsigned long long)row->findings[i]);
    const struct nz_str cells[] = {row->member->account,
                                   row->member->name,
                                   row->is_inactive ? row->member->state : nz_str_from_c(row->error),
                                   nz_str_from_c(counts[NZ_STATUS_FAIL]),
                                   nz_str_from_c(counts[NZ_STATUS_PARTIAL]),
                                   nz_str_from_c(counts[NZ_STATUS_UNKNOWN]),
                                   nz_str_from_c(counts[NZ_STATUS_PASS])};
    const enum nz_style style = row->is_inactive                    ? NZ_STYLE_DIM
                                : !row->is_judged                   ? NZ_STYLE_CYAN
                                : row->findings[NZ_STATUS_FAIL] > 0 ? NZ_STYLE_RED
                                                                    : NZ_STYLE_PLAIN;
    const enum nz_style styles[] = {NZ_STYLE_BOLD, NZ_STYLE_PLAIN, style, style, style, style, style};
    nz_table_add(table, cells, styles);
}

static enum nz_err org_end(struct nz_audit_org *org)
{
    const struct nz_table_column columns[] = {
        {.title = _("ACCOUNT"), .whole = true},
        {.title = _("NAME")},
        {.title = _("NOT READ")},
        {.title = _(nz_status_name(NZ_STATUS_FAIL)), .right = true, .whole = true},
        {.title = _(nz_status_name(NZ_STATUS_PARTIAL)), .right = true, .whole = true},
        {.title = _(nz_status_name(NZ_STATUS_UNKNOWN)), .right = true, .whole = true},
        {.title = _(nz_status_name(NZ_STATUS_PASS)), .right = true, .whole = true},
    };
    struct nz_arena keep;
    struct nz_table table;
    nz_arena_init(&keep, 0);
    nz_table_init(&table, &keep, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < org->rows_count; i++)
        org_row_add(&table, &org->rows[i]);
    const enum nz_err err = nz_table_print(&table, &org->cli->out, &org->cli->out_term);
    nz_arena_release(&keep);
    return err;
}

const struct nz_audit_render nz_audit_table = {print, org_begin, org_account, org_end};
