#include "policy/pattern.h"

struct nz_pattern nz_pattern_of(struct nz_str coded)
{
    struct nz_pattern p = {.coded = coded, .shape = NZ_PATTERN_EXACT};
    size_t wild = 0, many = 0;
    for (size_t i = 0; i < coded.n; i++) {
        many += coded.p[i] == NZ_PATTERN_MANY;
        wild += coded.p[i] == NZ_PATTERN_MANY || coded.p[i] == NZ_PATTERN_ONE;
    }
    if (coded.n && many == coded.n) {
        p.shape = NZ_PATTERN_ANY;
    } else if (wild == 1 && coded.p[coded.n - 1] == NZ_PATTERN_MANY) {
        p.shape = NZ_PATTERN_PREFIX;
        p.coded.n--;
    } else if (wild) {
        p.shape = NZ_PATTERN_GLOB;
    }
    return p;
}

void nz_pattern_append_coded(const struct nz_pattern *p, struct nz_buf *out)
{
    nz_buf_append(out, p->coded);
    if (p->shape == NZ_PATTERN_PREFIX)
        nz_buf_append_char(out, NZ_PATTERN_MANY);
}

struct compiler {
    struct nz_arena *keep;
    struct nz_pattern_part *parts;
    uint32_t count;
    char *coded; /* where the next byte goes */
    size_t from; /* the piece being coded starts at coded[from] */
    size_t at;
};

static void end_piece(struct compiler *c)
{
    if (c->at > c->from)
        c->parts[c->count++].text = nz_str_of(c->coded + c->from, c->at - c->from);
    c->from = c->at;
}

/* What stands between ${ and }: a key, or a key and a default, ${key, 'text'}. */
static bool add_variable(struct compiler *c, struct nz_str inner)
{
    struct nz_pattern_part part = {.variable = true, .text = nz_str_trim(inner)};
    size_t comma = nz_str_find(inner, NZ_STR(","));
    if (comma != SIZE_MAX) {
        struct nz_str quoted = nz_str_trim(nz_str_skip(inner, comma + 1));
        if (quoted.n >= 2 && quoted.p[0] == '\'' && quoted.p[quoted.n - 1] == '\'') {
            part.text = nz_str_trim(nz_str_head(inner, comma));
            part.has_default = true;
            part.fallback = nz_arena_str(c->keep, nz_str_of(quoted.p + 1, quoted.n - 2));
            if (!part.fallback.p)
                return false;
        }
    }
    struct nz_str key = nz_arena_str(c->keep, part.text);
    if (!key.p)
        return false;
    char *lower = nz_arena_alloc(c->keep, key.n + 1);
    if (!lower)
        return false;
    for (size_t i = 0; i < key.n; i++)
        lower[i] = (char)nz_ascii_lower((unsigned char)key.p[i]);
    part.text = nz_str_of(lower, key.n);
    end_piece(c);
    c->parts[c->count++] = part;
    return true;
}

/* One ${...} at the start of text; 0 when it is not closed: then it is text. SIZE_MAX: no memory. */
static size_t take_variable(struct compiler *c, struct nz_str text)
{
    size_t close = nz_str_find(text, NZ_STR("}"));
    if (close == SIZE_MAX)
        return 0;
    struct nz_str inner = nz_str_of(text.p + 2, close - 2);
    if (inner.n == 1 && strchr("*?$", inner.p[0]))
        c->coded[c->at++] = inner.p[0];
    else if (!add_variable(c, inner))
        return SIZE_MAX;
    return close + 1;
}

bool nz_pattern_compile(struct nz_arena *keep, struct nz_str text, bool wildcards, bool variables,
                        struct nz_pattern *out)
{
    size_t dollars = 0;
    for (size_t i = 0; i < text.n && variables; i++)
        dollars += text.p[i] == '$';
    struct compiler c = {.keep = keep, .coded = nz_arena_alloc(keep, text.n + 1)};
    if (dollars)
        c.parts = NZ_ARENA_ARRAY(keep, struct nz_pattern_part, 2 * dollars + 1);
    if (!c.coded || (dollars && !c.parts))
        return false;
    for (size_t i = 0; i < text.n;) {
        size_t taken = 0;
        if (dollars && text.p[i] == '$' && i + 1 < text.n && text.p[i + 1] == '{')
            taken = take_variable(&c, nz_str_skip(text, i));
        if (taken == SIZE_MAX)
            return false;
        if (taken == 0) {
            char byte = text.p[i];
            c.coded[c.at++] = !wildcards ? byte : byte == '*' ? NZ_PATTERN_MANY : byte == '?' ? NZ_PATTERN_ONE : byte;
            taken = 1;
        }
        i += taken;
    }
    if (c.count == 0) { /* no variable, if perhaps escapes */
        *out = nz_pattern_of(nz_str_of(c.coded, c.at));
        return true;
    }
    end_piece(&c);
    *out = (struct nz_pattern){.shape = NZ_PATTERN_VARIABLE, .parts = c.parts, .parts_count = c.count};
    return true;
}

/* Bytes of the character that begins at p; request texts are UTF-8, of other bytes each is one. */
static size_t character_bytes(const char *p, size_t left)
{
    unsigned char lead = (unsigned char)p[0];
    size_t n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return n <= left ? n : 1;
}

