#include "trail/seen.h"

#include <stdlib.h>
#include <sys/mman.h>

#define FIRST_ROOM ((size_t)4096)
#define LAST_ROOM ((size_t)1 << 21)
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

uint64_t nz_seen_id(const struct nz_hash_key *key, struct nz_str event_id)
{
    uint64_t id = nz_hash_key_hash(key, event_id);
    return id ? id : 1;
}

uint64_t nz_seen_id_of_update(const struct nz_hash_key *key, uint64_t id)
{
    return nz_seen_id(key, nz_str_of((const char *)&id, sizeof id));
}

void nz_seen_release(struct nz_seen *s)
{
    free(s->young.slots);
    free(s->old.slots);
    *s = (struct nz_seen){0};
}

static size_t place(const struct nz_seen_table *t, uint64_t id)
{
    return (size_t)((id * 0xd6e8feb86659fd93u) >> 40) & (t->room - 1);
}

/* The id's slot, or the free one where it would go. */
static size_t slot_find(const struct nz_seen_table *t, uint64_t id)
{
    size_t at = place(t, id);
    while (t->slots[at] && t->slots[at] != id)
        at = (at + 1) & (t->room - 1);
    return at;
}

static bool table_has(const struct nz_seen_table *t, uint64_t id)
{
    return t->room && t->slots[slot_find(t, id)] == id;
}

/* All zero. A large table is looked at in no order, so pages of 2 MiB are asked for: with 4 KiB ones nearly every look
 * would miss the processor's table of pages too. */
static uint64_t *slots_new(size_t room)
{
    size_t bytes = room * sizeof(uint64_t);
    if (bytes < HUGE_PAGE_BYTES)
        return calloc(room, sizeof(uint64_t));
    uint64_t *slots = aligned_alloc(HUGE_PAGE_BYTES, bytes);
    if (slots) {
        (void)madvise(slots, bytes, MADV_HUGEPAGE); /* advice: a kernel may not have them */
        memset(slots, 0, bytes);
    }
    return slots;
}

static enum nz_err table_grow(struct nz_seen_table *t)
{
    struct nz_seen_table larger = {.room = t->room ? t->room * 2 : FIRST_ROOM, .count = t->count};
    larger.slots = slots_new(larger.room);
    if (!larger.slots)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < t->room; i++) {
        if (t->slots[i])
            larger.slots[slot_find(&larger, t->slots[i])] = t->slots[i];
    }
    free(t->slots);
    *t = larger;
    return NZ_OK;
}

static enum nz_err make_room(struct nz_seen *s)
{
    struct nz_seen_table *t = &s->young;
    /* the fuller, the longer the search for an id that is not there; only the last table is filled for what it can hold */
    if (t->count < t->room / 8 * (t->room < LAST_ROOM ? 5 : 7))
        return NZ_OK;
    if (t->room < LAST_ROOM)
        return table_grow(t);
    struct nz_seen_table reused = s->old;
    s->old = s->young;
    if (!reused.slots)
        reused.slots = slots_new(LAST_ROOM);
    else
        memset(reused.slots, 0, LAST_ROOM * sizeof *reused.slots);
    if (!reused.slots) {
        s->young = s->old;
        s->old = (struct nz_seen_table){0};
        return NZ_E_NOMEM;
    }
    s->young = (struct nz_seen_table){reused.slots, 0, LAST_ROOM};
    return NZ_OK;
}

enum nz_err nz_seen_add(struct nz_seen *s, uint64_t id, bool *was_there)
{
    enum nz_err err = make_room(s);
    if (err != NZ_OK)
        return err;
    uint64_t *slot = &s->young.slots[slot_find(&s->young, id)];
    *was_there = *slot == id || table_has(&s->old, id);
    if (!*was_there) {
        *slot = id;
        s->young.count++;
    }
    return NZ_OK;
}

bool nz_seen_has(const struct nz_seen *s, uint64_t id)
{
    return table_has(&s->young, id) || table_has(&s->old, id);
}

void nz_seen_prefetch(const struct nz_seen *s, uint64_t id)
{
    if (s->young.room)
        __builtin_prefetch(&s->young.slots[place(&s->young, id)], 1);
    if (s->old.room)
        __builtin_prefetch(&s->old.slots[place(&s->old, id)]);
}
