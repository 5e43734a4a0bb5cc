/* Memory that is freed as a whole. Results of a parse live in one arena and die with it; nothing is freed alone.
 *
 * Not for threads at the same time; between threads an arena moves whole. Every allocating function returns NULL when
 * the limit or the machine's memory is reached, and the arena stays usable. */
#ifndef NZ_CORE_ARENA_H
#define NZ_CORE_ARENA_H

#include "core/err.h"
#include "core/str.h"

struct nz_arena_chunk;

struct nz_arena {
    struct nz_arena_chunk *head; /* newest first */
    size_t limit_bytes;          /* 0: no limit */
    size_t used_bytes;           /* what malloc was asked for */
};

/* limit_bytes 0 means none. Allocates nothing. */
void nz_arena_init(struct nz_arena *a, size_t limit_bytes);
/* Frees all; harmless twice. */
void nz_arena_release(struct nz_arena *a);
/* Forgets the contents but keeps the newest chunk for reuse. */
void nz_arena_reset(struct nz_arena *a);

/* Zeroed, aligned for any type. NULL when there is no more. */
void *nz_arena_alloc(struct nz_arena *a, size_t bytes);
/* As calloc: NULL also on overflow of count x bytes. */
void *nz_arena_array(struct nz_arena *a, size_t count, size_t bytes);
/* A copy with a NUL after it (not counted); .p is NULL on failure. */
struct nz_str nz_arena_str(struct nz_arena *a, struct nz_str s);
/* As printf, with a NUL after it (not counted); .p is NULL on failure. */
struct nz_str nz_arena_printf(struct nz_arena *a, const char *format, ...) NZ_PRINTF(2, 3);

#define NZ_ARENA_NEW(arena, type) ((type *)nz_arena_alloc((arena), sizeof(type)))
#define NZ_ARENA_ARRAY(arena, type, count) ((type *)nz_arena_array((arena), (count), sizeof(type)))

#endif
