#include "policy/compile.h"

static bool lower_copy(struct nz_arena *keep, struct nz_str text, struct nz_str *out)
{
    char *p = nz_arena_alloc(keep, text.n + 1);
    if (!p)
        return false;
    for (size_t i = 0; i < text.n; i++)
        p[i] = (char)nz_ascii_lower((unsigned char)text.p[i]);
    *out = nz_str_of(p, text.n);
    return true;
}

static bool is_service_name(struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return text.n > 0;
}

/* "*", "*:*", or "service:name" with wildcards in the name; IAM refuses wildcards in the service when it saves, so another
 * text can stand in no policy of a living account, and never matches. */
static bool read_action(struct nz_arena *keep, struct nz_str text, struct nz_action *out)
{
    struct nz_str lower;
    if (!lower_copy(keep, text, &lower))
        return false;
    const char *colon = lower.n ? memchr(lower.p, ':', lower.n) : NULL;
    if (nz_str_eq(lower, NZ_STR("*")) || nz_str_eq(lower, NZ_STR("*:*"))) {
        out->kind = NZ_ACTION_ALL;
        return true;
    }
    if (!colon)
        return true;
    struct nz_str service = nz_str_head(lower, (size_t)(colon - lower.p));
    if (!is_service_name(service) || service.n + 1 == lower.n)
        return true;
    out->kind = NZ_ACTION_SERVICE;
    out->service = service;
    return nz_pattern_compile(keep, nz_str_skip(lower, service.n + 1), true, false, &out->name);
}

enum nz_err nz_compile_actions(struct nz_compile *c, struct nz_json v, struct nz_statement *st)
{
    size_t count = nz_items_count(v), at = 0;
    struct nz_action *all = NZ_ARENA_ARRAY(&c->policy->arena, struct nz_action, count ? count : 1);
    if (!all)
        return NZ_E_NOMEM;
    st->services = st->not_action ? UINT64_MAX : 0;
    struct nz_json item;
    for (struct nz_items items = nz_items_of(v); nz_items_next(&items, &item); at++) {
        struct nz_str text = {0};
        enum nz_err err = nz_compile_text(c, item, false, "an action", &text);
        if (err != NZ_OK)
            return err;
        if (!read_action(&c->policy->arena, text, &all[at]))
            return NZ_E_NOMEM;
        if (all[at].kind == NZ_ACTION_ALL)
            st->services = UINT64_MAX;
        else if (all[at].kind == NZ_ACTION_SERVICE)
            st->services |= nz_service_bit(all[at].service);
    }
    st->actions = all;
    st->actions_count = (uint32_t)count;
    return NZ_OK;
}

/* Variables hold colons of their own (${aws:username}), so a condition's ARN with one is cut into fields when it is filled in;
 * in a resource they stand behind the fifth colon only. */
enum nz_err nz_compile_arn(struct nz_compile *c, struct nz_str text, bool in_condition, struct nz_arn *out)
{
    struct nz_arena *keep = &c->policy->arena;
    struct nz_str fields[6];
    bool variables = c->policy->variables;
    out->kind = NZ_ARN_NEVER;
    if (!nz_pattern_compile(keep, text, true, variables && in_condition, &out->whole))
        return NZ_E_NOMEM;
    if (nz_str_eq(text, NZ_STR("*"))) {
        out->kind = NZ_ARN_ANY;
        return NZ_OK;
    }
    if (out->whole.shape == NZ_PATTERN_VARIABLE) {
        out->kind = NZ_ARN_WHOLE;
        return NZ_OK;
    }
    if (!nz_arn_split(text, fields))
        return NZ_OK;
    out->kind = NZ_ARN_FIELDS;
    for (int i = 0; i < 6; i++) {
        bool filled = variables && (in_condition || i == 5);
        if (!nz_pattern_compile(keep, fields[i], true, filled, &out->fields[i]))
            return NZ_E_NOMEM;
    }
    return NZ_OK;
}

