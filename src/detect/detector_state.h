/* The inside of a detector, shared by detector.c (from events to what is kept) and finish.c (from there to findings). Private to
 * detect.
 *
 * A payload is a row of parts (texts as core/buf.h sizes them):
 *
 *   the event's part (detect/payload.h) | count of rules | rule … | count of correlation entries | entry …
 *
 * In NZ_DETECTOR_SUMS a time and a kind (detect/sums.h) stand for the event's part and the rules. Where records are kept, the
 * record's text stands before all; taking a payload drops the text when enough are kept.
 * What is taken is kept as one sized text, the record's place before it: id, record, file, where a file without .p is that of the
 * one before; in NZ_DETECTOR_SUMS the id alone. Many of them are one entry of the spool. */
#ifndef NZ_DETECT_DETECTOR_STATE_H
#define NZ_DETECT_DETECTOR_STATE_H

#include "core/spool.h"
#include "detect/detector.h"
#include "detect/payload.h"
#include "detect/sums.h"
#include "sigma/correlate.h"

struct nz_detector {
    const struct nz_ruleset *rules;
    bool japanese;
    struct nz_correlator *correlator;
    struct nz_spool *spool;
    struct nz_buf batch; /* of what was taken: the spool's next entry */
    enum nz_detector_form form;
    struct nz_buf file; /* of the record taken last */
    struct nz_sums_kinds kinds;
    uint32_t records_per_rule; /* 0: none are kept */
    uint32_t *records_kept;    /* by rule */
    struct nz_detector_stats stats;
};

/* Gives the batch to the spool. */
NZ_MUST_USE enum nz_err nz_detector_flush(struct nz_detector *d, struct nz_diag *diag);

/* Of what was kept; we wrote it, so lengths are right. */
static inline void nz_detector_get(struct nz_str *in, void *to, size_t bytes)
{
    memcpy(to, in->p, bytes);
    *in = nz_str_skip(*in, bytes);
}

static inline uint32_t nz_detector_get_u32(struct nz_str *in)
{
    uint32_t value;
    nz_detector_get(in, &value, sizeof value);
    return value;
}

#endif
