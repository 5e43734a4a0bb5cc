#include "policy/actions.h"

#include "policy/action_index.h"

#include <stdlib.h>

enum nz_err nz_action_bits_new(const struct nz_catalogue *catalogue, struct nz_arena *keep, struct nz_action_bits *out)
{
    out->bits = NZ_ARENA_ARRAY(keep, uint64_t, nz_catalogue_head(catalogue)->actions / 64 + (size_t)1);
    return out->bits ? NZ_OK : NZ_E_NOMEM;
}

uint32_t nz_action_bits_add(const struct nz_catalogue *catalogue, struct nz_action_bits set, struct nz_str pattern)
{
    struct nz_catalogue_walk walk = nz_catalogue_walk_begin(pattern);
    uint32_t count = 0;
    for (uint32_t action; nz_catalogue_walk_next(catalogue, &walk, &action); count++)
        set.bits[action / 64] |= (uint64_t)1 << action % 64;
    return count;
}

/* --- one statement --- */

struct reading {
    const struct nz_catalogue *catalogue;
    struct nz_arena *keep;
    struct nz_service_actions *services;
    uint32_t count;
};

static struct nz_service_actions *service_of(struct reading *r, uint32_t service)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->services[i].service == service)
            return &r->services[i];
    }
    uint32_t actions = nz_catalogue_service(r->catalogue, service)->actions.count;
    uint64_t *bits = NZ_ARENA_ARRAY(r->keep, uint64_t, actions / 64 + (size_t)1);
    if (!bits)
        return NULL;
    r->services[r->count] = (struct nz_service_actions){.service = service, .bits = bits};
    return &r->services[r->count++];
}

/* Sets the bits of the actions that fit. found: whether there are any; a NotAction of a service that the catalogue has may name
 * what has gone, but one of a newer service is what its actions are known by. */
static bool action_read(struct reading *r, const struct nz_action *a, bool exempts, bool *found)
{
    uint32_t service = nz_catalogue_find_service(r->catalogue, a->service);
    *found = exempts && service != NZ_CATALOGUE_NONE;
    if (service == NZ_CATALOGUE_NONE)
        return true;
    struct nz_catalogue_range range = nz_catalogue_service(r->catalogue, service)->actions;
    struct nz_service_actions *actions = service_of(r, service);
    if (!actions)
        return false;
    for (uint32_t i = 0; i < range.count; i++) {
        if (!nz_pattern_match(&a->name, nz_catalogue_action(r->catalogue, range.first + i)->lower))
            continue;
        actions->bits[i / 64] |= (uint64_t)1 << i % 64;
        *found = true;
    }
    return true;
}

/* "newservice:do*" as an action's name: wildcards are left out, or one letter where nothing else is left. */
static bool sample_make(struct nz_arena *keep, const struct nz_action *a, struct nz_str *out)
{
    char *text = nz_arena_alloc(keep, a->service.n + a->name.coded.n + 3);
    if (!text)
        return false;
    size_t at = 0;
    memcpy(text, a->service.p, a->service.n);
    at += a->service.n;
    text[at++] = ':';
    size_t name = at;
    for (size_t i = 0; i < a->name.coded.n; i++) {
        char byte = a->name.coded.p[i];
        if (byte != NZ_PATTERN_MANY)
            text[at++] = byte == NZ_PATTERN_ONE ? 'x' : byte;
    }
    if (at == name)
        text[at++] = 'x';
    *out = nz_str_of(text, at);
    return true;
}

static void complement(struct reading *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t actions = nz_catalogue_service(r->catalogue, r->services[i].service)->actions.count;
        for (uint32_t w = 0; w <= actions / 64; w++)
            r->services[i].bits[w] = ~r->services[i].bits[w];
        r->services[i].bits[actions / 64] &= ((uint64_t)1 << actions % 64) - 1;
    }
}

static bool statement_read(struct reading *r, const struct nz_statement *st, struct nz_statement_actions *out)
{
    bool all = false;
    r->services = NZ_ARENA_ARRAY(r->keep, struct nz_service_actions, st->actions_count + (size_t)1);
    r->count = 0;
    struct nz_str *unlisted = NZ_ARENA_ARRAY(r->keep, struct nz_str, st->actions_count + (size_t)1);
    if (!r->services || !unlisted)
        return false;
    for (uint32_t i = 0; i < st->actions_count; i++) {
        const struct nz_action *a = &st->actions[i];
        bool found = true;
        all |= a->kind == NZ_ACTION_ALL;
        if (a->kind == NZ_ACTION_SERVICE && !action_read(r, a, st->not_action, &found))
            return false;
        if (!found && !sample_make(r->keep, a, &unlisted[out->unlisted_count++]))
            return false;
    }
    if (all)
        r->count = 0; /* whatever else it names */
    else if (st->not_action)
        complement(r);
    out->others = all != st->not_action;
    out->services = r->services;
    out->services_count = r->count;
    out->unlisted = unlisted;
    return true;
}

/* --- the index --- */

enum nz_err nz_action_index_new(const struct nz_catalogue *catalogue, struct nz_action_index **out)
{
    struct nz_action_index *index = calloc(1, sizeof *index);
    *out = index;
    if (!index)
        return NZ_E_NOMEM;
    index->catalogue = catalogue;
    nz_arena_init(&index->arena, 0);
    return NZ_OK;
}

void nz_action_index_free(struct nz_action_index *index)
{
    if (!index)
        return;
    nz_arena_release(&index->arena);
    free(index->slots);
    free(index);
}

const struct nz_catalogue *nz_action_index_catalogue(const struct nz_action_index *index)
{
    return index->catalogue;
}

static size_t slot_of(const struct nz_action_index *index, const struct nz_policy *policy)
{
    size_t slot = (size_t)nz_str_hash(nz_str_of((const char *)&policy, sizeof policy)) & (index->room - 1);
    while (index->slots[slot].policy && index->slots[slot].policy != policy)
        slot = (slot + 1) & (index->room - 1);
    return slot;
}

const struct nz_statement_actions *nz_action_index_of(const struct nz_action_index *index,
                                                      const struct nz_policy *policy)
{
    return index->room ? index->slots[slot_of(index, policy)].statements : NULL;
}

static enum nz_err grow(struct nz_action_index *index)
{
    struct nz_action_slot *old = index->slots;
    size_t old_room = index->room;
    size_t room = old_room ? 2 * old_room : 64;
    struct nz_action_slot *slots = calloc(room, sizeof *slots);
    if (!slots)
        return NZ_E_NOMEM;
    index->slots = slots;
    index->room = room;
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].policy)
            slots[slot_of(index, old[i].policy)] = old[i];
    }
    free(old);
    return NZ_OK;
}

enum nz_err nz_action_index_add(struct nz_action_index *index, const struct nz_policy *policy)
{
    if (nz_action_index_of(index, policy))
        return NZ_OK;
    if (2 * (index->count + 1) > index->room) {
        enum nz_err err = grow(index);
        if (err != NZ_OK)
            return err;
    }
    struct nz_statement_actions *statements =
        NZ_ARENA_ARRAY(&index->arena, struct nz_statement_actions, policy->count + (size_t)1);
    struct reading r = {.catalogue = index->catalogue, .keep = &index->arena};
    for (uint32_t i = 0; statements && i < policy->count; i++) {
        if (!statement_read(&r, &policy->statements[i], &statements[i]))
            return NZ_E_NOMEM;
    }
    if (!statements)
        return NZ_E_NOMEM;
    index->slots[slot_of(index, policy)] = (struct nz_action_slot){policy, statements};
    index->count++;
    return NZ_OK;
}
