#include "access/who_can.h"

#include <stdlib.h>

/* P may assume R, depending on keys. */
struct edge {
    uint32_t principal, role;
    const struct nz_str *keys;
    uint32_t keys_count;
};

struct walk {
    const struct nz_access_sets *sets;
    const struct nz_account *account;
    const struct nz_access_question *question;
    struct nz_access_asker *asker;
    struct nz_who_can *who;
    struct nz_buf queue; /* principals that may, to be walked back from, by growing depth */
    struct nz_buf edges; /* conditional ones, into roles that certainly may */
    bool certain;        /* the pass that follows certain answers alone */
    struct nz_diag *diag;
};

static enum nz_err queue_add(struct walk *w, uint32_t principal)
{
    nz_buf_append(&w->queue, nz_str_of((const char *)&principal, sizeof principal));
    return nz_buf_status(&w->queue);
}

/* --- keys --- */

static bool has_key(const struct nz_str *keys, uint32_t count, struct nz_str key)
{
    for (uint32_t i = 0; i < count; i++) {
        if (nz_str_eq(keys[i], key))
            return true;
    }
    return false;
}

/* Copies of the decision's free keys. */
static enum nz_err keys_keep(struct walk *w, const struct nz_policy_answer *decision, const struct nz_str **keys,
                             uint32_t *count)
{
    struct nz_str *kept = NZ_ARENA_ARRAY(&w->who->arena, struct nz_str, decision->free_keys_count + 1);
    if (!kept)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < decision->free_keys_count; i++) {
        kept[i] = nz_arena_str(&w->who->arena, decision->free_keys[i]);
        if (!kept[i].p)
            return NZ_E_NOMEM;
    }
    *keys = kept;
    *count = (uint32_t)decision->free_keys_count;
    return NZ_OK;
}

/* Those of the first step and those of the rest of the chain. */
static enum nz_err keys_join(struct walk *w, const struct edge *edge, struct nz_who *row)
{
    const struct nz_who *next = &w->who->rows[edge->role];
    struct nz_str *all = NZ_ARENA_ARRAY(&w->who->arena, struct nz_str, edge->keys_count + next->keys_count + (size_t)1);
    uint32_t count = 0;
    if (!all)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < edge->keys_count; i++)
        all[count++] = edge->keys[i];
    for (uint32_t i = 0; i < next->keys_count; i++) {
        if (!has_key(edge->keys, edge->keys_count, next->keys[i]))
            all[count++] = next->keys[i];
    }
    row->keys = all;
    row->keys_count = count;
    return NZ_OK;
}

/* --- one step --- */

static enum nz_err ask(struct walk *w, uint32_t principal, struct nz_str as, const struct nz_access_question *question,
                       struct nz_access_answer *answer)
{
    if (++w->who->asked > NZ_WHO_CAN_ASKED_MAX)
        return nz_diag_set(w->diag, NZ_E_ACCOUNT_LIMIT, "more than %u questions", NZ_WHO_CAN_ASKED_MAX);
    return nz_access_can(w->asker, principal, as, question, answer, w->diag);
}

/* Worth asking again: what this pass could say is more than what is known. */
static bool is_open(const struct walk *w, uint32_t principal, uint32_t role)
{
    const struct nz_who *row = &w->who->rows[principal];
    if (row->verdict == NZ_ACCESS_ALLOWED || principal == role)
        return false;
    return w->certain || row->verdict != NZ_ACCESS_ALLOWED_IF || row->depth > w->who->rows[role].depth + 1;
}

static enum nz_err conditional_set(struct walk *w, const struct edge *edge)
{
    struct nz_who *row = &w->who->rows[edge->principal];
    uint32_t depth = w->who->rows[edge->role].depth + 1;
    if (row->verdict == NZ_ACCESS_ALLOWED || (row->verdict == NZ_ACCESS_ALLOWED_IF && row->depth <= depth))
        return NZ_OK;
    row->verdict = NZ_ACCESS_ALLOWED_IF;
    row->next = edge->role;
    row->depth = depth;
    enum nz_err err = keys_join(w, edge, row);
    return err == NZ_OK ? queue_add(w, edge->principal) : err;
}

