#include "policy/aws_owned.h"
#include "policy/pattern.h"
#include "policy/rules.h"
#include "policy/targets.h"

#define AWS_OWNED(ARN, ACCOUNT, READS_ONLY) {{ARN, sizeof(ARN) - 1}, {ACCOUNT, sizeof(ACCOUNT) - 1}, READS_ONLY},
static const struct nz_aws_owned aws_owned[] = {
#include "policy/aws_owned.list"
};
#undef AWS_OWNED

const struct nz_aws_owned *nz_aws_owned_find(struct nz_str arn)
{
    for (size_t i = 0; i < sizeof aws_owned / sizeof aws_owned[0]; i++) {
        if (nz_str_eq(arn, aws_owned[i].arn))
            return &aws_owned[i];
    }
    return NULL;
}

/* "If the resource type is optional, then you can choose to use one but not the other" (Service Authorization Reference): of an
 * action that requires none a request may name none, as DescribeStacks without a stack's name. An object of S3 is always named. */
static bool may_be_none(const struct nz_catalogue *catalogue, uint32_t action)
{
    const struct nz_catalogue_action *a = nz_catalogue_action(catalogue, action);
    for (uint32_t i = 0; i < a->needs.count; i++) {
        if (nz_catalogue_need(catalogue, a->needs, i)->required)
            return false;
    }
    return !nz_str_eq(nz_catalogue_service(catalogue, a->service)->prefix, NZ_STR("s3"));
}

/* Which fields the ARNs of the action's resources have, a bit a combination, and whether AWS owns some that all accounts use. */
static unsigned forms_of(const struct nz_catalogue *catalogue, uint32_t action)
{
    struct nz_catalogue_range needs = nz_catalogue_action(catalogue, action)->needs;
    unsigned seen = 0;
    for (uint32_t i = 0; i < needs.count; i++) {
        struct nz_catalogue_range arns =
            nz_catalogue_resource(catalogue, nz_catalogue_need(catalogue, needs, i)->resource)->arns;
        for (uint32_t k = 0; k < arns.count; k++) {
            struct nz_str arn = nz_catalogue_arn(catalogue, arns, k), fields[6];
            if (!nz_arn_split(arn, fields))
                continue;
            seen |= 4u << ((fields[3].n > 0) + 2 * (fields[4].n > 0));
            seen |= nz_aws_owned_find(arn) && nz_catalogue_reads(catalogue, action);
        }
    }
    return seen;
}

enum nz_err nz_target_kinds_make(const struct nz_catalogue *catalogue, struct nz_arena *keep, const uint8_t **out)
{
    const struct nz_catalogue_head *head = nz_catalogue_head(catalogue);
    uint8_t *kinds = NZ_ARENA_ARRAY(keep, uint8_t, head->actions + (size_t)1);
    *out = kinds;
    for (uint32_t s = 0; s < head->services && kinds; s++) {
        const struct nz_catalogue_service *service = nz_catalogue_service(catalogue, s);
        for (uint32_t i = service->actions.first; i < service->actions.first + service->actions.count; i++) {
            bool refuses = nz_service_may_refuse(service->prefix, nz_catalogue_action(catalogue, i)->lower);
            unsigned none = may_be_none(catalogue, i) ? NZ_TARGET_MAY_BE_NONE : 0;
            kinds[i] = (uint8_t)(forms_of(catalogue, i) | refuses << 1 | none);
        }
    }
    return kinds ? NZ_OK : NZ_E_NOMEM;
}
