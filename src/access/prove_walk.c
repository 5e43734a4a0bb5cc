#include "access/prover.h"

/* Actions that stand in the same statements and are about the same kinds of resources. */
struct group {
    uint64_t key;
    uint32_t first, count;
};

struct walk {
    struct nz_prover *p;
    const struct nz_subject *subject;
    const struct nz_worlds *worlds, *inside;               /* inside NULL: whether it is open there does not matter */
    const struct nz_worlds *assume_worlds, *assume_inside; /* of sts:AssumeRole; NULL: not to be asked */
    const struct nz_action_class *class, *patterns_of;
    struct nz_target_patterns patterns; /* of patterns_of */
    struct nz_proof *proof;
    bool stop_at_open, any_open, any_closed, undecided;
    const struct nz_witness *witness;
};

/* Is one resource as good as any other? */
static bool is_any(const struct walk *w)
{
    return w->class->any_resource && !w->class->asks_for_place;
}

static enum nz_err action_text(struct walk *w, uint32_t action, struct nz_str *out)
{
    const struct nz_catalogue *c = w->p->shared->catalogue;
    const struct nz_catalogue_action *a = nz_catalogue_action(c, action);
    struct nz_str service = nz_catalogue_service(c, a->service)->prefix;
    char *text = nz_arena_alloc(&w->p->work, service.n + a->name.n + 1);
    if (!text)
        return NZ_E_NOMEM;
    memcpy(text, service.p, service.n);
    text[service.n] = ':';
    memcpy(text + service.n + 1, a->name.p, a->name.n);
    *out = nz_str_of(text, service.n + a->name.n + 1);
    return NZ_OK;
}

/* Of an action that the catalogue does not have, its text, which is in small letters. */
static unsigned placing_of(const struct walk *w, uint32_t action, struct nz_str text)
{
    size_t colon = nz_str_find(text, NZ_STR(":"));
    if (action != NZ_CATALOGUE_NONE)
        return w->p->shared->placing_kinds[action];
    return colon == SIZE_MAX ? 0 : nz_placing_of(nz_str_head(text, colon), nz_str_skip(text, colon + 1));
}

static enum nz_err target_ask(struct walk *w, uint32_t action, struct nz_str text, struct nz_str resource,
                              const struct nz_world_place *place, enum nz_cell_state *state, bool *whole)
{
    struct nz_cell_question q = {.subject = w->subject,
                                 .policies = &w->subject->policies,
                                 .action = text,
                                 .resource = resource,
                                 .place = place,
                                 .trust = NZ_PROOF_NO_ROLE,
                                 .placed = w->class->asks_for_place,
                                 .placing = placing_of(w, action, text),
                                 .proof = w->proof,
                                 .whole = whole};
    return nz_cell_ask(w->p, &q, state, &w->witness);
}

/* The resources that the class's statements name; the same for all of its actions. */
static enum nz_err patterns_find(struct walk *w, struct nz_str text)
{
    if (w->patterns_of == w->class)
        return NZ_OK;
    w->patterns_of = w->class;
    return nz_target_patterns_find(&w->subject->policies, text, w->p->scratch, &w->p->work, &w->patterns);
}

