#include "core/json_walk.h"

/* --- names --- */

/* The bytes of a name as words, zeros behind it. Four words are always loaded where they may be: a key stands in the middle
 * of a window, and what follows it is masked away without a branch on the length, which no predictor guesses. */
struct words {
    uint64_t w[NZ_JSON_KEY_BYTES_MAX / 8];
};

static inline struct words words_of(struct nz_str raw, const char *readable_end)
{
    struct words words = {{0}};
    if (readable_end - raw.p < (ptrdiff_t)sizeof words) {
        memcpy(&words, raw.p, raw.n);
        return words;
    }
    memcpy(&words, raw.p, sizeof words);
    for (size_t i = 0; i < sizeof words / 8; i++) {
        size_t left = raw.n > i * 8 ? raw.n - i * 8 : 0;
        words.w[i] &= left >= 8 ? UINT64_MAX : ((uint64_t)1 << (left * 8)) - 1;
    }
    return words;
}

static inline size_t slot_of(uint64_t head, size_t n)
{
    return (size_t)(((head ^ (uint64_t)n << 56) * 0x9e3779b97f4a7c15u) >> 54); /* the top ten bits: 1024 places */
}

bool nz_json_keys_init(struct nz_json_keys *keys, const struct nz_str *names, size_t count)
{
    if (count > NZ_JSON_KEYS_MAX)
        return false;
    memset(keys, 0, sizeof *keys);
    keys->names = names;
    keys->count = count;
    for (size_t i = 0; i < count; i++) {
        if (names[i].n > NZ_JSON_KEY_BYTES_MAX)
            return false;
        struct words words = words_of(names[i], names[i].p + names[i].n);
        memcpy(keys->padded[i].words, words.w, sizeof words);
        keys->padded[i].n = names[i].n;
        size_t at = slot_of(words.w[0], names[i].n);
        while (keys->table[at])
            at = (at + 1) % sizeof keys->table;
        keys->table[at] = (uint8_t)(i + 1);
    }
    return true;
}

int nz_json_keys_find(const struct nz_json_keys *keys, struct nz_str raw, const char *readable_end)
{
    if (raw.n > NZ_JSON_KEY_BYTES_MAX)
        return -1;
    struct words words = words_of(raw, readable_end);
    size_t at = slot_of(words.w[0], raw.n);
    for (; keys->table[at]; at = (at + 1) % sizeof keys->table) {
        int number = keys->table[at] - 1;
        uint64_t differ = keys->padded[number].n ^ raw.n;
        for (size_t i = 0; i < sizeof words / 8; i++)
            differ |= keys->padded[number].words[i] ^ words.w[i];
        if (differ == 0)
            return number;
    }
    return -1;
}

/* --- grammar --- */

struct walk {
    const struct nz_json_index *ix;
    const char *bytes;
    const uint32_t *t, *end; /* here, and past the last token */
    bool whole_text;
    struct nz_diag *diag;
    const struct nz_json_keys *keys;
    uint32_t *slots;
};

static enum nz_json_walked wrong(struct walk *w, enum nz_err code, uint32_t offset, const char *what)
{
    nz_diag_offset(w->diag, code, offset, "%s", what);
    return NZ_JSON_WRONG;
}

