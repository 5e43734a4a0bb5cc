/* Administrators and ordinary users are apart. Who is an administrator is configured (audit.admin_groups); what a user may do is
 * decided from the documents: an administrator may do everything to everything, which an action that no list can name and
 * attaching policies to anybody stand for, or may give that to himself, through a policy that is his own, his group's, or
 * one that he has. Conditions make no difference here: who is an administrator with MFA is one.
 * Source: CIS AWS Foundations 7.0, 2.14; of the known methods by which rights are widened those that take one call. */
#include "audit/access_view.h"

/* No policy names it, so only a pattern for all actions allows it. */
#define ANY_ACTION "nezuban:EverythingElse"

/* Why a user is an administrator by rights. */
enum power { POWER_NONE, POWER_ALL, POWER_OWN_POLICIES, POWER_UNKNOWN };

struct powers {
    enum power power;
    const char *action; /* of POWER_OWN_POLICIES: what does it, to what */
    struct nz_str resource;
};

static bool grants(enum nz_access_verdict verdict)
{
    return verdict == NZ_ACCESS_ALLOWED || verdict == NZ_ACCESS_ALLOWED_IF;
}

/* A boundary holds whatever is given; other conditions say from where, how and about whom. */
static bool is_bounded(const struct nz_access_answer *answer)
{
    for (size_t i = 0; answer->verdict == NZ_ACCESS_ALLOWED_IF && i < answer->decision.free_keys_count; i++) {
        if (nz_str_eq_nocase(answer->decision.free_keys[i], NZ_STR("iam:PermissionsBoundary")))
            return true;
    }
    return false;
}

static enum nz_access_verdict can(struct nz_audit *a, uint32_t principal, const char *action)
{
    struct nz_access_answer answer;
    const struct nz_access_question question = {.action = nz_str_from_c(action), .resource = NZ_STR("*")};
    return nz_audit_can(a, principal, &question, &answer);
}

/* May it make itself an administrator by this call? iam:PolicyARN, by which policies say what may be attached, is known: the
 * administrator's policy, and absent where a document is written. */
static enum nz_access_verdict can_widen(struct nz_audit *a, uint32_t principal, const char *action,
                                        struct nz_str resource)
{
    struct nz_buf arn;
    struct nz_access_answer answer;
    nz_buf_init(&arn, 0);
    nz_buf_printf(&arn, "arn:%.*s:iam::aws:policy/AdministratorAccess", NZ_STR_ARG(a->snapshot->header.partition));
    const struct nz_str value = nz_buf_view(&arn), name = nz_str_from_c(action);
    const struct nz_policy_key policy = {
        .name = NZ_STR("iam:PolicyARN"), .values = &value, .count = nz_str_starts_with(name, NZ_STR("iam:Attach"))};
    const struct nz_access_question question = {
        .action = name, .resource = resource, .context = &policy, .context_count = 1};
    const enum nz_access_verdict verdict = nz_audit_can(a, principal, &question, &answer);
    nz_buf_release(&arn);
    return grants(verdict) && is_bounded(&answer) ? NZ_ACCESS_DENIED : verdict;
}

/* Tries a call that would make it one, unless an earlier one did. */
static void widen(struct nz_audit *a, uint32_t principal, const char *action, struct nz_str resource,
                  struct powers *out)
{
    if (out->power == POWER_OWN_POLICIES)
        return;
    const enum nz_access_verdict verdict = can_widen(a, principal, action, resource);
    if (grants(verdict))
        *out = (struct powers){POWER_OWN_POLICIES, action, resource};
    else if (verdict == NZ_ACCESS_UNKNOWN)
        out->power = POWER_UNKNOWN;
}

static struct powers powers_of(struct nz_audit *a, uint32_t principal, const struct nz_access_principal *user)
{
    struct powers out = {.power = POWER_NONE};
    const enum nz_access_verdict all = can(a, principal, ANY_ACTION), iam = can(a, principal, "iam:AttachUserPolicy");
    if (grants(all) && grants(iam)) {
        out.power = POWER_ALL;
        return out;
    }
    if (all == NZ_ACCESS_UNKNOWN || iam == NZ_ACCESS_UNKNOWN)
        out.power = POWER_UNKNOWN;
    widen(a, principal, "iam:PutUserPolicy", user->arn, &out);
    widen(a, principal, "iam:AttachUserPolicy", user->arn, &out);
    for (uint32_t i = 0; i < user->groups_count; i++) {
        if (!user->groups[i].group)
            continue;
        widen(a, principal, "iam:PutGroupPolicy", user->groups[i].group->arn, &out);
        widen(a, principal, "iam:AttachGroupPolicy", user->groups[i].group->arn, &out);
    }
    struct nz_access_grants it = {0};
    while (nz_access_grants_next(user, &it)) {
        if (it.grant->arn.n) /* AWS's own cannot be changed: the evaluator knows */
            widen(a, principal, "iam:CreatePolicyVersion", it.grant->arn, &out);
    }
    return out;
}

static void show_policies(struct nz_audit *a, struct nz_finding *f, const struct nz_access_principal *principal)
{
    struct nz_access_grants it = {0};
    while (nz_access_grants_next(principal, &it)) {
        const struct nz_str name = it.grant->arn.n ? it.grant->arn : it.grant->name;
        nz_audit_evidence(a, f, it.group ? it.group->arn : principal->arn, "policy", name);
    }
}

static void judge_ordinary(struct nz_audit *a, struct nz_subject on, uint32_t at,
                           const struct nz_access_principal *principal)
{
    const struct powers powers = powers_of(a, at, principal);
    struct nz_finding *f = NULL;
    switch (powers.power) {
    case POWER_NONE:
        f = nz_audit_pass(a, on, N_("the user has no administrator's rights"));
        break;
    case POWER_ALL:
        f = nz_audit_fail(a, on, N_("an ordinary user may do everything to everything"));
        break;
    case POWER_OWN_POLICIES:
        f = nz_audit_fail(a, on, N_("an ordinary user may give itself an administrator's policy"));
        nz_audit_evidence(a, f, powers.resource, "action", nz_str_from_c(powers.action));
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
        judge_ordinary(a, on, at, principal);
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
