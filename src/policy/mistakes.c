#include "policy/mistakes.h"

#include "policy/model.h"
#include "policy/networks.h"

const struct nz_mistake_text *nz_mistake_text(enum nz_mistake mistake)
{
    static const struct nz_mistake_text texts[] = {
#define NZ_MISTAKE(name, id, question, what, fix) {id, NZ_MISTAKE_OF_##question, what, fix},
#include "policy/mistakes.list"
#undef NZ_MISTAKE
    };
    return &texts[mistake];
}

#define BIT(name) ((uint64_t)1 << NZ_MISTAKE_##name)

/* --- a statement's conditions --- */

static bool is_key(const struct nz_condition *c, const char *key)
{
    return nz_str_eq(c->key, nz_str_from_c(key));
}

static bool is_address_key(const struct nz_condition *c)
{
    return is_key(c, "aws:sourceip") || is_key(c, "aws:vpcsourceip");
}

static const struct nz_condition *find(const struct nz_statement *st, const char *key)
{
    for (uint32_t i = 0; i < st->conditions_count; i++) {
        if (is_key(&st->conditions[i], key))
            return &st->conditions[i];
    }
    return NULL;
}

/* The condition that compares aws:SourceIp with networks so (EQ, NE), or NULL. */
static const struct nz_condition *find_networks(const struct nz_statement *st, const char *key, enum nz_compare compare)
{
    for (uint32_t i = 0; i < st->conditions_count; i++) {
        const struct nz_condition *c = &st->conditions[i];
        if (is_key(c, key) && c->spec.op == NZ_OP_IP && c->spec.compare == compare)
            return c;
    }
    return NULL;
}

static bool has_text(const struct nz_condition *c, const char *text)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (nz_str_eq_nocase(c->values[i].text.coded, nz_str_from_c(text)))
            return true;
    }
    return false;
}

static bool asks_bool(const struct nz_condition *c, const char *text)
{
    return c && c->spec.op == NZ_OP_BOOL && has_text(c, text);
}

static bool asks_null(const struct nz_condition *c, bool absent)
{
    for (uint32_t i = 0; c && c->spec.op == NZ_OP_NULL && i < c->count; i++) {
        if (c->values[i].valid && c->values[i].truth == absent)
            return true;
    }
    return false;
}

/* --- how much a statement is about --- */

static bool is_about_all_actions(const struct nz_statement *st)
{
    for (uint32_t i = 0; i < st->actions_count && !st->not_action; i++) {
        if (st->actions[i].kind == NZ_ACTION_ALL)
            return true;
    }
    return st->not_action && st->actions_count == 0;
}

static bool is_about_all_resources(const struct nz_statement *st)
{
    for (uint32_t i = 0; i < st->resources_count; i++) {
        if (st->resources[i].kind == NZ_ARN_ANY)
            return !st->not_resource;
    }
    return st->resources_count == 0;
}

/* Keys that belong to such a deny: where a request comes from, and who may come from anywhere. */
static bool is_of_the_deny(const struct nz_condition *c)
{
    static const char *const keys[] = {
        "aws:sourceip",           "aws:viaawsservice",         "aws:vpcsourceip", "aws:sourcevpc",
        "aws:sourcevpce",         "aws:vpceaccount",           "aws:vpceorgid",   "aws:vpceorgpaths",
        "aws:sourcevpcarn",       "aws:principalisawsservice", "aws:calledvia",   "aws:multifactorauthpresent",
        "aws:multifactorauthage",
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (is_key(c, keys[i]))
            return true;
    }
    return false;
}

static bool has_more_conditions(const struct nz_statement *st)
{
    for (uint32_t i = 0; i < st->conditions_count; i++) {
        if (!is_of_the_deny(&st->conditions[i]))
            return true;
    }
    return false;
}

/* --- networks --- */

static uint64_t network_mistakes(const struct nz_condition *c)
{
    uint64_t found = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct nz_value *v = &c->values[i];
        if (!v->valid) {
            found |= BIT(NOT_A_NETWORK);
            continue;
        }
        if (v->host_bits)
            found |= BIT(HOST_BITS);
        if (v->net.prefix_bits < (v->net.base.v4 ? 8 : 16))
            found |= BIT(WHOLE_INTERNET);
        else if (is_key(c, "aws:sourceip") && nz_network_is_private(&v->net))
            found |= BIT(PRIVATE_RANGE);
    }
    return found;
}

static bool has_ipv6(const struct nz_condition *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->values[i].valid && !c->values[i].net.base.v4)
            return true;
    }
    return false;
}

