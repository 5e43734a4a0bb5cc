/* A snapshot as a file: gzip of JSON Lines, in pieces, so that the text is never held whole. */
#ifndef NZ_INVENTORY_SNAPSHOT_WRITE_H
#define NZ_INVENTORY_SNAPSHOT_WRITE_H

#include "inventory/snapshot.h"

/* Gets the file's bytes piece by piece, in order; what it returns ends the writing. */
typedef enum nz_err nz_snapshot_sink_fn(void *self, struct nz_str bytes);

/* The same snapshot always gives the same bytes. NZ_E_NOMEM, or what the sink returned. */
NZ_MUST_USE enum nz_err nz_snapshot_write(const struct nz_snapshot *s, nz_snapshot_sink_fn *sink, void *self);

#endif
