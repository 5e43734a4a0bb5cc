/* Records out of a stream of bytes, whatever shape they were exported in. Bytes in, views out; no I/O of its own.
 *
 * Shapes, found by content: {"Records":[…]} as CloudTrail delivers it, a bare array, JSON Lines (or any values one after
 * another), one record, `aws cloudtrail lookup-events` ({"Events":[{"CloudTrailEvent":"…"}]}), EventBridge
 * ({"detail":{…}}), a CloudWatch Logs subscription ({"logEvents":[{"message":"…"}]}) and `filter-log-events`
 * ({"events":[…]}). A byte order mark is skipped. Digest files are recognised and passed over.
 *
 * Bytes pass through one window that slides; memory is bounded by NZ_RECORD_BYTES_MAX, whatever the stream's size.
 * What is broken is told to `problem` with offset and record number, and reading goes on at the next record that is
 * whole: after a fault inside sound strings that is the next element; after a broken string, the next place where an
 * object starts that has the members of a record.
 * One thread at a time; make one a worker and run it again and again. */
#ifndef NZ_EVENTS_READER_H
#define NZ_EVENTS_READER_H

#include "events/event.h"

/* The longest record, and the longest object that wraps one. CloudTrail's own limit is 256 KB in trails, 1 MB in Lake. */
#define NZ_RECORD_BYTES_MAX ((size_t)2 << 20)

struct nz_event_reader;

struct nz_event_reader_ops {
    /* Up to room bytes; *written 0 is the end. On an error nothing more is read; diag is passed on to problem. */
    enum nz_err (*read)(void *self, char *out, size_t room_bytes, size_t *written, struct nz_diag *diag);
    /* record: its number in the stream, from 0. The event dies when this returns. An error stops the run. */
    enum nz_err (*event)(void *self, const struct nz_event *ev, uint64_t record);
    /* Something was skipped. diag->offset counts inflated bytes (for errors of read: what read says). */
    enum nz_err (*problem)(void *self, const struct nz_diag *diag);
};

struct nz_event_reader_stats {
    uint64_t bytes;   /* read, inflated */
    uint64_t records; /* given to event */
    uint64_t digests; /* digest files passed over */
};

/* window_bytes: where the window starts to grow from, 0 for the default (128 KiB, which stays in a core's cache). */
NZ_MUST_USE enum nz_err nz_event_reader_new(size_t window_bytes, struct nz_event_reader **out);
void nz_event_reader_free(struct nz_event_reader *r); /* NULL is fine */

/* Reads the stream to its end. Returns NZ_OK, NZ_E_NOMEM, or what event or problem returned to stop it. */
NZ_MUST_USE enum nz_err nz_event_reader_run(struct nz_event_reader *r, const struct nz_event_reader_ops *ops,
                                            void *self, struct nz_event_reader_stats *stats);

#endif
