/* Compiled policies by their text, so that a million requests over the same policies compile them once. */
#ifndef NZ_CLI_POLICY_CACHE_H
#define NZ_CLI_POLICY_CACHE_H

#include "policy/policy.h"

struct nz_policy_cached;
struct nz_policy_cache {
    struct nz_policy_cached **slots; /* open addressing */
    size_t slots_count, count, bytes;
};

/* Zeroed is empty. */
void nz_policy_cache_release(struct nz_policy_cache *cache); /* harmless twice */
/* Forgets everything when it holds more than it may. Policies given out before are gone then. */
void nz_policy_cache_trim(struct nz_policy_cache *cache, size_t entries_max, size_t bytes_max);
/* Compiles when it must. *out lives until the next trim or release. Errors as nz_policy_compile. */
NZ_MUST_USE enum nz_err nz_policy_cache_get(struct nz_policy_cache *cache, struct nz_str text, enum nz_policy_kind kind,
                                            const struct nz_policy **out, struct nz_diag *diag);

#endif
