#include "cli/command.h"
#include "cli/exception_file.h"
#include "cli/i18n.h"
#include "cli/rules_load.h"
#include "cli/table.h"
#include "core/json.h"

#include <stdlib.h>

enum format { FORMAT_TABLE, FORMAT_NDJSON };
static const char *const format_choices[] = {"table", "ndjson", NULL};

struct opts {
    struct nz_opt_list rules, expand;
    int min_level, format;
    const char *output, *exceptions;
    bool all;
};

static const struct nz_opt options[] = {
    {.name = "rules", .letter = 'r', .key = NZ_KEY_DETECT_RULES, .at = offsetof(struct opts, rules)},
    {.name = "min-level", .letter = 'm', .key = NZ_KEY_DETECT_MIN_LEVEL, .at = offsetof(struct opts, min_level)},
    {.name = "all",
     .letter = 'a',
     .kind = NZ_OPT_FLAG,
     .at = offsetof(struct opts, all),
     .help = N_("also rules that would not run: those for other logs, or below the level")},
    {.name = "format",
     .letter = 'f',
     .kind = NZ_OPT_ENUM,
     .at = offsetof(struct opts, format),
     .metavar = "FORMAT",
     .def = "table",
     .choices = format_choices,
     .help = N_("a table for people, or ndjson (one object a line)")},
    NZ_OPTION_OUTPUT(struct opts, output),
    {.name = "expand", .key = NZ_KEY_EXPAND, .at = offsetof(struct opts, expand)},
    {.name = "exceptions", .key = NZ_KEY_EXCEPTIONS, .at = offsetof(struct opts, exceptions)},
};

/* What becomes of a rule's matches. */
static const char *role(const struct nz_rule *rule)
{
    if (!rule->runs)
        return N_("off");
    if (rule->silent)
        return N_("base");
    return rule->kind == NZ_RULE_CORRELATION ? N_("correlation") : N_("rule");
}

static enum nz_style level_style(enum nz_level level)
{
    switch (level) {
    case NZ_LEVEL_CRITICAL:
    case NZ_LEVEL_HIGH:
        return NZ_STYLE_RED;
    case NZ_LEVEL_MEDIUM:
        return NZ_STYLE_YELLOW;
    case NZ_LEVEL_LOW:
        return NZ_STYLE_CYAN;
    case NZ_LEVEL_INFORMATIONAL:
        return NZ_STYLE_PLAIN;
    }
    return NZ_STYLE_PLAIN;
}

static bool is_listed(const struct nz_rule *rule, const struct opts *o)
{
    return rule->runs || o->all;
}

/* Worst first, then as the files lie. */
static int rule_order(const void *a, const void *b)
{
    const struct nz_rule *left = *(const struct nz_rule *const *)a, *right = *(const struct nz_rule *const *)b;
    if (left->level != right->level)
        return left->level < right->level ? 1 : -1;
    int order = nz_str_cmp(left->path, right->path);
    if (order == 0)
        order = (left->line > right->line) - (left->line < right->line);
    return order;
}

static enum nz_err list_table(struct nz_cli *cli, const struct nz_ruleset *rules, const struct opts *o)
{
    const struct nz_table_column columns[] = {{.title = _("LEVEL"), .whole = true},
                                              {.title = _("KIND"), .whole = true},
                                              {.title = _("RULE")},
                                              {.title = _("TITLE")},
                                              {.title = _("FILE")}};
    const size_t count = nz_ruleset_count(rules);
    const struct nz_rule **sorted = NZ_ARENA_ARRAY(&cli->arena, const struct nz_rule *, count ? count : 1);
    if (!sorted)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = nz_ruleset_rule(rules, i);
    qsort(sorted, count, sizeof *sorted, rule_order);
    struct nz_table table;
    nz_table_init(&table, &cli->arena, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        const struct nz_rule *rule = sorted[i];
        if (!is_listed(rule, o))
            continue;
        const bool japanese = cli->lang == NZ_LANG_JA && rule->title_ja.n;
        const struct nz_str cells[] = {nz_str_from_c(_(nz_level_name(rule->level))), nz_str_from_c(_(role(rule))),
                                       rule->name.n ? rule->name : rule->key, japanese ? rule->title_ja : rule->title,
                                       rule->path};
        const enum nz_style styles[] = {level_style(rule->level), NZ_STYLE_PLAIN, NZ_STYLE_PLAIN, NZ_STYLE_PLAIN,
                                        NZ_STYLE_DIM};
        nz_table_add(&table, cells, styles);
    }
    return nz_table_print(&table, &cli->out, &cli->out_term);
}

/* --- exceptions --- */

