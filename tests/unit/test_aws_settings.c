/* aws: files of settings and the search for keys with each allocation failing; what they mean is in tests/aws/credentials.py. */
#include "aws/chain.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char config[] =
    "[default]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n"
    "services = s\ns3 =\n  addressing_style = virtual\n[services s]\nsts =\n  endpoint_url = http://h\n"
    "[profile b]\naws_access_key_id = AKIA\naws_secret_access_key = secret\nlong = a\n b\n";

static void ini_each_allocation_fails(void **state)
{
    (void)state;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct nz_arena keep;
        struct nz_aws_ini ini;
        nz_arena_init(&keep, 0);
        nz_fault_arm(nth);
        enum nz_err err = nz_aws_ini_parse(nz_str_from_c(config), &keep, &ini, NULL);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_arena_release(&keep);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
        assert_int_equal(ini.count, 0);
    }
}

static void ini_cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof config; n++) {
        struct nz_arena keep;
        struct nz_aws_ini ini;
        struct nz_diag diag = NZ_DIAG_INIT;
        nz_arena_init(&keep, 0);
        enum nz_err err = nz_aws_ini_parse(nz_str_of(config, n), &keep, &ini, &diag);
        assert_true(err == NZ_OK || (err == NZ_E_AWS_CONFIG && diag.line > 0));
        nz_arena_release(&keep);
    }
}

/* --- a search --- */

static char path[] = "/tmp/nezuban-test-XXXXXX";

static const char *environment(void *self, const char *name)
{
    (void)self;
    if (strcmp(name, "AWS_CONFIG_FILE") == 0)
        return path;
    if (strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0)
        return "/nonexistent/credentials";
    return NULL;
}

static enum nz_err give(void *self, const struct nz_http_request *request, struct nz_http_response *out,
                        struct nz_diag *diag)
{
    (void)diag;
    assert_true(request->is_secret);
    assert_true(nz_str_starts_with(request->url, NZ_STR("http://h/")));
    *out = (struct nz_http_response){.status = 200, .body = nz_str_from_c(self)};
    return NZ_OK;
}

static const char sts_answer[] =
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</"
    "SecretAccessKey>"
    "<SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
    "</AssumeRoleResponse>";

static enum nz_err search(bool *is_right)
{
    static const struct nz_http_ops ops = {.fetch = give};
    const struct nz_aws_flags flags = {0};
    const struct nz_aws_environment from = {environment, NULL};
    struct nz_aws_settings settings;
    struct nz_aws_chain chain;
    struct nz_aws_keys keys = {0};
    enum nz_err err = nz_aws_settings_load(&flags, &from, NULL, &settings, NULL);
    const struct nz_aws_search how = {
        .settings = &settings, .http = {&ops, (void *)(uintptr_t)sts_answer}, .clock = {&nz_clock_system, NULL}};
    nz_aws_chain_init(&chain, &how);
    if (!err) {
        const struct nz_aws_credentials_source source = nz_aws_chain_use(&chain);
        err = source.ops->get(source.self, nz_clock_now(how.clock), false, &keys, NULL);
    }
    *is_right = !err && nz_str_eq(keys.access_key_id, NZ_STR("ASIA")) && strcmp(chain.provider, "role") == 0 &&
                settings.endpoints.s3_host_style;
    nz_aws_chain_release(&chain);
    nz_aws_settings_release(&settings);
    return err;
}

static void search_each_allocation_fails(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, config, sizeof config - 1), sizeof config - 1);
    close(fd);
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        bool is_right;
        nz_fault_arm(nth);
        enum nz_err err = search(&is_right);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(nz_live_allocations(), before);
        if (!fired) {
            assert_true(is_right);
            break;
        }
        assert_int_equal(err, NZ_E_NOMEM);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ini_each_allocation_fails),
        cmocka_unit_test(ini_cut_at_every_byte),
        cmocka_unit_test(search_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