/* Resources of one type: the usual one, then all that policies tell apart. */
static enum nz_err type_ask(struct walk *w, uint32_t action, struct nz_str text, uint32_t type,
                            const struct nz_world_place *place, enum nz_cell_state *state)
{
    struct nz_policy_request request = {
        .context = w->subject->context.keys, .context_count = w->subject->context.count, .rest_unknown = true};
    /* without an Allow on everything, or nearly, only what the patterns have in common with the type can be open */
    bool usually =
        w->class->allowed_anywhere || w->class->allowed_elsewhere || w->class->any_resource || w->subject->everything;
    struct nz_target_question q = {.patterns = &w->patterns,
                                   .action = action,
                                   .text = text,
                                   .resource = type,
                                   .request = &request,
                                   .each_form = w->class->asks_for_place,
                                   .granted_by_patterns = !usually};
    struct nz_targets targets = {.complete = true};
    struct nz_str usual;
    bool whole = false;
    enum nz_err err = NZ_OK;
    if (!is_any(w)) {
        err = patterns_find(w, text);
        if (err == NZ_OK)
            err = nz_targets_find(w->p->targets, &q, w->p->scratch, &w->p->work, &targets);
    }
    *state = NZ_CELL_CLOSED;
    if (err == NZ_OK && usually) {
        err = nz_target_usual(w->p->targets, &q, &w->p->work, &usual);
        if (err == NZ_OK)
            err = target_ask(w, action, text, usual, place, state, &whole);
    }
    bool undecided = *state == NZ_CELL_UNDECIDED || !targets.complete;
    for (uint32_t i = 0; err == NZ_OK && !whole && i < targets.count && *state != NZ_CELL_OPEN; i++) {
        err = target_ask(w, action, text, targets.list[i], place, state, &whole);
        undecided |= *state == NZ_CELL_UNDECIDED;
    }
    if (err == NZ_OK && *state == NZ_CELL_CLOSED && undecided && !whole)
        *state = NZ_CELL_UNDECIDED;
    return err;
}

/* "s3:ListAllMyBuckets" has no resource type, and is granted for "arn:aws:s3:::*" as well as for "*" (IAM User Guide, "Allows
 * read and write access to objects in an S3 bucket, programmatically and in the console"). */
static enum nz_err buckets_ask(struct walk *w, struct nz_str text, const struct nz_world_place *place,
                               enum nz_cell_state *state)
{
    enum nz_cell_state by_arn = NZ_CELL_CLOSED;
    const uint32_t action = w->p->shared->list_buckets;
    enum nz_err err = type_ask(w, action, text, NZ_CATALOGUE_NONE, place, state);
    if (err != NZ_OK || *state == NZ_CELL_OPEN)
        return err;
    struct nz_str arn = nz_arena_printf(&w->p->work, "arn:%.*s:s3:::*", NZ_STR_ARG(w->p->shared->account->partition));
    err = arn.p ? target_ask(w, action, text, arn, place, &by_arn, NULL) : NZ_E_NOMEM;
    if (by_arn != NZ_CELL_CLOSED)
        *state = by_arn;
    return err;
}

/* Of all types that the action's resources can have, one that is open is enough. */
static enum nz_err action_ask(struct walk *w, uint32_t action, struct nz_str text, const struct nz_world_place *place,
                              enum nz_cell_state *state)
{
    const struct nz_catalogue *c = w->p->shared->catalogue;
    struct nz_catalogue_range needs = {0, 0};
    bool undecided = false;
    if (action != NZ_CATALOGUE_NONE)
        needs = nz_catalogue_action(c, action)->needs;
    if (needs.count == 0 && action != NZ_CATALOGUE_NONE && action == w->p->shared->list_buckets)
        return buckets_ask(w, text, place, state);
    if (needs.count == 0)
        return type_ask(w, action, text, NZ_CATALOGUE_NONE, place, state);
    for (uint32_t i = 0; i < needs.count; i++) {
        enum nz_err err = type_ask(w, action, text, nz_catalogue_need(c, needs, i)->resource, place, state);
        if (err != NZ_OK || *state == NZ_CELL_OPEN || is_any(w))
            return err;
        undecided |= *state == NZ_CELL_UNDECIDED;
    }
    *state = NZ_CELL_CLOSED;
    enum nz_err err = w->p->shared->target_kinds[action] & NZ_TARGET_MAY_BE_NONE
                          ? type_ask(w, action, text, NZ_CATALOGUE_NONE, place, state)
                          : NZ_OK;
    if (err == NZ_OK && *state == NZ_CELL_CLOSED && undecided)
        *state = NZ_CELL_UNDECIDED;
    return err;
}

