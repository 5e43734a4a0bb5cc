/* Is a request allowed? The decision as AWS takes it, with its reason.
 *
 *     deny anywhere ─▶ explicitly denied
 *     SCP (every level) ∧ ( resource policy ∨ identity ∧ boundary ∧ session ) ∧ endpoint ─▶ allowed      same account
 *     SCP (every level) ∧ resource policy ∧ identity ∧ boundary ∧ session ∧ endpoint ─▶ allowed         across accounts
 *
 * How far a resource policy reaches by itself depends on whom it names (policy/grant.h). Nothing is derived: a context key
 * is there when the caller gives it, the time among them.
 * Source: IAM User Guide, "Policy evaluation logic" and "Policy evaluation for requests within a single account".
 * Threads: policies are shared; each thread has its own scratch. A decision allocates only when a buffer of the scratch must grow,
 * reads no clock and does no I/O. */
#ifndef NZ_POLICY_DECIDE_H
#define NZ_POLICY_DECIDE_H

#include "core/buf.h"
#include "policy/policy.h"

struct nz_policy_key {
    struct nz_str name;          /* in any case */
    const struct nz_str *values; /* none: as if the key were absent */
    uint32_t count;
    bool unknown; /* what it holds, and whether it is there, is not known: values are not looked at */
};

struct nz_policy_request {
    struct nz_str
        principal; /* ARN of a user, role, assumed-role/R/S, federated-user/N or root; a service; "*": anonymous */
    struct nz_str action;           /* "s3:GetObject", in any case */
    struct nz_str resource;         /* ARN or "*", compared literally */
    struct nz_str resource_account; /* empty: that of the ARN, else the principal's */
    const struct nz_policy_key *context;
    uint32_t context_count;
    bool rest_unknown; /* keys that the context does not have are unknown, not absent */
};

/* The bounds of a request; past them nz_policy_decide refuses it. */
#define NZ_REQUEST_TEXT_BYTES_MAX (256u << 10) /* one text of a request */
#define NZ_REQUEST_ACTION_BYTES_MAX 256u
/* root, five levels of organizational units, account, and room; past it nz_policy_decide refuses the set */
#define NZ_POLICY_LEVELS_MAX 16u

/* Policies of one kind. present false: this kind does not apply. present with no policy: it allows nothing. */
struct nz_policy_list {
    const struct nz_policy *const *policies;
    uint32_t count;
    bool present;
};

/* levels: root, each organizational unit on the path, account. No level: the kind does not apply. */
struct nz_policy_levels {
    const struct nz_policy_list *levels;
    uint32_t count;
};

struct nz_policy_set {
    struct nz_policy_levels scp, rcp;
    struct nz_policy_list resource, identity, boundary, session, endpoint;
};

enum nz_decision {
    NZ_DECISION_ALLOWED,
    NZ_DECISION_EXPLICITLY_DENIED,
    NZ_DECISION_IMPLICITLY_DENIED,
    NZ_DECISION_ALLOWED_IF, /* depends on the free keys */
};
const char *nz_decision_name(enum nz_decision decision); /* "explicitly-denied" */

/* In the order in which an answer lists them. */
enum nz_layer {
    NZ_LAYER_SCP,
    NZ_LAYER_RCP,
    NZ_LAYER_RESOURCE,
    NZ_LAYER_IDENTITY,
    NZ_LAYER_BOUNDARY,
    NZ_LAYER_SESSION,
    NZ_LAYER_ENDPOINT,
    NZ_LAYER_SERVICE, /* what the service refuses by itself */
    NZ_LAYER_COUNT,
};
const char *nz_layer_name(enum nz_layer layer);

/* A statement: list and level as the caller gave them. */
struct nz_policy_reason {
    enum nz_layer layer;
    uint32_t level; /* of scp and rcp; else 0 */
    uint32_t policy, statement;
    bool denies; /* its Effect is Deny */
};

/* Lives in the scratch until its next use. */
struct nz_policy_answer {
    enum nz_decision decision;
    /* all denying statements, else the first allow of each layer needed, else none */
    const struct nz_policy_reason *decided_by;
    size_t decided_by_count;
    uint32_t blocked_by; /* bit 1 << layer: an allow was needed there and there was none */
    /* allowed-if only: the statements that apply or not as the free keys will have it, allows of layers that have no sure one
     * and denies */
    const struct nz_policy_reason *may_decide;
    size_t may_decide_count;
    /* allowed-if only: lower-case names of keys on which the answer depends, each once */
    const struct nz_str *free_keys;
    size_t free_keys_count;
};

struct nz_policy_scratch;
NZ_MUST_USE enum nz_err nz_policy_scratch_new(struct nz_policy_scratch **out);
void nz_policy_scratch_free(struct nz_policy_scratch *scratch); /* NULL is fine */

/* NZ_E_REQUEST (diag says what is wrong with the request), NZ_E_POLICY_LIMIT, NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_policy_decide(const struct nz_policy_set *set, const struct nz_policy_request *request,
                                         struct nz_policy_scratch *scratch, struct nz_policy_answer *answer,
                                         struct nz_diag *diag);

#endif
