/* What went wrong and where, in storage of the caller. Functions that can fail in a way a person must act on take one,
 * last, and NULL is always allowed. Printed as "FILE:LINE:COLUMN: sentence of the code: text". */
#ifndef NZ_CORE_DIAG_H
#define NZ_CORE_DIAG_H

#include "core/err.h"
#include "core/str.h"

#include <stdint.h>

struct nz_diag {
    enum nz_err code;
    struct nz_str file;    /* borrowed from whoever knows it; empty when nobody does */
    uint64_t offset;       /* bytes from the start of the file, inflated; UINT64_MAX: not known */
    uint64_t record;       /* record number from 0; UINT64_MAX: not known */
    uint32_t line, column; /* from 1; 0: not known */
    char text[256];        /* what is particular to this case, UTF-8; "" when the code says all */
};

#define NZ_DIAG_INIT                                                                                                   \
    {                                                                                                                  \
        .offset = UINT64_MAX, .record = UINT64_MAX                                                                     \
    }

/* Each sets *diag (if not NULL), leaves file alone, and returns code, so that callers write `return nz_diag_set(…)`. */
enum nz_err nz_diag_set(struct nz_diag *diag, enum nz_err code, const char *format, ...) NZ_PRINTF(3, 4);
enum nz_err nz_diag_at(struct nz_diag *diag, enum nz_err code, uint32_t line, uint32_t column, const char *format, ...)
    NZ_PRINTF(5, 6);
enum nz_err nz_diag_offset(struct nz_diag *diag, enum nz_err code, uint64_t offset, const char *format, ...)
    NZ_PRINTF(4, 5);

#endif
