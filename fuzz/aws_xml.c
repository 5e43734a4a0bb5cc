/* targets: nz_aws_xml_to_json   seeds: fuzz/corpus/aws_xml
 * XML answers of AWS: what becomes JSON is JSON. The first byte chooses the service. */
#include "aws/answer_xml.h"
#include "core/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct nz_buf out, names;
    struct nz_str root_name;
    struct nz_json_doc doc;
    struct nz_json root;
    nz_buf_init(&out, 0);
    nz_buf_init(&names, 0);
    nz_json_doc_init(&doc);
    const struct nz_str xml = nz_str_of((const char *)data + 1, size - 1);
    if (nz_aws_xml_to_json(data[0] % NZ_AWS_SERVICE_COUNT, xml, &out, &names, &root_name, NULL) == NZ_OK &&
        (nz_json_parse(&doc, nz_buf_view(&out), &root, NULL) != NZ_OK || root_name.n == 0))
        abort();
    nz_json_doc_release(&doc);
    nz_buf_release(&out);
    nz_buf_release(&names);
    return 0;
}
