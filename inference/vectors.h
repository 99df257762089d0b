// Sixteen float32 numbers at once, for inference/fused.c and inference/products.c: one register of AVX-512, or two of AVX2.
// bf16 numbers are uint16_t. Processors that do not multiply them widen them to float32 in registers.

#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef uint16_t bf16;

#define INLINE static inline __attribute__((always_inline))
#define LOG2_E 1.44269504f
enum { TILE = 16, PAIR = 32 };
// Rows of a tile; bf16 numbers in a row of one.

#ifdef __AVX512BF16__
typedef bf16 factor;
#else
typedef float factor;
#endif
// As what the rows of a product are read.

#ifdef __AVX512F__

typedef __m512 floats;

INLINE floats all(float x) { return _mm512_set1_ps(x); }
INLINE floats get(const float *from) { return _mm512_loadu_ps(from); }
INLINE void put(float *to, floats x) { _mm512_storeu_ps(to, x); }
INLINE floats plus(floats a, floats b) { return _mm512_add_ps(a, b); }
INLINE floats minus(floats a, floats b) { return _mm512_sub_ps(a, b); }
INLINE floats times(floats a, floats b) { return _mm512_mul_ps(a, b); }
INLINE floats times_plus(floats a, floats b, floats c) { return _mm512_fmadd_ps(a, b, c); }
INLINE floats larger(floats a, floats b) { return _mm512_max_ps(a, b); }
INLINE floats smaller(floats a, floats b) { return _mm512_min_ps(a, b); }
INLINE float sum(floats x) { return _mm512_reduce_add_ps(x); }
INLINE float largest(floats x) { return _mm512_reduce_max_ps(x); }
INLINE float first_of(floats x) { return _mm512_cvtss_f32(x); }
INLINE floats nearest(floats x) { return _mm512_roundscale_ps(x, 8); }
INLINE floats by_power(floats x, floats whole) { return _mm512_scalef_ps(x, whole); }

// 1 / x within 2^-14 of its value.
INLINE floats inverse(floats x) { return _mm512_rcp14_ps(x); }

// A bit for each number of `a` that is above that of `b`.
INLINE uint32_t above(floats a, floats b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }

INLINE __mmask16 first(int64_t count) { return count >= TILE ? 0xFFFF : (1 << count) - 1; }

// The first `count` numbers, then zeros.
INLINE floats get_some(const float *from, int64_t count) { return _mm512_maskz_loadu_ps(first(count), from); }
INLINE void put_some(float *to, int64_t count, floats x) { _mm512_mask_storeu_ps(to, first(count), x); }

INLINE floats widen(__m256i x) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16)); }
INLINE floats load(const bf16 *from) { return widen(_mm256_loadu_si256((const __m256i *)from)); }

// The first `count` numbers, then the smallest there is.
INLINE floats load_some(const bf16 *from, int64_t count) {
    return _mm512_mask_mov_ps(all(-INFINITY), first(count), widen(_mm256_maskz_loadu_epi16(first(count), from)));
}

#ifdef __AVX512BF16__

INLINE void store(bf16 *to, floats x) { _mm256_storeu_si256((__m256i *)to, (__m256i)_mm512_cvtneps_pbh(x)); }
INLINE void store_two(bf16 *to, floats a, floats b) { _mm512_storeu_si512(to, (__m512i)_mm512_cvtne2ps_pbh(b, a)); }

#else

// To the nearest, and of two that are as near to the even one.
INLINE void store(bf16 *to, floats x) {
    const __m512i bits = _mm512_castps_si512(x), even = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, even), _mm512_set1_epi32(0x7FFF));
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
}

#endif

// Pairs of numbers as complex ones, times those of `turn`.
INLINE floats turned(floats x, floats turn) {
    const floats across = _mm512_mul_ps(_mm512_permute_ps(x, 0xB1), _mm512_movehdup_ps(turn));
    return _mm512_fmaddsub_ps(x, _mm512_moveldup_ps(turn), across);
}

#else

typedef struct {
    __m256 low, high;
} floats;

#define BOTH(one) ((floats){_mm256_##one##_ps(a.low, b.low), _mm256_##one##_ps(a.high, b.high)})

