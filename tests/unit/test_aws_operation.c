/* aws: the tables of services and operations hold together, and the least policy is made from them. */
#include "aws/error.h"
#include "aws/operation.h"
#include "core/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static bool is_rest(const struct nz_aws_service_info *service)
{
    return service->protocol == NZ_AWS_PROTOCOL_REST_JSON || service->protocol == NZ_AWS_PROTOCOL_REST_XML;
}

static void rows_hold_together(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NZ_AWS_OPERATION_COUNT; i++) {
        const struct nz_aws_operation_info *op = &nz_aws_operations[i];
        const struct nz_aws_service_info *service = nz_aws_service_of(i);
        if (!is_rest(service))
            assert_string_equal(op->request, "POST /");
        assert_true(op->uses != 0);
        assert_true(!op->pages.token_in == !op->pages.token_out);
        assert_true(!op->pages.size == !op->pages.size_max);
        assert_true(*op->action == 0 || strchr(op->action, ':') != NULL);
        assert_true(service->calls_at_once > 0 && service->calls_per_second > 0);
        assert_true((service->version[0] == 0) == is_rest(service));
    }
}

static void operations_are_found(void **state)
{
    (void)state;
    enum nz_aws_operation op;
    assert_true(nz_aws_operation_find(NZ_STR("s3-control"), NZ_STR("GetPublicAccessBlock"), &op));
    assert_int_equal(op, NZ_AWS_S3_CONTROL_GetPublicAccessBlock);
    assert_true(nz_aws_operation_find(NZ_STR("s3"), NZ_STR("GetPublicAccessBlock"), &op));
    assert_int_equal(op, NZ_AWS_S3_GetPublicAccessBlock);
    assert_true(nz_aws_operation_find(NZ_STR("detective"), NZ_STR("ListGraphs"), &op));
    assert_false(nz_aws_operation_find(NZ_STR("iam"), NZ_STR("DeleteUser"), &op));
}

static void actions_stand_once_in_order(void **state)
{
    (void)state;
    const char *all[NZ_AWS_OPERATION_COUNT];
    size_t count = nz_aws_actions(NZ_AWS_USE_AUDIT, all, NZ_AWS_OPERATION_COUNT);
    assert_in_range(count, 40, NZ_AWS_OPERATION_COUNT);
    for (size_t i = 1; i < count; i++)
        assert_true(strcmp(all[i - 1], all[i]) < 0);
    const char *first = NULL;
    assert_int_equal(nz_aws_actions(NZ_AWS_USE_AUDIT, &first, 1), count);
    assert_string_equal(first, all[0]);
    assert_int_equal(nz_aws_actions(NZ_AWS_USE_CREDENTIALS, all, 8), 1);
    assert_string_equal(all[0], "sts:AssumeRole");
}

static void the_policy_is_a_policy(void **state)
{
    (void)state;
    struct nz_buf out;
    nz_buf_init(&out, 0);
    nz_aws_policy_append(&out, NZ_AWS_USE_ORGANIZATION | NZ_AWS_USE_CREDENTIALS);
    assert_false(out.failed);
    static const char expected[] =
        "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Sid\": \"Nezuban\",\n"
        "      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"organizations:ListAccounts\",\n"
        "        \"sts:AssumeRole\"\n      ],\n      \"Resource\": \"*\"\n    }\n  ]\n}\n";
    assert_int_equal(out.n, sizeof expected - 1);
    assert_memory_equal(out.p, expected, out.n);
    nz_buf_release(&out);
}

static void codes_with_and_without_suffix(void **state)
{
    (void)state;
    assert_true(nz_aws_code_is(NZ_STR("AccessDeniedException"), NZ_STR("AccessDenied")));
    assert_true(nz_aws_code_is(NZ_STR("Throttling"), NZ_STR("ThrottlingException")));
    assert_true(nz_aws_code_is(NZ_STR("Exception"), NZ_STR("Exception")));
    assert_false(nz_aws_code_is(NZ_STR("LimitExceeded"), NZ_STR("Limit")));
    assert_false(nz_aws_code_is(NZ_STR(""), NZ_STR("AccessDenied")));
    assert_true(nz_aws_code_is(NZ_STR("AccessDenied"), NZ_STR("AccessDeniedException")));
    assert_false(nz_aws_code_is(NZ_STR("AccessDenied"), NZ_STR("AccessDeniedForReason")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold_together),
        cmocka_unit_test(operations_are_found),
        cmocka_unit_test(actions_stand_once_in_order),
        cmocka_unit_test(the_policy_is_a_policy),
        cmocka_unit_test(codes_with_and_without_suffix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
