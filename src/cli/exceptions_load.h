/* The exceptions file of a command. */
#ifndef NZ_CLI_EXCEPTIONS_LOAD_H
#define NZ_CLI_EXCEPTIONS_LOAD_H

#include "cli/cli.h"
#include "findings/exceptions.h"

/* Reads a file (findings/exceptions.h says what stands in it). What is wrong is reported with its place; any mistake is an
 * error, as half of the exceptions would let half of the findings through. Lives in cli->arena. */
NZ_MUST_USE enum nz_err nz_exceptions_load(struct nz_cli *cli, const char *path, struct nz_exceptions *out);

#endif
