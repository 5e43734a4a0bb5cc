#include "aws/http_curl.h"

#include "aws/curl.h"

#include <stdio.h>
#include <stdlib.h>

#define IDLE_MAX 64u

/* One request: kept and used again, for its connection's sake libcurl keeps that itself. */
struct transfer {
    struct transfer *next; /* in http->active or http->idle */
    struct nz_http_curl *http;
    void *tag;
    CURL *easy;
    struct curl_slist *headers;
    struct nz_buf url, method, sent, body;
    size_t body_bytes_max;
    enum nz_err fault; /* why the body was not taken */
    struct nz_buf request_id, error_type, bucket_region;
    char date[64];
    char problem[CURL_ERROR_SIZE];
};

struct nz_http_curl {
    struct nz_curl curl;
    CURLM *multi;
    struct transfer *active, *idle, *answered; /* answered: what the response of the last call points into */
    unsigned idle_count;
    size_t bodies_bytes;
    size_t bodies_bytes_max;
    char *user_agent, *ca_bundle, *https_proxy, *http_proxy, *no_proxy;
};

/* --- transfers --- */

static void headers_free(struct transfer *t)
{
    for (struct curl_slist *h = t->headers; h; h = h->next)
        explicit_bzero(h->data, strlen(h->data)); /* tokens and signatures */
    t->http->curl.slist_free_all(t->headers);
    t->headers = NULL;
}

static void transfer_free(struct transfer *t)
{
    if (!t)
        return;
    headers_free(t);
    if (t->easy)
        t->http->curl.easy_cleanup(t->easy);
    nz_buf_release(&t->url);
    nz_buf_release(&t->method);
    nz_buf_release(&t->sent);
    nz_buf_release(&t->body);
    nz_buf_release(&t->request_id);
    nz_buf_release(&t->error_type);
    nz_buf_release(&t->bucket_region);
    free(t);
}

static void bodies_return(struct transfer *t)
{
    t->http->bodies_bytes -= t->body.n;
    nz_buf_clear(&t->body);
}

/* Ready for the next request; what is secret or large is given back. */
static void transfer_idle(struct transfer *t)
{
    struct nz_http_curl *http = t->http;
    bodies_return(t);
    headers_free(t);
    nz_buf_release(&t->body);
    nz_buf_release(&t->sent);
    if (http->idle_count >= IDLE_MAX) {
        transfer_free(t);
        return;
    }
    http->curl.easy_reset(t->easy);
    t->next = http->idle;
    http->idle = t;
    http->idle_count++;
}

static struct transfer *transfer_take(struct nz_http_curl *http)
{
    struct transfer *t = http->idle;
    if (t) {
        http->idle = t->next;
        http->idle_count--;
    } else {
        t = calloc(1, sizeof *t);
        if (!t)
            return NULL;
        t->http = http;
        t->easy = http->curl.easy_init();
        if (!t->easy) {
            transfer_free(t);
            return NULL;
        }
    }
    t->next = NULL;
    t->fault = NZ_OK;
    t->date[0] = t->problem[0] = 0;
    nz_buf_clear(&t->request_id);
    nz_buf_clear(&t->error_type);
    nz_buf_clear(&t->bucket_region);
    return t;
}

/* --- what libcurl calls --- */

static size_t on_body(char *bytes, size_t size, size_t count, void *self)
{
    struct transfer *t = self;
    size_t n = size * count;
    struct nz_http_curl *http = t->http;
    if (n > t->body_bytes_max - t->body.n ||
        (http->bodies_bytes_max && n > http->bodies_bytes_max - http->bodies_bytes)) {
        t->fault = NZ_E_AWS_ANSWER_SIZE;
        return 0;
    }
    nz_buf_append(&t->body, nz_str_of(bytes, n));
    if (t->body.failed) {
        t->fault = NZ_E_NOMEM;
        return 0;
    }
    http->bodies_bytes += n;
    return n;
}

