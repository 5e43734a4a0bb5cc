#include "cli/audit_render.h"
#include "core/json.h"

static void on_text(void *self, struct nz_str text)
{
    nz_output_write(self, text);
}

static enum nz_err print(struct nz_cli *cli, const struct nz_audit_view *view)
{
    return nz_report_write_json(view->report, on_text, &cli->out);
}

/* --- audit --org: {"organization":…,"accounts":[{"account":…,"report":{…}},…]} --- */

static enum nz_err write_all(struct nz_cli *cli, struct nz_buf *text)
{
    const enum nz_err err = nz_buf_status(text);
    if (err == NZ_OK)
        nz_output_write(&cli->out, nz_buf_view(text));
    nz_buf_release(text);
    return err;
}

static enum nz_err org_begin(struct nz_audit_org *org)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_append(&text, NZ_STR("{\"organization\":"));
    nz_json_append_string(&text, org->organization.id);
    nz_buf_append(&text, NZ_STR(",\"accounts\":["));
    return write_all(org->cli, &text);
}

static enum nz_err org_account(struct nz_audit_org *org, const struct nz_org_account *account,
                               const struct nz_audit_view *view)
{
    const struct {
        const char *name;
        struct nz_str text;
    } members[] = {{"account", account->member->account},      {"name", account->member->name},
                   {"state", account->member->state},          {"error", nz_str_from_c(account->error)},
                   {"action", nz_str_from_c(account->action)}, {"message", nz_str_from_c(account->message)}};
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_append(&text, org->rows_count ? NZ_STR(",\n{") : NZ_STR("\n{"));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        nz_buf_printf(&text, "\"%s\":", members[i].name);
        nz_json_append_string(&text, members[i].text);
        nz_buf_append_char(&text, ',');
    }
    nz_buf_append(&text, view ? NZ_STR("\"report\":") : NZ_STR("\"report\":null"));
    enum nz_err err = write_all(org->cli, &text);
    if (err == NZ_OK && view)
        err = print(org->cli, view);
    nz_output_write(&org->cli->out, NZ_STR("}"));
    return err;
}

static enum nz_err org_end(struct nz_audit_org *org)
{
    nz_output_write(&org->cli->out, NZ_STR("\n]}\n"));
    return NZ_OK;
}

const struct nz_audit_render nz_audit_json = {print, org_begin, org_account, org_end};
