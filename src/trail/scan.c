#include "trail/scan_state.h"

#include <stdlib.h>
#include <time.h>

/* --- making and freeing --- */

static void on_walk_problem(void *self, const struct nz_diag *diag)
{
    struct nz_scan *s = self;
    nz_scan_entries_add_problem(&s->walk_problems, diag, diag->file);
}

static void chunk_init(struct chunk *c)
{
    nz_buf_init(&c->entries, 0);
    nz_buf_init(&c->path, 0);
}

static void chunk_release(struct chunk *c)
{
    nz_buf_release(&c->entries);
    nz_buf_release(&c->path);
}

static enum nz_err worker_init(struct nz_scan *s, struct worker *w, unsigned workers)
{
    w->scan = s;
    nz_buf_init(&w->scratch, 0);
    nz_spill_init(&w->spill);
    chunk_init(&w->loaded);
    size_t chunks = QUEUES_BYTES / CHUNK_BYTES / workers;
    w->chunks_count = chunks > CHUNKS_LEAST ? (unsigned)chunks : CHUNKS_LEAST;
    w->chunks = calloc(w->chunks_count, sizeof *w->chunks);
    if (!w->chunks)
        return NZ_E_NOMEM;
    for (unsigned i = 0; i < w->chunks_count; i++)
        chunk_init(&w->chunks[i]);
    enum nz_err err = nz_source_new(&w->source);
    if (err == NZ_OK)
        err = nz_event_reader_new(0, &w->reader);
    if (err == NZ_OK)
        err = s->ops->worker_open(s->self, &w->user);
    return err;
}

static void worker_release(struct worker *w)
{
    if (w->user)
        w->scan->ops->worker_close(w->scan->self, w->user);
    nz_event_reader_free(w->reader);
    nz_source_free(w->source);
    nz_buf_release(&w->scratch);
    nz_spill_release(&w->spill);
    chunk_release(&w->loaded);
    for (unsigned i = 0; w->chunks && i < w->chunks_count; i++)
        chunk_release(&w->chunks[i]);
    free(w->chunks);
}

enum nz_err nz_scan_new(const struct nz_scan_opts *opts, const struct nz_scan_ops *ops, void *self,
                        struct nz_scan **out)
{
    struct nz_scan *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return NZ_E_NOMEM;
    s->opts = *opts;
    s->ops = ops;
    s->self = self;
    s->files_end = UINT64_MAX;
    s->seen_key = nz_hash_key_new();
    pthread_mutex_init(&s->walk_lock, NULL);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    nz_buf_init(&s->walk_problems, 0);
    unsigned count = opts->workers ? opts->workers : 1;
    if (count > NZ_SCAN_WORKERS_MAX)
        count = NZ_SCAN_WORKERS_MAX;
    s->workers = calloc(count, sizeof *s->workers);
    enum nz_err err =
        s->workers ? nz_walk_new(opts->paths, opts->paths_count, on_walk_problem, s, &s->walk) : NZ_E_NOMEM;
    while (err == NZ_OK && s->workers_count < count)
        err = worker_init(s, &s->workers[s->workers_count++], count);
    if (err != NZ_OK) {
        nz_scan_free(s);
        return err;
    }
    *out = s;
    return NZ_OK;
}

void nz_scan_free(struct nz_scan *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->workers_count; i++)
        worker_release(&s->workers[i]);
    free(s->workers);
    nz_walk_free(s->walk);
    nz_buf_release(&s->walk_problems);
    nz_seen_release(&s->seen);
    nz_seen_release(&s->replaced);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->walk_lock);
    free(s);
}

const struct nz_scan_stats *nz_scan_stats(const struct nz_scan *s)
{
    return &s->stats;
}

bool nz_scan_is_replaced(const struct nz_scan *s, uint64_t id)
{
    return id && nz_seen_has(&s->replaced, id);
}

/* --- the sequencer --- */

