#include "cli/explain_page.h"

#include "cli/page.h"
#include "core/text.h"

#define INDENT 2u
#define CODE_INDENT 4u

struct render {
    struct nz_buf *out;
    const struct nz_term *term;
    unsigned columns;
    struct nz_buf line; /* of a paragraph or an item, gathered */
    unsigned indent, hanging;
    const char *bullet;
    bool in_code;
    bool blank; /* the last line written was an empty one */
};

/* Emphasis and the addresses of links go, code stays between its marks. */
static void plain_append(struct nz_buf *out, struct nz_str text)
{
    bool code = false;
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        if (c == '`')
            code = !code;
        if (!code && c == '*')
            continue;
        if (!code && c == '[')
            continue;
        if (!code && c == ']' && i + 1 < text.n && text.p[i + 1] == '(') {
            const size_t end = nz_str_find(nz_str_skip(text, i), NZ_STR(")"));
            i += end == SIZE_MAX ? 0 : end;
            continue;
        }
        nz_buf_append_char(out, c);
    }
}

static void blank_line(struct render *r)
{
    if (!r->blank && r->out->n)
        nz_buf_append_char(r->out, '\n');
    r->blank = true;
}

/* Writes what was gathered. */
static void flush(struct render *r)
{
    if (!r->line.n)
        return;
    nz_buf_printf(r->out, "%*s%s", (int)r->indent, "", r->bullet);
    nz_wrap_append(r->out, nz_buf_view(&r->line), r->hanging, r->hanging, r->columns);
    nz_buf_append_char(r->out, '\n');
    nz_buf_clear(&r->line);
    r->blank = false;
}

static void start(struct render *r, const char *bullet)
{
    flush(r);
    r->bullet = bullet;
    r->indent = INDENT;
    r->hanging = INDENT + (unsigned)strlen(bullet);
}

static void heading(struct render *r, struct nz_str text)
{
    flush(r);
    blank_line(r);
    nz_buf_append(r->out, nz_str_from_c(nz_style_on(r->term, NZ_STYLE_BOLD)));
    plain_append(r->out, text);
    nz_buf_append(r->out, nz_str_from_c(nz_style_off(r->term, NZ_STYLE_BOLD)));
    nz_buf_append_char(r->out, '\n');
    r->blank = false;
}

/* "| name | value |": rules and empty headings are for Markdown only. */
static void table_row(struct render *r, struct nz_str line)
{
    const struct nz_str row = nz_str_skip(line, 1);
    const size_t bar = nz_str_find(row, NZ_STR("|"));
    if (bar == SIZE_MAX)
        return;
    const struct nz_str name = nz_str_trim(nz_str_head(row, bar));
    struct nz_str value = nz_str_trim(nz_str_skip(row, bar + 1));
    if (nz_str_ends_with(value, NZ_STR("|")))
        value = nz_str_trim(nz_str_head(value, value.n - 1));
    if (!name.n || nz_str_starts_with(name, NZ_STR("---")))
        return;
    start(r, "");
    r->hanging = INDENT * 2;
    plain_append(&r->line, name);
    nz_buf_append(&r->line, NZ_STR(": "));
    plain_append(&r->line, value);
    flush(r);
}

static void code_line(struct render *r, struct nz_str line)
{
    nz_buf_printf(r->out, "%*s%s%.*s%s\n", (int)CODE_INDENT, "", nz_style_on(r->term, NZ_STYLE_GREEN), NZ_STR_ARG(line),
                  nz_style_off(r->term, NZ_STYLE_GREEN));
    r->blank = false;
}

/* "1. text" */
static bool is_numbered(struct nz_str line)
{
    return line.n > 2 && line.p[0] >= '0' && line.p[0] <= '9' && line.p[1] == '.' && line.p[2] == ' ';
}

static void text_line(struct render *r, struct nz_str line)
{
    if (nz_str_starts_with(line, NZ_STR("- "))) {
        start(r, "- ");
        line = nz_str_skip(line, 2);
    } else if (is_numbered(line)) {
        start(r, "");
        r->hanging = INDENT + 3;
    } else if (!r->line.n) {
        start(r, "");
    }
    if (r->line.n)
        nz_buf_append_char(&r->line, ' ');
    plain_append(&r->line, nz_str_trim(line));
}

static void line_take(struct render *r, struct nz_str line)
{
    if (nz_str_starts_with(line, NZ_STR("```"))) {
        flush(r);
        r->in_code = !r->in_code;
    } else if (r->in_code) {
        code_line(r, line);
    } else if (!line.n) {
        flush(r);
        blank_line(r);
    } else if (line.p[0] == '#') {
        while (line.n && line.p[0] == '#')
            line = nz_str_skip(line, 1);
        heading(r, nz_str_trim(line));
    } else if (line.p[0] == '|') {
        table_row(r, line);
    } else if (!nz_str_starts_with(line, NZ_STR("*["))) {
        text_line(r, line);
    }
}

void nz_explain_append_text(struct nz_buf *out, struct nz_str markdown, const struct nz_term *term, unsigned columns)
{
    struct render r = {.out = out, .term = term, .columns = columns, .bullet = "", .blank = true};
    nz_buf_init(&r.line, 0);
    while (markdown.n)
        line_take(&r, nz_str_take(&markdown, NZ_STR("\n")));
    flush(&r);
    out->failed = out->failed || r.line.failed;
    nz_buf_release(&r.line);
}
