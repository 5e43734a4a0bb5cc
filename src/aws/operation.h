/* Which operations of AWS are called, and all that is particular to each, as two tables: services.list, operations.list.
 * An operation is a line; nothing else knows its name.
 * Source: the API reference of each service; IAM actions: Service Authorization Reference. */
#ifndef NZ_AWS_OPERATION_H
#define NZ_AWS_OPERATION_H

#include "core/buf.h"

enum nz_aws_protocol {
    NZ_AWS_PROTOCOL_QUERY,     /* POST /, a form with Action and Version; XML comes back */
    NZ_AWS_PROTOCOL_EC2,       /* the same with lists and errors written in EC2's way */
    NZ_AWS_PROTOCOL_JSON_1_0,  /* POST /, X-Amz-Target; JSON comes back */
    NZ_AWS_PROTOCOL_JSON_1_1,  /* the same with another content type */
    NZ_AWS_PROTOCOL_REST_JSON, /* method and path; JSON comes back */
    NZ_AWS_PROTOCOL_REST_XML,  /* method and path; XML comes back */
};

enum nz_aws_scope {
    NZ_AWS_REGIONAL, /* a host in each region */
    NZ_AWS_GLOBAL,   /* one host a partition, signed for the partition's own region (aws: us-east-1) */
};

enum nz_aws_service {
#define NZ_AWS_SERVICE(id, ...) NZ_AWS_##id,
#include "aws/services.list"
#undef NZ_AWS_SERVICE
    NZ_AWS_SERVICE_COUNT,
};

struct nz_aws_service_info {
    const char *setting;      /* "CONFIG_SERVICE": AWS_ENDPOINT_URL_CONFIG_SERVICE */
    const char *host_prefix;  /* "api.detective" */
    const char *signing_name; /* "detective" */
    enum nz_aws_protocol protocol;
    const char *version; /* Query, EC2: the API's version; JSON: the prefix of X-Amz-Target; else "" */
    enum nz_aws_scope scope;
    unsigned calls_at_once;    /* for each region */
    unsigned calls_per_second; /* for each region */
};
extern const struct nz_aws_service_info nz_aws_services[NZ_AWS_SERVICE_COUNT];

/* NZ_AWS_IAM_GetAccountSummary, NZ_AWS_S3_GetBucketPolicy */
enum nz_aws_operation {
#define NZ_AWS_OPERATION(service, name, ...) NZ_AWS_##service##_##name,
#include "aws/operations.list"
#undef NZ_AWS_OPERATION
    NZ_AWS_OPERATION_COUNT,
};

/* Members are those of the request and of the answer. */
struct nz_aws_pages {
    const char *token_in, *token_out; /* NULL: the answer is one page */
    const char *more;                 /* a boolean that says so; NULL: a token that is there and not empty does */
    const char *size;                 /* NULL: AWS chooses */
    unsigned size_max;
};

enum nz_aws_use { /* a set of bits */
                  NZ_AWS_USE_AUDIT = 1,
                  NZ_AWS_USE_EVENTS = 2,       /* audit --events */
                  NZ_AWS_USE_ORGANIZATION = 4, /* audit --org */
                  NZ_AWS_USE_CREDENTIALS = 8,  /* role profiles */
};

struct nz_aws_operation_info {
    enum nz_aws_service service;
    const char *name;    /* "GetBucketPolicy" */
    const char *request; /* "GET /{Bucket}?policy": operations.list says how it is read */
    struct nz_aws_pages pages;
    unsigned uses;
    const char *action;        /* "s3:GetBucketPolicy"; "": needs no permission */
    unsigned calls_per_second; /* for each region; 0: what the service has */
};
extern const struct nz_aws_operation_info nz_aws_operations[NZ_AWS_OPERATION_COUNT];

static inline const struct nz_aws_service_info *nz_aws_service_of(enum nz_aws_operation operation)
{
    return &nz_aws_services[nz_aws_operations[operation].service];
}

/* By the signing name or host prefix of its service and its own: "s3", "GetBucketPolicy" or "s3-control",
 * "GetPublicAccessBlock". False when it is not in the table. */
bool nz_aws_operation_find(struct nz_str service, struct nz_str name, enum nz_aws_operation *out);

/* The IAM actions that any of `uses` needs: each once, in byte order. At most room of them are written; returns how many
 * there are (NZ_AWS_OPERATION_COUNT at most). Static storage. */
size_t nz_aws_actions(unsigned uses, const char **out, size_t room);

/* The least policy that allows them, as a policy document, indented, a newline at its end; appended. */
void nz_aws_policy_append(struct nz_buf *out, unsigned uses);

#endif
