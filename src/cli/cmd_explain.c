#include "audit/check.h"
#include "cli/command.h"
#include "cli/explain_page.h"
#include "cli/table.h"
#include "core/text.h"

#define COLUMNS_MAX 100u
#define CHECKS_MAX 256u

static enum nz_err list_checks(struct nz_cli *cli)
{
    const struct nz_table_column columns[] = {
        {.title = _("CHECK"), .whole = true}, {.title = _("SEVERITY"), .whole = true}, {.title = _("SETTING")}};
    struct nz_table table;
    nz_table_init(&table, &cli->arena, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; nz_checks[i]; i++) {
        const struct nz_check_about *about = &nz_checks[i]->about;
        const struct nz_str cells[] = {nz_str_from_c(about->id), nz_str_from_c(_(nz_severity_name(about->severity))),
                                       nz_str_from_c(_(about->title))};
        const enum nz_style styles[] = {NZ_STYLE_BOLD, NZ_STYLE_PLAIN, NZ_STYLE_PLAIN};
        nz_table_add(&table, cells, styles);
    }
    const enum nz_err err = nz_table_print(&table, &cli->out, &cli->out_term);
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(cli, err);
}

static enum nz_err unknown_check(struct nz_cli *cli, const char *name)
{
    const char *ids[CHECKS_MAX];
    size_t count = 0;
    for (size_t i = 0; nz_checks[i] && count < CHECKS_MAX; i++)
        ids[count++] = nz_checks[i]->about.id;
    const char *near = nz_text_nearest(nz_str_from_c(name), ids, count);
    if (near)
        return nz_cli_usage(cli, _("there is no check '%s'; did you mean '%s'?"), name, near);
    return nz_cli_usage(cli, _("there is no check '%s'; 'nezuban explain' lists them"), name);
}

static enum nz_err explain(struct nz_cli *cli, const struct nz_explain_page *page)
{
    const char *text = cli->lang == NZ_LANG_JA ? page->japanese : page->english;
    const unsigned columns = cli->out_term.columns;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_explain_append_text(&out, nz_str_from_c(text), &cli->out_term,
                           columns && columns < COLUMNS_MAX ? columns : COLUMNS_MAX);
    const enum nz_err err = nz_buf_status(&out);
    if (err == NZ_OK)
        nz_output_write(&cli->out, nz_buf_view(&out));
    nz_buf_release(&out);
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(cli, err);
}

static enum nz_err run(struct nz_cli *cli, const struct nz_args *args)
{
    if (!args->paths_count)
        return list_checks(cli);
    for (const struct nz_explain_page *page = nz_explain_pages; page->id; page++) {
        if (strcmp(page->id, args->paths[0]) == 0)
            return explain(cli, page);
    }
    return unknown_check(cli, args->paths[0]);
}

static const struct nz_example examples[] = {
    {"nezuban explain iam-root-mfa", N_("what it judges, why, and how to fix it")},
    {"nezuban explain", N_("the checks")},
    {0},
};

const struct nz_command nz_command_explain = {
    .name = "explain",
    .summary = N_("say what a check of 'audit' judges, why, and how to fix what it finds"),
    .arguments = "[CHECK]",
    .description =
        N_("Prints the page on a check: what is judged and how exactly, why it matters, how to fix it in the "
           "console and with the AWS CLI, and what to beware of. Without CHECK, lists the checks."),
    .examples = examples,
    .arguments_max = 1,
    .run = run,
};
