#include "access/prover.h"

#include "policy/mentions.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

const char *nz_proof_status_name(enum nz_proof_status status)
{
    static const char *const names[] = {"pass", "partial", "fail", "unknown"};
    return status <= NZ_PROOF_UNKNOWN ? names[status] : "unknown";
}

const struct nz_str *nz_prove_exempt(enum nz_prove_kind kind)
{
    static const struct nz_str mfa[] = {
        {"iam:CreateVirtualMFADevice", 26}, {"iam:EnableMFADevice", 19},       {"iam:GetUser", 11},
        {"iam:ListMFADevices", 18},         {"iam:ListVirtualMFADevices", 25}, {"iam:ResyncMFADevice", 19},
        {"sts:GetSessionToken", 19},        {"sts:GetCallerIdentity", 21},     {NULL, 0},
    };
    enum { ALWAYS = sizeof mfa / sizeof mfa[0] - 2 };
    return kind == NZ_PROVE_MFA ? mfa : &mfa[ALWAYS];
}

/* --- what all threads share --- */

static enum nz_err policy_make(const char *text, enum nz_policy_kind kind, struct nz_policy **out, struct nz_diag *diag)
{
    return nz_policy_compile(nz_str_from_c(text), kind, out, diag);
}

static enum nz_err policies_make(struct nz_prove_shared *s, struct nz_diag *diag)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_printf(&text,
                  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"%.*s\"},"
                  "\"Action\":\"*\",\"Resource\":\"*\"}]}",
                  NZ_STR_ARG(s->account->id));
    nz_buf_append_char(&text, '\0');
    enum nz_err err = text.failed ? NZ_E_NOMEM : policy_make(text.p, NZ_POLICY_RESOURCE, &s->lets_account_in, diag);
    nz_buf_release(&text);
    if (err == NZ_OK)
        err = policy_make("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                          "\"Action\":\"*\",\"Resource\":\"*\"}]}",
                          NZ_POLICY_RESOURCE, &s->lets_anybody_in, diag);
    if (err == NZ_OK)
        err = policy_make("{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
                          NZ_POLICY_IDENTITY, &s->allows_all, diag);
    /* AllowUsersToChangePassword: "grants users access to the iam:ChangePassword action for only their user and the
     * iam:GetAccountPasswordPolicy action" (IAM User Guide, "Set an account password policy") */
    if (err == NZ_OK)
        err = policy_make("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":["
                          "\"iam:ChangePassword\",\"iam:GetAccountPasswordPolicy\"],\"Resource\":\"*\"}]}",
                          NZ_POLICY_IDENTITY, &s->own_password, diag);
    return err;
}

static enum nz_err index_fill(struct nz_prove_shared *s)
{
    enum nz_err err = nz_action_index_add(s->index, s->own_password);
    for (uint32_t i = 0; i < s->account->principals_count && err == NZ_OK; i++) {
        const struct nz_access_set *set = s->sets->of[i];
        for (uint32_t k = 0; k < set->identity.count && err == NZ_OK; k++)
            err = nz_action_index_add(s->index, set->identity.policies[k]);
        for (uint32_t k = 0; k < set->boundary.count && err == NZ_OK; k++)
            err = nz_action_index_add(s->index, set->boundary.policies[k]);
    }
    return err;
}

/* The trust policies that ask for something of where the caller is. */
static enum nz_err trusts_find(struct nz_prove_shared *s)
{
    const struct nz_account *a = s->account;
    const struct nz_policy **list =
        NZ_ARENA_ARRAY(&s->arena, const struct nz_policy *, a->principals_count + (size_t)1);
    if (!list)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < a->principals_count; i++) {
        const struct nz_policy *trust =
            a->principals[i].kind == NZ_ACCESS_ROLE ? a->principals[i].trust.document->policy : NULL;
        struct nz_policy_set set = {.resource = {.policies = &trust, .count = 1, .present = true}};
        bool known = !trust;
        for (uint32_t k = 0; k < s->trusts.count && !known; k++)
            known = list[k] == trust;
        if (!known && nz_worlds_matter(&set))
            list[s->trusts.count++] = trust;
    }
    s->trusts.policies = list;
    s->trusts.present = true;
    return NZ_OK;
}

