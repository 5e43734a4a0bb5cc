/* The client by itself, for tests in Python: reads calls from standard input, sends them all, writes their answers.
 *
 * usage: aws_calls [NAME=VALUE]...     endpoint, region, key, secret, token, attempts, attempt_ms, call_ms, run_ms, ca,
 *                                      fips, dualstack, sts_global, s3_host_style, proxy
 * in:    {"service":"guardduty","operation":"GetDetector","region":"eu-west-1","parameters":{"DetectorId":"a"}}   a line each
 *        and "pages_max":2, "changes":true
 * out:   {"call":0,"page":0,"last":true,"answer":{…}}   in the order of coming
 *        {"call":1,"page":0,"last":true,"error":{"err","status","code","message","request_id","action","by_scp","attempts"}}
 *        {"run":"NZ_OK","requests":3,"retries":1,"throttled":0,"clock_off_s":0}   at the end
 * With session=1 keys, region and endpoint come from the environment and its files, and from profile=, region=, endpoint=; mfa=
 * is the code that the person at the terminal types; the last line has "provider" and "looked_at" besides.
 * With dry=1 nothing is sent: {"call":0,"method","url","headers":{…},"body"} for each, signed for 2015-08-30T12:36:00Z. */
#include "aws/client.h"
#include "aws/http_curl.h"
#include "aws/session.h"

#include <stdio.h>
#include <stdlib.h>

#define QUICK_SEED 2589331 /* the first delays between retries that it gives are a few hundredths of a second */

static struct nz_str option(char **argv, const char *name, const char *otherwise)
{
    const size_t n = strlen(name);
    for (size_t i = 1; argv[i]; i++) {
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
            return nz_str_from_c(argv[i] + n + 1);
    }
    return nz_str_from_c(otherwise);
}

static uint64_t number(char **argv, const char *name)
{
    uint64_t value = 0;
    return nz_str_to_u64(option(argv, name, "0"), &value) ? value : 0;
}

static void member(struct nz_buf *out, const char *name, struct nz_str text)
{
    nz_buf_printf(out, ",\"%s\":", name);
    nz_json_append_string(out, text);
}

static void print(const struct nz_buf *line)
{
    printf("%.*s\n", (int)line->n, line->p);
}

static enum nz_err on_answer(void *self, const struct nz_aws_answer *answer)
{
    (void)self;
    const struct nz_aws_error *error = answer->error;
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, "{\"call\":%llu,\"page\":%u,\"last\":%s", (unsigned long long)answer->call->number,
                  answer->page, answer->last ? "true" : "false");
    if (error) {
        nz_buf_printf(&line, ",\"error\":{\"err\":\"%s\",\"status\":%d,\"by_scp\":%s,\"attempts\":%u",
                      nz_err_name(error->err), error->http_status, error->by_scp ? "true" : "false", error->attempts);
        member(&line, "code", error->code);
        member(&line, "message", error->message);
        member(&line, "request_id", error->request_id);
        member(&line, "action", error->action);
        nz_buf_append_char(&line, '}');
    } else {
        nz_buf_append(&line, NZ_STR(",\"answer\":"));
        if (nz_json_is_absent(answer->root))
            nz_buf_append(&line, NZ_STR("null"));
        else
            nz_json_append_compact(answer->root, &line);
        member(&line, "bucket_region", answer->bucket_region);
    }
    nz_buf_append_char(&line, '}');
    print(&line);
    nz_buf_release(&line);
    return NZ_OK;
}

static struct nz_str text_at(struct nz_json object, const char *name)
{
    struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    return nz_json_kind(v) == NZ_JSON_STRING ? nz_json_string_raw(v) : (struct nz_str){0};
}

static bool call_read(struct nz_json root, struct nz_aws_call *call)
{
    struct nz_json parameters = nz_json_get(root, NZ_STR("parameters"));
    struct nz_json pages = nz_json_get(root, NZ_STR("pages_max"));
    uint64_t pages_max = 0;
    if (!nz_json_is_absent(parameters))
        call->parameters = nz_json_source(parameters);
    if (!nz_json_is_absent(pages) && nz_str_to_u64(nz_json_source(pages), &pages_max))
        call->pages_max = (unsigned)pages_max;
    call->changes = nz_json_kind(nz_json_get(root, NZ_STR("changes"))) == NZ_JSON_TRUE;
    call->region = text_at(root, "region");
    call->on_answer = on_answer;
    return nz_aws_operation_find(text_at(root, "service"), text_at(root, "operation"), &call->operation);
}

