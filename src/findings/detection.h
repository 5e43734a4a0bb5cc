/* A finding of `detect`, and its renderers. The NDJSON form is a contract (design of the formats, detect): every key is
 * always there, what the record lacks is null. */
#ifndef NZ_FINDINGS_DETECTION_H
#define NZ_FINDINGS_DETECTION_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/time.h"

#define NZ_DETECTION_PAIRS_MAX 65535u /* numbers for them */

struct nz_text_list {
    const struct nz_str *items;
    size_t count;
};

/* What the rule says beyond its title, for people; what it does not say has .p == NULL or is empty. */
struct nz_detection_guide {
    struct nz_str description;
    struct nz_text_list falsepositives, next_steps, references;
};

struct nz_detection {
    struct nz_str kind; /* "sigma", "correlation", "detector" */
    struct nz_str rule_id, title, level;
    const struct nz_str *tags;
    size_t tags_count;
    /* .p == NULL means null. For a correlation all of these are null. */
    struct nz_str event_id, event_time, event_name, actor, source_ip, region, account, error_code, user_agent, file;
    uint64_t record; /* UINT64_MAX: null */
    /* correlations only */
    const struct nz_str *group_names, *group_values;
    size_t group_count;
    const struct nz_str *event_ids;
    size_t event_ids_count;
    uint64_t count;
    struct nz_str first_time, last_time;
    uint32_t rule_number; /* the same for all findings of a rule */
    /* Where only sums are made of the findings (nz_detector_form): the time, instead of event_time, and a number from 1 for the rule,
     * actor, source_ip and region together; 0: they have none. */
    bool has_time;
    nz_time time;
    uint32_t pair;
    struct nz_str
        event_json; /* instead of the texts from event_id to user_agent: what nz_detection_append_event_json makes */
    /* not part of the contract: for exceptions, and for reports that people read */
    struct nz_str rule_name; /* .p NULL: it has none */
    struct nz_detection_guide guide;
    struct nz_str record_text; /* the record as compact JSON where the detector kept it, see nz_detector_keep_records */
};

/* One JSON object without a line end, keys in the contract's order. */
void nz_detection_append_json(struct nz_buf *out, const struct nz_detection *d);

/* The members from event_id to user_agent, a comma first; and in two parts: from event_id to event_name, from actor to
 * user_agent. */
void nz_detection_append_event_json(struct nz_buf *out, const struct nz_detection *d);
void nz_detection_append_what_json(struct nz_buf *out, const struct nz_detection *d);
void nz_detection_append_who_json(struct nz_buf *out, const struct nz_detection *d);

/* Renders many findings: the texts of a rule and the name of a file once, not for each of them. Owned by the caller. */
struct nz_detection_writer {
    struct nz_arena keep;
    struct nz_detection_rule_json {
        struct nz_str head, tags;
    } * rules; /* by rule_number */
    size_t rules_count;
    struct nz_buf file, file_json; /* of the finding before */
};
void nz_detection_writer_init(struct nz_detection_writer *w);    /* allocates nothing */
void nz_detection_writer_release(struct nz_detection_writer *w); /* harmless twice */
/* As nz_detection_append_json. All findings of one rule_number have the same texts of the rule. */
NZ_MUST_USE enum nz_err nz_detection_writer_append(struct nz_detection_writer *w, struct nz_buf *out,
                                                   const struct nz_detection *d);

#define NZ_DETECTION_FINGERPRINT_CHARS 32u
/* 32 hex digits and a NUL that name the finding from run to run: SHA-256, cut, of the rule, and of the event (by its id, else
 * its place), or of a correlation's group and first time. hash is used and left as it was. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_detection_fingerprint(const struct nz_detection *d, struct nz_hash *hash,
                                                 char out[NZ_DETECTION_FINGERPRINT_CHARS + 1]);

/* One OCSF event without a line end: class Detection Finding (2004) of schema 1.8.0, profile cloud. Appended; level: 0 to 4.
 * Source: https://schema.ocsf.io/1.8.0/classes/detection_finding. */
void nz_detection_append_ocsf(struct nz_buf *out, const struct nz_detection *d, unsigned level,
                              const char *fingerprint);

/* The row of titles, and one row with its line end: RFC 4180, cells as core/text.h escapes them, what the record lacks
 * empty, lists with spaces between. scratch is cleared. */
void nz_detection_append_csv_titles(struct nz_buf *out);
void nz_detection_append_csv(struct nz_buf *out, const struct nz_detection *d, struct nz_buf *scratch);

#endif
