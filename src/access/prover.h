/* Proving from within; private to access. prove.c has the users, their groups and threads; prove_subject.c who asks; prove_walk.c what he can do;
 * prove_cell.c one cell; prove_resource.c what follows from its resource; prove_roles.c sts:AssumeRole and what lies behind it;
 * prove_trusts.c whom roles let in. */
#ifndef NZ_ACCESS_PROVER_H
#define NZ_ACCESS_PROVER_H

#include "access/context.h"
#include "access/prove.h"
#include "policy/actions.h"
#include "policy/mentions.h"
#include "policy/search.h"
#include "policy/targets.h"

/* Whom trust policies let in, by the one who asks: an account has thousands of roles, and each user may have a few.
 *
 *     open      roles that anybody may ask for, or whose trust policy could not be read
 *     account   those that leave it to the account, for who has an allow of his own
 *     named     those that name the principal, or a session of the role that it is */
struct nz_role_lists {
    const uint32_t *open, *account, *named;
    const uint32_t *named_first; /* one a principal, and one behind the last: places in named */
    uint32_t open_count, account_count;
};
/* The lists live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_role_lists_make(const struct nz_account *account, struct nz_arena *keep,
                                           struct nz_role_lists *out);

/* Walks the roles that may let the principal in, each once, itself apart: from principal and granted (an Allow of its policies
 * is about sts:AssumeRole), the rest zeroed. Never without one that does. */
struct nz_role_walk {
    uint32_t principal, role;
    bool granted;
    unsigned list; /* the walk's own */
    uint32_t at;
};
bool nz_role_walk_next(const struct nz_role_lists *lists, struct nz_role_walk *walk);

/* What all threads share; read-only once made. */
struct nz_prove_shared {
    const struct nz_access_sets *sets;
    const struct nz_account *account;
    const struct nz_catalogue *catalogue;
    const struct nz_prove_question *question;
    struct nz_action_index *index;
    struct nz_action_bits except, except_federated;
    struct nz_policy *lets_account_in; /* a resource's policy that leaves it to the account */
    struct nz_policy *lets_anybody_in; /* in place of a trust policy that could not be read */
    struct nz_policy *allows_all;      /* in place of one that could not be read */
    struct nz_policy *own_password;    /* what the account's password policy grants */
    struct nz_policy_list trusts;      /* trust policies that ask where the caller is, or for his MFA */
    struct nz_role_lists roles;
    const uint8_t *placing_kinds, *target_kinds; /* one an action of the catalogue */
    uint32_t assume_role;                        /* of the catalogue, as the next two */
    uint32_t federation_token, list_buckets;
    struct nz_arena arena;
};

enum nz_role_state { NZ_ROLE_NOT_ASKED, NZ_ROLE_CLOSED, NZ_ROLE_OPEN, NZ_ROLE_UNKNOWN };

/* One thread's. */
struct nz_prover {
    const struct nz_prove_shared *shared;
    struct nz_policy_searcher *searcher;
    struct nz_policy_scratch *scratch;
    struct nz_target_finder *targets, *foreign; /* of this account, of others */
    struct nz_arena *keep;                      /* proofs */
    struct nz_arena work;                       /* of one subject */
    uint8_t *roles; /* one a principal: enum nz_role_state, whether its sessions get through from outside */
    const struct nz_witness **role_witnesses;
    struct nz_buf context;  /* struct nz_policy_key: of the request that is asked */
    struct nz_buf placings; /* struct nz_placing */
    struct nz_buf choices;  /* struct nz_key_choice: of the request */
    struct nz_diag *diag;
};

/* Who asks, with what. */
struct nz_subject {
    uint32_t principal;
    bool is_user;      /* or federated; else a role's session */
    bool federated;    /* a session that the user made with sts:GetFederationToken */
    struct nz_str arn; /* a role's session has one of its own */
    const struct nz_access_set *set;
    struct nz_access_context context;
    bool tags_known;               /* those that the context does not have are absent */
    struct nz_key_choices choices; /* what the caller chooses: a session's name */
    struct nz_policy_set policies; /* resource: lets_account_in */
    bool everything;               /* a policy could not be read: as if it allowed all */
    /* the policies ask for aws:ResourceAccount, for aws:RequestedRegion: regions are those that they tell apart */
    bool asks_for_account, asks_for_region;
    struct nz_policy_values regions;
};

/* For nz_policy_searcher_set. */
const struct nz_str *nz_subject_absent_prefixes(const struct nz_subject *subject);

/* Worlds for the subject: those of its own policies, or (trusts) for sts:AssumeRole, where what the trust policies ask for counts
 * too. They live in p->work. NZ_E_NOMEM. */
