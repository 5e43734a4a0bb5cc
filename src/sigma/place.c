#include "sigma/rule.h"

#include <stdarg.h>
#include <stdio.h>

/* A scalar's value and its writing in the file differ in white space (folding, indentation, line ends) and in quotes.
 * So both are walked in step, white space left out of both; where the bytes differ otherwise the place is not known. */
struct cursor {
    struct nz_str source;
    size_t at;
    uint32_t line, column;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void advance(struct cursor *c)
{
    char byte = c->source.p[c->at++];
    char next = c->at < c->source.n ? c->source.p[c->at] : '\0';
    if (byte == '\n' || (byte == '\r' && next != '\n')) {
        c->line++;
        c->column = 1;
    } else if (((unsigned char)next & 0xc0) != 0x80) {
        c->column++; /* columns count characters, so the bytes inside one do not */
    }
}

static bool more(const struct cursor *c)
{
    return c->at < c->source.n;
}

static bool cursor_to(struct cursor *c, uint32_t line, uint32_t column)
{
    if (nz_str_starts_with(c->source, NZ_STR("\xef\xbb\xbf")))
        c->at = 3;
    while (more(c) && (c->line < line || (c->line == line && c->column < column)))
        advance(c);
    return more(c) && c->line == line && c->column == column;
}

/* Past anchors, tags, the opening quote, or the header line of a block. */
static void skip_opening(struct cursor *c)
{
    while (more(c) && (c->source.p[c->at] == '&' || c->source.p[c->at] == '!')) {
        while (more(c) && !is_space(c->source.p[c->at]))
            advance(c);
        while (more(c) && is_space(c->source.p[c->at]))
            advance(c);
    }
    if (!more(c))
        return;
    char first = c->source.p[c->at];
    if (first == '|' || first == '>') {
        while (more(c) && c->source.p[c->at] != '\n')
            advance(c);
    } else if (first == '"' || first == '\'') {
        advance(c);
    }
}

/* Moves to the byte of the source that holds value[offset]. */
static bool follow(struct cursor *c, struct nz_str value, size_t offset)
{
    char quote = more(c) && c->at > 0 && c->source.p[c->at - 1] == '\'' ? '\'' : '\0';
    for (size_t i = 0; i < value.n; i++) {
        if (is_space(value.p[i]) && i != offset)
            continue;
        if (is_space(value.p[i]))
            return more(c) && is_space(c->source.p[c->at]);
        while (more(c) && is_space(c->source.p[c->at]))
            advance(c);
        if (!more(c) || c->source.p[c->at] != value.p[i])
            return false;
        if (i == offset)
            return true;
        advance(c);
        if (quote && value.p[i] == quote && more(c))
            advance(c); /* '' in single quotes is one */
    }
    return offset == value.n; /* the end of the value: the place after its last character */
}

void nz_place_find(struct nz_str source, const struct nz_yaml *scalar, size_t offset, uint32_t *line, uint32_t *column)
{
    struct cursor c = {.source = source, .line = 1, .column = 1};
    *line = scalar->line;
    *column = scalar->column;
    if (scalar->kind != NZ_YAML_SCALAR || !cursor_to(&c, scalar->line, scalar->column))
        return;
    skip_opening(&c);
    if (follow(&c, scalar->text, offset)) {
        *line = c.line;
        *column = c.column;
    }
}

enum nz_err nz_rule_error(struct nz_rule_parser *p, const struct nz_yaml *node, enum nz_err err, const char *format,
                          ...)
{
    char text[sizeof p->diag->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return nz_diag_at(p->diag, err, node->line, node->column, "%s", text);
}

enum nz_err nz_rule_error_in(struct nz_rule_parser *p, const struct nz_yaml *scalar, size_t offset, enum nz_err err,
                             const char *format, ...)
{
    char text[sizeof p->diag->text];
    uint32_t line, column;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    nz_place_find(p->source, scalar, offset, &line, &column);
    return nz_diag_at(p->diag, err, line, column, "%s", text);
}

enum nz_err nz_rule_error_placed(struct nz_rule_parser *p, const struct nz_yaml *scalar, enum nz_err err)
{
    if (!p->diag || err == NZ_E_NOMEM)
        return err;
    p->diag->line = scalar->line;
    p->diag->column = scalar->column;
    if (p->diag->offset != UINT64_MAX)
        nz_place_find(p->source, scalar, (size_t)p->diag->offset, &p->diag->line, &p->diag->column);
    p->diag->offset = UINT64_MAX;
    return err;
}
