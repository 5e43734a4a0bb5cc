#include "cli/help.h"
#include "cli/i18n.h"

enum format { FORMAT_TEXT, FORMAT_MAN, FORMAT_BASH, FORMAT_ZSH, FORMAT_FISH };

struct opts {
    int format;
};

static const char *const formats[] = {"text", "man", "bash", "zsh", "fish", NULL};

static const struct nz_opt options[] = {
    {.name = "format",
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "text",
     .choices = formats,
     .help = N_("text for reading, man for a man page, or a completion script for a shell")},
};

/* A page by its name: a command's words, a group's, "config", or nothing for the program's. */
static enum nz_err page_for(struct nz_cli *cli, struct nz_page *page, struct nz_str name)
{
    if (name.n == 0) {
        nz_help_program(page);
        return NZ_OK;
    }
    if (nz_str_eq(name, NZ_STR("config"))) {
        nz_help_config(page);
        return NZ_OK;
    }
    const struct nz_command *command = nz_command_find(name);
    if (command) {
        nz_help_command(page, command);
        return NZ_OK;
    }
    if (nz_command_is_group(name)) {
        nz_help_group(page, name.p);
        return NZ_OK;
    }
    return nz_command_unknown(cli, name);
}

static enum nz_err show_page(struct nz_cli *cli, const struct nz_args *args, bool man)
{
    struct nz_buf name, text;
    nz_buf_init(&name, 0);
    nz_buf_init(&text, 0);
    for (size_t i = 0; i < args->paths_count; i++)
        nz_buf_printf(&name, "%s%s", i ? " " : "", args->paths[i]);
    nz_buf_append_char(&name, '\0');
    struct nz_page page = nz_help_page(cli, &text);
    if (man)
        page.ops = &nz_page_man;
    enum nz_err err =
        name.failed ? nz_cli_report_err(cli, NZ_E_NOMEM) : page_for(cli, &page, nz_str_of(name.p, name.n - 1));
    if (err == NZ_OK)
        nz_output_write(&cli->out, nz_buf_view(&text));
    nz_buf_release(&name);
    nz_buf_release(&text);
    return err;
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    void (*complete)(struct nz_buf *) = NULL;
    switch ((enum format)o->format) {
    case FORMAT_TEXT:
        return show_page(cli, args, false);
    case FORMAT_MAN:
        return show_page(cli, args, true);
    case FORMAT_BASH:
        complete = nz_complete_bash;
        break;
    case FORMAT_ZSH:
        complete = nz_complete_zsh;
        break;
    case FORMAT_FISH:
        complete = nz_complete_fish;
        break;
    }
    struct nz_buf script;
    nz_buf_init(&script, 0);
    complete(&script);
    enum nz_err err = nz_buf_status(&script);
    if (err == NZ_OK)
        nz_output_write(&cli->out, nz_buf_view(&script));
    nz_buf_release(&script);
    return err == NZ_OK ? err : nz_cli_report_err(cli, err);
}

static const struct nz_example examples[] = {
    {"nezuban help detect", N_("the page of a command")},
    {"nezuban help config", N_("the page of the configuration, nezuban.conf(5)")},
    {"nezuban help --format bash > ~/.local/share/bash-completion/completions/nezuban",
     N_("completion for a shell, when the package manager did not install it")},
    {0},
};

const struct nz_command nz_command_help = {
    .name = "help",
    .summary = N_("explain a command, or the configuration"),
    .arguments = "[COMMAND|config]",
    .description = N_("Shows the page of a command, of a group of commands, or of the configuration. The man pages and "
                      "the completion scripts come from the same tables, so they say the same."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .arguments_max = 2,
    .run = run,
};
