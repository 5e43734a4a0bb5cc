/* Snapshots from files: our own (docs/formats/snapshot.md), what AWS Config delivers ({"configurationItems":[…]}), and what
 * `aws iam get-account-authorization-details` prints. Which it is, is found by content.
 *
 * Several files may be read into one builder one after another: Config delivers one a region.
 * Bytes come through `read`, inflated. Our own are read line by line; of the others the whole text is held. What cannot be
 * used is told to `problem` with its line, counted as damage of the snapshot, and reading goes on behind it: of one file at
 * most NZ_SNAPSHOT_PROBLEMS_MAX, then one that says how many more there were. */
#ifndef NZ_INVENTORY_SNAPSHOT_READ_H
#define NZ_INVENTORY_SNAPSHOT_READ_H

#include "inventory/snapshot_builder.h"

#define NZ_SNAPSHOT_LINE_BYTES_MAX ((size_t)16 << 20)
#define NZ_SNAPSHOT_FOREIGN_BYTES_MAX ((size_t)1 << 30) /* a text that is not ours */
#define NZ_SNAPSHOT_PROBLEMS_MAX 100u

struct nz_snapshot_source {
    /* Up to room_bytes; *written 0 is the end. */
    enum nz_err (*read)(void *self, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag);
    void (*problem)(void *self, const struct nz_diag *diag); /* the diag dies when it returns */
    void *self;
};

/* NZ_OK also when there were problems. Errors, after which the builder may hold a part: NZ_E_SNAPSHOT_SHAPE (nothing in it
 * is a snapshot), NZ_E_SNAPSHOT_LIMIT, NZ_E_NOMEM, and of `read`: NZ_E_STOPPED, or any before the first byte. */
NZ_MUST_USE enum nz_err nz_snapshot_read(struct nz_snapshot_builder *b, const struct nz_snapshot_source *source,
                                         struct nz_diag *diag);

#endif
