/* Bytes that are kept once each, at an address that stays, with a number from 1 in the order of coming: few actors, addresses
 * and rules make most hits, so a hit can name them instead of repeating them. Private to detect.
 *
 * One thread adds. Another one that was handed what was kept may read it meanwhile. */
#ifndef NZ_DETECT_INTERNER_H
#define NZ_DETECT_INTERNER_H

#include "core/arena.h"
#include "core/hash_key.h"

struct nz_interned {
    uint64_t hash;
    uint32_t number, bytes_count;
    uint32_t note; /* of whoever it is handed to; at first 0 */
    char bytes[];
};

struct nz_interner {
    struct nz_hash_key key;
    struct nz_arena keep;
    struct nz_interned **all; /* by number - 1 */
    uint32_t *slots;          /* number by hash, 0: free; four times the room */
    size_t count, room, bytes_count;
    size_t count_max, bytes_max;
};

/* Allocates nothing. count_max: different ones that are kept; bytes_max: of them together. */
void nz_interner_init(struct nz_interner *in, size_t count_max, size_t bytes_max);
void nz_interner_release(struct nz_interner *in); /* harmless twice */

/* The same for the same bytes. NULL: no more are kept. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_interner_find(struct nz_interner *in, struct nz_str bytes, struct nz_interned **out);

static inline struct nz_str nz_interned_bytes(const struct nz_interned *kept)
{
    return nz_str_of(kept->bytes, kept->bytes_count);
}

#endif