static enum nz_err step(struct walk *w, uint32_t principal, struct nz_str as, uint32_t role)
{
    struct nz_who *row = &w->who->rows[principal];
    struct nz_access_question question = *w->question;
    struct nz_access_answer answer = {0};
    struct edge edge = {.principal = principal, .role = role};
    if (!is_open(w, principal, role))
        return NZ_OK;
    question.action = NZ_STR("sts:AssumeRole");
    question.resource = w->account->principals[role].arn;
    enum nz_err err = ask(w, principal, as, &question, &answer);
    if (err != NZ_OK || answer.verdict == NZ_ACCESS_DENIED)
        return err;
    if (answer.verdict == NZ_ACCESS_UNKNOWN) {
        if (row->verdict == NZ_ACCESS_DENIED) {
            row->verdict = NZ_ACCESS_UNKNOWN;
            row->unread = answer.unread;
        }
        return NZ_OK;
    }
    if (w->certain && answer.verdict == NZ_ACCESS_ALLOWED) {
        *row = (struct nz_who){.verdict = NZ_ACCESS_ALLOWED, .next = role, .depth = w->who->rows[role].depth + 1};
        return queue_add(w, principal);
    }
    err = keys_keep(w, &answer.decision, &edge.keys, &edge.keys_count);
    if (err != NZ_OK || !w->certain)
        return err == NZ_OK ? conditional_set(w, &edge) : err;
    nz_buf_append(&w->edges, nz_str_of((const char *)&edge, sizeof edge)); /* for the second pass */
    return nz_buf_status(&w->edges);
}

/* All who may assume the role: those whom its trust policy names, and where it leaves it to the account, all who have
 * a policy that may say so. */
static enum nz_err walk_back(struct walk *w, uint32_t role)
{
    const struct nz_account *a = w->account;
    const struct nz_access_principal *p = &a->principals[role];
    enum nz_err err = NZ_OK;
    if (p->kind != NZ_ACCESS_ROLE)
        return NZ_OK;
    const struct nz_access_document *trust = p->trust.document;
    if (!trust->policy) {
        nz_buf_append(&w->who->roles, nz_str_of((const char *)&role, sizeof role));
        return nz_buf_status(&w->who->roles);
    }
    for (uint32_t i = 0; i < trust->named_count && err == NZ_OK; i++) {
        uint32_t who;
        if (nz_account_find_arn(a, trust->named[i], &who))
            err = step(w, who, nz_str_of(NULL, 0), role);
        else if (nz_account_find_session_role(a, trust->named[i], &who))
            err = step(w, who, trust->named[i], role);
    }
    if (!trust->trusts_account && !trust->trusts_anybody)
        return err;
    for (uint32_t i = 0; i < a->principals_count && err == NZ_OK; i++) {
        if (trust->trusts_anybody || w->sets->of[i]->may_assume || w->sets->of[i]->unread)
            err = step(w, i, nz_str_of(NULL, 0), role);
    }
    return err;
}

/* --- the two passes --- */

