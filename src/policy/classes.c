#include "policy/action_index.h"
#include "policy/candidates.h"

/* A statement of the set, with its actions. */
struct member {
    const struct nz_statement *statement;
    const struct nz_statement_actions *actions;
    bool grants;     /* an Allow of an identity policy */
    bool places;     /* it asks for what follows from the resource: its account, its region */
    uint64_t weight; /* a class is known by the sum of its statements' weights */
};

struct making {
    const struct nz_action_index *index;
    const struct nz_catalogue *catalogue;
    struct nz_action_bits except;
    bool everything;
    struct nz_arena *keep;
    struct nz_arena work;
    struct member *members;
    uint32_t members_count;
    uint64_t *named; /* services that some statement lists, or that have actions of their own kind */
    uint64_t *sums;  /* of one service's actions */
    bool *granted;
    struct nz_buf classes; /* struct nz_action_class */
    struct nz_action_classes *out;
};

static uint64_t weight_of(uint64_t number)
{
    uint64_t z = (number + 1) * 0x9e3779b97f4a7c15u; /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* --- the statements --- */

static uint32_t statements_of(const struct nz_policy_list *list)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++)
        count += list->policies[i]->count;
    return count;
}

static void members_add(struct making *m, const struct nz_policy_list *list, bool identity)
{
    static const struct nz_str places[] = {{"aws:resourceaccount", 19}, {"aws:requestedregion", 19}};
    for (uint32_t p = 0; p < list->count; p++) {
        const struct nz_policy *policy = list->policies[p];
        const struct nz_statement_actions *actions = nz_action_index_of(m->index, policy);
        for (uint32_t i = 0; actions && i < policy->count; i++) {
            struct member *member = &m->members[m->members_count];
            *member = (struct member){.statement = &policy->statements[i],
                                      .actions = &actions[i],
                                      .grants = identity && policy->statements[i].allow,
                                      .places = nz_statement_mentions(&policy->statements[i], places, 2),
                                      .weight = weight_of(m->members_count)};
            m->members_count++;
        }
    }
}

static bool members_gather(struct making *m, const struct nz_policy_set *set)
{
    size_t count = (size_t)statements_of(&set->identity) + statements_of(&set->boundary) +
                   statements_of(&set->session) + statements_of(&set->endpoint);
    for (uint32_t i = 0; i < set->scp.count; i++)
        count += statements_of(&set->scp.levels[i]);
    m->members = NZ_ARENA_ARRAY(&m->work, struct member, count + 1);
    if (!m->members)
        return false;
    members_add(m, &set->identity, true);
    members_add(m, &set->boundary, false);
    members_add(m, &set->session, false);
    members_add(m, &set->endpoint, false);
    for (uint32_t i = 0; i < set->scp.count; i++)
        members_add(m, &set->scp.levels[i], false);
    return true;
}

static bool asks_for_resource(const struct nz_statement *st)
{
    for (uint32_t i = 0; i < st->resources_count && !st->not_resource; i++) {
        if (st->resources[i].kind == NZ_ARN_ANY)
            return false;
    }
    return st->resources_count > 0;
}

static const uint64_t *bits_of(const struct nz_statement_actions *actions, uint32_t service)
{
    for (uint32_t i = 0; i < actions->services_count; i++) {
        if (actions->services[i].service == service)
            return actions->services[i].bits;
    }
    return NULL;
}

static bool bit(const uint64_t *bits, uint32_t at)
{
    return bits[at / 64] >> (at % 64) & 1;
}

/* --- services that statements name --- */

static void mark(uint64_t *services, uint32_t service)
{
    services[service / 64] |= (uint64_t)1 << service % 64;
}

