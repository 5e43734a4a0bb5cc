#include "inventory/snapshot_write.h"

#include "core/gzip.h"
#include "inventory/snapshot_line.h"

/* Text of one gzip member: large enough that cutting it into members costs nothing in size. */
#define MEMBER_TEXT_BYTES ((size_t)1 << 20)

struct writing {
    nz_snapshot_sink_fn *sink;
    void *self;
    struct nz_buf text, member;
};

static enum nz_err flush(struct writing *w)
{
    enum nz_err err = nz_buf_status(&w->text);
    nz_buf_clear(&w->member);
    if (err == NZ_OK)
        err = nz_gzip_append_member(&w->member, nz_buf_view(&w->text));
    if (err == NZ_OK)
        err = w->sink(w->self, nz_buf_view(&w->member));
    nz_buf_clear(&w->text);
    return err;
}

static enum nz_err line_done(struct writing *w)
{
    return w->text.failed || w->text.n >= MEMBER_TEXT_BYTES ? flush(w) : NZ_OK;
}

static enum nz_err lines_write(struct writing *w, const struct nz_snapshot *s)
{
    enum nz_err err = NZ_OK;
    nz_snapshot_append_header(&w->text, &s->header, s->regions, s->regions_count);
    for (size_t i = 0; i < s->collected_count && err == NZ_OK; i++) {
        nz_snapshot_append_collected(&w->text, &s->collected[i]);
        err = line_done(w);
    }
    for (size_t i = 0; i < s->unread_count && err == NZ_OK; i++) {
        nz_snapshot_append_unread(&w->text, &s->unread[i]);
        err = line_done(w);
    }
    for (size_t i = 0; i < s->items_count && err == NZ_OK; i++) {
        nz_snapshot_append_item(&w->text, &s->items[i]);
        err = line_done(w);
    }
    if (err != NZ_OK)
        return err;
    nz_snapshot_append_end(&w->text, &(struct nz_snapshot_counts){s->items_count, s->collected_count, s->unread_count});
    return flush(w);
}

enum nz_err nz_snapshot_write(const struct nz_snapshot *s, nz_snapshot_sink_fn *sink, void *self)
{
    struct writing w = {.sink = sink, .self = self};
    nz_buf_init(&w.text, 0);
    nz_buf_init(&w.member, 0);
    enum nz_err err = lines_write(&w, s);
    nz_buf_release(&w.text);
    nz_buf_release(&w.member);
    return err;
}
