/* Characters out of UTF-8, one at a time. */
#ifndef NZ_CORE_UTF8_H
#define NZ_CORE_UTF8_H

#include "core/str.h"

#define NZ_UTF8_BAD UINT32_MAX

struct nz_utf8_char {
    uint32_t code;       /* NZ_UTF8_BAD: one byte that is part of no character */
    struct nz_str bytes; /* a view of it, 1 to 4 */
};

/* Takes the first character off *text, which must not be empty. */
static inline struct nz_utf8_char nz_utf8_take(struct nz_str *text)
{
    const unsigned char lead = (unsigned char)text->p[0];
    size_t n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    struct nz_utf8_char c = {.code = lead, .bytes = nz_str_head(*text, n)};
    if (lead >= 0x80) {
        if (c.bytes.n == n && nz_utf8_valid_bytes(c.bytes) == n) {
            c.code = lead & (0x7fu >> n);
            for (size_t i = 1; i < n; i++)
                c.code = c.code << 6 | ((unsigned char)c.bytes.p[i] & 0x3fu);
        } else {
            c.code = NZ_UTF8_BAD;
            c.bytes.n = 1;
        }
    }
    *text = nz_str_skip(*text, c.bytes.n);
    return c;
}

#endif
