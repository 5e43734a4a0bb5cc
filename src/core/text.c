#include "core/text.h"

#include "core/utf8.h"

#include <stdio.h>

/* What stands for a character in some medium: NULL when it goes as it is. Long enough for a surrogate pair.
 * before: the character in front of it, 0 for none and for one that was written out. */
struct escape {
    char text[16];
};
typedef const char *(*escape_fn)(struct escape *room, uint32_t code, uint32_t before);

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
    uint32_t before = 0;
    for (;;) {
        size_t plain = plain_bytes(text);
        run.n += plain;
        text = nz_str_skip(text, plain);
        if (text.n == 0)
            break;
        if (plain)
            before = ' '; /* ASCII, whichever */
        struct nz_utf8_char c = nz_utf8_take(&text);
        const char *instead = c.code == NZ_UTF8_BAD ? "\xef\xbf\xbd" : escape(&room, c.code, before); /* U+FFFD */
        before = instead ? 0 : c.code;
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

struct range {
    uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count && code >= ranges[i].first; i++) {
        if (code <= ranges[i].last)
            return true;
    }
    return false;
}
#define IS_IN(ranges, code) is_in((ranges), sizeof(ranges) / sizeof((ranges)[0]), (code))

/* Variation selectors and joiners shape the character in front of them: emoji, ideographs of names, Persian, Indic. */
static const struct range selectors[] = {{0x180b, 0x180d}, {0x180f, 0x180f}, {0xfe00, 0xfe0f}, {0xe0100, 0xe01ef}};

static bool is_joiner(uint32_t code)
{
    return code == 0x200c || code == 0x200d;
}

/* Where they shape nothing, behind ASCII or one another, they only make two texts differ that look the same. */
static bool is_idle_shaper(uint32_t code, uint32_t before)
{
    const bool selector = IS_IN(selectors, code);
    if (!selector && !is_joiner(code))
        return false;
    return before < 0x80 || is_joiner(before) || (selector && IS_IN(selectors, before));
}

/* Characters that are not seen, change the direction or the line, or are none. */
static bool is_unseen(uint32_t code, uint32_t before)
{
    /* Default_Ignorable_Code_Point without the above; Bidi_Control; line separators; annotations; noncharacters */
    static const struct range unseen[] = {
        {0x00ad, 0x00ad}, {0x034f, 0x034f},   {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},
        {0x180e, 0x180e}, {0x200b, 0x200b},   {0x200e, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
        {0x3164, 0x3164}, {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
        {0xfffe, 0xffff}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0xe0fff},
    };
    return IS_IN(unseen, code) || (code & 0xfffe) == 0xfffe || is_idle_shaper(code, before);
}

static const char *escape_terminal(struct escape *room, uint32_t code, uint32_t before)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        snprintf(room->text, sizeof room->text, "\\x%02x", code & 0xffu);
    else if (code >= 0xad && is_unseen(code, before))
        snprintf(room->text, sizeof room->text, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
    else
        return NULL;
    return room->text;
}

/* RFC 8259, section 7: above U+FFFF as a surrogate pair. */
static const char *escape_json(struct escape *room, uint32_t code, uint32_t before)
{
    if (!escape_terminal(room, code, before))
        return NULL;
    if (code > 0xffff)
        snprintf(room->text, sizeof room->text, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
    else
        snprintf(room->text, sizeof room->text, "\\u%04x", code);
    return room->text;
}

static const char *escape_html(struct escape *room, uint32_t code, uint32_t before)
{
    static const struct {
        char c;
        const char *reference;
    } references[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        if (code == (unsigned char)references[i].c)
            return references[i].reference;
    }
    return code == '\t' || code == '\n' || code == '\r' ? NULL : escape_terminal(room, code, before);
}

static const char *escape_csv_quoted(struct escape *room, uint32_t code, uint32_t before)
{
    if (code == '"')
        return "\"\"";
    return code == '\t' || code == '\n' || code == '\r' ? NULL : escape_terminal(room, code, before);
}

void nz_text_append_terminal(struct nz_buf *out, struct nz_str text)
{
    append_escaped(out, text, escape_terminal);
}

void nz_text_append_html(struct nz_buf *out, struct nz_str text)
{
    append_escaped(out, text, escape_html);
}

/* A loop that compilers make SIMD of: most records are so. */
static bool is_printable_ascii(struct nz_str text)
{
    unsigned others = 0;
    for (size_t i = 0; i < text.n; i++)
        others |= (unsigned char)(text.p[i] - 0x20) > 0x5e;
    return !others;
}

void nz_text_append_json(struct nz_buf *out, struct nz_str json)
{
    if (is_printable_ascii(json))
        nz_buf_append(out, json);
    else
        append_escaped(out, json, escape_json);
}

static bool begins_formula(uint32_t code)
{
    static const uint32_t starts[] = {'=', '+', '-', '@', 0xff1d, 0xff0b, 0xff0d, 0xff20};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (code == starts[i])
            return true;
    }
    return false;
}

/* A cell may begin behind it, for a program that parts cells by something else than we do, or lines without a look at quotes. */
static bool is_separator(uint32_t code)
{
    return code == ',' || code == ';' || code == '\t' || code == '\r' || code == '\n';
}

/* What may stand between a cell's start and the formula that some programs see: quotes, and blanks, which they trim. */
static bool is_passed_over(uint32_t code)
{
    return code == '"' || code == ' ' || code == 0xa0 || code == 0x3000;
}

/* Bytes up to the next character before which an apostrophe is wanted; all when there is none. *at_start: does a cell
 * start here? */
static size_t bytes_to_formula(struct nz_str text, bool *at_start)
{
    struct nz_str rest = text;
    while (rest.n) {
        const struct nz_utf8_char c = nz_utf8_take(&rest);
        if (*at_start && begins_formula(c.code)) {
            *at_start = false;
            return text.n - rest.n - c.bytes.n;
        }
        *at_start = is_separator(c.code) || (*at_start && is_passed_over(c.code));
    }
    return text.n;
}

/* Printable ASCII without a quote or a separator, and no formula: nearly every cell. */
static bool is_plain_cell(struct nz_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c > 0x7e || c == '"' || c == ',' || c == ';')
            return false;
    }
    return text.n == 0 || (text.p[0] != ' ' && !begins_formula((unsigned char)text.p[0]));
}

