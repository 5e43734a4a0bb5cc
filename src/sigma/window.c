#include "sigma/window.h"

#include <stdlib.h>

/* --- moments --- */

void nz_window_release(struct nz_window *w)
{
    free(w->ring);
    *w = (struct nz_window){0};
}

void nz_window_reset(struct nz_window *w)
{
    *w = (struct nz_window){.ring = w->ring, .room = w->room, .early = w->early};
}

static struct nz_moment *moment(const struct nz_window *w, size_t nth)
{
    return &w->ring[(w->head + nth) & (w->room - 1)];
}

static enum nz_err window_grow(struct nz_window *w)
{
    size_t room = w->room ? w->room * 2 : 16;
    struct nz_moment *ring = malloc(room * sizeof *ring);
    if (!ring)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < w->count; i++)
        ring[i] = *moment(w, i);
    free(w->ring);
    w->ring = ring;
    w->room = room;
    w->head = 0;
    return NZ_OK;
}

static void window_pop(struct nz_window *w)
{
    w->events -= moment(w, 0)->events;
    w->values -= moment(w, 0)->values;
    w->head = (w->head + 1) & (w->room - 1);
    w->count--;
    if (w->front) {
        w->front--;
        return;
    }
    /* the front half is used up: all that remains becomes the front, each moment with the sum of itself and what
     * follows (a queue made of two stacks, so every moment is summed once more in its life) */
    double sum = 0;
    for (size_t i = w->count; i-- > 0;) {
        sum += moment(w, i)->sum;
        moment(w, i)->sum_on = sum;
    }
    w->front = w->count;
    w->back_sum = 0;
}

/* The newest moment, new if its time is. */
static enum nz_err window_last(struct nz_window *w, const struct nz_moment *add, struct nz_moment **out)
{
    if (w->count && moment(w, w->count - 1)->at_us == add->at_us) {
        *out = moment(w, w->count - 1);
        return NZ_OK;
    }
    if (w->count == NZ_WINDOW_MOMENTS_MAX) {
        w->early += moment(w, 0)->events;
        window_pop(w);
    }
    if (w->count == w->room) {
        enum nz_err err = window_grow(w);
        if (err)
            return err;
    }
    *out = moment(w, w->count++);
    **out = (struct nz_moment){.at_us = add->at_us, .start_us = add->start_us};
    return NZ_OK;
}

enum nz_err nz_window_add(struct nz_window *w, const struct nz_moment *add)
{
    struct nz_moment *last;
    enum nz_err err = window_last(w, add, &last);
    if (err)
        return err;
    if (add->start_us < last->start_us)
        last->start_us = add->start_us;
    last->events += add->events;
    last->values += add->values;
    last->sum += add->sum;
    w->events += add->events;
    w->values += add->values;
    if (w->front < w->count) {
        w->back_sum += add->sum;
        return NZ_OK;
    }
    for (size_t i = 0; i < w->count; i++) /* the newest moment has become part of the front */
        moment(w, i)->sum_on += add->sum;
    return NZ_OK;
}

void nz_window_expire(struct nz_window *w, int64_t oldest_us)
{
    while (w->count && moment(w, 0)->at_us < oldest_us)
        window_pop(w);
}

double nz_window_sum(const struct nz_window *w)
{
    return (w->front ? moment(w, 0)->sum_on : 0) + w->back_sum;
}

int64_t nz_window_since(const struct nz_window *w, int64_t from_us, uint64_t *events)
{
    int64_t start = INT64_MAX;
    *events = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct nz_moment *m = moment(w, i);
        if (m->at_us < from_us)
            continue;
        *events += m->events;
        if (m->start_us < start)
            start = m->start_us;
    }
    return start;
}

/* --- ids --- */

void nz_idlog_release(struct nz_idlog *log)
{
    nz_buf_release(&log->bytes);
    nz_idlog_reset(log);
}

void nz_idlog_reset(struct nz_idlog *log)
{
    nz_buf_clear(&log->bytes);
    log->head = 0;
    log->count = 0;
}

#define ID_HEAD_BYTES (sizeof(int64_t) + sizeof(uint32_t))

bool nz_idlog_next(const struct nz_idlog *log, size_t *at, int64_t *at_us, struct nz_str *id)
{
    if (log->head + *at >= log->bytes.n)
        return false;
    const char *p = log->bytes.p + log->head + *at;
    uint32_t n;
    memcpy(at_us, p, sizeof *at_us);
    memcpy(&n, p + sizeof *at_us, sizeof n);
    *id = nz_str_of(p + ID_HEAD_BYTES, n);
    *at += ID_HEAD_BYTES + n;
    return true;
}

static void idlog_pop(struct nz_idlog *log)
{
    size_t at = 0;
    int64_t at_us;
    struct nz_str id;
    if (!nz_idlog_next(log, &at, &at_us, &id))
        return;
    log->head += at;
    log->count--;
    if (log->head > 4096 && log->head > log->bytes.n / 2) { /* moves less than it frees */
        memmove(log->bytes.p, log->bytes.p + log->head, log->bytes.n - log->head);
        log->bytes.n -= log->head;
        log->head = 0;
    }
}

enum nz_err nz_idlog_add(struct nz_idlog *log, int64_t at_us, struct nz_str id)
{
    if (log->count == NZ_WINDOW_IDS_MAX)
        idlog_pop(log);
    uint32_t n = (uint32_t)id.n;
    char *to = nz_buf_reserve(&log->bytes, ID_HEAD_BYTES + id.n);
    if (!to)
        return NZ_E_NOMEM;
    memcpy(to, &at_us, sizeof at_us);
    memcpy(to + sizeof at_us, &n, sizeof n);
    if (id.n)
        memcpy(to + ID_HEAD_BYTES, id.p, id.n);
    log->bytes.n += ID_HEAD_BYTES + id.n;
    log->count++;
    return NZ_OK;
}

void nz_idlog_expire(struct nz_idlog *log, int64_t oldest_us)
{
    for (;;) {
        size_t at = 0;
        int64_t at_us;
        struct nz_str id;
        if (!nz_idlog_next(log, &at, &at_us, &id) || at_us >= oldest_us)
            return;
        idlog_pop(log);
    }
}
