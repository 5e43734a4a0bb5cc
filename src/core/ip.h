/* IP addresses and networks, one 128-bit form for both families (IPv4 as ::ffff:a.b.c.d inside, told apart by v4). */
#ifndef NZ_CORE_IP_H
#define NZ_CORE_IP_H

#include "core/buf.h"

struct nz_ip {
    uint8_t bytes[16]; /* network order; an IPv4 address stands in the last four */
    bool v4;
};

struct nz_cidr {
    struct nz_ip base;   /* host bits are zero */
    uint8_t prefix_bits; /* 0..32 or 0..128 */
};

/* Dotted quad without leading zeros, or RFC 4291 text; no zone, no port. "::ffff:1.2.3.4" is IPv6. */
bool nz_ip_parse(struct nz_str text, struct nz_ip *out);

/* "10.0.0.0/8", "2001:db8::/32", or an address alone (full length). Host bits may be set; they are cleared. */
bool nz_cidr_parse(struct nz_str text, struct nz_cidr *out);

bool nz_cidr_contains(const struct nz_cidr *net, const struct nz_ip *ip); /* families never mix */

/* The first address behind the network; false when there is none: it reaches to the end of its family. */
bool nz_cidr_end(const struct nz_cidr *net, struct nz_ip *out);

/* IPv4 before IPv6, then by number. */
int nz_ip_cmp(const struct nz_ip *a, const struct nz_ip *b);

/* "192.0.2.1", or RFC 5952 text. */
void nz_ip_append(struct nz_buf *out, const struct nz_ip *ip);

#endif
