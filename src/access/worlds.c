#include "access/worlds.h"

#include "policy/foreign_ids.h"
#include "policy/mentions.h"

/* What somebody else's ids look like; the characters are of NZ_CELLS_HEX and its like. VPCs and endpoints of old have eight. */
#define HEX_8 "\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd"
#define HEX_17 HEX_8 HEX_8 "\xfd"
#define DIGITS_12 "\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc"
#define ALNUM_4 "\xfb\xfb\xfb\xfb"
#define ALNUM_8 ALNUM_4 ALNUM_4
#define ALNUM_10 ALNUM_8 "\xfb\xfb"
#define ANY_REGION "\xfb\xfb-\xfe\xff-\xfc"
#define ID_8 "0f0e1d2c"
#define ID_17 "0f0e1d2c3b4a59687"
#define FORM(KEY, CODED, USUAL)                                                                                        \
    {                                                                                                                  \
        .key = {KEY, sizeof(KEY) - 1}, .coded = {CODED, sizeof(CODED) - 1}, .usual = { USUAL, sizeof(USUAL) - 1 }      \
    }
static const struct nz_foreign_form vpc_forms[] = {FORM("aws:SourceVpc", "vpc-" HEX_17, "vpc-" ID_17),
                                                   FORM("aws:SourceVpc", "vpc-" HEX_8, "vpc-" ID_8)};
static const struct nz_foreign_form vpce_forms[] = {FORM("aws:SourceVpce", "vpce-" HEX_17, "vpce-" ID_17),
                                                    FORM("aws:SourceVpce", "vpce-" HEX_8, "vpce-" ID_8)};
static const struct nz_foreign_form arn_forms[] = {
    FORM("aws:SourceVpcArn", "arn:aws:ec2:" ANY_REGION ":" DIGITS_12 ":vpc/vpc-" HEX_17,
         "arn:aws:ec2:us-east-1:999999999999:vpc/vpc-" ID_17),
    FORM("aws:SourceVpcArn", "arn:aws-\xfe\xff:ec2:" ANY_REGION ":" DIGITS_12 ":vpc/vpc-" HEX_17,
         "arn:aws-cn:ec2:cn-north-1:999999999999:vpc/vpc-" ID_17)};
static const struct nz_foreign_form account_forms[] = {FORM("aws:VpceAccount", DIGITS_12, "999999999999")};
static const struct nz_foreign_form org_forms[] = {FORM("aws:VpceOrgID", "o-" ALNUM_10, "o-foreign000")};
static const struct nz_foreign_form path_forms[] = {FORM("aws:VpceOrgPaths",
                                                         "o-" ALNUM_10 "/r-" ALNUM_4 "/ou-" ALNUM_4 "-" ALNUM_8 "/",
                                                         "o-foreign000/r-0000/ou-0000-00000000/")};

const char *nz_world_network_name(enum nz_world_network network)
{
    static const char *const names[NZ_WORLD_NETWORKS] = {"ipv4", "ipv6", "vpc-endpoint", "aws-service"};
    return network < NZ_WORLD_NETWORKS ? names[network] : "";
}

enum { KEYS_MAX = 20, TOLD = 3, CHOICES_MAX = 7 };

struct making {
    const struct nz_world_question *q;
    struct nz_arena *keep;
    struct nz_buf places;            /* struct nz_world_place */
    bool of_network, of_credentials; /* some policy asks */
    struct nz_buf vpc_arns;          /* struct nz_str: of foreign VPCs in each region that the policies name */
    /* behind somebody else's endpoint: what every service tells of it, and what only some do */
    struct nz_key_choices choices[2];
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

/* supplied: by a service that tells whose the endpoint is, as about fifty do. What is present is among the choices. */
static void endpoint_add(struct keys *k, bool supplied)
{
    key_add(k, NZ_STR("aws:SourceIp"), absent);
    if (!supplied) {
        key_add(k, NZ_STR("aws:SourceVpcArn"), absent);
        key_add(k, NZ_STR("aws:VpceAccount"), absent);
        key_add(k, NZ_STR("aws:VpceOrgID"), absent);
        key_add(k, NZ_STR("aws:VpceOrgPaths"), absent);
    }
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
        if (k->m->q->inside || k->m->q->any_endpoint)
            own_endpoint_add(k);
        else
            endpoint_add(k, variant > 0);
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
    bool foreign = network == NZ_WORLD_ENDPOINT && m->of_network && !m->q->inside && !m->q->any_endpoint;
    unsigned variants = foreign ? 2 : 1;
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
            worlds[place.count++] = (struct nz_world){.network = network,
                                                      .keys = k.list,
                                                      .count = k.count,
                                                      .choices = foreign ? m->choices[v] : (struct nz_key_choices){0}};
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

/* --- behind somebody else's endpoint --- */

static enum nz_err ids_add(struct making *m, const struct nz_foreign_form *forms, size_t count, bool may_be_absent,
                           struct nz_key_choice *choice)
{
    struct nz_buf list;
    enum nz_err err = NZ_OK;
    *choice = (struct nz_key_choice){.key = forms[0].key, .may_be_absent = may_be_absent, .complete = true};
    nz_buf_init(&list, 0);
    for (size_t i = 0; i < count && err == NZ_OK; i++) {
        struct nz_foreign_ids ids;
        err = nz_policy_set_foreign_ids(m->q->set, &forms[i], m->keep, &ids);
        choice->complete &= ids.complete;
        if (err == NZ_OK)
            nz_buf_append(&list, nz_str_of((const char *)ids.list, ids.count * sizeof ids.list[0]));
    }
    struct nz_str kept = nz_arena_str(m->keep, nz_buf_view(&list));
    choice->values = (const void *)kept.p;
    choice->count = (uint32_t)(kept.n / sizeof(struct nz_str));
    bool failed = list.failed || !kept.p;
    nz_buf_release(&list);
    return err == NZ_OK && failed ? NZ_E_NOMEM : err;
}

/* What every service tells comes first, then what only some supply. */
static enum nz_err choices_make(struct making *m)
{
    static const struct {
        const struct nz_foreign_form *forms;
        size_t count;
        bool may_be_absent;
    } kinds[CHOICES_MAX] = {
        {vpc_forms, 2, false}, {vpce_forms, 2, false},
        {NULL, 0, false}, /* aws:VpcSourceIp: whoever has a VPC chooses its addresses */
        {arn_forms, 2, false}, {account_forms, 1, false},
        {org_forms, 1, true}, /* an account may be in no organization */
        {path_forms, 1, true},
    };
    struct nz_key_choice *list = NZ_ARENA_ARRAY(m->keep, struct nz_key_choice, CHOICES_MAX);
    enum nz_err err = list ? NZ_OK : NZ_E_NOMEM;
    for (size_t i = 0; i < CHOICES_MAX && err == NZ_OK; i++) {
        if (kinds[i].forms)
            err = ids_add(m, kinds[i].forms, kinds[i].count, kinds[i].may_be_absent, &list[i]);
        else
            list[i] = (struct nz_key_choice){.key = NZ_STR("aws:VpcSourceIp")};
    }
    m->choices[0] = (struct nz_key_choices){list, TOLD};
    m->choices[1] = (struct nz_key_choices){list, CHOICES_MAX};
    return err;
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
    enum nz_err err = m.of_network && !q->inside && !q->any_endpoint && !q->by_service ? choices_make(&m) : NZ_OK;
    if (err == NZ_OK)
        err = addresses_add(&m, scratch, NZ_WORLD_IPV4);
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
