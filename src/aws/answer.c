#include "aws/answer.h"

#include "aws/answer_xml.h"

#include <stdio.h>

void nz_aws_reader_init(struct nz_aws_reader *reader)
{
    *reader = (struct nz_aws_reader){0};
    nz_json_doc_init(&reader->doc);
    nz_buf_init_wiped(&reader->json, 0); /* an answer may be keys */
    nz_buf_init(&reader->names, 0);
    nz_buf_init(&reader->scratch, 0);
    nz_arena_init(&reader->texts, 0);
}

void nz_aws_reader_release(struct nz_aws_reader *reader)
{
    nz_json_doc_release(&reader->doc);
    nz_buf_release(&reader->json);
    nz_buf_release(&reader->names);
    nz_buf_release(&reader->scratch);
    nz_arena_release(&reader->texts);
}

/* --- words of errors --- */

static bool code_in(struct nz_str code, const char *const *names)
{
    for (; *names; names++) {
        if (nz_aws_code_is(code, nz_str_from_c(*names)))
            return true;
    }
    return false;
}

static const char *const denied[] = {"AccessDenied",
                                     "UnauthorizedOperation",
                                     "AuthorizationError",
                                     "NotAuthorized",
                                     "Forbidden",
                                     "AccountAccessDenied",
                                     NULL};
/* AWS SDKs and Tools Reference Guide, "Retry behavior"; IAM's LimitExceeded is a quota and not among them */
static const char *const throttled[] = {"Throttling",
                                        "Throttled",
                                        "RequestThrottled",
                                        "TooManyRequests",
                                        "ProvisionedThroughputExceeded",
                                        "TransactionInProgress",
                                        "RequestLimitExceeded",
                                        "BandwidthLimitExceeded",
                                        "LimitExceededException",
                                        "SlowDown",
                                        "PriorRequestNotComplete",
                                        "EC2Throttled",
                                        NULL};
static const char *const not_accepted[] = {"InvalidClientTokenId",
                                           "UnrecognizedClient",
                                           "AuthFailure",
                                           "SignatureDoesNotMatch",
                                           "InvalidSignature",
                                           "IncompleteSignature",
                                           "MissingAuthenticationToken",
                                           "InvalidAccessKeyId",
                                           "InvalidToken",
                                           "ExpiredToken",
                                           "RequestExpired",
                                           "TokenRefreshRequired",
                                           "RequestTimeTooSkewed",
                                           "InvalidSecurity",
                                           NULL};

static bool is_throttle(struct nz_str code)
{
    /* with the suffix it is a throttle, without it a quota: the one pair that differs */
    return nz_str_eq(code, NZ_STR("LimitExceededException")) ||
           (!nz_str_eq(code, NZ_STR("LimitExceeded")) && code_in(code, throttled));
}

static enum nz_err err_of(struct nz_str code, int status)
{
    if (code_in(code, denied))
        return NZ_E_AWS_DENIED;
    if (is_throttle(code) || status == 429)
        return NZ_E_AWS_THROTTLED;
    if (code_in(code, not_accepted))
        return NZ_E_AWS_CREDENTIALS_REFUSED;
    return code.n ? NZ_E_AWS_REFUSED : NZ_E_AWS_ANSWER;
}

/* "User: … is not authorized to perform: iam:ListUsers on resource: …" */
static struct nz_str action_in(struct nz_str message)
{
    static const struct nz_str mark = {"to perform: ", 12};
    size_t at = nz_str_find(message, mark);
    if (at == SIZE_MAX)
        return (struct nz_str){0};
    struct nz_str rest = nz_str_skip(message, at + mark.n);
    size_t n = 0;
    bool colon = false;
    for (; n < rest.n; n++) {
        const char c = rest.p[n];
        const unsigned char lower = nz_ascii_lower((unsigned char)c);
        if (c == ':' && !colon)
            colon = true;
        else if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            break;
    }
    return colon && n < 128 ? nz_str_head(rest, n) : (struct nz_str){0};
}

