#include "access/context.h"

struct making {
    struct nz_policy_key *keys;
    struct nz_str *values;
    uint32_t count;
};

/* value.p NULL: known to be absent. */
static void key_add(struct making *m, struct nz_str name, struct nz_str value)
{
    m->values[m->count] = value;
    m->keys[m->count] = (struct nz_policy_key){.name = name, .values = &m->values[m->count], .count = value.p != NULL};
    m->count++;
}

static bool tags_add(struct nz_arena *keep, struct making *m, const struct nz_access_principal *p)
{
    static const struct nz_str prefix = {"aws:PrincipalTag/", 17};
    for (uint32_t i = 0; p->tags_known && i < p->tags_count; i++) {
        struct nz_str key = p->tags[i].key;
        char *name = nz_arena_alloc(keep, prefix.n + key.n + 1);
        if (!name)
            return false;
        memcpy(name, prefix.p, prefix.n);
        memcpy(name + prefix.n, key.n ? key.p : "", key.n);
        key_add(m, nz_str_of(name, prefix.n + key.n), p->tags[i].value);
    }
    return true;
}

enum nz_err nz_access_context_make(const struct nz_account *account, const struct nz_access_principal *p,
                                   struct nz_arena *keep, struct nz_access_context *out)
{
    enum { FIXED = 16 };
    static const struct nz_str absent = {NULL, 0};
    /* in requests with credentials that an instance or a function got for its role, and in no others */
    static const struct nz_str of_workloads[] = {{"ec2:SourceInstanceARN", 21},
                                                 {"ec2:RoleDelivery", 16},
                                                 {"aws:Ec2InstanceSourceVpc", 24},
                                                 {"aws:Ec2InstanceSourcePrivateIPv4", 32},
                                                 {"lambda:SourceFunctionArn", 24}};
    /* "in the role-session of a role that was assumed using OpenID Connect"; "only when the principal uses credentials from
     * AssumeRoot"; "for any actions that are taken with a role session that has a source identity set" */
    static const struct nz_str of_sessions[] = {
        {"aws:FederatedProvider", 21}, {"aws:AssumedRoot", 15}, {"aws:SourceIdentity", 18}};
    struct making m = {.keys = NZ_ARENA_ARRAY(keep, struct nz_policy_key, FIXED + p->tags_count),
                       .values = NZ_ARENA_ARRAY(keep, struct nz_str, FIXED + p->tags_count)};
    if (!m.keys || !m.values)
        return NZ_E_NOMEM;
    bool user = p->kind == NZ_ACCESS_USER;
    key_add(&m, NZ_STR("aws:PrincipalArn"), p->arn);
    key_add(&m, NZ_STR("aws:PrincipalAccount"), account->id);
    key_add(&m, NZ_STR("aws:PrincipalType"), user ? NZ_STR("User") : NZ_STR("AssumedRole"));
    key_add(&m, NZ_STR("aws:PrincipalIsAWSService"), NZ_STR("false"));
    key_add(&m, NZ_STR("aws:PrincipalServiceName"), absent);
    key_add(&m, NZ_STR("aws:PrincipalServiceNamesList"), absent);
    key_add(&m, NZ_STR("aws:username"), user ? p->name : absent);
    for (size_t i = 0; user && i < sizeof of_workloads / sizeof of_workloads[0]; i++)
        key_add(&m, of_workloads[i], absent);
    for (size_t i = 0; user && i < sizeof of_sessions / sizeof of_sessions[0]; i++)
        key_add(&m, of_sessions[i], absent);
    if (user && p->id.n) /* of a role it is AROA...:session */
        key_add(&m, NZ_STR("aws:userid"), p->id);
    if (!tags_add(keep, &m, p))
        return NZ_E_NOMEM;
    *out = (struct nz_access_context){m.keys, m.count};
    return NZ_OK;
}

const struct nz_str *nz_access_absent_prefixes(bool is_user, bool tags_known)
{
    /* saml: "In the trust policy of a role", "In the permissions policy of a role for SAML federation" */
    static const struct nz_str of_users[] = {{"saml:", 5}, {"aws:principaltag/", 17}, {NULL, 0}};
    static const struct nz_str of_users_without_tags[] = {{"saml:", 5}, {NULL, 0}};
    if (is_user)
        return tags_known ? of_users : of_users_without_tags;
    return tags_known ? &of_users[1] : &of_users[2];
}
