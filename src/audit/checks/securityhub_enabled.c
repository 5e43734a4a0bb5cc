/* Security Hub has two forms with an API each; either will do. Source: Security Hub SecurityHub.1; Security Hub API
 * Reference, DescribeHub and DescribeSecurityHubV2. */
#include "audit/regional.h"

#define HUB_TYPE "AWS::SecurityHub::Hub"
#define HUB_V2_TYPE "AWS::SecurityHub::HubV2"

static bool say_hub(struct nz_audit *a, const char *type, struct nz_str region)
{
    const struct nz_items hubs = nz_snapshot_items_in(a->snapshot, nz_str_from_c(type), region);
    const struct nz_item_view *view = hubs.n ? nz_audit_open(a, 0, &hubs.p[0]) : NULL;
    if (view)
        nz_audit_show(a, nz_audit_pass(a, nz_audit_subject(a, view->item), N_("Security Hub is enabled")), view,
                      "configuration.SubscribedAt");
    return hubs.n;
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    if (say_hub(a, HUB_TYPE, region) || say_hub(a, HUB_V2_TYPE, region) || !nz_audit_need(a, on, HUB_TYPE, region))
        return;
    /* the newer form is not asked for where the account shows no sign of it */
    if (nz_snapshot_listing(a->snapshot, NZ_STR(HUB_V2_TYPE), region, NULL) == NZ_UNREAD &&
        !nz_audit_need(a, on, HUB_V2_TYPE, region))
        return;
    nz_audit_evidence(a, nz_audit_fail(a, on, N_("Security Hub is not enabled")), NZ_STR("securityhub:DescribeHub"),
                      "HubArn", NZ_STR("absent"));
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
}

const struct nz_check nz_check_securityhub_enabled = {
    .about = {.id = "securityhub-enabled",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_INFORMATIONAL,
              .title = N_("Security Hub is on"),
              .remedy =
                  N_("Enable Security Hub in the region (securityhub:EnableSecurityHub); most of its controls need "
                     "AWS Config there.")},
    .run = run,
};
