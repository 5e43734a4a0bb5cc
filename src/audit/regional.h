/* A check that judges each region by itself. */
#ifndef NZ_AUDIT_REGIONAL_H
#define NZ_AUDIT_REGIONAL_H

#include "audit/check.h"

/* Calls judge for each region that can be judged. When the snapshot tells of no region at all, the account is unknown. */
void nz_audit_each_region(struct nz_audit *a, void (*judge)(struct nz_audit *a, struct nz_str region));

/* The account's finding when the snapshot tells of no region. */
void nz_audit_say_no_regions(struct nz_audit *a);

/* True when there may be things of a type in a region that the snapshot does not hold. Not where AWS does not offer the
 * service. */
bool nz_audit_is_unread(const struct nz_audit *a, const char *type, struct nz_str region);

/* Where sign-ins of root and calls to global services are recorded. Source: CloudTrail User Guide, "AWS Management Console
 * sign-in events"; for the other partitions, the region of their IAM. */
struct nz_str nz_audit_sign_in_region(const struct nz_audit *a);

/* A member of an opened item as text, as nz_audit_text takes it; empty when it is absent. */
struct nz_str nz_audit_field(struct nz_audit *a, const struct nz_item_view *view, const char *path);

#endif
