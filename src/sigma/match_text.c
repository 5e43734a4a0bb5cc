/* Texts: exact, at the start, at the end, anywhere, with wildcards inside, by regular expression. */
#include "sigma/match.h"

/* Bytes of a pattern that are compared, from all places of one text. */
#define GLOB_STEPS ((size_t)1 << 24)

static bool same(struct nz_str text, struct nz_str wanted, bool cased)
{
    text = nz_str_head(text, wanted.n);
    return cased ? nz_str_eq(text, wanted) : nz_str_eq_nocase(text, wanted);
}

static size_t code_point_bytes(struct nz_str s)
{
    size_t n = 1;
    while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Bytes of text that the part takes at its start, or SIZE_MAX. NZ_WILD_ONE takes one code point. *steps counts down. */
static size_t part_at_start(struct nz_str text, struct nz_str part, size_t *steps)
{
    size_t at = 0;
    for (size_t i = 0; i < part.n; i++) {
        if (at >= text.n || *steps == 0)
            return SIZE_MAX;
        --*steps;
        if (part.p[i] == NZ_WILD_ONE)
            at += code_point_bytes(nz_str_skip(text, at));
        else if (part.p[i] == text.p[at])
            at++;
        else
            return SIZE_MAX;
    }
    return at;
}

/* The first place where the part fits; what stands behind it, or .p NULL. */
static struct nz_str after_part(struct nz_str text, struct nz_str part, size_t *steps)
{
    if (!memchr(part.p, (unsigned char)NZ_WILD_ONE, part.n)) {
        size_t at = nz_str_find(text, part);
        return at == SIZE_MAX ? nz_str_of(NULL, 0) : nz_str_skip(text, at + part.n);
    }
    while (text.n && *steps) {
        size_t taken = part_at_start(text, part, steps);
        if (taken != SIZE_MAX)
            return nz_str_skip(text, taken);
        text = nz_str_skip(text, code_point_bytes(text));
    }
    return nz_str_of(NULL, 0);
}

/* The part at the very end of the text. */
static bool part_at_end(struct nz_str text, struct nz_str part)
{
    size_t at = text.n;
    for (size_t i = part.n; i-- > 0;) {
        if (at == 0)
            return false;
        at--;
        if (part.p[i] != NZ_WILD_ONE) {
            if (part.p[i] != text.p[at])
                return false;
            continue;
        }
        while (at > 0 && ((unsigned char)text.p[at] & 0xc0) == 0x80)
            at--;
    }
    return true;
}

/* Each part is taken where it first fits: with `*` between the parts no later place could be better, so there is nothing
 * to go back to. The last part of a pattern that does not end in `*` must stand at the end of what is left. */
static bool glob_fits(struct nz_str text, const struct nz_glob *glob, size_t *steps)
{
    size_t last = glob->open_end ? glob->count : glob->count - 1;
    for (size_t i = 0; i < last; i++) {
        if (i == 0 && !glob->open_start) {
            size_t taken = part_at_start(text, glob->parts[0], steps);
            if (taken == SIZE_MAX)
                return false;
            text = nz_str_skip(text, taken);
            continue;
        }
        text = after_part(text, glob->parts[i], steps);
        if (!text.p)
            return false;
    }
    if (glob->open_end)
        return true;
    if (last == 0 && !glob->open_start)
        return part_at_start(text, glob->parts[0], steps) == text.n;
    return part_at_end(text, glob->parts[last]);
}

/* A part with `?` in it is tried at each place, so a long one on a long text of nearly the same letters would take the
 * product of both. What runs away counts as no match, and is counted, like a regular expression. */
static bool glob_matches(struct nz_matcher *m, struct nz_str text, const struct nz_glob *glob)
{
    size_t steps = GLOB_STEPS;
    bool fits = glob_fits(text, glob, &steps);
    m->limits += !fits && steps == 0;
    return fits;
}

static bool regex_matches(struct nz_matcher *m, const struct nz_regex *regex, struct nz_str text)
{
    bool hit = false;
    enum nz_err err = nz_regex_match(regex, m->regex, text, &hit);
    /* an expression that ran away counts as no match, and is counted (ruleset.h) */
    if (err == NZ_E_REGEX_LIMIT)
        m->limits++;
    else if (err)
        m->err = err;
    return err == NZ_OK && hit;
}

/* Another letter at the front than the one that is wanted, which most texts have: seen before anything is decoded. */
static bool begins_otherwise(const struct nz_test *test, const struct nz_leaf *leaf)
{
    if ((test->kind != NZ_TEST_EXACT && test->kind != NZ_TEST_PREFIX) || leaf->kind != NZ_JSON_STRING || !test->text.n)
        return false;
    char first = leaf->value.bytes[leaf->value.tokens[leaf->value.at] + 1]; /* the closing quote of an empty text */
    return first != '\\' && first != test->text.p[0] &&
           (test->cased || nz_ascii_lower((unsigned char)first) != nz_ascii_lower((unsigned char)test->text.p[0]));
}

bool nz_match_text(struct nz_matcher *m, const struct nz_test *test, struct nz_leaf *leaf)
{
    if (begins_otherwise(test, leaf))
        return false;
    struct nz_str text = nz_leaf_text(m, leaf), wanted = test->text;
    switch (test->kind) {
    case NZ_TEST_EXACT:
        return text.n == wanted.n && same(text, wanted, test->cased);
    case NZ_TEST_PREFIX:
        return text.n >= wanted.n && same(text, wanted, test->cased);
    case NZ_TEST_SUFFIX:
        return text.n >= wanted.n && same(nz_str_skip(text, text.n - wanted.n), wanted, test->cased);
    case NZ_TEST_CONTAINS:
        return text.n >= wanted.n && nz_str_find(test->cased ? text : nz_leaf_folded(m, leaf), wanted) != SIZE_MAX;
    case NZ_TEST_GLOB:
        return glob_matches(m, test->cased ? text : nz_leaf_folded(m, leaf), test->glob);
    case NZ_TEST_REGEX:
        return regex_matches(m, test->regex, text);
    case NZ_TEST_ANY:
    case NZ_TEST_CIDR:
    case NZ_TEST_NUMBER:
    case NZ_TEST_COMPARE:
    case NZ_TEST_TIME:
    case NZ_TEST_FIELDREF:
    case NZ_TEST_NULL:
    case NZ_TEST_EXISTS:
        break;
    }
    return true;
}
