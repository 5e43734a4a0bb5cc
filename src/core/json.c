#include "core/json.h"
#include "core/json_index.h"
#include "core/json_walk.h"

#include <stdlib.h>

void nz_json_doc_init(struct nz_json_doc *doc)
{
    doc->index = NULL;
}

void nz_json_doc_release(struct nz_json_doc *doc)
{
    if (doc->index)
        nz_json_index_release(doc->index);
    free(doc->index);
    doc->index = NULL;
}

enum nz_err nz_json_parse(struct nz_json_doc *doc, struct nz_str text, struct nz_json *root, struct nz_diag *diag)
{
    *root = (struct nz_json){0};
    if (text.n > NZ_JSON_TEXT_BYTES_MAX)
        return nz_diag_offset(diag, NZ_E_JSON_SIZE, 0, "%zu bytes", text.n);
    if (!doc->index && !(doc->index = calloc(1, sizeof *doc->index)))
        return NZ_E_NOMEM;
    const struct nz_json_index *ix = doc->index;
    enum nz_err err = nz_json_index_build(doc->index, NULL, text.p, text.n);
    if (err != NZ_OK)
        return nz_diag_set(diag, err, "%s", "");

    size_t token = 0;
    struct nz_diag own; /* the code is needed even when nobody asked for the rest */
    if (!diag)
        diag = &own;
    switch (nz_json_walk(ix, text.p, true, &token, NULL, NULL, diag)) {
    case NZ_JSON_CUT:
        return nz_diag_offset(diag, NZ_E_JSON_END, text.n, "%s", "");
    case NZ_JSON_WRONG:
        return diag->code;
    case NZ_JSON_WHOLE:
        break;
    }
    if (token != ix->count)
        return nz_diag_offset(diag, NZ_E_JSON_SYNTAX, ix->tokens[token], "text after the value");
    err = nz_json_check_range(ix, text.p, 0, (uint32_t)text.n, diag);
    if (err == NZ_OK)
        *root = (struct nz_json){text.p, ix->tokens, ix->kinds, 0};
    return err;
}

/* --- one after another --- */

size_t nz_json_first_bytes(struct nz_str text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        } else if (depth == 0) {
            return text.n; /* not even an object */
        }
    }
    return text.n;
}

/* --- looking --- */

static char first_byte(struct nz_json v)
{
    return (char)v.kinds[v.at];
}

/* The token after the value. The value was checked, so brackets match. */
static uint32_t token_after(const struct nz_json *v)
{
    const uint8_t *kind = v->kinds + v->at;
    unsigned depth = 0;
    do {
        /* '{' '[' are 7b 5b, '}' ']' 7d 5d: bit 5 apart */
        unsigned c = *kind++ | 0x20u;
        depth += c == '{';
        depth -= c == '}';
    } while (depth);
    return (uint32_t)(kind - v->kinds);
}

/* Bytes from the start of token `from` to before token `to`, without white space at the end. */
static struct nz_str between(struct nz_json v, uint32_t from, uint32_t to)
{
    const char *p = v.bytes + v.tokens[from], *end = v.bytes + v.tokens[to];
    while (end > p && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    return nz_str_of(p, (size_t)(end - p));
}

struct nz_str nz_json_source(struct nz_json v)
{
    return nz_json_is_absent(v) ? nz_str_of(NULL, 0) : between(v, v.at, token_after(&v));
}

void nz_json_append_compact(struct nz_json v, struct nz_buf *out)
{
    if (nz_json_is_absent(v))
        return;
    uint32_t end = token_after(&v);
    for (uint32_t at = v.at; at < end; at++)
        nz_buf_append(out, between(v, at, at + 1));
}

/* --- strings --- */

static unsigned code_unit(const char *p)
{
    unsigned unit = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)p[i];
        unit = unit * 16 + (c <= '9' ? c - (unsigned)'0' : (c | 0x20u) - 'a' + 10u);
    }
    return unit;
}