static void named_find(struct making *m)
{
    uint32_t sts = nz_catalogue_find_service(m->catalogue, NZ_STR("sts"));
    if (sts != NZ_CATALOGUE_NONE)
        mark(m->named, sts);
    for (uint32_t i = 0; i < m->members_count; i++) {
        for (uint32_t k = 0; k < m->members[i].actions->services_count; k++)
            mark(m->named, m->members[i].actions->services[k].service);
    }
    for (uint32_t s = 0; s < nz_catalogue_head(m->catalogue)->services; s++) {
        struct nz_catalogue_range range = nz_catalogue_service(m->catalogue, s)->actions;
        for (uint32_t a = range.first; a < range.first + range.count; a += 64 - a % 64) {
            uint64_t word = m->except.bits[a / 64] >> a % 64;
            uint32_t left = range.first + range.count - a;
            if (left < 64)
                word &= ((uint64_t)1 << left) - 1;
            if (word)
                mark(m->named, s);
        }
    }
}

static void class_add(struct making *m, const struct nz_action_class *c)
{
    nz_buf_append(&m->classes, nz_str_of((const char *)c, sizeof *c));
    m->out->actions += c->count;
}

/* Sums and grants of one service's actions. */
static void service_weigh(struct making *m, uint32_t service, struct nz_catalogue_range range)
{
    static const struct nz_str apart[] = {
        {"sts:assumerole", 14}, {"sts:getsessiontoken", 19}, {"sts:getfederationtoken", 22}};
    memset(m->sums, 0, range.count * sizeof *m->sums);
    for (uint32_t a = 0; a < range.count; a++)
        m->granted[a] = m->everything;
    for (uint32_t i = 0; i < m->members_count; i++) {
        const struct member *member = &m->members[i];
        const uint64_t *bits = bits_of(member->actions, service);
        if (!bits && !member->actions->others)
            continue;
        for (uint32_t a = 0; a < range.count; a++) {
            if (bits && !bit(bits, a))
                continue;
            m->sums[a] += member->weight;
            m->granted[a] |= member->grants;
        }
    }
    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) { /* the service has rules of its own for them */
        uint32_t action = nz_catalogue_find(m->catalogue, apart[i]);
        if (action != NZ_CATALOGUE_NONE && action >= range.first && action < range.first + range.count)
            m->sums[action - range.first] += weight_of(UINT32_MAX + (uint64_t)i);
    }
}

/* What the class's statements ask for. */
static void statement_note(struct nz_action_class *c, const struct member *member)
{
    bool asks = asks_for_resource(member->statement);
    c->any_resource &= !asks;
    c->asks_for_place |= member->places;
    c->denied_somewhere |= !member->statement->allow;
    c->allowed_anywhere |= member->grants && !asks;
    c->allowed_elsewhere |= member->grants && member->statement->not_resource;
}

static void statements_note(const struct making *m, uint32_t service, uint32_t action, struct nz_action_class *c)
{
    c->any_resource = true;
    for (uint32_t i = 0; i < m->members_count; i++) {
        const uint64_t *bits = bits_of(m->members[i].actions, service);
        if (bits ? bit(bits, action) : m->members[i].actions->others)
            statement_note(c, &m->members[i]);
    }
}

/* One class for each sum. */
static bool service_classes(struct making *m, uint32_t service)
{
    struct nz_catalogue_range range = nz_catalogue_service(m->catalogue, service)->actions;
    service_weigh(m, service, range);
    for (uint32_t a = 0; a < range.count; a++)
        m->granted[a] &= !nz_action_bits_have(m->except, range.first + a);
    for (uint32_t a = 0; a < range.count; a++) {
        if (!m->granted[a])
            continue;
        uint32_t *actions = NZ_ARENA_ARRAY(m->keep, uint32_t, range.count - a);
        struct nz_action_class c = {.actions = actions};
        if (!actions)
            return false;
        statements_note(m, service, a, &c);
        for (uint32_t b = a; b < range.count; b++) {
            if (!m->granted[b] || m->sums[b] != m->sums[a])
                continue;
            actions[c.count++] = range.first + b;
            if (b > a)
                m->granted[b] = false;
        }
        class_add(m, &c);
    }
    return true;
}

/* --- the others, and what the catalogue does not have --- */

