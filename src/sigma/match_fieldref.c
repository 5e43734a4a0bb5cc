/* fieldref: a field compared with another one of the same event, any leaf with any leaf. */
#include "sigma/match.h"

static bool same_number(struct nz_leaf *a, struct nz_leaf *b, struct nz_str a_text, struct nz_str b_text)
{
    struct nz_number x, y;
    return a->kind == NZ_JSON_NUMBER && b->kind == NZ_JSON_NUMBER && nz_number_parse(a_text, &x) &&
           nz_number_parse(b_text, &y) && nz_number_cmp(&x, &y) == 0;
}

static bool related(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *a, struct nz_leaf *b)
{
    struct nz_str text = test->cased ? nz_leaf_text(m, a) : nz_leaf_folded(m, a);
    struct nz_str wanted = test->cased ? nz_leaf_text(m, b) : nz_leaf_folded(m, b);
    if (test->relation == NZ_TEST_PREFIX)
        return nz_str_starts_with(text, wanted);
    if (test->relation == NZ_TEST_SUFFIX)
        return nz_str_ends_with(text, wanted);
    if (test->relation == NZ_TEST_CONTAINS)
        return nz_str_find(text, wanted) != SIZE_MAX;
    return nz_str_eq(text, wanted) || same_number(a, b, text, wanted);
}

bool nz_match_fieldref(struct nz_matcher *m, const struct nz_test *test, uint32_t field)
{
    const struct nz_field_leaves *mine = nz_match_leaves(m, field), *other = nz_match_leaves(m, test->field);
    if ((uint64_t)mine->count * other->count > NZ_MATCH_PAIRS_MAX) {
        m->limits++;
        return false;
    }
    for (uint32_t i = 0; i < mine->count; i++) {
        struct nz_leaf *a = &m->leaves[mine->first + i];
        for (uint32_t k = 0; a->kind != NZ_JSON_NULL && k < other->count; k++) {
            struct nz_leaf *b = &m->leaves[other->first + k];
            if (b->kind != NZ_JSON_NULL && related(m, test, a, b))
                return true;
        }
    }
    return false;
}
