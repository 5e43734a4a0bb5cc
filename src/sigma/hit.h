/* What the correlations need of one event that a rule matched, as bytes that pass between threads and through spools:
 * written once, in this process, read again in this process. Private to the correlator.
 *
 *   header | ids: count, (length, bytes)… | columns: (leaves, (length, bytes)…)…
 *
 * Columns are what the correlations read of the rule, in the order that the correlator's source says. */
#ifndef NZ_SIGMA_HIT_H
#define NZ_SIGMA_HIT_H

#include "core/buf.h"

#define NZ_HIT_NO_TIME 1u     /* the event has none: it can only be counted */
#define NZ_HIT_TOO_LARGE 2u   /* columns past NZ_HIT_BYTES_MAX: it can only be counted */
#define NZ_HIT_ALERT 4u       /* of an inner correlation, as it ended */
#define NZ_HIT_PULSE 8u       /* of an inner correlation, while it lasts */
#define NZ_HIT_HAD_PULSES 16u /* an alert whose pulses were given too */

#define NZ_HIT_BYTES_MAX ((size_t)4 << 20)
#define NZ_HIT_ID_BYTES_MAX 256u /* CloudTrail's have 36; a longer one is not kept */

struct nz_hit_header {
    int64_t at_us, start_us;
    uint64_t sequence; /* place in the input: what orders equal times */
    uint32_t rule;     /* index in the ruleset */
    uint32_t flags;
};

/* A cursor over such bytes; `bad` sticks, and everything read after it is empty. */
struct nz_hit_reader {
    struct nz_str rest;
    bool bad;
};

void nz_hit_put_u32(struct nz_buf *out, uint32_t v);
void nz_hit_put_text(struct nz_buf *out, struct nz_str text); /* with its length */
void nz_hit_put_header(struct nz_buf *out, const struct nz_hit_header *h);

uint32_t nz_hit_u32(struct nz_hit_reader *r);
struct nz_str nz_hit_text(struct nz_hit_reader *r);
struct nz_hit_header nz_hit_header(struct nz_hit_reader *r);
/* n bytes at the cursor, copied to `to` */
void nz_hit_bytes(struct nz_hit_reader *r, void *to, size_t n);

/* The number that a leaf's text is, to the precision of a double; false when it is none. */
bool nz_hit_number(struct nz_str text, double *out);

/* Reads texts (ids, leaves) that stand behind a count: at most `most` go to `out`, the others are passed over. */
uint32_t nz_hit_texts(struct nz_hit_reader *r, struct nz_str *out, uint32_t most);

#endif
