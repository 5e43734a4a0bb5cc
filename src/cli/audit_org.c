#include "cli/audit_org.h"

#include <stdio.h>

struct audit {
    struct nz_audit_org org;
    const struct nz_audit_render *render;
    const struct nz_audit_org_judge *judge;
    const char *output;
    bool strict;
};

static enum nz_err on_begin(void *self, const struct nz_organization *organization)
{
    struct audit *a = self;
    a->org.organization = *organization;
    a->org.rows = NZ_ARENA_ARRAY(&a->org.cli->arena, struct nz_audit_org_row, organization->count + 1);
    enum nz_err err = a->org.rows ? NZ_OK : NZ_E_NOMEM;
    if (err == NZ_OK)
        err = nz_cli_output(a->org.cli, a->output);
    return err == NZ_OK ? a->render->org_begin(&a->org) : err;
}

static void row_fill(struct nz_audit_org_row *row, const struct nz_org_account *account, const struct nz_report *report)
{
    *row = (struct nz_audit_org_row){
        .member = account->member, .is_judged = report != NULL, .is_inactive = account->is_inactive};
    snprintf(row->error, sizeof row->error, "%s", account->error);
    for (size_t i = 0; report && i < report->findings_count; i++)
        row->findings[report->findings[i]->status]++;
}

static enum nz_err on_account(void *self, const struct nz_org_account *account)
{
    struct audit *a = self;
    struct nz_audit_view view = {0};
    struct nz_org_account shown = *account;
    enum nz_err err = account->snapshot ? a->judge->judge(a->judge->self, account->snapshot, &view.report) : NZ_OK;
    if (err == NZ_E_STOPPED) { /* it is told as those are that were not read in time */
        snprintf(shown.error, sizeof shown.error, "Stopped");
        err = NZ_OK;
    }
    if (err == NZ_OK)
        err = a->render->org_account(&a->org, &shown, view.report ? &view : NULL);
    row_fill(&a->org.rows[a->org.rows_count++], &shown, view.report);
    if (!account->snapshot && !account->is_inactive && a->strict)
        a->org.cli->outcome.unknown = true;
    if (account->snapshot)
        a->judge->release(a->judge->self);
    return err;
}

enum nz_err nz_audit_org(struct nz_cli *cli, const struct nz_account_opts *account, const char *role,
                         const char *output, bool strict, const struct nz_audit_render *render,
                         const struct nz_audit_org_judge *judge)
{
    struct audit a = {.org = {.cli = cli}, .render = render, .judge = judge, .output = output, .strict = strict};
    const struct nz_org_ops ops = {on_begin, on_account, &a};
    enum nz_err err = nz_cli_org_read(cli, account, role, &ops);
    if (a.org.rows && (err == NZ_OK || err == NZ_E_STOPPED)) {
        const enum nz_err ended = render->org_end(&a.org);
        if (ended != NZ_OK)
            err = nz_cli_report_err(cli, ended);
    }
    nz_spool_free(a.org.bodies);
    return err;
}
