#include "policy/search.h"

#include "policy/candidates.h"

#include <stdlib.h>

#define KEYS_CACHED_MAX 64u

/* Candidates of a key that are the same for every request of the set. */
struct cached {
    struct nz_str key;
    struct nz_candidates candidates;
};

struct nz_policy_searcher {
    struct nz_policy_scratch *scratch;
    const struct nz_policy_set *set;
    const struct nz_str *absent_prefixes;
    struct nz_arena keep; /* candidates of the set */
    struct nz_arena once; /* candidates of one search */
    struct cached cached[KEYS_CACHED_MAX];
    uint32_t cached_count;
    struct nz_policy_request request;
    struct nz_key_choices choices;
    struct nz_buf context; /* struct nz_policy_key: what the caller gives, then one for each branch */
    uint32_t given;
    uint32_t decisions; /* of this search */
    uint64_t decisions_all;
    bool undecided;
    struct nz_diag *diag;
};

enum nz_err nz_policy_searcher_new(struct nz_policy_searcher **out)
{
    struct nz_policy_searcher *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return NZ_E_NOMEM;
    nz_arena_init(&s->keep, 0);
    nz_arena_init(&s->once, 0);
    nz_buf_init(&s->context, 0);
    enum nz_err err = nz_policy_scratch_new(&s->scratch);
    if (err == NZ_OK)
        *out = s;
    else
        nz_policy_searcher_free(s);
    return err;
}

void nz_policy_searcher_free(struct nz_policy_searcher *s)
{
    if (!s)
        return;
    nz_policy_scratch_free(s->scratch);
    nz_buf_release(&s->context);
    nz_arena_release(&s->once);
    nz_arena_release(&s->keep);
    free(s);
}

void nz_policy_searcher_set(struct nz_policy_searcher *s, const struct nz_policy_set *set,
                            const struct nz_str *absent_prefixes)
{
    s->set = set;
    s->absent_prefixes = absent_prefixes;
    s->cached_count = 0;
    nz_arena_reset(&s->keep);
}

uint64_t nz_policy_searcher_decisions(const struct nz_policy_searcher *s)
{
    return s->decisions_all;
}

/* --- the context --- */

static struct nz_policy_key *keys_of(struct nz_policy_searcher *s)
{
    return (void *)s->context.p;
}

static uint32_t keys_count(const struct nz_policy_searcher *s)
{
    return (uint32_t)(s->context.n / sizeof(struct nz_policy_key));
}

static void key_push(struct nz_policy_searcher *s, struct nz_str name, const struct nz_candidate *value)
{
    struct nz_policy_key key = {.name = name, .values = value->values, .count = value->count};
    nz_buf_append(&s->context, nz_str_of((const char *)&key, sizeof key));
}

static void keys_cut(struct nz_policy_searcher *s, uint32_t count)
{
    s->context.n = count * sizeof(struct nz_policy_key);
}

/* --- candidates --- */

static bool is_absent(const struct nz_policy_searcher *s, struct nz_str key)
{
    for (const struct nz_str *prefix = s->absent_prefixes; prefix && prefix->n; prefix++) {
        if (nz_str_starts_with(key, *prefix))
            return true;
    }
    return false;
}

static enum nz_err candidates_of_set(struct nz_policy_searcher *s, struct nz_str key, struct nz_candidates *out)
{
    for (uint32_t i = 0; i < s->cached_count; i++) {
        if (nz_str_eq(s->cached[i].key, key)) {
            *out = s->cached[i].candidates;
            return NZ_OK;
        }
    }
    /* found for the set first; those that depend on the request are found again, where they die with the search */
    enum nz_err err = nz_candidates_find(s->scratch, s->set, key, &s->once, out);
    if (err != NZ_OK || !out->fixed || s->cached_count == KEYS_CACHED_MAX)
        return err;
    err = nz_candidates_find(s->scratch, s->set, key, &s->keep, out);
    s->cached[s->cached_count++] = (struct cached){key, *out};
    return err;
}

static enum nz_err candidates_of_choice(struct nz_policy_searcher *s, const struct nz_key_choice *choice,
                                        struct nz_candidates *out)
{
    struct nz_candidate *list = NZ_ARENA_ARRAY(&s->once, struct nz_candidate, choice->count + (size_t)1);
    *out = (struct nz_candidates){.list = list, .complete = choice->complete};
    if (!list)
        return NZ_E_NOMEM;
    if (choice->may_be_absent)
        list[out->count++] = (struct nz_candidate){NULL, 0};
    for (uint32_t i = 0; i < choice->count; i++)
        list[out->count++] = (struct nz_candidate){&choice->values[i], 1};
    return NZ_OK;
}

static const struct nz_key_choice *choice_find(const struct nz_policy_searcher *s, struct nz_str key)
{
    for (uint32_t i = 0; i < s->choices.count; i++) {
        if (nz_str_eq_nocase(s->choices.list[i].key, key))
            return &s->choices.list[i];
    }
    return NULL;
}

static enum nz_err candidates_of(struct nz_policy_searcher *s, struct nz_str key, struct nz_candidates *out)
{
    static const struct nz_candidate absent = {NULL, 0};
    const struct nz_key_choice *choice = choice_find(s, key);
    if (choice && choice->values)
        return candidates_of_choice(s, choice, out);
    if (is_absent(s, key)) {
        *out = (struct nz_candidates){.list = &absent, .count = 1, .complete = true, .fixed = true};
        return NZ_OK;
    }
    enum nz_err err = candidates_of_set(s, key, out);
    if (err == NZ_OK && choice && !choice->may_be_absent && out->count && out->list[0].count == 0) {
        out->list++; /* absence comes first */
        out->count--;
    }
    return err;
}

