/* A correlation's document. Source: Sigma correlation rules specification 2.1.0; value_median, percentiles and extended
 * conditions as pySigma 1.5 has them. An unknown key is refused: `group_by` for `group-by` would silently be another
 * correlation. */
#include "sigma/boolean.h"

#include <math.h>

static const struct {
    const char *name;
    enum nz_correlation_type type;
} types[] = {
    {"event_count", NZ_CORRELATION_EVENT_COUNT},
    {"value_count", NZ_CORRELATION_VALUE_COUNT},
    {"temporal", NZ_CORRELATION_TEMPORAL},
    {"temporal_ordered", NZ_CORRELATION_TEMPORAL_ORDERED},
    {"value_sum", NZ_CORRELATION_VALUE_SUM},
    {"value_avg", NZ_CORRELATION_VALUE_AVG},
    {"value_percentile", NZ_CORRELATION_VALUE_PERCENTILE},
    {"value_median", NZ_CORRELATION_VALUE_MEDIAN},
};

static const char *const ops[] = {"gt", "gte", "lt", "lte", "eq", "neq"};

static bool is_temporal(enum nz_correlation_type type)
{
    return type == NZ_CORRELATION_TEMPORAL || type == NZ_CORRELATION_TEMPORAL_ORDERED;
}

static bool is_one_of(struct nz_str s, const char *const *names, size_t count, size_t *index)
{
    for (size_t i = 0; i < count; i++) {
        if (nz_str_eq(s, nz_str_from_c(names[i]))) {
            *index = i;
            return true;
        }
    }
    return false;
}

static enum nz_err check_keys(struct nz_rule_parser *p, const struct nz_yaml *map)
{
    static const char *const known[] = {"type", "rules", "group-by", "timespan", "aliases", "condition", "generate"};
    for (size_t i = 0; i < map->count; i++) {
        const struct nz_yaml *key = &map->items[2 * i];
        size_t unused;
        if (key->kind != NZ_YAML_SCALAR || !is_one_of(key->text, known, sizeof known / sizeof known[0], &unused))
            return nz_rule_error(p, key, NZ_E_RULE_CORRELATION, "unknown key '%.*s'", NZ_WORD_ARG(key->text));
    }
    return NZ_OK;
}

static enum nz_err parse_type(struct nz_rule_parser *p, const struct nz_yaml *map, enum nz_correlation_type *out)
{
    const struct nz_yaml *node = nz_yaml_get(map, "type");
    if (nz_yaml_is_null(node))
        return nz_rule_error(p, node ? node : map, NZ_E_RULE_MISSING, "'type'");
    for (size_t i = 0; node->kind == NZ_YAML_SCALAR && i < sizeof types / sizeof types[0]; i++) {
        if (nz_str_eq(node->text, nz_str_from_c(types[i].name))) {
            *out = types[i].type;
            return NZ_OK;
        }
    }
    return nz_rule_error(p, node, NZ_E_RULE_CORRELATION, "unknown type '%.*s'", NZ_WORD_ARG(node->text));
}

static enum nz_err parse_timespan(struct nz_rule_parser *p, const struct nz_yaml *map, int64_t *out)
{
    const struct nz_yaml *node = nz_yaml_get(map, "timespan");
    if (nz_yaml_is_null(node))
        return nz_rule_error(p, node ? node : map, NZ_E_RULE_MISSING, "'timespan'");
    if (node->kind != NZ_YAML_SCALAR || !nz_duration_parse(node->text, out) || *out <= 0)
        return nz_rule_error(p, node, NZ_E_RULE_CORRELATION, "'timespan' must be a number and s, m, h, d, w, M or y");
    return NZ_OK;
}

static enum nz_err parse_generate(struct nz_rule_parser *p, const struct nz_yaml *map, bool *out)
{
    const struct nz_yaml *node = nz_yaml_get(map, "generate");
    if (!nz_yaml_is_null(node) && !nz_yaml_bool(node, out))
        return nz_rule_error(p, node, NZ_E_RULE_CORRELATION, "'generate' must be true or false");
    return NZ_OK;
}

/* --- names of fields --- */

static enum nz_err parse_names(struct nz_rule_parser *p, const struct nz_yaml *node,
                               const struct nz_correlation_field **out, size_t *count)
{
    const struct nz_reference *names;
    enum nz_err err = nz_rule_references(p, node, &names, count);
    if (err || *count == 0)
        return err;
    if (*count > NZ_CORRELATION_FIELDS_MAX)
        return nz_rule_error(p, node, NZ_E_RULE_LIMIT, "more than %u fields", NZ_CORRELATION_FIELDS_MAX);
    struct nz_correlation_field *fields = NZ_ARENA_ARRAY(p->keep, struct nz_correlation_field, *count);
    if (!fields)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < *count; i++)
        fields[i].name = names[i].text;
    *out = fields;
    return NZ_OK;
}

