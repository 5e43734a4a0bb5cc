#include "trail/tally.h"

#include <stdlib.h>

void nz_tally_init(struct nz_tally *t)
{
    *t = (struct nz_tally){.key = nz_hash_key_new()};
    nz_arena_init(&t->names, 0);
}

void nz_tally_release(struct nz_tally *t)
{
    nz_arena_release(&t->names);
    free(t->rows);
    free(t->slots);
    *t = (struct nz_tally){0};
}

static size_t slot_find(const struct nz_tally *t, struct nz_str name)
{
    size_t at = (size_t)nz_hash_key_hash(&t->key, name) & (t->slots_room - 1);
    while (t->slots[at] && !nz_str_eq(t->rows[t->slots[at] - 1].name, name))
        at = (at + 1) & (t->slots_room - 1);
    return at;
}

/* Twice the rows, and slots at most half full. */
static enum nz_err grow(struct nz_tally *t)
{
    size_t room = t->room ? t->room * 2 : 64;
    struct nz_tally_row *rows = realloc(t->rows, room * sizeof *rows);
    if (!rows)
        return NZ_E_NOMEM;
    t->rows = rows;
    t->room = room;
    uint32_t *slots = calloc(room * 2, sizeof *slots);
    if (!slots) {
        t->room = t->count; /* the next add tries again */
        return NZ_E_NOMEM;
    }
    free(t->slots);
    t->slots = slots;
    t->slots_room = room * 2;
    for (size_t i = 0; i < t->count; i++)
        slots[slot_find(t, t->rows[i].name)] = (uint32_t)i + 1;
    return NZ_OK;
}

static void note_time(struct nz_tally_row *row, const nz_time *time)
{
    if (!time)
        return;
    if (!row->has_time || time->us < row->first.us)
        row->first = *time;
    if (!row->has_time || time->us > row->last.us)
        row->last = *time;
    row->has_time = true;
}

enum nz_err nz_tally_add(struct nz_tally *t, struct nz_str name, const nz_time *time)
{
    if (t->count == t->room && t->count < NZ_TALLY_NAMES_MAX) {
        enum nz_err err = grow(t);
        if (err != NZ_OK)
            return err;
    }
    size_t slot = slot_find(t, name);
    if (!t->slots[slot]) {
        if (t->count == NZ_TALLY_NAMES_MAX) {
            t->others++;
            return NZ_OK;
        }
        struct nz_str copy = nz_arena_str(&t->names, name);
        if (!copy.p)
            return NZ_E_NOMEM;
        t->rows[t->count] = (struct nz_tally_row){.name = copy};
        t->slots[slot] = (uint32_t)++t->count;
    }
    struct nz_tally_row *row = &t->rows[t->slots[slot] - 1];
    row->count++;
    note_time(row, time);
    return NZ_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct nz_tally_row *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return nz_str_cmp(x->name, y->name);
}

void nz_tally_sort(struct nz_tally *t)
{
    if (t->count)
        qsort(t->rows, t->count, sizeof *t->rows, compare_rows);
}
