#include "aws/operation.h"

#include "core/json.h"

#include <stdlib.h>

const struct nz_aws_service_info nz_aws_services[NZ_AWS_SERVICE_COUNT] = {
#define NZ_AWS_SERVICE(id, ...) [NZ_AWS_##id] = {__VA_ARGS__},
#include "aws/services.list"
#undef NZ_AWS_SERVICE
};

#define NZ_AWS_ONE_PAGE                                                                                                \
    {                                                                                                                  \
        0                                                                                                              \
    }
#define NZ_AWS_PAGES(in, out, more, size, size_max)                                                                    \
    {                                                                                                                  \
        in, out, more, size, size_max                                                                                  \
    }
const struct nz_aws_operation_info nz_aws_operations[NZ_AWS_OPERATION_COUNT] = {
#define NZ_AWS_OPERATION(service_, name_, request_, pages_, uses_, ...)                                                \
    [NZ_AWS_##service_##_##name_] = {.service = NZ_AWS_##service_,                                                     \
                                     .name = #name_,                                                                   \
                                     .request = (request_),                                                            \
                                     .pages = pages_,                                                                  \
                                     .uses = (uses_),                                                                  \
                                     .action = __VA_ARGS__},
#include "aws/operations.list"
#undef NZ_AWS_OPERATION
};

bool nz_aws_operation_find(struct nz_str service, struct nz_str name, enum nz_aws_operation *out)
{
    for (unsigned i = 0; i < NZ_AWS_OPERATION_COUNT; i++) {
        const struct nz_aws_service_info *of = nz_aws_service_of(i);
        if (!nz_str_eq(name, nz_str_from_c(nz_aws_operations[i].name)))
            continue;
        if (nz_str_eq(service, nz_str_from_c(of->host_prefix)) || nz_str_eq(service, nz_str_from_c(of->signing_name))) {
            *out = i;
            return true;
        }
    }
    return false;
}

static int action_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t nz_aws_actions(unsigned uses, const char **out, size_t room)
{
    const char *all[NZ_AWS_OPERATION_COUNT];
    size_t found = 0, count = 0;
    for (unsigned i = 0; i < NZ_AWS_OPERATION_COUNT; i++) {
        if ((nz_aws_operations[i].uses & uses) && *nz_aws_operations[i].action)
            all[found++] = nz_aws_operations[i].action;
    }
    qsort(all, found, sizeof *all, action_order);
    for (size_t i = 0; i < found; i++) {
        if (i && strcmp(all[i], all[i - 1]) == 0)
            continue;
        if (count < room)
            out[count] = all[i];
        count++;
    }
    return count;
}

void nz_aws_policy_append(struct nz_buf *out, unsigned uses)
{
    const char *actions[NZ_AWS_OPERATION_COUNT];
    size_t count = nz_aws_actions(uses, actions, NZ_AWS_OPERATION_COUNT);
    nz_buf_append(out, NZ_STR("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n"
                              "      \"Sid\": \"Nezuban\",\n      \"Effect\": \"Allow\",\n      \"Action\": [\n"));
    for (size_t i = 0; i < count; i++) {
        nz_buf_append(out, NZ_STR("        "));
        nz_json_append_string(out, nz_str_from_c(actions[i]));
        nz_buf_append(out, i + 1 < count ? NZ_STR(",\n") : NZ_STR("\n"));
    }
    nz_buf_append(out, NZ_STR("      ],\n      \"Resource\": \"*\"\n    }\n  ]\n}\n"));
}
