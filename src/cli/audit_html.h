/* The pieces of `audit --format html`. All append to `out`. Private to the audit's formats. */
#ifndef NZ_CLI_AUDIT_HTML_H
#define NZ_CLI_AUDIT_HTML_H

#include "cli/audit_render.h"
#include "findings/exceptions.h"
#include "findings/report_groups.h"

#include <stdarg.h>
#include <stdio.h>

#define NZ_AUDIT_HTML_ITEMS 200u /* findings listed of one check with one status; rows of a table */

/* One check's findings with one status, each to be unfolded. */
void nz_audit_html_append_group(struct nz_buf *out, const struct nz_report_group *group);

/* "findings: fail 3, partial 0, …": the table's last line, without a line end. */
void nz_audit_append_counts(struct nz_buf *out, const struct nz_report_groups *groups);

#endif
