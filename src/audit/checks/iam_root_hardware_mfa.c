/* A virtual device of root is in the list of the assigned ones; a hardware token, a security key and a synced passkey are
 * not, and look alike. Whose a device is, its User.Arn says; its name is free. Source: CIS AWS Foundations 7.0, 2.6. */
#include "audit/root.h"

#define DEVICE "AWS::IAM::VirtualMFADevice"
#define OWNER "configuration.User.Arn"

/* The first virtual device of root, opened in slot 1, or NULL. *nameless: the last of the devices that do not say whose they
 * are. */
static const struct nz_item_view *virtual_device(struct nz_audit *a, const struct nz_item **nameless)
{
    const struct nz_items devices = nz_snapshot_items(a->snapshot, NZ_STR(DEVICE));
    for (size_t i = 0; i < devices.n; i++) {
        const struct nz_item_view *view = nz_audit_open(a, 1, &devices.p[i]);
        const struct nz_str owner = view ? nz_audit_text(a, nz_item_get(view, OWNER)) : NZ_STR("");
        if (nz_str_eq(owner, nz_audit_account(a).resource))
            return view;
        if (!owner.n)
            *nameless = &devices.p[i];
    }
    return NULL;
}

static void judge_kind(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    const struct nz_item *nameless = NULL;
    const struct nz_item_view *device = virtual_device(a, &nameless);
    struct nz_finding *f;
    if (device) { /* certain, even where the list is not whole */
        f = nz_audit_fail(a, account, N_("the root user's MFA device is a virtual one"));
        nz_audit_show(a, f, device, "configuration.SerialNumber");
        nz_audit_show(a, f, device, OWNER);
        return;
    }
    if (!nz_audit_need(a, account, DEVICE, NZ_REGION_GLOBAL))
        return;
    device = nameless ? nz_audit_open(a, 1, nameless) : NULL;
    if (device) {
        f = nz_audit_unknown(a, account, N_("a virtual MFA device is assigned, and AWS does not say to whom"));
        nz_audit_show(a, f, device, "configuration.SerialNumber");
        return;
    }
    f = nz_audit_pass(
        a, account,
        N_("not virtual: the root user has MFA and no virtual device (a hardware token, a security key or "
           "a passkey)"));
    nz_audit_evidence(a, f, NZ_STR("iam:ListVirtualMFADevices"), "VirtualMFADevices of root", NZ_STR("absent"));
}

static void run(struct nz_audit *a)
{
    const struct nz_subject account = nz_audit_account(a);
    const struct nz_item_view *summary = nz_root_has_no_console(a) ? NULL : nz_root_summary(a);
    struct nz_finding *f = NULL;
    if (!summary)
        return;
    const uint64_t mfa = nz_root_number(summary, NZ_SUMMARY_MFA);
    if (mfa == NZ_SUMMARY_NOT_SAID)
        f = nz_audit_unknown(a, account, N_("the account summary does not say whether the root user has MFA"));
    else if (mfa == 0 && nz_root_has_no_credentials(summary))
        f = nz_audit_not_applicable(a, account, N_("the root user has neither a password nor access keys"));
    else if (mfa == 0)
        f = nz_audit_fail(a, account, N_("the root user has no MFA at all"));
    else
        judge_kind(a);
    if (f)
        nz_audit_show(a, f, summary, NZ_SUMMARY_MFA);
}

const struct nz_check nz_check_iam_root_hardware_mfa = {
    .about = {.id = "iam-root-hardware-mfa",
              .part = NZ_PART_ROOT,
              .severity = NZ_SEVERITY_MEDIUM,
              .title = N_("The root user's MFA is not a virtual device"),
              .remedy = N_("Sign in as the root user, assign a security key or a hardware token under Security "
                           "credentials, then remove the virtual device: any one of several devices is enough to sign "
                           "in.")},
    .run = run,
};