static size_t rules_named(const struct nz_exception *e, const struct nz_ruleset *rules)
{
    size_t named = 0;
    for (size_t i = 0; i < nz_ruleset_count(rules); i++) {
        const struct nz_rule *rule = nz_ruleset_rule(rules, i);
        named += nz_exception_names_rule(e, rule->key, rule->name);
    }
    return named;
}

static void exception_add(struct nz_table *table, const struct nz_exception *e, const struct nz_exception_file *file,
                          const struct nz_ruleset *rules)
{
    const bool expired = nz_exception_is_expired(e, file->now);
    struct nz_buf count, end;
    nz_buf_init(&count, 0);
    nz_buf_init(&end, 0);
    nz_buf_append_u64(&count, rules_named(e, rules));
    nz_exception_append_end(&end, e);
    if (expired)
        nz_buf_printf(&end, " %s", _("(expired)"));
    const struct nz_str any = nz_str_from_c(_("any"));
    const struct nz_str cells[] = {e->rule,
                                   nz_buf_view(&count),
                                   e->actor.p ? e->actor : any,
                                   e->region.p ? e->region : any,
                                   nz_buf_view(&end),
                                   e->owner,
                                   e->reason};
    const enum nz_style end_style = expired ? NZ_STYLE_RED : NZ_STYLE_PLAIN;
    const enum nz_style styles[] = {NZ_STYLE_PLAIN, NZ_STYLE_PLAIN, NZ_STYLE_PLAIN, NZ_STYLE_PLAIN,
                                    end_style,      NZ_STYLE_PLAIN, NZ_STYLE_DIM};
    table->failed = table->failed || count.failed || end.failed;
    nz_table_add(table, cells, styles);
    nz_buf_release(&end);
    nz_buf_release(&count);
}

/* Below the rules: who answers for which of their findings, and until when. */
static enum nz_err list_exceptions(struct nz_cli *cli, const struct nz_exception_file *file,
                                   const struct nz_ruleset *rules)
{
    const struct nz_table_column columns[] = {{.title = _("EXCEPTION FOR")},
                                              {.title = _("RULES"), .right = true, .whole = true},
                                              {.title = _("ACTOR")},
                                              {.title = _("REGION")},
                                              {.title = _("UNTIL"), .whole = true},
                                              {.title = _("OWNER")},
                                              {.title = _("REASON")}};
    struct nz_table table;
    size_t count = 0;
    nz_table_init(&table, &cli->arena, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < file->exceptions.count; i++) {
        const struct nz_exception *e = &file->exceptions.list[i];
        if (!e->rule.p)
            continue; /* of a check: audit's */
        exception_add(&table, e, file, rules);
        count++;
    }
    if (count == 0)
        return NZ_OK;
    nz_output_write(&cli->out, NZ_STR("\n"));
    return nz_table_print(&table, &cli->out, &cli->out_term);
}

static void text_append(struct nz_buf *line, const char *key, struct nz_str text)
{
    nz_buf_printf(line, ",\"%s\":", key);
    if (text.p)
        nz_json_append_string(line, text);
    else
        nz_buf_append(line, NZ_STR("null"));
}

static void exceptions_append(struct nz_buf *line, const struct nz_rule *rule, const struct nz_exception_file *file)
{
    bool more = false;
    nz_buf_append(line, NZ_STR(",\"exceptions\":["));
    for (size_t i = 0; i < file->exceptions.count; i++) {
        const struct nz_exception *e = &file->exceptions.list[i];
        if (!nz_exception_names_rule(e, rule->key, rule->name))
            continue;
        nz_buf_printf(line, "%s{\"line\":%u", more ? "," : "", e->line);
        text_append(line, "rule", e->rule);
        text_append(line, "actor", e->actor);
        text_append(line, "region", e->region);
        text_append(line, "owner", e->owner);
        text_append(line, "reason", e->reason);
        nz_buf_append(line, NZ_STR(",\"until\":\""));
        nz_exception_append_end(line, e);
        nz_buf_printf(line, "\",\"expired\":%s}", nz_exception_is_expired(e, file->now) ? "true" : "false");
        more = true;
    }
    nz_buf_append_char(line, ']');
}

