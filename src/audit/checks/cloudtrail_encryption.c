/* Source: CIS AWS Foundations 4.5; Security Hub CloudTrail.2. */
#include "audit/regional.h"
#include "audit/trails.h"

#define KEY "configuration.KmsKeyId"

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
        struct nz_finding *f =
            nz_audit_field(a, view, KEY).n
                ? nz_audit_pass(a, on, N_("log files are encrypted with a KMS key"))
                : nz_audit_fail(a, on, N_("log files are encrypted with S3's own key, not with a KMS key"));
        nz_audit_show(a, f, view, KEY);
    }
}

const struct nz_check nz_check_cloudtrail_encryption = {
    .about = {.id = "cloudtrail-encryption",
              .part = NZ_PART_SERVICES,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Trails encrypt with a KMS key"),
              .remedy =
                  N_("Let cloudtrail.amazonaws.com use a KMS key (kms:GenerateDataKey* and kms:DescribeKey in the "
                     "key's policy), then name it in the trail (cloudtrail:UpdateTrail with KmsKeyId).")},
    .run = run,
};