INLINE floats all(float x) { return (floats){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
INLINE floats get(const float *from) { return (floats){_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)}; }
INLINE void put(float *to, floats x) {
    _mm256_storeu_ps(to, x.low);
    _mm256_storeu_ps(to + 8, x.high);
}
INLINE floats plus(floats a, floats b) { return BOTH(add); }
INLINE floats minus(floats a, floats b) { return BOTH(sub); }
INLINE floats times(floats a, floats b) { return BOTH(mul); }
INLINE floats times_plus(floats a, floats b, floats c) {
    return (floats){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
INLINE floats larger(floats a, floats b) { return BOTH(max); }
INLINE floats smaller(floats a, floats b) { return BOTH(min); }

INLINE float sum(floats x) {
    const __m256 eight = _mm256_add_ps(x.low, x.high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

INLINE float largest(floats x) {
    const __m256 eight = _mm256_max_ps(x.low, x.high);
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

INLINE float first_of(floats x) { return _mm256_cvtss_f32(x.low); }
INLINE floats nearest(floats x) { return (floats){_mm256_round_ps(x.low, 8), _mm256_round_ps(x.high, 8)}; }

// x * 2^whole, whole between -126 and 127.
INLINE __m256 by_power8(__m256 x, __m256 whole) {
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(whole), _mm256_set1_epi32(127));
    return _mm256_mul_ps(x, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
}
INLINE floats by_power(floats x, floats whole) { return (floats){by_power8(x.low, whole.low), by_power8(x.high, whole.high)}; }

// 1 / x within 2^-22 of its value.
INLINE __m256 inverse8(__m256 x) {
    const __m256 rough = _mm256_rcp_ps(x);
    return _mm256_mul_ps(rough, _mm256_fnmadd_ps(x, rough, _mm256_set1_ps(2.0f)));
}
INLINE floats inverse(floats x) { return (floats){inverse8(x.low), inverse8(x.high)}; }

INLINE uint32_t above(floats a, floats b) {
    return _mm256_movemask_ps(_mm256_cmp_ps(a.low, b.low, _CMP_GT_OQ)) |
           (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a.high, b.high, _CMP_GT_OQ)) << 8;
}

// All bits of the first `count` of eight numbers.
INLINE __m256i first8(int64_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count > 8 ? 8 : (int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE floats get_some(const float *from, int64_t count) {
    return (floats){_mm256_maskload_ps(from, first8(count)), _mm256_maskload_ps(from + 8, first8(count - 8))};
}
INLINE void put_some(float *to, int64_t count, floats x) {
    _mm256_maskstore_ps(to, first8(count), x.low);
    _mm256_maskstore_ps(to + 8, first8(count - 8), x.high);
}

INLINE __m256 widen8(__m128i x) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16)); }
INLINE floats load(const bf16 *from) {
    return (floats){widen8(_mm_loadu_si128((const __m128i *)from)), widen8(_mm_loadu_si128((const __m128i *)(from + 8)))};
}
INLINE floats load_some(const bf16 *from, int64_t count) {
    if (count >= TILE) return load(from);
    bf16 padded[TILE];
    for (int64_t i = 0; i < TILE; i++) padded[i] = i < count ? from[i] : 0xFF80;
    return load(padded);
}

// To the nearest, and of two that are as near to the even one.
INLINE __m256i narrow8(__m256 x) {
    const __m256i bits = _mm256_castps_si256(x), even = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    return _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(bits, even), _mm256_set1_epi32(0x7FFF)), 16);
}
INLINE void store(bf16 *to, floats x) {
    const __m256i packed = _mm256_packus_epi32(narrow8(x.low), narrow8(x.high));
    _mm256_storeu_si256((__m256i *)to, _mm256_permute4x64_epi64(packed, 0xD8));
}
INLINE __m256 turned8(__m256 x, __m256 turn) {
    const __m256 across = _mm256_mul_ps(_mm256_permute_ps(x, 0xB1), _mm256_movehdup_ps(turn));
    return _mm256_fmaddsub_ps(x, _mm256_moveldup_ps(turn), across);
}
INLINE floats turned(floats x, floats turn) { return (floats){turned8(x.low, turn.low), turned8(x.high, turn.high)}; }

#endif

#ifdef __AVX512BF16__

INLINE void put_factors(factor *to, floats a, floats b) { store_two(to, a, b); }

// `count` numbers, a multiple of 16, as factors; `room`: for as many.
INLINE const factor *factors(const bf16 *from, factor *room, int64_t count) { return from; }

#else

INLINE void store_two(bf16 *to, floats a, floats b) {
    store(to, a);
    store(to + TILE, b);
}

INLINE void put_factors(factor *to, floats a, floats b) {
    put(to, a);
    put(to + TILE, b);
}

INLINE const factor *factors(const bf16 *from, factor *room, int64_t count) {
    for (int64_t i = 0; i < count; i += TILE) put(room + i, load(from + i));
    return room;
}

#endif
