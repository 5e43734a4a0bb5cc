/* Target: nz_event_reader_run: any bytes as a stream of records, in two windows, with one result, and the members of each
 * record as they are found by its tokens. The first byte says how large the reads are. Seeds: fuzz/corpus/reader. */
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

/* The names of an object that was found without tokens, and their values, are those that are found by them. */
static void same_members(const struct nz_event *ev, enum nz_event_field field)
{
    struct nz_event_members members;
    if (!nz_event_members(ev, field, &members))
        return;
    struct nz_json_iter it = nz_json_iter(nz_event_get(ev, field));
    for (size_t i = 0; i < members.count; i++) {
        if (!nz_json_next(&it) || it.key.p != members.bytes + members.names[i] + 1)
            abort();
        const struct nz_json value = nz_event_member_value(ev, &members, i);
        if (!nz_str_eq(nz_json_source(value), nz_json_source(it.value)) ||
            nz_json_kind(value) != nz_json_kind(it.value))
            abort();
    }
    if (nz_json_next(&it))
        abort();
}

/* However the record was read, its members are those of the object that it is. */
static void same_fields(const struct nz_event *ev)
{
    struct nz_event plain;
    nz_event_from_json(nz_event_root(ev), &plain);
    for (unsigned i = 0; i < NZ_FIELD_COUNT; i++) {
        const enum nz_event_field field = (enum nz_event_field)i;
        const struct nz_json value = nz_event_get(ev, field), wanted = nz_event_get(&plain, field);
        if (nz_json_kind(value) != nz_json_kind(wanted))
            abort();
        if (nz_json_is_absent(wanted))
            continue;
        const struct nz_str source = nz_json_source(wanted);
        if (!nz_str_eq(nz_json_source(value), source) || !nz_str_eq(nz_event_source(ev, field), source))
            abort();
        same_members(ev, field);
    }
    if (nz_event_has_others(ev) != nz_event_has_others(&plain))
        abort();
}

static enum nz_err on_event(void *self, const struct nz_event *ev, uint64_t record)
{
    struct feed *f = self;
    same_fields(ev);
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
