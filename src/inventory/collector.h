/* What a collector works with. Private to inventory.
 *
 *     static const struct nz_list graphs = {                              // each thing that ListGraphs tells of is an item
 *         .operation = NZ_AWS_DETECTIVE_ListGraphs, .type = "AWS::Detective::Graph",
 *         .path = "GraphList", .id = "Arn", .arn = "Arn",
 *     };
 *     static enum nz_err in_region(struct nz_collect *c, struct nz_str region)
 *     {
 *         return nz_collect_list(c, &graphs, region, "");
 *     }
 *     const struct nz_collector nz_collector_detective = {.round = 1, .region = in_region};
 *
 * Errors that these functions return end the run: memory, a full disk, a bug. What AWS refuses is written down by them. */
#ifndef NZ_INVENTORY_COLLECTOR_H
#define NZ_INVENTORY_COLLECTOR_H

#include "core/arena.h"
#include "inventory/collect.h"
#include "inventory/snapshot_builder.h"

#define NZ_COLLECT_ROUNDS 4u

struct nz_collect;

struct nz_collector {
    unsigned round; /* 1 to NZ_COLLECT_ROUNDS; a later one sees the items of those before */
    bool probe;     /* its call shows whether a region may be used at all, and comes before all others there */
    enum nz_err (*account)(struct nz_collect *c);                      /* once; may be NULL */
    enum nz_err (*region)(struct nz_collect *c, struct nz_str region); /* for each open region; may be NULL */
};

/* --- what a collector may look at --- */

struct nz_str nz_collect_account(const struct nz_collect *c);
struct nz_str nz_collect_partition(const struct nz_collect *c);
struct nz_str nz_collect_root(const struct nz_collect *c); /* the ARN that stands for the account */
struct nz_str nz_collect_caller_region(const struct nz_collect *c);
struct nz_str nz_collect_sign_in_region(const struct nz_collect *c); /* us-east-1, or what is so in the partition */
bool nz_collect_is_open(const struct nz_collect *c, struct nz_str region);
struct nz_str nz_collect_now(struct nz_collect *c); /* as text; in the arena */
struct nz_arena *nz_collect_arena(struct nz_collect *c);
struct nz_snapshot_builder *nz_collect_builder(struct nz_collect *c);

/* release(self) is called when the run is over, whatever its end: it must be harmless when all is released already. */
NZ_MUST_USE enum nz_err nz_collect_at_end(struct nz_collect *c, void (*release)(void *self), void *self);

/* Items of a type so far, opened one after another; what look returns ends the walk. */
NZ_MUST_USE enum nz_err nz_collect_each(struct nz_collect *c, struct nz_str type,
                                        enum nz_err (*look)(struct nz_collect *c, const struct nz_item_view *view));

/* --- one call --- */

enum nz_ask_end {
    NZ_ASK_ANSWERED,
    NZ_ASK_NONE,   /* an error that says: there is none */
    NZ_ASK_UNREAD, /* it has been written down */
};

/* Copied when it is asked. */
struct nz_ask {
    enum nz_aws_operation operation;
    struct nz_str region;   /* where to ask; empty: global, or the client's own */
    const char *parameters; /* a JSON object; NULL or "": none */
    struct nz_str resource; /* that it is about, for the line that says it was not read; empty: all of the region */
    struct nz_str place;    /* the region of that line; empty: `region`, and "global" without one */
    const char *none;       /* error codes that say "there is none", with | between; NULL: no error does */
    unsigned pages_max;
    bool silent; /* not written down when it fails: `end` sees to it */
    enum nz_err (*page)(struct nz_collect *c, const struct nz_ask *ask, struct nz_json root); /* may be NULL */
    enum nz_err (*end)(struct nz_collect *c, const struct nz_ask *ask, enum nz_ask_end end,
                       bool by_scp); /* may be NULL */
    void *self;
};
NZ_MUST_USE enum nz_err nz_collect_ask(struct nz_collect *c, const struct nz_ask *ask);

/* Writes down by hand what nz_collect_ask does by itself. */
NZ_MUST_USE enum nz_err nz_collect_unread(struct nz_collect *c, const struct nz_ask *ask,
                                          const struct nz_aws_error *error);
NZ_MUST_USE enum nz_err nz_collect_collected(struct nz_collect *c, enum nz_aws_operation operation,
                                             struct nz_str region, uint64_t items);
/* Adds an item that is whole; account, capture time and status are filled in. */
NZ_MUST_USE enum nz_err nz_collect_add(struct nz_collect *c, struct nz_item *item);

/* Items that were added to the builder itself, from that number on, become lines to resume from. */
NZ_MUST_USE enum nz_err nz_collect_keep_from(struct nz_collect *c, uint64_t first_item);

/* The word of a service in a snapshot: "iam", "s3control". Static storage. */
struct nz_str nz_collect_service(enum nz_aws_operation operation);
/* The region's name, or "global". */
struct nz_str nz_collect_region_word(struct nz_str region);