/* The bytes of text that `piece` (without MANY) takes from its start, or SIZE_MAX. */
static size_t piece_at(struct nz_str piece, struct nz_str text)
{
    size_t at = 0;
    for (size_t i = 0; i < piece.n; i++) {
        if (at >= text.n)
            return SIZE_MAX;
        if (piece.p[i] == NZ_PATTERN_ONE)
            at += character_bytes(text.p + at, text.n - at);
        else if (piece.p[i] == text.p[at])
            at++;
        else
            return SIZE_MAX;
    }
    return at;
}

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0u) == 0x80;
}

#define WORDS_MAX (NZ_PATTERN_BYTES_MAX / 64u)

/* Baeza-Yates and Gonnet, "A new approach to text searching" (1992): bit i of the state says that the piece's first i + 1
 * bytes fit what was read last, so a byte of the text costs one step for each 64 bytes of the piece, whatever they are.
 * ONE fits a character's first byte and stays through the others. masks: words for each byte, zeroed. */
static bool find_by_bits(struct nz_str piece, struct nz_str text, uint64_t *masks, size_t words, size_t *end)
{
    uint64_t state[WORDS_MAX] = {0}, ones[WORDS_MAX] = {0};
    const uint64_t last = (uint64_t)1 << ((piece.n - 1) % 64);
    for (size_t i = 0; i < piece.n; i++) {
        uint64_t bit = (uint64_t)1 << i % 64;
        bool one = piece.p[i] == NZ_PATTERN_ONE;
        ones[i / 64] |= one ? bit : 0;
        for (unsigned c = 0; one && c < 256; c++)
            masks[c * words + i / 64] |= is_inside_character((char)c) ? 0 : bit;
        masks[(unsigned char)piece.p[i] * words + i / 64] |= one ? 0 : bit;
    }
    for (size_t at = 0; at < text.n; at++) {
        const uint64_t *mask = masks + (unsigned char)text.p[at] * words;
        uint64_t carry = 1; /* the piece may begin anywhere */
        for (size_t w = 0; w < words; w++) {
            uint64_t stays = is_inside_character(text.p[at]) ? state[w] & ones[w] : 0;
            uint64_t out = state[w] >> 63;
            state[w] = ((state[w] << 1 | carry) & mask[w]) | stays;
            carry = out;
        }
        if (state[words - 1] & last) {
            for (at++; at < text.n && is_inside_character(text.p[at]); at++)
                continue;
            *end = at;
            return true;
        }
    }
    return false;
}

static __attribute__((noinline)) bool find_long(struct nz_str piece, struct nz_str text, size_t *end)
{
    uint64_t masks[256 * WORDS_MAX] = {0};
    return find_by_bits(piece, text, masks, (piece.n + 63) / 64, end);
}

/* First place where the piece fits; *end: past it. Time is linear in the text whatever the piece is. */
static bool piece_find(struct nz_str piece, struct nz_str text, size_t *end)
{
    if (memchr(piece.p, NZ_PATTERN_ONE, piece.n)) {
        uint64_t masks[256] = {0};
        if (piece.n > NZ_PATTERN_BYTES_MAX)
            return false;
        return piece.n > 64 ? find_long(piece, text, end) : find_by_bits(piece, text, masks, 1, end);
    }
    const char *found = text.n ? memmem(text.p, text.n, piece.p, piece.n) : NULL;
    if (!found)
        return false;
    *end = (size_t)(found - text.p) + piece.n;
    return true;
}

/* The last piece must end where the text ends: its length in characters is known, so there is one place to try. */
static bool piece_ends(struct nz_str piece, struct nz_str text)
{
    size_t at = text.n;
    for (size_t i = piece.n; i > 0; i--) {
        if (at == 0)
            return false;
        at--;
        if (piece.p[i - 1] == NZ_PATTERN_ONE) {
            while (at > 0 && is_inside_character(text.p[at]))
                at--;
        } else if (piece.p[i - 1] != text.p[at]) {
            return false;
        }
    }
    return true;
}

/* Between two MANYs the first place that fits is as good as any later one, so no place is ever tried again: the time is
 * that of one search for each piece through what is left of the text. */
bool nz_pattern_match_glob(struct nz_str coded, struct nz_str text)
{
    const char *many = coded.n ? memchr(coded.p, NZ_PATTERN_MANY, coded.n) : NULL;
    if (!many)
        return piece_at(coded, text) == text.n;
    struct nz_str piece = nz_str_head(coded, (size_t)(many - coded.p));
    size_t taken = piece_at(piece, text);
    if (taken == SIZE_MAX)
        return false;
    text = nz_str_skip(text, taken);
    for (;;) {
        coded = nz_str_skip(coded, piece.n + 1); /* past the piece and its MANY */
        many = coded.n ? memchr(coded.p, NZ_PATTERN_MANY, coded.n) : NULL;
        if (!many)
            return coded.n == 0 || piece_ends(coded, text);
        piece = nz_str_head(coded, (size_t)(many - coded.p));
        if (piece.n == 0)
            continue;
        if (!piece_find(piece, text, &taken))
            return false;
        text = nz_str_skip(text, taken);
    }
}

/* The fields are a few bytes each: looking at each byte once is faster than asking memchr five times. */
bool nz_arn_split(struct nz_str text, struct nz_str fields[6])
{
    size_t from = 0, field = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != ':')
            continue;
        fields[field++] = nz_str_of(text.p + from, i - from);
        from = i + 1;
        if (field == 5) {
            fields[5] = nz_str_of(text.p + from, text.n - from);
            return true;
        }
    }
    return false;
}
