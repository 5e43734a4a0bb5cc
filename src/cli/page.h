/* One way to say a help page, several to write it: as text on a terminal, as a man page. */
#ifndef NZ_CLI_PAGE_H
#define NZ_CLI_PAGE_H

#include "cli/term.h"

struct nz_page;

/* All texts are ours and already in the user's language. */
struct nz_page_ops {
    void (*title)(struct nz_page *page, const char *name, unsigned section, const char *summary);
    void (*heading)(struct nz_page *page, const char *text);
    void (*usage)(struct nz_page *page, const char *line);
    void (*paragraph)(struct nz_page *page, const char *text); /* blank lines part paragraphs */
    void (*item)(struct nz_page *page, const char *tag, const char *text);
    void (*example)(struct nz_page *page, const char *line, const char *what);
};

struct nz_page {
    const struct nz_page_ops *ops;
    struct nz_buf *out;
    const struct nz_term *term; /* text: styles */
    unsigned columns;           /* text: where lines end */
    unsigned tag_columns;       /* text: where an item's text starts */
};

extern const struct nz_page_ops nz_page_text, nz_page_man;

/* text broken into lines of at most `columns` columns, those after the first indented. `column` is where the first
 * starts. Breaks at spaces, and between wide characters where Japanese may break. Appended, without a line end. */
void nz_wrap_append(struct nz_buf *out, struct nz_str text, unsigned column, unsigned indent, unsigned columns);

#endif
