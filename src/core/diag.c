#include "core/diag.h"

#include <stdarg.h>
#include <stdio.h>

static void fill(struct nz_diag *diag, enum nz_err code, uint64_t offset, uint32_t line, uint32_t column,
                 const char *format, va_list args)
{
    diag->code = code;
    diag->offset = offset;
    diag->record = UINT64_MAX;
    diag->line = line;
    diag->column = column;
    /* format comes from our own callers, whose prototypes carry the printf attribute */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(diag->text, sizeof diag->text, format, args);
#pragma GCC diagnostic pop
    /* a text cut inside a UTF-8 sequence would not be UTF-8 any more */
    diag->text[nz_utf8_valid_bytes(nz_str_from_c(diag->text))] = '\0';
}

enum nz_err nz_diag_set(struct nz_diag *diag, enum nz_err code, const char *format, ...)
{
    if (diag) {
        va_list args;
        va_start(args, format);
        fill(diag, code, UINT64_MAX, 0, 0, format, args);
        va_end(args);
    }
    return code;
}

enum nz_err nz_diag_at(struct nz_diag *diag, enum nz_err code, uint32_t line, uint32_t column, const char *format, ...)
{
    if (diag) {
        va_list args;
        va_start(args, format);
        fill(diag, code, UINT64_MAX, line, column, format, args);
        va_end(args);
    }
    return code;
}

enum nz_err nz_diag_offset(struct nz_diag *diag, enum nz_err code, uint64_t offset, const char *format, ...)
{
    if (diag) {
        va_list args;
        va_start(args, format);
        fill(diag, code, offset, 0, 0, format, args);
        va_end(args);
    }
    return code;
}
