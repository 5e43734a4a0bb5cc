/* A file for what outgrows memory: in $TMPDIR, else /tmp, without a name there, so that it is gone however we end. What is in it
 * has this machine's byte order: it never leaves the process.
 * Threads: one may write a range while others read ranges that have been written. */
#ifndef NZ_CORE_TEMP_FILE_H
#define NZ_CORE_TEMP_FILE_H

#include "core/diag.h"

struct nz_temp_file {
    int fd; /* -1: not made yet */
};
#define NZ_TEMP_FILE_INIT                                                                                              \
    {                                                                                                                  \
        .fd = -1                                                                                                       \
    }

/* Makes the file. NZ_E_WRITE. Nothing to do when it is made. */
NZ_MUST_USE enum nz_err nz_temp_file_open(struct nz_temp_file *file, struct nz_diag *diag);
void nz_temp_file_close(struct nz_temp_file *file); /* harmless twice */

/* All bytes, from that offset on. NZ_E_WRITE (disk full: diag says where): a part of them may be there. */
NZ_MUST_USE enum nz_err nz_temp_file_write(const struct nz_temp_file *file, uint64_t at, struct nz_str bytes,
                                           struct nz_diag *diag);
/* Exactly n bytes. NZ_E_IO. */
NZ_MUST_USE enum nz_err nz_temp_file_read(const struct nz_temp_file *file, uint64_t at, char *to, size_t n,
                                          struct nz_diag *diag);
/* Gives the space of a range back to the machine, where it can. */
void nz_temp_file_drop(const struct nz_temp_file *file, uint64_t from, uint64_t end);

#endif
