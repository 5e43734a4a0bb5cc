#include "audit/root_alarm.h"

#include "audit/event_pattern.h"
#include "audit/regional.h"

#define FILTER_TYPE "AWS::Logs::MetricFilter"
#define ALARM_TYPE "AWS::CloudWatch::Alarm"
#define TOPIC_TYPE "AWS::SNS::Topic"
#define RULE_TYPE "AWS::Events::Rule"

/* --- what root's use looks like --- */

#define OF_ROOT(region)                                                                                                \
    {"region", region, NZ_EVENT_VALUE}, {"detail.userIdentity.type", "Root", NZ_EVENT_VALUE},                          \
        {"detail.userIdentity.invokedBy", "", NZ_EVENT_ABSENT}, {"detail.errorCode", "", NZ_EVENT_ABSENT},             \
    {                                                                                                                  \
        "detail.errorMessage", "", NZ_EVENT_ABSENT                                                                     \
    }

static const struct nz_event_field sign_in_fields[] = {
    OF_ROOT("us-east-1"),
    {"source", "aws.signin", NZ_EVENT_VALUE},
    {"detail-type", "AWS Console Sign In via CloudTrail", NZ_EVENT_VALUE},
    {"detail.eventSource", "signin.amazonaws.com", NZ_EVENT_VALUE},
    {"detail.eventName", "ConsoleLogin", NZ_EVENT_VALUE},
    {"detail.eventType", "AwsConsoleSignIn", NZ_EVENT_VALUE},
};
static const struct nz_event_field call_fields[] = {
    OF_ROOT("us-east-1"),
    {"source", "aws.", NZ_EVENT_BEGINS},
    {"detail-type", "AWS API Call via CloudTrail", NZ_EVENT_VALUE},
    {"detail.eventType", "AwsApiCall", NZ_EVENT_VALUE},
};
static const struct nz_event sign_in = {sign_in_fields, sizeof sign_in_fields / sizeof sign_in_fields[0]};
static const struct nz_event call = {call_fields, sizeof call_fields / sizeof call_fields[0]};

/* Of a pattern that speaks of root: yes, when it lets both through; maybe, when it lets some through. */
static enum nz_match both(struct nz_str pattern, enum nz_match of_sign_in, enum nz_match of_call)
{
    if (nz_str_find(pattern, NZ_STR("Root")) == SIZE_MAX || (of_sign_in == NZ_MATCH_NO && of_call == NZ_MATCH_NO))
        return NZ_MATCH_NO;
    return of_sign_in == NZ_MATCH_YES && of_call == NZ_MATCH_YES ? NZ_MATCH_YES : NZ_MATCH_MAYBE;
}

/* --- a way, link by link --- */

static void gap(struct nz_way *way, const char *text)
{
    if (way->grade != NZ_WAY_GAP)
        way->gap = text;
    way->grade = NZ_WAY_GAP;
}

static void unread_answer(struct nz_way *way, const struct nz_item *item, const char *operation, const char *api_call)
{
    if (way->grade != NZ_WAY_WHOLE)
        return;
    way->grade = NZ_WAY_UNKNOWN;
    way->unread_item = item;
    way->unread_operation = operation;
    way->unread_call = api_call;
}

static void unread_list(struct nz_way *way, const char *type, struct nz_str region)
{
    if (way->grade != NZ_WAY_WHOLE)
        return;
    way->grade = NZ_WAY_UNKNOWN;
    way->unread_type = type;
    way->unread_region = region;
}

static void add(struct nz_way *way, const struct nz_item *item)
{
    if (way->items_count < NZ_WAY_ITEMS)
        way->items[way->items_count++] = item;
}

static void better(struct nz_way *best, const struct nz_way *way)
{
    if (way->grade > best->grade)
        *best = *way;
}

static bool is_unlisted(const struct nz_audit *a, const char *type, struct nz_str region)
{
    return nz_snapshot_listing(a->snapshot, nz_str_from_c(type), region, NULL) == NZ_UNREAD;
}

