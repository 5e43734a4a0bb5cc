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
static struct nz_witness *witness_copy(struct nz_arena *keep, const struct nz_cell_question *q, struct nz_str resource,
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
                             .resource = nz_arena_str(keep, resource),
                             .context = keys,
                             .context_count = found->context_count,
                             .network = q->place->network,
                             .trust = q->trust};
    return w->principal.p && w->action.p && w->resource.p ? w : NULL;
}

/* A copy of the request, which the ordinary evaluator, to which nothing is unknown, must allow; else NULL. */
static enum nz_err witness_make(struct nz_prover *p, const struct nz_cell_question *q, struct nz_str resource,
                                const struct nz_policy_found *found, const struct nz_witness **out)
{
    struct nz_witness *w = witness_copy(p->keep, q, resource, found);
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

static bool is_same(const struct nz_policy_reason *a, const struct nz_policy_reason *b)
{
    return a->layer == b->layer && a->level == b->level && a->policy == b->policy && a->statement == b->statement;
}

enum nz_err nz_proof_deny_add(struct nz_prover *p, struct nz_proof *proof, const struct nz_policy_reason *reason)
{
    for (uint32_t i = 0; i < proof->denies_count; i++) {
        if (is_same(&proof->denies[i], reason))
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

/* Counts a request that is denied, and by what. */
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

static void key_add(struct nz_buf *context, struct nz_str name, const struct nz_str *value)
{
    struct nz_policy_key key = {.name = name, .values = value, .count = 1};
    if (value->n)
        nz_buf_append(context, nz_str_of((const char *)&key, sizeof key));
}

/* The subject's context, the world's, and what follows from the resource. */
static enum nz_err context_of(struct nz_prover *p, const struct nz_cell_question *q, const struct nz_world *world,
                              const struct nz_placing *placing, struct nz_policy_request *request)
{
    const struct nz_subject *subject = q->subject;
    nz_buf_clear(&p->context);
    nz_buf_append(&p->context, nz_str_of((const char *)subject->context.keys,
                                         subject->context.count * sizeof subject->context.keys[0]));
    nz_buf_append(&p->context, nz_str_of((const char *)world->keys, world->count * sizeof world->keys[0]));
    key_add(&p->context, NZ_STR("aws:RequestedRegion"), &placing->region);
    key_add(&p->context, NZ_STR("aws:ResourceAccount"), &placing->account);
    nz_buf_append(&p->context, nz_str_of((const char *)q->tags, q->tags_count * sizeof q->tags[0]));
    request->context = (const void *)p->context.p;
    request->context_count = (uint32_t)(p->context.n / sizeof(struct nz_policy_key));
    request->resource = placing->resource;
    return nz_buf_status(&p->context);
}

/* The subject's and the world's. A trust policy may tell apart what the subject's own do not: there all is free. */
static enum nz_err choices_of(struct nz_prover *p, const struct nz_cell_question *q, const struct nz_world *world,
                              struct nz_key_choices *out)
{
    const struct nz_subject *subject = q->subject;
    const struct nz_key_choices *both[] = {&subject->choices, &world->choices};
    *out = world->choices;
    if (!subject->choices.count || q->trust != NZ_PROOF_NO_ROLE)
        return NZ_OK;
    nz_buf_clear(&p->choices);
    for (size_t i = 0; i < 2; i++)
        nz_buf_append(&p->choices, nz_str_of((const char *)both[i]->list, both[i]->count * sizeof both[i]->list[0]));
    *out = (struct nz_key_choices){(const void *)p->choices.p, subject->choices.count + world->choices.count};
    return nz_buf_status(&p->choices);
}

struct asked {
    enum nz_cell_state state;
    bool whole; /* closed: by denies about every resource */
};

/* One request, under one world of the place. */
static enum nz_err request_ask(struct nz_prover *p, const struct nz_cell_question *q, const struct nz_world *world,
                               const struct nz_placing *placing, const struct nz_witness **witness, struct asked *asked)
{
    struct nz_policy_request request = {.principal = q->subject->arn, .action = q->action, .rest_unknown = true};
    struct nz_policy_found found;
    const struct nz_witness *confirmed = NULL;
    struct nz_key_choices choices;
    enum nz_err err = context_of(p, q, world, placing, &request);
    if (err == NZ_OK)
        err = choices_of(p, q, world, &choices);
    if (err == NZ_OK)
        err = nz_policy_search(p->searcher, &request, choices, &found, p->diag);
    if (err != NZ_OK)
        return err;
    if (found.result == NZ_SEARCH_NONE) {
        *asked = (struct asked){NZ_CELL_CLOSED, is_whole(q, &found)};
        return q->proof ? closed_add(p, q->proof, &found) : NZ_OK;
    }
    *asked = (struct asked){NZ_CELL_UNDECIDED, false};
    if (found.result == NZ_SEARCH_UNDECIDED)
        return NZ_OK;
    if (witness && *witness) { /* one is enough */
        asked->state = NZ_CELL_OPEN;
        return NZ_OK;
    }
    err = witness_make(p, q, placing->resource, &found, &confirmed);
    if (confirmed)
        asked->state = NZ_CELL_OPEN;
    if (confirmed && witness)
        *witness = confirmed;
    return err;
}

enum nz_err nz_cell_ask(struct nz_prover *p, const struct nz_cell_question *q, enum nz_cell_state *state,
                        const struct nz_witness **witness)
{
    struct nz_placings placings;
    enum nz_err err = nz_placings_make(p, q, &placings);
    /* where the policies ask whose the resource is, a deny about every one closes only those like this */
    bool whole = !q->placed || (!q->subject->asks_for_account && !q->subject->asks_for_region), undecided = false;
    *state = NZ_CELL_CLOSED;
    for (uint32_t i = 0; i < q->place->count && *state != NZ_CELL_OPEN; i++) {
        for (uint32_t k = 0; k < placings.count && *state != NZ_CELL_OPEN; k++) {
            struct asked asked = {NZ_CELL_CLOSED, false};
            if (err == NZ_OK)
                err = request_ask(p, q, &q->place->worlds[i], &placings.list[k], witness, &asked);
            if (err != NZ_OK)
                return err;
            *state = asked.state;
            whole &= asked.whole;
            undecided |= asked.state == NZ_CELL_UNDECIDED;
        }
    }
    undecided |= !placings.complete && !whole;
    if (*state != NZ_CELL_OPEN)
        *state = undecided ? NZ_CELL_UNDECIDED : NZ_CELL_CLOSED;
    if (q->whole)
        *q->whole = whole && *state == NZ_CELL_CLOSED;
    return err;
}
