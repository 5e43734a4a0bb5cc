/* Chunks of a worker that is ahead of the order, when its queue in memory is full: they wait in a temporary file, first in first
 * out. One thread puts and another takes. Private to trail. */
#ifndef NZ_TRAIL_SPILL_H
#define NZ_TRAIL_SPILL_H

#include "core/buf.h"
#include "core/temp_file.h"

struct chunk {
    struct nz_buf entries;
    struct nz_buf path;  /* of the file, NUL after it */
    uint64_t file;       /* number of the file in the walk's order */
    bool last;           /* of that file */
    enum nz_err err;     /* the worker cannot go on */
    bool counts_as_file; /* the chunk after the last file carries problems only */
    uint64_t disk_bytes, bytes, digests, problems_untold;
};

struct nz_spill {
    struct nz_temp_file file; /* the putting thread's, until something has been put */
    /* guarded by whoever has both threads: */
    size_t count;       /* chunks that wait */
    uint64_t from, end; /* where they stand */
};

void nz_spill_init(struct nz_spill *spill);
void nz_spill_release(struct nz_spill *spill); /* harmless twice */

/* The putting thread, in three steps so that it writes without the lock: begin and done under it, write between. When write has
 * failed (NZ_E_WRITE), nothing has been put, and what waits is as it was. */
void nz_spill_begin(struct nz_spill *spill);
NZ_MUST_USE enum nz_err nz_spill_write(struct nz_spill *spill, const struct chunk *c, uint64_t *bytes);
void nz_spill_done(struct nz_spill *spill, uint64_t bytes);

/* The taking thread, when some wait: read without the lock, then taken under it. NZ_E_NOMEM, NZ_E_IO. */
NZ_MUST_USE enum nz_err nz_spill_read(struct nz_spill *spill, struct chunk *c, uint64_t *bytes);
void nz_spill_taken(struct nz_spill *spill, uint64_t bytes);

#endif