/* --- reading --- */

static bool is_xml(enum nz_aws_operation operation)
{
    enum nz_aws_protocol protocol = nz_aws_service_of(operation)->protocol;
    return protocol == NZ_AWS_PROTOCOL_QUERY || protocol == NZ_AWS_PROTOCOL_EC2 || protocol == NZ_AWS_PROTOCOL_REST_XML;
}

/* The body as JSON, whatever it was; root_name is the XML root's. */
static enum nz_err body_read(struct nz_aws_reader *reader, enum nz_aws_operation operation, struct nz_str body,
                             struct nz_json *root, struct nz_str *root_name)
{
    struct nz_diag diag = NZ_DIAG_INIT;
    *root = (struct nz_json){0};
    *root_name = (struct nz_str){0};
    body = nz_str_trim(body);
    if (!body.n)
        return NZ_OK;
    enum nz_err err = NZ_OK;
    /* S3 sends a bucket's policy as it is, and JSON errors come from what stands before a service */
    const bool to_convert = is_xml(operation) && body.p[0] != '{';
    if (to_convert) {
        nz_buf_clear(&reader->json);
        err = nz_aws_xml_to_json(nz_aws_operations[operation].service, body, &reader->json, &reader->names, root_name,
                                 &diag);
        body = nz_buf_view(&reader->json);
    }
    if (!err)
        err = nz_json_parse(&reader->doc, body, root, &diag);
    if (err && err != NZ_E_NOMEM)
        snprintf(reader->problem, sizeof reader->problem, "%s: %s", nz_err_text(err), diag.text);
    if (err)
        *root = (struct nz_json){0};
    return err;
}

/* Text of a member, decoded; reader->nomem when there is no memory. */
static struct nz_str text_of(struct nz_aws_reader *reader, struct nz_json object, const char *name)
{
    struct nz_json v = nz_json_get(object, nz_str_from_c(name));
    if (nz_json_kind(v) != NZ_JSON_STRING)
        return (struct nz_str){0};
    nz_buf_clear(&reader->scratch);
    struct nz_str text = nz_json_string(v, &reader->scratch), kept = nz_arena_str(&reader->texts, text);
    if (!reader->scratch.failed && kept.p)
        return kept;
    reader->nomem = true;
    return (struct nz_str){0};
}

static struct nz_str first_text(struct nz_aws_reader *reader, struct nz_json object, const char *const *names)
{
    struct nz_str text = {0};
    for (; *names && !text.n; names++)
        text = text_of(reader, object, *names);
    return text;
}

/* "com.amazonaws.x#AccessDeniedException:http://…" is AccessDeniedException */
static struct nz_str code_clean(struct nz_str code)
{
    size_t colon = nz_str_find(code, NZ_STR(":"));
    code = nz_str_head(code, colon);
    size_t hash = nz_str_find(code, NZ_STR("#"));
    return nz_str_trim(hash == SIZE_MAX ? code : nz_str_skip(code, hash + 1));
}

static struct nz_json error_object(struct nz_json root, struct nz_str root_name)
{
    if (nz_str_eq(root_name, NZ_STR("Error"))) /* REST-XML */
        return root;
    /* Query: <ErrorResponse><Error>; EC2: <Response><Errors><Error>, which a few answers mix */
    struct nz_json error = nz_json_get(root, NZ_STR("Error"));
    if (nz_json_kind(error) != NZ_JSON_OBJECT)
        error = nz_json_get(nz_json_get(root, NZ_STR("Errors")), NZ_STR("Error"));
    return nz_json_kind(error) == NZ_JSON_OBJECT ? error : root;
}

static const char *code_without_body(int status)
{
    switch (status) {
    case 401:
    case 403:
        return "Forbidden";
    case 404:
        return "NotFound";
    default:
        return "";
    }
}

