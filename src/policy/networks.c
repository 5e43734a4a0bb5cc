#include "policy/networks.h"

#include <stdlib.h>

/* RFC 6890, tables 1 to 16: what a public endpoint never sees as the address of a caller. The three networks for documentation
 * are left in: examples stand for public ones. */
static const char *const not_public_texts[] = {
    "0.0.0.0/8",     "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",   "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
};
enum { NOT_PUBLIC = sizeof not_public_texts / sizeof not_public_texts[0] };
static const char public_v6_text[] = "2000::/3";

struct special {
    struct nz_cidr not_public[NOT_PUBLIC];
    struct nz_cidr public_v6;
};

static struct special special_make(void)
{
    struct special s;
    for (size_t i = 0; i < NOT_PUBLIC; i++)
        (void)nz_cidr_parse(nz_str_from_c(not_public_texts[i]), &s.not_public[i]);
    (void)nz_cidr_parse(nz_str_from_c(public_v6_text), &s.public_v6);
    return s;
}

static bool kind_has(const struct special *s, enum nz_network_kind kind, const struct nz_ip *ip)
{
    if (kind == NZ_NETWORK_ANY)
        return true;
    if (kind == NZ_NETWORK_PUBLIC_V6)
        return nz_cidr_contains(&s->public_v6, ip);
    return ip->v4 && !nz_network_list_has((struct nz_network_list){s->not_public, NOT_PUBLIC}, ip);
}

bool nz_network_has(enum nz_network_kind kind, const struct nz_ip *ip)
{
    struct special s = special_make();
    return kind_has(&s, kind, ip);
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
    struct special s = special_make();
    if (!net->base.v4)
        return net->prefix_bits >= 3 && !nz_cidr_contains(&s.public_v6, &net->base);
    for (size_t i = 0; i < NOT_PUBLIC; i++) {
        if (net->prefix_bits >= s.not_public[i].prefix_bits && nz_cidr_contains(&s.not_public[i], &net->base))
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

static int ip_order(const void *a, const void *b)
{
    return nz_ip_cmp(a, b);
}

enum nz_err nz_network_addresses(enum nz_network_kind kind, struct nz_network_list cuts, struct nz_network_list allowed,
                                 bool inside, struct nz_arena *keep, const struct nz_ip **out, size_t *count)
{
    struct special s = special_make();
    struct nz_cidr all[2];
    struct points points = {.list =
                                NZ_ARENA_ARRAY(keep, struct nz_ip, 2 * (cuts.count + allowed.count + NOT_PUBLIC + 3))};
    if (!points.list)
        return NZ_E_NOMEM;
    (void)nz_cidr_parse(NZ_STR("0.0.0.0/0"), &all[0]);
    (void)nz_cidr_parse(NZ_STR("::/0"), &all[1]);
    nets_add(&points, all, 2);
    nets_add(&points, &s.public_v6, 1);
    nets_add(&points, s.not_public, NOT_PUBLIC);
    nets_add(&points, cuts.list, cuts.count);
    nets_add(&points, allowed.list, allowed.count);
    qsort(points.list, points.count, sizeof *points.list, ip_order);
    size_t kept = 0;
    for (size_t i = 0; i < points.count; i++) {
        const struct nz_ip ip = points.list[i];
        bool again = kept && nz_ip_cmp(&points.list[kept - 1], &ip) == 0;
        if (!again && kind_has(&s, kind, &ip) && nz_network_list_has(allowed, &ip) == inside)
            points.list[kept++] = ip;
    }
    *out = points.list;
    *count = kept;
    return NZ_OK;
}
