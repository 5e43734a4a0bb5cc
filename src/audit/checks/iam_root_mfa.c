/* Source: IAM API Reference, GetAccountSummary; CIS AWS Foundations 7.0, 2.5, which passes a root user without a
 * password. */
#include "audit/check.h"

#define MAP "configuration.SummaryMap."
#define NOT_SAID UINT64_MAX

static void run(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    struct nz_finding *f;
    if (nz_str_eq(a->snapshot->header.partition, NZ_STR("aws-us-gov"))) {
        nz_audit_not_applicable(a, account, N_("root users of AWS GovCloud (US) cannot sign in to the console"));
        return;
    }
    const struct nz_item_view *summary =
        nz_audit_need_one(a, account, "Nezuban::IAM::AccountSummary", NZ_REGION_GLOBAL, NULL);
    if (!summary)
        return;
    const uint64_t mfa = nz_audit_number(nz_item_get(summary, MAP "AccountMFAEnabled"), NOT_SAID);
    const uint64_t password = nz_audit_number(nz_item_get(summary, MAP "AccountPasswordPresent"), NOT_SAID);
    const uint64_t keys = nz_audit_number(nz_item_get(summary, MAP "AccountAccessKeysPresent"), NOT_SAID);
    if (mfa != NOT_SAID && mfa > 0)
        f = nz_audit_pass(a, account, N_("the root user has MFA"));
    else if (password == 0 && keys == 0)
        f = nz_audit_not_applicable(a, account, N_("the root user has neither a password nor access keys"));
    else if (mfa == NOT_SAID || password == NOT_SAID)
        f = nz_audit_unknown(a, account,
                             N_("the account summary does not say whether the root user has a password and MFA"));
    else if (password == 0)
        f = nz_audit_fail(a, account, N_("the root user has no MFA; it has no password but an access key"));
    else
        f = nz_audit_fail(a, account, N_("the root user has a password and no MFA"));
    nz_audit_show(a, f, summary, MAP "AccountMFAEnabled");
    nz_audit_show(a, f, summary, MAP "AccountPasswordPresent");
    nz_audit_show(a, f, summary, MAP "AccountAccessKeysPresent");
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
