#include "core/spool_run.h"

#include <stdlib.h>

#define WRITE_BYTES ((size_t)64 << 10)
#define READ_BYTES ((size_t)16 << 10)

struct header {
    char bytes[12];
};

/* --- writing --- */

void nz_run_writer_init(struct nz_run_writer *w, struct nz_run_file *file)
{
    *w = (struct nz_run_writer){.file = file, .run = {.from = file->end, .end = file->end}};
    nz_buf_init(&w->out, 0);
}

static enum nz_err write_all(struct nz_run_writer *w, struct nz_str bytes, struct nz_diag *diag)
{
    enum nz_err err = nz_temp_file_write(&w->file->temp, w->run.end, bytes, diag);
    w->run.end += err == NZ_OK ? bytes.n : 0;
    return err;
}

static enum nz_err flush(struct nz_run_writer *w, struct nz_diag *diag)
{
    if (w->out.failed)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    enum nz_err err = write_all(w, nz_buf_view(&w->out), diag);
    nz_buf_clear(&w->out);
    return err;
}

enum nz_err nz_run_writer_put(struct nz_run_writer *w, int64_t key, struct nz_str bytes, struct nz_diag *diag)
{
    struct header header;
    uint32_t n = (uint32_t)bytes.n; /* spool has refused longer ones */
    memcpy(header.bytes, &key, sizeof key);
    memcpy(header.bytes + sizeof key, &n, sizeof n);
    nz_buf_append(&w->out, nz_str_of(header.bytes, sizeof header.bytes));
    w->run.last_key = key;
    if (bytes.n < WRITE_BYTES) {
        nz_buf_append(&w->out, bytes);
        return w->out.failed || w->out.n >= WRITE_BYTES ? flush(w, diag) : NZ_OK;
    }
    enum nz_err err = flush(w, diag);
    return err ? err : write_all(w, bytes, diag);
}

enum nz_err nz_run_writer_commit(struct nz_run_writer *w, struct nz_run *out, struct nz_diag *diag)
{
    enum nz_err err = flush(w, diag);
    if (err)
        return err;
    w->file->end = w->run.end;
    *out = w->run;
    return NZ_OK;
}

void nz_run_writer_release(struct nz_run_writer *w)
{
    nz_buf_release(&w->out);
}

/* --- reading --- */

struct nz_run_reader {
    uint64_t at, end; /* what is not in the buffer yet */
    char *buffer;     /* READ_BYTES */
    size_t held, used;
    int64_t key; /* of the entry whose header has been read */
    uint32_t length;
};

static enum nz_err refill(const struct nz_run_merge *m, struct nz_run_reader *r, struct nz_diag *diag)
{
    const size_t want = r->end - r->at < READ_BYTES ? (size_t)(r->end - r->at) : READ_BYTES;
    if (want == 0)
        return nz_diag_set(diag, NZ_E_BUG, "an entry of a spool goes on past its run");
    enum nz_err err = nz_temp_file_read(&m->file->temp, r->at, r->buffer, want, diag);
    if (err != NZ_OK)
        return err;
    r->at += want;
    r->held = want;
    r->used = 0;
    return NZ_OK;
}

static enum nz_err read_exactly(const struct nz_run_merge *m, struct nz_run_reader *r, char *to, size_t n,
                                struct nz_diag *diag)
{
    while (n) {
        if (r->used == r->held) {
            enum nz_err err = refill(m, r, diag);
            if (err)
                return err;
        }
        size_t part = r->held - r->used < n ? r->held - r->used : n;
        memcpy(to, r->buffer + r->used, part);
        r->used += part;
        to += part;
        n -= part;
    }
    return NZ_OK;
}

static bool at_end(const struct nz_run_reader *r)
{
    return r->used == r->held && r->at == r->end;
}

static enum nz_err read_header(const struct nz_run_merge *m, struct nz_run_reader *r, struct nz_diag *diag)
{
    struct header header;
    enum nz_err err = read_exactly(m, r, header.bytes, sizeof header.bytes, diag);
    memcpy(&r->key, header.bytes, sizeof r->key);
    memcpy(&r->length, header.bytes + sizeof r->key, sizeof r->length);
    return err;
}

static bool is_before(const struct nz_run_merge *m, size_t a, size_t b)
{
    const struct nz_run_reader *x = &m->readers[a], *y = &m->readers[b];
    return x->key != y->key ? x->key < y->key : a < b;
}

/* The entry at the top of the heap is there in no order: moves it down to its place. */
static void sift_down(struct nz_run_merge *m, size_t at)
{
    for (;;) {
        size_t least = at, left = 2 * at + 1, right = 2 * at + 2;
        if (left < m->heap_count && is_before(m, m->heap[left], m->heap[least]))
            least = left;
        if (right < m->heap_count && is_before(m, m->heap[right], m->heap[least]))
            least = right;
        if (least == at)
            return;
        size_t moved = m->heap[at];
        m->heap[at] = m->heap[least];
        m->heap[least] = moved;
        at = least;
    }
}

enum nz_err nz_run_merge_open(struct nz_run_merge *m, const struct nz_run_file *file, const struct nz_run *runs,
                              size_t count, struct nz_diag *diag)
{
    *m = (struct nz_run_merge){.file = file, .count = count};
    nz_buf_init(&m->entry, 0);
    if (count == 0)
        return NZ_OK;
    m->readers = calloc(count, sizeof *m->readers);
    m->heap = calloc(count, sizeof *m->heap);
    m->buffers = malloc(count * READ_BYTES);
    if (!m->readers || !m->heap || !m->buffers) {
        nz_run_merge_release(m);
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    }
    for (size_t i = 0; i < count; i++) {
        struct nz_run_reader *r = &m->readers[i];
        *r = (struct nz_run_reader){.at = runs[i].from, .end = runs[i].end, .buffer = m->buffers + i * READ_BYTES};
        enum nz_err err = read_header(m, r, diag); /* no run is empty */
        if (err) {
            nz_run_merge_release(m);
            return err;
        }
        m->heap[m->heap_count++] = i;
    }
    for (size_t i = count / 2; i-- > 0;)
        sift_down(m, i);
    return NZ_OK;
}

bool nz_run_merge_peek(const struct nz_run_merge *m, int64_t *key)
{
    if (m->heap_count == 0)
        return false;
    *key = m->readers[m->heap[0]].key;
    return true;
}

enum nz_err nz_run_merge_next(struct nz_run_merge *m, int64_t *key, struct nz_str *bytes, struct nz_diag *diag)
{
    struct nz_run_reader *r = &m->readers[m->heap[0]];
    *key = r->key;
    nz_buf_clear(&m->entry);
    char *to = nz_buf_reserve(&m->entry, r->length);
    if (!to)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    enum nz_err err = read_exactly(m, r, to, r->length, diag);
    if (err)
        return err;
    m->entry.n = r->length;
    *bytes = nz_buf_view(&m->entry);
    if (at_end(r))
        m->heap[0] = m->heap[--m->heap_count];
    else if ((err = read_header(m, r, diag)) != NZ_OK)
        return err;
    sift_down(m, 0);
    return NZ_OK;
}

void nz_run_merge_release(struct nz_run_merge *m)
{
    free(m->readers);
    free(m->heap);
    free(m->buffers);
    nz_buf_release(&m->entry);
    *m = (struct nz_run_merge){0};
}
