/* The skim, the part that all kernels share: from masks of 64 bytes to a verdict. The including file defines, before, what
 * core/json_kernel_loop.h wants, and:
 *     static inline struct skim_masks skim_classify(const char *p);  64 readable bytes
 *     static inline uint32_t lowest(uint64_t bits);                  its place; of 0 anything, but without a branch
 *     KERNEL_SKIM, KERNEL_NAMES                                      names of the functions */

/* A rule about neighbours speaks of the byte before: the bits of one block moved up by one, the last bit of the block
 * before it at the bottom. */
static inline uint64_t after(uint64_t bits, uint64_t *carry)
{
    uint64_t moved = (bits << 1) + *carry;
    *carry = bits >> 63;
    return moved;
}

struct skim {
    uint64_t in_string; /* all ones: the block begins inside a string */
    uint64_t in_name;   /* 1: the block begins inside a name, or right behind one */
    uint64_t in_object; /* all ones: the innermost container is an object */
    uint64_t own;       /* all ones: that is the object that is skimmed */
    uint64_t wrong;     /* not 0: something is, or only the walk knows; looked at in the end */
    uint64_t stack;     /* containers, the innermost at the bottom: 1 for an object; a 1 above all */
    uint64_t escaped;   /* 1: the block's first byte is escaped */
    uint64_t carry_start, carry_name, carry_bare; /* of after() */
    uint32_t *keys, *scalars;
};

/* The brackets of a block. */
struct brackets {
    uint64_t opens, filled, curly; /* '{' and '[', those that are not closed at once, '{' alone */
    uint64_t in_object;            /* bytes whose innermost container is an object */
    uint64_t own;                  /* bytes directly in the object that is skimmed */
    uint64_t upto;                 /* bytes up to its closing bracket, if that is here */
};

/* Wrong are a byte that is no bracket, one that closes the other kind, and too deep a level. */
static inline void skim_brackets(struct skim *k, uint64_t bits, const char *p, struct brackets *b)
{
    uint64_t stack = k->stack, wrong = 0, deepest = 0;
    do {
        uint64_t below = bits ^ (bits - 1), bit = bits & -bits, was = stack; /* below: the bit, and all below it */
        const uint8_t *at = (const uint8_t *)p + __builtin_ctzll(bits);
        /* { 7b, [ 5b, } 7d, ] 5d: bit 1 opens, bit 2 closes, bit 5 is for objects */
        uint64_t c = at[0], closes = c >> 2, object = c >> 5 & 1, opened = closes & 1 ? 0 : bit;
        wrong |= ~(closes ^ c >> 1) | (closes & (stack ^ object));
        stack = closes & 1 ? stack >> 1 : stack << 1 | object;
        deepest |= stack;
        b->opens |= opened;
        b->filled |= (at[1] | 0x20) == '}' ? 0 : opened;
        b->curly |= opened & -object;
        b->in_object ^= ~below & -((stack ^ was) & 1);
        b->own = (b->own & below) | (~below & -(uint64_t)(stack < 4));
        if (stack == 1) {
            b->upto = below;
            break;
        }
        bits &= bits - 1;
    } while (bits);
    k->stack = stack;
    k->in_object = -(stack & 1);
    k->own = -(uint64_t)(stack < 4);
    k->wrong |= (wrong & 1) | deepest >> 63;
}

/* Offsets of the bits: two without a branch, and few blocks have more. May write two entries past them. */
static inline uint32_t *skim_note(uint32_t *to, uint64_t bits, uint32_t base)
{
    uint32_t *end = to + __builtin_popcountll(bits);
    do {
        to[0] = base + lowest(bits);
        bits &= bits - 1;
        to[1] = base + lowest(bits);
        bits &= bits - 1;
        to += 2;
    } while (__builtin_expect(bits != 0, 0));
    return end;
}

/* What few blocks have: escapes, characters that are not ASCII, control characters. Of the quotes the escaped ones go. False:
 * an escape that is not plain, perhaps behind the object. */
static __attribute__((noinline)) bool skim_special(struct nz_json_skim *s, const char *p, uint64_t here,
                                                   uint64_t *escaped, uint64_t *quote, uint64_t *control)
{
    struct masks m = classify(p);
    uint64_t escapes = escapes_of(m.backslash & here, escaped);
    *quote &= ~escapes;
    *control = m.control;
    s->has_high |= (m.high & here) != 0;
    for (; escapes; escapes &= escapes - 1) {
        if (!nz_json_index_escape_is_plain(p + __builtin_ctzll(escapes)))
            return false;
    }
    return true;
}

