#include "core/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *nz_array_grow(void *array, size_t *room, size_t number, size_t element_bytes)
{
    if (number < *room)
        return array;
    if (number > SIZE_MAX / 2 / element_bytes - 1)
        return NULL;
    const size_t wanted = (number + 1) * 2;
    char *grown = realloc(array, wanted * element_bytes);
    if (!grown)
        return NULL;
    memset(grown + *room * element_bytes, 0, (wanted - *room) * element_bytes);
    *room = wanted;
    return grown;
}
