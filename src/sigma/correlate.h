/* Sigma correlations: event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile,
 * value_median; chaining, aliases, group-by, range and extended conditions, sliding windows, generate.
 *
 * Two halves, so that threads can do the first:
 *   nz_correlator_extract  in a worker, while the event is there: what the correlations need of one hit, as bytes
 *   nz_correlator_add      in input order, one thread: keeps those bytes (a spool: memory stays bounded)
 *   nz_correlator_finish   sorts by event time and slides the windows; calls back for each alert
 * An event without a group-by field is left out of that correlation and counted. */
#ifndef NZ_SIGMA_CORRELATE_H
#define NZ_SIGMA_CORRELATE_H

#include "sigma/ruleset.h"

struct nz_correlator;

/* One alert. Views die when the callback returns. */
struct nz_correlation_alert {
    const struct nz_rule *rule;
    const struct nz_str *group_names, *group_values; /* parallel, group_count each */
    size_t group_count;
    const struct nz_str *event_ids; /* in time order, at most NZ_CORRELATION_IDS_MAX of them */
    size_t event_ids_count;
    uint64_t count; /* events (event_count), distinct values (value_count), rules (temporal) that made it fire */
    nz_time first, last;
};
#define NZ_CORRELATION_IDS_MAX 1000u

typedef enum nz_err nz_correlation_fn(void *self, const struct nz_correlation_alert *alert);

NZ_MUST_USE enum nz_err nz_correlator_new(const struct nz_ruleset *rs, size_t memory_bytes, struct nz_correlator **out);
void nz_correlator_free(struct nz_correlator *c);

/* True when a correlation reads this rule: only then is extract worth calling. Any thread. */
bool nz_correlator_wants(const struct nz_correlator *c, uint32_t rule_index);

/* Appends one entry (self-delimiting) to out. Any thread; scratch is the thread's own. */
NZ_MUST_USE enum nz_err nz_correlator_extract(const struct nz_correlator *c, uint32_t rule_index,
                                              const struct nz_event *ev, struct nz_buf *scratch, struct nz_buf *out);

/* Takes one entry that extract made. */
NZ_MUST_USE enum nz_err nz_correlator_add(struct nz_correlator *c, struct nz_str entry, struct nz_diag *diag);

/* Alerts in order of (rule key, first time, group). */
NZ_MUST_USE enum nz_err nz_correlator_finish(struct nz_correlator *c, nz_correlation_fn *alert, void *self,
                                             struct nz_diag *diag);

/* How often a correlation left out a hit without a time, a group field, or the value it is about. */
uint64_t nz_correlator_skipped(const struct nz_correlator *c);
/* After finish: events and values that left a full window before their time (docs/correlation.md, "Bounds"). */
uint64_t nz_correlator_early(const struct nz_correlator *c);

#endif
