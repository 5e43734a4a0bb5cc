#include "aws/client_call.h"

#include <stdlib.h>

#define MS 1000000u
#define CONNECT_MS 5000u
#define ATTEMPT_MS 30000u
#define CALL_MS 120000u
#define ATTEMPTS 3u
#define CLOCK_SAME_US ((int64_t)60 * 1000000)      /* not worth a second word */
#define CLOCK_RIGHT_US ((int64_t)4 * 60 * 1000000) /* AWS takes requests of the last 5 minutes */

static uint32_t or_else(uint32_t value, uint32_t otherwise)
{
    return value ? value : otherwise;
}

/* --- lanes --- */

void nz_aws_lane_append(struct nz_aws_lane *lane, struct nz_aws_flight *flight)
{
    flight->next = NULL;
    if (lane->last)
        lane->last->next = flight;
    else
        lane->first = flight;
    lane->last = flight;
}

struct nz_aws_flight *nz_aws_lane_take(struct nz_aws_lane *lane)
{
    struct nz_aws_flight *flight = lane->first;
    if (flight) {
        lane->first = flight->next;
        if (!lane->first)
            lane->last = NULL;
        flight->next = NULL;
    }
    return flight;
}

static struct nz_aws_lane *lane_new(struct nz_aws_client *client, enum nz_aws_operation operation, bool is_alone,
                                    struct nz_str region)
{
    if (client->lanes_count == client->lanes_room) {
        size_t room = client->lanes_room ? client->lanes_room * 2 : 64;
        struct nz_aws_lane **lanes = realloc(client->lanes, room * sizeof *lanes);
        if (!lanes)
            return NULL;
        client->lanes = lanes;
        client->lanes_room = room;
    }
    struct nz_aws_lane *lane = NZ_ARENA_NEW(&client->arena, struct nz_aws_lane);
    struct nz_str kept = nz_arena_str(&client->arena, region);
    if (!lane || !kept.p)
        return NULL;
    lane->service = nz_aws_operations[operation].service;
    lane->alone = is_alone ? operation : NZ_AWS_OPERATION_COUNT;
    lane->region = kept;
    nz_aws_rate_init(&lane->rate, is_alone ? nz_aws_operations[operation].calls_per_second
                                           : nz_aws_services[lane->service].calls_per_second);
    client->lanes[client->lanes_count++] = lane;
    return lane;
}

static struct nz_aws_lane *lane_of(struct nz_aws_client *client, enum nz_aws_operation operation, struct nz_str region)
{
    const bool is_alone = nz_aws_operations[operation].calls_per_second > 0;
    const enum nz_aws_operation alone = is_alone ? operation : NZ_AWS_OPERATION_COUNT;
    if (nz_aws_service_of(operation)->scope == NZ_AWS_GLOBAL)
        region = NZ_STR("");
    for (size_t i = 0; i < client->lanes_count; i++) {
        struct nz_aws_lane *lane = client->lanes[i];
        if (lane->service == nz_aws_operations[operation].service && lane->alone == alone &&
            nz_str_eq(lane->region, region))
            return lane;
    }
    return lane_new(client, operation, is_alone, region);
}

/* --- its life --- */

void nz_aws_flight_free(struct nz_aws_flight *flight)
{
    if (!flight)
        return;
    nz_aws_wire_release(&flight->wire);
    nz_buf_release(&flight->token);
    nz_arena_release(&flight->arena);
    free(flight);
}

enum nz_err nz_aws_flight_new(struct nz_aws_client *client, const struct nz_aws_call *call)
{
    struct nz_aws_flight *flight = calloc(1, sizeof *flight);
    if (!flight)
        return NZ_E_NOMEM;
    flight->call = *call;
    flight->call.region = nz_arena_str(&flight->arena, call->region.n ? call->region : client->options.region);
    flight->call.parameters = nz_arena_str(&flight->arena, call->parameters);
    flight->region = flight->call.region;
    flight->lane = lane_of(client, call->operation, flight->region);
    if (!flight->call.region.p || !flight->call.parameters.p || !flight->lane) {
        nz_aws_flight_free(flight);
        return NZ_E_NOMEM;
    }
    nz_aws_lane_append(flight->lane, flight);
    client->unanswered++;
    return NZ_OK;
}

