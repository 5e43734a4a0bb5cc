/* The event history needs no setting and cannot be turned off; what can be wrong is that nobody may read it. It is asked
 * where the caller works and where root's sign-ins are. Source: the design's table of judgements. */
#include "audit/regional.h"

#define TYPE "Nezuban::CloudTrail::EventHistory"

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    const struct nz_item_view *history = nz_audit_need_one(a, on, TYPE, region, NULL);
    if (!history)
        return;
    struct nz_finding *f = nz_audit_pass(a, on, N_("the history of the last 90 days answers"));
    nz_audit_show(a, f, history, "configuration.Events");
}

static void run(struct nz_audit *a)
{
    const struct nz_snapshot *s = a->snapshot;
    const struct nz_str here = s->header.caller_region, sign_ins = nz_audit_sign_in_region(a);
    if (here.n && nz_snapshot_region_access(s, here) == NZ_REGION_OPEN)
        judge(a, here);
    if (!nz_str_eq(here, sign_ins) && nz_snapshot_region_access(s, sign_ins) == NZ_REGION_OPEN)
        judge(a, sign_ins);
}

const struct nz_check nz_check_cloudtrail_history = {
    .about = {.id = "cloudtrail-history",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("CloudTrail's event history answers"),
              .remedy = N_("Allow cloudtrail:LookupEvents to those who look into incidents.")},
    .run = run,
};
