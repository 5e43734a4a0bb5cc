/* aws: the client on a network and a clock that stand here: pace, retries and deadlines without waiting, and each allocation
 * failing. What libcurl has to do with it is in tests/aws/client.py. */
#include "aws/client.h"
#include "aws/retry.h"
#include "aws/role.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS 1000000u
#define SENT_MAX 4096u

/* --- a world without waiting --- */

struct reply {
    enum nz_err err;
    int status;
    const char *body;
    int64_t date_s;
};

struct world {
    uint64_t ns; /* since the start; the wall clock begins at 1,000,000 s */
    struct reply (*script)(struct world *w, unsigned number, struct nz_str body);
    struct {
        void *tag;
        struct reply reply;
    } flying[NZ_AWS_CONNECTIONS_MAX];
    unsigned flying_count, flying_most;
    uint64_t sent_ms[SENT_MAX];
    unsigned sent;
    unsigned keys_refreshed;
    bool no_keys;
    struct nz_aws_credentials keys;
    /* what came */
    unsigned answers, lasts, errors;
    enum nz_err err;
    unsigned attempts;
    enum nz_err to_return;
    struct nz_diag *diag; /* of the run; NULL: none */
};

static nz_time world_now(void *self)
{
    const struct world *w = self;
    return (nz_time){1000000000000 + (int64_t)(w->ns / 1000)};
}

static nz_mono world_mono(void *self)
{
    const struct world *w = self;
    return (nz_mono){w->ns + 1};
}

static const struct nz_clock_ops world_clock = {world_now, world_mono};

static enum nz_err world_start(void *self, const struct nz_http_request *request, void *tag, struct nz_diag *diag)
{
    (void)diag;
    struct world *w = self;
    assert_true(w->flying_count < NZ_AWS_CONNECTIONS_MAX);
    assert_true(w->sent < SENT_MAX);
    w->sent_ms[w->sent] = w->ns / MS;
    w->flying[w->flying_count].tag = tag;
    w->flying[w->flying_count].reply = w->script(w, w->sent, request->body);
    w->sent++;
    w->flying_count++;
    if (w->flying_count > w->flying_most)
        w->flying_most = w->flying_count;
    return NZ_OK;
}

static enum nz_err world_next(void *self, uint32_t wait_ms, void **tag, struct nz_http_response *out,
                              struct nz_diag *diag)
{
    (void)diag;
    struct world *w = self;
    *tag = NULL;
    if (!w->flying_count) {
        w->ns += (uint64_t)wait_ms * MS;
        return NZ_OK;
    }
    *tag = w->flying[0].tag;
    const struct reply r = w->flying[0].reply;
    w->flying_count--;
    memmove(&w->flying[0], &w->flying[1], w->flying_count * sizeof w->flying[0]);
    *out = (struct nz_http_response){.err = r.err, .status = r.status, .body = nz_str_from_c(r.body)};
    out->date.us = r.date_s * 1000000;
    return NZ_OK;
}

static void world_cancel(void *self, void *tag)
{
    struct world *w = self;
    for (unsigned i = 0; i < w->flying_count; i++) {
        if (w->flying[i].tag == tag)
            w->flying[i] = w->flying[--w->flying_count];
    }
}

static const struct nz_http_ops world_http = {world_start, world_next, world_cancel, NULL};

static enum nz_err world_keys(void *self, nz_time now, bool is_refused, struct nz_aws_keys *out, struct nz_diag *diag)
{
    (void)now;
    struct world *w = self;
    w->keys_refreshed += is_refused;
    *out = nz_aws_credentials_keys(&w->keys);
    return w->no_keys ? nz_diag_set(diag, NZ_E_AWS_CREDENTIALS, "none") : NZ_OK;
}

static const struct nz_aws_credentials_ops world_credentials = {world_keys};

static enum nz_err take(void *self, const struct nz_aws_answer *answer)
{
    struct world *w = self;
    w->answers++;
    w->lasts += answer->last;
    if (answer->error) {
        w->errors++;
        w->err = answer->error->err;
        w->attempts = answer->error->attempts;
        nz_diag_set(w->diag, w->err, "call: %.*s", NZ_STR_ARG(answer->error->message));
    }
    return w->to_return;
}

