/* A condition evaluated, lazily: what the verdict does not need is not read. docs/sigma.md says why each value means
 * what it means. */
#include "sigma/match.h"

static bool leaf_satisfies(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf)
{
    switch (test->kind) {
    case NZ_TEST_ANY:
        return true;
    case NZ_TEST_EXACT:
    case NZ_TEST_PREFIX:
    case NZ_TEST_SUFFIX:
    case NZ_TEST_CONTAINS:
    case NZ_TEST_GLOB:
    case NZ_TEST_REGEX:
        return nz_match_text(m, test, leaf);
    case NZ_TEST_NUMBER:
    case NZ_TEST_COMPARE:
        return nz_match_number(m, test, leaf);
    case NZ_TEST_TIME:
        return nz_match_time(m, test, leaf);
    case NZ_TEST_CIDR:
        return nz_match_cidr(m, test, leaf);
    case NZ_TEST_FIELDREF:
    case NZ_TEST_NULL:
    case NZ_TEST_EXISTS:
        break; /* ask the field, not a leaf */
    }
    return false;
}

/* null: the field is absent, null, or an empty array; of several leaves one that is null is enough. */
static bool is_null(const struct nz_matcher *m, const struct nz_field_leaves *leaves)
{
    for (uint32_t i = 0; i < leaves->count; i++) {
        if (m->leaves[leaves->first + i].kind == NZ_JSON_NULL)
            return true;
    }
    return leaves->count == 0;
}

/* The member of the record that is the field, NZ_FIELD_NONE: it is no member. */
static enum nz_event_field member_of(const struct nz_matcher *m, uint32_t number)
{
    if (number == NZ_FIELD_KEYWORDS)
        return NZ_FIELD_NONE;
    const struct nz_field *field = &m->rs->fields[number];
    return field->slot_bytes == field->path.n ? field->slot : NZ_FIELD_NONE;
}

/* Of a field that is not there. */
static bool lacking_holds(const struct nz_test *test)
{
    return test->kind == NZ_TEST_NULL || (test->kind == NZ_TEST_EXISTS && !test->exists);
}

static bool test_holds(struct nz_matcher *m, const struct nz_test *test, uint32_t field)
{
    const struct nz_field_leaves *leaves = nz_match_leaves(m, field);
    if (test->kind == NZ_TEST_NULL)
        return is_null(m, leaves);
    if (test->kind == NZ_TEST_EXISTS)
        return leaves->exists == test->exists;
    if (test->kind == NZ_TEST_FIELDREF)
        return nz_match_fieldref(m, test, field);
    for (uint32_t i = 0; i < leaves->count; i++) {
        struct nz_leaf *leaf = &m->leaves[leaves->first + i];
        if (leaf->kind != NZ_JSON_NULL && leaf_satisfies(m, test, leaf))
            return true;
    }
    return false;
}

static bool value_holds(struct nz_matcher *m, const struct nz_value *value, uint32_t field)
{
    for (size_t i = 0; i < value->tests_count; i++) {
        if (test_holds(m, &value->tests[i], field))
            return true;
    }
    return false;
}

static bool item_holds(struct nz_matcher *m, const struct nz_item *item)
{
    bool holds = item->all;
    for (size_t i = 0; i < item->values_count && holds == item->all; i++)
        holds = value_holds(m, &item->values[i], item->field);
    return holds != item->negate;
}

enum nz_event_field nz_match_member(const struct nz_matcher *m, const struct nz_node *node, bool *lacking)
{
    const struct nz_item *item = node->kind == NZ_NODE_ITEM ? node->item : NULL;
    const enum nz_event_field member = item ? member_of(m, item->field) : NZ_FIELD_NONE;
    if (member == NZ_FIELD_NONE)
        return NZ_FIELD_NONE;
    bool holds = item->all;
    for (size_t i = 0; i < item->values_count; i++) {
        bool value = false;
        for (size_t k = 0; k < item->values[i].tests_count; k++) {
            if (item->values[i].tests[k].kind == NZ_TEST_FIELDREF)
                return NZ_FIELD_NONE; /* it asks another field too */
            value = value || lacking_holds(&item->values[i].tests[k]);
        }
        holds = item->all ? holds && value : holds || value;
    }
    *lacking = holds != item->negate;
    return member;
}

/* The depth of a condition is bounded when it is parsed. */
bool nz_match_node(struct nz_matcher *m, const struct nz_node *node) /* NOLINT(misc-no-recursion) */
{
    switch (node->kind) {
    case NZ_NODE_ITEM:
        return item_holds(m, node->item);
    case NZ_NODE_NOT:
        return !nz_match_node(m, node->kids[0]);
    case NZ_NODE_AND:
        for (size_t i = 0; i < node->kids_count; i++) {
            if (!nz_match_node(m, node->kids[i]))
                return false;
        }
        return true;
    case NZ_NODE_OR:
        for (size_t i = 0; i < node->kids_count; i++) {
            if (nz_match_node(m, node->kids[i]))
                return true;
        }
        return false;
    }
    return false;
}
