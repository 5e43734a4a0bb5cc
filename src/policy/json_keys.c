#include "policy/json_keys.h"

#include <stdlib.h>

#define PAIRWISE_MAX 12u

struct key {
    struct nz_str decoded, raw;
    uint64_t hash;
};

static int key_cmp(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->raw.p < y->raw.p ? -1 : x->raw.p > y->raw.p; /* so that the later one is told */
}

static bool same(const struct key *a, const struct key *b, bool nocase)
{
    return nocase ? nz_str_eq_nocase(a->decoded, b->decoded) : nz_str_eq(a->decoded, b->decoded);
}

static struct nz_str decode(struct nz_str raw, struct nz_arena *scratch)
{
    if (!raw.n || !memchr(raw.p, '\\', raw.n))
        return raw.p ? raw : NZ_STR("");
    struct nz_buf buf;
    nz_buf_init(&buf, 0);
    nz_json_unescape(raw, &buf);
    struct nz_str out = buf.failed ? (struct nz_str){0} : nz_arena_str(scratch, nz_buf_view(&buf));
    nz_buf_release(&buf);
    return out;
}

static struct nz_str find_sorted(struct key *keys, size_t count, bool nocase)
{
    qsort(keys, count, sizeof *keys, key_cmp);
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && keys[k - 1].hash == keys[i].hash; k--) {
            if (same(&keys[k - 1], &keys[i], nocase))
                return keys[i].raw;
        }
    }
    return (struct nz_str){0};
}

static struct nz_str find_pairwise(const struct key *keys, size_t count, bool nocase)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (same(&keys[k], &keys[i], nocase))
                return keys[i].raw;
        }
    }
    return (struct nz_str){0};
}

enum nz_err nz_json_keys_check(struct nz_json object, bool nocase, struct nz_arena *scratch, struct nz_str *twice)
{
    *twice = (struct nz_str){0};
    size_t count = 0;
    for (struct nz_json_iter it = nz_json_iter(object); nz_json_next(&it);)
        count++;
    if (count < 2)
        return NZ_OK;
    struct key few[PAIRWISE_MAX] = {0};
    struct key *keys = count <= PAIRWISE_MAX ? few : NZ_ARENA_ARRAY(scratch, struct key, count);
    if (!keys)
        return NZ_E_NOMEM;
    size_t at = 0;
    for (struct nz_json_iter it = nz_json_iter(object); nz_json_next(&it); at++) {
        keys[at].raw = it.key;
        keys[at].decoded = decode(it.key, scratch);
        if (!keys[at].decoded.p)
            return NZ_E_NOMEM;
        keys[at].hash = count <= PAIRWISE_MAX ? 0
                        : nocase              ? nz_str_hash_nocase(keys[at].decoded)
                                              : nz_str_hash(keys[at].decoded);
    }
    *twice = count <= PAIRWISE_MAX ? find_pairwise(keys, count, nocase) : find_sorted(keys, count, nocase);
    return NZ_OK;
}
