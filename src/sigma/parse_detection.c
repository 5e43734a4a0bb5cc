/* `detection:` to selections. Source: Sigma specification 2.1.0, "detection": a map is AND, a list of maps OR, a list of
 * texts keywords. */
#include "sigma/modifiers.h"
#include "sigma/rule.h"

const struct nz_node *nz_node_item(struct nz_arena *keep, const struct nz_item *item)
{
    struct nz_node *node = NZ_ARENA_NEW(keep, struct nz_node);
    if (node)
        *node = (struct nz_node){.kind = NZ_NODE_ITEM, .line = item->line, .column = item->column, .item = item};
    return node;
}

const struct nz_node *nz_node_group(struct nz_arena *keep, enum nz_node_kind kind, const struct nz_node *const *kids,
                                    size_t count)
{
    if (count == 1 && kind != NZ_NODE_NOT)
        return kids[0];
    struct nz_node *node = NZ_ARENA_NEW(keep, struct nz_node);
    const struct nz_node **copy = NZ_ARENA_ARRAY(keep, const struct nz_node *, count);
    if (!node || !copy)
        return NULL;
    if (count)
        memcpy(copy, kids, count * sizeof *copy);
    *node = (struct nz_node){.kind = kind, .kids = copy, .kids_count = count};
    if (count) {
        node->line = kids[0]->line;
        node->column = kids[0]->column;
    }
    return node;
}

/* A group whose children are made one by one into scratch. */
static enum nz_err group_done(struct nz_rule_parser *p, enum nz_node_kind kind, const struct nz_node *const *kids,
                              size_t count, const struct nz_yaml *place, const struct nz_node **out)
{
    if (count == 0)
        return nz_rule_error(p, place, NZ_E_RULE_SYNTAX, "selection is empty");
    *out = nz_node_group(p->keep, kind, kids, count);
    return *out ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err parse_map(struct nz_rule_parser *p, const struct nz_yaml *map, const struct nz_node **out)
{
    const struct nz_node **kids = NZ_ARENA_ARRAY(p->scratch, const struct nz_node *, map->count);
    if (!kids)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < map->count; i++) {
        const struct nz_yaml *key = &map->items[2 * i];
        if (key->kind != NZ_YAML_SCALAR)
            return nz_rule_error(p, key, NZ_E_RULE_SYNTAX, "a field name must be a text");
        enum nz_err err = nz_item_parse(p, key, &map->items[2 * i + 1], &kids[i]);
        if (err)
            return err;
    }
    return group_done(p, NZ_NODE_AND, kids, map->count, map, out);
}

/* Keywords have no field: an item whose key is empty. */
static enum nz_err parse_keyword(struct nz_rule_parser *p, const struct nz_yaml *value, const struct nz_node **out)
{
    struct nz_yaml key = {.kind = NZ_YAML_SCALAR, .line = value->line, .column = value->column, .text = NZ_STR("")};
    return nz_item_parse(p, &key, value, out);
}

/* Texts and maps may be mixed (pySigma takes that too): each entry is an alternative. */
static enum nz_err parse_list(struct nz_rule_parser *p, const struct nz_yaml *list, const struct nz_node **out)
{
    const struct nz_node **kids = NZ_ARENA_ARRAY(p->scratch, const struct nz_node *, list->count);
    if (!kids)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < list->count; i++) {
        const struct nz_yaml *entry = &list->items[i];
        enum nz_err err;
        if (entry->kind == NZ_YAML_SEQUENCE)
            err = nz_rule_error(p, entry, NZ_E_RULE_SYNTAX, "a list inside a list");
        else if (entry->kind == NZ_YAML_MAPPING)
            err = parse_map(p, entry, &kids[i]);
        else
            err = parse_keyword(p, entry, &kids[i]);
        if (err)
            return err;
    }
    return group_done(p, NZ_NODE_OR, kids, list->count, list, out);
}

static enum nz_err parse_selection(struct nz_rule_parser *p, const struct nz_yaml *name, const struct nz_yaml *body,
                                   struct nz_selection *out)
{
    enum nz_err err = nz_rule_text(p, name->text, &out->name);
    out->line = name->line;
    out->column = name->column;
    if (err)
        return err;
    if (nz_yaml_is_null(body))
        return nz_rule_error(p, body, NZ_E_RULE_SYNTAX, "selection is empty");
    switch (body->kind) {
    case NZ_YAML_MAPPING:
        return parse_map(p, body, &out->node);
    case NZ_YAML_SEQUENCE:
        return parse_list(p, body, &out->node);
    case NZ_YAML_SCALAR:
        break;
    }
    return parse_keyword(p, body, &out->node);
}

static enum nz_err member_kind(struct nz_rule_parser *p, const struct nz_yaml *name, bool is_filter, bool *selection)
{
    *selection = false;
    if (name->kind != NZ_YAML_SCALAR)
        return nz_rule_error(p, name, NZ_E_RULE_SYNTAX, "a selection's name must be a text");
    if (nz_str_eq(name->text, NZ_STR("timeframe")))
        return nz_rule_error(p, name, NZ_E_RULE_OLD, "'timeframe': write a correlation with 'timespan'");
    *selection = !nz_str_eq(name->text, NZ_STR("condition")) && !(is_filter && nz_str_eq(name->text, NZ_STR("rules")));
    return NZ_OK;
}

enum nz_err nz_detection_parse(struct nz_rule_parser *p, const struct nz_yaml *map, bool is_filter,
                               struct nz_selections *out)
{
    struct nz_selection *list = NZ_ARENA_ARRAY(p->keep, struct nz_selection, map->count);
    size_t count = 0;
    if (!list)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < map->count; i++) {
        const struct nz_yaml *name = &map->items[2 * i];
        bool selection;
        enum nz_err err = member_kind(p, name, is_filter, &selection);
        if (!err && selection)
            err = parse_selection(p, name, &map->items[2 * i + 1], &list[count++]);
        if (err)
            return err;
    }
    if (count == 0)
        return nz_rule_error(p, map, NZ_E_RULE_MISSING, "no selection");
    *out = (struct nz_selections){list, count};
    return NZ_OK;
}
