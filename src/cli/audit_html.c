/* `audit --format html`: a page to hand on. How each part of the account stands, what to do first, then what was found, worst
 * first, with what decided it to unfold. Of one check's findings with one status the first ITEMS are listed. */
#include "cli/audit_html.h"
#include "cli/audit_sets.h"
#include "cli/exception_file.h"
#include "cli/i18n.h"
#include "findings/html_chart.h"
#include "findings/html_page.h"

#define FIRST_MAX 5u
#define TITLE_BYTES 80u

static struct nz_str words(const char *text)
{
    return nz_str_from_c(text);
}

enum nz_err nz_audit_html_flush(const struct nz_audit_html_sink *sink, struct nz_buf *text)
{
    enum nz_err err = text->failed ? NZ_E_NOMEM : NZ_OK;
    if (err == NZ_OK && sink->spool)
        err = nz_spool_add(sink->spool, 0, nz_buf_view(text), NULL);
    else if (err == NZ_OK)
        nz_output_write(&sink->cli->out, nz_buf_view(text));
    nz_buf_clear(text);
    return err == NZ_OK && !sink->spool ? sink->cli->out.err : err;
}

/* --- the top --- */

static bool is_well(enum nz_status status)
{
    return status == NZ_STATUS_PASS || status == NZ_STATUS_NOT_APPLICABLE;
}

/* True when the check has a group of a worse status than g. */
static bool has_worse(const struct nz_report_groups *groups, const struct nz_report_group *g)
{
    for (size_t i = 0; i < groups->count; i++) {
        const struct nz_report_group *other = &groups->list[i];
        if (other->check == g->check && !is_well(other->status) && other->status < g->status)
            return true;
    }
    return false;
}

/* Of a part's checks: how many pass everywhere, fail somewhere, are partial at worst, are unknown at worst. */
static void part_counts(const struct nz_report_groups *groups, enum nz_part part, uint64_t counts[4])
{
    memset(counts, 0, 4 * sizeof counts[0]);
    counts[NZ_STATUS_PASS] = groups->scores[part].passed;
    for (size_t i = 0; i < groups->count; i++) {
        const struct nz_report_group *g = &groups->list[i];
        if (g->check->part == part && !is_well(g->status) && !has_worse(groups, g))
            counts[g->status]++;
    }
}

static void append_scores(struct nz_buf *out, const struct nz_report_groups *groups)
{
    static const char *const tones[] = {"pass", "fail", "partial", "unknown"};
    NZ_HTML(out, "<section class=\"panel\"><h2>$</h2><ol class=\"ranks\">\n", words(_("How the account stands")));
    for (unsigned part = 0; part < NZ_PART_COUNT; part++) {
        const struct nz_report_score *score = &groups->scores[part];
        char name[256];
        uint64_t counts[4];
        if (!score->checks)
            continue;
        part_counts(groups, (enum nz_part)part, counts);
        snprintf(name, sizeof name, _("%s: %u of %u settings as they should be"), _(nz_part_title((enum nz_part)part)),
                 score->passed, score->checks);
        const struct nz_html_rank rank = {
            .name = words(name), .parts = counts, .tones = tones, .parts_count = 4, .longest = score->checks};
        nz_html_append_rank(out, &rank);
    }
    nz_buf_append(out, NZ_STR("</ol>\n<ul class=\"legend\">"));
    static const char *const names[] = {N_("pass"), N_("fail"), N_("partial"), N_("unknown")};
    for (size_t i = 0; i < 4; i++) {
        nz_buf_printf(out, "<li class=\"%s\">", tones[i]);
        NZ_HTML(out, "$</li>", words(_(names[i])));
    }
    nz_buf_append(out, NZ_STR("</ul></section>\n"));
}

static void append_first(struct nz_buf *out, const struct nz_report_groups *groups, struct nz_str prefix)
{
    const struct nz_report_group *first[FIRST_MAX];
    const size_t count = nz_report_first(groups, first, FIRST_MAX);
    if (!count)
        return;
    NZ_HTML(out, "<section class=\"panel\"><h2>$</h2><ol class=\"short\">\n", words(_("What to do first")));
    for (size_t i = 0; i < count; i++) {
        const struct nz_report_group *g = first[i];
        nz_buf_printf(out, "<li><span class=\"level %s\">", nz_severity_name(g->severity));
        NZ_HTML(out, "$</span> ", words(_(nz_severity_name(g->severity))));
        nz_buf_printf(out, "<a href=\"#%.*s%s-%s\">", NZ_STR_ARG(prefix), g->check->id, nz_status_name(g->status));
        NZ_HTML(out, "$</a><br><span class=\"soft\">$</span></li>\n", words(_(g->check->title)),
                g->findings[0]->remediation);
    }
    nz_buf_append(out, NZ_STR("</ol></section>\n"));
}

