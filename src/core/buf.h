/* A growing byte buffer with a sticky fault: append as often as needed, then look at `failed` once.
 * The caller owns the struct; contents are freed by nz_buf_release. */
#ifndef NZ_CORE_BUF_H
#define NZ_CORE_BUF_H

#include "core/err.h"
#include "core/str.h"

struct nz_buf {
    char *p;
    size_t n, room_bytes, max_bytes;
    bool failed; /* memory or max_bytes reached; contents are as before the append that failed */
    bool wipes;  /* what it held is overwritten before the memory is given back */
};

/* max_bytes 0 means no limit. Allocates nothing. */
void nz_buf_init(struct nz_buf *b, size_t max_bytes);
/* The same for secrets: no copy stays behind when it grows or is released. */
void nz_buf_init_wiped(struct nz_buf *b, size_t max_bytes);
void nz_buf_release(struct nz_buf *b); /* harmless twice */
void nz_buf_clear(struct nz_buf *b);   /* n = 0, failed = false, memory kept */

/* Room for `bytes` more after n; a pointer to it, or NULL with failed set. Add to n what was written. */
char *nz_buf_reserve_more(struct nz_buf *b, size_t bytes);
static inline char *nz_buf_reserve(struct nz_buf *b, size_t bytes)
{
    /* the room is there, which most often is so; more than max_bytes is never asked of the allocator, but may be there */
    if (bytes < b->room_bytes - b->n && !b->max_bytes && !b->failed)
        return b->p + b->n;
    return nz_buf_reserve_more(b, bytes);
}
static inline void nz_buf_append(struct nz_buf *b, struct nz_str s)
{
    if (s.n == 0)
        return;
    char *to = nz_buf_reserve(b, s.n);
    if (to) {
        memcpy(to, s.p, s.n);
        b->n += s.n;
    }
}
void nz_buf_append_char(struct nz_buf *b, char c);
void nz_buf_append_u64(struct nz_buf *b, uint64_t value);
void nz_buf_printf(struct nz_buf *b, const char *format, ...) NZ_PRINTF(2, 3);

/* A text with its length before it (below 4 GiB), so that several stand in one buffer; one without .p comes back so. */
void nz_buf_append_sized(struct nz_buf *b, struct nz_str s);
/* Takes the next such text off the front of *in, which nz_buf_append_sized wrote: lengths are not checked. A view into *in. */
struct nz_str nz_sized_take(struct nz_str *in);
/* The same for what is appended piece by piece in between: the end wants what the beginning gave. */
static inline size_t nz_sized_begin(struct nz_buf *b)
{
    const size_t begin = b->n;
    nz_buf_append(b, nz_str_of("\0\0\0", sizeof(uint32_t)));
    return begin;
}
static inline void nz_sized_end(struct nz_buf *b, size_t begin)
{
    const uint32_t n = (uint32_t)(b->n - begin - sizeof n);
    if (!b->failed)
        memcpy(b->p + begin, &n, sizeof n);
}

/* Borrowed: dies at the next append. */
static inline struct nz_str nz_buf_view(const struct nz_buf *b)
{
    return (struct nz_str){b->p, b->n};
}

/* NZ_OK, or NZ_E_NOMEM when an append failed. */
static inline enum nz_err nz_buf_status(const struct nz_buf *b)
{
    return b->failed ? NZ_E_NOMEM : NZ_OK;
}

#endif
