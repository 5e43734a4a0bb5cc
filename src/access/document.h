/* One policy document of an account, read once however often it is attached. */
#ifndef NZ_ACCESS_DOCUMENT_H
#define NZ_ACCESS_DOCUMENT_H

#include "policy/policy.h"

struct nz_access_document {
    uint32_t id;                   /* place among nz_account.documents */
    struct nz_str text;            /* decoded; empty when there was none to read */
    struct nz_policy *policy;      /* NULL: it could not be read */
    const struct nz_diag *problem; /* why not; places are in the account's text where they are known */
    bool places; /* it stands in the account's text as an object, so that statements have a place there */
    const uint32_t *statements; /* where each begins in text */
    uint32_t statements_count;
    /* What who-can looks at first. Each may say yes where the decision is no, never no where it is yes. */
    bool may_assume;            /* some Allow may be about sts:AssumeRole */
    bool trusts_account;        /* trust policies: an Allow names an account, or somebody who is no ARN */
    bool trusts_anybody;        /* trust policies: an Allow names everybody, or all but some */
    const struct nz_str *named; /* trust policies: the ARNs that an Allow names */
    uint32_t named_count;
};

#endif