enum nz_err nz_compile_resources(struct nz_compile *c, struct nz_json v, struct nz_statement *st)
{
    size_t count = nz_items_count(v), at = 0;
    struct nz_arn *all = NZ_ARENA_ARRAY(&c->policy->arena, struct nz_arn, count ? count : 1);
    if (!all)
        return NZ_E_NOMEM;
    struct nz_json item;
    for (struct nz_items items = nz_items_of(v); nz_items_next(&items, &item); at++) {
        struct nz_str text = {0};
        enum nz_err err = nz_compile_text(c, item, false, "a resource", &text);
        if (err == NZ_OK)
            err = nz_compile_arn(c, text, false, &all[at]);
        if (err != NZ_OK)
            return err;
    }
    st->resources = all;
    st->resources_count = (uint32_t)count;
    return NZ_OK;
}

/* --- principals --- */

enum type { TYPE_AWS, TYPE_SERVICE, TYPE_FEDERATED, TYPE_CANONICAL_USER, TYPE_COUNT };
static const struct nz_str type_names[TYPE_COUNT] = {
    {"AWS", 3}, {"Service", 7}, {"Federated", 9}, {"CanonicalUser", 13}};

static enum nz_err read_named(struct nz_compile *c, enum type type, struct nz_json v, struct nz_principal *out)
{
    struct nz_str text = {0};
    enum nz_err err = nz_compile_text(c, v, false, "a principal", &text);
    if (err != NZ_OK)
        return err;
    struct nz_str kept = nz_arena_str(&c->policy->arena, text);
    if (!kept.p)
        return NZ_E_NOMEM;
    *out = (struct nz_principal){.kind = NZ_PRINCIPAL_NEVER, .text = kept};
    if (type == TYPE_SERVICE)
        out->kind = NZ_PRINCIPAL_SERVICE;
    else if (type == TYPE_AWS && nz_str_eq(kept, NZ_STR("*")))
        out->kind = NZ_PRINCIPAL_ANYBODY; /* "the same as "Principal": "*"" */
    else if (type == TYPE_AWS && !memchr(kept.p, '*', kept.n) && !memchr(kept.p, '?', kept.n))
        *out = nz_principal_of(kept); /* "You cannot use a wildcard to match part of a principal name or ARN" */
    return NZ_OK;
}

static size_t count_named(struct nz_json v)
{
    size_t count = 0;
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);)
        count += nz_items_count(it.value);
    return count;
}

static enum nz_err read_types(struct nz_compile *c, struct nz_json v, struct nz_principal *all)
{
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);) {
        unsigned type = 0;
        while (type < TYPE_COUNT && !nz_json_key_is(it.key, type_names[type]))
            type++;
        if (type == TYPE_COUNT)
            return nz_compile_fail(c, NZ_E_POLICY_ELEMENT, it.key.p - 1, "%.*s", NZ_STR_ARG(nz_str_head(it.key, 100)));
        struct nz_json item;
        for (struct nz_items items = nz_items_of(it.value); nz_items_next(&items, &item);) {
            enum nz_err err = read_named(c, (enum type)type, item, all++);
            if (err != NZ_OK)
                return err;
        }
    }
    return NZ_OK;
}

enum nz_err nz_compile_principals(struct nz_compile *c, struct nz_json v, struct nz_statement *st)
{
    static const struct nz_principal anybody = {.kind = NZ_PRINCIPAL_ANYBODY, .text = {"*", 1}};
    if (nz_json_kind(v) == NZ_JSON_OBJECT) {
        size_t count = count_named(v);
        struct nz_principal *all = NZ_ARENA_ARRAY(&c->policy->arena, struct nz_principal, count ? count : 1);
        st->principals = all;
        st->principals_count = (uint32_t)count;
        return all ? read_types(c, v, all) : NZ_E_NOMEM;
    }
    struct nz_str text = {0};
    enum nz_err err = nz_compile_text(c, v, false, "Principal", &text);
    if (err != NZ_OK)
        return err;
    if (!nz_str_eq(text, NZ_STR("*")))
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(v), "Principal is neither * nor an object");
    st->principals = &anybody;
    st->principals_count = 1;
    return NZ_OK;
}
