/* What the checks on CloudTrail have in common: the account's trails, each once, and what they record.
 * A multi-region trail shows in every region and an organization's in every member account; the snapshot holds one item of
 * it, in its home region. Source: CloudTrail API Reference, DescribeTrails, GetTrailStatus, GetEventSelectors; CloudTrail
 * User Guide, "Concepts: global service events". */
#ifndef NZ_AUDIT_TRAILS_H
#define NZ_AUDIT_TRAILS_H

#include "audit/check.h"
#include "audit/selection.h"

#define NZ_TRAIL_TYPE "AWS::CloudTrail::Trail"

/* How far a trail covers the regions that it is for. In this order: the more, the better. */
enum nz_cover {
    NZ_COVER_NONE,
    NZ_COVER_UNKNOWN, /* something that would decide could not be read */
    NZ_COVER_PART,    /* a further condition lets only some events through */
    NZ_COVER_FULL,    /* it logs, delivers, and selects reading and writing management events */
};

struct nz_trail {
    const struct nz_item *item;
    struct nz_str name, home;
    bool is_multi_region, is_foreign; /* foreign: of another account, that is its organization's */
    bool has_status, has_selection;   /* were read */
    bool is_logging, is_failing;      /* failing: LatestDeliveryError says something */
    struct nz_selection selection;
    enum nz_cover cover;
};

struct nz_trails {
    const struct nz_trail *p; /* in the order of region and ARN; in a->keep */
    size_t n;
};

/* All trails that the snapshot holds. */
struct nz_trails nz_trails_read(struct nz_audit *a);

/* For checks with a finding for each trail. True: there are some, and regions whose trails could not be read have their
 * findings. False: there is none, and the account has its finding: fail, or unknown when a region could not be read. */
bool nz_trails_need(struct nz_audit *a, struct nz_trails *trails);

bool nz_trail_is_for(const struct nz_trail *trail, struct nz_str region);

/* The fields that decided a trail's cover, as evidence. Opens the item in slot 1. */
void nz_trail_show_cover(struct nz_audit *a, struct nz_finding *f, const struct nz_trail *trail);

/* Fails the subject, for what keeps this trail from covering it. */
struct nz_finding *nz_trail_say_uncovered(struct nz_audit *a, struct nz_subject on, const struct nz_trail *trail);

/* Unknown, for the part of this trail that could not be read. */
struct nz_finding *nz_trail_say_unread(struct nz_audit *a, struct nz_subject on, const struct nz_trail *trail);

#endif
