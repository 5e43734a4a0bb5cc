/* Which context keys the policies of a set ask for, and the addresses that they tell apart. */
#ifndef NZ_POLICY_MENTIONS_H
#define NZ_POLICY_MENTIONS_H

#include "core/arena.h"
#include "policy/decide.h"
#include "policy/networks.h"

/* Does a condition ask for one of the keys (lower case), or is one a variable? */
bool nz_policy_set_mentions(const struct nz_policy_set *set, const struct nz_str *keys, size_t count);

/* The same of any key that begins so: "aws:principaltag/". */
bool nz_policy_set_mentions_prefix(const struct nz_policy_set *set, struct nz_str prefix);

/* Is some Allow of the policy about the action? */
bool nz_policy_allows_action(struct nz_policy_scratch *scratch, const struct nz_policy *policy, struct nz_str action);

/* Is the statement about every resource? */
bool nz_policy_statement_any_resource(const struct nz_policy *policy, uint32_t statement);

struct nz_policy_values {
    const struct nz_str *list;
    uint32_t count;
    bool complete; /* false: there may be values that none of these stands for */
};
/* Regions that the set's resources and conditions on aws:RequestedRegion tell apart together. They live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_policy_set_regions(const struct nz_policy_set *set, struct nz_arena *keep,
                                              struct nz_policy_values *out);

struct nz_addresses {
    const struct nz_str *list;
    uint32_t count;
    bool complete; /* false: a bound was reached */
};
/* Values of aws:SourceIp that the set's policies tell apart, of that kind, in (inside) or not in allowed; at least one unless
 * there is no such address. Usual-looking ones come first. They live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_policy_set_addresses(struct nz_policy_scratch *scratch, const struct nz_policy_set *set,
                                                enum nz_network_kind kind, struct nz_network_list allowed, bool inside,
                                                struct nz_arena *keep, struct nz_addresses *out);

#endif
