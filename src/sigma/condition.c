/* The condition of a rule or filter over its selections. Source: Sigma specification 2.1.0, "condition"; `any of` and a
 * list of conditions (alternatives) as pySigma has them.
 *
 *   atom := ("1" | "all" | "any") "of" ("them" | PATTERN) | SELECTION */
#include "sigma/boolean.h"

struct condition {
    struct nz_rule_parser *p;
    const struct nz_selections *selections;
    size_t links; /* between nodes: bounds what `1 of` written many times can make */
};

static bool is_name_char(char c)
{
    unsigned char lower = nz_ascii_lower((unsigned char)c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*';
}

/* The name at `at`; empty when another character stands there. */
static struct nz_str name_at(const struct nz_boolean *b, size_t at)
{
    size_t end = at;
    while (end < b->text.n && is_name_char(b->text.p[end]))
        end++;
    return nz_str_of(b->text.p + at, end - at);
}

/* `*` is any run. Greedy with one place to go back to: linear for names of selections. */
static bool name_fits(struct nz_str name, struct nz_str pattern)
{
    size_t n = 0, p = 0, star = SIZE_MAX, star_n = 0;
    while (n < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            star_n = n;
        } else if (p < pattern.n && pattern.p[p] == name.p[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++star_n;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* specification: `them` and patterns pass over selections whose name begins with an underscore */
static bool is_meant(struct nz_str name, struct nz_str pattern)
{
    bool hidden = name.p[0] == '_';
    if (nz_str_eq_nocase(pattern, NZ_STR("them")))
        return !hidden;
    return (!hidden || pattern.p[0] == '_') && name_fits(name, pattern);
}

static enum nz_err links_add(struct condition *c, struct nz_boolean *b, size_t count)
{
    c->links += count;
    if (c->links > NZ_RULE_NODES_MAX)
        return nz_diag_offset(b->diag, NZ_E_RULE_LIMIT, b->at, "condition stands for more than %u parts",
                              NZ_RULE_NODES_MAX);
    return NZ_OK;
}

static enum nz_err quantified(struct condition *c, struct nz_boolean *b, enum nz_node_kind kind, size_t at,
                              const void **out)
{
    struct nz_str pattern = name_at(b, at);
    if (pattern.n == 0)
        return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, at, "expected 'them' or a selection's name after 'of'");
    const struct nz_node **kids = NZ_ARENA_ARRAY(b->scratch, const struct nz_node *, c->selections->count);
    size_t count = 0;
    if (!kids)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < c->selections->count; i++) {
        if (c->selections->list[i].name.n && is_meant(c->selections->list[i].name, pattern))
            kids[count++] = c->selections->list[i].node;
    }
    if (count == 0)
        return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, at, "no selection fits '%.*s'", NZ_WORD_ARG(pattern));
    b->at = at + pattern.n;
    enum nz_err err = links_add(c, b, count);
    if (err)
        return err;
    *out = nz_node_group(c->p->keep, kind, kids, count);
    return *out ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err selection(struct condition *c, struct nz_boolean *b, struct nz_str name, const void **out)
{
    for (size_t i = 0; i < c->selections->count; i++) {
        if (nz_str_eq(c->selections->list[i].name, name)) {
            *out = c->selections->list[i].node;
            b->at += name.n;
            return links_add(c, b, 1);
        }
    }
    if (memchr(name.p, '*', name.n))
        return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, b->at, "'%.*s' needs '1 of' or 'all of' before it",
                              NZ_WORD_ARG(name));
    return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, b->at, "no selection is named '%.*s'", NZ_WORD_ARG(name));
}

static enum nz_err atom(void *self, struct nz_boolean *b, const void **out)
{
    struct condition *c = self;
    struct nz_str name = name_at(b, b->at);
    if (b->text.p[b->at] == '|')
        return nz_diag_offset(b->diag, NZ_E_RULE_OLD, b->at, "aggregations after '|': write a correlation");
    if (name.n == 0) {
        struct nz_str word = nz_boolean_word(b, b->at);
        return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, b->at, "expected a selection, found '%.*s'",
                              NZ_WORD_ARG(word));
    }
    size_t next = nz_boolean_skip_space(b, b->at + name.n);
    struct nz_str of = name_at(b, next);
    if (next == b->at + name.n || !nz_str_eq_nocase(of, NZ_STR("of")))
        return selection(c, b, name, out);
    next = nz_boolean_skip_space(b, next + of.n);
    if (nz_str_eq_nocase(name, NZ_STR("all")))
        return quantified(c, b, NZ_NODE_AND, next, out);
    if (nz_str_eq(name, NZ_STR("1")) || nz_str_eq_nocase(name, NZ_STR("any")))
        return quantified(c, b, NZ_NODE_OR, next, out);
    return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, b->at, "only '1', 'any' or 'all' stand before 'of'");
}

static enum nz_err join(void *self, enum nz_node_kind kind, const void *const *kids, size_t count, const void **out)
{
    struct condition *c = self;
    *out = nz_node_group(c->p->keep, kind, (const struct nz_node *const *)kids, count);
    return *out ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err parse_one(struct condition *c, const struct nz_yaml *node, const struct nz_node **out)
{
    struct nz_rule_parser *p = c->p;
    const void *made = NULL;
    if (node->kind != NZ_YAML_SCALAR || nz_yaml_is_null(node))
        return nz_rule_error(p, node, NZ_E_RULE_SYNTAX, "'condition' must be a text or a list of texts");
    if (node->text.n > NZ_RULE_CONDITION_BYTES_MAX)
        return nz_rule_error(p, node, NZ_E_RULE_LIMIT, "condition is longer than %u bytes",
                             NZ_RULE_CONDITION_BYTES_MAX);
    struct nz_boolean b = {
        .text = node->text, .atom = atom, .join = join, .self = c, .scratch = p->scratch, .diag = p->diag};
    enum nz_err err = nz_boolean_parse(&b, &made);
    *out = made;
    return err ? nz_rule_error_placed(p, node, err) : NZ_OK;
}

enum nz_err nz_condition_parse(struct nz_rule_parser *p, const struct nz_yaml *condition,
                               const struct nz_selections *selections, const struct nz_node **out)
{
    struct condition c = {.p = p, .selections = selections};
    if (condition->kind != NZ_YAML_SEQUENCE)
        return parse_one(&c, condition, out);
    if (condition->count == 0)
        return nz_rule_error(p, condition, NZ_E_RULE_CONDITION, "is empty");
    const struct nz_node **kids = NZ_ARENA_ARRAY(p->scratch, const struct nz_node *, condition->count);
    if (!kids)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < condition->count; i++) {
        enum nz_err err = parse_one(&c, &condition->items[i], &kids[i]);
        if (err)
            return err;
    }
    *out = nz_node_group(p->keep, NZ_NODE_OR, kids, condition->count);
    return *out ? NZ_OK : NZ_E_NOMEM;
}
