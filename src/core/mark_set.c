#include "core/mark_set.h"

#include <stdlib.h>

#define FIRST_ROOM 1024u

void nz_mark_set_release(struct nz_mark_set *set)
{
    free(set->slots);
    *set = (struct nz_mark_set){0};
}

/* Where the mark stands or may be put. */
static uint64_t *slot_of(const struct nz_mark_set *set, uint64_t mark)
{
    size_t at = (size_t)mark & (set->room - 1);
    while (set->slots[at] && set->slots[at] != mark)
        at = (at + 1) & (set->room - 1);
    return &set->slots[at];
}

/* At most half of the slots are used. */
static enum nz_err grow(struct nz_mark_set *set)
{
    struct nz_mark_set larger = {.count = set->count, .room = set->room ? set->room * 2 : FIRST_ROOM};
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (!larger.slots)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < set->room; i++) {
        if (set->slots[i])
            *slot_of(&larger, set->slots[i]) = set->slots[i];
    }
    free(set->slots);
    *set = larger;
    return NZ_OK;
}

bool nz_mark_set_has(const struct nz_mark_set *set, uint64_t mark)
{
    return set->room && *slot_of(set, mark ? mark : 1);
}

enum nz_err nz_mark_set_add(struct nz_mark_set *set, uint64_t mark, bool *added)
{
    *added = false;
    if (set->count * 2 >= set->room && grow(set) != NZ_OK)
        return NZ_E_NOMEM;
    mark = mark ? mark : 1;
    uint64_t *slot = slot_of(set, mark);
    *added = !*slot;
    set->count += *added;
    *slot = mark;
    return NZ_OK;
}
