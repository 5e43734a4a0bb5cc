#include "cli/line_pipe.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_BYTES ((size_t)256 << 10)
#define BATCHES_A_WORKER 4u
#define POLL_MS 100 /* how long a signal may wait to be noticed */

enum batch_state { BATCH_FREE, BATCH_READ, BATCH_DONE };
struct batch {
    struct nz_buf in, out;
    uint64_t first_line;
    bool too_long; /* it stands for one line that was given up */
    enum batch_state state;
};

struct pipe {
    struct nz_cli *cli;
    int fd;
    const struct nz_line_ops *ops;
    struct batch *ring;
    size_t ring_count;

    pthread_mutex_t lock; /* guards all below and the batches' states */
    pthread_cond_t changed;
    uint64_t read, taken; /* batches so far */
    bool over;            /* no more will be read */
    bool stopping;
    enum nz_err err; /* the first that ends the run */
    int err_number;
};

struct worker {
    struct pipe *pipe;
    void *user;
    pthread_t thread;
    bool started;
};

static void stop(struct pipe *p, enum nz_err err, int number)
{
    pthread_mutex_lock(&p->lock);
    if (p->err == NZ_OK) {
        p->err = err;
        p->err_number = number;
    }
    p->stopping = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

/* --- reading --- */

/* The next batch to fill, or NULL when the run ends. */
static struct batch *batch_to_fill(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    struct batch *b = &p->ring[p->read % p->ring_count];
    while (b->state != BATCH_FREE && !p->stopping)
        pthread_cond_wait(&p->changed, &p->lock);
    bool stopping = p->stopping;
    pthread_mutex_unlock(&p->lock);
    return stopping ? NULL : b;
}

static void hand_over(struct pipe *p, struct batch *b)
{
    pthread_mutex_lock(&p->lock);
    b->state = BATCH_READ;
    p->read++;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static bool is_stopping(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    bool stopping = p->stopping;
    pthread_mutex_unlock(&p->lock);
    return stopping;
}

/* More bytes at the end of `to`. False: the run ends. *n 0: the end of the input. */
static bool read_more(struct pipe *p, struct nz_buf *to, size_t *n)
{
    char *room = nz_buf_reserve(to, READ_BYTES);
    if (!room) {
        stop(p, NZ_E_NOMEM, 0);
        return false;
    }
    for (;;) {
        struct pollfd ready = {.fd = p->fd, .events = POLLIN};
        int polled = poll(&ready, 1, POLL_MS);
        if (nz_cli_stop_requested() || is_stopping(p)) {
            stop(p, NZ_E_STOPPED, 0);
            return false;
        }
        if (polled == 0 || (polled < 0 && errno == EINTR))
            continue;
        ssize_t got = read(p->fd, room, READ_BYTES);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0) {
            stop(p, NZ_E_IO, errno);
            return false;
        }
        to->n += (size_t)got;
        *n = (size_t)got;
        return true;
    }
}

/* Where the reader stands between batches. */
struct cursor {
    struct nz_buf rest; /* the beginning of a line */
    uint64_t line;      /* number of the next line */
    bool skipping;      /* inside a line that was given up */
    bool end;
};

static uint64_t count_lines(struct nz_str text)
{
    uint64_t lines = 0;
    for (const char *p = text.p; text.n && (p = memchr(p, '\n', (size_t)(text.p + text.n - p))) != NULL; p++)
        lines++;
    return lines;
}

/* Drops what belongs to a line that was given up. */
static void drop_rest(struct cursor *c, struct nz_buf *in)
{
    char *end = in->n ? memchr(in->p, '\n', in->n) : NULL;
    size_t drop = end ? (size_t)(end - in->p) + 1 : in->n;
    if (end)
        c->skipping = false;
    memmove(in->p, in->p + drop, in->n - drop);
    in->n -= drop;
}

/* Reads until the batch holds a whole line at least, or the input ends; what comes behind the last one goes to c->rest. */
static bool fill(struct pipe *p, struct cursor *c, struct batch *b)
{
    nz_buf_clear(&b->in);
    nz_buf_clear(&b->out);
    b->too_long = false;
    b->first_line = c->line;
    if (c->rest.p)
        nz_buf_append(&b->in, nz_buf_view(&c->rest));
    nz_buf_clear(&c->rest);
    const char *last = NULL;
    while (!last && !c->end) {
        size_t got;
        if (b->in.failed || !read_more(p, &b->in, &got)) {
            if (b->in.failed)
                stop(p, NZ_E_NOMEM, 0);
            return false;
        }
        c->end = got == 0;
        if (c->skipping)
            drop_rest(c, &b->in);
        last = b->in.n ? memrchr(b->in.p, '\n', b->in.n) : NULL;
        if (!last && b->in.n > NZ_LINE_BYTES_MAX) {
            c->skipping = b->too_long = true;
            nz_buf_clear(&b->in);
            c->line++;
            return true;
        }
    }
    if (last) {
        size_t whole = (size_t)(last - b->in.p) + 1;
        nz_buf_append(&c->rest, nz_str_skip(nz_buf_view(&b->in), whole));
        b->in.n = whole;
    }
    c->line += count_lines(nz_buf_view(&b->in));
    if (c->rest.failed)
        stop(p, NZ_E_NOMEM, 0);
    return !c->rest.failed;
}

static void *read_all(void *arg)
{
    struct pipe *p = arg;
    struct cursor c = {.line = 1};
    nz_buf_init(&c.rest, 0);
    while (!c.end) {
        struct batch *b = batch_to_fill(p);
        if (!b || !fill(p, &c, b))
            break;
        hand_over(p, b);
    }
    pthread_mutex_lock(&p->lock);
    p->over = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    nz_buf_release(&c.rest);
    return NULL;
}

/* --- working --- */

static enum nz_err work_batch(const struct worker *w, struct batch *b)
{
    struct nz_line line = {.number = b->first_line, .too_long = b->too_long};
    if (b->too_long)
        return w->pipe->ops->line(w->user, &line, &b->out);
    struct nz_str rest = nz_buf_view(&b->in);
    enum nz_err err = NZ_OK;
    while (rest.n && err == NZ_OK) {
        const char *end = memchr(rest.p, '\n', rest.n);
        line.text = nz_str_head(rest, end ? (size_t)(end - rest.p) : rest.n);
        rest = nz_str_skip(rest, line.text.n + 1);
        line.too_long = line.text.n > NZ_LINE_BYTES_MAX;
        err = w->pipe->ops->line(w->user, &line, &b->out);
        line.number++;
    }
    return err == NZ_OK ? nz_buf_status(&b->out) : err;
}

static struct batch *batch_to_work(struct pipe *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->taken == p->read && !p->over && !p->stopping)
        pthread_cond_wait(&p->changed, &p->lock);
    struct batch *b = p->taken < p->read && !p->stopping ? &p->ring[p->taken++ % p->ring_count] : NULL;
    pthread_mutex_unlock(&p->lock);
    return b;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct pipe *p = w->pipe;
    for (struct batch *b; (b = batch_to_work(p)) != NULL;) {
        enum nz_err err = work_batch(w, b);
        if (err != NZ_OK) {
            stop(p, err, 0);
            break;
        }
        pthread_mutex_lock(&p->lock);
        b->state = BATCH_DONE;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

/* --- writing --- */

/* Batch number `at`, when it is done; NULL at the end. What was found before a stop is still written. */
static struct batch *batch_to_write(struct pipe *p, uint64_t at)
{
    pthread_mutex_lock(&p->lock);
    struct batch *b = &p->ring[at % p->ring_count];
    while (b->state != BATCH_DONE && !p->stopping && !(p->over && at == p->read)) {
        pthread_mutex_unlock(&p->lock);
        nz_output_flush(&p->cli->out); /* who waits for an answer gets it before we wait */
        pthread_mutex_lock(&p->lock);
        if (b->state != BATCH_DONE && !p->stopping && !(p->over && at == p->read))
            pthread_cond_wait(&p->changed, &p->lock);
    }
    bool done = b->state == BATCH_DONE;
    pthread_mutex_unlock(&p->lock);
    return done ? b : NULL;
}

static void write_all(struct pipe *p)
{
    struct batch *b;
    for (uint64_t at = 0; (b = batch_to_write(p, at)) != NULL; at++) {
        nz_output_write(&p->cli->out, nz_buf_view(&b->out));
        if (p->cli->out.err != NZ_OK) { /* the output tells it when it is closed */
            stop(p, NZ_E_STOPPED, 0);
            return;
        }
        pthread_mutex_lock(&p->lock);
        b->state = BATCH_FREE;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
    }
}

/* --- the whole --- */

static void run_threads(struct pipe *p, struct worker *workers, unsigned count)
{
    pthread_t reader;
    bool reading = pthread_create(&reader, NULL, read_all, p) == 0;
    unsigned started = 0;
    for (unsigned i = 0; i < count && reading; i++) {
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
        started += workers[i].started;
    }
    if (started == 0)
        stop(p, NZ_E_THREAD, 0);
    write_all(p);
    if (reading)
        pthread_join(reader, NULL);
    for (unsigned i = 0; i < count; i++) {
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
    }
}

static void release(struct pipe *p, struct worker *workers, unsigned count, void *self)
{
    for (unsigned i = 0; workers && i < count; i++) {
        if (workers[i].user)
            p->ops->worker_close(self, workers[i].user);
    }
    for (size_t i = 0; p->ring && i < p->ring_count; i++) {
        nz_buf_release(&p->ring[i].in);
        nz_buf_release(&p->ring[i].out);
    }
    free(workers);
    free(p->ring);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
}

static enum nz_err report(struct pipe *p, struct nz_str file)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    if (p->err == NZ_OK)
        return NZ_OK;
    if (p->err == NZ_E_STOPPED) {
        /* by a signal, or by an output that failed and tells so itself */
        if (nz_cli_stop_requested())
            nz_outcome_add(&p->cli->outcome, p->err, true);
        return NZ_OK;
    }
    nz_diag_set(&diag, p->err, "%s", p->err_number ? strerror(p->err_number) : "");
    if (p->err == NZ_E_IO)
        diag.file = file;
    return nz_cli_report(p->cli, &diag);
}

enum nz_err nz_line_pipe_run(struct nz_cli *cli, int fd, struct nz_str file, const struct nz_line_ops *ops, void *self)
{
    unsigned count = cli->jobs;
    struct pipe p = {.cli = cli, .fd = fd, .ops = ops, .ring_count = (size_t)count * BATCHES_A_WORKER};
    struct worker *workers = calloc(count, sizeof *workers);
    p.ring = calloc(p.ring_count, sizeof *p.ring);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.changed, NULL);
    if (!workers || !p.ring)
        p.err = NZ_E_NOMEM;
    for (unsigned i = 0; i < count && p.err == NZ_OK; i++) {
        workers[i].pipe = &p;
        p.err = ops->worker_open(self, &workers[i].user);
    }
    if (p.err == NZ_OK)
        run_threads(&p, workers, count);
    enum nz_err err = report(&p, file);
    release(&p, workers, count, self);
    return err;
}
