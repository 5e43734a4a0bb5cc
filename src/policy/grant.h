/* Whom a statement of a resource policy names, and how far an allow for him reaches. Private to policy.
 *
 *   names                                limited by an implicit deny in   identity   boundary   session
 *   user, federated user, session ARN                                     no         no         no       FULL
 *   role; "*" for a role's session or a federated user                    no         yes        yes      LIMITED
 *   account                                                               yes        yes        yes      DELEGATE
 *
 * Source: IAM User Guide, "Policy evaluation for requests within a single account", table of resource-based policies. */
#ifndef NZ_POLICY_GRANT_H
#define NZ_POLICY_GRANT_H

#include "policy/evaluate.h"

enum nz_grant { NZ_GRANT_NONE, NZ_GRANT_DELEGATE, NZ_GRANT_LIMITED, NZ_GRANT_FULL, NZ_GRANT_COUNT };

/* Not NONE: the statement is about the caller. */
enum nz_grant nz_grant_of(const struct nz_policy_scratch *s, const struct nz_statement *st);

#endif
