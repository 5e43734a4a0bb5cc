/* targets: nz_aws_ini_parse, nz_aws_ini_get, nz_aws_ini_has   seeds: fuzz/corpus/aws_ini
 * AWS's configuration files: whatever the bytes are, entries point into them or an error has a line. */
#include "aws/ini.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nz_arena keep;
    struct nz_aws_ini ini;
    struct nz_diag diag = NZ_DIAG_INIT;
    nz_arena_init(&keep, 0);
    enum nz_err err = nz_aws_ini_parse(nz_str_of((const char *)data, size), &keep, &ini, &diag);
    if (err && size <= NZ_AWS_INI_BYTES_MAX && diag.line == 0)
        abort();
    for (size_t i = 0; i < ini.count; i++) {
        const struct nz_aws_ini_entry *e = &ini.entries[i];
        if (!nz_aws_ini_has(&ini, e->kind, e->name) || e->line == 0)
            abort();
        if (e->key.n && !nz_aws_ini_get(&ini, e->kind, e->name, e->outer, e->key, NULL).p)
            abort();
        if (i > 200) /* looking up is linear */
            break;
    }
    nz_arena_release(&keep);
    return 0;
}
