/* targets: nz_yaml_parse, nz_yaml_type, nz_yaml_get   seeds: fuzz/corpus/yaml
 * The tree is walked as a consumer walks it: bounded in depth, every text in bounds. */
#include "core/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static size_t walk(const struct nz_yaml *node, unsigned level)
{
    if (level > 64 || node->line == 0 || node->column == 0)
        abort();
    if (node->kind == NZ_YAML_SCALAR) {
        bool value;
        if (node->text.p[node->text.n] != '\0' || nz_utf8_valid_bytes(node->text) != node->text.n)
            abort();
        if (nz_yaml_bool(node, &value) && nz_yaml_is_null(node))
            abort();
        return 1;
    }
    size_t nodes = 1, items = node->kind == NZ_YAML_MAPPING ? 2 * node->count : node->count;
    for (size_t i = 0; i < items; i++)
        nodes += walk(&node->items[i], level + 1);
    (void)nz_yaml_get(node, "key");
    return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_arena keep;
    nz_arena_init(&keep, 0);
    const struct nz_yaml *documents;
    size_t count, nodes = 0;
    struct nz_diag diag = NZ_DIAG_INIT;
    enum nz_err err = nz_yaml_parse(&keep, nz_str_of((const char *)p, n), &documents, &count, &diag);
    if (err && (diag.code != err || nz_utf8_valid_bytes(nz_str_from_c(diag.text)) != strlen(diag.text)))
        abort();
    for (size_t i = 0; i < count; i++)
        nodes += walk(&documents[i], 1);
    if (nodes > 200000)
        abort();
    nz_arena_release(&keep);
    return 0;
}
