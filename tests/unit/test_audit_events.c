/* audit --events: the bounds of what is asked of the event history, on a network and a clock that stand here, and each
 * allocation failing. What is made of the answers is in tests/aws/account.py. */
#include "cli/audit_events.h"
#include "inventory/snapshot_builder.h"
#include "support/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)
#define USERS_MANY (NZ_HISTORY_USERS_MAX + 100u)

/* --- a world without waiting --- */

struct world {
    uint64_t ns, answer_ns; /* since the start; how long an answer takes */
    const char *body;       /* of an answer, without its end */
    bool pages;             /* there is always one more */
    char answer[2048];
    void *flying[NZ_AWS_CONNECTIONS_MAX];
    unsigned flying_count, sent;
    struct nz_aws_credentials keys;
};

static nz_time world_now(void *self)
{
    const struct world *w = self;
    return (nz_time){INT64_C(1795600000000000) + (int64_t)(w->ns / 1000)};
}

static nz_mono world_mono(void *self)
{
    const struct world *w = self;
    return (nz_mono){w->ns + 1};
}

static const struct nz_clock_ops world_clock = {world_now, world_mono};

static enum nz_err world_start(void *self, const struct nz_http_request *request, void *tag, struct nz_diag *diag)
{
    (void)request, (void)diag;
    struct world *w = self;
    assert_true(w->flying_count < NZ_AWS_CONNECTIONS_MAX);
    w->flying[w->flying_count++] = tag;
    w->sent++;
    return NZ_OK;
}

static enum nz_err world_next(void *self, uint32_t wait_ms, void **tag, struct nz_http_response *out,
                              struct nz_diag *diag)
{
    (void)diag;
    struct world *w = self;
    *tag = NULL;
    w->ns += w->flying_count ? w->answer_ns : wait_ms * MS;
    if (!w->flying_count)
        return NZ_OK;
    *tag = w->flying[0];
    memmove(&w->flying[0], &w->flying[1], --w->flying_count * sizeof w->flying[0]);
    snprintf(w->answer, sizeof w->answer, w->pages ? "%s,\"NextToken\":\"%u\"}" : "%s}", w->body, w->sent);
    *out = (struct nz_http_response){.status = 200, .body = nz_str_from_c(w->answer)};
    return NZ_OK;
}

static void world_cancel(void *self, void *tag)
{
    struct world *w = self;
    for (unsigned i = 0; i < w->flying_count; i++) {
        if (w->flying[i] == tag)
            w->flying[i] = w->flying[--w->flying_count];
    }
}

static const struct nz_http_ops world_http = {world_start, world_next, world_cancel, NULL};

static enum nz_err world_keys(void *self, nz_time now, bool is_refused, struct nz_aws_keys *out, struct nz_diag *diag)
{
    (void)now, (void)is_refused, (void)diag;
    struct world *w = self;
    *out = nz_aws_credentials_keys(&w->keys);
    return NZ_OK;
}

static const struct nz_aws_credentials_ops world_credentials = {world_keys};
static const struct nz_aws_endpoints nowhere;

static bool world_stops;
static bool is_stopped(void)
{
    return world_stops;
}

/* --- an account with users --- */

static void user_arn(char out[64], unsigned i)
{
    snprintf(out, 64, "arn:aws:iam::111122223333:user/u%04u", i);
}

static enum nz_err snapshot_fill(struct nz_snapshot_builder *b, unsigned users)
{
    const struct nz_snapshot_header header = {.tool = NZ_STR("test"),
                                              .account = NZ_STR("111122223333"),
                                              .partition = NZ_STR("aws"),
                                              .captured_at = NZ_STR("2026-11-25T10:00:00Z"),
                                              .caller_region = NZ_STR("us-east-1"),
                                              .version = 1};
    enum nz_err err = nz_snapshot_set_header(b, &header);
    if (err == NZ_OK)
        err = nz_snapshot_add_region(b, NZ_STR("us-east-1"));
    for (unsigned i = 0; i < users && err == NZ_OK; i++) {
        char arn[64];
        user_arn(arn, i);
        const struct nz_item item = {.type = NZ_STR("AWS::IAM::User"),
                                     .region = NZ_REGION_GLOBAL,
                                     .arn = nz_str_from_c(arn),
                                     .id = nz_str_from_c(arn),
                                     .name = NZ_STR("u"),
                                     .account = header.account,
                                     .capture_time = NZ_STR(""),
                                     .status = NZ_STR("OK"),
                                     .configuration = NZ_STR("{}"),
                                     .supplementary = NZ_STR("{}")};
        err = nz_snapshot_add_item(b, &item);
    }
    return err;
}

