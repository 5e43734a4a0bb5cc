/* One request as it goes over the wire: an operation and its parameters in the form of its service's protocol, and signed.
 *
 *   {"Filter":["User","Role"],"MaxItems":1000}
 *   Query      Action=GetAccountAuthorizationDetails&Version=2010-05-08&Filter.member.1=User&Filter.member.2=Role&MaxItems=1000
 *   EC2        the same with Filter.1=User
 *   JSON       the object as it is, and X-Amz-Target
 *   REST       members that the request line names go there, the rest is the body
 *
 * Sources: Smithy's "AWS protocols" (awsQuery, ec2Query, awsJson1_0, awsJson1_1, restJson1, restXml). */
#ifndef NZ_AWS_WIRE_H
#define NZ_AWS_WIRE_H

#include "aws/endpoint.h"
#include "aws/http.h"
#include "aws/sigv4.h"
#include "core/json.h"

#define NZ_AWS_WIRE_HEADERS_MAX 12u
#define NZ_AWS_PARAMETERS_BYTES_MAX ((size_t)1 << 20)

struct nz_aws_wire {
    struct nz_str method;            /* "POST" */
    struct nz_str url;               /* scheme, host, path and query */
    struct nz_str host, path, query; /* as in url */
    struct nz_str body;
    struct nz_sigv4_header headers[NZ_AWS_WIRE_HEADERS_MAX]; /* Host among them */
    size_t headers_count;
    size_t unsigned_count; /* of headers: what the protocol asked for; signing adds its own behind them */
    struct nz_str signing_region, signing_name;
    bool is_s3;
    struct nz_arena arena; /* what all of it lives in */
};

/* region: where to; parameters: a JSON object or empty. The caller releases *out, also after an error.
 * NZ_E_BUG: no JSON object, or without what the request line needs; NZ_E_AWS_ANSWER: a parameter that cannot stand in a
 * path; NZ_E_LIMIT; NZ_E_AWS_REGION, NZ_E_AWS_ENDPOINT, NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_wire_build(struct nz_aws_wire *out, enum nz_aws_operation operation,
                                          struct nz_str region, const struct nz_aws_endpoints *endpoints,
                                          struct nz_str parameters, struct nz_diag *diag);
void nz_aws_wire_release(struct nz_aws_wire *wire); /* harmless twice */

/* A key id with what belongs to it; borrowed. */
struct nz_aws_keys {
    struct nz_str access_key_id;
    const struct nz_secret *secret_key;
    const struct nz_secret *session_token; /* NULL or empty: none */
};

/* Adds X-Amz-Date, for S3 the body's hash, the session token, and Authorization. May be called again, for a retry at another
 * time or with other keys. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_wire_sign(struct nz_aws_wire *wire, const struct nz_aws_keys *keys, nz_time now);

/* What is sent of it; how long it may take and what may come back, the caller fills in. Points into wire. */
struct nz_http_request nz_aws_wire_request(const struct nz_aws_wire *wire);

/* What the form of a Query request is for parameters, without Action and Version; appended. For EC2's lists ec2 is true. */
void nz_aws_query_append(struct nz_buf *out, struct nz_json parameters, bool ec2);

#endif
