/* A snapshot from a file or folder that the user named. */
#ifndef NZ_CLI_SNAPSHOT_FILE_H
#define NZ_CLI_SNAPSHOT_FILE_H

#include "cli/cli.h"
#include "inventory/snapshot.h"

/* Reads `path` ("-" is standard input), gzip or plain, in any of the forms of inventory/snapshot_read.h, or what AWS Config has
 * delivered below a folder (cli/snapshot_folder.h). What is damaged is
 * reported with its line and makes the exit status 2; the rest is in *out. An error it returns has been reported, and *out
 * is NULL then. The caller frees *out. */
NZ_MUST_USE enum nz_err nz_cli_snapshot_open(struct nz_cli *cli, const char *path, struct nz_snapshot **out);

/* What `collect` has left when it broke off: that it has no end is no fault, and what cannot be read of it is read again. */
NZ_MUST_USE enum nz_err nz_cli_snapshot_open_part(struct nz_cli *cli, const char *path, struct nz_snapshot **out);

/* The same of a file that has been read: its text, inflated. */
NZ_MUST_USE enum nz_err nz_cli_snapshot_of_text(struct nz_cli *cli, const char *path, struct nz_str text,
                                                struct nz_snapshot **out);

/* Warns when two that are to be compared are of different accounts. */
void nz_cli_snapshots_check(struct nz_cli *cli, const struct nz_snapshot *first, const struct nz_snapshot *second);

#endif
