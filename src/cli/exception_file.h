/* The exceptions a run goes by (--exceptions FILE): read, asked about each finding, and told of at the end. */
#ifndef NZ_CLI_EXCEPTION_FILE_H
#define NZ_CLI_EXCEPTION_FILE_H

#include "cli/cli.h"
#include "findings/detection.h"
#include "findings/exceptions.h"

struct nz_exception_file {
    struct nz_arena keep;
    struct nz_exceptions exceptions;
    const char *path; /* NULL: none was named, nothing is hidden */
    nz_time now;      /* of the start */
    uint64_t *hidden; /* findings, by exception */
};

/* Reads the file; path may be NULL. What is wrong in it is reported with its place, and the other entries hold: fewer
 * exceptions hide less. Expired ones and, where rules is given, those that name no rule of it, are warnings. An error, which
 * has been reported, only when the file cannot be read at all. Close in any case. */
NZ_MUST_USE enum nz_err nz_exception_file_open(struct nz_cli *cli, const char *path, const struct nz_ruleset *rules,
                                               struct nz_exception_file *out);
void nz_exception_file_close(struct nz_exception_file *file);

/* Does somebody answer for it? Counts it then. The actor and the region of a correlation are what it is grouped by. */
bool nz_exception_file_hides(struct nz_exception_file *file, const struct nz_detection *finding);

/* A line for each exception that hid something, on standard error. */
void nz_exception_file_summarize(const struct nz_exception_file *file, struct nz_cli *cli);

/* The day on which it ends, as a user would write it. Appended. */
void nz_exception_append_end(struct nz_buf *out, const struct nz_exception *exception);

#endif
