#include "cli/policy_case.h"

#include "cli/policy_cache.h"
#include "core/json.h"
#include "policy/decide.h"
#include "policy/json_keys.h"

#include <stdio.h>
#include <stdlib.h>

struct nz_policy_cases {
    atomic_bool *bad;
    struct nz_json_doc doc;
    struct nz_arena arena; /* of one line */
    struct nz_buf text;    /* of one string */
    struct nz_policy_cache cache;
    struct nz_policy_scratch *scratch;
};

/* Policies of one list, and what they are called. */
struct named_list {
    struct nz_policy_list list;
    const struct nz_policy **policies;
    struct nz_str *names;
};

struct line_case {
    struct nz_policy_cases *w;
    struct nz_str line;
    uint64_t number;
    struct nz_str id;     /* source bytes; empty: could not be read */
    struct nz_str policy; /* the error is about this one; .p NULL: about the line */
    struct nz_policy_request request;
    struct named_list *lists[NZ_LAYER_COUNT]; /* one, or one a level */
    struct nz_policy_list *levels[NZ_LAYER_COUNT];
    uint32_t lists_count[NZ_LAYER_COUNT];
    struct nz_diag diag;
};

enum nz_err nz_policy_cases_new(atomic_bool *bad, struct nz_policy_cases **out)
{
    struct nz_policy_cases *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w)
        return NZ_E_NOMEM;
    w->bad = bad;
    nz_json_doc_init(&w->doc);
    nz_arena_init(&w->arena, 0);
    nz_buf_init(&w->text, 0);
    enum nz_err err = nz_policy_scratch_new(&w->scratch);
    if (err != NZ_OK) {
        nz_policy_cases_free(w);
        return err;
    }
    *out = w;
    return NZ_OK;
}

void nz_policy_cases_free(struct nz_policy_cases *w)
{
    if (!w)
        return;
    nz_policy_scratch_free(w->scratch);
    nz_policy_cache_release(&w->cache);
    nz_buf_release(&w->text);
    nz_arena_release(&w->arena);
    nz_json_doc_release(&w->doc);
    free(w);
}

/* --- errors: a place in the line --- */

static uint32_t column_at(struct nz_str line, size_t offset)
{
    uint32_t column = 1;
    for (size_t i = 0; i < offset && i < line.n; i++)
        column += ((unsigned char)line.p[i] & 0xc0u) != 0x80; /* characters, not bytes */
    return column;
}

static enum nz_err fail_at(struct line_case *c, enum nz_err code, const char *at, const char *what, struct nz_str which)
{
    uint32_t column = column_at(c->line, (size_t)(at - c->line.p));
    return nz_diag_at(&c->diag, code, (uint32_t)c->number, column, "%s%s%.*s", what, *what && which.n ? ": " : "",
                      NZ_STR_ARG(nz_str_head(which, 100)));
}

static enum nz_err refuse(struct line_case *c, struct nz_json at, const char *what)
{
    return fail_at(c, NZ_E_REQUEST, at.bytes + at.tokens[at.at], what, NZ_STR(""));
}

static enum nz_err check_keys(struct line_case *c, struct nz_json object, bool nocase)
{
    struct nz_str twice;
    enum nz_err err = nz_json_keys_check(object, nocase, &c->w->arena, &twice);
    if (err == NZ_OK && twice.p)
        return fail_at(c, NZ_E_POLICY_DUPLICATE, twice.p - 1, nocase ? "compared without regard to case" : "", twice);
    return err;
}

static enum nz_err need_object(struct line_case *c, struct nz_json parent, struct nz_json v, const char *what)
{
    if (nz_json_kind(v) == NZ_JSON_OBJECT)
        return check_keys(c, v, false);
    return refuse(c, nz_json_is_absent(v) ? parent : v, what);
}

/* A member; null counts as absent. */
static struct nz_json member(struct nz_json object, struct nz_str name)
{
    struct nz_json v = nz_json_get(object, name);
    return nz_json_kind(v) == NZ_JSON_NULL ? (struct nz_json){0} : v;
}