static enum nz_err parse_alias_rules(struct nz_rule_parser *p, const struct nz_yaml *name, const struct nz_yaml *map,
                                     struct nz_correlation_alias *list, size_t *count)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct nz_yaml *rule = &map->items[2 * i], *field = &map->items[2 * i + 1];
        struct nz_correlation_alias *alias = &list[(*count)++];
        if (rule->kind != NZ_YAML_SCALAR || field->kind != NZ_YAML_SCALAR || nz_yaml_is_null(field))
            return nz_rule_error(p, rule, NZ_E_RULE_CORRELATION, "an alias maps rule names to field names");
        alias->rule.line = rule->line;
        alias->rule.column = rule->column;
        enum nz_err err = nz_rule_text(p, name->text, &alias->name);
        if (!err)
            err = nz_rule_text(p, rule->text, &alias->rule.text);
        if (!err)
            err = nz_rule_text(p, field->text, &alias->path);
        if (err)
            return err;
    }
    return NZ_OK;
}

static enum nz_err parse_aliases(struct nz_rule_parser *p, const struct nz_yaml *map, struct nz_correlation_draft *out)
{
    const struct nz_yaml *aliases = nz_yaml_get(map, "aliases");
    size_t room = 0;
    if (nz_yaml_is_null(aliases))
        return NZ_OK;
    if (aliases->kind != NZ_YAML_MAPPING)
        return nz_rule_error(p, aliases, NZ_E_RULE_CORRELATION, "'aliases' must be a map");
    for (size_t i = 0; i < aliases->count; i++)
        room += aliases->items[2 * i + 1].count;
    struct nz_correlation_alias *list = NZ_ARENA_ARRAY(p->keep, struct nz_correlation_alias, room);
    if (!list)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < aliases->count; i++) {
        const struct nz_yaml *name = &aliases->items[2 * i], *rules = &aliases->items[2 * i + 1];
        if (name->kind != NZ_YAML_SCALAR || rules->kind != NZ_YAML_MAPPING)
            return nz_rule_error(p, name, NZ_E_RULE_CORRELATION, "an alias maps rule names to field names");
        enum nz_err err = parse_alias_rules(p, name, rules, list, &out->aliases_count);
        if (err)
            return err;
    }
    out->aliases = list;
    return NZ_OK;
}

/* --- conditions --- */

static enum nz_err parse_finite(struct nz_rule_parser *p, const struct nz_yaml *node, double *out)
{
    enum nz_yaml_type type = node->kind == NZ_YAML_SCALAR ? nz_yaml_type(node) : NZ_YAML_TEXT;
    struct nz_number number;
    if ((type != NZ_YAML_INT && type != NZ_YAML_FLOAT) || !nz_number_parse(node->text, &number))
        return nz_rule_error(p, node, NZ_E_RULE_CORRELATION, "expected a number");
    *out = nz_number_to_double(&number);
    return NZ_OK;
}

static enum nz_err parse_percentile(struct nz_rule_parser *p, const struct nz_yaml *key, const struct nz_yaml *value,
                                    struct nz_correlation *c)
{
    if (c->type != NZ_CORRELATION_VALUE_PERCENTILE)
        return nz_rule_error(p, key, NZ_E_RULE_CORRELATION, "'percentile' only goes with value_percentile");
    enum nz_err err = parse_finite(p, value, &c->percentile);
    if (!err && (c->percentile < 0 || c->percentile > 100))
        return nz_rule_error(p, value, NZ_E_RULE_CORRELATION, "'percentile' must be from 0 to 100");
    return err;
}

static enum nz_err parse_bound(struct nz_rule_parser *p, const struct nz_yaml *key, const struct nz_yaml *value,
                               struct nz_correlation *c)
{
    size_t op;
    if (key->kind != NZ_YAML_SCALAR)
        return nz_rule_error(p, key, NZ_E_RULE_CORRELATION, "expected gt, gte, lt, lte, eq or neq");
    if (nz_str_eq(key->text, NZ_STR("field")))
        return parse_names(p, value, &c->fields, &c->fields_count);
    if (nz_str_eq(key->text, NZ_STR("percentile")))
        return parse_percentile(p, key, value, c);
    if (!is_one_of(key->text, ops, sizeof ops / sizeof ops[0], &op))
        return nz_rule_error(p, key, NZ_E_RULE_CORRELATION, "'%.*s' is not one of gt, gte, lt, lte, eq, neq",
                             NZ_WORD_ARG(key->text));
    if (c->bounds_count == sizeof c->bounds / sizeof c->bounds[0])
        return nz_rule_error(p, key, NZ_E_RULE_CORRELATION, "more than two comparisons");
    struct nz_correlation_bound *bound = &c->bounds[c->bounds_count++];
    bound->op = (enum nz_correlation_op)op;
    return parse_finite(p, value, &bound->number);
}

