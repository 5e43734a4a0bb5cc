/* Source: docs/prove.md; IAM User Guide, "Allows MFA-authenticated IAM users to manage their own credentials". */
#include "audit/proofs.h"

static void run(struct nz_audit *a)
{
    static const struct nz_proof_words words = {
        .kind = NZ_PROVE_MFA,
        .pass = N_("no request without MFA gets through"),
        .partial = N_("without MFA %u of %u actions get through, such as %.*s"),
        .fail = N_("the user can do everything without MFA, such as %.*s"),
    };
    nz_audit_judge_proofs(a, &words);
}

const struct nz_check nz_check_iam_user_mfa_enforced = {
    .about = {.id = "iam-user-mfa-enforced",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Users can do nothing without MFA"),
              .remedy =
                  N_("Attach a policy to the user's group that denies all but enrolling a device (NotAction) when "
                     "aws:MultiFactorAuthPresent is false or absent (BoolIfExists).")},
    .run = run,
    .waits = true,
};
