/* The command line: which command, and its options, filled from flag, environment, file and default in this order. */
#ifndef NZ_CLI_ARGS_H
#define NZ_CLI_ARGS_H

#include "cli/command.h"

struct nz_args_row {
    struct nz_opt opt; /* with what it takes from its key */
    void *slot;
    bool seen; /* given on the command line */
};

struct nz_args_parse {
    struct nz_cli *cli;
    struct nz_common common;
    const struct nz_command *command; /* NULL: none was named */
    const char *group;                /* "trail" when that stood there without a second word */
    struct nz_args args;
    struct nz_args_row *rows; /* everybody's, then the command's */
    size_t rows_count;
};

/* Reads argv into *p, in cli->arena. Wrong use is reported (NZ_E_USAGE). Options not given keep zero until
 * nz_args_fill. */
NZ_MUST_USE enum nz_err nz_args_parse(struct nz_args_parse *p, struct nz_cli *cli, int argc, char **argv);

/* After cli->config was loaded: what no flag gave comes from there, else from the row's default. */
NZ_MUST_USE enum nz_err nz_args_fill(struct nz_args_parse *p);

/* The value of the last --NAME in argv, before anything else is read: messages about argv need their language. */
const char *nz_args_peek(int argc, char **argv, const char *name);

#endif
