/* targets: nz_policy_compile   seeds: fuzz/corpus/policy_document
 * A document of any bytes, after a first byte that chooses its kind, is compiled or refused with a place inside it. */
#include "policy/policy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct nz_policy *policy;
    struct nz_diag diag = NZ_DIAG_INIT;
    if (n == 0)
        return 0;
    enum nz_policy_kind kind = (enum nz_policy_kind)(p[0] % (NZ_POLICY_ENDPOINT + 1));
    enum nz_err err = nz_policy_compile(nz_str_of((const char *)p + 1, n - 1), kind, &policy, &diag);
    if (err == NZ_OK) {
        for (uint32_t i = 0; i < nz_policy_statements(policy); i++)
            (void)nz_policy_sid(policy, i);
    } else if (policy || err != diag.code || diag.line == 0 || diag.column == 0 || diag.column > n) {
        abort();
    }
    nz_policy_free(policy);
    return 0;
}
