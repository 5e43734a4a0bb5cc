/* The fields of a CloudTrail record, as far as they are fixed. Private to sigma.
 * Source: CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element", eventVersion 1.11;
 * members.list holds what is below the top level, events/fields.list the top level itself. */
#ifndef NZ_SIGMA_MEMBERS_H
#define NZ_SIGMA_MEMBERS_H

#include "sigma/set.h"

enum nz_member_kind {
    NZ_MEMBER_NONE, /* CloudTrail has no such field */
    NZ_MEMBER_LEAF, /* one value a record at most */
    NZ_MEMBER_LIST, /* several values a record */
    NZ_MEMBER_OPEN, /* what is in there depends on the service called */
};

enum nz_member_kind nz_member_kind(const struct nz_field *field);

/* The field that differs from this one by case only; .p NULL: none. */
struct nz_str nz_member_hint(struct nz_str path);

/* The field that was most likely meant, or NULL. */
const char *nz_member_near(struct nz_str path);

#endif
