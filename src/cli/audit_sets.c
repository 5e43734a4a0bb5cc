#include "cli/audit_sets.h"

#include "audit/check_sets.h"
#include "cli/i18n.h"
#include "cli/table.h"
#include "core/text.h"

#include <stdio.h>

#define NAMES_MAX 256u /* sets and checks that a wrong word may have meant */

bool nz_audit_sets_asked(const struct nz_opt_list *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(words->items[i], "list") == 0 || strcmp(words->items[i], "help") == 0)
            return true;
    }
    return false;
}

enum nz_err nz_audit_sets_print(struct nz_cli *cli)
{
    const struct nz_table_column columns[] = {
        {.title = _("SET"), .whole = true}, {.title = _("CHECKS"), .right = true, .whole = true}, {.title = _("WHAT")}};
    struct nz_table table;
    nz_table_init(&table, &cli->arena, columns, sizeof columns / sizeof columns[0]);
    for (const struct nz_check_set *set = nz_check_sets; set->name; set++) {
        char count[24];
        snprintf(count, sizeof count, "%zu", nz_check_set_count(set));
        const struct nz_str cells[] = {nz_str_from_c(set->name), nz_str_from_c(count), nz_str_from_c(_(set->what))};
        const enum nz_style styles[] = {NZ_STYLE_BOLD, NZ_STYLE_PLAIN, NZ_STYLE_PLAIN};
        nz_table_add(&table, cells, styles);
    }
    const enum nz_err err = nz_table_print(&table, &cli->out, &cli->out_term);
    if (err == NZ_OK)
        nz_output_printf(&cli->out, "\n%s\n",
                         _("A check's id serves as well, with * for what is left open: --set 'iam-password-*'."));
    return err == NZ_OK ? NZ_OK : nz_cli_report_err(cli, err);
}

static enum nz_err unknown(struct nz_cli *cli, struct nz_str word)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (const struct nz_check_set *set = nz_check_sets; set->name && count < NAMES_MAX; set++)
        names[count++] = set->name;
    for (size_t i = 0; nz_checks[i] && count < NAMES_MAX; i++)
        names[count++] = nz_checks[i]->about.id;
    const char *near = nz_text_nearest(word, names, count);
    if (near)
        return nz_cli_usage(cli, _("there is no set and no check '%.*s'; did you mean '%s'?"), NZ_STR_ARG(word), near);
    return nz_cli_usage(cli, _("there is no set and no check '%.*s'; 'nezuban audit --set list' names the sets"),
                        NZ_STR_ARG(word));
}

static size_t words_in(const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == ',';
    return count;
}

enum nz_err nz_audit_sets_read(struct nz_cli *cli, const struct nz_opt_list *words, struct nz_audit_input *input)
{
    size_t room = 0;
    for (size_t i = 0; i < words->count; i++)
        room += words_in(words->items[i]);
    struct nz_str *sets = NZ_ARENA_ARRAY(&cli->arena, struct nz_str, room + 1);
    if (!sets)
        return nz_cli_report_err(cli, NZ_E_NOMEM);
    input->sets = sets;
    for (size_t i = 0; i < words->count; i++) {
        struct nz_str rest = nz_str_from_c(words->items[i]);
        for (size_t k = words_in(words->items[i]); k; k--) {
            const struct nz_str word = nz_str_trim(nz_str_take(&rest, NZ_STR(",")));
            if (!nz_check_set_is_known(word))
                return unknown(cli, word);
            sets[input->sets_count++] = word;
        }
    }
    return NZ_OK;
}

void nz_audit_sets_append(struct nz_buf *out, const struct nz_report *report)
{
    for (size_t i = 0; i < report->sets_count; i++)
        nz_buf_printf(out, "%s%.*s", i ? ", " : "", NZ_STR_ARG(report->sets[i]));
}
