/* The JSON index with NEON (AArch64, where it is always there). */
#include "core/json_kernel.h"
#include "core/json_kernel_masks.h"

#include <arm_neon.h>

/* Four vectors of all-ones or all-zero bytes to 64 bits: keep one bit a byte, then add neighbours three times. */
static inline uint64_t mask_of(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    const uint8x16_t bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t ab = vpaddq_u8(vandq_u8(a, bit), vandq_u8(b, bit));
    uint8x16_t cd = vpaddq_u8(vandq_u8(c, bit), vandq_u8(d, bit));
    uint8x16_t all = vpaddq_u8(ab, cd);
    all = vpaddq_u8(all, all);
    return vgetq_lane_u64(vreinterpretq_u64_u8(all), 0);
}

static inline uint8x16_t is_op(uint8x16_t v)
{
    uint8x16_t curly = vorrq_u8(v, vdupq_n_u8(0x20));
    return vorrq_u8(vorrq_u8(vceqq_u8(curly, vdupq_n_u8('{')), vceqq_u8(curly, vdupq_n_u8('}'))),
                    vorrq_u8(vceqq_u8(v, vdupq_n_u8(':')), vceqq_u8(v, vdupq_n_u8(','))));
}

static inline uint8x16_t is_space(uint8x16_t v)
{
    return vorrq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8(' ')), vceqq_u8(v, vdupq_n_u8('\t'))),
                    vorrq_u8(vceqq_u8(v, vdupq_n_u8('\n')), vceqq_u8(v, vdupq_n_u8('\r'))));
}

static inline struct masks classify(const char *p)
{
    const uint8_t *u = (const uint8_t *)p;
    uint8x16_t a = vld1q_u8(u), b = vld1q_u8(u + 16), c = vld1q_u8(u + 32), d = vld1q_u8(u + 48);
    const uint8x16_t backslash = vdupq_n_u8('\\'), quote = vdupq_n_u8('"'), space = vdupq_n_u8(0x20),
                     high = vdupq_n_u8(0x80);
    struct masks m;
    m.backslash =
        mask_of(vceqq_u8(a, backslash), vceqq_u8(b, backslash), vceqq_u8(c, backslash), vceqq_u8(d, backslash));
    m.quote = mask_of(vceqq_u8(a, quote), vceqq_u8(b, quote), vceqq_u8(c, quote), vceqq_u8(d, quote));
    m.op = mask_of(is_op(a), is_op(b), is_op(c), is_op(d));
    m.space = mask_of(is_space(a), is_space(b), is_space(c), is_space(d));
    m.control = mask_of(vcltq_u8(a, space), vcltq_u8(b, space), vcltq_u8(c, space), vcltq_u8(d, space));
    m.high = mask_of(vcgeq_u8(a, high), vcgeq_u8(b, high), vcgeq_u8(c, high), vcgeq_u8(d, high));
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
    int count = __builtin_popcountll(bits);
    /* rounds of eight without a branch a token: what is written past the count is overwritten by the next block */
    for (int done = 0; done < count; done += 8) {
        for (int i = 0; i < 8; i++) {
            uint32_t at = (uint32_t)__builtin_ctzll(bits | (uint64_t)(bits == 0) << 63);
            to[done + i] = base + at;
            kinds[done + i] = (uint8_t)p[at];
            bits &= bits - 1;
        }
    }
}

/* { 7b, [ 5b, } 7d, ] 5d: without bits 1, 2 and 5 all are 59 */
static inline uint8x16_t is_bracket(uint8x16_t v)
{
    return vceqq_u8(vandq_u8(v, vdupq_n_u8(0xd9)), vdupq_n_u8(0x59));
}

/* Signed, control characters and those that are not ASCII are all below 20. */
static inline uint8x16_t is_special(uint8x16_t v)
{
    return vorrq_u8(vcltq_s8(vreinterpretq_s8_u8(v), vdupq_n_s8(0x20)), vceqq_u8(v, vdupq_n_u8('\\')));
}

static inline struct skim_masks skim_classify(const char *p)
{
    const uint8_t *u = (const uint8_t *)p;
    uint8x16_t a = vld1q_u8(u), b = vld1q_u8(u + 16), c = vld1q_u8(u + 32), d = vld1q_u8(u + 48);
    const uint8x16_t quote = vdupq_n_u8('"'), comma = vdupq_n_u8(','), colon = vdupq_n_u8(':');
    uint8x16_t special = vorrq_u8(vorrq_u8(is_special(a), is_special(b)), vorrq_u8(is_special(c), is_special(d)));
    struct skim_masks m;
    m.quote = mask_of(vceqq_u8(a, quote), vceqq_u8(b, quote), vceqq_u8(c, quote), vceqq_u8(d, quote));
    m.comma = mask_of(vceqq_u8(a, comma), vceqq_u8(b, comma), vceqq_u8(c, comma), vceqq_u8(d, comma));
    m.colon = mask_of(vceqq_u8(a, colon), vceqq_u8(b, colon), vceqq_u8(c, colon), vceqq_u8(d, colon));
    m.bracket = mask_of(is_bracket(a), is_bracket(b), is_bracket(c), is_bracket(d));
    m.special = vmaxvq_u8(special) != 0;
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

static inline uint32_t mask_of_32(uint8x16_t a, uint8x16_t b)
{
    return (uint32_t)mask_of(a, b, vdupq_n_u8(0), vdupq_n_u8(0));
}

static inline uint32_t shape_same(const char *p, const char *q)
{
    const uint8_t *a = (const uint8_t *)p, *b = (const uint8_t *)q;
    return mask_of_32(vceqq_u8(vld1q_u8(a), vld1q_u8(b)), vceqq_u8(vld1q_u8(a + 16), vld1q_u8(b + 16)));
}

static inline uint32_t shape_stops(const char *p)
{
    const uint8x16_t quote = vdupq_n_u8('"');
    uint8x16_t a = vld1q_u8((const uint8_t *)p), b = vld1q_u8((const uint8_t *)p + 16);
    return mask_of_32(vorrq_u8(vceqq_u8(a, quote), is_special(a)), vorrq_u8(vceqq_u8(b, quote), is_special(b)));
}

#define KERNEL_SHAPE shape
#include "core/json_shape_loop.h"

static bool usable(void)
{
    return true;
}

const struct nz_json_kernel nz_json_kernel_neon = {"neon", usable, run, skim, shape, names};
