#include "support/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct nz_str nz_test_read(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        abort();
    }
    size_t n = 0, room = 65536;
    char *p = malloc(room);
    for (;;) {
        if (!p)
            abort();
        size_t got = fread(p + n, 1, room - n - 1, f);
        if (got == 0)
            break;
        n += got;
        if (room - n < 2) {
            room *= 2;
            p = realloc(p, room);
        }
    }
    fclose(f);
    p[n] = '\0';
    return nz_str_of(p, n);
}

static const char *under(const char *variable, const char *fallback, const char *relative)
{
    static char path[4096];
    const char *root = getenv(variable);
    snprintf(path, sizeof path, "%s/%s", root ? root : fallback, relative);
    return access(path, R_OK) == 0 ? path : NULL;
}

const char *nz_test_shared(const char *relative)
{
    return under("NZ_SHARED", "../shared", relative);
}

const char *nz_test_source(const char *relative)
{
    return under("NZ_SOURCE", ".", relative);
}

uint64_t nz_test_unnamed_bytes(const char *folder)
{
    DIR *dir = opendir("/proc/self/fd");
    uint64_t bytes = 0;
    if (!dir)
        abort();
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[300], target[4096];
        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        ssize_t n = readlink(path, target, sizeof target - 1);
        struct stat st;
        if (n > 0 && nz_str_starts_with(nz_str_of(target, (size_t)n), nz_str_from_c(folder)) && stat(path, &st) == 0 &&
            st.st_nlink == 0)
            bytes += (uint64_t)st.st_size;
    }
    closedir(dir);
    return bytes;
}
