/* A list of entries that may outgrow memory: append now, read back later in order of (key, appended).
 *
 * Up to memory_bytes it stays in memory; past that, sorted runs go to an unlinked temporary file ($TMPDIR, else /tmp)
 * and are merged when read. So a scan's memory does not grow with what it finds.
 * One thread at a time. Entries up to 16 MiB. Memory: memory_bytes or one entry, if that is more, and while merging
 * 16 KiB a run and one entry; there are at most 64 runs, and 63 for each time that the data is 64 times larger. */
#ifndef NZ_CORE_SPOOL_H
#define NZ_CORE_SPOOL_H

#include "core/diag.h"

struct nz_spool;

NZ_MUST_USE enum nz_err nz_spool_new(size_t memory_bytes, struct nz_spool **out);
void nz_spool_free(struct nz_spool *s); /* NULL is fine */

/* Copies bytes. NZ_E_NOMEM, NZ_E_LIMIT (an entry too large), NZ_E_WRITE (disk full: diag says where), NZ_E_IO. On an error
 * this entry is not in; those before it are, and can be read. */
NZ_MUST_USE enum nz_err nz_spool_add(struct nz_spool *s, int64_t key, struct nz_str bytes, struct nz_diag *diag);

uint64_t nz_spool_count(const struct nz_spool *s);

/* Ends the adding; may be called again, to read again. Then next: NZ_OK with *more true and a borrowed entry (dies at the
 * next call), or *more false. NZ_E_NOMEM, NZ_E_IO. Equal keys come in the order of adding. */
NZ_MUST_USE enum nz_err nz_spool_rewind(struct nz_spool *s, struct nz_diag *diag);
NZ_MUST_USE enum nz_err nz_spool_next(struct nz_spool *s, bool *more, int64_t *key, struct nz_str *bytes,
                                      struct nz_diag *diag);

#endif
