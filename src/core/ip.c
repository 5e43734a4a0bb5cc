#include "core/ip.h"

#include <arpa/inet.h>

/* RFC 4291, section 2.5.5.2: the last 32 bits hold the IPv4 address. Used inside only: `v4` tells the families apart. */
static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool nz_ip_parse(struct nz_str text, struct nz_ip *out)
{
    char c_text[INET6_ADDRSTRLEN];
    /* a NUL inside would hide what follows it from inet_pton */
    if (text.n == 0 || text.n >= sizeof c_text || memchr(text.p, '\0', text.n))
        return false;
    memcpy(c_text, text.p, text.n);
    c_text[text.n] = '\0';

    struct nz_ip ip = {.v4 = memchr(text.p, ':', text.n) == NULL};
    if (ip.v4) {
        /* POSIX inet_pton takes the dotted quad alone; leading zeros, which some programs read as octal (RFC 6943,
         * section 3.1.1), are refused by glibc and musl, and by our test if that ever changes */
        memcpy(ip.bytes, v4_prefix, sizeof v4_prefix);
        if (inet_pton(AF_INET, c_text, ip.bytes + sizeof v4_prefix) != 1)
            return false;
    } else if (inet_pton(AF_INET6, c_text, ip.bytes) != 1) { /* RFC 4291, section 2.2; knows no zone */
        return false;
    }
    *out = ip;
    return true;
}

static bool prefix_parse(struct nz_str text, uint64_t most, uint8_t *out)
{
    uint64_t bits;
    if (text.n > 3 || (text.n > 1 && text.p[0] == '0') || !nz_str_to_u64(text, &bits) || bits > most)
        return false;
    *out = (uint8_t)bits;
    return true;
}

/* Prefix length within the 128-bit form. */
static unsigned bits_of(const struct nz_cidr *net)
{
    return net->prefix_bits + (net->base.v4 ? 8u * sizeof v4_prefix : 0u);
}

/* The bits of byte i that belong to a prefix of so many bits. */
static uint8_t mask_of(unsigned bits, unsigned i)
{
    if (bits >= 8 * i + 8)
        return 0xff;
    return bits <= 8 * i ? 0 : (uint8_t)(0xff00u >> (bits - 8 * i));
}

bool nz_cidr_parse(struct nz_str text, struct nz_cidr *out)
{
    const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
    size_t address_bytes = slash ? (size_t)(slash - text.p) : text.n;
    struct nz_cidr net = {0};
    if (!nz_ip_parse(nz_str_head(text, address_bytes), &net.base))
        return false;
    uint8_t most = net.base.v4 ? 32 : 128;
    net.prefix_bits = most;
    if (slash && !prefix_parse(nz_str_skip(text, address_bytes + 1), most, &net.prefix_bits))
        return false;
    for (unsigned i = 0; i < sizeof net.base.bytes; i++)
        net.base.bytes[i] &= mask_of(bits_of(&net), i);
    *out = net;
    return true;
}

bool nz_cidr_contains(const struct nz_cidr *net, const struct nz_ip *ip)
{
    if (net->base.v4 != ip->v4)
        return false;
    unsigned bits = bits_of(net), whole = bits / 8;
    if (memcmp(net->base.bytes, ip->bytes, whole) != 0)
        return false;
    return bits % 8 == 0 || ((net->base.bytes[whole] ^ ip->bytes[whole]) & mask_of(bits, whole)) == 0;
}

bool nz_cidr_end(const struct nz_cidr *net, struct nz_ip *out)
{
    unsigned bits = bits_of(net), first = net->base.v4 ? sizeof v4_prefix : 0;
    *out = net->base;
    if (net->prefix_bits == 0)
        return false;
    /* one is added to the prefix's last bit, and carried towards the first byte of the family */
    unsigned add = 1u << (7 - (bits - 1) % 8);
    for (unsigned i = (bits - 1) / 8 + 1; i-- > first && add;) {
        unsigned sum = out->bytes[i] + add;
        out->bytes[i] = (uint8_t)sum;
        add = sum >> 8;
    }
    return add == 0;
}

int nz_ip_cmp(const struct nz_ip *a, const struct nz_ip *b)
{
    if (a->v4 != b->v4)
        return a->v4 ? -1 : 1;
    int cmp = memcmp(a->bytes, b->bytes, sizeof a->bytes);
    return (cmp > 0) - (cmp < 0);
}

void nz_ip_append(struct nz_buf *out, const struct nz_ip *ip)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(ip->v4 ? AF_INET : AF_INET6, ip->bytes + (ip->v4 ? sizeof v4_prefix : 0), text, sizeof text))
        nz_buf_append(out, nz_str_from_c(text));
}
