#include "core/base64.h"
#include "policy/compile.h"

/* A text of which variables may be part. */
static enum nz_err read_pattern(struct nz_compile *c, struct nz_str text, bool wildcards, struct nz_value *out)
{
    out->valid = true;
    bool done = nz_pattern_compile(&c->policy->arena, text, wildcards, c->policy->variables, &out->text);
    return done ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err read_binary(struct nz_compile *c, struct nz_str text, struct nz_value *out)
{
    struct nz_buf bytes;
    nz_buf_init(&bytes, 0);
    out->valid = nz_base64_decode(text, &bytes);
    struct nz_str kept = nz_arena_str(&c->policy->arena, nz_buf_view(&bytes));
    enum nz_err err = bytes.failed || !kept.p ? NZ_E_NOMEM : NZ_OK;
    nz_buf_release(&bytes);
    out->text = (struct nz_pattern){.coded = kept, .shape = NZ_PATTERN_EXACT};
    return err;
}

static enum nz_err read_arn(struct nz_compile *c, struct nz_str text, struct nz_value *out)
{
    struct nz_arn *arn = NZ_ARENA_NEW(&c->policy->arena, struct nz_arn);
    out->arn = arn;
    out->valid = true;
    return arn ? nz_compile_arn(c, text, true, arn) : NZ_E_NOMEM;
}

static void read_network(struct nz_str text, struct nz_value *out)
{
    const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
    struct nz_ip written;
    out->valid = nz_cidr_parse(text, &out->net);
    out->host_bits = out->valid &&
                     nz_ip_parse(nz_str_head(text, slash ? (size_t)(slash - text.p) : text.n), &written) &&
                     nz_ip_cmp(&written, &out->net.base) != 0;
}

static enum nz_err read_value(struct nz_compile *c, enum nz_operator op, struct nz_str text, struct nz_value *out)
{
    switch (op) {
    case NZ_OP_STRING_EQUALS:
    case NZ_OP_STRING_EQUALS_IGNORE_CASE:
    case NZ_OP_BOOL:
        return read_pattern(c, text, false, out);
    case NZ_OP_STRING_LIKE:
        return read_pattern(c, text, true, out);
    case NZ_OP_NUMERIC:
        out->valid = nz_decimal_parse(text, &out->number);
        return NZ_OK;
    case NZ_OP_DATE:
        out->valid = nz_policy_time_parse(text, &out->time);
        return NZ_OK;
    case NZ_OP_BINARY:
        return read_binary(c, text, out);
    case NZ_OP_IP:
        read_network(text, out);
        return NZ_OK;
    case NZ_OP_ARN:
        return read_arn(c, text, out);
    case NZ_OP_NULL:
        out->valid = nz_policy_bool_parse(text, &out->truth);
        return NZ_OK;
    }
    return NZ_OK;
}

static enum nz_err read_values(struct nz_compile *c, struct nz_json v, struct nz_condition *out)
{
    size_t count = nz_items_count(v), at = 0;
    struct nz_value *all = NZ_ARENA_ARRAY(&c->policy->arena, struct nz_value, count ? count : 1);
    if (!all)
        return NZ_E_NOMEM;
    struct nz_json item;
    for (struct nz_items items = nz_items_of(v); nz_items_next(&items, &item); at++) {
        struct nz_str text = {0};
        enum nz_err err = nz_compile_text(c, item, true, "a condition's value", &text);
        if (err == NZ_OK)
            err = read_value(c, out->spec.op, text, &all[at]);
        if (err != NZ_OK)
            return err;
    }
    out->values = all;
    out->count = (uint32_t)count;
    return NZ_OK;
}

/* Keys are compared in any case, the tag's name in aws:RequestTag/Name too. */
static enum nz_err read_key(struct nz_compile *c, struct nz_str raw, struct nz_condition *out)
{
    nz_buf_clear(&c->scratch);
    nz_json_unescape(raw, &c->scratch);
    struct nz_str key = nz_buf_view(&c->scratch);
    if (c->scratch.failed)
        return NZ_E_NOMEM;
    if (key.n > NZ_POLICY_TEXT_BYTES_MAX)
        return nz_compile_fail(c, NZ_E_POLICY_LIMIT, raw.p - 1, "a key is longer than %u bytes",
                               NZ_POLICY_TEXT_BYTES_MAX);
    for (size_t i = 0; i < key.n; i++)
        c->scratch.p[i] = (char)nz_ascii_lower((unsigned char)key.p[i]);
    out->key = nz_arena_str(&c->policy->arena, key);
    out->key_hash = nz_str_hash_nocase(key);
    return out->key.p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err read_block(struct nz_compile *c, struct nz_str raw_name, struct nz_json block,
                              struct nz_condition **next)
{
    struct nz_operator_spec spec;
    nz_buf_clear(&c->scratch);
    nz_json_unescape(raw_name, &c->scratch);
    if (c->scratch.failed)
        return NZ_E_NOMEM;
    if (!nz_operator_parse(nz_buf_view(&c->scratch), &spec))
        return nz_compile_fail(c, NZ_E_POLICY_OPERATOR, raw_name.p - 1, "%.*s", NZ_STR_ARG(nz_str_head(raw_name, 100)));
    if (nz_json_kind(block) != NZ_JSON_OBJECT)
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(block), "an operator without keys");
    for (struct nz_json_iter it = nz_json_iter(block); nz_json_next(&it);) {
        struct nz_condition *condition = (*next)++;
        condition->spec = spec;
        enum nz_err err = read_key(c, it.key, condition);
        if (err == NZ_OK)
            err = read_values(c, it.value, condition);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}

enum nz_err nz_compile_conditions(struct nz_compile *c, struct nz_json v, struct nz_statement *st)
{
    if (nz_json_kind(v) != NZ_JSON_OBJECT)
        return nz_compile_fail(c, NZ_E_POLICY_SYNTAX, nz_compile_place(v), "Condition is no object");
    size_t count = 0;
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);) {
        for (struct nz_json_iter keys = nz_json_iter(it.value); nz_json_next(&keys);)
            count++;
    }
    struct nz_condition *all = NZ_ARENA_ARRAY(&c->policy->arena, struct nz_condition, count ? count : 1);
    if (!all)
        return NZ_E_NOMEM;
    st->conditions = all;
    st->conditions_count = (uint32_t)count;
    struct nz_condition *next = all;
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);) {
        enum nz_err err = read_block(c, it.key, it.value, &next);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}
