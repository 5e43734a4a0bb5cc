#include "policy/rules.h"

static bool is_one_of(struct nz_str text, const struct nz_str *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nz_str_eq(text, list[i]))
            return true;
    }
    return false;
}

static bool begins_with_one_of(struct nz_str text, const struct nz_str *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nz_str_starts_with(text, list[i]))
            return true;
    }
    return false;
}
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* A resource of this service whose last field begins so. */
static bool resource_is(const struct nz_policy_scratch *s, struct nz_str service, struct nz_str head)
{
    return s->resource_is_arn && nz_str_eq(s->fields[2], service) && nz_str_starts_with(s->fields[5], head);
}

/* AWS's own policies, the roles below aws-reserved (Identity Center makes them) and the keys that services make for an
 * account can be looked at and used; who could edit them could escape every limit. */
bool nz_service_may_refuse(struct nz_str service, struct nz_str name)
{
    static const struct nz_str looks[] = {
        {"get", 3}, {"list", 4}, {"generate", 8}, {"simulate", 8}, {"pass", 4},
    };
    static const struct nz_str key_edits[] = {
        {"putkeypolicy", 12},         {"schedulekeydeletion", 19},
        {"cancelkeydeletion", 17},    {"enablekey", 9},
        {"disablekey", 10},           {"enablekeyrotation", 17},
        {"disablekeyrotation", 18},   {"rotatekeyondemand", 17},
        {"updatekeydescription", 20}, {"updatealias", 11},
        {"createalias", 11},          {"deletealias", 11},
        {"tagresource", 11},          {"untagresource", 13},
        {"importkeymaterial", 17},    {"deleteimportedkeymaterial", 25},
        {"replicatekey", 12},         {"updateprimaryregion", 19},
    };
    if (nz_str_eq(service, NZ_STR("kms")))
        return is_one_of(name, key_edits, COUNT(key_edits));
    return nz_str_eq(service, NZ_STR("iam")) && !begins_with_one_of(name, looks, COUNT(looks));
}

static bool edits_what_aws_owns(const struct nz_policy_scratch *s)
{
    if (!nz_service_may_refuse(s->service, s->name))
        return false;
    return resource_is(s, NZ_STR("kms"), NZ_STR("alias/aws/")) ||
           resource_is(s, NZ_STR("iam"), NZ_STR("role/aws-reserved/")) ||
           (resource_is(s, NZ_STR("iam"), NZ_STR("policy/")) && nz_str_eq(s->fields[4], NZ_STR("aws")));
}

/* "Unlike other AWS resource policies, a KMS key policy does not automatically give permission to the account": the same holds
 * for a role's trust policy, also when the role assumes itself. */
static bool needs_resource_side(const struct nz_policy_scratch *s)
{
    static const struct nz_str assuming[] = {
        {"assumerole", 10}, {"assumerolewithsaml", 18}, {"assumerolewithwebidentity", 25},
        {"tagsession", 10}, {"setsourceidentity", 17},
    };
    if (nz_str_eq(s->service, NZ_STR("kms")))
        return resource_is(s, NZ_STR("kms"), NZ_STR("key/"));
    return nz_str_eq(s->service, NZ_STR("sts")) && resource_is(s, NZ_STR("iam"), NZ_STR("role/")) &&
           is_one_of(s->name, assuming, COUNT(assuming));
}

struct nz_service_rules nz_service_rules_of(const struct nz_policy_scratch *s)
{
    struct nz_service_rules rules = {0};
    /* "RCPs don't apply to service-linked roles" nor to keys that AWS manages */
    rules.outside_rcp = (s->caller.kind == NZ_PRINCIPAL_ROLE &&
                         nz_str_starts_with(s->caller.resource, NZ_STR("role/aws-service-role/"))) ||
                        resource_is(s, NZ_STR("kms"), NZ_STR("alias/aws/"));
    if (!s->name.p)
        return rules;
    bool sts = nz_str_eq(s->service, NZ_STR("sts"));
    rules.always_allowed = sts && nz_str_eq(s->name, NZ_STR("getcalleridentity"));
    rules.no_permission = sts && nz_str_eq(s->name, NZ_STR("getsessiontoken"));
    rules.needs_resource_side = needs_resource_side(s);
    rules.refused = edits_what_aws_owns(s);
    return rules;
}
