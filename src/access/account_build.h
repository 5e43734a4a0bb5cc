/* Reading an account; private to access. account.c has pages and places; entry.c the entries of a page;
 * document.c and outline.c their policies; join.c what one page says of another's. */
#ifndef NZ_ACCESS_ACCOUNT_BUILD_H
#define NZ_ACCESS_ACCOUNT_BUILD_H

#include "access/account.h"
#include "core/json.h"

enum nz_account_rows { NZ_ROWS_PRINCIPALS, NZ_ROWS_GROUPS, NZ_ROWS_MANAGED, NZ_ROWS_DOCUMENTS, NZ_ROWS_UNREAD };

/* Tags of nz_account.names. From NZ_TAG_DOCUMENT on: one for each nz_policy_kind, with and without places. */
enum nz_account_tag {
    NZ_TAG_ARN, /* of a user or role */
    NZ_TAG_USER,
    NZ_TAG_ROLE,
    NZ_TAG_GROUP,
    NZ_TAG_MANAGED,
    NZ_TAG_MISSING_GROUP,   /* a document that says so */
    NZ_TAG_MISSING_MANAGED, /* a document that says so */
    NZ_TAG_DOCUMENT = 16,
};

struct nz_account_build {
    struct nz_account *account;
    struct nz_buf scratch;       /* texts with escapes */
    struct nz_json_doc outlines; /* documents once more, for what the compiled ones do not tell */
    struct nz_diag *diag;
    uint32_t entries;
};

static inline struct nz_str nz_row_bytes(const void *row, size_t bytes)
{
    return nz_str_of(row, bytes);
}

/* Sets the diag to an offset of the account's text. Returns code. */
enum nz_err nz_build_fail(struct nz_account_build *b, enum nz_err code, size_t offset, const char *format, ...)
    NZ_PRINTF(4, 5);
/* An entry that has no name, kept in `unread`. */
NZ_MUST_USE enum nz_err nz_build_unread(struct nz_account_build *b, enum nz_err code, size_t offset, const char *format,
                                        ...) NZ_PRINTF(4, 5);

/* The value's first byte as an offset of the account's text. */
size_t nz_build_offset(const struct nz_account_build *b, struct nz_json v);
/* The text of a string: a view into the account's text, or a copy in its arena; .p NULL when v is no string.
 * NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_build_text(struct nz_account_build *b, struct nz_json v, struct nz_str *out);

/* The document that v is; one that cannot be read is a document too. NZ_E_NOMEM, NZ_E_ACCOUNT_LIMIT. */
NZ_MUST_USE enum nz_err nz_document_of(struct nz_account_build *b, struct nz_json v, enum nz_policy_kind kind,
                                       struct nz_access_document **out);
/* The same text under another kind; an unreadable one is the same for all. */
NZ_MUST_USE enum nz_err nz_document_as(struct nz_account_build *b, struct nz_access_document *document,
                                       enum nz_policy_kind kind, size_t offset, struct nz_access_document **out);
/* A policy that cannot be read, with its reason: "what: name". offset SIZE_MAX: it has no place. */
NZ_MUST_USE enum nz_err nz_document_unknown(struct nz_account_build *b, enum nz_err code, size_t offset,
                                            const char *what, struct nz_str name, struct nz_access_document **out);

/* What an outline finds: statements and the flags of nz_access_document. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_document_outline(struct nz_account_build *b, struct nz_access_document *document,
                                            enum nz_policy_kind kind);

/* When all pages are read: attached policies and groups are looked up. NZ_E_NOMEM, NZ_E_ACCOUNT_LIMIT. */
NZ_MUST_USE enum nz_err nz_account_join(struct nz_account_build *b);

/* One page's lists. */
NZ_MUST_USE enum nz_err nz_page_read(struct nz_account_build *b, struct nz_json page);

#endif
