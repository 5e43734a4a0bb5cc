/* Source: CIS AWS Foundations 4.2; Security Hub CloudTrail.4. */
#include "audit/trails.h"

#define VALIDATION "configuration.LogFileValidationEnabled"

static void run(struct nz_audit *a)
{
    struct nz_trails trails;
    if (!nz_trails_need(a, &trails))
        return;
    for (size_t i = 0; i < trails.n; i++) {
        const struct nz_item_view *view = nz_audit_open(a, 0, trails.p[i].item);
        const struct nz_subject on = nz_audit_subject(a, trails.p[i].item);
        if (!view)
            return;
        struct nz_finding *f = nz_audit_is_true(nz_item_get(view, VALIDATION))
                                   ? nz_audit_pass(a, on, N_("digest files are written"))
                                   : nz_audit_fail(a, on,
                                                   N_("no digest files are written: nobody can tell whether log "
                                                      "files were changed or removed"));
        nz_audit_show(a, f, view, VALIDATION);
    }
}

const struct nz_check nz_check_cloudtrail_validation = {
    .about = {.id = "cloudtrail-validation",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("Trails write digest files"),
              .remedy = N_("Enable log file validation (cloudtrail:UpdateTrail with EnableLogFileValidation), in the "
                           "trail's home region.")},
    .run = run,
};
