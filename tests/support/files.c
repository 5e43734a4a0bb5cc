#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>
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