static enum nz_err check_condition(struct nz_rule_parser *p, const struct nz_yaml *node, const struct nz_correlation *c)
{
    size_t most = c->type == NZ_CORRELATION_VALUE_COUNT                           ? NZ_CORRELATION_FIELDS_MAX
                  : c->type == NZ_CORRELATION_EVENT_COUNT || is_temporal(c->type) ? 0
                                                                                  : 1;
    if (c->bounds_count == 0)
        return nz_rule_error(p, node, NZ_E_RULE_CORRELATION, "no comparison: gt, gte, lt, lte, eq or neq");
    if (c->fields_count > most)
        return nz_rule_error(p, node, NZ_E_RULE_CORRELATION, "'field': this type takes %s", most ? "one" : "none");
    if (c->fields_count == 0 && most > 0)
        return nz_rule_error(p, node, NZ_E_RULE_MISSING, "'field'");
    if (c->type == NZ_CORRELATION_VALUE_PERCENTILE && isnan(c->percentile))
        return nz_rule_error(p, node, NZ_E_RULE_MISSING, "'percentile'");
    return NZ_OK;
}

/* --- extended conditions --- */

struct extended {
    struct nz_rule_parser *p;
    const struct nz_yaml *node;
    struct nz_reference *rules; /* room for NZ_CORRELATION_RULES_MAX */
    size_t count;
    bool listed; /* `rules` was given: nothing may be added */
    bool *used;
};

static enum nz_err extended_atom(void *self, struct nz_boolean *b, const void **out)
{
    struct extended *e = self;
    struct nz_str name = nz_boolean_word(b, b->at);
    size_t i = 0;
    if (memchr(name.p, '|', name.n))
        return nz_diag_offset(b->diag, NZ_E_RULE_OLD, b->at, "'|' in a condition");
    while (i < e->count && !nz_str_eq(e->rules[i].text, name))
        i++;
    if (i == e->count && e->listed)
        return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, b->at, "'%.*s' is not in 'rules'", NZ_WORD_ARG(name));
    if (i == NZ_CORRELATION_RULES_MAX)
        return nz_diag_offset(b->diag, NZ_E_RULE_LIMIT, b->at, "more than %u rules", NZ_CORRELATION_RULES_MAX);
    if (i == e->count) {
        struct nz_reference *added = &e->rules[e->count++];
        nz_place_find(e->p->source, e->node, b->at, &added->line, &added->column);
        enum nz_err err = nz_rule_text(e->p, name, &added->text);
        if (err)
            return err;
    }
    e->used[i] = true;
    b->at += name.n;
    struct nz_correlation_node *made = NZ_ARENA_NEW(e->p->keep, struct nz_correlation_node);
    if (made)
        *made = (struct nz_correlation_node){.kind = NZ_CORRELATION_NODE_RULE, .rule = (uint32_t)i};
    *out = made;
    return made ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err extended_join(void *self, enum nz_node_kind kind, const void *const *kids, size_t count,
                                 const void **out)
{
    struct extended *e = self;
    struct nz_correlation_node *made = NZ_ARENA_NEW(e->p->keep, struct nz_correlation_node);
    const struct nz_correlation_node **copy = NZ_ARENA_ARRAY(e->p->keep, const struct nz_correlation_node *, count);
    if (!made || !copy)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        copy[i] = kids[i];
    made->kind = kind == NZ_NODE_AND  ? NZ_CORRELATION_NODE_AND
                 : kind == NZ_NODE_OR ? NZ_CORRELATION_NODE_OR
                                      : NZ_CORRELATION_NODE_NOT;
    made->kids = copy;
    made->kids_count = count;
    *out = made;
    return NZ_OK;
}

static enum nz_err extended_prepare(struct extended *e, const struct nz_correlation_draft *draft)
{
    e->rules = NZ_ARENA_ARRAY(e->p->keep, struct nz_reference, NZ_CORRELATION_RULES_MAX);
    e->used = NZ_ARENA_ARRAY(e->p->scratch, bool, NZ_CORRELATION_RULES_MAX);
    if (!e->rules || !e->used)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < draft->rules_count; i++)
        e->rules[i] = draft->rules[i];
    e->count = draft->rules_count;
    e->listed = e->count > 0;
    return NZ_OK;
}

