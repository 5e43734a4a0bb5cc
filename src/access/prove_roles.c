#include "access/prover.h"

#include "policy/arn.h"
#include "policy/mentions.h"

/* --- one role --- */

struct asking {
    struct nz_prover *p;
    const struct nz_subject *subject;
    struct nz_policy_set policies; /* the subject's, with a trust policy for the resource's */
    const struct nz_policy *trust;
    bool asks_for_tags;      /* of the role */
    struct nz_str absent[5]; /* of one role: for nz_policy_searcher_set */
    struct nz_proof *proof;
};

static bool asks_for_resource_tags(const struct nz_policy_set *set)
{
    return nz_policy_set_mentions_prefix(set, NZ_STR("aws:resourcetag/")) ||
           nz_policy_set_mentions_prefix(set, NZ_STR("iam:resourcetag/"));
}

/* Tags that neither the caller nor the role has are absent, where they are known. */
static const struct nz_str *absent_prefixes(struct asking *a, const struct nz_access_principal *role)
{
    const struct nz_str *own = nz_subject_absent_prefixes(a->subject);
    uint32_t count = 0;
    if (!a->asks_for_tags || !role->tags_known)
        return own;
    a->absent[count++] = NZ_STR("aws:resourcetag/");
    a->absent[count++] = NZ_STR("iam:resourcetag/");
    while (own->n)
        a->absent[count++] = *own++;
    a->absent[count] = *own;
    return a->absent;
}

static void asking_begin(struct asking *a, struct nz_prover *p, const struct nz_subject *subject,
                         struct nz_proof *proof)
{
    *a = (struct asking){.p = p,
                         .subject = subject,
                         .policies = subject->policies,
                         .asks_for_tags = asks_for_resource_tags(&subject->policies),
                         .proof = proof};
}

/* The searcher goes back to the subject's own policies. */
static void asking_end(struct asking *a)
{
    nz_policy_searcher_set(a->p->searcher, &a->subject->policies, nz_subject_absent_prefixes(a->subject));
}

/* The sessions that the trust policy names, one after another, then the one that the subject has anyway: whoever assumes a role
 * chooses its name. False: there are no more. */
static bool session_next(const struct asking *a, const struct nz_access_document *trust, uint32_t *at,
                         struct nz_str *arn)
{
    uint32_t role;
    for (; *at < trust->named_count && !a->subject->is_user; ++*at) {
        if (nz_account_find_session_role(a->p->shared->account, trust->named[*at], &role) &&
            role == a->subject->principal) {
            *arn = trust->named[(*at)++];
            return true;
        }
    }
    *arn = a->subject->arn;
    bool first = *at != UINT32_MAX;
    *at = UINT32_MAX;
    return first;
}

static bool tag_key(struct nz_arena *work, const char *prefix, const struct nz_access_tag *tag,
                    struct nz_policy_key *out)
{
    *out = (struct nz_policy_key){
        .name = nz_arena_printf(work, "%s%.*s", prefix, NZ_STR_ARG(tag->key)), .values = &tag->value, .count = 1};
    return out->name.p != NULL;
}

/* "aws:ResourceTag/key-name" and "iam:ResourceTag/key-name": the role's that is assumed. */
static enum nz_err tags_make(struct asking *a, const struct nz_access_principal *role, struct nz_cell_question *q)
{
    if (!a->asks_for_tags || !role->tags_known)
        return NZ_OK;
    struct nz_policy_key *keys = NZ_ARENA_ARRAY(&a->p->work, struct nz_policy_key, 2 * (size_t)role->tags_count + 1);
    bool made = keys != NULL;
    for (uint32_t i = 0; i < role->tags_count && made; i++)
        made = tag_key(&a->p->work, "aws:ResourceTag/", &role->tags[i], &keys[q->tags_count++]) &&
               tag_key(&a->p->work, "iam:ResourceTag/", &role->tags[i], &keys[q->tags_count++]);
    q->tags = keys;
    return made ? NZ_OK : NZ_E_NOMEM;
}

