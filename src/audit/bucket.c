#include "audit/bucket.h"

#include "audit/state.h"
#include "core/ip.h"

static bool text_is(struct nz_json v, const char *text)
{
    return nz_json_kind(v) == NZ_JSON_STRING && nz_str_eq(nz_json_string_raw(v), nz_str_from_c(text));
}

/* The elements of an array, or a single value as a list of one. */
struct values {
    struct nz_json one;
    struct nz_json_iter it;
};

static struct values values_of(struct nz_json v)
{
    struct values all = {0};
    if (nz_json_kind(v) == NZ_JSON_ARRAY)
        all.it = nz_json_iter(v);
    else
        all.one = v;
    return all;
}

static bool values_next(struct values *all, struct nz_json *v)
{
    if (all->it.here.bytes) {
        const bool more = nz_json_next(&all->it);
        *v = all->it.value;
        return more;
    }
    *v = all->one;
    all->one = (struct nz_json){0};
    return !nz_json_is_absent(*v);
}

static bool has_star(struct nz_json v)
{
    struct values all = values_of(v);
    while (values_next(&all, &v)) {
        if (text_is(v, "*"))
            return true;
    }
    return false;
}

/* "*", {"AWS":"*"}, or a list with it; NotPrincipal is everybody but some. */
static bool is_for_everybody(struct nz_json statement)
{
    const struct nz_json principal = nz_json_get(statement, NZ_STR("Principal"));
    if (!nz_json_is_absent(nz_json_get(statement, NZ_STR("NotPrincipal"))))
        return true;
    if (nz_json_kind(principal) == NZ_JSON_OBJECT)
        return has_star(nz_json_get(principal, NZ_STR("AWS")));
    return has_star(principal);
}

/* "fixed value (a value that doesn't contain a wildcard or an IAM policy variable)"; of a path in an organization its head
 * is enough, as in "o-a1b2c3d4e5/r-ab12/". */
static bool is_fixed(struct nz_str value)
{
    if (nz_str_find(value, NZ_STR("${")) != SIZE_MAX)
        return false;
    if (nz_str_starts_with(value, NZ_STR("o-")))
        value = nz_str_head(value, nz_str_find(value, NZ_STR("/")));
    return value.n && !memchr(value.p, '*', value.n) && !memchr(value.p, '?', value.n);
}

/* "very broad IP ranges: IPv4 wider than /8, IPv6 wider than /32" are public as well. */
static bool is_narrow_network(struct nz_str value)
{
    struct nz_cidr network;
    return nz_cidr_parse(value, &network) && network.prefix_bits >= (network.base.v4 ? 8u : 32u);
}

static bool values_hold(struct nz_audit *a, struct nz_json values, bool are_networks)
{
    struct values all = values_of(values);
    struct nz_json v;
    bool any = false;
    while (values_next(&all, &v)) {
        const struct nz_str text = nz_audit_text(a, v);
        if (are_networks ? !is_narrow_network(text) : !is_fixed(text))
            return false;
        any = true;
    }
    return any;
}

static bool is_one_of(struct nz_str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (nz_str_eq_nocase(name, nz_str_from_c(names[i])))
            return true;
    }
    return false;
}

/* One operator with its keys, {"StringEquals":{"aws:SourceAccount":"…"}}: any one key is enough, all are joined with AND. */
static bool operator_holds(struct nz_audit *a, struct nz_str operator, struct nz_json keys)
{
    static const char *const positive[] = {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals",
                                           "ArnLike"};
    static const char *const fixing[] = {"aws:SourceArn",         "aws:SourceVpc",
                                         "aws:SourceVpce",        "aws:SourceOwner",
                                         "aws:SourceAccount",     "aws:userid",
                                         "aws:PrincipalOrgID",    "aws:PrincipalOrgPaths",
                                         "aws:PrincipalArn",      "aws:PrincipalAccount",
                                         "aws:SourceOrgID",       "aws:SourceOrgPaths",
                                         "s3:DataAccessPointArn", "s3:DataAccessPointAccount",
                                         "aws:VpceAccount",       "aws:VpceOrgID"};
    if (nz_str_starts_with(operator, NZ_STR("ForAnyValue:")))
        operator= nz_str_skip(operator, sizeof "ForAnyValue:" - 1);
    const bool is_ip = nz_str_eq_nocase(operator, NZ_STR("IpAddress"));
    if (!is_ip && !is_one_of(operator, positive, sizeof positive / sizeof positive[0]))
        return false;
    struct nz_json_iter it = nz_json_iter(keys);
    while (nz_json_next(&it)) {
        const bool counts = is_ip ? nz_str_eq_nocase(it.key, NZ_STR("aws:SourceIp"))
                                  : is_one_of(it.key, fixing, sizeof fixing / sizeof fixing[0]);
        if (counts && values_hold(a, it.value, is_ip))
            return true;
    }
    return false;
}

static bool statement_is_public(struct nz_audit *a, struct nz_json statement)
{
    if (!text_is(nz_json_get(statement, NZ_STR("Effect")), "Allow") || !is_for_everybody(statement))
        return false;
    struct nz_json_iter it = nz_json_iter(nz_json_get(statement, NZ_STR("Condition")));
    while (nz_json_next(&it)) {
        if (operator_holds(a, it.key, it.value))
            return false;
    }
    return true;
}

enum nz_known nz_bucket_policy_is_public(struct nz_audit *a, struct nz_str text)
{
    struct nz_json_doc doc;
    struct nz_json root, statement;
    struct nz_diag diag;
    nz_json_doc_init(&doc);
    enum nz_known is_public = NZ_KNOWN_NOT;
    const enum nz_err err = nz_json_parse(&doc, text, &root, &diag);
    if (err == NZ_E_NOMEM)
        nz_audit_fault(a, err);
    if (err == NZ_OK && nz_json_kind(root) == NZ_JSON_OBJECT) {
        struct values all = values_of(nz_json_get(root, NZ_STR("Statement")));
        is_public = NZ_KNOWN_NO;
        while (values_next(&all, &statement)) {
            if (statement_is_public(a, statement))
                is_public = NZ_KNOWN_YES;
        }
    }
    nz_json_doc_release(&doc);
    return is_public;
}

bool nz_bucket_acl_is_public(struct nz_json acl)
{
    struct nz_json_iter it = nz_json_iter(nz_item_member(acl, NZ_STR("Grants")));
    while (nz_json_next(&it)) {
        const struct nz_json grantee = nz_item_member(it.value, NZ_STR("Grantee"));
        const struct nz_json uri = nz_item_member(grantee, NZ_STR("URI"));
        if (text_is(uri, "http://acs.amazonaws.com/groups/global/AllUsers") ||
            text_is(uri, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"))
            return true;
    }
    return false;
}