/* --- sending --- */

static enum nz_err page_build(struct nz_aws_client *client, struct nz_aws_flight *flight, struct nz_diag *diag)
{
    struct nz_buf parameters;
    nz_buf_init(&parameters, 0);
    nz_aws_wire_release(&flight->wire);
    enum nz_err err = nz_aws_page_parameters(&nz_aws_operations[flight->call.operation].pages, flight->call.parameters,
                                             nz_buf_view(&flight->token), &parameters);
    if (!err)
        err = nz_aws_wire_build(&flight->wire, flight->call.operation, flight->region, client->options.endpoints,
                                nz_buf_view(&parameters), diag);
    nz_buf_release(&parameters);
    flight->is_built = !err;
    return err;
}

static enum nz_err request_start(struct nz_aws_client *client, struct nz_aws_flight *flight, struct nz_diag *diag)
{
    const struct nz_aws_client_options *o = &client->options;
    const uint32_t left_ms = (uint32_t)((flight->deadline.ns - flight->sent_at.ns) / MS);
    const uint32_t attempt_ms = or_else(o->attempt_ms, ATTEMPT_MS);
    struct nz_http_request request = nz_aws_wire_request(&flight->wire);
    request.connect_ms = or_else(o->connect_ms, CONNECT_MS);
    request.total_ms = left_ms < attempt_ms ? left_ms : attempt_ms;
    request.body_bytes_max = NZ_AWS_ANSWER_BYTES_MAX;
    request.is_secret = (nz_aws_operations[flight->call.operation].uses & NZ_AWS_USE_CREDENTIALS) != 0;
    return o->http.ops->start(o->http.self, &request, flight, diag);
}

enum nz_err nz_aws_flight_send(struct nz_aws_client *client, struct nz_aws_flight *flight, struct nz_aws_error *error,
                               struct nz_diag *diag)
{
    const struct nz_aws_client_options *o = &client->options;
    *error = (struct nz_aws_error){.action = nz_str_from_c(nz_aws_operations[flight->call.operation].action)};
    if (!flight->is_built) {
        enum nz_err err = page_build(client, flight, diag);
        if (err == NZ_E_NOMEM)
            return err;
        if (err) {
            error->err = err;
            error->message = nz_str_from_c(diag->text);
            return NZ_OK;
        }
    }
    nz_time now = nz_clock_now(o->clock);
    struct nz_aws_keys keys;
    enum nz_err err = o->credentials.ops->get(o->credentials.self, now, false, &keys, diag);
    if (err)
        return err;
    now.us += client->clock_off_us;
    err = nz_aws_wire_sign(&flight->wire, &keys, now);
    if (err)
        return err;
    flight->sent_at = nz_clock_mono(o->clock);
    if (!flight->deadline.ns)
        flight->deadline.ns = flight->sent_at.ns + (uint64_t)or_else(o->call_ms, CALL_MS) * MS;
    flight->attempts++;
    client->stats.requests++;
    client->stats.retries += flight->attempts > 1;
    return request_start(client, flight, diag);
}

/* --- what came back --- */

static void log_answer(struct nz_aws_client *client, const struct nz_aws_flight *flight,
                       const struct nz_aws_error *error, size_t bytes)
{
    if (!nz_log_is_on(client->options.log, NZ_LOG_DEBUG))
        return;
    const uint64_t ms = (nz_clock_mono(client->options.clock).ns - flight->sent_at.ns) / MS;
    nz_log_write(client->options.log, NZ_LOG_DEBUG, "%s %s %.*s: %d %.*s, %zu bytes, %llu ms, page %u, attempt %u",
                 nz_aws_service_of(flight->call.operation)->signing_name,
                 nz_aws_operations[flight->call.operation].name, NZ_STR_ARG(flight->region), error->http_status,
                 NZ_STR_ARG(error->code), bytes, (unsigned long long)ms, flight->page, flight->attempts);
}

