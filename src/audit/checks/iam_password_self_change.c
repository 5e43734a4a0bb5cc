/* The password policy may let all users change their own passwords, which no policy of theirs shows; or policies let each
 * of those who have one. A condition on that counts as no: whose password has expired may not be able to meet it. */
#include "audit/access_view.h"
#include "audit/password.h"

#define ALLOW "configuration.AllowUsersToChangePassword"
#define PASSWORD "configuration.password_enabled"

static bool has_no_password(struct nz_audit *a, const struct nz_audit_user *user)
{
    const struct nz_item_view *row = user->row ? nz_audit_open(a, 1, user->row) : NULL;
    return row && nz_credential_says(row, PASSWORD) == NZ_SAID_NO;
}

static bool may_change(struct nz_audit *a, const struct nz_audit_access *access, struct nz_str arn)
{
    struct nz_access_answer answer;
    const struct nz_access_question question = {.action = NZ_STR("iam:ChangePassword"), .resource = arn};
    uint32_t at;
    return nz_account_find_arn(access->account, arn, &at) &&
           nz_audit_can(a, at, &question, &answer) == NZ_ACCESS_ALLOWED;
}

/* True when there are users with a password, all are known, and the policies of each let it; else *who is the first whose
 * policies do not, or empty. */
static bool policies_let_all(struct nz_audit *a, struct nz_str *who)
{
    const struct nz_audit_users *users = nz_audit_users(a);
    const struct nz_audit_access *access = users->complete ? nz_audit_access(a) : NULL;
    size_t with_password = 0;
    *who = (struct nz_str){0};
    for (size_t i = 0; access && i < users->count; i++) {
        const struct nz_audit_user *user = &users->list[i];
        if (has_no_password(a, user))
            continue;
        with_password++;
        if (user->details && may_change(a, access, user->arn))
            continue;
        if (user->details)
            *who = user->arn;
        return false;
    }
    return with_password > 0;
}

static void show(struct nz_audit *a, struct nz_finding *f, const struct nz_item_view *policy)
{
    if (policy) {
        nz_audit_show(a, f, policy, ALLOW);
        nz_audit_show(a, f, policy, "configuration.MaxPasswordAge");
    } else {
        nz_audit_evidence(a, f, NZ_STR("iam:GetAccountPasswordPolicy"), "PasswordPolicy", NZ_STR("absent"));
    }
}

static void judge(struct nz_audit *a, const struct nz_item_view *policy)
{
    const struct nz_subject account = nz_audit_account(a);
    uint64_t days = 0;
    const bool expires = policy && nz_password_expires(policy, &days);
    struct nz_str who;
    struct nz_finding *f;
    if (policy && nz_audit_is_true(nz_item_get(policy, ALLOW))) {
        show(a, nz_audit_pass(a, account, N_("users may change their own passwords")), policy);
        return;
    }
    if (policies_let_all(a, &who))
        f = nz_audit_pass(a, account, N_("the policies of each user with a password let it change its own"));
    else if (expires)
        f = nz_audit_fail(
            a, account, N_("passwords expire after %llu days and users may not change their own: they are locked out"),
            (unsigned long long)days);
    else
        f = nz_audit_partial(a, account, N_("users may not change their own passwords, which never expire"));
    show(a, f, policy);
    if (who.n)
        nz_audit_evidence(a, f, who, "iam:ChangePassword", NZ_STR("not allowed"));
}

static void run(struct nz_audit *a)
{
    bool is_default;
    const struct nz_item_view *policy = nz_password_policy(a, &is_default);
    if (policy || is_default)
        judge(a, policy);
}

const struct nz_check nz_check_iam_password_self_change = {
    .about = {.id = "iam-password-self-change",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Users may change their own password"),
              .remedy =
                  N_("Set AllowUsersToChangePassword in the account's password policy. The call replaces the whole "
                     "policy, so give all other options again.")},
    .run = run,
};
