#include "audit/event_pattern.h"

#include "audit/state.h"

#define PATH_BYTES_MAX 256u

struct matching {
    struct nz_audit *a;
    const struct nz_event *event;
    char path[PATH_BYTES_MAX]; /* of the value that is looked at, "detail.userIdentity" */
    size_t path_bytes;
};

const struct nz_event_field *nz_event_field(const struct nz_event *event, struct nz_str path)
{
    for (size_t i = 0; i < event->n; i++) {
        if (nz_str_eq(path, nz_str_from_c(event->fields[i].path)))
            return &event->fields[i];
    }
    return NULL;
}

bool nz_event_glob(struct nz_str pattern, struct nz_str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, behind = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            behind = t;
        } else if (p < pattern.n && pattern.p[p] == text.p[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++behind;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

static enum nz_match match_of(bool yes)
{
    return yes ? NZ_MATCH_YES : NZ_MATCH_NO;
}

static enum nz_match text_match(const struct nz_event_field *field, struct nz_str text)
{
    const struct nz_str value = nz_str_from_c(field->value);
    if (field->knowledge == NZ_EVENT_VALUE)
        return match_of(nz_str_eq(text, value));
    return field->knowledge == NZ_EVENT_BEGINS && nz_str_starts_with(text, value) ? NZ_MATCH_MAYBE : NZ_MATCH_NO;
}

static enum nz_match prefix_match(const struct nz_event_field *field, struct nz_str prefix)
{
    const struct nz_str value = nz_str_from_c(field->value);
    if (nz_str_starts_with(value, prefix))
        return NZ_MATCH_YES;
    return field->knowledge == NZ_EVENT_BEGINS && nz_str_starts_with(prefix, value) ? NZ_MATCH_MAYBE : NZ_MATCH_NO;
}

/* One text or several, none of which it may be. */
static enum nz_match anything_but_match(struct matching *m, const struct nz_event_field *field, struct nz_json but)
{
    if (nz_json_kind(but) == NZ_JSON_STRING)
        return NZ_MATCH_YES - text_match(field, nz_audit_text(m->a, but));
    if (nz_json_kind(but) != NZ_JSON_ARRAY)
        return NZ_MATCH_MAYBE;
    enum nz_match all = NZ_MATCH_YES;
    for (struct nz_json_iter it = nz_json_iter(but); nz_json_next(&it);) {
        const enum nz_match one = anything_but_match(m, field, it.value);
        all = one < all ? one : all;
    }
    return all;
}

/* {"prefix":"x"}: content filters have one key. */
static enum nz_match filter_match(struct matching *m, const struct nz_event_field *field, struct nz_json filter)
{
    struct nz_json_iter it = nz_json_iter(filter);
    if (!nz_json_next(&it))
        return NZ_MATCH_MAYBE;
    const bool is_absent = field->knowledge == NZ_EVENT_ABSENT;
    if (nz_str_eq(it.key, NZ_STR("exists")))
        return match_of((nz_json_kind(it.value) == NZ_JSON_TRUE) != is_absent);
    if (is_absent)
        return NZ_MATCH_NO;
    if (nz_str_eq(it.key, NZ_STR("anything-but")))
        return anything_but_match(m, field, it.value);
    if (nz_json_kind(it.value) != NZ_JSON_STRING)
        return NZ_MATCH_MAYBE;
    const struct nz_str wanted = nz_audit_text(m->a, it.value), value = nz_str_from_c(field->value);
    if (nz_str_eq(it.key, NZ_STR("prefix")))
        return prefix_match(field, wanted);
    if (field->knowledge == NZ_EVENT_BEGINS)
        return NZ_MATCH_MAYBE;
    if (nz_str_eq(it.key, NZ_STR("suffix")))
        return match_of(nz_str_ends_with(value, wanted));
    if (nz_str_eq(it.key, NZ_STR("equals-ignore-case")))
        return match_of(nz_str_eq_nocase(value, wanted));
    if (nz_str_eq(it.key, NZ_STR("wildcard")))
        return match_of(nz_event_glob(wanted, value));
    return NZ_MATCH_MAYBE;
}

static enum nz_match element_match(struct matching *m, const struct nz_event_field *field, struct nz_json element)
{
    if (!field)
        return NZ_MATCH_MAYBE;
    if (nz_json_kind(element) == NZ_JSON_OBJECT)
        return filter_match(m, field, element);
    if (nz_json_kind(element) != NZ_JSON_STRING)
        return NZ_MATCH_NO; /* null, a number: none of the fields is one */
    return text_match(field, nz_audit_text(m->a, element));
}

static enum nz_match object_match(struct matching *m, struct nz_json object);

/* The value of a key: an object of further keys, or a list of which one must match. */
static enum nz_match value_match(struct matching *m, struct nz_json value)
{
    if (nz_json_kind(value) == NZ_JSON_OBJECT)
        return object_match(m, value);
    enum nz_match best = NZ_MATCH_NO;
    const struct nz_event_field *field = nz_event_field(m->event, nz_str_of(m->path, m->path_bytes));
    for (struct nz_json_iter it = nz_json_iter(value); nz_json_next(&it);) {
        const enum nz_match one = element_match(m, field, it.value);
        best = one > best ? one : best;
    }
    return nz_json_kind(value) == NZ_JSON_ARRAY ? best : NZ_MATCH_MAYBE;
}

/* {"$or":[{…},{…}]} */
static enum nz_match any_match(struct matching *m, struct nz_json objects)
{
    enum nz_match best = NZ_MATCH_NO;
    for (struct nz_json_iter it = nz_json_iter(objects); nz_json_next(&it);) {
        const enum nz_match one = object_match(m, it.value);
        best = one > best ? one : best;
    }
    return best;
}

static bool path_push(struct matching *m, struct nz_str key)
{
    const size_t dot = m->path_bytes != 0;
    if (m->path_bytes + dot + key.n > sizeof m->path)
        return false;
    if (dot)
        m->path[m->path_bytes] = '.';
    if (key.n)
        memcpy(m->path + m->path_bytes + dot, key.p, key.n);
    m->path_bytes += dot + key.n;
    return true;
}

/* All keys must match. Depth is bounded by the JSON reader. */
static enum nz_match object_match(struct matching *m, struct nz_json object)
{
    enum nz_match all = NZ_MATCH_YES;
    for (struct nz_json_iter it = nz_json_iter(object); nz_json_next(&it);) {
        const size_t outer = m->path_bytes;
        enum nz_match one = NZ_MATCH_MAYBE;
        if (nz_str_eq(it.key, NZ_STR("$or")))
            one = any_match(m, it.value);
        else if (path_push(m, it.key))
            one = value_match(m, it.value);
        m->path_bytes = outer;
        all = one < all ? one : all;
    }
    return all;
}

enum nz_match nz_event_pattern_match(struct nz_audit *a, struct nz_str pattern, const struct nz_event *event)
{
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_diag diag;
    struct matching m = {.a = a, .event = event};
    nz_json_doc_init(&doc);
    enum nz_match match = NZ_MATCH_MAYBE;
    const enum nz_err err = nz_json_parse(&doc, pattern, &root, &diag);
    if (err == NZ_E_NOMEM)
        nz_audit_fault(a, err);
    if (err == NZ_OK && nz_json_kind(root) == NZ_JSON_OBJECT)
        match = object_match(&m, root);
    nz_json_doc_release(&doc);
    return match;
}
