#include "cli/table.h"

#include "core/text.h"

#define GAP_COLUMNS 2u
#define CUT_MIN_COLUMNS 8u /* a column is not cut below this */
/* In a file nothing is cut, but a name of 100 kB does not make every row as long: past this, columns stand where they come. */
#define FILE_COLUMNS_MAX 200u

struct cell {
    struct nz_str text; /* escaped */
    unsigned width;
    enum nz_style style;
};

struct nz_table_row {
    struct nz_table_row *next;
    struct cell cells[];
};

void nz_table_init(struct nz_table *t, struct nz_arena *keep, const struct nz_table_column *columns, size_t count)
{
    *t = (struct nz_table){.keep = keep, .columns = columns};
    t->columns_count = count < NZ_TABLE_COLUMNS_MAX ? count : NZ_TABLE_COLUMNS_MAX;
}

static unsigned width_of(struct nz_str text)
{
    size_t width = nz_text_width(text);
    return width < 100000 ? (unsigned)width : 100000;
}

void nz_table_add(struct nz_table *t, const struct nz_str *cells, const enum nz_style *styles)
{
    struct nz_table_row *row =
        nz_arena_alloc(t->keep, sizeof(struct nz_table_row) + t->columns_count * sizeof(struct cell));
    struct nz_buf escaped;
    nz_buf_init(&escaped, 0);
    for (size_t i = 0; row && i < t->columns_count; i++) {
        nz_buf_clear(&escaped);
        nz_text_append_terminal(&escaped, cells[i]);
        row->cells[i].text = nz_arena_str(t->keep, nz_buf_view(&escaped));
        row->cells[i].width = width_of(row->cells[i].text);
        row->cells[i].style = styles ? styles[i] : NZ_STYLE_PLAIN;
        if (escaped.failed || !row->cells[i].text.p)
            t->failed = true;
    }
    nz_buf_release(&escaped);
    if (!row) {
        t->failed = true;
        return;
    }
    *(t->first ? t->last : &t->first) = row;
    t->last = &row->next;
}

static unsigned total_width(const struct nz_table *t, const unsigned *widths)
{
    unsigned total = 0;
    for (size_t i = 0; i < t->columns_count; i++)
        total += widths[i] + (i ? GAP_COLUMNS : 0);
    return total;
}

/* What a column may take at first; a whole one is never asked to give way later. */
static unsigned most_of(const struct nz_table_column *column, const struct nz_term *term)
{
    if (term->columns == 0)
        return FILE_COLUMNS_MAX;
    return column->whole ? term->columns / 2 : term->columns;
}

/* As wide as their widest cell; on a terminal the widest gives way, column by column, until all fit. */
static void measure(const struct nz_table *t, const struct nz_term *term, unsigned *widths)
{
    for (size_t i = 0; i < t->columns_count; i++)
        widths[i] = width_of(nz_str_from_c(t->columns[i].title));
    for (const struct nz_table_row *row = t->first; row; row = row->next) {
        for (size_t i = 0; i < t->columns_count; i++) {
            if (row->cells[i].width > widths[i])
                widths[i] = row->cells[i].width;
        }
    }
    for (size_t i = 0; i < t->columns_count; i++) {
        const unsigned most = most_of(&t->columns[i], term);
        widths[i] = widths[i] < most ? widths[i] : most;
    }
    while (term->columns && total_width(t, widths) > term->columns) {
        unsigned *widest = NULL;
        for (size_t i = 0; i < t->columns_count; i++) {
            if (!t->columns[i].whole && widths[i] > CUT_MIN_COLUMNS && (!widest || widths[i] > *widest))
                widest = &widths[i];
        }
        if (!widest)
            return;
        --*widest;
    }
}

/* The longest head of text that is at most `columns` wide, ending at a character's edge. Cells that are cut are looked at
 * from the front, so a cell of any length costs no more than the window is wide. */
static struct nz_str head_of(struct nz_str text, unsigned columns)
{
    size_t n = 0;
    for (unsigned width = 0; n < text.n;) {
        size_t step = 1;
        while (n + step < text.n && ((unsigned char)text.p[n + step] & 0xc0) == 0x80)
            step++;
        width += width_of(nz_str_of(text.p + n, step));
        if (width > columns)
            break;
        n += step;
    }
    return nz_str_head(text, n);
}

void nz_cell_append(struct nz_buf *out, struct nz_str text, unsigned columns)
{
    struct nz_buf escaped;
    nz_buf_init(&escaped, 0);
    nz_text_append_terminal(&escaped, nz_str_head(text, (size_t)columns * 4)); /* a character has at most four bytes */
    const struct nz_str whole = nz_buf_view(&escaped);
    const bool cut = text.n > (size_t)columns * 4 || width_of(whole) > columns;
    nz_buf_append(out, cut ? head_of(whole, columns - 1) : whole);
    nz_buf_append(out, cut ? NZ_STR("…") : NZ_STR(""));
    out->failed = out->failed || escaped.failed;
    nz_buf_release(&escaped);
}

static void cell_print(struct nz_output *out, const struct nz_term *term, const struct cell *cell, unsigned width,
                       bool right, bool last)
{
    bool cut = term->columns && cell->width > width;
    struct nz_str text = cut ? head_of(cell->text, width - 1) : cell->text;
    unsigned used = cut ? width_of(text) + 1 : cell->width;
    int pad = (int)(width > used ? width - used : 0);
    if (right)
        nz_output_printf(out, "%*s", pad, "");
    nz_output_write(out, nz_str_from_c(nz_style_on(term, cell->style)));
    nz_output_write(out, text);
    if (cut)
        nz_output_write(out, NZ_STR("…"));
    nz_output_write(out, nz_str_from_c(nz_style_off(term, cell->style)));
    if (!right && !last)
        nz_output_printf(out, "%*s", pad, "");
    nz_output_printf(out, "%*s", last ? 0 : (int)GAP_COLUMNS, "");
}

enum nz_err nz_table_print(const struct nz_table *t, struct nz_output *out, const struct nz_term *term)
{
    unsigned widths[NZ_TABLE_COLUMNS_MAX];
    if (t->failed)
        return NZ_E_NOMEM;
    measure(t, term, widths);
    for (size_t i = 0; i < t->columns_count; i++) {
        struct nz_str title = nz_str_from_c(t->columns[i].title);
        struct cell cell = {title, width_of(title), NZ_STYLE_BOLD};
        cell_print(out, term, &cell, widths[i], t->columns[i].right, i + 1 == t->columns_count);
    }
    nz_output_write(out, NZ_STR("\n"));
    for (const struct nz_table_row *row = t->first; row; row = row->next) {
        for (size_t i = 0; i < t->columns_count; i++)
            cell_print(out, term, &row->cells[i], widths[i], t->columns[i].right, i + 1 == t->columns_count);
        nz_output_write(out, NZ_STR("\n"));
    }
    return NZ_OK;
}