/* Every key is always there; what the rule does not say is null. */
static void rule_append(struct nz_buf *line, const struct nz_rule *rule, const struct nz_exception_file *file)
{
    nz_buf_printf(line, "{\"kind\":\"%s\"", rule->kind == NZ_RULE_CORRELATION ? "correlation" : "sigma");
    text_append(line, "rule_id", rule->key);
    text_append(line, "title", rule->title);
    text_append(line, "level", nz_str_from_c(nz_level_name(rule->level)));
    text_append(line, "status", rule->status);
    text_append(line, "author", rule->author);
    text_append(line, "description", rule->description);
    nz_buf_append(line, NZ_STR(",\"tags\":["));
    for (size_t i = 0; i < rule->tags_count; i++) {
        if (i)
            nz_buf_append_char(line, ',');
        nz_json_append_string(line, rule->tags[i]);
    }
    nz_buf_append_char(line, ']');
    text_append(line, "file", rule->path);
    nz_buf_printf(line, ",\"line\":%u,\"runs\":%s,\"silent\":%s", rule->line, rule->runs ? "true" : "false",
                  rule->silent ? "true" : "false");
    text_append(line, "name", rule->name);
    exceptions_append(line, rule, file);
    nz_buf_append(line, NZ_STR("}\n"));
}

static enum nz_err list_ndjson(struct nz_cli *cli, const struct nz_ruleset *rules, const struct opts *o,
                               const struct nz_exception_file *file)
{
    struct nz_buf line;
    enum nz_err err = NZ_OK;
    nz_buf_init(&line, 0);
    for (size_t i = 0; i < nz_ruleset_count(rules) && err == NZ_OK; i++) {
        const struct nz_rule *rule = nz_ruleset_rule(rules, i);
        if (!is_listed(rule, o))
            continue;
        nz_buf_clear(&line);
        rule_append(&line, rule, file);
        err = nz_buf_status(&line);
        nz_output_write(&cli->out, nz_buf_view(&line));
    }
    nz_buf_release(&line);
    return err;
}

static void summarize(struct nz_cli *cli, const struct nz_ruleset *rules)
{
    unsigned long running = 0, count = nz_ruleset_count(rules);
    for (size_t i = 0; i < count; i++)
        running += nz_ruleset_rule(rules, i)->runs;
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, _("rules that run: %lu of %lu; refused: %lu"), running, count,
                  (unsigned long)nz_ruleset_refused(rules));
    nz_problem_line(&cli->problems, nz_buf_view(&line));
    nz_buf_release(&line);
}

static enum nz_err list(struct nz_cli *cli, const struct nz_ruleset *rules, const struct opts *o)
{
    struct nz_exception_file file;
    enum nz_err err = nz_exception_file_open(cli, o->exceptions, rules, &file);
    if (err != NZ_OK) {
        nz_exception_file_close(&file);
        return err;
    }
    err = o->format == FORMAT_NDJSON ? list_ndjson(cli, rules, o, &file) : list_table(cli, rules, o);
    if (err == NZ_OK && o->format == FORMAT_TABLE)
        err = list_exceptions(cli, &file, rules);
    if (err == NZ_OK && !cli->quiet)
        summarize(cli, rules);
    nz_exception_file_close(&file);
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(cli, err);
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    const struct opts *o = args->options;
    const struct nz_opt_list named = {args->paths, args->paths_count};
    struct nz_ruleset *rules;
    enum nz_err err = nz_cli_output(cli, o->output);
    if (err == NZ_OK)
        err = nz_rules_load(cli, named.count ? &named : &o->rules, (enum nz_level)o->min_level, &o->expand, &rules);
    if (err != NZ_OK)
        return err;
    err = list(cli, rules, o);
    nz_ruleset_free(rules);
    return err;
}

static const struct nz_example examples[] = {
    {"nezuban rules list", N_("the rules that come with nezuban")},
    {"nezuban rules list --all rules/ | less", N_("all rules of a folder, also those that would not run")},
    {"nezuban rules list -m high -f ndjson", N_("what would run from level high on, for another program")},
    {0},
};

static const struct nz_exit_text statuses[] = {
    {NZ_EXIT_OK, N_("all rules were loaded")},
    {NZ_EXIT_BAD, N_("wrong use, or a rule was refused; the others are listed")},
    {0},
};

const struct nz_command nz_command_rules_list = {
    .name = "rules list",
    .summary = N_("show which rules would run"),
    .arguments = "[DIR...]",
    .description = N_(
        "Loads Sigma rules as detect does and lists them: from the folders and files named, else those of --rules or "
        "of the configuration, else those that come with nezuban.\n\n"
        "A rule stands by its name, by which --dry-run and exceptions take it, or else by its id.\n\n"
        "A rule of kind base gives no finding of its own: a correlation reads it. One of kind off does not run: it is "
        "for another kind of log, or below --min-level and no correlation needs it.\n\n"
        "With a file of exceptions, these stand below: for which rules and actors, who answers for them, and until "
        "when."),
    NZ_OPTIONS(struct opts, options),
    .examples = examples,
    .statuses = statuses,
    .arguments_max = SIZE_MAX,
    .complete = NZ_COMPLETE_FILE,
    .run = run,
};