/* "You can't use the credentials to call AWS STS operations except GetCallerIdentity" (STS API Reference, GetFederationToken). */
static enum nz_err federated_except_make(struct nz_prove_shared *s)
{
    enum nz_err err = nz_action_bits_new(s->catalogue, &s->arena, &s->except_federated);
    if (err != NZ_OK)
        return err;
    nz_action_bits_add(s->catalogue, s->except_federated, NZ_STR("sts:*"));
    for (uint32_t i = 0; i < nz_catalogue_head(s->catalogue)->actions / 64 + 1; i++)
        s->except_federated.bits[i] |= s->except.bits[i];
    return NZ_OK;
}

static enum nz_err shared_make(struct nz_prove_shared *s, struct nz_diag *diag)
{
    const struct nz_prove_question *q = s->question;
    enum nz_err err = nz_action_index_new(s->catalogue, &s->index);
    if (err == NZ_OK)
        err = nz_action_bits_new(s->catalogue, &s->arena, &s->except);
    if (err != NZ_OK)
        return err;
    for (const struct nz_str *pattern = nz_prove_exempt(q->kind); pattern->n; pattern++)
        nz_action_bits_add(s->catalogue, s->except, *pattern);
    for (uint32_t i = 0; i < q->exempt_count; i++)
        nz_action_bits_add(s->catalogue, s->except, q->exempt[i]);
    err = federated_except_make(s);
    if (err != NZ_OK)
        return err;
    s->assume_role = nz_catalogue_find(s->catalogue, NZ_STR("sts:AssumeRole"));
    s->federation_token = nz_catalogue_find(s->catalogue, NZ_STR("sts:GetFederationToken"));
    s->list_buckets = nz_catalogue_find(s->catalogue, NZ_STR("s3:ListAllMyBuckets"));
    err = nz_placing_kinds_make(s->catalogue, &s->arena, &s->placing_kinds);
    if (err == NZ_OK)
        err = nz_target_kinds_make(s->catalogue, &s->arena, &s->target_kinds);
    if (err == NZ_OK)
        err = policies_make(s, diag);
    if (err == NZ_OK)
        err = trusts_find(s);
    if (err == NZ_OK)
        err = nz_role_lists_make(s->account, &s->arena, &s->roles);
    return err == NZ_OK ? index_fill(s) : err;
}

static void shared_release(struct nz_prove_shared *s)
{
    nz_policy_free(s->lets_account_in);
    nz_policy_free(s->lets_anybody_in);
    nz_policy_free(s->allows_all);
    nz_policy_free(s->own_password);
    nz_action_index_free(s->index);
    nz_arena_release(&s->arena);
}

/* --- groups: users of whom one proof holds --- */

struct group {
    uint32_t principal; /* the first */
    const struct nz_proof *proof;
};

bool nz_prove_asks_for_principal(const struct nz_policy_set *set)
{
    static const struct nz_str keys[] = {{"aws:principalarn", 16}, {"aws:username", 12}, {"aws:userid", 10}};
    return nz_policy_set_mentions(set, keys, sizeof keys / sizeof keys[0]) ||
           nz_policy_set_mentions_prefix(set, NZ_STR("aws:principaltag/"));
}

struct grouping {
    const struct nz_prove_shared *shared;
    struct nz_arena work;
    struct nz_access_map known;
    struct nz_buf groups;
    uint32_t *of;       /* one a principal: its group */
    bool *named;        /* one a principal: some role's trust policy names it */
    bool *own;          /* one a set: its policies ask for what is the user's own */
    bool *own_asked;    /* one a set */
    bool trusts_ask;    /* some trust policy does */
    bool anybody_asked; /* and lets in whom no policy of theirs grants anything */
};

static void named_find(struct grouping *g)
{
    const struct nz_account *a = g->shared->account;
    for (uint32_t i = 0; i < a->principals_count; i++) {
        const struct nz_access_document *trust = a->principals[i].trust.document;
        for (uint32_t k = 0; a->principals[i].kind == NZ_ACCESS_ROLE && k < trust->named_count; k++) {
            uint32_t who;
            if (nz_account_find_arn(a, trust->named[k], &who))
                g->named[who] = true;
        }
    }
}

/* One trust policy whose conditions ask for the caller's own keys makes every user who may assume roles a case of his own. */
static void trusts_look(struct grouping *g)
{
    const struct nz_account *a = g->shared->account;
    for (uint32_t i = 0; i < a->principals_count && !g->anybody_asked; i++) {
        if (a->principals[i].kind != NZ_ACCESS_ROLE || !a->principals[i].trust.document->policy)
            continue;
        const struct nz_policy *trust = a->principals[i].trust.document->policy;
        struct nz_policy_set set = {.resource = {.policies = &trust, .count = 1, .present = true}};
        if (!nz_prove_asks_for_principal(&set))
            continue;
        g->trusts_ask = true;
        g->anybody_asked = a->principals[i].trust.document->trusts_anybody;
    }
}

