/* What an account's text says of the context of a user's or role's requests: aws:PrincipalArn, aws:PrincipalAccount,
 * aws:PrincipalType, the tags (aws:PrincipalTag), aws:PrincipalIsAWSService, of users aws:username and aws:userid. A key without
 * values is known to be absent, such as a user's of those that only a role session has. Source: IAM User Guide, "AWS global
 * condition context keys", "IAM and AWS STS condition context keys". */
#ifndef NZ_ACCESS_CONTEXT_H
#define NZ_ACCESS_CONTEXT_H

#include "access/account.h"
#include "policy/decide.h"

struct nz_access_context {
    const struct nz_policy_key *keys;
    uint32_t count;
};

/* The keys live in keep, their values in the account. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_access_context_make(const struct nz_account *account,
                                               const struct nz_access_principal *principal, struct nz_arena *keep,
                                               struct nz_access_context *out);

/* Lower-case beginnings of keys that are absent where the context does not give them, for nz_policy_searcher_set: saml: keys
 * of users and of the sessions that they make by themselves, and tags where all are known. */
const struct nz_str *nz_access_absent_prefixes(bool is_user, bool tags_known);

#endif