static const struct nz_aws_endpoints nowhere; /* AWS's own hosts: nothing is sent */

static struct nz_aws_client_options world_options(struct world *w)
{
    return (struct nz_aws_client_options){.region = NZ_STR("eu-west-1"),
                                          .endpoints = &nowhere,
                                          .http = {&world_http, w},
                                          .clock = {&world_clock, w},
                                          .credentials = {&world_credentials, w},
                                          .seed = 7};
}

static enum nz_err run_with(struct world *w, const struct nz_aws_client_options *options,
                            const struct nz_aws_call *call, unsigned times)
{
    struct nz_aws_client *client;
    enum nz_err err = nz_aws_client_new(options, &client);
    unsigned submitted = 0;
    for (; !err && submitted < times; submitted += !err)
        err = nz_aws_client_submit(client, call, NULL);
    if (submitted == times) {
        err = nz_aws_client_run(client, w->diag);
        assert_int_equal(w->lasts, times);
        assert_int_equal(w->flying_count, 0);
    }
    nz_aws_client_free(client);
    return err;
}

static enum nz_err run(struct world *w, enum nz_aws_operation operation, const char *parameters, unsigned times)
{
    const struct nz_aws_client_options options = world_options(w);
    const struct nz_aws_call call = {
        .operation = operation, .parameters = nz_str_from_c(parameters), .on_answer = take, .self = w};
    return run_with(w, &options, &call, times);
}

/* --- scripts --- */

static struct reply good(struct world *w, unsigned number, struct nz_str body)
{
    (void)w, (void)number, (void)body;
    return (struct reply){.status = 200, .body = "{}"};
}

static struct reply throttling(struct world *w, unsigned number, struct nz_str body)
{
    (void)w, (void)number, (void)body;
    return (struct reply){.status = 400, .body = "{\"__type\":\"ThrottlingException\"}"};
}

static struct reply down(struct world *w, unsigned number, struct nz_str body)
{
    (void)w, (void)number, (void)body;
    return (struct reply){.status = 503, .body = ""};
}

static struct reply timing_out(struct world *w, unsigned number, struct nz_str body)
{
    (void)number, (void)body;
    w->ns += 30000ULL * MS;
    return (struct reply){.err = NZ_E_AWS_TIMEOUT, .body = ""};
}

static struct reply expired(struct world *w, unsigned number, struct nz_str body)
{
    (void)w, (void)body;
    return number ? good(w, number, body)
                  : (struct reply){.status = 400, .body = "{\"__type\":\"ExpiredTokenException\"}"};
}

static struct reply pages(struct world *w, unsigned number, struct nz_str body)
{
    (void)w, (void)body;
    static const char *const list[] = {"{\"NextToken\":\"a\"}", "{\"NextToken\":\"b\"}", "{\"NextToken\":null}"};
    return (struct reply){.status = 200, .body = list[number < 3 ? number : 2]};
}

/* The first two, which are on their way at once. */
static struct reply expired_twice(struct world *w, unsigned number, struct nz_str body)
{
    return number < 2 ? expired(w, 0, body) : good(w, number, body);
}

/* Keys that live until an hour after the beginning; a role whose ARN ends in "no" is refused. */
static struct reply roles(struct world *w, unsigned number, struct nz_str body)
{
    (void)w, (void)number;
    if (nz_str_find(body, NZ_STR("no&")) != SIZE_MAX)
        return (struct reply){.status = 403,
                              .body =
                                  "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error>"
                                  "</ErrorResponse>"};
    return (struct reply){
        .status = 200,
        .body = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s"
                "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>1970-01-12T14:46:40Z</Expiration>"
                "</Credentials></AssumeRoleResult></AssumeRoleResponse>"};
}

/* --- tests --- */

static void pace_of_a_service(void **state)
{
    (void)state;
    struct world w = {.script = good};
    assert_int_equal(run(&w, NZ_AWS_GUARDDUTY_ListDetectors, "", 15), NZ_OK);
    assert_int_equal(w.sent_ms[4], 0); /* a handful at once, two under way */
    assert_int_equal(w.flying_most, 2);
    assert_in_range(w.sent_ms[5], 200, 201); /* then five a second */
    assert_in_range(w.sent_ms[14], 2000, 2020);
}

