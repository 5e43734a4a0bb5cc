/* A table with aligned columns, measured in columns of a terminal, so that Japanese lines up too. On a terminal it fits
 * the window: the widest columns are cut, with an ellipsis. Elsewhere nothing is cut. */
#ifndef NZ_CLI_TABLE_H
#define NZ_CLI_TABLE_H

#include "cli/output.h"
#include "cli/term.h"
#include "core/arena.h"

#define NZ_TABLE_COLUMNS_MAX 16u

struct nz_table_column {
    const char *title; /* in the user's language; borrowed */
    bool right;        /* numbers */
    bool whole;        /* never cut, but for what is wider than half of the window */
};

struct nz_table_row;

struct nz_table {
    struct nz_arena *keep;
    const struct nz_table_column *columns;
    size_t columns_count;
    struct nz_table_row *first, **last;
    bool failed; /* memory; rows that came after are lost */
};

/* keep: rows live there. At most NZ_TABLE_COLUMNS_MAX columns. */
void nz_table_init(struct nz_table *t, struct nz_arena *keep, const struct nz_table_column *columns, size_t count);

/* One cell a column, from wherever: they are escaped for a terminal and copied. styles: one a column, or NULL. */
void nz_table_add(struct nz_table *t, const struct nz_str *cells, const enum nz_style *styles);

/* What a cell is outside of a table: text escaped for a terminal, at most `columns` wide, with an ellipsis where it was cut. */
void nz_cell_append(struct nz_buf *out, struct nz_str text, unsigned columns);

/* Titles and rows. NZ_E_NOMEM when rows were lost (nothing is printed then). */
NZ_MUST_USE enum nz_err nz_table_print(const struct nz_table *t, struct nz_output *out, const struct nz_term *term);

#endif