static void dry_print(const struct nz_aws_client_options *options, struct nz_aws_credentials *credentials,
                      const struct nz_aws_call *call)
{
    struct nz_aws_wire wire;
    struct nz_diag diag = NZ_DIAG_INIT;
    struct nz_buf line;
    nz_time at;
    nz_time_parse(NZ_STR("2015-08-30T12:36:00Z"), &at);
    nz_buf_init(&line, 0);
    const struct nz_aws_keys keys = nz_aws_credentials_keys(credentials);
    enum nz_err err = nz_aws_wire_build(&wire, call->operation, call->region.n ? call->region : options->region,
                                        options->endpoints, call->parameters, &diag);
    if (!err)
        err = nz_aws_wire_sign(&wire, &keys, at);
    nz_buf_printf(&line, "{\"call\":%llu", (unsigned long long)call->number);
    if (err) {
        member(&line, "err", nz_str_from_c(nz_err_name(err)));
        member(&line, "message", nz_str_from_c(diag.text));
    } else {
        member(&line, "method", wire.method);
        member(&line, "url", wire.url);
        member(&line, "body", wire.body);
        nz_buf_append(&line, NZ_STR(",\"headers\":{"));
        for (size_t i = 0; i < wire.headers_count; i++) {
            if (i)
                nz_buf_append_char(&line, ',');
            nz_json_append_string(&line, wire.headers[i].name);
            nz_buf_append_char(&line, ':');
            nz_json_append_string(&line, wire.headers[i].value);
        }
        nz_buf_append_char(&line, '}');
    }
    nz_buf_append_char(&line, '}');
    print(&line);
    nz_buf_release(&line);
    nz_aws_wire_release(&wire);
}

/* NULL as client: dry. */
static bool calls_read(struct nz_aws_client *client, const struct nz_aws_client_options *options,
                       struct nz_aws_credentials *credentials)
{
    char *line = NULL;
    size_t room = 0;
    bool ok = true;
    uint64_t count = 0;
    for (ssize_t n; ok && (n = getline(&line, &room, stdin)) > 0;) {
        struct nz_json_doc doc;
        struct nz_json root;
        struct nz_aws_call call = {.number = count++};
        nz_json_doc_init(&doc);
        ok = nz_json_parse(&doc, nz_str_trim(nz_str_of(line, (size_t)n)), &root, NULL) == NZ_OK &&
             call_read(root, &call);
        if (!ok)
            fprintf(stderr, "aws_calls: not a call: %s", line);
        else if (client)
            ok = nz_aws_client_submit(client, &call, NULL) == NZ_OK;
        else
            dry_print(options, credentials, &call);
        nz_json_doc_release(&doc);
    }
    free(line);
    return ok;
}

static void end_print(const struct nz_aws_client *client, enum nz_err err, const struct nz_diag *diag,
                      const struct nz_aws_session *session)
{
    const struct nz_aws_stats stats = nz_aws_client_stats(client);
    struct nz_buf line;
    nz_buf_init(&line, 0);
    nz_buf_printf(&line, "{\"run\":\"%s\",\"requests\":%llu,\"retries\":%llu,\"throttled\":%llu,\"clock_off_s\":%lld",
                  nz_err_name(err), (unsigned long long)stats.requests, (unsigned long long)stats.retries,
                  (unsigned long long)stats.throttled, (long long)(stats.clock_off_us / 1000000));
    member(&line, "text", nz_str_from_c(diag->text));
    if (session) {
        member(&line, "provider", nz_aws_session_provider(session));
        member(&line, "looked_at", nz_aws_session_looked_at(session));
    }
    nz_buf_append_char(&line, '}');
    print(&line);
    nz_buf_release(&line);
}

static int run(const struct nz_aws_client_options *options, struct nz_aws_credentials *credentials)
{
    struct nz_aws_client *client;
    struct nz_diag diag = NZ_DIAG_INIT;
    if (nz_aws_client_new(options, &client) || !calls_read(client, options, credentials))
        return 2;
    enum nz_err err = nz_aws_client_run(client, &diag);
    end_print(client, err, &diag, NULL);
    nz_aws_client_free(client);
    return 0;
}

/* --- with a session --- */

static const char *environment_get(void *self, const char *name)
{
    (void)self;
    return getenv(name);
}

