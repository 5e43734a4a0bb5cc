#include "audit/password.h"

static void run(struct nz_audit *a)
{
    nz_password_judge_class(a, "configuration.RequireSymbols", N_("passwords need a symbol"),
                            N_("passwords need no symbol"));
}

const struct nz_check nz_check_iam_password_symbol = {
    .about = {.id = "iam-password-symbol",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Passwords must contain a symbol"),
              .remedy = N_("Set RequireSymbols in the account's password policy. The call replaces the whole "
                           "policy, so give all other options again.")},
    .run = run,
};