/* Excel's limit is 32,767 characters: what is more runs into cells of further rows, where it may be a formula. */
#define CELL_BYTES_MAX ((size_t)31000) /* then no further piece is begun */
#define PIECE_BYTES ((size_t)256)      /* written out, at most four times as long */

/* A long text is taken in pieces, up to a character's edge. */
static size_t piece_bytes(struct nz_str text, bool is_long)
{
    size_t n = PIECE_BYTES;
    if (!is_long || text.n <= PIECE_BYTES)
        return text.n;
    while (n > PIECE_BYTES - 3 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return n;
}

static void append_piece(struct nz_buf *out, struct nz_str text, bool quoted, bool *at_start)
{
    while (text.n) {
        const size_t n = bytes_to_formula(text, at_start);
        append_escaped(out, nz_str_head(text, n), quoted ? escape_csv_quoted : escape_terminal);
        text = nz_str_skip(text, n);
        if (text.n)
            nz_buf_append_char(out, '\'');
    }
}

void nz_text_append_csv(struct nz_buf *out, struct nz_str text)
{
    const size_t start = out->n;
    const bool is_long = text.n > CELL_BYTES_MAX / 4;
    bool quoted = false, at_start = true;
    if (text.n <= CELL_BYTES_MAX && is_plain_cell(text)) {
        nz_buf_append(out, text);
        return;
    }
    for (size_t i = 0; i < text.n && !quoted; i++)
        quoted = strchr(",;\"\t\r\n", text.p[i]) != NULL; /* NUL too: it is written out, which does no harm in quotes */
    if (quoted)
        nz_buf_append_char(out, '"');
    if (text.p[0] && strchr("\t\r\n", text.p[0]))
        nz_buf_append_char(out, '\'');
    while (text.n && out->n - start < CELL_BYTES_MAX && !out->failed) {
        const size_t n = piece_bytes(text, is_long);
        append_piece(out, nz_str_head(text, n), quoted, &at_start);
        text = nz_str_skip(text, n);
    }
    if (text.n)
        nz_buf_append(out, NZ_STR("\xe2\x80\xa6")); /* … */
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
