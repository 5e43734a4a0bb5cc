#include "cli/help.h"

#include "cli/i18n.h"
#include "core/text.h"

#include <inttypes.h>
#include <stdio.h>

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("nothing was found that counts")},
    {NZ_EXIT_FINDINGS, N_("there are findings at or above the asked-for level")},
    {NZ_EXIT_BAD,
     N_("wrong use or input, a part of the input or a rule was skipped, or the output could not be written")},
    {NZ_EXIT_UNKNOWN, N_("something stayed unknown, with --strict")},
    {NZ_EXIT_BUG, N_("a bug in nezuban")},
    {NZ_EXIT_STOPPED, N_("stopped by a signal; what was found until then is written")},
    {0},
};

/* Shows a page's buffer and frees it. */
static void show(struct nz_cli *cli, struct nz_buf *text)
{
    nz_output_write(&cli->out, nz_buf_view(text));
    nz_buf_release(text);
}

static struct nz_page text_page(const struct nz_term *term, struct nz_buf *out)
{
    /* lines longer than 100 columns are hard to read; piped, a help text is as on a small terminal */
    unsigned columns = term->columns == 0 ? 80 : term->columns > 100 ? 100 : term->columns;
    nz_buf_init(out, 0);
    return (struct nz_page){&nz_page_text, out, term, columns, columns < 60 ? 12 : 28};
}

struct nz_page nz_help_page(struct nz_cli *cli, struct nz_buf *out)
{
    return text_page(&cli->out_term, out);
}

void nz_help_for(struct nz_cli *cli, const struct nz_command *command, const char *group)
{
    struct nz_buf text;
    struct nz_page page = text_page(&cli->out_term, &text);
    if (command)
        nz_help_command(&page, command);
    else if (group)
        nz_help_group(&page, group);
    else
        nz_help_program(&page);
    show(cli, &text);
}

/* "--rules DIR", "-o, --output FILE": as it stands before its help. */
static void tag_append(struct nz_buf *out, const struct nz_opt *opt)
{
    if (opt->letter)
        nz_buf_printf(out, "-%c, ", opt->letter);
    nz_buf_printf(out, "--%s", opt->name);
    if (opt->kind != NZ_OPT_FLAG)
        nz_buf_printf(out, " %s", opt->metavar);
}

/* The help and what the row knows besides: the choices, the bounds, the default. */
static void help_append(struct nz_buf *out, const struct nz_opt *opt)
{
    nz_buf_append(out, nz_str_from_c(_(opt->help)));
    if (opt->kind == NZ_OPT_ENUM && opt->choices) {
        struct nz_buf all;
        nz_buf_init(&all, 0);
        for (size_t i = 0; opt->choices[i]; i++) {
            nz_buf_printf(&all, "%s%s", i ? ", " : "", opt->choices[i]);
            if (opt->choice_texts)
                nz_buf_printf(&all, " (%s)", _(opt->choice_texts[i]));
        }
        nz_buf_printf(out, _("; one of %.*s"), NZ_STR_ARG(nz_buf_view(&all)));
        nz_buf_release(&all);
    }
    if (opt->kind == NZ_OPT_LIST)
        nz_buf_append(out, nz_str_from_c(_("; may be given more than once")));
    if (opt->max)
        nz_buf_printf(out, _("; at most %" PRIu64), opt->max);
    if (opt->def && opt->kind != NZ_OPT_FLAG)
        nz_buf_printf(out, _(" (default: %s)"), opt->def);
}

static void option_items(struct nz_page *page, const struct nz_opt *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct nz_opt opt = nz_opt_whole(&rows[i]);
        struct nz_buf tag, help;
        nz_buf_init(&tag, 0);
        nz_buf_init(&help, 0);
        tag_append(&tag, &opt);
        help_append(&help, &opt);
        nz_buf_append_char(&tag, '\0');
        nz_buf_append_char(&help, '\0');
        if (!tag.failed && !help.failed)
            page->ops->item(page, tag.p, help.p);
        nz_buf_release(&tag);
        nz_buf_release(&help);
    }
}

