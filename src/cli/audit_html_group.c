#include "cli/audit_html.h"
#include "cli/i18n.h"
#include "findings/html_page.h"

static struct nz_str words(const char *text)
{
    return nz_str_from_c(text);
}

static void append_evidence(struct nz_buf *out, const struct nz_finding *f)
{
    if (!f->evidence_count)
        return;
    NZ_HTML(out, "<div class=\"scroll\"><table><tr><th>$</th><th>$</th><th>$</th></tr>", words(_("Where")),
            words(_("Field")), words(_("Value")));
    for (uint32_t i = 0; i < f->evidence_count; i++)
        NZ_HTML(out, "<tr><td class=\"mono\">$</td><td class=\"mono\">$</td><td class=\"mono\">$</td></tr>",
                f->evidence[i].item, f->evidence[i].field, f->evidence[i].value);
    nz_buf_append(out, NZ_STR("</table></div>"));
}

/* advice: of the group; a finding's own is told when it is another. */
static void append_item(struct nz_buf *out, const struct nz_finding *f, struct nz_str advice)
{
    nz_buf_printf(out, "<details class=\"item\" data-item data-part=\"%u\" data-status=\"%u\" data-severity=\"%u\">",
                  f->check->part, f->status, f->severity);
    NZ_HTML(out, "<summary><b>$</b>", nz_finding_subject(f));
    if (!nz_str_eq(f->region, NZ_STR("global")) && !nz_str_ends_with(f->resource, f->region))
        NZ_HTML(out, "<span class=\"soft\">$</span>", f->region);
    NZ_HTML(out, "<span>$</span></summary><div class=\"body\">", f->reason);
    if (f->remediation.n && !nz_str_eq(f->remediation, advice))
        NZ_HTML(out, "<p>$</p>", f->remediation);
    append_evidence(out, f);
    nz_buf_append(out, NZ_STR("</div></details>\n"));
}

static void append_header(struct nz_buf *out, const struct nz_report_group *g, struct nz_str prefix)
{
    const bool counts = g->status == NZ_STATUS_FAIL || g->status == NZ_STATUS_PARTIAL;
    const char *status = nz_status_name(g->status), *severity = nz_severity_name(g->severity);
    nz_buf_printf(out, "<section class=\"group %s\" id=\"%.*s%s-%s\" data-group>\n<header>", counts ? severity : status,
                  NZ_STR_ARG(prefix), g->check->id, status);
    nz_buf_printf(out, "<span class=\"level %s\">", status);
    NZ_HTML(out, "$</span>", words(_(status)));
    if (!nz_str_eq(words(status), NZ_STR("pass")) && g->status != NZ_STATUS_NOT_APPLICABLE) {
        nz_buf_printf(out, "<span class=\"level %s\">", severity);
        NZ_HTML(out, "$</span>", words(_(severity)));
    }
    NZ_HTML(out, "<h3>$ <code class=\"soft\">$</code></h3><b class=\"num\">", words(_(g->check->title)),
            words(g->check->id));
    nz_html_append_count(out, g->count);
    nz_buf_append(out, NZ_STR("</b></header>\n"));
}

void nz_audit_html_append_group(struct nz_buf *out, const struct nz_report_group *group, struct nz_str prefix)
{
    const struct nz_str advice = group->findings[0]->remediation;
    append_header(out, group, prefix);
    if (group->status != NZ_STATUS_PASS && group->status != NZ_STATUS_NOT_APPLICABLE)
        NZ_HTML(out, "<p>$</p>", advice);
    nz_buf_append(out, NZ_STR("<div class=\"items\">\n"));
    for (size_t i = 0; i < group->count && i < NZ_AUDIT_HTML_ITEMS; i++)
        append_item(out, group->findings[i], advice);
    nz_buf_append(out, NZ_STR("</div>"));
    if (group->count > NZ_AUDIT_HTML_ITEMS) {
        char text[256];
        snprintf(text, sizeof text, _("The first %u of %zu; --format json has all of them."), NZ_AUDIT_HTML_ITEMS,
                 group->count);
        NZ_HTML(out, "<p class=\"small soft\">$</p>", words(text));
    }
    nz_buf_append(out, NZ_STR("</section>\n"));
}
