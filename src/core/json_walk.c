#include "core/json_walk.h"

_Static_assert(NZ_JSON_KEY_BYTES_MAX == 4 * sizeof(uint64_t), "begins_with compares four words");

/* --- names --- */

static uint64_t head_of(struct nz_str raw)
{
    uint64_t head = 0;
    memcpy(&head, raw.p, raw.n < 8 ? raw.n : 8);
    return head;
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
        memcpy(keys->padded[i].words, names[i].p, names[i].n);
        memset(keys->padded[i].masks, 0xff, names[i].n);
        keys->padded[i].n = names[i].n;
        size_t at = slot_of(head_of(names[i]), names[i].n);
        while (keys->table[at])
            at = (at + 1) % sizeof keys->table;
        keys->table[at] = (uint8_t)(i + 1);
    }
    return true;
}

/* Do the bytes at p, 32 of them readable, begin with the name? All are compared whatever its length: a branch on it would be
 * guessed wrong with every other name. */
static inline bool begins_with(const struct nz_json_key *key, const char *p)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
    pair head, tail, head_word, head_mask, tail_word, tail_mask;
    memcpy(&head, p, 16);
    memcpy(&tail, p + 16, 16);
    memcpy(&head_word, key->words, 16);
    memcpy(&tail_word, key->words + 2, 16);
    memcpy(&head_mask, key->masks, 16);
    memcpy(&tail_mask, key->masks + 2, 16);
    pair other = ((head & head_mask) ^ head_word) | ((tail & tail_mask) ^ tail_word);
    return (other[0] | other[1]) == 0;
}

static inline bool key_is(const struct nz_json_key *key, struct nz_str raw, const char *readable_end)
{
    if (key->n != raw.n)
        return false;
    if (readable_end - raw.p < (ptrdiff_t)NZ_JSON_KEY_BYTES_MAX)
        return memcmp(key->words, raw.p, raw.n) == 0;
    return begins_with(key, raw.p);
}

/* Not the name that was guessed: look it up. */
static __attribute__((noinline)) int keys_search(struct nz_json_keys *keys, struct nz_str raw, const char *readable_end)
{
    if (raw.n > NZ_JSON_KEY_BYTES_MAX)
        return -1;
    for (size_t at = slot_of(head_of(raw), raw.n); keys->table[at]; at = (at + 1) % sizeof keys->table) {
        size_t number = keys->table[at] - 1u;
        if (key_is(&keys->padded[number], raw, readable_end)) {
            keys->follows[keys->last] = (uint8_t)number;
            keys->last = number + 1;
            return (int)number;
        }
    }
    return -1;
}

static inline int keys_find(struct nz_json_keys *keys, struct nz_str raw, const char *readable_end)
{
    size_t guess = keys->follows[keys->last];
    if (!key_is(&keys->padded[guess], raw, readable_end) || guess >= keys->count)
        return keys_search(keys, raw, readable_end);
    keys->last = guess + 1;
    return (int)guess;
}

int nz_json_keys_find(struct nz_json_keys *keys, struct nz_str raw, const char *readable_end)
{
    return keys_find(keys, raw, readable_end);
}

/* --- grammar --- */

struct walk {
    const struct nz_json_index *ix;
    const char *bytes;
    size_t t; /* the token here */
    bool whole_text;
    struct nz_diag *diag;
    struct nz_json_keys *keys;
    uint32_t *slots;
};

static enum nz_json_walked wrong(struct walk *w, enum nz_err code, size_t token, const char *what)
{
    nz_diag_offset(w->diag, code, w->ix->tokens[token], "%s", what);
    return NZ_JSON_WRONG;
}

/* The token here does not fit: there is none left, or it is wrong. */
static enum nz_json_walked misfit(struct walk *w, size_t token, const char *expected)
{
    w->t = token;
    return token >= w->ix->count ? NZ_JSON_CUT : wrong(w, NZ_E_JSON_SYNTAX, token, expected);
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
    if (w->t >= w->ix->count || (w->t + 1 == w->ix->count && !w->whole_text))
        return NZ_JSON_CUT;
    struct nz_str text = token_text(w->bytes, w->ix->tokens + w->t);
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
            return wrong(w, NZ_E_JSON_NUMBER, w->t, "longer than 1024 bytes");
        ok = (unsigned char)(text.p[0] - '0') < 10 || text.p[0] == '-';
        if (ok && !is_number(text))
            return wrong(w, NZ_E_JSON_NUMBER, w->t, "");
    }
    if (!ok)
        return wrong(w, NZ_E_JSON_SYNTAX, w->t, "expected a value");
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

/* The key at token t belongs to the walked object itself: note its value's token. */
static inline void note_member(struct walk *w, size_t t)
{
    const uint32_t *tokens = w->ix->tokens;
    uint32_t from = tokens[t] + 1, to = tokens[t + 1] - 1;
    while (UNLIKELY(w->bytes[to] != '"'))
        to--; /* white space before the colon */
    struct nz_str raw = nz_str_of(w->bytes + from, to - from);
    int number = keys_find(w->keys, raw, w->bytes + tokens[w->ix->count]);
    if (UNLIKELY(number < 0) && memchr(raw.p, '\\', raw.n)) {
        for (size_t i = 0; i < w->keys->count && number < 0; i++) /* an escaped name is rare: compare one by one */
            number = nz_json_key_is(raw, w->keys->names[i]) ? (int)i : -1;
    }
    w->slots[number >= 0 ? (size_t)number : w->keys->count] = (uint32_t)t + 2;
}

