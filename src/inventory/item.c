#include "inventory/item.h"

void nz_item_view_init(struct nz_item_view *view)
{
    *view = (struct nz_item_view){0};
    nz_json_doc_init(&view->docs[0]);
    nz_json_doc_init(&view->docs[1]);
}

void nz_item_view_release(struct nz_item_view *view)
{
    nz_json_doc_release(&view->docs[0]);
    nz_json_doc_release(&view->docs[1]);
    *view = (struct nz_item_view){0};
}

enum nz_err nz_item_open(struct nz_item_view *view, const struct nz_item *item)
{
    view->item = item;
    view->configuration = view->supplementary = (struct nz_json){0};
    enum nz_err err = nz_json_parse(&view->docs[0], item->configuration, &view->configuration, NULL);
    if (err == NZ_OK)
        err = nz_json_parse(&view->docs[1], item->supplementary, &view->supplementary, NULL);
    return err;
}

static unsigned char other_case(unsigned char c)
{
    bool letter = (unsigned char)((c | 0x20u) - 'a') < 26u;
    return letter ? c ^ 0x20u : c;
}

struct nz_json nz_item_member(struct nz_json object, struct nz_str name)
{
    struct nz_json exact = nz_json_get(object, name);
    if (!nz_json_is_absent(exact) || nz_json_kind(object) != NZ_JSON_OBJECT || !name.n)
        return exact;
    for (struct nz_json_iter it = nz_json_iter(object); nz_json_next(&it);) {
        if (it.key.n == name.n && (unsigned char)it.key.p[0] == other_case((unsigned char)name.p[0]) &&
            memcmp(it.key.p + 1, name.p + 1, name.n - 1) == 0)
            exact = it.value;
    }
    return exact;
}

struct nz_json nz_item_get(const struct nz_item_view *view, const char *path)
{
    struct nz_str rest = nz_str_from_c(path);
    struct nz_json at = {0};
    for (bool first = true; rest.n; first = false) {
        const char *dot = memchr(rest.p, '.', rest.n);
        struct nz_str name = nz_str_head(rest, dot ? (size_t)(dot - rest.p) : rest.n);
        rest = nz_str_skip(rest, name.n + 1);
        if (!first)
            at = nz_item_member(at, name);
        else if (nz_str_eq(name, NZ_STR("configuration")))
            at = view->configuration;
        else if (nz_str_eq(name, NZ_STR("supplementaryConfiguration")))
            at = view->supplementary;
    }
    return at;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)nz_ascii_lower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986, section 2.1. What is no encoded byte stays as it is: whoever parses the document says what is wrong with it. */
static void percent_decode(struct nz_str text, struct nz_buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        int high = text.p[i] == '%' && i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.p[i + 2]) : -1;
        if (low < 0) {
            nz_buf_append_char(out, text.p[i]);
            continue;
        }
        nz_buf_append_char(out, (char)(high << 4 | low));
        i += 2;
    }
}

struct nz_str nz_item_document(struct nz_json v, struct nz_buf *scratch)
{
    if (nz_json_kind(v) == NZ_JSON_OBJECT)
        return nz_json_source(v);
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return (struct nz_str){"", 0};
    struct nz_str raw = nz_json_string_raw(v);
    size_t from = scratch->n;
    /* JSON of an object that says anything holds a quotation mark, percent-encoded text never does */
    if (raw.n && memchr(raw.p, '%', raw.n) && !memchr(raw.p, '"', raw.n)) {
        nz_buf_reserve(scratch, raw.n);
        percent_decode(raw, scratch);
        return scratch->failed ? (struct nz_str){"", 0} : nz_str_of(scratch->p + from, scratch->n - from);
    }
    return nz_json_string(v, scratch);
}
