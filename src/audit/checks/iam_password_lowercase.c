#include "audit/password.h"

static void run(struct nz_audit *a)
{
    nz_password_judge_class(a, "configuration.RequireLowercaseCharacters", N_("passwords need a lowercase letter"),
                            N_("passwords need no lowercase letter"));
}

const struct nz_check nz_check_iam_password_lowercase = {
    .about = {.id = "iam-password-lowercase",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Passwords must contain a lowercase letter"),
              .remedy =
                  N_("Set RequireLowercaseCharacters in the account's password policy. The call replaces the whole "
                     "policy, so give all other options again.")},
    .run = run,
};
