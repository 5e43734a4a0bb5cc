/* Whether what AWS Config records arrives in a bucket. Source: AWS Config API Reference, DeliveryChannelStatus. */
#include "audit/recorder.h"
#include "audit/regional.h"

#define BUCKET "configuration.s3BucketName"
#define STATUS "supplementaryConfiguration.DescribeDeliveryChannelStatus."

static const struct {
    const char *status, *error;
} deliveries[] = {
    {STATUS "configHistoryDeliveryInfo.lastStatus", STATUS "configHistoryDeliveryInfo.lastErrorCode"},
    {STATUS "configSnapshotDeliveryInfo.lastStatus", STATUS "configSnapshotDeliveryInfo.lastErrorCode"},
    {STATUS "configStreamDeliveryInfo.lastStatus", STATUS "configStreamDeliveryInfo.lastErrorCode"},
};
#define DELIVERIES (sizeof deliveries / sizeof deliveries[0])

static struct nz_finding *say_status(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view)
{
    bool any = false;
    if (!nz_audit_field(a, view, BUCKET).n)
        return nz_audit_fail(a, on, N_("the delivery channel has no bucket"));
    for (size_t i = 0; i < DELIVERIES; i++) {
        if (nz_recorder_status_is(a, view, deliveries[i].status, "FAILURE")) {
            const struct nz_str code = nz_audit_field(a, view, deliveries[i].error);
            return code.n ? nz_audit_fail(a, on, N_("the last delivery failed: %.*s"), NZ_STR_ARG(code))
                          : nz_audit_fail(a, on, N_("the last delivery failed"));
        }
        any |= nz_recorder_status_is(a, view, deliveries[i].status, "SUCCESS");
    }
    return any ? nz_audit_pass(a, on, N_("history is delivered"))
               : nz_audit_partial(a, on, N_("nothing was delivered yet"));
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    bool none;
    struct nz_json answer;
    const struct nz_item_view *view = nz_channel_need(a, on, &none);
    if (none)
        nz_audit_evidence(a, nz_audit_fail(a, on, N_("nothing is delivered: there is no delivery channel")),
                          NZ_STR("config:DescribeDeliveryChannels"), "DeliveryChannels", NZ_STR("[]"));
    if (!view || !nz_audit_need_answer(a, on, view, "DescribeDeliveryChannelStatus", &answer))
        return;
    struct nz_finding *f = say_status(a, on, view);
    nz_audit_show(a, f, view, BUCKET);
    for (size_t i = 0; i < DELIVERIES; i++) {
        if (!nz_json_is_absent(nz_item_get(view, deliveries[i].status)))
            nz_audit_show(a, f, view, deliveries[i].status);
        if (!nz_json_is_absent(nz_item_get(view, deliveries[i].error)))
            nz_audit_show(a, f, view, deliveries[i].error);
    }
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
}

const struct nz_check nz_check_config_delivery = {
    .about = {.id = "config-delivery",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("AWS Config delivers its history"),
              .remedy =
                  N_("Give the region a delivery channel with a bucket (config:PutDeliveryChannel); when a delivery "
                     "failed, let the bucket's policy and its key's policy admit config.amazonaws.com.")},
    .run = run,
};
