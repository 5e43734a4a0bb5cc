/* Source: CIS AWS Foundations 7.0, 2.13. */
#include "audit/users.h"

#define INLINE "configuration.UserPolicyList"
#define ATTACHED "configuration.AttachedManagedPolicies"

/* Counts a list's entries and, with f, shows the member of each that names it. */
static unsigned long long policies(struct nz_audit *a, struct nz_finding *f, const struct nz_item_view *view,
                                   const char *path, const char *member)
{
    unsigned long long count = 0;
    for (struct nz_json_iter it = nz_json_iter(nz_item_get(view, path)); nz_json_next(&it); count++) {
        if (f)
            nz_audit_evidence(a, f, view->item->arn, path,
                              nz_audit_text(a, nz_item_member(it.value, nz_str_from_c(member))));
    }
    return count;
}

static void judge(struct nz_audit *a, const struct nz_audit_user *user, const struct nz_item_view *view)
{
    const struct nz_subject on = nz_user_subject(user);
    const unsigned long long own = policies(a, NULL, view, INLINE, "PolicyName");
    const unsigned long long attached = policies(a, NULL, view, ATTACHED, "PolicyArn");
    if (!own && !attached) {
        struct nz_finding *f = nz_audit_pass(a, on, N_("the user has no policy of its own"));
        nz_audit_show(a, f, view, INLINE);
        nz_audit_show(a, f, view, ATTACHED);
        return;
    }
    struct nz_finding *f = nz_audit_fail(
        a, on, N_("policies on the user itself: inline %llu, attached %llu; groups should give them"), own, attached);
    policies(a, f, view, INLINE, "PolicyName");
    policies(a, f, view, ATTACHED, "PolicyArn");
}

static void run(struct nz_audit *a)
{
    nz_audit_each_user(a, NZ_USER_DETAILS, judge);
}

const struct nz_check nz_check_iam_user_direct_policy = {
    .about = {.id = "iam-user-direct-policy",
              .part = NZ_PART_USERS,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Users get their rights through groups"),
              .remedy =
                  N_("Attach the policy to a group, add the user to the group, then take the policy off the user.")},
    .run = run,
};
