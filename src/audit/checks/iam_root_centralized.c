/* Source: IAM API Reference, ListOrganizationsFeatures and its errors. */
#include "audit/check.h"

#define FEATURES "Nezuban::IAM::OrganizationsFeatures"
#define ENABLED "configuration.EnabledFeatures"

static bool has(struct nz_audit *a, const struct nz_item_view *view, struct nz_str feature)
{
    for (struct nz_json_iter it = nz_json_iter(nz_item_get(view, ENABLED)); nz_json_next(&it);) {
        if (nz_str_eq(nz_audit_text(a, it.value), feature))
            return true;
    }
    return false;
}

/* Some errors are answers. */
static bool say_error(struct nz_audit *a, struct nz_subject account)
{
    const struct nz_unread *why;
    if (nz_snapshot_listing(a->snapshot, NZ_STR(FEATURES), NZ_REGION_GLOBAL, &why) != NZ_UNREAD)
        return false;
    struct nz_finding *f;
    if (nz_aws_code_is(why->error, NZ_STR("OrganizationNotFound"))) {
        f = nz_audit_not_applicable(a, account, N_("the account belongs to no organization"));
    } else if (nz_aws_code_is(why->error, NZ_STR("ServiceAccessNotEnabled"))) {
        f = nz_audit_fail(a, account, N_("the organization does not trust IAM, so neither feature can be on"));
    } else if (nz_aws_code_is(why->error, NZ_STR("OrganizationNotInAllFeaturesMode"))) {
        f = nz_audit_fail(a, account, N_("the organization does not have all features, so neither feature can be on"));
    } else if (nz_aws_code_is(why->error, NZ_STR("AccountNotManagementOrDelegatedAdministrator"))) {
        f = nz_audit_unknown(a, account,
                             N_("only the organization's management account and its delegated administrator may ask"));
        nz_audit_advise(a, f, N_("Audit the management account."));
    } else {
        return false;
    }
    nz_audit_evidence(a, f, NZ_STR("iam:ListOrganizationsFeatures"), "error", why->error);
    return true;
}

static void run(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    bool none;
    if (say_error(a, account))
        return;
    const struct nz_item_view *view = nz_audit_need_one(a, account, FEATURES, NZ_REGION_GLOBAL, &none);
    struct nz_finding *f;
    if (none) {
        f = nz_audit_fail(a, account, N_("root access of member accounts is not managed centrally"));
        nz_audit_evidence(a, f, NZ_STR("iam:ListOrganizationsFeatures"), "EnabledFeatures", NZ_STR("absent"));
    }
    if (!view)
        return;
    const bool credentials = has(a, view, NZ_STR("RootCredentialsManagement"));
    const bool sessions = has(a, view, NZ_STR("RootSessions"));
    if (credentials && sessions)
        f = nz_audit_pass(a, account,
                          N_("root credentials and privileged tasks of member accounts are managed centrally"));
    else if (credentials)
        f = nz_audit_partial(a, account,
                             N_("RootSessions is not enabled: privileged tasks still need the member's root user"));
    else if (sessions)
        f = nz_audit_partial(a, account,
                             N_("RootCredentialsManagement is not enabled: members' root credentials are not managed"));
    else
        f = nz_audit_fail(a, account, N_("root access of member accounts is not managed centrally"));
    nz_audit_show(a, f, view, ENABLED);
}

const struct nz_check nz_check_iam_root_centralized = {
    .about = {.id = "iam-root-centralized",
              .part = NZ_PART_ROOT,
              .severity = NZ_SEVERITY_LOW,
              .title = N_("Root access of member accounts is managed centrally"),
              .remedy =
                  N_("In the management account, enable trusted access for IAM, then both features under IAM, Root "
                     "access management. Root credentials that members already have stay until they are "
                     "deleted.")},
    .run = run,
};