static void cell_count(struct walk *w, const struct nz_world_place *place, enum nz_cell_state state)
{
    struct nz_proof_network *network = &w->proof->networks[place->network];
    network->asked = true;
    network->open |= state == NZ_CELL_OPEN;
    network->closed |= state == NZ_CELL_CLOSED;
    w->any_open |= state == NZ_CELL_OPEN;
    w->any_closed |= state == NZ_CELL_CLOSED;
    w->undecided |= state == NZ_CELL_UNDECIDED;
}

static enum nz_err place_ask(struct walk *w, uint32_t action, struct nz_str text, const struct nz_world_place *place,
                             enum nz_cell_state *state)
{
    bool any;
    if (action != NZ_CATALOGUE_NONE && action == w->p->shared->assume_role)
        return nz_roles_ask(w->p, w->subject, place, true, w->proof, state, &w->witness, &any);
    return action_ask(w, action, text, place, state);
}

/* What is denied from inside too is not the restriction's merit: the user cannot do it at all. */
static enum nz_err inside_ask(struct walk *w, uint32_t action, struct nz_str text, const struct nz_worlds *inside,
                              bool *usable)
{
    const struct nz_witness *witness = w->witness;
    struct nz_proof *proof = w->proof, aside = {0};
    enum nz_err err = NZ_OK;
    *usable = false;
    w->proof = &aside; /* who denies from inside is not asked */
    for (uint32_t i = 0; i < inside->count && err == NZ_OK && !*usable; i++) {
        enum nz_cell_state state;
        err = place_ask(w, action, text, &inside->places[i], &state);
        *usable = err == NZ_OK && state != NZ_CELL_CLOSED;
    }
    w->proof = proof;
    w->witness = witness;
    return err;
}

struct group_answer {
    bool open;       /* from some place */
    bool usable;     /* from some place, or from inside */
    bool everywhere; /* open from every place */
};

/* Denies count where the user could do it otherwise. */
static enum nz_err denies_join(struct walk *w, const struct nz_proof *from)
{
    enum nz_err err = NZ_OK;
    for (uint32_t i = 0; i < from->denies_count && err == NZ_OK; i++)
        err = nz_proof_deny_add(w->p, w->proof, &from->denies[i]);
    w->proof->closed_by_deny += from->closed_by_deny;
    w->proof->closed_by_lack += from->closed_by_lack;
    return err;
}

/* Asks one action from each place. */
static enum nz_err states_ask(struct walk *w, uint32_t action, struct nz_str text, const struct nz_worlds *worlds,
                              enum nz_cell_state *states, struct group_answer *answer)
{
    uint32_t asked = worlds->alike && worlds->count ? 1 : worlds->count;
    enum nz_err err = NZ_OK;
    *answer = (struct group_answer){.everywhere = worlds->count > 0};
    for (uint32_t i = 0; i < asked && err == NZ_OK && !(answer->open && w->stop_at_open); i++) {
        err = place_ask(w, action, text, &worlds->places[i], &states[i]);
        answer->usable |= states[i] != NZ_CELL_CLOSED;
        answer->open |= states[i] == NZ_CELL_OPEN;
        answer->everywhere &= states[i] == NZ_CELL_OPEN;
    }
    for (uint32_t i = asked; i < worlds->count; i++)
        states[i] = states[0];
    return err;
}

/* Asks one action for all of its group. */
static enum nz_err group_ask(struct walk *w, uint32_t action, struct nz_str text, struct group_answer *answer)
{
    bool assume = action != NZ_CATALOGUE_NONE && action == w->p->shared->assume_role;
    const struct nz_worlds *worlds = assume ? w->assume_worlds : w->worlds;
    const struct nz_worlds *inside = assume ? w->assume_inside : w->inside;
    enum nz_cell_state *states = NZ_ARENA_ARRAY(&w->p->work, enum nz_cell_state, worlds->count + (size_t)1);
    struct nz_proof *proof = w->proof, closed = {0};
    if (!states)
        return NZ_E_NOMEM;
    w->proof = &closed;
    enum nz_err err = states_ask(w, action, text, worlds, states, answer);
    if (err == NZ_OK && !answer->usable && inside && !(worlds->alike && inside->alike_credentials))
        err = inside_ask(w, action, text, inside, &answer->usable);
    w->proof = proof;
    for (uint32_t i = 0; err == NZ_OK && answer->usable && i < worlds->count; i++)
        cell_count(w, &worlds->places[i], states[i]);
    return err == NZ_OK && answer->usable ? denies_join(w, &closed) : err;
}

