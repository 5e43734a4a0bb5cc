/* One account's users, groups, roles and policies, as `aws iam get-account-authorization-details` prints them.
 *
 *     text  {"UserDetailList":[…],"GroupDetailList":[…],"RoleDetailList":[…],"Policies":[…],"IsTruncated":…}…
 *
 * One page or several, one after another or in an array; the lists of all pages are joined. A policy document is an
 * object (as the AWS CLI prints it) or a percent-encoded text (as the API sends it), and is compiled once however often
 * it stands there.
 * What cannot be read is never dropped: a bad document stays as a policy that is unknown, with its reason, an entry
 * without an ARN is listed in `unread`, and a group or managed policy that is attached but not there is an unknown
 * policy too.
 * Source: IAM API Reference, GetAccountAuthorizationDetails.
 * Threads: an account that has been read may be shared by any number. */
#ifndef NZ_ACCESS_ACCOUNT_H
#define NZ_ACCESS_ACCOUNT_H

#include "access/document.h"
#include "access/map.h"
#include "core/arena.h"
#include "core/buf.h"

#define NZ_ACCOUNT_BYTES_MAX ((size_t)1 << 30)
#define NZ_ACCOUNT_ENTRIES_MAX 1000000u               /* users, groups, roles and managed policies together */
#define NZ_ACCOUNT_GRANTS_MAX 1000u                   /* policies, groups or tags of one entry */
#define NZ_ACCOUNT_DOCUMENTS_MAX 200000u              /* distinct policy documents */
#define NZ_ACCOUNT_POLICY_BYTES_MAX ((size_t)2 << 30) /* what the compiled ones take together */

/* A policy where it is attached. */
struct nz_access_grant {
    struct nz_str name;
    struct nz_str arn; /* managed policies; else empty */
    struct nz_access_document *document;
    size_t offset; /* of the document in the account's text; SIZE_MAX: it stands nowhere */
};

struct nz_access_group {
    struct nz_str name, arn;
    struct nz_access_grant *grants; /* inline, then attached */
    uint32_t grants_count;
};

struct nz_access_tag {
    struct nz_str key, value;
};

enum nz_access_kind { NZ_ACCESS_USER, NZ_ACCESS_ROLE };

struct nz_access_membership {
    struct nz_str name;
    const struct nz_access_group *group; /* NULL: not in the account's text; then `missing` says so */
    struct nz_access_document *missing;
};

struct nz_access_principal {
    enum nz_access_kind kind;
    struct nz_str name, arn;
    struct nz_str id;               /* AIDA… or AROA…; may be empty */
    struct nz_access_grant *grants; /* inline, then attached, then what could not be read of either */
    struct nz_access_membership *groups;
    struct nz_access_tag *tags;
    uint32_t grants_count, groups_count, tags_count;
    bool has_boundary;
    bool tags_known;                        /* false: the list could not be read */
    struct nz_access_grant boundary, trust; /* trust: roles only */
    size_t offset;
};

struct nz_account_block {
    uint32_t line, column; /* from 1 */
};

struct nz_account {
    struct nz_str text;          /* borrowed */
    bool without_places;         /* the text was made: where something stands in it is told to nobody */
    struct nz_str id, partition; /* "111122223333", "aws"; views into the first ARN; empty when there is no entry */
    struct nz_access_principal *principals; /* users and roles, in the order of the text */
    struct nz_access_group *groups;
    struct nz_access_grant *managed;
    struct nz_access_document **documents;
    const struct nz_diag *unread; /* entries that have no name to ask for, and what else is missing from the whole */
    uint32_t principals_count, users_count, groups_count, managed_count, documents_count, unread_count;

    /* the reader's own */
    struct nz_arena arena;
    struct nz_buf rows[5]; /* what the arrays above point into */
    struct nz_access_map names;
    struct nz_account_block *blocks; /* where each block of the text begins */
    size_t policy_bytes;
};

/* Reads `text`, which is borrowed: the account points into it. Errors, with line and column: NZ_E_ACCOUNT_SHAPE,
 * NZ_E_ACCOUNT_DUPLICATE, NZ_E_ACCOUNT_MIXED, NZ_E_ACCOUNT_LIMIT, NZ_E_JSON_*, NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_account_read(struct nz_str text, struct nz_account **out, struct nz_diag *diag);
void nz_account_free(struct nz_account *account); /* NULL is fine */

/* A user or role by ARN or by name. NZ_E_ACCOUNT_PRINCIPAL: there is none, or a user and a role have the name. */
NZ_MUST_USE enum nz_err nz_account_find(const struct nz_account *account, struct nz_str who, uint32_t *principal,
                                        struct nz_diag *diag);
/* By ARN alone; false when there is none. */
bool nz_account_find_arn(const struct nz_account *account, struct nz_str arn, uint32_t *principal);

/* "arn:aws:sts::111122223333:assumed-role/NAME/SESSION": the role of that name, its path is not in it; false when there is none. */
bool nz_account_find_session_role(const struct nz_account *account, struct nz_str arn, uint32_t *role);

/* Line and column (in characters), from 1, of an offset. */
void nz_account_place(const struct nz_account *account, size_t offset, uint32_t *line, uint32_t *column);

/* The place of a statement: of the document when it stands there percent-encoded. False when there is none. */
bool nz_access_statement_place(const struct nz_account *account, const struct nz_access_grant *grant,
                               uint32_t statement, uint32_t *line, uint32_t *column);

#endif
