/* Whether a recorder of the account's own runs in each region. All are called "default", so region and name tell them apart.
 * Source: CIS AWS Foundations 4.3; Security Hub Config.1; AWS Config API Reference, ConfigurationRecorderStatus. */
#include "audit/recorder.h"
#include "audit/regional.h"

#define STATUS "supplementaryConfiguration.DescribeConfigurationRecorderStatus."

static struct nz_finding *say_status(struct nz_audit *a, struct nz_subject on, const struct nz_item_view *view)
{
    if (!nz_audit_is_true(nz_item_get(view, STATUS "recording")))
        return nz_audit_fail(a, on, N_("the recorder is stopped"));
    if (nz_recorder_status_is(a, view, STATUS "lastStatus", "FAILURE")) {
        const struct nz_str code = nz_audit_field(a, view, STATUS "lastErrorCode");
        return code.n ? nz_audit_fail(a, on, N_("the recorder runs and fails: %.*s"), NZ_STR_ARG(code))
                      : nz_audit_fail(a, on, N_("the recorder runs and fails"));
    }
    if (nz_recorder_status_is(a, view, STATUS "lastStatus", "PENDING"))
        return nz_audit_partial(a, on, N_("the recorder runs and has recorded nothing yet"));
    return nz_audit_pass(a, on, N_("the recorder runs"));
}

static void judge(struct nz_audit *a, struct nz_str region)
{
    static const char *const fields[] = {STATUS "recording", STATUS "lastStatus", STATUS "lastErrorCode",
                                         STATUS "lastErrorMessage"};
    const struct nz_subject here = nz_audit_region(a, region);
    bool none;
    struct nz_json answer;
    const struct nz_item_view *view = nz_recorder_need(a, here, &none);
    if (none)
        nz_audit_evidence(a, nz_audit_fail(a, here, N_("there is no recorder")),
                          NZ_STR("config:DescribeConfigurationRecorders"), "ConfigurationRecorders", NZ_STR("[]"));
    if (!view)
        return;
    const struct nz_subject on = nz_audit_subject(a, view->item);
    if (!nz_audit_need_answer(a, on, view, "DescribeConfigurationRecorderStatus", &answer))
        return;
    struct nz_finding *f = say_status(a, on, view);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!nz_json_is_absent(nz_item_get(view, fields[i])))
            nz_audit_show(a, f, view, fields[i]);
    }
}

static void run(struct nz_audit *a)
{
    nz_audit_each_region(a, judge);
}

const struct nz_check nz_check_config_recorder = {
    .about = {.id = "config-recorder",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("AWS Config records in every region"),
              .remedy =
                  N_("Make the service-linked role of config.amazonaws.com, a recorder and a delivery channel, then "
                     "start the recorder (config:StartConfigurationRecorder). A recorder that fails mostly lacks "
                     "rights: give it that role.")},
    .run = run,
};
