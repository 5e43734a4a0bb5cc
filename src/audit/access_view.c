#include "audit/access_view.h"

#include "audit/state.h"
#include "core/wildcard.h"
#include "inventory/account_text.h"

static enum nz_err build(struct nz_audit *a, struct nz_audit_access *access)
{
    enum nz_err err = nz_snapshot_append_account(a->snapshot, &access->text);
    if (err == NZ_OK)
        err = nz_account_read(nz_buf_view(&access->text), &access->account, &access->problem);
    if (err == NZ_OK)
        err = nz_access_sets_build(access->account, &access->sets);
    if (err == NZ_OK)
        err = nz_access_asker_new(access->sets, &access->asker);
    return err;
}

const struct nz_audit_access *nz_audit_access(struct nz_audit *a)
{
    struct nz_audit_access *access = &a->state->access;
    if (access->made)
        return access->asker ? access : NULL;
    access->made = true;
    access->problem = (struct nz_diag)NZ_DIAG_INIT;
    const enum nz_err err = build(a, access);
    access->problem.code = err;
    if (err == NZ_E_NOMEM)
        nz_audit_fault(a, err);
    return err == NZ_OK ? access : NULL;
}

void nz_audit_say_no_access(struct nz_audit *a, struct nz_subject on)
{
    const struct nz_diag *problem = &a->state->access.problem;
    if (problem->code == NZ_OK) { /* there is an account, without this user */
        nz_audit_unknown(a, on, N_("the user's policies are not in the snapshot"));
        return;
    }
    nz_audit_unknown(a, on, N_("the account's policies cannot be used: %s"),
                     problem->text[0] ? problem->text : nz_err_name(problem->code));
}

enum nz_access_verdict nz_audit_can(struct nz_audit *a, uint32_t principal, const struct nz_access_question *question,
                                    struct nz_access_answer *answer)
{
    *answer = (struct nz_access_answer){.verdict = NZ_ACCESS_UNKNOWN};
    const enum nz_err err =
        nz_access_can(a->state->access.asker, principal, (struct nz_str){0}, question, answer, NULL);
    if (err == NZ_E_NOMEM)
        nz_audit_fault(a, err);
    return err == NZ_OK ? answer->verdict : NZ_ACCESS_UNKNOWN;
}

struct nz_str nz_audit_admin_group(const struct nz_audit *a, const struct nz_access_principal *principal)
{
    for (uint32_t i = 0; i < principal->groups_count; i++) {
        for (size_t k = 0; k < a->settings->admins_count; k++) {
            if (nz_wildcard_matches_nocase(a->settings->admins[k], principal->groups[i].name))
                return principal->groups[i].name;
        }
    }
    return (struct nz_str){0};
}

static bool all_are_admins(struct nz_audit *a, const struct nz_account *account)
{
    const struct nz_audit_users *users = nz_audit_users(a);
    uint32_t principal;
    for (size_t i = 0; i < users->count; i++) {
        if (!nz_account_find_arn(account, users->list[i].arn, &principal) ||
            nz_audit_admin_group(a, &account->principals[principal]).n == 0)
            return false;
    }
    return users->complete;
}

bool nz_audit_all_are_admins(struct nz_audit *a)
{
    struct nz_audit_access *access = &a->state->access;
    if (!access->all_admins_known)
        access->all_admins = all_are_admins(a, access->account);
    access->all_admins_known = true;
    return access->all_admins;
}

void nz_audit_access_release(struct nz_audit_access *access)
{
    nz_access_asker_free(access->asker);
    nz_access_sets_free(access->sets);
    nz_account_free(access->account);
    nz_buf_release(&access->text);
    *access = (struct nz_audit_access){0};
}
