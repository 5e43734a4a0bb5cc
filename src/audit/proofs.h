/* What the checks on source-IP restriction and on MFA say of each user, from the account's proofs (audit/proof_maker.h). */
#ifndef NZ_AUDIT_PROOFS_H
#define NZ_AUDIT_PROOFS_H

#include "audit/proof_maker.h"

struct nz_proof_words {
    enum nz_prove_kind kind;
    const char *pass, *partial,
        *fail; /* N_(): a partial's with two numbers, of open actions and of all, and an example */
};
void nz_audit_judge_proofs(struct nz_audit *a, const struct nz_proof_words *words);

#endif
