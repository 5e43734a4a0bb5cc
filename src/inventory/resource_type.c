#include "inventory/resource_type.h"

enum { GLOBAL, REGIONAL };

static const struct nz_resource_type types[] = {
#define X(name_, service_, operation_, region_)                                                                        \
    {.name = {name_, sizeof name_ - 1},                                                                                \
     .service = {service_, sizeof service_ - 1},                                                                       \
     .operation = {operation_, sizeof operation_ - 1},                                                                 \
     .regional = (region_) == REGIONAL},
#include "inventory/types.list"
#undef X
};

const struct nz_resource_type *nz_resource_type(struct nz_str name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (nz_str_eq(types[i].name, name))
            return &types[i];
    }
    return NULL;
}

size_t nz_resource_types_of(const struct nz_resource_type *type)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        count += nz_str_eq(types[i].service, type->service) && nz_str_eq(types[i].operation, type->operation);
    return count;
}
