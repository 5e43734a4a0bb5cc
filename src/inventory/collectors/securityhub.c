/* Security Hub, and its second version. Source: Security Hub API Reference. */
#include "inventory/collector.h"

/* "InvalidAccessException: … is not subscribed to AWS Security Hub" */
static const struct nz_list hub = {
    .operation = NZ_AWS_SECURITYHUB_DescribeHub,
    .type = "AWS::SecurityHub::Hub",
    .id = "HubArn",
    .arn = "HubArn",
    .none = "InvalidAccessException|ResourceNotFoundException",
};

static const struct nz_list hub_v2 = {
    .operation = NZ_AWS_SECURITYHUB_DescribeSecurityHubV2,
    .type = "AWS::SecurityHub::HubV2",
    .id = "HubV2Arn",
    .arn = "HubV2Arn",
    .none = "InvalidAccessException|ResourceNotFoundException",
};

static enum nz_err in_region(struct nz_collect *c, struct nz_str region)
{
    return nz_collect_list(c, &hub, region, NULL);
}

static bool has(struct nz_collect *c, const char *type, struct nz_str region)
{
    struct nz_snapshot_builder *b = nz_collect_builder(c);
    const uint64_t count = nz_snapshot_counts(b).items;
    for (uint64_t i = 0; i < count; i++) {
        const struct nz_item item = nz_snapshot_builder_item(b, i);
        if (nz_str_eq(item.type, nz_str_from_c(type)) && (!region.n || nz_str_eq(item.region, region)))
            return true;
    }
    return false;
}

static bool is_first(struct nz_collect *c, struct nz_str region)
{
    return nz_str_eq(region, nz_collect_caller_region(c)) || nz_str_eq(region, nz_collect_sign_in_region(c));
}

/* The second version is asked for where the first is off, in two regions to begin with. */
static enum nz_err v2_first(struct nz_collect *c, struct nz_str region)
{
    bool ask = is_first(c, region) && !has(c, hub.type, region);
    return ask ? nz_collect_list(c, &hub_v2, region, NULL) : NZ_OK;
}

/* Who uses it there may use it anywhere; who does not is spared a call a region. */
static enum nz_err v2_others(struct nz_collect *c, struct nz_str region)
{
    bool ask = !is_first(c, region) && !has(c, hub.type, region) && has(c, hub_v2.type, NZ_STR(""));
    return ask ? nz_collect_list(c, &hub_v2, region, NULL) : NZ_OK;
}

const struct nz_collector nz_collector_securityhub = {.round = 1, .region = in_region};
const struct nz_collector nz_collector_securityhub_v2 = {.round = 2, .region = v2_first};
const struct nz_collector nz_collector_securityhub_v2_others = {.round = 3, .region = v2_others};