/* "aws:SourceIpAddress", "sourceIp", "aws:source_ip": letters and digits hold a key's name, the key does not exist. */
static bool looks_like_address_key(struct nz_str key)
{
    char letters[64];
    size_t n = 0;
    for (size_t i = 0; i < key.n && n < sizeof letters; i++) {
        char c = key.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            letters[n++] = c;
    }
    struct nz_str text = nz_str_of(letters, n);
    return nz_str_find(text, NZ_STR("sourceip")) != SIZE_MAX || nz_str_find(text, NZ_STR("sourcip")) != SIZE_MAX ||
           nz_str_find(text, NZ_STR("srcip")) != SIZE_MAX;
}

static uint64_t condition_mistakes(const struct nz_condition *c)
{
    if (!is_address_key(c))
        return looks_like_address_key(c->key) ? BIT(UNKNOWN_KEY) : 0;
    if (c->spec.op == NZ_OP_IP)
        return network_mistakes(c);
    return c->spec.op == NZ_OP_NULL ? 0 : BIT(STRING_OPERATOR);
}

static uint64_t deny_mistakes(const struct nz_statement *st)
{
    const struct nz_condition *outside = find_networks(st, "aws:sourceip", NZ_CMP_NE);
    const struct nz_condition *listed = find_networks(st, "aws:sourceip", NZ_CMP_EQ);
    uint64_t found = 0;
    if (listed && !has_ipv6(listed))
        found |= BIT(IPV4_DENY_LIST);
    if (!outside)
        return found;
    if (!find(st, "aws:viaawsservice") && !find(st, "aws:calledvia") && !find(st, "aws:principalisawsservice"))
        found |= BIT(NO_VIA_SERVICE);
    if (!has_ipv6(outside))
        found |= BIT(IPV4_ONLY);
    if (!is_about_all_actions(st) || !is_about_all_resources(st) || has_more_conditions(st))
        found |= BIT(PARTIAL_DENY);
    return found;
}

static bool is_required(const struct nz_condition *c)
{
    return c && !c->spec.if_exists;
}

static uint64_t source_ip_mistakes(const struct nz_statement *st)
{
    uint64_t found = 0;
    for (uint32_t i = 0; i < st->conditions_count; i++)
        found |= condition_mistakes(&st->conditions[i]);
    if (is_required(find_networks(st, "aws:sourceip", NZ_CMP_EQ)) &&
        is_required(find_networks(st, "aws:vpcsourceip", NZ_CMP_EQ)))
        found |= BIT(BOTH_ADDRESSES);
    if (!st->allow)
        return found | deny_mistakes(st);
    if (find_networks(st, "aws:sourceip", NZ_CMP_EQ))
        found |= BIT(ALLOW_ONLY);
    return found;
}

/* --- MFA --- */

static bool exempts(const struct nz_statement *st, const char *action)
{
    struct nz_str name = nz_str_from_c(action);
    for (uint32_t i = 0; i < st->actions_count; i++) {
        const struct nz_action *a = &st->actions[i];
        if (a->kind == NZ_ACTION_SERVICE && nz_str_eq(a->service, NZ_STR("iam")) && nz_pattern_match(&a->name, name))
            return true;
    }
    return false;
}

static uint64_t mfa_deny_mistakes(const struct nz_statement *st)
{
    const struct nz_condition *present = find(st, "aws:multifactorauthpresent");
    const struct nz_condition *age = find(st, "aws:multifactorauthage");
    uint64_t found = 0;
    if (asks_bool(present, "false") && !present->spec.if_exists)
        found |= BIT(DENY_BOOL);
    if (asks_null(present, true))
        found |= BIT(DENY_NULL);
    if (!present && age && age->spec.op == NZ_OP_NUMERIC && !age->spec.if_exists)
        found |= BIT(DENY_AGE);
    if (!present && !age)
        return found;
    bool by_action = !st->not_action && !is_about_all_actions(st);
    if (by_action || !is_about_all_resources(st) || has_more_conditions(st))
        found |= BIT(PARTIAL_DENY_MFA);
    if (st->not_action && (exempts(st, "changepassword") || exempts(st, "createloginprofile") ||
                           exempts(st, "deactivatemfadevice") || exempts(st, "deletevirtualmfadevice")))
        found |= BIT(EXEMPT_CREDENTIALS);
    return found;
}

