#include "findings/exceptions.h"

#include "core/text.h"
#include "core/wildcard.h"
#include "core/yaml.h"

#include <stdio.h>

#define DAY_US (INT64_C(86400) * 1000000)

static const char *const keys[] = {"check", "rule", "resource", "actor", "region", "owner", "reason", "expires"};
#define KEYS_COUNT (sizeof keys / sizeof keys[0])

struct parse {
    struct nz_arena *keep;
    nz_exceptions_problem_fn *problem;
    void *self;
    enum nz_err first; /* what went wrong first */
};

static void tell(struct parse *p, const struct nz_diag *diag)
{
    if (p->first == NZ_OK)
        p->first = diag->code;
    p->problem(p->self, diag);
}

/* Tells and is false, so that callers write `return refuse(…)`. */
static bool refuse(struct parse *p, const struct nz_yaml *at, const char *what, const char *key)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_at(&diag, NZ_E_EXCEPTION, at->line, at->column, "%s%s%s", key, *key ? ": " : "", what);
    tell(p, &diag);
    return false;
}

static bool keys_known(struct parse *p, const struct nz_yaml *map)
{
    bool known = true;
    for (size_t i = 0; i < map->count; i++) {
        const struct nz_yaml *key = &map->items[2 * i];
        bool found = false;
        for (size_t k = 0; k < KEYS_COUNT && key->kind == NZ_YAML_SCALAR; k++)
            found = found || nz_str_eq(key->text, nz_str_from_c(keys[k]));
        if (found)
            continue;
        const char *near = key->kind == NZ_YAML_SCALAR ? nz_text_nearest(key->text, keys, KEYS_COUNT) : NULL;
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_diag_at(&diag, NZ_E_EXCEPTION, key->line, key->column, "unknown key '%.*s'%s%s%s", NZ_STR_ARG(key->text),
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        tell(p, &diag);
        known = false;
    }
    return known;
}

static bool text_take(struct parse *p, const struct nz_yaml *map, const char *key, bool required, struct nz_str *out)
{
    const struct nz_yaml *node = nz_yaml_get(map, key);
    if (!node || (nz_yaml_is_null(node) && !required))
        return required ? refuse(p, map, "is required", key) : true;
    if (node->kind != NZ_YAML_SCALAR || nz_str_trim(node->text).n == 0)
        return refuse(p, node, "needs a text", key);
    *out = nz_arena_str(p->keep, node->text);
    if (!out->p && p->first == NZ_OK)
        p->first = NZ_E_NOMEM;
    return out->p != NULL;
}

/* A day alone is the last on which it holds. */
static bool expiry_take(struct parse *p, const struct nz_yaml *map, nz_time *out)
{
    struct nz_str text = {0};
    if (!text_take(p, map, "expires", true, &text))
        return false;
    if (!nz_time_parse(text, out))
        return refuse(p, nz_yaml_get(map, "expires"), "needs a day or a time, such as 2027-03-31", "expires");
    if (text.n == sizeof "2027-03-31" - 1)
        out->us += DAY_US;
    return true;
}

/* All mistakes of an entry are told at once. */
static bool entry_take(struct parse *p, const struct nz_yaml *map, struct nz_exception *e)
{
    if (map->kind != NZ_YAML_MAPPING)
        return refuse(p, map, "an exception is a mapping with check or rule, owner, reason and expires", "");
    *e = (struct nz_exception){.line = map->line, .column = map->column};
    bool good = keys_known(p, map);
    good = text_take(p, map, "check", false, &e->check) && good;
    good = text_take(p, map, "rule", false, &e->rule) && good;
    good = text_take(p, map, "resource", false, &e->resource) && good;
    good = text_take(p, map, "actor", false, &e->actor) && good;
    good = text_take(p, map, "region", false, &e->region) && good;
    good = text_take(p, map, "owner", true, &e->owner) && good;
    good = text_take(p, map, "reason", true, &e->reason) && good;
    good = expiry_take(p, map, &e->expires) && good;
    if (good && !e->check.p == !e->rule.p)
        return refuse(p, map, "needs either check or rule", "");
    if (good && e->check.p && e->actor.p)
        return refuse(p, map, "goes with rule; findings of checks have a resource", "actor");
    if (good && e->rule.p && e->resource.p)
        return refuse(p, map, "goes with check; findings of rules have an actor", "resource");
    return good;
}

/* The entries: a list, or a list under the key exceptions. NULL: none, or it was told what is wrong. */
static const struct nz_yaml *list_of(struct parse *p, const struct nz_yaml *document)
{
    const struct nz_yaml *list = document;
    struct nz_diag diag = NZ_DIAG_INIT;
    if (document->kind == NZ_YAML_MAPPING && document->count == 1)
        list = nz_yaml_get(document, "exceptions");
    if (list && nz_yaml_is_null(list))
        return NULL;
    if (!list || list->kind != NZ_YAML_SEQUENCE) {
        refuse(p, document, "the file is a list of exceptions", "");
        return NULL;
    }
    if (list->count <= NZ_EXCEPTIONS_MAX)
        return list;
    nz_diag_at(&diag, NZ_E_EXCEPTION_LIMIT, list->line, list->column, "%zu; at most %u are read", list->count,
               NZ_EXCEPTIONS_MAX);
    tell(p, &diag);
    return NULL;
}

enum nz_err nz_exceptions_read(struct nz_arena *keep, struct nz_str text, nz_exceptions_problem_fn *problem, void *self,
                               struct nz_exceptions *out)
{
    struct parse p = {.keep = keep, .problem = problem, .self = self};
    struct nz_diag diag = NZ_DIAG_INIT;
    const struct nz_yaml *documents = NULL;
    size_t count = 0;
    *out = (struct nz_exceptions){0};
    if (nz_yaml_parse(keep, text, &documents, &count, &diag) != NZ_OK) {
        tell(&p, &diag);
        return p.first;
    }
    const struct nz_yaml *list = count ? list_of(&p, &documents[0]) : NULL;
    if (!list)
        return p.first;
    struct nz_exception *entries = NZ_ARENA_ARRAY(keep, struct nz_exception, list->count + 1);
    if (!entries)
        return NZ_E_NOMEM;
    out->list = entries;
    for (size_t i = 0; i < list->count && p.first != NZ_E_NOMEM; i++)
        out->count += entry_take(&p, &list->items[i], &entries[out->count]);
    return p.first;
}

/* No pattern: any. No text: only that. */
static bool matches(struct nz_str pattern, struct nz_str text)
{
    return !pattern.p || (text.p && nz_wildcard_matches(pattern, text));
}

const struct nz_exception *nz_exception_for_check(const struct nz_exceptions *exceptions, struct nz_str check,
                                                  struct nz_str resource, struct nz_str region, nz_time now)
{
    for (size_t i = 0; i < exceptions->count; i++) {
        const struct nz_exception *e = &exceptions->list[i];
        if (e->check.p && !nz_exception_is_expired(e, now) && matches(e->check, check) &&
            matches(e->resource, resource) && matches(e->region, region))
            return e;
    }
    return NULL;
}

bool nz_exception_names_rule(const struct nz_exception *e, struct nz_str id, struct nz_str name)
{
    return e->rule.p && ((id.n && nz_wildcard_matches(e->rule, id)) || (name.n && nz_wildcard_matches(e->rule, name)));
}

const struct nz_exception *nz_exception_for_rule(const struct nz_exceptions *exceptions, struct nz_str id,
                                                 struct nz_str name, struct nz_str actor, struct nz_str region,
                                                 nz_time now)
{
    for (size_t i = 0; i < exceptions->count; i++) {
        const struct nz_exception *e = &exceptions->list[i];
        if (!nz_exception_is_expired(e, now) && nz_exception_names_rule(e, id, name) && matches(e->actor, actor) &&
            matches(e->region, region))
            return e;
    }
    return NULL;
}