static enum nz_err ask_directly(struct walk *w)
{
    for (uint32_t i = 0; i < w->account->principals_count; i++) {
        struct nz_who *row = &w->who->rows[i];
        struct nz_access_answer answer = {0};
        enum nz_err err = ask(w, i, nz_str_of(NULL, 0), w->question, &answer);
        if (err != NZ_OK)
            return err;
        *row = (struct nz_who){.verdict = answer.verdict, .next = NZ_WHO_DIRECTLY, .unread = answer.unread};
        if (answer.verdict == NZ_ACCESS_ALLOWED)
            err = queue_add(w, i);
        else if (answer.verdict == NZ_ACCESS_ALLOWED_IF)
            err = keys_keep(w, &answer.decision, &row->keys, &row->keys_count);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}

static uint32_t queue_at(const struct walk *w, size_t at)
{
    uint32_t principal;
    memcpy(&principal, w->queue.p + at * sizeof principal, sizeof principal);
    return principal;
}

static size_t queue_count(const struct walk *w)
{
    return w->queue.n / sizeof(uint32_t);
}

static enum nz_err pass_certain(struct walk *w)
{
    enum nz_err err = NZ_OK;
    w->certain = true;
    for (size_t at = 0; at < queue_count(w) && err == NZ_OK; at++)
        err = walk_back(w, queue_at(w, at));
    return err;
}

static int edge_order(const void *a, const void *b, void *context)
{
    const struct nz_who *rows = context;
    const struct edge *left = a, *right = b;
    uint32_t l = rows[left->role].depth, r = rows[right->role].depth;
    if (l != r)
        return l < r ? -1 : 1;
    return (left->principal > right->principal) - (left->principal < right->principal);
}

/* Starts from who may do it directly under a condition, and takes the conditional edges of the first pass in as the
 * walk reaches their depth, so that it stays breadth-first. */
static enum nz_err pass_conditional(struct walk *w)
{
    struct edge *edges = (void *)w->edges.p;
    size_t count = w->edges.n / sizeof *edges, edge = 0, at = 0;
    enum nz_err err = NZ_OK;
    w->certain = false;
    nz_buf_clear(&w->queue);
    for (uint32_t i = 0; i < w->account->principals_count && err == NZ_OK; i++) {
        if (w->who->rows[i].verdict == NZ_ACCESS_ALLOWED_IF)
            err = queue_add(w, i);
    }
    if (count)
        qsort_r(edges, count, sizeof *edges, edge_order, w->who->rows);
    while (err == NZ_OK && (edge < count || at < queue_count(w))) {
        const struct nz_who *rows = w->who->rows;
        bool walked = at < queue_count(w);
        if (edge < count && (!walked || rows[edges[edge].role].depth < rows[queue_at(w, at)].depth + 1))
            err = conditional_set(w, &edges[edge++]);
        else
            err = walk_back(w, queue_at(w, at++));
    }
    return err;
}

static void count_verdicts(struct walk *w)
{
    for (uint32_t i = 0; i < w->account->principals_count; i++) {
        enum nz_access_verdict verdict = w->who->rows[i].verdict;
        w->who->allowed += verdict == NZ_ACCESS_ALLOWED;
        w->who->allowed_if += verdict == NZ_ACCESS_ALLOWED_IF;
        w->who->unknown += verdict == NZ_ACCESS_UNKNOWN;
    }
    w->who->unread_roles = (const void *)w->who->roles.p;
    w->who->unread_roles_count = (uint32_t)(w->who->roles.n / sizeof(uint32_t));
}

static enum nz_err walk(struct walk *w)
{
    w->who->rows = NZ_ARENA_ARRAY(&w->who->arena, struct nz_who, w->account->principals_count + (size_t)1);
    enum nz_err err = w->who->rows ? nz_access_asker_new(w->sets, &w->asker) : NZ_E_NOMEM;
    if (err == NZ_OK)
        err = ask_directly(w);
    if (err == NZ_OK)
        err = pass_certain(w);
    if (err == NZ_OK)
        err = pass_conditional(w);
    if (err == NZ_OK)
        count_verdicts(w);
    nz_access_asker_free(w->asker);
    return err == NZ_E_NOMEM ? nz_diag_set(w->diag, err, "%s", "") : err;
}

enum nz_err nz_access_who_can(const struct nz_access_sets *sets, const struct nz_access_question *question,
                              struct nz_who_can **out, struct nz_diag *diag)
{
    struct walk w = {
        .sets = sets, .account = sets->account, .question = question, .who = calloc(1, sizeof *w.who), .diag = diag};
    *out = NULL;
    if (!w.who)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    nz_arena_init(&w.who->arena, 0);
    nz_buf_init(&w.who->roles, 0);
    nz_buf_init(&w.queue, 0);
    nz_buf_init(&w.edges, 0);
    enum nz_err err = walk(&w);
    nz_buf_release(&w.queue);
    nz_buf_release(&w.edges);
    if (err == NZ_OK)
        *out = w.who;
    else
        nz_who_can_free(w.who);
    return err;
}

void nz_who_can_free(struct nz_who_can *who)
{
    if (!who)
        return;
    nz_buf_release(&who->roles);
    nz_arena_release(&who->arena);
    free(who);
}
