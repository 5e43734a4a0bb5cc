/* AWS Config: recorders first; where there is none, nothing else can be. Source: AWS Config API Reference. */
#include "inventory/collector.h"

/* --- recorders --- */

static const struct nz_join recorder_status = {.operation = NZ_AWS_CONFIG_DescribeConfigurationRecorderStatus,
                                               .path = "ConfigurationRecordersStatus",
                                               .form = NZ_FORM_TIMES};
static const struct nz_join channel_status = {
    .operation = NZ_AWS_CONFIG_DescribeDeliveryChannelStatus, .path = "DeliveryChannelsStatus", .form = NZ_FORM_TIMES};

static enum nz_err recorders_listed(struct nz_collect *c, struct nz_found *all, struct nz_str region)
{
    return nz_collect_join_all(c, all, &recorder_status, "name", region);
}

static enum nz_err channels_listed(struct nz_collect *c, struct nz_found *all, struct nz_str region)
{
    return nz_collect_join_all(c, all, &channel_status, "name", region);
}

static const struct nz_list channels = {
    .operation = NZ_AWS_CONFIG_DescribeDeliveryChannels,
    .type = "AWS::Config::DeliveryChannel",
    .path = "DeliveryChannels",
    .id = "name",
    .name = "name",
    .listed = channels_listed,
};

static const struct nz_list rules = {
    .operation = NZ_AWS_CONFIG_DescribeConfigRules,
    .type = "AWS::Config::ConfigRule",
    .path = "ConfigRules",
    .id = "ConfigRuleId",
    .name = "ConfigRuleName",
    .arn = "ConfigRuleArn",
};

static enum nz_err recorders_then(struct nz_collect *c, struct nz_str region, uint64_t count)
{
    if (count == 0)
        return NZ_OK;
    enum nz_err err = nz_collect_list(c, &channels, region, NULL);
    return err == NZ_OK ? nz_collect_list(c, &rules, region, NULL) : err;
}

static const struct nz_list recorders = {
    .operation = NZ_AWS_CONFIG_DescribeConfigurationRecorders,
    .type = "AWS::Config::ConfigurationRecorder",
    .path = "ConfigurationRecorders",
    .id = "name",
    .name = "name",
    .arn = "arn",
    .listed = recorders_listed,
    .then = recorders_then,
};

static enum nz_err in_region(struct nz_collect *c, struct nz_str region)
{
    return nz_collect_list(c, &recorders, region, NULL);
}

const struct nz_collector nz_collector_config = {.round = 1, .region = in_region};
