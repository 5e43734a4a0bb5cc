/* What changed between two snapshots, item by item and field by field.
 *
 * An item is the same one in both when type, region, ARN and id are. Lists are compared without regard to order; lists of
 * named things (tags by Key, policies by PolicyName, …) element by element under their names. What one side could not read
 * is a gap, never a removal or an addition: "There, not there, not read" of docs/formats/snapshot.md. */
#ifndef NZ_INVENTORY_DIFF_H
#define NZ_INVENTORY_DIFF_H

#include "inventory/snapshot.h"

enum nz_change { NZ_CHANGE_ADDED, NZ_CHANGE_REMOVED, NZ_CHANGE_CHANGED };

/* One field: "configuration.Tags[owner].Value". before and after are compact JSON; .p NULL: the field is not there. */
struct nz_field_change {
    struct nz_str field, before, after;
};

struct nz_item_change {
    enum nz_change change;
    const struct nz_item *item;           /* of the second snapshot; of the first when it was removed */
    const struct nz_field_change *fields; /* of a changed one alone */
    size_t fields_count;
};

enum nz_side { NZ_SIDE_FIRST, NZ_SIDE_SECOND };

/* What could not be compared, as this side did not read it. */
struct nz_gap {
    enum nz_side side;
    struct nz_str type, region;
    struct nz_str resource;      /* one thing (its ARN or id); empty: all of the type in the region */
    struct nz_str operation;     /* the call that was not answered or not made; may be empty */
    const struct nz_unread *why; /* NULL: it was not asked */
};

struct nz_diff_ops {
    /* Both borrowed for the call; what they return ends the comparison. In the order of type, region, ARN and id. */
    enum nz_err (*change)(void *self, const struct nz_item_change *change);
    enum nz_err (*gap)(void *self, const struct nz_gap *gap);
};

/* activity: also fields that say when something was last used, delivered or tried, which change by themselves. NZ_E_NOMEM,
 * or what an op returned. */
NZ_MUST_USE enum nz_err nz_snapshot_diff(const struct nz_snapshot *first, const struct nz_snapshot *second,
                                         bool activity, const struct nz_diff_ops *ops, void *self);

#endif
