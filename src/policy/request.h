/* A request taken apart for matching. Private to policy. */
#ifndef NZ_POLICY_REQUEST_H
#define NZ_POLICY_REQUEST_H

#include "policy/evaluate.h"

/* Fills the scratch's half that is about the request, which is borrowed. NZ_E_REQUEST. */
NZ_MUST_USE enum nz_err nz_request_read(struct nz_policy_scratch *s, const struct nz_policy_request *request,
                                        struct nz_diag *diag);

/* Do caller and resource belong to one account? Not for anonymous and services, who have none. */
bool nz_request_is_within_account(const struct nz_policy_scratch *s);

#endif
