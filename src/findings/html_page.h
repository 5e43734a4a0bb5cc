/* The shell of every HTML report: one file that needs no network and asks for none.
 *
 *     nz_html_page_begin(out, &page);                                // all up to the title
 *     NZ_HTML(out, "<p class=\"lead\">$ of $</p>", found, all);      // each $ is a text, escaped
 *     nz_html_page_end(out, NZ_STR("nezuban 0.1.0"));
 *
 * A Content-Security-Policy forbids everything but this style and this script, by their hashes: an element, an attribute or
 * an address that got in by a value of a log could neither run nor load anything. So there is no style="" and no onclick="";
 * looks are classes (html/page.css), behaviour is data- attributes (html/page.js says which).
 *
 * Everything is appended to `out`, whose fault sticks (nz_buf_status at the end is enough). A large page is written bit by
 * bit: between two calls the buffer may be emptied. Charts: findings/html_chart.h. */
#ifndef NZ_FINDINGS_HTML_PAGE_H
#define NZ_FINDINGS_HTML_PAGE_H

#include "core/buf.h"

struct nz_html_page {
    bool japanese;       /* what language the texts are in */
    struct nz_str title; /* also the heading */
    struct nz_str lead;  /* a line below it; may be empty */
};

void nz_html_page_begin(struct nz_buf *out, const struct nz_html_page *page);
/* footer: a line in small print. */
void nz_html_page_end(struct nz_buf *out, struct nz_str footer);

/* Markup of ours, in which each $ stands for the next of count texts: escaped as core/text.h says, so that it may stand
 * between tags and inside quotes of an attribute. Not for addresses: see nz_html_append_link. */
void nz_html_append(struct nz_buf *out, const char *markup, const struct nz_str *texts, size_t count);
#define NZ_HTML(out, markup, ...)                                                                                      \
    nz_html_append((out), (markup), (const struct nz_str[]){__VA_ARGS__},                                              \
                   sizeof((const struct nz_str[]){__VA_ARGS__}) / sizeof(struct nz_str))

/* "1,234,567", as text; the same in both languages. */
void nz_html_append_count(struct nz_buf *out, uint64_t value);

/* An address as a link if it is https:, else as text: a rule's reference may be anything, javascript: among it. The link
 * opens beside the page and does not say where it was clicked. */
void nz_html_append_link(struct nz_buf *out, struct nz_str address);

#endif
