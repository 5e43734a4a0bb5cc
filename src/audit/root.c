#include "audit/root.h"

const struct nz_item_view *nz_root_summary(struct nz_audit *a)
{
    return nz_audit_need_one(a, nz_audit_account(a), "Nezuban::IAM::AccountSummary", NZ_REGION_GLOBAL, NULL);
}

uint64_t nz_root_number(const struct nz_item_view *summary, const char *path)
{
    return nz_audit_number(nz_item_get(summary, path), NZ_SUMMARY_NOT_SAID);
}

bool nz_root_has_no_console(struct nz_audit *a)
{
    if (!nz_str_eq(a->snapshot->header.partition, NZ_STR("aws-us-gov")))
        return false;
    nz_audit_not_applicable(a, nz_audit_account(a),
                            N_("root users of AWS GovCloud (US) cannot sign in to the console"));
    return true;
}

bool nz_root_has_no_credentials(const struct nz_item_view *summary)
{
    return nz_root_number(summary, NZ_SUMMARY_PASSWORD) == 0 && nz_root_number(summary, NZ_SUMMARY_KEYS) == 0;
}
