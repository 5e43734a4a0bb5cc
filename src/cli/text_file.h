/* A small file as one text: rules, exceptions. */
#ifndef NZ_CLI_TEXT_FILE_H
#define NZ_CLI_TEXT_FILE_H

#include "core/buf.h"
#include "core/diag.h"

#define NZ_TEXT_FILE_BYTES_MAX ((size_t)4 << 20)

/* Appends all of it to out, whose limit is NZ_TEXT_FILE_BYTES_MAX. NZ_E_IO, NZ_E_LIMIT, NZ_E_NOMEM: diag has the reason, not
 * the file's name. */
NZ_MUST_USE enum nz_err nz_text_file_read(const char *path, struct nz_buf *out, struct nz_diag *diag);

#endif
