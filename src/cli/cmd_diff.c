#include "cli/command.h"
#include "cli/diff_render.h"
#include "cli/i18n.h"
#include "cli/snapshot_file.h"

struct opts {
    const char *output;
    int format;
    bool activity, strict;
};

enum format { FORMAT_TABLE, FORMAT_JSON };
static const char *const format_choices[] = {"table", "json", NULL};

static const struct nz_opt options[] = {
    {.name = "format",
     .letter = 'f',
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "table",
     .choices = format_choices,
     .help = N_("a table for people, or json (one document)")},
    NZ_OPTION_OUTPUT(struct opts, output),
    {.name = "activity",
     .letter = 'a',
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, activity),
     .help = N_("also what only says when something was last used or delivered")},
    {.name = "strict",
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, strict),
     .help = N_("exit with 3 when a part could not be compared")},
};

static const struct nz_diff_ops *const ops[] = {
    [FORMAT_TABLE] = &nz_diff_table_ops,
    [FORMAT_JSON] = &nz_diff_json_ops,
};

static enum nz_err compare(struct nz_cli *cli, const struct opts *o, struct nz_diff_render *render)
{
    nz_buf_init(&render->line, 0);
    nz_buf_init(&render->gaps, 0);
    if (o->format == FORMAT_JSON)
        nz_diff_json_begin(render);
    enum nz_err err = nz_snapshot_diff(render->sides[0], render->sides[1], o->activity, ops[o->format], render);
    if (err == NZ_OK)
        err = o->format == FORMAT_JSON ? nz_diff_json_end(render) : nz_diff_table_end(render);
    nz_buf_release(&render->line);
    nz_buf_release(&render->gaps);
    if (err != NZ_OK)
        return nz_cli_report_err(cli, err);
    bool unread = render->sides[0]->unread_count || render->sides[1]->unread_count || render->gaps_count;
    cli->outcome.findings |= render->changes > 0;
    cli->outcome.unknown |= o->strict && unread;
    return NZ_OK;
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    struct nz_snapshot *first = NULL, *second = NULL;
    enum nz_err err = nz_cli_output(cli, o->output);
    if (err == NZ_OK)
        err = nz_cli_snapshot_open(cli, args->paths[0], &first);
    if (err == NZ_OK)
        err = nz_cli_snapshot_open(cli, args->paths[1], &second);
    if (err == NZ_OK) {
        struct nz_diff_render render = {
            .cli = cli, .sides = {first, second}, .names = {args->paths[0], args->paths[1]}};
        nz_cli_snapshots_check(cli, first, second);
        err = compare(cli, o, &render);
    }
    nz_snapshot_free(first);
    nz_snapshot_free(second);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban diff monday.nzs friday.nzs", N_("what changed in the account within the week")},
    {"nezuban diff monday.nzs friday.nzs -f json | jq '.changes[].resource'", N_("the same for another program")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("nothing changed")},
    {NZ_EXIT_FINDINGS, N_("something changed")},
    {NZ_EXIT_BAD, N_("wrong use, or a part of a snapshot could not be read; the rest is compared")},
    {NZ_EXIT_UNKNOWN, N_("with --strict: a part could not be compared, as it was not read from the account")},
    {0},
};

const struct nz_command nz_command_diff = {
    .name = "diff",
    .summary = N_("show what changed between two snapshots of an account"),
    .arguments = "OLD NEW",
    .description = N_(
        "Compares two snapshots that collect wrote, or that AWS Config delivered, item by item and field by field. "
        "Lists are compared without regard to their order.\n\n"
        "What could not be read for either is listed as such, and never shown as removed or added. Fields that "
        "change by themselves, such as when a password was last used, are left out unless --activity asks for them."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .statuses = statuses,
    .arguments_min = 2,
    .arguments_max = 2,
    .complete = NZ_COMPLETE_FILE,
    .run = run,
};
