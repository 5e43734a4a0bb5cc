#include "cli/rules_load.h"

#include "cli/text_file.h"
#include "core/text.h"
#include "detect/builtin.h"
#include "trail/walk.h"

#include <sys/stat.h>

static void on_rule_problem(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    struct nz_cli *cli = self;
    struct nz_diag named = *diag;
    named.file = path;
    if (warning)
        nz_cli_warn(cli, &named);
    else
        nz_cli_report(cli, &named);
}

static void on_walk_problem(void *self, const struct nz_diag *diag)
{
    nz_cli_report(self, diag);
}

static enum nz_err add_file(struct nz_cli *cli, struct nz_ruleset *rules, const char *path, struct nz_buf *text)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_buf_clear(text);
    enum nz_err err = nz_text_file_read(path, text, &diag);
    if (err == NZ_OK)
        return nz_ruleset_add(rules, nz_str_from_c(path), nz_buf_view(text));
    diag.file = nz_str_from_c(path);
    nz_cli_report(cli, &diag);
    return err == NZ_E_NOMEM ? err : NZ_OK; /* one file that cannot be read does not keep the others out */
}

static bool is_rule_file(const char *path, const struct nz_opt_list *named)
{
    struct nz_str name = nz_str_from_c(path);
    if (nz_str_ends_with(name, NZ_STR(".yml")) || nz_str_ends_with(name, NZ_STR(".yaml")))
        return true;
    for (size_t i = 0; i < named->count; i++) {
        if (strcmp(named->items[i], path) == 0)
            return true;
    }
    return false;
}

/* Without this a wrong folder would look like logs without a finding. */
static void report_no_files(struct nz_cli *cli, const struct nz_opt_list *folders)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    diag.file = nz_str_from_c(folders->items[0]);
    nz_diag_set(&diag, NZ_E_NOT_FOUND, "no file whose name ends in .yml or .yaml");
    nz_cli_report(cli, &diag);
}

static enum nz_err add_files(struct nz_cli *cli, struct nz_ruleset *rules, const struct nz_opt_list *folders)
{
    struct nz_walk *walk;
    struct nz_buf text;
    size_t files = 0;
    nz_buf_init(&text, NZ_TEXT_FILE_BYTES_MAX);
    enum nz_err err = nz_walk_new(folders->items, folders->count, on_walk_problem, cli, &walk);
    while (err == NZ_OK) {
        const char *path;
        uint64_t size_bytes;
        err = nz_walk_next(walk, &path, &size_bytes);
        if (err != NZ_OK || !path)
            break;
        if (!is_rule_file(path, folders))
            continue;
        err = add_file(cli, rules, path, &text);
        files++;
    }
    nz_walk_free(walk);
    nz_buf_release(&text);
    if (err == NZ_OK && files == 0 && !cli->outcome.bad) /* what could not be read has been named */
        report_no_files(cli, folders);
    return err;
}

/* but: the file that is read in its place; .p NULL: none is left out. */
static enum nz_err add_builtin(struct nz_ruleset *rules, struct nz_str but)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < nz_builtin_rules_count && err == NZ_OK; i++) {
        if (!nz_str_eq(nz_builtin_rules[i].path, but))
            err = nz_ruleset_add(rules, nz_builtin_rules[i].path, nz_builtin_rules[i].text);
    }
    return err;
}

/* "builtin" among the names is the pack; the others are files and folders. No name: the pack. */
static enum nz_err add_named(struct nz_cli *cli, struct nz_ruleset *rules, const struct nz_opt_list *named,
                             struct nz_str tried)
{
    struct nz_opt_list files = {0};
    bool builtin = named->count == 0;
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < named->count && err == NZ_OK; i++) {
        if (strcmp(named->items[i], NZ_RULES_BUILTIN) == 0)
            builtin = true;
        else
            err = nz_opt_list_add(&cli->arena, &files, named->items[i]);
    }
    if (err == NZ_OK && builtin)
        err = add_builtin(rules, tried);
    if (err == NZ_OK && files.count)
        err = add_files(cli, rules, &files);
    return err;
}

static enum nz_err load(struct nz_cli *cli, const struct nz_opt_list *named, struct nz_ruleset_opts *opts,
                        const struct nz_opt_list *expand, nz_rule_problem_fn *problem, void *self,
                        struct nz_ruleset **out)
{
    struct nz_ruleset *rules = NULL;
    *out = NULL;
    enum nz_err err = nz_cli_placeholders(cli, expand, &opts->placeholders, &opts->placeholders_count);
    if (err != NZ_OK)
        return err;
    err = nz_ruleset_new(opts, problem, self, &rules);
    if (err == NZ_OK)
        err = add_named(cli, rules, named, opts->only);
    if (err == NZ_OK)
        err = nz_ruleset_compile(rules);
    if (err != NZ_OK) {
        nz_ruleset_free(rules);
        return nz_cli_report_err(cli, err);
    }
    *out = rules;
    return NZ_OK;
}

