#include "audit/password.h"

#define ALLOW "configuration.AllowUsersToChangePassword"

static void judge(struct nz_audit *a, const struct nz_item_view *policy)
{
    const struct nz_subject account = nz_audit_account(a);
    uint64_t days = 0;
    const bool expires = policy && nz_password_expires(policy, &days);
    struct nz_finding *f;
    if (policy && nz_audit_is_true(nz_item_get(policy, ALLOW)))
        f = nz_audit_pass(a, account, N_("users may change their own passwords"));
    else if (expires)
        f = nz_audit_fail(
            a, account, N_("passwords expire after %llu days and users may not change their own: they are locked out"),
            (unsigned long long)days);
    else
        f = nz_audit_partial(a, account, N_("users may not change their own passwords, which never expire"));
    if (policy) {
        nz_audit_show(a, f, policy, ALLOW);
        nz_audit_show(a, f, policy, "configuration.MaxPasswordAge");
    } else {
        nz_audit_evidence(a, f, NZ_STR("iam:GetAccountPasswordPolicy"), "PasswordPolicy", NZ_STR("absent"));
    }
}

static void run(struct nz_audit *a)
{
    bool is_default;
    const struct nz_item_view *policy = nz_password_policy(a, &is_default);
    if (policy || is_default)
        judge(a, policy);
}

const struct nz_check nz_check_iam_password_self_change = {
    .about = {.id = "iam-password-self-change",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Users may change their own password"),
              .remedy =
                  N_("Set AllowUsersToChangePassword in the account's password policy. The call replaces the whole "
                     "policy, so give all other options again.")},
    .run = run,
};
