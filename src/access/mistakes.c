#include "access/mistakes.h"

#define BIT(name) ((uint64_t)1 << NZ_MISTAKE_##name)

struct gather {
    const struct nz_access_sets *sets;
    const struct nz_proof *proof;
    const struct nz_access_restrictions *restrictions;
    const struct nz_access_set *set;
    enum nz_mistake_question question;
    const struct nz_access_principal *who;
    struct nz_buf found; /* struct nz_access_mistake */
};

static enum nz_mistake_question question_of(enum nz_prove_kind kind)
{
    return kind == NZ_PROVE_MFA ? NZ_MISTAKE_OF_MFA : NZ_MISTAKE_OF_SOURCE_IP;
}

static void add(struct gather *g, enum nz_mistake mistake, const struct nz_access_grant *grant,
                const struct nz_access_group *group, uint32_t statement)
{
    struct nz_access_mistake one = {.mistake = mistake, .grant = grant, .group = group, .statement = statement};
    nz_buf_append(&g->found, nz_str_of((const char *)&one, sizeof one));
}

static enum nz_err finish(struct gather *g, struct nz_arena *keep, struct nz_access_mistakes *out)
{
    struct nz_str kept = nz_arena_str(keep, nz_buf_view(&g->found));
    bool failed = g->found.failed || !kept.p;
    out->list = (const void *)kept.p;
    out->count = (uint32_t)(g->found.n / sizeof(struct nz_access_mistake));
    nz_buf_release(&g->found);
    return failed ? NZ_E_NOMEM : NZ_OK;
}

/* --- policies --- */

static bool policy_restricts(const struct nz_policy *policy, enum nz_mistake_question question)
{
    for (uint32_t i = 0; policy && i < nz_policy_statements(policy); i++) {
        if (nz_policy_restricts(policy, i, question))
            return true;
    }
    return false;
}

static bool set_restricts(const struct nz_access_set *set, enum nz_mistake_question question)
{
    bool restricts = false;
    for (uint32_t i = 0; i < set->identity.count && !restricts; i++)
        restricts = policy_restricts(set->identity.policies[i], question);
    for (uint32_t i = 0; i < set->boundary.count && !restricts; i++)
        restricts = policy_restricts(set->boundary.policies[i], question);
    return restricts;
}

enum nz_err nz_access_restrictions_find(const struct nz_access_sets *sets, enum nz_prove_kind kind,
                                        struct nz_arena *keep, struct nz_access_restrictions *out)
{
    bool *of_set = NZ_ARENA_ARRAY(keep, bool, sets->count + (size_t)1);
    *out = (struct nz_access_restrictions){.kind = kind, .of_set = of_set};
    if (!of_set)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < sets->account->principals_count; i++) {
        const struct nz_access_set *set = sets->of[i];
        if (!of_set[set->id])
            of_set[set->id] = set_restricts(set, question_of(kind));
        out->some_user |= of_set[set->id] && sets->account->principals[i].kind == NZ_ACCESS_USER;
    }
    return NZ_OK;
}

/* Another deny of the user's with other networks, looked for behind this one. */
static bool has_other_list(const struct gather *g, const struct nz_policy *policy, uint32_t statement)
{
    const struct nz_policy_list *list = &g->set->identity;
    for (uint32_t p = 0; p < list->count; p++) {
        for (uint32_t i = 0; i < nz_policy_statements(list->policies[p]); i++) {
            bool self = list->policies[p] == policy && i == statement;
            if (!self && nz_policy_restricts(list->policies[p], i, g->question) &&
                !nz_policy_same_networks(policy, statement, list->policies[p], i))
                return true;
        }
    }
    return false;
}

static void statement_look(struct gather *g, const struct nz_access_grant *grant, const struct nz_access_group *group,
                           uint32_t statement)
{
    const struct nz_policy *policy = grant->document->policy;
    uint64_t found = nz_policy_mistakes(policy, statement, g->question);
    if (g->restrictions->of_set[g->set->id]) /* an Allow with a condition harms nobody where a deny stands behind it */
        found &= ~(BIT(ALLOW_ONLY) | BIT(ALLOW_BOOL));
    if (g->question == NZ_MISTAKE_OF_SOURCE_IP && nz_policy_restricts(policy, statement, g->question) &&
        has_other_list(g, policy, statement))
        found |= BIT(SEPARATE_LISTS);
    bool too_wide = found & BIT(WHOLE_INTERNET); /* said already */
    if (g->question == NZ_MISTAKE_OF_SOURCE_IP && !too_wide &&
        nz_policy_lists_any(policy, statement, g->restrictions->aws_networks))
        found |= BIT(AWS_NETWORK);
    for (unsigned m = 0; m < NZ_MISTAKES; m++) {
        if (found >> m & 1)
            add(g, (enum nz_mistake)m, grant, group, statement);
    }
}