/* `here`: the bytes that are there. Returns the object's end in this block, or 64. */
static inline __attribute__((always_inline)) uint32_t skim_block(struct skim *k, struct nz_json_skim *s, const char *p,
                                                                 uint32_t base, uint64_t here)
{
    struct skim_masks m = skim_classify(p);
    uint64_t quote = m.quote & here, wrong = 0;
    uint32_t end = 64;
    if (__builtin_expect(m.special | k->escaped, 0)) {
        uint64_t escaped = k->escaped, unescaped = quote, control;
        k->wrong |= !skim_special(s, p, here, &escaped, &unescaped, &control);
        k->escaped = escaped;
        quote = unescaped;
        wrong = control & here;
    }
    uint64_t strings = prefix_xor(quote) ^ k->in_string; /* opening quote and contents */
    uint64_t texts = strings | quote, opening = strings & quote, outside = here & ~texts;
    k->in_string = (uint64_t)((int64_t)strings >> 63);

    struct brackets b = {.in_object = k->in_object, .own = k->own};
    uint64_t brackets = m.bracket & outside;
    if (brackets) {
        skim_brackets(k, brackets, p, &b);
        if (__builtin_expect(k->stack == 1, 0)) { /* what stands behind the object is not its */
            end = (uint32_t)__builtin_popcountll(b.upto);
            outside &= b.upto;
            opening &= b.upto;
            texts &= b.upto;
            wrong &= b.upto;
            brackets &= b.upto;
        }
    }
    uint64_t comma = m.comma & outside, colon = m.colon & outside;
    uint64_t bare = outside & ~(comma | colon | brackets);

    /* behind a comma, a colon and an opening bracket something begins, and nothing does anywhere else */
    uint64_t scalars = bare & ~after(bare, &k->carry_bare);
    wrong |= after(comma | colon | b.filled, &k->carry_start) ^ (opening | scalars | b.opens);
    /* in an object that is a name */
    uint64_t after_name = after((comma & b.in_object) | b.curly, &k->carry_name);
    uint64_t names = after_name & opening, sum;
    wrong |= after_name & (bare | b.opens);
    /* and behind a name, nowhere else, is a colon: the sum carries from the opening quote through the text */
    uint64_t carried = __builtin_add_overflow(texts, names, &sum);
    carried |= __builtin_add_overflow(sum, k->in_name, &sum);
    k->in_name = carried;
    wrong |= (sum & ~texts) ^ colon;

    k->keys = skim_note(k->keys, names & b.own, base);
    if (scalars)
        k->scalars = skim_note(k->scalars, scalars, base);
    k->wrong |= wrong & here;
    return end;
}

/* Begins behind the object's own opening bracket, as if that had just been seen. */
static enum nz_json_skimmed KERNEL_SKIM(struct nz_json_skim *s, const char *bytes, size_t n)
{
    const uint64_t all = ~(uint64_t)0;
    struct skim k = {.keys = s->keys, .scalars = s->scalars, .stack = 3, .in_object = all, .own = all, .carry_name = 1};
    k.carry_start = n > 1 && bytes[1] != '}';
    const uint32_t *keys_end = s->keys + NZ_JSON_SKIM_MEMBERS_MAX, *scalars_end = s->scalars + NZ_JSON_SKIM_SCALARS_MAX;
    size_t most = n < NZ_JSON_SKIM_BYTES_MAX ? n : NZ_JSON_SKIM_BYTES_MAX, base = 1;
    s->has_high = false;
    while (base < most) {
        size_t left = n - base;
        uint32_t end = left >= 64 ? skim_block(&k, s, bytes + base, (uint32_t)base, all)
                                  : skim_block(&k, s, bytes + base, (uint32_t)base, ((uint64_t)1 << left) - 1);
        if (k.keys > keys_end || k.scalars > scalars_end)
            return NZ_JSON_SKIM_LEFT;
        if (k.stack == 1) {
            s->end = (uint32_t)base + end;
            s->members = (size_t)(k.keys - s->keys);
            s->scalars_count = (size_t)(k.scalars - s->scalars);
            return k.wrong ? NZ_JSON_SKIM_LEFT : NZ_JSON_SKIM_WHOLE;
        }
        base += 64;
    }
    return most == n && !k.wrong ? NZ_JSON_SKIM_CUT : NZ_JSON_SKIM_LEFT;
}

/* Bytes of a block whose innermost container is the object itself, which is at depth 1. */
static inline uint64_t own_bytes(uint64_t brackets, const char *p, size_t *depth)
{
    uint64_t own = -(uint64_t)(*depth == 1);
    for (; brackets; brackets &= brackets - 1) {
        uint64_t from = -(brackets & -brackets);
        *depth += (p[lowest(brackets)] | 0x20) == '{' ? (size_t)1 : (size_t)-1;
        own = (own & ~from) | (from & -(uint64_t)(*depth == 1));
    }
    return own;
}

/* The object is sound: its own strings are names but for those behind a colon. */
static size_t KERNEL_NAMES(const char *bytes, size_t n, uint32_t *names)
{
    uint32_t *to = names;
    uint64_t in_string = 0, carry_colon = 0;
    size_t depth = 1;
    for (size_t base = 1; base < n; base += 64) {
        struct skim_masks m = skim_classify(bytes + base);
        if (m.special || to > names + NZ_JSON_NAMES_MAX)
            return SIZE_MAX;
        uint64_t here = n - base >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << (n - base)) - 1;
        uint64_t quote = m.quote & here, strings = prefix_xor(quote) ^ in_string;
        uint64_t outside = here & ~(strings | quote), brackets = m.bracket & outside;
        uint64_t own = own_bytes(brackets, bytes + base, &depth);
        uint64_t values = after(m.colon & outside, &carry_colon);
        to = skim_note(to, strings & quote & own & ~values, (uint32_t)base);
        in_string = (uint64_t)((int64_t)strings >> 63);
    }
    *to = (uint32_t)n;
    return to > names + NZ_JSON_NAMES_MAX ? SIZE_MAX : (size_t)(to - names);
}
