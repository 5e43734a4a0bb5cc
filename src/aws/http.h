/* HTTP as the client needs it: an ops table, so that slow, cut and refused answers are tested without a network and waiting
 * without time. aws/http_curl.h is the real one. */
#ifndef NZ_AWS_HTTP_H
#define NZ_AWS_HTTP_H

#include "aws/sigv4.h"
#include "core/diag.h"

struct nz_http_request {
    struct nz_str method, url;
    const struct nz_sigv4_header *headers; /* Host among them */
    size_t headers_count;
    struct nz_str body;
    uint32_t connect_ms, total_ms; /* 0: no bound */
    size_t body_bytes_max;         /* of the answer */
    bool is_secret;                /* the answer holds keys: it is overwritten when it is released */
    bool is_metadata;              /* a service of this machine: never by way of a proxy */
};

/* Borrowed: until the next call of next, fetch or cancel on the same object. */
struct nz_http_response {
    enum nz_err
        err; /* NZ_OK: an answer came, whatever its status; else NZ_E_AWS_NETWORK, NZ_E_AWS_TLS, NZ_E_AWS_TIMEOUT,
                         * NZ_E_AWS_ANSWER_SIZE, NZ_E_NOMEM */
    char problem[160]; /* on an error: what the network says */
    int status;
    struct nz_str body;
    nz_time date;                                        /* of the Date header; us 0: there was none */
    struct nz_str request_id, error_type, bucket_region; /* x-amzn-requestid or x-amz-request-id, x-amzn-errortype,
                                                          * x-amz-bucket-region; empty when not there */
};

struct nz_http_ops {
    /* Begins a request; what it borrows may go away when it returns. tag comes back with its answer. */
    enum nz_err (*start)(void *self, const struct nz_http_request *request, void *tag, struct nz_diag *diag);
    /* Waits at most wait_ms for one of them to end. *tag NULL: none did. NZ_E_NOMEM, NZ_E_AWS_NETWORK. */
    enum nz_err (*next)(void *self, uint32_t wait_ms, void **tag, struct nz_http_response *out, struct nz_diag *diag);
    /* Forgets a request. */
    void (*cancel)(void *self, void *tag);
    /* One request, waited for: others that were begun do not go on meanwhile. */
    enum nz_err (*fetch)(void *self, const struct nz_http_request *request, struct nz_http_response *out,
                         struct nz_diag *diag);
};

/* Borrowed by whoever talks. */
struct nz_http {
    const struct nz_http_ops *ops;
    void *self;
};

#endif
