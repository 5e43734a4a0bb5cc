/* Statements that decided, where they are attached and written: what --why shows. */
#ifndef NZ_CLI_POLICY_PLACE_H
#define NZ_CLI_POLICY_PLACE_H

#include "cli/policy_question.h"

/* A policy that reaches the principal twice is told twice. */
struct nz_policy_place {
    const struct nz_policy_reason *reason;
    bool depends; /* it decides if the free keys will have it, else it decided */
    const struct nz_access_grant *grant;
    const struct nz_access_group *group; /* NULL: its own */
    struct nz_str sid;                   /* .p NULL: none */
    uint32_t line, column;               /* 0: not known */
};
typedef void (*nz_policy_place_fn)(void *self, const struct nz_policy_place *place);

struct nz_str nz_policy_effect(const struct nz_policy_reason *reason); /* "Allow", "Deny", as policies write it */

/* Those that decided; of an answer "allowed if" those that may decide. */
void nz_policy_each_place(const struct nz_account *account, const struct nz_access_principal *principal,
                          const struct nz_access_answer *answer, nz_policy_place_fn visit, void *self);

/* The members `"decided_by":[…],"may_decide":[…]`, after a comma. */
void nz_policy_places_json(const struct nz_account *account, const struct nz_access_principal *principal,
                           const struct nz_access_answer *answer, struct nz_buf *out);

#endif
