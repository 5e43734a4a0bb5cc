#include "policy/cells.h"

#include "core/buf.h"
#include "policy/pattern.h"

#include <stdlib.h>

#define WORDS_MAX ((NZ_CELLS_TOKENS_MAX + NZ_CELLS_PATTERNS_MAX) / 64u + 1u)
#define SLOTS (2u * NZ_CELLS_STATES_MAX) /* of the table of states seen; a power of two */
#define CHARACTERS_MAX 256u
#define TEXT_BYTES_MAX 1024u
#define FOLLOW_MAX 8u

/* A place in a pattern: what may come next there. */
enum token_kind { TOKEN_LITERAL, TOKEN_ONE, TOKEN_MANY, TOKEN_END };
struct token {
    enum token_kind kind;
    bool in_field;       /* a wildcard that stops at ":" */
    struct nz_str among; /* ONE: only these characters; empty: any */
    struct nz_str literal;
};

struct state {
    uint32_t parent;
    uint16_t character; /* that led here from the parent */
};

struct search {
    struct nz_arena work;
    struct nz_arena *keep;
    struct token *tokens; /* of all patterns, one after another, each with its END */
    uint32_t tokens_count, words;
    uint32_t first[NZ_CELLS_PATTERNS_MAX + 1]; /* of each pattern */
    uint32_t patterns_count;
    uint64_t required;
    struct nz_str characters[CHARACTERS_MAX];
    uint32_t characters_count;
    struct state *states;
    uint64_t *bits; /* words for each state: the places in which it stands */
    uint32_t states_count;
    uint32_t *slots; /* state + 1 */
    struct nz_cell cells[NZ_CELLS_MAX];
    uint32_t cells_count;
    bool complete, failed;
};

static bool bit_is_set(const uint64_t *bits, uint32_t at)
{
    return bits[at / 64] >> (at % 64) & 1;
}

static void bit_set(uint64_t *bits, uint32_t at)
{
    bits[at / 64] |= (uint64_t)1 << at % 64;
}

/* --- patterns --- */

static size_t character_bytes(struct nz_str text)
{
    unsigned char lead = (unsigned char)text.p[0];
    size_t n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return n <= text.n ? n : 1;
}

static bool character_add(struct search *s, struct nz_str character)
{
    for (uint32_t i = 0; i < s->characters_count; i++) {
        if (nz_str_eq(s->characters[i], character))
            return true;
    }
    if (s->characters_count == CHARACTERS_MAX)
        return false;
    s->characters[s->characters_count++] = character;
    return true;
}

/* The characters that a byte of coded stands for, when it is one of NZ_CELLS_HEX and its like. */
static struct nz_str class_of(char byte)
{
    static const struct nz_str alnum = {"0123456789abcdefghijklmnopqrstuvwxyz", 36};
    size_t n = byte == NZ_CELLS_HEX ? 16 : byte == NZ_CELLS_DIGIT ? 10 : byte == NZ_CELLS_ALNUM ? 36 : 0;
    return nz_str_head(alnum, n);
}

/* Before the others, since texts of the earlier ones are found first: "vpc-00000000000000000". */
static bool classes_add(struct search *s, struct nz_str coded)
{
    bool added = true;
    for (size_t i = 0; i < coded.n; i++) {
        struct nz_str class = class_of(coded.p[i]);
        for (size_t k = 0; k < class.n && added; k++)
            added = character_add(s, nz_str_of(class.p + k, 1));
    }
    return added;
}

/* False: too many of something. */
static bool pattern_add(struct search *s, const struct nz_cell_pattern *pattern)
{
    struct nz_str text = pattern->coded;
    unsigned colons = 0;
    s->first[s->patterns_count++] = s->tokens_count;
    if (!classes_add(s, text))
        return false;
    while (text.n) {
        struct nz_str among = class_of(text.p[0]);
        bool many = text.p[0] == NZ_PATTERN_MANY, one = text.p[0] == NZ_PATTERN_ONE || among.n;
        struct token token = {.kind = many  ? TOKEN_MANY
                                      : one ? TOKEN_ONE
                                            : TOKEN_LITERAL,
                              .in_field = pattern->arn && colons < 5,
                              .among = among};
        size_t bytes = many || one ? 1 : character_bytes(text);
        token.literal = nz_str_head(text, bytes);
        colons += text.p[0] == ':';
        if (token.kind == TOKEN_LITERAL && !character_add(s, token.literal))
            return false;
        if (s->tokens_count + 2 > NZ_CELLS_TOKENS_MAX)
            return false;
        s->tokens[s->tokens_count++] = token;
        text = nz_str_skip(text, bytes);
    }
    s->tokens[s->tokens_count++].kind = TOKEN_END;
    s->first[s->patterns_count] = s->tokens_count;
    return true;
}

