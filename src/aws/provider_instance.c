/* EC2: the instance metadata service, version 2 (a session token first); version 1 where that is refused and not forbidden.
 * Source: EC2 User Guide, "Use the Instance Metadata Service"; AWS SDKs and Tools Reference Guide, "IMDS credential
 * provider". */
#include "aws/provider.h"

#include <stdio.h>

#define TTL_SECONDS "21600"

struct imds {
    struct nz_buf base; /* "http://169.254.169.254" */
    struct nz_buf token;
    uint32_t timeout_ms;
    unsigned attempts;
};

static bool is_true(struct nz_str text)
{
    return nz_str_eq_nocase(text, NZ_STR("true"));
}

static unsigned number_or(struct nz_str text, unsigned otherwise, unsigned most)
{
    uint64_t value;
    return text.n && nz_str_to_u64(text, &value) && value > 0 && value <= most ? (unsigned)value : otherwise;
}

static enum nz_err imds_settings(struct nz_aws_search *search, struct imds *m)
{
    const struct nz_aws_settings *s = search->settings;
    struct nz_str url = nz_aws_settings_env(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    struct nz_str mode = nz_aws_settings_env(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    struct nz_aws_endpoint parsed;
    if (url.n && nz_aws_url_parse(url, &parsed, NULL))
        return nz_aws_provider_fail(search, "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL");
    while (url.n && url.p[url.n - 1] == '/')
        url.n--;
    if (url.n)
        nz_buf_append(&m->base, url);
    else
        nz_buf_append(&m->base, nz_str_eq_nocase(mode, NZ_STR("IPv6")) ? NZ_STR("http://[fd00:ec2::254]")
                                                                       : NZ_STR("http://169.254.169.254"));
    m->timeout_ms = 1000 * number_or(nz_aws_settings_env(s, "AWS_METADATA_SERVICE_TIMEOUT"), 1, 60);
    m->attempts = number_or(nz_aws_settings_env(s, "AWS_METADATA_SERVICE_NUM_ATTEMPTS"), 1, 10);
    return nz_buf_status(&m->base);
}

static enum nz_err fetch(struct nz_aws_search *search, const struct imds *m, const char *method, struct nz_str path,
                         const struct nz_sigv4_header *header, struct nz_http_response *response)
{
    struct nz_buf url;
    nz_buf_init(&url, 0);
    if (m->base.p)
        nz_buf_append(&url, nz_buf_view(&m->base));
    nz_buf_append(&url, path);
    const struct nz_http_request request = {.method = nz_str_from_c(method),
                                            .url = nz_buf_view(&url),
                                            .headers = header,
                                            .headers_count = header != NULL,
                                            .connect_ms = m->timeout_ms,
                                            .total_ms = m->timeout_ms,
                                            .body_bytes_max = NZ_AWS_SECRET_BYTES_MAX,
                                            .is_secret = true,
                                            .is_metadata = true};
    enum nz_err err = url.failed ? NZ_E_NOMEM : nz_aws_provider_fetch(search, &request, m->attempts, response);
    nz_buf_release(&url);
    return err;
}

static enum nz_err session_begin(struct nz_aws_search *search, struct imds *m)
{
    static const struct nz_sigv4_header ttl = {{"x-aws-ec2-metadata-token-ttl-seconds", 36}, {TTL_SECONDS, 5}};
    struct nz_http_response response;
    enum nz_err err = fetch(search, m, "PUT", NZ_STR("/latest/api/token"), &ttl, &response);
    if (err)
        return err;
    if (!response.err && response.status == 200) {
        nz_buf_append(&m->token, nz_str_trim(response.body));
        return nz_buf_status(&m->token);
    }
    if (response.err && response.err != NZ_E_AWS_TIMEOUT)
        return nz_aws_provider_skip(search, "instance: %.*s does not answer (%s)", NZ_STR_ARG(nz_buf_view(&m->base)),
                                    response.problem);
    if (!response.err && response.status != 403 && response.status != 404 && response.status != 405)
        return nz_aws_provider_fail(search, "the instance metadata service answers with status %d", response.status);
    if (is_true(nz_aws_settings_env(search->settings, "AWS_EC2_METADATA_V1_DISABLED")) || response.err)
        return nz_aws_provider_skip(search,
                                    "instance: no session token from the metadata service (in a container its hop "
                                    "limit must be 2 or more)");
    return NZ_OK; /* version 1 */
}

static enum nz_err get(struct nz_aws_search *search, const struct imds *m, struct nz_str path,
                       struct nz_http_response *response)
{
    const struct nz_sigv4_header header = {NZ_STR("x-aws-ec2-metadata-token"), nz_buf_view(&m->token)};
    return fetch(search, m, "GET", path, m->token.n ? &header : NULL, response);
}

#define ROLES "/latest/meta-data/iam/security-credentials/"

static enum nz_err role_find(struct nz_aws_search *search, const struct imds *m, struct nz_buf *path)
{
    struct nz_http_response response;
    enum nz_err err = get(search, m, NZ_STR(ROLES), &response);
    if (err)
        return err;
    struct nz_str role = nz_str_trim(nz_str_head(response.body, nz_str_find(response.body, NZ_STR("\n"))));
    if (response.err || response.status != 200 || !role.n || role.n > 64)
        return nz_aws_provider_skip(search, "instance: the metadata service knows no role (status %d)",
                                    response.status);
    nz_buf_append(path, NZ_STR(ROLES));
    nz_uri_encode(path, role, 0);
    return nz_buf_status(path);
}

/* While AWS has trouble the service hands out keys past their time and keeps them good: they are taken, with a word. */
static void extend_if_expired(struct nz_aws_search *search, struct nz_aws_credentials *out)
{
    const nz_time now = nz_clock_now(search->clock);
    if (!out->expires.us || out->expires.us > now.us)
        return;
    nz_log_write(search->log, NZ_LOG_WARN, "the instance metadata service gave keys that have expired; they are tried");
    out->expires.us = now.us + (int64_t)20 * 60 * 1000000;
}

static enum nz_err keys_parse(struct nz_aws_search *search, const struct nz_http_response *response,
                              struct nz_aws_credentials *out)
{
    static const struct nz_aws_key_names names = {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", false};
    struct nz_json_doc doc;
    struct nz_json root;
    if (response->err || response->status != 200)
        return nz_aws_provider_fail(search, "the instance metadata service gives no keys (status %d)",
                                    response->status);
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, response->body, &root, NULL);
    if (err && err != NZ_E_NOMEM)
        err = nz_aws_provider_fail(search, "the instance metadata service answers with something that is no JSON");
    if (!err)
        err = nz_aws_credentials_from_json(search, root, &names, out);
    if (!err)
        nz_aws_expires_localize(search, response, out);
    if (!err)
        extend_if_expired(search, out);
    nz_json_doc_release(&doc);
    return err;
}

/* Everything that is asked of the service: settings, a session, then `ask` with them. */
static enum nz_err imds_use(struct nz_aws_search *search,
                            enum nz_err (*ask)(struct nz_aws_search *search, const struct imds *m, void *out),
                            void *out)
{
    if (is_true(nz_aws_settings_env(search->settings, "AWS_EC2_METADATA_DISABLED")))
        return nz_aws_provider_skip(search, "instance: AWS_EC2_METADATA_DISABLED is true");
    struct imds m = {0};
    nz_buf_init(&m.base, 0);
    nz_buf_init_wiped(&m.token, 0);
    enum nz_err err = imds_settings(search, &m);
    if (!err)
        err = session_begin(search, &m);
    if (!err)
        err = ask(search, &m, out);
    nz_buf_release(&m.base);
    nz_buf_release(&m.token);
    return err;
}

static enum nz_err keys_ask(struct nz_aws_search *search, const struct imds *m, void *out)
{
    struct nz_buf path;
    struct nz_http_response response;
    nz_buf_init(&path, 0);
    enum nz_err err = role_find(search, m, &path);
    if (!err)
        err = get(search, m, nz_buf_view(&path), &response);
    if (!err)
        err = keys_parse(search, &response, out);
    nz_buf_release(&path);
    return err;
}

enum nz_err nz_aws_provider_instance(struct nz_aws_search *search, struct nz_str profile,
                                     struct nz_aws_credentials *out)
{
    (void)profile;
    return imds_use(search, keys_ask, out);
}

static enum nz_err region_ask(struct nz_aws_search *search, const struct imds *m, void *out)
{
    struct nz_http_response response;
    struct nz_str *region = out;
    enum nz_err err = get(search, m, NZ_STR("/latest/meta-data/placement/region"), &response);
    if (err)
        return err;
    struct nz_str text = nz_str_trim(response.body);
    if (response.err || response.status != 200 || !nz_aws_region_is_sound(text))
        return NZ_E_NOT_FOUND;
    *region = nz_arena_str(search->arena, text);
    return region->p ? NZ_OK : NZ_E_NOMEM;
}

enum nz_err nz_aws_instance_region(struct nz_aws_search *search, struct nz_str *out)
{
    *out = (struct nz_str){0};
    enum nz_err err = imds_use(search, region_ask, out);
    return err == NZ_E_NOMEM ? err : NZ_OK;
}
