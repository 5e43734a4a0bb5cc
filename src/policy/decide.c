#include "policy/decide.h"

#include "policy/grant.h"
#include "policy/request.h"
#include "policy/rules.h"

#include <stdlib.h>

#define LEVELS_MAX NZ_POLICY_LEVELS_MAX

const char *nz_decision_name(enum nz_decision decision)
{
    switch (decision) {
    case NZ_DECISION_ALLOWED:
        return "allowed";
    case NZ_DECISION_EXPLICITLY_DENIED:
        return "explicitly-denied";
    case NZ_DECISION_IMPLICITLY_DENIED:
        return "implicitly-denied";
    case NZ_DECISION_ALLOWED_IF:
        return "allowed-if";
    }
    return "";
}

const char *nz_layer_name(enum nz_layer layer)
{
    static const char *const names[NZ_LAYER_COUNT] = {"scp",      "rcp",     "resource", "identity",
                                                      "boundary", "session", "endpoint", "service"};
    return names[layer];
}

/* What one list (one level of scp) says: does it allow, and by which statement. */
struct verdict {
    enum nz_tri allows;
    struct nz_policy_reason first;
};

/* A resource policy's allows are told apart by how far they reach. */
struct decision {
    struct nz_policy_scratch *s;
    const struct nz_policy_set *set;
    struct nz_service_rules rules;
    enum nz_tri denied, scp;
    size_t scp_count; /* reasons of scp at the head of s->levels */
    struct verdict layer[NZ_LAYER_COUNT];
    struct verdict resource[NZ_GRANT_COUNT];
};

static void reason_add(struct nz_policy_scratch *s, struct nz_reasons *to, struct nz_policy_reason reason)
{
    if (to->count == to->room) {
        size_t room = to->room ? 2 * to->room : 16;
        struct nz_policy_reason *more = realloc(to->list, room * sizeof *more);
        if (!more) {
            s->failed = true;
            return;
        }
        to->list = more;
        to->room = room;
    }
    to->list[to->count++] = reason;
}

/* --- one list of policies --- */

/* Is the statement about the caller? In kinds whose principal is given by where they are attached, always. */
static enum nz_grant reach_of(const struct decision *d, enum nz_layer layer, const struct nz_statement *st)
{
    switch (layer) {
    case NZ_LAYER_RESOURCE:
        return nz_grant_of(d->s, st);
    case NZ_LAYER_RCP:
    case NZ_LAYER_ENDPOINT:
        if (st->named != NZ_NAMED_NOBODY && nz_grant_of(d->s, st) == NZ_GRANT_NONE)
            return NZ_GRANT_NONE;
        break;
    case NZ_LAYER_SCP:
    case NZ_LAYER_IDENTITY:
    case NZ_LAYER_BOUNDARY:
    case NZ_LAYER_SESSION:
    case NZ_LAYER_SERVICE:
    case NZ_LAYER_COUNT:
        break;
    }
    return NZ_GRANT_FULL;
}

/* v: of the layer; of resource policies the first of one for each reach. */
static void look_at_statement(struct decision *d, const struct nz_statement *st, struct nz_policy_reason at,
                              struct verdict *v)
{
    struct nz_policy_scratch *s = d->s;
    if (st->allow && d->denied == NZ_YES)
        return; /* no allow can change that any more */
    if (!nz_statement_has_action(s, st))
        return;
    enum nz_grant reach = reach_of(d, at.layer, st);
    if (reach == NZ_GRANT_NONE)
        return;
    if (at.layer == NZ_LAYER_RESOURCE)
        v = &v[reach];
    if (st->allow && v->allows == NZ_YES)
        return;
    enum nz_tri applies = nz_statement_applies(s, st);
    if (applies == NZ_NO)
        return;
    if (applies == NZ_FREE)
        reason_add(s, &s->depending, at);
    if (st->allow) {
        if (v->allows == NZ_NO || applies == NZ_YES)
            *v = (struct verdict){applies, at};
        return;
    }
    d->denied = nz_tri_or(d->denied, applies);
    if (applies == NZ_YES)
        reason_add(s, &s->reasons, at);
}

