#include "trail/source.h"

#include "core/gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* One read: large enough that a system call costs nothing beside inflating what it brought, small enough for L2. */
#define BUFFER_BYTES ((size_t)128 * 1024)

#define GZIP_MAGIC_BYTES 3
#define STOP_POLL_MS 100

struct nz_source {
    int fd; /* -1: closed */
    bool borrowed_fd, regular;
    bool looked; /* the first bytes have been read, so `gzip` is known */
    bool gzip, at_end, over;
    uint64_t size_bytes, disk_bytes;
    struct nz_str in; /* in buffer: read from disk, not yet used */
    struct nz_gzip *z;
    char *buffer;
    bool (*stop)(void *self);
    void *stop_self;
};

enum nz_err nz_source_new(struct nz_source **out)
{
    *out = NULL;
    struct nz_source *s = calloc(1, sizeof *s);
    if (!s)
        return NZ_E_NOMEM;
    s->fd = -1;
    s->over = true;
    s->buffer = malloc(BUFFER_BYTES);
    if (!s->buffer || nz_gzip_new(&s->z) != NZ_OK) {
        nz_source_free(s);
        return NZ_E_NOMEM;
    }
    *out = s;
    return NZ_OK;
}

void nz_source_free(struct nz_source *s)
{
    if (!s)
        return;
    nz_source_close(s);
    nz_gzip_free(s->z);
    free(s->buffer);
    free(s);
}

void nz_source_stop_when(struct nz_source *s, bool (*stop)(void *self), void *self)
{
    s->stop = stop;
    s->stop_self = self;
}

void nz_source_close(struct nz_source *s)
{
    if (s->fd >= 0 && !s->borrowed_fd)
        close(s->fd);
    s->fd = -1;
    s->over = true;
}

static enum nz_err errno_diag(struct nz_diag *diag, uint64_t offset)
{
    /* only a wait (for a pipe, a terminal) can be interrupted, and whoever set the handler wants it to end */
    if (errno == EINTR)
        return nz_diag_offset(diag, NZ_E_STOPPED, offset, "interrupted by a signal");
    return nz_diag_offset(diag, NZ_E_IO, offset, "%s", strerrordesc_np(errno));
}

static bool kind_is_read(mode_t mode, bool standard_input)
{
    if (S_ISREG(mode) || S_ISFIFO(mode) || S_ISSOCK(mode))
        return true;
    return standard_input && S_ISCHR(mode); /* a terminal, /dev/null */
}

