#include "cli/policy_cache.h"

#include <stdlib.h>

#define FIRST_SLOTS 64u

struct nz_policy_cached {
    struct nz_policy *policy;
    uint64_t hash;
    enum nz_policy_kind kind;
    size_t n;
    char text[];
};

static void forget(struct nz_policy_cache *cache)
{
    for (size_t i = 0; i < cache->slots_count; i++) {
        if (!cache->slots[i])
            continue;
        nz_policy_free(cache->slots[i]->policy);
        free(cache->slots[i]);
        cache->slots[i] = NULL;
    }
    cache->count = cache->bytes = 0;
}

void nz_policy_cache_release(struct nz_policy_cache *cache)
{
    forget(cache);
    free(cache->slots);
    *cache = (struct nz_policy_cache){0};
}

void nz_policy_cache_trim(struct nz_policy_cache *cache, size_t entries_max, size_t bytes_max)
{
    if (cache->count > entries_max || cache->bytes > bytes_max)
        forget(cache);
}

static struct nz_policy_cached **slot_of(const struct nz_policy_cache *cache, uint64_t hash, struct nz_str text,
                                         enum nz_policy_kind kind)
{
    for (size_t i = hash % cache->slots_count;; i = (i + 1) % cache->slots_count) {
        struct nz_policy_cached *c = cache->slots[i];
        if (!c || (c->hash == hash && c->kind == kind && nz_str_eq(nz_str_of(c->text, c->n), text)))
            return &cache->slots[i];
    }
}

/* At least half of the slots are empty. */
static bool grow(struct nz_policy_cache *cache)
{
    if (2 * (cache->count + 1) <= cache->slots_count)
        return true;
    struct nz_policy_cache larger = {.slots_count = cache->slots_count ? 2 * cache->slots_count : FIRST_SLOTS};
    larger.slots = calloc(larger.slots_count, sizeof(struct nz_policy_cached *));
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < cache->slots_count; i++) {
        struct nz_policy_cached *c = cache->slots[i];
        if (c)
            *slot_of(&larger, c->hash, nz_str_of(c->text, c->n), c->kind) = c;
    }
    free(cache->slots);
    cache->slots = larger.slots;
    cache->slots_count = larger.slots_count;
    return true;
}

enum nz_err nz_policy_cache_get(struct nz_policy_cache *cache, struct nz_str text, enum nz_policy_kind kind,
                                const struct nz_policy **out, struct nz_diag *diag)
{
    uint64_t hash = nz_str_hash(text) + (uint64_t)kind;
    if (!grow(cache))
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    struct nz_policy_cached **slot = slot_of(cache, hash, text, kind);
    if (*slot) {
        *out = (*slot)->policy;
        return NZ_OK;
    }
    struct nz_policy *policy;
    enum nz_err err = nz_policy_compile(text, kind, &policy, diag);
    if (err != NZ_OK)
        return err;
    struct nz_policy_cached *c = malloc(sizeof *c + text.n);
    if (!c) {
        nz_policy_free(policy);
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    }
    *c = (struct nz_policy_cached){.policy = policy, .hash = hash, .kind = kind, .n = text.n};
    memcpy(c->text, text.p, text.n);
    *slot = c;
    cache->count++;
    cache->bytes += text.n + nz_policy_bytes(policy);
    *out = policy;
    return NZ_OK;
}