static void look_at_list(struct decision *d, const struct nz_policy_list *list, enum nz_layer layer, uint32_t level,
                         struct verdict *v)
{
    d->s->layer = layer;
    for (uint32_t p = 0; p < list->count; p++) {
        const struct nz_policy *policy = list->policies[p];
        for (uint32_t i = 0; i < policy->count; i++) {
            const struct nz_statement *st = &policy->statements[i];
            if (st->services & d->s->service_bit)
                look_at_statement(d, st, (struct nz_policy_reason){layer, level, p, i, !st->allow}, v);
        }
    }
}

static void look_at_all(struct decision *d)
{
    const struct nz_policy_set *set = d->set;
    enum nz_principal_kind kind = d->s->caller.kind;
    d->scp = NZ_YES;
    for (uint32_t i = 0; i < set->scp.count && kind != NZ_PRINCIPAL_ANYBODY && kind != NZ_PRINCIPAL_SERVICE; i++) {
        struct verdict level = {.allows = NZ_NO};
        look_at_list(d, &set->scp.levels[i], NZ_LAYER_SCP, i, &level);
        d->scp = nz_tri_and(d->scp, level.allows);
        d->s->levels[d->scp_count++] = level.first;
    }
    for (uint32_t i = 0; i < set->rcp.count && !d->rules.outside_rcp; i++)
        look_at_list(d, &set->rcp.levels[i], NZ_LAYER_RCP, i, &d->layer[NZ_LAYER_RCP]);
    look_at_list(d, &set->resource, NZ_LAYER_RESOURCE, 0, d->resource);
    look_at_list(d, &set->identity, NZ_LAYER_IDENTITY, 0, &d->layer[NZ_LAYER_IDENTITY]);
    look_at_list(d, &set->boundary, NZ_LAYER_BOUNDARY, 0, &d->layer[NZ_LAYER_BOUNDARY]);
    look_at_list(d, &set->session, NZ_LAYER_SESSION, 0, &d->layer[NZ_LAYER_SESSION]);
    look_at_list(d, &set->endpoint, NZ_LAYER_ENDPOINT, 0, &d->layer[NZ_LAYER_ENDPOINT]);
}

/* --- together --- */

/* One conjunct of an allow: what it says, and the statement that is named for it (none when nothing was written). */
struct needs {
    enum nz_tri all;
    uint32_t blocked;
    uint32_t by_count;
    const struct nz_policy_reason *by[NZ_LAYER_COUNT];
};

static void need(struct needs *n, enum nz_layer layer, enum nz_tri allows, const struct nz_policy_reason *by)
{
    n->all = nz_tri_and(n->all, allows);
    if (allows == NZ_NO)
        n->blocked |= 1u << layer;
    else if (by)
        n->by[n->by_count++] = by;
}

/* A list that is not there needs nothing. */
static void need_list(struct needs *n, const struct decision *d, enum nz_layer layer, const struct nz_policy_list *list)
{
    const struct verdict *v = &d->layer[layer];
    if (list->present)
        need(n, layer, v->allows, &v->first);
}

static void need_identity(struct needs *n, const struct decision *d)
{
    const struct verdict *v = &d->layer[NZ_LAYER_IDENTITY];
    if (d->s->caller.kind == NZ_PRINCIPAL_ACCOUNT)
        return; /* root: implicitly allowed */
    need(n, NZ_LAYER_IDENTITY, v->allows, &v->first);
}

/* GetFederationToken: "the permissions are the intersection"; without a session policy there is none. */
static void need_session(struct needs *n, const struct decision *d)
{
    if (d->s->caller.kind == NZ_PRINCIPAL_FEDERATED_USER && !d->set->session.present)
        need(n, NZ_LAYER_SESSION, NZ_NO, NULL);
    else
        need_list(n, d, NZ_LAYER_SESSION, &d->set->session);
}

/* The first of two reasons in the order of writing. */
static const struct nz_policy_reason *earlier(const struct nz_policy_reason *a, const struct nz_policy_reason *b)
{
    if (a->policy != b->policy)
        return a->policy < b->policy ? a : b;
    return a->statement < b->statement ? a : b;
}

/* Does the resource policy allow with at least this reach? */
static enum nz_tri resource_allows(const struct decision *d, enum nz_grant least, const struct nz_policy_reason **by)
{
    const struct verdict *v = d->resource;
    enum nz_tri allows = NZ_NO;
    *by = NULL;
    for (unsigned g = least; g < NZ_GRANT_COUNT; g++) {
        /* a sure allow is named before one that depends */
        if (v[g].allows != NZ_NO && (!*by || (v[g].allows == NZ_YES && allows == NZ_FREE)))
            *by = &v[g].first;
        else if (v[g].allows != NZ_NO && (v[g].allows == NZ_YES || allows == NZ_FREE))
            *by = earlier(*by, &v[g].first);
        allows = nz_tri_or(allows, v[g].allows);
    }
    return allows;
}

