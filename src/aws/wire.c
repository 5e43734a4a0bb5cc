#include "aws/wire.h"

#include <stdlib.h>

/* --- Query and EC2 --- */

struct form {
    struct nz_buf *out;
    struct nz_buf name;    /* of the value that is written: "Filter.member.1" */
    struct nz_buf scratch; /* decoded texts */
    bool ec2;
};

static void form_value(struct form *f, struct nz_json value);

static void form_scalar(struct form *f, struct nz_str text)
{
    if (f->out->n)
        nz_buf_append_char(f->out, '&');
    nz_buf_append(f->out, nz_buf_view(&f->name));
    nz_buf_append_char(f->out, '=');
    nz_uri_encode(f->out, text, 0);
}

static void form_list(struct form *f, struct nz_json list)
{
    const size_t length = f->name.n;
    unsigned number = 0;
    for (struct nz_json_iter it = nz_json_iter(list); nz_json_next(&it); f->name.n = length) {
        nz_buf_printf(&f->name, f->ec2 ? ".%u" : ".member.%u", ++number);
        form_value(f, it.value);
    }
    if (number == 0 && !f->ec2)
        form_scalar(f, NZ_STR(""));
}

static void form_object(struct form *f, struct nz_json object)
{
    const size_t length = f->name.n;
    for (struct nz_json_iter it = nz_json_iter(object); nz_json_next(&it); f->name.n = length) {
        if (length)
            nz_buf_append_char(&f->name, '.');
        nz_buf_clear(&f->scratch);
        nz_json_unescape(it.key, &f->scratch);
        f->out->failed |= f->scratch.failed; /* kept: the next clear forgets it */
        nz_uri_encode(&f->name, nz_buf_view(&f->scratch), 0);
        form_value(f, it.value);
    }
}

/* Recursion is bounded by the reader's NZ_JSON_DEPTH_MAX. */
static void form_value(struct form *f, struct nz_json value)
{
    enum nz_json_kind kind = nz_json_kind(value);
    if (kind == NZ_JSON_ARRAY) {
        form_list(f, value);
    } else if (kind == NZ_JSON_OBJECT) {
        form_object(f, value);
    } else if (kind != NZ_JSON_NULL) {
        nz_buf_clear(&f->scratch);
        struct nz_str text = nz_json_text(value, &f->scratch);
        f->out->failed |= f->scratch.failed;
        form_scalar(f, text);
    }
}

void nz_aws_query_append(struct nz_buf *out, struct nz_json parameters, bool ec2)
{
    struct form f = {.out = out, .ec2 = ec2};
    nz_buf_init(&f.name, 0);
    nz_buf_init(&f.scratch, 0);
    form_object(&f, parameters);
    out->failed |= f.name.failed;
    nz_buf_release(&f.name);
    nz_buf_release(&f.scratch);
}

/* --- the request line --- */

struct builder {
    struct nz_aws_wire *wire;
    const struct nz_aws_operation_info *operation;
    const struct nz_aws_service_info *service;
    struct nz_aws_endpoint endpoint;
    struct nz_json parameters; /* absent: none */
    struct nz_str taken[8];    /* names that the request line took out of the body */
    size_t taken_count;
    struct nz_buf path, query, body, scratch;
    bool bucket_in_host;
    struct nz_diag *diag;
};

static struct nz_str until(struct nz_str *rest, const char *mark)
{
    size_t end = nz_str_find(*rest, nz_str_from_c(mark));
    struct nz_str head = nz_str_head(*rest, end);
    *rest = end == SIZE_MAX ? (struct nz_str){0} : nz_str_skip(*rest, end + strlen(mark));
    return head;
}

