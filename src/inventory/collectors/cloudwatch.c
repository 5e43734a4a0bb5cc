/* Alarms, where a metric filter is about root. Source: CloudWatch API Reference, DescribeAlarms. */
#include "inventory/collect_run.h"

static const struct nz_list alarms = {
    .operation = NZ_AWS_CLOUDWATCH_DescribeAlarms,
    .type = "AWS::CloudWatch::Alarm",
    .path = "MetricAlarms",
    .id = "AlarmName",
    .name = "AlarmName",
    .arn = "AlarmArn",
};

static enum nz_err filter_look(struct nz_collect *c, const struct nz_item_view *view)
{
    struct nz_json pattern = nz_item_get(view, "configuration.filterPattern");
    struct nz_collect_region *r = nz_collect_region_of(c, view->item->region);
    if (r && nz_json_kind(pattern) == NZ_JSON_STRING &&
        nz_str_find(nz_json_string_raw(pattern), NZ_STR("Root")) != SIZE_MAX)
        r->root_filter = true;
    return NZ_OK;
}

static enum nz_err account(struct nz_collect *c)
{
    enum nz_err err = nz_collect_each(c, NZ_STR("AWS::Logs::MetricFilter"), filter_look);
    for (size_t i = 0; i < c->regions_count && err == NZ_OK; i++) {
        if (c->regions[i].root_filter)
            err = nz_collect_list(c, &alarms, c->regions[i].name, "{\"AlarmTypes\":[\"MetricAlarm\"]}");
    }
    return err;
}

const struct nz_collector nz_collector_cloudwatch = {.round = 3, .account = account};