static struct needs need_resource(const struct decision *d, enum nz_grant least)
{
    struct needs n = {.all = NZ_YES};
    const struct nz_policy_reason *by;
    enum nz_tri allows = resource_allows(d, least, &by);
    need(&n, NZ_LAYER_RESOURCE, allows, by);
    return n;
}

/* The better of two ways to an allow; of equals the first. What is in the way is that of the last one tried. */
static struct needs either(struct needs a, struct needs b)
{
    if (a.all == NZ_YES || (a.all == NZ_FREE && b.all != NZ_YES))
        return a;
    return b;
}

static struct needs within_account(const struct decision *d)
{
    struct needs direct = need_resource(d, NZ_GRANT_FULL);
    struct needs limited = need_resource(d, NZ_GRANT_LIMITED);
    need_list(&limited, d, NZ_LAYER_BOUNDARY, &d->set->boundary);
    need_list(&limited, d, NZ_LAYER_SESSION, &d->set->session);
    struct needs identity =
        d->rules.needs_resource_side ? need_resource(d, NZ_GRANT_DELEGATE) : (struct needs){.all = NZ_YES};
    need_identity(&identity, d);
    need_list(&identity, d, NZ_LAYER_BOUNDARY, &d->set->boundary);
    need_session(&identity, d);
    /* a role that is named lacks no allow of identity: only what limits it is in the way */
    bool named = !(limited.blocked & 1u << NZ_LAYER_RESOURCE);
    /* of two ways that the resource policy gives, that of the statement written first is told */
    bool first = direct.all == NZ_YES && limited.all == NZ_YES && limited.by[0] != direct.by[0];
    struct needs best = first ? limited : either(direct, either(limited, identity));
    if (best.all == NZ_NO && named)
        return limited;
    if (best.all == NZ_FREE) { /* either way may be the one */
        enum nz_tri any = nz_tri_or(direct.all, nz_tri_or(limited.all, identity.all));
        best.all = any;
    }
    return best;
}

static struct needs across_accounts(const struct decision *d)
{
    struct needs n = need_resource(d, NZ_GRANT_DELEGATE);
    need_identity(&n, d);
    need_list(&n, d, NZ_LAYER_BOUNDARY, &d->set->boundary);
    need_session(&n, d);
    return n;
}

static bool has_account(const struct decision *d)
{
    return d->s->caller.kind != NZ_PRINCIPAL_ANYBODY && d->s->caller.kind != NZ_PRINCIPAL_SERVICE;
}

/* Appends b's needs to a's. */
static void join(struct needs *a, const struct needs *b)
{
    a->all = nz_tri_and(a->all, b->all);
    a->blocked |= b->blocked;
    for (size_t i = 0; i < b->by_count; i++)
        a->by[a->by_count++] = b->by[i];
}

static void need_all(const struct decision *d, struct needs *n)
{
    *n = (struct needs){.all = NZ_YES};
    if (d->rules.no_permission && has_account(d))
        return;
    need(n, NZ_LAYER_SCP, d->scp, NULL);
    struct needs grant = !has_account(d)                      ? need_resource(d, NZ_GRANT_LIMITED)
                         : nz_request_is_within_account(d->s) ? within_account(d)
                                                              : across_accounts(d);
    join(n, &grant);
    need_list(n, d, NZ_LAYER_ENDPOINT, &d->set->endpoint);
    if (d->rules.refused)
        need(n, NZ_LAYER_SERVICE, NZ_NO, NULL);
}

/* --- the answer --- */

/* Is there an allow in the layer whatever the free keys are? */
static bool is_sure(const struct decision *d, enum nz_layer layer)
{
    return layer == NZ_LAYER_SCP        ? d->scp == NZ_YES
           : layer == NZ_LAYER_RESOURCE ? d->resource[NZ_GRANT_FULL].allows == NZ_YES
                                        : d->layer[layer].allows == NZ_YES;
}