static void header_keep(struct transfer *t, struct nz_str name, struct nz_str value)
{
    struct nz_buf *to = NULL;
    if (nz_str_eq_nocase(name, NZ_STR("x-amzn-requestid")) || nz_str_eq_nocase(name, NZ_STR("x-amz-request-id")))
        to = &t->request_id;
    else if (nz_str_eq_nocase(name, NZ_STR("x-amzn-errortype")))
        to = &t->error_type;
    else if (nz_str_eq_nocase(name, NZ_STR("x-amz-bucket-region")))
        to = &t->bucket_region;
    else if (nz_str_eq_nocase(name, NZ_STR("date")) && value.n < sizeof t->date)
        snprintf(t->date, sizeof t->date, "%.*s", NZ_STR_ARG(value));
    if (!to)
        return;
    nz_buf_clear(to);
    nz_buf_append(to, nz_str_head(value, 256));
}

static size_t on_header(char *bytes, size_t size, size_t count, void *self)
{
    struct nz_str line = nz_str_of(bytes, size * count);
    size_t colon = nz_str_find(line, NZ_STR(":"));
    if (colon != SIZE_MAX)
        header_keep(self, nz_str_head(line, colon), nz_str_trim(nz_str_skip(line, colon + 1)));
    return line.n;
}

/* --- a request --- */

static bool text_set(struct nz_buf *to, struct nz_str text)
{
    nz_buf_clear(to);
    nz_buf_append(to, text);
    nz_buf_append_char(to, 0);
    return !to->failed;
}

static bool headers_build(struct transfer *t, const struct nz_http_request *request)
{
    struct nz_buf line;
    nz_buf_init_wiped(&line, 0);
    bool ok = true;
    for (size_t i = 0; ok && i < request->headers_count; i++) {
        nz_buf_clear(&line);
        nz_buf_append(&line, request->headers[i].name);
        nz_buf_append(&line, NZ_STR(": "));
        nz_buf_append(&line, request->headers[i].value);
        nz_buf_append_char(&line, 0);
        struct curl_slist *list = line.failed ? NULL : t->http->curl.slist_append(t->headers, line.p);
        ok = list != NULL;
        if (ok)
            t->headers = list;
    }
    /* libcurl would wait for a "100 Continue" before it sends a larger body */
    struct curl_slist *list = ok ? t->http->curl.slist_append(t->headers, "Expect:") : NULL;
    if (list)
        t->headers = list;
    nz_buf_release(&line);
    return list != NULL;
}

static const char *proxy_of(const struct nz_http_curl *http, const struct nz_http_request *request)
{
    if (request->is_metadata)
        return "";
    const char *proxy = nz_str_starts_with(request->url, NZ_STR("https:")) ? http->https_proxy : http->http_proxy;
    return proxy ? proxy : ""; /* empty: none, not the environment's */
}

static bool options_set(struct transfer *t, const struct nz_http_request *request)
{
    const struct nz_http_curl *http = t->http;
    __typeof__(http->curl.easy_setopt) set = http->curl.easy_setopt;
    bool ok = set(t->easy, CURLOPT_URL, t->url.p) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    ok = ok && (!http->ca_bundle || set(t->easy, CURLOPT_CAINFO, http->ca_bundle) == CURLE_OK);
    ok = ok && set(t->easy, CURLOPT_PROXY, proxy_of(http, request)) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_NOPROXY, http->no_proxy ? http->no_proxy : "") == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_USERAGENT, http->user_agent) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_TIMEOUT_MS, (long)request->total_ms) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_ERRORBUFFER, t->problem) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_WRITEDATA, t) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_HEADERDATA, t) == CURLE_OK;
    ok = ok && set(t->easy, CURLOPT_PRIVATE, t) == CURLE_OK;
    return ok && set(t->easy, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
}

