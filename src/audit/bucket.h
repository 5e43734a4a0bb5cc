/* Whether everybody may use a bucket, as S3 itself means "public".
 * Source: S3 User Guide, "Blocking public access to your Amazon S3 storage: The meaning of 'public'". */
#ifndef NZ_AUDIT_BUCKET_H
#define NZ_AUDIT_BUCKET_H

#include "audit/check.h"

enum nz_known { NZ_KNOWN_NO, NZ_KNOWN_YES, NZ_KNOWN_NOT };

/* A policy is public when a statement allows it to everybody and no condition holds it to fixed values of one of the keys
 * that S3 takes for that (a network, an organization, a source account or ARN, a VPC …). Statements that deny are not
 * counted against it, as S3 does not. text: the document's JSON. NZ_KNOWN_NOT: it is no policy. */
enum nz_known nz_bucket_policy_is_public(struct nz_audit *a, struct nz_str text);

/* A grant to everybody or to every AWS user. acl: the answer of GetBucketAcl. */
bool nz_bucket_acl_is_public(struct nz_json acl);

#endif
