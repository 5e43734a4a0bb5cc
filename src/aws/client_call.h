/* Private to client: one call on its way, and the lanes that calls wait in, one for each service and region. */
#ifndef NZ_AWS_CLIENT_CALL_H
#define NZ_AWS_CLIENT_CALL_H

#include "aws/answer.h"
#include "aws/client.h"
#include "aws/retry.h"

struct nz_aws_lane;

struct nz_aws_flight {
    struct nz_aws_flight *next; /* in a lane, in client->waiting or in client->flying */
    struct nz_aws_call call;    /* its texts are in arena */
    struct nz_arena arena;
    struct nz_aws_lane *lane;
    struct nz_str region; /* where it goes; changes when S3 says that a bucket is elsewhere */
    struct nz_aws_wire wire;
    struct nz_buf token; /* of the page that is asked for; empty: the first */
    unsigned page;
    unsigned attempts; /* for this page */
    unsigned quota_taken;
    nz_mono ready_at, sent_at, deadline; /* deadline ns 0: not begun */
    bool is_built, clock_corrected, keys_refreshed, bucket_followed;
    bool is_answered; /* it had its last answer */
};

struct nz_aws_lane {
    enum nz_aws_service service;
    enum nz_aws_operation alone; /* an operation with a rate of its own, else NZ_AWS_OPERATION_COUNT */
    struct nz_str region;
    unsigned in_flight;
    struct nz_aws_rate rate;
    struct nz_aws_flight *first, *last;
};

struct nz_aws_client {
    struct nz_aws_client_options options;
    struct nz_arena arena; /* lanes' regions and its own */
    struct nz_aws_lane **lanes;
    size_t lanes_count, lanes_room, lane_next; /* lane_next: who is looked at first, in turn */
    struct nz_aws_flight *waiting;             /* for a retry */
    struct nz_aws_flight *flying;
    size_t flying_count, unanswered;
    struct nz_aws_reader reader;
    struct nz_aws_retry_quota quota;
    struct nz_aws_stats stats;
    int64_t clock_off_us;
    nz_mono keys_refreshed; /* when AWS last said that they had expired; ns 0: never */
    bool is_ending;         /* nothing is begun any more */
};

/* Copies the call into its lane. */
NZ_MUST_USE enum nz_err nz_aws_flight_new(struct nz_aws_client *client, const struct nz_aws_call *call);
void nz_aws_flight_free(struct nz_aws_flight *flight);

/* Builds, signs and starts the request. An error of this call alone is in *error (err not NZ_OK; its message is in diag, which
 * is not NULL); what it returns is the whole run's: NZ_E_NOMEM, NZ_E_AWS_CREDENTIALS. */
NZ_MUST_USE enum nz_err nz_aws_flight_send(struct nz_aws_client *client, struct nz_aws_flight *flight,
                                           struct nz_aws_error *error, struct nz_diag *diag);

/* What came back: answers the caller. Then, if there is another page, *more is true and the flight is to go to its lane; if
 * it is not is_answered, to be tried again at ready_at. What on_answer returned is returned. */
NZ_MUST_USE enum nz_err nz_aws_flight_take(struct nz_aws_client *client, struct nz_aws_flight *flight,
                                           const struct nz_http_response *response, bool *more);

/* The last answer, an error. */
NZ_MUST_USE enum nz_err nz_aws_flight_fail(struct nz_aws_flight *flight, const struct nz_aws_error *error);

void nz_aws_lane_append(struct nz_aws_lane *lane, struct nz_aws_flight *flight);
struct nz_aws_flight *nz_aws_lane_take(struct nz_aws_lane *lane); /* NULL: empty */

#endif