enum nz_err nz_aws_flight_fail(struct nz_aws_flight *flight, const struct nz_aws_error *error)
{
    const struct nz_aws_answer answer = {.call = &flight->call, .error = error, .last = true, .page = flight->page};
    flight->is_answered = true;
    return flight->call.on_answer(flight->call.self, &answer);
}

/* S3 says where a bucket is when it was asked elsewhere. The host is still ours to choose. */
static bool bucket_follow(struct nz_aws_flight *flight, const struct nz_http_response *response)
{
    if (nz_aws_operations[flight->call.operation].service != NZ_AWS_S3 || flight->bucket_followed ||
        !nz_aws_region_is_sound(response->bucket_region) || nz_str_eq(response->bucket_region, flight->region))
        return false;
    struct nz_str region = nz_arena_str(&flight->arena, response->bucket_region);
    if (!region.p)
        return false;
    flight->region = region;
    flight->bucket_followed = true;
    flight->is_built = false;
    return true;
}

static bool clock_correct(struct nz_aws_client *client, struct nz_aws_flight *flight,
                          const struct nz_http_response *response)
{
    if (flight->clock_corrected || !response->date.us)
        return false;
    flight->clock_corrected = true;
    const int64_t off_us = response->date.us - nz_clock_now(client->options.clock).us;
    const int64_t newly_us = off_us - client->clock_off_us;
    client->clock_off_us = off_us;
    client->stats.clock_off_us = off_us;
    if (newly_us < -CLOCK_SAME_US || newly_us > CLOCK_SAME_US)
        nz_log_write(client->options.log, NZ_LOG_WARN, "this machine's clock is %lld s %s AWS's; AWS's is taken",
                     (long long)((off_us < 0 ? -off_us : off_us) / 1000000), off_us < 0 ? "ahead of" : "behind");
    return true;
}

/* EC2 says RequestExpired of a wrong clock and of keys that have expired: the Date header tells which. */
static bool is_clock_right(const struct nz_aws_client *client, const struct nz_http_response *response)
{
    const int64_t off_us = response->date.us - nz_clock_now(client->options.clock).us - client->clock_off_us;
    return response->date.us && off_us > -CLOCK_RIGHT_US && off_us < CLOCK_RIGHT_US;
}

static bool keys_refresh(struct nz_aws_client *client, struct nz_aws_flight *flight)
{
    struct nz_aws_keys keys;
    if (flight->keys_refreshed)
        return false;
    flight->keys_refreshed = true;
    if (flight->sent_at.ns <= client->keys_refreshed.ns) /* another one saw to it while this was on its way */
        return true;
    const struct nz_aws_client_options *o = &client->options;
    client->keys_refreshed = nz_clock_mono(o->clock);
    return o->credentials.ops->get(o->credentials.self, nz_clock_now(o->clock), true, &keys, NULL) == NZ_OK;
}

