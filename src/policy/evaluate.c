#include "policy/evaluate.h"

#include <stdlib.h>

/* Eight bytes of a name, its ASCII capitals made small. */
static uint64_t load_lower(const char *p)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t w;
    memcpy(&w, p, 8);
    uint64_t seven = w & (0x7f * ones);
    uint64_t capital = (seven + (0x80 - 'A') * ones) & ~(seven + (0x80 - 'Z' - 1) * ones) & ~w & (0x80 * ones);
    return w | (capital >> 2);
}

/* nz_str_eq_nocase for what is lower case on one side; the last eight bytes may be looked at twice. */
static bool is_key(struct nz_str lower, struct nz_str name)
{
    if (name.n != lower.n)
        return false;
    if (name.n < 8)
        return nz_str_eq_nocase(lower, name);
    for (size_t i = 0;; i = i + 16 <= name.n ? i + 8 : name.n - 8) {
        uint64_t wanted;
        memcpy(&wanted, lower.p + i, 8);
        if (wanted != load_lower(name.p + i))
            return false;
        if (i + 8 == name.n)
            return true;
    }
}

enum nz_context_state nz_context_find(const struct nz_policy_request *request, struct nz_str lower_name,
                                      const struct nz_policy_key **out)
{
    for (uint32_t i = 0; i < request->context_count; i++) {
        const struct nz_policy_key *key = &request->context[i];
        if (!is_key(lower_name, key->name))
            continue;
        *out = key;
        /* "Null ... the key exists and its value is not null": a key without values is as good as absent */
        return key->unknown ? NZ_CONTEXT_UNKNOWN : key->count ? NZ_CONTEXT_KNOWN : NZ_CONTEXT_ABSENT;
    }
    return request->rest_unknown ? NZ_CONTEXT_UNKNOWN : NZ_CONTEXT_ABSENT;
}

void nz_free_key_add(struct nz_policy_scratch *s, struct nz_str name, bool denies)
{
    if (s->free_count == s->free_room) {
        size_t room = s->free_room ? 2 * s->free_room : 16;
        struct nz_free_key *more = realloc(s->free_keys, room * sizeof *more);
        if (!more) {
            s->failed = true;
            return;
        }
        s->free_keys = more;
        s->free_room = room;
    }
    s->free_keys[s->free_count++] = (struct nz_free_key){name, s->layer, denies};
}

/* --- patterns --- */

/* "only single-valued keys" stand for variables; a text of wildcard bytes is no UTF-8 and has no place here. */
static enum nz_tri variable_value(struct nz_policy_scratch *s, const struct nz_pattern_part *part, bool denies,
                                  struct nz_str *out)
{
    const struct nz_policy_key *key;
    enum nz_context_state state = nz_context_find(s->request, part->text, &key);
    if (state == NZ_CONTEXT_UNKNOWN) {
        nz_free_key_add(s, part->text, denies);
        return NZ_FREE;
    }
    if (state == NZ_CONTEXT_KNOWN && key->count == 1) {
        *out = key->values[0];
        return nz_tri_of(out->n == 0 ||
                         (!memchr(out->p, NZ_PATTERN_MANY, out->n) && !memchr(out->p, NZ_PATTERN_ONE, out->n)));
    }
    *out = part->fallback;
    return nz_tri_of(part->has_default);
}

enum nz_tri nz_pattern_fill(struct nz_policy_scratch *s, const struct nz_pattern *p, bool denies, struct nz_str *coded)
{
    enum nz_tri known = NZ_YES;
    nz_buf_clear(&s->filled);
    for (uint32_t i = 0; i < p->parts_count; i++) {
        struct nz_str text = p->parts[i].text;
        if (p->parts[i].variable)
            known = nz_tri_and(known, variable_value(s, &p->parts[i], denies, &text));
        if (known == NZ_NO)
            return NZ_NO;
        if (known == NZ_YES)
            nz_buf_append(&s->filled, text);
        if (s->filled.n > NZ_PATTERN_BYTES_MAX)
            return NZ_NO;
    }
    s->failed |= s->filled.failed;
    *coded = s->filled.n ? nz_buf_view(&s->filled) : NZ_STR("");
    return known;
}