/* A trust policy that could not be read may let in anybody. */
static enum nz_err role_ask(struct asking *a, uint32_t role, const struct nz_world_place *place,
                            enum nz_cell_state *state, const struct nz_witness **witness)
{
    const struct nz_access_principal *r = &a->p->shared->account->principals[role];
    bool read = r->trust.document->policy != NULL;
    a->trust = read ? r->trust.document->policy : a->p->shared->lets_anybody_in;
    a->policies.resource = (struct nz_policy_list){.policies = &a->trust, .count = 1, .present = true};
    nz_policy_searcher_set(a->p->searcher, &a->policies, absent_prefixes(a, r));
    struct nz_subject subject = *a->subject;
    struct nz_cell_question q = {.subject = &subject,
                                 .policies = &a->policies,
                                 .action = NZ_STR("sts:AssumeRole"),
                                 .resource = r->arn,
                                 .place = place,
                                 .trust = role,
                                 .placed = true,
                                 .proof = a->proof};
    enum nz_err err = tags_make(a, r, &q);
    bool undecided = false;
    uint32_t at = 0;
    *state = NZ_CELL_CLOSED;
    while (err == NZ_OK && *state != NZ_CELL_OPEN && session_next(a, r->trust.document, &at, &subject.arn)) {
        err = nz_cell_ask(a->p, &q, state, witness);
        undecided |= *state == NZ_CELL_UNDECIDED;
    }
    if ((*state == NZ_CELL_OPEN && !read) || (*state == NZ_CELL_CLOSED && undecided))
        *state = NZ_CELL_UNDECIDED;
    return err;
}

/* --- from one place --- */

/* Is everything denied here, whatever the role? Then no role need be asked about. */
static enum nz_err is_denied(struct asking *a, const struct nz_world_place *place, bool *denied)
{
    const struct nz_account *account = a->p->shared->account;
    struct nz_proof seen = {0};
    enum nz_cell_state state;
    *denied = false;
    if (a->subject->asks_for_account) /* other accounts' roles are another matter */
        return NZ_OK;
    struct nz_str arn = nz_arena_printf(&a->p->work, "arn:%.*s:iam::%.*s:role/example", NZ_STR_ARG(account->partition),
                                        NZ_STR_ARG(account->id));
    struct nz_cell_question q = {.subject = a->subject,
                                 .policies = &a->subject->policies,
                                 .action = NZ_STR("sts:AssumeRole"),
                                 .resource = arn,
                                 .place = place,
                                 .trust = NZ_PROOF_NO_ROLE,
                                 .placed = true,
                                 .proof = &seen};
    const struct nz_witness *witness = NULL;
    enum nz_err err = arn.p ? nz_cell_ask(a->p, &q, &state, &witness) : NZ_E_NOMEM;
    *denied = err == NZ_OK && state == NZ_CELL_CLOSED && seen.closed_by_lack == 0 && seen.denies_count > 0;
    for (uint32_t i = 0; i < seen.denies_count && *denied; i++) {
        const struct nz_policy_reason *by = &seen.denies[i];
        const struct nz_policy_list *list =
            by->layer == NZ_LAYER_BOUNDARY ? &a->subject->policies.boundary : &a->subject->policies.identity;
        *denied = nz_policy_statement_any_resource(list->policies[by->policy], by->statement);
    }
    if (*denied && a->proof) {
        a->proof->closed_by_deny += seen.closed_by_deny;
        for (uint32_t i = 0; i < seen.denies_count && err == NZ_OK; i++)
            err = nz_proof_deny_add(a->p, a->proof, &seen.denies[i]);
    }
    return err;
}

/* The ARNs of other accounts' roles that the subject's policies tell apart. */
static enum nz_err foreign_find(struct asking *a, struct nz_targets *out)
{
    const struct nz_prove_shared *shared = a->p->shared;
    struct nz_catalogue_range needs = nz_catalogue_action(shared->catalogue, shared->assume_role)->needs;
    struct nz_policy_request request = {
        .context = a->subject->context.keys, .context_count = a->subject->context.count, .rest_unknown = true};
    struct nz_target_patterns patterns;
    struct nz_target_question q = {
        .patterns = &patterns, .action = shared->assume_role, .text = NZ_STR("sts:assumerole"), .request = &request};
    *out = (struct nz_targets){.complete = true};
    if (needs.count == 0)
        return NZ_OK;
    q.resource = nz_catalogue_need(shared->catalogue, needs, 0)->resource;
    enum nz_err err = nz_target_patterns_find(&a->subject->policies, q.text, a->p->scratch, &a->p->work, &patterns);
    if (err != NZ_OK)
        return err;
    return nz_targets_find(a->p->foreign, &q, a->p->scratch, &a->p->work, out);
}

static bool is_of_account(struct nz_str arn, struct nz_str account)
{
    struct nz_str fields[6];
    return nz_arn_split(arn, fields) && nz_str_eq(fields[4], account);
}

