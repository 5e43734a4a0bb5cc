#include "sigma/boolean.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t nz_boolean_skip_space(const struct nz_boolean *b, size_t at)
{
    while (at < b->text.n && is_space(b->text.p[at]))
        at++;
    return at;
}

struct nz_str nz_boolean_word(const struct nz_boolean *b, size_t at)
{
    size_t end = at;
    while (end < b->text.n && !is_space(b->text.p[end]) && b->text.p[end] != '(' && b->text.p[end] != ')')
        end++;
    return nz_str_of(b->text.p + at, end - at);
}

static bool at_end(struct nz_boolean *b)
{
    b->at = nz_boolean_skip_space(b, b->at);
    return b->at >= b->text.n;
}

static bool take_word(struct nz_boolean *b, struct nz_str word)
{
    if (at_end(b) || !nz_str_eq_nocase(nz_boolean_word(b, b->at), word))
        return false;
    b->at += word.n;
    return true;
}

static enum nz_err wrong(struct nz_boolean *b, const char *text)
{
    return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, b->at, "%s", text);
}

static enum nz_err enter(struct nz_boolean *b)
{
    if (++b->depth > NZ_RULE_CONDITION_DEPTH_MAX)
        return nz_diag_offset(b->diag, NZ_E_RULE_LIMIT, b->at, "more than %u levels of parentheses and 'not'",
                              NZ_RULE_CONDITION_DEPTH_MAX);
    return NZ_OK;
}

static enum nz_err parse_or(struct nz_boolean *b, const void **out);

/* The recursion of these is bounded by enter(). */
static enum nz_err parse_parenthesis(struct nz_boolean *b, const void **out) /* NOLINT(misc-no-recursion) */
{
    size_t opening = b->at++;
    enum nz_err err = enter(b);
    if (!err)
        err = parse_or(b, out);
    if (err)
        return err;
    b->depth--;
    if (at_end(b)) {
        b->at = opening;
        return wrong(b, "'(' is not closed");
    }
    if (b->text.p[b->at] != ')')
        return wrong(b, "expected 'and', 'or' or ')'");
    b->at++;
    return NZ_OK;
}

static enum nz_err parse_not(struct nz_boolean *b, const void **out) /* NOLINT(misc-no-recursion) */
{
    if (take_word(b, NZ_STR("not"))) {
        const void *kid;
        enum nz_err err = enter(b);
        if (!err)
            err = parse_not(b, &kid);
        b->depth--;
        return err ? err : b->join(b->self, NZ_NODE_NOT, &kid, 1, out);
    }
    if (at_end(b))
        return wrong(b, "ends where something is expected");
    if (b->text.p[b->at] == '(')
        return parse_parenthesis(b, out);
    if (b->text.p[b->at] == ')')
        return wrong(b, "')' where something is expected");
    struct nz_str word = nz_boolean_word(b, b->at);
    if (nz_str_eq_nocase(word, NZ_STR("and")) || nz_str_eq_nocase(word, NZ_STR("or")))
        return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, b->at, "nothing before '%.*s'", NZ_WORD_ARG(word));
    return b->atom(b->self, b, out);
}

struct kids {
    const void **list;
    size_t count, room;
};

static enum nz_err kids_add(struct nz_boolean *b, struct kids *k, const void *kid)
{
    if (k->count == k->room) {
        size_t room = k->room ? k->room * 2 : 4;
        const void **list = NZ_ARENA_ARRAY(b->scratch, const void *, room);
        if (!list)
            return NZ_E_NOMEM;
        for (size_t i = 0; i < k->count; i++)
            list[i] = k->list[i];
        k->list = list;
        k->room = room;
    }
    k->list[k->count++] = kid;
    return NZ_OK;
}

/* One level: kids divided by a word. */
static enum nz_err parse_list(struct nz_boolean *b, enum nz_node_kind kind,
                              const void **out) /* NOLINT(misc-no-recursion) */
{
    struct nz_str word = kind == NZ_NODE_AND ? NZ_STR("and") : NZ_STR("or");
    struct kids kids = {0};
    do {
        const void *kid = NULL;
        enum nz_err err = kind == NZ_NODE_AND ? parse_not(b, &kid) : parse_list(b, NZ_NODE_AND, &kid);
        if (!err)
            err = kids_add(b, &kids, kid);
        if (err)
            return err;
    } while (take_word(b, word));
    *out = kids.list[0];
    return kids.count == 1 ? NZ_OK : b->join(b->self, kind, kids.list, kids.count, out);
}

static enum nz_err parse_or(struct nz_boolean *b, const void **out) /* NOLINT(misc-no-recursion) */
{
    return parse_list(b, NZ_NODE_OR, out);
}

enum nz_err nz_boolean_parse(struct nz_boolean *b, const void **out)
{
    b->at = 0;
    b->depth = 0;
    if (at_end(b))
        return wrong(b, "is empty");
    enum nz_err err = parse_or(b, out);
    if (err || at_end(b))
        return err;
    if (b->text.p[b->at] == ')')
        return wrong(b, "')' without '('");
    if (b->text.p[b->at] == '|' || nz_str_eq_nocase(nz_boolean_word(b, b->at), NZ_STR("near")))
        return nz_diag_offset(b->diag, NZ_E_RULE_OLD, b->at,
                              "aggregations in conditions ('|', 'near'): write a correlation");
    return wrong(b, "expected 'and' or 'or'");
}
