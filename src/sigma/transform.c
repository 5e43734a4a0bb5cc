/* Modifiers that turn a text into other texts. Source: Sigma specification 2.1.0, appendix "modifiers"; what it leaves
 * open is as pySigma 1.5 does it. */
#include "sigma/value.h"

#include "sigma/set.h"

enum nz_err nz_texts_add(struct nz_texts *t, struct nz_str text, struct nz_diag *diag)
{
    if (t->count == NZ_RULE_ALTERNATIVES_MAX)
        return nz_diag_set(diag, NZ_E_RULE_LIMIT, "more than %u alternatives of one value", NZ_RULE_ALTERNATIVES_MAX);
    if (text.n > NZ_RULE_VALUE_BYTES_MAX || (t->bytes += text.n) > NZ_TEXTS_BYTES_MAX)
        return nz_diag_set(diag, NZ_E_RULE_LIMIT, "value is too long");
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 8;
        struct nz_str *list = NZ_ARENA_ARRAY(t->scratch, struct nz_str, room);
        if (!list)
            return NZ_E_NOMEM;
        if (t->count)
            memcpy(list, t->list, t->count * sizeof *list);
        t->list = list;
        t->room = room;
    }
    t->list[t->count++] = text;
    return NZ_OK;
}

struct nz_str nz_text_read(struct nz_arena *scratch, struct nz_str written)
{
    char *out = nz_arena_alloc(scratch, written.n + 1);
    size_t n = 0;
    if (!out)
        return nz_str_of(NULL, 0);
    for (size_t i = 0; i < written.n; i++) {
        char c = written.p[i], next = i + 1 < written.n ? written.p[i + 1] : '\0';
        /* specification, "escaping": a backslash escapes * ? and itself; before anything else it is itself */
        if (c == '\\' && (next == '*' || next == '?' || next == '\\'))
            out[n++] = written.p[++i];
        else
            out[n++] = c == '*' ? NZ_WILD_ANY : c == '?' ? NZ_WILD_ONE : c;
    }
    return nz_str_of(out, n);
}

static bool has_wildcard(struct nz_str s)
{
    return s.n && (memchr(s.p, (unsigned char)NZ_WILD_ANY, s.n) || memchr(s.p, (unsigned char)NZ_WILD_ONE, s.n));
}

/* --- contains, startswith, endswith --- */

static enum nz_err add_pattern(struct nz_texts *out, struct nz_str s, enum nz_modifier step, struct nz_diag *diag)
{
    bool before = step != NZ_MODIFIER_STARTSWITH, after = step != NZ_MODIFIER_ENDSWITH;
    char *p = nz_arena_alloc(out->scratch, s.n + 2);
    size_t n = 0;
    if (!p)
        return NZ_E_NOMEM;
    if (before)
        p[n++] = NZ_WILD_ANY;
    if (s.n)
        memcpy(p + n, s.p, s.n);
    n += s.n;
    if (after)
        p[n++] = NZ_WILD_ANY;
    return nz_texts_add(out, nz_str_of(p, n), diag);
}

/* --- base64 --- */

static struct nz_str base64(struct nz_arena *scratch, struct nz_str s)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;
    char *out = nz_arena_alloc(scratch, (s.n + 2) / 3 * 4);
    if (!out)
        return nz_str_of(NULL, 0);
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t word = 0;
        size_t have = s.n - i < 3 ? s.n - i : 3;
        for (size_t k = 0; k < 3; k++)
            word = word << 8 | (k < have ? (unsigned char)s.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            out[n++] = k <= have ? alphabet[word >> (18 - 6 * k) & 63] : '=';
    }
    return nz_str_of(out, n);
}

/* specification, "base64offset": the text may begin at any of three places in a larger encoded text, so it is encoded
 * behind 0, 1 and 2 other bytes, and the characters that depend on its neighbours are cut off. */
static enum nz_err add_base64_offsets(struct nz_texts *out, struct nz_str s, struct nz_diag *diag)
{
    static const size_t cut_start[] = {0, 2, 3}, cut_end[] = {0, 3, 2};
    for (size_t offset = 0; offset < 3; offset++) {
        char *padded = nz_arena_alloc(out->scratch, s.n + offset);
        if (!padded)
            return NZ_E_NOMEM;
        if (s.n)
            memcpy(padded + offset, s.p, s.n);
        struct nz_str encoded = base64(out->scratch, nz_str_of(padded, s.n + offset));
        if (!encoded.p)
            return NZ_E_NOMEM;
        size_t cut = cut_start[offset] + cut_end[(s.n + offset) % 3];
        if (encoded.n <= cut)
            return nz_diag_set(diag, NZ_E_RULE_VALUE, "too short for 'base64offset': nothing certain is left of it");
        encoded = nz_str_of(encoded.p + cut_start[offset], encoded.n - cut);
        enum nz_err err = nz_texts_add(out, encoded, diag);
        if (err)
            return err;
    }
    return NZ_OK;
}

