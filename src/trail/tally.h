/* Counts of texts: how often each came, first and last. Bounded: past NZ_TALLY_NAMES_MAX different texts new ones are
 * counted together as `others`, so that a log full of made-up names costs no more memory. One thread at a time. */
#ifndef NZ_TRAIL_TALLY_H
#define NZ_TRAIL_TALLY_H

#include "core/arena.h"
#include "core/err.h"
#include "core/hash_key.h"
#include "core/time.h"

#define NZ_TALLY_NAMES_MAX ((size_t)50000)

struct nz_tally_row {
    struct nz_str name; /* lives in the tally */
    uint64_t count;
    bool has_time;
    nz_time first, last;
};

struct nz_tally {
    struct nz_hash_key key;
    struct nz_arena names;
    struct nz_tally_row *rows;
    size_t count, room;
    uint32_t *slots; /* row + 1 by hash; 0: free */
    size_t slots_room;
    uint64_t others;
};

void nz_tally_init(struct nz_tally *t);
void nz_tally_release(struct nz_tally *t); /* harmless twice */

/* time may be NULL. */
NZ_MUST_USE enum nz_err nz_tally_add(struct nz_tally *t, struct nz_str name, const nz_time *time);

/* Most frequent first, names in byte order where equal. Ends the adding: rows then stand in that order. */
void nz_tally_sort(struct nz_tally *t);

#endif
