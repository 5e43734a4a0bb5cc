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

/* --- retries: modes and attempts --- */

struct variables {
    const char *mode, *attempts, *config;
};

static const char *variable(void *self, const char *name)
{
    const struct variables *v = self;
    if (strcmp(name, "AWS_RETRY_MODE") == 0)
        return v->mode;
    if (strcmp(name, "AWS_MAX_ATTEMPTS") == 0)
        return v->attempts;
    if (strcmp(name, "AWS_CONFIG_FILE") == 0)
        return v->config;
    return strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0 ? "/nonexistent/credentials" : NULL;
}

static void file_write(char *name, const char *text)
{
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void attempts_of_each_mode(void **state)
{
    (void)state;
    char legacy[] = "/tmp/nezuban-test-XXXXXX", two[] = "/tmp/nezuban-test-XXXXXX";
    file_write(legacy, "[default]\nretry_mode = Legacy\n");
    file_write(two, "[default]\nretry_mode = legacy\nmax_attempts = 2\n");
    const struct {
        struct variables set;
        enum nz_err err;
        unsigned attempts; /* 0: the client's own, that of the standard mode */
    } cases[] = {
        {{NULL, NULL, NULL}, NZ_OK, 0},
        {{"standard", NULL, legacy}, NZ_OK, 3},
        {{NULL, NULL, legacy}, NZ_OK, 5},
        {{"adaptive", NULL, NULL}, NZ_OK, 3},
        {{NULL, NULL, two}, NZ_OK, 2},
        {{"legacy", "1", two}, NZ_OK, 1},
        {{"often", NULL, two}, NZ_E_AWS_CONFIG, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct variables set = cases[i].set;
        const struct nz_aws_environment from = {variable, &set};
        const struct nz_aws_flags flags = {0};
        struct nz_aws_settings settings;
        set.config = set.config ? set.config : "/nonexistent/config";
        assert_int_equal(nz_aws_settings_load(&flags, &from, NULL, &settings, NULL), cases[i].err);
        assert_int_equal(settings.attempts_max, cases[i].attempts);
        nz_aws_settings_release(&settings);
    }
    unlink(legacy);
    unlink(two);
}

/* --- keys that expire, on a clock that stands here --- */

struct keys_world {
    int64_t now_s, life_s;
    unsigned given;
    bool is_down;
};

static nz_time keys_now(void *self)
{
    const struct keys_world *w = self;
    return (nz_time){w->now_s * 1000000};
}

static nz_mono keys_mono(void *self)
{
    const struct keys_world *w = self;
    return (nz_mono){(uint64_t)w->now_s * 1000000000u};
}

static enum nz_err keys_give(void *self, const struct nz_http_request *request, struct nz_http_response *out,
                             struct nz_diag *diag)
{
    static char body[512];
    struct keys_world *w = self;
    struct nz_buf until;
    (void)request, (void)diag;
    w->given++;
    nz_buf_init(&until, 0);
    nz_time_append(&until, (nz_time){(w->now_s + w->life_s) * 1000000});
    snprintf(body, sizeof body,
             "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s"
             "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%.*s</Expiration></Credentials>"
             "</AssumeRoleResult></AssumeRoleResponse>",
             NZ_STR_ARG(nz_buf_view(&until)));
    nz_buf_release(&until);
    *out = (struct nz_http_response){.status = w->is_down ? 403 : 200, .body = nz_str_from_c(body)};
    return NZ_OK;
}

/* How often keys were asked for until then, a request each ten seconds. */
static unsigned asked_until(struct keys_world *w, const struct nz_aws_credentials_source *source, int64_t until_s)
{
    for (; w->now_s < until_s; w->now_s += 10) {
        struct nz_aws_keys keys;
        assert_int_equal(source->ops->get(source->self, keys_now(w), false, &keys, NULL), NZ_OK);
        assert_true(nz_str_eq(keys.access_key_id, NZ_STR("ASIA")));
    }
    return w->given;
}

static void keys_are_replaced_in_time(void **state)
{
    (void)state;
    static const struct nz_http_ops http = {.fetch = keys_give};
    static const struct nz_clock_ops clock = {.now = keys_now, .mono = keys_mono};
    struct keys_world w = {.now_s = 1000000000, .life_s = 3600};
    const struct nz_aws_environment from = {environment, NULL};
    const struct nz_aws_flags flags = {0};
    struct nz_aws_settings settings;
    struct nz_aws_chain chain;
    file_write(strcpy(path, "/tmp/nezuban-test-XXXXXX"), config);
    assert_int_equal(nz_aws_settings_load(&flags, &from, NULL, &settings, NULL), NZ_OK);
    nz_aws_chain_init(&chain,
                      &(struct nz_aws_search){.settings = &settings, .http = {&http, &w}, .clock = {&clock, &w}});
    const struct nz_aws_credentials_source source = nz_aws_chain_use(&chain);
    const int64_t begin_s = w.now_s;
    assert_int_equal(asked_until(&w, &source, begin_s + 2690), 1);
    w.is_down = true; /* a quarter of an hour before the end, in vain: once a minute, and what is there serves */
    assert_int_equal(asked_until(&w, &source, begin_s + 2990), 1 + 5);
    w.is_down = false;
    w.life_s = 900; /* the next ones live for a quarter of an hour only: half of it is used */
    assert_int_equal(asked_until(&w, &source, begin_s + 3010), 1 + 6);
    const int64_t then_s = w.now_s;
    assert_int_equal(asked_until(&w, &source, then_s + 430), 1 + 6);
    assert_int_equal(asked_until(&w, &source, then_s + 460), 1 + 7);
    w.life_s = -1;
    struct nz_aws_keys keys;
    struct nz_diag diag = NZ_DIAG_INIT;
    assert_int_equal(source.ops->get(source.self, keys_now(&w), true, &keys, &diag), NZ_E_AWS_CREDENTIALS);
    assert_string_equal(diag.text, "those of role have expired already");
    nz_aws_chain_release(&chain);
    nz_aws_settings_release(&settings);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ini_each_allocation_fails),    cmocka_unit_test(ini_cut_at_every_byte),
        cmocka_unit_test(search_each_allocation_fails), cmocka_unit_test(attempts_of_each_mode),
        cmocka_unit_test(keys_are_replaced_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