static struct nz_snapshot *snapshot_make(unsigned users)
{
    struct nz_snapshot_builder *b;
    struct nz_snapshot *s;
    assert_int_equal(nz_snapshot_builder_new(&b), NZ_OK);
    assert_int_equal(snapshot_fill(b, users), NZ_OK);
    assert_int_equal(nz_snapshot_finish(b, &s, NULL), NZ_OK);
    nz_snapshot_builder_free(b);
    return s;
}

/* --- asking --- */

static enum nz_err ask(struct world *w, const struct nz_snapshot *snapshot, struct nz_activity *activity,
                       struct nz_history *history)
{
    const struct nz_aws_client_options options = {.region = NZ_STR("us-east-1"),
                                                  .endpoints = &nowhere,
                                                  .http = {&world_http, w},
                                                  .clock = {&world_clock, w},
                                                  .credentials = {&world_credentials, w},
                                                  .seed = 7};
    struct nz_progress progress;
    struct nz_aws_client *client;
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_progress_init(&progress, false, &world_clock, w);
    nz_activity_init(activity);
    *history = (struct nz_history){0};
    enum nz_err err = nz_aws_client_new(&options, &client);
    if (err == NZ_OK) {
        const struct nz_audit_events how = {.client = client,
                                            .snapshot = snapshot,
                                            .clock = {&world_clock, w},
                                            .progress = &progress,
                                            .is_stopped = is_stopped};
        err = nz_audit_events_read(&how, activity, history, &diag);
    }
    nz_aws_client_free(client);
    nz_progress_release(&progress);
    return err;
}

static const struct nz_history_part *part_of(const struct nz_history *history, unsigned user)
{
    char arn[64];
    user_arn(arn, user);
    return nz_history_of(history, nz_str_from_c(arn));
}

static void test_so_many_users_are_asked_about(void **state)
{
    (void)state;
    struct world w = {.answer_ns = 10 * MS, .body = "{\"Events\":[]"};
    struct nz_snapshot *snapshot = snapshot_make(USERS_MANY);
    struct nz_activity activity;
    struct nz_history history;
    assert_int_equal(ask(&w, snapshot, &activity, &history), NZ_OK);
    assert_int_equal(history.users_count, NZ_HISTORY_USERS_MAX);
    assert_int_equal(w.sent, NZ_HISTORY_USERS_MAX + 2);           /* root's calls and the sign-ins */
    assert_true(w.ns >= (NZ_HISTORY_USERS_MAX / 2 - 5) * SECOND); /* two a second, a few at once to begin with */
    assert_non_null(part_of(&history, NZ_HISTORY_USERS_MAX - 1));
    assert_false(nz_history_is_unread(part_of(&history, NZ_HISTORY_USERS_MAX - 1)));
    assert_null(part_of(&history, NZ_HISTORY_USERS_MAX));
    assert_int_equal(nz_activity_days(&activity), NZ_HISTORY_DAYS);
    nz_activity_release(&activity);
    nz_snapshot_free(snapshot);
}

static void test_it_takes_so_long(void **state)
{
    (void)state;
    struct world w = {.answer_ns = 5 * SECOND, .body = "{\"Events\":[]"};
    struct nz_snapshot *snapshot = snapshot_make(USERS_MANY);
    struct nz_activity activity;
    struct nz_history history;
    assert_int_equal(ask(&w, snapshot, &activity, &history), NZ_OK);
    assert_true(w.ns >= NZ_HISTORY_SECONDS_MAX * SECOND && w.ns < (NZ_HISTORY_SECONDS_MAX + 60) * SECOND);
    assert_false(nz_history_is_unread(&history.root));
    assert_false(nz_history_is_unread(part_of(&history, 0)));
    const struct nz_history_part *last = part_of(&history, NZ_HISTORY_USERS_MAX - 1);
    assert_true(nz_history_is_unread(last)); /* no pass for those that nobody had the time to ask about */
    assert_true(nz_str_eq(last->unread.error, NZ_STR("Timeout")));
    nz_activity_release(&activity);
    nz_snapshot_free(snapshot);
}

