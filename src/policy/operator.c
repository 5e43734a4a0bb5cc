#include "policy/model.h"

/* IAM User Guide, "IAM JSON policy elements: Condition operators": 27 of them. */
static const struct base {
    struct nz_str name;
    enum nz_operator op;
    enum nz_compare compare;
} bases[] = {
    {{"StringEquals", 12}, NZ_OP_STRING_EQUALS, NZ_CMP_EQ},
    {{"StringNotEquals", 15}, NZ_OP_STRING_EQUALS, NZ_CMP_NE},
    {{"StringEqualsIgnoreCase", 22}, NZ_OP_STRING_EQUALS_IGNORE_CASE, NZ_CMP_EQ},
    {{"StringNotEqualsIgnoreCase", 25}, NZ_OP_STRING_EQUALS_IGNORE_CASE, NZ_CMP_NE},
    {{"StringLike", 10}, NZ_OP_STRING_LIKE, NZ_CMP_EQ},
    {{"StringNotLike", 13}, NZ_OP_STRING_LIKE, NZ_CMP_NE},
    {{"NumericEquals", 13}, NZ_OP_NUMERIC, NZ_CMP_EQ},
    {{"NumericNotEquals", 16}, NZ_OP_NUMERIC, NZ_CMP_NE},
    {{"NumericLessThan", 15}, NZ_OP_NUMERIC, NZ_CMP_LT},
    {{"NumericLessThanEquals", 21}, NZ_OP_NUMERIC, NZ_CMP_LE},
    {{"NumericGreaterThan", 18}, NZ_OP_NUMERIC, NZ_CMP_GT},
    {{"NumericGreaterThanEquals", 24}, NZ_OP_NUMERIC, NZ_CMP_GE},
    {{"DateEquals", 10}, NZ_OP_DATE, NZ_CMP_EQ},
    {{"DateNotEquals", 13}, NZ_OP_DATE, NZ_CMP_NE},
    {{"DateLessThan", 12}, NZ_OP_DATE, NZ_CMP_LT},
    {{"DateLessThanEquals", 18}, NZ_OP_DATE, NZ_CMP_LE},
    {{"DateGreaterThan", 15}, NZ_OP_DATE, NZ_CMP_GT},
    {{"DateGreaterThanEquals", 21}, NZ_OP_DATE, NZ_CMP_GE},
    {{"Bool", 4}, NZ_OP_BOOL, NZ_CMP_EQ},
    {{"BinaryEquals", 12}, NZ_OP_BINARY, NZ_CMP_EQ},
    {{"IpAddress", 9}, NZ_OP_IP, NZ_CMP_EQ},
    {{"NotIpAddress", 12}, NZ_OP_IP, NZ_CMP_NE},
    {{"ArnEquals", 9}, NZ_OP_ARN, NZ_CMP_EQ},
    {{"ArnLike", 7}, NZ_OP_ARN, NZ_CMP_EQ}, /* "ArnEquals and ArnLike behave identically" */
    {{"ArnNotEquals", 12}, NZ_OP_ARN, NZ_CMP_NE},
    {{"ArnNotLike", 10}, NZ_OP_ARN, NZ_CMP_NE},
    {{"Null", 4}, NZ_OP_NULL, NZ_CMP_EQ},
};

static bool take_head(struct nz_str *name, struct nz_str head)
{
    if (name->n < head.n || !nz_str_eq_nocase(nz_str_head(*name, head.n), head))
        return false;
    *name = nz_str_skip(*name, head.n);
    return true;
}

static bool take_tail(struct nz_str *name, struct nz_str tail)
{
    if (name->n < tail.n || !nz_str_eq_nocase(nz_str_skip(*name, name->n - tail.n), tail))
        return false;
    name->n -= tail.n;
    return true;
}

bool nz_operator_parse(struct nz_str name, struct nz_operator_spec *out)
{
    struct nz_operator_spec spec = {.quantifier = NZ_QUANT_NONE};
    if (take_head(&name, NZ_STR("ForAnyValue:")))
        spec.quantifier = NZ_QUANT_ANY;
    else if (take_head(&name, NZ_STR("ForAllValues:")))
        spec.quantifier = NZ_QUANT_ALL;
    spec.if_exists = take_tail(&name, NZ_STR("IfExists"));
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        if (!nz_str_eq_nocase(name, bases[i].name))
            continue;
        spec.op = bases[i].op;
        spec.compare = bases[i].compare;
        *out = spec;
        /* "You can add IfExists to the end of any condition operator name except the Null condition" */
        return !(spec.op == NZ_OP_NULL && spec.if_exists);
    }
    return false;
}
