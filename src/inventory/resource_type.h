/* Which call lists the things of a resource type: types.list, looked up. Private to inventory. */
#ifndef NZ_INVENTORY_RESOURCE_TYPE_H
#define NZ_INVENTORY_RESOURCE_TYPE_H

#include "core/str.h"

struct nz_resource_type {
    struct nz_str name, service, operation;
    bool regional; /* else asked once, for the whole account */
};

/* NULL: not in the list. Static storage. */
const struct nz_resource_type *nz_resource_type(struct nz_str name);

/* How many types the same call lists, this one among them. */
size_t nz_resource_types_of(const struct nz_resource_type *type);

#endif
