/* Source: CIS AWS Foundations 7.0, 2.10. */
#include "audit/users.h"

#define PASSWORD "configuration.password_enabled"
#define MFA "configuration.mfa_active"

static void judge(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_item_view *row)
{
    const struct nz_subject on = nz_user_subject(user);
    const enum nz_said password = nz_credential_says(row, PASSWORD), mfa = nz_credential_says(row, MFA);
    struct nz_finding *f;
    if (password == NZ_SAID_NO)
        f = nz_audit_not_applicable(a, on, N_("the user has no password"));
    else if (password == NZ_SAID_NOTHING || mfa == NZ_SAID_NOTHING)
        f = nz_audit_unknown(a, on, N_("the credential report does not say whether the user has a password and MFA"));
    else if (mfa == NZ_SAID_YES)
        f = nz_audit_pass(a, on, N_("the user has a password and MFA"));
    else
        f = nz_audit_fail(a, on, N_("the user has a password and no MFA"));
    nz_audit_show(a, f, row, PASSWORD);
    nz_audit_show(a, f, row, MFA);
    nz_credential_show_time(a, f);
}

static void run(struct nz_audit *a)
{
    nz_audit_each_user(a, NZ_USER_ROW, judge);
}

const struct nz_check nz_check_iam_user_console_mfa = {
    .about = {.id = "iam-user-console-mfa",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("Users with a console password have MFA"),
              .remedy = N_("Have the user assign an MFA device under Security credentials, and let a policy deny all "
                           "else until then. Delete the password of a user who does not need the console.")},
    .run = run,
};
