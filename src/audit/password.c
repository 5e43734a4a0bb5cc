#include "audit/password.h"

const struct nz_item_view *nz_password_policy(struct nz_audit *a, bool *is_default)
{
    return nz_audit_need_one(a, nz_audit_account(a), NZ_PASSWORD_POLICY_TYPE, NZ_REGION_GLOBAL, is_default);
}

void nz_password_fail_default(struct nz_audit *a)
{
    struct nz_finding *f = nz_audit_fail(
        a, nz_audit_account(a),
        N_("no password policy is set, so AWS's default holds: 8 characters, three of the four classes, no expiry"));
    nz_audit_evidence(a, f, NZ_STR("iam:GetAccountPasswordPolicy"), "PasswordPolicy", NZ_STR("absent"));
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* has and lacks were marked where they stand */
#pragma GCC diagnostic ignored "-Wformat-security"
void nz_password_judge_class(struct nz_audit *a, const char *path, const char *has, const char *lacks)
{
    bool is_default;
    const struct nz_item_view *policy = nz_password_policy(a, &is_default);
    if (is_default)
        nz_password_fail_default(a);
    if (!policy)
        return;
    const bool required = nz_audit_is_true(nz_item_get(policy, path));
    struct nz_finding *f =
        nz_audit_say(a, required ? NZ_STATUS_PASS : NZ_STATUS_FAIL, nz_audit_account(a), required ? has : lacks);
    nz_audit_show(a, f, policy, path);
}
#pragma GCC diagnostic pop

bool nz_password_expires(const struct nz_item_view *policy, uint64_t *days)
{
    /* ExpirePasswords is derived from MaxPasswordAge, which is absent or 0 when passwords do not expire */
    *days = nz_audit_number(nz_item_get(policy, "configuration.MaxPasswordAge"), 0);
    return *days != 0;
}
