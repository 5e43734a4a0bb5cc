/* Signature Version 4 in AWS's own stages, each with a name and a text that can be looked at:
 *
 *   request ──▶ canonical request ──▶ string to sign ──▶ signature ──▶ Authorization
 *
 * Source: IAM User Guide, "Create a signed AWS API request"; S3 API Reference, "Signature Calculations for the
 * Authorization Header". Test vectors: AWS's SigV4 suite (tests/unit/test_aws_sigv4.c). */
#ifndef NZ_AWS_SIGV4_H
#define NZ_AWS_SIGV4_H

#include "core/buf.h"
#include "core/hash.h"
#include "core/secret.h"
#include "core/time.h"

#define NZ_SIGV4_HEADERS_MAX 32u
#define NZ_SIGV4_QUERY_MAX 256u

struct nz_sigv4_header {
    struct nz_str name, value; /* name in any case */
};

/* What is signed: all headers given here, Host and X-Amz-Date among them. Borrowed. */
struct nz_sigv4_request {
    struct nz_str method; /* "GET" */
    struct nz_str path;   /* as in the request line, without the query; empty is / */
    struct nz_str query;  /* as in the request line, without the ? */
    const struct nz_sigv4_header *headers;
    size_t headers_count;       /* NZ_SIGV4_HEADERS_MAX at most */
    struct nz_sha256 body_hash; /* of the body as sent */
    /* S3: the path is signed as it was sent; else its dots are resolved, and it is encoded once more. */
    bool path_is_canonical;
};

struct nz_sigv4_scope {
    nz_time at; /* X-Amz-Date's */
    struct nz_str region, service;
};

/* "20150830T123600Z"; appended. */
void nz_sigv4_date_append(struct nz_buf *out, nz_time at);
/* "host;x-amz-date"; appended. */
void nz_sigv4_signed_headers_append(struct nz_buf *out, const struct nz_sigv4_request *request);

/* The stages. Each appends to out, whose fault sticks, and says NZ_E_NOMEM when there is one. NZ_E_LIMIT: more than
 * NZ_SIGV4_HEADERS_MAX headers or NZ_SIGV4_QUERY_MAX parameters. */
NZ_MUST_USE enum nz_err nz_sigv4_canonical_request(const struct nz_sigv4_request *request, struct nz_buf *out);
NZ_MUST_USE enum nz_err nz_sigv4_string_to_sign(struct nz_str canonical_request, const struct nz_sigv4_scope *scope,
                                                struct nz_buf *out);
NZ_MUST_USE enum nz_err nz_sigv4_signature(const struct nz_secret *secret_key, const struct nz_sigv4_scope *scope,
                                           struct nz_str string_to_sign, struct nz_sha256 *out);

/* All of them: the value of the Authorization header, appended. */
NZ_MUST_USE enum nz_err nz_sigv4_authorization(const struct nz_sigv4_request *request,
                                               const struct nz_sigv4_scope *scope, struct nz_str access_key_id,
                                               const struct nz_secret *secret_key, struct nz_buf *out);

/* Percent-encodes all but RFC 3986's unreserved characters; `keep` is one more that stays (0: none). Appended. */
void nz_uri_encode(struct nz_buf *out, struct nz_str text, char keep);

#endif
