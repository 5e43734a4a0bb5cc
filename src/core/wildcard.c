#include "core/wildcard.h"

static bool same(char a, char b, bool nocase)
{
    return a == b || (nocase && nz_ascii_lower((unsigned char)a) == nz_ascii_lower((unsigned char)b));
}

/* What a * takes is tried from the shortest on, and only for the last *: an earlier one that took less would fit as well. */
static bool matches(struct nz_str pattern, struct nz_str text, bool nocase)
{
    size_t p = 0, t = 0, star = SIZE_MAX, back = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            back = t;
        } else if (p < pattern.n && (pattern.p[p] == '?' || same(pattern.p[p], text.p[t], nocase))) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++back;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

bool nz_wildcard_matches(struct nz_str pattern, struct nz_str text)
{
    return matches(pattern, text, false);
}

bool nz_wildcard_matches_nocase(struct nz_str pattern, struct nz_str text)
{
    return matches(pattern, text, true);
}
