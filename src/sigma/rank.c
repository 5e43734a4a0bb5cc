/* Values in order, with insertion, removal and the nth in about the square root of their number: blocks of at most
 * BLOCK values, each sorted, and the blocks in order. */
#include "sigma/window.h"

#include <stdlib.h>

#define BLOCK 512u

struct nz_rank_block {
    uint32_t count;
    double values[BLOCK];
};

void nz_rank_release(struct nz_rank *r)
{
    free(r->blocks);
    free(r->ring);
    *r = (struct nz_rank){0};
}

void nz_rank_reset(struct nz_rank *r)
{
    r->blocks_count = 0;
    r->head = 0;
    r->count = 0;
}

/* The block where value belongs: the first whose largest is not below it, else the last. */
static size_t block_of(const struct nz_rank *r, double value)
{
    size_t low = 0, high = r->blocks_count - 1;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct nz_rank_block *b = &r->blocks[mid];
        if (b->values[b->count - 1] < value)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Number of values in the block below value. */
static uint32_t place_of(const struct nz_rank_block *b, double value)
{
    uint32_t low = 0, high = b->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (b->values[mid] < value)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static enum nz_err blocks_open(struct nz_rank *r, size_t at)
{
    if (r->blocks_count == r->blocks_room) {
        size_t room = r->blocks_room ? r->blocks_room * 2 : 1;
        struct nz_rank_block *blocks = realloc(r->blocks, room * sizeof *blocks);
        if (!blocks)
            return NZ_E_NOMEM;
        r->blocks = blocks;
        r->blocks_room = room;
    }
    memmove(&r->blocks[at + 1], &r->blocks[at], (r->blocks_count - at) * sizeof *r->blocks);
    r->blocks[at].count = 0;
    r->blocks_count++;
    return NZ_OK;
}

static enum nz_err insert(struct nz_rank *r, double value)
{
    if (r->blocks_count == 0) {
        enum nz_err err = blocks_open(r, 0);
        if (err)
            return err;
    }
    size_t at = block_of(r, value);
    if (r->blocks[at].count == BLOCK) {
        enum nz_err err = blocks_open(r, at + 1);
        if (err)
            return err;
        struct nz_rank_block *low = &r->blocks[at], *high = low + 1;
        memcpy(high->values, low->values + BLOCK / 2, BLOCK / 2 * sizeof(double));
        low->count = BLOCK / 2;
        high->count = BLOCK / 2;
        if (low->values[low->count - 1] < value)
            at++;
    }
    struct nz_rank_block *b = &r->blocks[at];
    uint32_t place = place_of(b, value);
    memmove(&b->values[place + 1], &b->values[place], (b->count - place) * sizeof(double));
    b->values[place] = value;
    b->count++;
    return NZ_OK;
}

/* Two neighbours that fill half a block together become one: so there are never more than about one block for each 128
 * values, whatever order they came and went in. */
static void merge(struct nz_rank *r, size_t at)
{
    struct nz_rank_block *low = &r->blocks[at], *high = low + 1;
    if (at + 1 >= r->blocks_count || low->count + high->count > BLOCK / 2)
        return;
    memcpy(low->values + low->count, high->values, high->count * sizeof(double));
    low->count += high->count;
    memmove(high, high + 1, (r->blocks_count - at - 2) * sizeof *high);
    r->blocks_count--;
}

static void remove_value(struct nz_rank *r, double value)
{
    size_t at = block_of(r, value);
    struct nz_rank_block *b = &r->blocks[at];
    uint32_t place = place_of(b, value);
    memmove(&b->values[place], &b->values[place + 1], (b->count - place - 1) * sizeof(double));
    if (--b->count == 0) {
        memmove(b, b + 1, (r->blocks_count - at - 1) * sizeof *b);
        r->blocks_count--;
        return;
    }
    merge(r, at);
    if (at > 0)
        merge(r, at - 1);
}

static void pop(struct nz_rank *r)
{
    remove_value(r, r->ring[r->head].value);
    r->head = (r->head + 1) & (r->room - 1);
    r->count--;
}

static enum nz_err ring_grow(struct nz_rank *r)
{
    size_t room = r->room ? r->room * 2 : 64;
    struct nz_rank_entry *ring = malloc(room * sizeof *ring);
    if (!ring)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < r->count; i++)
        ring[i] = r->ring[(r->head + i) & (r->room - 1)];
    free(r->ring);
    r->ring = ring;
    r->room = room;
    r->head = 0;
    return NZ_OK;
}

enum nz_err nz_rank_add(struct nz_rank *r, int64_t at_us, double value)
{
    if (r->count == NZ_WINDOW_VALUES_MAX) {
        r->early++;
        pop(r);
    }
    if (r->count == r->room) {
        enum nz_err err = ring_grow(r);
        if (err)
            return err;
    }
    enum nz_err err = insert(r, value);
    if (err)
        return err;
    r->ring[(r->head + r->count++) & (r->room - 1)] = (struct nz_rank_entry){at_us, value};
    return NZ_OK;
}

void nz_rank_expire(struct nz_rank *r, int64_t oldest_us)
{
    while (r->count && r->ring[r->head].at_us < oldest_us)
        pop(r);
}

double nz_rank_nth(const struct nz_rank *r, size_t nth)
{
    size_t at = 0;
    while (nth >= r->blocks[at].count)
        nth -= r->blocks[at++].count;
    return r->blocks[at].values[nth];
}