static void append_select(struct nz_buf *out, const char *filter, const char *all, const char *(*name)(unsigned),
                          unsigned count)
{
    nz_buf_printf(out, "<select data-filter=\"%s\" aria-label=\"", filter);
    NZ_HTML(out, "$\"><option value=\"\">$</option>", words(all), words(all));
    for (unsigned i = 0; i < count; i++) {
        nz_buf_printf(out, "<option value=\"%u\">", i);
        NZ_HTML(out, "$</option>", words(_(name(i))));
    }
    nz_buf_append(out, NZ_STR("</select>\n"));
}

static const char *status_name(unsigned i)
{
    return nz_status_name((enum nz_status)i);
}

static const char *severity_name(unsigned i)
{
    return nz_severity_name((enum nz_severity)i);
}

static const char *part_title(unsigned i)
{
    return nz_part_title((enum nz_part)i);
}

void nz_audit_html_append_tools(struct nz_buf *out)
{
    nz_buf_append(out, NZ_STR("<div class=\"tools\" data-scripted hidden>\n"));
    append_select(out, "part", _("All parts"), part_title, NZ_PART_COUNT);
    append_select(out, "status", _("All results"), status_name, NZ_STATUS_COUNT);
    append_select(out, "severity", _("All severities"), severity_name, NZ_SEVERITY_COUNT);
    NZ_HTML(
        out,
        "<input type=\"search\" data-search placeholder=\"$\" aria-label=\"$\">\n"
        "<button type=\"button\" data-all=\"open\">$</button><button type=\"button\" data-all=\"reset\">$</button>\n",
        words(_("Search")), words(_("Search")), words(_("Open all")), words(_("Show all")));
    nz_buf_append(out, NZ_STR("<output data-shown=\"$ / $\"></output>\n</div>\n"));
}

/* --- the bottom --- */

static void append_hidden(struct nz_buf *out, const struct nz_report *r)
{
    if (!r->hidden_count)
        return;
    NZ_HTML(
        out,
        "<section class=\"panel\"><h2>$</h2><div class=\"scroll\"><table><tr><th>$</th><th>$</th><th>$</th><th>$</th>"
        "<th>$</th></tr>\n",
        words(_("Hidden by exceptions")), words(_("Check")), words(_("Resource")), words(_("Owner")),
        words(_("Reason")), words(_("Until")));
    for (size_t i = 0; i < r->hidden_count && i < NZ_AUDIT_HTML_ITEMS; i++) {
        const struct nz_finding *f = r->hidden[i].finding;
        const struct nz_exception *by = r->hidden[i].by;
        struct nz_buf until;
        nz_buf_init(&until, 0);
        nz_exception_append_end(&until, by);
        NZ_HTML(out, "<tr><td>$</td><td>$</td><td>$</td><td>$</td><td class=\"nowrap\">$</td></tr>\n",
                words(f->check->id), nz_finding_subject(f), by->owner, by->reason, nz_buf_view(&until));
        nz_buf_release(&until);
    }
    nz_buf_append(out, NZ_STR("</table></div></section>\n"));
}

static void append_unread(struct nz_buf *out, const struct nz_report *r)
{
    if (!r->unread_count)
        return;
    NZ_HTML(
        out,
        "<section class=\"panel\"><h2>$</h2><div class=\"scroll\"><table><tr><th>$</th><th>$</th><th>$</th><th>$</th>"
        "</tr>\n",
        words(_("What could not be read")), words(_("Call")), words(_("Region")), words(_("Error")),
        words(_("Missing permission")));
    for (size_t i = 0; i < r->unread_count && i < NZ_AUDIT_HTML_ITEMS; i++) {
        const struct nz_unread_part *u = &r->unread[i];
        NZ_HTML(out, "<tr><td>$:$ $</td><td>$</td><td>$</td><td>$</td></tr>\n", u->service, u->operation,
                nz_resource_short(u->resource), u->region, u->error, u->action);
    }
    nz_buf_append(out, NZ_STR("</table></div></section>\n"));
}

/* --- the whole --- */

void nz_audit_html_append_sets(struct nz_buf *out, const struct nz_report *r)
{
    struct nz_buf names;
    if (!r->sets_count)
        return;
    nz_buf_init(&names, 0);
    nz_audit_sets_append(&names, r);
    NZ_HTML(out, "<p class=\"notice\">$ $</p>\n", words(_("Judged were only the checks of:")), nz_buf_view(&names));
    out->failed = out->failed || names.failed;
    nz_buf_release(&names);
}

