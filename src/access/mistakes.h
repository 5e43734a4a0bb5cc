/* What is wrong with a user's restriction by source IP or MFA: the mistakes of his policies' statements, and those that only the
 * account and the proof show.
 * Threads: no state. */
#ifndef NZ_ACCESS_MISTAKES_H
#define NZ_ACCESS_MISTAKES_H

#include "access/prove.h"
#include "policy/mistakes.h"

/* Where a mistake stands. */
struct nz_access_mistake {
    enum nz_mistake mistake;
    const struct nz_access_grant *grant; /* NULL: no policy of the user's */
    const struct nz_access_group *group; /* through which the policy reaches him, or that has it; may be NULL */
    uint32_t statement;                  /* of the grant's document; UINT32_MAX: the policy as a whole */
};

/* Which sets of policies have a deny by address (or of who is without MFA): found once for all users. */
struct nz_access_restrictions {
    enum nz_prove_kind kind;
    const bool *of_set; /* one a set */
    bool some_user;
    struct nz_network_list aws_networks; /* of EC2; for the caller to set, borrowed; empty: not known */
};
/* Lives in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_access_restrictions_find(const struct nz_access_sets *sets, enum nz_prove_kind kind,
                                                    struct nz_arena *keep, struct nz_access_restrictions *out);

struct nz_access_mistakes {
    const struct nz_access_mistake *list;
    uint32_t count;
};

/* Of one user, in order of policies and statements, then of the list of mistakes. They live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_access_mistakes_of_user(const struct nz_access_sets *sets, const struct nz_proofs *proofs,
                                                   const struct nz_access_restrictions *restrictions, uint32_t user,
                                                   struct nz_arena *keep, struct nz_access_mistakes *out);

/* Of the account: restrictions on groups that nobody is in, and of MFA those on roles. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_access_mistakes_of_account(const struct nz_access_sets *sets, enum nz_prove_kind kind,
                                                      struct nz_arena *keep, struct nz_access_mistakes *out);

#endif
