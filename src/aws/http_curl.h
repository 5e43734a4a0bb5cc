/* HTTP by libcurl: many requests at once over kept connections, TLS verified, redirects not followed. */
#ifndef NZ_AWS_HTTP_CURL_H
#define NZ_AWS_HTTP_CURL_H

#include "aws/http.h"

struct nz_http_curl;

/* Texts are copied. Nothing is read from the environment. */
struct nz_http_curl_options {
    struct nz_str user_agent;
    struct nz_str ca_bundle;                         /* a file of certificates; empty: the system's */
    struct nz_str https_proxy, http_proxy, no_proxy; /* empty: none */
    unsigned connections_max;
    size_t bodies_bytes_max; /* of all answers under way together; 0: no bound */
};

/* Loads libcurl. NZ_E_NOMEM, NZ_E_AWS_NETWORK. */
NZ_MUST_USE enum nz_err nz_http_curl_open(const struct nz_http_curl_options *options, struct nz_http_curl **out,
                                          struct nz_diag *diag);
void nz_http_curl_close(struct nz_http_curl *http); /* NULL is fine; requests under way are forgotten */

/* Lives as long as http. */
struct nz_http nz_http_curl_use(struct nz_http_curl *http);

#endif
