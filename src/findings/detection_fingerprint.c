#include "findings/detection.h"

/* A text with its length before it, so that no two lists of texts look alike. */
static void hash_text(struct nz_hash *hash, struct nz_str text)
{
    const uint64_t n = text.n;
    nz_hash_add(hash, nz_str_of((const char *)&n, sizeof n));
    nz_hash_add(hash, text);
}

enum nz_err nz_detection_fingerprint(const struct nz_detection *d, struct nz_hash *hash,
                                     char out[NZ_DETECTION_FINGERPRINT_CHARS + 1])
{
    struct nz_sha256 digest;
    hash_text(hash, d->kind);
    hash_text(hash, d->rule_id);
    hash_text(hash, d->event_id);
    if (!d->event_id.p) {
        hash_text(hash, d->file);
        hash_text(hash, nz_str_of((const char *)&d->record, sizeof d->record));
        hash_text(hash, d->first_time);
    }
    for (size_t i = 0; i < d->group_count; i++)
        hash_text(hash, d->group_values[i]);
    const enum nz_err err = nz_hash_finish(hash, &digest);
    for (size_t i = 0; i < NZ_DETECTION_FINGERPRINT_CHARS; i++) /* a tenth of --format sarif was snprintf */
        out[i] = "0123456789abcdef"[digest.bytes[i / 2] >> (i % 2 ? 0 : 4) & 0xf];
    out[NZ_DETECTION_FINGERPRINT_CHARS] = '\0';
    return err;
}
