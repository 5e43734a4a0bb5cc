#include "audit/regional.h"

void nz_audit_say_no_regions(struct nz_audit *a)
{
    const struct nz_snapshot *s = a->snapshot;
    nz_audit_say_unread(
        a, nz_audit_account(a),
        nz_snapshot_unread(s, NZ_STR("ec2"), NZ_STR("DescribeRegions"), s->header.caller_region, NZ_STR("")),
        "ec2:DescribeRegions");
}

void nz_audit_each_region(struct nz_audit *a, void (*judge)(struct nz_audit *a, struct nz_str region))
{
    size_t at = 0;
    struct nz_str region;
    if (a->snapshot->regions_count == 0)
        nz_audit_say_no_regions(a);
    while (nz_audit_next_region(a, &at, &region))
        judge(a, region);
}

bool nz_audit_is_unread(const struct nz_audit *a, const char *type, struct nz_str region)
{
    const struct nz_unread *why;
    return nz_snapshot_listing(a->snapshot, nz_str_from_c(type), region, &why) != NZ_LISTED &&
           !(why && nz_aws_code_is(why->error, NZ_STR("NoEndpoint")));
}

struct nz_str nz_audit_sign_in_region(const struct nz_audit *a)
{
    const struct nz_str partition = a->snapshot->header.partition;
    if (nz_str_eq(partition, NZ_STR("aws-cn")))
        return NZ_STR("cn-north-1");
    if (nz_str_eq(partition, NZ_STR("aws-us-gov")))
        return NZ_STR("us-gov-west-1");
    return NZ_STR("us-east-1");
}

struct nz_str nz_audit_field(struct nz_audit *a, const struct nz_item_view *view, const char *path)
{
    return nz_audit_text(a, nz_item_get(view, path));
}
