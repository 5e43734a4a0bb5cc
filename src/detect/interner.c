#include "detect/interner.h"

#include <stdlib.h>

#define SLOTS_EACH 4u
#define PROBES_MAX 16u /* a quarter of the slots is used at most: rarely more than three */

void nz_interner_init(struct nz_interner *in, size_t count_max, size_t bytes_max)
{
    *in = (struct nz_interner){.key = nz_hash_key_new(), .count_max = count_max, .bytes_max = bytes_max};
    nz_arena_init(&in->keep, 0);
}

void nz_interner_release(struct nz_interner *in)
{
    nz_arena_release(&in->keep);
    free(in->all);
    free(in->slots);
    nz_interner_init(in, in->count_max, in->bytes_max);
}

/* The slot where it stands or may be put; NULL: it would take too long. */
static uint32_t *slot_of(const struct nz_interner *in, uint64_t hash, struct nz_str bytes)
{
    size_t mask = in->room * SLOTS_EACH - 1, at = (size_t)hash;
    for (unsigned i = 0; i < PROBES_MAX; i++, at++) {
        uint32_t *slot = &in->slots[at & mask];
        if (!*slot || (in->all[*slot - 1]->hash == hash && nz_str_eq(nz_interned_bytes(in->all[*slot - 1]), bytes)))
            return slot;
    }
    return NULL;
}

static enum nz_err grow(struct nz_interner *in)
{
    size_t room = in->room ? in->room * 2 : 64;
    uint32_t *slots = calloc(room * SLOTS_EACH, sizeof *slots);
    struct nz_interned **all = slots ? realloc(in->all, room * sizeof *all) : NULL;
    if (!all) {
        free(slots);
        return NZ_E_NOMEM;
    }
    free(in->slots);
    in->slots = slots;
    in->all = all;
    in->room = room;
    for (size_t i = 0; i < in->count; i++) {
        uint32_t *slot = slot_of(in, all[i]->hash, nz_interned_bytes(all[i]));
        if (slot)
            *slot = (uint32_t)i + 1;
    }
    return NZ_OK;
}

static struct nz_interned *keep(struct nz_interner *in, uint64_t hash, struct nz_str bytes)
{
    struct nz_interned *kept = nz_arena_alloc(&in->keep, sizeof *kept + bytes.n);
    if (!kept)
        return NULL;
    *kept = (struct nz_interned){.hash = hash, .number = (uint32_t)in->count + 1, .bytes_count = (uint32_t)bytes.n};
    if (bytes.n)
        memcpy(kept->bytes, bytes.p, bytes.n);
    in->all[in->count++] = kept;
    in->bytes_count += bytes.n;
    return kept;
}

enum nz_err nz_interner_find(struct nz_interner *in, struct nz_str bytes, struct nz_interned **out)
{
    *out = NULL;
    if (in->count == in->room && in->count < in->count_max) {
        enum nz_err err = grow(in);
        if (err != NZ_OK)
            return err;
    }
    const uint64_t hash = nz_hash_key_hash(&in->key, bytes);
    uint32_t *slot = slot_of(in, hash, bytes);
    if (slot && !*slot && in->count < in->count_max && bytes.n <= in->bytes_max - in->bytes_count) {
        if (!keep(in, hash, bytes))
            return NZ_E_NOMEM;
        *slot = (uint32_t)in->count;
    }
    *out = slot && *slot ? in->all[*slot - 1] : NULL;
    return NZ_OK;
}
