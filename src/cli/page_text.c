#include "cli/i18n.h"
#include "cli/page.h"
#include "core/text.h"

#define INDENT 2u

static void styled(struct nz_page *page, enum nz_style style, const char *text)
{
    nz_buf_printf(page->out, "%s%s%s", nz_style_on(page->term, style), text, nz_style_off(page->term, style));
}

static void title(struct nz_page *page, const char *name, unsigned section, const char *summary)
{
    (void)section;
    styled(page, NZ_STYLE_BOLD, name);
    nz_buf_append(page->out, NZ_STR(": "));
    unsigned column = (unsigned)nz_text_width(nz_str_from_c(name)) + 2;
    nz_wrap_append(page->out, nz_str_from_c(summary), column, INDENT, page->columns);
    nz_buf_append_char(page->out, '\n');
}

static void heading(struct nz_page *page, const char *text)
{
    nz_buf_append_char(page->out, '\n');
    styled(page, NZ_STYLE_BOLD, text);
    nz_buf_append_char(page->out, '\n');
}

static void usage(struct nz_page *page, const char *line)
{
    nz_buf_printf(page->out, "%*s", (int)INDENT, "");
    nz_wrap_append(page->out, nz_str_from_c(line), INDENT, INDENT * 2, page->columns);
    nz_buf_append_char(page->out, '\n');
}

static void paragraph(struct nz_page *page, const char *text)
{
    struct nz_str rest = nz_str_from_c(text);
    for (bool first = true; rest.n; first = false) {
        size_t end = nz_str_find(rest, NZ_STR("\n\n"));
        struct nz_str one = nz_str_head(rest, end);
        rest = end == SIZE_MAX ? NZ_STR("") : nz_str_skip(rest, end + 2);
        nz_buf_printf(page->out, "%s%*s", first ? "" : "\n", (int)INDENT, "");
        nz_wrap_append(page->out, one, INDENT, INDENT, page->columns);
        nz_buf_append_char(page->out, '\n');
    }
}

static void item(struct nz_page *page, const char *tag, const char *text)
{
    unsigned width = (unsigned)nz_text_width(nz_str_from_c(tag)) + INDENT;
    nz_buf_printf(page->out, "%*s", (int)INDENT, "");
    styled(page, NZ_STYLE_CYAN, tag);
    if (width + 2 > page->tag_columns)
        nz_buf_printf(page->out, "\n%*s", (int)page->tag_columns, "");
    else
        nz_buf_printf(page->out, "%*s", (int)(page->tag_columns - width), "");
    nz_wrap_append(page->out, nz_str_from_c(text), page->tag_columns, page->tag_columns, page->columns);
    nz_buf_append_char(page->out, '\n');
}

static void example(struct nz_page *page, const char *line, const char *what)
{
    nz_buf_printf(page->out, "%*s", (int)INDENT, "");
    styled(page, NZ_STYLE_GREEN, line);
    nz_buf_printf(page->out, "\n%*s", (int)(INDENT * 3), "");
    nz_wrap_append(page->out, nz_str_from_c(what), INDENT * 3, INDENT * 3, page->columns);
    nz_buf_append_char(page->out, '\n');
}

const struct nz_page_ops nz_page_text = {title, heading, usage, paragraph, item, example};
