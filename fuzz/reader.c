/* Target: nz_event_reader_run: any bytes as a stream of records, in two windows, with one result. The first byte says how
 * large the reads are. Seeds: fuzz/corpus/reader. */
#include "events/reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct feed {
    struct nz_str input;
    size_t at, step_bytes;
    uint64_t hash, problems;
};

static enum nz_err on_read(void *self, char *out, size_t room, size_t *written, struct nz_diag *diag)
{
    struct feed *f = self;
    (void)diag;
    size_t n = f->input.n - f->at;
    n = n > f->step_bytes ? f->step_bytes : n;
    n = n > room ? room : n;
    memcpy(out, f->input.p + f->at, n);
    f->at += n;
    *written = n;
    return NZ_OK;
}

static enum nz_err on_event(void *self, const struct nz_event *ev, uint64_t record)
{
    struct feed *f = self;
    f->hash = f->hash * 31 + nz_str_hash(nz_json_source(nz_event_root(ev))) + record;
    return NZ_OK;
}

static enum nz_err on_problem(void *self, const struct nz_diag *diag)
{
    struct feed *f = self;
    f->hash = f->hash * 31 + diag->offset + (uint64_t)diag->code;
    f->problems++;
    return NZ_OK;
}

static struct feed run(struct nz_str input, size_t window_bytes, size_t step_bytes)
{
    static const struct nz_event_reader_ops ops = {on_read, on_event, on_problem};
    struct feed f = {.input = input, .step_bytes = step_bytes};
    struct nz_event_reader *r;
    struct nz_event_reader_stats stats;
    if (nz_event_reader_new(window_bytes, &r) != NZ_OK || nz_event_reader_run(r, &ops, &f, &stats) != NZ_OK)
        abort();
    nz_event_reader_free(r);
    if (stats.records + f.problems > input.n + 1)
        abort();
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (n < 1)
        return 0;
    struct nz_str input = nz_str_of((const char *)p + 1, n - 1);
    struct feed wide = run(input, 0, SIZE_MAX), narrow = run(input, 64, (size_t)p[0] + 1);
    if (wide.hash != narrow.hash)
        abort();
    return 0;
}