/* One character that no pattern has: it stands for all such. */
static bool fresh_character_add(struct search *s)
{
    static const char fresh[] = "xnzaeiouqkwy0123456789bcdfghjlmprstvXNZAEIOUQKWY_+@~";
    for (size_t c = 0; c + 1 < sizeof fresh; c++) {
        bool taken = false;
        for (uint32_t i = 0; i < s->characters_count && !taken; i++)
            taken = s->characters[i].n == 1 && s->characters[i].p[0] == fresh[c];
        if (!taken)
            return character_add(s, nz_str_of(&fresh[c], 1));
    }
    return false;
}

/* --- states --- */

/* MANY takes nothing as well. */
static void place_set(const struct search *s, uint64_t *bits, uint32_t at)
{
    for (bit_set(bits, at); s->tokens[at].kind == TOKEN_MANY; at++)
        bit_set(bits, at + 1);
}

static bool token_takes(const struct token *token, struct nz_str character)
{
    if (token->kind == TOKEN_END)
        return false;
    if (token->kind == TOKEN_LITERAL)
        return nz_str_eq(token->literal, character);
    return !token->among.n || (character.n == 1 && memchr(token->among.p, character.p[0], token->among.n));
}

/* Only the places in which the state stands are looked at: few of all. */
static void step(const struct search *s, const uint64_t *from, struct nz_str character, uint64_t *to)
{
    bool colon = character.n == 1 && character.p[0] == ':';
    memset(to, 0, s->words * sizeof *to);
    for (uint32_t w = 0; w < s->words; w++) {
        for (uint64_t left = from[w]; left; left &= left - 1) {
            uint32_t at = 64 * w + (uint32_t)__builtin_ctzll(left);
            const struct token *token = &s->tokens[at];
            if (!token_takes(token, character) || (token->kind != TOKEN_LITERAL && colon && token->in_field))
                continue;
            place_set(s, to, token->kind == TOKEN_MANY ? at : at + 1);
        }
    }
}

static bool pattern_is_alive(const struct search *s, const uint64_t *bits, uint32_t pattern)
{
    for (uint32_t i = s->first[pattern]; i < s->first[pattern + 1]; i++) {
        if (bit_is_set(bits, i))
            return true;
    }
    return false;
}

/* Where the first pattern that must fit stands: most of an ARN's form is literal, and few characters lead on. */
struct follow {
    const struct token *places[FOLLOW_MAX];
    uint32_t count;
    bool all; /* too many places, or nothing must fit: any character may follow */
};

static struct follow follow_of(const struct search *s, const uint64_t *bits)
{
    struct follow f = {.all = s->required == 0};
    uint32_t pattern = f.all ? 0 : (uint32_t)__builtin_ctzll(s->required);
    for (uint32_t w = s->first[pattern] / 64; w <= (s->first[pattern + 1] - 1) / 64 && !f.all; w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            uint32_t at = 64 * w + (uint32_t)__builtin_ctzll(left);
            if (at < s->first[pattern] || at >= s->first[pattern + 1])
                continue;
            f.all = f.count == FOLLOW_MAX;
            if (f.all)
                break;
            f.places[f.count++] = &s->tokens[at];
        }
    }
    return f;
}

static bool may_follow(const struct follow *f, struct nz_str character)
{
    bool follows = f->all;
    for (uint32_t i = 0; i < f->count && !follows; i++)
        follows = token_takes(f->places[i], character);
    return follows;
}

/* Can a text that begins so still fit what it must, and does it matter which? */
static bool is_worth_going_on(const struct search *s, const uint64_t *bits)
{
    bool alive = false;
    for (uint32_t i = 0; i < s->patterns_count; i++) {
        bool one = pattern_is_alive(s, bits, i);
        if (!one && s->required >> i & 1)
            return false;
        alive |= one;
    }
    return alive;
}

static uint64_t fits_of(const struct search *s, const uint64_t *bits)
{
    uint64_t fits = 0;
    for (uint32_t i = 0; i < s->patterns_count; i++)
        fits |= (uint64_t)bit_is_set(bits, s->first[i + 1] - 1) << i;
    return fits;
}

/* --- the search --- */

static struct nz_str text_of(struct search *s, uint32_t state)
{
    char text[TEXT_BYTES_MAX];
    size_t at = sizeof text;
    for (; state; state = s->states[state].parent) {
        struct nz_str character = s->characters[s->states[state].character];
        if (character.n > at)
            return nz_str_of(NULL, 0);
        at -= character.n;
        memcpy(text + at, character.p, character.n);
    }
    struct nz_str kept = nz_arena_str(s->keep, nz_str_of(text + at, sizeof text - at));
    s->failed |= !kept.p;
    return kept;
}

static void cell_add(struct search *s, uint32_t state)
{
    uint64_t fits = fits_of(s, &s->bits[(size_t)state * s->words]);
    if ((fits & s->required) != s->required)
        return;
    for (uint32_t i = 0; i < s->cells_count; i++) {
        if (s->cells[i].fits == fits)
            return;
    }
    if (s->cells_count == NZ_CELLS_MAX) {
        s->complete = false;
        return;
    }
    struct nz_cell cell = {.text = text_of(s, state), .fits = fits};
    if (!cell.text.p) { /* longer than any text of a request need be */
        s->complete = false;
        return;
    }
    s->cells[s->cells_count++] = cell;
}

