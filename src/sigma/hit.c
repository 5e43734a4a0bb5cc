#include "sigma/hit.h"
#include "sigma/number.h"

#include <math.h>

void nz_hit_put_u32(struct nz_buf *out, uint32_t v)
{
    nz_buf_append(out, nz_str_of((const char *)&v, sizeof v));
}

void nz_hit_put_text(struct nz_buf *out, struct nz_str text)
{
    nz_hit_put_u32(out, (uint32_t)text.n);
    nz_buf_append(out, text);
}

void nz_hit_put_header(struct nz_buf *out, const struct nz_hit_header *h)
{
    nz_buf_append(out, nz_str_of((const char *)h, sizeof *h));
}

void nz_hit_bytes(struct nz_hit_reader *r, void *to, size_t n)
{
    if (r->bad || r->rest.n < n) {
        r->bad = true;
        memset(to, 0, n);
        return;
    }
    memcpy(to, r->rest.p, n);
    r->rest = nz_str_skip(r->rest, n);
}

uint32_t nz_hit_u32(struct nz_hit_reader *r)
{
    uint32_t v;
    nz_hit_bytes(r, &v, sizeof v);
    return v;
}

struct nz_str nz_hit_text(struct nz_hit_reader *r)
{
    size_t n = nz_hit_u32(r);
    if (r->bad || r->rest.n < n) {
        r->bad = true;
        return nz_str_of("", 0);
    }
    struct nz_str text = nz_str_head(r->rest, n);
    r->rest = nz_str_skip(r->rest, n);
    return text;
}

struct nz_hit_header nz_hit_header(struct nz_hit_reader *r)
{
    struct nz_hit_header h;
    nz_hit_bytes(r, &h, sizeof h);
    return h;
}

uint32_t nz_hit_texts(struct nz_hit_reader *r, struct nz_str *out, uint32_t most)
{
    uint32_t count = nz_hit_u32(r), kept = 0;
    for (uint32_t i = 0; i < count && !r->bad; i++) {
        struct nz_str text = nz_hit_text(r);
        if (kept < most)
            out[kept++] = text;
    }
    return r->bad ? 0 : kept;
}

bool nz_hit_number(struct nz_str text, double *out)
{
    struct nz_number n;
    if (!nz_number_parse(text, &n))
        return false;
    *out = nz_number_to_double(&n);
    return isfinite(*out);
}
