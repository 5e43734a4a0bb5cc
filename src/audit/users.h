/* The account's IAM users, from its authorization details and from the credential report, and root's row in that report.
 *
 *     details: alice bob ────┐
 *     report:  root alice ───┴▶ alice (both), bob (younger than the report: what the report would say is unknown)
 *
 * A user that the report has and complete details have not was deleted since, and is none.
 * Source: IAM User Guide, "Get credential reports": a report may be four hours old; what it says of key use is sampled. */
#ifndef NZ_AUDIT_USERS_H
#define NZ_AUDIT_USERS_H

#include "audit/check.h"

struct nz_audit_user {
    struct nz_str arn, name;
    const struct nz_item *details; /* AWS::IAM::User; NULL: not read */
    const struct nz_item *row;     /* of the credential report; NULL: not read, or younger than it */
};

struct nz_audit_users {
    const struct nz_audit_user *list; /* by ARN */
    size_t count;
    bool complete; /* all users are known */
};

/* Which part of what is known of a user a check looks at. */
enum nz_user_part { NZ_USER_DETAILS, NZ_USER_ROW, NZ_USER_ANY };

/* Made once, then kept. Never NULL. */
const struct nz_audit_users *nz_audit_users(struct nz_audit *a);

/* Calls judge for each user with the item of that part opened in slot 0 (NZ_USER_ANY: with NULL, whatever is known of it). A
 * user without it is unknown; an account whose users are not all known is unknown too, and one without users not
 * applicable. */
typedef void nz_user_judge_fn(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_item_view *view);
void nz_audit_each_user(struct nz_audit *a, enum nz_user_part part, nz_user_judge_fn *judge);

/* The account's finding when its users are not all known, or when it has none. nz_audit_each_user says it by itself. */
void nz_audit_say_users_missing(struct nz_audit *a);

static inline struct nz_subject nz_user_subject(const struct nz_audit_user *user)
{
    return (struct nz_subject){user->arn, NZ_REGION_GLOBAL};
}

/* --- the credential report --- */

/* Root's row, opened in the slot. NULL: there is none, or the report was not read: nothing was said. */
const struct nz_item_view *nz_credential_root(struct nz_audit *a, unsigned slot);

/* A column of the report says yes or no ("true", "FALSE"), or something else ("N/A", "not_supported") or nothing. */
enum nz_said { NZ_SAID_NOTHING, NZ_SAID_NO, NZ_SAID_YES };
enum nz_said nz_credential_says(const struct nz_item_view *row, const char *path);
/* The time of a column; false when it says that there is none ("N/A", "no_information"). */
bool nz_credential_time(const struct nz_item_view *row, const char *path, nz_time *out);

/* The columns of key 1 and key 2. */
struct nz_credential_key {
    const char *active, *last_rotated, *last_used;
};
extern const struct nz_credential_key nz_credential_keys[2];

/* When the report was made: "2026-11-25T12:00:00Z", or "" when it is not known. */
struct nz_str nz_credential_report_time(struct nz_audit *a);
/* The same as evidence: what was decided from the report is as old as it. */
void nz_credential_show_time(struct nz_audit *a, struct nz_finding *f);

#endif
