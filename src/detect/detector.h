/* Sigma over events, from rules to findings, for any number of threads.
 *
 *     worker:   nz_detector_run   event ─▶ matching rules ─▶ bytes that say all a finding needs
 *     one:      nz_detector_take  keeps those bytes, in input order (a spool: memory stays bounded)
 *     one:      nz_detector_finish gives out the findings in that order, then what the correlations made of them
 *
 * Findings come at the end because a later record may replace an earlier one (addendum UPDATED_DATA). */
#ifndef NZ_DETECT_DETECTOR_H
#define NZ_DETECT_DETECTOR_H

#include "findings/detection.h"
#include "sigma/ruleset.h"

struct nz_detector;
struct nz_detector_worker;

/* rules: compiled, borrowed for the detector's life. memory_bytes: for findings kept before they go to disk. japanese:
 * findings have the rules' Japanese titles, where there are any. */
NZ_MUST_USE enum nz_err nz_detector_new(const struct nz_ruleset *rules, size_t memory_bytes, bool japanese,
                                        struct nz_detector **out);
void nz_detector_free(struct nz_detector *d); /* NULL is fine */

/* What a finding has of its record beside file and number: all texts, only event_json, or only time, actor, source_ip, region and
 * the number `pair`, and no file and number. Less is faster. Before the workers are made; at first all texts. */
enum nz_detector_form { NZ_DETECTOR_TEXTS, NZ_DETECTOR_JSON, NZ_DETECTOR_SUMS };
void nz_detector_set_form(struct nz_detector *d, enum nz_detector_form form);

/* From now on a finding has its record's text with it (compact, cut at NZ_KEPT_RECORD_BYTES_MAX), for the first per_rule
 * findings of each rule: what a report shows. Before the workers are made, not with NZ_DETECTOR_SUMS. NZ_E_NOMEM. */
#define NZ_KEPT_RECORD_BYTES_MAX 32768u
NZ_MUST_USE enum nz_err nz_detector_keep_records(struct nz_detector *d, uint32_t per_rule);

NZ_MUST_USE enum nz_err nz_detector_worker_new(struct nz_detector *d, struct nz_detector_worker **out);
void nz_detector_worker_free(struct nz_detector_worker *w); /* NULL is fine */

/* Appends to payload what the event gives; nothing when no rule matches. One thread a worker. */
NZ_MUST_USE enum nz_err nz_detector_run(struct nz_detector_worker *w, const struct nz_event *ev,
                                        struct nz_buf *payload);

/* Takes a payload that run made. id: of the record, for is_replaced below; 0 for none. One thread. */
NZ_MUST_USE enum nz_err nz_detector_take(struct nz_detector *d, struct nz_str file, uint64_t record, uint64_t id,
                                         struct nz_str payload, struct nz_diag *diag);

struct nz_detector_sink {
    /* Views in the finding die when this returns. level: of the rule, for --fail-on. */
    enum nz_err (*finding)(void *self, const struct nz_detection *finding, enum nz_level level);
    /* One more finding of a pair that was given out (NZ_DETECTOR_SUMS); time NULL: it has none. May be NULL: then each comes as a
     * finding. */
    void (*again)(void *self, uint32_t pair, const nz_time *time);
    /* True when the record with this id was replaced later; may be NULL. */
    bool (*is_replaced)(void *self, uint64_t id);
    /* True when the finding is not to be given out: somebody answers for it. Asked once, and not for what comes by `again`; may be
     * NULL. Correlations still count what is hidden of their base rules. */
    bool (*is_hidden)(void *self, const struct nz_detection *finding);
};

/* All findings in the order they were taken, rules of one record in order of their keys; correlations last. Once. */
NZ_MUST_USE enum nz_err nz_detector_finish(struct nz_detector *d, const struct nz_detector_sink *sink, void *self,
                                           struct nz_diag *diag);

struct nz_detector_stats {
    uint64_t findings;    /* given out */
    uint64_t hidden;      /* and not, because is_hidden said so */
    uint64_t records_hit; /* records with at least one finding that was given out */
    uint64_t early;       /* events that left a full correlation window before their time: alerts may be missing */
    uint64_t ungrouped;   /* hits that a correlation could not use: no time, or a group-by field is missing */
};
const struct nz_detector_stats *nz_detector_stats(const struct nz_detector *d);

/* Regular expressions given up on because they took too many steps; per worker. */
uint64_t nz_detector_worker_regex_limits(const struct nz_detector_worker *w);

#endif