/* What the body could not say: HEAD has none. */
static void code_from_elsewhere(const struct nz_aws_reader *reader, const struct nz_http_response *response,
                                struct nz_aws_error *error)
{
    if (!error->code.n)
        error->code = code_clean(response->error_type);
    if (!error->code.n && !nz_str_trim(response->body).n)
        error->code = nz_str_from_c(code_without_body(response->status));
    if (!error->code.n && !error->message.n)
        error->message = nz_str_from_c(reader->problem);
}

static void error_read(struct nz_aws_reader *reader, enum nz_aws_operation operation,
                       const struct nz_http_response *response, struct nz_json root, struct nz_str root_name,
                       struct nz_aws_error *error)
{
    static const char *const codes[] = {"__type", "Code", "code", NULL};
    static const char *const messages[] = {"message", "Message", "errorMessage", NULL};
    static const char *const ids[] = {"RequestId", "RequestID", "requestId", NULL};
    struct nz_json object = error_object(root, root_name);
    error->code = code_clean(first_text(reader, object, codes));
    error->message = first_text(reader, object, messages);
    if (!error->request_id.n)
        error->request_id = first_text(reader, root, ids);
    code_from_elsewhere(reader, response, error);
    error->err = err_of(error->code, response->status);
    if (error->err == NZ_E_AWS_DENIED) {
        struct nz_str named = action_in(error->message);
        error->action = named.n ? named : nz_str_from_c(nz_aws_operations[operation].action);
    }
    error->by_scp = nz_str_find(error->message, NZ_STR("service control policy")) != SIZE_MAX;
}

static struct nz_str problem_set(struct nz_aws_reader *reader, const char *text)
{
    snprintf(reader->problem, sizeof reader->problem, "%s", text);
    return nz_str_from_c(reader->problem);
}

/* Query: <XResponse><XResult>; EC2 and REST-XML: the root itself. */
static struct nz_json answer_of(enum nz_aws_operation operation, struct nz_json root)
{
    if (nz_aws_service_of(operation)->protocol != NZ_AWS_PROTOCOL_QUERY)
        return root;
    char name[96];
    snprintf(name, sizeof name, "%sResult", nz_aws_operations[operation].name);
    return nz_json_get(root, nz_str_from_c(name));
}

/* A 2xx whose document is another's: a captive portal, a proxy's page. */
static bool is_answer(enum nz_aws_operation operation, struct nz_json root, struct nz_str root_name)
{
    enum nz_aws_protocol protocol = nz_aws_service_of(operation)->protocol;
    char name[96];
    snprintf(name, sizeof name, "%sResponse", nz_aws_operations[operation].name);
    if (protocol == NZ_AWS_PROTOCOL_QUERY || protocol == NZ_AWS_PROTOCOL_EC2)
        return nz_str_eq(root_name, nz_str_from_c(name));
    if (nz_json_is_absent(root)) /* what is asked for is told; an action may have nothing to say */
        return !nz_str_starts_with(nz_str_from_c(nz_aws_operations[operation].request), NZ_STR("GET "));
    if (protocol == NZ_AWS_PROTOCOL_REST_XML)
        return !nz_str_eq_nocase(root_name, NZ_STR("html")) && !nz_str_eq(root_name, NZ_STR("Error"));
    return nz_json_kind(root) == NZ_JSON_OBJECT;
}

