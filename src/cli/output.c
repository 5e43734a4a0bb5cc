#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_AT_BYTES ((size_t)64 * 1024)

static enum nz_err fault(const struct nz_output *out, struct nz_diag *diag)
{
    if (out->err == NZ_E_NOMEM)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    return nz_diag_set(diag, out->err, "%s", strerror(out->err_number));
}

static void fail(struct nz_output *out, int number)
{
    if (out->err != NZ_OK)
        return;
    out->err = number == EPIPE ? NZ_E_PIPE : NZ_E_WRITE;
    out->err_number = number;
}

/* A file of its own beside the target, so that the rename stays within one file system. The name is made by hand: mkstemp
 * would give mode 0600 whatever the umask says, and the process cannot ask for its umask without changing it. */
static int open_beside(struct nz_output *out, mode_t mode)
{
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        char *name = NULL;
        /* a leading dot: logs may be read from the same folder, where hidden files are passed over */
        const char *slash = strrchr(out->path, '/');
        int folder = slash ? (int)(slash - out->path) + 1 : 0;
        if (asprintf(&name, "%.*s.%s.%ld.%u.tmp", folder, out->path, out->path + folder, (long)getpid(), attempt) < 0)
            return -1;
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd >= 0) {
            out->temporary = name;
            return fd;
        }
        free(name);
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

enum nz_err nz_output_open(struct nz_output *out, const char *path, struct nz_diag *diag)
{
    *out = (struct nz_output){.fd = -1};
    nz_buf_init(&out->buf, 0);
    if (!path || strcmp(path, "-") == 0) {
        out->fd = STDOUT_FILENO;
        return NZ_OK;
    }
    /* through symbolic links: a rename must not put a file where the link stood */
    out->path = realpath(path, NULL);
    if (!out->path)
        out->path = strdup(path);
    if (!out->path)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    struct stat st;
    bool there = stat(out->path, &st) == 0;
    if (there && !S_ISREG(st.st_mode))
        out->fd = open(out->path, O_WRONLY | O_CLOEXEC);
    else
        out->fd = open_beside(out, 0666);
    if (out->fd < 0) {
        fail(out, errno);
        enum nz_err err = fault(out, diag);
        free(out->path);
        out->path = NULL;
        return err;
    }
    if (there && out->temporary && fchmod(out->fd, st.st_mode & 07777) != 0)
        fail(out, errno);
    return NZ_OK;
}

void nz_output_flush(struct nz_output *out)
{
    size_t at = 0;
    while (out->err == NZ_OK && at < out->buf.n) {
        ssize_t n = write(out->fd, out->buf.p + at, out->buf.n - at);
        if (n >= 0)
            at += (size_t)n;
        else if (errno != EINTR)
            fail(out, errno);
    }
    nz_buf_clear(&out->buf);
}

static void settle(struct nz_output *out)
{
    if (out->buf.failed && out->err == NZ_OK)
        out->err = NZ_E_NOMEM;
    if (out->buf.n >= FLUSH_AT_BYTES)
        nz_output_flush(out);
}

void nz_output_write(struct nz_output *out, struct nz_str text)
{
    if (out->err != NZ_OK)
        return;
    nz_buf_append(&out->buf, text);
    settle(out);
}

void nz_output_printf(struct nz_output *out, const char *format, ...)
{
    if (out->err != NZ_OK)
        return;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* our callers' formats are checked by the attribute */
    int need = vsnprintf(NULL, 0, format, args);
    char *to = need < 0 ? NULL : nz_buf_reserve(&out->buf, (size_t)need);
    if (to) {
        vsnprintf(to, (size_t)need + 1, format, again);
        out->buf.n += (size_t)need;
    }
#pragma GCC diagnostic pop
    va_end(again);
    va_end(args);
    settle(out);
}

static void put_in_place(struct nz_output *out)
{
    if (out->err == NZ_OK && rename(out->temporary, out->path) != 0)
        fail(out, errno);
    if (out->err != NZ_OK)
        unlink(out->temporary);
}

enum nz_err nz_output_close(struct nz_output *out, struct nz_diag *diag)
{
    if (out->fd < 0)
        return NZ_OK;
    nz_output_flush(out);
    /* a full disk behind a network file system shows only here */
    if (out->fd != STDOUT_FILENO && close(out->fd) != 0)
        fail(out, errno);
    out->fd = -1;
    if (out->temporary)
        put_in_place(out);
    enum nz_err err = out->err == NZ_OK ? NZ_OK : fault(out, diag);
    nz_buf_release(&out->buf);
    free(out->path);
    free(out->temporary);
    out->path = out->temporary = NULL;
    return err;
}