/* "mfa/${aws:username}" where devices are made or enrolled. */
static bool names_device_like_user(const struct nz_statement *st)
{
    bool enrols = false;
    for (uint32_t i = 0; i < st->actions_count; i++) {
        const struct nz_action *a = &st->actions[i];
        enrols |= a->kind == NZ_ACTION_SERVICE && nz_str_eq(a->service, NZ_STR("iam")) &&
                  (nz_pattern_match(&a->name, NZ_STR("createvirtualmfadevice")) ||
                   nz_pattern_match(&a->name, NZ_STR("enablemfadevice")));
    }
    bool named = false, any = false;
    for (uint32_t i = 0; i < st->resources_count && enrols; i++) {
        const struct nz_pattern *last = &st->resources[i].fields[5];
        bool device = st->resources[i].kind == NZ_ARN_FIELDS && last->parts_count > 1 && !last->parts[0].variable &&
                      nz_str_starts_with(last->parts[0].text, NZ_STR("mfa/"));
        named |= device;
        any |= st->resources[i].kind == NZ_ARN_ANY ||
               (st->resources[i].kind == NZ_ARN_FIELDS && nz_pattern_match(last, NZ_STR("mfa/a-name-of-its-own")));
    }
    return named && !any;
}

static uint64_t mfa_mistakes(const struct nz_statement *st)
{
    const struct nz_condition *present = find(st, "aws:multifactorauthpresent");
    uint64_t found = 0;
    if (st->allow && names_device_like_user(st))
        found |= BIT(DEVICE_NAME);
    if (!st->allow)
        return found | mfa_deny_mistakes(st);
    if (asks_bool(present, "true"))
        found |= present->spec.if_exists ? BIT(ALLOW_BOOL_IF_EXISTS) : BIT(ALLOW_BOOL);
    if (asks_null(present, false))
        found |= BIT(ALLOW_NULL);
    return found;
}

/* --- the interface --- */

uint64_t nz_policy_mistakes(const struct nz_policy *policy, uint32_t statement, enum nz_mistake_question question)
{
    const struct nz_statement *st = &policy->statements[statement];
    return question == NZ_MISTAKE_OF_MFA ? mfa_mistakes(st) : source_ip_mistakes(st);
}

bool nz_policy_restricts(const struct nz_policy *policy, uint32_t statement, enum nz_mistake_question question)
{
    const struct nz_statement *st = &policy->statements[statement];
    if (st->allow)
        return false;
    if (question == NZ_MISTAKE_OF_MFA)
        return find(st, "aws:multifactorauthpresent") || find(st, "aws:multifactorauthage");
    return find_networks(st, "aws:sourceip", NZ_CMP_NE) != NULL;
}

static bool holds_any(const struct nz_cidr *net, struct nz_network_list nets)
{
    for (size_t i = 0; i < nets.count; i++) {
        if (net->prefix_bits <= nets.list[i].prefix_bits && nz_cidr_contains(net, &nets.list[i].base))
            return true;
    }
    return false;
}

bool nz_policy_lists_any(const struct nz_policy *policy, uint32_t statement, struct nz_network_list nets)
{
    const struct nz_statement *st = &policy->statements[statement];
    for (uint32_t i = 0; i < st->conditions_count; i++) {
        const struct nz_condition *c = &st->conditions[i];
        for (uint32_t k = 0; is_key(c, "aws:sourceip") && c->spec.op == NZ_OP_IP && k < c->count; k++) {
            if (c->values[k].valid && holds_any(&c->values[k].net, nets))
                return true;
        }
    }
    return false;
}

static bool lists(const struct nz_condition *c, const struct nz_cidr *net)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->values[i].valid && c->values[i].net.prefix_bits == net->prefix_bits &&
            nz_ip_cmp(&c->values[i].net.base, &net->base) == 0)
            return true;
    }
    return false;
}

static bool lists_all(const struct nz_condition *c, const struct nz_condition *of)
{
    for (uint32_t i = 0; i < of->count; i++) {
        if (of->values[i].valid && !lists(c, &of->values[i].net))
            return false;
    }
    return true;
}

bool nz_policy_same_networks(const struct nz_policy *a, uint32_t statement_a, const struct nz_policy *b,
                             uint32_t statement_b)
{
    const struct nz_condition *x = find_networks(&a->statements[statement_a], "aws:sourceip", NZ_CMP_NE);
    const struct nz_condition *y = find_networks(&b->statements[statement_b], "aws:sourceip", NZ_CMP_NE);
    return x && y && lists_all(x, y) && lists_all(y, x);
}

bool nz_policy_allows_something(const struct nz_policy *policy)
{
    for (uint32_t i = 0; i < policy->count; i++) {
        if (policy->statements[i].allow)
            return true;
    }
    return false;
}
