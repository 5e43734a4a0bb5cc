/* The JSON index with AVX-512 (BW, VBMI, VBMI2): compares give masks straight away, and tokens are extracted by one
 * compress a block. Compiled with those flags; entered only after a look at the CPU. */
#include "core/json_kernel.h"
#include "core/json_kernel_masks.h"

#include <immintrin.h>

static inline struct masks classify(const char *p)
{
    __m512i v = _mm512_loadu_si512(p);
    const __m512i spaces = _mm512_broadcast_i32x4(
        _mm_setr_epi8(' ', 100, 100, 100, 17, 100, 113, 2, 100, '\t', '\n', 112, 100, '\r', 100, 100));
    const __m512i ops = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
    __m512i curly = _mm512_or_si512(v, _mm512_set1_epi8(0x20));
    struct masks m;
    m.backslash = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
    m.quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
    /* the table of the AVX2 kernel: by its low four bits, a byte meets the one byte of that kind with those bits */
    m.op = _mm512_cmpeq_epi8_mask(curly, _mm512_shuffle_epi8(ops, v));
    m.space = _mm512_cmpeq_epi8_mask(v, _mm512_shuffle_epi8(spaces, v));
    m.control = _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20));
    m.high = _mm512_movepi8_mask(v);
    m.op &= ~m.control; /* bit 5 makes ',' and ':' of form feed and substitute too */
    return m;
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), _mm_set1_epi8((char)0xff), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

static inline void emit16(uint32_t *to, __m128i offsets, __m512i base)
{
    _mm512_storeu_si512(to, _mm512_add_epi32(_mm512_cvtepu8_epi32(offsets), base));
}

static inline void emit(uint32_t *to, uint8_t *kinds, uint64_t bits, uint32_t base, const char *p)
{
    const __m512i counting =
        _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40,
                        39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
                        15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i offsets = _mm512_maskz_compress_epi8(bits, counting);
    __m512i bases = _mm512_set1_epi32((int)base);
    int count = __builtin_popcountll(bits);
    _mm512_storeu_si512(kinds, _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(p)));
    emit16(to, _mm512_extracti32x4_epi32(offsets, 0), bases);
    if (count > 16) {
        emit16(to + 16, _mm512_extracti32x4_epi32(offsets, 1), bases);
        if (count > 32) {
            emit16(to + 32, _mm512_extracti32x4_epi32(offsets, 2), bases);
            emit16(to + 48, _mm512_extracti32x4_epi32(offsets, 3), bases);
        }
    }
}

static inline struct skim_masks skim_classify(const char *p)
{
    __m512i v = _mm512_loadu_si512(p);
    struct skim_masks m;
    m.quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
    m.comma = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(','));
    m.colon = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(':'));
    /* { 7b, [ 5b, } 7d, ] 5d: without bits 1, 2 and 5 all are 59 */
    m.bracket = _mm512_cmpeq_epi8_mask(_mm512_and_si512(v, _mm512_set1_epi8((char)0xd9)), _mm512_set1_epi8(0x59));
    /* signed, control characters and those that are not ASCII are all below 20 */
    m.special =
        (_mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(0x20)) | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'))) != 0;
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
    return _mm256_cmpeq_epi8_mask(_mm256_loadu_epi8(p), _mm256_loadu_epi8(q));
}

static inline uint32_t shape_stops(const char *p)
{
    __m256i v = _mm256_loadu_epi8(p);
    return _mm256_cmpeq_epi8_mask(v, _mm256_set1_epi8('"')) | _mm256_cmpeq_epi8_mask(v, _mm256_set1_epi8('\\')) |
           _mm256_cmplt_epi8_mask(v, _mm256_set1_epi8(0x20));
}

#define KERNEL_SHAPE shape
#include "core/json_shape_loop.h"

static bool usable(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("pclmul");
}

const struct nz_json_kernel nz_json_kernel_avx512 = {"avx512", usable, run, skim, shape, names};