enum nz_err nz_aws_answer_read(struct nz_aws_reader *reader, enum nz_aws_operation operation,
                               const struct nz_http_response *response, struct nz_json *root,
                               struct nz_aws_error *error)
{
    *root = (struct nz_json){0};
    *error = (struct nz_aws_error){.http_status = response->status,
                                   .request_id = response->request_id,
                                   .action = nz_str_from_c(nz_aws_operations[operation].action)};
    nz_arena_reset(&reader->texts);
    reader->nomem = false;
    reader->problem[0] = 0;
    if (response->err) {
        error->err = response->err;
        error->message = nz_str_from_c(response->problem);
        return response->err == NZ_E_NOMEM ? NZ_E_NOMEM : NZ_OK;
    }
    struct nz_json whole;
    struct nz_str root_name;
    enum nz_err err = body_read(reader, operation, response->body, &whole, &root_name);
    if (err == NZ_E_NOMEM)
        return err;
    if (response->status >= 200 && response->status < 300) {
        if (err || !is_answer(operation, whole, root_name)) {
            error->err = NZ_E_AWS_ANSWER;
            error->message = err ? nz_str_from_c(reader->problem) : problem_set(reader, "a document of another kind");
        } else {
            *root = answer_of(operation, whole);
        }
        return NZ_OK;
    }
    error_read(reader, operation, response, whole, root_name, error);
    if (response->status >= 300 && response->status < 400 && error->err != NZ_E_AWS_DENIED)
        error->err = NZ_E_AWS_REDIRECT;
    return reader->nomem ? NZ_E_NOMEM : NZ_OK;
}

/* --- pages --- */

/* Some leave the flag out where there is a token; a flag that says so without a token is an answer that was cut. */
enum nz_aws_paging nz_aws_next_page(const struct nz_aws_pages *pages, struct nz_json answer, struct nz_buf *token)
{
    if (!pages->token_in)
        return NZ_AWS_LAST_PAGE;
    const enum nz_json_kind more =
        pages->more ? nz_json_kind(nz_json_get(answer, nz_str_from_c(pages->more))) : NZ_JSON_ABSENT;
    if (more == NZ_JSON_FALSE)
        return NZ_AWS_LAST_PAGE;
    const size_t before = token->n;
    struct nz_json next = nz_json_get(answer, nz_str_from_c(pages->token_out));
    if (nz_json_kind(next) == NZ_JSON_STRING) {
        struct nz_buf scratch;
        nz_buf_init(&scratch, 0);
        nz_buf_append(token, nz_json_string(next, &scratch));
        token->failed |= scratch.failed;
        nz_buf_release(&scratch);
    }
    if (token->n > before || token->failed)
        return NZ_AWS_MORE_PAGES;
    return more == NZ_JSON_TRUE ? NZ_AWS_LOST_PAGES : NZ_AWS_LAST_PAGE;
}

static void member_append(struct nz_buf *out, const char *name)
{
    if (out->p[out->n - 1] != '{')
        nz_buf_append_char(out, ',');
    nz_json_append_string(out, nz_str_from_c(name));
    nz_buf_append_char(out, ':');
}

enum nz_err nz_aws_page_parameters(const struct nz_aws_pages *pages, struct nz_str parameters, struct nz_str token,
                                   struct nz_buf *out)
{
    struct nz_str open = nz_str_trim(parameters.n ? parameters : NZ_STR("{}"));
    struct nz_json_doc doc;
    struct nz_json root = {0};
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, open, &root, NULL);
    const bool is_object = !err && nz_json_kind(root) == NZ_JSON_OBJECT;
    const bool has_size = is_object && pages->size && !nz_json_is_absent(nz_json_get(root, nz_str_from_c(pages->size)));
    nz_json_doc_release(&doc);
    if (err == NZ_E_NOMEM)
        return err;
    if (!is_object) { /* who builds the request says so */
        nz_buf_append(out, open);
        return nz_buf_status(out);
    }
    nz_buf_append(out, nz_str_trim(nz_str_head(open, open.n - 1)));
    if (!out->failed && pages->size && !has_size) {
        member_append(out, pages->size);
        nz_buf_append_u64(out, pages->size_max);
    }
    if (!out->failed && token.n) {
        member_append(out, pages->token_in);
        nz_json_append_string(out, token);
    }
    nz_buf_append_char(out, '}');
    return nz_buf_status(out);
}
