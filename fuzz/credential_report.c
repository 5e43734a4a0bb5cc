/* target: nz_credential_report_read   seeds: fuzz/corpus/credential_report
 * Each row has a user and an ARN, and its JSON is good and names both. */
#include "inventory/credential_report.h"

#include "core/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static enum nz_err on_row(void *self, const struct nz_report_row *row)
{
    struct nz_json_doc *doc = self;
    struct nz_json root;
    if (!row->user.n || !row->arn.n || nz_json_parse(doc, row->json, &root, NULL) != NZ_OK ||
        nz_json_kind(nz_json_get(root, NZ_STR("user"))) != NZ_JSON_STRING ||
        nz_json_kind(nz_json_get(root, NZ_STR("arn"))) != NZ_JSON_STRING)
        abort();
    return NZ_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_json_doc doc;
    uint64_t bad;
    nz_json_doc_init(&doc);
    enum nz_err err = nz_credential_report_read(nz_str_of((const char *)p, n), on_row, &doc, &bad);
    if (err != NZ_OK && err != NZ_E_AWS_ANSWER)
        abort();
    nz_json_doc_release(&doc);
    return 0;
}
