/* Whether somebody is told when root is used: of the ways that could do it, the best counts.
 * Source: CIS AWS Foundations 5.3; Security Hub CloudWatch.1; the ways as in audit/root_alarm.h. */
#include "audit/regional.h"
#include "audit/root_alarm.h"

/* The fields that tell most of each part of a way. */
static const struct {
    const char *type, *field;
} shown[] = {
    {"AWS::CloudTrail::Trail", "configuration.CloudWatchLogsLogGroupArn"},
    {"AWS::CloudTrail::Trail", "supplementaryConfiguration.GetTrailStatus.IsLogging"},
    {"AWS::CloudTrail::Trail", "supplementaryConfiguration.GetTrailStatus.LatestCloudWatchLogsDeliveryError"},
    {"AWS::Logs::MetricFilter", "configuration.filterPattern"},
    {"AWS::CloudWatch::Alarm", "configuration.ActionsEnabled"},
    {"AWS::CloudWatch::Alarm", "configuration.AlarmActions"},
    {"AWS::CloudWatch::Alarm", "configuration.Threshold"},
    {"AWS::Events::Rule", "configuration.State"},
    {"AWS::Events::Rule", "configuration.EventPattern"},
    {"AWS::Events::Rule", "supplementaryConfiguration.ListTargetsByRule.Targets"},
    {"AWS::SNS::Topic", "supplementaryConfiguration.ListSubscriptionsByTopic.Subscriptions"},
};

static void show(struct nz_audit *a, struct nz_finding *f, const struct nz_way *way)
{
    for (size_t i = 0; i < way->items_count; i++) {
        const struct nz_item_view *view = nz_audit_open(a, 0, way->items[i]);
        for (size_t k = 0; view && k < sizeof shown / sizeof shown[0]; k++) {
            if (nz_str_eq(view->item->type, nz_str_from_c(shown[k].type)) &&
                !nz_json_is_absent(nz_item_get(view, shown[k].field)))
                nz_audit_show(a, f, view, shown[k].field);
        }
    }
}

static void say_unread(struct nz_audit *a, const struct nz_way *way)
{
    const struct nz_subject account = nz_audit_account(a);
    if (way->unread) {
        nz_audit_say_unread(a, account, way->unread, "logs:DescribeMetricFilters");
        return;
    }
    if (way->unread_type) {
        nz_audit_need(a, account, way->unread_type, way->unread_region);
        return;
    }
    const struct nz_unread *why = NULL;
    if (way->unread_item)
        why = nz_snapshot_unread_of(a->snapshot, way->unread_item, nz_str_from_c(way->unread_operation));
    show(a, nz_audit_say_unread(a, account, why, way->unread_call), way);
}

/* Without any trail in sight, one may be where nobody could look. */
static bool trails_are_known(struct nz_audit *a, struct nz_trails trails)
{
    size_t at = 0;
    struct nz_str region;
    while (!trails.n && nz_audit_next_region(a, &at, &region)) {
        if (nz_audit_is_unread(a, NZ_TRAIL_TYPE, region))
            return nz_audit_need(a, nz_audit_account(a), NZ_TRAIL_TYPE, region);
    }
    return true;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* gaps were marked where they stand, and have no arguments */
#pragma GCC diagnostic ignored "-Wformat-security"
static void say_way(struct nz_audit *a, const struct nz_way *way, struct nz_trails trails)
{
    struct nz_finding *f;
    switch (way->grade) {
    case NZ_WAY_WHOLE:
        f = nz_audit_pass(a, nz_audit_account(a), N_("somebody is told when root is used"));
        show(a, f, way);
        break;
    case NZ_WAY_UNKNOWN:
        say_unread(a, way);
        break;
    case NZ_WAY_GAP:
        show(a, nz_audit_partial(a, nz_audit_account(a), way->gap), way);
        break;
    case NZ_WAY_NONE:
        if (!trails_are_known(a, trails))
            break;
        f = nz_audit_fail(a, nz_audit_account(a), N_("nobody is told when root is used"));
        nz_audit_evidence(a, f, NZ_STR("logs:DescribeMetricFilters"), "metricFilters", NZ_STR("none for root"));
        nz_audit_evidence(a, f, NZ_STR("events:ListRules"), "Rules", NZ_STR("none for root"));
        break;
    }
}
#pragma GCC diagnostic pop

static void run(struct nz_audit *a)
{
    const struct nz_trails trails = nz_trails_read(a);
    const struct nz_way by_filter = nz_root_alarm_by_filter(a, trails), by_rule = nz_root_alarm_by_rule(a, trails);
    if (a->snapshot->regions_count == 0)
        nz_audit_say_no_regions(a);
    else
        say_way(a, by_filter.grade > by_rule.grade ? &by_filter : &by_rule, trails);
}

const struct nz_check nz_check_alarm_root_use = {
    .about = {.id = "alarm-root-use",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Somebody is told when root is used"),
              .remedy =
                  N_("Add a rule of EventBridge in us-east-1 for calls and sign-ins with userIdentity.type Root and a "
                     "topic with a confirmed subscription as its target; or a metric filter on the trail's log "
                     "group with an alarm.")},
    .run = run,
};
