/* Does source-IP restriction, or MFA, really hold for the users of an account? A proof, or a request that gets through.
 *
 *     user ─▶ actions its policies grant, in classes ─▶ × resources that policies tell apart ─▶ × worlds from outside
 *          ─▶ is there a request that is allowed?   no: PASS with the denies that dominate   yes: FAIL with that request
 *
 * A cell is an action from one place: it is open when some request about some resource, with some values of all other context
 * keys, is allowed. PASS: no cell is open. FAIL: every cell is. PARTIAL: some are. UNKNOWN: a policy could not be read
 * that may decide, or a bound was reached.
 * Outside means: source-ip, a public address that is in none of the allowed networks, or a foreign VPC's endpoint; MFA, long-term
 * keys and sessions without MFA, from anywhere. What AWS services do with the caller's credentials is reported, not judged.
 * After that, of source-ip, the roles that the user can assume from inside: where their sessions get through from outside, a
 * user who is closed is PARTIAL, with the chain.
 * Taken for granted (a caller that shows proofs must say so): policies that the account's text does not hold (of resources,
 * SCPs, RCPs, endpoints) neither allow nor deny, key policies and trust policies of other accounts let the account in.
 * "The root user is outside all of this".
 * Users with the same policies, and the same context where policies ask for it, are proved once.
 * Source: docs/prove.md. Cost: see docs/perf.md. Threads: started within, as many as the question says. */
#ifndef NZ_ACCESS_PROVE_H
#define NZ_ACCESS_PROVE_H

#include "access/sets.h"
#include "access/worlds.h"
#include "policy/catalogue.h"

enum nz_prove_kind { NZ_PROVE_SOURCE_IP, NZ_PROVE_MFA };

struct nz_prove_question {
    enum nz_prove_kind kind;
    struct nz_network_list allowed; /* source-ip */
    const struct nz_str *exempt;    /* action patterns beside those exempt anyway; may be NULL */
    uint32_t exempt_count;
    bool users_may_change_password; /* the account's password policy grants it */
    const bool *of;                 /* one a principal: which users; NULL: all */
    unsigned jobs;                  /* threads; 0 is 1 */
    bool (*stop)(void *self);       /* asked now and then; may be NULL */
    void *self;
};

enum nz_proof_status { NZ_PROOF_PASS, NZ_PROOF_PARTIAL, NZ_PROOF_FAIL, NZ_PROOF_UNKNOWN };
const char *nz_proof_status_name(enum nz_proof_status status); /* "partial" */

/* A request that gets through, as the ordinary evaluator confirms. */
struct nz_witness {
    struct nz_str principal, action, resource;
    const struct nz_policy_key *context; /* what is not here is absent */
    uint32_t context_count;
    enum nz_world_network network;
    bool by_account; /* the resource's policy is taken to let the account in (keys, roles of other accounts) */
    uint32_t trust;  /* the role whose trust policy is the resource's, or NZ_PROOF_NO_ROLE */
};
#define NZ_PROOF_NO_ROLE UINT32_MAX
#define NZ_PROOF_EXAMPLES 3u
#define NZ_PROOF_CHAIN_MAX 16u

struct nz_proof_network {
    bool asked;        /* it was looked at, and some action is granted */
    bool open, closed; /* some cell is */
};

struct nz_proof {
    enum nz_proof_status status;
    uint32_t actions; /* that the user can do at all, without the exempt: from inside (with MFA), or from some place */
    uint32_t actions_open;                     /* of them, from some place outside (without MFA) */
    struct nz_str examples[NZ_PROOF_EXAMPLES]; /* of these, "s3:GetObject" */
    uint32_t examples_count;
    struct nz_proof_network networks[NZ_WORLD_NETWORKS];
    bool service_asked, service_open; /* what AWS services do with the caller's credentials gets through */
    /* Denies that close cells, layers IDENTITY and BOUNDARY, counted in set's lists; sorted, each once. */
    const struct nz_policy_reason *denies;
    uint32_t denies_count;
    uint32_t closed_by_deny, closed_by_lack; /* closed cells: by an explicit deny, or since nothing allows */
    const struct nz_witness *witness;        /* NULL: none */
    /* A role's session that gets through: the roles assumed one after another, and its request. */
    uint32_t chain[NZ_PROOF_CHAIN_MAX];
    uint32_t chain_count;
    const struct nz_witness *escape;
    const struct nz_witness *federation;     /* a session of sts:GetFederationToken that gets through */
    const struct nz_access_document *unread; /* UNKNOWN: the policy that could not be read; NULL: a bound was reached */
    const struct nz_access_set *set;
};

struct nz_proofs {
    const struct nz_proof *const *of; /* one a principal; NULL for roles and users not asked about */
    uint32_t proved;                  /* different ones */
    uint64_t decisions;
    uint32_t counts[4]; /* users by status */

    /* the prover's own */
    struct nz_arena arena;
    struct nz_arena *arenas;
    unsigned arenas_count;
};

/* NZ_E_NOMEM, NZ_E_THREAD, NZ_E_STOPPED, and as nz_policy_decide. */
NZ_MUST_USE enum nz_err nz_access_prove(const struct nz_access_sets *sets, const struct nz_catalogue *catalogue,
                                        const struct nz_prove_question *question, struct nz_proofs **out,
                                        struct nz_diag *diag);
void nz_proofs_free(struct nz_proofs *proofs); /* NULL is fine */

/* The seven actions with which a user enrols, exempt of MFA, and sts:GetCallerIdentity, which nothing denies. Ends with {0}. */
const struct nz_str *nz_prove_exempt(enum nz_prove_kind kind);

#endif
