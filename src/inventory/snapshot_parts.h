/* What a snapshot owns. Private to inventory. */
#ifndef NZ_INVENTORY_SNAPSHOT_PARTS_H
#define NZ_INVENTORY_SNAPSHOT_PARTS_H

#include "core/arena.h"
#include "core/buf.h"
#include "inventory/snapshot.h"

struct nz_snapshot_parts {
    struct nz_snapshot snapshot; /* first: what the world holds is a pointer to this */
    struct nz_arena texts;
    struct nz_buf items, unread, collected, regions; /* rows: what the snapshot's arrays are */
};

/* By type, region, ARN and id. */
int nz_item_cmp(const struct nz_item *x, const struct nz_item *y);

#endif
