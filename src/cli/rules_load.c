#include "cli/rules_load.h"

#include "detect/builtin.h"
#include "trail/walk.h"

#include <errno.h>
#include <stdio.h>

#define RULE_FILE_BYTES_MAX ((size_t)4 << 20)

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

static enum nz_err read_whole(FILE *file, struct nz_buf *out, struct nz_diag *diag)
{
    for (;;) {
        char *to = nz_buf_reserve(out, 65536);
        if (!to && out->n >= RULE_FILE_BYTES_MAX - 65536)
            return nz_diag_set(diag, NZ_E_LIMIT, "a rule file of more than 4 MiB");
        if (!to)
            return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
        size_t got = fread(to, 1, 65536, file);
        out->n += got;
        if (got == 0)
            return ferror(file) ? nz_diag_set(diag, NZ_E_IO, "%s", strerror(errno)) : NZ_OK;
    }
}

static enum nz_err add_file(struct nz_cli *cli, struct nz_ruleset *rules, const char *path, struct nz_buf *text)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_buf_clear(text);
    FILE *file = fopen(path, "rbe");
    enum nz_err err = file ? read_whole(file, text, &diag) : nz_diag_set(&diag, NZ_E_IO, "%s", strerror(errno));
    if (file)
        fclose(file);
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

static enum nz_err add_folders(struct nz_cli *cli, struct nz_ruleset *rules, const struct nz_opt_list *folders)
{
    struct nz_walk *walk;
    struct nz_buf text;
    size_t files = 0;
    nz_buf_init(&text, RULE_FILE_BYTES_MAX);
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

static enum nz_err add_builtin(struct nz_ruleset *rules)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < nz_builtin_rules_count && err == NZ_OK; i++)
        err = nz_ruleset_add(rules, nz_builtin_rules[i].path, nz_builtin_rules[i].text);
    return err;
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
    struct nz_ruleset *rules = NULL;
    *out = NULL;
    enum nz_err err = nz_cli_placeholders(cli, expand, &opts.placeholders, &opts.placeholders_count);
    if (err != NZ_OK)
        return err;
    err = nz_ruleset_new(&opts, problem, self, &rules);
    if (err == NZ_OK)
        err = folders->count ? add_folders(cli, rules, folders) : add_builtin(rules);
    if (err == NZ_OK)
        err = nz_ruleset_compile(rules);
    if (err != NZ_OK) {
        nz_ruleset_free(rules);
        return nz_cli_report_err(cli, err);
    }
    *out = rules;
    return NZ_OK;
}
