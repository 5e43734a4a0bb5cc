/* AWS's answers as an item has them: compact, without what is left out, names and times in one form. */
#include "inventory/collector.h"

#include <stdlib.h>

static bool is_one_of(struct nz_str key, const char *names)
{
    struct nz_str rest = nz_str_from_c(names);
    while (rest.n) {
        if (nz_str_eq(nz_str_take(&rest, NZ_STR("|")), key))
            return true;
    }
    return false;
}

/* "Timestamps in JSON are seconds since 1970, with a fraction": AWS JSON protocol (Smithy). */
static bool append_time(struct nz_json v, struct nz_buf *out)
{
    struct nz_str source = nz_json_source(v);
    char text[40];
    if (source.n >= sizeof text)
        return false;
    memcpy(text, source.p, source.n);
    text[source.n] = '\0';
    double seconds = strtod(text, NULL);
    if (!(seconds >= 0 && seconds < 253402300800.0)) /* the year 10000 */
        return false;
    nz_buf_append_char(out, '"');
    nz_time_append(out, (nz_time){(int64_t)(seconds * 1e3 + 0.5) * 1000});
    nz_buf_append_char(out, '"');
    return true;
}

/* "Rule=Rules|…": the text behind the name, or the name itself. */
static struct nz_str new_name(struct nz_str key, const char *renamed)
{
    struct nz_str rest = nz_str_from_c(renamed);
    while (rest.n) {
        struct nz_str pair = nz_str_take(&rest, NZ_STR("|"));
        if (pair.n > key.n && pair.p[key.n] == '=' && nz_str_starts_with(pair, key))
            return nz_str_skip(pair, key.n + 1);
    }
    return key;
}

static void append_key(struct nz_str key, unsigned form, struct nz_buf *out)
{
    nz_buf_append_char(out, '"');
    if (form & NZ_FORM_CAPITALS && key.n && key.p[0] >= 'a' && key.p[0] <= 'z') {
        nz_buf_append_char(out, (char)(key.p[0] - 'a' + 'A'));
        key = nz_str_skip(key, 1);
    }
    nz_buf_append(out, key);
    nz_buf_append(out, NZ_STR("\":"));
}

static void append_value(struct nz_json v, struct nz_str key, unsigned form, struct nz_buf *out)
{
    bool time = form & NZ_FORM_TIMES && nz_json_kind(v) == NZ_JSON_NUMBER && nz_str_ends_with(key, NZ_STR("Time"));
    if (!time || !append_time(v, out))
        nz_collect_append(v, form, NULL, NULL, out);
}

void nz_collect_append(struct nz_json v, unsigned form, const char *left_out, const char *renamed, struct nz_buf *out)
{
    enum nz_json_kind kind = nz_json_kind(v);
    bool first = true;
    if (kind != NZ_JSON_OBJECT && kind != NZ_JSON_ARRAY) {
        nz_json_append_compact(v, out);
        return;
    }
    nz_buf_append_char(out, kind == NZ_JSON_OBJECT ? '{' : '[');
    for (struct nz_json_iter it = nz_json_iter(v); nz_json_next(&it);) {
        if (it.in_object && (nz_json_kind(it.value) == NZ_JSON_NULL || is_one_of(it.key, left_out)))
            continue; /* null: a member that AWS let out, as some of its services write it */
        if (!first)
            nz_buf_append_char(out, ',');
        first = false;
        if (it.in_object)
            append_key(new_name(it.key, renamed), form, out);
        append_value(it.value, it.in_object ? it.key : (struct nz_str){"", 0}, form, out);
    }
    nz_buf_append_char(out, kind == NZ_JSON_OBJECT ? '}' : ']');
}

struct nz_str nz_arn_field(struct nz_str arn, unsigned field)
{
    for (unsigned i = 0; i < field; i++) {
        const char *colon = arn.n ? memchr(arn.p, ':', arn.n) : NULL;
        if (!colon)
            return (struct nz_str){"", 0};
        arn = nz_str_skip(arn, (size_t)(colon - arn.p) + 1);
    }
    const char *end = arn.n && field < 5 ? memchr(arn.p, ':', arn.n) : NULL;
    return end ? nz_str_head(arn, (size_t)(end - arn.p)) : arn;
}
