/* Distinct values of a window: a hash table whose entries also hang in a list, least recently seen first. */
#include "sigma/window.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct nz_distinct_node {
    struct nz_fingerprint value;
    int64_t at_us;
    uint32_t in_bucket;    /* next of the same bucket, or of the free list */
    uint32_t older, newer; /* the list of live values */
    bool live;
};

void nz_distinct_release(struct nz_distinct *d)
{
    free(d->nodes);
    free(d->buckets);
    *d = (struct nz_distinct){0};
}

static uint32_t *bucket(struct nz_distinct *d, struct nz_fingerprint value)
{
    return &d->buckets[value.a & (d->room - 1)];
}

void nz_distinct_reset(struct nz_distinct *d)
{
    /* what was never used need not be cleared: most groups are small, and all use the same table */
    for (uint32_t i = 0; i < d->used; i++)
        *bucket(d, d->nodes[i].value) = NONE;
    d->used = 0;
    d->free_list = NONE;
    d->oldest = NONE;
    d->newest = NONE;
    d->live = 0;
    d->total = 0;
}

static enum nz_err grow(struct nz_distinct *d)
{
    uint32_t room = d->room ? d->room * 2 : 64;
    struct nz_distinct_node *nodes = malloc(room * sizeof *nodes);
    uint32_t *buckets = malloc(room * sizeof *buckets);
    if (!nodes || !buckets) {
        free(nodes);
        free(buckets);
        return NZ_E_NOMEM;
    }
    if (d->room == 0) {
        d->free_list = NONE;
        d->oldest = NONE;
        d->newest = NONE;
    }
    for (uint32_t i = 0; i < room; i++)
        buckets[i] = NONE;
    if (d->used)
        memcpy(nodes, d->nodes, d->used * sizeof *nodes);
    free(d->nodes);
    free(d->buckets);
    d->nodes = nodes;
    d->buckets = buckets;
    d->room = room;
    /* grown only when nothing is free, so every used node stands in a bucket */
    for (uint32_t i = 0; i < d->used; i++) {
        uint32_t *at = bucket(d, nodes[i].value);
        nodes[i].in_bucket = *at;
        *at = i;
    }
    return NZ_OK;
}

static void list_remove(struct nz_distinct *d, uint32_t i)
{
    struct nz_distinct_node *n = &d->nodes[i];
    *(n->older == NONE ? &d->oldest : &d->nodes[n->older].newer) = n->newer;
    *(n->newer == NONE ? &d->newest : &d->nodes[n->newer].older) = n->older;
}

static void list_append(struct nz_distinct *d, uint32_t i)
{
    struct nz_distinct_node *n = &d->nodes[i];
    n->older = d->newest;
    n->newer = NONE;
    *(d->newest == NONE ? &d->oldest : &d->nodes[d->newest].newer) = i;
    d->newest = i;
}

static void leave(struct nz_distinct *d, uint32_t i, bool keep)
{
    struct nz_distinct_node *n = &d->nodes[i];
    list_remove(d, i);
    n->live = false;
    d->live--;
    if (keep)
        return;
    d->total--;
    uint32_t *at = bucket(d, n->value);
    while (*at != i)
        at = &d->nodes[*at].in_bucket;
    *at = n->in_bucket;
    n->in_bucket = d->free_list;
    d->free_list = i;
}

void nz_distinct_expire(struct nz_distinct *d, int64_t oldest_us, bool keep)
{
    while (d->live && d->nodes[d->oldest].at_us < oldest_us)
        leave(d, d->oldest, keep);
}

enum nz_err nz_distinct_add(struct nz_distinct *d, struct nz_fingerprint value, int64_t at_us)
{
    for (uint32_t i = d->room ? *bucket(d, value) : NONE; i != NONE; i = d->nodes[i].in_bucket) {
        struct nz_distinct_node *n = &d->nodes[i];
        if (!nz_fingerprint_eq(n->value, value))
            continue;
        if (n->live)
            list_remove(d, i);
        else
            d->live++;
        n->live = true;
        n->at_us = at_us;
        list_append(d, i);
        return NZ_OK;
    }
    if (d->total == NZ_WINDOW_VALUES_MAX) {
        d->early++;
        if (!d->live)
            return NZ_OK; /* all of them are only kept: the count stays at its bound */
        leave(d, d->oldest, false);
    }
    if (d->used == d->room && (d->room == 0 || d->free_list == NONE)) {
        enum nz_err err = grow(d);
        if (err)
            return err;
    }
    uint32_t i = d->free_list;
    if (i == NONE)
        i = d->used++;
    else
        d->free_list = d->nodes[i].in_bucket;
    uint32_t *at = bucket(d, value);
    d->nodes[i] = (struct nz_distinct_node){.value = value, .at_us = at_us, .in_bucket = *at, .live = true};
    *at = i;
    list_append(d, i);
    d->live++;
    d->total++;
    return NZ_OK;
}