static void pace_of_an_operation(void **state)
{
    (void)state;
    struct world w = {.script = good};
    assert_int_equal(run(&w, NZ_AWS_CLOUDTRAIL_LookupEvents, "", 5), NZ_OK);
    assert_in_range(w.sent_ms[4], 1500, 1510);
}

static void throttled_calls_come_slower(void **state)
{
    (void)state;
    struct world w = {.script = throttling};
    assert_int_equal(run(&w, NZ_AWS_GUARDDUTY_ListDetectors, "", 1), NZ_OK);
    assert_int_equal(w.sent, 3);
    assert_int_equal(w.err, NZ_E_AWS_THROTTLED);
    assert_int_equal(w.attempts, 3);
    assert_in_range(w.sent_ms[1], 400,
                    1001); /* twice the distance of 200 ms, or the retry's own delay if that is more */
    assert_in_range(w.sent_ms[2] - w.sent_ms[1], 800, 2001);
}

static void a_quota_ends_retries_of_all(void **state)
{
    (void)state;
    struct world w = {.script = down};
    assert_int_equal(run(&w, NZ_AWS_S3_HeadBucket, "{\"Bucket\":\"b-1\"}", 200), NZ_OK);
    assert_int_equal(w.errors, 200);
    assert_int_equal(w.sent, 200 + 500 / 5);
}

static void timeouts_cost_more_and_the_call_has_an_end(void **state)
{
    (void)state;
    struct world w = {.script = timing_out};
    struct nz_aws_client_options options = world_options(&w);
    const struct nz_aws_call call = {.operation = NZ_AWS_GUARDDUTY_ListDetectors, .on_answer = take, .self = &w};
    options.call_ms = 50000;
    assert_int_equal(run_with(&w, &options, &call, 1), NZ_OK);
    assert_int_equal(w.sent, 2); /* the third would begin after 60 s */
    assert_int_equal(w.err, NZ_E_AWS_TIMEOUT);
}

static void keys_are_refreshed_once(void **state)
{
    (void)state;
    struct world w = {.script = expired};
    assert_int_equal(run(&w, NZ_AWS_GUARDDUTY_ListDetectors, "", 1), NZ_OK);
    assert_int_equal(w.keys_refreshed, 1);
    assert_int_equal(w.errors, 0);
    assert_int_equal(w.sent, 2);
}

static void keys_that_several_calls_found_expired_are_refreshed_once(void **state)
{
    (void)state;
    struct world w = {.script = expired_twice};
    assert_int_equal(run(&w, NZ_AWS_GUARDDUTY_ListDetectors, "", 2), NZ_OK);
    assert_int_equal(w.errors, 0);
    assert_int_equal(w.sent, 4);
    assert_int_equal(w.keys_refreshed, 1);
}

/* --- roles --- */

static enum nz_err role_ask(struct world *w, struct nz_aws_role *role, bool is_refused, struct nz_diag *diag)
{
    const struct nz_aws_credentials_source source = nz_aws_role_use(role);
    struct nz_aws_keys keys;
    enum nz_err err = source.ops->get(source.self, world_now(w), is_refused, &keys, diag);
    if (!err)
        assert_true(nz_str_eq(keys.access_key_id, NZ_STR("ASIA")));
    return err;
}

static void a_role_is_taken_when_it_is_needed(void **state)
{
    (void)state;
    struct world w = {.script = roles};
    const struct nz_aws_client_options options = world_options(&w);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct nz_aws_role role = {.lock = &lock, .arn = NZ_STR("arn:aws:iam::1:role/yes"), .session_name = NZ_STR("n")};
    struct nz_aws_role other = {.lock = &lock, .arn = NZ_STR("arn:aws:iam::1:role/no"), .session_name = NZ_STR("n")};
    struct nz_diag diag = NZ_DIAG_INIT;
    assert_int_equal(nz_aws_client_new(&options, &role.client), NZ_OK);
    other.client = role.client;
    assert_int_equal(role_ask(&w, &role, false, NULL), NZ_OK);
    assert_int_equal(role_ask(&w, &role, false, NULL), NZ_OK);
    assert_int_equal(w.sent, 1);
    assert_int_equal(role_ask(&w, &role, true, NULL), NZ_OK); /* AWS says that they are too old */
    assert_int_equal(w.sent, 2);
    w.ns += 46ULL * 60 * 1000 * MS;
    assert_int_equal(role_ask(&w, &role, false, NULL), NZ_OK);
    assert_int_equal(w.sent, 3);
    assert_int_equal(role_ask(&w, &other, false, &diag), NZ_E_AWS_DENIED);
    assert_string_equal(other.refusal.code, "AccessDenied");
    assert_string_equal(other.refusal.message, "not you");
    assert_string_equal(diag.text, "AssumeRole: AccessDenied: not you");
    nz_aws_role_release(&other);
    nz_aws_role_release(&role);
    nz_aws_client_free(role.client);
}