static bool method_set(struct transfer *t, const struct nz_http_request *request)
{
    __typeof__(t->http->curl.easy_setopt) set = t->http->curl.easy_setopt;
    if (nz_str_eq(request->method, NZ_STR("HEAD")))
        return set(t->easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    if (nz_str_eq(request->method, NZ_STR("GET")))
        return set(t->easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return set(t->easy, CURLOPT_POST, 1L) == CURLE_OK &&
           set(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n) == CURLE_OK &&
           set(t->easy, CURLOPT_POSTFIELDS, t->sent.p) == CURLE_OK &&
           set(t->easy, CURLOPT_CUSTOMREQUEST, t->method.p) == CURLE_OK;
}

static struct transfer *transfer_make(struct nz_http_curl *http, const struct nz_http_request *request)
{
    struct transfer *t = transfer_take(http);
    if (!t)
        return NULL;
    t->body_bytes_max = request->body_bytes_max;
    nz_buf_init(&t->body, 0);
    nz_buf_init_wiped(&t->sent, 0); /* a token may stand in it */
    t->body.wipes = request->is_secret;
    if (text_set(&t->url, request->url) && text_set(&t->method, request->method) && text_set(&t->sent, request->body) &&
        headers_build(t, request) && options_set(t, request) && method_set(t, request))
        return t;
    transfer_idle(t);
    return NULL;
}

/* --- its end --- */

static enum nz_err err_of(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return NZ_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return NZ_E_AWS_TIMEOUT;
    case CURLE_OUT_OF_MEMORY:
        return NZ_E_NOMEM;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return NZ_E_AWS_TLS;
    default:
        return NZ_E_AWS_NETWORK;
    }
}

static void response_fill(struct transfer *t, CURLcode code, struct nz_http_response *out)
{
    const struct nz_curl *curl = &t->http->curl;
    long status = 0;
    curl->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    *out = (struct nz_http_response){.err = t->fault ? t->fault : err_of(code),
                                     .status = (int)status,
                                     .body = nz_buf_view(&t->body),
                                     .request_id = nz_buf_view(&t->request_id),
                                     .error_type = nz_buf_view(&t->error_type),
                                     .bucket_region = nz_buf_view(&t->bucket_region)};
    if (t->fault == NZ_E_AWS_ANSWER_SIZE)
        snprintf(out->problem, sizeof out->problem, "more than %zu bytes, or too much of all answers at once",
                 t->body_bytes_max);
    else if (out->err)
        snprintf(out->problem, sizeof out->problem, "%.159s", t->problem[0] ? t->problem : curl->easy_strerror(code));
    time_t date = t->date[0] ? curl->getdate(t->date, NULL) : -1;
    if (date > 0)
        out->date.us = (int64_t)date * 1000000;
}

static void answered_drop(struct nz_http_curl *http)
{
    if (http->answered)
        transfer_idle(http->answered);
    http->answered = NULL;
}

static void active_remove(struct nz_http_curl *http, struct transfer *t)
{
    struct transfer **at = &http->active;
    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
    http->curl.multi_remove_handle(http->multi, t->easy);
}

/* --- the ops --- */

static enum nz_err start(void *self, const struct nz_http_request *request, void *tag, struct nz_diag *diag)
{
    struct nz_http_curl *http = self;
    struct transfer *t = transfer_make(http, request);
    if (!t)
        return NZ_E_NOMEM;
    t->tag = tag;
    CURLMcode code = http->curl.multi_add_handle(http->multi, t->easy);
    if (code != CURLM_OK) {
        transfer_idle(t);
        return nz_diag_set(diag, code == CURLM_OUT_OF_MEMORY ? NZ_E_NOMEM : NZ_E_AWS_NETWORK, "%s",
                           http->curl.multi_strerror(code));
    }
    t->next = http->active;
    http->active = t;
    return NZ_OK;
}

/* One that has ended, if there is one. */
static bool ended_take(struct nz_http_curl *http, void **tag, struct nz_http_response *out)
{
    int left;
    for (CURLMsg *message; (message = http->curl.multi_info_read(http->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        char *private = NULL;
        CURLcode code = message->data.result;
        http->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct transfer *t = (struct transfer *)(void *)private;
        active_remove(http, t);
        response_fill(t, code, out);
        http->answered = t;
        *tag = t->tag;
        return true;
    }
    return false;
}

static enum nz_err next(void *self, uint32_t wait_ms, void **tag, struct nz_http_response *out, struct nz_diag *diag)
{
    struct nz_http_curl *http = self;
    *tag = NULL;
    answered_drop(http);
    if (ended_take(http, tag, out))
        return NZ_OK;
    int running;
    CURLMcode code = http->curl.multi_perform(http->multi, &running);
    if (code == CURLM_OK && !ended_take(http, tag, out)) {
        code = http->curl.multi_poll(http->multi, NULL, 0, wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms, NULL);
        if (code == CURLM_OK)
            code = http->curl.multi_perform(http->multi, &running);
        if (code == CURLM_OK)
            ended_take(http, tag, out);
    }
    if (code == CURLM_OK)
        return NZ_OK;
    return nz_diag_set(diag, code == CURLM_OUT_OF_MEMORY ? NZ_E_NOMEM : NZ_E_AWS_NETWORK, "%s",
                       http->curl.multi_strerror(code));
}

static void cancel(void *self, void *tag)
{
    struct nz_http_curl *http = self;
    struct transfer *t = http->active;
    while (t && t->tag != tag)
        t = t->next;
    if (!t)
        return;
    active_remove(http, t);
    transfer_idle(t);
}

static enum nz_err fetch(void *self, const struct nz_http_request *request, struct nz_http_response *out,
                         struct nz_diag *diag)
{
    (void)diag;
    struct nz_http_curl *http = self;
    answered_drop(http);
    struct transfer *t = transfer_make(http, request);
    if (!t)
        return NZ_E_NOMEM;
    CURLcode code = http->curl.easy_perform(t->easy);
    response_fill(t, code, out);
    http->answered = t;
    return NZ_OK;
}

struct nz_http nz_http_curl_use(struct nz_http_curl *http)
{
    static const struct nz_http_ops ops = {start, next, cancel, fetch};
    return (struct nz_http){&ops, http};
}

/* --- open and close --- */

static bool copy(char **to, struct nz_str text)
{
    *to = text.n ? strndup(text.p, text.n) : NULL;
    return !text.n || *to;
}

enum nz_err nz_http_curl_open(const struct nz_http_curl_options *options, struct nz_http_curl **out,
                              struct nz_diag *diag)
{
    *out = NULL;
    struct nz_http_curl *http = calloc(1, sizeof *http);
    if (!http)
        return NZ_E_NOMEM;
    enum nz_err err = nz_curl_open(&http->curl, diag);
    if (!err) {
        http->multi = http->curl.multi_init();
        http->bodies_bytes_max = options->bodies_bytes_max;
        if (!http->multi || !copy(&http->user_agent, options->user_agent) ||
            !copy(&http->ca_bundle, options->ca_bundle) || !copy(&http->https_proxy, options->https_proxy) ||
            !copy(&http->http_proxy, options->http_proxy) || !copy(&http->no_proxy, options->no_proxy))
            err = NZ_E_NOMEM;
    }
    if (err) {
        nz_http_curl_close(http);
        return err;
    }
    http->curl.multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)options->connections_max);
    *out = http;
    return NZ_OK;
}

static void list_free(struct transfer *t)
{
    while (t) {
        struct transfer *next_one = t->next;
        transfer_free(t);
        t = next_one;
    }
}

void nz_http_curl_close(struct nz_http_curl *http)
{
    if (!http)
        return;
    for (struct transfer *t = http->active; t; t = t->next)
        http->curl.multi_remove_handle(http->multi, t->easy);
    list_free(http->active);
    list_free(http->idle);
    transfer_free(http->answered);
    if (http->multi)
        http->curl.multi_cleanup(http->multi);
    nz_curl_close(&http->curl);
    free(http->user_agent);
    free(http->ca_bundle);
    free(http->https_proxy);
    free(http->http_proxy);
    free(http->no_proxy);
    free(http);
}
