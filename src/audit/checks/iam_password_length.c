#include "audit/password.h"

#define LENGTH "configuration.MinimumPasswordLength"

static void run(struct nz_audit *a)
{
    bool is_default;
    const struct nz_item_view *policy = nz_password_policy(a, &is_default);
    if (is_default)
        nz_password_fail_default(a);
    if (!policy)
        return;
    const unsigned long long wanted = a->settings->password_length;
    /* a policy without the member has 6, what UpdateAccountPasswordPolicy sets when it is left out */
    const unsigned long long length = nz_audit_number(nz_item_get(policy, LENGTH), 6);
    struct nz_finding *f =
        length >= wanted
            ? nz_audit_pass(a, nz_audit_account(a), N_("passwords have at least %llu characters"), length)
            : nz_audit_fail(a, nz_audit_account(a), N_("passwords may be as short as %llu characters; %llu are wanted"),
                            length, wanted);
    nz_audit_show(a, f, policy, LENGTH);
}

const struct nz_check nz_check_iam_password_length = {
    .about = {.id = "iam-password-length",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Passwords have 14 characters or more"),
              .remedy =
                  N_("Set MinimumPasswordLength to 14 or more in the account's password policy. The call replaces "
                     "the whole policy, so give all other options again.")},
    .run = run,
};
