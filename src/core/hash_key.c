#include "core/hash_key.h"

#include <sys/random.h>
#include <time.h>

struct nz_hash_key nz_hash_key_new(void)
{
    struct nz_hash_key key;
    if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key) {
        /* before the kernel has randomness there are no logs to read; a guessable key costs time, not verdicts */
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        key.words[0] = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u;
        key.words[1] = ~key.words[0];
    }
    key.words[1] |= 1;
    return key;
}
