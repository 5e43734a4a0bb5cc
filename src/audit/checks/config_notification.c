/* Whether changes that AWS Config sees are told to somebody: by the channel's topic, or by a rule of EventBridge.
 * Source: AWS Config Developer Guide, "Notifications that AWS Config sends to an Amazon SNS topic" and "Monitoring AWS
 * Config with Amazon EventBridge". */
#include "audit/event_pattern.h"
#include "audit/recorder.h"
#include "audit/regional.h"

#define RULE_TYPE "AWS::Events::Rule"
#define TOPIC "configuration.snsTopicARN"
#define CHANNEL_STATUS "supplementaryConfiguration.DescribeDeliveryChannelStatus"
#define STREAM CHANNEL_STATUS ".configStreamDeliveryInfo.lastStatus"
#define TARGETS "supplementaryConfiguration.ListTargetsByRule"

enum way { WAY_NONE, WAY_BROKEN, WAY_UNTRIED, WAY_UNREAD, WAY_WORKS };

static const struct nz_item *channel_of(const struct nz_audit *a, struct nz_str region)
{
    const struct nz_items channels = nz_snapshot_items_in(a->snapshot, NZ_STR(NZ_CHANNEL_TYPE), region);
    return channels.n ? &channels.p[0] : NULL;
}

static enum way by_channel(struct nz_audit *a, const struct nz_item *channel)
{
    const struct nz_item_view *view = channel ? nz_audit_open(a, 0, channel) : NULL;
    if (!view || !nz_audit_field(a, view, TOPIC).n)
        return WAY_NONE;
    if (nz_json_is_absent(nz_item_get(view, CHANNEL_STATUS)))
        return WAY_UNREAD;
    if (nz_recorder_status_is(a, view, STREAM, "SUCCESS"))
        return WAY_WORKS;
    return nz_recorder_status_is(a, view, STREAM, "FAILURE") ? WAY_BROKEN : WAY_UNTRIED;
}

/* An event that AWS Config sends, as far as rules may ask; what it is about is left open. */
static const struct nz_event_field config_event[] = {
    {"source", "aws.config", NZ_EVENT_VALUE},
    {"detail-type", "Config ", NZ_EVENT_BEGINS},
};

static enum way by_rule(struct nz_audit *a, const struct nz_item *rule)
{
    const struct nz_item_view *view = nz_audit_open(a, 1, rule);
    if (!view || !nz_str_starts_with(nz_audit_field(a, view, "configuration.State"), NZ_STR("ENABLED")))
        return WAY_NONE;
    const struct nz_event about = {config_event, sizeof config_event / sizeof config_event[0]};
    const struct nz_str pattern = nz_audit_field(a, view, "configuration.EventPattern");
    if (nz_str_find(pattern, NZ_STR("aws.config")) == SIZE_MAX ||
        nz_event_pattern_match(a, pattern, &about) == NZ_MATCH_NO)
        return WAY_NONE;
    const struct nz_json targets = nz_item_get(view, TARGETS);
    if (nz_json_is_absent(targets))
        return WAY_UNREAD;
    struct nz_json_iter it = nz_json_iter(nz_item_member(targets, NZ_STR("Targets")));
    return nz_json_next(&it) ? WAY_WORKS : WAY_BROKEN;
}

static enum way by_rules(struct nz_audit *a, struct nz_str region, const struct nz_item **best)
{
    const struct nz_items rules = nz_snapshot_items_in(a->snapshot, NZ_STR(RULE_TYPE), region);
    enum way way = WAY_NONE;
    for (size_t i = 0; i < rules.n; i++) {
        const enum way this = by_rule(a, &rules.p[i]);
        if (this > way) {
            way = this;
            *best = &rules.p[i];
        }
    }
    return way;
}

static void show(struct nz_audit *a, struct nz_finding *f, const struct nz_item *channel, const struct nz_item *rule)
{
    const struct nz_item_view *view = channel ? nz_audit_open(a, 0, channel) : NULL;
    if (view) {
        nz_audit_show(a, f, view, TOPIC);
        nz_audit_show(a, f, view, STREAM);
    }
    view = rule ? nz_audit_open(a, 1, rule) : NULL;
    if (view) {
        nz_audit_show(a, f, view, "configuration.EventPattern");
        nz_audit_show(a, f, view, TARGETS ".Targets");
    }
    if (!channel && !rule)
        nz_audit_evidence(a, f, NZ_STR("config:DescribeDeliveryChannels"), "DeliveryChannels", NZ_STR("[]"));
}

/* True when all of one way is known to be absent; else the subject is unknown. Rules are not asked for where the channel
 * has a topic, nor anything where there is no recorder. */
static bool all_known(struct nz_audit *a, struct nz_subject on, enum way channel, enum way rules,
                      const struct nz_item *channel_item, const struct nz_item *rule)
{
    if (channel == WAY_UNREAD) {
        nz_audit_say_unread(a, on,
                            nz_snapshot_unread_of(a->snapshot, channel_item, NZ_STR("DescribeDeliveryChannelStatus")),
                            "config:DescribeDeliveryChannelStatus");
        return false;
    }
    if (rules == WAY_UNREAD) {
        nz_audit_say_unread(a, on, nz_snapshot_unread_of(a->snapshot, rule, NZ_STR("ListTargetsByRule")),
                            "events:ListTargetsByRule");
        return false;
    }
    bool none;
    if (!channel_item && (nz_channel_need(a, on, &none) || !none))
        return false;
    const enum nz_listing listing = nz_snapshot_listing(a->snapshot, NZ_STR(RULE_TYPE), on.region, NULL);
    return listing == NZ_NOT_ASKED || nz_audit_need(a, on, RULE_TYPE, on.region);
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    const struct nz_item *channel = channel_of(a, region), *rule = NULL;
    const enum way by_topic = by_channel(a, channel), by_event = by_rules(a, region, &rule);
    struct nz_finding *f;
    if (by_topic == WAY_WORKS)
        f = nz_audit_pass(a, on, N_("the delivery channel tells a topic"));
    else if (by_event == WAY_WORKS)
        f = nz_audit_pass(a, on, N_("a rule of EventBridge tells changes"));
    else if (!all_known(a, on, by_topic, by_event, channel, rule))
        return;
    else if (by_topic == WAY_UNTRIED)
        f = nz_audit_partial(a, on, N_("the delivery channel names a topic and has told it nothing yet"));
    else if (by_topic == WAY_BROKEN)
        f = nz_audit_fail(a, on, N_("the delivery channel names a topic and cannot reach it"));
    else if (by_event == WAY_BROKEN)
        f = nz_audit_fail(a, on, N_("a rule of EventBridge matches changes and has no target"));
    else
        f = nz_audit_fail(a, on, N_("nobody is told of changes"));
    show(a, f, channel, rule);
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
}

const struct nz_check nz_check_config_notification = {
    .about = {.id = "config-notification",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_INFORMATIONAL,
              .title = N_("Changes that AWS Config sees are told"),
              .remedy =
                  N_("Name a topic in the delivery channel (config:PutDeliveryChannel with snsTopicARN), or add a "
                     "rule of EventBridge for the source aws.config with a target.")},
    .run = run,
};