static enum nz_err parse_extended(struct nz_rule_parser *p, const struct nz_yaml *node,
                                  struct nz_correlation_draft *draft)
{
    struct extended e = {.p = p, .node = node};
    const void *made = NULL;
    if (!is_temporal(draft->made.type))
        return nz_rule_error(p, node, NZ_E_RULE_CORRELATION,
                             "a condition over rule names only goes with temporal types");
    if (node->text.n > NZ_RULE_CONDITION_BYTES_MAX)
        return nz_rule_error(p, node, NZ_E_RULE_LIMIT, "condition is longer than %u bytes",
                             NZ_RULE_CONDITION_BYTES_MAX);
    enum nz_err err = extended_prepare(&e, draft);
    if (err)
        return err;
    struct nz_boolean b = {.text = node->text,
                           .atom = extended_atom,
                           .join = extended_join,
                           .self = &e,
                           .scratch = p->scratch,
                           .diag = p->diag};
    err = nz_boolean_parse(&b, &made);
    if (err)
        return nz_rule_error_placed(p, node, err);
    for (size_t i = 0; i < e.count; i++) {
        if (!e.used[i])
            return nz_rule_error(p, node, NZ_E_RULE_CORRELATION, "rule '%.*s' is not in the condition",
                                 NZ_WORD_ARG(e.rules[i].text));
    }
    if (draft->made.type == NZ_CORRELATION_TEMPORAL_ORDERED && e.count > NZ_CORRELATION_ORDERED_NAMES_MAX)
        return nz_rule_error(p, node, NZ_E_RULE_LIMIT, "temporal_ordered: more than %u rules in a condition in words",
                             NZ_CORRELATION_ORDERED_NAMES_MAX);
    draft->rules = e.rules;
    draft->rules_count = e.count;
    draft->made.extended = made;
    return NZ_OK;
}

static enum nz_err parse_condition(struct nz_rule_parser *p, const struct nz_yaml *map,
                                   struct nz_correlation_draft *draft)
{
    const struct nz_yaml *node = nz_yaml_get(map, "condition");
    struct nz_correlation *c = &draft->made;
    c->percentile = (double)NAN;
    if (nz_yaml_is_null(node)) {
        if (!is_temporal(c->type))
            return nz_rule_error(p, node ? node : map, NZ_E_RULE_MISSING, "'condition'");
        /* specification, "temporal": all rules must have fired */
        c->bounds[c->bounds_count++] = (struct nz_correlation_bound){NZ_CORRELATION_GTE, (double)draft->rules_count};
        return NZ_OK;
    }
    if (node->kind == NZ_YAML_SCALAR)
        return parse_extended(p, node, draft);
    if (node->kind != NZ_YAML_MAPPING)
        return nz_rule_error(p, node, NZ_E_RULE_CORRELATION, "'condition' must be a map or a text");
    for (size_t i = 0; i < node->count; i++) {
        enum nz_err err = parse_bound(p, &node->items[2 * i], &node->items[2 * i + 1], c);
        if (err)
            return err;
    }
    return check_condition(p, node, c);
}

static enum nz_err check_rules(struct nz_rule_parser *p, const struct nz_yaml *map,
                               const struct nz_correlation_draft *draft)
{
    const struct nz_yaml *rules = nz_yaml_get(map, "rules");
    if (draft->rules_count == 0)
        return nz_rule_error(p, rules ? rules : map, NZ_E_RULE_MISSING, "'rules'");
    return NZ_OK;
}

enum nz_err nz_correlation_parse(struct nz_rule_parser *p, const struct nz_yaml *document,
                                 struct nz_correlation_draft **out)
{
    const struct nz_yaml *map = nz_yaml_get(document, "correlation");
    struct nz_correlation_draft *draft = NZ_ARENA_NEW(p->keep, struct nz_correlation_draft);
    if (!draft)
        return NZ_E_NOMEM;
    *out = draft;
    if (map->kind != NZ_YAML_MAPPING)
        return nz_rule_error(p, map, NZ_E_RULE_SYNTAX, "'correlation' must be a map");
    struct nz_correlation *c = &draft->made;
    enum nz_err err = check_keys(p, map);
    if (!err)
        err = parse_type(p, map, &c->type);
    if (!err)
        err = nz_rule_references(p, nz_yaml_get(map, "rules"), &draft->rules, &draft->rules_count);
    if (!err)
        err = parse_timespan(p, map, &c->timespan_us);
    if (!err)
        err = parse_names(p, nz_yaml_get(map, "group-by"), &c->group_by, &c->group_by_count);
    if (!err)
        err = parse_generate(p, map, &c->generate);
    if (!err)
        err = parse_aliases(p, map, draft);
    if (!err)
        err = parse_condition(p, map, draft);
    return err ? err : check_rules(p, map, draft);
}