/* The text of a parameter, in scratch or the parameters; .p NULL when it is not there. */
static struct nz_str parameter_take(struct builder *b, struct nz_str name)
{
    if (b->taken_count < sizeof b->taken / sizeof *b->taken)
        b->taken[b->taken_count++] = name;
    struct nz_json value = nz_json_get(b->parameters, name);
    if (nz_json_is_absent(value) || nz_json_kind(value) == NZ_JSON_NULL)
        return (struct nz_str){0};
    nz_buf_clear(&b->scratch);
    struct nz_str text = nz_json_text(value, &b->scratch);
    b->path.failed |= b->scratch.failed; /* kept: the next clear forgets it */
    return text;
}

/* S3 User Guide, "Virtual hosting of general purpose buckets": a name that is a host's label and has no dots. */
static bool bucket_fits_host(struct nz_str bucket)
{
    return nz_aws_region_is_sound(bucket) && bucket.n >= 3;
}

static enum nz_err host_prefix(struct builder *b, struct nz_str label)
{
    struct nz_buf host;
    nz_buf_init(&host, 0);
    nz_buf_append(&host, label);
    nz_buf_append_char(&host, '.');
    nz_buf_append(&host, b->endpoint.host);
    b->endpoint.host = host.failed ? (struct nz_str){0} : nz_arena_str(&b->wire->arena, nz_buf_view(&host));
    nz_buf_release(&host);
    return b->endpoint.host.p ? NZ_OK : NZ_E_NOMEM;
}

static enum nz_err path_parameter(struct builder *b, struct nz_str name, const struct nz_aws_endpoints *chosen)
{
    struct nz_str text = parameter_take(b, name);
    if (!text.n)
        return nz_diag_set(b->diag, NZ_E_BUG, "%s without %.*s", b->operation->name, NZ_STR_ARG(name));
    if (nz_str_eq(text, NZ_STR(".")) || nz_str_eq(text, NZ_STR("..")) || text.n > 2048)
        return nz_diag_set(b->diag, NZ_E_AWS_ANSWER, "%.*s cannot stand in a path", NZ_STR_ARG(name));
    if (b->operation->service == NZ_AWS_S3 && nz_str_eq(name, NZ_STR("Bucket")) && bucket_fits_host(text) &&
        (!b->endpoint.is_users || chosen->s3_host_style)) {
        b->bucket_in_host = true;
        return host_prefix(b, text);
    }
    nz_uri_encode(&b->path, text, 0);
    return NZ_OK;
}

static enum nz_err path_build(struct builder *b, struct nz_str pattern, const struct nz_aws_endpoints *chosen)
{
    nz_buf_append(&b->path, b->endpoint.path);
    while (pattern.n) {
        size_t brace = nz_str_find(pattern, NZ_STR("{"));
        nz_buf_append(&b->path, nz_str_head(pattern, brace));
        if (brace == SIZE_MAX)
            break;
        pattern = nz_str_skip(pattern, brace + 1);
        enum nz_err err = path_parameter(b, until(&pattern, "}"), chosen);
        if (err)
            return err;
    }
    return nz_buf_status(&b->path);
}

/* "policy", "{type}" or "max-keys={MaxKeys}"; of a list one for each item. */
static void query_part(struct builder *b, struct nz_str part)
{
    struct nz_str name = part;
    if (part.n && part.p[part.n - 1] == '}') {
        name = until(&part, "{");
        struct nz_str member = nz_str_head(part, part.n - 1);
        name = name.n ? nz_str_head(name, name.n - 1) : member;
        part = parameter_take(b, member);
        if (!part.p)
            return;
    } else {
        part = (struct nz_str){0};
    }
    if (b->query.n)
        nz_buf_append_char(&b->query, '&');
    nz_uri_encode(&b->query, name, 0);
    if (part.p) {
        nz_buf_append_char(&b->query, '=');
        nz_uri_encode(&b->query, part, 0);
    }
}