/* True when the run that broke off had this call's answer whole: its items are in, and *items counts them. */
NZ_MUST_USE enum nz_err nz_collect_reuse(struct nz_collect *c, enum nz_aws_operation operation, struct nz_str region,
                                         bool *reused, uint64_t *items);

/* --- lists of things, and what is asked of each --- */

enum { NZ_FORM_CAPITALS = 1, NZ_FORM_TIMES = 2 };

struct nz_found;

#define NZ_COUNT_UNKNOWN UINT64_MAX

struct nz_list {
    enum nz_aws_operation operation;
    const char *type;
    const char *path; /* member with the things: an array, or one object; NULL: the whole answer is the thing */
    const char *id, *name, *arn; /* members; id NULL: the account, with root's ARN, but for what `found` sets */
    bool texts;                  /* the things are texts, of which `found` makes an item */
    const char *none;            /* as in nz_ask */
    unsigned form;        /* NZ_FORM_CAPITALS: first letters of members in upper case, as the API reference has them;
                                   NZ_FORM_TIMES: numbers in members that end in Time become times */
    const char *left_out; /* members that do not go into the item, with | between; NULL: none */
    unsigned pages_max;
    /* Before it is added: may ask more about it (nz_collect_join), may set its region. *take false: it is known already. */
    enum nz_err (*found)(struct nz_collect *c, struct nz_found *f, struct nz_json thing, bool *take);
    /* When all are there: may ask one thing about all of them (nz_collect_join_all). */
    enum nz_err (*listed)(struct nz_collect *c, struct nz_found *all, struct nz_str region);
    /* What follows: count things are there, NZ_COUNT_UNKNOWN when it was not read. Also called when the run before had it. */
    enum nz_err (*then)(struct nz_collect *c, struct nz_str region, uint64_t count);
    bool probe;
    bool global;   /* asked in a region, and about the account all the same */
    bool no_reuse; /* asked several times in a region: that it was answered once says nothing */
};

struct nz_found {
    struct nz_item item;         /* texts in the arena */
    struct nz_found *next;       /* of the same call */
    struct nz_buf supplementary; /* members so far, each with a comma before it */
    void *listing;               /* the list's own */
    unsigned open;               /* calls about it that are not answered */
    bool has_item;
};

/* region empty: once for the account. parameters as in nz_ask. */
NZ_MUST_USE enum nz_err nz_collect_list(struct nz_collect *c, const struct nz_list *list, struct nz_str region,
                                        const char *parameters);
/* The same with a resource for the line that says it was not read. */
NZ_MUST_USE enum nz_err nz_collect_list_of(struct nz_collect *c, const struct nz_list *list, struct nz_str region,
                                           const char *parameters, struct nz_str resource);

/* An item that no list gives. Hold it, join, release it: it is added when nothing about it is open. id and arn are copied. */
NZ_MUST_USE enum nz_err nz_collect_find(struct nz_collect *c, const struct nz_item *item, struct nz_found **out);
NZ_MUST_USE enum nz_err nz_collect_release(struct nz_collect *c, struct nz_found *f);

struct nz_join {
    enum nz_aws_operation operation;
    const char *none;
    const char *path; /* member of the answer that is joined; NULL: all of it */
    const char *wrap; /* a member that the answer is put into; NULL: none */
    unsigned form;
    const char *left_out, *renamed; /* as nz_collect_append has them */
    /* Made of the answer instead; appended, as JSON. */
    enum nz_err (*shape)(struct nz_collect *c, struct nz_json root, struct nz_buf *out);
    /* Looks at the answer besides, and may join more. */
    enum nz_err (*then)(struct nz_collect *c, struct nz_found *f, struct nz_json root);
};
NZ_MUST_USE enum nz_err nz_collect_join(struct nz_collect *c, struct nz_found *f, const struct nz_join *join,
                                        struct nz_str region, const char *parameters);

/* One call about all things of a list: the answer's entry (in the array at join->path) whose member `key` is a thing's name
 * is joined to it, null when there is none. */
NZ_MUST_USE enum nz_err nz_collect_join_all(struct nz_collect *c, struct nz_found *all, const struct nz_join *join,
                                            const char *key, struct nz_str region);

/* Parts of an ARN: arn:partition:service:region:account:resource. Field 3 is the region, 4 the account, 5 all the rest; empty
 * when there is none. */
struct nz_str nz_arn_field(struct nz_str arn, unsigned field);

/* Compact JSON in a form; appended. left_out and renamed ("Rule=Rules", with | between) concern the outermost members. */
void nz_collect_append(struct nz_json v, unsigned form, const char *left_out, const char *renamed, struct nz_buf *out);

/* Parameters with one member of text; in the arena; NULL: no memory. */
const char *nz_collect_parameters(struct nz_collect *c, const char *member, struct nz_str text);

#endif
