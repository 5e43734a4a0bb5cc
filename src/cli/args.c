/* getopt_long, not argp: argp prints its own help, in its own words and layout, exits by itself, and gives no way to
 * suggest a name for an option it does not know. Here the tables are printed by help.c, in both languages. */
#include "cli/args.h"

#include "cli/i18n.h"
#include "core/text.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#define LONG_VALUE_BASE 256 /* above every letter */

/* --- which command --- */

const struct nz_command *nz_command_find(struct nz_str name)
{
    for (size_t i = 0; nz_commands[i]; i++) {
        if (nz_str_eq(name, nz_str_from_c(nz_commands[i]->name)))
            return nz_commands[i];
    }
    return NULL;
}

bool nz_command_is_group(struct nz_str word)
{
    for (size_t i = 0; nz_commands[i]; i++) {
        struct nz_str name = nz_str_from_c(nz_commands[i]->name);
        if (name.n > word.n && nz_str_starts_with(name, word) && name.p[word.n] == ' ')
            return true;
    }
    return false;
}

enum nz_err nz_command_unknown(struct nz_cli *cli, struct nz_str name)
{
    const char *names[64], *near = NULL;
    size_t count = 0;
    for (size_t i = 0; nz_commands[i] && count < sizeof names / sizeof names[0]; i++) {
        if (!nz_commands[i]->hidden)
            names[count++] = nz_commands[i]->name;
    }
    near = nz_text_nearest(name, names, count);
    if (near)
        return nz_cli_usage(cli, _("there is no command '%.*s'; did you mean '%s'?"), NZ_STR_ARG(name), near);
    return nz_cli_usage(cli, _("there is no command '%.*s'"), NZ_STR_ARG(name));
}

/* Steps over the command's one or two words. */
static enum nz_err find_command(struct nz_args_parse *p, int argc, char **argv, int *next)
{
    struct nz_str word = nz_str_from_c(argv[*next]);
    p->command = nz_command_find(word);
    if (p->command) {
        ++*next;
        p->cli->command = p->command;
        return NZ_OK;
    }
    if (!nz_command_is_group(word))
        return nz_command_unknown(p->cli, word);
    p->group = argv[*next];
    ++*next;
    if (*next >= argc || argv[*next][0] == '-')
        return NZ_OK;
    struct nz_buf both;
    nz_buf_init(&both, 0);
    nz_buf_printf(&both, "%s %s", p->group, argv[*next]);
    p->command = nz_command_find(nz_buf_view(&both));
    enum nz_err err = nz_buf_status(&both);
    if (err != NZ_OK)
        nz_cli_report_err(p->cli, err);
    else if (!p->command)
        err = nz_command_unknown(p->cli, nz_buf_view(&both));
    nz_buf_release(&both);
    p->cli->command = p->command;
    ++*next;
    return err;
}

/* --- options --- */

static enum nz_err rows_build(struct nz_args_parse *p)
{
    const struct nz_command *command = p->command;
    size_t own = command ? command->options_count : 0, count = nz_common_options_count + own;
    struct nz_args_row *rows = NZ_ARENA_ARRAY(&p->cli->arena, struct nz_args_row, count);
    char *options = nz_arena_alloc(&p->cli->arena, command && command->options_bytes ? command->options_bytes : 1);
    if (!rows || !options)
        return nz_cli_report_err(p->cli, NZ_E_NOMEM);
    for (size_t i = 0; i < nz_common_options_count; i++) {
        rows[i].opt = nz_opt_whole(&nz_common_options[i]);
        rows[i].slot = (char *)&p->common + rows[i].opt.at;
        rows[i].seen = p->rows && p->rows[i].seen; /* given before the command's name */
    }
    for (size_t i = 0; i < own; i++) {
        struct nz_args_row *row = &rows[nz_common_options_count + i];
        row->opt = nz_opt_whole(&command->options[i]);
        row->slot = options + row->opt.at;
    }
    p->rows = rows;
    p->rows_count = count;
    p->args.options = options;
    return NZ_OK;
}

static enum nz_err take_value(struct nz_args_parse *p, struct nz_args_row *row, const char *text)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    row->seen = true;
    if (row->opt.kind == NZ_OPT_FLAG) {
        *(bool *)row->slot = true;
        return NZ_OK;
    }
    if (row->opt.kind == NZ_OPT_LIST) {
        enum nz_err err = nz_opt_list_add(&p->cli->arena, row->slot, text);
        return err == NZ_OK ? NZ_OK : nz_cli_report_err(p->cli, err);
    }
    if (nz_opt_parse(&row->opt, text, row->slot, &diag) == NZ_OK)
        return NZ_OK;
    return nz_cli_usage(p->cli, "--%s: %s", row->opt.name, diag.text);
}

static enum nz_err unknown_option(struct nz_args_parse *p, const char *word)
{
    struct nz_str name = nz_str_from_c(word + 2);
    const char *equals = memchr(name.p, '=', name.n);
    if (equals)
        name.n = (size_t)(equals - name.p);
    const char **names = NZ_ARENA_ARRAY(&p->cli->arena, const char *, p->rows_count);
    size_t starts = 0;
    for (size_t i = 0; names && i < p->rows_count; i++) {
        names[i] = p->rows[i].opt.name;
        starts += nz_str_starts_with(nz_str_from_c(names[i]), name);
    }
    if (starts > 1)
        return nz_cli_usage(p->cli, _("option '--%.*s' is short for more than one option"), NZ_STR_ARG(name));
    const char *near = names ? nz_text_nearest(name, names, p->rows_count) : NULL;
    if (near)
        return nz_cli_usage(p->cli, _("there is no option '--%.*s'; did you mean '--%s'?"), NZ_STR_ARG(name), near);
    return nz_cli_usage(p->cli, _("there is no option '--%.*s'"), NZ_STR_ARG(name));
}

