/* The JSON index with AVX2, CLMUL and BMI (x86-64-v3). Compiled with those flags; entered only after a look at the CPU. */
#include "core/json_kernel.h"
#include "core/json_kernel_masks.h"

#include <immintrin.h>

static inline uint64_t mask_of(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

/* Looking a byte up by its low four bits gives the one byte of that kind with those bits, so equality decides:
 *   white space:  20 -> ' '   09 -> tab   0a -> line feed   0d -> carriage return
 *   operators:    with bit 5 set, { [ -> 7b, } ] -> 7d, : -> 3a, and ',' 2c */
static inline __m256i is_space(__m256i v)
{
    const __m256i table =
        _mm256_setr_epi8(' ', 100, 100, 100, 17, 100, 113, 2, 100, '\t', '\n', 112, 100, '\r', 100, 100, ' ', 100, 100,
                         100, 17, 100, 113, 2, 100, '\t', '\n', 112, 100, '\r', 100, 100);
    return _mm256_cmpeq_epi8(v, _mm256_shuffle_epi8(table, v));
}

static inline __m256i is_op(__m256i v)
{
    const __m256i table = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                           0, 0, 0, ':', '{', ',', '}', 0, 0);
    __m256i curly = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
    return _mm256_cmpeq_epi8(curly, _mm256_shuffle_epi8(table, v));
}

static inline struct masks classify(const char *p)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    const __m256i backslash = _mm256_set1_epi8('\\'), quote = _mm256_set1_epi8('"'), last = _mm256_set1_epi8(0x1f);
    struct masks m;
    m.backslash = mask_of(_mm256_cmpeq_epi8(a, backslash), _mm256_cmpeq_epi8(b, backslash));
    m.quote = mask_of(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
    m.op = mask_of(is_op(a), is_op(b));
    m.space = mask_of(is_space(a), is_space(b));
    m.control =
        mask_of(_mm256_cmpeq_epi8(_mm256_max_epu8(a, last), last), _mm256_cmpeq_epi8(_mm256_max_epu8(b, last), last));
    m.high = mask_of(a, b);
    m.op &= ~m.control; /* bit 5 makes ',' and ':' of form feed and substitute too */
    return m;
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    /* a carry-less product with all ones is the running xor */
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), _mm_set1_epi8((char)0xff), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

static inline void emit(uint32_t *to, uint8_t *kinds, uint64_t bits, uint32_t base, const char *p)
{
    int count = __builtin_popcountll(bits);
    /* rounds of eight without a branch a token: what is written past the count is overwritten by the next block */
    for (int done = 0; done < count; done += 8) {
        for (int i = 0; i < 8; i++) {
            uint32_t at = (uint32_t)_tzcnt_u64(bits);
            to[done + i] = base + at;
            kinds[done + i] = (uint8_t)p[at & 63]; /* 64 when there is no bit left */
            bits = _blsr_u64(bits);
        }
    }
}

/* { 7b, [ 5b, } 7d, ] 5d: without bits 1, 2 and 5 all are 59 */
static inline __m256i is_bracket(__m256i v)
{
    return _mm256_cmpeq_epi8(_mm256_and_si256(v, _mm256_set1_epi8((char)0xd9)), _mm256_set1_epi8(0x59));
}

/* Signed, control characters and those that are not ASCII are all below 20. */
static inline __m256i is_special(__m256i v)
{
    return _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
}

static inline struct skim_masks skim_classify(const char *p)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    const __m256i quote = _mm256_set1_epi8('"'), comma = _mm256_set1_epi8(','), colon = _mm256_set1_epi8(':');
    __m256i special = _mm256_or_si256(is_special(a), is_special(b));
    struct skim_masks m;
    m.quote = mask_of(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote));
    m.comma = mask_of(_mm256_cmpeq_epi8(a, comma), _mm256_cmpeq_epi8(b, comma));
    m.colon = mask_of(_mm256_cmpeq_epi8(a, colon), _mm256_cmpeq_epi8(b, colon));
    m.bracket = mask_of(is_bracket(a), is_bracket(b));
    m.special = !_mm256_testz_si256(special, special);
    return m;
}

#define KERNEL_RUN run
#include "core/json_kernel_loop.h"
static inline uint32_t lowest(uint64_t bits)
{
    return (uint32_t)_tzcnt_u64(bits);
}

#define KERNEL_SKIM skim
#define KERNEL_NAMES names
#include "core/json_skim_loop.h"

static inline uint32_t shape_same(const char *p, const char *q)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)q);
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
}

static inline uint32_t shape_stops(const char *p)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')), is_special(v)));
}

#define KERNEL_SHAPE shape
#include "core/json_shape_loop.h"

static bool usable(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}

const struct nz_json_kernel nz_json_kernel_avx2 = {"avx2", usable, run, skim, shape, names};
