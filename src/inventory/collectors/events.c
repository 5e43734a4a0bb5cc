/* EventBridge: rules about root, and about AWS Config where its own notification is off.
 * Source: EventBridge API Reference, ListRules, ListTargetsByRule. */
#include "inventory/collect_run.h"

static const struct nz_join targets = {.operation = NZ_AWS_EVENTS_ListTargetsByRule, .left_out = "NextToken"};

static enum nz_err rule_found(struct nz_collect *c, struct nz_found *f, struct nz_json rule, bool *take)
{
    struct nz_json pattern = nz_json_get(rule, NZ_STR("EventPattern"));
    (void)take;
    if (nz_json_kind(pattern) != NZ_JSON_STRING)
        return NZ_OK;
    struct nz_str text = nz_json_string_raw(pattern);
    if (nz_str_find(text, NZ_STR("aws.config")) == SIZE_MAX && nz_str_find(text, NZ_STR("Root")) == SIZE_MAX)
        return NZ_OK;
    const char *parameters = nz_collect_parameters(c, "Rule", f->item.name);
    return parameters ? nz_collect_join(c, f, &targets, f->item.region, parameters) : NZ_E_NOMEM;
}

static const struct nz_list rules = {
    .operation = NZ_AWS_EVENTS_ListRules,
    .type = "AWS::Events::Rule",
    .path = "Rules",
    .id = "Name",
    .name = "Name",
    .arn = "Arn",
    .found = rule_found,
};

static enum nz_err recorder_look(struct nz_collect *c, const struct nz_item_view *view)
{
    struct nz_collect_region *r = nz_collect_region_of(c, view->item->region);
    if (r)
        r->recorder = true;
    return NZ_OK;
}

static enum nz_err channel_look(struct nz_collect *c, const struct nz_item_view *view)
{
    struct nz_collect_region *r = nz_collect_region_of(c, view->item->region);
    struct nz_json topic = nz_item_get(view, "configuration.snsTopicARN");
    if (r && nz_json_kind(topic) == NZ_JSON_STRING && nz_json_string_raw(topic).n)
        r->channel_topic = true;
    return NZ_OK;
}

static enum nz_err account(struct nz_collect *c)
{
    enum nz_err err = nz_collect_each(c, NZ_STR("AWS::Config::ConfigurationRecorder"), recorder_look);
    if (err == NZ_OK)
        err = nz_collect_each(c, NZ_STR("AWS::Config::DeliveryChannel"), channel_look);
    for (size_t i = 0; i < c->regions_count && err == NZ_OK; i++) {
        const struct nz_collect_region *r = &c->regions[i];
        bool wanted = nz_str_eq(r->name, nz_collect_sign_in_region(c)) || (r->recorder && !r->channel_topic);
        if (wanted && r->access == NZ_REGION_OPEN)
            err = nz_collect_list(c, &rules, r->name, NULL);
    }
    return err;
}

const struct nz_collector nz_collector_events = {.round = 2, .account = account};
