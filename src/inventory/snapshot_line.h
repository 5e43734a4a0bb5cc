/* The lines of a snapshot's file as text: docs/formats/snapshot.md, "Lines". Each is appended with its line feed. */
#ifndef NZ_INVENTORY_SNAPSHOT_LINE_H
#define NZ_INVENTORY_SNAPSHOT_LINE_H

#include "inventory/snapshot.h"
#include "inventory/snapshot_builder.h"

#define NZ_SNAPSHOT_VERSION 1u

void nz_snapshot_append_header(struct nz_buf *out, const struct nz_snapshot_header *header,
                               const struct nz_str *regions, size_t regions_count);
void nz_snapshot_append_collected(struct nz_buf *out, const struct nz_collected *collected);
void nz_snapshot_append_unread(struct nz_buf *out, const struct nz_unread *unread);
void nz_snapshot_append_item(struct nz_buf *out, const struct nz_item *item);
void nz_snapshot_append_end(struct nz_buf *out, const struct nz_snapshot_counts *counts);

#endif
