#include "support/random.h"

#include <string.h>

uint64_t nz_random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

void nz_random_change_json(char *bytes, size_t *n, uint64_t *seed)
{
    static const char alphabet[] = "{}[]:,\"\"\"\\ \n01-.eatrufnY_\x01\x7f\xc3\xa9";
    const size_t at = 1 + nz_random_next(seed) % (*n - 1);
    const char c = alphabet[nz_random_next(seed) % (sizeof alphabet - 1)];
    switch (nz_random_next(seed) % 3) {
    case 0:
        bytes[at] = c;
        break;
    case 1:
        memmove(bytes + at, bytes + at + 1, *n - at - 1);
        --*n;
        break;
    default:
        memmove(bytes + at + 1, bytes + at, *n - at);
        bytes[at] = c;
        ++*n;
    }
}
