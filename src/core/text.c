#include "core/text.h"

#include "core/utf8.h"

#include <stdio.h>

/* What stands for a character in some medium: NULL when it goes as it is. Long enough for \u202e. */
struct escape {
    char text[12];
};
typedef const char *(*escape_fn)(struct escape *room, uint32_t code);

/* What goes as it is in every medium: printable ASCII but for " & ' < >. Most of a log is that. */
static size_t plain_bytes(struct nz_str text)
{
    size_t n = 0;
    while (n < text.n) {
        unsigned char c = (unsigned char)text.p[n];
        if (c < 0x20 || c > 0x7e || c == '"' || c == '&' || c == '\'' || c == '<' || c == '>')
            break;
        n++;
    }
    return n;
}

/* Copies runs of ordinary characters at once. */
static void append_escaped(struct nz_buf *out, struct nz_str text, escape_fn escape)
{
    struct escape room;
    struct nz_str run = {text.p, 0};
    for (;;) {
        size_t plain = plain_bytes(text);
        run.n += plain;
        text = nz_str_skip(text, plain);
        if (text.n == 0)
            break;
        struct nz_utf8_char c = nz_utf8_take(&text);
        const char *instead = c.code == NZ_UTF8_BAD ? "\xef\xbf\xbd" : escape(&room, c.code); /* U+FFFD */
        if (!instead) {
            run.n += c.bytes.n;
            continue;
        }
        nz_buf_append(out, run);
        nz_buf_append(out, nz_str_from_c(instead));
        run = (struct nz_str){text.p, 0};
    }
    nz_buf_append(out, run);
}

static bool is_bidi_control(uint32_t code)
{
    return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

static const char *escape_terminal(struct escape *room, uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        snprintf(room->text, sizeof room->text, "\\x%02x", code & 0xffu);
    else if (is_bidi_control(code) || code == 0x2028 || code == 0x2029)
        snprintf(room->text, sizeof room->text, "\\u%04x", code & 0xffffu);
    else
        return NULL;
    return room->text;
}

static const char *escape_html(struct escape *room, uint32_t code)
{
    static const struct {
        char c;
        const char *reference;
    } references[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        if (code == (unsigned char)references[i].c)
            return references[i].reference;
    }
    return code == '\t' || code == '\n' || code == '\r' ? NULL : escape_terminal(room, code);
}

static const char *escape_csv_quoted(struct escape *room, uint32_t code)
{
    if (code == '"')
        return "\"\"";
    return code == '\t' || code == '\n' || code == '\r' ? NULL : escape_terminal(room, code);
}

void nz_text_append_terminal(struct nz_buf *out, struct nz_str text)
{
    append_escaped(out, text, escape_terminal);
}

void nz_text_append_html(struct nz_buf *out, struct nz_str text)
{
    append_escaped(out, text, escape_html);
}

static bool is_formula(struct nz_str text)
{
    static const uint32_t starts[] = {'=', '+', '-', '@', '\t', '\r', '\n', 0xff1d, 0xff0b, 0xff0d, 0xff20};
    if (text.n == 0)
        return false;
    uint32_t first = nz_utf8_take(&text).code;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (first == starts[i])
            return true;
    }
    return false;
}

/* Printable ASCII without a quote or a separator, and no formula: nearly every cell. */
static bool is_plain_cell(struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c > 0x7e || c == '"' || c == ',' || c == ';')
            return false;
    }
    return !is_formula(text);
}

void nz_text_append_csv(struct nz_buf *out, struct nz_str text)
{
    bool quoted = false;
    if (is_plain_cell(text)) {
        nz_buf_append(out, text);
        return;
    }
    for (size_t i = 0; i < text.n && !quoted; i++)
        quoted = strchr(",;\"\t\r\n", text.p[i]) != NULL; /* NUL too: it is written out, which does no harm in quotes */
    if (quoted)
        nz_buf_append_char(out, '"');
    if (is_formula(text))
        nz_buf_append_char(out, '\'');
    append_escaped(out, text, quoted ? escape_csv_quoted : escape_terminal);
    if (quoted)
        nz_buf_append_char(out, '"');
}

/* --- what was meant --- */

#define WORD_BYTES_MAX ((size_t)64)
#define DISTANCE_MAX 2u

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: rows of the usual table, of which a swap needs the last but one. Both words at most
 * WORD_BYTES_MAX. */
static unsigned distance(struct nz_str a, struct nz_str b)
{
    unsigned rows[3][WORD_BYTES_MAX + 1];
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.n; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            unsigned char x = nz_ascii_lower((unsigned char)a.p[i - 1]), y = nz_ascii_lower((unsigned char)b.p[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == nz_ascii_lower((unsigned char)b.p[j - 2]) &&
                nz_ascii_lower((unsigned char)a.p[i - 2]) == y)
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a.n % 3][b.n];
}

const char *nz_text_nearest(struct nz_str word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    unsigned best_distance = DISTANCE_MAX + 1;
    if (word.n > WORD_BYTES_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct nz_str candidate = nz_str_from_c(candidates[i]);
        size_t longer = candidate.n > word.n ? candidate.n : word.n;
        size_t apart = longer - (candidate.n < word.n ? candidate.n : word.n);
        if (longer > WORD_BYTES_MAX || apart > DISTANCE_MAX)
            continue;
        unsigned d = distance(word, candidate);
        /* "re" is not what somebody meant who typed "all" */
        if (d < best_distance && 2 * d < longer) {
            best = candidates[i];
            best_distance = d;
        }
    }
    return best;
}

void nz_text_append_lines(struct nz_buf *out, struct nz_str text)
{
    while (text.n) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        nz_text_append_terminal(out, nz_str_head(text, n));
        nz_buf_append_char(out, '\n');
        text = nz_str_skip(text, n + 1);
    }
}