/* Keys matter when a deny asked for them, or a layer of which the answer depends. */
static enum nz_err list_free_keys(struct decision *d, struct nz_policy_answer *answer)
{
    struct nz_policy_scratch *s = d->s;
    if (s->free_names_room < s->free_count) {
        struct nz_str *more = realloc(s->free_names, s->free_count * sizeof *more);
        if (!more)
            return NZ_E_NOMEM;
        s->free_names = more;
        s->free_names_room = s->free_count;
    }
    size_t count = 0;
    for (size_t i = 0; i < s->free_count; i++) {
        const struct nz_free_key *key = &s->free_keys[i];
        size_t k = 0;
        while (k < count && !nz_str_eq(s->free_names[k], key->name))
            k++;
        if (k == count && (key->denies || !is_sure(d, key->layer)))
            s->free_names[count++] = key->name;
    }
    answer->free_keys = s->free_names;
    answer->free_keys_count = count;
    return NZ_OK;
}

/* An allow that depends decides nothing in a layer that has a sure one. */
static void list_depending(struct decision *d, struct nz_policy_answer *answer)
{
    struct nz_reasons *all = &d->s->depending;
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i].denies || !is_sure(d, all->list[i].layer))
            all->list[count++] = all->list[i];
    }
    answer->may_decide = all->list;
    answer->may_decide_count = count;
}

static enum nz_err answer_allowed_if(struct decision *d, struct nz_policy_answer *answer)
{
    answer->decision = NZ_DECISION_ALLOWED_IF;
    list_depending(d, answer);
    return list_free_keys(d, answer);
}

static enum nz_err answer_needs(struct decision *d, struct nz_policy_answer *answer)
{
    struct needs n;
    need_all(d, &n);
    if (n.all == NZ_NO) {
        answer->decision = NZ_DECISION_IMPLICITLY_DENIED;
        answer->blocked_by = n.blocked;
        return NZ_OK;
    }
    if (n.all == NZ_FREE || d->denied == NZ_FREE)
        return answer_allowed_if(d, answer);
    for (size_t i = 0; i < d->scp_count && !(d->rules.no_permission && has_account(d)); i++)
        reason_add(d->s, &d->s->reasons, d->s->levels[i]);
    for (size_t i = 0; i < n.by_count; i++)
        reason_add(d->s, &d->s->reasons, *n.by[i]);
    return NZ_OK;
}

enum nz_err nz_policy_decide(const struct nz_policy_set *set, const struct nz_policy_request *request,
                             struct nz_policy_scratch *scratch, struct nz_policy_answer *answer, struct nz_diag *diag)
{
    *answer = (struct nz_policy_answer){.decision = NZ_DECISION_ALLOWED};
    scratch->reasons.count = scratch->depending.count = scratch->free_count = 0;
    scratch->failed = false;
    scratch->has_boundary = set->boundary.present;
    if (set->scp.count > LEVELS_MAX || set->rcp.count > LEVELS_MAX)
        return nz_diag_set(diag, NZ_E_POLICY_LIMIT, "more than %u levels", LEVELS_MAX);
    enum nz_err err = nz_request_read(scratch, request, diag);
    if (err != NZ_OK)
        return err;
    struct decision d = {.s = scratch, .set = set, .rules = nz_service_rules_of(scratch)};
    if (d.rules.always_allowed)
        return NZ_OK;
    look_at_all(&d);
    if (d.denied == NZ_YES)
        answer->decision = NZ_DECISION_EXPLICITLY_DENIED;
    else
        err = answer_needs(&d, answer);
    answer->decided_by = scratch->reasons.list;
    answer->decided_by_count = scratch->reasons.count;
    return err != NZ_OK || scratch->failed ? nz_diag_set(diag, NZ_E_NOMEM, "%s", "") : NZ_OK;
}

enum nz_err nz_policy_scratch_new(struct nz_policy_scratch **out)
{
    struct nz_policy_scratch *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return NZ_E_NOMEM;
    nz_buf_init(&s->filled, 0);
    nz_buf_init(&s->decoded, 0);
    return NZ_OK;
}

void nz_policy_scratch_free(struct nz_policy_scratch *s)
{
    if (!s)
        return;
    nz_buf_release(&s->filled);
    nz_buf_release(&s->decoded);
    free(s->free_keys);
    free(s->free_names);
    free(s->reasons.list);
    free(s->depending.list);
    free(s);
}
