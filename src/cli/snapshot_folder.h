/* The files that AWS Config has delivered below a folder, as it lays them out in a bucket:
 *
 *     AWSLogs/111122223333/Config/eu-west-1/2026/11/25/ConfigSnapshot/
 *         111122223333_Config_eu-west-1_ConfigSnapshot_20261125T010203Z_0f1e….json.gz
 *
 * Source: AWS Config Developer Guide, "Viewing the delivery of configuration snapshots". */
#ifndef NZ_CLI_SNAPSHOT_FOLDER_H
#define NZ_CLI_SNAPSHOT_FOLDER_H

#include "cli/cli.h"

bool nz_cli_is_folder(const char *path);

/* *paths: of each region the newest snapshot, the newest of all first; NUL terminated, in cli's arena. What cannot be walked is
 * reported. NZ_E_NOMEM; NZ_E_SNAPSHOT_SHAPE: there is none; NZ_E_SNAPSHOT_ACCOUNTS: they are of several accounts. */
NZ_MUST_USE enum nz_err nz_cli_snapshot_folder(struct nz_cli *cli, const char *folder, const char ***paths,
                                               size_t *count, struct nz_diag *diag);

#endif
