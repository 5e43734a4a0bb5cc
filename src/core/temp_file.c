#include "core/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

static enum nz_err read_error(struct nz_diag *diag, int error)
{
    char text[100];
    const char *reason = error ? strerror_r(error, text, sizeof text) : "it ends too early";
    return nz_diag_set(diag, NZ_E_IO, "temporary file in '%s': %s", folder(), reason);
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

enum nz_err nz_temp_file_open(struct nz_temp_file *file, struct nz_diag *diag)
{
    if (file->fd >= 0)
        return NZ_OK;
    file->fd = open(folder(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file->fd < 0) /* not every file system has O_TMPFILE; what else may be wrong, this finds too */
        file->fd = open_with_name(folder());
    return file->fd < 0 ? write_error(diag, errno) : NZ_OK;
}

void nz_temp_file_close(struct nz_temp_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

enum nz_err nz_temp_file_write(const struct nz_temp_file *file, uint64_t at, struct nz_str bytes, struct nz_diag *diag)
{
    while (bytes.n) {
        ssize_t n = pwrite(file->fd, bytes.p, bytes.n, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return write_error(diag, n < 0 ? errno : ENOSPC);
        at += (uint64_t)n;
        bytes = nz_str_skip(bytes, (size_t)n);
    }
    return NZ_OK;
}

enum nz_err nz_temp_file_read(const struct nz_temp_file *file, uint64_t at, char *to, size_t n, struct nz_diag *diag)
{
    while (n) {
        ssize_t part = pread(file->fd, to, n, (off_t)at);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return read_error(diag, part < 0 ? errno : 0);
        at += (uint64_t)part;
        to += part;
        n -= (size_t)part;
    }
    return NZ_OK;
}

void nz_temp_file_drop(const struct nz_temp_file *file, uint64_t from, uint64_t end)
{
    /* a file system that cannot do it keeps the space until the file is closed */
    (void)fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(end - from));
}
