#include "access/worlds.h"

#include "policy/foreign_ids.h"
#include "policy/mentions.h"

#define HEX_17                                                                                                         \
    "\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd\xfd" /* NZ_CELLS_HEX; an id has seventeen */
#define DIGITS_12 "\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc\xfc"
#define ALNUM_10 "\xfb\xfb\xfb\xfb\xfb\xfb\xfb\xfb\xfb\xfb"
#define USUAL_ID "0f0e1d2c3b4a59687"
#define VPC_PLACES_MAX 40u /* AWS has fewer regions */

/* What somebody else's ids look like. */
enum foreign { FOREIGN_VPC, FOREIGN_VPCE, FOREIGN_ACCOUNT, FOREIGN_ORG, FOREIGN_KINDS };
static const struct nz_foreign_form foreign_forms[FOREIGN_KINDS] = {
    [FOREIGN_VPC] = {{"aws:SourceVpc", 13}, {"vpc-" HEX_17, 21}, {"vpc-" USUAL_ID, 21}},
    [FOREIGN_VPCE] = {{"aws:SourceVpce", 14}, {"vpce-" HEX_17, 22}, {"vpce-" USUAL_ID, 22}},
    [FOREIGN_ACCOUNT] = {{"aws:VpceAccount", 15}, {DIGITS_12, 12}, {"999999999999", 12}},
    [FOREIGN_ORG] = {{"aws:VpceOrgID", 13}, {"o-" ALNUM_10, 12}, {"o-foreign000", 12}},
};

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

static enum nz_err ids_add(struct making *m, const struct nz_foreign_form *form, struct nz_key_choice *choice)
{
    struct nz_foreign_ids ids;
    enum nz_err err = nz_policy_set_foreign_ids(m->q->set, form, m->keep, &ids);
    *choice =
        (struct nz_key_choice){.key = form->key, .values = ids.list, .count = ids.count, .complete = ids.complete};
    return err;
}

static enum nz_err vpc_arn_add(struct making *m, struct nz_arn_place place, struct nz_key_choice *choice)
{
    struct nz_foreign_form form = {.key = choice->key};
    struct nz_key_choice found;
    struct nz_buf text;
    nz_buf_init(&text, 0);
    nz_buf_printf(&text, "arn:%.*s:ec2:%.*s:999999999999:vpc/vpc-", NZ_STR_ARG(place.partition),
                  NZ_STR_ARG(place.region));
    size_t n = text.n;
    nz_buf_append(&text, NZ_STR(USUAL_ID));
    form.usual = nz_arena_str(m->keep, nz_buf_view(&text));
    text.n = n;
    nz_buf_append(&text, NZ_STR(HEX_17));
    form.coded = nz_arena_str(m->keep, nz_buf_view(&text));
    bool made = !text.failed && form.usual.p && form.coded.p;
    nz_buf_release(&text);
    enum nz_err err = made ? ids_add(m, &form, &found) : NZ_E_NOMEM;
    if (err != NZ_OK)
        return err;
    choice->complete &= found.complete;
    nz_buf_append(&m->vpc_arns, nz_str_of((const char *)found.values, found.count * sizeof found.values[0]));
    return nz_buf_status(&m->vpc_arns);
}

/* "The VPC's ARN": its region is known, since it is the one of the service that is called. */
static enum nz_err vpc_arns_add(struct making *m, struct nz_key_choice *choice)
{
    struct nz_arn_place places[VPC_PLACES_MAX];
    *choice = (struct nz_key_choice){.key = NZ_STR("aws:SourceVpcArn"), .complete = true};
    uint32_t count = nz_policy_set_arn_places(m->q->set, NZ_STR("aws:sourcevpcarn"), places, VPC_PLACES_MAX);
    enum nz_err err = vpc_arn_add(m, (struct nz_arn_place){NZ_STR("aws"), NZ_STR("us-east-1")}, choice);
    for (uint32_t i = 0; i < count && err == NZ_OK; i++)
        err = vpc_arn_add(m, places[i], choice);
    struct nz_str kept = nz_arena_str(m->keep, nz_buf_view(&m->vpc_arns));
    choice->complete &= count < VPC_PLACES_MAX;
    choice->values = (const void *)kept.p;
    choice->count = (uint32_t)(kept.n / sizeof(struct nz_str));
    return err == NZ_OK && !kept.p ? NZ_E_NOMEM : err;
}

/* What every service tells comes first, then what only some supply. */
static enum nz_err choices_make(struct making *m)
{
    static const struct nz_str path = {"o-foreign000/r-0000/ou-0000-00000000/", 37};
    struct nz_key_choice *list = NZ_ARENA_ARRAY(m->keep, struct nz_key_choice, CHOICES_MAX);
    if (!list)
        return NZ_E_NOMEM;
    enum nz_err err = ids_add(m, &foreign_forms[FOREIGN_VPC], &list[0]);
    if (err == NZ_OK)
        err = ids_add(m, &foreign_forms[FOREIGN_VPCE], &list[1]);
    list[2] = (struct nz_key_choice){.key = NZ_STR("aws:VpcSourceIp")}; /* whoever has a VPC chooses its addresses */
    if (err == NZ_OK)
        err = vpc_arns_add(m, &list[3]);
    if (err == NZ_OK)
        err = ids_add(m, &foreign_forms[FOREIGN_ACCOUNT], &list[4]);
    if (err == NZ_OK)
        err = ids_add(m, &foreign_forms[FOREIGN_ORG], &list[5]);
    list[5].may_be_absent = true; /* of an account in no organization */
    list[6] = (struct nz_key_choice){
        .key = NZ_STR("aws:VpceOrgPaths"), .values = &path, .count = 1, .may_be_absent = true, .complete = true};
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
    nz_buf_init(&m.vpc_arns, 0);
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
    nz_buf_release(&m.vpc_arns);
    return failed ? NZ_E_NOMEM : err;
}