static enum nz_err header_add(struct nz_aws_wire *wire, const char *name, struct nz_str value)
{
    struct nz_str kept = nz_arena_str(&wire->arena, value);
    if (!kept.p)
        return NZ_E_NOMEM;
    if (wire->headers_count >= NZ_AWS_WIRE_HEADERS_MAX)
        return NZ_E_BUG;
    wire->headers[wire->headers_count++] = (struct nz_sigv4_header){nz_str_from_c(name), kept};
    return NZ_OK;
}

/* "x-amz-account-id:{AccountId}"; left out when the parameter is. */
static enum nz_err header_part(struct builder *b, struct nz_str part)
{
    struct nz_str name = until(&part, ":{");
    struct nz_str member = nz_str_head(part, part.n ? part.n - 1 : 0);
    if (!member.n)
        return NZ_OK;
    struct nz_str value = parameter_take(b, member);
    if (!value.p)
        return NZ_OK;
    for (size_t i = 0; i < value.n; i++) {
        if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
            return nz_diag_set(b->diag, NZ_E_AWS_ANSWER, "%.*s cannot stand in a header", NZ_STR_ARG(member));
    }
    struct nz_str kept = nz_arena_str(&b->wire->arena, name);
    if (!kept.p)
        return NZ_E_NOMEM;
    if (b->operation->service == NZ_AWS_S3_CONTROL && !b->endpoint.is_users && nz_aws_region_is_sound(value)) {
        enum nz_err err = host_prefix(b, value);
        if (err)
            return err;
    }
    return header_add(b->wire, kept.p, value);
}

/* --- the body --- */

static bool is_taken(const struct builder *b, struct nz_str raw_key)
{
    for (size_t i = 0; i < b->taken_count; i++) {
        if (nz_json_key_is(raw_key, b->taken[i]))
            return true;
    }
    return false;
}

static void json_body(struct builder *b)
{
    bool first = true;
    nz_buf_append_char(&b->body, '{');
    for (struct nz_json_iter it = nz_json_iter(b->parameters); nz_json_next(&it);) {
        if (is_taken(b, it.key))
            continue;
        if (!first)
            nz_buf_append_char(&b->body, ',');
        first = false;
        nz_buf_append_char(&b->body, '"');
        nz_buf_append(&b->body, it.key);
        nz_buf_append(&b->body, NZ_STR("\":"));
        nz_json_append_compact(it.value, &b->body);
    }
    nz_buf_append_char(&b->body, '}');
}

static enum nz_err target_add(struct builder *b)
{
    struct nz_buf target;
    nz_buf_init(&target, 0);
    nz_buf_printf(&target, "%s.%s", b->service->version, b->operation->name);
    enum nz_err err = target.failed ? NZ_E_NOMEM : header_add(b->wire, "X-Amz-Target", nz_buf_view(&target));
    nz_buf_release(&target);
    return err;
}

static enum nz_err query_body(struct builder *b)
{
    nz_buf_printf(&b->body, "Action=%s&Version=%s", b->operation->name, b->service->version);
    nz_aws_query_append(&b->body, b->parameters, b->service->protocol == NZ_AWS_PROTOCOL_EC2);
    return header_add(b->wire, "Content-Type", NZ_STR("application/x-www-form-urlencoded; charset=utf-8"));
}

/* A request without a body has no place for what its line does not name. */
static enum nz_err all_taken(const struct builder *b)
{
    for (struct nz_json_iter it = nz_json_iter(b->parameters); nz_json_next(&it);) {
        if (!is_taken(b, it.key))
            return nz_diag_set(b->diag, NZ_E_BUG, "%s has no parameter %.*s", b->operation->name, NZ_STR_ARG(it.key));
    }
    return NZ_OK;
}

