/* The part that all kernels share: from the masks of 64 bytes to tokens. The including file defines, before:
 *     static inline struct masks classify(const char *p);            64 readable bytes
 *     static inline uint64_t prefix_xor(uint64_t bits);              bit i = xor of bits 0..i
 *     static inline void emit(uint32_t *to, uint8_t *kinds, uint64_t bits, uint32_t base, const char *p);
 *                     for each set bit i: base + i to `to`, p[i] to kinds; may write 64 entries of each
 *     KERNEL_RUN                                                     name of the function */

/* The bytes that a backslash escapes; bit 0 of *escaped: the byte after the last block is one, and then that of this one.
 * A backslash escapes the next byte unless it is escaped itself. Runs of backslashes start where none stood before;
 * adding the run's bits at odd starts carries out of the run exactly when its length is odd. */
static inline uint64_t escapes_of(uint64_t backslash, uint64_t *escaped)
{
    const uint64_t odd_bits = 0xaaaaaaaaaaaaaaaau;
    uint64_t live = backslash & ~*escaped;
    uint64_t follows = live << 1;
    uint64_t odd_starts_even_carry = (follows | odd_bits) - live;
    uint64_t codes = odd_starts_even_carry ^ odd_bits;
    uint64_t escapes = codes ^ (backslash | *escaped);
    *escaped = (codes & backslash) >> 63;
    return escapes;
}

static bool KERNEL_RUN(struct nz_json_index *ix, struct nz_json_scan *scan, size_t blocks)
{
    uint64_t escaped = scan->escaped, in_string = scan->in_string, after_scalar = scan->after_scalar;
    size_t count = ix->count;
    bool ok = true;
    for (size_t block = 0; block < blocks; block++) {
        size_t base = scan->from + block * 64;
        struct masks m = classify(scan->bytes + block * 64);

        uint64_t escapes = escaped;
        if (m.backslash | escaped) {
            escapes = escapes_of(m.backslash, &escaped);
            if (escapes)
                ok = nz_json_index_add_escapes(ix, escapes, base) && ok;
        }
        uint64_t quotes = m.quote & ~escapes;
        uint64_t strings = prefix_xor(quotes) ^ in_string; /* opening quote and contents */
        in_string = (uint64_t)((int64_t)strings >> 63);

        uint64_t scalar = ~(m.op | m.space);
        uint64_t bare = scalar & ~quotes;
        uint64_t starts = scalar & ~(bare << 1 | after_scalar);
        after_scalar = bare >> 63;
        uint64_t inside = strings ^ quotes; /* contents and closing quote */
        uint64_t tokens = (m.op | starts) & ~inside;
        emit(ix->tokens + count, ix->kinds + count, tokens, (uint32_t)base, scan->bytes + block * 64);
        count += (size_t)__builtin_popcountll(tokens);

        if (m.control & strings)
            ok = nz_json_index_add_faults(ix, m.control & strings, base, NZ_E_JSON_CONTROL) && ok;
        if (m.high && base + 64 > scan->utf8_at)
            ok = nz_json_index_check_utf8(ix, scan, base) && ok;
    }
    ix->count = count;
    scan->escaped = escaped;
    scan->in_string = in_string;
    scan->after_scalar = after_scalar;
    return ok;
}
