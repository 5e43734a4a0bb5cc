#include "sigma/lint.h"

#include "sigma/members.h"

#include <stdio.h>

#define SETS_MAX 512u       /* values of one field that are reckoned with; with more nothing is said */
#define SELECTIONS_MAX 128u /* of a rule, of which it is looked whether the condition asks for them */

struct lint {
    const struct nz_ruleset *rs;
    const struct nz_loaded *rule;
    nz_rule_problem_fn *report;
    void *self;
    size_t count;
    struct nz_arena scratch; /* of one rule */
    bool speak;              /* contradictions inside the node at hand are reported where they stand */
};

static void say(struct lint *l, enum nz_err code, uint32_t line, uint32_t column, const char *text, struct nz_str name)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_at(&diag, code, line, column, "'%.*s'%s", (int)(name.n < 128 ? name.n : 128), name.p, text);
    diag.file = l->rule->rule.path;
    l->count++;
    if (l->report)
        l->report(l->self, true, diag.file, &diag);
}

/* --- fields --- */

static const struct nz_field *field_of(const struct lint *l, const struct nz_item *item)
{
    return item->field == NZ_FIELD_KEYWORDS ? NULL : &l->rs->fields[item->field];
}

static void check_field(struct lint *l, uint32_t number, uint32_t line, uint32_t column)
{
    const struct nz_field *field = &l->rs->fields[number];
    if (nz_member_kind(field) != NZ_MEMBER_NONE)
        return;
    char text[160] = "";
    struct nz_str hint = nz_member_hint(field->path);
    const char *near = hint.p ? NULL : nz_member_near(field->path);
    if (hint.p)
        snprintf(text, sizeof text, "; case matters: '%.*s'", NZ_STR_ARG(hint));
    else if (near)
        snprintf(text, sizeof text, "; did you mean '%s'?", near);
    say(l, NZ_E_LINT_FIELD, line, column, text, field->path);
}

static void check_item(struct lint *l, const struct nz_item *item)
{
    if (item->field != NZ_FIELD_KEYWORDS)
        check_field(l, item->field, item->line, item->column);
    for (size_t i = 0; i < item->values_count; i++) {
        const struct nz_value *value = &item->values[i];
        if (value->tests_count == 1 && value->tests[0].kind == NZ_TEST_FIELDREF)
            check_field(l, value->tests[0].field, value->line, value->column);
    }
}

/* Depth is bounded when the rule is parsed. */
static void check_items(struct lint *l, const struct nz_node *node) /* NOLINT(misc-no-recursion) */
{
    if (node->kind == NZ_NODE_ITEM)
        check_item(l, node->item);
    for (size_t i = 0; i < node->kids_count; i++)
        check_items(l, node->kids[i]);
}

/* --- what can be true ---
 *
 * For one field at a time: the texts that it may have where a node is true. Items give their values, AND the
 * intersection, OR the union; NOT tells nothing. A node with an empty set is never true. */

struct texts {
    bool known;
    const struct nz_str *list;
    size_t count;
};

static bool contains(struct texts set, struct nz_str text)
{
    for (size_t i = 0; i < set.count; i++) {
        if (nz_str_eq_nocase(set.list[i], text))
            return true;
    }
    return false;
}

static enum nz_err combine(struct lint *l, struct texts a, struct texts b, bool both, struct texts *out)
{
    struct nz_str *list = NZ_ARENA_ARRAY(&l->scratch, struct nz_str, a.count + b.count);
    size_t n = 0;
    if (!list)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < a.count; i++) {
        if (!both || contains(b, a.list[i]))
            list[n++] = a.list[i];
    }
    for (size_t i = 0; !both && i < b.count; i++)
        list[n++] = b.list[i];
    *out = (struct texts){n <= SETS_MAX, list, n};
    return NZ_OK;
}

static enum nz_err value_texts(struct lint *l, const struct nz_value *value, struct texts *out)
{
    struct nz_str *list = NZ_ARENA_ARRAY(&l->scratch, struct nz_str, value->tests_count);
    *out = (struct texts){0};
    if (!list)
        return NZ_E_NOMEM;
    if (value->tests_count > SETS_MAX)
        return NZ_OK;
    for (size_t i = 0; i < value->tests_count; i++) {
        if (value->tests[i].kind != NZ_TEST_EXACT)
            return NZ_OK;
        list[i] = value->tests[i].text;
    }
    *out = (struct texts){true, list, value->tests_count};
    return NZ_OK;
}

