/* The thresholds and names of `audit`, from the configuration (keys audit.*). */
#ifndef NZ_CLI_AUDIT_SETTINGS_H
#define NZ_CLI_AUDIT_SETTINGS_H

#include "audit/settings.h"
#include "cli/cli.h"

/* Lists live in cli->arena. Errors are reported. */
NZ_MUST_USE enum nz_err nz_audit_settings_read(struct nz_cli *cli, struct nz_audit_settings *out);

#endif
