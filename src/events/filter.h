/* Picks the records of somebody or something: what `trail timeline` asks for. */
#ifndef NZ_EVENTS_FILTER_H
#define NZ_EVENTS_FILTER_H

#include "events/event.h"

/* All kinds that are given must fit; within a kind, any of its texts. A text may end with '*': then it is a prefix.
 * Letters in any case.
 *   actors  userIdentity: arn, userName, principalId, invokedBy, the issuer's arn or userName; the name at the end of an
 *           ARN ("alice" for user/alice), or the session's name
 *   ips     sourceIPAddress: an address, a network (10.0.0.0/8), or a service's name
 *   keys    the access key that signed, or that the call made (responseElements)
 *   events  eventName */
struct nz_event_filter {
    const char *const *actors, *const *ips, *const *keys, *const *events;
    size_t actors_count, ips_count, keys_count, events_count;
};

/* scratch is cleared. */
bool nz_event_filter_fits(const struct nz_event_filter *filter, const struct nz_event *ev, struct nz_buf *scratch);

#endif
