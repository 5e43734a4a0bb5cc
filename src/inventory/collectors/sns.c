/* Who hears of it: the subscriptions of topics that an alarm on root or a rule's target names.
 * Source: SNS API Reference, ListSubscriptionsByTopic. */
#include "inventory/collect_run.h"

/* Endpoint is a person's address. */
static enum nz_err subscriptions_shape(struct nz_collect *c, struct nz_json root, struct nz_buf *out)
{
    const char *before = "";
    (void)c;
    nz_buf_append(out, NZ_STR("{\"Subscriptions\":["));
    for (struct nz_json_iter it = nz_json_iter(nz_json_get(root, NZ_STR("Subscriptions"))); nz_json_next(&it);) {
        nz_buf_append(out, nz_str_from_c(before));
        nz_collect_append(it.value, 0, "Endpoint", NULL, out);
        before = ",";
    }
    nz_buf_append(out, NZ_STR("]}"));
    return nz_buf_status(out);
}

static const struct nz_join subscriptions = {.operation = NZ_AWS_SNS_ListSubscriptionsByTopic,
                                             .shape = subscriptions_shape};

static enum nz_err topic_ask(struct nz_collect *c, struct nz_str arn)
{
    struct nz_str region = nz_arn_field(arn, 3);
    if (!nz_str_eq(nz_arn_field(arn, 2), NZ_STR("sns")) || !nz_collect_is_open(c, region))
        return NZ_OK;
    for (const struct nz_collect_name *n = c->topics; n; n = n->next) {
        if (nz_str_eq(n->name, arn))
            return NZ_OK;
    }
    const char *parameters = nz_collect_parameters(c, "TopicArn", arn);
    if (!parameters || !nz_collect_name_add(c, &c->topics, arn))
        return NZ_E_NOMEM;
    const struct nz_item item = {.type = NZ_STR("AWS::SNS::Topic"),
                                 .region = region,
                                 .arn = arn,
                                 .id = nz_arn_field(arn, 5),
                                 .name = nz_arn_field(arn, 5),
                                 .configuration = nz_str_from_c(parameters)};
    struct nz_found *f;
    enum nz_err err = nz_collect_find(c, &item, &f);
    if (err == NZ_OK)
        err = nz_collect_join(c, f, &subscriptions, f->item.region, parameters);
    return err == NZ_OK ? nz_collect_release(c, f) : err;
}

static enum nz_err arns_ask(struct nz_collect *c, struct nz_json list, const char *member)
{
    enum nz_err err = NZ_OK;
    for (struct nz_json_iter it = nz_json_iter(list); err == NZ_OK && nz_json_next(&it);) {
        struct nz_json arn = member ? nz_json_get(it.value, nz_str_from_c(member)) : it.value;
        if (nz_json_kind(arn) == NZ_JSON_STRING)
            err = topic_ask(c, nz_json_string_raw(arn));
    }
    return err;
}

/* --- alarms on the metrics of filters about root --- */

static enum nz_err filter_look(struct nz_collect *c, const struct nz_item_view *view)
{
    struct nz_json pattern = nz_item_get(view, "configuration.filterPattern");
    if (nz_json_kind(pattern) != NZ_JSON_STRING || nz_str_find(nz_json_string_raw(pattern), NZ_STR("Root")) == SIZE_MAX)
        return NZ_OK;
    struct nz_json list = nz_item_get(view, "configuration.metricTransformations");
    for (struct nz_json_iter it = nz_json_iter(list); nz_json_next(&it);) {
        struct nz_json metric = nz_json_get(it.value, NZ_STR("metricName"));
        if (nz_json_kind(metric) == NZ_JSON_STRING &&
            !nz_collect_name_add(c, &c->root_metrics, nz_json_string_raw(metric)))
            return NZ_E_NOMEM;
    }
    return NZ_OK;
}

static enum nz_err alarm_look(struct nz_collect *c, const struct nz_item_view *view)
{
    struct nz_json metric = nz_item_get(view, "configuration.MetricName");
    for (const struct nz_collect_name *n = c->root_metrics; n && nz_json_kind(metric) == NZ_JSON_STRING; n = n->next) {
        if (nz_str_eq(n->name, nz_json_string_raw(metric)))
            return arns_ask(c, nz_item_get(view, "configuration.AlarmActions"), NULL);
    }
    return NZ_OK;
}

static enum nz_err rule_look(struct nz_collect *c, const struct nz_item_view *view)
{
    return arns_ask(c, nz_item_get(view, "supplementaryConfiguration.ListTargetsByRule.Targets"), "Arn");
}

static enum nz_err account(struct nz_collect *c)
{
    enum nz_err err = nz_collect_each(c, NZ_STR("AWS::Logs::MetricFilter"), filter_look);
    if (err == NZ_OK)
        err = nz_collect_each(c, NZ_STR("AWS::CloudWatch::Alarm"), alarm_look);
    return err == NZ_OK ? nz_collect_each(c, NZ_STR("AWS::Events::Rule"), rule_look) : err;
}

const struct nz_collector nz_collector_sns = {.round = 4, .account = account};