static struct nz_args_row *row_of(struct nz_args_parse *p, int value)
{
    if (value >= LONG_VALUE_BASE)
        return &p->rows[value - LONG_VALUE_BASE];
    for (size_t i = 0; i < p->rows_count; i++) {
        if (p->rows[i].opt.letter == value)
            return &p->rows[i];
    }
    return NULL;
}

/* getopt said '?': an unknown letter, an unknown long name, or a value for an option that takes none. */
static enum nz_err refuse(struct nz_args_parse *p, const char *word)
{
    if (optopt == 0)
        return unknown_option(p, word);
    const struct nz_args_row *row = row_of(p, optopt);
    if (row)
        return nz_cli_usage(p->cli, _("option '--%s' takes no value"), row->opt.name);
    return nz_cli_usage(p->cli, _("there is no option '-%c'"), optopt);
}

/* Reads options from argv[from] on; stop_at_word: up to the first that is none, else all, words to the end of argv. */
static enum nz_err read_options(struct nz_args_parse *p, int argc, char **argv, int from, bool stop_at_word, int *next)
{
    struct option *longs = NZ_ARENA_ARRAY(&p->cli->arena, struct option, p->rows_count + 1);
    char *letters = nz_arena_alloc(&p->cli->arena, p->rows_count * 2 + 3);
    if (!longs || !letters)
        return nz_cli_report_err(p->cli, NZ_E_NOMEM);
    size_t at = 0;
    if (stop_at_word)
        letters[at++] = '+';
    letters[at++] = ':'; /* a missing value comes back as ':' */
    for (size_t i = 0; i < p->rows_count; i++) {
        bool takes = p->rows[i].opt.kind != NZ_OPT_FLAG;
        longs[i] = (struct option){p->rows[i].opt.name, takes ? required_argument : no_argument, NULL,
                                   LONG_VALUE_BASE + (int)i};
        if (p->rows[i].opt.letter) {
            letters[at++] = p->rows[i].opt.letter;
            if (takes)
                letters[at++] = ':';
        }
    }
    opterr = 0;
    optind = 0; /* glibc: start anew */
    int skipped = from - 1;
    for (int value; (value = getopt_long(argc - skipped, argv + skipped, letters, longs, NULL)) != -1;) {
        enum nz_err err;
        if (value == '?') {
            err = refuse(p, argv[skipped + optind - 1]);
        } else if (value == ':') {
            const struct nz_args_row *row = row_of(p, optopt);
            err = nz_cli_usage(p->cli, _("option '--%s' needs a value (%s)"), row->opt.name, row->opt.metavar);
        } else {
            err = take_value(p, row_of(p, value), optarg);
        }
        if (err != NZ_OK)
            return err;
    }
    *next = skipped + optind;
    return NZ_OK;
}

static enum nz_err check_count(struct nz_args_parse *p)
{
    const struct nz_command *command = p->command;
    if (p->args.paths_count < command->arguments_min)
        return nz_cli_usage(p->cli, _("'%s' needs an argument: %s"), command->name, command->arguments);
    if (p->args.paths_count > command->arguments_max)
        return nz_cli_usage(p->cli, _("'%s' is one argument too many"), p->args.paths[command->arguments_max]);
    return NZ_OK;
}

enum nz_err nz_args_parse(struct nz_args_parse *p, struct nz_cli *cli, int argc, char **argv)
{
    *p = (struct nz_args_parse){.cli = cli};
    int next = 1;
    enum nz_err err = rows_build(p);
    if (err == NZ_OK)
        err = read_options(p, argc, argv, 1, true, &next);
    if (err != NZ_OK || next >= argc)
        return err;
    err = find_command(p, argc, argv, &next);
    if (err == NZ_OK)
        err = rows_build(p);
    if (err == NZ_OK)
        err = read_options(p, argc, argv, next, false, &next);
    if (err != NZ_OK)
        return err;
    p->args.paths = (const char *const *)argv + next;
    p->args.paths_count = (size_t)(argc - next);
    return p->command && !p->common.help && !p->common.version ? check_count(p) : NZ_OK;
}

/* --- what flags did not give --- */

static enum nz_err fill_row(struct nz_args_parse *p, struct nz_args_row *row)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    const struct nz_config_value *value = &p->cli->config.values[row->opt.key];
    bool configured = row->opt.key != NZ_KEY_NONE && value->origin != NZ_FROM_DEFAULT;
    if (row->opt.kind == NZ_OPT_LIST) {
        if (configured)
            *(struct nz_opt_list *)row->slot = (struct nz_opt_list){value->texts, value->count};
        return NZ_OK;
    }
    const char *text = configured ? value->texts[0] : row->opt.def;
    if (!text)
        return NZ_OK;
    /* both were checked: the configuration when it was read, defaults by a test */
    if (nz_opt_parse(&row->opt, text, row->slot, &diag) != NZ_OK)
        return nz_cli_usage(p->cli, "--%s: %s", row->opt.name, diag.text);
    return NZ_OK;
}

enum nz_err nz_args_fill(struct nz_args_parse *p)
{
    for (size_t i = 0; i < p->rows_count; i++) {
        enum nz_err err = p->rows[i].seen ? NZ_OK : fill_row(p, &p->rows[i]);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}

const char *nz_args_peek(int argc, char **argv, const char *name)
{
    const char *found = NULL;
    size_t n = strlen(name);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--", 2) != 0 || strncmp(argv[i] + 2, name, n) != 0)
            continue;
        if (argv[i][n + 2] == '=')
            found = argv[i] + n + 3;
        else if (argv[i][n + 2] == '\0' && i + 1 < argc)
            found = argv[i + 1];
    }
    return found;
}