static void a_role_each_allocation_fails(void **state)
{
    (void)state;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct world w = {.script = roles};
        const struct nz_aws_client_options options = world_options(&w);
        struct nz_aws_role role = {
            .lock = &lock, .arn = NZ_STR("arn:aws:iam::1:role/yes"), .session_name = NZ_STR("n")};
        nz_fault_arm(nth);
        enum nz_err err = nz_aws_client_new(&options, &role.client);
        if (!err)
            err = role_ask(&w, &role, false, NULL);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        nz_aws_role_release(&role);
        nz_aws_client_free(role.client);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
    }
}

static void pages_follow_one_another(void **state)
{
    (void)state;
    struct world w = {.script = pages};
    assert_int_equal(run(&w, NZ_AWS_CONFIG_DescribeConfigRules, "{\"ConfigRuleNames\":[]}", 1), NZ_OK);
    assert_int_equal(w.answers, 3);
    assert_int_equal(w.sent, 3);
}

static void without_keys_nothing_is_sent(void **state)
{
    (void)state;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct world w = {.script = good, .no_keys = true, .diag = &diag};
    assert_int_equal(run(&w, NZ_AWS_GUARDDUTY_ListDetectors, "", 5), NZ_E_AWS_CREDENTIALS);
    assert_string_equal(diag.text, "call: none"); /* though each answer wrote into what the run's error stood in */
    assert_int_equal(w.sent, 0);
    assert_int_equal(w.err, NZ_E_AWS_CREDENTIALS);
}

static void what_the_caller_returns_ends_the_run(void **state)
{
    (void)state;
    struct world w = {.script = good, .to_return = NZ_E_WRITE};
    assert_int_equal(run(&w, NZ_AWS_GUARDDUTY_ListDetectors, "", 9), NZ_E_WRITE);
    assert_int_equal(w.err, NZ_E_STOPPED);
}

static bool is_stopped(void *self)
{
    const struct world *w = self;
    return w->sent >= 3;
}

static void stopping(void **state)
{
    (void)state;
    struct world w = {.script = good};
    struct nz_aws_client_options options = world_options(&w);
    const struct nz_aws_call call = {.operation = NZ_AWS_GUARDDUTY_ListDetectors, .on_answer = take, .self = &w};
    options.is_stopped = is_stopped;
    options.stopped_self = &w;
    assert_int_equal(run_with(&w, &options, &call, 20), NZ_E_STOPPED);
    assert_int_equal(w.err, NZ_E_STOPPED);
}