/* Are the tokens here a name, its colon, a string and a comma? Most members are. Four kinds are one word. */
static inline bool is_string_member(const uint8_t *kinds)
{
    static const uint8_t wanted[4] = {'"', ':', '"', ','};
    return memcmp(kinds, wanted, 4) == 0;
}

/* Everything from the opening bracket at w->t to its closing one. The states of the grammar are labels; each reads one
 * kind. Behind the last token kinds are zero, which fits nowhere. A string needs no look inside: what could be wrong there
 * stands in faults and escapes. */
static enum nz_json_walked container(struct walk *w)
{
    const uint8_t *kinds = w->ix->kinds;
    struct levels levels = {.depth = 0};
    size_t t = w->t;
    enum nz_json_walked walked;

open:
    if (UNLIKELY(!level_push(&levels, kinds[t] == '{')))
        return wrong(w, NZ_E_JSON_DEPTH, t, "more than 128 levels");
    t++;
    if (!level_is_object(&levels)) {
        if (kinds[t] == ']')
            goto close;
        goto value;
    }
    if (kinds[t] == '}')
        goto close;

key:
    while (is_string_member(kinds + t)) {
        if (levels.depth == 1 && w->keys)
            note_member(w, t);
        t += 4;
    }
    if (UNLIKELY(kinds[t] != '"'))
        return misfit(w, t, "expected a member name");
    if (UNLIKELY(kinds[t + 1] != ':'))
        return misfit(w, t + 1, "expected ':'");
    if (levels.depth == 1 && w->keys)
        note_member(w, t);
    t += 2;

value:
    if (LIKELY(kinds[t] == '"')) {
        t++;
    } else if (kinds[t] == '{' || kinds[t] == '[') {
        goto open;
    } else {
        w->t = t;
        walked = bare_scalar(w);
        if (UNLIKELY(walked != NZ_JSON_WHOLE))
            return walked;
        t = w->t;
    }

after:
    if (LIKELY(kinds[t] == ',')) {
        t++;
        if (level_is_object(&levels))
            goto key;
        goto value;
    }
    if (UNLIKELY(kinds[t] != (level_is_object(&levels) ? '}' : ']')))
        return misfit(w, t, level_is_object(&levels) ? "expected ',' or '}'" : "expected ',' or ']'");

close:
    t++;
    if (--levels.depth > 0)
        goto after;
    w->t = t;
    return NZ_JSON_WHOLE;
}

enum nz_json_walked nz_json_walk(const struct nz_json_index *ix, const char *bytes, bool whole_text, size_t *token,
                                 struct nz_json_keys *keys, uint32_t *slots, struct nz_diag *diag)
{
    struct walk w = {
        .ix = ix, .bytes = bytes, .t = *token, .whole_text = whole_text, .diag = diag, .keys = keys, .slots = slots};
    enum nz_json_walked walked;
    if (w.t >= ix->count)
        return NZ_JSON_CUT;
    uint8_t kind = ix->kinds[w.t];
    if (kind == '{' || kind == '[') {
        walked = container(&w);
    } else if (kind == '"') {
        /* the last token may be a string that goes on past the bytes */
        walked = w.t + 1 == ix->count && (ix->in_string || !whole_text) ? NZ_JSON_CUT : NZ_JSON_WHOLE;
        w.t++;
    } else {
        walked = bare_scalar(&w);
    }
    if (walked == NZ_JSON_WHOLE)
        *token = w.t;
    return walked;
}

/* A name whose text ends at a quote or at an escape. */
struct skimmed_name {
    size_t n;
    int number;
    bool escaped;
};

/* Not the name that was guessed. */
static __attribute__((noinline)) struct skimmed_name skimmed_search(struct nz_json_keys *keys, const char *p)
{
    struct skimmed_name name = {.number = -1};
    while (p[name.n] != '"' && p[name.n] != '\\')
        name.n++;
    name.escaped = p[name.n] == '\\';
    if (!name.escaped)
        name.number = keys_search(keys, nz_str_of(p, name.n), p + NZ_JSON_SKIM_PAST_BYTES / 2);
    return name;
}

bool nz_json_walk_skimmed(const struct nz_json_skim *skim, const char *bytes, uint32_t from, struct nz_json_keys *keys,
                          uint32_t *slots, struct nz_json_index *ix)
{
    const char *object = bytes + from;
    const uint32_t *at = skim->keys;
    uint32_t *tokens = ix->tokens;
    uint8_t *kinds = ix->kinds;
    size_t members = skim->members, known = keys->count, last = keys->last;
    for (size_t i = 0; i < members; i++) {
        const char *p = object + at[i] + 1;
        size_t number = keys->follows[last], n = keys->padded[number].n;
        if (UNLIKELY(!begins_with(&keys->padded[number], p) || p[n] != '"' || number >= known)) {
            keys->last = last;
            struct skimmed_name name = skimmed_search(keys, p);
            if (name.escaped)
                return false;
            number = name.number >= 0 ? (size_t)name.number : known;
            n = name.n;
        }
        last = number < known ? number + 1 : last;
        slots[number] = (uint32_t)(2 * i);
        tokens[2 * i] = from + at[i] + (uint32_t)n + 3;
        tokens[2 * i + 1] = from + at[i + 1] - 1;
        kinds[2 * i] = (uint8_t)p[n + 2];
    }
    keys->last = last;
    ix->count = 2 * members;
    return true;
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

size_t nz_json_skip_brackets(const struct nz_json_index *ix, size_t token)
{
    size_t depth = 0;
    for (; token < ix->count; token++) {
        uint8_t kind = ix->kinds[token];
        if (kind == '{' || kind == '[')
            depth++;
        else if ((kind == '}' || kind == ']') && --depth == 0)
            return token + 1;
    }
    return SIZE_MAX;
}
