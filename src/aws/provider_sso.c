/* IAM Identity Center: the token that `aws sso login` left in its cache, exchanged for keys of an account's role.
 *
 *     ~/.aws/sso/cache/SHA1.json   SHA-1 of the session's name, or of the start URL where a profile has no session
 *
 * Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider". */
#include "aws/provider.h"

#include <stdio.h>

#define FETCH_MS 10000u

struct sso {
    struct nz_str account, role, session, start_url, region;
};

static enum nz_err same_or_one(struct nz_aws_search *search, struct nz_str profile, const char *key,
                               struct nz_str session_value, struct nz_str *value)
{
    if (session_value.n && value->n && !nz_str_eq(session_value, *value))
        return nz_aws_provider_fail(search, "profile %.*s and its sso-session have different values of %s",
                                    NZ_STR_ARG(profile), key);
    if (session_value.n)
        *value = session_value;
    return value->n ? NZ_OK : nz_aws_provider_fail(search, "profile %.*s has no %s", NZ_STR_ARG(profile), key);
}

static enum nz_err sso_read(struct nz_aws_search *search, struct nz_str profile, struct sso *out)
{
    const struct nz_aws_settings *s = search->settings;
    const struct nz_str kind = NZ_STR("sso-session"), none = NZ_STR("");
    *out =
        (struct sso){nz_aws_settings_get(s, profile, "sso_account_id"),
                     nz_aws_settings_get(s, profile, "sso_role_name"), nz_aws_settings_get(s, profile, "sso_session"),
                     nz_aws_settings_get(s, profile, "sso_start_url"), nz_aws_settings_get(s, profile, "sso_region")};
    if (!out->session.n && !out->start_url.n)
        return nz_aws_provider_skip(search, "SSO: no sso_session in profile %.*s", NZ_STR_ARG(profile));
    if (!out->account.n || !out->role.n)
        return nz_aws_provider_fail(search, "profile %.*s has no %s", NZ_STR_ARG(profile),
                                    out->account.n ? "sso_role_name" : "sso_account_id");
    if (out->session.n && !nz_aws_ini_has(&s->config, kind, out->session))
        return nz_aws_provider_fail(search, "there is no [sso-session %.*s]", NZ_STR_ARG(out->session));
    enum nz_err err = same_or_one(search, profile, "sso_start_url",
                                  nz_aws_ini_get(&s->config, kind, out->session, none, NZ_STR("sso_start_url"), NULL),
                                  &out->start_url);
    if (!err)
        err =
            same_or_one(search, profile, "sso_region",
                        nz_aws_ini_get(&s->config, kind, out->session, none, NZ_STR("sso_region"), NULL), &out->region);
    if (!err && !nz_aws_region_is_sound(out->region))
        err = nz_aws_provider_fail(search, "profile %.*s: sso_region is no region", NZ_STR_ARG(profile));
    return err;
}

/* --- the token --- */

static enum nz_err login_first(struct nz_aws_search *search, struct nz_str profile, const char *why)
{
    return nz_aws_provider_fail(search, "the SSO token %s: run \"aws sso login --profile %.*s\"", why,
                                NZ_STR_ARG(profile));
}

static enum nz_err token_parse(struct nz_aws_search *search, struct nz_str profile, struct nz_str text,
                               struct nz_secret *token)
{
    struct nz_json_doc doc;
    struct nz_json root;
    nz_time expires = {0};
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, text, &root, NULL);
    if (err && err != NZ_E_NOMEM)
        err = login_first(search, profile, "in the cache cannot be read");
    struct nz_json value = err ? (struct nz_json){0} : nz_json_get(root, NZ_STR("accessToken"));
    struct nz_json until = err ? (struct nz_json){0} : nz_json_get(root, NZ_STR("expiresAt"));
    if (!err && (nz_json_kind(value) != NZ_JSON_STRING || nz_json_kind(until) != NZ_JSON_STRING ||
                 !nz_time_parse(nz_json_string_raw(until), &expires)))
        err = login_first(search, profile, "in the cache has no accessToken or expiresAt");
    if (!err && expires.us <= nz_clock_now(search->clock).us)
        err = login_first(search, profile, "has expired");
    if (!err) {
        struct nz_buf scratch;
        nz_buf_init_wiped(&scratch, 0);
        struct nz_str decoded = nz_json_string(value, &scratch);
        err = scratch.failed ? NZ_E_NOMEM : nz_secret_set(token, decoded);
        nz_buf_release(&scratch);
    }
    nz_json_doc_release(&doc);
    return err;
}