/* Whom a topic reaches: "SubscriptionArn: PendingConfirmation" is nobody. Anything but a topic is taken for good. */
static void link_target(struct nz_audit *a, struct nz_way *way, struct nz_str arn)
{
    if (nz_str_find(arn, NZ_STR(":sns:")) == SIZE_MAX)
        return;
    const struct nz_item *topic = nz_snapshot_find(a->snapshot, NZ_STR(TOPIC_TYPE), arn);
    const struct nz_item_view *view = topic ? nz_audit_open(a, 2, topic) : NULL;
    const struct nz_json answer =
        view ? nz_item_get(view, "supplementaryConfiguration.ListSubscriptionsByTopic") : (struct nz_json){0};
    if (topic)
        add(way, topic);
    if (topic && nz_str_eq(topic->status, NZ_STR("ResourceDeleted"))) {
        gap(way, N_("the topic does not exist"));
        return;
    }
    if (nz_json_is_absent(answer)) {
        unread_answer(way, topic, "ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic");
        return;
    }
    struct nz_json_iter it = nz_json_iter(nz_item_member(answer, NZ_STR("Subscriptions")));
    while (nz_json_next(&it)) {
        const struct nz_str subscription = nz_audit_text(a, nz_item_member(it.value, NZ_STR("SubscriptionArn")));
        if (nz_str_starts_with(subscription, NZ_STR("arn:")))
            return;
    }
    gap(way, N_("the topic has no confirmed subscription"));
}

/* The best of several targets; none is a gap. key: the member with the ARN, NULL when the list holds the ARNs themselves. */
static void link_targets(struct nz_audit *a, struct nz_way *way, struct nz_json list, const char *key,
                         const char *without)
{
    struct nz_way best = {0};
    bool any = false;
    for (struct nz_json_iter it = nz_json_iter(list); nz_json_next(&it);) {
        struct nz_way one = *way;
        const struct nz_json arn = key ? nz_item_member(it.value, nz_str_from_c(key)) : it.value;
        link_target(a, &one, nz_audit_text(a, arn));
        better(&best, &one);
        any = true;
    }
    if (any)
        *way = best;
    else
        gap(way, without);
}

/* --- by metric filter --- */

/* arn:aws:logs:REGION:ACCOUNT:log-group:NAME:* */
static struct nz_str log_group_name(struct nz_str arn)
{
    const size_t at = nz_str_find(arn, NZ_STR(":log-group:"));
    if (at == SIZE_MAX)
        return NZ_STR("");
    const struct nz_str name = nz_str_skip(arn, at + sizeof ":log-group:" - 1);
    return nz_str_ends_with(name, NZ_STR(":*")) ? nz_str_head(name, name.n - 2) : name;
}

static void link_trail(struct nz_audit *a, struct nz_way *way, const struct nz_trail *trail)
{
    const struct nz_item_view *view = nz_audit_open(a, 1, trail->item);
    add(way, trail->item);
    if (trail->cover == NZ_COVER_NONE)
        gap(way, N_("the trail is stopped, fails to deliver, or selects other events"));
    else if (!trail->is_multi_region)
        gap(way, N_("the trail is for one region alone"));
    else if (view &&
             nz_audit_field(a, view, "supplementaryConfiguration.GetTrailStatus.LatestCloudWatchLogsDeliveryError").n)
        gap(way, N_("the trail cannot write to its log group"));
    else if (trail->cover == NZ_COVER_UNKNOWN)
        unread_answer(way, trail->item, trail->has_status ? "GetEventSelectors" : "GetTrailStatus",
                      trail->has_status ? "cloudtrail:GetEventSelectors" : "cloudtrail:GetTrailStatus");
}

/* One event must be enough: >= 1, or > 0. */
static bool rings_at_one(struct nz_audit *a, const struct nz_item_view *alarm)
{
    const struct nz_str how = nz_audit_field(a, alarm, "configuration.ComparisonOperator");
    const struct nz_json v = nz_item_get(alarm, "configuration.Threshold");
    const struct nz_str source = nz_json_is_absent(v) ? NZ_STR("") : nz_json_source(v);
    const uint64_t threshold = nz_audit_number(v, nz_str_starts_with(source, NZ_STR("0."))    ? 0
                                                  : nz_str_starts_with(source, NZ_STR("1.0")) ? 1
                                                                                              : 2);
    return nz_str_eq(how, NZ_STR("GreaterThanOrEqualToThreshold"))
               ? threshold <= 1
               : nz_str_eq(how, NZ_STR("GreaterThanThreshold")) && threshold == 0;
}