/* The text of a scalar, alive as long as the line. */
static enum nz_err text_of(struct line_case *c, struct nz_json v, struct nz_str *out)
{
    nz_buf_clear(&c->w->text);
    *out = nz_json_text(v, &c->w->text);
    if (c->w->text.n)
        *out = nz_arena_str(&c->w->arena, *out);
    return c->w->text.failed || !out->p ? NZ_E_NOMEM : NZ_OK;
}

static enum nz_err read_text(struct line_case *c, struct nz_json parent, struct nz_str name, bool required,
                             struct nz_str *out)
{
    struct nz_json v = member(parent, name);
    if (nz_json_is_absent(v) && !required)
        return NZ_OK;
    if (nz_json_kind(v) == NZ_JSON_STRING)
        return text_of(c, v, out);
    return fail_at(c, NZ_E_REQUEST, (v.bytes ? v.bytes + v.tokens[v.at] : parent.bytes + parent.tokens[parent.at]),
                   "no text", name);
}

/* --- the request --- */

static bool is_value(struct nz_json v)
{
    enum nz_json_kind kind = nz_json_kind(v);
    return kind == NZ_JSON_STRING || kind == NZ_JSON_NUMBER || kind == NZ_JSON_TRUE || kind == NZ_JSON_FALSE;
}

static enum nz_err read_values(struct line_case *c, struct nz_json v, struct nz_policy_key *key)
{
    bool many = nz_json_kind(v) == NZ_JSON_ARRAY;
    size_t count = !many;
    for (struct nz_json_iter it = nz_json_iter(v); many && nz_json_next(&it);)
        count++;
    struct nz_str *values = NZ_ARENA_ARRAY(&c->w->arena, struct nz_str, count ? count : 1);
    if (!values)
        return NZ_E_NOMEM;
    key->values = values;
    key->count = (uint32_t)count;
    if (!many)
        return is_value(v) ? text_of(c, v, values)
                           : refuse(c, v, "a context value is neither text nor a list of texts");
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);) {
        if (!is_value(it.value))
            return refuse(c, it.value, "a context value is neither text nor a list of texts");
        enum nz_err err = text_of(c, it.value, values++);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}

static enum nz_err read_key(struct line_case *c, struct nz_str raw, struct nz_str *out)
{
    *out = raw;
    if (!raw.n || !memchr(raw.p, '\\', raw.n))
        return NZ_OK;
    nz_buf_clear(&c->w->text);
    nz_json_unescape(raw, &c->w->text);
    *out = nz_arena_str(&c->w->arena, nz_buf_view(&c->w->text));
    return c->w->text.failed || !out->p ? NZ_E_NOMEM : NZ_OK;
}

static enum nz_err read_context(struct line_case *c, struct nz_json v)
{
    if (nz_json_is_absent(v))
        return NZ_OK;
    if (nz_json_kind(v) != NZ_JSON_OBJECT)
        return refuse(c, v, "context is no object");
    enum nz_err err = check_keys(c, v, true);
    size_t count = 0;
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);)
        count++;
    struct nz_policy_key *keys = NZ_ARENA_ARRAY(&c->w->arena, struct nz_policy_key, count ? count : 1);
    if (!keys)
        return NZ_E_NOMEM;
    c->request.context = keys;
    c->request.context_count = (uint32_t)count;
    for (struct nz_json_iter it = nz_json_iter(v); err == NZ_OK && nz_json_next(&it); keys++) {
        err = read_key(c, it.key, &keys->name);
        if (err == NZ_OK)
            err = read_values(c, it.value, keys);
    }
    return err;
}

static enum nz_err read_request(struct line_case *c, struct nz_json root)
{
    struct nz_json v = member(root, NZ_STR("request"));
    enum nz_err err = need_object(c, root, v, "request is no object");
    if (err == NZ_OK)
        err = read_text(c, v, NZ_STR("principal"), true, &c->request.principal);
    if (err == NZ_OK)
        err = read_text(c, v, NZ_STR("action"), true, &c->request.action);
    if (err == NZ_OK)
        err = read_text(c, v, NZ_STR("resource"), true, &c->request.resource);
    if (err == NZ_OK)
        err = read_text(c, v, NZ_STR("resource_account"), false, &c->request.resource_account);
    return err == NZ_OK ? read_context(c, member(v, NZ_STR("context"))) : err;
}