/* As UTF-8; returns the bytes it takes. */
static size_t code_point_encode(unsigned code, char utf8[4])
{
    size_t n;
    if (code < 0x80) {
        utf8[0] = (char)code;
        n = 1;
    } else if (code < 0x800) {
        utf8[0] = (char)(0xc0 | code >> 6);
        n = 2;
    } else if (code < 0x10000) {
        utf8[0] = (char)(0xe0 | code >> 12);
        n = 3;
    } else {
        utf8[0] = (char)(0xf0 | code >> 18);
        n = 4;
    }
    for (size_t i = 1; i < n; i++)
        utf8[i] = (char)(0x80 | (code >> (6 * (n - 1 - i)) & 0x3f));
    return n;
}

/* The escape at raw.p[at] == '\\' as UTF-8 (*n bytes); returns the bytes of the escape. */
static size_t escape_decode(struct nz_str raw, size_t at, char utf8[4], size_t *n)
{
    char c = raw.p[at + 1];
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *known = strchr(from, c);
    if (c != 'u') {
        utf8[0] = known && c ? to[known - from] : c;
        *n = 1;
        return 2;
    }
    unsigned code = code_unit(raw.p + at + 2);
    bool pair = code >= 0xd800 && code <= 0xdbff;
    if (pair) /* checked before: the other half follows (RFC 8259, section 7) */
        code = 0x10000 + ((code - 0xd800) << 10) + (code_unit(raw.p + at + 8) - 0xdc00);
    *n = code_point_encode(code, utf8);
    return pair ? 12 : 6;
}

void nz_json_unescape(struct nz_str raw, struct nz_buf *out)
{
    size_t at = 0;
    while (at < raw.n) {
        const char *backslash = memchr(raw.p + at, '\\', raw.n - at);
        size_t plain = backslash ? (size_t)(backslash - raw.p) - at : raw.n - at;
        nz_buf_append(out, nz_str_of(raw.p + at, plain));
        at += plain;
        if (backslash) {
            char utf8[4];
            size_t n;
            at += escape_decode(raw, at, utf8, &n);
            nz_buf_append(out, nz_str_of(utf8, n));
        }
    }
}

static struct nz_str appended(const struct nz_buf *scratch, size_t from)
{
    return scratch->failed ? nz_str_of("", 0) : nz_str_of(scratch->p + from, scratch->n - from);
}

struct nz_str nz_json_string(struct nz_json v, struct nz_buf *scratch)
{
    struct nz_str raw = nz_json_string_raw(v);
    if (!raw.n || !memchr(raw.p, '\\', raw.n))
        return raw;
    nz_buf_reserve(scratch, raw.n); /* decoding never grows: the view stays whole */
    size_t from = scratch->n;
    nz_json_unescape(raw, scratch);
    return appended(scratch, from);
}

struct nz_str nz_json_text(struct nz_json v, struct nz_buf *scratch)
{
    size_t from = scratch->n;
    switch (nz_json_kind(v)) {
    case NZ_JSON_ABSENT:
        return nz_str_of("", 0);
    case NZ_JSON_STRING:
        return nz_json_string(v, scratch);
    case NZ_JSON_OBJECT:
    case NZ_JSON_ARRAY:
        nz_json_append_compact(v, scratch);
        return appended(scratch, from);
    case NZ_JSON_NULL:
    case NZ_JSON_FALSE:
    case NZ_JSON_TRUE:
    case NZ_JSON_NUMBER:
        break;
    }
    return nz_json_source(v);
}

/* --- walking --- */

struct nz_json_iter nz_json_iter(struct nz_json v)
{
    struct nz_json_iter it = {.done = true};
    if (nz_json_is_absent(v))
        return it;
    char open = first_byte(v);
    if (open != '{' && open != '[')
        return it;
    it.in_object = open == '{';
    it.here = v;
    it.here.at++;
    char next = first_byte(it.here);
    it.done = next == '}' || next == ']';
    return it;
}

bool nz_json_next(struct nz_json_iter *it)
{
    if (it->done)
        return false;
    if (it->in_object) {
        it->key = nz_json_string_raw(it->here);
        it->here.at += 2;
    }
    it->value = it->here;
    it->here.at = token_after(&it->here);
    it->done = first_byte(it->here) != ','; /* else the closing bracket */
    it->here.at++;
    return true;
}