/* The key to branch on: a variable first, since what others are compared with depends on it. */
static struct nz_str choose(const struct nz_policy_searcher *s, const struct nz_policy_answer *answer)
{
    for (size_t i = 0; i < answer->free_keys_count; i++) {
        if (nz_policy_set_has_variable(s->set, answer->free_keys[i]))
            return answer->free_keys[i];
    }
    return answer->free_keys[0];
}

/* --- the search --- */

static enum nz_err decide(struct nz_policy_searcher *s, struct nz_policy_answer *answer)
{
    s->request.context = keys_of(s);
    s->request.context_count = keys_count(s);
    s->decisions++;
    s->decisions_all++;
    return nz_policy_decide(s->set, &s->request, s->scratch, answer, s->diag);
}

/* "2026-01-01T00:00:00Z" and the same in seconds: two names of one instant. */
static enum nz_err time_push(struct nz_policy_searcher *s, struct nz_str key, const struct nz_candidate *value)
{
    bool epoch = nz_str_eq(key, NZ_STR("aws:epochtime"));
    struct nz_str other = epoch ? NZ_STR("aws:currenttime") : NZ_STR("aws:epochtime");
    key_push(s, key, value);
    if (value->count == 1)
        key_push(s, other, value); /* dates are compared as either form says */
    return nz_buf_status(&s->context);
}

static bool is_time(struct nz_str key)
{
    return nz_str_eq(key, NZ_STR("aws:currenttime")) || nz_str_eq(key, NZ_STR("aws:epochtime"));
}

static enum nz_err complete(struct nz_policy_searcher *s, enum nz_search_result *result);

static enum nz_err branch(struct nz_policy_searcher *s, struct nz_str key, enum nz_search_result *result)
{
    const struct nz_key_choice *choice = choice_find(s, key);
    struct nz_candidates candidates;
    uint32_t before = keys_count(s);
    enum nz_err err = candidates_of(s, key, &candidates);
    for (uint32_t i = 0; err == NZ_OK && i < candidates.count && *result == NZ_SEARCH_NONE; i++) {
        keys_cut(s, before);
        if (is_time(key))
            err = time_push(s, key, &candidates.list[i]);
        else
            key_push(s, choice ? choice->key : key, &candidates.list[i]);
        if (err == NZ_OK)
            err = s->context.failed ? NZ_E_NOMEM : complete(s, result);
    }
    if (err == NZ_OK && *result == NZ_SEARCH_NONE && !candidates.complete)
        s->undecided = true;
    return err;
}

/* Depth first; recursion ends with the keys that the policies name, of which NZ_SEARCH_KEYS_MAX are tried. */
static enum nz_err complete(struct nz_policy_searcher *s, enum nz_search_result *result)
{
    struct nz_policy_answer answer;
    enum nz_err err = decide(s, &answer);
    if (err != NZ_OK)
        return err;
    if (answer.decision == NZ_DECISION_ALLOWED)
        *result = NZ_SEARCH_FOUND;
    if (answer.decision != NZ_DECISION_ALLOWED_IF)
        return NZ_OK;
    if (s->decisions >= NZ_SEARCH_DECISIONS_MAX || keys_count(s) - s->given >= NZ_SEARCH_KEYS_MAX ||
        answer.free_keys_count == 0) {
        s->undecided = true;
        return NZ_OK;
    }
    return branch(s, choose(s, &answer), result);
}

/* Keys that are absent are not told. */
static void context_compact(struct nz_policy_searcher *s, struct nz_policy_found *found)
{
    struct nz_policy_key *keys = keys_of(s);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < keys_count(s); i++) {
        if (keys[i].count && !keys[i].unknown)
            keys[kept++] = keys[i];
    }
    found->context = keys;
    found->context_count = kept;
}

static enum nz_err search(struct nz_policy_searcher *s, struct nz_policy_found *found)
{
    struct nz_policy_answer answer;
    enum nz_err err = decide(s, &answer);
    if (err != NZ_OK)
        return err;
    if (answer.decision == NZ_DECISION_EXPLICITLY_DENIED) {
        found->denied_by = answer.decided_by;
        found->denied_by_count = answer.decided_by_count;
        return NZ_OK;
    }
    if (answer.decision == NZ_DECISION_ALLOWED)
        found->result = NZ_SEARCH_FOUND;
    else if (answer.decision == NZ_DECISION_ALLOWED_IF && answer.free_keys_count)
        err = branch(s, choose(s, &answer), &found->result);
    else if (answer.decision == NZ_DECISION_ALLOWED_IF)
        s->undecided = true;
    if (err == NZ_OK && found->result == NZ_SEARCH_FOUND)
        context_compact(s, found);
    else if (err == NZ_OK && s->undecided)
        found->result = NZ_SEARCH_UNDECIDED;
    return err;
}

enum nz_err nz_policy_search(struct nz_policy_searcher *s, const struct nz_policy_request *request,
                             struct nz_key_choices choices, struct nz_policy_found *found, struct nz_diag *diag)
{
    *found = (struct nz_policy_found){.result = NZ_SEARCH_NONE};
    s->request = *request;
    s->request.rest_unknown = true;
    s->choices = choices;
    s->decisions = 0;
    s->undecided = false;
    s->diag = diag;
    nz_arena_reset(&s->once);
    nz_buf_clear(&s->context);
    nz_buf_append(&s->context,
                  nz_str_of((const char *)request->context, request->context_count * sizeof *request->context));
    s->given = request->context_count;
    if (s->context.failed)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    enum nz_err err = search(s, found);
    return err == NZ_E_NOMEM ? nz_diag_set(diag, err, "%s", "") : err;
}
