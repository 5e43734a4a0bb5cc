/* Which regions were judged at all. A closed region is told here once; the other regional checks say nothing of it.
 * Source: the design's table of judgements. */
#include "audit/check.h"

/* The line that says what refused; both calls that were tried have one. */
static const struct nz_unread *refusal_of(const struct nz_audit *a, struct nz_str region)
{
    const struct nz_unread *why =
        nz_snapshot_unread(a->snapshot, NZ_STR("cloudtrail"), NZ_STR("DescribeTrails"), region, NZ_STR(""));
    return why ? why
               : nz_snapshot_unread(a->snapshot, NZ_STR("guardduty"), NZ_STR("ListDetectors"), region, NZ_STR(""));
}

static void say_closed(struct nz_audit *a, struct nz_subject on)
{
    const struct nz_unread *why = refusal_of(a, on.region);
    struct nz_finding *f =
        nz_audit_unknown(a, on, N_("a service control policy (SCP) closes this region to whoever runs nezuban"));
    if (why) {
        nz_audit_evidence(a, f, NZ_STR("cloudtrail:DescribeTrails"), "error", why->error);
        nz_audit_evidence(a, f, NZ_STR("cloudtrail:DescribeTrails"), "message", why->message);
    }
    nz_audit_advise(a, f,
                    N_("If the policy closes the region to everybody, nothing needs to be done. Else exempt the role "
                       "that runs nezuban from it."));
}

static void say_region(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    struct nz_finding *f;
    switch (nz_snapshot_region_access(a->snapshot, region)) {
    case NZ_REGION_OPEN:
        nz_audit_pass(a, on, N_("the region is open and was read"));
        break;
    case NZ_REGION_CLOSED_BY_SCP:
        say_closed(a, on);
        break;
    case NZ_REGION_NOT_OPTED_IN:
        nz_audit_not_applicable(a, on, N_("the account has not opted in to this region"));
        break;
    case NZ_REGION_NOT_ASKED:
        f = nz_audit_not_applicable(a, on, N_("the region was left out when the account was read"));
        nz_audit_advise(a, f, N_("To judge it too, read the account without --region."));
        break;
    }
}

static void run(struct nz_audit *a)
{
    for (size_t i = 0; i < a->snapshot->regions_count; i++)
        say_region(a, a->snapshot->regions[i]);
    if (a->snapshot->regions_count == 0)
        nz_audit_need(a, nz_audit_account(a), "Nezuban::EC2::Region", NZ_REGION_GLOBAL);
}

const struct nz_check nz_check_region_access = {
    .about = {.id = "region-access",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_INFORMATIONAL,
              .title = N_("Every Region of the account can be looked at"),
              .remedy = N_("Open the region to the role that runs nezuban.")},
    .run = run,
};
