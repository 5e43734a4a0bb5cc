/* --set of `audit`: to which checks it is narrowed. */
#ifndef NZ_CLI_AUDIT_SETS_H
#define NZ_CLI_AUDIT_SETS_H

#include "audit/audit.h"
#include "cli/cli.h"
#include "cli/option.h"

/* True when a word of the option asks which sets there are. */
bool nz_audit_sets_asked(const struct nz_opt_list *words);
/* Prints them. */
NZ_MUST_USE enum nz_err nz_audit_sets_print(struct nz_cli *cli);

/* The words into the input. A word may name several, with commas between. Wrong use when one is neither a set nor fits a
 * check. */
NZ_MUST_USE enum nz_err nz_audit_sets_read(struct nz_cli *cli, const struct nz_opt_list *words,
                                           struct nz_audit_input *input);

/* "cis, iam-user-*": appended. */
void nz_audit_sets_append(struct nz_buf *out, const struct nz_report *report);

#endif