static enum nz_err sequence_problem(struct nz_scan *s, const char *payload, size_t n)
{
    struct nz_diag diag;
    memcpy(&diag, payload, sizeof diag);
    diag.file = nz_str_of(payload + sizeof diag, n - sizeof diag);
    s->stats.problems++;
    return s->ops->problem(s->self, &diag);
}

static enum nz_err sequence_record(struct nz_scan *s, const struct chunk *c, const struct entry *e, const char *payload)
{
    bool there = false;
    enum nz_err err = NZ_OK;
    s->stats.records++;
    if (e->id && !s->opts.keep_duplicates)
        err = nz_seen_add(&s->seen, e->id, &there);
    if (err != NZ_OK)
        return err;
    if (there) {
        s->stats.duplicates++;
        return NZ_OK;
    }
    if (e->replaces && e->replaces != e->id) {
        err = nz_seen_add(&s->replaced, e->replaces, &there);
        if (err != NZ_OK)
            return err;
        s->stats.replaced += !there;
    }
    if (e->outside) {
        s->stats.outside++;
        return NZ_OK;
    }
    if (!e->payload_bytes || nz_scan_is_replaced(s, e->id))
        return NZ_OK;
    const struct nz_scan_record record = {
        .file = nz_buf_view(&c->path),
        .record = e->record,
        .id = e->id,
        .updates_seen = e->replaces && e->replaces != e->id && nz_seen_has(&s->seen, e->replaces),
    };
    return s->ops->accept(s->self, &record, nz_str_of(payload, e->payload_bytes));
}

/* Brings the places of all ids of a chunk into the cache, so that looking each up does not wait for memory. */
static void prefetch(const struct nz_scan *s, const struct chunk *c)
{
    struct entry e;
    for (size_t at = 0; at < c->entries.n; at += sizeof e + e.payload_bytes) {
        memcpy(&e, c->entries.p + at, sizeof e);
        if (e.kind == ENTRY_RECORD)
            nz_seen_prefetch(&s->seen, e.id);
    }
}

static enum nz_err sequence(struct nz_scan *s, struct chunk *c)
{
    enum nz_err err = NZ_OK;
    struct entry e;
    prefetch(s, c);
    for (size_t at = 0; at < c->entries.n && err == NZ_OK; at += sizeof e + e.payload_bytes) {
        memcpy(&e, c->entries.p + at, sizeof e);
        const char *payload = c->entries.p + at + sizeof e;
        if (e.kind == ENTRY_PROBLEM)
            err = sequence_problem(s, payload, e.payload_bytes);
        else
            err = sequence_record(s, c, &e, payload);
    }
    s->stats.problems += c->problems_untold;
    s->stats.files += c->last && c->counts_as_file;
    s->stats.disk_bytes += c->disk_bytes;
    s->stats.bytes += c->bytes;
    s->stats.digests += c->digests;
    return err != NZ_OK ? err : c->err;
}

static void progress(struct nz_scan *s)
{
    if (!s->ops->progress)
        return;
    struct nz_scan_stats live = s->stats;
    live.bytes = atomic_load_explicit(&s->live_bytes, memory_order_relaxed);
    live.disk_bytes = atomic_load_explicit(&s->live_disk_bytes, memory_order_relaxed);
    s->ops->progress(s->self, &live);
}

static void chunk_reset(struct chunk *c)
{
    nz_buf_clear(&c->entries);
    nz_buf_clear(&c->path);
    c->last = false;
    c->err = NZ_OK;
    c->disk_bytes = c->bytes = c->digests = c->problems_untold = 0;
}

/* The next chunk of the same file goes on where this one ended. */
static enum nz_err carry_over(const struct chunk *from, struct chunk *to, bool last)
{
    chunk_reset(to);
    if (last)
        return NZ_OK;
    to->file = from->file;
    to->counts_as_file = from->counts_as_file;
    nz_buf_append(&to->path, nz_buf_view(&from->path));
    nz_buf_append_char(&to->path, '\0');
    to->path.n -= !to->path.failed;
    return nz_buf_status(&to->path);
}

