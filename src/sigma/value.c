/* A listed value to its tests. Source: Sigma specification 2.1.0, "detection" and appendix "modifiers". */
#include "sigma/value.h"

#include "sigma/set.h"

struct maker {
    struct nz_rule_parser *p;
    const struct nz_modifiers *m;
    const struct nz_yaml *node;
    struct nz_test *tests;
    size_t count, room;
};

static bool has(const struct maker *k, enum nz_modifier_group group)
{
    return nz_modifiers_have(k->m, group);
}

static enum nz_err tests_reserve(struct maker *k, size_t room)
{
    if (room > NZ_RULE_TESTS_MAX - k->p->tests)
        return nz_rule_error(k->p, k->node, NZ_E_RULE_LIMIT, "more than %u values, alternatives counted",
                             NZ_RULE_TESTS_MAX);
    k->p->tests += room;
    k->room = room;
    k->tests = NZ_ARENA_ARRAY(k->p->keep, struct nz_test, room);
    return k->tests ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err only_test(struct maker *k, struct nz_test test)
{
    enum nz_err err = tests_reserve(k, 1);
    if (!err)
        k->tests[k->count++] = test;
    return err;
}

/* --- values that are no texts --- */

static enum nz_err make_null(struct maker *k)
{
    for (size_t i = 0; i < k->m->count; i++) {
        if (k->m->list[i] != NZ_MODIFIER_NEQ)
            return nz_rule_error(k->p, k->node, NZ_E_RULE_VALUE, "null does not go with '%s'",
                                 nz_modifier_name(k->m->list[i]));
    }
    return only_test(k, (struct nz_test){.kind = NZ_TEST_NULL});
}

static enum nz_err make_exists(struct maker *k)
{
    bool wanted;
    if (!nz_yaml_bool(k->node, &wanted))
        return nz_rule_error(k->p, k->node, NZ_E_RULE_VALUE, "'exists' takes true or false");
    return only_test(k, (struct nz_test){.kind = NZ_TEST_EXISTS, .exists = wanted});
}

/* 0x and 0o forms of YAML 1.2.2, section 10.3.2, as decimal digits in keep; other numbers as they are written. */
static enum nz_err decimal(struct maker *k, struct nz_str *out)
{
    struct nz_str s = k->node->text;
    unsigned base = nz_str_starts_with(s, NZ_STR("0x")) ? 16 : nz_str_starts_with(s, NZ_STR("0o")) ? 8 : 10;
    *out = s.n && s.p[0] == '+' ? nz_str_skip(s, 1) : s;
    if (base == 10)
        return nz_rule_text(k->p, *out, out);
    uint64_t value = 0;
    for (size_t i = 2; i < s.n; i++) {
        unsigned char c = nz_ascii_lower((unsigned char)s.p[i]);
        unsigned digit = c <= '9' ? c - (unsigned)'0' : c - (unsigned)'a' + 10;
        if (value > (UINT64_MAX - digit) / base)
            return nz_rule_error(k->p, k->node, NZ_E_RULE_VALUE, "number is too large");
        value = value * base + digit;
    }
    struct nz_buf digits;
    nz_buf_init(&digits, 0);
    nz_buf_append_u64(&digits, value);
    enum nz_err err = nz_buf_status(&digits);
    if (!err)
        err = nz_rule_text(k->p, nz_buf_view(&digits), out);
    nz_buf_release(&digits);
    return err;
}

static bool is_number(const struct maker *k)
{
    enum nz_yaml_type type = nz_yaml_type(k->node);
    return type == NZ_YAML_INT || type == NZ_YAML_FLOAT;
}

static void read_compare(const struct maker *k, struct nz_test *test)
{
    for (size_t i = 0; i < k->m->count; i++) {
        enum nz_modifier m = k->m->list[i];
        if (nz_modifier_group(m) == NZ_GROUP_TIME) {
            test->kind = NZ_TEST_TIME;
            test->time_part = (enum nz_time_part)(m - NZ_MODIFIER_MINUTE);
        }
        if (nz_modifier_group(m) == NZ_GROUP_COMPARE)
            test->compare = (enum nz_compare)(NZ_COMPARE_LT + (m - NZ_MODIFIER_LT));
    }
}

_Static_assert(NZ_MODIFIER_GTE - NZ_MODIFIER_LT == NZ_COMPARE_GTE - NZ_COMPARE_LT, "same order");
_Static_assert(NZ_MODIFIER_YEAR - NZ_MODIFIER_MINUTE == NZ_TIME_PART_YEAR - NZ_TIME_PART_MINUTE, "same order");

static enum nz_err make_compare(struct maker *k)
{
    struct nz_test test = {.kind = NZ_TEST_COMPARE};
    struct nz_str text;
    read_compare(k, &test);
    if (!is_number(k))
        return nz_rule_error(k->p, k->node, NZ_E_RULE_VALUE, "expected a number");
    enum nz_err err = decimal(k, &text);
    if (err)
        return err;
    if (!nz_number_parse(text, &test.number)) /* .inf, .nan */
        return nz_rule_error(k->p, k->node, NZ_E_RULE_VALUE, "expected a finite number of at most %u digits",
                             NZ_NUMBER_BYTES_MAX);
    return only_test(k, test);
}

static enum nz_err make_number(struct maker *k)
{
    struct nz_test test = {.kind = NZ_TEST_NUMBER, .cased = has(k, NZ_GROUP_CASED)};
    enum nz_err err = decimal(k, &test.text);
    if (err)
        return err;
    if (nz_number_parse(test.text, &test.number)) {
        for (size_t i = 0; i < test.text.n; i++) /* the exponent's E; the copy is ours */
            ((char *)(uintptr_t)test.text.p)[i] = (char)nz_ascii_lower((unsigned char)test.text.p[i]);
        return only_test(k, test);
    }
    err = tests_reserve(k, 1);
    return err ? err : nz_test_make(k->p, test.text, test.cased, &k->tests[k->count++]);
}

/* --- texts --- */

static enum nz_err placed(struct maker *k, enum nz_err err)
{
    return err ? nz_rule_error_placed(k->p, k->node, err) : NZ_OK;
}

static enum nz_err written_texts(struct maker *k, bool is_regex, struct nz_texts *out)
{
    *out = (struct nz_texts){.scratch = k->p->scratch};
    return has(k, NZ_GROUP_EXPAND) ? nz_texts_expand(out, k->p->rs, k->node->text, is_regex, k->p->diag)
                                   : nz_texts_add(out, k->node->text, k->p->diag);
}

static unsigned regex_flags(const struct maker *k)
{
    unsigned flags = 0;
    for (size_t i = 0; i < k->m->count; i++) {
        enum nz_modifier m = k->m->list[i];
        if (m == NZ_MODIFIER_I || m == NZ_MODIFIER_IGNORECASE)
            flags |= NZ_REGEX_NOCASE;
        if (m == NZ_MODIFIER_M || m == NZ_MODIFIER_MULTILINE)
            flags |= NZ_REGEX_MULTILINE;
        if (m == NZ_MODIFIER_S || m == NZ_MODIFIER_DOTALL)
            flags |= NZ_REGEX_DOTALL;
    }
    return flags;
}

/* contains, startswith and endswith add `.*` (specification), which changes nothing for a search that is not anchored. */
static enum nz_err make_regex(struct maker *k, struct nz_str text)
{
    struct nz_test *test = &k->tests[k->count++];
    test->kind = NZ_TEST_REGEX;
    return nz_set_regex(k->p->rs, text, regex_flags(k), &test->regex, k->p->diag);
}

static enum nz_err make_cidr(struct maker *k, struct nz_str text)
{
    struct nz_test *test = &k->tests[k->count++];
    test->kind = NZ_TEST_CIDR;
    if (!nz_cidr_parse(text, &test->net))
        return nz_diag_set(k->p->diag, NZ_E_RULE_VALUE, "'%.*s' is not an IP network", (int)(text.n < 64 ? text.n : 64),
                           text.p);
    return NZ_OK;
}

static enum nz_err make_fieldref(struct maker *k, struct nz_str text)
{
    struct nz_test *test = &k->tests[k->count++];
    *test = (struct nz_test){.kind = NZ_TEST_FIELDREF, .relation = NZ_TEST_EXACT, .cased = has(k, NZ_GROUP_CASED)};
    bool before = false, after = false;
    for (size_t i = 0; i < k->m->count; i++) {
        enum nz_modifier m = k->m->list[i];
        before |= m == NZ_MODIFIER_CONTAINS || m == NZ_MODIFIER_ENDSWITH;
        after |= m == NZ_MODIFIER_CONTAINS || m == NZ_MODIFIER_STARTSWITH;
    }
    if (before || after)
        test->relation = !before ? NZ_TEST_PREFIX : !after ? NZ_TEST_SUFFIX : NZ_TEST_CONTAINS;
    if (text.n == 0)
        return nz_diag_set(k->p->diag, NZ_E_RULE_VALUE, "'fieldref' takes the name of a field");
    return nz_set_field(k->p->rs, text, &test->field);
}

static enum nz_err transform_all(struct maker *k, struct nz_texts *t)
{
    for (size_t i = 0; i < t->count; i++) {
        t->list[i] = nz_text_read(t->scratch, t->list[i]);
        if (!t->list[i].p)
            return NZ_E_NOMEM;
    }
    for (size_t i = 0; i < k->m->count; i++) {
        enum nz_modifier_group group = nz_modifier_group(k->m->list[i]);
        if (group != NZ_GROUP_PATTERN && group != NZ_GROUP_BASE64 && group != NZ_GROUP_UTF16 &&
            group != NZ_GROUP_WINDASH)
            continue;
        enum nz_err err = nz_texts_transform(t, k->m->list[i], k->p->diag);
        if (err)
            return err;
    }
    /* specification, "lists": a keyword is searched for anywhere in the event, so anywhere in a value */
    if (k->m->field.n == 0 && !has(k, NZ_GROUP_PATTERN))
        return nz_texts_transform(t, NZ_MODIFIER_CONTAINS, k->p->diag);
    return NZ_OK;
}

static enum nz_err make_text(struct maker *k, struct nz_str text)
{
    return nz_test_make(k->p, text, has(k, NZ_GROUP_CASED), &k->tests[k->count++]);
}

static enum nz_err make_texts(struct maker *k)
{
    bool regex = has(k, NZ_GROUP_RE), cidr = has(k, NZ_GROUP_CIDR), fieldref = has(k, NZ_GROUP_FIELDREF);
    struct nz_texts texts;
    enum nz_err err = written_texts(k, regex, &texts);
    if (!err && !regex && !cidr && !fieldref)
        err = transform_all(k, &texts);
    if (err)
        return placed(k, err);
    err = tests_reserve(k, texts.count);
    for (size_t i = 0; !err && i < texts.count; i++) {
        struct nz_str text = texts.list[i];
        err = placed(k, regex      ? make_regex(k, text)
                        : cidr     ? make_cidr(k, text)
                        : fieldref ? make_fieldref(k, text)
                                   : make_text(k, text));
    }
    return err;
}

static bool is_text_step(const struct maker *k)
{
    const uint32_t steps = 1u << NZ_GROUP_PATTERN | 1u << NZ_GROUP_BASE64 | 1u << NZ_GROUP_UTF16 |
                           1u << NZ_GROUP_WINDASH | 1u << NZ_GROUP_EXPAND | 1u << NZ_GROUP_RE | 1u << NZ_GROUP_CIDR |
                           1u << NZ_GROUP_FIELDREF;
    return (k->m->groups & steps) != 0 || k->m->field.n == 0;
}

enum nz_err nz_value_make(struct nz_rule_parser *p, const struct nz_modifiers *m, const struct nz_yaml *node,
                          struct nz_value *out)
{
    struct maker k = {.p = p, .m = m, .node = node};
    enum nz_err err = nz_rule_text(p, node->text, &out->text);
    out->line = node->line;
    out->column = node->column;
    if (err)
        return err;
    if (nz_yaml_type(node) == NZ_YAML_NULL)
        err = m->field.n ? make_null(&k) : nz_rule_error(p, node, NZ_E_RULE_VALUE, "a keyword cannot be null");
    else if (has(&k, NZ_GROUP_EXISTS))
        err = make_exists(&k);
    else if (has(&k, NZ_GROUP_COMPARE) || has(&k, NZ_GROUP_TIME))
        err = make_compare(&k);
    else if (is_number(&k) && !is_text_step(&k))
        err = make_number(&k);
    else
        err = make_texts(&k);
    out->tests = k.tests;
    out->tests_count = k.count;
    return err;
}
