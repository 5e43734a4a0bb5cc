/* What was asked of CloudTrail's event history (LookupEvents), and what of it was not read: what a check may not take for
 * absent. The events themselves are in a nz_activity.
 * Source: CloudTrail API Reference, LookupEvents: management events of the last 90 days, region by region, newest first. */
#ifndef NZ_AUDIT_HISTORY_H
#define NZ_AUDIT_HISTORY_H

#include "inventory/snapshot.h"

#define NZ_HISTORY_DAYS 90
#define NZ_HISTORY_PAGES_MAX 4u     /* of 50 events: of root or of one user, in one region */
#define NZ_HISTORY_USERS_MAX 500u   /* that are asked about */
#define NZ_HISTORY_SECONDS_MAX 600u /* for all questions together */

/* The events of root, or of one user, in all regions. */
struct nz_history_part {
    struct nz_str arn;
    uint64_t events;         /* that were read */
    bool is_cut;             /* in some region there are more than NZ_HISTORY_PAGES_MAX pages: the newest were read */
    struct nz_unread unread; /* the first question that was not answered; its error is empty when all were */
};

struct nz_history {
    struct nz_history_part root;
    struct nz_history_part *users; /* by ARN; those that were asked about */
    size_t users_count;
    bool regions_left_out; /* the user chose regions */
};

/* NULL: nobody asked about this user. */
const struct nz_history_part *nz_history_of(const struct nz_history *history, struct nz_str arn);

static inline bool nz_history_is_unread(const struct nz_history_part *part)
{
    return part->unread.error.n > 0;
}

#endif