static bool is_on_metric(struct nz_audit *a, const struct nz_item_view *alarm, struct nz_str name, struct nz_str space)
{
    return nz_str_eq(nz_audit_field(a, alarm, "configuration.MetricName"), name) &&
           nz_str_eq(nz_audit_field(a, alarm, "configuration.Namespace"), space);
}

static void link_alarm(struct nz_audit *a, struct nz_way *way, const struct nz_item_view *alarm)
{
    add(way, alarm->item);
    if (nz_json_kind(nz_item_get(alarm, "configuration.ActionsEnabled")) == NZ_JSON_FALSE)
        gap(way, N_("the alarm's actions are turned off"));
    if (!rings_at_one(a, alarm))
        gap(way, N_("the alarm waits for more than one event"));
    link_targets(a, way, nz_item_get(alarm, "configuration.AlarmActions"), NULL, N_("the alarm has no action"));
}

/* The best alarm on one of the filter's metrics. Opens slot 3. */
static void link_alarms(struct nz_audit *a, struct nz_way *way, const struct nz_item_view *filter)
{
    const struct nz_items alarms = nz_snapshot_items_in(a->snapshot, NZ_STR(ALARM_TYPE), filter->item->region);
    struct nz_way best = {0};
    for (struct nz_json_iter it = nz_json_iter(nz_item_get(filter, "configuration.metricTransformations"));
         nz_json_next(&it);) {
        const struct nz_str name = nz_audit_text(a, nz_item_member(it.value, NZ_STR("metricName")));
        const struct nz_str space = nz_audit_text(a, nz_item_member(it.value, NZ_STR("metricNamespace")));
        for (size_t i = 0; i < alarms.n; i++) {
            const struct nz_item_view *alarm = nz_audit_open(a, 3, &alarms.p[i]);
            struct nz_way one = *way;
            if (!alarm || !is_on_metric(a, alarm, name, space))
                continue;
            link_alarm(a, &one, alarm);
            better(&best, &one);
        }
    }
    if (best.grade != NZ_WAY_NONE)
        *way = best;
    else if (is_unlisted(a, ALARM_TYPE, filter->item->region))
        unread_list(way, ALARM_TYPE, filter->item->region);
    else
        gap(way, N_("no alarm looks at the filter's metric"));
}

static struct nz_way by_one_filter(struct nz_audit *a, const struct nz_trail *trail, const struct nz_item *item,
                                   struct nz_str group)
{
    struct nz_way way = {.grade = NZ_WAY_WHOLE};
    const struct nz_item_view *filter = nz_audit_open(a, 0, item);
    if (!filter || !nz_str_eq(nz_audit_field(a, filter, "configuration.logGroupName"), group))
        return (struct nz_way){0};
    const struct nz_str pattern = nz_audit_field(a, filter, "configuration.filterPattern");
    const enum nz_match match =
        both(pattern, nz_metric_filter_match(pattern, &sign_in), nz_metric_filter_match(pattern, &call));
    if (match == NZ_MATCH_NO)
        return (struct nz_way){0};
    add(&way, item);
    if (match == NZ_MATCH_MAYBE)
        gap(&way, N_("the metric filter lets only a part of root's use through"));
    link_trail(a, &way, trail);
    link_alarms(a, &way, filter);
    return way;
}

/* Unknown when the filters of this log group could not be read. A group that is gone has none; of another group in the
 * region it says nothing. */
static struct nz_way filters_unread(const struct nz_audit *a, struct nz_str region, struct nz_str group)
{
    const struct nz_snapshot *s = a->snapshot;
    struct nz_way way = {.grade = NZ_WAY_WHOLE};
    bool was_asked = nz_snapshot_listing(s, NZ_STR(FILTER_TYPE), region, NULL) == NZ_LISTED;
    for (size_t i = 0; i < s->unread_count; i++) {
        const struct nz_unread *u = &s->unread[i];
        if (!nz_str_eq(u->service, NZ_STR("logs")) || !nz_str_eq(u->operation, NZ_STR("DescribeMetricFilters")) ||
            !nz_str_eq(u->region, region))
            continue;
        was_asked = true;
        if (nz_str_eq(log_group_name(u->resource), group) && !nz_aws_code_is(u->error, NZ_STR("ResourceNotFound")))
            way.unread = u;
    }
    if (was_asked && !way.unread)
        return (struct nz_way){0};
    unread_list(&way, FILTER_TYPE, region);
    return way;
}

