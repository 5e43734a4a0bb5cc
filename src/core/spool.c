/* An external merge sort that most scans never need.
 *
 *   add ──▶ memory (entries + their bytes) ──full: sort, write──▶ run 0, run 1, ... in a temporary file
 *   next ◀── merge of all runs and of what is still in memory
 *
 * Runs are numbered in order of their making, memory is the newest: so entries with equal keys come out as they went in
 * without a number in each. 64 runs of one level are merged into one of the next, which bounds the buffers that the
 * last merge needs, and each entry is written once a level. Keys that arrive in order lengthen the last run. */
#include "core/spool.h"

#include "core/spool_run.h"

#include <stdlib.h>

#define ENTRY_BYTES_MAX ((size_t)16 << 20)
#define MERGED_RUNS 64u

struct entry {
    int64_t key;
    size_t at; /* in bytes */
    uint32_t n, order;
};
/* qsort may make a copy of the array */
#define ENTRY_COST_BYTES (2 * sizeof(struct entry))

struct nz_spool {
    size_t memory_bytes;
    uint64_t count;
    struct entry *entries;
    size_t entries_count, entries_room;
    struct nz_buf bytes;
    bool is_sorted; /* entries, by key */
    bool reading;
    struct nz_run_file file;
    struct nz_run *runs;
    size_t runs_count, runs_room;
    struct nz_run_merge merge;
    size_t next_entry;
};

enum nz_err nz_spool_new(size_t memory_bytes, struct nz_spool **out)
{
    *out = malloc(sizeof **out);
    if (!*out)
        return NZ_E_NOMEM;
    **out = (struct nz_spool){.memory_bytes = memory_bytes, .is_sorted = true, .file = {.temp = NZ_TEMP_FILE_INIT}};
    nz_buf_init(&(*out)->bytes, 0);
    return NZ_OK;
}

void nz_spool_free(struct nz_spool *s)
{
    if (!s)
        return;
    nz_run_merge_release(&s->merge);
    nz_temp_file_close(&s->file.temp);
    nz_buf_release(&s->bytes);
    free(s->entries);
    free(s->runs);
    free(s);
}