static enum nz_err body_build(struct builder *b)
{
    enum nz_err err;
    switch (b->service->protocol) {
    case NZ_AWS_PROTOCOL_QUERY:
    case NZ_AWS_PROTOCOL_EC2:
        return query_body(b);
    case NZ_AWS_PROTOCOL_JSON_1_0:
    case NZ_AWS_PROTOCOL_JSON_1_1:
        json_body(b);
        err = target_add(b);
        if (err)
            return err;
        return header_add(b->wire, "Content-Type",
                          b->service->protocol == NZ_AWS_PROTOCOL_JSON_1_0 ? NZ_STR("application/x-amz-json-1.0")
                                                                           : NZ_STR("application/x-amz-json-1.1"));
    case NZ_AWS_PROTOCOL_REST_JSON:
        if (nz_str_starts_with(nz_str_from_c(b->operation->request), NZ_STR("GET ")))
            return all_taken(b);
        json_body(b);
        return header_add(b->wire, "Content-Type", NZ_STR("application/json"));
    case NZ_AWS_PROTOCOL_REST_XML:
        return all_taken(b);
    }
    return NZ_E_BUG;
}

/* --- all of it --- */

static enum nz_err url_build(struct builder *b)
{
    struct nz_aws_wire *wire = b->wire;
    struct nz_buf url;
    nz_buf_init(&url, 0);
    if (!b->path.n)
        nz_buf_append_char(&b->path, '/');
    nz_buf_append(&url, b->endpoint.scheme);
    nz_buf_append(&url, NZ_STR("://"));
    const size_t host_at = url.n;
    nz_buf_append(&url, b->endpoint.host);
    const size_t path_at = url.n;
    nz_buf_append(&url, nz_buf_view(&b->path));
    const size_t query_at = url.n + 1;
    if (b->query.n) {
        nz_buf_append_char(&url, '?');
        nz_buf_append(&url, nz_buf_view(&b->query));
    }
    const bool failed = url.failed || b->path.failed || b->query.failed || b->body.failed || b->scratch.failed;
    if (!failed) {
        wire->url = nz_arena_str(&wire->arena, nz_buf_view(&url));
        wire->body = nz_arena_str(&wire->arena, nz_buf_view(&b->body));
    }
    nz_buf_release(&url);
    if (failed || !wire->url.p || !wire->body.p)
        return NZ_E_NOMEM;
    wire->host = nz_str_of(wire->url.p + host_at, path_at - host_at);
    wire->path = nz_str_of(wire->url.p + path_at, b->path.n);
    wire->query = b->query.n ? nz_str_of(wire->url.p + query_at, b->query.n) : (struct nz_str){0};
    return NZ_OK;
}

static enum nz_err parts_build(struct builder *b, const struct nz_aws_endpoints *chosen)
{
    struct nz_str request = nz_str_from_c(b->operation->request);
    b->wire->method = until(&request, " ");
    struct nz_str line = until(&request, " ");
    enum nz_err err = path_build(b, until(&line, "?"), chosen);
    while (!err && line.n)
        query_part(b, until(&line, "&"));
    if (!err && request.n)
        err = header_part(b, request);
    if (!err)
        err = body_build(b);
    if (!err)
        err = url_build(b);
    if (!err)
        err = header_add(b->wire, "Host", b->wire->host);
    b->wire->unsigned_count = b->wire->headers_count;
    return err;
}

static enum nz_err parameters_read(struct builder *b, struct nz_json_doc *doc, struct nz_str parameters)
{
    if (!parameters.n)
        return NZ_OK;
    if (parameters.n > NZ_AWS_PARAMETERS_BYTES_MAX)
        return nz_diag_set(b->diag, NZ_E_LIMIT, "%zu bytes of parameters", parameters.n);
    enum nz_err err = nz_json_parse(doc, parameters, &b->parameters, b->diag);
    if (err == NZ_E_NOMEM)
        return err;
    if (err || nz_json_kind(b->parameters) != NZ_JSON_OBJECT)
        return nz_diag_set(b->diag, NZ_E_BUG, "parameters of %s are no JSON object", b->operation->name);
    return NZ_OK;
}

