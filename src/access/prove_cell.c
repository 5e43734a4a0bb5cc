#include "access/prover.h"

#include "policy/mentions.h"

/* --- witnesses --- */

static bool key_copy(struct nz_arena *keep, const struct nz_policy_key *from, struct nz_policy_key *to)
{
    struct nz_str *values = NZ_ARENA_ARRAY(keep, struct nz_str, from->count);
    *to = (struct nz_policy_key){.name = nz_arena_str(keep, from->name), .values = values, .count = from->count};
    bool copied = values && to->name.p;
    for (uint32_t i = 0; i < from->count && copied; i++) {
        values[i] = nz_arena_str(keep, from->values[i]);
        copied = values[i].p != NULL;
    }
    return copied;
}

/* NULL: no memory. */
static struct nz_witness *witness_copy(struct nz_arena *keep, const struct nz_cell_question *q,
                                       const struct nz_policy_found *found)
{
    struct nz_witness *w = NZ_ARENA_NEW(keep, struct nz_witness);
    struct nz_policy_key *keys = NZ_ARENA_ARRAY(keep, struct nz_policy_key, found->context_count + (size_t)1);
    bool copied = w && keys;
    for (uint32_t i = 0; i < found->context_count && copied; i++)
        copied = key_copy(keep, &found->context[i], &keys[i]);
    if (!copied)
        return NULL;
    *w = (struct nz_witness){.principal = nz_arena_str(keep, q->subject->arn),
                             .action = nz_arena_str(keep, q->action),
                             .resource = nz_arena_str(keep, q->resource),
                             .context = keys,
                             .context_count = found->context_count,
                             .network = q->place->network,
                             .trust = q->trust};
    return w->principal.p && w->action.p && w->resource.p ? w : NULL;
}

/* A copy of the request, which the ordinary evaluator, to which nothing is unknown, must allow; else NULL. */
static enum nz_err witness_make(struct nz_prover *p, const struct nz_cell_question *q,
                                const struct nz_policy_found *found, const struct nz_witness **out)
{
    struct nz_witness *w = witness_copy(p->keep, q, found);
    struct nz_policy_set alone = *q->policies;
    struct nz_policy_answer answer;
    *out = NULL;
    if (!w)
        return NZ_E_NOMEM;
    struct nz_policy_request request = {.principal = w->principal,
                                        .action = w->action,
                                        .resource = w->resource,
                                        .context = w->context,
                                        .context_count = w->context_count};
    if (q->trust == NZ_PROOF_NO_ROLE)
        alone.resource = (struct nz_policy_list){0};
    enum nz_err err = nz_policy_decide(&alone, &request, p->scratch, &answer, p->diag);
    if (err == NZ_OK && answer.decision != NZ_DECISION_ALLOWED && q->trust == NZ_PROOF_NO_ROLE) {
        w->by_account = true;
        err = nz_policy_decide(q->policies, &request, p->scratch, &answer, p->diag);
    }
    if (err == NZ_OK && answer.decision == NZ_DECISION_ALLOWED)
        *out = w;
    return err;
}

enum nz_err nz_proof_deny_add(struct nz_prover *p, struct nz_proof *proof, const struct nz_policy_reason *reason)
{
    for (uint32_t i = 0; i < proof->denies_count; i++) {
        if (memcmp(&proof->denies[i], reason, sizeof *reason) == 0)
            return NZ_OK;
    }
    struct nz_policy_reason *more = NZ_ARENA_ARRAY(p->keep, struct nz_policy_reason, proof->denies_count + (size_t)1);
    if (!more)
        return NZ_E_NOMEM;
    if (proof->denies_count)
        memcpy(more, proof->denies, proof->denies_count * sizeof *more);
    more[proof->denies_count++] = *reason;
    proof->denies = more;
    return NZ_OK;
}

/* Counts a request that is denied, and by what. */
/* Closed whatever the resource: by a deny about every one. */
static bool is_whole(const struct nz_cell_question *q, const struct nz_policy_found *found)
{
    for (size_t i = 0; i < found->denied_by_count; i++) {
        const struct nz_policy_reason *by = &found->denied_by[i];
        const struct nz_policy_list *list = by->layer == NZ_LAYER_IDENTITY   ? &q->policies->identity
                                            : by->layer == NZ_LAYER_BOUNDARY ? &q->policies->boundary
                                                                             : NULL;
        if (list && nz_policy_statement_any_resource(list->policies[by->policy], by->statement))
            return true;
    }
    return false;
}

static enum nz_err closed_add(struct nz_prover *p, struct nz_proof *proof, const struct nz_policy_found *found)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; i < found->denied_by_count && err == NZ_OK; i++)
        err = nz_proof_deny_add(p, proof, &found->denied_by[i]);
    if (found->denied_by_count)
        proof->closed_by_deny++;
    else
        proof->closed_by_lack++;
    return err;
}

/* The subject's context and the world's. */
static enum nz_err context_of(struct nz_prover *p, const struct nz_subject *subject, const struct nz_world *world,
                              struct nz_policy_request *request)
{
    uint32_t count = subject->context.count + world->count;
    struct nz_policy_key *keys = NZ_ARENA_ARRAY(&p->work, struct nz_policy_key, count + (size_t)1);
    if (!keys)
        return NZ_E_NOMEM;
    memcpy(keys, subject->context.keys, subject->context.count * sizeof *keys);
    memcpy(keys + subject->context.count, world->keys, world->count * sizeof *keys);
    request->context = keys;
    request->context_count = count;
    return NZ_OK;
}

enum nz_err nz_cell_ask(struct nz_prover *p, const struct nz_cell_question *q, enum nz_cell_state *state,
                        const struct nz_witness **witness)
{
    struct nz_policy_request request = {
        .principal = q->subject->arn, .action = q->action, .resource = q->resource, .rest_unknown = true};
    enum nz_err err = NZ_OK;
    bool whole = true;
    *state = NZ_CELL_CLOSED;
    for (uint32_t i = 0; i < q->place->count && err == NZ_OK; i++) {
        struct nz_policy_found found;
        const struct nz_witness *confirmed = NULL;
        err = context_of(p, q->subject, &q->place->worlds[i], &request);
        if (err == NZ_OK)
            err = nz_policy_search(p->searcher, &request, q->place->worlds[i].choices, &found, p->diag);
        if (err != NZ_OK)
            break;
        if (found.result == NZ_SEARCH_FOUND) {
            if (witness && *witness) { /* one is enough */
                *state = NZ_CELL_OPEN;
                return NZ_OK;
            }
            err = witness_make(p, q, &found, &confirmed);
            if (confirmed && witness)
                *witness = confirmed;
            *state = confirmed ? NZ_CELL_OPEN : NZ_CELL_UNDECIDED;
            if (confirmed)
                return err;
        } else if (found.result == NZ_SEARCH_UNDECIDED) {
            *state = NZ_CELL_UNDECIDED;
        } else {
            whole &= is_whole(q, &found);
            err = q->proof ? closed_add(p, q->proof, &found) : NZ_OK;
        }
    }
    if (err == NZ_OK && q->whole)
        *q->whole = whole && *state == NZ_CELL_CLOSED;
    return err;
}
