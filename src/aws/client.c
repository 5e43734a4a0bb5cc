#include "aws/client_call.h"

#include <stdlib.h>

#define MS 1000000u
#define WAIT_MOST_MS 100u /* until is_stopped is asked again */

enum nz_err nz_aws_client_new(const struct nz_aws_client_options *options, struct nz_aws_client **out)
{
    *out = NULL;
    struct nz_aws_client *client = calloc(1, sizeof *client);
    if (!client)
        return NZ_E_NOMEM;
    client->options = *options;
    client->options.region = nz_arena_str(&client->arena, options->region);
    client->clock_off_us = client->stats.clock_off_us = options->clock_off_us;
    nz_aws_reader_init(&client->reader);
    nz_aws_retry_quota_init(&client->quota, options->seed);
    if (!client->options.region.p) {
        nz_aws_client_free(client);
        return NZ_E_NOMEM;
    }
    *out = client;
    return NZ_OK;
}

/* Takes one off whatever holds it; NULL: none is left. */
static struct nz_aws_flight *any_take(struct nz_aws_client *client)
{
    struct nz_aws_flight **lists[] = {&client->flying, &client->waiting};
    for (size_t i = 0; i < 2; i++) {
        struct nz_aws_flight *flight = *lists[i];
        if (!flight)
            continue;
        if (i == 0)
            client->options.http.ops->cancel(client->options.http.self, flight);
        *lists[i] = flight->next;
        return flight;
    }
    for (size_t i = 0; i < client->lanes_count; i++) {
        struct nz_aws_flight *flight = nz_aws_lane_take(client->lanes[i]);
        if (flight)
            return flight;
    }
    return NULL;
}

void nz_aws_client_free(struct nz_aws_client *client)
{
    if (!client)
        return;
    for (struct nz_aws_flight *flight; (flight = any_take(client));)
        nz_aws_flight_free(flight);
    nz_aws_reader_release(&client->reader);
    nz_arena_release(&client->arena);
    free(client->lanes);
    free(client);
}

enum nz_err nz_aws_client_submit(struct nz_aws_client *client, const struct nz_aws_call *call, struct nz_diag *diag)
{
    if (client->is_ending)
        return NZ_E_STOPPED;
    if (client->unanswered >= NZ_AWS_CALLS_MAX)
        return nz_diag_set(diag, NZ_E_LIMIT, "%u calls are waiting already", NZ_AWS_CALLS_MAX);
    return nz_aws_flight_new(client, call);
}

struct nz_aws_stats nz_aws_client_stats(const struct nz_aws_client *client)
{
    return client->stats;
}

/* --- the run --- */

static void answered(struct nz_aws_client *client, struct nz_aws_flight *flight)
{
    client->unanswered--;
    nz_aws_flight_free(flight);
}

static enum nz_err send_one(struct nz_aws_client *client, struct nz_aws_flight *flight, struct nz_diag *diag)
{
    struct nz_aws_error error;
    struct nz_diag own = NZ_DIAG_INIT;
    enum nz_err err = nz_aws_flight_send(client, flight, &error, &own);
    if (err && diag)
        *diag = own;
    if (err) { /* back, so that it is answered with the others */
        flight->next = client->waiting;
        client->waiting = flight;
        return err;
    }
    if (error.err) {
        err = nz_aws_flight_fail(flight, &error);
        answered(client, flight);
        return err;
    }
    flight->next = client->flying;
    client->flying = flight;
    client->flying_count++;
    flight->lane->in_flight++;
    return NZ_OK;
}

static void sooner(uint64_t *wait_ns, uint64_t than)
{
    if (than < *wait_ns)
        *wait_ns = than;
}

static bool has_room(const struct nz_aws_client *client, const struct nz_aws_lane *lane)
{
    return client->flying_count < NZ_AWS_CONNECTIONS_MAX &&
           lane->in_flight < nz_aws_services[lane->service].calls_at_once;
}

/* The first that waits for its retry and may go now, taken off the list. */
static struct nz_aws_flight *waiting_take(struct nz_aws_client *client, nz_mono now, uint64_t *wait_ns)
{
    for (struct nz_aws_flight **at = &client->waiting; *at; at = &(*at)->next) {
        struct nz_aws_flight *flight = *at;
        if (flight->ready_at.ns > now.ns) {
            sooner(wait_ns, flight->ready_at.ns - now.ns);
            continue;
        }
        if (!has_room(client, flight->lane))
            continue;
        uint64_t wait = nz_aws_rate_take(&flight->lane->rate, now);
        if (wait) {
            sooner(wait_ns, wait);
            continue;
        }
        *at = flight->next;
        return flight;
    }
    return NULL;
}

