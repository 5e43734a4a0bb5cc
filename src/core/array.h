/* Arrays that are asked by number: what has not been there yet is zero. */
#ifndef NZ_CORE_ARRAY_H
#define NZ_CORE_ARRAY_H

#include <stddef.h>

/* The array, with room for element `number`, or NULL when memory is out; then it is as it was. What is added is zero; there are
 * twice as many then, so that numbers may come one by one. array: of malloc's, NULL when *room, its elements, is 0; the caller
 * keeps the result in its place.
 *
 *     struct thing *grown = nz_array_grow(s->things, &s->things_room, number, sizeof *grown);
 *     if (!grown)
 *         return NULL;
 *     s->things = grown; */
void *nz_array_grow(void *array, size_t *room, size_t number, size_t element_bytes);

#endif
