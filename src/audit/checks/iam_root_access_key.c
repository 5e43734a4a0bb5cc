/* Source: CIS AWS Foundations 7.0, 2.4: an inactive key counts too. */
#include "audit/root.h"

/* The report knows two inactive keys, where the summary knows a key. It may be older than the key. */
static bool inactive_only(const struct nz_item_view *row)
{
    nz_time made;
    bool some = false;
    for (int i = 0; i < 2; i++) {
        if (nz_credential_says(row, nz_credential_keys[i].active) != NZ_SAID_NO)
            return false;
        some = some || nz_credential_time(row, nz_credential_keys[i].last_rotated, &made);
    }
    return some;
}

static void run(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    const struct nz_item_view *summary = nz_root_summary(a);
    struct nz_finding *f;
    if (!summary)
        return;
    const struct nz_item_view *row = nz_credential_root(a, 1);
    const uint64_t keys = nz_root_number(summary, NZ_SUMMARY_KEYS);
    if (keys == NZ_SUMMARY_NOT_SAID)
        f = nz_audit_unknown(a, account, N_("the account summary does not say whether the root user has access keys"));
    else if (keys == 0)
        f = nz_audit_pass(a, account, N_("the root user has no access key"));
    else if (row && inactive_only(row))
        f = nz_audit_fail(a, account, N_("an inactive access key of the root user exists; it can be activated again"));
    else
        f = nz_audit_fail(a, account, N_("the root user has an access key"));
    nz_audit_show(a, f, summary, NZ_SUMMARY_KEYS);
    for (int i = 0; row && i < 2; i++) {
        nz_audit_show(a, f, row, nz_credential_keys[i].active);
        nz_audit_show(a, f, row, nz_credential_keys[i].last_rotated);
    }
}

const struct nz_check nz_check_iam_root_access_key = {
    .about = {.id = "iam-root-access-key",
              .part = NZ_PART_ROOT,
              .severity = NZ_SEVERITY_CRITICAL,
              .title = N_("The root user has no access key"),
              .remedy =
                  N_("Find out what uses the key (its last use stands in the credential report), give that a role, "
                     "then sign in as the root user and delete the key.")},
    .run = run,
};