/* What this chunk held is elsewhere, and it is filled again. */
static void refill(struct chunk *c, bool last)
{
    if (last) {
        chunk_reset(c);
    } else {
        nz_buf_clear(&c->entries);
        c->problems_untold = 0;
    }
}

static enum nz_err flush_alone(struct worker *w, bool last)
{
    struct chunk *c = nz_scan_worker_chunk(w);
    enum nz_err err = sequence(w->scan, c);
    progress(w->scan);
    refill(c, last);
    return err;
}

/* --- from the workers to the sequencer --- */

/* With the lock. */
static const struct chunk *oldest_of(const struct worker *w)
{
    return w->has_loaded ? &w->loaded : w->ready ? &w->chunks[w->head] : NULL;
}

/* With the lock. One whose turn it is has the sequencer at its queue, and goes on in its file only while some of it is there. */
static bool may_spill(const struct worker *w)
{
    const struct chunk *oldest = oldest_of(w);
    const uint64_t waiting_bytes = w->spill.end - w->spill.from;
    if (oldest && oldest->file > w->scan->turn)
        return waiting_bytes < SPILLED_AHEAD_BYTES_MAX;
    return w->spill.count && waiting_bytes < SPILLED_BYTES_MAX;
}

/* With the lock, which it gives back meanwhile. False: the disk is full, or there is none. */
static bool spill(struct worker *w, const struct chunk *c)
{
    uint64_t bytes;
    nz_spill_begin(&w->spill);
    pthread_mutex_unlock(&w->scan->lock);
    const bool written = nz_spill_write(&w->spill, c, &bytes) == NZ_OK;
    pthread_mutex_lock(&w->scan->lock);
    if (written)
        nz_spill_done(&w->spill, bytes);
    return written;
}

/* With the lock. Puts the chunk into the queue or behind it, and waits when neither can be. *spilled: it may be filled again. After
 * a stop what fits is still put there. */
static void hand_over(struct worker *w, const struct chunk *c, bool *spilled)
{
    struct nz_scan *s = w->scan;
    bool full = false; /* the disk */
    *spilled = false;
    for (;;) {
        const bool stopping = atomic_load(&s->stopping);
        if (w->spill.count == 0 && (w->ready + 1 < w->chunks_count || stopping)) {
            w->ready++;
            return;
        }
        if (!full && (stopping || may_spill(w))) {
            *spilled = spill(w, c);
            if (*spilled)
                return;
            full = true;
        } else if (stopping) {
            return;
        } else {
            pthread_cond_wait(&s->changed, &s->lock);
        }
    }
}

enum nz_err nz_scan_worker_flush(struct worker *w, bool last)
{
    struct nz_scan *s = w->scan;
    struct chunk *c = nz_scan_worker_chunk(w);
    bool spilled;
    c->last = last;
    if (s->workers_count == 1)
        return flush_alone(w, last);
    pthread_mutex_lock(&s->lock);
    if (last && !c->counts_as_file)
        s->files_end = c->file + 1;
    hand_over(w, c, &spilled);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (atomic_load(&s->stopping))
        return NZ_E_STOPPED;
    if (spilled) {
        refill(c, last);
        return NZ_OK;
    }
    w->filling = (w->filling + 1) % w->chunks_count;
    return carry_over(c, nz_scan_worker_chunk(w), last);
}

static struct worker *holder_of(struct nz_scan *s, uint64_t file)
{
    for (unsigned i = 0; i < s->workers_count; i++) {
        const struct chunk *c = oldest_of(&s->workers[i]);
        if (c && c->file == file)
            return &s->workers[i];
    }
    return NULL;
}