static void status_items(struct nz_page *page, const struct nz_exit_text *rows)
{
    page->ops->heading(page, _("EXIT STATUS"));
    for (; rows->what; rows++) {
        char number[12];
        snprintf(number, sizeof number, "%d", rows->status);
        page->ops->item(page, number, _(rows->what));
    }
}

static void example_items(struct nz_page *page, const struct nz_example *rows)
{
    if (!rows || !rows->line)
        return;
    page->ops->heading(page, _("EXAMPLES"));
    for (; rows->line; rows++)
        page->ops->example(page, rows->line, _(rows->what));
}

void nz_help_command(struct nz_page *page, const struct nz_command *command)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, "nezuban %s%c", command->name, '\0');
    if (line.failed)
        return;
    page->ops->title(page, line.p, 1, _(command->summary));
    nz_buf_clear(&line);
    nz_buf_printf(&line, "nezuban %s [OPTION...]%s%s%c", command->name, command->arguments ? " " : "",
                  command->arguments ? command->arguments : "", '\0');
    page->ops->heading(page, _("SYNOPSIS"));
    if (!line.failed)
        page->ops->usage(page, line.p);
    nz_buf_release(&line);
    page->ops->heading(page, _("DESCRIPTION"));
    page->ops->paragraph(page, _(command->description));
    if (command->options_count) {
        page->ops->heading(page, _("OPTIONS"));
        option_items(page, command->options, command->options_count);
    }
    page->ops->heading(page, _("OPTIONS OF ALL COMMANDS"));
    option_items(page, nz_common_options, nz_common_options_count);
    example_items(page, command->examples);
    status_items(page, command->statuses ? command->statuses : statuses);
    page->ops->heading(page, _("SEE ALSO"));
    page->ops->paragraph(page, "nezuban(1), nezuban.conf(5)");
}

/* True for the commands of the group; NULL: of all. */
static bool is_shown(const struct nz_command *command, const char *group)
{
    if (command->hidden)
        return false;
    if (!group)
        return true;
    struct nz_str name = nz_str_from_c(command->name), word = nz_str_from_c(group);
    return name.n > word.n && nz_str_starts_with(name, word) && name.p[word.n] == ' ';
}

static void command_items(struct nz_page *page, const char *group)
{
    unsigned tag_columns = page->tag_columns;
    page->tag_columns = 20; /* names of commands are short */
    page->ops->heading(page, _("COMMANDS"));
    for (size_t i = 0; nz_commands[i]; i++) {
        if (is_shown(nz_commands[i], group))
            page->ops->item(page, nz_commands[i]->name, _(nz_commands[i]->summary));
    }
    page->tag_columns = tag_columns;
}

static const char program_summary[] = N_("keeps watch over AWS accounts");
static const char program_description[] = N_(
    "nezuban says whether an AWS account is set up as it should be, who may do what in it, who did what, and whether "
    "somebody misuses it. Logs and snapshots are read where they lie; only 'audit' and 'collect' ask AWS, and they "
    "change nothing.");

static const struct nz_example program_examples[] = {
    {"nezuban audit", N_("judge the account that the AWS CLI would use")},
    {"nezuban detect logs/", N_("look for attacks in CloudTrail logs, in any folder layout, compressed or not")},
    {"nezuban trail stats logs/", N_("what happened: events by name, source, actor, region and error")},
    {"nezuban help detect", N_("everything about one command")},
    {0},
};

void nz_help_program(struct nz_page *page)
{
    page->ops->title(page, "nezuban", 1, _(program_summary));
    page->ops->heading(page, _("SYNOPSIS"));
    page->ops->usage(page, "nezuban COMMAND [OPTION...] [ARGUMENT...]");
    page->ops->heading(page, _("DESCRIPTION"));
    page->ops->paragraph(page, _(program_description));
    command_items(page, NULL);
    page->ops->heading(page, _("OPTIONS OF ALL COMMANDS"));
    option_items(page, nz_common_options, nz_common_options_count);
    example_items(page, program_examples);
    status_items(page, statuses);
    page->ops->heading(page, _("MORE"));
    page->ops->item(page, "nezuban help COMMAND", _("everything about a command"));
    page->ops->item(page, "nezuban help config", _("configuration file and environment, also nezuban.conf(5)"));
}