void nz_audit_html_append_standing(struct nz_buf *out, const struct nz_report_groups *groups, struct nz_str prefix)
{
    nz_buf_append(out, NZ_STR("<div class=\"grid\">\n"));
    append_scores(out, groups);
    append_first(out, groups, prefix);
    nz_buf_append(out, NZ_STR("</div>\n"));
}

static void append_top(struct nz_buf *out, const struct nz_audit_view *view, const struct nz_report_groups *groups,
                       bool japanese)
{
    const struct nz_report *r = view->report;
    char title[TITLE_BYTES + 64];
    struct nz_buf lead;
    nz_buf_init(&lead, 0);
    snprintf(title, sizeof title, _("AWS account %.*s"), (int)(r->account.n < TITLE_BYTES ? r->account.n : TITLE_BYTES),
             r->account.p ? r->account.p : "");
    nz_time_append(&lead, r->generated_at);
    nz_buf_printf(&lead, " · ");
    nz_audit_append_counts(&lead, groups);
    const struct nz_html_page page = {.japanese = japanese, .title = words(title), .lead = nz_buf_view(&lead)};
    nz_html_page_begin(out, &page);
    nz_audit_html_append_sets(out, r);
    if (view->since)
        NZ_HTML(out, "<p class=\"notice\">$ $</p>\n", words(_("Only what is new or solved since:")),
                words(view->since));
    if (view->since) /* a part of each part has no score */
        append_first(out, groups, NZ_STR(""));
    else
        nz_audit_html_append_standing(out, groups, NZ_STR(""));
    nz_audit_html_append_tools(out);
    out->failed = out->failed || lead.failed;
    nz_buf_release(&lead);
}

static enum nz_err write_part(const struct nz_audit_html_sink *sink, struct nz_buf *out,
                              const struct nz_report_groups *groups, enum nz_part part, bool since,
                              struct nz_str prefix)
{
    bool any = false, well = false;
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < groups->count && err == NZ_OK; i++) {
        const struct nz_report_group *g = &groups->list[i];
        if (g->check->part != part)
            continue;
        if (!any)
            NZ_HTML(out, "<h2 class=\"part\">$</h2>\n", words(_(nz_part_title(part))));
        any = true;
        if (!since && is_well(g->status) && !well) { /* the rest is well: folded away */
            well = true;
            NZ_HTML(out, "<details class=\"panel\" data-group><summary>$</summary>\n",
                    words(_("What passes or does not apply")));
        }
        nz_audit_html_append_group(out, g, prefix);
        err = nz_audit_html_flush(sink, out);
    }
    if (well)
        nz_buf_append(out, NZ_STR("</details>\n"));
    return err;
}

enum nz_err nz_audit_html_write_findings(const struct nz_audit_html_sink *sink, const struct nz_audit_view *view,
                                         const struct nz_report_groups *groups, struct nz_str prefix,
                                         struct nz_buf *out)
{
    enum nz_err err = NZ_OK;
    for (unsigned part = 0; part < NZ_PART_COUNT && err == NZ_OK; part++)
        err = write_part(sink, out, groups, (enum nz_part)part, view->since != NULL, prefix);
    append_hidden(out, view->report);
    append_unread(out, view->report);
    return err;
}

static enum nz_err page_write(struct nz_cli *cli, const struct nz_audit_view *view,
                              const struct nz_report_groups *groups, struct nz_buf *out)
{
    const struct nz_audit_html_sink sink = {.cli = cli};
    append_top(out, view, groups, cli->lang == NZ_LANG_JA);
    enum nz_err err = nz_audit_html_flush(&sink, out);
    if (err == NZ_OK)
        err = nz_audit_html_write_findings(&sink, view, groups, NZ_STR(""), out);
    if (err != NZ_OK)
        return err;
    nz_html_page_end(out, NZ_STR("nezuban " NZ_VERSION));
    return nz_audit_html_flush(&sink, out);
}

static enum nz_err print(struct nz_cli *cli, const struct nz_audit_view *view)
{
    struct nz_report_groups groups;
    struct nz_arena keep;
    struct nz_buf out;
    nz_arena_init(&keep, 0);
    nz_buf_init(&out, 0);
    enum nz_err err = nz_report_group(&keep, view->report, &groups);
    if (err == NZ_OK)
        err = page_write(cli, view, &groups, &out);
    nz_buf_release(&out);
    nz_arena_release(&keep);
    return err == cli->out.err ? NZ_OK : err; /* what is wrong with the output is told when it is closed */
}

const struct nz_audit_render nz_audit_html = {print, nz_audit_html_org_begin, nz_audit_html_org_account,
                                              nz_audit_html_org_end};
