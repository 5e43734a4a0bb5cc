/* Numbers: equal, or less and greater. */
#include "sigma/match.h"

bool nz_compare_holds(enum nz_compare compare, int order)
{
    switch (compare) {
    case NZ_COMPARE_EQ:
        return order == 0;
    case NZ_COMPARE_LT:
        return order < 0;
    case NZ_COMPARE_LTE:
        return order <= 0;
    case NZ_COMPARE_GT:
        return order > 0;
    case NZ_COMPARE_GTE:
        return order >= 0;
    }
    return false;
}

/* A number in a rule equals a leaf when the texts are the same (22 and "22"), and a JSON number also when the value is
 * (1.0 and 1, 1e2 and 100). For lt to gte the text of a string is read as a number; other texts satisfy none. */
bool nz_match_number(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf)
{
    struct nz_str text = nz_leaf_text(m, leaf);
    struct nz_number number;
    if (test->kind == NZ_TEST_NUMBER) {
        if (nz_str_eq_nocase(text, test->text))
            return true;
        if (leaf->kind != NZ_JSON_NUMBER)
            return false;
    }
    if (leaf->kind != NZ_JSON_NUMBER && leaf->kind != NZ_JSON_STRING)
        return false;
    return nz_number_parse(nz_str_trim(text), &number) &&
           nz_compare_holds(test->compare, nz_number_cmp(&number, &test->number));
}
