/* A snapshot from files, for a command. */
#ifndef NZ_CLI_SNAPSHOT_LOAD_H
#define NZ_CLI_SNAPSHOT_LOAD_H

#include "cli/cli.h"
#include "inventory/snapshot.h"

/* Reads one file ("-" is standard input): a snapshot, what AWS Config delivered, or the AWS CLI's output. What could not be
 * used is reported with its line, and the snapshot knows of it. Errors are reported. Free with nz_snapshot_free. */
NZ_MUST_USE enum nz_err nz_snapshot_load(struct nz_cli *cli, const char *path, struct nz_snapshot **out);

#endif
