#include "findings/html_json.h"

#include "core/text.h"

#define DEPTH_SHOWN 40u /* deeper values are not moved further to the right */

static void new_line(struct nz_buf *out, unsigned depth)
{
    const unsigned columns = (depth < DEPTH_SHOWN ? depth : DEPTH_SHOWN) * 2;
    nz_buf_printf(out, "\n%*s", (int)columns, "");
}

/* Bytes up to the end of the text that starts here, its quotes included. */
static size_t string_bytes(struct nz_str text)
{
    size_t n = 1;
    while (n < text.n && text.p[n] != '"')
        n += text.p[n] == '\\' && n + 1 < text.n ? 2 : 1;
    return n < text.n ? n + 1 : text.n;
}

static void append_opening(struct nz_buf *out, struct nz_str text, unsigned *depth)
{
    nz_buf_append_char(out, text.p[0]);
    const bool empty = text.n > 1 && (text.p[1] == '}' || text.p[1] == ']');
    ++*depth;
    if (!empty)
        new_line(out, *depth);
}

static void append_closing(struct nz_buf *out, char bracket, bool was_empty, unsigned *depth)
{
    *depth -= *depth > 0;
    if (!was_empty)
        new_line(out, *depth);
    nz_buf_append_char(out, bracket);
}

void nz_html_append_json(struct nz_buf *out, struct nz_str compact, bool is_cut)
{
    unsigned depth = 0;
    char last = 0;
    nz_buf_append(out, NZ_STR("<pre>"));
    while (compact.n) {
        const char c = compact.p[0];
        size_t n = 1;
        if (c == '"') {
            n = string_bytes(compact);
            nz_text_append_html(out, nz_str_head(compact, n));
        } else if (c == '{' || c == '[') {
            append_opening(out, compact, &depth);
        } else if (c == '}' || c == ']') {
            append_closing(out, c, last == '{' || last == '[', &depth);
        } else if (c == ',') {
            nz_buf_append_char(out, c);
            new_line(out, depth);
        } else if (c == ':') {
            nz_buf_append(out, NZ_STR(": "));
        } else {
            nz_text_append_html(out, nz_str_head(compact, 1));
        }
        last = c;
        compact = nz_str_skip(compact, n);
    }
    nz_buf_append(out, is_cut ? NZ_STR("\n…</pre>") : NZ_STR("</pre>"));
}
