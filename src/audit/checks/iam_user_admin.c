/* Administrators and ordinary users are apart. Who is an administrator is configured (audit.admin_groups); what a user may do is
 * decided from the documents: an administrator may do everything to everything, which an action that no list can name and
 * attaching policies to anybody stand for, or may give that to himself. Conditions make no difference here: who is an
 * administrator with MFA is one.
 * Source: CIS AWS Foundations 7.0, 2.14; the user's own policies are methods 1 and 3 of those known by which rights are
 * widened ("iam:PutUserPolicy", "iam:AttachUserPolicy"). */
#include "audit/access_view.h"

/* No policy names it, so only a pattern for all actions allows it. */
#define ANY_ACTION "nezuban:EverythingElse"

/* Why a user is an administrator by rights. */
enum power { POWER_NONE, POWER_ALL, POWER_OWN_POLICIES, POWER_UNKNOWN };

static bool grants(enum nz_access_verdict verdict)
{
    return verdict == NZ_ACCESS_ALLOWED || verdict == NZ_ACCESS_ALLOWED_IF;
}

/* Conditions that say from where and how, and not what may be attached: keys of iam: do. */
static bool is_free_of_iam_keys(const struct nz_access_answer *answer)
{
    for (size_t i = 0; answer->verdict == NZ_ACCESS_ALLOWED_IF && i < answer->decision.free_keys_count; i++) {
        if (nz_str_starts_with(answer->decision.free_keys[i], NZ_STR("iam:")))
            return false;
    }
    return true;
}

static enum power power_of(struct nz_audit *a, uint32_t principal, struct nz_str own_arn)
{
    struct nz_access_answer answer;
    const enum nz_access_verdict all = nz_audit_can(a, principal, ANY_ACTION, NZ_STR("*"), &answer);
    const enum nz_access_verdict iam = nz_audit_can(a, principal, "iam:AttachUserPolicy", NZ_STR("*"), &answer);
    if (grants(all) && grants(iam))
        return POWER_ALL;
    bool unknown = all == NZ_ACCESS_UNKNOWN || iam == NZ_ACCESS_UNKNOWN;
    static const char *const own[] = {"iam:PutUserPolicy", "iam:AttachUserPolicy"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        const enum nz_access_verdict verdict = nz_audit_can(a, principal, own[i], own_arn, &answer);
        if (grants(verdict) && is_free_of_iam_keys(&answer))
            return POWER_OWN_POLICIES;
        unknown = unknown || verdict == NZ_ACCESS_UNKNOWN;
    }
    return unknown ? POWER_UNKNOWN : POWER_NONE;
}

static void show_policies(struct nz_audit *a, struct nz_finding *f, const struct nz_access_principal *principal)
{
    struct nz_access_grants it = {0};
    while (nz_access_grants_next(principal, &it)) {
        const struct nz_str name = it.grant->arn.n ? it.grant->arn : it.grant->name;
        nz_audit_evidence(a, f, it.group ? it.group->arn : principal->arn, "policy", name);
    }
}

static void judge_ordinary(struct nz_audit *a, struct nz_subject on, const struct nz_access_principal *principal,
                           enum power power)
{
    struct nz_finding *f = NULL;
    switch (power) {
    case POWER_NONE:
        f = nz_audit_pass(a, on, N_("the user has no administrator's rights"));
        break;
    case POWER_ALL:
        f = nz_audit_fail(a, on, N_("an ordinary user may do everything to everything"));
        break;
    case POWER_OWN_POLICIES:
        f = nz_audit_fail(a, on, N_("an ordinary user may give itself any policy"));
        break;
    case POWER_UNKNOWN:
        f = nz_audit_unknown(a, on, N_("a policy that could decide cannot be read"));
        break;
    }
    show_policies(a, f, principal);
}

static void judge(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_item_view *view)
{
    const struct nz_subject on = nz_user_subject(user);
    const struct nz_audit_access *access = nz_audit_access(a);
    uint32_t at;
    (void)view;
    if (!access || !nz_account_find_arn(access->account, user->arn, &at)) {
        nz_audit_say_no_access(a, on);
        return;
    }
    const struct nz_access_principal *principal = &access->account->principals[at];
    const struct nz_str group = nz_audit_admin_group(a, principal);
    struct nz_finding *f;
    if (!group.n) {
        judge_ordinary(a, on, principal, power_of(a, at, user->arn));
        return;
    }
    if (nz_audit_all_are_admins(a))
        f = nz_audit_partial(a, on, N_("every user of the account is an administrator, this one by the group %.*s"),
                             NZ_STR_ARG(group));
    else
        f = nz_audit_pass(a, on, N_("the user is an administrator by the group %.*s"), NZ_STR_ARG(group));
    nz_audit_evidence(a, f, user->arn, "configuration.GroupList", group);
}

static void run(struct nz_audit *a)
{
    nz_audit_each_user(a, NZ_USER_DETAILS, judge);
}

const struct nz_check nz_check_iam_user_admin = {
    .about = {.id = "iam-user-admin",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_HIGH,
              .title = N_("Administrators and ordinary users are apart"),
              .remedy = N_("Take the administrator's policy off the user, or make the user a member of a group of "
                           "administrators. Give ordinary users what they need, and a permissions boundary.")},
    .run = run,
};
