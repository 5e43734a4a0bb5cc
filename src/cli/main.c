/* From argv to an exit status. What a command is stands in command.h, which ones there are in commands.list. */
#include "cli/args.h"
#include "cli/help.h"
#include "cli/i18n.h"
#include "core/library.h"
#include "policy/catalogue.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void config_problem(void *self, bool warning, const struct nz_diag *diag)
{
    if (warning)
        nz_cli_warn(self, diag);
    else
        nz_cli_report(self, diag);
}

/* The language before anything was read: a flag, the environment, the locale. An unknown one is reported later. */
static enum nz_lang early_lang(int argc, char **argv)
{
    const char *text = nz_args_peek(argc, argv, "lang");
    if (!text)
        text = getenv("NEZUBAN_LANG");
    int place = text ? nz_choice_find(nz_key_row(NZ_KEY_LANG)->choices, text) : -1;
    return place > 0 ? (enum nz_lang)place : NZ_LANG_AUTO;
}

static void apply_common(struct nz_cli *cli, const struct nz_common *common)
{
    cli->lang = nz_lang_use((enum nz_lang)common->lang);
    cli->lang_asked = common->lang != NZ_LANG_AUTO;
    cli->quiet = common->quiet;
    cli->out_term = nz_term_of(STDOUT_FILENO, (enum nz_color_when)common->color);
    cli->err_term = nz_term_of(STDERR_FILENO, (enum nz_color_when)common->color);
    cli->problems.color = cli->err_term.color;
    cli->progress.enabled = cli->err_term.is_terminal && !common->quiet;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    cli->jobs = common->jobs ? (unsigned)common->jobs : cores > 0 ? (unsigned)cores : 1;
}

static void show_version(struct nz_cli *cli)
{
    nz_output_printf(&cli->out, "nezuban %s\n", NZ_VERSION);
    struct nz_buf libraries;
    nz_buf_init(&libraries, 0);
    nz_library_versions(&libraries);
    nz_output_write(&cli->out, nz_buf_view(&libraries));
    nz_buf_release(&libraries);
    const struct nz_catalogue_head catalogue = nz_catalogue_builtin_head();
    nz_output_printf(&cli->out, "iam-data %.*s (%.*s)\n", NZ_STR_ARG(catalogue.version), NZ_STR_ARG(catalogue.date));
}

static void ignore_problem(void *self, bool warning, const struct nz_diag *diag)
{
    (void)self;
    (void)warning;
    (void)diag;
}

/* --help, --version, or no command at all. They speak the configured language, but a configuration that is wrong must not
 * keep anybody from the help. */
static enum nz_err inform(struct nz_args_parse *parse, struct nz_cli *cli)
{
    if (nz_config_load(&cli->config, &cli->arena, parse->common.config, ignore_problem, NULL) == NZ_OK &&
        nz_args_fill(parse) == NZ_OK)
        apply_common(cli, &parse->common);
    if (parse->common.version)
        show_version(cli);
    else if (parse->common.help)
        nz_help_for(cli, parse->command, parse->group);
    else
        nz_help_short(cli, parse->group);
    return parse->common.version || parse->common.help ? NZ_OK : NZ_E_USAGE;
}

/* Everything before a command runs; *go says whether one should. */
static enum nz_err prepare(struct nz_args_parse *parse, struct nz_cli *cli, int argc, char **argv, bool *go)
{
    enum nz_err err = nz_args_parse(parse, cli, argc, argv);
    if (err != NZ_OK)
        return err;
    if (parse->common.version || parse->common.help || !parse->command)
        return inform(parse, cli);
    err = nz_config_load(&cli->config, &cli->arena, parse->common.config, config_problem, cli);
    if (err == NZ_OK)
        err = nz_args_fill(parse);
    if (err != NZ_OK)
        return err;
    apply_common(cli, &parse->common);
    *go = true;
    return NZ_OK;
}

static void close_output(struct nz_cli *cli)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    if (nz_output_close(&cli->out, &diag) == NZ_OK)
        return;
    diag.file = nz_str_from_c(cli->out_path ? cli->out_path : _("standard output"));
    nz_cli_report(cli, &diag);
}

/* A standard stream that is closed would be the next file to be opened, and messages would go into it. What takes its
 * place is opened the wrong way round, so that writing (reading) fails as it did. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
    }
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    struct nz_cli cli = {.quiet = false};
    struct nz_args_parse parse;
    struct nz_diag diag = NZ_DIAG_INIT;
    bool go = false;
    nz_arena_init(&cli.arena, 0);
    nz_progress_init(&cli.progress, false, &nz_clock_system, NULL);
    cli.problems.progress = &cli.progress;
    cli.lang = nz_lang_use(early_lang(argc, argv));
    cli.out_term = nz_term_of(STDOUT_FILENO, NZ_COLOR_AUTO);
    cli.err_term = nz_term_of(STDERR_FILENO, NZ_COLOR_AUTO);
    nz_cli_catch_signals();
    enum nz_err err = nz_output_open(&cli.out, NULL, &diag);
    if (err == NZ_OK)
        err = prepare(&parse, &cli, argc, argv, &go);
    if (go)
        err = parse.command->run(&cli, &parse.args);
    nz_progress_end(&cli.progress);
    nz_outcome_add(&cli.outcome, err, nz_cli_stop_requested());
    close_output(&cli);
    /* a command may end by itself before it sees the request; the status still says that it was stopped */
    if (nz_cli_stop_requested())
        cli.outcome.stopped = true;
    nz_progress_release(&cli.progress);
    nz_arena_release(&cli.arena);
    return (int)nz_outcome_exit(&cli.outcome);
}
