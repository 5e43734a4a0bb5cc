#include "trail/spill.h"

/* A chunk in the file: this, its path with the NUL, its entries. */
struct head {
    uint64_t path_bytes, entries_bytes;
    uint64_t file, disk_bytes, bytes, digests, problems_untold;
    uint32_t err;
    bool last, counts_as_file;
};

void nz_spill_init(struct nz_spill *spill)
{
    *spill = (struct nz_spill){.file = NZ_TEMP_FILE_INIT};
}

void nz_spill_release(struct nz_spill *spill)
{
    nz_temp_file_close(&spill->file);
    nz_spill_init(spill);
}

void nz_spill_begin(struct nz_spill *spill)
{
    if (spill->count == 0)
        spill->from = spill->end = 0; /* nobody reads */
}

enum nz_err nz_spill_write(struct nz_spill *spill, const struct chunk *c, uint64_t *bytes)
{
    const struct head head = {
        .path_bytes = c->path.n,
        .entries_bytes = c->entries.n,
        .file = c->file,
        .disk_bytes = c->disk_bytes,
        .bytes = c->bytes,
        .digests = c->digests,
        .problems_untold = c->problems_untold,
        .err = c->err,
        .last = c->last,
        .counts_as_file = c->counts_as_file,
    };
    const struct nz_str parts[] = {nz_str_of((const char *)&head, sizeof head), nz_buf_view(&c->path),
                                   nz_buf_view(&c->entries)};
    uint64_t at = spill->end;
    enum nz_err err = nz_temp_file_open(&spill->file, NULL);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && err == NZ_OK; i++) {
        err = nz_temp_file_write(&spill->file, at, parts[i], NULL);
        at += parts[i].n;
    }
    *bytes = at - spill->end;
    return err;
}

void nz_spill_done(struct nz_spill *spill, uint64_t bytes)
{
    spill->count++;
    spill->end += bytes;
}

static enum nz_err read_buf(const struct nz_spill *spill, uint64_t at, uint64_t bytes, struct nz_buf *out)
{
    nz_buf_clear(out);
    char *to = nz_buf_reserve(out, (size_t)bytes + 1);
    if (!to)
        return NZ_E_NOMEM;
    enum nz_err err = nz_temp_file_read(&spill->file, at, to, (size_t)bytes, NULL);
    to[bytes] = '\0';
    out->n = err == NZ_OK ? (size_t)bytes : 0;
    return err;
}

enum nz_err nz_spill_read(struct nz_spill *spill, struct chunk *c, uint64_t *bytes)
{
    struct head head;
    const uint64_t from = spill->from;
    enum nz_err err = nz_temp_file_read(&spill->file, from, (char *)&head, sizeof head, NULL);
    if (err == NZ_OK)
        err = read_buf(spill, from + sizeof head, head.path_bytes, &c->path);
    if (err == NZ_OK)
        err = read_buf(spill, from + sizeof head + head.path_bytes, head.entries_bytes, &c->entries);
    if (err != NZ_OK)
        return err;
    c->file = head.file;
    c->last = head.last;
    c->err = (enum nz_err)head.err;
    c->counts_as_file = head.counts_as_file;
    c->disk_bytes = head.disk_bytes;
    c->bytes = head.bytes;
    c->digests = head.digests;
    c->problems_untold = head.problems_untold;
    *bytes = sizeof head + head.path_bytes + head.entries_bytes;
    nz_temp_file_drop(&spill->file, from, from + *bytes);
    return NZ_OK;
}

void nz_spill_taken(struct nz_spill *spill, uint64_t bytes)
{
    spill->count--;
    spill->from += bytes;
}
