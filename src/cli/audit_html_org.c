/* `audit --org --format html`: one page, a table of the accounts at its head and each of them to be unfolded below. The table is
 * known last, so the accounts wait in a spool. */
#include "cli/audit_html.h"
#include "cli/i18n.h"
#include "findings/html_page.h"

#define SPOOL_BYTES ((size_t)16 << 20)

static struct nz_str words(const char *text)
{
    return nz_str_from_c(text);
}

enum nz_err nz_audit_html_org_begin(struct nz_audit_org *org)
{
    return nz_spool_new(SPOOL_BYTES, &org->bodies);
}

/* --- an account --- */

/* "a111122223333": an account's number is digits, and what is not is no id. */
static void id_append(struct nz_buf *out, const struct nz_member *member)
{
    nz_buf_append_char(out, 'a');
    for (size_t i = 0; i < member->account.n; i++) {
        if (member->account.p[i] >= '0' && member->account.p[i] <= '9')
            nz_buf_append_char(out, member->account.p[i]);
    }
}

static void append_begin(struct nz_buf *out, const struct nz_org_account *account, struct nz_str note)
{
    nz_buf_append(out, NZ_STR("<details class=\"panel\" data-group id=\""));
    id_append(out, account->member);
    NZ_HTML(out, "\"><summary><b>$</b> $ <span class=\"soft\">$</span></summary>\n", account->member->account,
            account->member->name, note);
}

static enum nz_err write_judged(const struct nz_audit_html_sink *sink, const struct nz_org_account *account,
                                const struct nz_audit_view *view, const struct nz_report_groups *groups,
                                struct nz_buf *out)
{
    struct nz_buf prefix, counts;
    nz_buf_init(&prefix, 0);
    nz_buf_init(&counts, 0);
    id_append(&prefix, account->member);
    nz_buf_append_char(&prefix, '-');
    nz_audit_append_counts(&counts, groups);
    append_begin(out, account, nz_buf_view(&counts));
    nz_audit_html_append_sets(out, view->report);
    nz_audit_html_append_standing(out, groups, nz_buf_view(&prefix));
    enum nz_err err = prefix.failed || counts.failed ? NZ_E_NOMEM : NZ_OK;
    if (err == NZ_OK)
        err = nz_audit_html_write_findings(sink, view, groups, nz_buf_view(&prefix), out);
    nz_buf_release(&prefix);
    nz_buf_release(&counts);
    return err;
}

enum nz_err nz_audit_html_org_account(struct nz_audit_org *org, const struct nz_org_account *account,
                                      const struct nz_audit_view *view)
{
    const struct nz_audit_html_sink sink = {org->cli, org->bodies};
    struct nz_report_groups groups;
    struct nz_arena keep;
    struct nz_buf out;
    enum nz_err err = NZ_OK;
    if (account->is_inactive) /* the table has it */
        return NZ_OK;
    nz_arena_init(&keep, 0);
    nz_buf_init(&out, 0);
    if (view)
        err = nz_report_group(&keep, view->report, &groups);
    if (err == NZ_OK && view)
        err = write_judged(&sink, account, view, &groups, &out);
    if (!view) {
        append_begin(&out, account, words(account->error));
        NZ_HTML(&out, "<p>$ $</p>", words(_("The account could not be read:")), words(account->message));
    }
    nz_buf_append(&out, NZ_STR("</details>\n"));
    if (err == NZ_OK)
        err = nz_audit_html_flush(&sink, &out);
    nz_buf_release(&out);
    nz_arena_release(&keep);
    return err;
}

/* --- the page --- */

static void append_number(struct nz_buf *out, const struct nz_audit_org_row *row, enum nz_status status)
{
    nz_buf_append(out, NZ_STR("<td class=\"num\">"));
    if (row->is_judged)
        nz_html_append_count(out, row->findings[status]);
    else
        nz_buf_append(out, NZ_STR("–"));
    nz_buf_append(out, NZ_STR("</td>"));
}

static void append_row(struct nz_buf *out, const struct nz_audit_org_row *row)
{
    static const enum nz_status shown[] = {NZ_STATUS_FAIL, NZ_STATUS_PARTIAL, NZ_STATUS_UNKNOWN, NZ_STATUS_PASS};
    nz_buf_append(out, NZ_STR("<tr><td class=\"mono nowrap\">"));
    if (!row->is_inactive) {
        nz_buf_append(out, NZ_STR("<a href=\"#"));
        id_append(out, row->member);
        nz_buf_append(out, NZ_STR("\">"));
    }
    NZ_HTML(out, "$", row->member->account);
    nz_buf_append(out, row->is_inactive ? NZ_STR("</td>") : NZ_STR("</a></td>"));
    NZ_HTML(out, "<td>$</td>", row->member->name);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        append_number(out, row, shown[i]);
    NZ_HTML(out, "<td>$</td></tr>\n", row->is_inactive ? row->member->state : words(row->error));
}

static void append_head(struct nz_buf *out, const struct nz_audit_org *org)
{
    char title[160], lead[160];
    size_t judged = 0;
    for (size_t i = 0; i < org->rows_count; i++)
        judged += org->rows[i].is_judged;
    snprintf(title, sizeof title, _("AWS organization %.*s"), NZ_STR_ARG(nz_str_head(org->organization.id, 64)));
    snprintf(lead, sizeof lead, _("accounts: %zu, judged: %zu"), org->organization.count, judged);
    const struct nz_html_page page = {
        .japanese = org->cli->lang == NZ_LANG_JA, .title = words(title), .lead = words(lead)};
    nz_html_page_begin(out, &page);
    NZ_HTML(out,
            "<section class=\"panel\"><h2>$</h2><div class=\"scroll\"><table><tr><th>$</th><th>$</th><th "
            "class=\"num\">$</th>"
            "<th class=\"num\">$</th><th class=\"num\">$</th><th class=\"num\">$</th><th>$</th></tr>\n",
            words(_("Accounts")), words(_("Account")), words(_("Name")), words(_(nz_status_name(NZ_STATUS_FAIL))),
            words(_(nz_status_name(NZ_STATUS_PARTIAL))), words(_(nz_status_name(NZ_STATUS_UNKNOWN))),
            words(_(nz_status_name(NZ_STATUS_PASS))), words(_("Not read")));
    for (size_t i = 0; i < org->rows_count; i++)
        append_row(out, &org->rows[i]);
    nz_buf_append(out, NZ_STR("</table></div></section>\n"));
    nz_audit_html_append_tools(out);
}

static enum nz_err bodies_write(const struct nz_audit_org *org)
{
    struct nz_str bytes;
    int64_t key;
    bool more = true;
    enum nz_err err = nz_spool_rewind(org->bodies, NULL);
    while (err == NZ_OK && more) {
        err = nz_spool_next(org->bodies, &more, &key, &bytes, NULL);
        if (err == NZ_OK && more)
            nz_output_write(&org->cli->out, bytes);
    }
    return err;
}

enum nz_err nz_audit_html_org_end(struct nz_audit_org *org)
{
    const struct nz_audit_html_sink sink = {.cli = org->cli};
    struct nz_buf out;
    nz_buf_init(&out, 0);
    append_head(&out, org);
    enum nz_err err = nz_audit_html_flush(&sink, &out);
    if (err == NZ_OK)
        err = bodies_write(org);
    nz_html_page_end(&out, NZ_STR("nezuban " NZ_VERSION));
    if (err == NZ_OK)
        err = nz_audit_html_flush(&sink, &out);
    nz_buf_release(&out);
    return err == org->cli->out.err ? NZ_OK : err; /* what is wrong with the output is told when it is closed */
}