static enum nz_err add_encoded(struct nz_texts *out, struct nz_str s, enum nz_modifier step, bool binary,
                               struct nz_diag *diag)
{
    if (!binary && has_wildcard(s))
        return nz_diag_set(diag, NZ_E_RULE_VALUE, "wildcards cannot be encoded by '%s'", nz_modifier_name(step));
    if (step == NZ_MODIFIER_BASE64OFFSET)
        return add_base64_offsets(out, s, diag);
    struct nz_str encoded = base64(out->scratch, s);
    return encoded.p ? nz_texts_add(out, encoded, diag) : NZ_E_NOMEM;
}

/* --- UTF-16 --- */

/* YAML gives valid UTF-8. Returns the bytes taken. */
static size_t code_point(struct nz_str s, uint32_t *out)
{
    unsigned char c = (unsigned char)s.p[0];
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    *out = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n && i < s.n; i++)
        *out = *out << 6 | ((unsigned char)s.p[i] & 0x3f);
    return n;
}

static size_t put_unit(char *out, uint32_t unit, bool big_endian)
{
    out[big_endian ? 1 : 0] = (char)(unit & 0xff);
    out[big_endian ? 0 : 1] = (char)(unit >> 8 & 0xff);
    return 2;
}

static enum nz_err add_utf16(struct nz_texts *out, struct nz_str s, enum nz_modifier step, struct nz_diag *diag)
{
    bool big_endian = step == NZ_MODIFIER_UTF16BE;
    char *p = nz_arena_alloc(out->scratch, 2 * s.n + 2);
    size_t n = 0;
    if (!p)
        return NZ_E_NOMEM;
    if (has_wildcard(s))
        return nz_diag_set(diag, NZ_E_RULE_VALUE, "wildcards cannot be encoded by '%s'", nz_modifier_name(step));
    /* specification, "utf16": with a byte order mark, little endian */
    if (step == NZ_MODIFIER_UTF16)
        n += put_unit(p, 0xfeff, false);
    while (s.n) {
        uint32_t code;
        s = nz_str_skip(s, code_point(s, &code));
        if (code < 0x10000) {
            n += put_unit(p + n, code, big_endian);
            continue;
        }
        n += put_unit(p + n, 0xd800 | (code - 0x10000) >> 10, big_endian);
        n += put_unit(p + n, 0xdc00 | ((code - 0x10000) & 0x3ff), big_endian);
    }
    return nz_texts_add(out, nz_str_of(p, n), diag);
}

/* --- windash --- */

static bool is_word(struct nz_str s, size_t at)
{
    if (at >= s.n)
        return false;
    unsigned char c = (unsigned char)s.p[at];
    return (c >= '0' && c <= '9') || (nz_ascii_lower(c) >= 'a' && nz_ascii_lower(c) <= 'z') || c == '_' ||
           (c >= 0x80 && c < 0xfe);
}

/* pySigma's \B[-/]\b: a dash or slash that begins a word. */
static bool is_dash(struct nz_str s, size_t at)
{
    return (s.p[at] == '-' || s.p[at] == '/') && (at == 0 || !is_word(s, at - 1)) && is_word(s, at + 1);
}

/* All texts so far, each followed by `piece`. */
static enum nz_err extend(struct nz_texts *from, struct nz_texts *to, struct nz_str piece, struct nz_diag *diag)
{
    for (size_t i = 0; i < from->count; i++) {
        struct nz_str head = from->list[i];
        if (head.n + piece.n > NZ_RULE_VALUE_BYTES_MAX)
            return nz_diag_set(diag, NZ_E_RULE_LIMIT, "value is too long");
        char *p = nz_arena_alloc(to->scratch, head.n + piece.n + 1);
        if (!p)
            return NZ_E_NOMEM;
        if (head.n)
            memcpy(p, head.p, head.n);
        if (piece.n)
            memcpy(p + head.n, piece.p, piece.n);
        enum nz_err err = nz_texts_add(to, nz_str_of(p, head.n + piece.n), diag);
        if (err)
            return err;
    }
    return NZ_OK;
}

static enum nz_err product(struct nz_texts *t, const struct nz_str *pieces, size_t count, struct nz_diag *diag)
{
    struct nz_texts next = {.scratch = t->scratch};
    for (size_t i = 0; i < count; i++) {
        enum nz_err err = extend(t, &next, pieces[i], diag);
        if (err)
            return err;
    }
    *t = next;
    return NZ_OK;
}

