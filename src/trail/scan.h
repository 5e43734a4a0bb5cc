/* Every record under some paths: files are read by several threads, what comes of them arrives in one, in one order.
 *
 *     walk ─▶ worker: source ─▶ reader ─▶ record() ─┐
 *          ─▶ worker: source ─▶ reader ─▶ record() ─┴▶ sequencer: order, duplicates ─▶ accept()
 *
 * record() runs in a worker while the event is there, and appends what it wants to keep of it, as bytes. accept() gets
 * those bytes in one thread, in the order (path bytes, record number), once for each eventID. So the result is the same
 * for every number of workers. Queues between them are bounded; what a worker that is ahead has beyond that goes to a
 * temporary file, and where there is no room for one it waits.
 *
 * Duplicates: the first in order wins; how many ids are remembered stands in trail/seen.h.
 * An addendum with reason UPDATED_DATA replaces the record it names: if that one comes later it is dropped here; if it
 * came before, whoever kept its bytes asks nz_scan_is_replaced at the end. */
#ifndef NZ_TRAIL_SCAN_H
#define NZ_TRAIL_SCAN_H

#include "core/time.h"
#include "events/event.h"

#define NZ_SCAN_WORKERS_MAX 256u

struct nz_scan;

struct nz_scan_stats {
    uint64_t files, disk_bytes, bytes; /* read; bytes: inflated */
    uint64_t records;                  /* whole records read */
    uint64_t duplicates, replaced;     /* of them not counted again */
    uint64_t outside;                  /* of them not between since and until */
    uint64_t problems;                 /* things skipped, each told */
    uint64_t digests;                  /* digest files passed over */
};

struct nz_scan_record {
    struct nz_str file; /* borrowed until accept returns */
    uint64_t record;
    uint64_t id;       /* of the eventID (trail/seen.h); 0: it has none */
    bool updates_seen; /* it replaces a record that came before: whoever counts has counted that one */
};

struct nz_scan_ops {
    /* One for each worker; called in the thread that starts the scan. */
    enum nz_err (*worker_open)(void *self, void **worker);
    void (*worker_close)(void *self, void *worker);
    /* In a worker. Only appends to payload, behind what is not its own; nothing is fine: accept is not called then. */
    enum nz_err (*record)(void *worker, const struct nz_event *ev, struct nz_buf *payload);
    /* In order, in the thread that called nz_scan_run. An error stops the scan. */
    enum nz_err (*accept)(void *self, const struct nz_scan_record *record, struct nz_str payload);
    enum nz_err (*problem)(void *self, const struct nz_diag *diag);
    /* Now and then, in the thread that called nz_scan_run; may be NULL. */
    void (*progress)(void *self, const struct nz_scan_stats *stats);
    /* Any thread: true when the scan should end early (NZ_E_STOPPED); may be NULL. */
    bool (*stop)(void *self);
};

struct nz_scan_opts {
    const char *const *paths;
    size_t paths_count;
    unsigned workers; /* 0: one */
    bool keep_duplicates;
    bool has_since, has_until;
    nz_time since, until; /* of eventTime: since <= t < until; a record without a time is let through */
};

NZ_MUST_USE enum nz_err nz_scan_new(const struct nz_scan_opts *opts, const struct nz_scan_ops *ops, void *self,
                                    struct nz_scan **out);
void nz_scan_free(struct nz_scan *scan); /* NULL is fine */

/* NZ_OK when everything was read, problems or not. NZ_E_STOPPED, NZ_E_NOMEM, or what a callback returned. */
NZ_MUST_USE enum nz_err nz_scan_run(struct nz_scan *scan);

const struct nz_scan_stats *nz_scan_stats(const struct nz_scan *scan);

/* Did a later record replace the one with this id? Complete when nz_scan_run has returned. */
bool nz_scan_is_replaced(const struct nz_scan *scan, uint64_t id);

#endif
