#include "core/base64.h"
#include "policy/evaluate.h"

static bool ordered(enum nz_compare compare, int cmp)
{
    switch (compare) {
    case NZ_CMP_EQ:
        return cmp == 0;
    case NZ_CMP_NE:
        return cmp != 0;
    case NZ_CMP_LT:
        return cmp < 0;
    case NZ_CMP_LE:
        return cmp <= 0;
    case NZ_CMP_GT:
        return cmp > 0;
    case NZ_CMP_GE:
        return cmp >= 0;
    }
    return false;
}

static int compare_times(nz_time a, nz_time b)
{
    return a.us < b.us ? -1 : a.us > b.us;
}

/* Numbers and dates: a text that is none, on either side, matches under no operator, a negated one included. Of several
 * values one must fit; under a negated operator all of them. */
static bool test_ordered(const struct nz_condition *c, struct nz_str text)
{
    struct nz_decimal number;
    nz_time time;
    bool dates = c->spec.op == NZ_OP_DATE, negated = c->spec.compare == NZ_CMP_NE;
    if (dates ? !nz_policy_time_parse(text, &time) : !nz_decimal_parse(text, &number))
        return false;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct nz_value *v = &c->values[i];
        bool fits = v->valid && ordered(c->spec.compare,
                                        dates ? compare_times(time, v->time) : nz_decimal_cmp(&number, &v->number));
        if (fits != negated)
            return fits;
    }
    return negated;
}

static bool test_ip(const struct nz_condition *c, struct nz_str text)
{
    struct nz_ip ip;
    if (!nz_ip_parse(text, &ip))
        return false;
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->values[i].valid && nz_cidr_contains(&c->values[i].net, &ip))
            return true;
    }
    return false;
}

static bool test_binary(struct nz_policy_scratch *s, const struct nz_condition *c, struct nz_str text)
{
    nz_buf_clear(&s->decoded);
    if (!nz_base64_decode(text, &s->decoded))
        return false;
    s->failed |= s->decoded.failed;
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->values[i].valid && nz_str_eq(c->values[i].text.coded, nz_buf_view(&s->decoded)))
            return true;
    }
    return false;
}

/* Without regard to case; for text without wildcards. */
static enum nz_tri match_nocase(struct nz_policy_scratch *s, const struct nz_pattern *p, bool denies,
                                struct nz_str text)
{
    struct nz_str coded = p->coded;
    enum nz_tri known = NZ_YES;
    if (p->shape == NZ_PATTERN_VARIABLE)
        known = nz_pattern_fill(s, p, denies, &coded);
    return known == NZ_YES ? nz_tri_of(nz_str_eq_nocase(coded, text)) : known;
}

static enum nz_tri match_value(struct nz_policy_scratch *s, const struct nz_condition *c, const struct nz_value *v,
                               bool denies, struct nz_str text, const struct nz_str *fields)
{
    if (c->spec.op == NZ_OP_ARN)
        return nz_arn_match(s, v->arn, denies, text, fields);
    if (c->spec.op == NZ_OP_STRING_EQUALS || c->spec.op == NZ_OP_STRING_LIKE)
        return nz_pattern_match_filled(s, &v->text, denies, text);
    return match_nocase(s, &v->text, denies, text);
}

/* Is the text one of the values? */
static enum nz_tri is_listed(struct nz_policy_scratch *s, const struct nz_condition *c, bool denies, struct nz_str text)
{
    struct nz_str fields[6];
    const struct nz_str *arn = c->spec.op == NZ_OP_ARN && nz_arn_split(text, fields) ? fields : NULL;
    enum nz_tri found = NZ_NO;
    for (uint32_t i = 0; i < c->count && found != NZ_YES; i++)
        found = nz_tri_or(found, match_value(s, c, &c->values[i], denies, text, arn));
    return found;
}