/* --- the policies --- */

static const enum nz_policy_kind kind_of[NZ_LAYER_COUNT] = {
    [NZ_LAYER_SCP] = NZ_POLICY_SCP,           [NZ_LAYER_RCP] = NZ_POLICY_RCP,
    [NZ_LAYER_RESOURCE] = NZ_POLICY_RESOURCE, [NZ_LAYER_IDENTITY] = NZ_POLICY_IDENTITY,
    [NZ_LAYER_BOUNDARY] = NZ_POLICY_BOUNDARY, [NZ_LAYER_SESSION] = NZ_POLICY_SESSION,
    [NZ_LAYER_ENDPOINT] = NZ_POLICY_ENDPOINT,
};

/* A document stands in the line as an object, or as text, as the IAM API gives it. */
static enum nz_err read_policy(struct line_case *c, struct nz_json v, enum nz_layer layer, const struct nz_policy **out,
                               struct nz_str *name)
{
    enum nz_err err =
        v.bytes && nz_json_kind(v) == NZ_JSON_OBJECT ? check_keys(c, v, false) : refuse(c, v, "a policy is no object");
    if (err == NZ_OK)
        err = read_text(c, v, NZ_STR("name"), true, name);
    if (err != NZ_OK)
        return err;
    struct nz_json document = member(v, NZ_STR("document"));
    struct nz_str text = {0};
    enum nz_json_kind kind = nz_json_kind(document);
    if (kind == NZ_JSON_ABSENT)
        return refuse(c, v, "a policy without a document");
    if (kind == NZ_JSON_STRING)
        err = text_of(c, document, &text);
    else
        text = nz_json_source(document);
    if (err == NZ_OK) {
        c->policy = *name;
        err = nz_policy_cache_get(&c->w->cache, text, kind_of[layer], out, &c->diag);
    }
    if (err == NZ_OK)
        c->policy = (struct nz_str){0};
    return err;
}

static enum nz_err read_list(struct line_case *c, struct nz_json v, enum nz_layer layer, struct named_list *out)
{
    bool one = layer == NZ_LAYER_RESOURCE;
    if (!one && nz_json_kind(v) != NZ_JSON_ARRAY)
        return refuse(c, v, "policies of a kind are no list");
    size_t count = one, at = 0;
    for (struct nz_json_iter it = nz_json_iter(v); !one && nz_json_next(&it);)
        count++;
    out->policies = nz_arena_array(&c->w->arena, count ? count : 1, sizeof *out->policies);
    out->names = NZ_ARENA_ARRAY(&c->w->arena, struct nz_str, count ? count : 1);
    if (!out->policies || !out->names)
        return NZ_E_NOMEM;
    out->list = (struct nz_policy_list){out->policies, (uint32_t)count, true};
    if (one)
        return read_policy(c, v, layer, &out->policies[0], &out->names[0]);
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it); at++) {
        enum nz_err err = read_policy(c, it.value, layer, &out->policies[at], &out->names[at]);
        if (err != NZ_OK)
            return err;
    }
    return NZ_OK;
}

static enum nz_err read_layer(struct line_case *c, struct nz_json v, enum nz_layer layer)
{
    bool leveled = layer == NZ_LAYER_SCP || layer == NZ_LAYER_RCP;
    size_t count = !leveled, at = 0;
    if (leveled && nz_json_kind(v) != NZ_JSON_ARRAY)
        return refuse(c, v, "levels are no list");
    for (struct nz_json_iter it = nz_json_iter(v); leveled && nz_json_next(&it);)
        count++;
    c->lists[layer] = NZ_ARENA_ARRAY(&c->w->arena, struct named_list, count ? count : 1);
    c->levels[layer] = NZ_ARENA_ARRAY(&c->w->arena, struct nz_policy_list, count ? count : 1);
    if (!c->lists[layer] || !c->levels[layer])
        return NZ_E_NOMEM;
    c->lists_count[layer] = (uint32_t)count;
    if (!leveled)
        return read_list(c, v, layer, c->lists[layer]);
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it); at++) {
        enum nz_err err = read_list(c, it.value, layer, &c->lists[layer][at]);
        if (err != NZ_OK)
            return err;
        c->levels[layer][at] = c->lists[layer][at].list;
    }
    return NZ_OK;
}