static enum nz_err token_read(struct nz_aws_search *search, struct nz_str profile, const struct sso *sso,
                              struct nz_secret *token)
{
    struct nz_buf path, text;
    nz_buf_init(&path, 0);
    nz_buf_init_wiped(&text, 0);
    nz_buf_append(&path, NZ_STR("~/.aws/sso/cache/"));
    enum nz_err err = nz_sha1_hex_append(&path, sso->session.n ? sso->session : sso->start_url);
    nz_buf_append(&path, NZ_STR(".json"));
    struct nz_str whole = {0};
    if (!err)
        whole = nz_aws_path_expand(search->settings, nz_buf_view(&path), search->arena);
    if (!err && !whole.p)
        err = NZ_E_NOMEM;
    if (!err)
        err = nz_aws_file_read(whole, NZ_AWS_SECRET_BYTES_MAX, &text, search->diag);
    if (err == NZ_E_NOT_FOUND)
        err = login_first(search, profile, "is not there");
    if (!err)
        err = token_parse(search, profile, nz_buf_view(&text), token);
    nz_buf_release(&path);
    nz_buf_release(&text);
    return err;
}

/* --- the exchange --- */

static enum nz_err keys_parse(struct nz_aws_search *search, struct nz_str profile,
                              const struct nz_http_response *response, struct nz_aws_credentials *out)
{
    static const struct nz_aws_key_names names = {"accessKeyId", "secretAccessKey", "sessionToken", "expiration", true};
    struct nz_json_doc doc;
    struct nz_json root;
    if (response->err)
        return nz_aws_provider_fail(search, "SSO: %s", response->problem);
    if (response->status == 401)
        return login_first(search, profile, "is not accepted any more");
    if (response->status != 200)
        return nz_aws_provider_fail(search, "SSO answers with status %d; has the user the role in this account?",
                                    response->status);
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, response->body, &root, NULL);
    if (err && err != NZ_E_NOMEM)
        err = nz_aws_provider_fail(search, "SSO answers with something that is no JSON");
    if (!err)
        err = nz_aws_credentials_from_json(search, nz_json_get(root, NZ_STR("roleCredentials")), &names, out);
    if (!err)
        nz_aws_expires_localize(search, response, out);
    nz_json_doc_release(&doc);
    return err;
}

/* AWS_ENDPOINT_URL_SSO and AWS_ENDPOINT_URL count here as anywhere. */
static enum nz_err url_build(struct nz_aws_search *search, const struct sso *sso, struct nz_buf *url)
{
    const struct nz_aws_partition *partition = nz_aws_partition_of(sso->region);
    struct nz_str own = nz_aws_settings_env(search->settings, "AWS_ENDPOINT_URL_SSO");
    struct nz_aws_endpoint endpoint;
    if (!own.n)
        own = search->settings->endpoints.url;
    if (own.n) {
        enum nz_err err = nz_aws_url_parse(own, &endpoint, search->diag);
        if (err)
            return err;
        nz_buf_printf(url, "%.*s://%.*s%.*s", NZ_STR_ARG(endpoint.scheme), NZ_STR_ARG(endpoint.host),
                      NZ_STR_ARG(endpoint.path));
    } else {
        nz_buf_printf(url, "https://portal.sso.%.*s.%s", NZ_STR_ARG(sso->region),
                      partition ? partition->suffix : "amazonaws.com");
    }
    nz_buf_append(url, NZ_STR("/federation/credentials?account_id="));
    nz_uri_encode(url, sso->account, 0);
    nz_buf_append(url, NZ_STR("&role_name="));
    nz_uri_encode(url, sso->role, 0);
    return nz_buf_status(url);
}

enum nz_err nz_aws_provider_sso(struct nz_aws_search *search, struct nz_str profile, struct nz_aws_credentials *out)
{
    struct sso sso;
    enum nz_err err = sso_read(search, profile, &sso);
    if (err)
        return err;
    struct nz_secret token = {0};
    struct nz_buf url;
    struct nz_http_response response;
    nz_buf_init(&url, 0);
    err = token_read(search, profile, &sso, &token);
    if (!err)
        err = url_build(search, &sso, &url);
    const struct nz_sigv4_header headers[] = {{NZ_STR("x-amz-sso_bearer_token"), nz_secret_view(&token)}};
    const struct nz_http_request request = {.method = NZ_STR("GET"),
                                            .url = nz_buf_view(&url),
                                            .headers = headers,
                                            .headers_count = 1,
                                            .connect_ms = FETCH_MS,
                                            .total_ms = FETCH_MS,
                                            .body_bytes_max = NZ_AWS_SECRET_BYTES_MAX,
                                            .is_secret = true};
    if (!err)
        err = nz_aws_provider_fetch(search, &request, 3, &response);
    if (!err)
        err = keys_parse(search, profile, &response, out);
    nz_secret_release(&token);
    nz_buf_release(&url);
    return err;
}
