/* A cursor over bytes with a sticky fault: read all fields of a format, then look at `bad` once.
 *
 *     struct nz_reader r = nz_reader_over(bytes);
 *     uint16_t flags = nz_reader_u16_le(&r);
 *     struct nz_str name = nz_reader_until(&r, '\0');
 *     if (r.bad) ...
 *
 * A read that the rest cannot serve sets bad, takes nothing and gives zero or an empty text; so does every read after
 * it. Nothing is copied: views live as long as the bytes. */
#ifndef NZ_CORE_READER_H
#define NZ_CORE_READER_H

#include "core/str.h"

struct nz_reader {
    struct nz_str in;
    size_t at; /* what has been read; after a fault, where it was */
    bool bad;
};

static inline struct nz_reader nz_reader_over(struct nz_str in)
{
    return (struct nz_reader){.in = in};
}

/* What has not been read. */
static inline struct nz_str nz_reader_rest(const struct nz_reader *r)
{
    return r->at ? nz_str_skip(r->in, r->at) : r->in; /* an empty text may have no pointer to add to */
}

static inline bool nz_reader_at_end(const struct nz_reader *r)
{
    return r->at == r->in.n;
}

struct nz_str nz_reader_take(struct nz_reader *r, size_t bytes);
uint8_t nz_reader_u8(struct nz_reader *r);
uint16_t nz_reader_u16_le(struct nz_reader *r);
uint32_t nz_reader_u32_le(struct nz_reader *r);
uint64_t nz_reader_u64_le(struct nz_reader *r);

/* The bytes before the next `stop`, which is taken too. A fault when there is none. */
struct nz_str nz_reader_until(struct nz_reader *r, char stop);

/* The next line without its LF or CR LF; the last one may go without. A fault at the end. */
struct nz_str nz_reader_line(struct nz_reader *r);

/* Takes `text`; a fault when something else stands there. */
void nz_reader_expect(struct nz_reader *r, struct nz_str text);

/* Takes the longest run of decimal digits; a fault when there is none or it is past UINT64_MAX. */
uint64_t nz_reader_number(struct nz_reader *r);

#endif