static enum nz_err example_add(struct walk *w, struct nz_str text)
{
    struct nz_proof *proof = w->proof;
    if (proof->examples_count == NZ_PROOF_EXAMPLES)
        return NZ_OK;
    struct nz_str kept = nz_arena_str(w->p->keep, text);
    proof->examples[proof->examples_count++] = kept;
    return kept.p ? NZ_OK : NZ_E_NOMEM;
}

/* What an action's cells depend on besides its statements. */
static uint64_t key_of(const struct walk *w, uint32_t action)
{
    const struct nz_catalogue *c = w->p->shared->catalogue;
    struct nz_catalogue_range needs = nz_catalogue_action(c, action)->needs;
    uint64_t key = action == w->p->shared->list_buckets ? UINT64_MAX : w->class->any_resource ? 1 : needs.count + 1;
    if (w->class->asks_for_place)
        key += (uint64_t)w->p->shared->placing_kinds[action] << 32;
    key = (key ^ w->p->shared->target_kinds[action]) * 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < needs.count && !w->class->any_resource; i++) {
        const struct nz_catalogue_need *need = nz_catalogue_need(c, needs, i);
        key = (key ^ need->resource) * 0x9e3779b97f4a7c15u;
    }
    return key;
}

static enum nz_err groups_make(struct walk *w, struct group **out, uint32_t *count)
{
    struct group *groups = NZ_ARENA_ARRAY(&w->p->work, struct group, w->class->count + (size_t)1);
    struct nz_action_walk walk = {0};
    *count = 0;
    *out = groups;
    if (!groups)
        return NZ_E_NOMEM;
    while (nz_action_class_next(w->p->shared->catalogue, w->class, &walk)) {
        uint64_t key = is_any(w) ? 0 : key_of(w, walk.action);
        uint32_t at = 0;
        while (at < *count && groups[at].key != key)
            at++;
        if (at == *count)
            groups[(*count)++] = (struct group){.key = key, .first = walk.action};
        groups[at].count++;
    }
    return NZ_OK;
}