static enum nz_err item_texts(struct lint *l, const struct nz_item *item, struct texts *out)
{
    enum nz_err err = NZ_OK;
    *out = (struct texts){.known = !item->all};
    for (size_t i = 0; !err && i < item->values_count; i++) {
        struct texts value;
        err = value_texts(l, &item->values[i], &value);
        if (!err && !value.known) {
            *out = (struct texts){0};
            return NZ_OK;
        }
        if (!err && i == 0)
            *out = value;
        else if (!err && out->known)
            err = combine(l, *out, value, item->all, out);
    }
    return err;
}

static bool reads(const struct lint *l, const struct nz_item *item, uint32_t field)
{
    return item->field == field && !item->negate && nz_member_kind(&l->rs->fields[field]) == NZ_MEMBER_LEAF;
}

static enum nz_err node_texts(struct lint *l, const struct nz_node *node, uint32_t field, struct texts *out);

static enum nz_err and_texts(struct lint *l, const struct nz_node *node, uint32_t field,
                             struct texts *out) /* NOLINT(misc-no-recursion) */
{
    for (size_t i = 0; i < node->kids_count; i++) {
        struct texts kid;
        enum nz_err err = node_texts(l, node->kids[i], field, &kid);
        if (err)
            return err;
        if (!kid.known)
            continue;
        bool could = out->known && out->count && kid.count;
        err = out->known ? combine(l, *out, kid, true, out) : NZ_OK;
        if (err)
            return err;
        if (!could && !out->known)
            *out = kid;
        if (could && out->count == 0 && l->speak)
            say(l, NZ_E_LINT_NEVER, node->kids[i]->line, node->kids[i]->column,
                " cannot be what is asked for here and what is asked for before", l->rs->fields[field].path);
    }
    return NZ_OK;
}

static enum nz_err or_texts(struct lint *l, const struct nz_node *node, uint32_t field,
                            struct texts *out) /* NOLINT(misc-no-recursion) */
{
    out->known = true;
    for (size_t i = 0; i < node->kids_count; i++) {
        struct texts kid;
        enum nz_err err = node_texts(l, node->kids[i], field, &kid);
        if (!err && kid.known && out->known)
            err = combine(l, *out, kid, false, out);
        if (err)
            return err;
        out->known &= kid.known;
    }
    return NZ_OK;
}

static enum nz_err node_texts(struct lint *l, const struct nz_node *node, uint32_t field,
                              struct texts *out) /* NOLINT(misc-no-recursion) */
{
    *out = (struct texts){0};
    switch (node->kind) {
    case NZ_NODE_ITEM:
        return reads(l, node->item, field) ? item_texts(l, node->item, out) : NZ_OK;
    case NZ_NODE_AND:
        return and_texts(l, node, field, out);
    case NZ_NODE_OR:
        return or_texts(l, node, field, out);
    case NZ_NODE_NOT:
        break;
    }
    return NZ_OK;
}

/* --- items that are never true by themselves --- */

/* A positive question to a field that no record has. null, `exists: false` and neq are answered by its absence. */
static bool asks_for_nothing(const struct lint *l, const struct nz_item *item)
{
    const struct nz_field *field = field_of(l, item);
    if (item->negate || !field || nz_member_kind(field) != NZ_MEMBER_NONE)
        return false;
    for (size_t i = 0; i < item->values_count; i++) {
        const struct nz_test *test = &item->values[i].tests[0];
        if (test->kind == NZ_TEST_NULL || (test->kind == NZ_TEST_EXISTS && !test->exists))
            return false;
    }
    return true;
}

static enum nz_err item_never(struct lint *l, const struct nz_item *item, bool *never)
{
    const struct nz_field *field = field_of(l, item);
    struct texts texts = {0};
    *never = !item->negate && item->values_count == 0;
    if (*never && l->speak)
        say(l, NZ_E_LINT_NEVER, item->line, item->column, ": the list of values is empty",
            field ? field->path : NZ_STR(""));
    if (*never || !field)
        return NZ_OK;
    *never = asks_for_nothing(l, item);
    if (*never || !item->all || !reads(l, item, item->field))
        return NZ_OK;
    enum nz_err err = item_texts(l, item, &texts);
    *never = !err && texts.known && texts.count == 0;
    if (*never && l->speak)
        say(l, NZ_E_LINT_NEVER, item->line, item->column, " has one value and cannot be all of these", field->path);
    return err;
}

