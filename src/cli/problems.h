/* Problems on standard error: one line each, in the user's language, nothing in it that a terminal would obey. */
#ifndef NZ_CLI_PROBLEMS_H
#define NZ_CLI_PROBLEMS_H

#include "core/buf.h"
#include "core/diag.h"

#include <stdatomic.h>

struct nz_progress;

struct nz_problems {
    struct nz_progress *progress; /* its line is cleared before each message */
    bool color;
    atomic_size_t errors, warnings; /* printed so far */
};

/* "FILE:LINE:COLUMN: sentence: text" or "FILE: offset N (record R): sentence: text"; what is not known is left out.
 * Appended, without a line end. */
void nz_problem_append(struct nz_buf *out, const struct nz_diag *diag);
/* The same with a word between place and sentence: "rules/a.yml:3:7: warning: ...". NULL: none. */
void nz_problem_append_as(struct nz_buf *out, const struct nz_diag *diag, const char *severity);

/* Prints and counts. Any thread; lines never mix. */
void nz_problem_error(struct nz_problems *problems, const struct nz_diag *diag);
void nz_problem_warning(struct nz_problems *problems, const struct nz_diag *diag);

/* Text of ours as it is, with its line ends; not counted. */
void nz_problem_text(struct nz_problems *problems, struct nz_str text);

/* One line of plain text (a summary, a hint), escaped; not counted. */
void nz_problem_line(struct nz_problems *problems, struct nz_str text);

#endif
