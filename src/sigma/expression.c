/* A condition written on a command line:
 *
 *   eventName=CreateUser and not (userIdentity.type=Root or sourceIPAddress|cidr=10.0.0.0/8)
 *
 * An atom is one line of a selection, FIELD[|MODIFIER…]=VALUE, or a keyword. A value without quotes means what it would
 * mean in a rule (true, 12, null); within '…' or "…" it is a text, and may hold spaces and parentheses. */
#include "sigma/boolean.h"

#include "sigma/set.h"

static bool is_end(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')';
}

static void place(struct nz_str text, size_t offset, uint32_t *line, uint32_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < offset && i < text.n; i++) {
        bool line_end = text.p[i] == '\n', inside = ((unsigned char)text.p[i] & 0xc0) == 0x80;
        *line += line_end;
        *column = line_end ? 1 : *column + !inside;
    }
}

static enum nz_err scalar(struct nz_rule_parser *p, struct nz_boolean *b, size_t from, size_t to, bool quoted,
                          struct nz_yaml *out)
{
    *out = (struct nz_yaml){.kind = NZ_YAML_SCALAR, .quoted = quoted};
    place(b->text, from - quoted, &out->line, &out->column);
    out->text = nz_arena_str(p->scratch, nz_str_of(b->text.p + from, to - from));
    return out->text.p ? NZ_OK : NZ_E_NOMEM;
}

/* A value at `at`, quoted or not; moves b->at behind it. */
static enum nz_err read_value(struct nz_rule_parser *p, struct nz_boolean *b, struct nz_yaml *out)
{
    size_t from = b->at;
    char quote = from < b->text.n ? b->text.p[from] : ' ';
    if (quote == '"' || quote == '\'') {
        const char *end = memchr(b->text.p + from + 1, quote, b->text.n - from - 1);
        if (!end)
            return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, from, "the quote is not closed");
        size_t to = (size_t)(end - b->text.p);
        b->at = to + 1;
        if (b->at < b->text.n && !is_end(b->text.p[b->at]))
            return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, b->at, "expected a space after the quote");
        return scalar(p, b, from + 1, to, true, out);
    }
    while (b->at < b->text.n && !is_end(b->text.p[b->at]))
        b->at++;
    if (b->at == from)
        return nz_diag_offset(b->diag, NZ_E_RULE_CONDITION, from, "value is missing: write '' for an empty one");
    return scalar(p, b, from, b->at, false, out);
}

/* Length of `FIELD|MODIFIER` when an '=' follows it, else 0. */
static size_t key_bytes(const struct nz_boolean *b)
{
    size_t at = b->at;
    while (at < b->text.n && !is_end(b->text.p[at]) && b->text.p[at] != '=')
        at++;
    return at < b->text.n && b->text.p[at] == '=' ? at - b->at : 0;
}

static enum nz_err read_atom(struct nz_rule_parser *p, struct nz_boolean *b, const struct nz_node **out)
{
    struct nz_yaml key, value;
    char first = b->text.p[b->at];
    size_t n = first == '"' || first == '\'' ? 0 : key_bytes(b);
    enum nz_err err = scalar(p, b, b->at, b->at + n, false, &key);
    if (n)
        b->at += n + 1;
    if (!err)
        err = read_value(p, b, &value);
    return err ? err : nz_item_parse(p, &key, &value, out);
}

static enum nz_err atom(void *self, struct nz_boolean *b, const void **out)
{
    const struct nz_node *node = NULL;
    enum nz_err err = read_atom(self, b, &node);
    *out = node;
    return err;
}

static enum nz_err join(void *self, enum nz_node_kind kind, const void *const *kids, size_t count, const void **out)
{
    struct nz_rule_parser *p = self;
    *out = nz_node_group(p->keep, kind, (const struct nz_node *const *)kids, count);
    return *out ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err parse(struct nz_rule_parser *p, struct nz_str text, const struct nz_node **out)
{
    const void *made = NULL;
    struct nz_diag *diag = p->diag;
    if (text.n > NZ_RULE_CONDITION_BYTES_MAX)
        return nz_diag_set(diag, NZ_E_RULE_LIMIT, "expression is longer than %u bytes", NZ_RULE_CONDITION_BYTES_MAX);
    struct nz_boolean b = {.text = text, .atom = atom, .join = join, .self = p, .scratch = p->scratch, .diag = diag};
    enum nz_err err = nz_boolean_parse(&b, &made);
    *out = made;
    if (err && diag && diag->offset != UINT64_MAX) {
        place(text, (size_t)diag->offset, &diag->line, &diag->column);
        diag->offset = UINT64_MAX;
    }
    return err;
}

static enum nz_err add_rule(struct nz_ruleset *rs, const struct nz_node *root)
{
    struct nz_loaded *rule = NZ_ARENA_NEW(&rs->keep, struct nz_loaded);
    if (!rule)
        return NZ_E_NOMEM;
    rule->root = root;
    rule->rule.key = rule->rule.title = rule->rule.path = NZ_STR("expression");
    rule->rule.line = rule->column = 1;
    return nz_set_add_rule(rs, rule);
}

enum nz_err nz_ruleset_from_expression(struct nz_str expression, struct nz_ruleset **out, struct nz_diag *diag)
{
    struct nz_ruleset_opts opts = {0};
    struct nz_arena scratch;
    const struct nz_node *root = NULL;
    *out = NULL;
    struct nz_ruleset *rs;
    enum nz_err err = nz_ruleset_new(&opts, NULL, NULL, &rs);
    if (err)
        return err;
    nz_arena_init(&scratch, 0);
    struct nz_str path = NZ_STR("expression");
    struct nz_rule_parser p = {
        .rs = rs, .keep = &rs->keep, .scratch = &scratch, .path = path, .source = expression, .diag = diag};
    err = parse(&p, expression, &root);
    nz_arena_release(&scratch);
    if (!err)
        err = add_rule(rs, root);
    if (!err)
        err = nz_ruleset_compile(rs);
    if (err)
        nz_ruleset_free(rs);
    else
        *out = rs;
    return err;
}
