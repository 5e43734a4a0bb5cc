/* The networks that an account's policies name as those from which its users act: the values of aws:SourceIp, whatever
 * operator compares them.
 *
 *     {"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}     192.0.2.0/24
 *     {"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}     none: together they are the Internet
 *
 * A list that covers more than a sixteenth of the IPv4 addresses, or a 256th of the IPv6 ones, restricts nothing and counts
 * as none of that family. */
#ifndef NZ_AUDIT_NETWORKS_H
#define NZ_AUDIT_NETWORKS_H

#include "access/account.h"
#include "access/worlds.h"

/* In no order, some more than once; *out points into keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_networks_named(struct nz_arena *keep, const struct nz_account *account,
                                          struct nz_network_list *out);

#endif
