/* Source: AWS Regions and Availability Zones (AWS Global Infrastructure): those that are enabled by default. */
#include "inventory/collect_run.h"

#define REGION(name)                                                                                                   \
    {                                                                                                                  \
        name, sizeof name - 1                                                                                          \
    }

static const struct nz_str aws[] = {
    REGION("ap-northeast-1"), REGION("ap-northeast-2"), REGION("ap-northeast-3"), REGION("ap-south-1"),
    REGION("ap-southeast-1"), REGION("ap-southeast-2"), REGION("ca-central-1"),   REGION("eu-central-1"),
    REGION("eu-north-1"),     REGION("eu-west-1"),      REGION("eu-west-2"),      REGION("eu-west-3"),
    REGION("sa-east-1"),      REGION("us-east-1"),      REGION("us-east-2"),      REGION("us-west-1"),
    REGION("us-west-2"),
};
static const struct nz_str china[] = {REGION("cn-north-1"), REGION("cn-northwest-1")};
static const struct nz_str us_gov[] = {REGION("us-gov-east-1"), REGION("us-gov-west-1")};

const struct nz_str *nz_collect_default_regions(const struct nz_collect *c, size_t *count)
{
    if (nz_str_eq(c->header.partition, NZ_STR("aws-cn"))) {
        *count = sizeof china / sizeof china[0];
        return china;
    }
    if (nz_str_eq(c->header.partition, NZ_STR("aws-us-gov"))) {
        *count = sizeof us_gov / sizeof us_gov[0];
        return us_gov;
    }
    if (!nz_str_eq(c->header.partition, NZ_STR("aws"))) {
        *count = 1; /* a partition that is not in this list: at least where the caller is */
        return &c->in->caller_region;
    }
    *count = sizeof aws / sizeof aws[0];
    return aws;
}