enum nz_err nz_aws_wire_build(struct nz_aws_wire *out, enum nz_aws_operation operation, struct nz_str region,
                              const struct nz_aws_endpoints *endpoints, struct nz_str parameters, struct nz_diag *diag)
{
    *out = (struct nz_aws_wire){0};
    nz_arena_init(&out->arena, 0);
    struct builder b = {
        .wire = out, .operation = &nz_aws_operations[operation], .service = nz_aws_service_of(operation), .diag = diag};
    struct nz_json_doc doc;
    nz_json_doc_init(&doc);
    enum nz_err err = parameters_read(&b, &doc, parameters);
    if (!err)
        err = nz_aws_endpoint_find(endpoints, b.operation->service, region, &out->arena, &b.endpoint, diag);
    if (!err)
        err = parts_build(&b, endpoints);
    out->signing_region = b.endpoint.signing_region;
    out->signing_name = nz_str_from_c(b.service->signing_name);
    out->is_s3 = b.service->protocol == NZ_AWS_PROTOCOL_REST_XML;
    nz_buf_release(&b.path);
    nz_buf_release(&b.query);
    nz_buf_release(&b.body);
    nz_buf_release(&b.scratch);
    nz_json_doc_release(&doc);
    return err;
}

void nz_aws_wire_release(struct nz_aws_wire *wire)
{
    nz_arena_release(&wire->arena);
    *wire = (struct nz_aws_wire){0};
}

/* --- signing --- */

static enum nz_err hash_header_add(struct nz_aws_wire *wire, const struct nz_sha256 *hash)
{
    struct nz_buf hex;
    nz_buf_init(&hex, 0);
    nz_hex_append(&hex, nz_sha256_str(hash));
    enum nz_err err = hex.failed ? NZ_E_NOMEM : header_add(wire, "X-Amz-Content-Sha256", nz_buf_view(&hex));
    nz_buf_release(&hex);
    return err;
}

static enum nz_err date_header_add(struct nz_aws_wire *wire, nz_time now)
{
    struct nz_buf date;
    nz_buf_init(&date, 0);
    nz_sigv4_date_append(&date, now);
    enum nz_err err = date.failed ? NZ_E_NOMEM : header_add(wire, "X-Amz-Date", nz_buf_view(&date));
    nz_buf_release(&date);
    return err;
}

enum nz_err nz_aws_wire_sign(struct nz_aws_wire *wire, const struct nz_aws_keys *keys, nz_time now)
{
    struct nz_sha256 hash;
    wire->headers_count = wire->unsigned_count;
    enum nz_err err = nz_hash_of(wire->body, &hash);
    if (!err)
        err = date_header_add(wire, now);
    if (!err && wire->is_s3)
        err = hash_header_add(wire, &hash);
    if (!err && keys->session_token && keys->session_token->n) /* not copied: it dies with the keys */
        wire->headers[wire->headers_count++] =
            (struct nz_sigv4_header){NZ_STR("X-Amz-Security-Token"), nz_secret_view(keys->session_token)};
    if (err)
        return err;
    const struct nz_sigv4_request request = {.method = wire->method,
                                             .path = wire->path,
                                             .query = wire->query,
                                             .headers = wire->headers,
                                             .headers_count = wire->headers_count,
                                             .body_hash = hash,
                                             .path_is_canonical = wire->is_s3};
    const struct nz_sigv4_scope scope = {now, wire->signing_region, wire->signing_name};
    struct nz_buf authorization;
    nz_buf_init(&authorization, 0);
    err = nz_sigv4_authorization(&request, &scope, keys->access_key_id, keys->secret_key, &authorization);
    if (!err)
        err = header_add(wire, "Authorization", nz_buf_view(&authorization));
    nz_buf_release(&authorization);
    return err;
}

struct nz_http_request nz_aws_wire_request(const struct nz_aws_wire *wire)
{
    return (struct nz_http_request){.method = wire->method,
                                    .url = wire->url,
                                    .headers = wire->headers,
                                    .headers_count = wire->headers_count,
                                    .body = wire->body};
}
