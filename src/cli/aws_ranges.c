#include "cli/aws_ranges.h"

static void ranges_add(struct nz_json list, struct nz_str prefix_key, struct nz_buf *out)
{
    struct nz_buf scratch;
    nz_buf_init(&scratch, 0);
    for (struct nz_json_iter it = nz_json_iter(list); nz_json_next(&it);) {
        struct nz_cidr net;
        nz_buf_clear(&scratch);
        if (!nz_str_eq(nz_json_text(nz_json_get(it.value, NZ_STR("service")), &scratch), NZ_STR("EC2")))
            continue;
        nz_buf_clear(&scratch);
        if (nz_cidr_parse(nz_json_text(nz_json_get(it.value, prefix_key), &scratch), &net))
            nz_buf_append(out, nz_str_of((const char *)&net, sizeof net));
    }
    nz_buf_release(&scratch);
}

enum nz_err nz_aws_ranges_read(struct nz_str text, struct nz_buf *out, struct nz_diag *diag)
{
    struct nz_json_doc doc;
    struct nz_json root;
    size_t before = out->n;
    nz_json_doc_init(&doc);
    enum nz_err err = nz_json_parse(&doc, text, &root, diag);
    if (err == NZ_OK) {
        ranges_add(nz_json_get(root, NZ_STR("prefixes")), NZ_STR("ip_prefix"), out);
        ranges_add(nz_json_get(root, NZ_STR("ipv6_prefixes")), NZ_STR("ipv6_prefix"), out);
    }
    nz_json_doc_release(&doc);
    if (err == NZ_OK && out->failed)
        return nz_diag_set(diag, NZ_E_NOMEM, "%s", "");
    if (err == NZ_OK && out->n == before)
        return nz_diag_set(diag, NZ_E_NOT_FOUND, "no networks of EC2; is it AWS's ip-ranges.json?");
    return err;
}