bool nz_json_key_is(struct nz_str raw_key, struct nz_str name)
{
    if (raw_key.n < name.n) /* decoding never grows a text */
        return false;
    if (raw_key.n == name.n || !memchr(raw_key.p, '\\', raw_key.n))
        return nz_str_eq(raw_key, name);
    size_t at = 0;
    while (at < raw_key.n) {
        char utf8[4] = {raw_key.p[at]};
        size_t n = 1, taken = raw_key.p[at] == '\\' ? escape_decode(raw_key, at, utf8, &n) : 1;
        if (!nz_str_starts_with(name, nz_str_of(utf8, n)))
            return false;
        name = nz_str_skip(name, n);
        at += taken;
    }
    return name.n == 0;
}

struct nz_json nz_json_get(struct nz_json v, struct nz_str name)
{
    struct nz_json found = {0};
    struct nz_json_iter it = nz_json_iter(v);
    while (it.in_object && nz_json_next(&it)) {
        if (nz_json_key_is(it.key, name))
            found = it.value;
    }
    return found;
}

/* --- writing --- */

static void append_hex_escape(struct nz_buf *out, unsigned code)
{
    static const char hex[] = "0123456789abcdef";
    const char text[6] = {'\\', 'u', hex[code >> 12 & 15], hex[code >> 8 & 15], hex[code >> 4 & 15], hex[code & 15]};
    nz_buf_append(out, nz_str_of(text, 6));
}

/* Bytes at the front that go out as they are: printable ASCII but for the quote and the backslash; eight at once. */
static size_t plain_bytes(struct nz_str s)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
    size_t at = 0;
    for (uint64_t w; at + sizeof w <= s.n; at += sizeof w) {
        memcpy(&w, s.p + at, sizeof w);
        const uint64_t quote = w ^ '"' * ones, backslash = w ^ '\\' * ones;
        /* a set high bit: a byte that is below 0x20, a quote, a backslash, above 0x7e; carries only add to them */
        if (((w - 0x20 * ones) | (quote - ones) | (backslash - ones) | (w + ones) | w) & high)
            break;
    }
    while (at < s.n && (unsigned char)s.p[at] >= 0x20 && s.p[at] != '"' && s.p[at] != '\\' &&
           (unsigned char)s.p[at] < 0x7f)
        at++;
    return at;
}

/* Characters that are no text to whoever shows the line: C1 controls move a terminal's cursor, U+2028 and U+2029 end a line
 * in JavaScript, Unicode's Bidi_Control turn what follows around. */
static bool acts_on_its_reader(unsigned code)
{
    return (code >= 0x80 && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static size_t append_special(struct nz_buf *out, struct nz_str s)
{
    unsigned char c = (unsigned char)s.p[0];
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        nz_buf_append_char(out, '\\');
        nz_buf_append_char(out, to[known - from]);
        return 1;
    }
    if (c < 0x80) {
        append_hex_escape(out, c);
        return 1;
    }
    size_t n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (s.n < n || nz_utf8_valid_bytes(nz_str_of(s.p, n)) != n) {
        nz_buf_append(out, NZ_STR("\xef\xbf\xbd"));
        return 1;
    }
    const unsigned code = n == 2   ? (c & 0x1fu) << 6 | (s.p[1] & 0x3fu)
                          : n == 3 ? (c & 0xfu) << 12 | (s.p[1] & 0x3fu) << 6 | (s.p[2] & 0x3fu)
                                   : 0;
    if (acts_on_its_reader(code))
        append_hex_escape(out, code);
    else
        nz_buf_append(out, nz_str_of(s.p, n));
    return n;
}

void nz_json_append_string(struct nz_buf *out, struct nz_str text)
{
    size_t plain = plain_bytes(text);
    if (plain == text.n) { /* nearly always */
        char *to = nz_buf_reserve(out, plain + 2);
        if (!to)
            return;
        *to = to[plain + 1] = '"';
        if (plain)
            memcpy(to + 1, text.p, plain);
        out->n += plain + 2;
        return;
    }
    nz_buf_append_char(out, '"');
    while (text.n) {
        nz_buf_append(out, nz_str_of(text.p, plain));
        text = nz_str_skip(text, plain);
        if (text.n)
            text = nz_str_skip(text, append_special(out, text));
        plain = plain_bytes(text);
    }
    nz_buf_append_char(out, '"');
}
