/* Partitions, regions, and where a service is in one.
 *
 * A region is known by its form, not from a list, so that one that AWS opens tomorrow works today.
 * Source: "AWS service endpoints" (AWS General Reference); partitions and exceptions as in the endpoint rules of AWS's
 * SDKs (endpoints.list). */
#ifndef NZ_AWS_ENDPOINT_H
#define NZ_AWS_ENDPOINT_H

#include "aws/operation.h"
#include "core/arena.h"
#include "core/diag.h"

struct nz_aws_partition {
    const char *name;              /* "aws", "aws-cn": also the second part of ARNs */
    const char *suffix;            /* "amazonaws.com" */
    const char *dual_stack_suffix; /* "api.aws" */
    const char *global_region;     /* what global services are signed for: "us-east-1" */
};

/* Of a region's name, by its form: "us-gov-east-1" is of aws-us-gov. NULL when AWS has no names of this form. */
const struct nz_aws_partition *nz_aws_partition_of(struct nz_str region);
/* By name: "aws-cn". NULL: there is none. */
const struct nz_aws_partition *nz_aws_partition_named(struct nz_str name);

/* True when it may stand in a host name: letters, digits and hyphens. */
bool nz_aws_region_is_sound(struct nz_str region);

/* What the user chose. Zeroed: AWS's own hosts. Texts are borrowed. */
struct nz_aws_endpoints {
    bool fips, dual_stack;
    bool sts_global;    /* sts.amazonaws.com in the regions that were there before it was given up */
    bool s3_host_style; /* "addressing_style = virtual": also where the URL below is another's */
    struct nz_str url;  /* all services are there; empty: not */
    struct nz_str urls[NZ_AWS_SERVICE_COUNT]; /* beats url */
};

struct nz_aws_endpoint {
    struct nz_str scheme; /* "https" */
    struct nz_str host;   /* with ":port" when the URL had one that is not the scheme's own */
    struct nz_str path;   /* of a URL of the user: "" or "/base" */
    struct nz_str signing_region;
    bool is_users; /* a URL of the user, not AWS's host: nothing is put before its name */
};

/* Into keep. NZ_E_AWS_REGION: no region, or none that there can be; NZ_E_AWS_ENDPOINT: AWS does not offer that, or the URL
 * is none; NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_endpoint_find(const struct nz_aws_endpoints *chosen, enum nz_aws_service service,
                                             struct nz_str region, struct nz_arena *keep, struct nz_aws_endpoint *out,
                                             struct nz_diag *diag);

/* True when AWS says that it has not brought the service to this region (absent.list). */
bool nz_aws_is_absent(enum nz_aws_service service, struct nz_str region);

/* "https://host:8000/base" in its parts; http and https alone, no user, query or fragment. */
NZ_MUST_USE enum nz_err nz_aws_url_parse(struct nz_str url, struct nz_aws_endpoint *out, struct nz_diag *diag);

#endif