/* Their trust is not known and taken to be given. */
static enum nz_err foreign_ask(struct asking *a, const struct nz_world_place *place, enum nz_cell_state *state,
                               const struct nz_witness **witness)
{
    const struct nz_account *account = a->p->shared->account;
    struct nz_targets targets = {0};
    struct nz_str usual =
        nz_arena_printf(&a->p->work, "arn:%.*s:iam::999999999999:role/example", NZ_STR_ARG(account->partition));
    enum nz_err err = usual.p ? foreign_find(a, &targets) : NZ_E_NOMEM;
    asking_end(a);
    for (uint32_t i = 0; i <= targets.count && err == NZ_OK && *state == NZ_CELL_CLOSED; i++) {
        struct nz_str resource = i < targets.count ? targets.list[i] : usual;
        struct nz_cell_question q = {.subject = a->subject,
                                     .policies = &a->subject->policies,
                                     .action = NZ_STR("sts:AssumeRole"),
                                     .resource = resource,
                                     .place = place,
                                     .trust = NZ_PROOF_NO_ROLE,
                                     .placed = true,
                                     .proof = a->proof};
        if (!is_of_account(resource, account->id)) /* of this account all roles are known */
            err = nz_cell_ask(a->p, &q, state, witness);
    }
    if (err == NZ_OK && *state == NZ_CELL_CLOSED && !targets.complete)
        *state = NZ_CELL_UNDECIDED;
    return err;
}

enum nz_err nz_roles_ask(struct nz_prover *p, const struct nz_subject *subject, const struct nz_world_place *place,
                         bool granted, struct nz_proof *proof, enum nz_cell_state *state,
                         const struct nz_witness **witness, bool *any)
{
    struct asking a;
    bool denied = false, undecided = false;
    asking_begin(&a, p, subject, proof);
    *state = NZ_CELL_CLOSED;
    *any = false;
    enum nz_err err = granted ? is_denied(&a, place, &denied) : NZ_OK;
    if (err != NZ_OK || denied)
        return err;
    struct nz_role_walk walk = {.principal = subject->principal, .granted = granted};
    while (err == NZ_OK && *state != NZ_CELL_OPEN && nz_role_walk_next(&p->shared->roles, &walk)) {
        *any = true;
        err = role_ask(&a, walk.role, place, state, witness);
        undecided |= *state == NZ_CELL_UNDECIDED;
    }
    if (err == NZ_OK && *state != NZ_CELL_OPEN && granted) {
        *state = NZ_CELL_CLOSED;
        err = foreign_ask(&a, place, state, witness);
    }
    asking_end(&a);
    if (err == NZ_OK && *state == NZ_CELL_CLOSED && undecided)
        *state = NZ_CELL_UNDECIDED;
    return err;
}

/* --- behind the roles --- */

struct escape {
    struct nz_prover *p;
    struct nz_proof *proof;
    struct nz_arena arena;
    uint32_t *queue, *parents; /* principals, and the queue's place of who assumed them */
    bool *visited, *supposed;  /* of the queue: only what could not be read, taken to allow, leads there */
    uint32_t count;
    bool found;
};

/* Work on one role is thrown away when it is done, since there may be thousands. */
static struct nz_arena work_begin(struct nz_prover *p)
{
    struct nz_arena outer = p->work;
    nz_arena_init(&p->work, 0);
    return outer;
}

static void work_end(struct nz_prover *p, struct nz_arena outer)
{
    nz_arena_release(&p->work);
    p->work = outer;
}

/* Whether a role's sessions get through from outside, asked once. */
static enum nz_err role_state(struct escape *e, uint32_t role)
{
    struct nz_prover *p = e->p;
    struct nz_subject subject;
    struct nz_proof proof = {0};
    if (p->roles[role] != NZ_ROLE_NOT_ASKED)
        return NZ_OK;
    struct nz_arena outer = work_begin(p);
    enum nz_err err = nz_subject_make(p, role, &subject);
    if (err == NZ_OK)
        err = nz_subject_prove(p, &subject, true, &proof);
    work_end(p, outer);
    p->roles[role] = NZ_ROLE_CLOSED;
    if (err != NZ_OK)
        return err;
    if (proof.status == NZ_PROOF_UNKNOWN)
        p->roles[role] = NZ_ROLE_UNKNOWN;
    else if (proof.status != NZ_PROOF_PASS)
        p->roles[role] = NZ_ROLE_OPEN;
    p->role_witnesses[role] = proof.witness;
    return NZ_OK;
}

static void chain_set(struct escape *e, uint32_t at)
{
    uint32_t count = 0;
    for (uint32_t k = at; k != 0; k = e->parents[k])
        count++;
    e->proof->chain_count = count < NZ_PROOF_CHAIN_MAX ? count : NZ_PROOF_CHAIN_MAX;
    for (uint32_t k = at, i = count; k != 0; k = e->parents[k]) {
        if (--i < NZ_PROOF_CHAIN_MAX)
            e->proof->chain[i] = e->queue[k];
    }
}

