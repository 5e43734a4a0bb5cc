#include "core/spool_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WRITE_BYTES ((size_t)64 << 10)
#define READ_BYTES ((size_t)16 << 10)

struct header {
    char bytes[12];
};

static const char *folder(void)
{
    const char *name = getenv("TMPDIR");
    return name && *name ? name : "/tmp";
}

static enum nz_err write_error(struct nz_diag *diag, int error)
{
    char text[100];
    return nz_diag_set(diag, NZ_E_WRITE, "temporary file in '%s': %s", folder(), strerror_r(error, text, sizeof text));
}

static int open_with_name(const char *where)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/nezuban-XXXXXX", where);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path); /* so that it is gone however we end */
    return fd;
}

enum nz_err nz_run_file_open(struct nz_run_file *file, struct nz_diag *diag)
{
    if (file->fd >= 0)
        return NZ_OK;
    file->fd = open(folder(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file->fd < 0) /* not every file system has O_TMPFILE; what else may be wrong, this finds too */
        file->fd = open_with_name(folder());
    return file->fd < 0 ? write_error(diag, errno) : NZ_OK;
}

void nz_run_file_close(struct nz_run_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    *file = (struct nz_run_file){.fd = -1};
}

void nz_run_file_drop(struct nz_run_file *file, uint64_t from, uint64_t end)
{
    /* a file system that cannot do it keeps the space until the file is closed */
    (void)fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(end - from));
}

/* --- writing --- */

void nz_run_writer_init(struct nz_run_writer *w, struct nz_run_file *file)
{
    *w = (struct nz_run_writer){.file = file, .run = {.from = file->end, .end = file->end}};
    nz_buf_init(&w->out, 0);
}

static enum nz_err write_all(struct nz_run_writer *w, struct nz_str bytes, struct nz_diag *diag)
{
    while (bytes.n) {
        ssize_t n = pwrite(w->file->fd, bytes.p, bytes.n, (off_t)w->run.end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return write_error(diag, n < 0 ? errno : ENOSPC);
        w->run.end += (uint64_t)n;
        bytes = nz_str_skip(bytes, (size_t)n);
    }
    return NZ_OK;
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

static enum nz_err read_error(struct nz_diag *diag, int error)
{
    char text[100];
    const char *reason = error ? strerror_r(error, text, sizeof text) : "it ends too early";
    return nz_diag_set(diag, NZ_E_IO, "temporary file in '%s': %s", folder(), reason);
}

static enum nz_err refill(const struct nz_run_merge *m, struct nz_run_reader *r, struct nz_diag *diag)
{
    size_t want = r->end - r->at < READ_BYTES ? (size_t)(r->end - r->at) : READ_BYTES;
    ssize_t n;
    do
        n = pread(m->file->fd, r->buffer, want, (off_t)r->at);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return read_error(diag, n < 0 ? errno : 0);
    r->at += (uint64_t)n;
    r->held = (size_t)n;
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
