/* One line of a selection: `field|modifiers: value`. */
#include "sigma/value.h"

#include "sigma/path.h"
#include "sigma/set.h"

static enum nz_err field_number(struct nz_rule_parser *p, const struct nz_yaml *key, struct nz_str field, uint32_t *out)
{
    size_t parts = 1;
    *out = NZ_FIELD_KEYWORDS;
    if (field.n == 0)
        return NZ_OK;
    for (size_t i = 0; i < field.n; i++)
        parts += field.p[i] == '.';
    if (field.n > NZ_PATH_BYTES_MAX || parts > NZ_PATH_PARTS_MAX)
        return nz_rule_error(p, key, NZ_E_RULE_LIMIT, "field name is too long");
    return nz_set_field(p->rs, field, out);
}

static enum nz_err values_make(struct nz_rule_parser *p, const struct nz_modifiers *m, const struct nz_yaml *value,
                               struct nz_item *item)
{
    bool is_list = value->kind == NZ_YAML_SEQUENCE;
    const struct nz_yaml *nodes = is_list ? value->items : value;
    size_t count = is_list ? value->count : 1;
    if (count > NZ_RULE_VALUES_MAX)
        return nz_rule_error(p, value, NZ_E_RULE_LIMIT, "more than %u values", NZ_RULE_VALUES_MAX);
    struct nz_value *list = NZ_ARENA_ARRAY(p->keep, struct nz_value, count);
    if (!list)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (nodes[i].kind != NZ_YAML_SCALAR)
            return nz_rule_error(p, &nodes[i], NZ_E_RULE_VALUE, "expected a text, a number, true, false or null");
        /* specification, "special field values": null stands alone */
        if (is_list && nz_yaml_is_null(&nodes[i]))
            return nz_rule_error(p, &nodes[i], NZ_E_RULE_VALUE, "null cannot stand in a list");
        enum nz_err err = nz_value_make(p, m, &nodes[i], &list[i]);
        if (err)
            return err;
    }
    item->values = list;
    item->values_count = count;
    return NZ_OK;
}

/* specification, "all": it says how several values combine, so one value is a mistake. */
static enum nz_err check_all(struct nz_rule_parser *p, const struct nz_yaml *key, const struct nz_modifiers *m,
                             const struct nz_yaml *value)
{
    if (value->kind == NZ_YAML_SEQUENCE && value->count > 1)
        return NZ_OK;
    for (size_t i = 0; i < m->count; i++) {
        if (m->list[i] == NZ_MODIFIER_ALL)
            return nz_rule_error_in(p, key, m->offsets[i], NZ_E_RULE_MODIFIER, "'all' needs a list of several values");
    }
    return NZ_OK;
}

enum nz_err nz_item_parse(struct nz_rule_parser *p, const struct nz_yaml *key, const struct nz_yaml *value,
                          const struct nz_node **out)
{
    struct nz_modifiers m;
    enum nz_err err = nz_modifiers_parse(key->text, &m, p->diag);
    if (err)
        return nz_rule_error_placed(p, key, err);
    if (++p->items > NZ_RULE_ITEMS_MAX)
        return nz_rule_error(p, key, NZ_E_RULE_LIMIT, "more than %u fields and keywords", NZ_RULE_ITEMS_MAX);
    struct nz_item *item = NZ_ARENA_NEW(p->keep, struct nz_item);
    if (!item)
        return NZ_E_NOMEM;
    item->line = key->line;
    item->column = key->column;
    item->all = nz_modifiers_have(&m, NZ_GROUP_ALL);
    item->negate = nz_modifiers_have(&m, NZ_GROUP_NEQ);
    err = field_number(p, key, m.field, &item->field);
    if (!err)
        err = check_all(p, key, &m, value);
    if (!err)
        err = values_make(p, &m, value, item);
    if (err)
        return err;
    *out = nz_node_item(p->keep, item);
    return *out ? NZ_OK : NZ_E_NOMEM;
}