/* Where a worker's queue has been worked off, what it spilled comes next. */
static enum nz_err load_spilled(struct nz_scan *s)
{
    enum nz_err err = NZ_OK;
    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < s->workers_count && err == NZ_OK; i++) {
        struct worker *w = &s->workers[i];
        uint64_t bytes;
        if (w->has_loaded || w->ready || !w->spill.count)
            continue;
        pthread_mutex_unlock(&s->lock);
        err = nz_spill_read(&w->spill, &w->loaded, &bytes);
        pthread_mutex_lock(&s->lock);
        if (err == NZ_OK)
            nz_spill_taken(&w->spill, bytes);
        w->has_loaded = err == NZ_OK;
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

/* Waits for the next chunk in order; NULL at the end, or after a tenth of a second without one. */
static struct worker *next_holder(struct nz_scan *s, uint64_t file, bool *over)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&s->lock);
    struct worker *w = holder_of(s, file);
    if (!w && s->files_end != file)
        pthread_cond_timedwait(&s->changed, &s->lock, &until);
    w = w ? w : holder_of(s, file);
    *over = !w && s->files_end == file;
    pthread_mutex_unlock(&s->lock);
    return w;
}

/* Sequences the oldest chunk of w. */
static enum nz_err sequence_oldest(struct nz_scan *s, struct worker *w, uint64_t *file)
{
    struct chunk *c = w->has_loaded ? &w->loaded : &w->chunks[w->head];
    enum nz_err err = sequence(s, c);
    *file += c->last;
    pthread_mutex_lock(&s->lock);
    s->turn = *file;
    if (w->has_loaded) {
        w->has_loaded = false;
    } else {
        w->head = (w->head + 1) % w->chunks_count;
        w->ready--;
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return err;
}

static enum nz_err sequence_all(struct nz_scan *s, uint64_t *file)
{
    enum nz_err err = NZ_OK;
    while (err == NZ_OK) {
        bool over;
        err = load_spilled(s);
        if (err != NZ_OK)
            break;
        struct worker *w = next_holder(s, *file, &over);
        progress(s);
        if (over)
            break;
        if (s->ops->stop && s->ops->stop(s->self))
            return NZ_E_STOPPED;
        if (w)
            err = sequence_oldest(s, w, file);
    }
    return err;
}

/* After a stop from outside, when the workers have ended: what they had found up to the first gap still counts. */
static enum nz_err sequence_rest(struct nz_scan *s, uint64_t file)
{
    enum nz_err err = load_spilled(s);
    struct worker *w;
    while (err == NZ_OK && (w = holder_of(s, file)) != NULL) {
        err = sequence_oldest(s, w, &file);
        if (err == NZ_OK)
            err = load_spilled(s);
    }
    return err != NZ_OK ? err : NZ_E_STOPPED;
}

static void *thread_main(void *arg)
{
    bool over = false;
    while (!over && nz_scan_worker_step(arg, &over) == NZ_OK)
        continue;
    return NULL;
}

static enum nz_err run_threads(struct nz_scan *s)
{
    enum nz_err err = NZ_OK;
    uint64_t file = 0;
    for (unsigned i = 0; i < s->workers_count && err == NZ_OK; i++) {
        if (pthread_create(&s->workers[i].thread, NULL, thread_main, &s->workers[i]) != 0)
            err = NZ_E_THREAD;
        else
            s->workers[i].started = true;
    }
    if (err == NZ_OK)
        err = sequence_all(s, &file);
    bool stopped = err == NZ_E_STOPPED && s->ops->stop && s->ops->stop(s->self);
    pthread_mutex_lock(&s->lock);
    atomic_store(&s->stopping, true);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    for (unsigned i = 0; i < s->workers_count; i++) {
        if (s->workers[i].started)
            pthread_join(s->workers[i].thread, NULL);
    }
    return stopped ? sequence_rest(s, file) : err;
}

/* One worker needs no thread: each chunk is sequenced when it is full. */
static enum nz_err run_alone(struct nz_scan *s)
{
    bool over = false;
    enum nz_err err = NZ_OK;
    while (!over && err == NZ_OK)
        err = nz_scan_worker_step(&s->workers[0], &over);
    return err;
}

enum nz_err nz_scan_run(struct nz_scan *s)
{
    enum nz_err err = s->workers_count == 1 ? run_alone(s) : run_threads(s);
    return err == NZ_OK && s->ops->stop && s->ops->stop(s->self) ? NZ_E_STOPPED : err;
}
