/* Reads one account through AWS's API into a snapshot: docs/formats/snapshot.md says what is asked and where.
 *
 * One collector a service (collectors.list), in rounds: who am I and which regions are there; all regions side by side; then
 * what follows from the answers. A call that fails is a line of the snapshot and never the end of the run.
 * Cost: some 40 calls for the account and 5 to 11 for each region, whatever the number of users; pages of large lists besides.
 * Threads: one, that of the client. */
#ifndef NZ_INVENTORY_COLLECT_H
#define NZ_INVENTORY_COLLECT_H

#include "aws/client.h"
#include "core/time.h"
#include "inventory/snapshot.h"

#define NZ_COLLECT_REPORT_WAITS_MAX 30u /* for a new credential report, NZ_COLLECT_REPORT_WAIT_MS each */
#define NZ_COLLECT_REPORT_WAIT_MS 2000u

struct nz_collect_progress {
    uint64_t asked, answered;      /* calls; more may follow from the answers */
    struct nz_str service, region; /* of the last answer */
};

struct nz_collect_ops {
    /* After each call's last answer. */
    void (*progress)(void *self, const struct nz_collect_progress *progress);
    /* Whole lines of a snapshot's file as they become known, the header first: what --resume goes on from. What it returns
     * ends the run. */
    enum nz_err (*keep)(void *self, struct nz_str lines);
    /* Waits. NZ_E_STOPPED ends the run. */
    enum nz_err (*wait)(void *self, unsigned ms);
    void *self;
};

struct nz_collect_input {
    struct nz_aws_client *client;
    const struct nz_str *regions; /* those to ask; none: all that are enabled for the account */
    size_t regions_count;
    struct nz_str caller_region;
    struct nz_str tool; /* "nezuban 0.1.0" */
    const struct nz_clock_ops *clock;
    void *clock_self;
    const struct nz_snapshot *resumed; /* what a run that broke off had kept; NULL: none */
};

/* *out belongs to the caller. Errors: NZ_E_STOPPED, NZ_E_NOMEM, what `keep` and `wait` returned, NZ_E_SNAPSHOT_LIMIT;
 * NZ_E_SNAPSHOT_ACCOUNTS: `resumed` is of another account; and those of the first call, GetCallerIdentity, without which
 * nothing is known: NZ_E_AWS_*. */
NZ_MUST_USE enum nz_err nz_collect(const struct nz_collect_input *in, const struct nz_collect_ops *ops,
                                   struct nz_snapshot **out, struct nz_diag *diag);

#endif
