#include "access/worlds.h"

#include "policy/mentions.h"

/* Ids that no policy of a living account names. */
#define FOREIGN_VPC NZ_STR("vpc-0f0e1d2c3b4a59687")
#define FOREIGN_VPCE NZ_STR("vpce-0f0e1d2c3b4a59687")
#define FOREIGN_ACCOUNT NZ_STR("999999999999")
#define FOREIGN_ORG NZ_STR("o-foreign0000")
#define FOREIGN_PATH NZ_STR("o-foreign0000/r-0000/ou-0000-00000000/")
#define FOREIGN_VPC_ARN "arn:%.*s:ec2:%.*s:999999999999:vpc/vpc-0f0e1d2c3b4a59687"
#define VPC_PLACES_MAX 40u /* AWS has fewer regions */

const char *nz_world_network_name(enum nz_world_network network)
{
    static const char *const names[NZ_WORLD_NETWORKS] = {"ipv4", "ipv6", "vpc-endpoint", "aws-service"};
    return network < NZ_WORLD_NETWORKS ? names[network] : "";
}

enum { KEYS_MAX = 20 };

struct making {
    const struct nz_world_question *q;
    struct nz_arena *keep;
    struct nz_buf places;                       /* struct nz_world_place */
    bool of_network, of_credentials;            /* some policy asks */
    struct nz_str vpc_arns[VPC_PLACES_MAX + 1]; /* of a foreign VPC, in each region that the policies name */
    uint32_t vpc_arns_count;
    bool complete, failed;
};

struct keys {
    struct nz_policy_key *list;
    struct nz_str *values;
    uint32_t count;
    struct making *m;
};

static struct keys keys_begin(struct making *m)
{
    struct keys k = {.list = NZ_ARENA_ARRAY(m->keep, struct nz_policy_key, KEYS_MAX),
                     .values = NZ_ARENA_ARRAY(m->keep, struct nz_str, KEYS_MAX),
                     .m = m};
    m->failed |= !k.list || !k.values;
    return k;
}

/* value.p NULL: absent. */
static void key_add(struct keys *k, struct nz_str name, struct nz_str value)
{
    if (k->m->failed)
        return;
    k->values[k->count] = value;
    k->list[k->count] = (struct nz_policy_key){.name = name, .values = &k->values[k->count], .count = value.p != NULL};
    k->count++;
}

static const struct nz_str absent = {NULL, 0};

/* --- credentials --- */

static void credentials_add(struct keys *k, enum nz_world_credentials credentials, bool is_session)
{
    switch (credentials) {
    case NZ_WORLD_ACCESS_KEY:
        key_add(k, NZ_STR("aws:MultiFactorAuthPresent"), absent);
        key_add(k, NZ_STR("aws:MultiFactorAuthAge"), absent);
        if (!is_session)
            key_add(k, NZ_STR("aws:TokenIssueTime"), absent);
        break;
    case NZ_WORLD_NO_MFA:
        key_add(k, NZ_STR("aws:MultiFactorAuthPresent"), NZ_STR("false"));
        key_add(k, NZ_STR("aws:MultiFactorAuthAge"), absent);
        break;
    case NZ_WORLD_MFA:
        key_add(k, NZ_STR("aws:MultiFactorAuthPresent"), NZ_STR("true"));
        break; /* the age, as the time of the token, is anybody's */
    }
}

/* --- networks --- */

static void direct_add(struct keys *k)
{
    key_add(k, NZ_STR("aws:ViaAWSService"), NZ_STR("false"));
    key_add(k, NZ_STR("aws:CalledVia"), absent);
    key_add(k, NZ_STR("aws:CalledViaFirst"), absent);
    key_add(k, NZ_STR("aws:CalledViaLast"), absent);
}

static void no_endpoint_add(struct keys *k)
{
    key_add(k, NZ_STR("aws:VpcSourceIp"), absent);
    key_add(k, NZ_STR("aws:SourceVpc"), absent);
    key_add(k, NZ_STR("aws:SourceVpce"), absent);
    key_add(k, NZ_STR("aws:SourceVpcArn"), absent);
    key_add(k, NZ_STR("aws:VpceAccount"), absent);
    key_add(k, NZ_STR("aws:VpceOrgID"), absent);
    key_add(k, NZ_STR("aws:VpceOrgPaths"), absent);
}

/* supplied: by a service that tells whose the endpoint is, as about fifty do. */
static void endpoint_add(struct keys *k, bool supplied, struct nz_str vpc_arn)
{
    key_add(k, NZ_STR("aws:SourceIp"), absent);
    key_add(k, NZ_STR("aws:SourceVpc"), FOREIGN_VPC);
    key_add(k, NZ_STR("aws:SourceVpce"), FOREIGN_VPCE);
    /* aws:VpcSourceIp is free: whoever has a VPC chooses its addresses */
    key_add(k, NZ_STR("aws:SourceVpcArn"), supplied ? vpc_arn : absent);
    key_add(k, NZ_STR("aws:VpceAccount"), supplied ? FOREIGN_ACCOUNT : absent);
    key_add(k, NZ_STR("aws:VpceOrgID"), supplied ? FOREIGN_ORG : absent);
    key_add(k, NZ_STR("aws:VpceOrgPaths"), supplied ? FOREIGN_PATH : absent);
    direct_add(k);
}

/* Inside are endpoints of one's own: what is not said is free, and may be what the policies name. */
static void own_endpoint_add(struct keys *k)
{
    key_add(k, NZ_STR("aws:SourceIp"), absent);
    direct_add(k);
}