static int entry_order(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void memory_sort(struct nz_spool *s)
{
    if (!s->is_sorted)
        qsort(s->entries, s->entries_count, sizeof *s->entries, entry_order);
    s->is_sorted = true;
}

static struct nz_str entry_bytes(const struct nz_spool *s, const struct entry *e)
{
    return nz_str_of(s->bytes.p + e->at, e->n);
}

static bool runs_make_room(struct nz_spool *s)
{
    if (s->runs_count < s->runs_room)
        return true;
    size_t room = s->runs_room ? 2 * s->runs_room : 16;
    struct nz_run *runs = realloc(s->runs, room * sizeof *runs);
    if (!runs)
        return false;
    s->runs = runs;
    s->runs_room = room;
    return true;
}

/* Takes a new run at the file's end into the list; one that goes on where the last one ended becomes part of it. */
static void run_append(struct nz_spool *s, struct nz_run run, int64_t first_key)
{
    struct nz_run *last = s->runs_count ? &s->runs[s->runs_count - 1] : NULL;
    if (last && last->end == run.from && last->last_key <= first_key) {
        last->end = run.end;
        last->last_key = run.last_key;
    } else {
        s->runs[s->runs_count++] = run;
    }
}

/* Writes what is in memory as a run. On an error memory is as it was, but for its order. */
static enum nz_err memory_flush(struct nz_spool *s, struct nz_diag *diag)
{
    enum nz_err err = nz_temp_file_open(&s->file.temp, diag);
    if (err)
        return err;
    if (!runs_make_room(s))
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    memory_sort(s);
    struct nz_run_writer w;
    struct nz_run run;
    nz_run_writer_init(&w, &s->file);
    for (size_t i = 0; i < s->entries_count && !err; i++)
        err = nz_run_writer_put(&w, s->entries[i].key, entry_bytes(s, &s->entries[i]), diag);
    if (!err)
        err = nz_run_writer_commit(&w, &run, diag);
    nz_run_writer_release(&w);
    if (err)
        return err;
    run_append(s, run, s->entries[0].key);
    s->entries_count = 0;
    nz_buf_clear(&s->bytes);
    s->is_sorted = true;
    return NZ_OK;
}

static enum nz_err merge_copy(struct nz_run_merge *m, struct nz_run_writer *w, struct nz_run *out, struct nz_diag *diag)
{
    int64_t key;
    while (nz_run_merge_peek(m, &key)) {
        struct nz_str bytes;
        enum nz_err err = nz_run_merge_next(m, &key, &bytes, diag);
        if (!err)
            err = nz_run_writer_put(w, key, bytes, diag);
        if (err)
            return err;
    }
    return nz_run_writer_commit(w, out, diag);
}

/* Merges the last MERGED_RUNS runs into one, a level up. On an error they are as they were. */
static enum nz_err runs_merge(struct nz_spool *s, struct nz_diag *diag)
{
    struct nz_run *from = s->runs + s->runs_count - MERGED_RUNS;
    struct nz_run_merge m;
    struct nz_run_writer w;
    struct nz_run merged;
    enum nz_err err = nz_run_merge_open(&m, &s->file, from, MERGED_RUNS, diag);
    if (err)
        return err;
    nz_run_writer_init(&w, &s->file);
    err = merge_copy(&m, &w, &merged, diag);
    nz_run_writer_release(&w);
    nz_run_merge_release(&m);
    if (err)
        return err;
    nz_temp_file_drop(&s->file.temp, from[0].from, from[MERGED_RUNS - 1].end);
    merged.level = from[0].level + 1;
    from[0] = merged;
    s->runs_count -= MERGED_RUNS - 1;
    return NZ_OK;
}

static bool runs_want_merging(const struct nz_spool *s)
{
    if (s->runs_count < MERGED_RUNS)
        return false;
    /* levels never grow towards the end of the list */
    return s->runs[s->runs_count - MERGED_RUNS].level == s->runs[s->runs_count - 1].level;
}

static bool entries_make_room(struct nz_spool *s)
{
    if (s->entries_count < s->entries_room)
        return true;
    size_t room = s->entries_room ? 2 * s->entries_room : 64;
    struct entry *entries = realloc(s->entries, room * sizeof *entries);
    if (!entries)
        return false;
    s->entries = entries;
    s->entries_room = room;
    return true;
}

static bool is_full(const struct nz_spool *s, size_t more_bytes)
{
    size_t used = s->bytes.n + more_bytes + (s->entries_count + 1) * ENTRY_COST_BYTES;
    return s->entries_count > 0 && (used > s->memory_bytes || s->entries_count == UINT32_MAX);
}

enum nz_err nz_spool_add(struct nz_spool *s, int64_t key, struct nz_str bytes, struct nz_diag *diag)
{
    if (s->reading)
        return nz_diag_set(diag, NZ_E_BUG, "an entry is added to a spool that is being read");
    if (bytes.n > ENTRY_BYTES_MAX)
        return nz_diag_set(diag, NZ_E_LIMIT, "an entry of more than 16 MiB");
    if (is_full(s, bytes.n)) {
        enum nz_err err = memory_flush(s, diag);
        if (err)
            return err;
    }
    while (runs_want_merging(s)) {
        enum nz_err err = runs_merge(s, diag);
        if (err)
            return err;
    }
    char *to = entries_make_room(s) ? nz_buf_reserve(&s->bytes, bytes.n) : NULL;
    if (!to) {
        s->bytes.failed = false; /* this entry is lost, those before it are not */
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    }
    if (s->entries_count && s->entries[s->entries_count - 1].key > key)
        s->is_sorted = false;
    s->entries[s->entries_count] =
        (struct entry){.key = key, .at = s->bytes.n, .n = (uint32_t)bytes.n, .order = (uint32_t)s->entries_count};
    s->entries_count++;
    if (bytes.n)
        memcpy(to, bytes.p, bytes.n);
    s->bytes.n += bytes.n;
    s->count++;
    return NZ_OK;
}

uint64_t nz_spool_count(const struct nz_spool *s)
{
    return s->count;
}

enum nz_err nz_spool_rewind(struct nz_spool *s, struct nz_diag *diag)
{
    s->reading = true;
    s->next_entry = 0;
    memory_sort(s);
    nz_run_merge_release(&s->merge);
    return nz_run_merge_open(&s->merge, &s->file, s->runs, s->runs_count, diag);
}

enum nz_err nz_spool_next(struct nz_spool *s, bool *more, int64_t *key, struct nz_str *bytes, struct nz_diag *diag)
{
    int64_t run_key;
    bool from_run = nz_run_merge_peek(&s->merge, &run_key);
    const struct entry *e = s->next_entry < s->entries_count ? &s->entries[s->next_entry] : NULL;
    *more = false;
    if (!s->reading)
        return nz_diag_set(diag, NZ_E_BUG, "a spool is read before it is rewound");
    if (from_run && (!e || run_key <= e->key)) {
        enum nz_err err = nz_run_merge_next(&s->merge, key, bytes, diag);
        *more = err == NZ_OK;
        return err;
    }
    if (!e)
        return NZ_OK;
    *key = e->key;
    *bytes = entry_bytes(s, e);
    *more = true;
    s->next_entry++;
    return NZ_OK;
}
