#include "core/str.h"

static uint64_t load_tail(const char *p, size_t n)
{
    uint64_t word = 0;
    memcpy(&word, p, n);
    return word;
}

/* Sets bit 5 in each byte that is an ASCII capital: eight bytes at once. */
static uint64_t lower8(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t seven = w & (0x7f * ones);
    uint64_t above_at = seven + (0x80 - 'A') * ones;    /* high bit set where byte >= 'A' */
    uint64_t above_z = seven + (0x80 - 'Z' - 1) * ones; /* high bit set where byte > 'Z' */
    uint64_t capital = above_at & ~above_z & ~w & (0x80 * ones);
    return w | (capital >> 2);
}

bool nz_str_eq_nocase(struct nz_str a, struct nz_str b)
{
    if (a.n != b.n)
        return false;
    size_t at = 0;
    for (; at + 8 <= a.n; at += 8) {
        if (lower8(load_tail(a.p + at, 8)) != lower8(load_tail(b.p + at, 8)))
            return false;
    }
    return at == a.n || lower8(load_tail(a.p + at, a.n - at)) == lower8(load_tail(b.p + at, a.n - at));
}

int nz_str_cmp(struct nz_str a, struct nz_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

size_t nz_str_find(struct nz_str s, struct nz_str what)
{
    if (what.n == 0)
        return 0;
    if (s.n < what.n)
        return SIZE_MAX;
    const char *hit = memmem(s.p, s.n, what.p, what.n);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

struct nz_str nz_str_take(struct nz_str *rest, struct nz_str mark)
{
    const struct nz_str part = nz_str_head(*rest, nz_str_find(*rest, mark));
    *rest = nz_str_skip(*rest, part.n + mark.n);
    return part;
}

struct nz_str nz_str_after_last(struct nz_str s, char c)
{
    const char *last = s.n ? memrchr(s.p, c, s.n) : NULL;
    return last ? nz_str_skip(s, (size_t)(last - s.p) + 1) : s;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct nz_str nz_str_trim(struct nz_str s)
{
    while (s.n && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool nz_str_to_u64(struct nz_str s, uint64_t *out)
{
    uint64_t value = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* Multiply-and-fold over eight bytes at a time: the product's halves are XORed, so every input bit reaches both. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#define HASH_SEED 0x9e3779b97f4a7c15u
#define HASH_STEP 0xd6e8feb86659fd93u

static inline uint64_t hash(struct nz_str s, uint64_t seed, uint64_t step)
{
    uint64_t h = seed ^ s.n;
    size_t at = 0;
    for (; at + 8 <= s.n; at += 8)
        h = fold(h ^ load_tail(s.p + at, 8), step);
    if (at < s.n)
        h = fold(h ^ load_tail(s.p + at, s.n - at), step);
    return fold(h, HASH_SEED);
}

uint64_t nz_str_hash(struct nz_str s)
{
    return hash(s, HASH_SEED, HASH_STEP);
}

uint64_t nz_str_hash_keyed(struct nz_str s, const uint64_t key[2])
{
    return hash(s, key[0], key[1]);
}

uint64_t nz_str_hash_nocase(struct nz_str s)
{
    uint64_t h = HASH_SEED ^ s.n;
    size_t at = 0;
    for (; at + 8 <= s.n; at += 8)
        h = fold(h ^ lower8(load_tail(s.p + at, 8)), HASH_STEP);
    if (at < s.n)
        h = fold(h ^ lower8(load_tail(s.p + at, s.n - at)), HASH_STEP);
    return fold(h, HASH_SEED);
}

/* RFC 3629, section 4: the table of well-formed byte sequences. */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
    unsigned char c = p[0], low = 0x80, high = 0xbf;
    size_t need;
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        need = 2;
    else if (c >= 0xe0 && c <= 0xef)
        need = 3;
    else if (c >= 0xf0 && c <= 0xf4)
        need = 4;
    else
        return 0;
    if (c == 0xe0)
        low = 0xa0;
    else if (c == 0xed)
        high = 0x9f; /* surrogates */
    else if (c == 0xf0)
        low = 0x90;
    else if (c == 0xf4)
        high = 0x8f;
    if (n < need || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return need;
}

size_t nz_utf8_valid_bytes(struct nz_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t at = 0;
    while (at < s.n) {
        uint64_t word;
        if (at + 8 <= s.n && (memcpy(&word, p + at, 8), (word & 0x8080808080808080u) == 0)) {
            at += 8;
            continue;
        }
        size_t step = utf8_sequence(p + at, s.n - at);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}