/* So long that root alone takes the time: then nobody is asked about users. */
static void test_root_alone_takes_so_long(void **state)
{
    (void)state;
    struct world w = {.answer_ns = NZ_HISTORY_SECONDS_MAX * SECOND, .body = "{\"Events\":[]"};
    struct nz_snapshot *snapshot = snapshot_make(3);
    struct nz_activity activity;
    struct nz_history history;
    assert_int_equal(ask(&w, snapshot, &activity, &history), NZ_OK);
    assert_true(w.sent <= 2);
    assert_null(part_of(&history, 0));
    nz_activity_release(&activity);
    nz_snapshot_free(snapshot);
}

static void test_stopping(void **state)
{
    (void)state;
    struct world w = {.answer_ns = 10 * MS, .body = "{\"Events\":[]"};
    struct nz_snapshot *snapshot = snapshot_make(3);
    struct nz_activity activity;
    struct nz_history history;
    world_stops = true;
    assert_int_equal(ask(&w, snapshot, &activity, &history), NZ_E_STOPPED);
    world_stops = false;
    nz_activity_release(&activity);
    nz_snapshot_free(snapshot);
}

/* Of root, then of a user; a record that is none; a further page. */
static const char *const events =
    "{\"Events\":[{\"CloudTrailEvent\":\"{\\\"eventID\\\":\\\"1\\\",\\\"eventTime\\\":\\\"2026-11-24T10:00:00Z\\\","
    "\\\"eventName\\\":\\\"ConsoleLogin\\\",\\\"sourceIPAddress\\\":\\\"192.0.2.1\\\",\\\"responseElements\\\":{"
    "\\\"ConsoleLogin\\\":\\\"Success\\\"},\\\"userIdentity\\\":{\\\"type\\\":\\\"Root\\\"}}\"},"
    "{\"CloudTrailEvent\":\"{\\\"eventTime\\\":\\\"2026-11-24T10:00:00Z\\\",\\\"eventName\\\":\\\"GetUser\\\","
    "\\\"sourceIPAddress\\\":\\\"192.0.2.1\\\",\\\"userIdentity\\\":{\\\"type\\\":\\\"IAMUser\\\",\\\"arn\\\":"
    "\\\"arn:aws:iam::111122223333:user/u0000\\\"}}\"},{\"CloudTrailEvent\":\"{\"}]";

static void test_each_allocation_failing(void **state)
{
    (void)state;
    struct nz_snapshot *snapshot = snapshot_make(1);
    for (unsigned nth = 0;; nth++) {
        struct world w = {.answer_ns = 10 * MS, .body = events, .pages = true};
        struct nz_activity activity;
        struct nz_history history;
        const long before = nz_live_allocations();
        nz_fault_arm(nth);
        const enum nz_err err = ask(&w, snapshot, &activity, &history);
        const bool fired = nz_fault_fired();
        nz_fault_disarm();
        if (!fired) {
            assert_int_equal(err, NZ_OK);
            assert_true(history.root.is_cut && nz_history_is_unread(&history.root));
            assert_int_equal(activity.root.calls, 1); /* the same sign-in by two questions and on each page */
        }
        nz_activity_release(&activity);
        assert_int_equal(nz_live_allocations(), before);
        if (!fired)
            break;
        assert_int_equal(err, NZ_E_NOMEM);
        assert_true(nth < 10000);
    }
    nz_snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_so_many_users_are_asked_about), cmocka_unit_test(test_it_takes_so_long),
        cmocka_unit_test(test_root_alone_takes_so_long),      cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_each_allocation_failing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
