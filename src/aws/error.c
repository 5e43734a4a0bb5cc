#include "aws/error.h"

static struct nz_str without_suffix(struct nz_str code)
{
    static const struct nz_str suffix = {"Exception", 9};
    return code.n > suffix.n && nz_str_ends_with(code, suffix) ? nz_str_head(code, code.n - suffix.n) : code;
}

bool nz_aws_code_is(struct nz_str code, struct nz_str name)
{
    return nz_str_eq(without_suffix(code), without_suffix(name));
}
