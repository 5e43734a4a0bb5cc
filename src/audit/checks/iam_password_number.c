#include "audit/password.h"

static void run(struct nz_audit *a)
{
    nz_password_judge_class(a, "configuration.RequireNumbers", N_("passwords need a number"),
                            N_("passwords need no number"));
}

const struct nz_check nz_check_iam_password_number = {
    .about = {.id = "iam-password-number",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Passwords must contain a number"),
              .remedy = N_("Set RequireNumbers in the account's password policy. The call replaces the whole "
                           "policy, so give all other options again.")},
    .run = run,
};
