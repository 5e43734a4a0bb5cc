/* From what happened to the exit status: the one place that knows the numbers. */
#ifndef NZ_CLI_EXIT_H
#define NZ_CLI_EXIT_H

#include "core/err.h"

#include <stdbool.h>

enum nz_exit {
    NZ_EXIT_OK = 0,
    NZ_EXIT_FINDINGS = 1,
    NZ_EXIT_BAD = 2,     /* use, input, machine; also when a part was skipped or our reader went away */
    NZ_EXIT_UNKNOWN = 3, /* something stayed unknown, with --strict */
    NZ_EXIT_BUG = 70,
    NZ_EXIT_STOPPED = 130, /* by SIGINT or SIGTERM; what was found is written */
};

/* What a run has met so far. All false: nothing to tell. */
struct nz_outcome {
    bool findings, unknown, bad, stopped, bug;
};

/* Adds an error by its class. stop_requested: a signal asked us to stop, so NZ_CLASS_STOP is that; else it is `bad`
 * (--strict, a closed pipe). */
void nz_outcome_add(struct nz_outcome *outcome, enum nz_err err, bool stop_requested);

/* Precedence 70, 130, 2, 3, 1, 0. */
enum nz_exit nz_outcome_exit(const struct nz_outcome *outcome);

#endif
