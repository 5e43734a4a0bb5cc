#include "aws/provider.h"

#include <stdarg.h>
#include <stdio.h>

/* --- words --- */

enum nz_err nz_aws_provider_skip(struct nz_aws_search *search, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    nz_buf_append(search->looked_at, nz_str_from_c(text));
    nz_buf_append_char(search->looked_at, '\n');
    return search->looked_at->failed ? NZ_E_NOMEM : NZ_E_NOT_FOUND;
}

enum nz_err nz_aws_provider_fail(struct nz_aws_search *search, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return nz_diag_set(search->diag, NZ_E_AWS_CREDENTIALS, "%s", text);
}

void nz_aws_json_member(struct nz_buf *out, const char *name, struct nz_str value)
{
    if (!value.n)
        return;
    nz_buf_append_char(out, out->n ? ',' : '{');
    nz_json_append_string(out, nz_str_from_c(name));
    nz_buf_append_char(out, ':');
    nz_json_append_string(out, value);
}

/* --- keys --- */

static enum nz_err text_take(struct nz_json object, const char *name, struct nz_secret *out)
{
    struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return NZ_OK;
    struct nz_buf scratch;
    nz_buf_init_wiped(&scratch, 0);
    struct nz_str text = nz_json_string(v, &scratch);
    enum nz_err err = scratch.failed ? NZ_E_NOMEM : nz_secret_set(out, text);
    nz_buf_release(&scratch);
    return err;
}

static enum nz_err expires_take(struct nz_aws_search *search, struct nz_json object,
                                const struct nz_aws_key_names *names, nz_time *out)
{
    uint64_t ms;
    struct nz_json v = nz_json_get(object, nz_str_from_c(names->expires));
    *out = (nz_time){0};
    if (nz_json_is_absent(v) || nz_json_kind(v) == NZ_JSON_NULL)
        return NZ_OK;
    if (names->expires_is_ms && nz_str_to_u64(nz_json_source(v), &ms) && ms < INT64_MAX / 1000) {
        out->us = (int64_t)ms * 1000;
        return NZ_OK;
    }
    if (nz_json_kind(v) == NZ_JSON_STRING && nz_time_parse(nz_json_string_raw(v), out))
        return NZ_OK;
    return nz_aws_provider_fail(search, "%s is no time", names->expires);
}

enum nz_err nz_aws_credentials_from_json(struct nz_aws_search *search, struct nz_json object,
                                         const struct nz_aws_key_names *names, struct nz_aws_credentials *out)
{
    enum nz_err err = text_take(object, names->access_key_id, &out->access_key_id);
    if (!err)
        err = text_take(object, names->secret_key, &out->secret_key);
    if (!err)
        err = text_take(object, names->session_token, &out->session_token);
    if (!err)
        err = expires_take(search, object, names, &out->expires);
    if (err)
        return err;
    if (!out->access_key_id.n || !out->secret_key.n)
        return nz_aws_provider_fail(search, "%s is missing",
                                    out->access_key_id.n ? names->secret_key : names->access_key_id);
    return NZ_OK;
}

enum nz_err nz_aws_static_keys(struct nz_aws_search *search, const struct nz_aws_ini *ini, struct nz_str kind,
                               struct nz_str profile, const char *file, struct nz_aws_credentials *out)
{
    uint32_t line = 0;
    const struct nz_str none = NZ_STR("");
    struct nz_str id = nz_aws_ini_get(ini, kind, profile, none, NZ_STR("aws_access_key_id"), &line);
    struct nz_str key = nz_aws_ini_get(ini, kind, profile, none, NZ_STR("aws_secret_access_key"), &line);
    struct nz_str token = nz_aws_ini_get(ini, kind, profile, none, NZ_STR("aws_session_token"), NULL);
    if (!id.n && !key.n)
        return nz_aws_provider_skip(search, "%s: no aws_access_key_id in profile %.*s", file, NZ_STR_ARG(profile));
    if (!id.n || !key.n)
        return nz_aws_provider_fail(search,
                                    "%s:%u: profile %.*s has one of aws_access_key_id and aws_secret_access_key "
                                    "without the other",
                                    file, line, NZ_STR_ARG(profile));
    enum nz_err err = nz_secret_set(&out->access_key_id, id);
    if (!err)
        err = nz_secret_set(&out->secret_key, key);
    return err ? err : nz_secret_set(&out->session_token, token);
}

/* --- requests --- */

enum nz_err nz_aws_provider_fetch(struct nz_aws_search *search, const struct nz_http_request *request,
                                  unsigned attempts, struct nz_http_response *response)
{
    enum nz_err err = NZ_OK;
    for (unsigned i = 0; i < attempts; i++) {
        err = search->http.ops->fetch(search->http.self, request, response, search->diag);
        if (err || response->err == NZ_E_NOMEM)
            return err ? err : NZ_E_NOMEM;
        if (!response->err && response->status < 500 && response->status != 429)
            return NZ_OK;
    }
    return err;
}

void nz_aws_expires_localize(const struct nz_aws_search *search, const struct nz_http_response *response,
                             struct nz_aws_credentials *out)
{
    if (out->expires.us && response->date.us)
        out->expires.us -= response->date.us - nz_clock_now(search->clock).us;
}
