/* Keyed fingerprints of texts: equal texts give equal ones, and two different texts of n bytes collide with a chance of
 * at most (n/7 + 2) / 2^61 in each half, whoever wrote them, because the key is drawn at random.
 * That lets a window remember 131,072 distinct values of any length in a few megabytes.
 * Source: polynomial hashing over the field of 2^61 - 1 (Carter and Wegman 1979). */
#ifndef NZ_SIGMA_FINGERPRINT_H
#define NZ_SIGMA_FINGERPRINT_H

#include "core/str.h"

struct nz_fingerprint {
    uint64_t a, b;
};

struct nz_fingerprint_key {
    uint64_t a, b;
};

/* From the kernel's random numbers. */
struct nz_fingerprint_key nz_fingerprint_key_new(void);

struct nz_fingerprint nz_fingerprint(const struct nz_fingerprint_key *key, struct nz_str text);

static inline bool nz_fingerprint_eq(struct nz_fingerprint x, struct nz_fingerprint y)
{
    return x.a == y.a && x.b == y.b;
}

#endif
