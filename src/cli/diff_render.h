/* The output of `nezuban diff`: a table for people, and JSON. */
#ifndef NZ_CLI_DIFF_RENDER_H
#define NZ_CLI_DIFF_RENDER_H

#include "cli/cli.h"
#include "inventory/diff.h"

/* What the ops get as self. */
struct nz_diff_render {
    struct nz_cli *cli;
    const struct nz_snapshot *sides[2];
    const char *names[2];                    /* of the files */
    struct nz_buf line;                      /* scratch */
    struct nz_buf gaps;                      /* rendered, to stand behind the changes */
    uint64_t changes, gaps_count, counts[3]; /* counts by enum nz_change */
};

extern const struct nz_diff_ops nz_diff_table_ops, nz_diff_json_ops;

/* What stands behind the changes: gaps, what was not read, a summary. */
NZ_MUST_USE enum nz_err nz_diff_table_end(struct nz_diff_render *render);

/* {"first":{"file","account","capturedAt"},"second":{…},"changes":[{"change","resourceType","awsRegion","resource",
 * "fields":[{"field","before","after"}]}],"gaps":[{"side","resourceType","awsRegion","resource","operation","error",
 * "action","message"}],"unread":[{"side","service","operation","region","resource","error","action","message"}]}.
 * before and after are JSON values; the key of one that was not there is left out. */
void nz_diff_json_begin(struct nz_diff_render *render);
NZ_MUST_USE enum nz_err nz_diff_json_end(struct nz_diff_render *render);

#endif