static void policies_look(struct gather *g)
{
    struct nz_access_grants it = {0};
    while (nz_access_grants_next(g->who, &it)) {
        const struct nz_policy *policy = it.grant->document->policy;
        for (uint32_t i = 0; policy && i < nz_policy_statements(policy); i++)
            statement_look(g, it.grant, it.group, i);
    }
    const struct nz_policy *boundary = g->who->has_boundary ? g->who->boundary.document->policy : NULL;
    if (boundary && g->question == NZ_MISTAKE_OF_SOURCE_IP && policy_restricts(boundary, g->question) &&
        !nz_policy_allows_something(boundary))
        add(g, NZ_MISTAKE_BOUNDARY_WITHOUT_ALLOW, &g->who->boundary, NULL, UINT32_MAX);
}

/* --- beside others --- */

static void proof_look(struct gather *g)
{
    bool restricted = g->restrictions->of_set[g->set->id];
    if (g->question != NZ_MISTAKE_OF_SOURCE_IP)
        return;
    if (g->proof->status != NZ_PROOF_PASS && !restricted && g->restrictions->some_user)
        add(g, NZ_MISTAKE_NOT_ON_ALL_USERS, NULL, NULL, UINT32_MAX);
    if (g->proof->chain_count)
        add(g, NZ_MISTAKE_ROLE_ESCAPE, NULL, NULL, UINT32_MAX);
    if (g->proof->status == NZ_PROOF_PASS && restricted)
        add(g, NZ_MISTAKE_SIGN_IN_PAGE, NULL, NULL, UINT32_MAX);
}

enum nz_err nz_access_mistakes_of_user(const struct nz_access_sets *sets, const struct nz_proofs *proofs,
                                       const struct nz_access_restrictions *restrictions, uint32_t user,
                                       struct nz_arena *keep, struct nz_access_mistakes *out)
{
    struct gather g = {.sets = sets,
                       .proof = proofs->of[user],
                       .restrictions = restrictions,
                       .set = sets->of[user],
                       .question = question_of(restrictions->kind),
                       .who = &sets->account->principals[user]};
    nz_buf_init(&g.found, 0);
    policies_look(&g);
    proof_look(&g);
    return finish(&g, keep, out);
}

/* --- the account --- */

static bool has_members(const struct nz_account *a, const struct nz_access_group *group)
{
    for (uint32_t i = 0; i < a->principals_count; i++) {
        for (uint32_t k = 0; k < a->principals[i].groups_count; k++) {
            if (a->principals[i].groups[k].group == group)
                return true;
        }
    }
    return false;
}

static void group_look(struct gather *g, const struct nz_access_group *group)
{
    bool empty = false, looked = false;
    for (uint32_t i = 0; i < group->grants_count; i++) {
        const struct nz_policy *policy = group->grants[i].document->policy;
        if (!policy || !policy_restricts(policy, g->question))
            continue;
        if (!looked)
            empty = !has_members(g->sets->account, group);
        looked = true;
        if (empty)
            add(g, NZ_MISTAKE_GROUP_WITHOUT_MEMBERS, &group->grants[i], group, UINT32_MAX);
    }
}

static void role_look(struct gather *g, const struct nz_access_principal *role)
{
    for (uint32_t i = 0; i < role->grants_count; i++) {
        const struct nz_policy *policy = role->grants[i].document->policy;
        for (uint32_t k = 0; policy && k < nz_policy_statements(policy); k++) {
            if (nz_policy_restricts(policy, k, g->question))
                add(g, NZ_MISTAKE_MFA_ON_ROLE, &role->grants[i], NULL, k);
        }
    }
}

enum nz_err nz_access_mistakes_of_account(const struct nz_access_sets *sets, enum nz_prove_kind kind,
                                          struct nz_arena *keep, struct nz_access_mistakes *out)
{
    const struct nz_account *a = sets->account;
    struct gather g = {.sets = sets, .question = question_of(kind)};
    nz_buf_init(&g.found, 0);
    for (uint32_t i = 0; i < a->groups_count; i++)
        group_look(&g, &a->groups[i]);
    for (uint32_t i = 0; i < a->principals_count && kind == NZ_PROVE_MFA; i++) {
        if (a->principals[i].kind == NZ_ACCESS_ROLE)
            role_look(&g, &a->principals[i]);
    }
    return finish(&g, keep, out);
}