enum nz_side {
    NZ_SIDE_OUTSIDE,
    NZ_SIDE_INSIDE,
    NZ_SIDE_SERVICE,
    NZ_SIDE_TOKEN_OUTSIDE, /* with long-term keys alone, as sts:GetFederationToken is called */
    NZ_SIDE_TOKEN_INSIDE,
};
NZ_MUST_USE enum nz_err nz_subject_worlds(struct nz_prover *p, const struct nz_subject *subject, enum nz_side side,
                                          bool trusts, struct nz_worlds *out);

/* Do the policies ask for what is the caller's own: his name, id, ARN or tags? */
bool nz_prove_asks_for_principal(const struct nz_policy_set *set);

/* Everything but worlds; lives in p->work. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_subject_make(struct nz_prover *p, uint32_t principal, struct nz_subject *out);
/* The same of a session of sts:GetFederationToken that the user makes: under the user's policies, with a name and tags of his
 * choice. */
NZ_MUST_USE enum nz_err nz_subject_federate(struct nz_prover *p, const struct nz_subject *user, struct nz_subject *out);

/* Fills the proof from the subject's own cells. stop_at_open: an open cell is all that is asked. */
NZ_MUST_USE enum nz_err nz_subject_prove(struct nz_prover *p, const struct nz_subject *subject, bool stop_at_open,
                                         struct nz_proof *proof);

/* Does anything get through in these worlds? The searcher is left at the subject's policies. */
NZ_MUST_USE enum nz_err nz_subject_reach(struct nz_prover *p, const struct nz_subject *subject,
                                         const struct nz_worlds *worlds, bool *open);

/* Is there a completion of the request, under some world of the place, that is allowed? The searcher has been set to the
 * policies. OPEN: *witness (p->keep) when it is not NULL. */
enum nz_cell_state { NZ_CELL_CLOSED, NZ_CELL_OPEN, NZ_CELL_UNDECIDED };
struct nz_cell_question {
    const struct nz_subject *subject;
    const struct nz_policy_set *policies;
    struct nz_str action, resource;
    const struct nz_world_place *place;
    bool placed;                      /* what follows from the resource matters */
    unsigned placing;                 /* the action's kind of placing */
    const struct nz_policy_key *tags; /* of the resource, where they are known */
    uint32_t tags_count;
    uint32_t trust;         /* whose policy policies->resource is, or NZ_PROOF_NO_ROLE */
    struct nz_proof *proof; /* takes the denies that close it; may be NULL */
    bool *whole;            /* set: closed by denies about every resource; may be NULL */
};
NZ_MUST_USE enum nz_err nz_cell_ask(struct nz_prover *p, const struct nz_cell_question *q, enum nz_cell_state *state,
                                    const struct nz_witness **witness);

/* One way to make the request of a cell: its resource, and what follows from it. */
struct nz_placing {
    struct nz_str resource;
    struct nz_str region, account; /* aws:RequestedRegion, aws:ResourceAccount; empty: not known */
};
struct nz_placings {
    const struct nz_placing *list;
    uint32_t count;
    bool complete; /* false: there are regions that none of these stands for */
};
/* At least one; they live until the next call. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_placings_make(struct nz_prover *p, const struct nz_cell_question *q,
                                         struct nz_placings *out);
/* What an action says of where its requests are made, as bits: */
enum {
    NZ_PLACING_GLOBAL = 1,     /* always us-east-1 */
    NZ_PLACING_ELSEWHERE = 2,  /* not only in the region of its resource */
    NZ_PLACING_NO_ACCOUNT = 4, /* AWS does not tell the resource's account */
};
unsigned nz_placing_of(struct nz_str service, struct nz_str name); /* lower case: "s3", "getobject" */
/* The same of each action of the catalogue. They live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_placing_kinds_make(const struct nz_catalogue *catalogue, struct nz_arena *keep,
                                              const uint8_t **out);
/* Fills what the subject's policies ask for in this. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_subject_places_note(struct nz_prover *p, struct nz_subject *subject);

/* A statement that closes cells, once. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_proof_deny_add(struct nz_prover *p, struct nz_proof *proof,
                                          const struct nz_policy_reason *reason);

/* May the subject assume a role from this place? granted: its policies have an Allow about sts:AssumeRole; else only roles that
 * name it count. NZ_CELL_OPEN with the first. *any: there is such a role, whether from this place or not. */
NZ_MUST_USE enum nz_err nz_roles_ask(struct nz_prover *p, const struct nz_subject *subject,
                                     const struct nz_world_place *place, bool granted, struct nz_proof *proof,
                                     enum nz_cell_state *state, const struct nz_witness **witness, bool *any);

/* Roles that the subject can assume from inside, and whose sessions get through from outside: chain and escape of the proof.
 * The searcher is left at other policies. */
NZ_MUST_USE enum nz_err nz_roles_escape(struct nz_prover *p, const struct nz_subject *subject, struct nz_proof *proof);

#endif