/* Takes the state that stands behind the last one in s->bits, unless it was seen. */
static void state_add(struct search *s, uint32_t parent, uint32_t character)
{
    const uint64_t *bits = &s->bits[(size_t)s->states_count * s->words];
    uint64_t hash = nz_str_hash(nz_str_of((const char *)bits, s->words * sizeof *bits));
    uint32_t slot = (uint32_t)hash & (SLOTS - 1);
    for (; s->slots[slot]; slot = (slot + 1) & (SLOTS - 1)) {
        const uint64_t *seen = &s->bits[(size_t)(s->slots[slot] - 1) * s->words];
        if (memcmp(seen, bits, s->words * sizeof *bits) == 0)
            return;
    }
    if (s->states_count + 1 == NZ_CELLS_STATES_MAX) {
        s->complete = false;
        return;
    }
    s->states[s->states_count] = (struct state){.parent = parent, .character = (uint16_t)character};
    s->slots[slot] = ++s->states_count;
    cell_add(s, s->states_count - 1);
}

static void walk(struct search *s)
{
    uint64_t *start = s->bits;
    memset(start, 0, s->words * sizeof *start);
    for (uint32_t i = 0; i < s->patterns_count; i++)
        place_set(s, start, s->first[i]);
    state_add(s, 0, 0);
    const uint64_t all = ((uint64_t)1 << s->patterns_count) - 1;
    for (uint32_t at = 0; at < s->states_count; at++) {
        if (s->cells_count && s->required == all)
            return; /* there is but one */
        if (!is_worth_going_on(s, &s->bits[(size_t)at * s->words]))
            continue;
        const struct follow follow = follow_of(s, &s->bits[(size_t)at * s->words]);
        for (uint32_t c = 0; c < s->characters_count; c++) {
            if (!may_follow(&follow, s->characters[c]))
                continue;
            step(s, &s->bits[(size_t)at * s->words], s->characters[c], &s->bits[(size_t)s->states_count * s->words]);
            state_add(s, at, c);
        }
    }
}

static enum nz_err search(struct search *s, const struct nz_cell_pattern *patterns, uint32_t count)
{
    size_t tokens = 1;
    for (uint32_t i = 0; i < count; i++)
        tokens += patterns[i].coded.n + 1;
    s->tokens = NZ_ARENA_ARRAY(&s->work, struct token, tokens < NZ_CELLS_TOKENS_MAX ? tokens : NZ_CELLS_TOKENS_MAX);
    if (!s->tokens)
        return NZ_E_NOMEM;
    bool all = count <= NZ_CELLS_PATTERNS_MAX;
    for (uint32_t i = 0; i < count && all; i++)
        all = pattern_add(s, &patterns[i]);
    if (!all || !fresh_character_add(s)) {
        s->complete = false;
        return NZ_OK;
    }
    s->words = s->tokens_count / 64 + 1;
    s->states = malloc(NZ_CELLS_STATES_MAX * sizeof *s->states);
    s->bits = malloc((size_t)NZ_CELLS_STATES_MAX * s->words * sizeof *s->bits);
    s->slots = calloc(SLOTS, sizeof *s->slots);
    if (!s->states || !s->bits || !s->slots)
        return NZ_E_NOMEM;
    walk(s);
    return s->failed ? NZ_E_NOMEM : NZ_OK;
}

void nz_cell_patterns_add(struct nz_cell_patterns *patterns, struct nz_str coded, bool arn, struct nz_arena *keep)
{
    for (uint32_t i = 0; i < patterns->count; i++) {
        if (patterns->list[i].arn == arn && nz_str_eq(patterns->list[i].coded, coded))
            return;
    }
    if (patterns->count == NZ_CELLS_PATTERNS_MAX) {
        patterns->incomplete = true;
        return;
    }
    struct nz_str kept = nz_arena_str(keep, coded);
    patterns->failed |= !kept.p;
    patterns->list[patterns->count++] = (struct nz_cell_pattern){.coded = kept, .arn = arn};
}

enum nz_err nz_cells_find(const struct nz_cell_pattern *patterns, uint32_t count, uint64_t required,
                          struct nz_arena *keep, struct nz_cells *out)
{
    struct search s = {.keep = keep, .required = required, .complete = true};
    *out = (struct nz_cells){.complete = false};
    nz_arena_init(&s.work, 0);
    enum nz_err err = search(&s, patterns, count);
    struct nz_cell *list = err == NZ_OK ? NZ_ARENA_ARRAY(keep, struct nz_cell, s.cells_count + (size_t)1) : NULL;
    nz_arena_release(&s.work);
    free(s.states);
    free(s.bits);
    free(s.slots);
    if (!list)
        return NZ_E_NOMEM;
    memcpy(list, s.cells, s.cells_count * sizeof *list);
    *out = (struct nz_cells){.list = list, .count = s.cells_count, .complete = s.complete};
    return NZ_OK;
}
