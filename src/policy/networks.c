#include "policy/networks.h"

#include <stdlib.h>

/* RFC 6890, tables 1 to 16: what a public endpoint never sees as the address of a caller. The three networks for documentation
 * are left in: examples stand for public ones. */
static const struct range {
    uint32_t base;
    uint8_t prefix_bits;
} not_public[] = {
    {0x00000000, 8},  /* 0.0.0.0 */
    {0x0a000000, 8},  /* 10.0.0.0 */
    {0x64400000, 10}, /* 100.64.0.0 */
    {0x7f000000, 8},  /* 127.0.0.0 */
    {0xa9fe0000, 16}, /* 169.254.0.0 */
    {0xac100000, 12}, /* 172.16.0.0 */
    {0xc0000000, 24}, /* 192.0.0.0 */
    {0xc0a80000, 16}, /* 192.168.0.0 */
    {0xc6120000, 15}, /* 198.18.0.0 */
    {0xe0000000, 3},  /* 224.0.0.0 and all behind it */
};
enum { NOT_PUBLIC = sizeof not_public / sizeof not_public[0] };

static uint32_t v4_of(const struct nz_ip *ip)
{
    return (uint32_t)ip->bytes[12] << 24 | (uint32_t)ip->bytes[13] << 16 | (uint32_t)ip->bytes[14] << 8 | ip->bytes[15];
}

static bool range_has(const struct range *range, uint32_t address)
{
    return (address ^ range->base) >> (32 - range->prefix_bits) == 0;
}

static bool is_public_v4(const struct nz_ip *ip)
{
    bool is_public = ip->v4;
    for (size_t i = 0; i < NOT_PUBLIC && is_public; i++)
        is_public = !range_has(&not_public[i], v4_of(ip));
    return is_public;
}

/* 2000::/3 */
static bool is_public_v6(const struct nz_ip *ip)
{
    return !ip->v4 && ip->bytes[0] >> 5 == 1;
}

bool nz_network_has(enum nz_network_kind kind, const struct nz_ip *ip)
{
    if (kind == NZ_NETWORK_ANY)
        return true;
    return kind == NZ_NETWORK_PUBLIC_V6 ? is_public_v6(ip) : is_public_v4(ip);
}

bool nz_network_list_has(struct nz_network_list nets, const struct nz_ip *ip)
{
    for (size_t i = 0; i < nets.count; i++) {
        if (nz_cidr_contains(&nets.list[i], ip))
            return true;
    }
    return false;
}

bool nz_network_is_private(const struct nz_cidr *net)
{
    if (!net->base.v4)
        return net->prefix_bits >= 3 && !is_public_v6(&net->base);
    for (size_t i = 0; i < NOT_PUBLIC; i++) {
        if (net->prefix_bits >= not_public[i].prefix_bits && range_has(&not_public[i], v4_of(&net->base)))
            return true;
    }
    return false;
}

/* --- the points at which an interval begins --- */

struct points {
    struct nz_ip *list;
    size_t count;
};

static void net_add(struct points *points, const struct nz_cidr *net)
{
    points->list[points->count++] = net->base;
    if (nz_cidr_end(net, &points->list[points->count]))
        points->count++;
}

static void nets_add(struct points *points, const struct nz_cidr *nets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        net_add(points, &nets[i]);
}

/* Where each family begins, and what is not public. */
static void bounds_add(struct points *points)
{
    static const struct nz_cidr v6[] = {{.base = {.v4 = false}}, {.base = {.bytes = {0x20}}, .prefix_bits = 3}};
    for (size_t i = 0; i < NOT_PUBLIC; i++) {
        uint32_t base = not_public[i].base;
        struct nz_cidr net = {.base = {.bytes = {[10] = 0xff,
                                                 [11] = 0xff,
                                                 [12] = (uint8_t)(base >> 24),
                                                 [13] = (uint8_t)(base >> 16),
                                                 [14] = (uint8_t)(base >> 8),
                                                 [15] = (uint8_t)base},
                                       .v4 = true},
                              .prefix_bits = not_public[i].prefix_bits};
        net_add(points, &net);
    }
    nets_add(points, v6, sizeof v6 / sizeof v6[0]);
}

static int ip_order(const void *a, const void *b)
{
    return nz_ip_cmp(a, b);
}

enum nz_err nz_network_addresses(enum nz_network_kind kind, struct nz_network_list cuts, struct nz_network_list allowed,
                                 bool inside, struct nz_arena *keep, const struct nz_ip **out, size_t *count)
{
    struct points points = {.list =
                                NZ_ARENA_ARRAY(keep, struct nz_ip, 2 * (cuts.count + allowed.count + NOT_PUBLIC + 2))};
    if (!points.list)
        return NZ_E_NOMEM;
    bounds_add(&points);
    nets_add(&points, cuts.list, cuts.count);
    nets_add(&points, allowed.list, allowed.count);
    qsort(points.list, points.count, sizeof *points.list, ip_order);
    size_t kept = 0;
    for (size_t i = 0; i < points.count; i++) {
        const struct nz_ip ip = points.list[i];
        bool again = kept && nz_ip_cmp(&points.list[kept - 1], &ip) == 0;
        if (!again && nz_network_has(kind, &ip) && nz_network_list_has(allowed, &ip) == inside)
            points.list[kept++] = ip;
    }
    *out = points.list;
    *count = kept;
    return NZ_OK;
}
