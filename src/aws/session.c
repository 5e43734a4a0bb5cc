#include "aws/session.h"

#include "aws/http_curl.h"

#include <stdlib.h>

#define REFRESH_BEFORE_US ((int64_t)10 * 60 * 1000000)

struct nz_aws_session {
    struct nz_aws_session_options options;
    struct nz_aws_settings settings;
    struct nz_http_curl *http;
    struct nz_http_curl *keys_http; /* for keys: its waiting does not mix with that of the calls */
    struct nz_aws_chain chain;
    struct nz_aws_client *client;

    /* of a session that takes a role with the keys of another */
    struct nz_aws_session *from;
    struct nz_buf role; /* AssumeRole's parameters */
    struct nz_aws_credentials assumed;
};

static enum nz_err network_open(struct nz_aws_session *s, struct nz_diag *diag)
{
    const struct nz_http_curl_options options = {.user_agent = NZ_STR("nezuban/" NZ_VERSION),
                                                 .ca_bundle = s->settings.ca_bundle,
                                                 .https_proxy = s->settings.https_proxy,
                                                 .http_proxy = s->settings.http_proxy,
                                                 .no_proxy = s->settings.no_proxy,
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

static enum nz_err client_open(struct nz_aws_session *s, struct nz_aws_credentials_source credentials)
{
    const struct nz_aws_session_options *o = &s->options;
    const struct nz_aws_client_options options = {.region = s->settings.region,
                                                  .endpoints = &s->settings.endpoints,
                                                  .http = nz_http_curl_use(s->http),
                                                  .clock = o->clock,
                                                  .credentials = credentials,
                                                  .log = o->log,
                                                  .attempts_max = s->settings.attempts_max,
                                                  .attempt_ms = o->attempt_ms,
                                                  .call_ms = o->call_ms,
                                                  .run_ms = o->run_ms,
                                                  .seed = nz_clock_mono(o->clock).ns,
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
    enum nz_err err = nz_aws_settings_load(&options->flags, &options->environment, options->log, &s->settings, diag);
    if (!err)
        err = network_open(s, diag);
    if (!err)
        err = region_find(s);
    if (!err) {
        const struct nz_aws_search search = search_of(s);
        nz_aws_chain_init(&s->chain, &search);
        err = client_open(s, nz_aws_chain_use(&s->chain));
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
    nz_aws_credentials_release(&session->assumed);
    nz_buf_release(&session->role);
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
    return &session->settings;
}

struct nz_str nz_aws_session_looked_at(const struct nz_aws_session *session)
{
    return nz_buf_view(&session->chain.looked_at);
}

struct nz_str nz_aws_session_provider(const struct nz_aws_session *session)
{
    return nz_str_from_c(session->chain.provider);
}

/* --- taking a role --- */

static enum nz_err role_take(struct nz_aws_session *s, const struct nz_aws_keys *keys, struct nz_diag *diag)
{
    struct nz_aws_credentials taken = {0};
    struct nz_aws_search search = search_of(s->from);
    search.diag = diag;
    enum nz_err err = nz_aws_sts_credentials(&search, NZ_AWS_STS_AssumeRole, nz_buf_view(&s->role), keys, &taken);
    if (err) {
        nz_aws_credentials_release(&taken);
        return err;
    }
    nz_aws_credentials_release(&s->assumed);
    s->assumed = taken;
    return NZ_OK;
}

static enum nz_err role_get(void *self, nz_time now, bool is_refused, struct nz_aws_keys *out, struct nz_diag *diag)
{
    struct nz_aws_session *s = self;
    struct nz_aws_keys keys;
    enum nz_err err = NZ_OK;
    if (!s->assumed.secret_key.n || is_refused || s->assumed.expires.us - now.us <= REFRESH_BEFORE_US) {
        const struct nz_aws_credentials_source source = nz_aws_chain_use(&s->from->chain);
        err = source.ops->get(source.self, now, false, &keys, diag);
        if (!err)
            err = role_take(s, &keys, diag);
    }
    *out = nz_aws_credentials_keys(&s->assumed);
    return err;
}

enum nz_err nz_aws_session_assume(struct nz_aws_session *from, struct nz_str role_arn, struct nz_str external_id,
                                  struct nz_aws_session **out, struct nz_diag *diag)
{
    static const struct nz_aws_credentials_ops ops = {role_get};
    struct nz_aws_session *s;
    enum nz_err err = nz_aws_session_open(&from->options, &s, diag);
    *out = NULL;
    if (err)
        return err;
    s->from = from;
    nz_aws_json_member(&s->role, "RoleArn", role_arn);
    nz_aws_json_member(&s->role, "RoleSessionName", NZ_STR("nezuban"));
    nz_aws_json_member(&s->role, "ExternalId", external_id);
    nz_buf_append_char(&s->role, '}');
    nz_aws_client_free(s->client);
    s->client = NULL;
    err = s->role.failed ? NZ_E_NOMEM : client_open(s, (struct nz_aws_credentials_source){&ops, s});
    if (err) {
        nz_aws_session_close(s);
        return err;
    }
    *out = s;
    return NZ_OK;
}
