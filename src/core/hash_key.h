/* A secret for nz_str_hash_keyed. Whoever writes logs must not be able to choose texts that meet in one place of a table, or in
 * all 64 bits: each table has a key of its own. */
#ifndef NZ_CORE_HASH_KEY_H
#define NZ_CORE_HASH_KEY_H

#include "core/str.h"

struct nz_hash_key {
    uint64_t words[2];
};

/* From the kernel's random numbers. */
struct nz_hash_key nz_hash_key_new(void);

static inline uint64_t nz_hash_key_hash(const struct nz_hash_key *key, struct nz_str text)
{
    return nz_str_hash_keyed(text, key->words);
}

#endif
