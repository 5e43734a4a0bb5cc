/* What reading costs without rules, on one thread, over every file under the paths given:
 *
 *     index [--kernel NAME | --records] PATH...
 *
 * By default the structural index alone: each file's bytes into a window, indexed, thrown away. --records: index and
 * grammar, each record given out and thrown away. Prints files, bytes on disk, bytes inflated, seconds, GB/s. */
#include "core/json_index.h"
#include "events/reader.h"
#include "trail/source.h"
#include "trail/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WINDOW_BYTES ((size_t)128 * 1024)

struct bench {
    const struct nz_json_kernel *kernel;
    struct nz_json_index index;
    struct nz_source *source;
    struct nz_event_reader *reader; /* NULL: index alone */
    char *window;
    uint64_t files, disk_bytes, bytes, records, tokens, faults;
};

static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(void *self, const struct nz_diag *diag)
{
    ((struct bench *)self)->faults++;
    fprintf(stderr, "%.*s: %s: %s\n", NZ_STR_ARG(diag->file), nz_err_text(diag->code), diag->text);
}

static enum nz_err on_read(void *self, char *out, size_t room, size_t *written, struct nz_diag *diag)
{
    return nz_source_read(((struct bench *)self)->source, out, room, written, diag);
}

static enum nz_err on_event(void *self, const struct nz_event *ev, uint64_t record)
{
    (void)ev;
    (void)record;
    ((struct bench *)self)->records++;
    return NZ_OK;
}

static enum nz_err on_problem(void *self, const struct nz_diag *diag)
{
    say(self, diag);
    return NZ_OK;
}

static enum nz_err read_records(struct bench *b)
{
    static const struct nz_event_reader_ops ops = {on_read, on_event, on_problem};
    struct nz_event_reader_stats stats;
    enum nz_err err = nz_event_reader_run(b->reader, &ops, b, &stats);
    b->bytes += stats.bytes;
    return err;
}

static enum nz_err index_windows(struct bench *b)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    for (;;) {
        size_t n = 0, written = 1;
        while (n < WINDOW_BYTES && written) {
            enum nz_err err = nz_source_read(b->source, b->window + n, WINDOW_BYTES - n, &written, &diag);
            if (err != NZ_OK)
                return err;
            n += written;
        }
        if (n == 0)
            return NZ_OK;
        enum nz_err err = nz_json_index_build(&b->index, b->kernel, b->window, n);
        if (err != NZ_OK)
            return err;
        b->bytes += n;
        b->tokens += b->index.count;
    }
}

static void bench_file(struct bench *b, const char *path)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_source_open(b->source, path, &diag);
    if (err == NZ_OK)
        err = b->reader ? read_records(b) : index_windows(b);
    if (err != NZ_OK) {
        diag.file = nz_str_from_c(path);
        diag.code = err;
        say(b, &diag);
    }
    b->disk_bytes += nz_source_disk_bytes(b->source);
    b->files++;
    nz_source_close(b->source);
}

static int run(struct bench *b, const char *const *paths, size_t count)
{
    struct nz_walk *walk = NULL;
    const char *path = NULL;
    uint64_t size = 0;
    b->window = malloc(WINDOW_BYTES);
    double start = now_seconds();
    bool ready = b->window && nz_walk_new(paths, count, say, b, &walk) == NZ_OK && nz_source_new(&b->source) == NZ_OK;
    while (ready && nz_walk_next(walk, &path, &size) == NZ_OK && path)
        bench_file(b, path);
    double seconds = now_seconds() - start;
    printf("%llu files, %llu bytes on disk, %llu bytes, %.6f s, %.3f GB/s", (unsigned long long)b->files,
           (unsigned long long)b->disk_bytes, (unsigned long long)b->bytes, seconds, (double)b->bytes / seconds / 1e9);
    if (b->reader)
        printf(", %llu records\n", (unsigned long long)b->records);
    else
        printf(", %llu tokens, kernel %s\n", (unsigned long long)b->tokens, nz_json_kernel_name(b->kernel));
    nz_source_free(b->source);
    nz_event_reader_free(b->reader);
    nz_json_index_release(&b->index);
    nz_walk_free(walk);
    free(b->window);
    return ready && b->faults == 0 ? 0 : 2;
}

static bool kernel_find(const char *name, const struct nz_json_kernel **out)
{
    const struct nz_json_kernel *kernels[8];
    size_t count = nz_json_kernels(kernels, 8);
    for (size_t i = 0; i < count; i++) {
        if (!name || strcmp(nz_json_kernel_name(kernels[i]), name) == 0) {
            *out = kernels[i];
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    const char *kernel = NULL;
    int first = 1;
    bool records = argc > 1 && strcmp(argv[1], "--records") == 0;
    if (records) {
        first = 2;
    } else if (argc > 2 && strcmp(argv[1], "--kernel") == 0) {
        kernel = argv[2];
        first = 3;
    }
    if (first >= argc || !kernel_find(kernel, &b.kernel) || (records && nz_event_reader_new(0, &b.reader) != NZ_OK)) {
        fprintf(stderr, "usage: %s [--kernel avx512|avx2|neon|plain | --records] PATH...\n", argv[0]);
        return 2;
    }
    return run(&b, (const char *const *)argv + first, (size_t)(argc - first));
}
