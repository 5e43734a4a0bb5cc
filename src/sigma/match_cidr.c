/* cidr: an address inside a network. What is no address ("ec2.amazonaws.com", "AWS Internal") is in none. */
#include "sigma/match.h"

bool nz_match_cidr(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf)
{
    struct nz_ip ip;
    return leaf->kind == NZ_JSON_STRING && nz_ip_parse(nz_leaf_text(m, leaf), &ip) && nz_cidr_contains(&test->net, &ip);
}
