/* An X.509 certificate signs requests as an access key does. */
#include "audit/root.h"

static void run(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    const struct nz_item_view *summary = nz_root_summary(a);
    struct nz_finding *f;
    if (!summary)
        return;
    const uint64_t certificates = nz_root_number(summary, NZ_SUMMARY_CERTIFICATES);
    if (certificates == NZ_SUMMARY_NOT_SAID)
        f = nz_audit_unknown(a, account,
                             N_("the account summary does not say whether the root user has signing certificates"));
    else if (certificates == 0)
        f = nz_audit_pass(a, account, N_("the root user has no signing certificate"));
    else
        f = nz_audit_fail(a, account, N_("the root user has a signing certificate"));
    nz_audit_show(a, f, summary, NZ_SUMMARY_CERTIFICATES);
    const struct nz_item_view *row = nz_credential_root(a, 1);
    if (row) {
        nz_audit_show(a, f, row, "configuration.cert_1_active");
        nz_audit_show(a, f, row, "configuration.cert_2_active");
    }
}

const struct nz_check nz_check_iam_root_signing_certificate = {
    .about = {.id = "iam-root-signing-certificate",
              .part = NZ_PART_ROOT,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("The root user has no signing certificate"),
              .remedy = N_("Sign in as the root user and delete the certificate under Security credentials.")},
    .run = run,
};
