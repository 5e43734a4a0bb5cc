/* Metric filters on the log groups that trails write to: an alarm on root's use begins there.
 * Source: CloudWatch Logs API Reference, DescribeMetricFilters. */
#include "inventory/collect_run.h"

static enum nz_err filter_found(struct nz_collect *c, struct nz_found *f, struct nz_json filter, bool *take)
{
    struct nz_json group = nz_json_get(filter, NZ_STR("logGroupName"));
    struct nz_buf id;
    (void)take;
    nz_buf_init(&id, 0);
    if (nz_json_kind(group) == NZ_JSON_STRING)
        nz_buf_append(&id, nz_json_string_raw(group));
    nz_buf_append_char(&id, ':');
    nz_buf_append(&id, f->item.name);
    f->item.id = id.failed ? (struct nz_str){0} : nz_arena_str(&c->arena, nz_buf_view(&id));
    nz_buf_release(&id);
    return f->item.id.p ? NZ_OK : NZ_E_NOMEM;
}

static const struct nz_list filters = {
    .operation = NZ_AWS_LOGS_DescribeMetricFilters,
    .type = "AWS::Logs::MetricFilter",
    .path = "metricFilters",
    .id = "filterName",
    .name = "filterName",
    .found = filter_found,
    .no_reuse = true,
};

/* "arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*" */
static struct nz_str group_of(struct nz_str arn)
{
    struct nz_str rest = nz_arn_field(arn, 5), head = NZ_STR("log-group:");
    if (!nz_str_starts_with(rest, head))
        return (struct nz_str){"", 0};
    rest = nz_str_skip(rest, head.n);
    if (nz_str_ends_with(rest, NZ_STR(":*")))
        rest.n -= 2;
    return rest;
}

static enum nz_err trail_look(struct nz_collect *c, const struct nz_item_view *view)
{
    struct nz_json arn = nz_item_get(view, "configuration.CloudWatchLogsLogGroupArn");
    if (nz_json_kind(arn) != NZ_JSON_STRING)
        return NZ_OK;
    struct nz_str text = nz_json_string_raw(arn), region = nz_arn_field(text, 3), group = group_of(text);
    if (!group.n || !nz_str_eq(nz_arn_field(text, 4), c->header.account) || !nz_collect_is_open(c, region))
        return NZ_OK;
    for (const struct nz_collect_name *n = c->log_groups; n; n = n->next) {
        if (nz_str_eq(n->name, text))
            return NZ_OK;
    }
    const char *parameters = nz_collect_parameters(c, "logGroupName", group);
    if (!parameters || !nz_collect_name_add(c, &c->log_groups, text))
        return NZ_E_NOMEM;
    return nz_collect_list_of(c, &filters, region, parameters, text);
}

static enum nz_err account(struct nz_collect *c)
{
    return nz_collect_each(c, NZ_STR("AWS::CloudTrail::Trail"), trail_look);
}

const struct nz_collector nz_collector_logs = {.round = 2, .account = account};
