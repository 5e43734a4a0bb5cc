/* From where and with what credentials a request can come, as condition keys: what each way of calling makes present and absent.
 *
 *     network      aws:SourceIp   aws:SourceVpc…   aws:ViaAWSService     credentials   aws:MultiFactorAuthPresent   …Age
 *     ipv4, ipv6   an address     absent           false                 access key    absent                       absent
 *     endpoint     absent         a foreign VPC's  false                 no MFA        false                        absent
 *     service      the service's  absent           true                  MFA           true                         any
 *
 * "The aws:SourceIp condition key is not present when a VPC endpoint is used"; aws:MultiFactorAuthPresent is not in requests
 * signed with long-term access keys; aws:ViaAWSService is true only for what a service does with the caller's own
 * credentials. Source: IAM User Guide, "AWS global condition context keys".
 * Addresses are those that the set's policies tell apart, one of each kind; keys that no policy names make no world of their own. */
#ifndef NZ_ACCESS_WORLDS_H
#define NZ_ACCESS_WORLDS_H

#include "core/arena.h"
#include "policy/decide.h"
#include "policy/networks.h"
#include "policy/search.h"

enum nz_world_network { NZ_WORLD_IPV4, NZ_WORLD_IPV6, NZ_WORLD_ENDPOINT, NZ_WORLD_SERVICE, NZ_WORLD_NETWORKS };
const char *nz_world_network_name(enum nz_world_network network); /* "ipv4" "ipv6" "vpc-endpoint" "aws-service" */

enum nz_world_credentials { NZ_WORLD_ACCESS_KEY, NZ_WORLD_NO_MFA, NZ_WORLD_MFA };

struct nz_world {
    enum nz_world_network network;
    const struct nz_policy_key *keys;
    uint32_t count;
    struct nz_key_choices choices; /* keys that have one of some values: a foreign VPC's id */
};

/* Worlds of one place: the same network and address under each kind of credentials. */
struct nz_world_place {
    enum nz_world_network network;
    const struct nz_world *worlds;
    uint32_t count;
};

struct nz_world_question {
    const struct nz_policy_set *set;
    struct nz_network_list allowed;
    bool inside;       /* addresses in allowed, and any endpoint; else addresses that are not, and a foreign endpoint */
    bool any_endpoint; /* outside is any endpoint, one's own among them */
    bool by_service;   /* only what a service does with the caller's credentials, from outside */
    unsigned credentials; /* bits 1 << nz_world_credentials */
    bool is_session;      /* of a role: aws:TokenIssueTime is there whatever the credentials */
};

struct nz_worlds {
    const struct nz_world_place *places;
    uint32_t count;
    bool alike;             /* no policy asks for the network: what holds in one place holds in all */
    bool alike_credentials; /* nor for the credentials */
    bool complete;          /* false: a bound was reached */
};

/* Do the policies ask for anything in which worlds differ? */
bool nz_worlds_matter(const struct nz_policy_set *set);

/* Everything lives in keep. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_worlds_make(const struct nz_world_question *question, struct nz_policy_scratch *scratch,
                                       struct nz_arena *keep, struct nz_worlds *out);

#endif
