/* What rules say of each other: correlations find the rules they read, rules learn who reads them. */
#include "sigma/set.h"

#define CHAIN_MAX 64u /* correlations of correlations: bounds the recursion */

/* --- names --- */

struct nz_loaded *nz_set_find(const struct nz_ruleset *rs, struct nz_str reference, struct nz_str from)
{
    /* specification: references are ids or names; titles besides, as rules of the field use them */
    struct nz_loaded *best = NULL;
    unsigned best_rank = 0;
    for (size_t i = 0; i < rs->loaded_count; i++) {
        struct nz_loaded *l = rs->loaded[i];
        const struct nz_rule *r = &l->rule;
        unsigned rank = r->id.p && nz_str_eq(r->id, reference)       ? 6
                        : r->name.p && nz_str_eq(r->name, reference) ? 4
                        : nz_str_eq(r->title, reference)             ? 2
                                                                     : 0;
        rank += rank && nz_str_eq(r->path, from);
        if (rank > best_rank) {
            best = l;
            best_rank = rank;
        }
    }
    return best;
}

bool nz_logsource_is_cloudtrail(const struct nz_logsource *source)
{
    const struct nz_str parts[] = {source->category, source->product, source->service};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].p && !nz_str_eq_nocase(parts[i], NZ_STR("aws")) &&
            !nz_str_eq_nocase(parts[i], NZ_STR("cloudtrail")))
            return false;
    }
    return true;
}

/* --- correlations find their rules --- */

struct resolver {
    struct nz_ruleset *rs;
    struct nz_loaded **order; /* correlations, the read before the reading */
    size_t order_count;
};

static enum nz_err refuse(struct resolver *r, struct nz_loaded *l, const struct nz_reference *at, enum nz_err err,
                          const char *text)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_at(&diag, err, at->line, at->column, "'%.*s'%s", (int)(at->text.n < 64 ? at->text.n : 64), at->text.p,
               text);
    diag.file = l->rule.path;
    nz_set_report(r->rs, false, l->rule.path, &diag);
    l->state = NZ_LOADED_REFUSED;
    l->refusal = err;
    return err;
}

static bool stands_before(const struct nz_loaded *l, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (l->targets[k] == l->targets[i])
            return true;
    }
    return false;
}

static enum nz_err visit(struct resolver *r, struct nz_loaded *l, unsigned depth);

static enum nz_err visit_target(struct resolver *r, struct nz_loaded *l, size_t i,
                                unsigned depth) /* NOLINT(misc-no-recursion) */
{
    const struct nz_reference *reference = &l->draft->rules[i];
    struct nz_loaded *target = nz_set_find(r->rs, reference->text, l->rule.path);
    l->targets[i] = target;
    if (!target)
        return refuse(r, l, reference, NZ_E_RULE_REFERENCE, "");
    if (stands_before(l, i))
        return refuse(r, l, reference, NZ_E_RULE_CORRELATION, " is read twice");
    if (!target->draft)
        return NZ_OK;
    if (depth == CHAIN_MAX)
        return refuse(r, l, reference, NZ_E_RULE_LIMIT, ": too long a chain of correlations");
    if (target->state == NZ_LOADED_FRESH) {
        enum nz_err err = visit(r, target, depth + 1);
        if (err == NZ_E_NOMEM)
            return err;
    }
    if (target->state == NZ_LOADED_VISITING)
        return refuse(r, l, reference, NZ_E_RULE_CYCLE, "");
    if (target->state == NZ_LOADED_REFUSED)
        return refuse(r, l, reference, target->refusal, " is refused itself");
    return NZ_OK;
}

/* An alias for a rule that the correlation does not read is a mistake in writing. */
static enum nz_err check_aliases(struct resolver *r, struct nz_loaded *l)
{
    for (size_t i = 0; i < l->draft->aliases_count; i++) {
        const struct nz_correlation_alias *alias = &l->draft->aliases[i];
        const struct nz_loaded *target = nz_set_find(r->rs, alias->rule.text, l->rule.path);
        bool found = false;
        for (size_t k = 0; k < l->draft->rules_count; k++)
            found |= target && l->targets[k] == target;
        if (!found)
            return refuse(r, l, &alias->rule, NZ_E_RULE_REFERENCE, ": the alias is for a rule that is not in 'rules'");
    }
    return NZ_OK;
}

