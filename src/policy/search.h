/* Is there a request that gets through? A request of which some context keys are known and the others are anybody's is
 * completed, key by key, until it is allowed; or it is shown that no completion is.
 *
 *     known: aws:SourceIp 198.51.100.1, aws:ViaAWSService false     free: aws:RequestTag/team, aws:RequestedRegion
 *     ─▶ FOUND, with aws:RequestTag/team = "web", aws:RequestedRegion absent
 *
 * The deciding is nz_policy_decide's. Its three-valued answer cuts the tree: "denied" holds for every completion, "allowed"
 * too, and "allowed if" names the keys that are worth a branch. The values of a branch are those that the policies tell apart
 * (policy/candidates.h). Conditions of one statement are thus looked at together.
 * Keys of the time (aws:CurrentTime, aws:EpochTime) change together. A key below one of absent_prefixes that the context does
 * not have is absent.
 * Threads: one searcher a thread; the policies are shared. */
#ifndef NZ_POLICY_SEARCH_H
#define NZ_POLICY_SEARCH_H

#include "core/arena.h"
#include "policy/decide.h"

#define NZ_SEARCH_DECISIONS_MAX 20000u /* of one search */
#define NZ_SEARCH_KEYS_MAX 48u         /* known ones and branches together, behind those that the caller gives */

/* What one key can be in a request: it has one of these values and no other. */
struct nz_key_choice {
    struct nz_str key;           /* as the answer shall write it */
    const struct nz_str *values; /* NULL: whatever the policies tell apart */
    uint32_t count;
    bool may_be_absent;
    bool complete; /* false: there may be values that none of these stands for */
};
struct nz_key_choices {
    const struct nz_key_choice *list; /* borrowed for the search */
    uint32_t count;
};

enum nz_search_result {
    NZ_SEARCH_NONE,      /* no completion is allowed */
    NZ_SEARCH_FOUND,     /* context completes the request */
    NZ_SEARCH_UNDECIDED, /* none was found, but a bound was reached */
};

struct nz_policy_found {
    enum nz_search_result result;
    /* FOUND: the whole context, without keys that are absent; allowed with all other keys absent. Lives until the next search. */
    const struct nz_policy_key *context;
    uint32_t context_count;
    /* NONE, when every completion is denied for the same statements: they. Else none. Lives as context does. */
    const struct nz_policy_reason *denied_by;
    size_t denied_by_count;
};

struct nz_policy_searcher;
NZ_MUST_USE enum nz_err nz_policy_searcher_new(struct nz_policy_searcher **out);
void nz_policy_searcher_free(struct nz_policy_searcher *searcher); /* NULL is fine */

/* The policies of the searches that follow, borrowed; and the lower-case beginnings of keys that are absent unless a request
 * gives them (ends with {0}; NULL: none). */
void nz_policy_searcher_set(struct nz_policy_searcher *searcher, const struct nz_policy_set *set,
                            const struct nz_str *absent_prefixes);

/* request.rest_unknown is taken as true; keys of choices are free but for these. Errors as nz_policy_decide. */
NZ_MUST_USE enum nz_err nz_policy_search(struct nz_policy_searcher *searcher, const struct nz_policy_request *request,
                                         struct nz_key_choices choices, struct nz_policy_found *found,
                                         struct nz_diag *diag);

/* Decisions taken so far, for whoever measures. */
uint64_t nz_policy_searcher_decisions(const struct nz_policy_searcher *searcher);

#endif
