/* Source: IAM API Reference, GetAccountSummary; CIS AWS Foundations 7.0, 2.5, which passes a root user without a
 * password. */
#include "audit/root.h"

static struct nz_finding *judge(struct nz_audit *a, const struct nz_item_view *summary)
{
    const struct nz_subject account = nz_audit_account(a);
    const uint64_t mfa = nz_root_number(summary, NZ_SUMMARY_MFA);
    const uint64_t password = nz_root_number(summary, NZ_SUMMARY_PASSWORD);
    if (mfa != NZ_SUMMARY_NOT_SAID && mfa > 0)
        return nz_audit_pass(a, account, N_("the root user has MFA"));
    if (nz_root_has_no_credentials(summary))
        return nz_audit_not_applicable(a, account, N_("the root user has neither a password nor access keys"));
    if (mfa == NZ_SUMMARY_NOT_SAID || password == NZ_SUMMARY_NOT_SAID)
        return nz_audit_unknown(a, account,
                                N_("the account summary does not say whether the root user has a password and MFA"));
    if (password == 0)
        return nz_audit_fail(a, account, N_("the root user has no MFA; it has no password but an access key"));
    return nz_audit_fail(a, account, N_("the root user has a password and no MFA"));
}

static void run(struct nz_audit *a)
{
    const struct nz_item_view *summary = nz_root_has_no_console(a) ? NULL : nz_root_summary(a);
    if (!summary)
        return;
    struct nz_finding *f = judge(a, summary);
    nz_audit_show(a, f, summary, NZ_SUMMARY_MFA);
    nz_audit_show(a, f, summary, NZ_SUMMARY_PASSWORD);
    nz_audit_show(a, f, summary, NZ_SUMMARY_KEYS);
    /* a second witness, up to four hours old: where they disagree, the summary counts */
    const struct nz_item_view *row = nz_credential_root(a, 1);
    if (row) {
        nz_audit_show(a, f, row, "configuration.mfa_active");
        nz_audit_show(a, f, row, "configuration.password_enabled");
    }
}

const struct nz_check nz_check_iam_root_mfa = {
    .about = {.id = "iam-root-mfa",
              .part = NZ_PART_ROOT,
              .severity = NZ_SEVERITY_CRITICAL,
              .title = N_("The root user signs in with MFA"),
              .remedy =
                  N_("Sign in as the root user, open Security credentials and assign an MFA device, a hardware key "
                     "if you can. In a member account with centralized root access, delete the root user's "
                     "password instead.")},
    .run = run,
};
