/* The IAM part of a snapshot as the text that nz_account_read (access/account.h) reads: users, groups, roles and policies
 * as `aws iam get-account-authorization-details` prints them, in one page. When not all was read, the page says
 * "IsTruncated": true, and so does whoever reads it. Some 20 MB for 10,000 users and 5,000 roles. */
#ifndef NZ_INVENTORY_ACCOUNT_TEXT_H
#define NZ_INVENTORY_ACCOUNT_TEXT_H

#include "inventory/snapshot.h"

/* Appended. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_snapshot_append_account(const struct nz_snapshot *s, struct nz_buf *out);

#endif
