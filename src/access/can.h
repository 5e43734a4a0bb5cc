/* May this user or role do that? The decision of the account's own policies: identity policies, boundary, and the trust
 * policy where the resource is a role of the account that is assumed.
 *
 * What the account's details do not hold is taken as absent: other resource policies, SCPs, RCPs, session policies.
 * Context keys that neither the account nor the question gives are unknown, so an answer may be "allowed if", with the
 * keys on which it depends. From the account come aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType, the tags
 * (aws:PrincipalTag), aws:PrincipalIsAWSService, of users aws:username and aws:userid. A user has no tags but those
 * listed; a session of a role may bring others.
 * Threads: one asker a thread; account and sets are shared. */
#ifndef NZ_ACCESS_CAN_H
#define NZ_ACCESS_CAN_H

#include "access/sets.h"

struct nz_access_question {
    struct nz_str action;
    struct nz_str resource;              /* ARN or "*" */
    const struct nz_policy_key *context; /* beats what the account says of the same key */
    uint32_t context_count;
};

enum nz_access_verdict { NZ_ACCESS_DENIED, NZ_ACCESS_UNKNOWN, NZ_ACCESS_ALLOWED_IF, NZ_ACCESS_ALLOWED };
const char *nz_access_verdict_name(enum nz_access_verdict verdict); /* "allowed-if" */

/* Lives until the asker's next question. */
struct nz_access_answer {
    enum nz_access_verdict verdict;
    struct nz_policy_answer decision;        /* of what could be read */
    const struct nz_access_set *set;         /* what reasons of layers identity and boundary count in */
    const struct nz_access_principal *trust; /* the role whose trust policy layer resource is; NULL: none */
    const struct nz_access_document *unread; /* UNKNOWN: what could not be read and may decide */
};

struct nz_access_asker;
/* sets is borrowed. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_access_asker_new(const struct nz_access_sets *sets, struct nz_access_asker **out);
void nz_access_asker_free(struct nz_access_asker *asker); /* NULL is fine */

/* as: the ARN under which the principal asks (a session's); empty: its own.
 * NZ_E_REQUEST (the question is none), NZ_E_POLICY_LIMIT, NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_access_can(struct nz_access_asker *asker, uint32_t principal, struct nz_str as,
                                      const struct nz_access_question *question, struct nz_access_answer *answer,
                                      struct nz_diag *diag);

/* The document that a reason of an answer is about. */
const struct nz_access_document *nz_access_reason_document(const struct nz_access_answer *answer,
                                                           const struct nz_policy_reason *reason);

#endif
