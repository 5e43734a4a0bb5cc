#include "trail/scan_state.h"

struct chunk *nz_scan_worker_chunk(struct worker *w)
{
    return &w->chunks[w->filling];
}

void nz_scan_entries_add_problem(struct nz_buf *entries, const struct nz_diag *diag, struct nz_str path)
{
    struct entry e = {.kind = ENTRY_PROBLEM, .payload_bytes = (uint32_t)(sizeof *diag + path.n)};
    if (!nz_buf_reserve(entries, sizeof e + e.payload_bytes))
        return; /* whole or not at all: an entry without its payload would be read past its end */
    nz_buf_append(entries, nz_str_of((const char *)&e, sizeof e));
    nz_buf_append(entries, nz_str_of((const char *)diag, sizeof *diag));
    nz_buf_append(entries, path);
}

static bool is_stopping(void *worker)
{
    const struct worker *w = worker;
    return atomic_load_explicit(&w->scan->stopping, memory_order_relaxed) ||
           (w->scan->ops->stop && w->scan->ops->stop(w->scan->self));
}

/* --- what the reader calls --- */

static enum nz_err on_read(void *self, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag)
{
    struct worker *w = self;
    uint64_t before = nz_source_disk_bytes(w->source);
    nz_source_stop_when(w->source, is_stopping, w);
    enum nz_err err = nz_source_read(w->source, out, room_bytes, written, diag);
    atomic_fetch_add_explicit(&w->scan->live_bytes, *written, memory_order_relaxed);
    atomic_fetch_add_explicit(&w->scan->live_disk_bytes, nz_source_disk_bytes(w->source) - before,
                              memory_order_relaxed);
    return err;
}

static uint64_t id_of(struct worker *w, struct nz_json v)
{
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return 0;
    nz_buf_clear(&w->scratch);
    struct nz_str text = nz_json_string(v, &w->scratch);
    return text.n ? nz_seen_id(&w->scan->seen_key, text) : 0;
}

/* CloudTrail User Guide, record contents, addendum: with the reason UPDATED_DATA originalEventID names the event that
 * this one takes the place of. One that names itself, or nobody, takes the place of the record with its own eventID: it
 * is then known by another id, or it would be dropped as that one's duplicate. */
static void note_update(struct worker *w, const struct nz_event *ev, struct entry *e)
{
    struct nz_json addendum = nz_event_get(ev, NZ_FIELD_ADDENDUM);
    if (nz_json_is_absent(addendum) ||
        !nz_str_eq(nz_json_source(nz_json_get(addendum, NZ_STR("reason"))), NZ_STR("\"UPDATED_DATA\"")))
        return;
    e->replaces = id_of(w, nz_json_get(addendum, NZ_STR("originalEventID")));
    if (e->replaces == 0 || e->replaces == e->id) {
        e->replaces = e->id;
        e->id = e->id ? nz_seen_id_of_update(&w->scan->seen_key, e->id) : 0;
    }
}

static bool is_outside(const struct nz_scan_opts *opts, const struct nz_event *ev)
{
    nz_time t;
    if ((!opts->has_since && !opts->has_until) || !nz_event_time(ev, &t))
        return false;
    return (opts->has_since && t.us < opts->since.us) || (opts->has_until && t.us >= opts->until.us);
}

static enum nz_err flush_when_full(struct worker *w)
{
    struct chunk *c = nz_scan_worker_chunk(w);
    if (c->entries.failed)
        return NZ_E_NOMEM;
    return c->entries.n >= CHUNK_FULL_BYTES ? nz_scan_worker_flush(w, false) : NZ_OK;
}

static enum nz_err on_event(void *self, const struct nz_event *ev, uint64_t record)
{
    struct worker *w = self;
    if (is_stopping(w))
        return NZ_E_STOPPED;
    struct nz_json id = nz_event_get(ev, NZ_FIELD_EVENT_ID);
    if (nz_json_is_absent(id))
        id = nz_event_get(ev, NZ_FIELD_AGGREGATED_EVENT_ID);
    struct entry e = {.record = record, .id = id_of(w, id), .kind = ENTRY_RECORD};
    note_update(w, ev, &e);
    e.outside = is_outside(&w->scan->opts, ev);