static void network_add(struct keys *k, enum nz_world_network network, struct nz_str address, unsigned variant)
{
    if (network == NZ_WORLD_ENDPOINT) {
        if (k->m->q->inside)
            own_endpoint_add(k);
        else
            endpoint_add(k, variant > 0, k->m->vpc_arns[variant ? variant - 1 : 0]);
        return;
    }
    key_add(k, NZ_STR("aws:SourceIp"), address);
    no_endpoint_add(k);
    if (network == NZ_WORLD_SERVICE)
        key_add(k, NZ_STR("aws:ViaAWSService"), NZ_STR("true"));
    else
        direct_add(k);
}

/* One place: the network under each kind of credentials, and endpoints with and without what only some services tell. */
static void place_add(struct making *m, enum nz_world_network network, struct nz_str address)
{
    unsigned variants = network == NZ_WORLD_ENDPOINT && m->of_network && !m->q->inside ? 1 + m->vpc_arns_count : 1;
    struct nz_world *worlds = NZ_ARENA_ARRAY(m->keep, struct nz_world, 3 * variants);
    m->failed |= !worlds;
    if (m->failed)
        return;
    struct nz_world_place place = {.network = network, .worlds = worlds};
    for (unsigned c = NZ_WORLD_ACCESS_KEY; c <= NZ_WORLD_MFA; c++) {
        if (!(m->q->credentials >> c & 1))
            continue;
        for (unsigned v = 0; v < variants; v++) {
            struct keys k = keys_begin(m);
            network_add(&k, network, address, v);
            credentials_add(&k, (enum nz_world_credentials)c, m->q->is_session);
            worlds[place.count++] = (struct nz_world){.network = network, .keys = k.list, .count = k.count};
        }
        if (!m->of_credentials)
            break; /* all are alike */
    }
    nz_buf_append(&m->places, nz_str_of((const char *)&place, sizeof place));
}

static enum nz_err addresses_add(struct making *m, struct nz_policy_scratch *scratch, enum nz_world_network network)
{
    enum nz_network_kind kind = network == NZ_WORLD_IPV4 ? NZ_NETWORK_PUBLIC_V4 : NZ_NETWORK_PUBLIC_V6;
    struct nz_addresses found;
    enum nz_err err = nz_policy_set_addresses(scratch, m->q->set, kind, m->q->allowed, m->q->inside, m->keep, &found);
    m->complete &= found.complete;
    for (uint32_t i = 0; i < found.count && err == NZ_OK && !(m->q->by_service && i); i++)
        place_add(m, m->q->by_service ? NZ_WORLD_SERVICE : network, found.list[i]);
    return err;
}

static bool asks_for_network(const struct nz_policy_set *set)
{
    static const struct nz_str keys[] = {
        {"aws:sourceip", 12},     {"aws:vpcsourceip", 15}, {"aws:sourcevpc", 13}, {"aws:sourcevpce", 14},
        {"aws:sourcevpcarn", 16}, {"aws:vpceaccount", 15}, {"aws:vpceorgid", 13}, {"aws:vpceorgpaths", 16},
    };
    return nz_policy_set_mentions(set, keys, sizeof keys / sizeof keys[0]);
}

static bool asks_for_credentials(const struct nz_policy_set *set)
{
    static const struct nz_str keys[] = {
        {"aws:multifactorauthpresent", 26}, {"aws:multifactorauthage", 22}, {"aws:tokenissuetime", 18}};
    return nz_policy_set_mentions(set, keys, sizeof keys / sizeof keys[0]);
}

static void vpc_arn_add(struct making *m, struct nz_arn_place place)
{
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_printf(&text, FOREIGN_VPC_ARN, NZ_STR_ARG(place.partition), NZ_STR_ARG(place.region));
    struct nz_str kept = nz_arena_str(m->keep, nz_buf_view(&text));
    m->failed |= text.failed || !kept.p;
    m->vpc_arns[m->vpc_arns_count++] = kept;
    nz_buf_release(&text);
}

static void vpc_arns_add(struct making *m)
{
    struct nz_arn_place places[VPC_PLACES_MAX];
    uint32_t count = nz_policy_set_arn_places(m->q->set, NZ_STR("aws:sourcevpcarn"), places, VPC_PLACES_MAX);
    m->complete &= count < VPC_PLACES_MAX;
    vpc_arn_add(m, (struct nz_arn_place){NZ_STR("aws"), NZ_STR("us-east-1")});
    for (uint32_t i = 0; i < count; i++)
        vpc_arn_add(m, places[i]);
}

bool nz_worlds_matter(const struct nz_policy_set *set)
{
    return asks_for_network(set) || asks_for_credentials(set);
}

enum nz_err nz_worlds_make(const struct nz_world_question *q, struct nz_policy_scratch *scratch, struct nz_arena *keep,
                           struct nz_worlds *out)
{
    struct making m = {.q = q, .keep = keep, .complete = true};
    nz_buf_init(&m.places, 0);
    m.of_network = asks_for_network(q->set);
    m.of_credentials = asks_for_credentials(q->set);
    vpc_arns_add(&m);
    enum nz_err err = addresses_add(&m, scratch, NZ_WORLD_IPV4);
    if (err == NZ_OK && !q->by_service)
        err = addresses_add(&m, scratch, NZ_WORLD_IPV6);
    if (!q->by_service && (!q->inside || m.of_network))
        place_add(&m, NZ_WORLD_ENDPOINT, absent);
    struct nz_str kept = nz_arena_str(keep, nz_buf_view(&m.places));
    *out = (struct nz_worlds){.places = (const void *)kept.p,
                              .count = (uint32_t)(m.places.n / sizeof(struct nz_world_place)),
                              .alike = !m.of_network,
                              .alike_credentials = !m.of_credentials,
                              .complete = m.complete};
    bool failed = m.failed || m.places.failed || !kept.p;
    nz_buf_release(&m.places);
    return failed ? NZ_E_NOMEM : err;
}
