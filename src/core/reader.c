#include "core/reader.h"

/* The next n bytes are taken, or the fault is set. */
struct nz_str nz_reader_take(struct nz_reader *r, size_t bytes)
{
    if (r->bad || bytes > r->in.n - r->at) {
        r->bad = true;
        return NZ_STR("");
    }
    struct nz_str taken = nz_str_head(nz_reader_rest(r), bytes);
    r->at += bytes;
    return taken;
}

static uint64_t little_endian(struct nz_reader *r, size_t bytes)
{
    struct nz_str taken = nz_reader_take(r, bytes);
    uint64_t value = 0;
    for (size_t i = taken.n; i-- > 0;)
        value = value << 8 | (unsigned char)taken.p[i];
    return value;
}

uint8_t nz_reader_u8(struct nz_reader *r)
{
    return (uint8_t)little_endian(r, 1);
}

uint16_t nz_reader_u16_le(struct nz_reader *r)
{
    return (uint16_t)little_endian(r, 2);
}

uint32_t nz_reader_u32_le(struct nz_reader *r)
{
    return (uint32_t)little_endian(r, 4);
}

uint64_t nz_reader_u64_le(struct nz_reader *r)
{
    return little_endian(r, 8);
}

struct nz_str nz_reader_until(struct nz_reader *r, char stop)
{
    struct nz_str rest = nz_reader_rest(r);
    const char *at = rest.n && !r->bad ? memchr(rest.p, stop, rest.n) : NULL;
    if (!at) {
        r->bad = true;
        return NZ_STR("");
    }
    struct nz_str before = nz_reader_take(r, (size_t)(at - rest.p));
    r->at++;
    return before;
}

struct nz_str nz_reader_line(struct nz_reader *r)
{
    struct nz_str rest = nz_reader_rest(r);
    if (rest.n == 0 || r->bad) {
        r->bad = true;
        return NZ_STR("");
    }
    struct nz_str line = memchr(rest.p, '\n', rest.n) ? nz_reader_until(r, '\n') : nz_reader_take(r, rest.n);
    if (nz_str_ends_with(line, NZ_STR("\r")))
        line.n--;
    return line;
}

void nz_reader_expect(struct nz_reader *r, struct nz_str text)
{
    if (!r->bad && nz_str_starts_with(nz_reader_rest(r), text))
        r->at += text.n;
    else
        r->bad = true;
}

uint64_t nz_reader_number(struct nz_reader *r)
{
    struct nz_str rest = nz_reader_rest(r);
    size_t n = 0;
    uint64_t value = 0;
    while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
        n++;
    if (r->bad || !nz_str_to_u64(nz_str_head(rest, n), &value)) {
        r->bad = true;
        return 0;
    }
    r->at += n;
    return value;
}
