/* The IAM policy language: one document, checked and compiled to a form for fast decisions.
 *
 * What is refused is refused with line and column: bad JSON, a key that stands twice, an element, an operator or a version
 * that the language does not have, Action beside NotAction, a bound. What the language has and can never match stays and
 * never matches: an Action that is no "service:name", a Resource that is neither "*" nor an ARN, an ARN with a wildcard
 * as Principal, an id (AIDA..., AROA...) that a deleted user left behind.
 * Source: IAM User Guide, "IAM JSON policy element reference" and "Grammar of the IAM JSON policy language".
 * Threads: a compiled policy is read-only and may be shared by any number. */
#ifndef NZ_POLICY_POLICY_H
#define NZ_POLICY_POLICY_H

#include "core/diag.h"

/* Where a policy is attached. Kinds differ in what a statement must and may hold: only a resource or trust policy may go
 * without Resource (it means "*"), and there a statement without Principal never matches; in identity, boundary, session
 * and service control policies Principal is passed over. */
enum nz_policy_kind {
    NZ_POLICY_SCP,
    NZ_POLICY_RCP,
    NZ_POLICY_RESOURCE,
    NZ_POLICY_TRUST,
    NZ_POLICY_IDENTITY,
    NZ_POLICY_BOUNDARY,
    NZ_POLICY_SESSION,
    NZ_POLICY_ENDPOINT,
};

/* AWS's own quotas lie far below (its largest policy has 32 KiB) and change, so they are not ours. */
#define NZ_POLICY_BYTES_MAX (256u << 10)
#define NZ_POLICY_STATEMENTS_MAX 4096u
#define NZ_POLICY_TEXT_BYTES_MAX 4096u /* one action, resource, principal, key or value */

struct nz_policy;

/* Reads `text`: JSON in UTF-8, with or without a byte order mark, or the same percent-encoded (RFC 3986) as the IAM API
 * hands it out. The text is not needed afterwards. Errors: NZ_E_POLICY_SYNTAX, NZ_E_POLICY_ELEMENT,
 * NZ_E_POLICY_OPERATOR, NZ_E_POLICY_DUPLICATE, NZ_E_POLICY_LIMIT, NZ_E_JSON_*, NZ_E_NOMEM; the place in diag counts lines
 * and characters of the decoded text. */
NZ_MUST_USE enum nz_err nz_policy_compile(struct nz_str text, enum nz_policy_kind kind, struct nz_policy **out,
                                          struct nz_diag *diag);
void nz_policy_free(struct nz_policy *policy); /* NULL is fine */

/* Number of statements, and the Sid of one: .p is NULL when it has none. The text lives in the policy. */
uint32_t nz_policy_statements(const struct nz_policy *policy);
struct nz_str nz_policy_sid(const struct nz_policy *policy, uint32_t statement);
/* What malloc was asked for, for whoever keeps many. */
size_t nz_policy_bytes(const struct nz_policy *policy);

#endif
