#include "audit/check_sets.h"

#include "core/wildcard.h"

#define NZ_CHECK_SET(name, what, checks) {#name, what, checks},
const struct nz_check_set nz_check_sets[] = {
#include "audit/check_sets.list"
    {0},
};
#undef NZ_CHECK_SET

static const struct nz_check_set *find(struct nz_str name)
{
    for (const struct nz_check_set *set = nz_check_sets; set->name; set++) {
        if (nz_str_eq(name, nz_str_from_c(set->name)))
            return set;
    }
    return NULL;
}

static bool set_has(const struct nz_check_set *set, struct nz_str id)
{
    for (struct nz_str rest = nz_str_from_c(set->checks); rest.n;) {
        if (nz_wildcard_matches_nocase(nz_str_take(&rest, NZ_STR(" ")), id))
            return true;
    }
    return false;
}

static bool takes(struct nz_str name, struct nz_str id)
{
    const struct nz_check_set *set = find(name);
    return set ? set_has(set, id) : nz_wildcard_matches_nocase(name, id);
}

bool nz_check_set_is_known(struct nz_str name)
{
    bool known = find(name) != NULL;
    for (size_t i = 0; nz_checks[i] && !known; i++)
        known = takes(name, nz_str_from_c(nz_checks[i]->about.id));
    return known;
}

static bool any_takes(const struct nz_str *names, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (takes(names[i], nz_str_from_c(id)))
            return true;
    }
    return false;
}

bool nz_check_sets_take(const struct nz_str *names, size_t count, const struct nz_check *check)
{
    const struct nz_str id = nz_str_from_c(check->about.id);
    if (!count || nz_str_eq(id, NZ_STR("exception-expired")) || any_takes(names, count, check->about.id))
        return true;
    for (size_t i = 0; nz_str_eq(id, NZ_STR("region-access")) && nz_checks[i]; i++) {
        if (nz_checks[i]->about.part == NZ_PART_SERVICES && nz_checks[i] != check &&
            any_takes(names, count, nz_checks[i]->about.id))
            return true;
    }
    return false;
}

size_t nz_check_set_count(const struct nz_check_set *set)
{
    size_t count = 0;
    for (size_t i = 0; nz_checks[i]; i++)
        count += set_has(set, nz_str_from_c(nz_checks[i]->about.id));
    return count;
}
