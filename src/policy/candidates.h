/* The values of a context key that the policies of a set tell apart. Private to policy.
 *
 *     StringLike {"aws:RequestTag/team": ["web-*"]}     absent, "web-", "x"
 *     NumericLessThan {"aws:MultiFactorAuthAge": 3600}  absent, 3600, 3601, 3599
 *
 * An atom of a condition compares the key with constants alone, so one value from each stretch between constants decides
 * it for all: what no candidate makes true, no value does. */
#ifndef NZ_POLICY_CANDIDATES_H
#define NZ_POLICY_CANDIDATES_H

#include "policy/evaluate.h"

#define NZ_CANDIDATES_MAX 256u

struct nz_candidate {
    const struct nz_str *values;
    uint32_t count; /* 0: the key is absent */
};

struct nz_candidates {
    const struct nz_candidate *list;
    uint32_t count;
    bool complete; /* false: there may be values that none of these stands for */
    bool fixed;    /* no variable was filled in: they are the same for every request */
};

/* Candidates of the key (lower case) for a request that s has just decided: variables are filled in from its context.
 * They live in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_candidates_find(struct nz_policy_scratch *s, const struct nz_policy_set *set,
                                           struct nz_str key, struct nz_arena *keep, struct nz_candidates *out);

/* The conditions of a set that ask for one key. */
#define NZ_ATOMS_MAX 256u
struct nz_atoms {
    const struct nz_condition *list[NZ_ATOMS_MAX];
    uint32_t count;
    bool quantified;      /* some has ForAllValues or ForAnyValue */
    unsigned one_of_many; /* those that one value among several can satisfy */
    bool complete;        /* false: there are more */
};
void nz_atoms_find(const struct nz_policy_set *set, struct nz_str key, struct nz_atoms *out);
/* What they say of a value, as one number: values with the same are as good as each other. 0: it depends on a variable. */
uint64_t nz_atoms_verdict(struct nz_policy_scratch *s, const struct nz_atoms *atoms, struct nz_str value);

/* Is the key (lower case) some variable's? */
bool nz_arn_has_variable(const struct nz_arn *arn, struct nz_str key);
bool nz_condition_has_variable(const struct nz_condition *c, struct nz_str key);
bool nz_policy_set_has_variable(const struct nz_policy_set *set, struct nz_str key);

/* Does a condition of the statement ask for one of the keys (lower case), or is one a variable in it? */
bool nz_statement_mentions(const struct nz_statement *st, const struct nz_str *keys, size_t count);

/* Calls visit for each statement of the set, of every layer, until it returns false. */
typedef bool (*nz_statement_fn)(void *self, const struct nz_statement *st);
void nz_policy_set_each(const struct nz_policy_set *set, nz_statement_fn visit, void *self);

#endif
