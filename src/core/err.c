#include "core/err.h"

#include <stddef.h>

static const struct row {
    enum nz_err err;
    enum nz_err_class class_;
    const char *name, *text;
} rows[] = {
#define ROW(name, number, class_, text) {name, class_, #name, text},
    NZ_ERROR_LIST(ROW)
#undef ROW
};

static const struct row *row_find(enum nz_err err)
{
    const struct row *bug = &rows[0];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].err == err)
            return &rows[i];
        if (rows[i].err == NZ_E_BUG)
            bug = &rows[i];
    }
    return bug;
}

const char *nz_err_name(enum nz_err err)
{
    return row_find(err)->name;
}

const char *nz_err_text(enum nz_err err)
{
    return row_find(err)->text;
}

enum nz_err_class nz_err_class(enum nz_err err)
{
    return row_find(err)->class_;
}