/* A kind that is misspelled would silently not apply, so an unknown one is refused. */
static enum nz_err read_policies(struct line_case *c, struct nz_json root)
{
    struct nz_json v = member(root, NZ_STR("policies"));
    if (nz_json_is_absent(v))
        return NZ_OK;
    enum nz_err err = need_object(c, root, v, "policies is no object");
    for (struct nz_json_iter it = nz_json_iter(v); err == NZ_OK && nz_json_next(&it);) {
        unsigned layer = 0;
        while (layer < NZ_LAYER_SERVICE && !nz_json_key_is(it.key, nz_str_from_c(nz_layer_name((enum nz_layer)layer))))
            layer++;
        if (layer == NZ_LAYER_SERVICE)
            return fail_at(c, NZ_E_REQUEST, it.key.p - 1, "no kind of policy", it.key);
        if (nz_json_kind(it.value) != NZ_JSON_NULL)
            err = read_layer(c, it.value, (enum nz_layer)layer);
    }
    return err;
}

/* --- the answer --- */

static void append_reason(struct nz_buf *out, const struct line_case *c, const struct nz_policy_reason *r)
{
    const struct named_list *list = &c->lists[r->layer][r->level];
    struct nz_str sid = nz_policy_sid(list->policies[r->policy], r->statement);
    nz_buf_append(out, NZ_STR("{\"layer\":\""));
    nz_buf_append(out, nz_str_from_c(nz_layer_name(r->layer)));
    nz_buf_append(out, NZ_STR("\",\"policy\":"));
    nz_json_append_string(out, list->names[r->policy]);
    nz_buf_append(out, NZ_STR(",\"statement\":"));
    nz_buf_append_u64(out, r->statement);
    nz_buf_append(out, NZ_STR(",\"sid\":"));
    if (sid.p)
        nz_json_append_string(out, sid);
    else
        nz_buf_append(out, NZ_STR("null"));
    nz_buf_append_char(out, '}');
}

static void append_id(struct nz_buf *out, const struct line_case *c)
{
    nz_buf_append(out, NZ_STR("{\"id\":"));
    nz_buf_append(out, c->id.n ? c->id : NZ_STR("null"));
}

static void append_answer(struct nz_buf *out, const struct line_case *c, const struct nz_policy_answer *a)
{
    append_id(out, c);
    nz_buf_append(out, NZ_STR(",\"decision\":\""));
    nz_buf_append(out, nz_str_from_c(nz_decision_name(a->decision)));
    nz_buf_append(out, NZ_STR("\",\"decided_by\":["));
    for (size_t i = 0; i < a->decided_by_count; i++) {
        if (i)
            nz_buf_append_char(out, ',');
        append_reason(out, c, &a->decided_by[i]);
    }
    nz_buf_append(out, NZ_STR("],\"blocked_by\":["));
    bool first = true;
    for (unsigned layer = 0; layer < NZ_LAYER_COUNT; layer++) {
        if (!(a->blocked_by & 1u << layer))
            continue;
        nz_buf_append(out, first ? NZ_STR("\"") : NZ_STR(",\""));
        nz_buf_append(out, nz_str_from_c(nz_layer_name((enum nz_layer)layer)));
        nz_buf_append_char(out, '"');
        first = false;
    }
    nz_buf_append(out, NZ_STR("]}\n"));
}