enum nz_err nz_source_open(struct nz_source *s, const char *path, struct nz_diag *diag)
{
    nz_source_close(s);
    s->disk_bytes = 0;
    s->borrowed_fd = strcmp(path, "-") == 0;
    /* O_NONBLOCK: opening a FIFO must not wait for its writer, where nothing could end the wait; wait_for_bytes does. */
    s->fd = s->borrowed_fd ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;
    if (s->fd < 0 || fstat(s->fd, &st) != 0) {
        enum nz_err err = errno_diag(diag, UINT64_MAX);
        nz_source_close(s);
        return err;
    }
    if (!kind_is_read(st.st_mode, s->borrowed_fd)) {
        nz_source_close(s);
        return nz_diag_set(diag, NZ_E_FILE_KIND, "%s", S_ISDIR(st.st_mode) ? "a directory" : "a device");
    }
    s->regular = S_ISREG(st.st_mode);
    s->size_bytes = s->regular ? (uint64_t)st.st_size : 0;
    s->looked = s->gzip = s->at_end = s->over = false;
    s->in = nz_str_of(s->buffer, 0);
    nz_gzip_reset(s->z);
    if (s->size_bytes > BUFFER_BYTES)
        (void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice: a file system may refuse it */
    return NZ_OK;
}

/* A pipe may stay silent for hours: its reader looks up now and then whether it should stop. A FIFO that no writer has
 * opened yet is waited for too: Linux reports POLLHUP only once one has come and gone. */
static enum nz_err wait_for_bytes(struct nz_source *s, struct nz_diag *diag)
{
    struct pollfd wanted = {.fd = s->fd, .events = POLLIN};
    for (;;) {
        if (s->stop && s->stop(s->stop_self))
            return nz_diag_offset(diag, NZ_E_STOPPED, s->disk_bytes, "stopped while waiting for more");
        int ready = poll(&wanted, 1, STOP_POLL_MS);
        if (ready > 0)
            return NZ_OK;
        if (ready < 0 && errno != EINTR)
            return errno_diag(diag, s->disk_bytes);
        if (ready < 0 && !s->stop)
            return errno_diag(diag, s->disk_bytes);
    }
}

/* One read(2). *got 0 is the end; a regular file read to its size is at its end without asking once more. */
static enum nz_err read_disk(struct nz_source *s, char *to, size_t room, size_t *got, struct nz_diag *diag)
{
    *got = 0;
    enum nz_err err = s->regular ? NZ_OK : wait_for_bytes(s, diag);
    if (err != NZ_OK) {
        s->over = true;
        return err;
    }
    ssize_t n = read(s->fd, to, room);
    if (n < 0) {
        s->over = true;
        return errno_diag(diag, s->disk_bytes);
    }
    *got = (size_t)n;
    s->disk_bytes += *got;
    bool whole = s->regular && s->size_bytes > 0 && s->disk_bytes == s->size_bytes && *got < room;
    s->at_end = *got == 0 || whole;
    return NZ_OK;
}

/* Fills the buffer until the first bytes tell gzip from text; a pipe may bring them one by one. */
static enum nz_err look(struct nz_source *s, struct nz_diag *diag)
{
    size_t n = 0;
    while (n < GZIP_MAGIC_BYTES && !s->at_end) {
        size_t got = 0;
        enum nz_err err = read_disk(s, s->buffer + n, BUFFER_BYTES - n, &got, diag);
        if (err != NZ_OK)
            return err;
        n += got;
    }
    s->in = nz_str_of(s->buffer, n);
    s->gzip = nz_gzip_is(s->in);
    s->looked = true;
    return NZ_OK;
}

static enum nz_err read_plain(struct nz_source *s, char *out, size_t room, size_t *written, struct nz_diag *diag)
{
    if (s->in.n) { /* what the look at the first bytes brought */
        *written = s->in.n < room ? s->in.n : room;
        memcpy(out, s->in.p, *written);
        s->in = nz_str_skip(s->in, *written);
        return NZ_OK;
    }
    if (s->at_end)
        return NZ_OK;
    return read_disk(s, out, room, written, diag);
}

static enum nz_err read_gzip(struct nz_source *s, char *out, size_t room, size_t *written, struct nz_diag *diag)
{
    for (;;) {
        enum nz_err err = nz_gzip_inflate(s->z, &s->in, s->at_end, out, room, written, diag);
        if (err != NZ_OK || *written)
            return err;
        if (s->at_end)
            return NZ_OK;
        size_t got = 0;
        err = read_disk(s, s->buffer, BUFFER_BYTES, &got, diag);
        if (err != NZ_OK)
            return err;
        s->in = nz_str_of(s->buffer, got);
    }
}

enum nz_err nz_source_read(struct nz_source *s, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag)
{
    *written = 0;
    if (s->over || room_bytes == 0)
        return NZ_OK;
    enum nz_err err = s->looked ? NZ_OK : look(s, diag);
    if (err == NZ_OK)
        err = s->gzip ? read_gzip(s, out, room_bytes, written, diag) : read_plain(s, out, room_bytes, written, diag);
    if (err != NZ_OK || *written == 0)
        s->over = true;
    return err;
}

uint64_t nz_source_disk_bytes(const struct nz_source *s)
{
    return s->disk_bytes;
}
