#include "audit/password.h"

#define REUSE "configuration.PasswordReusePrevention"

static void run(struct nz_audit *a)
{
    bool is_default;
    const struct nz_item_view *policy = nz_password_policy(a, &is_default);
    if (is_default)
        nz_password_fail_default(a);
    if (!policy)
        return;
    const unsigned long long wanted = a->settings->password_reuse;
    const unsigned long long remembered = nz_audit_number(nz_item_get(policy, REUSE), 0);
    const struct nz_subject account = nz_audit_account(a);
    struct nz_finding *f;
    if (remembered >= wanted)
        f = nz_audit_pass(a, account, N_("the last %llu passwords cannot be used again"), remembered);
    else if (remembered == 0)
        f = nz_audit_fail(a, account, N_("old passwords may be used again; the last %llu should not"), wanted);
    else
        f = nz_audit_fail(a, account, N_("only the last %llu passwords cannot be used again; %llu are wanted"),
                          remembered, wanted);
    nz_audit_show(a, f, policy, REUSE);
}

const struct nz_check nz_check_iam_password_reuse = {
    .about = {.id = "iam-password-reuse",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Old passwords cannot be used again"),
              .remedy = N_("Set PasswordReusePrevention to 24 in the account's password policy. The call replaces the "
                           "whole policy, so give all other options again.")},
    .run = run,
};
