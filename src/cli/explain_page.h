/* The pages of docs/checks, built into the program, and how they look on a terminal. */
#ifndef NZ_CLI_EXPLAIN_PAGE_H
#define NZ_CLI_EXPLAIN_PAGE_H

#include "cli/term.h"
#include "core/buf.h"

struct nz_explain_page {
    const char *id;
    const char *english, *japanese; /* Markdown */
};

extern const struct nz_explain_page nz_explain_pages[]; /* ends with {0} */

/* Markdown as our pages use it (headings, paragraphs, lists, tables of two columns, blocks of code) as text of this width.
 * Appended. The link to the page in the other language is left out. */
void nz_explain_append_text(struct nz_buf *out, struct nz_str markdown, const struct nz_term *term, unsigned columns);

#endif
