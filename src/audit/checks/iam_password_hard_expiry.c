/* Whether an expired password needs an administrator. A choice that nobody demands either way; severity informational.
 * Source: IAM User Guide, "Password policy: password expiration requires administrator reset". */
#include "audit/password.h"

#define HARD "configuration.HardExpiry"

static void run(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    bool is_default;
    const struct nz_item_view *policy = nz_password_policy(a, &is_default);
    struct nz_finding *f;
    uint64_t days;
    if (is_default) {
        f = nz_audit_pass(a, account, N_("passwords never expire: no password policy is set"));
        nz_audit_evidence(a, f, NZ_STR("iam:GetAccountPasswordPolicy"), "PasswordPolicy", NZ_STR("absent"));
    }
    if (!policy)
        return;
    if (!nz_password_expires(policy, &days))
        f = nz_audit_pass(a, account, N_("passwords never expire"));
    else if (nz_audit_is_true(nz_item_get(policy, HARD)))
        f = nz_audit_fail(a, account,
                          N_("a user whose password expired is locked out until an administrator resets it"));
    else
        f = nz_audit_pass(a, account, N_("users with an expired password set a new one when they sign in"));
    nz_audit_show(a, f, policy, HARD);
    nz_audit_show(a, f, policy, "configuration.MaxPasswordAge");
}

const struct nz_check nz_check_iam_password_hard_expiry = {
    .about = {.id = "iam-password-hard-expiry",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_INFORMATIONAL,
              .title = N_("An expired password does not lock its user out"),
              .remedy =
                  N_("Leave HardExpiry off, or have at least two administrators who can reset passwords and accept "
                     "the finding with an exception.")},
    .run = run,
};
