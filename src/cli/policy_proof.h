/* Proofs as people and programs read them. */
#ifndef NZ_CLI_POLICY_PROOF_H
#define NZ_CLI_POLICY_PROOF_H

#include "access/mistakes.h"
#include "cli/policy_question.h"

struct nz_policy_proof {
    struct nz_cli *cli;
    const struct nz_policy_question *q;
    const struct nz_prove_question *asked;
    const struct nz_proofs *proofs;
    const struct nz_access_restrictions *restrictions;
    bool why; /* the table tells the requests and statements too */
};

/* NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_policy_proof_json(const struct nz_policy_proof *p);
NZ_MUST_USE enum nz_err nz_policy_proof_table(const struct nz_policy_proof *p);

/* "source-ip", "mfa". */
const char *nz_prove_kind_name(enum nz_prove_kind kind);
/* The statement that makes the restriction hold, as a policy, on one line. */
void nz_policy_proof_corrected(const struct nz_policy_proof *p, struct nz_buf *out);

/* Where a statement that closes cells is attached: the first place through which it reaches the user. NULL: nowhere. */
struct nz_proof_place {
    const struct nz_access_grant *grant;
    const struct nz_access_group *group;
};
struct nz_proof_place nz_policy_proof_place(const struct nz_policy_proof *p, uint32_t user,
                                            const struct nz_policy_reason *reason);

/* What is taken for granted; ends with NULL. N_() texts. */
extern const char *const nz_proof_assumed[];

#endif
