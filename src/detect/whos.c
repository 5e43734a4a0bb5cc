#include "detect/whos.h"

#include <stdlib.h>

#define SLOTS_A_WHO 4u
#define PROBES_MAX 16u /* a quarter of the slots is used at most: rarely more than three */

void nz_whos_init(struct nz_whos *whos)
{
    *whos = (struct nz_whos){.key = nz_hash_key_new()};
    nz_buf_init(&whos->bytes, 0);
}

void nz_whos_release(struct nz_whos *whos)
{
    nz_buf_release(&whos->bytes);
    free(whos->ends);
    free(whos->slots);
    nz_whos_init(whos);
}

struct nz_str nz_whos_text(const struct nz_whos *whos, uint32_t number)
{
    uint32_t from = number > 1 ? whos->ends[number - 2] : 0;
    return nz_str_of(whos->bytes.p + from, whos->ends[number - 1] - from);
}

/* The slot where it stands or may be put; NULL: it would take too long. */
static uint32_t *slot_of(const struct nz_whos *whos, struct nz_str who)
{
    size_t mask = whos->room * SLOTS_A_WHO - 1, at = (size_t)nz_hash_key_hash(&whos->key, who);
    for (unsigned i = 0; i < PROBES_MAX; i++, at++) {
        uint32_t *slot = &whos->slots[at & mask];
        if (!*slot || nz_str_eq(nz_whos_text(whos, *slot), who))
            return slot;
    }
    return NULL;
}

static enum nz_err grow(struct nz_whos *whos)
{
    size_t room = whos->room ? whos->room * 2 : 64;
    uint32_t *slots = calloc(room * SLOTS_A_WHO, sizeof *slots);
    uint32_t *ends = slots ? realloc(whos->ends, room * sizeof *ends) : NULL;
    if (!ends) {
        free(slots);
        return NZ_E_NOMEM;
    }
    free(whos->slots);
    whos->slots = slots;
    whos->ends = ends;
    whos->room = room;
    for (uint32_t number = 1; number <= whos->count; number++) {
        uint32_t *slot = slot_of(whos, nz_whos_text(whos, number));
        if (slot)
            *slot = number;
    }
    return NZ_OK;
}

enum nz_err nz_whos_number(struct nz_whos *whos, struct nz_str who, uint32_t *out)
{
    *out = 0;
    if (whos->count == whos->room && whos->count < NZ_WHOS_MAX) {
        enum nz_err err = grow(whos);
        if (err != NZ_OK)
            return err;
    }
    uint32_t *slot = slot_of(whos, who);
    if (slot && !*slot && whos->count < NZ_WHOS_MAX && whos->bytes.n + who.n <= NZ_WHOS_BYTES_MAX) {
        nz_buf_append(&whos->bytes, who);
        if (whos->bytes.failed)
            return NZ_E_NOMEM;
        whos->ends[whos->count++] = (uint32_t)whos->bytes.n;
        *slot = (uint32_t)whos->count;
    }
    *out = slot ? *slot : 0;
    return NZ_OK;
}
