/* SHA-256 (FIPS 180-4) piece by piece, and HMAC with it, by OpenSSL. One digest a thread at a time. */
#ifndef NZ_CORE_HASH_H
#define NZ_CORE_HASH_H

#include "core/buf.h"

#define NZ_SHA256_BYTES 32u

struct nz_sha256 {
    uint8_t bytes[NZ_SHA256_BYTES];
};

static inline struct nz_str nz_sha256_str(const struct nz_sha256 *hash)
{
    return nz_str_of((const char *)hash->bytes, NZ_SHA256_BYTES);
}

struct nz_hash;

/* Ready for the first piece. NZ_E_NOMEM; NZ_E_BUG when OpenSSL has no SHA-256. */
NZ_MUST_USE enum nz_err nz_hash_new(struct nz_hash **out);
void nz_hash_free(struct nz_hash *h); /* NULL is fine */

/* A fault sticks and is told by nz_hash_finish. */
void nz_hash_add(struct nz_hash *h, struct nz_str bytes);

/* The digest of all pieces; then h is ready for the next first piece. NZ_E_NOMEM when OpenSSL failed (out is zero). */
NZ_MUST_USE enum nz_err nz_hash_finish(struct nz_hash *h, struct nz_sha256 *out);

/* All at once. */
NZ_MUST_USE enum nz_err nz_hash_of(struct nz_str bytes, struct nz_sha256 *out);

/* SHA-1 (FIPS 180-4) as lower case hex, appended: for names that others made with it, never for safety. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_sha1_hex_append(struct nz_buf *out, struct nz_str bytes);

/* HMAC-SHA-256 (RFC 2104). NZ_E_NOMEM when OpenSSL failed (out is zero). */
NZ_MUST_USE enum nz_err nz_hmac_of(struct nz_str key, struct nz_str text, struct nz_sha256 *out);

/* Lower case hex, two digits a byte; appended. */
void nz_hex_append(struct nz_buf *out, struct nz_str bytes);
/* The other way, digits of either case; false unless text is exactly 2 * n digits. */
bool nz_hex_parse(struct nz_str text, uint8_t *out, size_t n);

#endif
