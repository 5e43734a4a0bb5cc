/* What a worker hands on of a record that hit, as bytes, and what a finding has of its record when they are read back.
 *
 *   form                   texts of a finding                             for
 *   NZ_DETECTOR_TEXTS      all                                            formats that look at each member
 *   NZ_DETECTOR_JSON       none; event_json has them, rendered            ndjson and json, which copy them
 *   NZ_DETECTOR_SUMS       event_time, actor, source_ip, region           tables, which count
 *
 * Private to detect. */
#ifndef NZ_DETECT_PAYLOAD_H
#define NZ_DETECT_PAYLOAD_H

#include "detect/detector.h"
#include "events/event.h"

/* Appends the event's part; scratch is cleared. */
void nz_payload_put(enum nz_detector_form form, const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out);

/* Takes that part off the front of *in, which nz_payload_put wrote. Views into *in. */
struct nz_str nz_payload_take(struct nz_str *in);

/* In NZ_DETECTOR_SUMS the part is a time and who it was: actor, address and region, which few of the records have for
 * themselves. */
struct nz_str nz_payload_time(struct nz_str part);
struct nz_str nz_payload_who(struct nz_str part);

/* Sets the finding's texts from a part; in NZ_DETECTOR_SUMS from the two halves of one. */
void nz_payload_read(enum nz_detector_form form, struct nz_str part, struct nz_detection *out);
void nz_payload_read_sums(struct nz_str time, struct nz_str who, struct nz_detection *out);

#endif