struct nz_way nz_root_alarm_by_filter(struct nz_audit *a, struct nz_trails trails)
{
    struct nz_way best = {0};
    for (size_t i = 0; i < trails.n; i++) {
        const struct nz_trail *trail = &trails.p[i];
        const struct nz_item_view *view = nz_audit_open(a, 1, trail->item);
        const struct nz_str group =
            view ? log_group_name(nz_audit_field(a, view, "configuration.CloudWatchLogsLogGroupArn")) : NZ_STR("");
        if (!group.n || trail->is_foreign)
            continue;
        const struct nz_str kept = nz_arena_str(a->keep, group); /* slot 1 is opened again below */
        const struct nz_items filters = nz_snapshot_items_in(a->snapshot, NZ_STR(FILTER_TYPE), trail->home);
        const struct nz_way unread = filters_unread(a, trail->home, kept);
        better(&best, &unread);
        for (size_t k = 0; k < filters.n; k++) {
            const struct nz_way way = by_one_filter(a, trail, &filters.p[k], kept);
            better(&best, &way);
        }
    }
    return best;
}

/* --- by a rule of EventBridge --- */

/* "To record events with one of the CloudTrail detail type values, you must enable a CloudTrail trail with logging." */
static void link_any_trail(struct nz_way *way, struct nz_trails trails, struct nz_str region)
{
    const struct nz_trail *best = NULL;
    for (size_t i = 0; i < trails.n; i++) {
        if (nz_trail_is_for(&trails.p[i], region) && (!best || trails.p[i].cover > best->cover))
            best = &trails.p[i];
    }
    if (!best || best->cover == NZ_COVER_NONE)
        gap(way, N_("no trail records the region, so EventBridge is told nothing"));
    else if (best->cover == NZ_COVER_UNKNOWN)
        unread_answer(way, best->item, best->has_status ? "GetEventSelectors" : "GetTrailStatus",
                      best->has_status ? "cloudtrail:GetEventSelectors" : "cloudtrail:GetTrailStatus");
}

static struct nz_way by_one_rule(struct nz_audit *a, struct nz_trails trails, const struct nz_item *item)
{
    struct nz_way way = {.grade = NZ_WAY_WHOLE};
    const struct nz_item_view *rule = nz_audit_open(a, 0, item);
    const struct nz_str pattern = rule ? nz_audit_field(a, rule, "configuration.EventPattern") : NZ_STR("");
    const enum nz_match match =
        both(pattern, nz_event_pattern_match(a, pattern, &sign_in), nz_event_pattern_match(a, pattern, &call));
    if (!pattern.n || match == NZ_MATCH_NO)
        return (struct nz_way){0};
    add(&way, item);
    if (!nz_str_starts_with(nz_audit_field(a, rule, "configuration.State"), NZ_STR("ENABLED")))
        gap(&way, N_("the rule is disabled"));
    if (match == NZ_MATCH_MAYBE)
        gap(&way, N_("the rule lets only a part of root's use through"));
    link_any_trail(&way, trails, item->region);
    const struct nz_json targets = nz_item_get(rule, "supplementaryConfiguration.ListTargetsByRule");
    if (nz_json_is_absent(targets))
        unread_answer(&way, item, "ListTargetsByRule", "events:ListTargetsByRule");
    else
        link_targets(a, &way, nz_item_member(targets, NZ_STR("Targets")), "Arn", N_("the rule has no target"));
    return way;
}

struct nz_way nz_root_alarm_by_rule(struct nz_audit *a, struct nz_trails trails)
{
    const struct nz_str region = nz_audit_sign_in_region(a);
    const struct nz_items rules = nz_snapshot_items_in(a->snapshot, NZ_STR(RULE_TYPE), region);
    struct nz_way best = {0};
    if (nz_snapshot_listing(a->snapshot, NZ_STR(RULE_TYPE), region, NULL) != NZ_LISTED) {
        best.grade = NZ_WAY_WHOLE;
        unread_list(&best, RULE_TYPE, region);
    }
    for (size_t i = 0; i < rules.n; i++) {
        const struct nz_way way = by_one_rule(a, trails, &rules.p[i]);
        better(&best, &way);
    }
    return best;
}
