#include "cli/term.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool color_wanted(bool is_terminal, enum nz_color_when when)
{
    if (when != NZ_COLOR_AUTO)
        return when == NZ_COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *kind = getenv("TERM");
    return is_terminal && !(no_color && *no_color) && kind && *kind && strcmp(kind, "dumb") != 0;
}

struct nz_term nz_term_of(int fd, enum nz_color_when when)
{
    struct nz_term term = {.is_terminal = isatty(fd) == 1};
    term.color = color_wanted(term.is_terminal, when);
    struct winsize size;
    if (term.is_terminal)
        term.columns = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
    return term;
}

const char *nz_style_on(const struct nz_term *term, enum nz_style style)
{
    if (!term->color)
        return "";
    switch (style) {
    case NZ_STYLE_PLAIN:
        return "";
    case NZ_STYLE_BOLD:
        return "\033[1m";
    case NZ_STYLE_DIM:
        return "\033[2m";
    case NZ_STYLE_RED:
        return "\033[31m";
    case NZ_STYLE_YELLOW:
        return "\033[33m";
    case NZ_STYLE_GREEN:
        return "\033[32m";
    case NZ_STYLE_CYAN:
        return "\033[36m";
    }
    return "";
}

const char *nz_style_off(const struct nz_term *term, enum nz_style style)
{
    return term->color && style != NZ_STYLE_PLAIN ? "\033[0m" : "";
}
