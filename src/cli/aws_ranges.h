/* The networks that AWS publishes as its own: ip-ranges.json, https://ip-ranges.amazonaws.com/ip-ranges.json.
 * Source: AWS General Reference, "AWS IP address ranges" (the file's syntax). */
#ifndef NZ_CLI_AWS_RANGES_H
#define NZ_CLI_AWS_RANGES_H

#include "core/ip.h"
#include "core/json.h"

/* Appends the networks (struct nz_cidr) of service EC2, which anybody may rent an address of. NZ_E_JSON_*; NZ_E_NOT_FOUND: the text has
 * none, so it is another file; NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_ranges_read(struct nz_str text, struct nz_buf *out, struct nz_diag *diag);

#endif