    /* the payload is written where it stays; how long it is, is known behind it */
    struct nz_buf *entries = &nz_scan_worker_chunk(w)->entries;
    const size_t place = entries->n;
    if (!nz_buf_reserve(entries, sizeof e))
        return NZ_E_NOMEM;
    entries->n += sizeof e;
    enum nz_err err = e.outside ? NZ_OK : w->scan->ops->record(w->user, ev, entries);
    if (err == NZ_OK)
        err = nz_buf_status(entries);
    if (err != NZ_OK) {
        entries->n = place; /* as in nz_scan_entries_add_problem */
        return err;
    }
    e.payload_bytes = (uint32_t)(entries->n - place - sizeof e);
    memcpy(entries->p + place, &e, sizeof e);
    return flush_when_full(w);
}

static enum nz_err on_problem(void *self, const struct nz_diag *diag)
{
    struct worker *w = self;
    if (diag->code == NZ_E_STOPPED)
        return NZ_E_STOPPED; /* not a fault of the input */
    struct chunk *c = nz_scan_worker_chunk(w);
    if (++w->file_problems > PROBLEMS_TOLD_MAX) {
        c->problems_untold++;
        return NZ_OK;
    }
    nz_scan_entries_add_problem(&c->entries, diag, nz_buf_view(&c->path));
    return flush_when_full(w);
}

static const struct nz_event_reader_ops reader_ops = {on_read, on_event, on_problem};

/* --- one file after another --- */

/* Starts the next file's first chunk: its number, path, and what the walk met on the way to it. */
static enum nz_err claim(struct worker *w, bool *over)
{
    struct nz_scan *s = w->scan;
    struct chunk *c = nz_scan_worker_chunk(w);
    const char *path = NULL;
    uint64_t size_bytes;
    pthread_mutex_lock(&s->walk_lock);
    *over = s->walk_over || is_stopping(w);
    enum nz_err err = *over ? NZ_OK : nz_walk_next(s->walk, &path, &size_bytes);
    if (!*over && err == NZ_OK) {
        c->file = s->next_file++;
        c->counts_as_file = path != NULL;
        nz_buf_append(&c->path, nz_str_from_c(path));
        nz_buf_append_char(&c->path, '\0');
        c->path.n--;
        nz_buf_append(&c->entries, nz_buf_view(&s->walk_problems));
        if (c->path.failed || c->entries.failed || s->walk_problems.failed)
            err = NZ_E_NOMEM;
        nz_buf_clear(&s->walk_problems);
    }
    s->walk_over = s->walk_over || !path || err != NZ_OK;
    pthread_mutex_unlock(&s->walk_lock);
    return err;
}

static enum nz_err tell_untold(struct worker *w)
{
    if (w->file_problems <= PROBLEMS_TOLD_MAX)
        return NZ_OK;
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_diag_set(&diag, NZ_E_LIMIT, "%llu more problems in this file",
                (unsigned long long)(w->file_problems - PROBLEMS_TOLD_MAX));
    struct chunk *c = nz_scan_worker_chunk(w);
    c->problems_untold--; /* this line stands for one of them */
    nz_scan_entries_add_problem(&c->entries, &diag, nz_buf_view(&c->path));
    return nz_buf_status(&c->entries);
}

static enum nz_err work_file(struct worker *w)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_event_reader_stats stats = {0};
    w->file_problems = 0;
    enum nz_err err = nz_source_open(w->source, nz_scan_worker_chunk(w)->path.p, &diag);
    if (err == NZ_E_NOMEM)
        return err;
    if (err != NZ_OK) {
        err = on_problem(w, &diag);
    } else {
        err = nz_event_reader_run(w->reader, &reader_ops, w, &stats);
        nz_source_close(w->source);
    }
    struct chunk *c = nz_scan_worker_chunk(w);
    c->disk_bytes = nz_source_disk_bytes(w->source);
    c->bytes = stats.bytes;
    c->digests = stats.digests;
    return err != NZ_OK ? err : tell_untold(w);
}

enum nz_err nz_scan_worker_step(struct worker *w, bool *over)
{
    enum nz_err err = claim(w, over);
    if (*over && err == NZ_OK)
        return NZ_OK;
    if (err == NZ_OK && nz_scan_worker_chunk(w)->counts_as_file)
        err = work_file(w);
    nz_scan_worker_chunk(w)->err = err;
    enum nz_err flushed = nz_scan_worker_flush(w, true);
    return err != NZ_OK ? err : flushed;
}
