#include "aws/session.h"

#include "aws/http_curl.h"

#include <stdlib.h>

struct nz_aws_session {
    struct nz_aws_session_options options;
    struct nz_aws_settings settings;
    const struct nz_aws_settings *used; /* its own, or those of the session that it was made from */
    struct nz_http_curl *http;
    struct nz_http_curl *keys_http; /* for keys: its waiting does not mix with that of the calls */
    struct nz_aws_chain chain;
    struct nz_aws_client *client;
};

static enum nz_err network_open(struct nz_aws_session *s, struct nz_diag *diag)
{
    const struct nz_http_curl_options options = {.user_agent = NZ_STR("nezuban/" NZ_VERSION),
                                                 .ca_bundle = s->used->ca_bundle,
                                                 .https_proxy = s->used->https_proxy,
                                                 .http_proxy = s->used->http_proxy,
                                                 .no_proxy = s->used->no_proxy,
                                                 .connections_max = NZ_AWS_CONNECTIONS_MAX,
                                                 .bodies_bytes_max = NZ_AWS_ANSWERS_BYTES_MAX};
    enum nz_err err = nz_http_curl_open(&options, &s->http, diag);
    return err ? err : nz_http_curl_open(&options, &s->keys_http, diag);
}

static struct nz_aws_search search_of(struct nz_aws_session *s)
{
    return (struct nz_aws_search){.settings = &s->settings,
                                  .http = nz_http_curl_use(s->keys_http),
                                  .clock = s->options.clock,
                                  .log = s->options.log,
                                  .ask = s->options.ask};
}

/* As the AWS CLI does where nothing says which region: on EC2, the machine's. */
static enum nz_err region_find(struct nz_aws_session *s)
{
    if (s->settings.region.n)
        return NZ_OK;
    struct nz_aws_search search = search_of(s);
    struct nz_buf looked_at;
    nz_buf_init(&looked_at, 0);
    search.looked_at = &looked_at;
    search.arena = &s->settings.arena;
    enum nz_err err = nz_aws_instance_region(&search, &s->settings.region);
    nz_buf_release(&looked_at);
    return err;
}

static enum nz_err client_open(struct nz_aws_session *s, struct nz_aws_credentials_source credentials,
                               int64_t clock_off_us)
{
    const struct nz_aws_session_options *o = &s->options;
    const struct nz_aws_client_options options = {.region = s->used->region,
                                                  .endpoints = &s->used->endpoints,
                                                  .http = nz_http_curl_use(s->http),
                                                  .clock = o->clock,
                                                  .credentials = credentials,
                                                  .log = o->log,
                                                  .attempts_max = s->used->attempts_max,
                                                  .attempt_ms = o->attempt_ms,
                                                  .call_ms = o->call_ms,
                                                  .run_ms = o->run_ms,
                                                  .seed = nz_clock_mono(o->clock).ns,
                                                  .clock_off_us = clock_off_us,
                                                  .is_stopped = o->is_stopped,
                                                  .stopped_self = o->stopped_self};
    return nz_aws_client_new(&options, &s->client);
}

enum nz_err nz_aws_session_open(const struct nz_aws_session_options *options, struct nz_aws_session **out,
                                struct nz_diag *diag)
{
    *out = NULL;
    struct nz_aws_session *s = calloc(1, sizeof *s);
    if (!s)
        return NZ_E_NOMEM;
    s->options = *options;
    s->used = &s->settings;
    enum nz_err err = nz_aws_settings_load(&options->flags, &options->environment, options->log, &s->settings, diag);
    if (!err)
        err = network_open(s, diag);
    if (!err)
        err = region_find(s);
    if (!err) {
        const struct nz_aws_search search = search_of(s);
        nz_aws_chain_init(&s->chain, &search);
        err = client_open(s, nz_aws_chain_use(&s->chain), 0);
    }
    if (err) {
        nz_aws_session_close(s);
        return err;
    }
    *out = s;
    return NZ_OK;
}

void nz_aws_session_close(struct nz_aws_session *session)
{
    if (!session)
        return;
    nz_aws_client_free(session->client);
    nz_aws_chain_release(&session->chain);
    nz_http_curl_close(session->keys_http);
    nz_http_curl_close(session->http);
    nz_aws_settings_release(&session->settings);
    free(session);
}

struct nz_aws_client *nz_aws_session_client(struct nz_aws_session *session)
{
    return session->client;
}

const struct nz_aws_settings *nz_aws_session_settings(const struct nz_aws_session *session)
{
    return session->used;
}

struct nz_str nz_aws_session_looked_at(const struct nz_aws_session *session)
{
    return nz_buf_view(&session->chain.looked_at);
}

struct nz_str nz_aws_session_provider(const struct nz_aws_session *session)
{
    return nz_str_from_c(session->chain.provider);
}

enum nz_err nz_aws_session_as(const struct nz_aws_session *from, struct nz_aws_credentials_source credentials,
                              int64_t clock_off_us, struct nz_aws_session **out, struct nz_diag *diag)
{
    struct nz_aws_session *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return NZ_E_NOMEM;
    s->options = from->options;
    s->used = from->used;
    enum nz_err err = network_open(s, diag);
    if (!err)
        err = client_open(s, credentials, clock_off_us);
    if (err) {
        nz_aws_session_close(s);
        return err;
    }
    *out = s;
    return NZ_OK;
}
