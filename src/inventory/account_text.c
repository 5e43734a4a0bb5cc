#include "inventory/account_text.h"

static void list_append(const struct nz_snapshot *s, const char *name, struct nz_str type, struct nz_buf *out)
{
    struct nz_items items = nz_snapshot_items(s, type);
    nz_json_append_string(out, nz_str_from_c(name));
    nz_buf_append(out, NZ_STR(":["));
    for (size_t i = 0; i < items.n; i++) {
        if (i)
            nz_buf_append(out, NZ_STR(",\n"));
        nz_buf_append(out, items.p[i].configuration);
    }
    nz_buf_append(out, NZ_STR("],\n"));
}

enum nz_err nz_snapshot_append_account(const struct nz_snapshot *s, struct nz_buf *out)
{
    bool whole = nz_snapshot_listing(s, NZ_STR("AWS::IAM::User"), NZ_REGION_GLOBAL, NULL) == NZ_LISTED;
    nz_buf_append_char(out, '{');
    list_append(s, "UserDetailList", NZ_STR("AWS::IAM::User"), out);
    list_append(s, "GroupDetailList", NZ_STR("AWS::IAM::Group"), out);
    list_append(s, "RoleDetailList", NZ_STR("AWS::IAM::Role"), out);
    list_append(s, "Policies", NZ_STR("AWS::IAM::Policy"), out);
    nz_buf_append(out, NZ_STR("\"IsTruncated\":"));
    nz_buf_append(out, whole ? NZ_STR("false}\n") : NZ_STR("true}\n"));
    return nz_buf_status(out);
}
