/* The ways by which somebody may be told that root is used: a metric filter with an alarm, or a rule of EventBridge. */
#ifndef NZ_AUDIT_ROOT_ALARM_H
#define NZ_AUDIT_ROOT_ALARM_H

#include "audit/trails.h"

/* In this order: of several ways the greatest counts. */
enum nz_way_grade {
    NZ_WAY_NONE,
    NZ_WAY_GAP,     /* it exists, and something in it is missing */
    NZ_WAY_UNKNOWN, /* something of it could not be read, and nothing that could be is missing */
    NZ_WAY_WHOLE,
};

#define NZ_WAY_ITEMS 5u
struct nz_way {
    enum nz_way_grade grade;
    const char *gap; /* N_(): what is missing */
    /* what could not be read: an item and the operation on it, or the list of a type in a region */
    const struct nz_item *unread_item;
    const char *unread_operation; /* "GetTrailStatus" */
    const char *unread_call;      /* "cloudtrail:GetTrailStatus" */
    const char *unread_type;
    const struct nz_unread *unread; /* with a type: the line that says why, when it is known */
    struct nz_str unread_region;
    const struct nz_item *items[NZ_WAY_ITEMS]; /* what it is made of */
    size_t items_count;
};

/* The best of each kind. */
struct nz_way nz_root_alarm_by_filter(struct nz_audit *a, struct nz_trails trails);
struct nz_way nz_root_alarm_by_rule(struct nz_audit *a, struct nz_trails trails);

#endif
