/* What CloudTrail's event history says of root and users, for `audit --events`. */
#ifndef NZ_CLI_AUDIT_EVENTS_H
#define NZ_CLI_AUDIT_EVENTS_H

#include "audit/activity.h"
#include "audit/history.h"
#include "aws/client.h"
#include "cli/progress.h"

/* All borrowed. */
struct nz_audit_events {
    struct nz_aws_client *client;
    const struct nz_snapshot *snapshot; /* outlives the history */
    struct nz_clock clock;
    struct nz_progress *progress; /* the line that there is: questions are added to it */
    bool (*is_stopped)(void);
};

/* Asks in each region of the snapshot that may be asked: for root's events and the sign-ins first, then for those of each
 * user. A question without an answer is written down in history and does not end the run.
 * Time: two calls a second in each region, all regions side by side; NZ_HISTORY_SECONDS_MAX at most.
 * activity: initialized; history lives in it. NZ_E_STOPPED, NZ_E_NOMEM, NZ_E_AWS_CREDENTIALS. */
NZ_MUST_USE enum nz_err nz_audit_events_read(const struct nz_audit_events *how, struct nz_activity *activity,
                                             struct nz_history *history, struct nz_diag *diag);

#endif
