#include "policy/compile.h"

#include "policy/json_keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Lines and characters before `at`, from 1. */
static void place_of(struct nz_str text, const char *at, uint32_t *line, uint32_t *column)
{
    *line = *column = 1;
    for (const char *p = text.p; p < at && p < text.p + text.n; p++) {
        if (*p == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)*p & 0xc0u) != 0x80) { /* not inside a character */
            ++*column;
        }
    }
}

enum nz_err nz_compile_fail(struct nz_compile *c, enum nz_err code, const char *at, const char *format, ...)
{
    char particulars[sizeof c->diag->text];
    uint32_t line, column;
    va_list args;
    va_start(args, format);
    vsnprintf(particulars, sizeof particulars, format, args);
    va_end(args);
    place_of(c->text, at, &line, &column);
    return nz_diag_at(c->diag, code, line, column, "%s", particulars);
}

const char *nz_compile_place(struct nz_json v)
{
    return v.bytes + v.tokens[v.at];
}

size_t nz_items_count(struct nz_json v)
{
    size_t count = 0;
    if (nz_json_kind(v) != NZ_JSON_ARRAY)
        return 1;
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);)
        count++;
    return count;
}

struct nz_items nz_items_of(struct nz_json v)
{
    if (nz_json_kind(v) == NZ_JSON_ARRAY)
        return (struct nz_items){.it = nz_json_iter(v)};
    return (struct nz_items){.single = v, .it = {.done = true}};
}

bool nz_items_next(struct nz_items *items, struct nz_json *out)
{
    if (!nz_json_is_absent(items->single)) {
        *out = items->single;
        items->single = (struct nz_json){0};
        return true;
    }
    if (items->it.done || !nz_json_next(&items->it))
        return false;
    *out = items->it.value;
    return true;
}

static bool is_scalar(enum nz_json_kind kind)
{
    return kind == NZ_JSON_STRING || kind == NZ_JSON_NUMBER || kind == NZ_JSON_TRUE || kind == NZ_JSON_FALSE;
}

enum nz_err nz_compile_text(struct nz_compile *c, struct nz_json v, bool scalars, const char *what, struct nz_str *out)
{
    enum nz_json_kind kind = nz_json_kind(v);
    if (kind != NZ_JSON_STRING && !(scalars && is_scalar(kind)))
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(v), "%s is no text", what);
    nz_buf_clear(&c->scratch);
    *out = nz_json_text(v, &c->scratch);
    if (c->scratch.failed)
        return NZ_E_NOMEM;
    if (out->n > NZ_POLICY_TEXT_BYTES_MAX)
        return nz_compile_fail(c, NZ_E_POLICY_LIMIT, nz_compile_place(v), "%s is longer than %u bytes", what,
                               NZ_POLICY_TEXT_BYTES_MAX);
    return NZ_OK;
}

/* Every object of the document. The depth is that of the JSON reader. */
static enum nz_err check_keys(struct nz_compile *c, struct nz_json v, unsigned depth)
{
    struct nz_str twice;
    enum nz_json_kind kind = nz_json_kind(v);
    if (depth > NZ_JSON_DEPTH_MAX || (kind != NZ_JSON_OBJECT && kind != NZ_JSON_ARRAY))
        return NZ_OK;
    if (kind == NZ_JSON_OBJECT) {
        enum nz_err err = nz_json_keys_check(v, false, &c->policy->arena, &twice);
        if (err != NZ_OK)
            return err;
        if (twice.p)
            return nz_compile_fail(c, NZ_E_POLICY_DUPLICATE, twice.p - 1, "%.*s", NZ_STR_ARG(nz_str_head(twice, 100)));
    }
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);) {
        enum nz_err err = check_keys(c, it.value, depth + 1);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}

/* --- statements --- */