static void unknown_set(struct escape *e, const struct nz_access_document *unread)
{
    if (e->proof->status != NZ_PROOF_PASS)
        return;
    e->proof->status = NZ_PROOF_UNKNOWN;
    e->proof->unread = unread;
}

static enum nz_err reached(struct escape *e, uint32_t role, uint32_t parent, bool supposed,
                           const struct nz_access_document *unread)
{
    const struct nz_access_set *set = e->p->shared->sets->of[role];
    e->visited[role] = true;
    e->parents[e->count] = parent;
    supposed |= e->supposed[parent];
    e->supposed[e->count] = supposed;
    e->queue[e->count++] = role;
    enum nz_err err = role_state(e, role);
    if (err != NZ_OK)
        return err;
    if (e->p->roles[role] == NZ_ROLE_UNKNOWN)
        unknown_set(e, set->unread);
    if (e->p->roles[role] == NZ_ROLE_OPEN && supposed)
        unknown_set(e, unread);
    if (e->p->roles[role] != NZ_ROLE_OPEN || supposed)
        return NZ_OK;
    e->found = true;
    e->proof->escape = e->p->role_witnesses[role];
    chain_set(e, e->count - 1);
    return NZ_OK;
}

/* All roles that one member of the queue can assume from inside. */
static enum nz_err expand(struct escape *e, uint32_t at)
{
    struct nz_prover *p = e->p;
    const struct nz_account *account = p->shared->account;
    struct nz_subject subject;
    struct nz_worlds inside;
    struct asking a;
    enum nz_err err = nz_subject_make(p, e->queue[at], &subject);
    if (err == NZ_OK)
        err = nz_subject_worlds(p, &subject, NZ_SIDE_INSIDE, true, &inside);
    if (err != NZ_OK)
        return err;
    asking_begin(&a, p, &subject, NULL);
    bool granted = subject.set->may_assume || subject.everything;
    const struct nz_access_document *unread = subject.set->unread            ? subject.set->unread
                                              : subject.set->boundary_unread ? subject.set->boundary_document
                                                                             : NULL;
    struct nz_role_walk walk = {.principal = e->queue[at], .granted = granted};
    while (err == NZ_OK && !e->found && nz_role_walk_next(&p->shared->roles, &walk)) {
        uint32_t i = walk.role;
        if (e->visited[i])
            continue;
        enum nz_cell_state state = NZ_CELL_CLOSED;
        bool undecided = false;
        for (uint32_t k = 0; k < inside.count && err == NZ_OK && state != NZ_CELL_OPEN; k++) {
            err = role_ask(&a, i, &inside.places[k], &state, NULL);
            undecided |= state == NZ_CELL_UNDECIDED;
        }
        const struct nz_access_document *trust = account->principals[i].trust.document;
        if (err == NZ_OK && state == NZ_CELL_OPEN)
            err = reached(e, i, at, unread != NULL, unread);
        else if (err == NZ_OK && undecided)
            err = reached(e, i, at, true, trust->policy ? unread : trust);
    }
    return err;
}

enum nz_err nz_roles_escape(struct nz_prover *p, const struct nz_subject *subject, struct nz_proof *proof)
{
    struct escape e = {.p = p, .proof = proof};
    size_t count = p->shared->account->principals_count + (size_t)1;
    nz_arena_init(&e.arena, 0);
    e.queue = NZ_ARENA_ARRAY(&e.arena, uint32_t, count);
    e.parents = NZ_ARENA_ARRAY(&e.arena, uint32_t, count);
    e.visited = NZ_ARENA_ARRAY(&e.arena, bool, count);
    e.supposed = NZ_ARENA_ARRAY(&e.arena, bool, count);
    enum nz_err err = e.queue && e.parents && e.visited && e.supposed ? NZ_OK : NZ_E_NOMEM;
    if (err == NZ_OK) {
        e.queue[e.count++] = subject->principal;
        e.visited[subject->principal] = true;
    }
    for (uint32_t at = 0; at < e.count && err == NZ_OK && !e.found; at++) {
        struct nz_arena outer = work_begin(p);
        err = expand(&e, at);
        work_end(p, outer);
    }
    if (err == NZ_OK && e.found && proof->status != NZ_PROOF_FAIL)
        proof->status = NZ_PROOF_PARTIAL; /* some of what the user can reach is closed */
    nz_arena_release(&e.arena);
    return err;
}
