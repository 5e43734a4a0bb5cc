/* Two JSON values compared field by field. Private to inventory. */
#ifndef NZ_INVENTORY_DIFF_FIELDS_H
#define NZ_INVENTORY_DIFF_FIELDS_H

#include "core/arena.h"
#include "inventory/diff.h"

struct nz_field_diff {
    struct nz_arena texts;
    struct nz_buf rows; /* struct nz_field_change, in texts */
    struct nz_buf path;
    struct nz_str type; /* of the item: some fields of it are activity */
    bool activity;
};

void nz_field_diff_init(struct nz_field_diff *d, bool activity);
void nz_field_diff_release(struct nz_field_diff *d);

/* Adds what differs below `name`. Either may be absent, not both. */
NZ_MUST_USE enum nz_err nz_field_diff_add(struct nz_field_diff *d, const char *name, struct nz_json before,
                                          struct nz_json after);

#endif
