/* Source: docs/prove.md; IAM User Guide, "Denies access to AWS based on the source IP". */
#include "audit/proofs.h"

static void run(struct nz_audit *a)
{
    static const struct nz_proof_words words = {
        .kind = NZ_PROVE_SOURCE_IP,
        .pass = N_("no request from outside the allowed networks gets through"),
        .partial = N_("from outside the allowed networks %u of %u actions get through, such as %.*s"),
        .fail = N_("the user can act from everywhere: all its actions get through from outside, such as %.*s"),
    };
    nz_audit_judge_proofs(a, &words);
}

const struct nz_check nz_check_iam_user_source_ip = {
    .about = {.id = "iam-user-source-ip",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Users can act from the allowed networks only"),
              .remedy =
                  N_("Attach a policy to the user's group that denies everything when aws:SourceIp is in none of your "
                     "networks (NotIpAddress) and aws:ViaAWSService is false.")},
    .run = run,
    .waits = true,
};
