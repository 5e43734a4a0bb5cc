#include "access/map.h"

#include <stdlib.h>

#define ROOM_FIRST ((size_t)64)

static uint64_t hash_of(uint8_t tag, struct nz_str key)
{
    uint64_t h = (nz_str_hash(key) + tag) * 0x9e3779b97f4a7c15u; /* 2^64 by the golden ratio: spreads over high bits */
    return h ^ h >> 32;
}

/* Where the key is, or would be. */
static struct nz_access_slot *slot_of(const struct nz_access_map *map, uint8_t tag, struct nz_str key)
{
    size_t at = (size_t)hash_of(tag, key) & (map->room - 1);
    while (map->slots[at].used && !(map->slots[at].tag == tag && nz_str_eq(map->slots[at].key, key)))
        at = (at + 1) & (map->room - 1);
    return &map->slots[at];
}

void nz_access_map_release(struct nz_access_map *map)
{
    free(map->slots);
    *map = (struct nz_access_map){0};
}

bool nz_access_map_get(const struct nz_access_map *map, uint8_t tag, struct nz_str key, uint32_t *value)
{
    if (!map->room)
        return false;
    const struct nz_access_slot *slot = slot_of(map, tag, key);
    if (slot->used)
        *value = slot->value;
    return slot->used;
}

static enum nz_err grow(struct nz_access_map *map)
{
    struct nz_access_map larger = {.room = map->room ? map->room * 2 : ROOM_FIRST, .count = map->count};
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (!larger.slots)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < map->room; i++) {
        if (map->slots[i].used)
            *slot_of(&larger, map->slots[i].tag, map->slots[i].key) = map->slots[i];
    }
    free(map->slots);
    *map = larger;
    return NZ_OK;
}

enum nz_err nz_access_map_add(struct nz_access_map *map, uint8_t tag, struct nz_str key, uint32_t value)
{
    if (map->count * 2 >= map->room) {
        enum nz_err err = grow(map);
        if (err != NZ_OK)
            return err;
    }
    *slot_of(map, tag, key) = (struct nz_access_slot){.key = key, .value = value, .tag = tag, .used = true};
    map->count++;
    return NZ_OK;
}
