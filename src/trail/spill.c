#include "trail/spill.h"

/* A chunk in the file: itself, of whose buffers only the sizes count there, then its path and its entries. */

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
    const struct nz_str parts[] = {nz_str_of((const char *)c, sizeof *c), nz_buf_view(&c->path),
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
    struct chunk put;
    const uint64_t from = spill->from;
    enum nz_err err = nz_temp_file_read(&spill->file, from, (char *)&put, sizeof put, NULL);
    if (err == NZ_OK)
        err = read_buf(spill, from + sizeof put, put.path.n, &c->path);
    if (err == NZ_OK)
        err = read_buf(spill, from + sizeof put + put.path.n, put.entries.n, &c->entries);
    if (err != NZ_OK)
        return err;
    *bytes = sizeof put + put.path.n + put.entries.n;
    put.path = c->path;
    put.entries = c->entries;
    *c = put;
    nz_temp_file_drop(&spill->file, from, from + *bytes);
    return NZ_OK;
}

void nz_spill_taken(struct nz_spill *spill, uint64_t bytes)
{
    spill->count--;
    spill->from += bytes;
}
