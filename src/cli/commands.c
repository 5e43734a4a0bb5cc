#include "cli/command.h"

#define NZ_COMMAND(name) extern const struct nz_command nz_command_##name;
#include "cli/commands.list"
#undef NZ_COMMAND

const struct nz_command *const nz_commands[] = {
#define NZ_COMMAND(name) &nz_command_##name,
#include "cli/commands.list"
#undef NZ_COMMAND
    NULL,
};

const struct nz_opt nz_common_options[] = {
    {.name = "config",
     .kind = NZ_OPT_TEXT,
     .at = offsetof(struct nz_common, config),
     .metavar = "FILE",
     .help = N_("configuration file, instead of the usual place"),
     .complete = NZ_COMPLETE_FILE},
    {.name = "lang", .key = NZ_KEY_LANG, .at = offsetof(struct nz_common, lang)},
    {.name = "jobs", .letter = 'j', .key = NZ_KEY_JOBS, .at = offsetof(struct nz_common, jobs)},
    {.name = "color", .key = NZ_KEY_COLOR, .at = offsetof(struct nz_common, color)},
    {.name = "quiet", .letter = 'q', .key = NZ_KEY_QUIET, .at = offsetof(struct nz_common, quiet)},
    {.name = "help",
     .letter = 'h',
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct nz_common, help),
     .help = N_("show help and exit")},
    {.name = "version",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct nz_common, version),
     .help = N_("show the versions of nezuban and its libraries and exit")},
};
const size_t nz_common_options_count = sizeof nz_common_options / sizeof nz_common_options[0];
