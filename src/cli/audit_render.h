/* The formats of `audit`. A format is one file audit_<name>.c with a const struct nz_audit_render nz_audit_<name>, and one
 * line in audit_formats.list. */
#ifndef NZ_CLI_AUDIT_RENDER_H
#define NZ_CLI_AUDIT_RENDER_H

#include "cli/org_read.h"
#include "core/spool.h"
#include "findings/finding.h"

struct nz_audit_view {
    const struct nz_report *report;
    const char *since; /* the older snapshot's file, when the report has only what is new or solved; else NULL */
};

/* What the accounts of an organization came to, for the overview of `audit --org`. */
struct nz_audit_org_row {
    const struct nz_member *member;
    bool is_judged, is_inactive;
    char error[64]; /* why it was not read */
    uint64_t findings[NZ_STATUS_COUNT];
};

struct nz_audit_org {
    struct nz_cli *cli;
    struct nz_organization organization;
    struct nz_audit_org_row *rows; /* those that had their turn, in order */
    size_t rows_count;
    struct nz_spool *bodies; /* of a format that has to hold them back; NULL: none */
};

struct nz_audit_render {
    enum nz_err (*print)(struct nz_cli *cli, const struct nz_audit_view *view);
    /* audit --org: the head, each account (report NULL: it was not judged), the end. */
    enum nz_err (*org_begin)(struct nz_audit_org *org);
    enum nz_err (*org_account)(struct nz_audit_org *org, const struct nz_org_account *account,
                               const struct nz_audit_view *view);
    enum nz_err (*org_end)(struct nz_audit_org *org);
};

#define NZ_AUDIT_FORMAT(name, what) extern const struct nz_audit_render nz_audit_##name;
#include "cli/audit_formats.list"
#undef NZ_AUDIT_FORMAT

#endif
