/* Private to spool: sorted runs in one temporary file, written at its end, merged when read.
 *
 *   file   | run 0 | run 1 | dead | run 2 |          runs lie in the order of their making
 *   run      key (8) length (4) bytes | key ...
 */
#ifndef NZ_CORE_SPOOL_RUN_H
#define NZ_CORE_SPOOL_RUN_H

#include "core/buf.h"
#include "core/diag.h"
#include "core/temp_file.h"

struct nz_run {
    uint64_t from, end; /* offsets in the file */
    int64_t last_key;
    unsigned level; /* how often its entries have been merged */
};

struct nz_run_file {
    struct nz_temp_file temp;
    uint64_t end; /* what lies behind it is of a write that failed */
};

/* Entries are put in order of keys; until the commit the file is as it was. */
struct nz_run_writer {
    struct nz_run_file *file;
    struct nz_run run;
    struct nz_buf out;
};
void nz_run_writer_init(struct nz_run_writer *w, struct nz_run_file *file);
NZ_MUST_USE enum nz_err nz_run_writer_put(struct nz_run_writer *w, int64_t key, struct nz_str bytes,
                                          struct nz_diag *diag);
NZ_MUST_USE enum nz_err nz_run_writer_commit(struct nz_run_writer *w, struct nz_run *out, struct nz_diag *diag);
void nz_run_writer_release(struct nz_run_writer *w);

struct nz_run_reader;

/* Reads runs as one: by key, of equal keys the earlier run first. Holds a small buffer a run and one entry. */
struct nz_run_merge {
    const struct nz_run_file *file;
    struct nz_run_reader *readers;
    size_t count;
    size_t *heap; /* indices of readers that have an entry, the least first */
    size_t heap_count;
    char *buffers;
    struct nz_buf entry;
};
NZ_MUST_USE enum nz_err nz_run_merge_open(struct nz_run_merge *m, const struct nz_run_file *file,
                                          const struct nz_run *runs, size_t count, struct nz_diag *diag);
bool nz_run_merge_peek(const struct nz_run_merge *m, int64_t *key); /* false: at the end */
/* Only when peek says that there is one. *bytes dies at the next call. */
NZ_MUST_USE enum nz_err nz_run_merge_next(struct nz_run_merge *m, int64_t *key, struct nz_str *bytes,
                                          struct nz_diag *diag);
void nz_run_merge_release(struct nz_run_merge *m); /* harmless twice, and on a zeroed one */

#endif
