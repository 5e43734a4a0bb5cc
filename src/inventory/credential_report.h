/* The CSV of IAM's credential report, row by row.
 *
 *     user,arn,user_creation_time,password_enabled,…        columns are known by their names; AWS adds new ones
 *     <root_account>,arn:aws:iam::111122223333:root,…
 *
 * Source: IAM User Guide, "Understanding the report format"; RFC 4180 for quotes. */
#ifndef NZ_INVENTORY_CREDENTIAL_REPORT_H
#define NZ_INVENTORY_CREDENTIAL_REPORT_H

#include "core/buf.h"

#define NZ_REPORT_COLUMNS_MAX 128u

struct nz_report_row {
    struct nz_str user, arn; /* of these two columns */
    struct nz_str json;      /* all columns as one object of texts */
};

/* Views that die when `row` returns; what it returns ends the reading. */
typedef enum nz_err nz_report_row_fn(void *self, const struct nz_report_row *row);

/* *bad counts rows that have another number of columns than the first line, or no user or ARN; they are passed over.
 * NZ_E_NOMEM; NZ_E_AWS_ANSWER: the first line names no user and arn, or too many columns. */
NZ_MUST_USE enum nz_err nz_credential_report_read(struct nz_str csv, nz_report_row_fn *row, void *self, uint64_t *bad);

#endif
