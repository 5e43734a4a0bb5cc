/* Texts to numbers: where the entry of this name stands. Private to access.
 *
 * A key is a tag and a text, so that one table holds several kinds of names. Texts are borrowed. */
#ifndef NZ_ACCESS_MAP_H
#define NZ_ACCESS_MAP_H

#include "core/err.h"
#include "core/str.h"

struct nz_access_slot {
    struct nz_str key;
    uint32_t value;
    uint8_t tag;
    bool used;
};

/* Zeroed is empty. */
struct nz_access_map {
    struct nz_access_slot *slots;
    size_t room, count; /* room: a power of two, at most half of it used */
};

void nz_access_map_release(struct nz_access_map *map); /* harmless twice */

/* False when there is none; then *value stays. */
bool nz_access_map_get(const struct nz_access_map *map, uint8_t tag, struct nz_str key, uint32_t *value);

/* The key must not be there yet. NZ_E_NOMEM: the map is as before. */
NZ_MUST_USE enum nz_err nz_access_map_add(struct nz_access_map *map, uint8_t tag, struct nz_str key, uint32_t value);

#endif