static enum nz_err group_of(struct grouping *g, uint32_t principal)
{
    const struct nz_access_set *set = g->shared->sets->of[principal];
    uint32_t key[2] = {set->id, 0}, group = (uint32_t)(g->groups.n / sizeof(struct group));
    if (!g->own_asked[set->id]) {
        struct nz_policy_set policies = {.identity = set->identity, .boundary = set->boundary};
        g->own_asked[set->id] = true;
        g->own[set->id] = nz_prove_asks_for_principal(&policies);
    }
    if (g->own[set->id] || g->named[principal] || g->anybody_asked ||
        (g->trusts_ask && (set->may_assume || set->unread)))
        key[1] = principal + 1;
    struct nz_str text = nz_arena_str(&g->work, nz_str_of((const char *)key, sizeof key));
    if (!text.p)
        return NZ_E_NOMEM;
    if (nz_access_map_get(&g->known, 0, text, &g->of[principal]))
        return NZ_OK;
    g->of[principal] = group;
    nz_buf_append(&g->groups, nz_str_of((const char *)&(struct group){.principal = principal}, sizeof(struct group)));
    return g->groups.failed ? NZ_E_NOMEM : nz_access_map_add(&g->known, 0, text, group);
}

static bool is_asked(const struct nz_prove_shared *s, uint32_t principal)
{
    return s->account->principals[principal].kind == NZ_ACCESS_USER && (!s->question->of || s->question->of[principal]);
}

static enum nz_err groups_make(struct grouping *g)
{
    const struct nz_account *a = g->shared->account;
    size_t sets = g->shared->sets->count + (size_t)1, count = a->principals_count + (size_t)1;
    g->of = NZ_ARENA_ARRAY(&g->work, uint32_t, count);
    g->named = NZ_ARENA_ARRAY(&g->work, bool, count);
    g->own = NZ_ARENA_ARRAY(&g->work, bool, sets);
    g->own_asked = NZ_ARENA_ARRAY(&g->work, bool, sets);
    if (!g->of || !g->named || !g->own || !g->own_asked)
        return NZ_E_NOMEM;
    named_find(g);
    trusts_look(g);
    enum nz_err err = NZ_OK;
    for (uint32_t i = 0; i < a->principals_count && err == NZ_OK; i++) {
        if (is_asked(g->shared, i))
            err = group_of(g, i);
    }
    return err;
}

/* --- one thread --- */

struct team {
    const struct nz_prove_shared *shared;
    struct group *groups;
    size_t count;
    atomic_size_t next;
    atomic_int err;
};

struct worker {
    struct team *team;
    struct nz_prover prover;
    struct nz_arena keep;
    struct nz_diag diag;
    pthread_t thread;
    bool started;
};

static enum nz_err prover_begin(struct nz_prover *p, const struct nz_prove_shared *shared, struct nz_arena *keep,
                                struct nz_diag *diag)
{
    size_t count = shared->account->principals_count + (size_t)1;
    *p = (struct nz_prover){.shared = shared, .keep = keep, .diag = diag};
    nz_arena_init(&p->work, 0);
    nz_buf_init(&p->context, 0);
    nz_buf_init(&p->placings, 0);
    nz_buf_init(&p->choices, 0);
    p->roles = NZ_ARENA_ARRAY(keep, uint8_t, count);
    p->role_witnesses = NZ_ARENA_ARRAY(keep, const struct nz_witness *, count);
    enum nz_err err = p->roles && p->role_witnesses ? nz_policy_searcher_new(&p->searcher) : NZ_E_NOMEM;
    const struct nz_account *a = shared->account;
    if (err == NZ_OK)
        err = nz_target_finder_new(shared->catalogue, a->partition, a->id, &p->targets);
    if (err == NZ_OK)
        err = nz_target_finder_new(shared->catalogue, a->partition, NZ_TARGET_ANY, &p->foreign);
    return err == NZ_OK ? nz_policy_scratch_new(&p->scratch) : err;
}

static void prover_end(struct nz_prover *p)
{
    nz_policy_searcher_free(p->searcher);
    nz_policy_scratch_free(p->scratch);
    nz_target_finder_free(p->targets);
    nz_target_finder_free(p->foreign);
    nz_arena_release(&p->work);
    nz_buf_release(&p->context);
    nz_buf_release(&p->placings);
    nz_buf_release(&p->choices);
}

