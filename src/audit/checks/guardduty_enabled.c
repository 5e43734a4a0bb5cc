/* A detector that is suspended exists and sees nothing. Source: Security Hub GuardDuty.1; GuardDuty API Reference,
 * GetDetector and GetAdministratorAccount. */
#include "audit/regional.h"

#define DETECTOR_TYPE "AWS::GuardDuty::Detector"
#define DETECTOR "supplementaryConfiguration.GetDetector."
#define ADMINISTRATOR "supplementaryConfiguration.GetAdministratorAccount.Administrator.AccountId"

static void say_suspended(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view)
{
    struct nz_finding *f = nz_audit_fail(a, on, N_("the detector is suspended"));
    const struct nz_str administrator = nz_audit_field(a, view, ADMINISTRATOR);
    nz_audit_show(a, f, view, DETECTOR "Status");
    if (administrator.n) {
        nz_audit_show(a, f, view, ADMINISTRATOR);
        nz_audit_advise(a, f, N_("Enable the detector from GuardDuty's administrator account, %.*s."),
                        NZ_STR_ARG(administrator));
    }
}

static void judge_detector(struct nz_audit *a, const struct nz_item *item)
{
    const struct nz_item_view *view = nz_audit_open(a, 0, item);
    const struct nz_subject on = nz_audit_subject(a, item);
    struct nz_json answer;
    if (!view || !nz_audit_need_answer(a, on, view, "GetDetector", &answer))
        return;
    if (!nz_str_eq_nocase(nz_audit_field(a, view, DETECTOR "Status"), NZ_STR("ENABLED"))) {
        say_suspended(a, on, view);
        return;
    }
    struct nz_finding *f = nz_audit_pass(a, on, N_("the detector is enabled"));
    nz_audit_show(a, f, view, DETECTOR "Status");
    nz_audit_show(a, f, view, DETECTOR "FindingPublishingFrequency");
    nz_audit_show(a, f, view, DETECTOR "Features");
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    const struct nz_subject on = nz_audit_region(a, region);
    const struct nz_items detectors = nz_snapshot_items_in(a->snapshot, NZ_STR(DETECTOR_TYPE), region);
    for (size_t i = 0; i < detectors.n; i++)
        judge_detector(a, &detectors.p[i]);
    if (!detectors.n && nz_audit_need(a, on, DETECTOR_TYPE, region))
        nz_audit_evidence(a, nz_audit_fail(a, on, N_("there is no detector")), NZ_STR("guardduty:ListDetectors"),
                          "DetectorIds", NZ_STR("[]"));
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
}

const struct nz_check nz_check_guardduty_enabled = {
    .about = {.id = "guardduty-enabled",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("GuardDuty watches every region"),
              .remedy = N_("Create a detector in the region (guardduty:CreateDetector), or enable the one that is "
                           "suspended (guardduty:UpdateDetector with Enable). In an organization the delegated "
                           "administrator does it for all accounts.")},
    .run = run,
};
