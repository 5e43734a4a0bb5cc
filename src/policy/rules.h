/* What services decide by themselves, whatever the policies say. Private to policy. */
#ifndef NZ_POLICY_RULES_H
#define NZ_POLICY_RULES_H

#include "policy/evaluate.h"

struct nz_service_rules {
    bool always_allowed;      /* sts:GetCallerIdentity */
    bool no_permission;       /* sts:GetSessionToken: needs no allow, but a deny holds */
    bool needs_resource_side; /* the key's or role's policy must let the caller or his account in */
    bool refused;             /* nobody may: AWS owns it */
    bool outside_rcp;         /* resource control policies do not reach it */
};
/* Can `refused` be true of the action (lower case, as its service), of whichever resource? */
bool nz_service_may_refuse(struct nz_str service, struct nz_str name);

struct nz_service_rules nz_service_rules_of(const struct nz_policy_scratch *s);

#endif
