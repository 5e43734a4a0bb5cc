/* One statement against one request, in three values. Private to policy. */
#ifndef NZ_POLICY_EVALUATE_H
#define NZ_POLICY_EVALUATE_H

#include "policy/decide.h"
#include "policy/model.h"

/* FREE: it depends on a context key that is not known. */
enum nz_tri { NZ_NO, NZ_YES, NZ_FREE };

static inline enum nz_tri nz_tri_of(bool b)
{
    return b ? NZ_YES : NZ_NO;
}
static inline enum nz_tri nz_tri_and(enum nz_tri a, enum nz_tri b)
{
    return a == NZ_NO || b == NZ_NO ? NZ_NO : a == NZ_FREE || b == NZ_FREE ? NZ_FREE : NZ_YES;
}
static inline enum nz_tri nz_tri_or(enum nz_tri a, enum nz_tri b)
{
    return a == NZ_YES || b == NZ_YES ? NZ_YES : a == NZ_FREE || b == NZ_FREE ? NZ_FREE : NZ_NO;
}
static inline enum nz_tri nz_tri_not(enum nz_tri a)
{
    return a == NZ_FREE ? NZ_FREE : nz_tri_of(a == NZ_NO);
}

/* A key on which a statement depends, and what for. */
struct nz_free_key {
    struct nz_str name; /* in the policy, or lower case there too for a variable */
    enum nz_layer layer;
    bool denies;
};

struct nz_reasons {
    struct nz_policy_reason *list;
    size_t count, room;
};

struct nz_policy_scratch {
    const struct nz_policy_request *request;
    struct nz_principal
        caller; /* kind SERVICE, ANYBODY (anonymous), ACCOUNT (root), USER, ROLE, SESSION, FEDERATED_USER */
    bool has_boundary;

    char action_bytes[NZ_REQUEST_ACTION_BYTES_MAX]; /* lower case */
    struct nz_str action, service, name;            /* name .p NULL: the action has no colon */
    uint64_t service_bit;
    struct nz_str fields[6]; /* of the resource */
    bool resource_is_arn;

    enum nz_layer layer; /* being looked at, for free keys */
    struct nz_free_key *free_keys;
    size_t free_count, free_room;
    struct nz_str *free_names;
    size_t free_names_room;
    struct nz_reasons reasons;
    struct nz_reasons depending;                          /* statements that apply or not, as free keys will have it */
    struct nz_policy_reason levels[NZ_POLICY_LEVELS_MAX]; /* the allow of each level of scp */

    struct nz_buf filled;  /* a pattern with its variables filled in */
    struct nz_buf decoded; /* Base64 */
    bool failed;           /* no memory */
};

/* How a context has a key. */
enum nz_context_state { NZ_CONTEXT_ABSENT, NZ_CONTEXT_KNOWN, NZ_CONTEXT_UNKNOWN };
enum nz_context_state nz_context_find(const struct nz_policy_request *request, struct nz_str lower_name,
                                      const struct nz_policy_key **out);
/* Remembers that the answer depends on a key. */
void nz_free_key_add(struct nz_policy_scratch *s, struct nz_str name, bool denies);

/* Everything of a statement but its Principal. */
enum nz_tri nz_statement_applies(struct nz_policy_scratch *s, const struct nz_statement *st);
bool nz_statement_has_action(const struct nz_policy_scratch *s, const struct nz_statement *st);
enum nz_tri nz_conditions_hold(struct nz_policy_scratch *s, const struct nz_statement *st);
/* One value of the request under the operator: OR over the policy's values, NOR when it is negated. */
enum nz_tri nz_condition_test(struct nz_policy_scratch *s, const struct nz_condition *c, bool denies,
                              struct nz_str text);

/* The scratch knows the action (in any case, at most NZ_REQUEST_ACTION_BYTES_MAX), as after a decision about it. */
void nz_scratch_set_action(struct nz_policy_scratch *s, struct nz_str action);

/* Fills a pattern's variables in. YES: *coded, which dies with the next call. NO: a variable has no value and no default,
 * or the text is longer than NZ_PATTERN_BYTES_MAX. */
enum nz_tri nz_pattern_fill(struct nz_policy_scratch *s, const struct nz_pattern *p, bool denies, struct nz_str *coded);
enum nz_tri nz_pattern_match_filled(struct nz_policy_scratch *s, const struct nz_pattern *p, bool denies,
                                    struct nz_str text);
/* fields: of the text, NULL when it has not six. */
enum nz_tri nz_arn_match(struct nz_policy_scratch *s, const struct nz_arn *arn, bool denies, struct nz_str text,
                         const struct nz_str *fields);

#endif