enum element {
    EL_SID,
    EL_EFFECT,
    EL_PRINCIPAL,
    EL_NOT_PRINCIPAL,
    EL_ACTION,
    EL_NOT_ACTION,
    EL_RESOURCE,
    EL_NOT_RESOURCE,
    EL_CONDITION,
    EL_COUNT,
};
static const struct nz_str element_names[EL_COUNT] = {
    {"Sid", 3},       {"Effect", 6},   {"Principal", 9},    {"NotPrincipal", 12}, {"Action", 6},
    {"NotAction", 9}, {"Resource", 8}, {"NotResource", 11}, {"Condition", 9},
};

/* Places of names among `names`; an unknown one is an error. */
static enum nz_err read_members(struct nz_compile *c, struct nz_json object, const struct nz_str *names, size_t count,
                                const char *what, struct nz_json *out)
{
    if (nz_json_kind(object) != NZ_JSON_OBJECT)
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(object), "%s is no object", what);
    for (struct nz_json_iter it = nz_json_iter(object); nz_json_next(&it);) {
        size_t i = 0;
        while (i < count && !nz_json_key_is(it.key, names[i]))
            i++;
        if (i == count)
            return nz_compile_fail(c, NZ_E_POLICY_ELEMENT, it.key.p - 1, "%.*s", NZ_STR_ARG(nz_str_head(it.key, 100)));
        out[i] = it.value;
    }
    return NZ_OK;
}

/* "exactly one of": the one that is there. */
static enum nz_err choose(struct nz_compile *c, struct nz_json object, const struct nz_json *el, enum element plain,
                          bool required, struct nz_json *out, bool *negated)
{
    const struct nz_json *other = &el[plain + 1];
    const char *name = element_names[plain].p;
    if (!nz_json_is_absent(el[plain]) && !nz_json_is_absent(*other))
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(*other), "%s beside Not%s", name, name);
    *negated = !nz_json_is_absent(*other);
    *out = *negated ? *other : el[plain];
    if (required && nz_json_is_absent(*out))
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(object), "a statement without %s", name);
    return NZ_OK;
}

static bool names_principals(enum nz_policy_kind kind)
{
    return kind == NZ_POLICY_RESOURCE || kind == NZ_POLICY_TRUST || kind == NZ_POLICY_RCP || kind == NZ_POLICY_ENDPOINT;
}

static enum nz_err read_principal(struct nz_compile *c, struct nz_json object, const struct nz_json *el,
                                  struct nz_statement *st)
{
    struct nz_json v = {0};
    bool negated = false;
    enum nz_err err = choose(c, object, el, EL_PRINCIPAL, false, &v, &negated);
    if (err != NZ_OK || nz_json_is_absent(v) || !names_principals(c->policy->kind))
        return err; /* an identity policy's principal is the one it is attached to */
    st->named = negated ? NZ_NAMED_OTHERS : NZ_NAMED_THESE;
    return nz_compile_principals(c, v, st);
}

static enum nz_err read_resource(struct nz_compile *c, struct nz_json object, const struct nz_json *el,
                                 struct nz_statement *st)
{
    static const struct nz_arn everything = {.kind = NZ_ARN_ANY, .whole = {.shape = NZ_PATTERN_ANY}};
    struct nz_json v = {0};
    /* a trust policy has no Resource, a key policy's is the key: there one may go without */
    bool required = c->policy->kind != NZ_POLICY_RESOURCE && c->policy->kind != NZ_POLICY_TRUST;
    enum nz_err err = choose(c, object, el, EL_RESOURCE, required, &v, &st->not_resource);
    if (err != NZ_OK)
        return err;
    if (!nz_json_is_absent(v))
        return nz_compile_resources(c, v, st);
    st->resources = &everything;
    st->resources_count = 1;
    return NZ_OK;
}

static enum nz_err read_effect(struct nz_compile *c, struct nz_json object, struct nz_json v, struct nz_statement *st)
{
    struct nz_str text = {0};
    if (nz_json_is_absent(v))
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(object), "a statement without Effect");
    enum nz_err err = nz_compile_text(c, v, false, "Effect", &text);
    if (err != NZ_OK)
        return err;
    st->allow = nz_str_eq(text, NZ_STR("Allow"));
    if (!st->allow && !nz_str_eq(text, NZ_STR("Deny")))
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(v), "Effect is neither Allow nor Deny");
    return NZ_OK;
}