enum nz_tri nz_pattern_match_filled(struct nz_policy_scratch *s, const struct nz_pattern *p, bool denies,
                                    struct nz_str text)
{
    if (p->shape != NZ_PATTERN_VARIABLE)
        return nz_tri_of(nz_pattern_match(p, text));
    struct nz_str coded;
    enum nz_tri known = nz_pattern_fill(s, p, denies, &coded);
    return known == NZ_YES ? nz_tri_of(nz_pattern_match_glob(coded, text)) : known;
}

static enum nz_tri match_whole(struct nz_policy_scratch *s, const struct nz_arn *arn, bool denies,
                               const struct nz_str *fields)
{
    struct nz_str coded, wanted[6];
    enum nz_tri known = nz_pattern_fill(s, &arn->whole, denies, &coded);
    if (known != NZ_YES)
        return known;
    if (!fields || !nz_arn_split(coded, wanted))
        return NZ_NO;
    for (int i = 0; i < 6; i++) {
        if (!nz_pattern_match_glob(wanted[i], fields[i]))
            return NZ_NO;
    }
    return NZ_YES;
}

enum nz_tri nz_arn_match(struct nz_policy_scratch *s, const struct nz_arn *arn, bool denies, struct nz_str text,
                         const struct nz_str *fields)
{
    switch (arn->kind) {
    case NZ_ARN_ANY:
        return NZ_YES;
    case NZ_ARN_NEVER:
        return NZ_NO;
    case NZ_ARN_WHOLE:
        return match_whole(s, arn, denies, fields);
    case NZ_ARN_FIELDS:
        break;
    }
    (void)text;
    /* service and resource tell most apart, so they are looked at first; a variable only when all else fits */
    if (!fields || !nz_pattern_match(&arn->fields[2], fields[2]))
        return NZ_NO;
    if (arn->fields[5].shape != NZ_PATTERN_VARIABLE && !nz_pattern_match(&arn->fields[5], fields[5]))
        return NZ_NO;
    if (!nz_pattern_match(&arn->fields[0], fields[0]) || !nz_pattern_match(&arn->fields[1], fields[1]) ||
        !nz_pattern_match(&arn->fields[3], fields[3]) || !nz_pattern_match(&arn->fields[4], fields[4]))
        return NZ_NO;
    if (arn->fields[5].shape == NZ_PATTERN_VARIABLE)
        return nz_pattern_match_filled(s, &arn->fields[5], denies, fields[5]);
    return NZ_YES;
}

/* --- statements --- */

static bool action_matches(const struct nz_policy_scratch *s, const struct nz_action *a)
{
    switch (a->kind) {
    case NZ_ACTION_ALL:
        return true;
    case NZ_ACTION_SERVICE:
        return s->name.p && nz_str_eq(a->service, s->service) && nz_pattern_match(&a->name, s->name);
    case NZ_ACTION_NEVER:
        break;
    }
    return false;
}

bool nz_statement_has_action(const struct nz_policy_scratch *s, const struct nz_statement *st)
{
    if (!(st->services & s->service_bit))
        return false;
    bool found = false;
    for (uint32_t i = 0; i < st->actions_count && !found; i++)
        found = action_matches(s, &st->actions[i]);
    return found != st->not_action;
}

/* A request about "*" has no fields: only a text that covers "*" itself covers it. */
static enum nz_tri resource_matches(struct nz_policy_scratch *s, const struct nz_arn *arn, bool denies)
{
    if (s->resource_is_arn)
        return nz_arn_match(s, arn, denies, s->request->resource, s->fields);
    return nz_tri_of(nz_pattern_match(&arn->whole, s->request->resource));
}

static enum nz_tri has_resource(struct nz_policy_scratch *s, const struct nz_statement *st)
{
    enum nz_tri found = NZ_NO;
    for (uint32_t i = 0; i < st->resources_count && found != NZ_YES; i++)
        found = nz_tri_or(found, resource_matches(s, &st->resources[i], !st->allow));
    return st->not_resource ? nz_tri_not(found) : found;
}

enum nz_tri nz_statement_applies(struct nz_policy_scratch *s, const struct nz_statement *st)
{
    size_t free_before = s->free_count;
    enum nz_tri result = has_resource(s, st);
    if (result != NZ_NO)
        result = nz_tri_and(result, nz_conditions_hold(s, st));
    if (result != NZ_FREE)
        s->free_count = free_before; /* what it would have depended on does not matter */
    return result;
}
