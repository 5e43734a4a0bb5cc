/* The formats of `audit`. A format is one file audit_<name>.c with a const struct nz_audit_render nz_audit_<name>, and one
 * line in audit_formats.list. */
#ifndef NZ_CLI_AUDIT_RENDER_H
#define NZ_CLI_AUDIT_RENDER_H

#include "cli/cli.h"
#include "findings/finding.h"

struct nz_audit_view {
    const struct nz_report *report;
    const char *since; /* the older snapshot's file, when the report has only what is new or solved; else NULL */
};

struct nz_audit_render {
    enum nz_err (*print)(struct nz_cli *cli, const struct nz_audit_view *view);
};

#define NZ_AUDIT_FORMAT(name, what) extern const struct nz_audit_render nz_audit_##name;
#include "cli/audit_formats.list"
#undef NZ_AUDIT_FORMAT

#endif