static enum nz_err add_windash(struct nz_texts *out, struct nz_str s, struct nz_diag *diag)
{
    static const struct nz_str dashes[] = {
        {"-", 1}, {"/", 1}, {"\xe2\x80\x93", 3}, {"\xe2\x80\x94", 3}, {"\xe2\x80\x95", 3}};
    struct nz_texts made = {.scratch = out->scratch};
    enum nz_err err = nz_texts_add(&made, NZ_STR(""), diag);
    size_t from = 0;
    for (size_t at = 0; !err && at < s.n; at++) {
        if (!is_dash(s, at))
            continue;
        struct nz_str before = nz_str_of(s.p + from, at - from);
        err = product(&made, &before, 1, diag);
        if (!err)
            err = product(&made, dashes, sizeof dashes / sizeof dashes[0], diag);
        from = at + 1;
    }
    struct nz_str rest = nz_str_of(s.p + from, s.n - from);
    if (!err)
        err = product(&made, &rest, 1, diag);
    for (size_t i = 0; !err && i < made.count; i++)
        err = nz_texts_add(out, made.list[i], diag);
    return err;
}

enum nz_err nz_texts_transform(struct nz_texts *t, enum nz_modifier step, struct nz_diag *diag)
{
    struct nz_texts out = {.scratch = t->scratch};
    enum nz_modifier_group group = nz_modifier_group(step);
    enum nz_err err = NZ_OK;
    for (size_t i = 0; !err && i < t->count; i++) {
        if (group == NZ_GROUP_PATTERN)
            err = add_pattern(&out, t->list[i], step, diag);
        else if (group == NZ_GROUP_BASE64)
            err = add_encoded(&out, t->list[i], step, t->binary, diag);
        else if (group == NZ_GROUP_UTF16)
            err = add_utf16(&out, t->list[i], step, diag);
        else
            err = add_windash(&out, t->list[i], diag);
    }
    out.binary = group == NZ_GROUP_UTF16;
    *t = out;
    return err;
}

/* --- expand --- */

static size_t name_bytes(struct nz_str s)
{
    size_t n = 0;
    while (n < s.n && (is_word(s, n) || s.p[n] == '.' || s.p[n] == '-'))
        n++;
    return n;
}

/* At a '%': the name between it and the next one, or .n 0 when this is no placeholder. */
static struct nz_str placeholder_at(struct nz_str s, size_t at)
{
    struct nz_str name = nz_str_skip(s, at + 1);
    name.n = name_bytes(name);
    return at + 1 + name.n < s.n && s.p[at + 1 + name.n] == '%' ? name : nz_str_of(name.p, 0);
}

/* PCRE2 takes a backslash before any ASCII character that is neither letter nor digit as that character. */
static struct nz_str quoted(struct nz_arena *scratch, struct nz_str s)
{
    char *p = nz_arena_alloc(scratch, 2 * s.n + 1);
    size_t n = 0;
    for (size_t i = 0; p && i < s.n; i++) {
        if (!is_word(s, i))
            p[n++] = '\\';
        p[n++] = s.p[i];
    }
    return nz_str_of(p, n);
}

static enum nz_err insert(struct nz_texts *t, const struct nz_ruleset *rs, struct nz_str name, size_t offset,
                          bool is_regex, struct nz_diag *diag)
{
    const struct nz_placeholder *found = nz_set_placeholder(rs, name);
    /* specification, "placeholders": a tool that cannot resolve one must reject the rule */
    if (!found || found->count == 0)
        return nz_diag_offset(diag, NZ_E_RULE_PLACEHOLDER, offset, "'%%%.*s%%'", (int)(name.n < 64 ? name.n : 64),
                              name.p);
    struct nz_str *values = NZ_ARENA_ARRAY(t->scratch, struct nz_str, found->count);
    if (!values)
        return NZ_E_NOMEM;
    for (size_t i = 0; i < found->count; i++) {
        values[i] = is_regex ? quoted(t->scratch, found->values[i]) : found->values[i];
        if (is_regex && !values[i].p)
            return NZ_E_NOMEM;
    }
    return product(t, values, found->count, diag);
}

enum nz_err nz_texts_expand(struct nz_texts *t, const struct nz_ruleset *rs, struct nz_str written, bool is_regex,
                            struct nz_diag *diag)
{
    size_t from = 0, at = 0;
    enum nz_err err = nz_texts_add(t, NZ_STR(""), diag);
    while (!err && at < written.n) {
        struct nz_str before = nz_str_of(written.p + from, at - from), name = {NULL, 0};
        if (written.p[at] == '\\' && at + 1 < written.n) {
            /* specification: \% is a percent sign; any other escape stays for whoever reads the text next */
            if (written.p[at + 1] == '%') {
                err = product(t, &before, 1, diag);
                from = at + 1;
            }
            at += 2;
            continue;
        }
        if (written.p[at] == '%')
            name = placeholder_at(written, at);
        if (name.n == 0) {
            at++;
            continue;
        }
        err = product(t, &before, 1, diag);
        if (!err)
            err = insert(t, rs, name, at, is_regex, diag);
        from = at = at + name.n + 2;
    }
    struct nz_str rest = nz_str_of(written.p + from, written.n - from);
    return err ? err : product(t, &rest, 1, diag);
}
