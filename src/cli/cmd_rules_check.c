#include "cli/command.h"
#include "cli/i18n.h"
#include "cli/rules_load.h"
#include "core/json.h"
#include "sigma/lint.h"

enum format { FORMAT_TEXT, FORMAT_NDJSON };
static const char *const format_choices[] = {"text", "ndjson", NULL};

struct opts {
    struct nz_opt_list rules, expand;
    int format;
    const char *output;
};

static const struct nz_opt options[] = {
    {.name = "rules", .letter = 'r', .key = NZ_KEY_DETECT_RULES, .at = offsetof(struct opts, rules)},
    {.name = "format",
     .letter = 'f',
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "text",
     .choices = format_choices,
     .help = N_("text (FILE:LINE:COLUMN: message) or ndjson (one object a line)")},
    NZ_OPTION_OUTPUT(struct opts, output),
    {.name = "expand", .key = NZ_KEY_EXPAND, .at = offsetof(struct opts, expand)},
};

struct check {
    struct nz_cli *cli;
    bool ndjson;
    size_t errors, warnings;
};

static void number_append(struct nz_buf *line, const char *key, uint32_t value)
{
    nz_buf_printf(line, ",\"%s\":", key);
    if (value)
        nz_buf_append_u64(line, value);
    else
        nz_buf_append(line, NZ_STR("null")); /* no place is known */
}

/* Every key is always there. The sentence stays English, so that programs can rely on it. */
static void object_append(struct nz_buf *line, bool warning, const struct nz_diag *diag)
{
    nz_buf_printf(line, "{\"severity\":\"%s\",\"code\":\"%s\",\"file\":", warning ? "warning" : "error",
                  nz_err_name(diag->code));
    nz_json_append_string(line, diag->file);
    number_append(line, "line", diag->line);
    number_append(line, "column", diag->column);
    nz_buf_append(line, NZ_STR(",\"message\":"));
    nz_json_append_string(line, nz_str_from_c(nz_err_text(diag->code)));
    nz_buf_append(line, NZ_STR(",\"detail\":"));
    nz_json_append_string(line, nz_str_from_c(diag->text));
    nz_buf_append(line, NZ_STR("}"));
}

/* What is wrong with a rule is this command's result, so it goes where results go. */
static void on_problem(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    struct check *c = self;
    struct nz_diag named = *diag;
    struct nz_buf line;
    named.file = path;
    nz_buf_init(&line, 0);
    if (c->ndjson)
        object_append(&line, warning, &named);
    else
        nz_problem_append_as(&line, &named, warning ? _("warning") : _("error"));
    nz_buf_append_char(&line, '\n');
    nz_output_write(&c->cli->out, nz_buf_view(&line));
    if (line.failed)
        nz_cli_report_err(c->cli, NZ_E_NOMEM);
    nz_buf_release(&line);
    if (warning)
        c->warnings++;
    else
        c->errors++;
}

static void summarize(const struct check *c, size_t rules)
{
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, _("rules: %zu; errors: %zu; warnings: %zu"), rules, c->errors, c->warnings);
    nz_problem_line(&c->cli->problems, nz_buf_view(&line));
    nz_buf_release(&line);
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    const struct nz_opt_list named = {args->paths, args->paths_count};
    struct check check = {.cli = cli, .ndjson = o->format == FORMAT_NDJSON};
    struct nz_ruleset *rules;
    size_t lints;
    enum nz_err err = nz_cli_output(cli, o->output);
    if (err == NZ_OK)
        err = nz_rules_load_with(cli, named.count ? &named : &o->rules, NZ_LEVEL_INFORMATIONAL, &o->expand, on_problem,
                                 &check, &rules);
    if (err != NZ_OK)
        return err;
    err = nz_ruleset_lint(rules, on_problem, &check, &lints);
    if (!cli->quiet)
        summarize(&check, nz_ruleset_count(rules));
    nz_ruleset_free(rules);
    cli->outcome.findings = check.warnings > 0;
    cli->outcome.bad = cli->outcome.bad || check.errors > 0;
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(cli, err);
}

static const struct nz_example examples[] = {
    {"nezuban rules check rules/", N_("check your rules, for example before they are committed")},
    {"nezuban rules check --expand admins=alice rules/", N_("with a value for a placeholder that the rules use")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("nothing to say about the rules")},
    {NZ_EXIT_FINDINGS, N_("there are warnings; all rules can be loaded")},
    {NZ_EXIT_BAD, N_("wrong use, or a rule has an error and would be refused")},
    {0},
};

const struct nz_command nz_command_rules_check = {
    .name = "rules check",
    .summary = N_("look for mistakes in rules"),
    .arguments = "[DIR...]",
    .description = N_(
        "Reads Sigma rules and says what is wrong with them, on standard output: errors, for which detect would refuse "
        "a rule; two rules with one id; fields that CloudTrail does not have; selections that can never be true, or "
        "that "
        "the condition does not ask for.\n\n"
        "Without a folder or file it looks at those of --rules or of the configuration, else at the rules that come "
        "with nezuban."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .statuses = statuses,
    .arguments_max = SIZE_MAX,
    .complete = NZ_COMPLETE_FILE,
    .run = run,
};
