/* The pieces of `audit --format html`. All append to `out`. Private to the audit's formats. */
#ifndef NZ_CLI_AUDIT_HTML_H
#define NZ_CLI_AUDIT_HTML_H

#include "cli/audit_render.h"
#include "findings/exceptions.h"
#include "findings/report_groups.h"

#include <stdarg.h>
#include <stdio.h>

#define NZ_AUDIT_HTML_ITEMS 200u /* findings listed of one check with one status; rows of a table */

/* Where a page goes, bit by bit. */
struct nz_audit_html_sink {
    struct nz_cli *cli;
    struct nz_spool *spool; /* NULL: to cli's output */
};
/* Empties text. */
NZ_MUST_USE enum nz_err nz_audit_html_flush(const struct nz_audit_html_sink *sink, struct nz_buf *text);

/* One check's findings with one status, each to be unfolded. prefix: of its id, "" or what tells accounts on one page apart. */
void nz_audit_html_append_group(struct nz_buf *out, const struct nz_report_group *group, struct nz_str prefix);

/* To which checks the audit was narrowed; nothing when it was not. */
void nz_audit_html_append_sets(struct nz_buf *out, const struct nz_report *report);

/* What filters all that is shown. */
void nz_audit_html_append_tools(struct nz_buf *out);

/* One account: how it stands, what to do first; then what was found and what could not be read. */
void nz_audit_html_append_standing(struct nz_buf *out, const struct nz_report_groups *groups, struct nz_str prefix);
NZ_MUST_USE enum nz_err nz_audit_html_write_findings(const struct nz_audit_html_sink *sink,
                                                     const struct nz_audit_view *view,
                                                     const struct nz_report_groups *groups, struct nz_str prefix,
                                                     struct nz_buf *out);

/* The parts of `audit --org --format html`. */
enum nz_err nz_audit_html_org_begin(struct nz_audit_org *org);
enum nz_err nz_audit_html_org_account(struct nz_audit_org *org, const struct nz_org_account *account,
                                      const struct nz_audit_view *view);
enum nz_err nz_audit_html_org_end(struct nz_audit_org *org);

/* "findings: fail 3, partial 0, …": the table's last line, without a line end. */
void nz_audit_append_counts(struct nz_buf *out, const struct nz_report_groups *groups);

#endif
