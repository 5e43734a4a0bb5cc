/* The JSON index in plain C: a table lookup a byte. What every machine can run, and what the others are compared with. */
#include "core/json_kernel.h"
#include "core/json_kernel_masks.h"

enum { BACKSLASH = 1, QUOTE = 2, OP = 4, SPACE = 8, COMMA = 16, COLON = 32, BRACKET = 64 };

static const uint8_t classes[256] = {
    ['\t'] = SPACE,       ['\n'] = SPACE,       ['\r'] = SPACE,       [' '] = SPACE,
    ['\\'] = BACKSLASH,   ['"'] = QUOTE,        [':'] = OP | COLON,   [','] = OP | COMMA,
    ['{'] = OP | BRACKET, ['}'] = OP | BRACKET, ['['] = OP | BRACKET, [']'] = OP | BRACKET,
};

static inline struct masks classify(const char *p)
{
    struct masks m = {0};
    for (unsigned i = 0; i < 64; i++) {
        uint8_t byte = (uint8_t)p[i];
        uint64_t class_ = classes[byte];
        m.backslash |= (class_ & 1) << i;
        m.quote |= (class_ >> 1 & 1) << i;
        m.op |= (class_ >> 2 & 1) << i;
        m.space |= (class_ >> 3 & 1) << i;
        m.control |= (uint64_t)(byte < 0x20) << i;
        m.high |= (uint64_t)(byte >> 7) << i;
    }
    return m;
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

static inline void emit(uint32_t *to, uint8_t *kinds, uint64_t bits, uint32_t base, const char *p)
{
    for (; bits; bits &= bits - 1) {
        unsigned i = (unsigned)__builtin_ctzll(bits);
        *to++ = base + i;
        *kinds++ = (uint8_t)p[i];
    }
}

static inline struct skim_masks skim_classify(const char *p)
{
    struct skim_masks m = {0};
    for (unsigned i = 0; i < 64; i++) {
        uint8_t byte = (uint8_t)p[i];
        uint64_t class_ = classes[byte];
        m.quote |= (class_ >> 1 & 1) << i;
        m.comma |= (class_ >> 4 & 1) << i;
        m.colon |= (class_ >> 5 & 1) << i;
        m.bracket |= (class_ >> 6 & 1) << i;
        m.special |= (class_ & BACKSLASH) || byte < 0x20 || byte > 0x7f;
    }
    return m;
}

#define KERNEL_RUN run
#include "core/json_kernel_loop.h"
static inline uint32_t lowest(uint64_t bits)
{
    return (uint32_t)__builtin_ctzll(bits | (uint64_t)1 << 63);
}

#define KERNEL_SKIM skim
#define KERNEL_NAMES names
#include "core/json_skim_loop.h"

static inline uint32_t shape_same(const char *p, const char *q)
{
    uint32_t same = 0;
    for (unsigned i = 0; i < 32; i++)
        same |= (uint32_t)(p[i] == q[i]) << i;
    return same;
}

static inline uint32_t shape_stops(const char *p)
{
    uint32_t stops = 0;
    for (unsigned i = 0; i < 32; i++)
        stops |= (uint32_t)((classes[(uint8_t)p[i]] & (QUOTE | BACKSLASH)) || (uint8_t)(p[i] - 0x20) > 0x5f) << i;
    return stops;
}

#define KERNEL_SHAPE shape
#include "core/json_shape_loop.h"

static bool usable(void)
{
    return true;
}

const struct nz_json_kernel nz_json_kernel_plain = {"plain", usable, run, skim, shape, names};
