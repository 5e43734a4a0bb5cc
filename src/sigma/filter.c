/* Filters: conditions that are added to rules by name, so that an exception needs no change to the rule.
 * Source: Sigma filters specification 2.1.0; `rules: any` as pySigma has it. */
#include "sigma/set.h"

static enum nz_err parse_rules(struct nz_rule_parser *p, const struct nz_yaml *map, struct nz_filter *filter)
{
    const struct nz_yaml *rules = nz_yaml_get(map, "rules");
    if (nz_yaml_is_null(rules))
        return nz_rule_error(p, rules ? rules : map, NZ_E_RULE_MISSING, "'rules'");
    if (rules->kind == NZ_YAML_SCALAR && nz_str_eq_nocase(rules->text, NZ_STR("any"))) {
        filter->any = true;
        return NZ_OK;
    }
    enum nz_err err = nz_rule_references(p, rules, &filter->rules, &filter->rules_count);
    if (!err && filter->rules_count == 0)
        return nz_rule_error(p, rules, NZ_E_RULE_MISSING, "'rules' is empty");
    return err;
}

enum nz_err nz_filter_parse(struct nz_rule_parser *p, const struct nz_yaml *document, struct nz_filter **out)
{
    struct nz_filter *filter = NZ_ARENA_NEW(p->keep, struct nz_filter);
    struct nz_selections selections;
    if (!filter)
        return NZ_E_NOMEM;
    *filter = (struct nz_filter){.path = p->path, .line = document->line, .column = document->column};
    *out = filter;
    enum nz_err err = nz_rule_member(p, document, "title", true, &filter->title);
    if (!err)
        err = nz_rule_logsource(p, document, &filter->logsource);
    if (err)
        return err;
    const struct nz_yaml *map = nz_yaml_get(document, "filter");
    if (nz_yaml_is_null(map) || map->kind != NZ_YAML_MAPPING)
        return nz_rule_error(p, map, NZ_E_RULE_SYNTAX, "'filter' must be a map");
    const struct nz_yaml *condition = nz_yaml_get(map, "condition");
    if (nz_yaml_is_null(condition))
        return nz_rule_error(p, condition ? condition : map, NZ_E_RULE_MISSING, "'condition'");
    err = parse_rules(p, map, filter);
    if (!err)
        err = nz_detection_parse(p, map, true, &selections);
    if (!err)
        err = nz_condition_parse(p, condition, &selections, &filter->root);
    return err;
}

/* --- onto the rules --- */

/* The filter's log source covers the rule's: what it names, the rule names too. */
static bool covers(const struct nz_logsource *filter, const struct nz_logsource *rule)
{
    const struct nz_str wanted[] = {filter->category, filter->product, filter->service};
    const struct nz_str has[] = {rule->category, rule->product, rule->service};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (wanted[i].p && !(has[i].p && nz_str_eq_nocase(wanted[i], has[i])))
            return false;
    }
    return true;
}

static enum nz_err add_filter(struct nz_ruleset *rs, const struct nz_filter *filter, struct nz_loaded *rule)
{
    const struct nz_node *both[] = {rule->root, filter->root};
    rule->root = nz_node_group(&rs->keep, NZ_NODE_AND, both, 2);
    return rule->root ? NZ_OK : NZ_E_NOMEM;
}

static void warn(struct nz_ruleset *rs, const struct nz_filter *filter, const struct nz_reference *at, const char *text)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_at(&diag, NZ_E_RULE_FILTER, at->line, at->column, "'%.*s' %s", (int)(at->text.n < 64 ? at->text.n : 64),
               at->text.p, text);
    diag.file = filter->path;
    nz_set_report(rs, true, filter->path, &diag);
}

static bool is_named(const struct nz_loaded *rule, struct nz_str name)
{
    const struct nz_rule *r = &rule->rule;
    return (r->id.p && nz_str_eq(r->id, name)) || (r->name.p && nz_str_eq(r->name, name)) || nz_str_eq(r->title, name);
}

/* All rules of the name: two documents may have one id, and a filter of that id means both. */
static enum nz_err apply_reference(struct nz_ruleset *rs, const struct nz_filter *filter,
                                   const struct nz_reference *reference)
{
    bool found = false, covered = false;
    for (size_t i = 0; i < rs->loaded_count; i++) {
        struct nz_loaded *rule = rs->loaded[i];
        if (!rule->root || !is_named(rule, reference->text))
            continue;
        found = true;
        if (!covers(&filter->logsource, &rule->logsource))
            continue;
        covered = true;
        enum nz_err err = add_filter(rs, filter, rule);
        if (err)
            return err;
    }
    if (!found)
        warn(rs, filter, reference, "names no detection rule that is loaded");
    else if (!covered)
        warn(rs, filter, reference, "has another log source than the filter");
    return NZ_OK;
}

static enum nz_err apply_to_all(struct nz_ruleset *rs, const struct nz_filter *filter)
{
    for (size_t i = 0; i < rs->loaded_count; i++) {
        struct nz_loaded *rule = rs->loaded[i];
        if (!rule->root || !covers(&filter->logsource, &rule->logsource))
            continue;
        enum nz_err err = add_filter(rs, filter, rule);
        if (err)
            return err;
    }
    return NZ_OK;
}

static enum nz_err apply(struct nz_ruleset *rs, const struct nz_filter *filter)
{
    if (filter->any)
        return apply_to_all(rs, filter);
    enum nz_err err = NZ_OK;
    for (size_t i = 0; !err && i < filter->rules_count; i++)
        err = apply_reference(rs, filter, &filter->rules[i]);
    return err;
}

enum nz_err nz_set_apply_filters(struct nz_ruleset *rs)
{
    enum nz_err err = NZ_OK;
    for (size_t i = 0; !err && i < rs->filters_count; i++)
        err = apply(rs, rs->filters[i]);
    return err;
}
