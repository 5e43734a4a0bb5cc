/* One log source as a stream of inflated bytes: a file, standard input or a pipe; gzip is found by content, not by
 * name. Reads never hold a file whole. One thread at a time; make one a worker and reopen it. */
#ifndef NZ_TRAIL_SOURCE_H
#define NZ_TRAIL_SOURCE_H

#include "core/diag.h"

struct nz_source;

NZ_MUST_USE enum nz_err nz_source_new(struct nz_source **out);
void nz_source_free(struct nz_source *s);

/* While waiting for a pipe or a terminal, stop is asked ten times a second; true ends the wait with NZ_E_STOPPED. */
void nz_source_stop_when(struct nz_source *s, bool (*stop)(void *self), void *self);

/* path "-" is standard input. Refuses directories and devices (NZ_E_FILE_KIND; standard input may be a terminal or
 * /dev/null); FIFOs and sockets are read, and opening a FIFO waits for its writer. NZ_E_IO with the system's reason.
 * A wait, here and in nz_source_read, that a signal interrupts (a handler without SA_RESTART) gives NZ_E_STOPPED. */
NZ_MUST_USE enum nz_err nz_source_open(struct nz_source *s, const char *path, struct nz_diag *diag);
void nz_source_close(struct nz_source *s); /* harmless twice */

/* Up to room_bytes of inflated content; *written 0 with NZ_OK is the end. After an error the source is at its end;
 * bytes handed out before stay good, and an error comes in a call of its own with *written 0. Text goes from the kernel
 * straight into out, gzip is inflated straight into it. diag->offset: offset in the file as it lies on disk. */
NZ_MUST_USE enum nz_err nz_source_read(struct nz_source *s, char *out, size_t room_bytes, size_t *written,
                                       struct nz_diag *diag);

uint64_t nz_source_disk_bytes(const struct nz_source *s); /* read from disk so far, of this file */

#endif
