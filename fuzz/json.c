/* Targets: nz_json_parse and everything that reads its values; the kernels must agree. Seeds: fuzz/corpus/json. */
#include "core/json.h"
#include "core/json_index.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void read_all(struct nz_json v, struct nz_buf *scratch, unsigned depth)
{
    struct nz_json_iter it = nz_json_iter(v);
    nz_buf_clear(scratch);
    nz_json_text(v, scratch);
    nz_json_source(v);
    while (depth < 8 && nz_json_next(&it)) {
        if (it.in_object && nz_json_is_absent(nz_json_get(v, NZ_STR("a"))) && nz_json_key_is(it.key, NZ_STR("a")))
            abort();
        read_all(it.value, scratch, depth + 1);
    }
}

static void same_index(const uint8_t *p, size_t n)
{
    const struct nz_json_kernel *kernels[8];
    size_t count = nz_json_kernels(kernels, 8);
    struct nz_json_index first = {0}, other = {0};
    if (nz_json_index_build(&first, kernels[0], (const char *)p, n) != NZ_OK)
        abort();
    for (size_t i = 1; i < count; i++) {
        if (nz_json_index_build(&other, kernels[i], (const char *)p, n) != NZ_OK || other.count != first.count ||
            other.escapes_count != first.escapes_count || other.faults_count != first.faults_count ||
            memcmp(other.tokens, first.tokens, first.count * sizeof *first.tokens) != 0)
            abort();
    }
    nz_json_index_release(&first);
    nz_json_index_release(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_json_doc doc;
    struct nz_json root;
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_json_doc_init(&doc);
    if (nz_json_parse(&doc, nz_str_of((const char *)p, n), &root, &diag) == NZ_OK) {
        struct nz_buf scratch, again;
        nz_buf_init(&scratch, 0);
        nz_buf_init(&again, 0);
        read_all(root, &scratch, 0);
        /* what is written is JSON again */
        nz_json_append_compact(root, &again);
        if (nz_json_parse(&doc, nz_buf_view(&again), &root, NULL) != NZ_OK)
            abort();
        nz_buf_release(&scratch);
        nz_buf_release(&again);
    } else if (diag.offset > n) {
        abort();
    }
    nz_json_doc_release(&doc);
    same_index(p, n);
    return 0;
}
