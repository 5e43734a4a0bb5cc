/* Pages in the macros of man(7), for man-db and mandoc. */
#include "cli/page.h"

/* roff reads a backslash as its own, a leading dot or quote as a request, and turns a plain hyphen into a typographic
 * one, which cannot be searched for or copied. */
static void text_append(struct nz_buf *out, struct nz_str text)
{
    bool line_start = true;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (line_start && (c == '.' || c == '\''))
            nz_buf_append(out, NZ_STR("\\&"));
        if (c == '\\')
            nz_buf_append(out, NZ_STR("\\e"));
        else if (c == '-')
            nz_buf_append(out, NZ_STR("\\-"));
        else if (c == '\'')
            nz_buf_append(out, NZ_STR("\\(aq"));
        else
            nz_buf_append_char(out, c);
        line_start = c == '\n';
    }
}

static void line(struct nz_page *page, const char *text)
{
    text_append(page->out, nz_str_from_c(text));
    nz_buf_append_char(page->out, '\n');
}

static void title(struct nz_page *page, const char *name, unsigned section, const char *summary)
{
    struct nz_buf dashed;
    nz_buf_init(&dashed, 0);
    for (const char *c = name; *c; c++)
        nz_buf_append_char(&dashed, *c == ' ' ? '-' : *c);
    nz_buf_append(page->out, NZ_STR(".TH \""));
    text_append(page->out, nz_buf_view(&dashed));
    /* ad l, nh: lines that are stretched or broken within a word read badly, in Japanese above all */
    nz_buf_printf(page->out, "\" %u \"\" \"nezuban %s\" \"nezuban\"\n.ad l\n.nh\n.SH NAME\n", section, NZ_VERSION);
    text_append(page->out, nz_buf_view(&dashed));
    nz_buf_append(page->out, NZ_STR(" \\- "));
    line(page, summary);
    nz_buf_release(&dashed);
}

static void heading(struct nz_page *page, const char *text)
{
    nz_buf_append(page->out, NZ_STR(".SH "));
    line(page, text);
}

static void usage(struct nz_page *page, const char *text)
{
    nz_buf_append(page->out, NZ_STR(".PP\n"));
    line(page, text);
}

static void paragraph(struct nz_page *page, const char *text)
{
    struct nz_str rest = nz_str_from_c(text);
    while (rest.n) {
        size_t end = nz_str_find(rest, NZ_STR("\n\n"));
        nz_buf_append(page->out, NZ_STR(".PP\n"));
        text_append(page->out, nz_str_head(rest, end));
        nz_buf_append_char(page->out, '\n');
        rest = end == SIZE_MAX ? NZ_STR("") : nz_str_skip(rest, end + 2);
    }
}

static void item(struct nz_page *page, const char *tag, const char *text)
{
    nz_buf_append(page->out, NZ_STR(".TP\n\\fB"));
    text_append(page->out, nz_str_from_c(tag));
    nz_buf_append(page->out, NZ_STR("\\fR\n"));
    line(page, text);
}

static void example(struct nz_page *page, const char *command_line, const char *what)
{
    item(page, command_line, what);
}

const struct nz_page_ops nz_page_man = {title, heading, usage, paragraph, item, example};
