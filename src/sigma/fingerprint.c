#include "sigma/fingerprint.h"

#include <sys/random.h>
#include <time.h>

#define PRIME (((uint64_t)1 << 61) - 1)
#define WORD_BYTES 7u /* 56 bits: below the prime, so that each word is one element of the field */

struct nz_fingerprint_key nz_fingerprint_key_new(void)
{
    struct nz_fingerprint_key key;
    if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key) {
        /* before the kernel has randomness there are no logs to read; a guessable key costs time, not verdicts */
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        key.a = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u;
        key.b = ~key.a;
    }
    key.a = key.a % (PRIME - 2) + 2;
    key.b = key.b % (PRIME - 2) + 2;
    return key;
}

static uint64_t times(uint64_t x, uint64_t y)
{
    __extension__ unsigned __int128 product = (unsigned __int128)x * y;
    uint64_t sum = (uint64_t)(product & PRIME) + (uint64_t)(product >> 61);
    return sum >= PRIME ? sum - PRIME : sum;
}

static uint64_t step(uint64_t h, uint64_t base, uint64_t word)
{
    uint64_t sum = times(h, base) + word;
    return sum >= PRIME ? sum - PRIME : sum;
}

struct nz_fingerprint nz_fingerprint(const struct nz_fingerprint_key *key, struct nz_str text)
{
    /* the length goes first, so that "" and "\0" differ */
    struct nz_fingerprint f = {step(1, key->a, text.n), step(1, key->b, text.n)};
    for (size_t at = 0; at < text.n; at += WORD_BYTES) {
        uint64_t word = 0;
        memcpy(&word, text.p + at, text.n - at < WORD_BYTES ? text.n - at : WORD_BYTES);
        f.a = step(f.a, key->a, word);
        f.b = step(f.b, key->b, word);
    }
    return f;
}
