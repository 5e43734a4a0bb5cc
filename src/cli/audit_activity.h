/* What CloudTrail logs say of root and users, for `audit`. */
#ifndef NZ_CLI_AUDIT_ACTIVITY_H
#define NZ_CLI_AUDIT_ACTIVITY_H

#include "audit/activity.h"
#include "cli/cli.h"

/* Reads all logs below the paths, with progress; what cannot be read is reported and the rest counts. out: initialized. */
NZ_MUST_USE enum nz_err nz_audit_activity_read(struct nz_cli *cli, const struct nz_opt_list *paths,
                                               struct nz_activity *out);

#endif
