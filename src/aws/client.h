/* Many calls to AWS at once: submitted in any number, sent as fast as AWS and the account's own work allow, answered one by
 * one through a function of the caller.
 *
 *     struct nz_aws_call call = {.operation = NZ_AWS_GUARDDUTY_GetDetector, .region = NZ_STR("eu-west-1"),
 *                                .parameters = NZ_STR("{\"DetectorId\":\"12abc34d\"}"), .on_answer = take, .self = me};
 *     err = nz_aws_client_submit(client, &call, diag);      // as many as there are to make
 *     err = nz_aws_client_run(client, diag);                // returns when all are answered
 *
 *     static enum nz_err take(void *self, const struct nz_aws_answer *answer)
 *     {
 *         if (answer->error)
 *             …                                             // answer->error->action is what the caller may not do
 *         struct nz_json status = nz_json_get(answer->root, NZ_STR("status"));
 *         …                                                 // may submit what follows from it
 *         return NZ_OK;
 *     }
 *
 * One form for five protocols: parameters go in as a JSON object and answers come out as JSON, member names as the API
 * reference writes them on the wire ("Marker", "detectorIds", "regionInfo"), times as AWS sent them. What came as XML has
 * been written as JSON (aws/answer_xml.h): lists are arrays, also empty ones; booleans and numbers are such.
 *
 * Pages: the client asks for the largest page and for all of them; on_answer gets each, in order, `last` on the final one.
 * Every call that was submitted gets exactly one answer with `last`, whatever happens: an error is one.
 * Order between calls is not promised.
 *
 * Calls at once: as services.list says for a service and region, NZ_AWS_CONNECTIONS_MAX in all. Retries as the AWS SDKs'
 * standard mode. Nothing is followed that redirects.
 * Threads: one client, one thread. Memory: NZ_AWS_ANSWERS_BYTES_MAX for all answers being received. */
#ifndef NZ_AWS_CLIENT_H
#define NZ_AWS_CLIENT_H

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/error.h"
#include "aws/http.h"
#include "core/json.h"
#include "core/log.h"

#define NZ_AWS_CONNECTIONS_MAX 64u
#define NZ_AWS_ANSWER_BYTES_MAX ((size_t)64 << 20)
#define NZ_AWS_ANSWERS_BYTES_MAX ((size_t)256 << 20)
#define NZ_AWS_PAGES_MAX 100000u /* of one call */
#define NZ_AWS_CALLS_MAX 100000u /* submitted and not answered */

struct nz_aws_client;
struct nz_aws_call;

/* All borrowed but for region: they outlive the client. aws/session.h fills them from flags, environment and profiles. */
struct nz_aws_client_options {
    struct nz_str region; /* of calls that name none */
    const struct nz_aws_endpoints *endpoints;
    struct nz_http http;
    struct nz_clock clock;
    struct nz_aws_credentials_source credentials;
    const struct nz_log *log;                 /* one line a request at NZ_LOG_DEBUG; may be NULL */
    unsigned attempts_max;                    /* 0: 3 */
    uint32_t connect_ms, attempt_ms, call_ms; /* 0: 5 s, 30 s, 2 min; call_ms is for each page, with its retries */
    uint64_t run_ms;                          /* 0: no bound */
    uint64_t seed;                            /* of the delays between retries */
    int64_t clock_off_us;                     /* what is known of it already: see nz_aws_stats */
    bool (*is_stopped)(void *self);           /* asked a few times a second; may be NULL */
    void *stopped_self;
};

NZ_MUST_USE enum nz_err nz_aws_client_new(const struct nz_aws_client_options *options, struct nz_aws_client **out);
void nz_aws_client_free(struct nz_aws_client *client); /* NULL is fine; calls that were not run are forgotten */

/* Borrowed: lives until on_answer returns. */
struct nz_aws_answer {
    const struct nz_aws_call *call;
    const struct nz_aws_error *error; /* NULL: root is the answer */
    struct nz_json root;              /* of this page; absent on an error and when AWS sent nothing */
    bool last;                        /* no more comes for this call */
    unsigned page;                    /* from 0 */
    struct nz_str bucket_region;      /* S3: where the bucket is, when AWS said so; else empty */
};

struct nz_aws_call {
    enum nz_aws_operation operation;
    struct nz_str region;     /* where; empty: the client's own. Global operations take none */
    struct nz_str parameters; /* a JSON object; empty: none */
    unsigned pages_max;       /* 0: all */
    bool changes;             /* not to be done twice: sent again only when AWS surely did nothing */
    /* An error that it returns ends the run: nz_aws_client_run returns it. */
    enum nz_err (*on_answer)(void *self, const struct nz_aws_answer *answer);
    void *self;
    uint64_t number; /* the caller's own, handed back in answer->call */
};

/* Copies the call and its texts. Also from within on_answer. What is wrong with it comes as its answer. NZ_E_NOMEM;
 * NZ_E_LIMIT: NZ_AWS_CALLS_MAX; NZ_E_STOPPED: from within on_answer of a run that is ending. */
NZ_MUST_USE enum nz_err nz_aws_client_submit(struct nz_aws_client *client, const struct nz_aws_call *call,
                                             struct nz_diag *diag);

/* Returns when every call has had its last answer. NZ_OK also when calls failed: their answers said so. NZ_E_STOPPED, and
 * what on_answer returned, after the rest has been answered with NZ_E_STOPPED; NZ_E_NOMEM;
 * NZ_E_AWS_CREDENTIALS: there are none (diag lists what was looked at). */
NZ_MUST_USE enum nz_err nz_aws_client_run(struct nz_aws_client *client, struct nz_diag *diag);

struct nz_aws_stats {
    uint64_t requests; /* sent, retries and pages counted */
    uint64_t retries, throttled;
    uint64_t answer_bytes;
    int64_t clock_off_us; /* what AWS's clock is ahead of ours, when it said so */
};
struct nz_aws_stats nz_aws_client_stats(const struct nz_aws_client *client);

#endif
