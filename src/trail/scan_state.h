/* The inside of a scan, shared by scan.c (threads and order) and scan_worker.c (one file after another). Private. */
#ifndef NZ_TRAIL_SCAN_STATE_H
#define NZ_TRAIL_SCAN_STATE_H

#include "events/reader.h"
#include "trail/scan.h"
#include "trail/seen.h"
#include "trail/source.h"
#include "trail/spill.h"
#include "trail/walk.h"

#include <pthread.h>
#include <stdatomic.h>

/* Results wait for those of earlier files. The queues hold what a few files of common size give (32 bytes a record); the bound
 * is that of all workers. A worker that is ahead and whose queue is full goes on, and its chunks wait in a file; one whose turn it
 * is waits for the sequencer, unless such chunks of it wait, and they are not many. */
#define QUEUES_BYTES ((size_t)8 << 20)
#define SPILLED_BYTES_MAX ((uint64_t)64 << 20)      /* of a worker whose turn it is */
#define SPILLED_AHEAD_BYTES_MAX ((uint64_t)1 << 30) /* of another: the disk is other programs' too */
#define CHUNK_BYTES ((size_t)64 << 10)              /* room of one chunk; a long payload makes one longer */
#define CHUNK_FULL_BYTES (CHUNK_BYTES - 2048)
#define CHUNKS_LEAST 4u
#define PROBLEMS_TOLD_MAX 100u /* of one file; the rest is counted */

/* What goes from worker to sequencer, one after another in a chunk: the head, then payload_bytes. */
enum entry_kind { ENTRY_RECORD, ENTRY_PROBLEM };
struct entry {
    uint64_t record, id, replaces;
    uint32_t payload_bytes;
    uint16_t kind;
    uint16_t outside; /* record: not between since and until */
};

struct worker {
    struct nz_scan *scan;
    pthread_t thread;
    bool started;
    void *user;
    struct nz_source *source;
    struct nz_event_reader *reader;
    struct nz_buf scratch;
    struct chunk *chunks; /* chunks_count of them */
    unsigned chunks_count;
    unsigned filling;     /* the worker's own: the chunk it appends to */
    unsigned head, ready; /* guarded by scan->lock: chunks[head] is the oldest of `ready` full ones */
    struct nz_spill
        spill; /* the chunks behind those; while some wait, all new ones go there. Guarded as it says, by scan->lock */
    struct chunk loaded; /* the sequencer's own: the oldest of what was spilled, before all others */
    bool has_loaded;
    uint64_t file_problems;
};

struct nz_scan {
    struct nz_scan_opts opts;
    const struct nz_scan_ops *ops;
    void *self;
    struct nz_scan_stats stats;
    struct nz_seen seen, replaced;
    struct nz_hash_key seen_key;

    pthread_mutex_t walk_lock; /* guards walk, next_file, walk_problems, walk_over */
    struct nz_walk *walk;
    uint64_t next_file;
    struct nz_buf walk_problems; /* entries for the next file's first chunk */
    bool walk_over;

    pthread_mutex_t lock; /* guards the workers' head, ready and spill, files_end, turn */
    pthread_cond_t changed;
    uint64_t turn;      /* number of the file whose chunks are sequenced now */
    uint64_t files_end; /* UINT64_MAX until the walk is over */
    atomic_bool stopping;
    atomic_ullong live_bytes, live_disk_bytes; /* for progress inside large files */

    struct worker *workers;
    unsigned workers_count;
};

/* Works through the next file. *over: there is none. What it cannot go on from also stands in the last chunk. */
NZ_MUST_USE enum nz_err nz_scan_worker_step(struct worker *w, bool *over);

/* Hands the chunk being filled to the sequencer and waits for a free one; with one worker, sequences it on the spot. */
NZ_MUST_USE enum nz_err nz_scan_worker_flush(struct worker *w, bool last);

struct chunk *nz_scan_worker_chunk(struct worker *w); /* the one being filled */

/* Appends a problem with its path to a list of entries. */
void nz_scan_entries_add_problem(struct nz_buf *entries, const struct nz_diag *diag, struct nz_str path);

#endif
