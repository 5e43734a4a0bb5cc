/* A line on the terminal that says how far a long run is. Nothing when standard error is no terminal or with --quiet.
 * Counts may be added from any thread; whoever adds draws, at most ten times a second. */
#ifndef NZ_CLI_PROGRESS_H
#define NZ_CLI_PROGRESS_H

#include "core/time.h"

#include <pthread.h>
#include <stdatomic.h>

struct nz_progress {
    bool enabled;
    bool calls; /* files are calls to a service: the line says so and has no bytes */
    const struct nz_clock_ops *clock;
    void *clock_self;
    nz_mono start;
    atomic_uint_fast64_t files, bytes, findings;   /* so far */
    atomic_uint_fast64_t files_total, bytes_total; /* 0: not known (yet) */
    atomic_uint_fast64_t drawn_ns;                 /* when the line was last drawn, since start */
    pthread_mutex_t lock;                          /* standard error: the line, and messages above it */
    bool visible;                                  /* there is a line to clear; under lock */
};

/* Also needed when nothing will be drawn: messages take its lock. */
void nz_progress_init(struct nz_progress *p, bool enabled, const struct nz_clock_ops *clock, void *clock_self);
void nz_progress_release(struct nz_progress *p);

/* Counting starts here: a run's rate does not include loading rules. Draws the first line. */
void nz_progress_begin(struct nz_progress *p);
/* What is known of the whole, so far; may grow. */
void nz_progress_expect(struct nz_progress *p, uint64_t files, uint64_t bytes);
/* Adds to the counts, and draws when it is time. Bytes are those on disk. */
void nz_progress_add(struct nz_progress *p, uint64_t files, uint64_t bytes, uint64_t findings);
/* Clears the line for good. */
void nz_progress_end(struct nz_progress *p);

/* Brackets around anything else that is written to standard error. */
void nz_progress_lock(struct nz_progress *p);
void nz_progress_unlock(struct nz_progress *p);

/* The line's text for a given time since the start; what tests look at. Appended. */
void nz_progress_append(const struct nz_progress *p, uint64_t elapsed_ns, unsigned columns, struct nz_buf *out);

#endif
