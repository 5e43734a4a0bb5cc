/* A choice of policy: audit.password_age_days 0 is the profile of NIST SP 800-63B, where passwords must not expire. */
#include "audit/password.h"

static void judge(struct nz_audit *a, const struct nz_item_view *policy)
{
    const struct nz_subject account = nz_audit_account(a);
    const unsigned long long most = a->settings->password_age_days;
    uint64_t days = 0;
    const bool expires = policy && nz_password_expires(policy, &days);
    struct nz_finding *f;
    if (!expires)
        f = most ? nz_audit_fail(a, account, N_("passwords never expire; they should after %llu days"), most)
                 : nz_audit_pass(a, account, N_("passwords never expire"));
    else if (!most)
        f = nz_audit_fail(a, account, N_("passwords expire after %llu days; they should not expire"),
                          (unsigned long long)days);
    else if (days > most)
        f = nz_audit_fail(a, account, N_("passwords expire after %llu days; %llu at most are wanted"),
                          (unsigned long long)days, most);
    else
        f = nz_audit_pass(a, account, N_("passwords expire after %llu days"), (unsigned long long)days);
    if (policy)
        nz_audit_show(a, f, policy, "configuration.MaxPasswordAge");
    else
        nz_audit_evidence(a, f, NZ_STR("iam:GetAccountPasswordPolicy"), "PasswordPolicy", NZ_STR("absent"));
}

static void run(struct nz_audit *a)
{
    bool is_default;
    const struct nz_item_view *policy = nz_password_policy(a, &is_default);
    if (policy || is_default)
        judge(a, policy);
}

const struct nz_check nz_check_iam_password_expiry = {
    .about = {.id = "iam-password-expiry",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Passwords expire"),
              .remedy =
                  N_("Set MaxPasswordAge in the account's password policy. Passwords that are older expire at once, "
                     "so tell the users first. If your rule is that passwords do not expire, set "
                     "audit.password_age_days to 0 in nezuban's configuration.")},
    .run = run,
};