static enum nz_err code_tell(void *self, struct nz_str serial, struct nz_secret *out, struct nz_diag *diag)
{
    (void)serial, (void)diag;
    return nz_secret_set(out, nz_str_from_c(self));
}

static void log_write(void *self, enum nz_log_level level, struct nz_str text)
{
    (void)self;
    fprintf(stderr, "%s: %.*s\n", nz_log_level_name(level), NZ_STR_ARG(text));
}

static int run_session(char **argv)
{
    static const struct nz_log_ops log_ops = {log_write};
    const struct nz_log log = {.ops = &log_ops, .most = number(argv, "debug") ? NZ_LOG_DEBUG : NZ_LOG_WARN};
    const struct nz_str code = option(argv, "mfa", "");
    struct nz_aws_session *session;
    struct nz_diag diag = NZ_DIAG_INIT;
    const struct nz_aws_session_options options = {
        .flags = {option(argv, "profile", ""), option(argv, "region", ""), option(argv, "endpoint", "")},
        .environment = {environment_get, NULL},
        .clock = {&nz_clock_system, NULL},
        .log = &log,
        .ask = {code.n ? code_tell : NULL, (void *)(uintptr_t)code.p}};
    enum nz_err err = nz_aws_session_open(&options, &session, &diag);
    if (err) {
        printf("{\"run\":\"%s\",\"text\":", nz_err_name(err));
        struct nz_buf line;
        nz_buf_init(&line, 0);
        nz_json_append_string(&line, nz_str_from_c(diag.text));
        nz_buf_append_char(&line, '}');
        print(&line);
        nz_buf_release(&line);
        return 0;
    }
    bool ok = calls_read(nz_aws_session_client(session), NULL, NULL);
    if (ok) {
        err = nz_aws_client_run(nz_aws_session_client(session), &diag);
        end_print(nz_aws_session_client(session), err, &diag, session);
    }
    nz_aws_session_close(session);
    return ok ? 0 : 2;
}

int main(int argc, char **argv)
{
    (void)argc;
    if (number(argv, "session"))
        return run_session(argv);
    const struct nz_aws_endpoints endpoints = {.url = option(argv, "endpoint", ""),
                                               .fips = number(argv, "fips"),
                                               .dual_stack = number(argv, "dualstack"),
                                               .sts_global = number(argv, "sts_global"),
                                               .s3_host_style = number(argv, "s3_host_style")};
    struct nz_aws_credentials credentials = {0};
    if (nz_secret_set(&credentials.access_key_id, option(argv, "key", "AKIDEXAMPLE")) ||
        nz_secret_set(&credentials.secret_key, option(argv, "secret", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")) ||
        nz_secret_set(&credentials.session_token, option(argv, "token", "")))
        return 2;
    struct nz_aws_client_options options = {.region = option(argv, "region", "us-east-1"),
                                            .endpoints = &endpoints,
                                            .clock = {&nz_clock_system, NULL},
                                            .credentials = nz_aws_credentials_fixed(&credentials),
                                            .attempts_max = (unsigned)number(argv, "attempts"),
                                            .attempt_ms = (uint32_t)number(argv, "attempt_ms"),
                                            .call_ms = (uint32_t)number(argv, "call_ms"),
                                            .run_ms = number(argv, "run_ms"),
                                            .seed = QUICK_SEED};
    if (number(argv, "dry")) {
        bool ok = calls_read(NULL, &options, &credentials);
        nz_aws_credentials_release(&credentials);
        return ok ? 0 : 2;
    }
    struct nz_http_curl *http;
    struct nz_diag diag = NZ_DIAG_INIT;
    const struct nz_http_curl_options http_options = {.user_agent = NZ_STR("nezuban/test"),
                                                      .ca_bundle = option(argv, "ca", ""),
                                                      .http_proxy = option(argv, "proxy", ""),
                                                      .https_proxy = option(argv, "proxy", ""),
                                                      .connections_max = NZ_AWS_CONNECTIONS_MAX,
                                                      .bodies_bytes_max = NZ_AWS_ANSWERS_BYTES_MAX};
    if (nz_http_curl_open(&http_options, &http, &diag)) {
        fprintf(stderr, "aws_calls: %s\n", diag.text);
        return 2;
    }
    options.http = nz_http_curl_use(http);
    int status = run(&options, &credentials);
    nz_http_curl_close(http);
    nz_aws_credentials_release(&credentials);
    return status;
}
