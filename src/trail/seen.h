/* The eventIDs met so far, within a bound.
 *
 * An id is kept as a hash of 64 bits. Two ids of the same 64 bits would be taken for one; with the bound below that is less
 * than one chance in 10^12 for each record.
 * Two generations: when the young one is full, the old one is forgotten and the young one becomes old. So at least the
 * last NZ_SEEN_IDS ids are known, at most twice as many; a record that comes again later than that counts again.
 * Memory grows with the ids, up to 32 MiB. One thread at a time. */
#ifndef NZ_TRAIL_SEEN_H
#define NZ_TRAIL_SEEN_H

#include "core/err.h"
#include "core/hash_key.h"

#define NZ_SEEN_IDS ((size_t)1835008) /* seven eighths of 2^21 */

struct nz_seen_table {
    uint64_t *slots; /* 0: free */
    size_t count, room;
};

struct nz_seen {
    struct nz_seen_table young, old;
};

/* 64 bits of an eventID's text, never 0. key: one for each scan. */
uint64_t nz_seen_id(const struct nz_hash_key *key, struct nz_str event_id);
/* The id of a record that updates the one with this id and has the same eventID. */
uint64_t nz_seen_id_of_update(const struct nz_hash_key *key, uint64_t id);

/* Zeroed is empty. */
void nz_seen_release(struct nz_seen *s); /* harmless twice */

/* Was the id there? If not it is added. */
NZ_MUST_USE enum nz_err nz_seen_add(struct nz_seen *s, uint64_t id, bool *was_there);
bool nz_seen_has(const struct nz_seen *s, uint64_t id);

/* Brings the id's place into the cache: worth it for a batch, a little before nz_seen_add. */
void nz_seen_prefetch(const struct nz_seen *s, uint64_t id);

#endif