void nz_help_group(struct nz_page *page, const char *group)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, "nezuban %s COMMAND [OPTION...] [ARGUMENT...]%c", group, '\0');
    page->ops->heading(page, _("SYNOPSIS"));
    if (!line.failed)
        page->ops->usage(page, line.p);
    nz_buf_release(&line);
    command_items(page, group);
}

void nz_help_short(struct nz_cli *cli, const char *group)
{
    struct nz_buf text;
    struct nz_page page = text_page(&cli->err_term, &text);
    page.ops->usage(&page, "nezuban COMMAND [OPTION...] [ARGUMENT...]");
    command_items(&page, group);
    nz_buf_append_char(&text, '\n');
    page.ops->paragraph(&page, _("nezuban help COMMAND tells everything about a command."));
    nz_problem_text(&cli->problems, nz_buf_view(&text));
    nz_buf_release(&text);
}

/* --- configuration --- */

static void key_items(struct nz_page *page)
{
    for (int key = NZ_KEY_NONE + 1; key < NZ_KEY_COUNT; key++) {
        const struct nz_opt *row = nz_key_row((enum nz_key)key);
        struct nz_buf tag, help;
        nz_buf_init(&tag, 0);
        nz_buf_init(&help, 0);
        nz_buf_printf(&tag, "%s%s%c", row->name, row->kind == NZ_OPT_MAP ? ".NAME" : "", '\0');
        help_append(&help, row);
        nz_buf_append(&help, nz_str_from_c(row->kind == NZ_OPT_MAP ? _("; a text or a list of texts") : ""));
        nz_buf_append(&help, nz_str_from_c(_("; in the environment ")));
        nz_config_append_env_name(&help, row->name);
        nz_buf_printf(&help, "%s%c", row->kind == NZ_OPT_MAP ? "_NAME" : "", '\0');
        if (!tag.failed && !help.failed)
            page->ops->item(page, tag.p, help.p);
        nz_buf_release(&tag);
        nz_buf_release(&help);
    }
}

static const char config_description[] = N_(
    "The configuration is one YAML file, $XDG_CONFIG_HOME/nezuban/config.yaml (~/.config/nezuban/config.yaml when "
    "XDG_CONFIG_HOME is not set), or the file that --config or the variable NEZUBAN_CONFIG names.\n\n"
    "A flag beats the variable of the environment, that beats the file, and the file beats the default. Lists stand "
    "in a variable with commas between their items. A dot in a key's name is one level of the file: detect.min_level "
    "is min_level below detect.\n\n"
    "A key that nezuban does not know, or a value that a key cannot take, is named with file, line and column, and "
    "nothing is done.");

static const struct nz_example config_examples[] = {
    {"lang: ja", N_("messages in Japanese")},
    {"detect: {rules: [/srv/rules], fail_on: medium}", N_("own rules; findings from medium on give exit status 1")},
    /* xgettext:no-c-format */
    {"expand: {admins: [alice, bob]}", N_("what %admins% stands for in a rule with the modifier expand")},
    {0},
};

void nz_help_config(struct nz_page *page)
{
    page->ops->title(page, "nezuban.conf", 5, _("configuration file and environment of nezuban"));
    page->ops->heading(page, _("DESCRIPTION"));
    page->ops->paragraph(page, _(config_description));
    page->ops->heading(page, _("KEYS"));
    key_items(page);
    example_items(page, config_examples);
    page->ops->heading(page, _("ENVIRONMENT"));
    page->ops->item(page, "NEZUBAN_CONFIG", _("the configuration file"));
    page->ops->item(page, "NO_COLOR", _("when set and not empty: no colours, unless color says always"));
    page->ops->item(page, "LC_ALL, LC_MESSAGES, LANG", _("the language, when lang is auto"));
}
