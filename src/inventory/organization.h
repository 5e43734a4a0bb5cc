/* The accounts of an organization, as its management account or a delegated administrator may list them.
 * Source: Organizations API Reference, ListAccounts. */
#ifndef NZ_INVENTORY_ORGANIZATION_H
#define NZ_INVENTORY_ORGANIZATION_H

#include "aws/client.h"
#include "core/arena.h"

#define NZ_ORGANIZATION_ACCOUNTS_MAX 100000u

struct nz_member {
    struct nz_str account, name, state; /* "111122223333", "prod", "ACTIVE" */
    bool is_caller;                     /* it is the account of whoever asks */
};

/* All in the arena that it was read into. */
struct nz_organization {
    struct nz_str id;          /* "o-exampleorgid" */
    struct nz_str partition;   /* "aws" */
    struct nz_member *members; /* by number */
    size_t count;
};

/* True for an account that may be read; one that is suspended or being closed may not. */
bool nz_member_is_active(const struct nz_member *member);

/* "arn:aws:iam::111122223333:role/NAME"; role may have a path. .p NULL: no memory. */
struct nz_str nz_member_role(const struct nz_organization *o, const struct nz_member *member, struct nz_str role,
                             struct nz_arena *keep);

/* Asks who is asking, and for the accounts. Errors: what AWS said (NZ_E_AWS_*, in diag with the IAM action that was missing);
 * NZ_E_STOPPED, NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_organization_read(struct nz_aws_client *client, struct nz_arena *keep,
                                             struct nz_organization *out, struct nz_diag *diag);

#endif
