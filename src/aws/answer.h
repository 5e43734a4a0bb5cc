/* What an HTTP answer of AWS says: a document or an error. */
#ifndef NZ_AWS_ANSWER_H
#define NZ_AWS_ANSWER_H

#include "aws/error.h"
#include "aws/http.h"
#include "aws/operation.h"
#include "core/arena.h"
#include "core/json.h"

/* Reads one answer after the other into the same memory. The caller owns it. */
struct nz_aws_reader {
    struct nz_json_doc doc;
    struct nz_buf json; /* what was XML */
    struct nz_buf names, scratch;
    struct nz_arena texts; /* of errors */
    bool nomem;
    char problem[400];
};
void nz_aws_reader_init(struct nz_aws_reader *reader);
void nz_aws_reader_release(struct nz_aws_reader *reader); /* harmless twice */

/* *root is the answer, absent when there is none or on an error; error->err is NZ_OK or what went wrong. Both live until the
 * next read; root also points into the response. NZ_E_NOMEM. */
NZ_MUST_USE enum nz_err nz_aws_answer_read(struct nz_aws_reader *reader, enum nz_aws_operation operation,
                                           const struct nz_http_response *response, struct nz_json *root,
                                           struct nz_aws_error *error);

enum nz_aws_paging {
    NZ_AWS_LAST_PAGE,
    NZ_AWS_MORE_PAGES,
    NZ_AWS_LOST_PAGES, /* there are more, and no token to ask for them with */
};
/* The token of the next page in `answer` is appended to token. */
enum nz_aws_paging nz_aws_next_page(const struct nz_aws_pages *pages, struct nz_json answer, struct nz_buf *token);

/* The caller's parameters with the page's size and token, as a JSON object; appended. */
NZ_MUST_USE enum nz_err nz_aws_page_parameters(const struct nz_aws_pages *pages, struct nz_str parameters,
                                               struct nz_str token, struct nz_buf *out);

#endif
