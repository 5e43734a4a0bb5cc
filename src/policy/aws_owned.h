/* What AWS owns beside the account's own resources of the same form: "arn:aws:iam::aws:policy/ReadOnlyAccess". Private to policy.
 * The rows stand in aws_owned.list. */
#ifndef NZ_POLICY_AWS_OWNED_H
#define NZ_POLICY_AWS_OWNED_H

#include "core/str.h"

struct nz_aws_owned {
    struct nz_str arn, account; /* of the catalogue; what AWS's own have in the account's place */
    bool reads_only;            /* only actions that list and read are about them */
};

/* arn: as the catalogue has it. NULL: AWS owns none of the form. */
const struct nz_aws_owned *nz_aws_owned_find(struct nz_str arn);

#endif
