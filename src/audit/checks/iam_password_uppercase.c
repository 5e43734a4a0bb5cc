#include "audit/password.h"

static void run(struct nz_audit *a)
{
    nz_password_judge_class(a, "configuration.RequireUppercaseCharacters", N_("passwords need an uppercase letter"),
                            N_("passwords need no uppercase letter"));
}

const struct nz_check nz_check_iam_password_uppercase = {
    .about = {.id = "iam-password-uppercase",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Passwords must contain an uppercase letter"),
              .remedy =
                  N_("Set RequireUppercaseCharacters in the account's password policy. The call replaces the whole "
                     "policy, so give all other options again.")},
    .run = run,
};
