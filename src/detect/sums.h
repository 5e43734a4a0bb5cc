/* Hits as NZ_DETECTOR_SUMS counts them: each is a time and a kind, which is the rules that hit and who it was (actor, address
 * and region). Kinds repeat, so their texts are read, passed on and described once.
 *
 *   worker   userIdentity, sourceIPAddress, awsRegion ─▶ who ┐
 *            the rules that hit ─────────────────────────────┴▶ kind of this worker ─▶ payload: kind, time
 *   one      kind of a worker ─▶ number of the kind, the same for all workers
 *
 * What no longer fits the bounds is written out in full, hit by hit. Private to detect. */
#ifndef NZ_DETECT_SUMS_H
#define NZ_DETECT_SUMS_H

#include "core/buf.h"
#include "detect/interner.h"
#include "detect/member_memo.h"
#include "events/event.h"

#define NZ_SUMS_KINDS_MAX 65535u                     /* different ones that get a number */
#define NZ_SUMS_BYTES_MAX ((size_t)8 << 20)          /* of them together */
#define NZ_SUMS_WORKER_KINDS_MAX 16383u              /* of one worker, and as many whos */
#define NZ_SUMS_WORKER_BYTES_MAX ((size_t)512 << 10) /* of either together */
#define NZ_SUMS_NO_TIME INT64_MIN

/* Of one worker. */
struct nz_sums_writer {
    struct nz_interner whos, kinds;
    struct nz_member_memo memo;  /* who it was: the address of what whos keep */
    struct nz_interned **recent; /* kinds by who and first rule: the last of each */
    struct nz_buf bytes;
};

NZ_MUST_USE enum nz_err nz_sums_writer_init(struct nz_sums_writer *w);
void nz_sums_writer_release(struct nz_sums_writer *w); /* harmless twice, and on a zeroed one */

/* Appends a hit of these rules (count of them). scratch is cleared. The payload points into the writer. */
NZ_MUST_USE enum nz_err nz_sums_write(struct nz_sums_writer *w, const struct nz_event *ev, const uint32_t *rules,
                                      size_t count, struct nz_buf *scratch, struct nz_buf *out);

/* Kinds of all workers, by number; 0: it is not among them, and its bytes stand with the hit. */
struct nz_sums_kinds {
    struct nz_interner kinds;
    struct nz_buf bytes;
};

void nz_sums_kinds_init(struct nz_sums_kinds *kinds);    /* allocates nothing */
void nz_sums_kinds_release(struct nz_sums_kinds *kinds); /* harmless twice */

/* Takes what nz_sums_write wrote off the front of *payload, and appends the hit as it is kept. */
NZ_MUST_USE enum nz_err nz_sums_take(struct nz_sums_kinds *kinds, struct nz_str *payload, struct nz_buf *out);

/* Most hits are of a kind that has a number, and no correlation wants them. Appends such a one at once, whole as
 * detect/detector_state.h says that it is kept. False: it is another one. */
bool nz_sums_take_known(struct nz_str payload, uint64_t id, struct nz_buf *out);

/* A hit that is read back; views into the kinds, or into the hit's own bytes. */
struct nz_sums_hit {
    int64_t time_us; /* NZ_SUMS_NO_TIME: it has none */
    struct nz_interned *kind;
    uint32_t rules_count;
    struct nz_str rules; /* rules_count numbers of four bytes */
    struct nz_str who;   /* three sized texts (core/buf.h): actor, source_ip, region */
};
/* How many rules a kind is of. */
uint32_t nz_sums_rules_of(const struct nz_interned *kind);
void nz_sums_read(const struct nz_sums_kinds *kinds, struct nz_str *in, struct nz_sums_hit *out);

#endif