/* By way of services: what a reader wants to know beside the verdict. */
static enum nz_err service_ask(struct nz_prover *p, const struct nz_subject *subject, struct nz_proof *proof)
{
    struct nz_worlds worlds;
    enum nz_err err = nz_subject_worlds(p, subject, NZ_SIDE_SERVICE, false, &worlds);
    if (err != NZ_OK || worlds.count == 0 || worlds.alike)
        return err;
    proof->service_asked = true;
    return nz_subject_reach(p, subject, &worlds, &proof->service_open);
}

static enum nz_err user_prove(struct nz_prover *p, uint32_t principal, const struct nz_proof **out)
{
    struct nz_subject subject;
    struct nz_proof *proof = NZ_ARENA_NEW(p->keep, struct nz_proof);
    nz_arena_reset(&p->work);
    if (!proof)
        return NZ_E_NOMEM;
    enum nz_err err = nz_subject_make(p, principal, &subject);
    if (err == NZ_OK)
        err = nz_subject_prove(p, &subject, false, proof);
    bool closed = proof->status == NZ_PROOF_PASS || proof->status == NZ_PROOF_PARTIAL;
    if (err == NZ_OK && closed && proof->actions && p->shared->question->kind == NZ_PROVE_SOURCE_IP)
        err = service_ask(p, &subject, proof);
    if (err == NZ_OK && closed && p->shared->question->kind == NZ_PROVE_SOURCE_IP)
        err = nz_roles_escape(p, &subject, proof);
    *out = proof;
    return err;
}

static void *work(void *self)
{
    struct worker *w = self;
    struct team *team = w->team;
    const struct nz_prove_question *q = team->shared->question;
    for (;;) {
        size_t at = atomic_fetch_add(&team->next, 1);
        if (at >= team->count || atomic_load(&team->err) != NZ_OK)
            return NULL;
        enum nz_err err = NZ_E_STOPPED;
        if (!q->stop || !q->stop(q->self))
            err = user_prove(&w->prover, team->groups[at].principal, &team->groups[at].proof);
        if (err != NZ_OK) {
            w->diag.code = err;
            atomic_store(&team->err, (int)err);
        }
    }
}

/* --- together --- */