static enum nz_err node_never(struct lint *l, const struct nz_node *node, bool *never) /* NOLINT(misc-no-recursion) */
{
    bool any = false, all = true;
    if (node->kind == NZ_NODE_ITEM)
        return item_never(l, node->item, never);
    for (size_t i = 0; i < node->kids_count; i++) {
        bool kid;
        enum nz_err err = node_never(l, node->kids[i], &kid);
        if (err)
            return err;
        any |= kid;
        all &= kid;
    }
    *never = node->kind == NZ_NODE_AND ? any : node->kind == NZ_NODE_OR && all;
    return NZ_OK;
}

/* --- selections that the condition leaves out --- */

/* A condition is made of the selections' own nodes. */
static bool asks_for(const struct nz_node *node, const struct nz_node *wanted) /* NOLINT(misc-no-recursion) */
{
    if (node == wanted)
        return true;
    for (size_t i = 0; i < node->kids_count; i++) {
        if (asks_for(node->kids[i], wanted))
            return true;
    }
    return false;
}

static void check_asked(struct lint *l)
{
    const struct nz_selections *selections = &l->rule->selections;
    for (size_t i = 0; i < selections->count && selections->count <= SELECTIONS_MAX; i++) {
        const struct nz_selection *selection = &selections->list[i];
        if (!asks_for(l->rule->root, selection->node))
            say(l, NZ_E_LINT_UNUSED, selection->line, selection->column, "", selection->name);
    }
}

/* --- one rule --- */

/* Each field that the rule asks for exact texts of is looked at once. */
static void collect_fields(const struct lint *l, const struct nz_node *node, bool *seen) /* NOLINT(misc-no-recursion) */
{
    if (node->kind == NZ_NODE_ITEM && node->item->field != NZ_FIELD_KEYWORDS && reads(l, node->item, node->item->field))
        seen[node->item->field] = true;
    for (size_t i = 0; i < node->kids_count; i++)
        collect_fields(l, node->kids[i], seen);
}

static enum nz_err can_never_be(struct lint *l, const struct nz_node *node, bool *never)
{
    bool *seen = NZ_ARENA_ARRAY(&l->scratch, bool, l->rs->fields_count);
    if (!seen)
        return NZ_E_NOMEM;
    collect_fields(l, node, seen);
    enum nz_err err = node_never(l, node, never);
    for (size_t i = 0; !err && i < l->rs->fields_count; i++) {
        struct texts texts;
        if (!seen[i])
            continue;
        err = node_texts(l, node, (uint32_t)i, &texts);
        *never |= !err && texts.known && texts.count == 0;
    }
    return err;
}

static enum nz_err lint_rule(struct lint *l)
{
    bool never = false;
    enum nz_err err = NZ_OK;
    l->speak = true;
    for (size_t i = 0; !err && i < l->rule->selections.count; i++) {
        const struct nz_node *node = l->rule->selections.list[i].node;
        check_items(l, node);
        err = can_never_be(l, node, &never);
    }
    l->speak = false;
    if (!err)
        check_asked(l);
    if (!err)
        err = can_never_be(l, l->rule->root, &never);
    if (!err && never)
        say(l, NZ_E_LINT_NEVER, l->rule->rule.line, l->rule->column, ": the whole condition", l->rule->rule.title);
    return err;
}

enum nz_err nz_ruleset_lint(const struct nz_ruleset *rs, nz_rule_problem_fn *report, void *self, size_t *count)
{
    struct lint l = {.rs = rs, .report = report, .self = self};
    enum nz_err err = NZ_OK;
    nz_arena_init(&l.scratch, 0);
    for (size_t i = 0; !err && i < rs->loaded_count; i++) {
        l.rule = rs->loaded[i];
        if (!l.rule->root || !nz_logsource_is_cloudtrail(&l.rule->logsource))
            continue;
        nz_arena_reset(&l.scratch);
        err = lint_rule(&l);
    }
    nz_arena_release(&l.scratch);
    *count = l.count;
    return err;
}
