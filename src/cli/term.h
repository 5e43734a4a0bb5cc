/* What standard output and standard error are, and how to write on them. */
#ifndef NZ_CLI_TERM_H
#define NZ_CLI_TERM_H

#include "core/buf.h"

enum nz_color_when { NZ_COLOR_AUTO, NZ_COLOR_ALWAYS, NZ_COLOR_NEVER };

struct nz_term {
    bool is_terminal;
    bool color;
    unsigned columns; /* 0: not a terminal, no limit */
};

/* AUTO: colour on a terminal, unless NO_COLOR is set and not empty (https://no-color.org) or TERM is unset or "dumb". */
struct nz_term nz_term_of(int fd, enum nz_color_when when);

enum nz_style {
    NZ_STYLE_PLAIN,
    NZ_STYLE_BOLD,
    NZ_STYLE_DIM,
    NZ_STYLE_RED,
    NZ_STYLE_YELLOW,
    NZ_STYLE_GREEN,
    NZ_STYLE_CYAN
};

/* The escape sequence that starts a style, "" without colour; nz_style_off ends it. */
const char *nz_style_on(const struct nz_term *term, enum nz_style style);
const char *nz_style_off(const struct nz_term *term, enum nz_style style);

#endif
