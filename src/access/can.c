#include "access/can.h"

#include "access/context.h"

#include <stdlib.h>

#define ABSENT_ROUNDS_MAX 64 /* a free key that turns out absent may lay open another */

struct nz_access_asker {
    const struct nz_access_sets *sets;
    struct nz_policy_scratch *scratch;
    struct nz_access_context *contexts; /* one a principal, made when it first asks */
    struct nz_arena arena;
    struct nz_arena names; /* keys found absent, of one question */
    struct nz_buf merged;  /* the context of one question */
};

const char *nz_access_verdict_name(enum nz_access_verdict verdict)
{
    switch (verdict) {
    case NZ_ACCESS_DENIED:
        return "denied";
    case NZ_ACCESS_UNKNOWN:
        return "unknown";
    case NZ_ACCESS_ALLOWED_IF:
        return "allowed-if";
    case NZ_ACCESS_ALLOWED:
        return "allowed";
    }
    return "unknown";
}

enum nz_err nz_access_asker_new(const struct nz_access_sets *sets, struct nz_access_asker **out)
{
    struct nz_access_asker *asker = calloc(1, sizeof *asker);
    *out = NULL;
    if (!asker)
        return NZ_E_NOMEM;
    asker->sets = sets;
    nz_arena_init(&asker->arena, 0);
    nz_arena_init(&asker->names, 0);
    nz_buf_init(&asker->merged, 0);
    size_t count = sets->account->principals_count + (size_t)1;
    asker->contexts = NZ_ARENA_ARRAY(&asker->arena, struct nz_access_context, count);
    enum nz_err err = asker->contexts ? NZ_OK : NZ_E_NOMEM;
    if (err == NZ_OK)
        err = nz_policy_scratch_new(&asker->scratch);
    if (err == NZ_OK)
        *out = asker;
    else
        nz_access_asker_free(asker);
    return err;
}

void nz_access_asker_free(struct nz_access_asker *asker)
{
    if (!asker)
        return;
    nz_policy_scratch_free(asker->scratch);
    nz_buf_release(&asker->merged);
    nz_arena_release(&asker->names);
    nz_arena_release(&asker->arena);
    free(asker);
}

/* --- the context --- */

static bool is_given(const struct nz_access_question *question, struct nz_str name)
{
    for (uint32_t i = 0; i < question->context_count; i++) {
        if (nz_str_eq_nocase(question->context[i].name, name))
            return true;
    }
    return false;
}

static bool context_merge(struct nz_access_asker *asker, uint32_t principal, const struct nz_access_question *question)
{
    const struct nz_account *a = asker->sets->account;
    struct nz_access_context *known = &asker->contexts[principal];
    if (!known->keys && nz_access_context_make(a, &a->principals[principal], &asker->arena, known) != NZ_OK)
        return false;
    nz_buf_clear(&asker->merged);
    for (uint32_t i = 0; i < question->context_count; i++)
        nz_buf_append(&asker->merged, nz_str_of((const char *)&question->context[i], sizeof question->context[i]));
    for (uint32_t i = 0; i < known->count; i++) {
        const struct nz_policy_key *key = &known->keys[i];
        if (!is_given(question, key->name))
            nz_buf_append(&asker->merged, nz_str_of((const char *)key, sizeof *key));
    }
    return !asker->merged.failed;
}

/* --- the decision --- */

/* "Role trust policies" are the resource policies of these actions alone. */
static const struct nz_access_principal *trust_of(const struct nz_account *a, const struct nz_access_question *question)
{
    uint32_t role;
    if (!nz_str_eq_nocase(question->action, NZ_STR("sts:AssumeRole")) &&
        !nz_str_eq_nocase(question->action, NZ_STR("sts:TagSession")) &&
        !nz_str_eq_nocase(question->action, NZ_STR("sts:SetSourceIdentity")))
        return NULL;
    if (!nz_account_find_arn(a, question->resource, &role) || a->principals[role].kind != NZ_ACCESS_ROLE)
        return NULL;
    return &a->principals[role];
}

static bool is_absent(const struct nz_access_principal *p, struct nz_str key)
{
    bool user = p->kind == NZ_ACCESS_USER; /* a role's session may bring other tags */
    for (const struct nz_str *prefix = nz_access_absent_prefixes(user, user && p->tags_known); prefix->n; prefix++) {
        if (nz_str_starts_with(key, *prefix))
            return true;
    }
    return false;
}

