/* targets: nz_snapshot_read, nz_snapshot_finish, nz_snapshot_write, nz_item_open   seeds: fuzz/corpus/snapshot
 * Whatever was read: items are in order and open, and what is written is read back without a problem as just as much. */
#include "inventory/snapshot_read.h"
#include "inventory/snapshot_write.h"

#include "core/gzip.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct memory {
    struct nz_str rest;
    unsigned problems;
};

static enum nz_err memory_read(void *self, char *out, size_t room, size_t *written, struct nz_diag *diag)
{
    struct memory *m = self;
    (void)diag;
    *written = room < m->rest.n ? room : m->rest.n;
    if (*written)
        memcpy(out, m->rest.p, *written);
    m->rest = nz_str_skip(m->rest, *written);
    return NZ_OK;
}

static void memory_problem(void *self, const struct nz_diag *diag)
{
    struct memory *m = self;
    if (diag->code == NZ_OK)
        abort();
    m->problems++;
}

static struct nz_snapshot *read_one(struct memory *m)
{
    struct nz_snapshot_source source = {memory_read, memory_problem, m};
    struct nz_snapshot_builder *b;
    struct nz_snapshot *s = NULL;
    struct nz_diag diag = NZ_DIAG_INIT;
    if (nz_snapshot_builder_new(&b) != NZ_OK)
        abort();
    enum nz_err err = nz_snapshot_read(b, &source, &diag);
    if (err != NZ_OK && diag.code != err)
        abort();
    if (err == NZ_OK && nz_snapshot_finish(b, &s, NULL) != NZ_OK)
        abort();
    nz_snapshot_builder_free(b);
    return s;
}

static void look_at(const struct nz_snapshot *s)
{
    struct nz_item_view view;
    nz_item_view_init(&view);
    for (size_t i = 0; i < s->items_count; i++) {
        const struct nz_item *item = &s->items[i];
        struct nz_items like = nz_snapshot_items_in(s, item->type, item->region);
        if (like.n == 0 || item < like.p || item >= like.p + like.n)
            abort();
        if (nz_item_open(&view, item) != NZ_OK || nz_json_kind(view.configuration) != NZ_JSON_OBJECT)
            abort();
        (void)nz_snapshot_listing(s, item->type, item->region, NULL);
    }
    nz_item_view_release(&view);
}

static enum nz_err inflated(void *self, struct nz_str bytes)
{
    struct nz_buf *out = self;
    struct nz_gzip *z;
    size_t written = 0;
    if (nz_gzip_new(&z) != NZ_OK)
        abort();
    do {
        char *to = nz_buf_reserve(out, 65536);
        if (!to || nz_gzip_inflate(z, &bytes, true, to, 65536, &written, NULL) != NZ_OK)
            abort();
        out->n += written;
    } while (written);
    nz_gzip_free(z);
    return NZ_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct memory m = {.rest = nz_str_of((const char *)p, n)};
    struct nz_snapshot *s = read_one(&m);
    if (!s)
        return 0;
    look_at(s);
    struct nz_buf text;
    nz_buf_init(&text, 0);
    s->header.version = 1;
    if (nz_snapshot_write(s, inflated, &text) != NZ_OK)
        abort();
    struct memory again = {.rest = nz_buf_view(&text)};
    struct nz_snapshot *t = read_one(&again);
    if (!t || again.problems || t->items_count != s->items_count || t->unread_count != s->unread_count ||
        t->collected_count != s->collected_count)
        abort();
    nz_snapshot_free(t);
    nz_snapshot_free(s);
    nz_buf_release(&text);
    return 0;
}
