#include "cli/text_file.h"

#include <errno.h>
#include <stdio.h>

static enum nz_err read_whole(FILE *file, struct nz_buf *out, struct nz_diag *diag)
{
    for (;;) {
        char *to = nz_buf_reserve(out, 65536);
        if (!to && out->n >= NZ_TEXT_FILE_BYTES_MAX - 65536)
            return nz_diag_set(diag, NZ_E_LIMIT, "a file of more than 4 MiB");
        if (!to)
            return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
        size_t got = fread(to, 1, 65536, file);
        out->n += got;
        if (got == 0)
            return ferror(file) ? nz_diag_set(diag, NZ_E_IO, "%s", strerror(errno)) : NZ_OK;
    }
}

enum nz_err nz_text_file_read(const char *path, struct nz_buf *out, struct nz_diag *diag)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return nz_diag_set(diag, NZ_E_IO, "%s", strerror(errno));
    enum nz_err err = read_whole(file, out, diag);
    fclose(file);
    return err;
}