static enum nz_err visit(struct resolver *r, struct nz_loaded *l, unsigned depth) /* NOLINT(misc-no-recursion) */
{
    l->targets = NZ_ARENA_ARRAY(&r->rs->keep, struct nz_loaded *, l->draft->rules_count);
    if (!l->targets)
        return NZ_E_NOMEM;
    l->state = NZ_LOADED_VISITING;
    for (size_t i = 0; i < l->draft->rules_count; i++) {
        enum nz_err err = visit_target(r, l, i, depth);
        if (err)
            return err;
    }
    enum nz_err err = check_aliases(r, l);
    if (err)
        return err;
    l->state = NZ_LOADED_DONE;
    r->order[r->order_count++] = l;
    return NZ_OK;
}

/* --- paths: aliases applied --- */

static enum nz_err field_paths(struct nz_ruleset *rs, const struct nz_loaded *l, struct nz_correlation_field *field)
{
    const struct nz_correlation_draft *draft = l->draft;
    struct nz_str *paths = NZ_ARENA_ARRAY(&rs->keep, struct nz_str, draft->rules_count);
    bool is_alias = false;
    if (!paths)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < draft->aliases_count; i++) {
        const struct nz_correlation_alias *alias = &draft->aliases[i];
        if (!nz_str_eq(alias->name, field->name))
            continue;
        is_alias = true;
        const struct nz_loaded *target = nz_set_find(rs, alias->rule.text, l->rule.path);
        for (size_t k = 0; k < draft->rules_count; k++) {
            if (l->targets[k] == target)
                paths[k] = alias->path;
        }
    }
    for (size_t k = 0; !is_alias && k < draft->rules_count; k++)
        paths[k] = field->name;
    field->paths = paths;
    return NZ_OK;
}

static enum nz_err fields_with_paths(struct nz_ruleset *rs, const struct nz_loaded *l,
                                     const struct nz_correlation_field **list, size_t count)
{
    struct nz_correlation_field *copy = NZ_ARENA_ARRAY(&rs->keep, struct nz_correlation_field, count);
    enum nz_err err = copy ? NZ_OK : NZ_E_NOMEM;
    for (size_t i = 0; !err && i < count; i++) {
        copy[i] = (*list)[i];
        err = field_paths(rs, l, &copy[i]);
    }
    *list = copy;
    return err;
}

static enum nz_err finish(struct nz_ruleset *rs, struct nz_loaded *l)
{
    struct nz_correlation *c = &l->draft->made;
    uint32_t *rules = NZ_ARENA_ARRAY(&rs->keep, uint32_t, l->draft->rules_count);
    if (!rules)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < l->draft->rules_count; i++)
        rules[i] = l->targets[i]->index;
    c->rule = l->index;
    c->rules = rules;
    c->rules_count = l->draft->rules_count;
    enum nz_err err = fields_with_paths(rs, l, &c->group_by, c->group_by_count);
    if (!err)
        err = fields_with_paths(rs, l, &c->fields, c->fields_count);
    l->correlation = c;
    return err;
}

/* --- who is silent, who runs --- */

static void note_readers(const struct nz_loaded *l)
{
    for (size_t i = 0; i < l->draft->rules_count; i++) {
        if (l->draft->made.generate)
            l->targets[i]->read_with_generate = true;
        else
            l->targets[i]->read_without = true;
    }
}

static bool is_tried(const struct nz_ruleset *rs, const struct nz_rule *rule, bool base)
{
    return nz_str_eq(rule->key, rs->only) || nz_str_eq(rule->name, rs->only) || nz_str_eq(rule->title, rs->only) ||
           (!base && nz_str_eq(rule->path, rs->only));
}