static enum nz_err run(struct team *team, struct worker *workers, unsigned jobs, struct nz_proofs *proofs,
                       struct nz_diag *diag)
{
    enum nz_err err = NZ_OK;
    for (unsigned i = 0; i < jobs && err == NZ_OK; i++) {
        workers[i].team = team;
        workers[i].diag = (struct nz_diag)NZ_DIAG_INIT;
        nz_arena_init(&workers[i].keep, 0);
        err = prover_begin(&workers[i].prover, team->shared, &workers[i].keep, &workers[i].diag);
    }
    for (unsigned i = 1; i < jobs && err == NZ_OK; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0; /* fewer do as well */
    if (err == NZ_OK)
        work(&workers[0]);
    for (unsigned i = 0; i < jobs; i++) {
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
        if (workers[i].prover.searcher)
            proofs->decisions += nz_policy_searcher_decisions(workers[i].prover.searcher);
        if (workers[i].diag.code != NZ_OK && diag)
            *diag = workers[i].diag;
        prover_end(&workers[i].prover);
        proofs->arenas[proofs->arenas_count++] = workers[i].keep;
    }
    return err == NZ_OK ? (enum nz_err)atomic_load(&team->err) : err;
}

static bool context_has(const struct nz_access_context *context, struct nz_str name)
{
    for (uint32_t i = 0; i < context->count; i++) {
        if (nz_str_eq_nocase(context->keys[i].name, name))
            return true;
    }
    return nz_str_starts_with(name, NZ_STR("aws:PrincipalTag/"));
}

/* The witness of another user of the group, as this one's request: what is the user's own no policy of theirs asks for. */
static enum nz_err witness_adapt(const struct nz_account *a, uint32_t user, struct nz_arena *keep,
                                 const struct nz_witness **witness)
{
    const struct nz_witness *of = *witness;
    struct nz_witness *own = NZ_ARENA_NEW(keep, struct nz_witness);
    struct nz_access_context context;
    enum nz_err err = nz_access_context_make(a, &a->principals[user], keep, &context);
    if (err != NZ_OK || !own)
        return NZ_E_NOMEM;
    struct nz_policy_key *keys =
        NZ_ARENA_ARRAY(keep, struct nz_policy_key, of->context_count + context.count + (size_t)1);
    if (!keys)
        return NZ_E_NOMEM;
    *own = *of;
    own->principal = a->principals[user].arn;
    own->context = keys;
    own->context_count = 0;
    for (uint32_t i = 0; i < context.count; i++) {
        if (context.keys[i].count)
            keys[own->context_count++] = context.keys[i];
    }
    for (uint32_t i = 0; i < of->context_count; i++) {
        if (!context_has(&context, of->context[i].name))
            keys[own->context_count++] = of->context[i];
    }
    *witness = own;
    return NZ_OK;
}

static enum nz_err proof_of(struct nz_proofs *proofs, const struct grouping *g, uint32_t user,
                            const struct nz_proof **out)
{
    const struct group *group = &((const struct group *)(const void *)g->groups.p)[g->of[user]];
    *out = group->proof;
    if (group->principal == user || !group->proof->witness)
        return NZ_OK;
    struct nz_proof *own = NZ_ARENA_NEW(&proofs->arena, struct nz_proof);
    if (!own)
        return NZ_E_NOMEM;
    *own = *group->proof;
    *out = own;
    return witness_adapt(g->shared->account, user, &proofs->arena, &own->witness);
}

static enum nz_err proofs_fill(struct nz_proofs *proofs, const struct grouping *g)
{
    const struct nz_account *a = g->shared->account;
    enum nz_err err = NZ_OK;
    const struct nz_proof **of =
        NZ_ARENA_ARRAY(&proofs->arena, const struct nz_proof *, a->principals_count + (size_t)1);
    if (!of)
        return NZ_E_NOMEM;
    for (uint32_t i = 0; i < a->principals_count && err == NZ_OK; i++) {
        if (!is_asked(g->shared, i))
            continue;
        err = proof_of(proofs, g, i, &of[i]);
        if (err == NZ_OK)
            proofs->counts[of[i]->status]++;
    }
    proofs->of = of;
    proofs->proved = (uint32_t)(g->groups.n / sizeof(struct group));
    return err;
}

static enum nz_err prove(struct nz_prove_shared *shared, struct grouping *g, struct nz_proofs *proofs,
                         struct nz_diag *diag)
{
    unsigned jobs = shared->question->jobs ? shared->question->jobs : 1;
    enum nz_err err = shared_make(shared, diag);
    if (err == NZ_OK)
        err = groups_make(g);
    struct team team = {.shared = shared, .groups = (void *)g->groups.p, .count = g->groups.n / sizeof(struct group)};
    jobs = jobs > team.count ? (unsigned)team.count + 1 : jobs;
    struct worker *workers = calloc(jobs, sizeof *workers);
    proofs->arenas = calloc(jobs, sizeof *proofs->arenas);
    if (err == NZ_OK)
        err = workers && proofs->arenas ? run(&team, workers, jobs, proofs, diag) : NZ_E_NOMEM;
    free(workers);
    return err == NZ_OK ? proofs_fill(proofs, g) : err;
}

enum nz_err nz_access_prove(const struct nz_access_sets *sets, const struct nz_catalogue *catalogue,
                            const struct nz_prove_question *question, struct nz_proofs **out, struct nz_diag *diag)
{
    struct nz_prove_shared shared = {
        .sets = sets, .account = sets->account, .catalogue = catalogue, .question = question};
    struct grouping g = {.shared = &shared};
    struct nz_proofs *proofs = calloc(1, sizeof *proofs);
    *out = NULL;
    if (!proofs)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    nz_arena_init(&proofs->arena, 0);
    nz_arena_init(&shared.arena, 0);
    nz_arena_init(&g.work, 0);
    nz_buf_init(&g.groups, 0);
    enum nz_err err = prove(&shared, &g, proofs, diag);
    nz_buf_release(&g.groups);
    nz_access_map_release(&g.known);
    nz_arena_release(&g.work);
    shared_release(&shared);
    if (err == NZ_OK)
        *out = proofs;
    else
        nz_proofs_free(proofs);
    return err == NZ_E_NOMEM ? nz_diag_set(diag, err, "%s", "") : err;
}

void nz_proofs_free(struct nz_proofs *proofs)
{
    if (!proofs)
        return;
    for (unsigned i = 0; i < proofs->arenas_count; i++)
        nz_arena_release(&proofs->arenas[i]);
    free(proofs->arenas);
    nz_arena_release(&proofs->arena);
    free(proofs);
}
