/* The state of a run. Private to collect*.c: collectors see it through collector.h. */
#ifndef NZ_INVENTORY_COLLECT_RUN_H
#define NZ_INVENTORY_COLLECT_RUN_H

#include "inventory/collector.h"

struct nz_collect_region {
    struct nz_str name, endpoint, opt_in;
    enum nz_region_access access;
    unsigned probes_open, probes_denied;
    bool asked;                                /* its collectors were started */
    bool answers;                              /* a service there has answered */
    bool recorder, channel_topic, root_filter; /* what was found there */
};

struct nz_collect_name {
    struct nz_str name;
    struct nz_collect_name *next;
    void *self; /* whoever's list it is: what is known of it; may be NULL */
};

struct nz_collect_end {
    void (*release)(void *self);
    void *self;
    struct nz_collect_end *next;
};

struct nz_collect {
    const struct nz_collect_input *in;
    const struct nz_collect_ops *ops;
    struct nz_snapshot_builder *builder;
    struct nz_arena arena;       /* small texts and contexts of the whole run */
    struct nz_collect_end *ends; /* what is to be released, the newest first */
    struct nz_snapshot_header header;
    struct nz_str root;
    struct nz_collect_region *regions;
    size_t regions_count;
    /* ARNs of trails, log groups and topics that were asked about; metrics of filters about root; buckets of trails */
    struct nz_collect_name *trails, *log_groups, *topics, *root_metrics, *buckets;
    struct nz_collect_progress progress;
    struct nz_buf lines; /* not yet kept */
    struct nz_buf json;  /* of the item at hand */
    struct nz_buf texts; /* decoded texts of the answer at hand */
    struct nz_diag *diag;
    const struct nz_aws_error *error; /* of the call that ends just now */
    struct nz_str bucket_region;      /* of the same, from S3 */
    nz_time now;                      /* of now_text */
    struct nz_str now_text;
    enum nz_report_state { NZ_REPORT_FIRST, NZ_REPORT_WANTED, NZ_REPORT_REFUSED, NZ_REPORT_DONE } report;
    uint64_t report_rows;
    bool report_bad; /* a part of it cannot be read */
    bool identified;
    bool holding; /* lines wait: the header is not known yet */
};

extern const struct nz_collector *const nz_collectors[]; /* ends with NULL */

/* The regions that every account of the partition has, for whoever may not ask which there are. Static storage. */
const struct nz_str *nz_collect_default_regions(const struct nz_collect *c, size_t *count);

struct nz_collect_region *nz_collect_region_of(struct nz_collect *c, struct nz_str name);
/* A probe of the region has its answer: when it was the last, the region is open or closed, and if open its other collectors
 * start. */
NZ_MUST_USE enum nz_err nz_collect_probed(struct nz_collect *c, struct nz_str region, bool denied_by_scp);
/* Puts a copy of the name before the others. False: no memory. */
bool nz_collect_name_add(struct nz_collect *c, struct nz_collect_name **names, struct nz_str name);
/* Hands whole lines to `keep`. */
NZ_MUST_USE enum nz_err nz_collect_flush(struct nz_collect *c);
/* The first round: identity and regions, and the header. */
NZ_MUST_USE enum nz_err nz_collect_begin(struct nz_collect *c);
/* All the other rounds. */
NZ_MUST_USE enum nz_err nz_collect_rounds(struct nz_collect *c);

#endif
