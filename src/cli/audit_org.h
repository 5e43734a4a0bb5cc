/* `audit --org`: each account of an organization judged as it comes, in one report. Private to the audit command. */
#ifndef NZ_CLI_AUDIT_ORG_H
#define NZ_CLI_AUDIT_ORG_H

#include "cli/audit_render.h"

/* Judges one account. */
struct nz_audit_org_judge {
    /* *report lives until release. */
    enum nz_err (*judge)(void *self, const struct nz_snapshot *snapshot, const struct nz_report **report);
    void (*release)(void *self);
    void *self;
};

/* Reads and judges all accounts that are active. An account that cannot be read is told so in the report, and is unknown to
 * --strict; one that is suspended is named. What fails is reported. */
NZ_MUST_USE enum nz_err nz_audit_org(struct nz_cli *cli, const struct nz_account_opts *account, const char *role,
                                     const char *output, bool strict, const struct nz_audit_render *render,
                                     const struct nz_audit_org_judge *judge);

#endif
