/* One text of a rule to the cheapest test that says the same. */
#include "sigma/value.h"

#include "sigma/set.h"

/* Code points without upper and lower case, coarsely: punctuation, symbols, Chinese, Japanese and Korean writing. */
static bool is_caseless(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x80, 0xb4},     {0x2000, 0x20cf}, {0x2190, 0x24b5},  {0x24ea, 0x2bff},
                  {0x2e80, 0xa63f}, {0xac00, 0xd7ff}, {0x20000, 0x3ffff}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

static uint32_t code_point(struct nz_str s, size_t *at)
{
    unsigned char c = (unsigned char)s.p[*at];
    size_t n = c < 0x80 || c >= 0xfe ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    uint32_t code = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n && *at + i < s.n; i++)
        code = code << 6 | ((unsigned char)s.p[*at + i] & 0x3f);
    *at += n;
    return code;
}

/* ASCII letters are folded by us; a text with other letters goes to PCRE2, which folds as Unicode says. */
static bool needs_unicode(struct nz_str s)
{
    size_t at = 0;
    while (at < s.n) {
        bool wild = s.p[at] == NZ_WILD_ANY || s.p[at] == NZ_WILD_ONE;
        uint32_t code = code_point(s, &at);
        if (!wild && code >= 0x80 && !is_caseless(code))
            return true;
    }
    return false;
}

static struct nz_str folded(struct nz_arena *keep, struct nz_str s, bool cased)
{
    char *p = nz_arena_alloc(keep, s.n + 1);
    for (size_t i = 0; p && i < s.n; i++)
        p[i] = cased ? s.p[i] : (char)nz_ascii_lower((unsigned char)s.p[i]);
    return nz_str_of(p, s.n);
}

/* Length of the run up to the next NZ_WILD_ANY. */
static size_t part_bytes(struct nz_str s)
{
    const char *wild = s.n ? memchr(s.p, (unsigned char)NZ_WILD_ANY, s.n) : NULL;
    return wild ? (size_t)(wild - s.p) : s.n;
}

static struct nz_str skip_any(struct nz_str s)
{
    while (s.n && s.p[0] == NZ_WILD_ANY)
        s = nz_str_skip(s, 1);
    return s;
}

/* "a*b?*" to parts a, b? with an open end. Views into text. */
static enum nz_err split(struct nz_arena *keep, struct nz_str text, struct nz_glob *glob)
{
    size_t room = 1;
    for (size_t i = 0; i < text.n; i++)
        room += text.p[i] == NZ_WILD_ANY;
    struct nz_str *parts = NZ_ARENA_ARRAY(keep, struct nz_str, room);
    if (!parts)
        return NZ_E_NOMEM;
    *glob = (struct nz_glob){.parts = parts};
    glob->open_start = text.n && text.p[0] == NZ_WILD_ANY;
    glob->open_end = text.n && text.p[text.n - 1] == NZ_WILD_ANY;
    for (text = skip_any(text); text.n; text = skip_any(text)) {
        size_t n = part_bytes(text);
        parts[glob->count++] = nz_str_head(text, n);
        text = nz_str_skip(text, n);
    }
    return NZ_OK;
}

/* --- through PCRE2 --- */

static void append_quoted(struct nz_buf *out, struct nz_str part)
{
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];
        if (part.p[i] == NZ_WILD_ONE) {
            nz_buf_append_char(out, '.');
            continue;
        }
        bool plain = (c >= '0' && c <= '9') || (nz_ascii_lower(c) >= 'a' && nz_ascii_lower(c) <= 'z') || c >= 0x80;
        if (!plain)
            nz_buf_append_char(out, '\\');
        nz_buf_append_char(out, part.p[i]);
    }
}

/* Each part but the last is fixed where it first fits (an atomic group), which is enough for wildcards and keeps the
 * search from going back: a*b*c becomes a(?>.*?b).*c for the whole text. */
static void append_glob(struct nz_buf *out, const struct nz_glob *glob)
{
    for (size_t i = 0; i < glob->count; i++) {
        bool floats = i > 0 || glob->open_start, last = i + 1 == glob->count && !glob->open_end;
        nz_buf_append(out, floats ? last ? NZ_STR(".*") : NZ_STR("(?>.*?") : NZ_STR(""));
        append_quoted(out, glob->parts[i]);
        nz_buf_append(out, floats && !last ? NZ_STR(")") : NZ_STR(""));
    }
    if (glob->open_end)
        nz_buf_append(out, NZ_STR(".*"));
}

static enum nz_err make_unicode(struct nz_rule_parser *p, const struct nz_glob *glob, struct nz_test *out)
{
    struct nz_buf pattern;
    nz_buf_init(&pattern, 0);
    append_glob(&pattern, glob);
    enum nz_err err = nz_buf_status(&pattern);
    out->kind = NZ_TEST_REGEX;
    if (!err)
        err = nz_set_regex(p->rs, nz_buf_view(&pattern), NZ_REGEX_NOCASE | NZ_REGEX_DOTALL | NZ_REGEX_ANCHORED,
                           &out->regex, p->diag);
    if (p->diag)
        p->diag->offset = UINT64_MAX; /* an offset in a pattern that nobody wrote */
    nz_buf_release(&pattern);
    return err;
}

/* --- plain --- */

static enum nz_test_kind kind_of(const struct nz_glob *glob)
{
    if (glob->count == 0)
        return glob->open_start ? NZ_TEST_ANY : NZ_TEST_EXACT;
    struct nz_str part = glob->parts[0];
    if (glob->count > 1 || memchr(part.p, (unsigned char)NZ_WILD_ONE, part.n))
        return NZ_TEST_GLOB;
    if (glob->open_start)
        return glob->open_end ? NZ_TEST_CONTAINS : NZ_TEST_SUFFIX;
    return glob->open_end ? NZ_TEST_PREFIX : NZ_TEST_EXACT;
}

enum nz_err nz_test_make(struct nz_rule_parser *p, struct nz_str text, bool cased, struct nz_test *out)
{
    struct nz_glob *glob = NZ_ARENA_NEW(p->keep, struct nz_glob);
    struct nz_str own = folded(p->keep, text, cased);
    if (!glob || !own.p)
        return NZ_E_NOMEM;
    enum nz_err err = split(p->keep, own, glob);
    if (err)
        return err;
    *out = (struct nz_test){.kind = kind_of(glob), .cased = cased, .glob = glob};
    out->text = glob->count ? glob->parts[0] : NZ_STR("");
    if (!cased && needs_unicode(own))
        return make_unicode(p, glob, out);
    return NZ_OK;
}
