#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void nz_buf_init(struct nz_buf *b, size_t max_bytes)
{
    *b = (struct nz_buf){.max_bytes = max_bytes};
}

void nz_buf_init_wiped(struct nz_buf *b, size_t max_bytes)
{
    *b = (struct nz_buf){.max_bytes = max_bytes, .wipes = true};
}

void nz_buf_release(struct nz_buf *b)
{
    if (b->wipes && b->p)
        explicit_bzero(b->p, b->room_bytes);
    free(b->p);
    *b = (struct nz_buf){.max_bytes = b->max_bytes, .wipes = b->wipes};
}

void nz_buf_clear(struct nz_buf *b)
{
    b->n = 0;
    b->failed = false;
}

/* realloc that leaves no copy behind. */
static char *regrow_wiped(char *from, size_t old_bytes, size_t room_bytes)
{
    char *p = malloc(room_bytes);
    if (p && from) {
        memcpy(p, from, old_bytes);
        explicit_bzero(from, old_bytes);
        free(from);
    }
    return p;
}

static bool grow(struct nz_buf *b, size_t need)
{
    size_t room = b->room_bytes ? b->room_bytes : 64;
    while (room < need) {
        if (room > SIZE_MAX / 2)
            return false;
        room *= 2;
    }
    char *p = b->wipes ? regrow_wiped(b->p, b->room_bytes, room) : realloc(b->p, room);
    if (!p)
        return false;
    b->p = p;
    b->room_bytes = room;
    return true;
}

char *nz_buf_reserve_more(struct nz_buf *b, size_t bytes)
{
    size_t need;
    /* one byte more than asked, so that p is never NULL afterwards */
    if (b->failed || __builtin_add_overflow(b->n, bytes, &need) || need == SIZE_MAX ||
        (b->max_bytes && need > b->max_bytes) || (need + 1 > b->room_bytes && !grow(b, need + 1))) {
        b->failed = true;
        return NULL;
    }
    return b->p + b->n;
}

void nz_buf_append_char(struct nz_buf *b, char c)
{
    char *to = nz_buf_reserve(b, 1);
    if (to) {
        *to = c;
        b->n++;
    }
}

void nz_buf_append_u64(struct nz_buf *b, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    nz_buf_append(b, nz_str_of(digits + at, sizeof digits - at));
}

void nz_buf_printf(struct nz_buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* vsnprintf writes a NUL too: the byte that reserve keeps past what was asked for */
    char *to = need < 0 ? NULL : nz_buf_reserve(b, (size_t)need);
    if (to) {
        vsnprintf(to, (size_t)need + 1, format, again);
        b->n += (size_t)need;
    } else {
        b->failed = true;
    }
    va_end(again);
}

#define SIZED_NOTHING UINT32_MAX /* the length of a text without .p */

void nz_buf_append_sized(struct nz_buf *b, struct nz_str s)
{
    uint32_t n = s.p ? (uint32_t)s.n : SIZED_NOTHING;
    size_t bytes = s.p ? s.n : 0, need;
    char *to = __builtin_add_overflow(bytes, sizeof n, &need) ? NULL : nz_buf_reserve(b, need);
    if (!to) {
        b->failed = true;
        return;
    }
    memcpy(to, &n, sizeof n);
    if (bytes)
        memcpy(to + sizeof n, s.p, bytes);
    b->n += need;
}

struct nz_str nz_sized_take(struct nz_str *in)
{
    uint32_t n;
    memcpy(&n, in->p, sizeof n);
    *in = nz_str_skip(*in, sizeof n);
    if (n == SIZED_NOTHING)
        return nz_str_of(NULL, 0);
    struct nz_str text = nz_str_head(*in, n);
    *in = nz_str_skip(*in, n);
    return text;
}
