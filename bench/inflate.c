/* Inflate alone: reads every file under the paths given, on one thread, into a window, and throws it away. This is the
 * baseline that `detect` is measured against: the same walk, the same source, the same window.
 *
 *     inflate [--window BYTES] PATH...      prints: files, bytes on disk, bytes inflated, seconds, GB/s */
#include "trail/source.h"
#include "trail/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WINDOW_BYTES ((size_t)256 * 1024)

struct totals {
    uint64_t files, disk_bytes, bytes, faults;
};

static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(void *self, const struct nz_diag *diag)
{
    struct totals *t = self;
    t->faults++;
    fprintf(stderr, "%.*s: %s: %s\n", NZ_STR_ARG(diag->file), nz_err_text(diag->code), diag->text);
}

static void inflate_file(struct nz_source *s, const char *path, char *window, size_t window_bytes, struct totals *t)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    size_t written = 0;
    enum nz_err err = nz_source_open(s, path, &diag);
    while (err == NZ_OK && (err = nz_source_read(s, window, window_bytes, &written, &diag)) == NZ_OK && written)
        t->bytes += written;
    if (err != NZ_OK) {
        diag.file = nz_str_from_c(path);
        say(t, &diag);
    }
    t->disk_bytes += nz_source_disk_bytes(s);
    t->files++;
    nz_source_close(s);
}

static int run(const char *const *paths, size_t count, size_t window_bytes)
{
    struct totals t = {0};
    struct nz_walk *walk = NULL;
    struct nz_source *source = NULL;
    char *window = malloc(window_bytes);
    const char *path = NULL;
    uint64_t size = 0;
    double start = now_seconds();
    bool ready = window && nz_walk_new(paths, count, say, &t, &walk) == NZ_OK && nz_source_new(&source) == NZ_OK;
    while (ready && nz_walk_next(walk, &path, &size) == NZ_OK && path)
        inflate_file(source, path, window, window_bytes, &t);
    double seconds = now_seconds() - start;
    printf("%llu files, %llu bytes on disk, %llu bytes, %.6f s, %.3f GB/s\n", (unsigned long long)t.files,
           (unsigned long long)t.disk_bytes, (unsigned long long)t.bytes, seconds, (double)t.bytes / seconds / 1e9);
    nz_source_free(source);
    nz_walk_free(walk);
    free(window);
    return ready && t.faults == 0 ? 0 : 2;
}

int main(int argc, char **argv)
{
    size_t window_bytes = WINDOW_BYTES;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--window") == 0) {
        window_bytes = strtoull(argv[2], NULL, 10);
        first = 3;
    }
    if (first >= argc || window_bytes == 0) {
        fprintf(stderr, "usage: %s [--window BYTES] PATH...\n", argv[0]);
        return 2;
    }
    return run((const char *const *)argv + first, (size_t)(argc - first), window_bytes);
}
