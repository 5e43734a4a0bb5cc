/* A finding of `audit`: what one check says of one resource in one region, with what decided it.
 *
 *     check iam-root-mfa · fail · critical · arn:aws:iam::111122223333:root · global
 *         evidence: AccountMFAEnabled 0
 *
 * One for each (check, resource, region), so that the fingerprint of these three and the account names it from run to run.
 * Texts live in the report's arena. They are in the language that the report was made in; words that programs read
 * (statuses, severities, ids) are always English. Source of the model: the design's contract of `audit --format json`. */
#ifndef NZ_FINDINGS_FINDING_H
#define NZ_FINDINGS_FINDING_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/time.h"

#define NZ_FINDINGS_MAX 4000000u /* of one report */
#define NZ_EVIDENCE_MAX 20u      /* of one finding; one more says how many were left out */

enum nz_status { NZ_STATUS_PASS, NZ_STATUS_FAIL, NZ_STATUS_PARTIAL, NZ_STATUS_UNKNOWN, NZ_STATUS_NOT_APPLICABLE };
#define NZ_STATUS_COUNT 5u

enum nz_severity {
    NZ_SEVERITY_INFORMATIONAL,
    NZ_SEVERITY_LOW,
    NZ_SEVERITY_MEDIUM,
    NZ_SEVERITY_HIGH,
    NZ_SEVERITY_CRITICAL
};
#define NZ_SEVERITY_COUNT 5u

/* What the settings are about; reports are grouped so. */
enum nz_part { NZ_PART_ROOT, NZ_PART_USERS, NZ_PART_SERVICES };
#define NZ_PART_COUNT 3u

/* What a report says of a check itself; static storage, English, marked for translation. */
struct nz_check_about {
    const char *id; /* "iam-root-mfa"; never changes */
    enum nz_part part;
    enum nz_severity severity;
    const char *title;  /* N_(): the setting as it should be, "the root user has MFA" */
    const char *remedy; /* N_(): what to do when it is not */
};

struct nz_evidence {
    struct nz_str item;  /* where it was read: an ARN, or an operation */
    struct nz_str field; /* name in AWS's own answer */
    struct nz_str value;
};

struct nz_finding {
    const struct nz_check_about *check;
    enum nz_status status;
    enum nz_severity severity;
    struct nz_str resource;            /* an ARN wherever AWS has one, else "region/REGION" */
    struct nz_str region;              /* or "global" */
    struct nz_str reason, remediation; /* empty only on a pass */
    struct nz_evidence *evidence;
    uint32_t evidence_count, evidence_left_out; /* the last piece says how many were left out */
};

/* What could not be read, and why. */
struct nz_unread_part {
    struct nz_str service, operation, region, resource;
    struct nz_str error;  /* AWS's name of it */
    struct nz_str action; /* the IAM action that was missing; empty when it was something else */
    struct nz_str message;
};

struct nz_exception;
struct nz_hidden {
    const struct nz_exception *by;
    const struct nz_finding *finding;
};

struct nz_report {
    struct nz_str account;
    nz_time generated_at;
    const struct nz_finding *const *findings; /* in the order of checks.list, region, resource; hidden ones left out */
    size_t findings_count;
    const struct nz_unread_part *unread;
    size_t unread_count;
    const struct nz_hidden *hidden; /* fails and partials that an exception took out, in the same order */
    size_t hidden_count;
    bool has_exceptions;       /* a file of them was given */
    const struct nz_str *sets; /* to which the audit was narrowed; 0: all checks were judged */
    size_t sets_count;
};

/* The text in the user's language. Passed in, as only cli knows it; msgid in, translation or msgid out. */
typedef const char *(*nz_translate_fn)(const char *text);

const char *nz_status_name(enum nz_status status);       /* "not-applicable": a word of the formats, N_() */
const char *nz_severity_name(enum nz_severity severity); /* "informational" */
const char *nz_part_title(enum nz_part part);            /* N_(): "Root user" */

/* Fails and partials at this severity or above decide the exit status. */
bool nz_finding_counts(const struct nz_finding *finding, enum nz_severity fail_on);

#define NZ_FINGERPRINT_CHARS 32u
/* 32 hex digits: SHA-256 of account, check, resource and region, cut. NUL after them. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_finding_fingerprint(struct nz_str account, const struct nz_finding *finding,
                                               char out[NZ_FINGERPRINT_CHARS + 1]);

/* The contract of `audit --format json`, one document with a line end, given to write piece by piece: a report may be large.
 * NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_report_write_json(const struct nz_report *report,
                                             void (*write)(void *self, struct nz_str text), void *self);

#endif
