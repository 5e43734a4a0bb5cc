/* What a command works with: settings, output, problems, progress. One a process, made by main and passed down. */
#ifndef NZ_CLI_CLI_H
#define NZ_CLI_CLI_H

#include "cli/config.h"
#include "cli/exit.h"
#include "cli/i18n.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "cli/progress.h"
#include "cli/term.h"
#include "sigma/ruleset.h"

struct nz_command;

struct nz_cli {
    struct nz_arena arena; /* options and configuration; lives as long as the run */
    struct nz_config config;
    struct nz_term out_term, err_term;
    struct nz_output out; /* standard output until a command asks for a file */
    const char *out_path; /* NULL: standard output */
    struct nz_progress progress;
    struct nz_problems problems;
    struct nz_outcome outcome;
    unsigned jobs; /* at least 1 */
    bool quiet;
    enum nz_lang lang; /* EN or JA */
    bool lang_asked;   /* by --lang, NEZUBAN_LANG or the configuration, and not by the locale alone */
    const struct nz_command *command;
};

/* True once SIGINT or SIGTERM came: finish what is in hand, write what was found, return NZ_E_STOPPED. A second SIGINT
 * kills. Any thread. */
bool nz_cli_stop_requested(void);
void nz_cli_catch_signals(void);

/* Sends the results to a file (-o FILE); NULL and "-" leave them on standard output. Reports what fails. */
NZ_MUST_USE enum nz_err nz_cli_output(struct nz_cli *cli, const char *path);

/* Prints a problem on standard error, in the user's language, and adds it to the exit status. Returns diag->code, so that
 * a command ends with `return nz_cli_report(cli, &diag)`. NZ_E_PIPE and NZ_E_STOPPED print nothing. Any thread. */
enum nz_err nz_cli_report(struct nz_cli *cli, const struct nz_diag *diag);
/* As above, but does not touch the exit status. */
void nz_cli_warn(struct nz_cli *cli, const struct nz_diag *diag);
/* The same for an error that carries no particulars. */
enum nz_err nz_cli_report_err(struct nz_cli *cli, enum nz_err err);

/* Wrong use: "nezuban: <text>" in the user's language and a line that points to --help. Returns NZ_E_USAGE. */
enum nz_err nz_cli_usage(struct nz_cli *cli, const char *format, ...) NZ_PRINTF(2, 3);

/* The placeholders for `expand`: those of --expand NAME=VALUE… beat NEZUBAN_EXPAND_<NAME>, which beat the file's, name by
 * name. In cli->arena. NZ_E_USAGE (reported) when an item has no "=". */
NZ_MUST_USE enum nz_err nz_cli_placeholders(struct nz_cli *cli, const struct nz_opt_list *given,
                                            const struct nz_placeholder **out, size_t *count);

#endif