static enum nz_err read_sid(struct nz_compile *c, struct nz_json v, struct nz_statement *st)
{
    struct nz_str text = {0};
    if (nz_json_is_absent(v))
        return NZ_OK;
    enum nz_err err = nz_compile_text(c, v, false, "Sid", &text);
    if (err != NZ_OK)
        return err;
    st->sid = nz_arena_str(&c->policy->arena, text);
    return st->sid.p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err read_statement(struct nz_compile *c, struct nz_json object, struct nz_statement *st)
{
    struct nz_json el[EL_COUNT] = {0}, actions = {0};
    enum nz_err err = read_members(c, object, element_names, EL_COUNT, "a statement", el);
    if (err == NZ_OK)
        err = read_effect(c, object, el[EL_EFFECT], st);
    if (err == NZ_OK)
        err = read_sid(c, el[EL_SID], st);
    if (err == NZ_OK)
        err = choose(c, object, el, EL_ACTION, true, &actions, &st->not_action);
    if (err == NZ_OK)
        err = nz_compile_actions(c, actions, st);
    if (err == NZ_OK)
        err = read_resource(c, object, el, st);
    if (err == NZ_OK)
        err = read_principal(c, object, el, st);
    if (err == NZ_OK && !nz_json_is_absent(el[EL_CONDITION]))
        err = nz_compile_conditions(c, el[EL_CONDITION], st);
    return err;
}

static enum nz_err read_statements(struct nz_compile *c, struct nz_json v)
{
    size_t count = nz_items_count(v);
    if (count > NZ_POLICY_STATEMENTS_MAX)
        return nz_compile_fail(c, NZ_E_POLICY_LIMIT, nz_compile_place(v), "%zu statements, at most %u", count,
                               NZ_POLICY_STATEMENTS_MAX);
    struct nz_statement *all = NZ_ARENA_ARRAY(&c->policy->arena, struct nz_statement, count ? count : 1);
    if (!all)
        return NZ_E_NOMEM;
    struct nz_json item;
    size_t at = 0;
    for (struct nz_items items = nz_items_of(v); nz_items_next(&items, &item); at++) {
        enum nz_err err = read_statement(c, item, &all[at]);
        if (err != NZ_OK)
            return err;
    }
    c->policy->statements = all;
    c->policy->count = (uint32_t)count;
    return NZ_OK;
}

/* --- the document --- */

/* "If you do not include a Version element, the value defaults to 2008-10-17", and then there are no variables. */
static enum nz_err read_version(struct nz_compile *c, struct nz_json v)
{
    struct nz_str text = {0};
    if (nz_json_is_absent(v))
        return NZ_OK;
    enum nz_err err = nz_compile_text(c, v, false, "Version", &text);
    if (err != NZ_OK)
        return err;
    c->policy->variables = nz_str_eq(text, NZ_STR("2012-10-17"));
    if (!c->policy->variables && !nz_str_eq(text, NZ_STR("2008-10-17")))
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(v),
                               "Version is neither 2012-10-17 nor 2008-10-17");
    return NZ_OK;
}

static enum nz_err read_document(struct nz_compile *c, struct nz_json root)
{
    enum { VERSION, ID, STATEMENT, COUNT };
    static const struct nz_str names[COUNT] = {{"Version", 7}, {"Id", 2}, {"Statement", 9}};
    struct nz_json member[COUNT] = {0};
    struct nz_str id;
    enum nz_err err = check_keys(c, root, 0);
    if (err == NZ_OK)
        err = read_members(c, root, names, COUNT, "a policy", member);
    if (err == NZ_OK)
        err = read_version(c, member[VERSION]);
    if (err == NZ_OK && !nz_json_is_absent(member[ID]))
        err = nz_compile_text(c, member[ID], false, "Id", &id);
    if (err == NZ_OK && nz_json_is_absent(member[STATEMENT]))
        err = nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(root), "a policy without Statement");
    return err == NZ_OK ? read_statements(c, member[STATEMENT]) : err;
}