static enum nz_err lane_send(struct nz_aws_client *client, struct nz_aws_lane *lane, nz_mono now, uint64_t *wait_ns,
                             struct nz_diag *diag)
{
    while (lane->first && has_room(client, lane)) {
        uint64_t wait = nz_aws_rate_take(&lane->rate, now);
        if (wait) {
            sooner(wait_ns, wait);
            return NZ_OK;
        }
        enum nz_err err = send_one(client, nz_aws_lane_take(lane), diag);
        if (err)
            return err;
    }
    return NZ_OK;
}

/* Sends all that may go now; *wait_ns is when there may be more. */
static enum nz_err send_ready(struct nz_aws_client *client, uint64_t *wait_ns, struct nz_diag *diag)
{
    const nz_mono now = nz_clock_mono(client->options.clock);
    for (struct nz_aws_flight *flight; (flight = waiting_take(client, now, wait_ns));) {
        enum nz_err err = send_one(client, flight, diag);
        if (err)
            return err;
    }
    client->lane_next++;
    for (size_t i = 0; i < client->lanes_count; i++) {
        struct nz_aws_lane *lane = client->lanes[(client->lane_next + i) % client->lanes_count];
        enum nz_err err = lane_send(client, lane, now, wait_ns, diag);
        if (err)
            return err;
    }
    return NZ_OK;
}

static void flying_remove(struct nz_aws_client *client, struct nz_aws_flight *flight)
{
    struct nz_aws_flight **at = &client->flying;
    while (*at != flight)
        at = &(*at)->next;
    *at = flight->next;
    client->flying_count--;
    flight->lane->in_flight--;
}

static enum nz_err land(struct nz_aws_client *client, struct nz_aws_flight *flight,
                        const struct nz_http_response *response)
{
    bool more;
    flying_remove(client, flight);
    enum nz_err err = nz_aws_flight_take(client, flight, response, &more);
    if (more) {
        nz_aws_lane_append(flight->lane, flight);
    } else if (!flight->is_answered) { /* another try; on an error the end of the run answers it */
        flight->next = client->waiting;
        client->waiting = flight;
    } else {
        answered(client, flight);
    }
    return err;
}

static enum nz_err step(struct nz_aws_client *client, struct nz_diag *diag)
{
    uint64_t wait_ns = (uint64_t)WAIT_MOST_MS * MS;
    enum nz_err err = send_ready(client, &wait_ns, diag);
    if (err || !client->unanswered)
        return err;
    void *tag;
    struct nz_http_response response;
    const struct nz_http *http = &client->options.http;
    err = http->ops->next(http->self, (uint32_t)((wait_ns + MS - 1) / MS), &tag, &response, diag);
    return err || !tag ? err : land(client, tag, &response);
}

static void end(struct nz_aws_client *client, enum nz_err why, const struct nz_diag *diag)
{
    /* a copy: who is answered may write into the same diag */
    const struct nz_diag reason = diag && diag->code == why ? *diag : (struct nz_diag)NZ_DIAG_INIT;
    const struct nz_aws_error error = {.err = why, .message = nz_str_from_c(reason.text)};
    client->is_ending = true;
    for (struct nz_aws_flight *flight; (flight = any_take(client));) {
        struct nz_aws_error own = error;
        own.action = nz_str_from_c(nz_aws_operations[flight->call.operation].action);
        enum nz_err ignored = nz_aws_flight_fail(flight, &own); /* it ends already */
        (void)ignored;
        nz_aws_flight_free(flight);
    }
    for (size_t i = 0; i < client->lanes_count; i++)
        client->lanes[i]->in_flight = 0;
    client->flying_count = client->unanswered = 0;
    client->is_ending = false;
}

enum nz_err nz_aws_client_run(struct nz_aws_client *client, struct nz_diag *diag)
{
    const struct nz_aws_client_options *o = &client->options;
    const uint64_t from_ns = nz_clock_mono(o->clock).ns;
    enum nz_err err = NZ_OK;
    while (!err && client->unanswered) {
        if (o->is_stopped && o->is_stopped(o->stopped_self))
            err = NZ_E_STOPPED;
        else if (o->run_ms && nz_clock_mono(o->clock).ns - from_ns > o->run_ms * MS)
            err = nz_diag_set(diag, NZ_E_AWS_TIMEOUT, "the whole run took longer than %llu s",
                              (unsigned long long)(o->run_ms / 1000));
        else
            err = step(client, diag);
    }
    if (err)
        end(client, err == NZ_E_AWS_TIMEOUT || err == NZ_E_AWS_CREDENTIALS ? err : NZ_E_STOPPED, diag);
    return err;
}
