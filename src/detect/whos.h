/* Numbers for who was seen in hits: few actors, addresses and regions make most of them, so a hit can name them by a number
 * instead of repeating the texts. Private to detect. One thread. */
#ifndef NZ_DETECT_WHOS_H
#define NZ_DETECT_WHOS_H

#include "core/buf.h"
#include "core/hash_key.h"

#define NZ_WHOS_MAX 65535u                  /* different ones that get a number */
#define NZ_WHOS_BYTES_MAX ((size_t)8 << 20) /* of them together */

struct nz_whos {
    struct nz_hash_key key;
    struct nz_buf bytes;
    uint32_t *ends;     /* of each in bytes */
    uint32_t *slots;    /* number by hash, 0: free */
    size_t count, room; /* slots: four times the room */
};

/* Allocates nothing. */
void nz_whos_init(struct nz_whos *whos);
void nz_whos_release(struct nz_whos *whos); /* harmless twice */

/* From 1; the same for the same bytes. 0: no more are kept. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_whos_number(struct nz_whos *whos, struct nz_str who, uint32_t *out);

/* A view that dies with the next nz_whos_number. */
struct nz_str nz_whos_text(const struct nz_whos *whos, uint32_t number);

#endif