static int hex_digit(char ch)
{
    return ch >= '0' && ch <= '9'   ? ch - '0'
           : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
           : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
                                    : -1;
}

/* JSON of an object that says anything holds a quotation mark; percent-encoded text never does. */
static bool is_percent_encoded(struct nz_str text)
{
    return text.n && memchr(text.p, '%', text.n) && !memchr(text.p, '"', text.n);
}

static enum nz_err percent_decode(struct nz_compile *c, struct nz_str text, struct nz_buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '%') {
            nz_buf_append_char(out, text.p[i]);
            continue;
        }
        int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1, low = high < 0 ? -1 : hex_digit(text.p[i + 2]);
        if (low < 0)
            return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, text.p + i, "wrong percent-encoding");
        nz_buf_append_char(out, (char)(high << 4 | low));
        i += 2;
    }
    return nz_buf_status(out);
}

static enum nz_err parse(struct nz_compile *c)
{
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_diag json = NZ_DIAG_INIT;
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, c->text, &root, &json);
    if (err == NZ_OK)
        err = read_document(c, root);
    else if (err != NZ_E_NOMEM)
        err = nz_compile_fail(c, err, c->text.p + (json.offset < c->text.n ? json.offset : c->text.n), "%s", json.text);
    nz_json_doc_release(&doc);
    return err;
}

static enum nz_err compile(struct nz_compile *c, struct nz_str text, struct nz_buf *decoded)
{
    c->text = text;
    if (text.n > NZ_POLICY_BYTES_MAX)
        return nz_compile_fail(c, NZ_E_POLICY_LIMIT, text.p, "%zu bytes, at most %u", text.n, NZ_POLICY_BYTES_MAX);
    if (is_percent_encoded(text)) {
        enum nz_err err = percent_decode(c, text, decoded);
        if (err != NZ_OK)
            return err;
        c->text = nz_buf_view(decoded);
    }
    if (nz_str_starts_with(c->text, NZ_STR("\xef\xbb\xbf"))) /* a byte order mark says nothing in UTF-8 */
        c->text = nz_str_skip(c->text, 3);
    return parse(c);
}

enum nz_err nz_policy_compile(struct nz_str text, enum nz_policy_kind kind, struct nz_policy **out,
                              struct nz_diag *diag)
{
    struct nz_diag ignored = NZ_DIAG_INIT;
    struct nz_compile c = {.policy = calloc(1, sizeof *c.policy), .diag = diag ? diag : &ignored};
    struct nz_buf decoded;
    *out = NULL;
    if (!c.policy)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    c.policy->kind = kind;
    nz_arena_init(&c.policy->arena, 0);
    nz_buf_init(&c.scratch, 0);
    nz_buf_init(&decoded, 0);
    enum nz_err err = compile(&c, text, &decoded);
    nz_buf_release(&decoded);
    nz_buf_release(&c.scratch);
    if (err == NZ_OK) {
        *out = c.policy;
        return NZ_OK;
    }
    nz_policy_free(c.policy);
    return err == NZ_E_NOMEM ? nz_diag_set(diag, err, "%s", "") : err;
}

void nz_policy_free(struct nz_policy *policy)
{
    if (!policy)
        return;
    nz_arena_release(&policy->arena);
    free(policy);
}

uint32_t nz_policy_statements(const struct nz_policy *policy)
{
    return policy->count;
}

struct nz_str nz_policy_sid(const struct nz_policy *policy, uint32_t statement)
{
    return policy->statements[statement].sid;
}

size_t nz_policy_bytes(const struct nz_policy *policy)
{
    return sizeof *policy + policy->arena.used_bytes;
}