enum nz_err nz_rules_load(struct nz_cli *cli, const struct nz_opt_list *folders, enum nz_level min_level,
                          const struct nz_opt_list *expand, struct nz_ruleset **out)
{
    return nz_rules_load_with(cli, folders, min_level, expand, on_rule_problem, cli, out);
}

enum nz_err nz_rules_load_with(struct nz_cli *cli, const struct nz_opt_list *folders, enum nz_level min_level,
                               const struct nz_opt_list *expand, nz_rule_problem_fn *problem, void *self,
                               struct nz_ruleset **out)
{
    struct nz_ruleset_opts opts = {.min_level = min_level};
    return load(cli, folders, &opts, expand, problem, self, out);
}

/* --- one rule alone --- */

static void on_problem_unheard(void *self, bool warning, struct nz_str path, const struct nz_diag *diag)
{
    (void)self, (void)warning, (void)path, (void)diag;
}

static bool any_tried(const struct nz_ruleset *rules)
{
    for (size_t i = 0; i < nz_ruleset_count(rules); i++) {
        const struct nz_rule *rule = nz_ruleset_rule(rules, i);
        if (rule->runs && !rule->silent)
            return true;
    }
    return false;
}

/* A file by itself; with the others when it reads rules that are not in it. */
static enum nz_err load_file_tried(struct nz_cli *cli, const struct nz_opt_list *named, const char *path,
                                   const struct nz_opt_list *expand, struct nz_ruleset **out)
{
    struct nz_ruleset_opts opts = {.only = nz_str_from_c(path)};
    const struct nz_opt_list alone = {&path, 1};
    enum nz_err err = load(cli, &alone, &opts, expand, on_problem_unheard, NULL, out);
    if (err != NZ_OK || (nz_ruleset_refused(*out) == 0 && any_tried(*out)))
        return err;
    nz_ruleset_free(*out);
    struct nz_opt_list all = {0};
    for (size_t i = 0; i < named->count && err == NZ_OK; i++)
        err = nz_opt_list_add(&cli->arena, &all, named->items[i]);
    if (err == NZ_OK && named->count == 0)
        err = nz_opt_list_add(&cli->arena, &all, NZ_RULES_BUILTIN);
    if (err == NZ_OK)
        err = nz_opt_list_add(&cli->arena, &all, path);
    return err == NZ_OK ? load(cli, &all, &opts, expand, on_rule_problem, cli, out) : nz_cli_report_err(cli, err);
}

const char *nz_rules_nearest(struct nz_cli *cli, const struct nz_ruleset *rules, struct nz_str name)
{
    const size_t count = nz_ruleset_count(rules);
    struct nz_arena names; /* with a NUL after each */
    nz_arena_init(&names, 0);
    const char **list = NZ_ARENA_ARRAY(&names, const char *, count + 1), *near = NULL;
    size_t named = 0;
    for (size_t i = 0; list && i < count; i++) {
        const struct nz_rule *rule = nz_ruleset_rule(rules, i);
        struct nz_str copy = rule->name.n ? nz_arena_str(&names, rule->name) : nz_str_of(NULL, 0);
        if (copy.p)
            list[named++] = copy.p;
    }
    if (list)
        near = nz_text_nearest(name, list, named);
    if (near)
        near = nz_arena_str(&cli->arena, nz_str_from_c(near)).p;
    nz_arena_release(&names);
    return near;
}

enum nz_err nz_rules_load_tried(struct nz_cli *cli, const struct nz_opt_list *folders, const char *rule,
                                const struct nz_opt_list *expand, struct nz_ruleset **out)
{
    struct nz_ruleset_opts opts = {.only = nz_str_from_c(rule)};
    struct stat about;
    enum nz_err err = stat(rule, &about) == 0 && S_ISREG(about.st_mode)
                          ? load_file_tried(cli, folders, rule, expand, out)
                          : load(cli, folders, &opts, expand, on_rule_problem, cli, out);
    if (err != NZ_OK || any_tried(*out))
        return err;
    struct nz_diag diag = NZ_DIAG_INIT;
    const char *near = nz_rules_nearest(cli, *out, nz_str_from_c(rule));
    if (near)
        nz_diag_set(&diag, NZ_E_NOT_FOUND, _("no rule has the id, name or title '%s'; did you mean '%s'?"), rule, near);
    else
        nz_diag_set(&diag, NZ_E_NOT_FOUND,
                    _("'%s' is no rule file, nor the id, name or title of a rule that is loaded"), rule);
    nz_ruleset_free(*out);
    *out = NULL;
    return nz_cli_report(cli, &diag);
}
