/* Whether what a trail records arrives in its bucket. CloudTrail goes on "logging" while its bucket refuses every file.
 * Source: CloudTrail API Reference, GetTrailStatus. */
#include "audit/regional.h"
#include "audit/trails.h"

#define STATUS "supplementaryConfiguration.GetTrailStatus."
#define HOUR_US (INT64_C(3600) * 1000000)

static struct nz_finding *say_time(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view)
{
    nz_time delivered, started;
    const bool was_delivered = nz_audit_time(nz_item_get(view, STATUS "LatestDeliveryTime"), &delivered);
    const bool was_started = nz_audit_time(nz_item_get(view, STATUS "StartLoggingTime"), &started);
    if (was_delivered && a->now.us - delivered.us < 24 * HOUR_US)
        return nz_audit_pass(a, on, N_("files are delivered without an error"));
    /* an account where something happens delivers within minutes of the start, a quiet one within the hour */
    if (was_started && a->now.us - started.us < HOUR_US)
        return nz_audit_partial(a, on, N_("logging began less than an hour ago and nothing is delivered yet"));
    if (was_delivered)
        return nz_audit_fail(a, on, N_("the last file was delivered more than 24 hours ago"));
    return nz_audit_fail(a, on, N_("no file was ever delivered"));
}

static struct nz_finding *say_status(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view)
{
    const struct nz_str error = nz_audit_field(a, view, STATUS "LatestDeliveryError");
    if (nz_json_is_absent(nz_item_get(view, STATUS "IsLogging")))
        return nz_audit_unknown(a, on, N_("the trail's status does not say whether it is logging"));
    if (!nz_audit_is_true(nz_item_get(view, STATUS "IsLogging")))
        return nz_audit_fail(a, on, N_("the trail is not logging"));
    if (error.n)
        return nz_audit_fail(a, on, N_("files cannot be delivered to the bucket: %.*s"), NZ_STR_ARG(error));
    const struct nz_str digest_error = nz_audit_field(a, view, STATUS "LatestDigestDeliveryError");
    if (digest_error.n)
        return nz_audit_fail(a, on, N_("digest files cannot be delivered to the bucket: %.*s"),
                             NZ_STR_ARG(digest_error));
    return say_time(a, on, view);
}

static void judge(struct nz_audit *a, const struct nz_trail *t)
{
    static const char *const fields[] = {STATUS "IsLogging", STATUS "LatestDeliveryError",
                                         STATUS "LatestDigestDeliveryError", STATUS "LatestDeliveryTime",
                                         STATUS "StartLoggingTime"};
    const struct nz_item_view *view = nz_audit_open(a, 0, t->item);
    const struct nz_subject on = nz_audit_subject(a, t->item);
    struct nz_json answer;
    if (!view || !nz_audit_need_answer(a, on, view, "GetTrailStatus", &answer))
        return;
    struct nz_finding *f = say_status(a, on, view);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!nz_json_is_absent(nz_item_get(view, fields[i])))
            nz_audit_show(a, f, view, fields[i]);
    }
}

static void run(struct nz_audit *a)
{
    struct nz_trails trails;
    if (!nz_trails_need(a, &trails))
        return;
    for (size_t i = 0; i < trails.n; i++)
        judge(a, &trails.p[i]);
}

const struct nz_check nz_check_cloudtrail_delivery = {
    .about = {.id = "cloudtrail-delivery",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("Trails deliver to S3 without errors"),
              .remedy =
                  N_("Start the trail's logging if it is stopped. Else mend what the error names: the bucket, its "
                     "policy, or the policy of the KMS key, which must let cloudtrail.amazonaws.com write. What "
                     "cannot be delivered is lost after 30 days.")},
    .run = run,
};
