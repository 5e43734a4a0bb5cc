/* What the checks on the account's password policy have in common.
 * Source: IAM API Reference, GetAccountPasswordPolicy and UpdateAccountPasswordPolicy; IAM User Guide, "Default password
 * policy": 8 characters, three of the four classes, not the account's name or address, no expiry. */
#ifndef NZ_AUDIT_PASSWORD_H
#define NZ_AUDIT_PASSWORD_H

#include "audit/check.h"

#define NZ_PASSWORD_POLICY_TYPE "Nezuban::IAM::PasswordPolicy"

/* The policy, opened in slot 0. NULL: it could not be read (the account has its finding), or none is set and AWS's default
 * holds: then *is_default, and nothing was said. */
const struct nz_item_view *nz_password_policy(struct nz_audit *a, bool *is_default);

/* The account's fail because AWS's default holds. */
void nz_password_fail_default(struct nz_audit *a);

/* A class of characters: passes when the member is true. has, lacks: N_(), the reason of a pass and of a fail. */
void nz_password_judge_class(struct nz_audit *a, const char *path, const char *has, const char *lacks);

/* True when passwords expire, after *days. */
bool nz_password_expires(const struct nz_item_view *policy, uint64_t *days);

#endif
