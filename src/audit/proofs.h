/* Proofs that users can do nothing from outside, or without MFA (access/prove.h): made once for all users, when first asked
 * for.
 *
 * Which networks are inside is configured (audit.allowed_networks). Where nothing is, they are those that the policies
 * themselves name (audit/networks.h): then the question is whether the restriction holds that the account claims to have. */
#ifndef NZ_AUDIT_PROOFS_H
#define NZ_AUDIT_PROOFS_H

#include "access/prove.h"
#include "audit/access_view.h"

struct nz_audit_proof {
    bool made;
    struct nz_proofs *proofs;
    struct nz_proofs
        *with_password; /* of those who pass, were they let to change their passwords; NULL: that is known */
    struct nz_network_list allowed; /* source-ip */
    struct nz_diag problem;         /* why there are none */
};

/* Says of each user what the proof says. */
struct nz_proof_words {
    enum nz_prove_kind kind;
    const char *pass, *partial,
        *fail; /* N_(): a partial's with two numbers, of open actions and of all, and an example */
};
void nz_audit_judge_proofs(struct nz_audit *a, const struct nz_proof_words *words);

void nz_audit_proof_release(struct nz_audit_proof *proof);

#endif
