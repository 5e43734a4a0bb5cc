/* Security Hub, and its second version. Source: Security Hub API Reference. */
#include "inventory/collector.h"

static const struct nz_list hub_v2 = {
    .operation = NZ_AWS_SECURITYHUB_DescribeSecurityHubV2,
    .type = "AWS::SecurityHub::HubV2",
    .id = "HubV2Arn",
    .arn = "HubV2Arn",
    .none = "InvalidAccessException|ResourceNotFoundException",
};

/* Each is switched on region by region, without the other: only an answer says that neither is. */
static enum nz_err v2_where_off(struct nz_collect *c, struct nz_str region, uint64_t count)
{
    return count == 0 ? nz_collect_list(c, &hub_v2, region, NULL) : NZ_OK;
}

/* "InvalidAccessException: … is not subscribed to AWS Security Hub" */
static const struct nz_list hub = {
    .operation = NZ_AWS_SECURITYHUB_DescribeHub,
    .type = "AWS::SecurityHub::Hub",
    .id = "HubArn",
    .arn = "HubArn",
    .none = "InvalidAccessException|ResourceNotFoundException",
    .then = v2_where_off,
};

static enum nz_err in_region(struct nz_collect *c, struct nz_str region)
{
    return nz_collect_list(c, &hub, region, NULL);
}

const struct nz_collector nz_collector_securityhub = {.round = 1, .region = in_region};
