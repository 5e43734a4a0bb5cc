/* Pages of GetAccountAuthorizationDetails become items; used on AWS's answers and on files. Private to inventory.
 * Source: IAM API Reference, GetAccountAuthorizationDetails. */
#ifndef NZ_INVENTORY_IAM_DETAILS_H
#define NZ_INVENTORY_IAM_DETAILS_H

#include "inventory/snapshot_builder.h"

struct nz_iam_details {
    struct nz_json_doc document;
    struct nz_buf decoded, texts, configuration;
    uint32_t line; /* of the file that is being read; 0: none */
};

void nz_iam_details_init(struct nz_iam_details *d);
void nz_iam_details_release(struct nz_iam_details *d);

/* The same JSON, compact, with the first letter of each member's name in upper case (Config writes it in lower case), but
 * not within policy documents; a document that is a text, percent-encoded or not, becomes an object when it is JSON. */
NZ_MUST_USE enum nz_err nz_iam_details_append(struct nz_iam_details *d, struct nz_json v, struct nz_buf *out);

/* True when the page has one of the four lists. */
bool nz_iam_details_is_page(struct nz_json page);

/* Adds the entries of all lists, but for policies of AWS's own that nothing in the account uses. *added counts them; *bad those that are no objects with an ARN. */
NZ_MUST_USE enum nz_err nz_iam_details_add(struct nz_iam_details *d, struct nz_snapshot_builder *b, struct nz_json page,
                                           struct nz_str capture_time, uint64_t *added, uint64_t *bad);

#endif
