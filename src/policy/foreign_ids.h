/* Ids of resources that are somebody else's, or that the caller chooses, as the policies of a set tell them apart: a policy that names its own by a
 * pattern, such as "vpce-0a*", lets in whoever is given an id that fits.
 *
 *     aws:SourceVpce  StringNotLike "vpce-0a*"     vpce-00000000000000000, vpce-0a000000000000000
 *
 * An id that the policies write out is taken for the account's own. Private to policy and access. */
#ifndef NZ_POLICY_FOREIGN_IDS_H
#define NZ_POLICY_FOREIGN_IDS_H

#include "core/arena.h"
#include "policy/decide.h"

struct nz_foreign_form {
    struct nz_str key;   /* "aws:SourceVpce" */
    struct nz_str coded; /* what such ids look like, as nz_cell_pattern has it */
    struct nz_str usual; /* one that is taken where no policy has a pattern */
    bool chosen;         /* the caller chooses it, and may choose what the policies write out */
};

struct nz_foreign_ids {
    const struct nz_str *list;
    uint32_t count;
    bool complete; /* false: a bound was reached, or a pattern has a variable */
};

/* Those of one form, at least one; they live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_policy_set_foreign_ids(const struct nz_policy_set *set, const struct nz_foreign_form *form,
                                                  struct nz_arena *keep, struct nz_foreign_ids *out);

#endif
