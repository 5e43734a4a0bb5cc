/* Lines in, answers out, in order, on all cores, in constant memory.
 *
 *     reader ─▶ [batch][batch][batch]... ─▶ workers ─▶ writer (the calling thread)
 *
 * The reader hands over whole lines as they come, so a program that writes one line and waits gets its answer. Batches lie
 * in a ring: a worker that is ahead waits for the writer, and the reader for the workers. */
#ifndef NZ_CLI_LINE_PIPE_H
#define NZ_CLI_LINE_PIPE_H

#include "cli/cli.h"

#define NZ_LINE_BYTES_MAX ((size_t)16 << 20)

struct nz_line {
    struct nz_str text; /* without its end; empty when too_long */
    uint64_t number;    /* from 1 */
    bool too_long;      /* past NZ_LINE_BYTES_MAX: what it said is lost */
};

struct nz_line_ops {
    enum nz_err (*worker_open)(void *self, void **worker);
    void (*worker_close)(void *self, void *worker);
    /* In a worker's thread: appends the answer. An error ends the run. */
    enum nz_err (*line)(void *worker, const struct nz_line *line, struct nz_buf *out);
};

/* Reads all of fd with cli->jobs workers and writes to cli->out. Reports what goes wrong; file names the input. */
NZ_MUST_USE enum nz_err nz_line_pipe_run(struct nz_cli *cli, int fd, struct nz_str file, const struct nz_line_ops *ops,
                                         void *self);

#endif
