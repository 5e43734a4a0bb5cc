/* What a worker hands on of a record that hit, as bytes, and what a finding has of its record when they are read back.
 *
 *   form                   texts of a finding                             for
 *   NZ_DETECTOR_TEXTS      all                                            formats that look at each member
 *   NZ_DETECTOR_JSON       none; event_json has them, rendered            ndjson and json, which copy them
 *   NZ_DETECTOR_SUMS       detect/sums.h                                  tables, which count
 *
 * Private to detect. */
#ifndef NZ_DETECT_PAYLOAD_H
#define NZ_DETECT_PAYLOAD_H

#include "detect/detector.h"
#include "detect/member_memo.h"
#include "events/event.h"

/* Appends the event's part, one sized text (core/buf.h); scratch is cleared. memo: of NZ_PAYLOAD_MEMBERS, for NZ_DETECTOR_JSON. Not
 * for NZ_DETECTOR_SUMS. */
#define NZ_PAYLOAD_MEMBERS 7u
void nz_payload_put(enum nz_detector_form form, const struct nz_event *ev, struct nz_member_memo *memo,
                    struct nz_buf *scratch, struct nz_buf *out);

/* Sets the finding's texts from that part; views into it. */
void nz_payload_read(enum nz_detector_form form, struct nz_str part, struct nz_detection *out);

#endif
