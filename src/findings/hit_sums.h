/* What stands above the single findings of `detect` in a table or a report: how many by rule, by level over time, by actor,
 * address and region. A finding is counted and forgotten: memory grows with names, up to a bound, never with findings, and
 * a name that is known costs no allocation. */
#ifndef NZ_FINDINGS_HIT_SUMS_H
#define NZ_FINDINGS_HIT_SUMS_H

#include "core/arena.h"
#include "core/hash_key.h"
#include "core/mark_set.h"
#include "findings/detection.h"
#include "findings/time_bars.h"

#define NZ_HIT_LEVELS 5u /* informational to critical, as the levels of rules */
/* Different actors, or addresses, or regions; further ones are counted as others. */
#define NZ_HIT_NAMES_MAX ((size_t)20000)
#define NZ_HIT_NAME_BYTES_MAX 512u  /* of a name that is kept; names are told apart by all of their bytes */
#define NZ_HIT_GROUP_NAMES_MAX 100u /* different actors or addresses counted for one rule */
#define NZ_HIT_GROUP_NAMES_KEPT 5u  /* the first of them, by name */

struct nz_hit_name {
    struct nz_str name; /* cut at NZ_HIT_NAME_BYTES_MAX */
    uint64_t hash;
    uint64_t counts[NZ_HIT_LEVELS];
    uint32_t number; /* in the order of coming, from 0: a stable id */
    bool marked;     /* the caller's */
};

/* Names of one kind. */
struct nz_hit_names {
    struct nz_hash_key key; /* drawn with the first name */
    struct nz_hit_name *rows;
    size_t count, room;
    uint32_t *slots; /* row + 1 by hash; 0: free */
    size_t slots_room;
    uint64_t others;
};

/* Different names of one kind within a rule. */
struct nz_hit_some {
    struct nz_str names[NZ_HIT_GROUP_NAMES_KEPT];
    size_t count;
    bool more; /* than count: NZ_HIT_GROUP_NAMES_MAX was reached */
};

/* All findings of one rule. */
struct nz_hit_group {
    struct nz_hit_group *next;
    struct nz_str rule_id, title, level_name; /* views into the rules, as is what follows */
    const struct nz_str *tags;
    size_t tags_count;
    struct nz_detection_guide guide;
    unsigned level;
    bool correlation;
    uint32_t number; /* in the order of coming, from 0 */
    uint64_t count;
    bool has_time;
    nz_time first, last;
    struct nz_time_bars bars;
    struct nz_hit_some actors, sources;
};

/* Where the findings of one rule, actor, address and region are counted, so that it is looked up once. */
struct nz_hit_pair {
    struct nz_hit_group *group;     /* NULL: it has not come yet */
    uint32_t actor, source, region; /* the row's number, or that there is none */
    uint64_t again;                 /* findings that the sums do not have yet */
};

struct nz_hit_sums {
    struct nz_arena keep;
    struct nz_hit_group *groups; /* newest first; nz_hit_sums_groups gives them in order */
    size_t groups_count;
    struct nz_hit_group **by_rule; /* by the address of the title: rules without an id may share their key */
    size_t by_rule_room;
    struct nz_mark_set marks; /* (group, kind, name) that have been counted, by hash */
    struct nz_hit_names actors, sources, regions;
    struct nz_hit_pair *pairs; /* by nz_detection.pair */
    size_t pairs_count;
    uint64_t levels[NZ_HIT_LEVELS], total;
    struct nz_time_bars bars[NZ_HIT_LEVELS]; /* set by nz_hit_sums_groups */
};

/* Allocates nothing. */
void nz_hit_sums_init(struct nz_hit_sums *sums);
void nz_hit_sums_release(struct nz_hit_sums *sums); /* harmless twice */

/* level: 0 to NZ_HIT_LEVELS - 1. The finding's texts of the rule (id, title, tags, guide) must outlive the sums, and be the
 * same views for all findings of the rule; the others are copied where needed. What a correlation is grouped by counts as
 * its actor, address and region. *group: where it was counted; may be NULL. NZ_E_NOMEM: some of the sums may lack it. */
NZ_MUST_USE enum nz_err nz_hit_sums_add(struct nz_hit_sums *sums, const struct nz_detection *d, unsigned level,
                                        struct nz_hit_group **group);

/* One more of the same rule, actor, address and region as a finding that was added with this `pair`. time NULL: it has none. It
 * stands in counts of names, levels and the total when nz_hit_sums_groups has been called. */
void nz_hit_sums_again(struct nz_hit_sums *sums, uint32_t pair, const nz_time *time);

/* groups_count of them, worst first, then most frequent, then by rule id; lives in the sums. NULL: out of memory. */
struct nz_hit_group **nz_hit_sums_groups(struct nz_hit_sums *sums);

/* A zeroed struct is empty; names are copied into keep. series: which of the row's counts; .p == NULL counts nothing. */
NZ_MUST_USE enum nz_err nz_hit_names_add(struct nz_hit_names *names, struct nz_arena *keep, struct nz_str name,
                                         unsigned series);
void nz_hit_names_release(struct nz_hit_names *names); /* harmless twice */

/* count rows (pointers, in keep), most findings first, names in byte order where equal. NULL: out of memory. */
const struct nz_hit_name **nz_hit_names_sorted(const struct nz_hit_names *names, struct nz_arena *keep);
/* The row of a name, or NULL. */
struct nz_hit_name *nz_hit_names_find(const struct nz_hit_names *names, struct nz_str name);
uint64_t nz_hit_name_total(const struct nz_hit_name *row);

/* Who, from where and in which region, of one event or of what a correlation is grouped by; .p == NULL where there is
 * nothing. */
struct nz_hit_who {
    struct nz_str actor, source, region;
};
struct nz_hit_who nz_hit_who_of(const struct nz_detection *d);

#endif