static enum nz_json_walked wrong_token(struct walk *w, const char *expected)
{
    return wrong(w, NZ_E_JSON_SYNTAX, *w->t, expected);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A token's bytes: up to the next token, without the white space before it. */
static struct nz_str token_text(const char *bytes, const uint32_t *t)
{
    uint32_t from = t[0], to = t[1];
    while (to > from && is_space(bytes[to - 1]))
        to--;
    return nz_str_of(bytes + from, to - from);
}

static size_t digits(struct nz_str s, size_t at)
{
    size_t from = at;
    while (at < s.n && (unsigned char)(s.p[at] - '0') < 10)
        at++;
    return at - from;
}

/* RFC 8259, section 6: number = [ minus ] int [ frac ] [ exp ]. */
static bool is_number(struct nz_str s)
{
    size_t at = s.n > 0 && s.p[0] == '-', n = digits(s, at);
    if (n == 0 || (n > 1 && s.p[at] == '0'))
        return false;
    at += n;
    if (at < s.n && s.p[at] == '.') {
        n = digits(s, at + 1);
        if (n == 0)
            return false;
        at += 1 + n;
    }
    if (at < s.n && (s.p[at] | 0x20) == 'e') {
        at++;
        if (at < s.n && (s.p[at] == '+' || s.p[at] == '-'))
            at++;
        n = digits(s, at);
        if (n == 0)
            return false;
        at += n;
    }
    return at == s.n;
}

/* A scalar that is no string, at w->t. Moves past it. */
static enum nz_json_walked bare_scalar(struct walk *w)
{
    if (w->t + 1 == w->end && !w->whole_text)
        return NZ_JSON_CUT;
    struct nz_str text = token_text(w->bytes, w->t);
    bool ok;
    switch (text.p[0]) {
    case 't':
        ok = text.n == 4 && memcmp(text.p, "true", 4) == 0;
        break;
    case 'f':
        ok = text.n == 5 && memcmp(text.p, "false", 5) == 0;
        break;
    case 'n':
        ok = text.n == 4 && memcmp(text.p, "null", 4) == 0;
        break;
    default:
        if (text.n > NZ_JSON_NUMBER_BYTES_MAX)
            return wrong(w, NZ_E_JSON_NUMBER, *w->t, "longer than 1024 bytes");
        if ((unsigned char)(text.p[0] - '0') < 10 || text.p[0] == '-') {
            if (!is_number(text))
                return wrong(w, NZ_E_JSON_NUMBER, *w->t, "");
            ok = true;
        } else {
            ok = false;
        }
    }
    if (!ok)
        return wrong_token(w, "expected a value");
    w->t++;
    return NZ_JSON_WHOLE;
}

/* One bit a level: 1 for an object. */
struct levels {
    uint64_t bits[NZ_JSON_DEPTH_MAX / 64];
    unsigned depth;
};

static inline bool level_push(struct levels *l, bool object)
{
    if (l->depth == NZ_JSON_DEPTH_MAX)
        return false;
    uint64_t bit = (uint64_t)1 << (l->depth % 64);
    uint64_t *word = &l->bits[l->depth++ / 64];
    *word = object ? *word | bit : *word & ~bit;
    return true;
}

static inline bool level_is_object(const struct levels *l)
{
    return l->bits[(l->depth - 1) / 64] >> ((l->depth - 1) % 64) & 1;
}

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The key at w->t belongs to the walked object itself: note its value's token. */
static inline void note_member(struct walk *w)
{
    const uint32_t *t = w->t;
    uint32_t from = t[0] + 1, to = t[1] - 1;
    while (UNLIKELY(w->bytes[to] != '"'))
        to--; /* white space before the colon */
    struct nz_str raw = nz_str_of(w->bytes + from, to - from);
    int number = nz_json_keys_find(w->keys, raw, w->bytes + w->ix->tokens[w->ix->count]);
    if (UNLIKELY(number < 0) && memchr(raw.p, '\\', raw.n)) {
        for (size_t i = 0; i < w->keys->count && number < 0; i++) /* an escaped name is rare: compare one by one */
            number = nz_json_key_is(raw, w->keys->names[i]) ? (int)i : -1;
    }
    if (number >= 0)
        w->slots[number] = (uint32_t)(t + 2 - w->ix->tokens);
}

/* Everything from the opening bracket at w->t to its closing one. The states of the grammar are labels; each reads one
 * token. A string needs no look inside: what could be wrong there stands in faults and escapes. */
static enum nz_json_walked container(struct walk *w)
{
    const char *bytes = w->bytes;
    const uint32_t *end = w->end;
    struct levels levels = {.depth = 0};
    enum nz_json_walked walked;
    char c;

open:
    if (UNLIKELY(!level_push(&levels, bytes[*w->t] == '{')))
        return wrong(w, NZ_E_JSON_DEPTH, *w->t, "more than 128 levels");
    w->t++;
    if (UNLIKELY(w->t >= end))
        return NZ_JSON_CUT;
    if (!level_is_object(&levels)) {
        if (bytes[*w->t] == ']')
            goto close;
        goto value;
    }
    if (bytes[*w->t] == '}')
        goto close;

key:
    if (UNLIKELY(bytes[*w->t] != '"'))
        return wrong_token(w, "expected a member name");
    if (UNLIKELY(w->t + 1 >= end))
        return NZ_JSON_CUT;
    if (UNLIKELY(bytes[w->t[1]] != ':'))
        return wrong(w, NZ_E_JSON_SYNTAX, w->t[1], "expected ':'");
    if (levels.depth == 1 && w->keys)
        note_member(w);
    w->t += 2;
    if (UNLIKELY(w->t >= end))
        return NZ_JSON_CUT;

value:
    c = bytes[*w->t];
    if (LIKELY(c == '"')) {
        w->t++;
    } else if (c == '{' || c == '[') {
        goto open;
    } else {
        walked = bare_scalar(w);
        if (UNLIKELY(walked != NZ_JSON_WHOLE))
            return walked;
    }

after:
    if (UNLIKELY(w->t >= end))
        return NZ_JSON_CUT;
    c = bytes[*w->t];
    if (LIKELY(c == ',')) {
        w->t++;
        if (UNLIKELY(w->t >= end))
            return NZ_JSON_CUT;
        if (level_is_object(&levels))
            goto key;
        goto value;
    }
    if (UNLIKELY(c != (level_is_object(&levels) ? '}' : ']')))
        return wrong_token(w, level_is_object(&levels) ? "expected ',' or '}'" : "expected ',' or ']'");

close:
    w->t++;
    if (--levels.depth > 0)
        goto after;
    return NZ_JSON_WHOLE;
}

enum nz_json_walked nz_json_walk(const struct nz_json_index *ix, const char *bytes, bool whole_text, size_t *token,
                                 const struct nz_json_keys *keys, uint32_t *slots, struct nz_diag *diag)
{
    struct walk w = {.ix = ix,
                     .bytes = bytes,
                     .t = ix->tokens + *token,
                     .end = ix->tokens + ix->count,
                     .whole_text = whole_text,
                     .diag = diag,
                     .keys = keys,
                     .slots = slots};
    enum nz_json_walked walked;
    if (w.t >= w.end)
        return NZ_JSON_CUT;
    char c = bytes[*w.t];
    if (c == '{' || c == '[') {
        walked = container(&w);
    } else if (c == '"') {
        /* the last token may be a string that goes on past the bytes */
        walked = w.t + 1 == w.end && (ix->in_string || !whole_text) ? NZ_JSON_CUT : NZ_JSON_WHOLE;
        w.t++;
    } else {
        walked = bare_scalar(&w);
    }
    if (walked == NZ_JSON_WHOLE)
        *token = (size_t)(w.t - ix->tokens);
    return walked;
}

enum nz_err nz_json_check_range(const struct nz_json_index *ix, const char *bytes, uint32_t from, uint32_t to,
                                struct nz_diag *diag)
{
    const struct nz_json_fault *fault = ix->faults_count ? nz_json_index_fault(ix, from, to) : NULL;
    if (fault)
        return nz_diag_offset(diag, fault->code, fault->offset, "byte 0x%02x", (unsigned char)bytes[fault->offset]);
    struct nz_json_fault wrong_escape;
    if (ix->escapes_count && !nz_json_index_escapes_ok(ix, bytes, from, to, &wrong_escape))
        return nz_diag_offset(diag, wrong_escape.code, wrong_escape.offset, "%s", "");
    return NZ_OK;
}

size_t nz_json_skip_brackets(const struct nz_json_index *ix, const char *bytes, size_t token)
{
    size_t depth = 0;
    for (; token < ix->count; token++) {
        char c = bytes[ix->tokens[token]];
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return token + 1;
    }
    return SIZE_MAX;
}
