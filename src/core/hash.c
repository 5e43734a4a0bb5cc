#include "core/hash.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

struct nz_hash {
    EVP_MD_CTX *context;
    bool bad;
};

enum nz_err nz_hash_new(struct nz_hash **out)
{
    *out = NULL;
    struct nz_hash *h = calloc(1, sizeof *h);
    if (!h)
        return NZ_E_NOMEM;
    h->context = EVP_MD_CTX_new();
    if (!h->context) {
        free(h);
        return NZ_E_NOMEM;
    }
    if (EVP_DigestInit_ex(h->context, EVP_sha256(), NULL) != 1) {
        nz_hash_free(h);
        return NZ_E_BUG;
    }
    *out = h;
    return NZ_OK;
}

void nz_hash_free(struct nz_hash *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->context);
    free(h);
}

void nz_hash_add(struct nz_hash *h, struct nz_str bytes)
{
    if (bytes.n && EVP_DigestUpdate(h->context, bytes.p, bytes.n) != 1)
        h->bad = true;
}

enum nz_err nz_hash_finish(struct nz_hash *h, struct nz_sha256 *out)
{
    unsigned n = 0;
    bool ok = EVP_DigestFinal_ex(h->context, out->bytes, &n) == 1 && n == NZ_SHA256_BYTES && !h->bad;
    /* the same algorithm again: no look-up, so nothing is left to fail but memory */
    h->bad = EVP_DigestInit_ex(h->context, NULL, NULL) != 1;
    if (ok)
        return NZ_OK;
    *out = (struct nz_sha256){{0}};
    return NZ_E_NOMEM;
}

enum nz_err nz_hash_of(struct nz_str bytes, struct nz_sha256 *out)
{
    struct nz_hash *h;
    *out = (struct nz_sha256){{0}};
    enum nz_err err = nz_hash_new(&h);
    if (err)
        return err;
    nz_hash_add(h, bytes);
    err = nz_hash_finish(h, out);
    nz_hash_free(h);
    return err;
}

enum nz_err nz_sha1_hex_append(struct nz_buf *out, struct nz_str bytes)
{
    unsigned char hash[20];
    unsigned n = 0;
    if (EVP_Digest(bytes.n ? bytes.p : "", bytes.n, hash, &n, EVP_sha1(), NULL) != 1 || n != sizeof hash)
        return NZ_E_NOMEM;
    nz_hex_append(out, nz_str_of((const char *)hash, sizeof hash));
    return nz_buf_status(out);
}

enum nz_err nz_hmac_of(struct nz_str key, struct nz_str text, struct nz_sha256 *out)
{
    unsigned n = 0;
    const unsigned char *bytes = (const unsigned char *)(text.n ? text.p : "");
    if (key.n <= INT_MAX && HMAC(EVP_sha256(), key.n ? key.p : "", (int)key.n, bytes, text.n, out->bytes, &n) &&
        n == NZ_SHA256_BYTES)
        return NZ_OK;
    *out = (struct nz_sha256){{0}};
    return NZ_E_NOMEM;
}

void nz_hex_append(struct nz_buf *out, struct nz_str bytes)
{
    static const char digits[] = "0123456789abcdef";
    size_t room;
    if (__builtin_mul_overflow(bytes.n, (size_t)2, &room)) {
        out->failed = true;
        return;
    }
    char *to = nz_buf_reserve(out, room);
    if (!to)
        return;
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        to[2 * i] = digits[c >> 4];
        to[2 * i + 1] = digits[c & 15];
    }
    out->n += room;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    unsigned char lower = nz_ascii_lower((unsigned char)c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool nz_hex_parse(struct nz_str text, uint8_t *out, size_t n)
{
    if (text.n % 2 || text.n / 2 != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = digit_value(text.p[2 * i]), low = digit_value(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
