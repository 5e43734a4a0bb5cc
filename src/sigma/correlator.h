/* Inside the correlator. Private to it.
 *
 *   extract ─▶ hits ─▶ levels[n].hits, by time ─▶ items, by group ─▶ bursts ─▶ alerts, by rule and time ─▶ callback
 *                          ▲                                            │
 *                          └────── alerts that other correlations read ─┘
 *
 * A level is the correlations that read only rules and correlations of lower levels. Each arrow that names an order is
 * a spool, so nothing here grows with the input: at any time one group's window is in memory, and buffers. */
#ifndef NZ_SIGMA_CORRELATOR_H
#define NZ_SIGMA_CORRELATOR_H

#include "core/arena.h"
#include "core/spool.h"
#include "sigma/burst.h"
#include "sigma/correlate.h"
#include "sigma/hit.h"

/* A path that some correlation reads of a rule's events. */
struct nz_correlator_column {
    struct nz_str path;
    bool all; /* every leaf that is not null, else the first */
};

/* One correlation reads one rule. The arrays hold column numbers; NZ_COLUMN_NONE: an alias leaves this rule out. */
struct nz_correlator_reading {
    uint32_t correlation; /* index in nz_correlator.correlations */
    uint32_t input;       /* which of its rules */
    uint32_t *group_by, *fields;
};
#define NZ_COLUMN_NONE UINT32_MAX

/* Everything that is read of one rule. */
struct nz_correlator_source {
    struct nz_correlator_column *columns;
    struct nz_correlator_reading *readings;
    uint32_t columns_count, readings_count; /* rooms: the power of two that is not less */
};

struct nz_correlator_level {
    struct nz_spool *hits;   /* of detection rules, by time */
    struct nz_spool *alerts; /* of lower levels, by place in the input; NULL until there is one */
};

struct nz_correlator {
    const struct nz_ruleset *rs;
    const struct nz_correlation *const *correlations;
    size_t correlations_count;
    struct nz_burst_plan *plans;           /* one a correlation */
    uint32_t *level_of;                    /* one a correlation */
    struct nz_correlator_source **sources; /* one a rule of the set; NULL: nobody reads it */
    struct nz_str *columns;                /* working space: as many as the largest source has */
    struct nz_correlator_level *levels;
    size_t levels_count;
    struct nz_arena keep;
    struct nz_fingerprint_key key;
    size_t spool_bytes;
    struct nz_spool *outcome; /* alerts to give, by first time */
    struct nz_buf work, group, values;
    uint64_t sequence, skipped, early;
};

/* --- correlate_source.c --- */
NZ_MUST_USE enum nz_err nz_correlator_sources_make(struct nz_correlator *c);
/* True when a correlation of this level reads it. */
bool nz_correlator_level_reads(const struct nz_correlator *c, const struct nz_correlator_source *s, size_t level);

/* --- correlate_group.c: items of one level, sorted by group, to alerts --- */

/* One hit as one correlation takes it. */
struct nz_correlator_item {
    int64_t at_us, start_us;
    uint64_t sequence;
    uint32_t correlation, input, rule, flags;
    struct nz_str group;  /* the values, each with its length */
    struct nz_str ids;    /* count, then texts */
    struct nz_str values; /* fingerprints or numbers */
};
NZ_MUST_USE enum nz_err nz_correlator_item_add(struct nz_correlator *c, struct nz_spool *items,
                                               const struct nz_correlator_item *item, struct nz_diag *diag);
NZ_MUST_USE enum nz_err nz_correlator_groups_run(struct nz_correlator *c, struct nz_spool *items, struct nz_diag *diag);

/* --- correlate_alert.c: what becomes of alerts --- */

/* An alert or a pulse of one group: to the outcome, and to the levels that read it. */
NZ_MUST_USE enum nz_err nz_correlator_alert(struct nz_correlator *c, uint32_t correlation, struct nz_str group,
                                            uint64_t sequence, const struct nz_burst_alert *alert,
                                            struct nz_diag *diag);
NZ_MUST_USE enum nz_err nz_correlator_outcome_give(struct nz_correlator *c, nz_correlation_fn *fn, void *self,
                                                   struct nz_diag *diag);

#endif
