/* Where results go: standard output, or a file that appears under its name only when it is complete. */
#ifndef NZ_CLI_OUTPUT_H
#define NZ_CLI_OUTPUT_H

#include "core/buf.h"
#include "core/diag.h"

struct nz_output {
    int fd;                 /* -1: not open */
    char *path, *temporary; /* temporary NULL: written in place */
    struct nz_buf buf;
    enum nz_err err; /* sticky; what comes after it is dropped */
    int err_number;  /* errno of it */
};

/* path NULL or "-": standard output. What is not a regular file (/dev/full, a pipe) is written in place; else a new file
 * beside it, under a name that ends in ".tmp", which nz_output_close renames. */
NZ_MUST_USE enum nz_err nz_output_open(struct nz_output *out, const char *path, struct nz_diag *diag);

/* Both buffer; a full buffer is written. Errors stick and come out of nz_output_close. */
void nz_output_write(struct nz_output *out, struct nz_str text);
void nz_output_printf(struct nz_output *out, const char *format, ...) NZ_PRINTF(2, 3);
void nz_output_flush(struct nz_output *out);

/* Writes the rest and puts the file in its place; after a write error the old file stays as it was. NZ_E_PIPE when the
 * reader went away (nothing to say then), NZ_E_WRITE for all else. Harmless twice. */
NZ_MUST_USE enum nz_err nz_output_close(struct nz_output *out, struct nz_diag *diag);

#endif
