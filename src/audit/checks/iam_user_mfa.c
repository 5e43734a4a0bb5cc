/* Source: Security Hub IAM.19. */
#include "audit/users.h"

#define MFA "configuration.mfa_active"

static void judge(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_item_view *row)
{
    const struct nz_subject on = nz_user_subject(user);
    const enum nz_said mfa = nz_credential_says(row, MFA);
    struct nz_finding *f;
    if (mfa == NZ_SAID_NOTHING)
        f = nz_audit_unknown(a, on, N_("the credential report does not say whether the user has MFA"));
    else if (mfa == NZ_SAID_YES)
        f = nz_audit_pass(a, on, N_("the user has MFA"));
    else
        f = nz_audit_fail(a, on, N_("the user has no MFA"));
    nz_audit_show(a, f, row, MFA);
    nz_credential_show_time(a, f);
}

static void run(struct nz_audit *a)
{
    nz_audit_each_user(a, NZ_USER_ROW, judge);
}

const struct nz_check nz_check_iam_user_mfa = {
    .about = {.id = "iam-user-mfa",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Every IAM user has MFA"),
              .remedy =
                  N_("Have the user assign an MFA device under Security credentials. A program is better off with a "
                     "role than with a user.")},
    .run = run,
};