enum nz_tri nz_condition_test(struct nz_policy_scratch *s, const struct nz_condition *c, bool denies,
                              struct nz_str text)
{
    bool truth;
    enum nz_tri found = NZ_NO;
    switch (c->spec.op) {
    case NZ_OP_NUMERIC:
    case NZ_OP_DATE:
        return nz_tri_of(test_ordered(c, text));
    case NZ_OP_BINARY:
        return nz_tri_of(test_binary(s, c, text));
    case NZ_OP_BOOL:
        return nz_policy_bool_parse(text, &truth) ? is_listed(s, c, denies, text) : NZ_NO;
    case NZ_OP_IP:
        found = nz_tri_of(test_ip(c, text));
        break;
    case NZ_OP_STRING_EQUALS:
    case NZ_OP_STRING_EQUALS_IGNORE_CASE:
    case NZ_OP_STRING_LIKE:
    case NZ_OP_ARN:
        found = is_listed(s, c, denies, text);
        break;
    case NZ_OP_NULL:
        break;
    }
    return c->spec.compare == NZ_CMP_NE ? nz_tri_not(found) : found;
}

/* "true" asks for a key that is absent. */
static enum nz_tri test_null(struct nz_policy_scratch *s, const struct nz_condition *c, bool denies,
                             enum nz_context_state state)
{
    bool wants[2] = {false, false};
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->values[i].valid)
            wants[c->values[i].truth] = true;
    }
    if (state != NZ_CONTEXT_UNKNOWN)
        return nz_tri_of(wants[state == NZ_CONTEXT_ABSENT]);
    if (wants[0] == wants[1])
        return nz_tri_of(wants[0]);
    nz_free_key_add(s, c->key, denies);
    return NZ_FREE;
}

static enum nz_tri test_many(struct nz_policy_scratch *s, const struct nz_condition *c, bool denies,
                             const struct nz_policy_key *key)
{
    bool all = c->spec.quantifier == NZ_QUANT_ALL;
    enum nz_tri result = nz_tri_of(all);
    for (uint32_t i = 0; i < key->count && result != nz_tri_of(!all); i++) {
        enum nz_tri one = nz_condition_test(s, c, denies, key->values[i]);
        result = all ? nz_tri_and(result, one) : nz_tri_or(result, one);
    }
    return result;
}

/* What a key that is missing comes to. Source: IAM User Guide, "Condition operators" (IfExists: "evaluate the condition element
 * as true"; negated operators match) and "Set operators" (ForAllValues is true, ForAnyValue false). */
static bool holds_without(const struct nz_operator_spec *spec)
{
    if (spec->if_exists || spec->quantifier == NZ_QUANT_ALL)
        return true;
    return spec->quantifier == NZ_QUANT_NONE && spec->compare == NZ_CMP_NE;
}

static enum nz_tri condition_holds(struct nz_policy_scratch *s, const struct nz_condition *c, bool denies)
{
    const struct nz_policy_key *key = NULL;
    enum nz_context_state state = nz_context_find(s->request, c->key, &key);
    if (c->spec.op == NZ_OP_NULL)
        return test_null(s, c, denies, state);
    if (state == NZ_CONTEXT_UNKNOWN) {
        nz_free_key_add(s, c->key, denies);
        return NZ_FREE;
    }
    if (state == NZ_CONTEXT_ABSENT)
        return nz_tri_of(holds_without(&c->spec));
    if (c->spec.quantifier != NZ_QUANT_NONE)
        return test_many(s, c, denies, key);
    /* an operator for one value does not match a key that has several, negated or not */
    return key->count == 1 ? nz_condition_test(s, c, denies, key->values[0]) : NZ_NO;
}

enum nz_tri nz_conditions_hold(struct nz_policy_scratch *s, const struct nz_statement *st)
{
    enum nz_tri result = NZ_YES;
    for (uint32_t i = 0; i < st->conditions_count && result != NZ_NO; i++)
        result = nz_tri_and(result, condition_holds(s, &st->conditions[i], !st->allow));
    return result;
}