static bool others_class(struct making *m)
{
    uint32_t services = nz_catalogue_head(m->catalogue)->services;
    uint64_t *rest = NZ_ARENA_ARRAY(m->keep, uint64_t, services / 64 + (size_t)1);
    struct nz_action_class c = {.services = rest, .any_resource = true};
    bool granted = m->everything;
    if (!rest)
        return false;
    for (uint32_t i = 0; i < m->members_count; i++) {
        if (!m->members[i].actions->others)
            continue;
        granted |= m->members[i].grants;
        statement_note(&c, &m->members[i]);
    }
    for (uint32_t s = 0; s < services && granted; s++) {
        if (bit(m->named, s))
            continue;
        mark(rest, s);
        c.count += nz_catalogue_service(m->catalogue, s)->actions.count;
    }
    if (c.count)
        class_add(m, &c);
    return true;
}

static bool text_is_there(const struct making *m, struct nz_str text)
{
    const struct nz_action_class *all = (const void *)m->classes.p;
    for (size_t i = 0; i < m->classes.n / sizeof *all; i++) {
        if (nz_str_eq(all[i].text, text))
            return true;
    }
    return false;
}

static void unlisted_classes(struct making *m)
{
    for (uint32_t i = 0; i < m->members_count; i++) {
        const struct nz_statement_actions *actions = m->members[i].actions;
        for (uint32_t k = 0; k < actions->unlisted_count; k++) {
            struct nz_action_class c = {
                .text = actions->unlisted[k], .count = 1, .denied_somewhere = true, .allowed_anywhere = true};
            if (!text_is_there(m, c.text))
                class_add(m, &c);
        }
    }
}

static enum nz_err make(struct making *m, const struct nz_policy_set *set)
{
    uint32_t services = nz_catalogue_head(m->catalogue)->services, most = 0;
    for (uint32_t s = 0; s < services; s++) {
        uint32_t count = nz_catalogue_service(m->catalogue, s)->actions.count;
        most = count > most ? count : most;
    }
    m->named = NZ_ARENA_ARRAY(&m->work, uint64_t, services / 64 + (size_t)1);
    m->sums = NZ_ARENA_ARRAY(&m->work, uint64_t, most + (size_t)1);
    m->granted = NZ_ARENA_ARRAY(&m->work, bool, most + (size_t)1);
    if (!m->named || !m->sums || !m->granted || !members_gather(m, set))
        return NZ_E_NOMEM;
    named_find(m);
    for (uint32_t s = 0; s < services; s++) {
        if (bit(m->named, s) && !service_classes(m, s))
            return NZ_E_NOMEM;
    }
    if (!others_class(m))
        return NZ_E_NOMEM;
    unlisted_classes(m);
    struct nz_str kept = nz_arena_str(m->keep, nz_buf_view(&m->classes));
    m->out->list = (const void *)kept.p;
    m->out->count = (uint32_t)(m->classes.n / sizeof(struct nz_action_class));
    return m->classes.failed || !kept.p ? NZ_E_NOMEM : NZ_OK;
}

enum nz_err nz_action_classes_make(const struct nz_action_index *index, const struct nz_policy_set *set,
                                   struct nz_action_bits except, bool everything, struct nz_arena *keep,
                                   struct nz_action_classes *out)
{
    struct making m = {.index = index,
                       .catalogue = index->catalogue,
                       .except = except,
                       .everything = everything,
                       .keep = keep,
                       .out = out};
    *out = (struct nz_action_classes){0};
    nz_arena_init(&m.work, 0);
    nz_buf_init(&m.classes, 0);
    enum nz_err err = make(&m, set);
    nz_buf_release(&m.classes);
    nz_arena_release(&m.work);
    return err;
}

bool nz_action_class_next(const struct nz_catalogue *catalogue, const struct nz_action_class *c,
                          struct nz_action_walk *walk)
{
    if (c->actions) {
        if (walk->at == c->count)
            return false;
        walk->action = c->actions[walk->at++];
        return true;
    }
    for (; walk->service < nz_catalogue_head(catalogue)->services; walk->service++, walk->at = 0) {
        struct nz_catalogue_range range = nz_catalogue_service(catalogue, walk->service)->actions;
        if (bit(c->services, walk->service) && walk->at < range.count) {
            walk->action = range.first + walk->at++;
            return true;
        }
    }
    return false;
}
