/* The inside of the reader, shared by reader.c (the window and the frame around records), reader_skim.c (records that have
 * nothing out of the ordinary), reader_shapes.c (what one object is) and reader_recover.c (where to go on after a fault).
 * Private to events. */
#ifndef NZ_EVENTS_READER_STATE_H
#define NZ_EVENTS_READER_STATE_H

#include "core/json_shape.h"
#include "core/json_walk.h"
#include "events/reader.h"

#define NZ_WINDOW_FIRST_BYTES ((size_t)128 << 10)
#define NZ_WINDOW_LEAST_BYTES ((size_t)64)
#define NZ_INNERS_MAX 4u                       /* of one record; further objects are opened */
#define NZ_INDEX_STEP_BYTES ((size_t)16 << 10) /* indexed and walked while it is in the first-level cache */

enum place {
    BETWEEN, /* values at top level: JSON Lines, or before the first byte */
    FIRST,   /* after '[': an element or ']' */
    ELEMENT, /* after ',': an element */
    NEXT,    /* after an element: ',' or ']' */
    REST,    /* after the array of a wrapper: its other members */
};

enum shape {
    SHAPE_TOP,     /* a value at top level */
    SHAPE_BARE,    /* element of a bare array */
    SHAPE_RECORDS, /* element of Records */
    SHAPE_EVENTS,  /* element of lookup-events: the record is a string */
    SHAPE_LOGS,    /* element of logEvents or events: the record is a string */
};

struct nz_event_reader {
    const struct nz_event_reader_ops *ops;
    void *self;
    struct nz_event_reader_stats stats;

    char *window;
    size_t room_bytes, n; /* n bytes of the stream stand in the window */
    uint64_t base;        /* offset of window[0] in the stream */
    bool ended;           /* read has nothing more */
    bool read_failed;     /* and that was told already */

    struct nz_json_index index; /* of the window */
    size_t token;               /* the next one */
    enum place place;
    enum shape shape;
    uint64_t record; /* number of the next one */
    bool told;       /* a problem of this stream was told */

    struct nz_json_keys keys;

    struct nz_json_skim skim;
    const struct nz_json_kernel *kernel; /* of the skim */
    struct nz_json_shapes *shapes;       /* of records skimmed before */
    struct nz_json_index members;        /* of the skimmed record: two tokens a member, then those of what was opened */
    uint32_t skimmed_from, skimmed_to;   /* where it stands in the window */
    struct nz_event_inner {              /* objects among its members whose names were looked for */
        uint32_t token;                  /* of the object */
        size_t count;                    /* SIZE_MAX: not of the ordinary kind */
        uint32_t names[NZ_JSON_NAMES_ROOM];
        uint32_t values[NZ_JSON_NAMES_MAX]; /* token of each value + 1, or 0: nobody asked for it yet */
    } inners[NZ_INNERS_MAX];
    size_t inners_count;
    uint32_t opened[NZ_JSON_SKIM_MEMBERS_MAX + 1]; /* of each member, and of the record: its first token + 1, or 0 */

    struct nz_buf inner;              /* a record that stood in a string, decoded */
    struct nz_json_index inner_index; /* its index */
    struct nz_json_index probe;       /* for recovery */
};

/* Slides the window so that it starts at byte `keep` and reads more behind it; nothing of it is indexed and r->token is 0 then.
 * *grew false: there is nothing more, or the window is as large as it may be. */
NZ_MUST_USE enum nz_err nz_event_reader_refill(struct nz_event_reader *r, size_t keep, bool *grew);

/* Indexes a step more of the window, or all of it. */
NZ_MUST_USE enum nz_err nz_event_reader_index_step(struct nz_event_reader *r);
NZ_MUST_USE enum nz_err nz_event_reader_index_all(struct nz_event_reader *r);

/* Tells a fault. diag->offset is an offset in the window and becomes one in the stream. */
NZ_MUST_USE enum nz_err nz_event_reader_tell(struct nz_event_reader *r, struct nz_diag *diag);

/* Nothing is indexed from here on, and a record may come. */
bool nz_event_reader_may_skim(const struct nz_event_reader *r);

/* Gives out records as long as they can be skimmed. What comes next begins where the index does. */
NZ_MUST_USE enum nz_err nz_event_reader_skim(struct nz_event_reader *r);

/* Has the object a member that makes it a record? */
bool nz_event_reader_is_record(const uint32_t *slots);

NZ_MUST_USE enum nz_err nz_event_reader_give(struct nz_event_reader *r, const struct nz_event *ev);

/* One whole object, walked already, its slots in ev: finds the record in it and gives it out, or tells why not. */
NZ_MUST_USE enum nz_err nz_event_reader_object(struct nz_event_reader *r, size_t first_token, size_t end_token,
                                               struct nz_event *ev);

/* After a fault in the value at r->token: moves to where reading can go on. */
NZ_MUST_USE enum nz_err nz_event_reader_recover(struct nz_event_reader *r);

#endif
