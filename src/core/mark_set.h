/* Numbers that were seen, such as hashes of texts. Marks that outsiders can choose must not be guessable (core/hash_key.h), or
 * they could be made to meet in one place. */
#ifndef NZ_CORE_MARK_SET_H
#define NZ_CORE_MARK_SET_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed is empty. */
struct nz_mark_set {
    uint64_t *slots; /* by the mark's low bits; 0: free */
    size_t count, room;
};
void nz_mark_set_release(struct nz_mark_set *set); /* harmless twice */

bool nz_mark_set_has(const struct nz_mark_set *set, uint64_t mark);

/* *added: it was not there; 0 and 1 are one mark. NZ_E_NOMEM: the set is as before. */
NZ_MUST_USE enum nz_err nz_mark_set_add(struct nz_mark_set *set, uint64_t mark, bool *added);

#endif