/* design, "detect": base rules are silent unless `generate`; one reader that asks for them is enough. Whether a rule is
 * below the asked-for level does not change who is a base rule. */
static void decide(struct nz_ruleset *rs, struct nz_loaded *l)
{
    struct nz_rule *rule = &l->rule;
    bool base = l->read_without && !l->read_with_generate;
    bool wanted = rs->only.p ? is_tried(rs, rule, base) : rule->level >= rs->min_level && !base;
    rule->silent = !wanted;
    rule->runs = (wanted || l->needed) && (l->draft || nz_logsource_is_cloudtrail(&l->logsource));
}

/* Readers before what they read, so that need is known in time. */
static void decide_all(struct nz_ruleset *rs, const struct resolver *r)
{
    for (size_t i = 0; i < r->order_count; i++)
        note_readers(r->order[i]);
    for (size_t i = r->order_count; i-- > 0;) {
        struct nz_loaded *l = r->order[i];
        decide(rs, l);
        for (size_t k = 0; l->rule.runs && k < l->draft->rules_count; k++)
            l->targets[k]->needed = true;
    }
    for (size_t i = 0; i < rs->loaded_count; i++) {
        if (!rs->loaded[i]->draft)
            decide(rs, rs->loaded[i]);
    }
}

/* --- the whole set --- */

static void drop_refused(struct nz_ruleset *rs)
{
    size_t kept = 0;
    for (size_t i = 0; i < rs->loaded_count; i++) {
        struct nz_loaded *l = rs->loaded[i];
        if (l->state == NZ_LOADED_REFUSED)
            continue;
        l->index = (uint32_t)kept;
        rs->loaded[kept++] = l;
    }
    rs->loaded_count = kept;
}

static enum nz_err publish(struct nz_ruleset *rs, const struct resolver *r)
{
    rs->correlations = NZ_ARENA_ARRAY(&rs->keep, const struct nz_correlation *, r->order_count);
    if (!rs->correlations)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < r->order_count; i++) {
        enum nz_err err = finish(rs, r->order[i]);
        if (err)
            return err;
        if (r->order[i]->rule.runs)
            rs->correlations[rs->correlations_count++] = r->order[i]->correlation;
    }
    return NZ_OK;
}

static enum nz_err resolve_all(struct resolver *r)
{
    for (size_t i = 0; i < r->rs->loaded_count; i++) {
        struct nz_loaded *l = r->rs->loaded[i];
        if (!l->draft || l->state != NZ_LOADED_FRESH)
            continue;
        if (visit(r, l, 0) == NZ_E_NOMEM)
            return NZ_E_NOMEM;
    }
    return NZ_OK;
}

enum nz_err nz_set_resolve(struct nz_ruleset *rs)
{
    struct resolver r = {.rs = rs};
    r.order = NZ_ARENA_ARRAY(&rs->keep, struct nz_loaded *, rs->loaded_count);
    if (!r.order)
        return NZ_E_NOMEM;
    enum nz_err err = resolve_all(&r);
    if (err)
        return err;
    drop_refused(rs);
    decide_all(rs, &r);
    return publish(rs, &r);
}

size_t nz_ruleset_correlations(const struct nz_ruleset *rs, const struct nz_correlation *const **out)
{
    *out = rs->correlations;
    return rs->correlations_count;
}

static bool bound_holds(const struct nz_correlation_bound *bound, double value)
{
    switch (bound->op) {
    case NZ_CORRELATION_GT:
        return value > bound->number;
    case NZ_CORRELATION_GTE:
        return value >= bound->number;
    case NZ_CORRELATION_LT:
        return value < bound->number;
    case NZ_CORRELATION_LTE:
        return value <= bound->number;
    case NZ_CORRELATION_EQ:
        return value == bound->number;
    case NZ_CORRELATION_NEQ:
        return value != bound->number;
    }
    return false;
}

bool nz_correlation_bounds_hold(const struct nz_correlation *c, double value)
{
    for (size_t i = 0; i < c->bounds_count; i++) {
        if (!bound_holds(&c->bounds[i], value))
            return false;
    }
    return true;
}
