/* A command: one file cmd_<name>.c with a const struct nz_command nz_command_<name>, and one line in commands.list.
 *
 *     struct opts { const char *output; uint64_t limit; };            // what run gets, filled and checked
 *     static const struct nz_opt options[] = {
 *         {.name = "output", .letter = 'o', .kind = NZ_OPT_TEXT, .at = offsetof(struct opts, output),
 *          .metavar = "FILE", .help = N_("write to FILE"), .complete = NZ_COMPLETE_FILE},
 *         {.name = "min-level", .key = NZ_KEY_DETECT_MIN_LEVEL, .at = offsetof(struct opts, min_level)},
 *     };
 *     static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
 *     {
 *         const struct opts *o = args->options;
 *         …
 *     }
 *     const struct nz_command nz_command_detect = {.name = "detect", …, .run = run, NZ_OPTIONS(struct opts, options)};
 *
 * --config, --lang, -j, --color, --quiet, --help and --version are everybody's and stand in option_common.c. */
#ifndef NZ_CLI_COMMAND_H
#define NZ_CLI_COMMAND_H

#include "cli/cli.h"
#include "cli/option.h"

struct nz_args {
    const void *options;      /* the command's own options struct */
    const char *const *paths; /* what is not an option, in order */
    size_t paths_count;
};

struct nz_example {
    const char *line; /* "nezuban detect logs/" */
    const char *what; /* N_() */
};

struct nz_exit_text {
    int status;
    const char *what; /* N_() */
};

struct nz_command {
    const char *name;        /* "detect", "trail stats": the word before the space is the group */
    const char *summary;     /* N_(): one line, lower case, no full stop */
    const char *arguments;   /* "PATH..."; NULL: takes none */
    const char *description; /* N_(): sentences; a blank line parts paragraphs */
    const struct nz_opt *options;
    size_t options_count, options_bytes;
    const struct nz_example *examples;   /* ends with {0}; may be NULL */
    const struct nz_exit_text *statuses; /* ends with {.what = NULL}; NULL: those of all commands */
    size_t arguments_min, arguments_max; /* max SIZE_MAX: any number */
    enum nz_opt_complete complete;       /* of the arguments */
    bool hidden;                         /* not in overview, man page or completion */

    /* Writes to cli->out, reports with nz_cli_report, sets cli->outcome.findings. An error it returns has been reported
     * already and only adds to the exit status. */
    enum nz_err (*run)(struct nz_cli *cli, const struct nz_args *args);
};

#define NZ_OPTIONS(type, rows)                                                                                         \
    .options = (rows), .options_count = sizeof(rows) / sizeof(rows)[0], .options_bytes = sizeof(type)

/* The row of -o in the option table of a command whose options are a `type`. */
#define NZ_OPTION_OUTPUT(type, member)                                                                                 \
    {                                                                                                                  \
        .name = "output", .letter = 'o', .kind = NZ_OPT_TEXT, .at = offsetof(type, member), .metavar = "FILE",         \
        .help = N_("write to FILE instead of standard output"), .complete = NZ_COMPLETE_FILE                           \
    }

/* In the order of commands.list; ends with NULL. */
extern const struct nz_command *const nz_commands[];

/* The command of this name, "trail stats" in one text, or NULL. */
const struct nz_command *nz_command_find(struct nz_str name);
/* True when some command's first of two words is this. */
bool nz_command_is_group(struct nz_str word);
/* Reports that there is none, with a suggestion. NZ_E_USAGE. */
enum nz_err nz_command_unknown(struct nz_cli *cli, struct nz_str name);

/* The options of every command, and the struct they fill. */
struct nz_common {
    const char *config;
    int lang, color;
    uint64_t jobs;
    bool quiet, help, version;
};
extern const struct nz_opt nz_common_options[];
extern const size_t nz_common_options_count;

#endif
