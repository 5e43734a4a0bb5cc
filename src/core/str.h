/* A view of bytes: not owned, not NUL-terminated, may hold any byte. Lives as long as what it points into. */
#ifndef NZ_CORE_STR_H
#define NZ_CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct nz_str {
    const char *p; /* may be NULL only when n is 0 */
    size_t n;
};

/* NZ_STR("text"): the view of a literal. */
#define NZ_STR(literal) ((struct nz_str){"" literal, sizeof(literal) - 1})
/* For printf's "%.*s". */
#define NZ_STR_ARG(s) (int)(s).n, (s).n ? (s).p : ""

static inline struct nz_str nz_str_of(const char *p, size_t n)
{
    return (struct nz_str){p, n};
}

static inline struct nz_str nz_str_from_c(const char *c)
{
    return c ? (struct nz_str){c, strlen(c)} : (struct nz_str){"", 0};
}

static inline bool nz_str_eq(struct nz_str a, struct nz_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool nz_str_starts_with(struct nz_str s, struct nz_str head)
{
    return s.n >= head.n && (head.n == 0 || memcmp(s.p, head.p, head.n) == 0);
}

static inline bool nz_str_ends_with(struct nz_str s, struct nz_str tail)
{
    return s.n >= tail.n && (tail.n == 0 || memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0);
}

/* Cuts at most n bytes off the front. */
static inline struct nz_str nz_str_skip(struct nz_str s, size_t n)
{
    if (n > s.n)
        n = s.n;
    return n ? (struct nz_str){s.p + n, s.n - n} : s; /* nothing is added to a NULL */
}

static inline struct nz_str nz_str_head(struct nz_str s, size_t n)
{
    return (struct nz_str){s.p, n < s.n ? n : s.n};
}

static inline unsigned char nz_ascii_lower(unsigned char c)
{
    return (unsigned char)(c - 'A') < 26u ? (unsigned char)(c | 0x20) : c;
}

/* ASCII letters without regard to case; other bytes as they are. */
bool nz_str_eq_nocase(struct nz_str a, struct nz_str b);

/* <0, 0, >0 in byte order, a prefix before its extension. */
int nz_str_cmp(struct nz_str a, struct nz_str b);

/* Offset of the first occurrence, or SIZE_MAX. */
size_t nz_str_find(struct nz_str s, struct nz_str what);

/* Takes what stands before the next mark off *rest, and the mark with it. Walks a list: while (rest.n). */
struct nz_str nz_str_take(struct nz_str *rest, struct nz_str mark);

/* What stands behind the last c; all of it where there is none. */
struct nz_str nz_str_after_last(struct nz_str s, char c);

/* Without leading and trailing ASCII white space. */
struct nz_str nz_str_trim(struct nz_str s);

/* Decimal digits only, no sign; false on anything else and on overflow. */
bool nz_str_to_u64(struct nz_str s, uint64_t *out);

/* 64-bit hash, not keyed: for tables whose size is bounded. _nocase folds ASCII letters. */
uint64_t nz_str_hash(struct nz_str s);
uint64_t nz_str_hash_nocase(struct nz_str s);
/* The same with a secret key, both words of it random and the second one odd: nobody who does not know it can write texts that
 * collide. */
uint64_t nz_str_hash_keyed(struct nz_str s, const uint64_t key[2]);

/* Length of the longest valid UTF-8 prefix (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). */
size_t nz_utf8_valid_bytes(struct nz_str s);

#endif