/* True: it is tried once more, at flight->ready_at. */
static bool try_again(struct nz_aws_client *client, struct nz_aws_flight *flight,
                      const struct nz_http_response *response, const struct nz_aws_error *error)
{
    const nz_mono now = nz_clock_mono(client->options.clock);
    const enum nz_aws_retry kind = nz_aws_retry_kind(error, flight->call.changes);
    flight->ready_at = now;
    if (kind == NZ_AWS_RETRY_THROTTLE) {
        nz_aws_rate_slow(&flight->lane->rate, now);
        client->stats.throttled++;
    }
    if (bucket_follow(flight, response))
        return true;
    if (kind == NZ_AWS_RETRY_CLOCK && nz_aws_code_is(error->code, NZ_STR("RequestExpired")) &&
        is_clock_right(client, response))
        return keys_refresh(client, flight);
    if (kind == NZ_AWS_RETRY_CLOCK)
        return clock_correct(client, flight, response);
    if (kind == NZ_AWS_RETRY_EXPIRED)
        return keys_refresh(client, flight);
    if (kind == NZ_AWS_RETRY_NO || flight->attempts >= or_else(client->options.attempts_max, ATTEMPTS))
        return false;
    flight->ready_at.ns += nz_aws_retry_delay_ns(&client->quota, flight->attempts);
    if (flight->ready_at.ns >= flight->deadline.ns)
        return false;
    unsigned taken = nz_aws_retry_take(&client->quota, kind);
    flight->quota_taken = taken;
    return taken > 0;
}

/* True when another page is to be asked for; error->err when there is no end of them. */
static bool next_page(struct nz_aws_flight *flight, struct nz_json root, struct nz_buf *token,
                      struct nz_aws_error *error)
{
    const enum nz_aws_paging paging = nz_aws_next_page(&nz_aws_operations[flight->call.operation].pages, root, token);
    if (paging == NZ_AWS_LAST_PAGE || (flight->call.pages_max && flight->page + 1 >= flight->call.pages_max))
        return false;
    if (paging == NZ_AWS_LOST_PAGES || flight->page + 1 >= NZ_AWS_PAGES_MAX ||
        nz_str_eq(nz_buf_view(token), nz_buf_view(&flight->token))) {
        error->err = NZ_E_AWS_PAGES;
        error->message = paging == NZ_AWS_LOST_PAGES ? NZ_STR("more pages, but no token to ask for them with")
                                                     : NZ_STR("the same page again, or too many");
        return false;
    }
    return true;
}

static enum nz_err page_take(struct nz_aws_client *client, struct nz_aws_flight *flight,
                             const struct nz_http_response *response, struct nz_json root, struct nz_aws_error *error,
                             bool *more)
{
    struct nz_buf token;
    nz_buf_init(&token, 0);
    const bool has_next = next_page(flight, root, &token, error);
    enum nz_err err = nz_buf_status(&token);
    const struct nz_aws_answer answer = {.call = &flight->call,
                                         .root = root,
                                         .last = !has_next && !error->err,
                                         .page = flight->page,
                                         .bucket_region = response->bucket_region};
    nz_aws_retry_give(&client->quota, flight->quota_taken);
    nz_aws_rate_ease(&flight->lane->rate);
    if (!err) {
        flight->is_answered = answer.last;
        err = flight->call.on_answer(flight->call.self, &answer);
    }
    if (!err && error->err)
        err = nz_aws_flight_fail(flight, error);
    if (!err && has_next) {
        nz_buf_release(&flight->token);
        flight->token = token;
        flight->page++;
        flight->attempts = flight->quota_taken = 0;
        flight->deadline.ns = 0;
        flight->is_built = flight->clock_corrected = flight->keys_refreshed = false;
        *more = true;
        return NZ_OK;
    }
    nz_buf_release(&token);
    return err;
}

enum nz_err nz_aws_flight_take(struct nz_aws_client *client, struct nz_aws_flight *flight,
                               const struct nz_http_response *response, bool *more)
{
    struct nz_json root;
    struct nz_aws_error error;
    *more = false;
    enum nz_err err = nz_aws_answer_read(&client->reader, flight->call.operation, response, &root, &error);
    if (err)
        return err;
    error.attempts = flight->attempts;
    client->stats.answer_bytes += response->body.n;
    log_answer(client, flight, &error, response->body.n);
    if (!error.err)
        return page_take(client, flight, response, root, &error, more);
    return try_again(client, flight, response, &error) ? NZ_OK : nz_aws_flight_fail(flight, &error);
}
