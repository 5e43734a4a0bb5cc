#include "core/gzip.h"

#include <libdeflate.h>

/* libdeflate's levels go from 1 to 12; its own default, past which time grows and size does not shrink by much. */
#define LEVEL 6

enum nz_err nz_gzip_append_member(struct nz_buf *out, struct nz_str bytes)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(LEVEL);
    if (!c)
        return NZ_E_NOMEM;
    size_t room = libdeflate_gzip_compress_bound(c, bytes.n);
    char *to = nz_buf_reserve(out, room);
    size_t written = to ? libdeflate_gzip_compress(c, bytes.n ? bytes.p : "", bytes.n, to, room) : 0;
    libdeflate_free_compressor(c);
    if (!written) /* the room is enough by its bound: there was none */
        return NZ_E_NOMEM;
    out->n += written;
    return NZ_OK;
}
