/* targets: nz_gzip_inflate   seeds: fuzz/corpus/gzip
 * The first byte chooses how input and output are cut; the rest is inflated that way and in one piece, and both must
 * give the same bytes and the same error. */
#include "core/gzip.h"

#include <stdlib.h>

#define OUT_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct run {
    enum nz_err err;
    uint64_t offset;
    size_t bytes;
    char *out;
};

/* Stops quietly when the output is full: a bomb is not what is looked for here. */
static void inflate(struct nz_gzip *z, struct nz_str in, size_t piece, size_t room, struct run *r)
{
    nz_gzip_reset(z);
    r->bytes = 0;
    size_t given = piece < in.n ? piece : in.n, used = 0;
    for (;;) {
        struct nz_str view = {in.p + used, given - used};
        struct nz_diag diag = NZ_DIAG_INIT;
        size_t left = OUT_BYTES - r->bytes, written = 0;
        r->err =
            nz_gzip_inflate(z, &view, given == in.n, r->out + r->bytes, room < left ? room : left, &written, &diag);
        r->offset = diag.offset;
        r->bytes += written;
        used = given - view.n;
        if (r->err != NZ_OK || r->bytes == OUT_BYTES || (written == 0 && given == in.n))
            return;
        if (written == 0)
            given = in.n - given < piece ? in.n : given + piece;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (n < 1)
        return 0;
    static struct nz_gzip *z;
    static struct run whole, cut;
    if (!z) {
        whole.out = malloc(OUT_BYTES);
        cut.out = malloc(OUT_BYTES);
        if (!whole.out || !cut.out || nz_gzip_new(&z) != NZ_OK)
            abort();
    }
    struct nz_str in = {(const char *)p + 1, n - 1};
    size_t piece = p[0] & 0x80 ? 4096 : 1 + (p[0] & 7u), room = p[0] & 0x40 ? 65536 : 1 + (p[0] >> 3 & 7u) * 31;
    inflate(z, in, in.n, OUT_BYTES, &whole);
    inflate(z, in, piece, room, &cut);
    size_t both = whole.bytes < cut.bytes ? whole.bytes : cut.bytes;
    if (both && memcmp(whole.out, cut.out, both) != 0)
        abort();
    bool full = whole.bytes == OUT_BYTES || cut.bytes == OUT_BYTES;
    /* damaged data may be noticed some bytes earlier or later, see core/gzip.h */
    if (!full && whole.err != cut.err)
        abort();
    if (!full && whole.err != NZ_E_GZIP_DATA && (whole.bytes != cut.bytes || whole.offset != cut.offset))
        abort();
    return 0;
}