/* The first of the group's actions, as examples. */
static enum nz_err examples_add(struct walk *w, const struct group *group)
{
    struct nz_action_walk walk = {0};
    while (w->proof->examples_count < NZ_PROOF_EXAMPLES &&
           nz_action_class_next(w->p->shared->catalogue, w->class, &walk)) {
        struct nz_str text;
        if (group->key && key_of(w, walk.action) != group->key)
            continue;
        enum nz_err err = action_text(w, walk.action, &text);
        if (err == NZ_OK)
            err = example_add(w, text);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}

static void group_count(struct walk *w, uint32_t actions, const struct group_answer *answer)
{
    w->proof->actions += answer->usable ? actions : 0;
    w->proof->actions_open += answer->open ? actions : 0;
}

/* Where an Allow on every resource meets no deny, what holds for one action's usual resource holds for the class, if it is
 * open from everywhere. Else nothing is counted. */
static enum nz_err class_ask_at_once(struct walk *w, bool *done)
{
    const struct nz_action_class *class = w->class;
    struct nz_action_class whole = *class;
    struct nz_action_walk walk = {0};
    struct group_answer answer;
    struct nz_str text;
    if (class->any_resource || class->denied_somewhere || class->asks_for_place || !class->allowed_anywhere ||
        w->subject->policies.boundary.present || !nz_action_class_next(w->p->shared->catalogue, class, &walk) ||
        walk.action == w->p->shared->assume_role)
        return NZ_OK;
    enum nz_cell_state *states = NZ_ARENA_ARRAY(&w->p->work, enum nz_cell_state, w->worlds->count + (size_t)1);
    whole.any_resource = true;
    w->class = &whole;
    enum nz_err err = states ? action_text(w, walk.action, &text) : NZ_E_NOMEM;
    if (err == NZ_OK)
        err = states_ask(w, walk.action, text, w->worlds, states, &answer);
    w->class = class;
    if (err != NZ_OK || !answer.everywhere)
        return err;
    *done = true;
    for (uint32_t i = 0; i < w->worlds->count; i++)
        cell_count(w, &w->worlds->places[i], states[i]);
    group_count(w, class->count, &answer);
    return examples_add(w, &(struct group){.key = 0, .first = walk.action, .count = class->count});
}

static enum nz_err class_ask(struct walk *w)
{
    struct group *groups;
    struct group_answer answer;
    uint32_t count;
    if (w->class->text.n) {
        enum nz_err err = group_ask(w, NZ_CATALOGUE_NONE, w->class->text, &answer);
        if (err == NZ_OK)
            group_count(w, 1, &answer);
        return err == NZ_OK && answer.open ? example_add(w, w->class->text) : err;
    }
    bool done = false;
    enum nz_err err = class_ask_at_once(w, &done);
    if (err != NZ_OK || done)
        return err;
    err = groups_make(w, &groups, &count);
    for (uint32_t i = 0; i < count && err == NZ_OK && !(w->stop_at_open && w->any_open); i++) {
        struct nz_str text;
        err = action_text(w, groups[i].first, &text);
        if (err == NZ_OK)
            err = group_ask(w, groups[i].first, text, &answer);
        if (err != NZ_OK)
            break;
        group_count(w, groups[i].count, &answer);
        if (answer.open)
            err = examples_add(w, &groups[i]);
    }
    return err;
}

/* Roles may name the subject without its policies saying anything. */
static enum nz_err named_ask(struct walk *w)
{
    const struct nz_worlds *worlds = w->assume_worlds;
    enum nz_cell_state *states = NZ_ARENA_ARRAY(&w->p->work, enum nz_cell_state, worlds->count + (size_t)1);
    struct group_answer answer = {0};
    enum nz_err err = states ? NZ_OK : NZ_E_NOMEM;
    bool any = false;
    for (uint32_t i = 0; i < worlds->count && err == NZ_OK; i++) {
        err = nz_roles_ask(w->p, w->subject, &worlds->places[i], false, w->proof, &states[i], &w->witness, &any);
        if (err != NZ_OK || !any)
            return err;
        answer.usable |= states[i] != NZ_CELL_CLOSED;
        answer.open |= states[i] == NZ_CELL_OPEN;
    }
    for (uint32_t i = 0; i < w->assume_inside->count && err == NZ_OK && !answer.usable; i++) {
        enum nz_cell_state state;
        err = nz_roles_ask(w->p, w->subject, &w->assume_inside->places[i], false, NULL, &state, NULL, &any);
        answer.usable = state != NZ_CELL_CLOSED;
    }
    for (uint32_t i = 0; i < worlds->count && answer.usable; i++)
        cell_count(w, &worlds->places[i], states[i]);
    group_count(w, 1, &answer);
    return err == NZ_OK && answer.open ? example_add(w, NZ_STR("sts:AssumeRole")) : err;
}

static enum nz_proof_status status_of(const struct walk *w)
{
    bool unread = w->subject->set->unread || (w->subject->set->boundary_unread && w->any_open);
    if (!w->any_open && !w->undecided)
        return NZ_PROOF_PASS; /* also of what could not be read: were it to allow everything, the denies would hold */
    if (unread || !w->any_open)
        return NZ_PROOF_UNKNOWN;
    return w->any_closed ? NZ_PROOF_PARTIAL : NZ_PROOF_FAIL; /* what is undecided hides no open cell */
}

static void finish(const struct walk *w)
{
    struct nz_proof *proof = w->proof;
    proof->status = status_of(w);
    proof->set = w->subject->set;
    proof->witness = w->any_open && proof->status != NZ_PROOF_UNKNOWN ? w->witness : NULL;
    if (proof->status != NZ_PROOF_UNKNOWN)
        return;
    proof->unread = w->subject->set->unread            ? w->subject->set->unread
                    : w->subject->set->boundary_unread ? w->subject->set->boundary_document
                                                       : NULL;
}

/* Asks every class; *granted: sts:AssumeRole is among them. */
static enum nz_err classes_ask(struct walk *w, bool *granted)
{
    const struct nz_prove_shared *shared = w->p->shared;
    struct nz_action_classes classes;
    struct nz_action_bits except = w->subject->federated ? shared->except_federated : shared->except;
    nz_policy_searcher_set(w->p->searcher, &w->subject->policies, nz_subject_absent_prefixes(w->subject));
    enum nz_err err = nz_action_classes_make(shared->index, &w->subject->policies, except, w->subject->everything,
                                             &w->p->work, &classes);
    if (err != NZ_OK)
        return err;
    w->undecided = !w->worlds->complete || !w->assume_worlds->complete;
    *granted = false;
    for (uint32_t i = 0; i < classes.count && err == NZ_OK && !(w->stop_at_open && w->any_open); i++) {
        w->class = &classes.list[i];
        *granted |= w->class->actions && w->class->actions[0] == shared->assume_role;
        err = class_ask(w);
    }
    return err;
}

/* For whether anything is open in these worlds, and no more. */
static struct walk walk_until_open(struct nz_prover *p, const struct nz_subject *subject,
                                   const struct nz_worlds *worlds, struct nz_proof *aside)
{
    return (struct walk){
        .p = p, .subject = subject, .worlds = worlds, .assume_worlds = worlds, .proof = aside, .stop_at_open = true};
}

enum nz_err nz_subject_reach(struct nz_prover *p, const struct nz_subject *subject, const struct nz_worlds *worlds,
                             bool *open)
{
    struct nz_proof aside = {0};
    struct walk w = walk_until_open(p, subject, worlds, &aside);
    bool granted;
    enum nz_err err = classes_ask(&w, &granted);
    *open = w.any_open;
    return err;
}

/* Sessions of GetFederationToken are under the same policies, but what asks for the caller's name and tags says something else
 * of them. */
static enum nz_err federation_ask(struct walk *own)
{
    struct nz_prover *p = own->p;
    struct nz_proof aside = {0}, *proof = own->proof;
    struct nz_subject session;
    struct nz_worlds worlds;
    struct walk w = walk_until_open(p, &session, &worlds, &aside);
    bool granted;
    enum nz_err err = nz_subject_federate(p, own->subject, &session);
    if (err == NZ_OK)
        err = nz_subject_worlds(p, &session, NZ_SIDE_OUTSIDE, false, &worlds);
    if (err == NZ_OK)
        err = classes_ask(&w, &granted);
    if (err != NZ_OK || (!w.any_open && !w.undecided))
        return err;
    bool known = w.any_open && !session.everything && !session.set->boundary_unread;
    if (known)
        proof->federation = w.witness;
    if (proof->status == NZ_PROOF_PASS)
        proof->status = known ? NZ_PROOF_PARTIAL : NZ_PROOF_UNKNOWN;
    return NZ_OK;
}

/* Do the policies ask for anything in which a session differs from the user? */
static bool asks_for_session(const struct nz_policy_set *set)
{
    static const struct nz_str keys[] = {{"aws:principaltype", 17},
                                         {"aws:tokenissuetime", 18},
                                         {"aws:multifactorauthpresent", 26},
                                         {"aws:multifactorauthage", 22}};
    return nz_prove_asks_for_principal(set) || nz_policy_set_mentions(set, keys, sizeof keys / sizeof keys[0]);
}

/* Can the user make such a session at all, from inside or outside? With long-term keys, as the token is. */
static enum nz_err token_is_made(struct walk *own, bool *made)
{
    struct nz_prover *p = own->p;
    const uint32_t action = p->shared->federation_token;
    struct nz_action_class class = {.allowed_anywhere = true, .allowed_elsewhere = true, .asks_for_place = true};
    struct walk w = *own;
    struct nz_proof aside = {0};
    struct nz_str text;
    enum nz_err err = NZ_OK;
    *made = false;
    w.class = &class;
    w.patterns_of = NULL;
    w.proof = &aside;
    nz_policy_searcher_set(p->searcher, &w.subject->policies, nz_subject_absent_prefixes(w.subject));
    /* where MFA is the question, outside is everywhere */
    unsigned last = p->shared->question->kind == NZ_PROVE_MFA ? NZ_SIDE_TOKEN_OUTSIDE : NZ_SIDE_TOKEN_INSIDE;
    for (unsigned side = NZ_SIDE_TOKEN_OUTSIDE; side <= last && err == NZ_OK && !*made; side++) {
        struct nz_worlds worlds;
        err = nz_subject_worlds(p, w.subject, (enum nz_side)side, false, &worlds);
        if (err == NZ_OK)
            err = action_text(&w, action, &text);
        for (uint32_t i = 0; err == NZ_OK && i < worlds.count && !*made; i++) {
            enum nz_cell_state state;
            err = action_ask(&w, action, text, &worlds.places[i], &state);
            *made = state != NZ_CELL_CLOSED;
        }
    }
    return err;
}

static bool may_federate(const struct walk *w)
{
    return w->p->shared->federation_token != NZ_CATALOGUE_NONE && w->subject->is_user &&
           asks_for_session(&w->subject->policies);
}

enum nz_err nz_subject_prove(struct nz_prover *p, const struct nz_subject *subject, bool stop_at_open,
                             struct nz_proof *proof)
{
    struct nz_worlds worlds[2], inside[2]; /* of its own policies, of sts:AssumeRole */
    struct walk w = {.p = p,
                     .subject = subject,
                     .worlds = &worlds[0],
                     .assume_worlds = &worlds[p->shared->trusts.count > 0],
                     .inside = stop_at_open ? NULL : &inside[0],
                     .assume_inside = stop_at_open ? NULL : &inside[p->shared->trusts.count > 0],
                     .proof = proof,
                     .stop_at_open = stop_at_open};
    bool granted = false;
    enum nz_err err = NZ_OK;
    unsigned kinds = p->shared->trusts.count ? 2 : 1; /* else sts:AssumeRole has the worlds of all actions */
    for (unsigned trusts = 0; trusts < kinds && err == NZ_OK; trusts++) {
        err = nz_subject_worlds(p, subject, NZ_SIDE_OUTSIDE, trusts, &worlds[trusts]);
        if (err == NZ_OK)
            err = nz_subject_worlds(p, subject, NZ_SIDE_INSIDE, trusts, &inside[trusts]);
    }
    if (err == NZ_OK)
        err = classes_ask(&w, &granted);
    bool exempt =
        p->shared->assume_role != NZ_CATALOGUE_NONE && nz_action_bits_have(p->shared->except, p->shared->assume_role);
    if (err == NZ_OK && !granted && !exempt && !subject->everything && !stop_at_open)
        err = named_ask(&w);
    if (err == NZ_OK)
        finish(&w);
    bool closed = proof->status == NZ_PROOF_PASS || proof->status == NZ_PROOF_PARTIAL;
    bool made = false;
    if (err == NZ_OK && closed && may_federate(&w))
        err = token_is_made(&w, &made);
    return err == NZ_OK && made ? federation_ask(&w) : err;
}