static void badly_put_calls_are_answered(void **state)
{
    (void)state;
    static const struct {
        enum nz_aws_operation operation;
        const char *parameters;
        enum nz_err err;
    } rows[] = {
        {NZ_AWS_GUARDDUTY_GetDetector, "", NZ_E_BUG},
        {NZ_AWS_GUARDDUTY_GetDetector, "{\"DetectorId\":\"..\"}", NZ_E_AWS_ANSWER},
        {NZ_AWS_GUARDDUTY_GetDetector, "{\"DetectorId\":\"a\",\"More\":1}", NZ_E_BUG},
        {NZ_AWS_GUARDDUTY_ListDetectors, "[]", NZ_E_BUG},
        {NZ_AWS_IAM_ListAccountAliases, "{", NZ_E_BUG},
        {NZ_AWS_S3_CONTROL_GetPublicAccessBlock, "{\"AccountId\":\"a\\r\\nHost: b\"}", NZ_E_AWS_ANSWER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w = {.script = good};
        assert_int_equal(run(&w, rows[i].operation, rows[i].parameters, 1), NZ_OK);
        assert_int_equal(w.err, rows[i].err);
        assert_int_equal(w.sent, 0);
    }
}

static void each_allocation_fails(void **state)
{
    (void)state;
    struct nz_aws_credentials keys = {0};
    assert_int_equal(nz_secret_set(&keys.secret_key, NZ_STR("k")), NZ_OK);
    long before = nz_live_allocations();
    for (unsigned nth = 0;; nth++) {
        struct world w = {.script = pages, .keys = keys};
        nz_fault_arm(nth);
        enum nz_err err = run(&w, NZ_AWS_CONFIG_DescribeConfigRules, "{\"ConfigRuleNames\":[\"a\"]}", 2);
        bool fired = nz_fault_fired();
        nz_fault_disarm();
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
    }
    nz_aws_credentials_release(&keys);
}

/* --- retries by themselves --- */

static enum nz_aws_retry kind(enum nz_err err, int status, const char *code, const char *message, bool changes)
{
    const struct nz_aws_error error = {
        .err = err, .http_status = status, .code = nz_str_from_c(code), .message = nz_str_from_c(message)};
    return nz_aws_retry_kind(&error, changes);
}

static void what_is_tried_again(void **state)
{
    (void)state;
    assert_int_equal(kind(NZ_E_AWS_THROTTLED, 400, "SlowDown", "", true), NZ_AWS_RETRY_THROTTLE);
    assert_int_equal(kind(NZ_E_AWS_REFUSED, 500, "InternalFailure", "", false), NZ_AWS_RETRY_TRANSIENT);
    assert_int_equal(kind(NZ_E_AWS_REFUSED, 500, "InternalFailure", "", true), NZ_AWS_RETRY_NO);
    assert_int_equal(kind(NZ_E_AWS_REFUSED, 400, "RequestTimeoutException", "", false), NZ_AWS_RETRY_TRANSIENT);
    assert_int_equal(kind(NZ_E_AWS_NETWORK, 0, "", "", false), NZ_AWS_RETRY_TRANSIENT);
    assert_int_equal(kind(NZ_E_AWS_TIMEOUT, 0, "", "", true), NZ_AWS_RETRY_NO);
    assert_int_equal(kind(NZ_E_AWS_TLS, 0, "", "", false), NZ_AWS_RETRY_NO);
    assert_int_equal(kind(NZ_E_AWS_DENIED, 403, "AccessDenied", "", false), NZ_AWS_RETRY_NO);
    assert_int_equal(kind(NZ_E_AWS_CREDENTIALS_REFUSED, 403, "SignatureDoesNotMatch", "check your key", false),
                     NZ_AWS_RETRY_NO);
    assert_int_equal(
        kind(NZ_E_AWS_CREDENTIALS_REFUSED, 403, "InvalidSignatureException", "Signature not yet current: x", true),
        NZ_AWS_RETRY_CLOCK);
}

static void delays_are_bounded(void **state)
{
    (void)state;
    struct nz_aws_retry_quota quota;
    nz_aws_retry_quota_init(&quota, 0);
    uint64_t most = 0;
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(nz_aws_retry_delay_ns(&quota, 1) < 1000ULL * MS);
        uint64_t late = nz_aws_retry_delay_ns(&quota, 90);
        most = late > most ? late : most;
    }
    assert_in_range(most / MS, 15000, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pace_of_a_service),
        cmocka_unit_test(pace_of_an_operation),
        cmocka_unit_test(throttled_calls_come_slower),
        cmocka_unit_test(a_quota_ends_retries_of_all),
        cmocka_unit_test(timeouts_cost_more_and_the_call_has_an_end),
        cmocka_unit_test(keys_are_refreshed_once),
        cmocka_unit_test(keys_that_several_calls_found_expired_are_refreshed_once),
        cmocka_unit_test(a_role_is_taken_when_it_is_needed),
        cmocka_unit_test(a_role_each_allocation_fails),
        cmocka_unit_test(pages_follow_one_another),
        cmocka_unit_test(without_keys_nothing_is_sent),
        cmocka_unit_test(what_the_caller_returns_ends_the_run),
        cmocka_unit_test(stopping),
        cmocka_unit_test(badly_put_calls_are_answered),
        cmocka_unit_test(each_allocation_fails),
        cmocka_unit_test(what_is_tried_again),
        cmocka_unit_test(delays_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
