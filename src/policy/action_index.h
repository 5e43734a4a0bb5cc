/* What the index of actions holds. Private to policy. */
#ifndef NZ_POLICY_ACTION_INDEX_H
#define NZ_POLICY_ACTION_INDEX_H

#include "policy/actions.h"
#include "policy/model.h"

/* Of one service: bit i is its i-th action. */
struct nz_service_actions {
    uint32_t service;
    uint64_t *bits;
};

struct nz_statement_actions {
    bool others; /* about all actions of the services that are not listed, or about none */
    const struct nz_service_actions *services;
    const struct nz_str *unlisted; /* names for patterns that no action of the catalogue fits */
    uint32_t services_count, unlisted_count;
};

struct nz_action_slot {
    const struct nz_policy *policy;
    const struct nz_statement_actions *statements; /* one each */
};

struct nz_action_index {
    const struct nz_catalogue *catalogue;
    struct nz_arena arena;
    struct nz_action_slot *slots;
    size_t room, count; /* room: a power of two, at most half of it used */
};

/* NULL: the policy is not in the index. */
const struct nz_statement_actions *nz_action_index_of(const struct nz_action_index *index,
                                                      const struct nz_policy *policy);

#endif