static void append_error(struct nz_buf *out, const struct line_case *c)
{
    const struct nz_diag *d = &c->diag;
    char message[sizeof d->text + 128];
    append_id(out, c);
    nz_buf_append(out, NZ_STR(",\"error\":{\"policy\":"));
    if (c->policy.p)
        nz_json_append_string(out, c->policy);
    else
        nz_buf_append(out, NZ_STR("null"));
    nz_buf_append(out, NZ_STR(",\"line\":"));
    nz_buf_append_u64(out, d->line ? d->line : c->number);
    nz_buf_append(out, NZ_STR(",\"column\":"));
    nz_buf_append_u64(out, d->column ? d->column : 1);
    nz_buf_append(out, NZ_STR(",\"message\":"));
    snprintf(message, sizeof message, "%s%s%s", nz_err_text(d->code), d->text[0] ? ": " : "", d->text);
    nz_json_append_string(out, nz_str_from_c(message));
    nz_buf_append(out, NZ_STR("}}\n"));
}

static enum nz_err read_case(struct line_case *c)
{
    struct nz_json root;
    struct nz_diag json = NZ_DIAG_INIT;
    enum nz_err err = nz_json_parse(&c->w->doc, c->line, &root, &json);
    if (err == NZ_E_NOMEM)
        return err;
    if (err != NZ_OK)
        return fail_at(c, err, c->line.p + (json.offset < c->line.n ? json.offset : c->line.n), json.text, NZ_STR(""));
    if (nz_json_kind(root) != NZ_JSON_OBJECT)
        return refuse(c, root, "a case is no object");
    struct nz_json id = nz_json_get(root, NZ_STR("id"));
    if (is_value(id))
        c->id = nz_json_source(id);
    err = check_keys(c, root, false);
    if (err == NZ_OK && !nz_json_is_absent(id) && !is_value(id) && nz_json_kind(id) != NZ_JSON_NULL)
        return refuse(c, id, "id is no text");
    if (err == NZ_OK)
        err = read_request(c, root);
    return err == NZ_OK ? read_policies(c, root) : err;
}

static const struct nz_policy_list *list_of(const struct line_case *c, enum nz_layer layer)
{
    static const struct nz_policy_list absent = {0};
    return c->lists_count[layer] ? &c->lists[layer][0].list : &absent;
}

static enum nz_err decide(struct line_case *c, struct nz_policy_answer *answer)
{
    const struct nz_policy_set set = {
        .scp = {c->levels[NZ_LAYER_SCP], c->lists_count[NZ_LAYER_SCP]},
        .rcp = {c->levels[NZ_LAYER_RCP], c->lists_count[NZ_LAYER_RCP]},
        .resource = *list_of(c, NZ_LAYER_RESOURCE),
        .identity = *list_of(c, NZ_LAYER_IDENTITY),
        .boundary = *list_of(c, NZ_LAYER_BOUNDARY),
        .session = *list_of(c, NZ_LAYER_SESSION),
        .endpoint = *list_of(c, NZ_LAYER_ENDPOINT),
    };
    return nz_policy_decide(&set, &c->request, c->w->scratch, answer, &c->diag);
}

enum nz_err nz_policy_case_answer(struct nz_policy_cases *w, struct nz_str line, uint64_t number, bool too_long,
                                  struct nz_buf *out)
{
    struct line_case c = {.w = w, .line = line, .number = number, .diag = NZ_DIAG_INIT};
    struct nz_policy_answer answer;
    if (number == 1 && nz_str_starts_with(line, NZ_STR("\xef\xbb\xbf"))) /* a byte order mark says nothing in UTF-8 */
        c.line = line = nz_str_skip(line, 3);
    if (!too_long && nz_str_trim(line).n == 0)
        return NZ_OK;
    nz_arena_reset(&w->arena);
    nz_policy_cache_trim(&w->cache, NZ_POLICY_CACHE_ENTRIES_MAX, NZ_POLICY_CACHE_BYTES_MAX);
    enum nz_err err =
        too_long ? nz_diag_at(&c.diag, NZ_E_LIMIT, (uint32_t)number, 1, "line is too long") : read_case(&c);
    if (err == NZ_OK)
        err = decide(&c, &answer);
    if (err == NZ_E_NOMEM)
        return err;
    if (err == NZ_OK) {
        append_answer(out, &c, &answer);
    } else {
        append_error(out, &c);
        atomic_store(w->bad, true);
    }
    return nz_buf_status(out);
}
