/* IP addresses that networks tell apart: one for each elementary interval, which no network cuts.
 *
 *     10.0.0.0/8 and 10.1.0.0/16 cut IPv4 at 10.0.0.0, 10.1.0.0, 10.2.0.0 and 11.0.0.0: five intervals, five addresses
 *
 * What holds for the addresses holds for all of their kind, since a condition on an address only asks for networks. */
#ifndef NZ_POLICY_NETWORKS_H
#define NZ_POLICY_NETWORKS_H

#include "core/arena.h"
#include "core/err.h"
#include "core/ip.h"

enum nz_network_kind {
    NZ_NETWORK_PUBLIC_V4, /* without what the Internet does not route: RFC 6890's private, shared, loopback, link-local */
    NZ_NETWORK_PUBLIC_V6, /* global unicast, 2000::/3 (RFC 4291, section 2.4) */
    NZ_NETWORK_ANY,
};

struct nz_network_list {
    const struct nz_cidr *list;
    size_t count;
};

/* An address of that kind? */
bool nz_network_has(enum nz_network_kind kind, const struct nz_ip *ip);
bool nz_network_list_has(struct nz_network_list nets, const struct nz_ip *ip);
/* Does the network lie within what the Internet does not route? */
bool nz_network_is_private(const struct nz_cidr *net);

/* The addresses, of the intervals that cuts and allowed make, that are of the kind and (inside: not) in allowed. They live
 * in keep, in rising order. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_network_addresses(enum nz_network_kind kind, struct nz_network_list cuts,
                                             struct nz_network_list allowed, bool inside, struct nz_arena *keep,
                                             const struct nz_ip **out, size_t *count);

#endif
