/* "arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE". */
#ifndef NZ_POLICY_ARN_H
#define NZ_POLICY_ARN_H

#include "core/str.h"

/* The six fields of an ARN; the last takes the rest. False: it has fewer. */
bool nz_arn_split(struct nz_str text, struct nz_str fields[6]);

#endif
