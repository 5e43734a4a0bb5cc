/* A report as people read it: by part of the account, the findings of one check with one status together, worst first.
 *
 *     Root user       4 of 6      fail  critical  iam-root-mfa
 *     IAM users       9 of 18     fail  high      iam-user-console-mfa   hanako, jiro +3
 */
#ifndef NZ_FINDINGS_REPORT_GROUPS_H
#define NZ_FINDINGS_REPORT_GROUPS_H

#include "findings/finding.h"

/* Findings of one check that have one status. */
struct nz_report_group {
    const struct nz_check_about *check;
    enum nz_status status;
    enum nz_severity severity;                /* the worst of them */
    const struct nz_finding *const *findings; /* in the report's order */
    size_t count;
};

/* How a part stands: of the checks that applied somewhere, those that passed everywhere. */
struct nz_report_score {
    uint32_t checks, passed;
};

struct nz_report_groups {
    const struct nz_report_group
        *list; /* by part; in a part what failed by severity, then partial, unknown, the rest */
    size_t count;
    struct nz_report_score scores[NZ_PART_COUNT];
    uint64_t findings[NZ_STATUS_COUNT];
};

/* All lives in keep and points into the report. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_report_group(struct nz_arena *keep, const struct nz_report *report,
                                        struct nz_report_groups *out);

/* The first count groups to do something about, in all parts: fails before partials, worst first. Returns how many. */
size_t nz_report_first(const struct nz_report_groups *groups, const struct nz_report_group **out, size_t count);

/* "user/alice" of "arn:aws:iam::111122223333:user/alice": what tells resources of one account apart. */
struct nz_str nz_resource_short(struct nz_str resource);
/* The same of a finding's resource; of the account as a whole its number, of its root user "root". */
struct nz_str nz_finding_subject(const struct nz_finding *finding);

#endif