/* A user has no tags but those that the account lists: others are absent, not unknown. True when some were added. */
static bool absent_add(struct nz_access_asker *asker, const struct nz_access_principal *p,
                       const struct nz_policy_answer *decision)
{
    size_t before = asker->merged.n;
    for (size_t i = 0; i < decision->free_keys_count; i++) {
        if (!is_absent(p, decision->free_keys[i]))
            continue;
        struct nz_policy_key key = {.name = nz_arena_str(&asker->names, decision->free_keys[i])};
        if (key.name.p)
            nz_buf_append(&asker->merged, nz_str_of((const char *)&key, sizeof key));
    }
    return asker->merged.n > before;
}

static enum nz_err decide(struct nz_access_asker *asker, const struct nz_access_principal *p,
                          const struct nz_policy_set *set, struct nz_policy_request *request,
                          struct nz_policy_answer *decision, struct nz_diag *diag)
{
    nz_arena_reset(&asker->names);
    for (unsigned round = 0;; round++) {
        request->context = (const void *)asker->merged.p;
        request->context_count = (uint32_t)(asker->merged.n / sizeof(struct nz_policy_key));
        enum nz_err err = nz_policy_decide(set, request, asker->scratch, decision, diag);
        if (err != NZ_OK || decision->decision != NZ_DECISION_ALLOWED_IF || round == ABSENT_ROUNDS_MAX ||
            !absent_add(asker, p, decision))
            return err;
    }
}

/* What could not be read may hold anything: it can allow what lacks an allow, and deny what is allowed. */
static void judge(struct nz_access_answer *answer)
{
    const struct nz_access_set *set = answer->set;
    const struct nz_access_document *trust = answer->trust ? answer->trust->trust.document : NULL;
    bool trust_unread = trust && !trust->policy;
    uint32_t blocked = answer->decision.blocked_by;
    switch (answer->decision.decision) {
    case NZ_DECISION_ALLOWED:
        answer->verdict = NZ_ACCESS_ALLOWED;
        break;
    case NZ_DECISION_ALLOWED_IF:
        answer->verdict = NZ_ACCESS_ALLOWED_IF;
        break;
    case NZ_DECISION_EXPLICITLY_DENIED:
        answer->verdict = NZ_ACCESS_DENIED;
        return;
    case NZ_DECISION_IMPLICITLY_DENIED:
        answer->verdict = NZ_ACCESS_DENIED;
        if (!trust_unread && (!set->unread || (blocked & ~(1u << NZ_LAYER_IDENTITY))))
            return; /* what lacks an allow has been read */
        break;
    }
    if (trust_unread)
        answer->unread = trust;
    else if (set->unread)
        answer->unread = set->unread;
    else if (set->boundary_unread)
        answer->unread = set->boundary_document;
    if (answer->unread)
        answer->verdict = NZ_ACCESS_UNKNOWN;
}

enum nz_err nz_access_can(struct nz_access_asker *asker, uint32_t principal, struct nz_str as,
                          const struct nz_access_question *question, struct nz_access_answer *answer,
                          struct nz_diag *diag)
{
    const struct nz_account *a = asker->sets->account;
    const struct nz_access_principal *p = &a->principals[principal];
    const struct nz_policy *trust;
    *answer = (struct nz_access_answer){.set = asker->sets->of[principal], .trust = trust_of(a, question)};
    if (!context_merge(asker, principal, question))
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    struct nz_policy_set set = {.identity = answer->set->identity, .boundary = answer->set->boundary};
    if (answer->trust && answer->trust->trust.document->policy) {
        trust = answer->trust->trust.document->policy;
        set.resource = (struct nz_policy_list){.policies = &trust, .count = 1, .present = true};
    }
    struct nz_policy_request request = {.principal = as.n ? as : p->arn,
                                        .action = question->action,
                                        .resource = question->resource,
                                        .rest_unknown = true};
    enum nz_err err = decide(asker, p, &set, &request, &answer->decision, diag);
    if (err == NZ_OK)
        judge(answer);
    return err;
}

const struct nz_access_document *nz_access_reason_document(const struct nz_access_answer *answer,
                                                           const struct nz_policy_reason *reason)
{
    switch (reason->layer) {
    case NZ_LAYER_IDENTITY:
        return answer->set->documents[reason->policy];
    case NZ_LAYER_BOUNDARY:
        return answer->set->boundary_document;
    case NZ_LAYER_RESOURCE:
        return answer->trust ? answer->trust->trust.document : NULL;
    case NZ_LAYER_SCP:
    case NZ_LAYER_RCP:
    case NZ_LAYER_SESSION:
    case NZ_LAYER_ENDPOINT:
    case NZ_LAYER_SERVICE:
    case NZ_LAYER_COUNT:
        break;
    }
    return NULL;
}
