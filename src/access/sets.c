#include "access/sets.h"

#include <stdlib.h>

bool nz_access_grants_next(const struct nz_access_principal *principal, struct nz_access_grants *it)
{
    if (it->in == 0) {
        if (it->at < principal->grants_count) {
            it->grant = &principal->grants[it->at++];
            return true;
        }
        it->in = 1;
        it->at = 0;
    }
    for (; it->in <= principal->groups_count; it->in++, it->at = 0) {
        const struct nz_access_group *group = principal->groups[it->in - 1].group;
        if (group && it->at < group->grants_count) {
            it->group = group;
            it->grant = &group->grants[it->at++];
            return true;
        }
    }
    return false;
}

/* What one principal has, gathered: documents by id. */
struct gather {
    const struct nz_account *account;
    struct nz_access_sets *sets;
    struct nz_access_map known; /* sorted ids, then the boundary's: the set's place */
    struct nz_buf all;          /* the sets */
    uint32_t *ids;
    uint32_t ids_count;
    uint32_t *seen; /* one a document: the principal, from 1, that was the last to have it */
};

static const struct nz_diag too_many_problem = {.code = NZ_E_ACCOUNT_LIMIT,
                                                .offset = UINT64_MAX,
                                                .record = UINT64_MAX,
                                                .text = "too many policies for one principal"};
static const struct nz_access_document too_many = {.id = UINT32_MAX, .problem = &too_many_problem};

static void id_add(struct gather *g, uint32_t principal, const struct nz_access_document *document)
{
    if (g->seen[document->id] == principal + 1)
        return;
    g->seen[document->id] = principal + 1;
    g->ids[g->ids_count++] = document->id;
}

static int id_order(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* True when not all could be gathered. */
static bool ids_gather(struct gather *g, uint32_t principal)
{
    const struct nz_access_principal *p = &g->account->principals[principal];
    struct nz_access_grants it = {0};
    uint32_t walked = 0;
    g->ids_count = 0;
    for (uint32_t i = 0; i < p->groups_count; i++) {
        if (p->groups[i].missing)
            id_add(g, principal, p->groups[i].missing);
    }
    while (nz_access_grants_next(p, &it)) {
        if (++walked > NZ_ACCESS_SET_GRANTS_MAX)
            return true;
        id_add(g, principal, it.grant->document);
    }
    qsort(g->ids, g->ids_count, sizeof *g->ids, id_order);
    return false;
}

static bool set_fill(struct gather *g, struct nz_access_set *set, const struct nz_access_principal *p, bool cut)
{
    struct nz_arena *keep = &g->sets->arena;
    const struct nz_policy **policies = NZ_ARENA_ARRAY(keep, const struct nz_policy *, g->ids_count + 1);
    const struct nz_access_document **documents =
        NZ_ARENA_ARRAY(keep, const struct nz_access_document *, g->ids_count + 1);
    const struct nz_policy **boundary = NZ_ARENA_NEW(keep, const struct nz_policy *);
    if (!policies || !documents || !boundary)
        return false;
    set->unread = cut ? &too_many : NULL;
    for (uint32_t i = 0; i < g->ids_count; i++) {
        const struct nz_access_document *document = g->account->documents[g->ids[i]];
        set->may_assume |= document->may_assume;
        if (document->policy) {
            documents[set->identity.count] = document;
            policies[set->identity.count++] = document->policy;
        } else if (!set->unread) {
            set->unread = document;
        }
    }
    set->identity.policies = policies;
    set->identity.present = true;
    set->documents = documents;
    if (!p->has_boundary)
        return true;
    set->boundary_document = p->boundary.document;
    set->boundary_unread = !p->boundary.document->policy;
    if (set->boundary_unread)
        return true;
    boundary[0] = p->boundary.document->policy;
    set->boundary = (struct nz_policy_list){.policies = boundary, .count = 1, .present = true};
    return true;
}

static enum nz_err set_of(struct gather *g, uint32_t principal)
{
    const struct nz_access_principal *p = &g->account->principals[principal];
    bool cut = ids_gather(g, principal);
    uint32_t count = g->ids_count, at;
    g->ids[count] = p->has_boundary ? p->boundary.document->id : UINT32_MAX;
    g->ids[count + 1] = cut;
    struct nz_str key = nz_str_of((const char *)g->ids, (count + 2) * sizeof *g->ids);
    if (nz_access_map_get(&g->known, 0, key, &at)) {
        g->sets->of[principal] = ((const struct nz_access_set **)(void *)g->all.p)[at];
        return NZ_OK;
    }
    struct nz_access_set *set = NZ_ARENA_NEW(&g->sets->arena, struct nz_access_set);
    key = nz_arena_str(&g->sets->arena, key);
    if (!set || !key.p || !set_fill(g, set, p, cut))
        return NZ_E_NOMEM;
    set->id = g->sets->count++;
    g->sets->of[principal] = set;
    nz_buf_append(&g->all, nz_str_of((const char *)&set, sizeof set));
    return g->all.failed ? NZ_E_NOMEM : nz_access_map_add(&g->known, 0, key, set->id);
}

static enum nz_err build(struct gather *g)
{
    uint32_t count = g->account->principals_count;
    g->sets->of = NZ_ARENA_ARRAY(&g->sets->arena, const struct nz_access_set *, count + 1);
    g->ids = malloc((NZ_ACCESS_SET_GRANTS_MAX + NZ_ACCOUNT_GRANTS_MAX + 4) * sizeof *g->ids);
    g->seen = calloc(g->account->documents_count + 1, sizeof *g->seen);
    if (!g->sets->of || !g->ids || !g->seen)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        enum nz_err err = set_of(g, i);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}

enum nz_err nz_access_sets_build(const struct nz_account *account, struct nz_access_sets **out)
{
    struct gather g = {.account = account, .sets = calloc(1, sizeof *g.sets)};
    *out = NULL;
    if (!g.sets)
        return NZ_E_NOMEM;
    g.sets->account = account;
    nz_arena_init(&g.sets->arena, 0);
    nz_buf_init(&g.all, 0);
    enum nz_err err = build(&g);
    free(g.ids);
    free(g.seen);
    nz_buf_release(&g.all);
    nz_access_map_release(&g.known);
    if (err == NZ_OK)
        *out = g.sets;
    else
        nz_access_sets_free(g.sets);
    return err;
}

void nz_access_sets_free(struct nz_access_sets *sets)
{
    if (!sets)
        return;
    nz_arena_release(&sets->arena);
    free(sets);
}
