/* targets: nz_regex_compile, nz_regex_match   seeds: fuzz/corpus/regex
 * First byte: flags; then the expression up to a line break; the rest is the text. What is bounded in the product is
 * bounded harder here, so that a slow expression is no finding. */
#include "core/regex.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (n < 1 || n > 512)
        return 0;
    struct nz_str rest = nz_str_of((const char *)p + 1, n - 1);
    size_t line = nz_str_find(rest, NZ_STR("\n"));
    struct nz_str pattern = nz_str_head(rest, line), text = nz_str_skip(rest, line == SIZE_MAX ? rest.n : line + 1);
    struct nz_regex *re;
    struct nz_regex_scratch *scratch;
    struct nz_diag diag = NZ_DIAG_INIT;
    bool hit, again;
    enum nz_err err = nz_regex_compile(pattern, p[0] & 0x1fu, &re, &diag);
    if (err) {
        if (re || diag.code != err || (err == NZ_E_REGEX && diag.offset > pattern.n))
            abort();
        return 0;
    }
    if (nz_regex_scratch_new(&scratch) == NZ_OK) {
        enum nz_err first = nz_regex_match(re, scratch, text, &hit);
        enum nz_err second = nz_regex_match(re, scratch, text, &again);
        if (first != second || hit != again || (first && hit))
            abort();
        if (hit && nz_utf8_valid_bytes(text) != text.n)
            abort();
        nz_regex_scratch_free(scratch);
    }
    nz_regex_free(re);
    return 0;
}
