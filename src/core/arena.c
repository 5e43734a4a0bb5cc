#include "core/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct nz_arena_chunk {
    struct nz_arena_chunk *next;
    size_t size_bytes, at;
    alignas(max_align_t) char bytes[];
};

#define FIRST_CHUNK_BYTES ((size_t)4096)
#define LAST_CHUNK_BYTES ((size_t)1 << 20)

void nz_arena_init(struct nz_arena *a, size_t limit_bytes)
{
    *a = (struct nz_arena){.limit_bytes = limit_bytes};
}

static void free_from(struct nz_arena_chunk *chunk)
{
    while (chunk) {
        struct nz_arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void nz_arena_release(struct nz_arena *a)
{
    free_from(a->head);
    a->head = NULL;
    a->used_bytes = 0;
}

void nz_arena_reset(struct nz_arena *a)
{
    if (!a->head)
        return;
    free_from(a->head->next);
    a->head->next = NULL;
    a->used_bytes = sizeof *a->head + a->head->size_bytes;
    a->head->at = 0;
}

static bool chunk_add(struct nz_arena *a, size_t need)
{
    /* each chunk doubles the last, so that a parse of any size asks malloc a few times only */
    size_t size = a->head ? a->head->size_bytes * 2 : FIRST_CHUNK_BYTES;
    if (size > LAST_CHUNK_BYTES)
        size = LAST_CHUNK_BYTES;
    if (size < need)
        size = need;
    size_t total = sizeof(struct nz_arena_chunk) + size;
    if (total < size)
        return false;
    if (a->limit_bytes && (total > a->limit_bytes || a->used_bytes > a->limit_bytes - total))
        return false;
    struct nz_arena_chunk *chunk = malloc(total);
    if (!chunk)
        return false;
    chunk->next = a->head;
    chunk->size_bytes = size;
    chunk->at = 0;
    a->head = chunk;
    a->used_bytes += total;
    return true;
}

void *nz_arena_alloc(struct nz_arena *a, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (bytes > SIZE_MAX - align)
        return NULL;
    size_t need = (bytes + align - 1) / align * align;
    if (need == 0)
        need = align;
    if (!a->head || a->head->size_bytes - a->head->at < need) {
        if (!chunk_add(a, need))
            return NULL;
    }
    void *p = a->head->bytes + a->head->at;
    a->head->at += need;
    return memset(p, 0, need);
}

void *nz_arena_array(struct nz_arena *a, size_t count, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total))
        return NULL;
    return nz_arena_alloc(a, total);
}

struct nz_str nz_arena_str(struct nz_arena *a, struct nz_str s)
{
    char *copy = s.n < SIZE_MAX ? nz_arena_alloc(a, s.n + 1) : NULL;
    if (!copy)
        return (struct nz_str){NULL, 0};
    if (s.n)
        memcpy(copy, s.p, s.n);
    return (struct nz_str){copy, s.n};
}

struct nz_str nz_arena_printf(struct nz_arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *text = n < 0 ? NULL : nz_arena_alloc(a, (size_t)n + 1);
    if (text)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return text ? nz_str_of(text, (size_t)n) : (struct nz_str){NULL, 0};
}
